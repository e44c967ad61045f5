"""Carrying operations out, and taking them back: lock, read, change, compare, keep what was, write."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager

from xswitch.awsfiles.document import Document
from xswitch.awsfiles.files import files_of
from xswitch.awsfiles.saving import ConflictError, prepare, read_version, remove
from xswitch.editing.changes import CONFIG, CREDENTIALS
from xswitch.editing.diff import diff_of
from xswitch.editing.journal import Journal, digest
from xswitch.editing.verify import verify
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.locking import holder_of, open_lock, try_lock
from xswitch.profiles.collection import Profiles
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.awsfiles.files import AwsFiles
    from xswitch.awsfiles.saving import Pending, Version
    from xswitch.editing.diff import DiffLine
    from xswitch.editing.journal import FileRecord, Record
    from xswitch.editing.operation import Operation
    from xswitch.locations import Locations

_TRIES = 20
_PATIENCE = 10.0  # seconds
_STEP = 0.02


class Preview:
    """What an operation does: the diff of both files, and all profiles as they are afterwards.

    `warnings` are sentences on what is wrong with the profile then, as far as it was not before.
    """

    def __init__(
        self, operation: Operation, diff: list[DiffLine], profiles: Profiles, warnings: list[str]
    ) -> None:
        self.operation = operation
        self.diff = diff
        self.profiles = profiles
        self.warnings = warnings


class Undone:
    """An edit that was taken back: what it was, what changed with that, and how many more can be."""

    def __init__(self, title: str, diff: list[DiffLine], left: int) -> None:
        self.title = title
        self.diff = diff
        self.left = left


class Editor:
    """Changes the config and the credentials file of one user. XswitchError where that is not safe."""

    def __init__(self, locations: Locations) -> None:
        self._locations = locations

    def preview(self, operation: Operation) -> Preview:
        """Return what an operation would do."""
        return _Edit(self._read(), operation).preview

    def apply(self, operation: Operation) -> Preview:
        """Do it: both files, or none of them; what others write meanwhile is read and kept."""
        with self._locked():
            for _ in range(_TRIES):
                edit = _Edit(self._read(), operation)
                try:
                    if edit.contents:
                        self._write(edit)
                except ConflictError:
                    continue
                return edit.preview
        where = printable(tilde(self._locations.config))
        raise XswitchError(f"{where} is being changed all the time by another program", "try again later")

    def undoable(self) -> list[tuple[str, str]]:
        """Return what can be taken back, the newest first: the title of each edit, and when (RFC 3339)."""
        return [(record["title"], record["time"]) for record in reversed(self._journal().records())]

    def undo_preview(self) -> Undone:
        """Return what `undo` would do."""
        journal = self._journal()
        for position, record in reversed(list(enumerate(journal.records()))):
            steps = self._steps_back(journal, record)
            if steps:
                return Undone(record["title"], _diff_back(steps), position)
        raise _nothing_to_undo()

    def undo(self) -> Undone:
        """Take back the last edit that is still there. XswitchError where a file was changed since."""
        with self._locked():
            journal = self._journal()
            for position, record in reversed(list(enumerate(journal.records()))):
                steps = self._steps_back(journal, record)
                if steps:
                    _go_back(steps)
                    journal.drop(record, [(file, version.data) for file, version, _ in steps])
                    return Undone(record["title"], _diff_back(steps), position)
                journal.drop(record)  # it was not carried out, or taken back already
        raise _nothing_to_undo()

    # -- the parts --------------------------------------------------------------------------------

    def _read(self) -> dict[str, Version]:
        places = self._locations
        return {CONFIG: read_version(places.config), CREDENTIALS: read_version(places.credentials)}

    def _journal(self) -> Journal:
        return Journal(self._locations.state, (self._locations.config, self._locations.credentials))

    def _write(self, edit: _Edit) -> None:
        pending: list[Pending] = []
        try:
            for name, data in edit.contents.items():
                pending.append(prepare(edit.versions[name], data))
            journal = self._journal()
            changes = [
                (each.version.path, _content(each.version), data) for each, data in edit.pairs(pending)
            ]
            record = journal.add(edit.preview.operation.title, changes)
            try:
                _commit(pending)
            except BaseException:
                if all(_is_as_before(file) for file in record["files"]):
                    journal.drop(record)
                raise
        finally:
            for each in pending:
                each.discard()

    def _steps_back(self, journal: Journal, record: Record) -> list[tuple[FileRecord, Version, bytes | None]]:
        """Return the files that an edit has changed, as they are and as they were before it."""
        steps = []
        for file in record["files"]:
            version = read_version(file["path"])
            now = digest(_content(version))
            if now == file["before"]:
                continue
            if now != file["after"]:
                where = printable(tilde(file["path"]))
                kept = printable(tilde(journal.backup_path(file)))
                hint = f"the version before is {kept}" if file["before"] else "there was no such file before"
                raise XswitchError(f"{where} was changed after “{record['title']}”, by another program", hint)
            steps.append((file, version, journal.before(file)))
        return steps

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock that every xswitch of this user takes to change the files."""
        try:
            descriptor = open_lock(self._locations.locks, "files")
        except OSError as error:
            where = printable(tilde(self._locations.locks))
            reason = error.strerror or type(error).__name__
            raise XswitchError(f"{where} cannot be written: {reason}", "nothing was changed") from None
        try:
            _wait_for(descriptor)
            yield
        finally:
            os.close(descriptor)


class _Edit:
    """An operation worked out on versions of both files: `contents` has those that it changes, by file."""

    def __init__(self, versions: dict[str, Version], operation: Operation) -> None:
        self.versions = versions
        before = _files(versions, {})
        profiles = Profiles(before)
        plan = operation.plan(profiles)
        changes = {name: [change for change in plan.changes if change.file == name] for name in versions}
        self.contents: dict[str, bytes] = {}
        for name, version in versions.items():
            if changes[name]:
                document = Document(version.path, version.data)
                for change in changes[name]:
                    change.edit(document)
                if document.data != version.data:
                    self.contents[name] = document.data
        after = _files(versions, self.contents)
        verify(before, after, plan, changes.items())
        diff = [
            line
            for name, data in self.contents.items()
            for line in diff_of(versions[name].path, versions[name].data, data)
        ]
        new_profiles = Profiles(after)
        self.preview = Preview(
            operation, diff, new_profiles, _warnings(operation.profile, profiles, new_profiles)
        )

    def pairs(self, pending: list[Pending]) -> Iterator[tuple[Pending, bytes]]:
        """Return each prepared file with its new content."""
        return zip(pending, self.contents.values(), strict=True)


def _files(versions: dict[str, Version], contents: dict[str, bytes]) -> AwsFiles:
    config, credentials = (
        (version.path, contents.get(name, version.data)) for name, version in versions.items()
    )
    return files_of(config, credentials)


def _content(version: Version) -> bytes | None:
    return version.data if version.exists else None


def _warnings(name: str, before: Profiles, after: Profiles) -> list[str]:
    if name not in after:
        return []
    known = {problem.code for problem in before.problems(name)} if name in before else set()
    return [problem.message for problem in after.problems(name) if problem.code not in known]


def _commit(pending: list[Pending]) -> None:
    """Put all files in place. ConflictError, with none in place, where one was changed meanwhile."""
    for each in pending:
        each.check()
    done: list[Pending] = []
    try:
        for each in pending:
            each.commit()
            done.append(each)
    except BaseException:
        for each in done:
            _put_back(each.version)
        raise


def _put_back(version: Version) -> None:
    """Undo one file of an edit whose other file could not be written."""
    now = read_version(version.path)
    if version.exists:
        prepare(now, version.data).commit()
    else:
        remove(now)


def _go_back(steps: list[tuple[FileRecord, Version, bytes | None]]) -> None:
    try:
        pending = [prepare(version, data) for _, version, data in steps if data is not None]
        _commit(pending)
        for _, version, data in steps:
            if data is None:
                remove(version)
    except ConflictError as error:
        raise XswitchError(str(error), "nothing was changed; try again") from None


def _diff_back(steps: list[tuple[FileRecord, Version, bytes | None]]) -> list[DiffLine]:
    return [line for _, version, data in steps for line in diff_of(version.path, version.data, data or b"")]


def _is_as_before(file: FileRecord) -> bool:
    try:
        return digest(_content(read_version(file["path"]))) == file["before"]
    except XswitchError:
        return False


def _nothing_to_undo() -> XswitchError:
    return XswitchError("there is no edit to take back", "xswitch takes back what it changed itself")


def _wait_for(descriptor: int) -> None:
    ends = time.monotonic() + _PATIENCE
    try:
        while not try_lock(descriptor):
            if time.monotonic() > ends:
                holder = holder_of(descriptor)
                who = f"process {holder}" if holder else "another xswitch"
                raise XswitchError(f"{who} is changing the files", "try again when it has ended")
            time.sleep(_STEP)
    except OSError:
        return  # a file system without locks; what others write is seen all the same
