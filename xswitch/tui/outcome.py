"""What the UI leaves behind for the command line to do once the terminal is the caller's again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Leave:
    """Become a subshell under `profile`, or with `command` the command line in it."""

    profile: str
    command: str | None = None


@dataclass(frozen=True)
class Cancelled:
    """Leave with status 130 and without a word."""
