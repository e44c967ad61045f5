"""What the UI leaves behind for the command line to do once the terminal is the caller's again."""

from __future__ import annotations


class Leave:
    """Become a subshell under `profile`, or with `command` the command line in it.

    `confirmed` are the tokens of the questions of guards whose names were typed for it.
    """

    def __init__(self, profile: str, command: str | None = None, confirmed: tuple[str, ...] = ()) -> None:
        self.profile = profile
        self.command = command
        self.confirmed = confirmed


class Cancelled:
    """Leave with status 130 and without a word."""
