"""Who AWS takes somebody for (sts:GetCallerIdentity), which nobody needs a permission to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xswitch.errors import XswitchError
from xswitch.profiles.arn import DEFAULT_REGIONS, partition_of
from xswitch.sessions.clients import botocore_session, signed_client
from xswitch.sessions.refusals import explain, reading
from xswitch.sessions.session import Credentials

if TYPE_CHECKING:
    from botocore.session import Session

    from xswitch.profiles.collection import Profiles

_SHELL = "this shell"


class Identity:
    """What AWS answered: the account, the ARN of the user or session, and its id."""

    __slots__ = ("account_id", "arn", "user_id")

    def __init__(self, account_id: str, arn: str, user_id: str) -> None:
        self.account_id = account_id
        self.arn = arn
        self.user_id = user_id


def identity_of(
    credentials: Credentials, profiles: Profiles, name: str, region: str | None = None
) -> Identity:
    """Return whose `credentials` are, those of the profile `name`; XswitchError where AWS refuses.

    `region` is where AWS is asked where the profile has none.
    """
    profile = profiles[name]
    try:
        region = profile.region or region or DEFAULT_REGIONS.get(partition_of(profile.role_arn or ""))
        return _ask(botocore_session(name, region), credentials)
    except Exception as error:
        raise explain(error, profiles, name) from error


def identity_here(region: str | None = None) -> Identity:
    """Return who this process is by botocore's own order of providers, its environment first."""
    try:
        session = botocore_session(None, region)
        if session.get_config_variable("region") is None:
            session.set_config_variable("region", DEFAULT_REGIONS["aws"])
        found = session.get_credentials()
        if found is not None:
            frozen = found.get_frozen_credentials()
            return _ask(session, Credentials(frozen.access_key, frozen.secret_key, frozen.token))
    except Exception as error:
        raise explain(error, None, _SHELL) from error
    raise XswitchError("this shell has no credentials", "name a profile: xswitch whoami PROFILE")


def _ask(session: Session, credentials: Credentials) -> Identity:
    answer = signed_client(session, "sts", credentials).get_caller_identity()
    with reading("AWS", "GetCallerIdentity"):
        return Identity(answer["Account"], answer["Arn"], answer["UserId"])
