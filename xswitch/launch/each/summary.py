"""How it went under all profiles, in one sentence."""

from __future__ import annotations

from xswitch.launch.each.job import JobState
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from xswitch.launch.each.job import Job

_NAMES = 20  # that are listed
_REASONS = 3  # that are listed in the sentence; more are lines of their own


def summary(jobs: Sequence[Job]) -> str:
    """Return how many succeeded, and which failed, were ended or never ran.

    A few reasons stand in the sentence; for more, see `failures`.
    """
    by_state: dict[str, list[Job]] = {}
    for job in jobs:
        by_state.setdefault(job.state, []).append(job)
    done, given_up = by_state.get(JobState.DONE, []), {JobState.STOPPED, JobState.SKIPPED} & by_state.keys()
    which = f" ({_names(done)})" if done and given_up else ""
    parts = [f"{len(done)} of {len(jobs)} succeeded{which}"]
    if failed := by_state.get(JobState.FAILED):
        few = len(failed) <= _REASONS
        parts.append(f"failed: {', '.join(map(_with_reason, failed)) if few else _names(failed)}")
    if stopped := by_state.get(JobState.STOPPED):
        parts.append("ended before they were done: " + _names(stopped))
    if skipped := by_state.get(JobState.SKIPPED):
        parts.append("never ran: " + _names(skipped))
    return "; ".join(parts)


def failures(jobs: Sequence[Job]) -> list[str]:
    """Return a line for each job that failed, with the reason, where `summary` does not say it."""
    failed = [job for job in jobs if job.state == JobState.FAILED]
    return [] if len(failed) <= _REASONS else [_with_reason(job) for job in failed]


def _with_reason(job: Job) -> str:
    attempts = f", after {job.attempts} attempts" if job.attempts > 1 else ""
    return f"{printable(job.profile)} ({job.outcome}{attempts})"


def _names(jobs: Sequence[Job]) -> str:
    names = [printable(job.profile) for job in jobs]
    more = len(names) - _NAMES
    return ", ".join(names[:_NAMES]) + (f" and {more} more" if more > 0 else "")
