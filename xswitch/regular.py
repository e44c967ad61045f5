"""Reading a file that may turn out to be no file, and writing one whole or not at all."""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO


def read_regular(path: str, most: int | None = None) -> tuple[bytes, float]:
    """Return the content of a regular file and when it last changed (POSIX seconds).

    OSError where it cannot be read, as `open_regular` says; a file of more than `most` bytes is EFBIG.
    """
    file, status = open_regular(path)
    with file:
        if most is not None and status.st_size > most:
            raise _refused("EFBIG", path)
        return file.read(), status.st_mtime


def open_regular(path: str) -> tuple[BinaryIO, os.stat_result]:
    """Open a regular file for reading, and return it with its status.

    OSError where that fails; a pipe or a device, which would be waited for, is refused as EINVAL, and a
    folder as EISDIR.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        return os.fdopen(descriptor, "rb"), status
    os.close(descriptor)
    raise _refused("EISDIR" if stat.S_ISDIR(status.st_mode) else "EINVAL", path)


def _refused(name: str, path: str) -> OSError:
    """Return the error of that name in errno(3)."""
    import errno  # costs 1 % of a Python start

    code: int = getattr(errno, name)
    return OSError(code, "not a regular file" if name == "EINVAL" else os.strerror(code), path)


def is_absent(path: str) -> bool:
    """Tell whether there is surely no such file: nothing of that name, and no link on the way to nowhere."""
    while True:
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            above = os.path.dirname(path)
            if above in {"", path}:
                return True
            path = above
            if os.path.lexists(path):
                return not os.path.islink(path) or os.path.exists(path)
        except OSError:
            return False
        else:
            return False


def write_regular(path: str, data: bytes, mode: int = 0o600, *, durable: bool = False) -> None:
    """Write a file at once, and the folders it needs; whoever reads it meanwhile sees the one before.

    With `durable`, the disk has the new one before the old one is gone. OSError where that fails; nothing is
    left behind then.
    """
    import tempfile

    folder = os.path.dirname(path)
    private_folder(folder)
    descriptor, temporary = tempfile.mkstemp(dir=folder, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(data)
            if durable:
                file.flush()
                os.fsync(descriptor)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def private_folder(path: str) -> None:
    """Make a folder, and the missing ones above it, with mode 0700."""
    missing = []
    while path and not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        os.makedirs(folder, mode=0o700, exist_ok=True)
