"""`run --serve`: a command with credentials that are renewed for as long as it runs."""

from __future__ import annotations

import gc
from contextlib import closing, suppress

from xswitch import locations as variables
from xswitch.errors import XswitchError
from xswitch.launch.endpoint import Endpoint, Renewal
from xswitch.launch.environment import profile_environment
from xswitch.launch.foreground import Foreground, end_as
from xswitch.launch.isolated import isolated_files
from xswitch.launch.prepare import Launcher
from xswitch.launch.usage import Use, note_use
from xswitch.locations import Locations
from xswitch.profiles.arn import role_of_session
from xswitch.profiles.collection import find_profile, profiles_for, read_profiles
from xswitch.profiles.profile import Kind
from xswitch.sessions.interaction import Interaction
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xswitch.profiles.collection import Profiles
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.session import Credentials

# Further ways to credentials than those that every child's environment is cleared of.
_COMPETITORS = (*variables.PROFILE_VARIABLES, *variables.CONTAINER_VARIABLES, "AWS_CREDENTIAL_FILE")


def serve(  # noqa: PLR0913 - three of them have names
    launcher: Launcher,
    name: str,
    argv: Sequence[str],
    environ: Mapping[str, str],
    say: Callable[[str], None],
    *,
    begin: Callable[[], None] | None = None,
    region: str | None = None,
    min_seconds: float | None = None,
) -> int:
    """Run `argv` under the profile `name` and serve it credentials; return its exit status, or end as it did.

    The first session is obtained by `launcher`, which may ask the user; `begin` is called when nothing stands
    before the command any more. Afterwards nobody is asked, as the terminal is the command's: where a session
    then needs a person, `say` tells so once, and the command goes on until another `xswitch login` has got
    it. XswitchError as `Launcher.credentials` and `replace_process`.
    """
    places = Locations(environ)
    profiles = read_profiles(places)  # whole: an excerpt has no services
    profile = find_profile(profiles, name)
    identity = _identity(profile)
    first = launcher.credentials(name, use=Use.RUN, region=region, min_seconds=min_seconds)
    if not first.session_token:
        raise XswitchError(
            f"{printable(name)} has long-lived keys: nothing expires, so nothing needs to be served",
            "leave --serve away",
        )
    owner = _Owner(first, profiles, name, region) if profile.kind == Kind.STATIC else None

    def obtain() -> Credentials:
        # The files anew: a command may run for days.
        profiles_now = profiles_for(places, name)
        if name in profiles_now and _identity(profiles_now[name]) != identity:
            raise _another(name)
        renewing = Launcher(profiles_now, places, environ, Interaction(), launcher.confirmed)
        found = renewing.credentials(name, use=Use.RUN, region=region)
        if owner is not None and not owner.has(found):
            raise _another(name)
        return found

    def tell(error: XswitchError) -> None:
        why = f"{error.message} ({error.hint})" if error.hint else error.message
        with suppress(OSError, ValueError):  # stderr may be gone; the command gets its answer all the same
            say(f"the session of {printable(name)} could not be renewed, and its command goes on: {why}")

    note_use(places.state, name)
    if begin is not None:
        begin()
    gc.enable()  # what renewing leaves would pile up
    with (
        Foreground() as foreground,
        isolated_files(profile, profiles.files, environ) as files,
        closing(Endpoint(Renewal(first, obtain, tell).credentials)) as endpoint,
    ):
        child = served_environment(profile, environ, region) | files
        child["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint.url
        child["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = endpoint.token
        status = foreground.run(argv, child, endpoint.start)
    return end_as(status)


def _identity(profile: Profile) -> tuple[str | None, ...]:
    """Return what says under which role or account a session of the profile is."""
    sso = (profile.sso_text(key) for key in ("sso_account_id", "sso_role_name"))
    programs = (profile.text(key) for key in ("credential_process", "login_session"))
    return (profile.kind, profile.role_arn, *sso, *programs)


class _Owner:
    """Whose the keys of a profile are. No file says so of keys that other tools renew: AWS is asked."""

    def __init__(self, first: Credentials, profiles: Profiles, name: str, region: str | None) -> None:
        self._profiles = profiles
        self._name = name
        self._region = region
        self._keys = {first.access_key_id}
        try:
            self._owner = self._ask(first)
        except XswitchError:
            self._owner = ""  # that of no other keys

    def has(self, credentials: Credentials) -> bool:
        """Tell whether credentials are those of the same role or user. XswitchError as `identity_of`."""
        if credentials.access_key_id not in self._keys:
            if self._ask(credentials) != self._owner:
                return False
            self._keys.add(credentials.access_key_id)
        return True

    def _ask(self, credentials: Credentials) -> str:
        from xswitch.sessions.identity import identity_of

        arn = identity_of(credentials, self._profiles, self._name, self._region).arn
        return role_of_session(arn) or arn


def _another(name: str) -> XswitchError:
    return XswitchError(
        f"the files say now that {printable(name)} is another role or account",
        "the command goes on under the one it was started with, until its session ends",
    )


def served_environment(
    profile: Profile, environ: Mapping[str, str], region: str | None = None
) -> dict[str, str]:
    """Return `environ` without anything that would win over the endpoint, and with the region if known."""
    child = profile_environment(profile, environ, region or profile.region)
    for name in _COMPETITORS:
        child.pop(name, None)
    return child
