"""IAM of one account, as one profile may use it. The only file of this room that loads botocore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.exceptions

from xswitch.delegation.blueprint import Party
from xswitch.errors import XswitchError
from xswitch.profiles.arn import DEFAULT_REGIONS, partition_of
from xswitch.sessions.clients import botocore_session, signed_client
from xswitch.sessions.identity import identity_of
from xswitch.sessions.refusals import error_code, explain
from xswitch.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.profiles.collection import Profiles
    from xswitch.sessions.credentials import Credentials

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
# The answers are needed: a call that was made and not answered leaves something behind.
_ATTEMPTS = 6


class Refused(XswitchError):  # noqa: N818 - what AWS says, in its own word for it
    """AWS refused a call; `code` is its reason (`AccessDenied`, `EntityAlreadyExists`, …).

    `retried` tells that it was made more than once, and an attempt before may have been carried out.
    """

    def __init__(self, code: str, error: XswitchError, *, retried: bool) -> None:
        super().__init__(error.message, error.hint, error.status)
        self.code = code
        self.retried = retried
        self.raw = error.raw

    @property
    def is_denied(self) -> bool:
        """Tell whether the profile may not make the call at all."""
        return self.code in _DENIED

    @property
    def is_missing(self) -> bool:
        """Tell whether what the call is about does not exist."""
        return self.code == "NoSuchEntity"


class Account:
    """The account of a profile, with the calls that its credentials may make to IAM there."""

    def __init__(self, party: Party, client: Any, profiles: Profiles) -> None:
        self.party = party
        self.id = party.account_id
        self._client = client
        self._profiles = profiles

    @property
    def partition(self) -> str:
        """The partition of the account."""
        return partition_of(self.party.arn)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Make a call of IAM, by the name that botocore gives it. `Refused` where AWS does not do it."""
        try:
            answer: dict[str, Any] = getattr(self._client, method)(**parameters)
        except Exception as error:
            raise self._explained(error) from error
        return answer

    def listed(self, method: str, key: str, **parameters: Any) -> Iterator[Any]:
        """Yield what all pages of a call have under `key`; as `call` otherwise."""
        try:
            for page in self._client.get_paginator(method).paginate(**parameters):
                yield from page[key]
        except Exception as error:
            raise self._explained(error) from error

    def _explained(self, error: Exception) -> XswitchError:
        name = self.party.profile
        found = explain(error, self._profiles, name)
        if not isinstance(error, botocore.exceptions.ClientError):
            return found
        retries = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
        refused = Refused(error_code(error), found, retried=bool(retries))
        if refused.is_denied:
            action = f"iam:{error.operation_name}"
            refused.hint = f"{printable(name)} needs {action} in the account {self.id}"
        return refused


def is_denied(error: XswitchError, operation: str) -> bool:
    """Tell whether it says that AWS denied this operation, and not for a wrong code of an MFA device."""
    cause = error.__cause__
    return (
        isinstance(cause, botocore.exceptions.ClientError)
        and cause.operation_name == operation
        and error_code(cause) in _DENIED
        and "MultiFactorAuthentication failed" not in str(cause)
    )


def open_account(
    name: str, profiles: Profiles, credentials: Credentials, region: str | None = None
) -> Account:
    """Return the account of the profile `name`, whose credentials are given, and ask AWS which one it is."""
    profile = profiles[name]
    identity = identity_of(credentials, profiles, name, region)
    party = Party(name, identity.account_id, identity.arn)
    where = profile.region or region or DEFAULT_REGIONS.get(partition_of(identity.arn))
    try:
        client = signed_client(botocore_session(name, where, attempts=_ATTEMPTS), "iam", credentials)
    except Exception as error:
        raise explain(error, profiles, name) from error
    return Account(party, client, profiles)
