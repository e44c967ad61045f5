"""Telling whether two policy documents mean the same, and showing where they do not."""

from __future__ import annotations

import difflib
import json
from typing import Any

from xswitch.editing.diff import DiffLine
from xswitch.profiles.arn import is_account_id
from xswitch.text import printable


def is_same(one: object, other: object) -> bool:
    """Tell whether two documents mean the same to IAM, which reads a list of one as the one."""
    try:
        return bool(_normal(one) == _normal(other))
    except RecursionError:  # no policy is nested that deep
        return False


def difference(there: object, wanted: object) -> list[DiffLine]:
    """Return what is there (-) and what is wanted (+), with all that is common to both."""
    before, after = document_lines(there), document_lines(wanted)
    lines = list(difflib.unified_diff(before, after, lineterm="", n=len(before) + len(after)))[3:]
    return [DiffLine(line[0], line) for line in lines]


def document_lines(document: object) -> list[str]:
    """Return a document as the lines to show."""
    if isinstance(document, str):
        return [printable(line) for line in document.splitlines()] or [""]
    try:
        text = json.dumps(document, indent=2, ensure_ascii=False, default=str)
    except RecursionError:
        return ["(nested too deeply to be shown)"]
    return [printable(line) for line in text.splitlines()]


def _normal(value: object, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _normal(each, name) for name, each in value.items()}
    if isinstance(value, list):
        items = [_normal(each, key) for each in value]
        if len(items) == 1:
            return items[0]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True, default=str))
    if isinstance(value, bool):
        return str(value).lower()
    return _account_or(str(value)) if key == "AWS" else str(value)


def _account_or(principal: str) -> str:
    """Return the ARN of a principal that is a whole account, which is also written as its number alone."""
    if is_account_id(principal):
        return f"arn:aws:iam::{principal}:root"
    if principal.endswith(":root"):
        return f"arn:aws:iam::{principal.split(':')[-2]}:root"
    return principal
