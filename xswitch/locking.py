"""A lock among processes: flock(2) on a file of its own.

The end of its holder, however it comes, frees it. The file stays: removing it would let two processes hold
a lock of the same name.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress

from xswitch.regular import private_folder


def open_lock(folder: str, name: str) -> int:
    """Return a descriptor to lock, to be closed by the caller. OSError where the folder cannot be written."""
    private_folder(folder)
    path = os.path.join(folder, f"{name}.lock")
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def try_lock(descriptor: int) -> bool:
    """Take the lock if it is free, and leave our process id in the file, for those who wait for us.

    OSError on a file system without locks.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    with suppress(OSError):  # the lock is held all the same
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return True


def holder_of(descriptor: int) -> str:
    """Return the id of the process that has the lock, "" where nothing says so or it is this one."""
    try:
        found = os.pread(descriptor, 20, 0).decode("ascii", "replace")
    except OSError:
        return ""
    return found if found.isdecimal() and found != str(os.getpid()) else ""
