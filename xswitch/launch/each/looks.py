"""What stands for the state of a job, in the table of `xswitch each` and in the UI."""

from __future__ import annotations

from xswitch.launch.each.job import JobState

# By state, in the order in which the UI counts them: a sign, the same for terminals that have few letters,
# and a tone, which each of the two has its own colours for.
LOOKS = {
    JobState.RUNNING: ("…", ">", "accent"),
    JobState.SIGNING_IN: ("…", "o", "warning"),
    JobState.DONE: ("✓", "+", "success"),
    JobState.FAILED: ("✗", "x", "error"),
    JobState.STOPPED: ("!", "!", "warning"),
    JobState.SKIPPED: ("-", "-", "muted"),
    JobState.WAITING: ("·", ".", "muted"),
}


def seconds_text(seconds: float) -> str:
    """Return a time as `8s`, `2m05s` or `1h10m`."""
    minutes, left = divmod(int(seconds), 60)
    if not minutes:
        return f"{left}s"
    return f"{minutes}m{left:02}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"
