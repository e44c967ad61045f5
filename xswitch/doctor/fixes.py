"""The ways to mend: an edit of the two files, narrower rights, removing files of a cache."""

from __future__ import annotations

import os
import stat

from xswitch.awsfiles.files import split_header
from xswitch.doctor.finding import Fix
from xswitch.editing.changes import CONFIG
from xswitch.editing.editor import Editor
from xswitch.editing.operation import Operation, Plan
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterable, Iterator

    from xswitch.awsfiles.ini import IniFile
    from xswitch.editing.changes import Change
    from xswitch.editing.diff import DiffLine
    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles

_NAMED_BY = {"sso-session": "sso_session", "services": "services"}


class Edit(Fix):
    """An edit of the two files by the lossless editor, which `xswitch undo` takes back.

    What its plan touches are also `profiles`, and those that name a section which it changes.
    """

    is_edit = True

    def __init__(self, operation: Operation, *, sure: bool = True, profiles: Iterable[str] = ()) -> None:
        super().__init__(operation.title, sure=sure, profiles=profiles)
        self.operation = Operation(operation.title, operation.profile, self._plan)
        self._plan_alone = operation.plan

    def _plan(self, profiles: Profiles) -> Plan:
        plan = self._plan_alone(profiles)
        touched: dict[str, Collection[str]] = {name: () for name in self.profiles if name in profiles}
        for change in plan.changes:
            for header in self.headers(change, profiles):
                touched |= dict.fromkeys(users_of(change.file, header, profiles), ())
        touched |= plan.touched
        return Plan(plan.changes, added=plan.added, removed=plan.removed, touched=touched)

    def headers(self, change: Change, profiles: Profiles) -> Iterable[str]:  # noqa: ARG002
        """Return the sections that one of its changes is about."""
        return change.headers

    def diff(self, locations: Locations) -> list[DiffLine]:
        """Return what it changes."""
        return Editor(locations).preview(self.operation).diff

    def subjects(self, profiles: Profiles) -> tuple[frozenset[str], frozenset[str]]:
        """Return what its plan for these profiles says."""
        plan = self.operation.plan(profiles)
        return plan.subjects, plan.deleted

    def apply(self, locations: Locations, permitted: Container[str] | None = None) -> str:
        """Write it."""
        paths = self.write(locations, permitted)
        if not paths:
            return f"{self.title}: nothing to change any more"
        return written(self.title, paths)

    def write(self, locations: Locations, permitted: Container[str] | None = None) -> list[str]:
        """Write it, and return the files that it has changed."""
        return Editor(locations).apply(self.operation, permitted).paths


class LineEdit(Edit):
    """An edit of a line by its number."""

    is_of_line = True

    def __init__(
        self, operation: Operation, line: int, *, sure: bool = True, profiles: Iterable[str] = ()
    ) -> None:
        super().__init__(operation, sure=sure, profiles=profiles)
        self._line = line

    def headers(self, change: Change, profiles: Profiles) -> Iterable[str]:
        """Return the section in which the line stands."""
        ini: IniFile = getattr(profiles.files, change.file)
        above = [section for section in ini.sections.values() if section.line <= self._line]
        return [max(above, key=lambda section: section.line).header] if above else []


def written(title: str, paths: Iterable[str]) -> str:
    """Return the sentence on an edit that was made."""
    files = " and ".join(printable(tilde(path)) for path in paths)
    return f"{title}: written to {files} (xswitch undo takes it back)"


def users_of(file: str, header: str, profiles: Profiles) -> Iterator[str]:
    """Yield the profiles that name a section of the config file which is no profile's."""
    if file != CONFIG or not header.startswith(tuple(_NAMED_BY)):
        return
    words = split_header(header) or []
    if len(words) == 2 and words[0] in _NAMED_BY:
        for profile in profiles:
            if profile.text(_NAMED_BY[words[0]]) == words[1]:
                yield profile.name


class Narrow(Fix):
    """Take rights on a file or folder away from everybody but its owner.

    Sure for what is the user's own, below the home folder: elsewhere others may need it.
    """

    def __init__(self, path: str, rights: int) -> None:
        where = printable(tilde(path))
        title = f"let only its owner {_verb(rights)} {where} (chmod takes it back, undo does not)"
        super().__init__(title, sure=_is_own(path))
        self._path = path
        self._rights = rights

    def diff(self, locations: Locations) -> list[DiffLine]:  # noqa: ARG002
        """Return nothing: no content changes."""
        return []

    def apply(self, locations: Locations, permitted: Container[str] | None = None) -> str:  # noqa: ARG002
        """Change the mode of what a link leads to."""
        where = printable(tilde(self._path))
        try:
            before = stat.S_IMODE(os.stat(self._path).st_mode)
            os.chmod(self._path, before & ~self._rights)
        except OSError as error:
            raise XswitchError(f"the mode of {where} was not changed: {error.strerror}") from None
        after = before & ~self._rights
        return f"{where} has mode {after:04o} now (chmod {before:04o} takes it back, xswitch undo does not)"


class Remove(Fix):
    """Remove files that can be made again. `wanted` is asked of each just before: things may have changed."""

    def __init__(self, title: str, paths: list[str], wanted: Callable[[str], bool]) -> None:
        super().__init__(f"{title} (undo does not bring {'it' if len(paths) == 1 else 'them'} back)")
        self._paths = paths
        self._wanted = wanted

    def diff(self, locations: Locations) -> list[DiffLine]:  # noqa: ARG002
        """Return nothing: these are not the two files."""
        return []

    def apply(self, locations: Locations, permitted: Container[str] | None = None) -> str:  # noqa: ARG002
        """Remove those that are still wanted gone. No copy is kept: they may hold secrets."""
        removed = 0
        for path in self._paths:
            if not self._wanted(path):
                continue
            try:
                os.unlink(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                where = printable(tilde(path))
                raise XswitchError(f"{where} was not removed: {error.strerror}") from None
            removed += 1
        if not removed:
            return f"{self.title}: nothing to remove, as it is mended, or has been written just now"
        what = "1 file" if removed == 1 else f"{removed} files"
        return f"removed {what}; this cannot be undone, and aws makes new ones when it needs them"


def _is_own(path: str) -> bool:
    """Tell whether a file or folder is the user's, and below the home folder also where links lead to it."""
    home = os.path.realpath(os.path.expanduser("~"))
    try:
        return os.stat(path).st_uid == os.getuid() and os.path.realpath(path).startswith(home + os.sep)
    except OSError:
        return False


def _verb(rights: int) -> str:
    return "read" if not rights & 0o022 else "write to" if not rights & 0o044 else "read and write to"
