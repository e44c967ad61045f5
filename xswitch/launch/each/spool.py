"""Keeping what a command prints: a little in memory, more in a file."""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
from contextlib import suppress

from xswitch.errors import XswitchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO

_IN_MEMORY = 8 * 1024  # bytes for each command
_HEAD = struct.Struct("=BI")  # number of the stream, length of the piece
_STREAMS = ("stdout", "stderr")


class SpoolFolder:
    """A private folder for the files of all spools, made when one is needed."""

    def __init__(self) -> None:
        self._path = ""
        self._count = 0

    def new_file(self) -> str:
        """Return the path of a file that is not there yet. OSError where the folder cannot be made."""
        if not self._path:
            self._path = tempfile.mkdtemp(prefix="xswitch-each-")
        self._count += 1
        return os.path.join(self._path, str(self._count))

    def close(self) -> None:
        """Remove everything."""
        if self._path:
            shutil.rmtree(self._path, ignore_errors=True)
            self._path = ""


class Spool:
    """What one command has printed, as pieces of its two streams in the order in which they came.

    A file is open only while it is written or read: there may be more commands than descriptors.
    """

    __slots__ = ("_file", "_folder", "_is_full", "_memory", "_path")

    def __init__(self, folder: SpoolFolder) -> None:
        self._folder = folder
        self._memory = bytearray()
        self._path = ""
        self._file: FileIO | None = None
        self._is_full = False

    def add(self, stream: str, data: bytes) -> None:
        """Keep a piece. XswitchError where the disk does not take it; from then on, nothing is kept."""
        if self._is_full:
            return
        record = _HEAD.pack(_STREAMS.index(stream), len(data)) + data
        if not self._path and len(self._memory) + len(record) <= _IN_MEMORY:
            self._memory += record
            return
        try:
            file = self._open()
            while record:
                record = record[file.write(record) :]
        except OSError as error:
            self._is_full = True  # what came after half a piece could not be read
            raise XswitchError(
                f"the output of a command cannot be kept: {error.strerror}",
                "make room in the folder for temporary files, or set TMPDIR to another one",
            ) from error

    def rest(self) -> None:
        """Close the file: nothing is added for now."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def restart(self) -> None:
        """Forget everything."""
        self.rest()
        self._is_full = False
        self._memory.clear()
        if self._path:
            with suppress(OSError):
                os.unlink(self._path)
            self._path = ""

    def chunks(self) -> Iterator[tuple[str, bytes]]:
        """Yield the pieces, each with its stream; another thread may be adding some."""
        yield from _records(bytes(self._memory))
        try:
            file = open(self._path, "rb")  # noqa: SIM115 - it is closed below
        except OSError:  # nothing was put there
            return
        with file:
            while len(head := file.read(_HEAD.size)) == _HEAD.size:
                number, length = _HEAD.unpack(head)
                yield _STREAMS[number], file.read(length)

    def _open(self) -> FileIO:
        if self._file is None:
            self._path = self._path or self._folder.new_file()
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            self._file = os.fdopen(descriptor, "wb", buffering=0)
        return self._file


def _records(data: bytes) -> Iterator[tuple[str, bytes]]:
    position = 0
    while position < len(data):
        number, length = _HEAD.unpack_from(data, position)
        position += _HEAD.size
        yield _STREAMS[number], data[position : position + length]
        position += length
