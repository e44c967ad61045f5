"""Reading a file that may turn out to be no file."""

from __future__ import annotations

import errno
import os
import stat


def read_regular(path: str, most: int | None = None) -> tuple[bytes, float]:
    """Return the content of a regular file and when it last changed (POSIX seconds).

    OSError where it cannot be read; a pipe or a device, which would be waited for, is refused as EINVAL,
    a folder as EISDIR, and a file of more than `most` bytes as EFBIG.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            code = errno.EISDIR if stat.S_ISDIR(status.st_mode) else errno.EINVAL
            raise OSError(code, "not a regular file" if code == errno.EINVAL else os.strerror(code), path)
        if most is not None and status.st_size > most:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), path)
        return file.read(), status.st_mtime
