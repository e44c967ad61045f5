"""Assuming one role by botocore's fetcher, with an MFA code where one is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.credentials
import botocore.exceptions

from xswitch.profiles.durations import HOUR
from xswitch.sessions.mfa import device_of, mfa_session, with_code
from xswitch.sessions.refusals import is_source_refused
from xswitch.sessions.session import Credentials
from xswitch.text import printable
from xswitch.timestamps import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.session import Session

    from xswitch.locations import Locations
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.clicache import Slot
    from xswitch.sessions.interaction import Interaction
    from xswitch.sessions.mfa import MfaDevice


class Assuming:
    """Assumes roles with the calls of `session`; with `force`, a code is asked for where one is needed."""

    def __init__(
        self, session: Session, locations: Locations, interaction: Interaction, *, force: bool
    ) -> None:
        self._session = session
        self._locations = locations
        self._interaction = interaction
        self._force = force

    def first(self, hop: Profile, root: Profile | None, keys: Credentials, slot: Slot) -> Credentials:
        """Assume the role of `hop` from the root of its chain, whose credentials are `keys`.

        `root` is None where they are those of the environment.
        """
        if keys.session_token:
            # Temporary keys cannot give a code: botocore would ask for that of the role, and so do we, but
            # not for one that only the source names.
            return self.next(hop, keys, slot)
        device = device_of(hop, root) if root else device_of(hop)
        if device is None:
            return self._fetch(hop, keys, slot)
        if (hop.duration_seconds or 0) > HOUR:
            name = printable(hop.name)
            self._interaction.say(f"{name} asks for more than an hour, which takes a code of its own")
            return self._fetch_with_code(hop, keys, device, slot)
        return self._from_mfa_session(hop, keys, device, slot)

    def next(self, hop: Profile, source: Credentials, slot: Slot) -> Credentials:
        """Assume the role of `hop` from the session of another one."""
        device = device_of(hop)
        if device is None:
            return self._fetch(hop, source, slot)
        return self._fetch_with_code(hop, source, device, slot)

    def _from_mfa_session(
        self, hop: Profile, keys: Credentials, device: MfaDevice, slot: Slot
    ) -> Credentials:
        def session(*, force: bool) -> Credentials:
            return mfa_session(self._session, keys, device, self._locations, self._interaction, force=force)

        source = session(force=self._force)
        try:
            return self._fetch(hop, source, slot)
        except botocore.exceptions.ClientError as error:
            # A cached session may have been revoked, or its keys; one that is new is not asked for again.
            if self._force or not is_source_refused(error):
                raise
        return self._fetch(hop, session(force=True), slot)

    def _fetch_with_code(
        self, hop: Profile, source: Credentials, device: MfaDevice, slot: Slot
    ) -> Credentials:
        return with_code(
            lambda code: self._fetch(hop, source, slot, device.serial, lambda _: code),
            device,
            self._interaction,
        )

    def _fetch(
        self,
        hop: Profile,
        source: Credentials,
        slot: Slot,
        serial: str | None = None,
        prompter: Callable[[str], str] | None = None,
    ) -> Credentials:
        arguments = _arguments(hop)
        if serial is not None:
            arguments["SerialNumber"] = serial
        fetcher = botocore.credentials.AssumeRoleCredentialFetcher(
            self._session.create_client,
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


def _arguments(hop: Profile) -> dict[str, Any]:
    """Return the arguments of AssumeRole as botocore makes them from a profile, without those of MFA."""
    # As they stand: a nested block, which is no text, is for botocore to refuse.
    named = {"RoleSessionName": "role_session_name", "ExternalId": "external_id"}
    arguments: dict[str, Any] = {
        name: hop.values[key] for name, key in named.items() if hop.values.get(key) is not None
    }
    if isinstance(hop.values.get("mfa_serial"), dict):
        arguments["SerialNumber"] = hop.values["mfa_serial"]
    if hop.duration_seconds is not None:
        arguments["DurationSeconds"] = hop.duration_seconds
    return arguments
