"""How long AWS lets the session of a role last.

The rules are those of the STS API reference, AssumeRole, `DurationSeconds`: 15 minutes to 12 hours, and one
hour for a role that is assumed by the session of another role.
"""

from __future__ import annotations

from xswitch.awsfiles.settings import Problem
from xswitch.profiles.profile import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.profiles.collection import Profiles
    from xswitch.profiles.profile import Profile

HOUR = 3600
_LEAST = 900
_MOST = 12 * HOUR
_UNITS = {"h": HOUR, "m": 60, "s": 1}
# Roots whose credentials are the session of a role.
_ROLE_SESSIONS = {Kind.SSO: "an SSO role", Kind.WEB_IDENTITY: "a web identity's role"}


def seconds_of(text: str) -> int | None:
    """Return `1h`, `30m`, `1h30m`, `900s` or `900` in seconds, None where it is no time."""
    total, number = 0, ""
    for char in text if text[-1:] in _UNITS else f"{text}s":
        if char.isdecimal() and char.isascii():
            number += char
        elif char in _UNITS and 0 < len(number) < 8:
            total, number = total + int(number) * _UNITS[char], ""
        else:
            return None
    return total


def duration_problem(profiles: Profiles, name: str) -> Problem | None:
    """Return why AWS will not grant the duration that a role profile asks for, or None."""
    profile = profiles[name]
    seconds = profile.duration_seconds if profile.assumes_role else None
    if seconds is None:
        return None
    if seconds < _LEAST:
        return _problem(profile, f"duration_seconds is {seconds}, and AWS gives no session under {_LEAST}")
    if seconds > _MOST:
        return _problem(profile, f"duration_seconds is {seconds}, and AWS gives at most {_MOST} (12 hours)")
    if seconds > HOUR and (chained := _chained_to(profiles, profile)):
        text = (
            f"duration_seconds is {seconds}, but {chained}: a role that is assumed from a role "
            f"(role chaining) lasts at most {HOUR} seconds; lower it, or remove it"
        )
        return _problem(profile, text)
    return None


def _chained_to(profiles: Profiles, profile: Profile) -> str:
    """Return in words what makes the profile's role a chained one, or ""."""
    if "credential_source" in profile.values:
        source = profile.text("credential_source")
        return "" if source == "Environment" else f"its credential_source {source} is the session of a role"
    name = profile.text("source_profile")
    if name is None or name not in profiles:
        return ""
    source_profile = profiles[name]
    if source_profile.assumes_role and not source_profile.has_static_keys:
        return f"its source “{name}” is a role"
    kind = _ROLE_SESSIONS.get(source_profile.kind_as_source)
    return f"its source “{name}” is {kind}" if kind else ""


def _problem(profile: Profile, text: str) -> Problem:
    file, line = profile.place_of("duration_seconds")
    return Problem("duration-refused", text, file, line)
