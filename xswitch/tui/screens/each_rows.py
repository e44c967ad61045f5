"""How a profile's command looks in the table: what it is at, for how long, and what it said last."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from xswitch.launch.each.looks import LOOKS, seconds_text
from xswitch.text import printable
from xswitch.tui.lines import fit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xswitch.launch.each.job import Job
    from xswitch.tui.lines import Part

# By state, in the order in which they are counted: a sign, the style of a line's part, and that of a text.
_LOOKS = {
    state: (sign, tone, "dim" if tone == "muted" else f"$text-{tone}")
    for state, (sign, _, tone) in LOOKS.items()
}
_STATUS = 13  # columns: "… signing in" and a blank
_CLOCK = 6
_NAME_AT_MOST = 0.35  # of the width


def name_room(width: int) -> int:
    """Return how many columns names may take in a line of `width` columns."""
    return max(int(width * _NAME_AT_MOST), 12)


def row_parts(job: Job, now: float, width: int, name: int, color: str) -> list[Part]:
    """Return the line of a job at a moment of the monotonic clock.

    `name` is the width of the column of names, `color` that of the profile's guard, "" without one.
    """
    sign, style, _ = _LOOKS[job.state]
    room = max(width - _STATUS - name - _CLOCK - 4, 0)
    said, said_style = (job.error, style) if job.error else (job.last_line, "")
    return [
        (fit(f"{sign} {job.word}", _STATUS), style),
        (fit(printable(job.profile), name), f"guard-{color}" if color else "bold"),
        (f"  {clock_text(job, now):>{_CLOCK}}  ", "muted"),
        (fit(printable(said), room), said_style),
    ]


def look_of(job: Job) -> tuple[str, str]:
    """Return the sign of a job's state, and its style as a text."""
    sign, _, style = _LOOKS[job.state]
    return sign, style


def clock_text(job: Job, now: float) -> str:
    """Return how long a job has taken, "" where it has not begun."""
    seconds = job.seconds(now)
    if seconds is None:
        return ""
    return f"{seconds:.1f}s" if seconds < 10 and job.ended is not None else seconds_text(seconds)


def counts_of(jobs: Iterable[Job]) -> list[tuple[str, str]]:
    """Return how many jobs are at what, as texts with their styles."""
    numbers = Counter(job.state for job in jobs)
    parts: list[tuple[str, str]] = []
    for state, (_, _, style) in _LOOKS.items():
        if numbers[state]:
            parts += [(" · " if parts else "", "dim"), (f"{numbers[state]} {state}", style)]
    return parts
