"""Our way into CPython's JSON scanner gives what `json` gives, also where `json` was not loaded before."""

from __future__ import annotations

import json
import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from running import PYTHON

from xswitch import quickjson

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
BROKEN = [
    "",
    "{",
    '{"a',
    '{"a": "b',
    '{"a": ',
    "[1, nul",
    '{"a" 1}',
    "[1,]",
    "[1] x",
    "\ufeff[]",
    '"\x01"',
    "[" * 100_000,
]


def outcome(loads, text):
    try:
        return loads(text)
    except (ValueError, RecursionError):
        return "refused"


@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_documents_give_what_json_gives(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert quickjson.loads(text) == json.loads(text) == value


@given(st.text('{}[]",:0123456789.eE-truefalsn \\u', max_size=12))
@example("NaN")
@example("[-Infinity, Infinity]")
@example('{"a": 1, "a": 2}')
@example('"\\ud800"')
@example(" [1] ")
def test_texts_give_or_are_refused_as_by_json(text):
    # repr: NaN is not equal to itself.
    assert repr(outcome(quickjson.loads, text)) == repr(outcome(json.loads, text))


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_text_is_a_value_error_though_json_was_not_loaded(text):
    code = (
        "import sys\nfrom xswitch import quickjson\nassert 'json' not in sys.modules\n"
        "try:\n    quickjson.loads(sys.stdin.read())\nexcept ValueError:\n    print('refused')"
    )
    done = subprocess.run([PYTHON, "-c", code], input=text, capture_output=True, text=True, check=False)
    assert done.stdout == "refused\n", done.stderr
