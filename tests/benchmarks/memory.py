"""How much memory an open UI takes, and how much of a processor where nobody does anything."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, median_ratio

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.terminal import Terminal
    from benchmarks.using import Ui
    from benchmarks.using_others import EmptyApp

_ROUNDS = 5
_IDLE = 10.0
_WHEN = ("when live", "1 s later", "3 s later", "at most, so far")
_JUDGED = "1 s later"
_BESIDE = "an empty app"


def memory(ours: Terminal, settle: Callable[[Terminal], object]) -> dict[str, float]:
    """Return MiB of resident memory at some moments after it is live."""
    with ours:
        settle(ours)
        found = [_mebibytes(ours.pid, "VmRSS")]
        for seconds in (1, 2):
            ours.watch(seconds)
            found.append(_mebibytes(ours.pid, "VmRSS"))
        found.append(_mebibytes(ours.pid, "VmHWM"))
    return dict(zip(_WHEN, found, strict=True))


def idle(ours: Terminal, settle: Callable[[Terminal], object]) -> float:
    """Return what part of a processor it takes while nobody types, in percent."""
    with ours:
        settle(ours)
        ours.watch(3)
        before = ours.now()
        ours.watch(_IDLE)
        used = ours.now().since(before)
    return used.cpu / used.wall * 100


def figures(ui: Ui, empty: EmptyApp, rounds: int, budget: float) -> list[Figure]:
    """Return the figures of memory, and of doing nothing."""
    pairs = [
        (memory(ui.open(), ui.wait), memory(empty.open(), empty.wait)) for _ in range(min(rounds, _ROUNDS))
    ]
    found = []
    for when in _WHEN:
        ours, theirs = [pair[0][when] for pair in pairs], [pair[1][when] for pair in pairs]
        found.append(
            Figure(
                f"UI: memory {when}",
                _BESIDE,
                ratio=median_ratio(ours, theirs),
                cpu=None,
                ours=median(ours),
                theirs=median(theirs),
                unit="MiB",
                profiles=ui.profiles,
                budget=budget if when == _JUDGED else None,
            )
        )
    return found


def idle_figure(ui: Ui) -> Figure:
    """Return what part of a processor an open UI takes, of which there is one measurement."""
    share = idle(ui.open(), ui.wait)
    return Figure(
        f"UI: nothing done for {_IDLE:.0f} s", "one core", None, None, share, unit="%", profiles=ui.profiles
    )


def _mebibytes(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    match = re.search(rf"^{name}:\s*(\d+) kB", status, re.MULTILINE)
    return int(match[1]) / 1024 if match else 0.0
