"""Obtaining a session through botocore, with the AWS CLI's cache and our own questions to the user.

This, `assume`, `mfa`, `sso`, `clients` and `refusals` load botocore; whoever needs them imports them when a
call is really to be made.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import botocore.credentials
import botocore.exceptions

from xswitch.errors import XswitchError
from xswitch.locations import region_in
from xswitch.profiles.arn import DEFAULT_REGIONS, partition_of
from xswitch.profiles.durations import duration_problem
from xswitch.profiles.profile import Kind
from xswitch.sessions import circle
from xswitch.sessions.assume import Assuming
from xswitch.sessions.clicache import CliCache, Slot, credentials_in
from xswitch.sessions.clients import botocore_session
from xswitch.sessions.keys import assume_role_key, credentials_key
from xswitch.sessions.lock import locked
from xswitch.sessions.mfa import device_of, mfa_session
from xswitch.sessions.refusals import explain, is_source_refused
from xswitch.sessions.session import EXPIRING_SECONDS, Credentials, seconds_left
from xswitch.sessions.sso import renew_token
from xswitch.text import printable
from xswitch.timestamps import utc_now

if TYPE_CHECKING:
    from datetime import datetime

    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.interaction import Interaction


class Wish:
    """How a session is wanted.

    `region` is the one of the command, for the calls too; `min_seconds` must be left of it; with `renew`
    what is cached for the profile itself does not count, and with `force` nothing that is cached at all.
    """

    __slots__ = ("force", "min_seconds", "region", "renew")

    def __init__(
        self,
        region: str | None = None,
        min_seconds: float = EXPIRING_SECONDS,
        *,
        renew: bool = False,
        force: bool = False,
    ) -> None:
        self.region = region
        self.min_seconds = min_seconds
        self.renew = renew
        self.force = force


def obtain(
    profiles: Profiles, name: str, locations: Locations, interaction: Interaction, wish: Wish
) -> Credentials:
    """Return the credentials of the profile `name`, from the cache or newly obtained.

    Makes every call that its kind needs (AssumeRole for each hop of its chain whose session is not cached,
    GetRoleCredentials, …) and stores temporary credentials where the AWS CLI looks for them. Of several
    processes that want the same session at once, one makes the calls. XswitchError where AWS, a provider,
    the user or the files refuse.
    """
    circle.refuse_circle(profiles, name, locations)
    profile = profiles[name]
    obtaining = None
    try:
        obtaining = _Obtaining(profiles, profile, locations, interaction, wish)
        credentials = obtaining.of_role() if profile.assumes_role else obtaining.of_providers()
    except Exception as error:
        # Not only botocore's own: it lets through what programs, token files and odd settings raise.
        raise explain(error, profiles, obtaining.at if obtaining else name) from error
    _check_time(credentials, profile, wish)
    return credentials


def obtain_mfa_session(
    profiles: Profiles, name: str, locations: Locations, interaction: Interaction, *, force: bool
) -> datetime | None:
    """Sign the long-lived keys of `name` in with their own `mfa_serial`; None where they have none.

    Returns when the session ends.
    """
    profile = profiles[name]
    device = device_of(profile)
    if device is None:
        return None
    circle.refuse_circle(profiles, name, locations)
    try:
        obtaining = _Obtaining(profiles, profile, locations, interaction, Wish())
        source = obtaining.of_source(name)
        found = mfa_session(obtaining.session, source, device, locations, interaction, force=force)
    except Exception as error:
        raise explain(error, profiles, name) from error
    return found.expires_at


class _Obtaining:
    def __init__(
        self,
        profiles: Profiles,
        profile: Profile,
        locations: Locations,
        interaction: Interaction,
        wish: Wish,
    ) -> None:
        self._profiles = profiles
        self._profile = profile
        self._locations = locations
        self._interaction = interaction
        self._wish = wish
        self.at = profile.name  # the profile whose call is made
        self._failures: set[str] = set()
        self._region = wish.region or profile.region or region_in(os.environ) or _default(profile)
        self.session = botocore_session(profile.name, self._region)
        # A profile can be tried before it is written: botocore is to see it as it would be.
        self.session.full_config["profiles"][profile.name] = dict(profile.values)

    def of_providers(self) -> Credentials:
        """Return the credentials of a profile that assumes no role, by botocore's own order of providers."""
        wish = self._wish
        cache = CliCache(self._locations.cli_cache, min_seconds=wish.min_seconds, renew=wish.renew)
        resolver = botocore.credentials.create_credential_resolver(
            self.session, cache=cache, region_name=self._region
        )
        return self._load(self._profile, resolver, cache)

    def of_role(self) -> Credentials:
        """Return the session of a role profile; where AWS refuses a cached one on the way to it, anew."""
        hops = self._profiles.hops(self._profile.name)
        source, missing = (None, len(hops)) if self._wish.force else self._nearest(hops)
        if missing == 0 and source is not None:
            return source
        self._refuse_durations(hops[:missing])
        try:
            return self._walk(hops[:missing], source)
        except botocore.exceptions.ClientError as error:
            if source is None or not is_source_refused(error):
                raise
        self._refuse_durations(hops)
        return self._walk(hops, None, anew=True)

    def of_source(self, name: str) -> Credentials:
        """Return what the profile `name` has to assume a role with, if need be obtained."""
        cache = CliCache(self._locations.cli_cache)
        builder = botocore.credentials.ProfileProviderBuilder(
            self.session, cache=cache, region_name=self._region
        )
        providers = builder.providers(profile_name=name, disable_env_vars=True)
        resolver = botocore.credentials.CredentialResolver(providers)
        return self._load(self._profiles[name], resolver, cache)

    def _load(self, profile: Profile, resolver: Any, cache: CliCache) -> Credentials:
        """Have `resolver` give the credentials of `profile`; what is kept on disk is fetched once."""
        if profile.kind_as_source == Kind.PROCESS:
            with circle.obtaining(self._profile.name, self._locations):
                return _frozen(resolver.load_credentials(), profile.name)
        if profile.kind_as_source == Kind.SSO:
            renew_token(profile, self._locations, self._interaction)
        key = None if profile.assumes_role else credentials_key(profile)
        if key is None:
            return _frozen(resolver.load_credentials(), profile.name)
        with self._locked(key):
            credentials = _frozen(resolver.load_credentials(), profile.name)
        self._tell(cache)
        return credentials

    def _nearest(self, hops: list[Profile]) -> tuple[Credentials | None, int]:
        """Return the first session along the chain that is cached, and how many hops come before it."""
        for position, hop in enumerate(hops):
            found = credentials_in(self._cache(hop), assume_role_key(hop) or "")
            if found is not None:
                return found, position
        return None, len(hops)

    def _walk(self, hops: list[Profile], source: Credentials | None, *, anew: bool = False) -> Credentials:
        """Assume the roles of `hops`, the last one first, from `source` or else from the chain's root.

        Each under its own lock, one after the other: no process ever waits for two locks of roles, so
        chains that cross do not block each other.
        """
        assuming = Assuming(self.session, self._locations, self._interaction, force=self._wish.force)
        for hop in reversed(hops):
            self.at = hop.name
            key = assume_role_key(hop) or ""
            with self._locked(key):
                cache = self._cache(hop, anew=anew)
                found = credentials_in(cache, key)
                if found is None:
                    slot = Slot(cache, key)
                    found = assuming.next(hop, source, slot) if source else self._first(assuming, hop, slot)
                source = found
            self._tell(cache)
        if source is None:
            raise RuntimeError("a role profile without a role")
        return source

    def _first(self, assuming: Assuming, hop: Profile, slot: Slot) -> Credentials:
        """Assume the role at the root of the chain."""
        if "credential_source" in hop.values:
            return assuming.first(hop, None, self._of_environment(hop), slot)
        root = self._profiles[hop.text("source_profile") or ""]  # what is not there was refused before
        return assuming.first(hop, root, self.of_source(root.name), slot)

    def _of_environment(self, hop: Profile) -> Credentials:
        resolver = botocore.credentials.create_credential_resolver(self.session)
        sourcer = botocore.credentials.CanonicalNameCredentialSourcer(
            [
                botocore.credentials.EnvProvider(),
                botocore.credentials.ContainerProvider(),
                resolver.get_provider("iam-role"),
            ]
        )
        source = hop.text("credential_source") or ""
        credentials = sourcer.source_credentials(source)
        if credentials is None:
            raise XswitchError(
                f"{printable(hop.name)}: its credential_source, {printable(source)}, has no credentials here"
            )
        return _frozen(credentials, hop.name)

    def _refuse_durations(self, hops: list[Profile]) -> None:
        for hop in hops:
            problem = duration_problem(self._profiles, hop.name)
            if problem is not None:
                raise XswitchError(f"{printable(hop.name)}: {problem.message} ({problem.place})")

    def _cache(self, hop: Profile, *, anew: bool = False) -> CliCache:
        """Return the cache as a hop may use it: how much must be left is wished for the profile itself."""
        wish = self._wish
        if hop is self._profile:
            return CliCache(self._locations.cli_cache, min_seconds=wish.min_seconds, renew=wish.renew or anew)
        return CliCache(self._locations.cli_cache, renew=wish.force or anew)

    def _locked(self, key: str) -> Any:
        return locked(self._locations.locks, key, self._interaction)

    def _tell(self, cache: CliCache) -> None:
        if cache.failure and cache.failure not in self._failures:
            self._failures.add(cache.failure)
            self._interaction.say(cache.failure)


def _frozen(found: Any, name: str) -> Credentials:
    frozen = found.get_frozen_credentials() if found is not None else None
    if frozen is None:
        raise XswitchError(
            f"the profile {printable(name)} has no credentials",
            f"see why with: xswitch show {printable(name)}",
        )
    # botocore has no public name for the expiry; the AWS CLI reads this.
    expires_at = getattr(found, "_expiry_time", None)
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token, expires_at)


def _check_time(credentials: Credentials, profile: Profile, wish: Wish) -> None:
    """Refuse a new session that is shorter than asked for; botocore's own window is always asked for."""
    if credentials.expires_at is None or wish.min_seconds <= EXPIRING_SECONDS:
        return
    left = seconds_left(credentials.expires_at, utc_now())
    if left < wish.min_seconds - 1:
        name = printable(profile.name)
        raise XswitchError(
            f"a new session of {name} lasts {round(left / 60)} minutes, and {round(wish.min_seconds / 60)} "
            "were asked for",
            "ask for less" if not profile.assumes_role else "ask for less, or raise its duration_seconds",
        )


def _default(profile: Profile) -> str | None:
    """Return the region of the partition where nothing names one, for profiles that call STS."""
    arn = profile.role_arn or profile.text("mfa_serial")
    return DEFAULT_REGIONS.get(partition_of(arn)) if arn else None
