"""The environment of a program that runs under a profile, and what one says of the profile it is under.

A profile can be given to a child in two ways. In *profile mode* it gets `AWS_PROFILE` and resolves the
credentials itself, so that it can renew them. In *credential mode* it gets the credentials. Both begin by
removing every variable that would win over the profile (botocore's order of providers), and set both
spellings where tools disagree on one.
"""

from __future__ import annotations

from xswitch import locations
from xswitch.sessions.inventory import Sessions
from xswitch.timestamps import format_time, parse_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.session import Credentials

# What other switchers leave for shell prompts. Under another profile it would name the wrong one.
_MARKS_OF_OTHERS = (
    "AWS_VAULT",
    "AWS_SESSION_EXPIRATION",
    "AWSUME_PROFILE",
    "AWSUME_EXPIRATION",
    "AWS_SSO_PROFILE",
)


def profile_environment(
    profile: Profile, environ: Mapping[str, str], region: str | None = None
) -> dict[str, str]:
    """Return `environ` changed for profile mode. `region` is set only where it was asked for."""
    child = _without_competitors(environ)
    child.update(dict.fromkeys(locations.PROFILE_VARIABLES, profile.name))
    return _with_region(child, profile, region)


def credential_environment(
    profile: Profile, credentials: Credentials, environ: Mapping[str, str], region: str | None = None
) -> dict[str, str]:
    """Return `environ` changed for credential mode: keys, their end, and the region where it is known."""
    child = _without_competitors(environ)
    for name in locations.PROFILE_VARIABLES:
        child.pop(name, None)
    child[locations.ACCESS_KEY_ID] = credentials.access_key_id
    child[locations.SECRET_ACCESS_KEY] = credentials.secret_access_key
    if credentials.session_token:
        child[locations.SESSION_TOKEN] = credentials.session_token
    if credentials.expires_at is not None:
        child[locations.CREDENTIAL_EXPIRATION] = format_time(credentials.expires_at)
    return _with_region(child, profile, region or profile.region)


def active_profile(environ: Mapping[str, str]) -> str | None:
    """Return the profile that the calling shell uses, or None.

    Keys in the environment win over AWS_PROFILE; they are a profile's where xswitch has put them there,
    which is without AWS_PROFILE. So is the endpoint that serves a command.
    """
    chosen = next((environ[name] for name in locations.PROFILE_VARIABLES if environ.get(name)), None)
    if has_keys(environ):
        return None if chosen else environ.get(locations.ACTIVE_PROFILE)
    served = environ.get(locations.ACTIVE_PROFILE) if environ.get(locations.CONTAINER_URI) else None
    return chosen or served


def has_keys(environ: Mapping[str, str]) -> bool:
    """Tell whether there are keys in the environment, a profile's or others."""
    return bool(environ.get(locations.ACCESS_KEY_ID))


def session_end(
    name: str, profiles: Profiles, environ: Mapping[str, str], places: Locations, now: datetime
) -> datetime | None:
    """Return when the session of the active profile `name` ends, or None where nothing tells that."""
    if has_keys(environ):
        return parse_time(environ.get(locations.CREDENTIAL_EXPIRATION))
    session = Sessions(places).of(profiles[name], now) if name in profiles else None
    return session.expires_at if session else None


def exports(profile: Profile) -> str:
    """Return a line for a POSIX shell that puts the shell it is pasted into under `profile`."""
    import shlex

    competitors = [*locations.CREDENTIAL_VARIABLES, *locations.WEB_IDENTITY_VARIABLES]
    competitors += locations.REGION_VARIABLES if profile.region else ()
    name = shlex.quote(profile.name)
    assignments = " ".join(f"{variable}={name}" for variable in locations.PROFILE_VARIABLES)
    return f"unset {' '.join(competitors)}; export {assignments}"


def _without_competitors(environ: Mapping[str, str]) -> dict[str, str]:
    competitors = {*locations.CREDENTIAL_VARIABLES, *locations.WEB_IDENTITY_VARIABLES, *_MARKS_OF_OTHERS}
    competitors.add(locations.HOOK)  # of the shell that waits for this process, not of its children
    return {
        name: value
        for name, value in environ.items()
        if name not in competitors and not name.startswith(locations.BEARER_TOKENS)
    }


def _with_region(child: dict[str, str], profile: Profile, region: str | None) -> dict[str, str]:
    if region:
        child.update(dict.fromkeys(locations.REGION_VARIABLES, region))
    else:
        # The variables would win over the profile's region. Without one, they are all there is; an empty
        # one would count as set.
        outer = locations.region_in(child)
        for name in locations.REGION_VARIABLES:
            child.pop(name, None)
        if outer and not profile.region:
            child.update(dict.fromkeys(locations.REGION_VARIABLES, outer))
    child[locations.ACTIVE_PROFILE] = profile.name
    return child
