"""The AWS CLI's cache folder as botocore's credential fetchers want it."""

from __future__ import annotations

import json
import os
from typing import Any

import botocore.utils

from xswitch.locations import tilde
from xswitch.regular import write_regular
from xswitch.sessions.cache import read_cached
from xswitch.sessions.session import EXPIRING_SECONDS, Credentials, seconds_left
from xswitch.text import printable
from xswitch.timestamps import format_time, parse_time, utc_now


class CliCache(botocore.utils.JSONFileCache):  # type: ignore[misc]
    """The AWS CLI's cache: its format, but a corrupt entry is renewed instead of fatal.

    An entry with less than `min_seconds` left is as good as none; with `renew`, so is everything that was
    not put in through this object. Where the folder cannot be written the session still serves this
    process, and `failure` says why it was not kept.
    """

    def __init__(self, folder: str, *, min_seconds: float = EXPIRING_SECONDS, renew: bool = False) -> None:
        super().__init__(folder, dumps_func=_dump)
        self._folder = folder
        self._min_seconds = min_seconds
        self._renew = renew
        self._entries: dict[str, Any] = {}  # as read and as written
        self.failure = ""

    def __contains__(self, key: str) -> bool:
        if key not in self._entries and not self._renew:
            # Kept for __getitem__: the AWS CLI may be writing the file, and reading twice could differ.
            entry, session = read_cached(os.path.join(self._folder, key + ".json"))
            if session is not None and seconds_left(session.expires_at, utc_now()) >= self._min_seconds:
                self._entries[key] = entry
        return key in self._entries

    def __getitem__(self, key: str) -> Any:
        return self._entries[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._entries[key] = json.loads(_dump(value))
        try:
            write_regular(os.path.join(self._folder, f"{key}.json"), _dump(value).encode())
        except OSError as error:
            reason = printable(error.strerror or type(error).__name__)
            self.failure = f"{printable(tilde(self._folder))}: the session could not be kept ({reason})"


def credentials_in(cache: CliCache, key: str) -> Credentials | None:
    """Return the credentials of an entry, or None where there is none with enough left."""
    if key not in cache:
        return None
    values = cache[key]["Credentials"]
    return Credentials(
        values["AccessKeyId"],
        values["SecretAccessKey"],
        values["SessionToken"],
        parse_time(values["Expiration"]),
    )


class Slot:
    """One place in a cache, whatever key it is asked for.

    botocore computes the key of an assumed role from the arguments of the call. Where the call differs from
    what the profile says (the MFA code was given for another session before), the key must not.
    """

    def __init__(self, cache: CliCache, key: str) -> None:
        self._cache = cache
        self._key = key

    def __contains__(self, _: str) -> bool:
        return self._key in self._cache

    def __getitem__(self, _: str) -> Any:
        return self._cache[self._key]

    def __setitem__(self, _: str, value: Any) -> None:
        self._cache[self._key] = value


def _dump(entry: Any) -> str:
    """Write an entry as the AWS CLI does, with the expiry in RFC 3339."""
    return json.dumps(
        entry, default=lambda value: format_time(value) if hasattr(value, "tzinfo") else str(value)
    )
