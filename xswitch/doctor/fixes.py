"""The ways to mend: an edit of the two files, narrower rights, removing files of a cache."""

from __future__ import annotations

import os
import stat

from xswitch.doctor.finding import Fix
from xswitch.editing.editor import Editor
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from xswitch.editing.diff import DiffLine
    from xswitch.editing.operation import Operation
    from xswitch.locations import Locations


class Edit(Fix):
    """An edit of the two files by the lossless editor, which `xswitch undo` takes back."""

    is_edit = True

    def __init__(self, operation: Operation, *, sure: bool = True, profiles: Iterable[str] = ()) -> None:
        super().__init__(operation.title, sure=sure, profiles=profiles)
        self.operation = operation

    def diff(self, locations: Locations) -> list[DiffLine]:
        """Return what it changes."""
        return Editor(locations).preview(self.operation).diff

    def apply(self, locations: Locations) -> str:
        """Write it."""
        preview = Editor(locations).apply(self.operation)
        if not preview.paths:
            return f"{self.title}: nothing to change any more"
        files = " and ".join(printable(tilde(path)) for path in preview.paths)
        return f"{self.title}: written to {files} (xswitch undo takes it back)"


class LineEdit(Edit):
    """An edit of a line by its number."""

    is_of_line = True


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

    def apply(self, locations: Locations) -> str:  # noqa: ARG002
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

    def apply(self, locations: Locations) -> str:  # noqa: ARG002
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
