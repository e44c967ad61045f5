"""The rows of the tree: those that are kept are those that would be made."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from screens import NOW, write_demo

from xswitch.locations import Locations
from xswitch.sessions.overview import Overview
from xswitch.tui.lines import widest_name
from xswitch.tui.rows import TreeModel, fold_key

WORD = "sandbox"
DEMO_WORDS = ["", "p", "pr", "prod", "prod a", "!p", "stag", "corp", "zz", "2222", "r", "ro", "rol", "role"]


@pytest.fixture
def overview(home):
    write_demo(home)
    return Overview(Locations(os.environ))


def said(model):
    """Return what the rows of a model say, line by line."""
    return [(row.guides, *fold_key(row.node), row.folded, row.matched) for row in model.rows(NOW)]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(DEMO_WORDS), st.integers(0, 3)), max_size=40))
def test_after_any_filters_and_folds_the_rows_are_those_of_a_new_tree(overview, steps):
    kept = TreeModel(overview)
    foldable = sorted({fold_key(row.node) for row in kept.rows(NOW) if row.node.children})
    for text, place in steps:
        kept.folds ^= {foldable[place % len(foldable)]} if place else set()
        kept.filter_by(text)
        new = TreeModel(overview)
        new.folds = set(kept.folds)
        new.filter_by(text)
        assert said(kept) == said(new)


def test_a_word_that_is_deleted_again_brings_back_the_rows_that_there_were(overview):
    model = TreeModel(overview)
    texts = [WORD[:end] for end in range(len(WORD) + 1)]
    made = []
    for text in texts:
        model.filter_by(text)
        made.append(model.rows(NOW))
    for text, rows in zip(reversed(texts), reversed(made), strict=True):
        model.filter_by(text)
        assert model.rows(NOW) is rows
    assert model.rows(NOW) is made[0]  # they stand for the tree without a filter
    model.folds.add(fold_key(next(row.node for row in made[0] if row.node.children)))
    assert model.rows(NOW) is not made[0]


def test_of_many_filter_texts_those_asked_for_last_are_kept(overview):
    model = TreeModel(overview)

    def rows(text):
        model.filter_by(text)
        return model.rows(NOW)

    first, second = rows("1"), rows("2")
    for number in range(3, 13):
        last = rows(str(number))
        assert rows("2") is second  # it is asked for again and again
    assert rows("12") is last
    assert rows("1") is not first


def test_of_very_many_rows_only_the_last_are_kept(home, overview):
    text = "".join(f"[profile many-{number}]\nregion = r\n" for number in range(70_000))
    (home / ".aws/config").write_text(text)
    model = TreeModel(Overview(Locations(os.environ)))
    kept = []
    for word in ("m", "ma", "man", "many"):
        model.filter_by(word)
        kept.append(model.rows(NOW))
    model.filter_by("man")
    assert model.rows(NOW) is kept[2]
    model.filter_by("m")
    assert model.rows(NOW) is not kept[0]


def test_the_name_column_is_as_wide_as_what_is_shown_of_the_widest_name(home):
    (home / ".aws/config").write_text("[profile plain]\nregion = r\n[profile \x1b[2J]\nregion = r\n")
    rows = TreeModel(Overview(Locations(os.environ))).rows(NOW)
    assert [row.node.name for row in rows] == ["plain", "\x1b[2J"]
    assert widest_name(rows) == 2 + len(r"\x1b[2J")
    assert widest_name([]) == 2
