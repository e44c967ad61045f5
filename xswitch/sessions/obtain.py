"""Obtaining a session through botocore, with the AWS CLI's cache and our own questions to the user.

This, `mfa`, `sso`, `clients` and `refusals` load botocore; whoever needs them imports them when a call is
really to be made.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import botocore.credentials
import botocore.exceptions

from xswitch.errors import XswitchError
from xswitch.locations import REGION_VARIABLES
from xswitch.profiles.arn import DEFAULT_REGIONS, partition_of
from xswitch.profiles.durations import HOUR, duration_problem, duration_seconds
from xswitch.sessions.clicache import CliCache, Slot
from xswitch.sessions.clients import botocore_session
from xswitch.sessions.credentials import Credentials
from xswitch.sessions.keys import assume_role_key, credentials_key
from xswitch.sessions.lock import locked
from xswitch.sessions.mfa import MfaDevice, device_of, mfa_session, with_code
from xswitch.sessions.refusals import explain
from xswitch.sessions.state import EXPIRING_SECONDS, seconds_left
from xswitch.text import printable
from xswitch.timestamps import parse_time, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.interaction import Interaction

# AWS no longer takes the source: a session of MFA that was revoked, or its keys were.
_SOURCE_REFUSED = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId"}


class Wish:
    """How a session is wanted.

    `region` is the one of the command, for the calls too; `min_seconds` must be left of it; with `renew`
    what is cached for the profile itself does not count, and with `force` no MFA session either.
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
    profile = profiles[name]
    obtaining = None
    try:
        obtaining = _Obtaining(profiles, profile, locations, interaction, wish)
        credentials = obtaining.of_role() if profile.assumes_role else obtaining.of_providers()
    except XswitchError:
        raise
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
    try:
        obtaining = _Obtaining(profiles, profile, locations, interaction, Wish())
        source = obtaining.of_source(name)
        found = mfa_session(obtaining.session, source, device, locations, interaction, force=force)
    except XswitchError:
        raise
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
        outer = next((os.environ[name] for name in REGION_VARIABLES if os.environ.get(name)), None)
        self._region = wish.region or profile.region or outer or _default(profile)
        self.session = botocore_session(profile.name, self._region)

    def of_providers(self) -> Credentials:
        """Return the credentials of a profile that assumes no role, by botocore's own order of providers."""
        key = credentials_key(self._profile)
        if key is None:
            return self._by_resolver(CliCache(self._locations.cli_cache))
        with self._locked(key):
            cache = self._cache(self._profile)
            credentials = self._by_resolver(cache)
        self._tell(cache)
        return credentials

    def of_role(self) -> Credentials:
        """Walk the chain from the nearest hop whose session is cached, or from its root, to the profile.

        One hop after the other, each under its own lock: no process ever waits for two locks of roles, so
        chains that cross do not block each other.
        """
        hops = self._profiles.hops(self._profile.name)
        source: Credentials | None = None
        missing = len(hops)
        for position, hop in enumerate(hops):
            source = _cached(self._cache(hop), assume_role_key(hop))
            if source is not None:
                missing = position
                break
        for hop in hops[:missing]:
            problem = duration_problem(self._profiles, hop.name)
            if problem is not None:
                raise XswitchError(f"{printable(hop.name)}: {problem.message} ({problem.place})")
        for hop in reversed(hops[:missing]):
            self.at = hop.name
            key = assume_role_key(hop) or ""
            with self._locked(key):
                cache = self._cache(hop)
                found = _cached(cache, key)
                source = found or self._assume(hop, source, Slot(cache, key))
            self._tell(cache)
        if source is None:
            raise RuntimeError("a role profile without a role")
        return source

    def of_source(self, name: str) -> Credentials:
        """Return what the profile `name` has to assume a role with, if need be obtained."""
        builder = botocore.credentials.ProfileProviderBuilder(
            self.session, cache=self._cache(self._profiles[name]), region_name=self._region
        )
        resolver = botocore.credentials.CredentialResolver(
            builder.providers(profile_name=name, disable_env_vars=True)
        )
        return _frozen(resolver.load_credentials(), name)

    def _assume(self, hop: Profile, source: Credentials | None, slot: Slot) -> Credentials:
        if source is not None:  # the session of the hop before
            return self._assume_from(hop, source, device_of(hop), slot)
        root = self._root(hop)
        keys = self.of_source(root.name) if root else self._of_environment(hop)
        device = device_of(hop, root) if root else device_of(hop)
        if device is None or keys.session_token:
            # A code can only be given with long-lived keys; what AWS says to another one is shown.
            return self._assume_from(hop, keys, device, slot)
        if (duration_seconds(hop) or 0) > HOUR:
            name = printable(hop.name)
            self._interaction.say(f"{name} asks for more than an hour, which takes a code of its own")
            return self._assume_from(hop, keys, device, slot)
        return self._assume_with_mfa_session(hop, keys, device, slot)

    def _assume_with_mfa_session(
        self, hop: Profile, keys: Credentials, device: MfaDevice, slot: Slot
    ) -> Credentials:
        def session(*, force: bool) -> Credentials:
            return mfa_session(self.session, keys, device, self._locations, self._interaction, force=force)

        try:
            return self._assume_from(hop, session(force=self._wish.force), None, slot)
        except botocore.exceptions.ClientError as error:
            if error.response.get("Error", {}).get("Code") not in _SOURCE_REFUSED or self._wish.force:
                raise
        return self._assume_from(hop, session(force=True), None, slot)

    def _assume_from(
        self, hop: Profile, source: Credentials, device: MfaDevice | None, slot: Slot
    ) -> Credentials:
        """Call AssumeRole for a hop; with `device`, its code goes along."""
        arguments = _arguments(hop)
        if device is None:
            return self._fetch(hop, source, arguments, slot)
        arguments["SerialNumber"] = device.serial
        return with_code(
            lambda code: self._fetch(hop, source, arguments, slot, lambda _: code), device, self._interaction
        )

    def _fetch(
        self,
        hop: Profile,
        source: Credentials,
        arguments: dict[str, Any],
        slot: Slot,
        prompter: Callable[[str], str] | None = None,
    ) -> Credentials:
        fetcher = botocore.credentials.AssumeRoleCredentialFetcher(
            self.session.create_client,
            botocore.credentials.Credentials(
                source.access_key_id, source.secret_access_key, source.session_token
            ),
            hop.values["role_arn"],
            extra_args=arguments,
            mfa_prompter=prompter,
            cache=slot,
        )
        found = fetcher.fetch_credentials()
        expires_at = parse_time(found["expiry_time"])
        return Credentials(found["access_key"], found["secret_key"], found["token"], expires_at)

    def _root(self, hop: Profile) -> Profile | None:
        """Return the profile that the first hop is assumed from, None where that is the environment."""
        if "credential_source" in hop.values:
            return None
        # What is not there was refused before.
        return self._profiles[hop.text("source_profile") or ""]

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

    def _by_resolver(self, cache: CliCache) -> Credentials:
        resolver = botocore.credentials.create_credential_resolver(
            self.session, cache=cache, region_name=self._region
        )
        return _frozen(resolver.load_credentials(), self._profile.name)

    def _cache(self, profile: Profile) -> CliCache:
        """Return the cache as `profile` may use it: what is wished for holds for the last hop only."""
        if profile is not self._profile:
            return CliCache(self._locations.cli_cache)
        wish = self._wish
        return CliCache(self._locations.cli_cache, min_seconds=wish.min_seconds, renew=wish.renew)

    def _locked(self, key: str) -> Any:
        return locked(self._locations.locks, key, self._interaction)

    def _tell(self, cache: CliCache) -> None:
        if cache.failure and cache.failure not in self._failures:
            self._failures.add(cache.failure)
            self._interaction.say(cache.failure)


def _cached(cache: CliCache, key: str | None) -> Credentials | None:
    if key is None or key not in cache:
        return None
    values = cache[key]["Credentials"]
    return Credentials(
        values["AccessKeyId"],
        values["SecretAccessKey"],
        values["SessionToken"],
        parse_time(values["Expiration"]),
    )


def _arguments(hop: Profile) -> dict[str, Any]:
    """Return the arguments of AssumeRole as botocore makes them from a profile."""
    # As they stand: a nested block, which is no text, is for botocore to refuse.
    named = {"RoleSessionName": "role_session_name", "ExternalId": "external_id"}
    arguments: dict[str, Any] = {
        name: hop.values[key] for name, key in named.items() if hop.values.get(key) is not None
    }
    if isinstance(hop.values.get("mfa_serial"), dict):
        arguments["SerialNumber"] = hop.values["mfa_serial"]
    seconds = duration_seconds(hop)
    if seconds is not None:
        arguments["DurationSeconds"] = seconds
    return arguments


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
            f"a new session of {name} lasts {int(left)} seconds, and {int(wish.min_seconds)} were asked for",
            "ask for less, or raise its duration_seconds as far as the role allows",
        )


def _default(profile: Profile) -> str | None:
    """Return the region of the partition where nothing names one, for profiles that call STS."""
    arn = profile.role_arn or profile.text("mfa_serial")
    return DEFAULT_REGIONS.get(partition_of(arn)) if arn else None
