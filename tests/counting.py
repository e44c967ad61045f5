"""Counting what a piece of work does, which is the same on every machine, however busy."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


def calls_in(work: Callable[[], object]) -> Counter[str]:
    """Do the work; return how often each function, Python's or C's, was called in it."""
    calls: Counter[str] = Counter()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            calls[frame.f_code.co_qualname] += 1
        elif event == "c_call":
            calls[argument.__qualname__] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


def assert_in_proportion(prepare: Callable[[int], Callable[[], object]]) -> None:
    """Assert that ten times as much takes about ten times the calls, not a hundred times.

    `prepare(n)` returns the work for n things; what it does itself is not counted.
    """
    few, many = (calls_in(prepare(count)).total() for count in (100, 1000))
    assert 0 < many < 15 * few
