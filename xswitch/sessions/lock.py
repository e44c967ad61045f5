"""One process at a time obtains a session; the others wait and then find it cached."""

from __future__ import annotations

import math
import os
from contextlib import contextmanager

from xswitch.locking import holder_of, open_lock, try_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.sessions.interaction import Interaction


_STEP = 0.05  # seconds
_SILENT = 1.0  # seconds of waiting without a word
# Seconds of waiting where nobody can be asked, and with a code, which is good for thirty.
_WITHOUT_PERSON = 60.0
_WITH_CODE = 5.0


@contextmanager
def locked(folder: str, key: str, interaction: Interaction) -> Iterator[None]:
    """Hold the lock of the session under `key`; waiting for it can be cancelled.

    The holder may be waiting for a person who has gone. Where this process cannot ask one, or needs not as
    an MFA code was given, it goes on without the lock after a while: that costs a call more than needed,
    and nothing else. Where it can, it waits: two questions at once on one terminal take each other's
    answers, and the person who waits can cancel.

    Where the folder cannot be written there is no lock: the session is then obtained more often than needed.
    """
    try:
        descriptor = open_lock(folder, key)
    except OSError:
        yield
        return
    try:
        _wait(descriptor, interaction)
        yield
    finally:
        os.close(descriptor)


def _wait(descriptor: int, interaction: Interaction) -> None:
    waited, patience = 0.0, _patience(interaction)
    said = False
    while True:
        try:
            if try_lock(descriptor) or waited > patience:
                return
        except OSError:
            return  # a file system without locks
        if not said and waited > _SILENT:
            said = True
            holder = holder_of(descriptor)
            by = f" by process {holder}" if holder else ""
            interaction.say(f"this session is being obtained already{by}; waiting for it")
        interaction.pause(_STEP)
        waited += _STEP


def _patience(interaction: Interaction) -> float:
    """Return for how many seconds to wait."""
    if interaction.mfa_token:
        return _WITH_CODE
    return math.inf if interaction.has_person() else _WITHOUT_PERSON
