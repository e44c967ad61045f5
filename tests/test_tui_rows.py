"""The rows of the tree: those that are kept are those that would be made."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from screens import NOW, write_demo

from xswitch.locations import Locations
from xswitch.sessions.overview import Overview
from xswitch.tui.rows import TreeModel, fold_key

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


def test_rows_that_a_deleted_letter_brings_back_are_not_made_again(overview):
    model = TreeModel(overview)
    before = model.rows(NOW)
    for text in ("p", "pr"):
        model.filter_by(text)
        assert model.rows(NOW) is not before
    model.filter_by("")
    assert model.rows(NOW) is before


def test_of_many_filter_texts_only_the_last_are_kept(overview):
    model = TreeModel(overview)
    first = model.rows(NOW)
    for number in range(10):
        model.filter_by(str(number))
        model.rows(NOW)
    model.filter_by("")
    assert model.rows(NOW) is not first
