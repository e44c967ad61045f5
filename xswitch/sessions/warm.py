"""Loading what a call to AWS needs before one is asked for, which takes longer than many a call."""

from __future__ import annotations

from contextlib import suppress


def warm() -> None:
    """Load what obtaining a session needs: modules, and nothing else is read or asked.

    Where that fails, obtaining one will tell. No client is made: one made before makes the next hardly
    quicker, and takes as much memory again.
    """
    with suppress(Exception):
        __import__("xswitch.sessions.obtain")
