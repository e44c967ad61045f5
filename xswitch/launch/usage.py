"""What profiles are used for, and how often each was."""

from __future__ import annotations

import os

from xswitch.regular import open_regular, private_folder, read_regular, write_regular

_FILE = "uses"
_LARGEST = 1_000_000  # bytes; older uses than these are forgotten
_LINE = 1000  # bytes; a longer name is not counted


class Use:
    """What somebody wants to do with a profile."""

    RUN = "run"
    SHELL = "shell"
    SWITCH = "switch"
    ENV = "env"
    EACH = "each"
    PROCESS = "credential-process"
    CONSOLE = "console"
    EDIT = "edit"
    DELETE = "delete"
    DELEGATE = "delegate"


def note_use(state: str, name: str) -> None:
    """Note that a profile is being used. `state` is the state folder; where it cannot be written, do nothing.

    One line is one write at the end of the file, so that many may do it at once.
    """
    line = name.encode("utf-8", "surrogateescape") + b"\n"
    if len(line) > _LINE or line.count(b"\n") > 1:
        return
    path = os.path.join(state, _FILE)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        try:
            descriptor = os.open(path, flags, 0o600)
        except FileNotFoundError:
            private_folder(state)
            descriptor = os.open(path, flags, 0o600)
        try:
            if os.fstat(descriptor).st_size < _LARGEST:
                os.write(descriptor, line)
            else:
                _shorten(path, line)
        finally:
            os.close(descriptor)
    except OSError:
        return


def uses(state: str) -> dict[str, int]:
    """Return how often each profile was used, as far as that was noted."""
    try:
        data, _ = read_regular(os.path.join(state, _FILE), most=2 * _LARGEST)
    except OSError:
        return {}
    counts: dict[str, int] = {}
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        if line:
            counts[line] = counts.get(line, 0) + 1
    return counts


def _shorten(path: str, line: bytes) -> None:
    """Forget the older half, and add a line."""
    file, status = open_regular(path)
    with file:
        file.seek(max(status.st_size - _LARGEST // 2, 0))
        data = file.read(_LARGEST)
    write_regular(path, data.partition(b"\n")[2] + line)
