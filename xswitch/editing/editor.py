"""Carrying operations out, and taking them back: lock, read, change, compare, keep what was, write."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from functools import cached_property

from xswitch.awsfiles.document import Document
from xswitch.awsfiles.files import files_of
from xswitch.awsfiles.saving import ConflictError, prepare, read_version
from xswitch.editing.changes import CONFIG, CREDENTIALS
from xswitch.editing.diff import diff_of
from xswitch.editing.journal import Journal, digest
from xswitch.editing.together import commit, restore, undisturbed
from xswitch.editing.verify import verify, verify_lines
from xswitch.editing.writers import writer_of
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.locking import holder_of, open_lock, try_lock
from xswitch.profiles.collection import Profiles
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from typing import TypeAlias

    from xswitch.awsfiles.files import AwsFiles
    from xswitch.awsfiles.saving import Pending, Version
    from xswitch.editing.diff import DiffLine
    from xswitch.editing.journal import FileRecord, Record
    from xswitch.editing.operation import Operation, Plan
    from xswitch.locations import Locations

    _Contents: TypeAlias = tuple[str, bytes, bytes]
    """A file's path and its content before and after."""
    _Step: TypeAlias = tuple[FileRecord, Version, bytes | None]
    """A file to be taken back: as it is, and the content before, None where there was no file."""

_TRIES = 20
_PATIENCE = 10.0  # seconds
_STEP = 0.02


class Preview:
    """What an operation does: the diff of both files, and all profiles as they are afterwards.

    `subjects` are the profiles that it changes or removes, `deleted` those that are gone then. `warnings` are
    sentences on what is wrong with the profile then, as far as it was not before.
    """

    def __init__(
        self,
        operation: Operation,
        contents: list[_Contents],
        profiles: Profiles,
        warnings: list[str],
        plan: Plan,
    ) -> None:
        self.operation = operation
        self.subjects = plan.subjects
        self.deleted = plan.deleted
        self.profiles = profiles
        self.warnings = warnings
        self._contents = contents

    @property
    def paths(self) -> list[str]:
        """The files that it changes."""
        return [path for path, _, _ in self._contents]

    @cached_property
    def diff(self) -> list[DiffLine]:
        """What changes in the files."""
        return _diff(self._contents)


class Undone:
    """An edit that was taken back: what it was, and how many more can be.

    `skipped` are later edits that were not there any more.
    """

    def __init__(self, title: str, contents: list[_Contents], left: int, skipped: list[str]) -> None:
        self.title = title
        self.left = left
        self.skipped = skipped
        self._contents = contents

    @cached_property
    def diff(self) -> list[DiffLine]:
        """What changes in the files."""
        return _diff(self._contents)


class Editor:
    """Changes the config and the credentials file of one user. XswitchError where that is not safe."""

    def __init__(self, locations: Locations) -> None:
        self._locations = locations

    def preview(self, operation: Operation) -> Preview:
        """Return what an operation would do."""
        return _Edit(self._read(), operation).preview

    def apply(self, operation: Operation, permitted: Container[str] | None = None) -> Preview:
        """Do it: both files, or none of them; what others write meanwhile is read and kept.

        Where `permitted` is given, XswitchError if profiles besides those would be changed or removed, which
        came to it since somebody was asked about them.
        """
        with self._locked():
            for _ in range(_TRIES):
                edit = _Edit(self._read_whole(), operation)
                if permitted is not None:
                    _refuse_others(edit.preview.subjects, permitted)
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
        return self._last(self._journal())[0]

    def undo(self) -> Undone:
        """Take back the last edit that is still there. XswitchError where a file was changed since."""
        with self._locked(), undisturbed():
            journal = self._journal()
            undone, record, steps = self._last(journal)
            journal.keep_undone((file, version.data) for file, version, _ in steps)
            restore([(version, data) for _, version, data in steps])
            # If the list cannot be written any more, the files still say that the edit is not there.
            with suppress(XswitchError):
                journal.drop_from(record)
        return undone

    # -- the parts --------------------------------------------------------------------------------

    def _read(self) -> dict[str, Version]:
        places = self._locations
        return {CONFIG: read_version(places.config), CREDENTIALS: read_version(places.credentials)}

    def _read_whole(self) -> dict[str, Version]:
        """Read both files while nobody is writing one in place: half a file is none to edit."""
        ends = time.monotonic() + _PATIENCE
        while True:
            versions = self._read()
            # Asked afterwards: who has ended by now has changed what was read, which `Pending.check` sees.
            writers = {version.path: writer_of(version.target) for version in versions.values()}
            path = next((path for path, writer in writers.items() if writer), None)
            if path is None:
                return versions
            if time.monotonic() > ends:
                text = f"process {writers[path]} is writing {printable(tilde(path))}"
                raise XswitchError(text, "try again when it has ended; nothing was changed")
            time.sleep(_STEP)

    def _journal(self) -> Journal:
        places = self._locations
        # By what links lead to: then the folder one stands in, and how one spells the path, do not count.
        return Journal(places.state, [os.path.realpath(path) for path in (places.config, places.credentials)])

    def _write(self, edit: _Edit) -> None:
        pending: list[Pending] = []
        try:
            with undisturbed():
                for name, data in edit.contents.items():
                    pending.append(prepare(edit.versions[name], data))
                journal = self._journal()
                changes = [
                    (version.target, _content(version), edit.contents[name])
                    for name, version in edit.versions.items()
                    if name in edit.contents
                ]
                record = journal.add(edit.preview.operation.title, changes)
                try:
                    commit(pending, [data for _, _, data in changes])
                except BaseException:
                    if not any(_is_as_after(file) for file in record["files"]):
                        journal.drop_from(record)
                    raise
        finally:
            for each in pending:
                each.discard()

    def _last(self, journal: Journal) -> tuple[Undone, Record, list[_Step]]:
        """Return the last edit that is still there, and what takes it back."""
        skipped: list[str] = []
        for position, record in reversed(list(enumerate(journal.records()))):
            steps = self._steps_back(journal, record)
            if steps:
                contents = [(version.path, version.data, data or b"") for _, version, data in steps]
                return Undone(record["title"], contents, position, skipped), record, steps
            skipped.append(record["title"])
        raise XswitchError("there is no edit to take back", "xswitch takes back what it changed itself")

    def _steps_back(self, journal: Journal, record: Record) -> list[_Step]:
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
                    verify_lines(version, document, changes[name])
                    self.contents[name] = document.data
        after = _files(versions, self.contents)
        verify(before, after, plan, changes.items())
        contents = [(versions[name].path, versions[name].data, data) for name, data in self.contents.items()]
        new_profiles = Profiles(after)
        warnings = _warnings(operation.profile, profiles, new_profiles)
        self.preview = Preview(operation, contents, new_profiles, warnings, plan)


def _refuse_others(subjects: frozenset[str], permitted: Container[str]) -> None:
    others = sorted(printable(name) for name in subjects if name not in permitted)
    if others:
        raise XswitchError(
            f"the files have changed: it would change {', '.join(others)} too",
            "look again; nothing was changed",
        )


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


def _diff(contents: list[_Contents]) -> list[DiffLine]:
    return [line for path, before, after in contents for line in diff_of(path, before, after)]


def _is_as_after(file: FileRecord) -> bool:
    try:
        return digest(_content(read_version(file["path"]))) == file["after"]
    except XswitchError:
        return True  # nobody knows


def _wait_for(descriptor: int) -> None:
    """Wait for the lock: as long as it changes hands, and some seconds for one who keeps it."""
    holder, ends = "", time.monotonic() + _PATIENCE
    try:
        while not try_lock(descriptor):
            if holder_of(descriptor) != holder:
                holder, ends = holder_of(descriptor), time.monotonic() + _PATIENCE
            if time.monotonic() > ends:
                who = f"process {holder}" if holder else "another xswitch"
                raise XswitchError(f"{who} is changing the files", "try again when it has ended")
            time.sleep(_STEP)
    except OSError:
        return  # a file system without locks; what others write is seen all the same
