"""The cached sessions: what is broken, over, left behind, or open to others."""

from __future__ import annotations

import os
import stat

from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.doctor.fixes import Narrow, Remove
from xswitch.sessions.cache import read_session
from xswitch.sessions.keys import credentials_key, login_key, token_key
from xswitch.sessions.session import SessionKind, seconds_left
from xswitch.timestamps import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.doctor.examined import Examined

_WEEK = 7 * 24 * 3600
_DAY = 24 * 3600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_FRESH = 10.0  # seconds; a file that has just changed may be half written


def _corrupt(examined: Examined) -> Iterator[Finding]:
    for folder in examined.caches.values():
        for key in sorted(folder.keys):
            folder.get(key)
    corrupt = [problem for problem in examined.cache_problems if problem.code == "cache-corrupt"]
    by_key = _owners(examined) if corrupt else {}
    for problem in corrupt:
        key = os.path.basename(problem.file)[:-5]
        owners = by_key.get(key, [])
        what, _, _ = problem.message.partition("; xswitch skips it")
        severity, text = Severity.WARNING, f"this cached session {what}"
        if owners and os.path.dirname(problem.file) in _of_aws(examined):
            severity = Severity.ERROR
            text = f"{text}: aws fails with nothing but '{key}' until the file is gone"
        fix = None
        if os.path.isfile(problem.file) and not os.path.islink(problem.file):
            fix = Remove("remove this file; aws makes a new one", [problem.file], _is_still_corrupt)
        for name in owners or [""]:
            yield Finding(text, (problem.file, 0), profile=name, severity=severity, fix=fix)


def _of_aws(examined: Examined) -> tuple[str, ...]:
    """Return the folders that aws itself reads; the others are those of boto3 programs and of xswitch."""
    places = examined.locations
    return places.cli_cache, places.sso_cache, places.login_cache


def _owners(examined: Examined) -> dict[str, list[str]]:
    """Return the names of the profiles whose session stands, or would stand, under each key."""
    found: dict[str, list[str]] = {}
    for profile in examined.profiles:
        login = profile.text("login_session")
        keys = {
            credentials_key(profile),
            token_key(profile.sso_session, profile.text("sso_start_url")),
            login_key(login) if login else None,
        }
        for key in keys - {None}:
            found.setdefault(key or "", []).append(profile.name)
    return found


def _is_still_corrupt(path: str) -> bool:
    """Tell whether a cache file is corrupt and nobody is writing it just now."""
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or abs(utc_now().timestamp() - status.st_mtime) < _FRESH:
            return False
        read_session(path)
    except ValueError:
        return True
    except OSError:
        return False
    return False


def _unusable(examined: Examined) -> Iterator[Finding]:
    for path in examined.caches:
        if not os.path.lexists(path):
            continue
        if not os.path.isdir(path):
            text = (
                "this is no folder, so no session can be kept here: aws fails where it wants to; move it away"
            )
        elif not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            text = (
                "you may not read and write in this folder: aws obtains a session and then fails to keep it"
            )
        else:
            continue
        yield Finding(text, (path, 0))


def _over(examined: Examined) -> Iterator[Finding]:
    # SSO and login tokens may be renewed after their end.
    for path in (examined.locations.cli_cache, examined.locations.boto_cache, examined.locations.mfa_cache):
        folder = examined.caches[path]
        old = [
            session.path
            for key in sorted(folder.keys)
            if (session := folder.get(key)) and seconds_left(session.expires_at, examined.now) < -_WEEK
        ]
        if old:
            what = "1 session" if len(old) == 1 else f"{len(old)} sessions"
            text = f"{what} in here ended more than a week ago"
            title = "remove them" if len(old) > 1 else "remove it"
            yield Finding(text, (path, 0), fix=Remove(title, old, _is_still_over))


def _is_still_over(path: str) -> bool:
    try:
        session = read_session(path)
    except ValueError:
        return False
    if session is None or session.kind in {SessionKind.SSO_TOKEN, SessionKind.LOGIN}:
        return False
    return seconds_left(session.expires_at, utc_now()) < -_WEEK


def _left_over(examined: Examined) -> Iterator[Finding]:
    for path in examined.caches:
        found = [
            entry for entry in _names(path) if entry.endswith(".tmp") and _is_old(os.path.join(path, entry))
        ]
        if found:
            what = "a temporary file" if len(found) == 1 else f"{len(found)} temporary files"
            text = f"{what} in here, left by a program that was killed: there may be credentials in it"
            fix = Remove(
                "remove what is older than a day", [os.path.join(path, name) for name in found], _is_old
            )
            yield Finding(text, (path, 0), fix=fix)


def _is_old(path: str) -> bool:
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_mtime < utc_now().timestamp() - _DAY


def _open(examined: Examined) -> Iterator[Finding]:
    for folder in examined.caches:
        if _mode(folder) & 0o011 == 0:
            continue  # nobody else gets into it
        for name in sorted(_names(folder)):
            path = os.path.join(folder, name)
            mode = _mode(path)
            if name.endswith(".json") and mode & _OTHERS:
                text = f"others may read this cached session, as its mode is {mode:04o}"
                yield Finding(text, (path, 0), fix=Narrow(path, _OTHERS))


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _mode(path: str) -> int:
    """Return the mode of a file or folder, 0 where it cannot be told."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except OSError:
        return 0


CHECKS = (
    Check(
        "XS401",
        Severity.ERROR,
        "corrupt cached session",
        "An empty or cut file in `~/.aws/cli/cache`: aws dies with nothing but `'<sha1>'`. A warning where "
        "no profile uses it.",
        _corrupt,
    ),
    Check(
        "XS402",
        Severity.ERROR,
        "cache folder not usable",
        "Sessions can be obtained and not be kept, which is fatal for aws.",
        _unusable,
    ),
    Check(
        "XS403",
        Severity.NOTE,
        "sessions that ended long ago",
        "More than a week ago: nothing needs these files.",
        _over,
    ),
    Check(
        "XS404",
        Severity.NOTE,
        "temporary files left in a cache",
        "A killed program leaves them, with credentials in them.",
        _left_over,
    ),
    Check(
        "XS405",
        Severity.WARNING,
        "others may read cached sessions",
        "aws keeps a mode that is too wide once it is.",
        _open,
    ),
)
