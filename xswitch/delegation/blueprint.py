"""The wanted state of both accounts: names, ARNs and policy documents. Pure data, nobody is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeAlias

from xswitch.delegation.checks import MOST_TRUST, size_of
from xswitch.delegation.request import GROUP, ROLE, SSO, USER, Request
from xswitch.editing.operation import FieldError
from xswitch.text import printable

Document: TypeAlias = dict[str, Any]
"""A policy document, as JSON has it."""

VERSION = "2012-10-17"
_REGIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))
_LEAST_MAXIMUM = 3600  # seconds: no role's MaxSessionDuration is less


@dataclass(frozen=True, slots=True)
class Party:
    """One of the two accounts, the profile it is seen through, and the ARN of who that is."""

    profile: str
    account_id: str
    arn: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """Whom a policy is given to: `kind` is USER, GROUP or ROLE, `name` is without a path."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked up.

    `principal_arn` is the user or role with its path (that of the account's root otherwise), `policy_arn`
    the managed policy of the role, "" with a document; `mfa_serial` and `region` are the profile's.
    """

    principal_arn: str
    policy_arn: str
    mfa_serial: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """The wanted state.

    `trust`, `policy_document` and `grant` are the policy documents of the role (who may assume it, and what
    it may do where `policy_arn` is "") and of the trusted side, whose policy is called `grant_name`, has the
    ARN `grant_arn` where it is a managed one, and is given to `attach`, None where IAM has nobody for that.
    `settings` are those of the profile.
    """

    request: Request
    trusting: Party
    trusted: Party
    found: Found
    partition: str
    principal_arn: str
    role_arn: str
    trust: Document
    policy_arn: str
    policy_name: str
    policy_document: Document | None
    grant_name: str
    grant: Document
    grant_arn: str
    attach: Attachment | None
    settings: dict[str, str]

    @property
    def role_name(self) -> str:
        """The role's name without its path."""
        return self.request.role

    @property
    def role_path(self) -> str:
        """The role's path; it begins and ends with a slash."""
        return self.request.path

    @property
    def max_session_duration(self) -> int:
        """The longest session of the role in seconds."""
        return max(self.request.seconds, _LEAST_MAXIMUM)

    @property
    def description(self) -> str:
        """What the role and the policy say they are for."""
        return f"Access from account {self.trusted.account_id}"


def draw(
    request: Request, trusting: Party, trusted: Party, found: Found, *, is_chained: bool = False
) -> Blueprint:
    """Return the wanted state for what was looked up.

    `is_chained` tells that the source profile is a role itself, whose sessions are of one hour at most.
    FieldError where AWS would not take the outcome.
    """
    partition = partition_between(trusting, trusted)
    wanted = next((name for start, name in _REGIONS if request.region.startswith(start)), "aws")
    if request.region and wanted != partition and partition in {"aws", *(name for _, name in _REGIONS)}:
        raise FieldError("region", f"{request.region} is no region of the partition {partition}")
    role_arn = f"arn:{partition}:iam::{trusting.account_id}:role{request.path}{request.role}"
    grant_name = f"Assume-{request.role}-in-{trusting.account_id}"
    grant_arn = f"arn:{partition}:iam::{trusted.account_id}:policy/{grant_name}" if request.managed else ""
    trust = trust_policy(request, trusted.account_id, found.principal_arn, partition)
    if size_of(trust) > MOST_TRUST:
        raise FieldError("role", f"the trust policy has more than {MOST_TRUST:,} characters")
    document = json.loads(request.policy_document) if request.policy_document else None
    return Blueprint(
        request=request,
        trusting=trusting,
        trusted=trusted,
        found=found,
        partition=partition,
        principal_arn=found.principal_arn,
        role_arn=role_arn,
        trust=trust,
        policy_arn="" if document else found.policy_arn,
        policy_name=f"{request.role}-permissions" if document else "",
        policy_document=document,
        grant_name=grant_name,
        grant=_policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role_arn}),
        grant_arn=grant_arn,
        attach=_attachment(request, found.principal_arn),
        settings=_settings(request, role_arn, found, is_chained=is_chained),
    )


def trust_policy(request: Request, trusted_account: str, principal_arn: str, partition: str) -> Document:
    """Return who may assume the role, and under which conditions.

    The role of a permission set is made anew, under another name, whenever it is provisioned: what stays is
    the beginning of its name, so the account is trusted with a condition on that (IAM Identity Center's user
    guide, "Referencing permission sets in resource policies").
    """
    conditions: dict[str, dict[str, Any]] = {}
    if request.principal.kind == SSO:
        roles = f"arn:{partition}:iam::{trusted_account}:role/aws-reserved/sso.amazonaws.com"
        # Exactly 16 characters follow the name: `Dev` is not to let in `Dev_Admin`. The folder of the region
        # is missing where IAM Identity Center is in us-east-1.
        name = f"AWSReservedSSO_{request.principal.name}_{'?' * 16}"
        conditions["ArnLike"] = {"aws:PrincipalArn": [f"{roles}/{name}", f"{roles}/*/{name}"]}
    if request.external_id:
        conditions["StringEquals"] = {"sts:ExternalId": request.external_id}
    if request.require_mfa:
        conditions["Bool"] = {"aws:MultiFactorAuthPresent": "true"}
    if request.mfa_age:
        conditions["NumericLessThan"] = {"aws:MultiFactorAuthAge": str(request.mfa_age)}
    statement: Document = {
        "Effect": "Allow",
        "Principal": {"AWS": principal_arn},
        "Action": "sts:AssumeRole",
    }
    if conditions:
        statement["Condition"] = conditions
    return _policy(statement)


def partition_between(trusting: Party, trusted: Party) -> str:
    """Return the partition of both accounts; FieldError where no role can be assumed between them."""
    one, other = (party.arn.split(":")[1] for party in (trusting, trusted))
    if one != other:
        text = f"{trusting.account_id} is in the partition {one}, {trusted.account_id} in {other}"
        raise FieldError("trusted", text, "AWS lets no role be assumed between partitions")
    if trusting.account_id == trusted.account_id:
        text = f"both profiles are in the account {trusting.account_id}"
        raise FieldError("trusted", text, "name profiles of two accounts")
    return one


def _policy(statement: Document) -> Document:
    return {"Version": VERSION, "Statement": [statement]}


def _attachment(request: Request, principal_arn: str) -> Attachment | None:
    if request.group:
        return Attachment(GROUP, request.group)
    if request.user:
        return Attachment(USER, request.user.rpartition("/")[2])
    if request.principal.kind in {USER, ROLE}:
        return Attachment(request.principal.kind, principal_arn.rpartition("/")[2])
    return None


def _settings(request: Request, role_arn: str, found: Found, *, is_chained: bool) -> dict[str, str]:
    """Return the profile's settings. AWS gives a role that is assumed by a role one hour at most."""
    seconds = request.seconds
    if is_chained and seconds > _LEAST_MAXIMUM:
        text = f"{printable(request.source_profile)} is a role itself: AWS then gives one hour at most"
        raise FieldError("seconds", text, "leave the duration at 1h, or name a source with keys of its own")
    settings = {
        "role_arn": role_arn,
        "source_profile": request.source_profile,
        "region": request.region or found.region,
        "external_id": request.external_id,
        "mfa_serial": found.mfa_serial if request.require_mfa else "",
        "duration_seconds": str(seconds) if seconds != _LEAST_MAXIMUM else "",
    }
    return {key: value for key, value in settings.items() if value}
