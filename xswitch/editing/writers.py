"""Who is in the middle of writing a file in place, as the AWS CLI does: what stands there is no version yet.

Only Linux tells, and only of the programs of this machine.
"""

from __future__ import annotations

import fcntl
import os
import signal
from contextlib import suppress

_PROCESSES = "/proc"


def writer_of(path: str) -> str:
    """Return the id of a process that has a file open for writing, "" where none is known to have."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return ""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        # Who opens it in this moment waits until we close it, of which we are told: by a signal of no effect.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return _found(path)  # or a file system that grants no lease to anybody
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return ""


def _found(path: str) -> str:
    with suppress(OSError):
        for process in filter(str.isdecimal, os.listdir(_PROCESSES)):
            with suppress(OSError):  # it has ended, or is another user's
                folder = os.path.join(_PROCESSES, process)
                for name in os.listdir(os.path.join(folder, "fd")):
                    if os.readlink(os.path.join(folder, "fd", name)) == path and _is_writable(folder, name):
                        return process
    return ""


def _is_writable(folder: str, name: str) -> bool:
    with open(os.path.join(folder, "fdinfo", name), encoding="ascii") as file:
        flags = next((line for line in file if line.startswith("flags:")), "flags: 0")
    return int(flags.split()[1], 8) & os.O_ACCMODE != os.O_RDONLY
