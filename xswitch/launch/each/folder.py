"""Writing what the commands print to files, two for each profile."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

from xswitch.errors import XswitchError
from xswitch.launch.each.job import STDERR, STDOUT
from xswitch.locations import tilde
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_REASONS = {errno.ELOOP: "it is a link", errno.EEXIST: "it is not a folder"}
_MOST = 200  # bytes of a file's name, of the 255 that file systems take


class OutputFolder:
    """The folder of `--output-dir`, and the names of its files."""

    def __init__(self, path: str, names: Iterable[str]) -> None:
        self._path = path
        self._names = file_names(names)

    def make(self) -> None:
        """Make the folder, with mode 0700, where it is not there. XswitchError where that cannot be done."""
        try:
            os.makedirs(self._path, mode=0o700, exist_ok=True)
        except OSError as error:
            raise self._error(self._path, error) from error

    def clear(self) -> None:
        """Remove what an earlier run has left of these profiles: not all of them may get to run this time."""
        for name in self._names.values():
            for stream in (STDOUT, STDERR):
                path = os.path.join(self._path, f"{name}.{stream}")
                with suppress(OSError):  # not there, most likely; else opening it tells
                    if stat.S_ISREG(os.lstat(path).st_mode):
                        os.unlink(path)

    def open(self, profile: str) -> OutputFiles:
        """Make the files of a profile, with mode 0600, empty. XswitchError where that cannot be done.

        A file that is a link is not followed: it may lead to any other.
        """
        files = OutputFiles()
        for stream in (STDOUT, STDERR):
            path = os.path.join(self._path, f"{self._names[profile]}.{stream}")
            try:
                files.add(stream, path)
            except OSError as error:
                files.close()
                raise self._error(path, error) from error
        return files

    def _error(self, path: str, error: OSError) -> XswitchError:
        reason = _REASONS.get(error.errno or 0) or error.strerror or "it cannot be written"
        return XswitchError(
            f"{printable(tilde(path))}: {printable(reason)}", "name another folder with --output-dir"
        )


class OutputFiles:
    """The open files of one profile."""

    __slots__ = ("_files", "_paths")

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._paths: dict[str, str] = {}

    def add(self, stream: str, path: str) -> None:
        """Open the file of a stream. OSError."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        self._files[stream] = descriptor = os.open(path, flags, 0o600)
        self._paths[stream] = path
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", path)
        os.fchmod(descriptor, 0o600)  # one that is there still, as in a folder where nothing can be removed
        os.ftruncate(descriptor, 0)

    def write(self, stream: str, data: bytes) -> None:
        """Add to the file of a stream. XswitchError where the disk does not take it."""
        while data:
            try:
                data = data[os.write(self._files[stream], data) :]
            except OSError as error:
                path = printable(tilde(self._paths[stream]))
                raise XswitchError(f"{path}: {error.strerror}", "make room there") from error

    def close(self) -> None:
        """Close the files."""
        for descriptor in self._files.values():
            os.close(descriptor)
        self._files.clear()


def file_names(names: Iterable[str]) -> dict[str, str]:
    """Return a name for the files of each profile: one that every file system takes, no two the same.

    Names differ in more than upper and lower case, which some file systems do not tell apart.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        safe = candidate = _safe(name)
        count = 1
        while candidate.casefold() in taken:
            count += 1
            candidate = f"{safe}~{count}"
        taken.add(candidate.casefold())
        found[name] = candidate
    return found


def _safe(name: str) -> str:
    """Return a name with what has a meaning in paths, or none at all, as `%` and its code."""
    kept = "".join(
        char if char.isprintable() and char not in '/\\%:*?"<>|' else _escape(char) for char in name
    )
    if not kept.strip(" .") or kept[0] == ".":
        kept = f"%{ord(kept[0]):02x}{kept[1:]}" if kept else "%"
    return kept.encode()[:_MOST].decode("utf-8", "ignore")


def _escape(char: str) -> str:
    return "".join(f"%{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))
