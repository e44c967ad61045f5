"""From a profile to the environment of its child: which mode, and which credentials."""

from __future__ import annotations

import os

from xswitch.awsfiles.files import read_files
from xswitch.errors import SignedOut, XswitchError
from xswitch.launch.admission import Admission
from xswitch.launch.environment import (
    active_profile,
    credential_environment,
    has_keys,
    profile_environment,
)
from xswitch.launch.usage import Use, note_use
from xswitch.profiles.collection import find_profile
from xswitch.profiles.problems import decisive
from xswitch.profiles.profile import Kind
from xswitch.sessions.inventory import Sessions
from xswitch.sessions.session import EXPIRING_SECONDS, seconds_left
from xswitch.text import printable
from xswitch.timestamps import format_time, utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.interaction import Interaction
    from xswitch.sessions.session import Credentials, Session


class Launcher(Admission):
    """Prepares environments for children, with sessions obtained as far as needed.

    `profiles` are the ones it knows; `interaction` is who is asked for MFA codes and told what is worth
    saying. Guarded profiles are refused or asked for before anything is obtained; `confirmed` has the tokens
    of questions whose name was typed for this already.
    """

    def __init__(
        self,
        profiles: Profiles,
        locations: Locations,
        environ: Mapping[str, str],
        interaction: Interaction,
        confirmed: Collection[str] = (),
    ) -> None:
        super().__init__(profiles, locations, interaction, confirmed)
        self._environ = environ

    def environment(
        self,
        name: str,
        *,
        use: str = Use.RUN,
        keys: bool = False,
        region: str | None = None,
        min_seconds: float | None = None,
    ) -> dict[str, str]:
        """Return the environment for a child under the profile `name`, its session obtained.

        `use` is what for, which the guard of the profile allows, asks about or refuses.
        `keys` asks for credential mode. It is used anyway where the child could not resolve the profile
        alone: a hop of its chain needs an MFA code, or the root is the environment of this process.
        The session is renewed where it has less than `min_seconds` left. XswitchError where the profile is
        unknown or broken, or its session cannot be had; `GuardRefused` where its guard does not let it be
        used.
        """
        profile = find_profile(self.profiles, name)
        self._refuse_broken(profile)
        self._admit(profile, use)
        self._warn_of_keys(profile)
        if keys or self._needs_keys(profile):
            credentials = self._credentials(profile, region, min_seconds)
            self._check_account(profile, use, region, credentials)
            if use != Use.EACH:  # whose environments are made more than once
                self.note(name)
            return credential_environment(profile, credentials, self._environ, region)
        obtained = self._credentials(profile, region, min_seconds) if self._is_obtained(profile) else None
        self._check_account(profile, use, region, obtained)
        if use != Use.EACH:
            self.note(name)
        return profile_environment(profile, self._environ, region)

    def credentials(
        self,
        name: str,
        *,
        use: str | None = None,
        region: str | None = None,
        min_seconds: float | None = None,
    ) -> Credentials:
        """Return the credentials of the profile `name`; as `environment` otherwise.

        Without `use` no guard is asked: they do not leave this process, and nothing is done with them.
        """
        profile = find_profile(self.profiles, name)
        self._refuse_broken(profile)
        if use is not None:
            self._admit(profile, use)
        credentials = self._credentials(profile, region, min_seconds)
        if use is not None:
            self._check_account(profile, use, region, credentials)
        return credentials

    def note(self, name: str) -> None:
        """Note that a profile is being used, for an order by that."""
        note_use(self._locations.state, name)

    def unattended(self, interaction: Interaction) -> Launcher:
        """Return the same with another interaction, which need not be asked again for a name that was typed.

        For threads beside the one that may talk to the user.
        """
        return Launcher(self.profiles, self._locations, self._environ, interaction, self.confirmed)

    def is_ready(self, name: str) -> bool:
        """Tell whether `environment` needs neither a call nor a question.

        XswitchError where the profile is unknown or broken, told from the files alone.
        """
        profile = find_profile(self.profiles, name)
        self._refuse_broken(profile)
        return not self._is_obtained(profile) or self._cached(profile, None) is not None

    def login_command(self, name: str) -> list[str] | None:
        """Return the command that signs in to a profile of `aws login`, None for all others.

        botocore has no public way to start such a session.
        """
        find_profile(self.profiles, name)
        if self.profiles.root_kind(name) != Kind.LOGIN:
            return None
        return ["aws", "login", "--profile", self.profiles.root(name).name]

    def sign_in(self, name: str, *, force: bool = False) -> datetime | None:
        """Get or renew the session of the profile `name`; return when it ends, None where nothing does.

        SSO is signed in where its token is over or cannot be renewed, and the long-lived keys of a profile
        with `mfa_serial` get their MFA session; with `force` both even where that is not needed yet.
        """
        profile = find_profile(self.profiles, name)
        self._refuse_broken(profile)
        self._refuse_broken_files()
        ends = None
        sso = self._signs_in_by_sso(profile)
        if sso is not None:
            ends = self._sign_in_to_sso(sso, force=force)
        if profile.kind == Kind.STATIC:
            from xswitch.sessions.obtain import obtain_mfa_session

            ends = obtain_mfa_session(self.profiles, name, self._locations, self._interaction, force=force)
            if ends is not None:
                self._interaction.say(f"the roles that are assumed from {printable(name)} need no code now")
            return ends
        if profile.kind == Kind.NONE:
            if sso is None:
                raise XswitchError(
                    f"the profile {printable(name)} has no credentials",
                    f"see: xswitch show {printable(name)}",
                )
            return ends
        try:
            return self._obtain(profile, None, None, renew=True, force=force).expires_at
        except SignedOut:
            if sso is None or force:
                raise
        # The token is good as its file says, and SSO knows it no longer.
        self._sign_in_to_sso(sso, force=True)
        return self._obtain(profile, None, None, renew=True).expires_at

    def _sign_in_to_sso(self, profile: Profile, *, force: bool) -> datetime:
        from xswitch.sessions.sso import sign_in_sso

        return sign_in_sso(profile, self._locations, self._interaction, force=force)

    def subshell(
        self, name: str, *, keys: bool = False, region: str | None = None, min_seconds: float | None = None
    ) -> tuple[list[str], dict[str, str]]:
        """Return the command line and environment of a subshell; as `environment` otherwise."""
        from xswitch.launch.shell import subshell

        environ = self.environment(name, use=Use.SHELL, keys=keys, region=region, min_seconds=min_seconds)
        return subshell(find_profile(self.profiles, name), environ)

    def shell_command(self, name: str, command: str) -> tuple[list[str], dict[str, str]]:
        """Return the command line and environment in which the user's shell runs `command`."""
        from xswitch.launch.shell import shell_command

        return shell_command(find_profile(self.profiles, name), self.environment(name), command)

    def _refuse_broken(self, profile: Profile) -> None:
        """Refuse what botocore refuses, and what it would pass over on its way to other credentials."""
        found = self.profiles.chain_break(profile.name)
        problem = found.problem if found else decisive(self.profiles.problems(profile.name))
        if problem is not None:
            at = printable(found.at if found and not found.cycle else profile.name)
            raise XswitchError(
                f"{at}: {problem.message} ({problem.place})", f"see: xswitch show {printable(profile.name)}"
            )

    def _refuse_keys_of_another(self, profile: Profile) -> None:
        """Refuse to take a session that xswitch has put into this environment for the user's own keys."""
        hops = self.profiles.hops(profile.name)
        active = active_profile(self._environ) if has_keys(self._environ) else None
        if hops and active is not None and hops[-1].text("credential_source") == "Environment":
            raise XswitchError(
                f"{printable(profile.name)} takes its keys from the environment, "
                f"and those in it are a session of {printable(active)}",
                "first go back to what was there before: xs --none",
            )

    def _warn_of_keys(self, profile: Profile) -> None:
        """Say where the command is likely to fail or to find other credentials than the profile's."""
        name = printable(profile.name)
        if profile.kind == Kind.NONE:
            self._interaction.say(
                f"{name} has no credentials: aws will ask this machine's own, if it has any"
            )
        elif profile.kind == Kind.STATIC:
            now = utc_now()
            noted = Sessions(self._locations).of(profile, now)
            if noted is not None and noted.expires_at <= now:
                self._interaction.say(
                    f"the keys of {name} ended {format_time(noted.expires_at)}, as their file says"
                )

    def _needs_keys(self, profile: Profile) -> bool:
        hops = self.profiles.hops(profile.name)
        if not hops:
            return False
        root = self.profiles.root(profile.name)
        # The source's own mfa_serial counts for us; botocore does not look at it and would ask for no code.
        # Keys with a session token cannot give one.
        temporary = {"aws_session_token", "aws_security_token"} & set(root.key_values)
        asked = [*hops] if temporary else [*hops, root]
        return any(member.text("mfa_serial") is not None for member in asked) or (
            hops[-1].text("credential_source") == "Environment"
        )

    def _is_obtained(self, profile: Profile) -> bool:
        """Tell whether the session is obtained before a child needs it; the rest it does itself.

        A session of `aws login` is renewed by the AWS CLI; botocore can only with a package more.
        """
        return profile.kind in {Kind.ROLE, Kind.SSO} and self.profiles.root_kind(profile.name) != Kind.LOGIN

    def _signs_in_by_sso(self, profile: Profile) -> Profile | None:
        """Return the profile whose SSO session has to be signed in for `profile`, or None."""
        root = self.profiles.root(profile.name)
        kind = self.profiles.root_kind(profile.name)
        # A profile with an SSO session and nothing else has no credentials, but a token.
        return root if kind == Kind.SSO or (kind == Kind.NONE and root.sso_session) else None

    def _credentials(self, profile: Profile, region: str | None, min_seconds: float | None) -> Credentials:
        """Return the static or cached credentials, or obtain new ones through botocore."""
        if profile.kind == Kind.STATIC:
            from xswitch.sessions.static import static_credentials

            return static_credentials(profile)
        cached = self._cached(profile, min_seconds)
        if cached is not None and cached.credentials is not None:
            self._share(cached)
            return cached.credentials
        self._refuse_broken_files()
        return self._obtain(profile, region, min_seconds)

    def _obtain(
        self,
        profile: Profile,
        region: str | None,
        min_seconds: float | None,
        *,
        renew: bool = False,
        force: bool = False,
    ) -> Credentials:
        self._refuse_keys_of_another(profile)
        from xswitch.sessions.obtain import Wish, obtain

        seconds = max(min_seconds or 0, EXPIRING_SECONDS)
        wish = Wish(region, seconds, renew=renew, force=force)
        return obtain(self.profiles, profile.name, self._locations, self._interaction, wish)

    def _cached(self, profile: Profile, min_seconds: float | None) -> Session | None:
        """Return the cached session, where it has enough left."""
        cached = Sessions(self._locations).credentials_of(profile)
        # botocore's own limit: with less left than this, the AWS CLI renews too.
        least = max(min_seconds or 0, EXPIRING_SECONDS)
        if cached is None or seconds_left(cached.expires_at, utc_now()) < least:
            return None
        return cached

    def _share(self, session: Session) -> None:
        """See to it that `aws` finds the session too, where it stands in botocore's own cache only."""
        if os.path.dirname(session.path) == self._locations.cli_cache:
            return
        from xswitch.sessions.cache import adopt

        try:
            adopt(session, self._locations.cli_cache)
        except OSError as error:
            self._interaction.say(f"the session could not be given to the AWS CLI too: {error.strerror}")

    def _refuse_broken_files(self) -> None:
        # Read again, and whole: what was read may be an excerpt.
        for problem in read_files(self._locations.config, self._locations.credentials).problems():
            if problem.fatal:
                raise XswitchError(
                    f"{problem.place}: {problem.message}",
                    "aws and botocore refuse the whole file until this is mended",
                )
