"""Obtaining a session through botocore, with the AWS CLI's cache and our own prompt for MFA codes.

This and `refusals` load botocore; whoever needs them imports them when a call is really to be made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import botocore.config
import botocore.credentials
import botocore.session
import botocore.utils

from xswitch.errors import XswitchError
from xswitch.locations import REGION_VARIABLES, Locations, tilde
from xswitch.profiles.arn import DEFAULT_REGIONS, partition_of
from xswitch.sessions.cache import private_folder, read_entry
from xswitch.sessions.credentials import Credentials
from xswitch.sessions.refusals import explain
from xswitch.text import printable
from xswitch.timestamps import format_time

if TYPE_CHECKING:
    from xswitch.profiles.profile import Profile

AskCode = Callable[[str], str]
"""Gets the prompt (`Enter MFA code for SERIAL: `), returns the code; XswitchError where none can be had."""


class CliCache(botocore.utils.JSONFileCache):  # type: ignore[misc]
    """The AWS CLI's cache folder: its format, but a corrupt entry is renewed instead of fatal.

    botocore writes each entry atomically with mode 0600. Where the folder cannot be written the session
    still serves this process, and `failure` says why it was not kept.
    """

    def __init__(self, folder: str) -> None:
        super().__init__(folder, dumps_func=_dump)
        self._folder = folder
        self._entries: dict[str, Any] = {}  # as read and as written
        self.failure = ""

    def __contains__(self, key: str) -> bool:
        if key not in self._entries:
            # Kept for __getitem__: the AWS CLI may be writing the file, and reading twice could differ.
            entry = read_entry(os.path.join(self._folder, key + ".json"))
            if entry is not None:
                self._entries[key] = entry
        return key in self._entries

    def __getitem__(self, key: str) -> Any:
        return self._entries[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._entries[key] = json.loads(_dump(value))
        try:
            private_folder(self._folder)
            super().__setitem__(key, value)
        except OSError as error:
            reason = printable(error.strerror or type(error).__name__)
            self.failure = f"{printable(tilde(self._folder))}: the session could not be kept ({reason})"


def obtain(
    profile: Profile, root: str, locations: Locations, ask_code: AskCode, *, region: str | None = None
) -> tuple[Credentials, str]:
    """Return the profile's credentials, from the cache or newly obtained, and a warning or "".

    `root` is the name of the profile at the end of its chain. Makes every call the profile's kind needs
    (AssumeRole for each hop whose session is not cached, GetRoleCredentials, …) and stores temporary
    credentials where the AWS CLI looks for them. `region` is that of the calls: the one of the command,
    else the profile's own, as the command will see them.
    XswitchError where AWS, a provider or the files refuse.
    """
    cache = CliCache(locations.cli_cache)
    try:
        session = _session(profile, cache, ask_code, region)
        found = session.get_credentials()
        frozen = found.get_frozen_credentials() if found is not None else None
    except XswitchError:
        raise
    except Exception as error:
        # Not only botocore's own: it lets through what programs, token files and odd settings raise.
        raise explain(error, profile, root) from error
    if frozen is None:
        raise XswitchError(
            f"the profile {printable(profile.name)} has no credentials",
            f"see why with: xswitch show {printable(profile.name)}",
        )
    # botocore has no public name for it; the AWS CLI reads this.
    expires_at = getattr(found, "_expiry_time", None)
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token, expires_at), cache.failure


def _session(
    profile: Profile, cache: CliCache, ask_code: AskCode, region: str | None
) -> botocore.session.Session:
    # Named here, the profile is an instance variable: keys in the environment are then ignored.
    session = botocore.session.Session(profile=profile.name)
    outer = next((os.environ[name] for name in REGION_VARIABLES if os.environ.get(name)), None)
    region = region or profile.region or outer or _default(profile)
    session.set_config_variable("region", region)
    session.set_default_client_config(
        botocore.config.Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 3})
    )
    resolver = botocore.credentials.create_credential_resolver(session, cache=cache, region_name=region)
    # botocore asks for MFA codes by getpass; the public way to ask otherwise is a provider of one's own.
    provider = botocore.credentials.AssumeRoleProvider(
        load_config=lambda: session.full_config,
        client_creator=session.create_client,
        cache=cache,
        profile_name=profile.name,
        prompter=ask_code,
        credential_sourcer=botocore.credentials.CanonicalNameCredentialSourcer(
            [
                botocore.credentials.EnvProvider(),
                botocore.credentials.ContainerProvider(),
                resolver.get_provider("iam-role"),
            ]
        ),
        profile_provider_builder=botocore.credentials.ProfileProviderBuilder(
            session, cache=cache, region_name=region
        ),
    )
    resolver.insert_after("assume-role", provider)
    resolver.remove("assume-role")  # takes the first of that name: botocore's own
    session.register_component("credential_provider", resolver)
    return session


def _default(profile: Profile) -> str | None:
    role_arn = profile.role_arn
    return DEFAULT_REGIONS.get(partition_of(role_arn)) if role_arn else None


def _dump(entry: Any) -> str:
    """Write an entry as the AWS CLI does, with the expiry in RFC 3339."""
    return json.dumps(
        entry, default=lambda value: format_time(value) if hasattr(value, "tzinfo") else str(value)
    )
