"""Who may read and write a file: its owner, mode and attributes, which the file in its place takes over."""

from __future__ import annotations

import errno
import os
import stat

# The attributes that say who may read a file. What else there is, is taken over where that can be.
_POSIX_ACL = "system.posix_acl_access"
_ACCESS = frozenset({_POSIX_ACL, "system.nfs4_acl"})
# Checksums of the content, which another content must not have.
_CHECKSUMS = frozenset({"security.ima", "security.evm"})


class RightsError(Exception):
    """The file in place of another cannot have the same rights: why not, and what to do about it."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def attributes_of(descriptor: int) -> dict[str, bytes]:
    """Return the extended attributes, an access list among them; none where the system has no such thing.

    OSError where an access list cannot be read.
    """
    found: dict[str, bytes] = {}
    try:
        names = os.listxattr(descriptor) if hasattr(os, "listxattr") else []
    except OSError as error:
        if error.errno != errno.ENOTSUP:
            raise
        names = []
    for name in names:
        try:
            found[name] = os.getxattr(descriptor, name)
        except OSError:
            if name in _ACCESS:
                raise
    return {name: value for name, value in found.items() if name not in _CHECKSUMS}


def take_over(descriptor: int, old: os.stat_result, attributes: dict[str, bytes]) -> None:
    """Give a new file, mode 0600, the owner, attributes and mode of the old one.

    RightsError where owner or access list cannot be kept. Where the group cannot be, it loses its rights.
    """
    mode = stat.S_IMODE(old.st_mode)
    if not _keep_owner(descriptor, old):
        if _ACCESS & attributes.keys():
            raise _no_access_list()
        mode &= ~(stat.S_IRWXG | stat.S_ISGID)
    _keep_attributes(descriptor, attributes)
    if stat.S_IMODE(os.fstat(descriptor).st_mode) != mode:
        os.fchmod(descriptor, mode)


def _keep_owner(descriptor: int, old: os.stat_result) -> bool:
    """Return whether the group could be kept as well."""
    new = os.fstat(descriptor)
    if new.st_uid != old.st_uid:
        try:
            os.fchown(descriptor, old.st_uid, -1)
        except OSError:
            reason = f"it belongs to another user (id {old.st_uid}), and would be yours afterwards"
            raise RightsError(reason, "change it as that user") from None
    if new.st_gid != old.st_gid:
        try:
            os.fchown(descriptor, -1, old.st_gid)
        except OSError:
            return False
    return True


def _keep_attributes(descriptor: int, attributes: dict[str, bytes]) -> None:
    present = attributes_of(descriptor)
    if _POSIX_ACL in present and _POSIX_ACL not in attributes:
        os.removexattr(descriptor, _POSIX_ACL)  # the folder gave it, and a wider mode would put it in force
    for name, value in attributes.items():
        if present.get(name) != value:
            try:
                os.setxattr(descriptor, name, value)
            except OSError:
                if name in _ACCESS:
                    raise _no_access_list() from None


def _no_access_list() -> RightsError:
    return RightsError(
        "its access list cannot be kept", "see `getfacl`; change it as a user who may set that"
    )
