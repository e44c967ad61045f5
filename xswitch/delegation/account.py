"""IAM of one account, as one profile may use it. The only file of this room that loads botocore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.exceptions
import botocore.parsers

from xswitch.delegation.blueprint import Party
from xswitch.errors import XswitchError
from xswitch.profiles.arn import DEFAULT_REGIONS, account_of, is_account_id, partition_of
from xswitch.sessions.clients import botocore_session, signed_client
from xswitch.sessions.identity import identity_of
from xswitch.sessions.refusals import error_code, explain
from xswitch.text import printable

if TYPE_CHECKING:
    from xswitch.profiles.collection import Profiles
    from xswitch.sessions.session import Credentials

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_UNREADABLE = (botocore.parsers.ResponseParserError, botocore.exceptions.PaginationError, RecursionError)
_HINTS = {
    "LimitExceeded": "AWS allows no more of these: remove some, or try a managed policy or a group",
    "UnmodifiableEntity": "AWS manages it, and nobody else may change it",
    "EntityAlreadyExists": "something of that name exists, perhaps in other capitals: choose another name",
    "MalformedPolicyDocument": "correct the policy",
    "InvalidInput": "correct what AWS does not take",
    "ValidationError": "correct what AWS does not take",
    "PolicyNotAttachable": "AWS lets nobody attach that policy: choose another one",
    "DeleteConflict": "something hangs on it still: take that away by hand, then undo again",
}
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

    def member(self, method: str, key: str, *needed: str, **parameters: Any) -> dict[str, Any]:
        """Return what the answer of a call has under `key`, with the texts `needed`; as `call` otherwise."""
        answer = self.call(method, **parameters).get(key)
        if not isinstance(answer, dict) or not _is_whole(answer, needed):
            raise _odd(method)
        return answer

    def listed(self, method: str, key: str, *needed: str, **parameters: Any) -> list[Any]:
        """Return what all pages of a call have under `key`: each a text, or what has the texts `needed`."""
        found: list[Any] = []
        try:
            for page in self._client.get_paginator(method).paginate(**parameters):
                found += page.get(key) or []
        except Exception as error:
            raise self._explained(error) from error
        if not all(_is_whole(each, needed) if needed else isinstance(each, str) for each in found):
            raise _odd(method)
        return found

    def _explained(self, error: Exception) -> XswitchError:
        name = self.party.profile
        if isinstance(error, _UNREADABLE):
            return _odd("IAM")
        found = explain(error, self._profiles, name)
        if not isinstance(error, botocore.exceptions.ClientError):
            return found
        retries = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
        refused = Refused(error_code(error), found, retried=bool(retries))
        action = f"iam:{error.operation_name}"
        needs = f"{printable(name)} needs {action} in the account {self.id}"
        refused.hint = needs if refused.is_denied else _HINTS.get(refused.code, refused.hint)
        return refused


def _is_whole(answer: Any, needed: tuple[str, ...]) -> bool:
    return isinstance(answer, dict) and all(isinstance(answer.get(key), str) for key in needed)


def _odd(what: str) -> XswitchError:
    return XswitchError(
        f"AWS did not answer {what} as it should",
        "check the network, the proxy, and AWS_ENDPOINT_URL where it is set",
    )


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
    if not is_account_id(identity.account_id) or account_of(identity.arn) != identity.account_id:
        raise _odd("GetCallerIdentity")
    party = Party(name, identity.account_id, identity.arn)
    where = profile.region or region or DEFAULT_REGIONS.get(partition_of(identity.arn))
    try:
        client = signed_client(botocore_session(name, where, attempts=_ATTEMPTS), "iam", credentials)
    except Exception as error:
        raise explain(error, profiles, name) from error
    return Account(party, client, profiles)
