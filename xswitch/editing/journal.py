"""Taking edits back: the versions before each, and a list of what was done. No secret is in the list.

The versions are in the state folder (mode 0600), never beside the files: folders of dotfiles get published.
Whether an edit has happened is told by the files themselves, so a process may be killed at any moment.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress

from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.regular import read_regular, write_regular
from xswitch.text import printable
from xswitch.timestamps import format_time, utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypedDict

    class FileRecord(TypedDict):
        """A file of an edit: the digests of its content before and after, "" where there was no file."""

        path: str
        before: str
        after: str
        backup: str

    class Record(TypedDict):
        """An edit; `id` counts up and never comes again."""

        id: int
        title: str
        time: str
        files: list[FileRecord]


KEPT = 20
_MOST = 1_000_000  # bytes


class Journal:
    """The edits that can be taken back, the newest last, of the files `paths`. To be used under the lock."""

    def __init__(self, state: str, paths: Iterable[str]) -> None:
        self._path = os.path.join(state, "undo.json")
        self._folder = os.path.join(state, "backups")
        self._paths = set(paths)
        self._next = 1
        self._is_damaged = False
        self._records: list[Record] = []
        self._load()

    def records(self) -> list[Record]:
        """Return the edits of our files, the newest last."""
        return [
            record for record in self._records if {file["path"] for file in record["files"]} <= self._paths
        ]

    def add(self, title: str, changes: list[tuple[str, bytes | None, bytes]]) -> Record:
        """Keep the content before an edit: of each file its path, what it had (None: no file) and will have.

        XswitchError where that cannot be kept, and then nothing should be changed.
        """
        record: Record = {
            "id": self._next,
            "title": title,
            "time": format_time(utc_now()),
            "files": [],
        }
        for number, (path, before, after) in enumerate(changes):
            backup = f"{self._next:06}-{number}"
            if before is not None:
                self._write(os.path.join(self._folder, backup), before)
            digests = digest(before), digest(after)
            record["files"].append(
                {"path": path, "before": digests[0], "after": digests[1], "backup": backup}
            )
        self._next += 1
        self._records.append(record)
        self._save()
        return record

    def keep_undone(self, undone: Iterable[tuple[FileRecord, bytes]]) -> None:
        """Keep what the files have before an edit is undone, for whoever regrets that."""
        for file, data in undone:
            self._write(os.path.join(self._folder, f"{file['backup']}.undone"), data)

    def drop_from(self, record: Record) -> None:
        """Take an edit, and those of the same files after it, off the list."""
        gone = [each["id"] for each in self.records() if each["id"] >= record["id"]]
        self._records = [each for each in self._records if each["id"] not in gone]
        self._save()

    def before(self, file: FileRecord) -> bytes | None:
        """Return the content before the edit, None where there was no file. XswitchError where it is lost."""
        if not file["before"]:
            return None
        path = self.backup_path(file)
        try:
            data = read_regular(path)[0]
        except OSError:
            data = b""
        if digest(data) != file["before"]:
            raise XswitchError(f"the version before is lost: {printable(tilde(path))} is not what it was")
        return data

    def backup_path(self, file: FileRecord) -> str:
        """Return where the content before the edit is kept."""
        return os.path.join(self._folder, file["backup"])

    def _load(self) -> None:
        """Read the list. XswitchError where it cannot be read; what is no such list is an empty one."""
        self._next = 1 + max((_number(name) for name in self._backups()), default=0)
        try:
            data = read_regular(self._path, _MOST)[0]
        except FileNotFoundError:
            return
        except OSError as error:
            where = printable(tilde(self._path))
            text = f"{where}, the list of edits, cannot be read: {error.strerror or type(error).__name__}"
            raise XswitchError(text, "see that you may read it, or move it away") from None
        try:
            found = json.loads(data)
            self._records = [_checked(record) for record in found["edits"]]
            self._next = max(int(found["next"]), self._next)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            self._records = []
            self._is_damaged = True

    def _save(self) -> None:
        if self._is_damaged:  # put aside; the versions stay where they are
            with suppress(OSError):
                os.replace(self._path, f"{self._path}.{self._next:06}.unreadable")
        self._records = self._records[-KEPT:]
        content = {"next": self._next, "edits": self._records}
        self._write(self._path, json.dumps(content, indent=1).encode())
        wanted = {file["backup"] for record in self._records for file in record["files"]}
        for name in self._backups():
            if name not in wanted and _number(name) < self._next - KEPT:
                with suppress(OSError):
                    os.unlink(os.path.join(self._folder, name))

    def _backups(self) -> list[str]:
        try:
            return [name for name in os.listdir(self._folder) if _number(name)]
        except OSError:
            return []

    @staticmethod
    def _write(path: str, data: bytes) -> None:
        try:
            write_regular(path, data, durable=True)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            text = (
                f"the version before could not be kept in {printable(tilde(os.path.dirname(path)))}: {reason}"
            )
            raise XswitchError(text, "without it nothing is changed") from None


def digest(data: bytes | None) -> str:
    """Return the SHA-256 of a file's content, "" of none."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


def _number(name: str) -> int:
    number = name.partition("-")[0]
    return int(number) if number.isascii() and number.isdecimal() else 0


def _backup(name: str) -> str:
    if not name.replace("-", "").isalnum():
        raise ValueError(name)
    return name


def _checked(record: Record) -> Record:
    files: list[FileRecord] = [
        {
            "path": str(file["path"]),
            "before": str(file["before"]),
            "after": str(file["after"]),
            "backup": _backup(str(file["backup"])),
        }
        for file in record["files"]
    ]
    return {
        "id": int(record["id"]),
        "title": printable(str(record["title"])),
        "time": printable(str(record["time"])),
        "files": files,
    }
