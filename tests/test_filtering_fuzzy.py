"""The fuzzy filter finds all that the plain one finds, and words whose letters stand apart."""

from __future__ import annotations

from itertools import pairwise

import pytest
from awshome import profiles_of
from hypothesis import given
from hypothesis import strategies as st
from test_filtering import CONFIG

from xswitch.profiles.filtering import Filter, haystack

WORDS = st.lists(st.text("abAB-1!İ\n", min_size=1, max_size=4), max_size=3)
LINES = st.lists(st.text("abAB-1İß ", max_size=8), max_size=4)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["prod-admin", "dev", "ada"]),
        ("pad", ["prod-admin"]),
        ("PdAn", ["prod-admin"]),
        ("dap", []),
        ("dep", ["prod-admin"]),
        ("dlk", ["ada"]),
        ("12223333", ["prod-admin"]),
        ("euc1 pa", ["prod-admin"]),
        ("pa dv", []),
        ("pa !dmi", []),
        ("pa !dmn", ["prod-admin"]),
        ("proddeployer", []),
        ("hush", []),
    ],
)
def test_the_letters_of_a_word_may_stand_apart_within_one_part(aws_folder, text, names):
    found = Filter(text, "fuzzy")
    assert [p.name for p in profiles_of(aws_folder, CONFIG) if found.matches(haystack(p))] == names


def test_a_word_that_stands_apart_is_nothing_to_the_plain_filter():
    assert not Filter("pad").matches("prod-admin")
    assert Filter("pad").spans("prod-admin") == []


def test_a_name_of_the_account_is_searched_too(aws_folder):
    dev = profiles_of(aws_folder, CONFIG)["dev"]
    assert not Filter("payments").matches(haystack(dev, "777788889999"))
    assert Filter("payments").matches(haystack(dev, "777788889999", "The Payments"))


@pytest.mark.parametrize(
    ("text", "label", "spans"),
    [
        ("pad", "prod-admin", [(0, 1), (5, 7)]),
        ("pro", "prod-PRO", [(0, 3), (5, 8)]),
        ("oad", "prod-admin", [(2, 3), (5, 7)]),
        ("dmn", "d-dmin", [(2, 4), (5, 6)]),
        ("pxd", "prod", []),
        ("!pd", "prod", []),
        ("pd dn", "prod-admin", [(0, 1), (3, 4), (6, 7), (9, 10)]),
    ],
)
def test_the_letters_to_highlight_are_the_closest_together(text, label, spans):
    assert Filter(text, "fuzzy").spans(label) == spans


@given(words=WORDS, lines=LINES)
def test_what_the_plain_filter_matches_the_fuzzy_one_matches(words, lines):
    text, hay = " ".join(words), "\n".join(lines).lower()
    assert not Filter(text).matches(hay) or Filter(text, "fuzzy").matches(hay)


@given(words=WORDS, lines=LINES)
def test_a_word_is_matched_exactly_where_one_line_has_its_letters_in_order(words, lines):
    found, hay = Filter(" ".join(words), "fuzzy"), "\n".join(lines).lower()
    for word in found.wanted:
        in_order = any(_in_order(word, line) for line in hay.split("\n"))
        assert Filter(word, "fuzzy").matches(hay) is in_order


@given(words=WORDS, label=st.text("abAB-1İß ", max_size=10))
def test_every_span_is_within_the_text_and_its_letters_are_those_of_a_word(words, label):
    for word in Filter(" ".join(words), "fuzzy").wanted:
        spans = Filter(word, "fuzzy").spans(label)
        letters = "".join(label[start:end].lower() for start, end in spans)
        assert all(0 <= start < end <= len(label) for start, end in spans)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
        assert letters in {"", word} or letters == word * len(spans)
        if len(label) == len(label.lower()):
            assert bool(spans) is _in_order(word, label.lower())


def _in_order(word, line):
    letters = iter(line)
    return all(letter in letters for letter in word)
