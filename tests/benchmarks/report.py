"""The tables as plain text, as their rows are found."""

from __future__ import annotations

import os
import platform
import statistics
from typing import TYPE_CHECKING

from benchmarks.bench import P, T

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.figures import Figure

_QUIET = 0.5
_LAYOUT = "{:<48}{:>8}  {:<16}{:>6}{:>8}{:>8}{:>12}  {}"


def machine() -> str:
    """Say on what this runs."""
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}"


def print_head(rounds: int) -> None:
    """Say on what this runs, and whether it is quiet enough."""
    load = os.getloadavg()[0]
    print(f"{machine()}, load {load:.2f}, {rounds} rounds")
    print(
        "P is `python -c pass`; T is `python -c 'import textual.app'`; both of the Python that runs xswitch"
    )
    if load > _QUIET:
        print("The machine is NOT quiet: the ratios are less certain than they look")


def print_title(group: str) -> None:
    """Begin a table."""
    print(f"\n{group}")
    print(_LAYOUT.format("", "profiles", "beside", "budget", "ratio", "CPU", "measured", ""))


def print_figure(figure: Figure) -> None:
    """Print a row."""
    line = _LAYOUT.format(
        figure.work,
        count(figure.profiles),
        figure.beside,
        number(figure.budget),
        number(figure.ratio),
        number(figure.cpu),
        f"{figure.ours:.1f} {figure.unit}",
        figure.verdict,
    )
    print(line.rstrip(), flush=True)


def print_foot(figures: Sequence[Figure]) -> None:
    """Print what the anchors themselves took, and what exceeds its budget."""
    print()
    for anchor in (P, T):
        took = [figure.theirs for figure in figures if figure.beside == anchor and figure.theirs is not None]
        if took:
            print(f"{anchor} took {statistics.median(took):.1f} ms (the median)")
    for figure in exceeding(figures):
        where = f"{figure.work}, {count(figure.profiles)} profiles"
        print(f"NOT met: {where}: {number(figure.best)}, and not {number(figure.budget)}")


def exceeding(figures: Sequence[Figure]) -> list[Figure]:
    """Return what exceeds a budget that is more than a goal."""
    return [figure for figure in figures if not figure.is_met and not figure.is_goal]


def count(profiles: int | None) -> str:
    """Return a number of profiles, or nothing."""
    return "" if profiles is None else f"{profiles:,}"


def number(value: float | None) -> str:
    """Return a ratio to two digits."""
    return "" if value is None else f"{value:.2f}"
