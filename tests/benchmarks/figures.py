"""What was found: one ratio of two medians' worth of runs, and whether it is within its budget."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.processes import Sample


@dataclass(frozen=True)
class Figure:
    """One row of a table."""

    work: str
    beside: str
    ratio: float | None  # by the clock, or of memory
    cpu: float | None
    ours: float
    theirs: float | None = None
    unit: str = "ms"
    profiles: int | None = None
    budget: float | None = None
    is_goal: bool = False  # said, but nothing fails by it
    is_second_try: bool = False

    @property
    def best(self) -> float:
        """Return the better of the two ratios: both would have to exceed a budget."""
        return min(ratio for ratio in (self.ratio, self.cpu) if ratio is not None)

    @property
    def is_met(self) -> bool:
        """Tell whether it is within its budget, as all is that has none."""
        return self.budget is None or self.best <= self.budget

    @property
    def verdict(self) -> str:
        """Say whether it is within its budget."""
        if self.budget is None:
            return ""
        spare = (1 - self.best / self.budget) * 100
        goal = " (a goal)" if self.is_goal else ""
        second = ", second try" if self.is_second_try else ""
        return (f"met by {spare:.0f} %" if self.is_met else f"NOT met: {-spare:.0f} % over") + goal + second


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios of what ran in one round."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def percentile_95(values: Sequence[float]) -> float:
    """Return the least value that 95 of 100 do not exceed."""
    return sorted(values)[math.ceil(len(values) * 0.95) - 1]


def compared(ours: Sequence[Sample], theirs: Sequence[Sample], work: str, beside: str) -> Figure:
    """Return the figure of works that ran in turn."""
    return Figure(
        work,
        beside,
        ratio=median_ratio([one.wall for one in ours], [other.wall for other in theirs]),
        cpu=median_ratio([one.cpu for one in ours], [other.cpu for other in theirs]),
        ours=statistics.median(one.wall for one in ours) * 1000,
        theirs=statistics.median(other.wall for other in theirs) * 1000,
    )


def compared_95(ours: Sequence[Sample], theirs: Sequence[Sample], work: str, beside: str) -> Figure:
    """Return the figure of what is to be quick nearly always: its 95th percentile beside their median."""
    wall = statistics.median(other.wall for other in theirs)
    cpu = statistics.median(other.cpu for other in theirs)
    slow = percentile_95([one.wall for one in ours])
    busy = percentile_95([one.cpu for one in ours])
    return Figure(work, beside, slow / wall, busy / cpu, slow * 1000, wall * 1000)


def with_second_try(scenario: Callable[[], list[Figure]]) -> list[Figure]:
    """Return what a scenario finds; of what exceeds its budget, what it finds the second time."""
    figures = scenario()
    if all(figure.is_met for figure in figures):
        return figures
    again = [replace(figure, is_second_try=True) for figure in scenario()]
    return [first if first.is_met else second for first, second in zip(figures, again, strict=True)]
