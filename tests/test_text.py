"""Text from files is shown, never interpreted; and JSON is read as `json` reads it."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xswitch import quickjson
from xswitch.text import columns, printable, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("prod [bold]x[/] $(id) 'q' \"q\" \\", "prod [bold]x[/] $(id) 'q' \"q\" \\"),
        ("профиль 日本 é", "профиль 日本 é"),
        ("a\nb\rc\td", "a\\nb\\rc\\td"),
        ("\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"),
        ("\x00\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
        ("x\u200by\ufeff", "x\\u200by\\ufeff"),
        ("a\u2028b\x85", "a\\u2028b\\x85"),
        ("caf\udce9", "caf\\xe9"),
        ("\ud800", "\\ud800"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_what_a_terminal_would_obey_becomes_visible(text, shown):
    assert printable(text) == shown


@given(text=st.text(st.characters()))
def test_nothing_that_is_shown_moves_the_cursor_or_fails_to_be_written(text):
    shown = printable(text)
    assert shown.isprintable()
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    shown.encode("utf-8")
    assert printable(shown) == shown


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
DOCUMENTS = st.builds(
    lambda value, indent, ascii_, before, after: (
        before + json.dumps(value, indent=indent, ensure_ascii=ascii_) + after
    ),
    VALUES,
    st.sampled_from([None, 2]),
    st.booleans(),
    st.sampled_from(["", " ", "\n\t\r "]),
    st.sampled_from(["", "\n", " x", "{}", "\x0b", "\xa0"]),
)
SOUP = st.lists(
    st.sampled_from(
        [
            *'{}[],:"\\ \n',
            '"a"',
            "1",
            "-",
            "1.5e3",
            "true",
            "null",
            "NaN",
            "Infinity",
            "\\u00e9",
            "\x00",
            "\ufeff",
        ]
    )
).map("".join)


def result(loads, text):
    try:
        return loads(text)
    except ValueError:
        return ValueError


@given(text=st.one_of(DOCUMENTS, SOUP, st.text()))
@example(text="")
@example(text="\ufeff{}")
@example(text='{"a": 1, "a": 2}')
@example(text='"\n"')
@example(text="1" * 5000)
@example(text="[" * 200_000)
@example(text='{"a":' * 200_000)
def test_json_is_read_as_json_reads_it(text):
    try:
        expected = result(json.loads, text)
    except RecursionError:
        expected = ValueError
    assert repr(result(quickjson.loads, text)) == repr(expected)  # repr, since NaN is not equal to itself


def test_json_is_read_without_the_module_that_is_slow_to_load():
    code = (
        "import sys; from xswitch import quickjson\n"
        "quickjson.loads('{\"a\": [1]}'); print('json' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:  # installed where -S does not see it
        pytest.skip("xswitch is not importable without site")
    assert done.stdout.strip() == "False"


def test_a_table_keeps_its_columns_whatever_the_letters_are_wide():
    lines = table([("NAME", "KIND"), ("plain", "role"), ("日本語", "sso"), ("e\u0301", "static")])
    assert {columns(line) - columns(line.split()[-1]) for line in lines} == {8}


def test_a_table_has_no_blanks_at_the_end_of_a_line():
    assert table([("a", "b"), ("long", "")]) == ["a     b", "long"]
