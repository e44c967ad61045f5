"""Globs over names: as `fnmatch` of the standard library, in lower case."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from counting import calls_in
from hypothesis import example, given
from hypothesis import strategies as st

from xswitch.profiles.globs import glob_matches, is_glob

LETTERS = "aAbB.-*?[]!^ \n\\éÉßẞ\u0130\u0131\u03a3\u03c2\u03c3\u212a\ud800"


@given(st.text(LETTERS, max_size=8), st.text(LETTERS, max_size=8))
@example("*", "")
@example("", "")
@example("a*b*c", "abcbc")
@example("[a", "[a")
@example("[!a]", "B")
@example("[]a]*", "]x")
@example("prod\n*", "prod\nx")
@example("**?", "x")
def test_it_matches_what_fnmatch_matches(pattern, text):
    assert glob_matches(pattern, text) == fnmatchcase(text.lower(), pattern.lower())


@given(st.text(), st.text())
def test_it_does_with_all_letters(pattern, text):
    assert glob_matches(pattern, text) == fnmatchcase(text.lower(), pattern.lower())


@given(st.text("abAB", max_size=6), st.data())
def test_a_text_with_any_part_left_out_is_matched(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert glob_matches(text[:start] + "*" + text[end:], text.swapcase())
    assert glob_matches("".join("?" if start <= at < end else char for at, char in enumerate(text)), text)


@given(st.text())
def test_a_name_without_special_letters_matches_itself_alone(name):
    assert glob_matches(name, name) or is_glob(name)
    assert not glob_matches(name, name + "x") or is_glob(name)


@pytest.mark.parametrize("text", ["a*", "?", "[ab]", "["])
def test_a_glob_is_told_from_a_name(text):
    assert is_glob(text)
    assert not is_glob(text.translate(dict.fromkeys(map(ord, "*?["))))


def test_many_stars_take_no_more_than_the_product_of_both_lengths():
    def calls(count):
        return calls_in(lambda: glob_matches("*a" * count + "b", "a" * count * 2)).total()

    assert calls(400) <= 5 * max(calls(200), 10_000)
