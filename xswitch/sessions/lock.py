"""One process at a time obtains a session; the others wait and then find it cached."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager

from xswitch.errors import XswitchError
from xswitch.sessions.cache import private_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.sessions.interaction import Interaction


_STEP = 0.05  # seconds
_SILENT = 1.0  # seconds of waiting without a word


@contextmanager
def locked(folder: str, key: str, interaction: Interaction) -> Iterator[None]:
    """Hold the lock of the session under `key`; waiting for it can be cancelled.

    XswitchError where that takes longer than `interaction` has patience.

    The lock is flock(2) on a file of its own, so the end of its holder, however it comes, frees it. The
    file stays: removing it would let two processes hold a lock of the same name. Where the folder cannot
    be written there is no lock: the session is then obtained more often than needed.
    """
    try:
        private_folder(folder)
        descriptor = os.open(
            os.path.join(folder, f"{key}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
    except OSError:
        yield
        return
    try:
        _wait(descriptor, interaction)
        yield
    finally:
        os.close(descriptor)


def _wait(descriptor: int, interaction: Interaction) -> None:
    started = time.monotonic()
    said = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = time.monotonic() - started
            if waited > interaction.patience():
                raise XswitchError(
                    "another xswitch has been obtaining this session for a minute",
                    "it may be waiting for an answer: give it, or end it",
                ) from None
            if not said and waited > _SILENT:
                said = True
                interaction.say("this session is being obtained already; waiting for it")
            interaction.pause(_STEP)
        except OSError:
            return  # a file system without locks
        else:
            return
