"""Writing one of the two files whole or not at all, and only over the version that was read."""

from __future__ import annotations

import errno
import os
import stat
import time
from contextlib import suppress

from xswitch.awsfiles.rights import RightsError, attributes_of, take_over
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.regular import open_regular, private_folder
from xswitch.text import printable

# A temporary file is `.NAME.xswitch-` and 16 hexadecimal digits. One that a killed process left is older
# than this (seconds); a younger one may be of a process that is at work.
_MARK = ".xswitch-"
_STALE = 3600.0

_NO_FILE = {
    errno.EISDIR: ("is a folder", "move the folder away; nothing was changed"),
    errno.EINVAL: ("is not a regular file", "move it away; nothing was changed"),
    errno.ENXIO: ("is not a regular file", "move it away; nothing was changed"),
    errno.ELOOP: ("is a link that leads back to itself", "remove the link, or point it at a file"),
    errno.ENOTDIR: ("lies under something that is no folder", "correct its path; nothing was changed"),
}
_NO_RIGHT = ("you may not write in its folder", "see `ls -ld` and `lsattr -d` for why")
_MOUNTED = (
    "it is mounted by itself, and cannot be replaced",
    "change it where it is mounted from, or mount its folder instead",
)
_NOT_WRITTEN = {
    errno.EACCES: _NO_RIGHT,
    errno.EPERM: _NO_RIGHT,
    errno.EROFS: ("its file system is read-only", "change it where it can be written"),
    errno.ENOSPC: ("the disk is full", "make room, then try again"),
    errno.EDQUOT: ("your share of the disk is used up", "make room, then try again"),
    errno.EFBIG: ("it would be larger than files may be here", "see `ulimit -f`"),
    errno.EIO: ("the disk does not work as it should", "look after the disk first"),
    errno.EBUSY: _MOUNTED,
}


class ConflictError(Exception):
    """Somebody else has changed the file since it was read; what they wrote stands."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{_shown(path)} has been changed by somebody else meanwhile")


class Version:
    """A file as it was read at one moment: bytes, status and attributes from one descriptor.

    `path` is the file as the user names it, `target` what a link points at in the end, `status` None and
    `data` empty where there is no such file.
    """

    __slots__ = ("attributes", "data", "path", "status", "target")

    def __init__(self, path: str, target: str) -> None:
        self.path = path
        self.target = target
        self.data = b""
        self.status: os.stat_result | None = None
        self.attributes: dict[str, bytes] = {}

    @property
    def exists(self) -> bool:
        """Whether there was such a file."""
        return self.status is not None

    def differs_from(self, other: Version) -> bool:
        """Whether anything that a write keeps or replaces is another: the content, or who may read it."""
        return self._identity() != other._identity()

    def _identity(self) -> tuple[object, ...]:
        status = self.status
        rights = status and (status.st_mode, status.st_uid, status.st_gid, status.st_nlink)
        return self.target, self.data, rights, self.attributes


def read_version(path: str) -> Version:
    """Read a file. One that does not exist is empty, as is /dev/null or "": people say so that there is none.

    XswitchError where it cannot be read or is no regular file.
    """
    version = Version(path, path)
    try:
        version.target = os.path.realpath(path) if path else os.devnull
        if version.target == os.devnull:
            return version
        file, version.status = open_regular(version.target)
        with file:
            version.data = file.read()
            version.attributes = attributes_of(file.fileno())
    except FileNotFoundError:
        return Version(path, version.target)
    except (OSError, ValueError) as error:
        reason = f"cannot be read ({getattr(error, 'strerror', None) or 'no file can have this name'})"
        found = _NO_FILE.get(getattr(error, "errno", None) or 0)
        what, hint = found or (reason, "see that you may read it; nothing was changed")
        raise XswitchError(f"{_shown(path)} {what}", hint) from None
    return version


def prepare(version: Version, data: bytes) -> Pending:
    """Write `data` into a temporary file beside the one of `version`, with its mode, owner and attributes.

    XswitchError where the file cannot or should not be replaced; no temporary file is left then.
    """
    _refuse(version)
    pending = Pending(version)
    try:
        pending.write(data)
    except OSError as error:
        raise _unwritten(version, error) from None
    return pending


class Pending:
    """A new content for a file, on the disk already, which `commit` puts in the file's place."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self._folder, name = os.path.split(version.target)
        self._temporary = os.path.join(self._folder, f".{name}{_MARK}{os.urandom(8).hex()}")

    def write(self, data: bytes) -> None:
        """Write the temporary file and wait until the disk has it. OSError or XswitchError."""
        self._make_folder()
        _clear(self._folder)
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(self._temporary, flags, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                self._give_rights(file.fileno())
                os.fsync(file.fileno())
        except BaseException:
            self.discard()
            raise

    def _make_folder(self) -> None:
        with suppress(FileExistsError):  # a link that leads nowhere
            private_folder(os.path.dirname(self.version.path))
        if not os.path.isdir(self._folder):
            what = "a link leads into a folder that does not exist"
            raise _refusal(self.version, what, "create the folder, or correct the link")

    def _give_rights(self, descriptor: int) -> None:
        if self.version.status is None:
            os.fchmod(descriptor, 0o600)
            return
        try:
            take_over(descriptor, self.version.status, self.version.attributes)
        except RightsError as error:
            raise _refusal(self.version, error.reason, error.hint) from None

    def check(self) -> None:
        """ConflictError where the file is not as it was read, XswitchError where it is none any more."""
        _check(self.version)

    def commit(self) -> None:
        """Put the new content in the file's place: afterwards there is the old or the new one, at any moment.

        ConflictError or XswitchError as with `check`, and XswitchError where it cannot be replaced; the
        file is as it was then, and the temporary one is removed.
        """
        try:
            self.check()
            # Who writes without a lock could still come in between: nothing replaces a file on conditions.
            os.replace(self._temporary, self.version.target)
        except OSError as error:
            raise _unwritten(self.version, error) from None
        finally:
            self.discard()
        _sync(self._folder)

    def discard(self) -> None:
        """Remove the temporary file, if there is one yet or still."""
        with suppress(OSError):
            os.unlink(self._temporary)


def check_removal(version: Version) -> None:
    """ConflictError or XswitchError where `remove` would not do it."""
    _refuse(version)
    _check(version)


def remove(version: Version) -> None:
    """Remove the file, unless it has changed since it was read; a link to it stays.

    ConflictError or XswitchError as with `Pending`.
    """
    check_removal(version)
    if version.exists:
        try:
            os.unlink(version.target)
        except OSError as error:
            raise _unwritten(version, error) from None
        _sync(os.path.dirname(version.target))


def _check(version: Version) -> None:
    if read_version(version.path).differs_from(version):
        raise ConflictError(version.path)


def _refuse(version: Version) -> None:
    """Refuse to replace a file that could be replaced, but to some harm, and one that cannot be."""
    status = version.status
    if version.target == os.devnull:
        hint = "let AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE name a file, or unset it"
        raise _refusal(version, "it stands for no file at all", hint)
    if status is None:
        return
    if not status.st_mode & stat.S_IWUSR:
        raise _refusal(version, "it is read-only", "`chmod u+w` it if it may be changed")
    if status.st_nlink > 1:
        what = f"it has {status.st_nlink} hard links, which replacing it would part"
        raise _refusal(version, what, "put a copy (`cp`, then `mv`) or a symbolic link in its place first")
    if _is_mounted(version.target):
        raise _refusal(version, *_MOUNTED)
    try:
        os.close(os.open(version.target, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC))
    except PermissionError:
        raise _refusal(version, "you may not write to it", "see `ls -l` and `lsattr` for why") from None
    except OSError:
        return  # the file or its file system has changed: what follows says how


def _is_mounted(path: str) -> bool:
    """Whether a file is mounted by itself, as containers do it; only Linux says so."""
    escaped = b"".join(b"\\%03o" % byte if byte in b" \t\n\\" else b"%c" % byte for byte in os.fsencode(path))
    with suppress(OSError), open("/proc/self/mountinfo", "rb") as mounts:
        return any(mount.split(b" ", 5)[4] == escaped for mount in mounts)
    return False


def _clear(folder: str) -> None:
    """Remove the temporary files that killed processes left; they may hold secrets."""
    with suppress(OSError):
        for name in os.listdir(folder):
            if name[0] == "." and name[-25:-16] == _MARK and not name[-16:].strip("0123456789abcdef"):
                _remove_stale(os.path.join(folder, name))


def _remove_stale(path: str) -> None:
    with suppress(OSError):
        if os.lstat(path).st_mtime < time.time() - _STALE:
            os.unlink(path)


def _sync(folder: str) -> None:
    """Wait until the disk has a folder's names. Where it cannot say, the change stands all the same."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unwritten(version: Version, error: OSError) -> XswitchError:
    otherwise = (printable(error.strerror or "it cannot be written"), "correct that, then try again")
    return _refusal(version, *_NOT_WRITTEN.get(error.errno or 0, otherwise))


def _refusal(version: Version, what: str, hint: str) -> XswitchError:
    return XswitchError(f"{_shown(version.path)} was not changed: {what}", hint)


def _shown(path: str) -> str:
    return printable(tilde(path)) or "the file of an empty name"
