"""What the wizard for delegations asks: its fields, what stands in them at first, and what they ask for."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from xswitch.delegation.checks import (
    check_group,
    check_mfa_age,
    check_path,
    check_permission_set,
    check_policy,
    check_policy_document,
    check_role,
    check_role_path,
    check_tags,
    check_user,
    parse_tags,
    proposed_role,
)
from xswitch.delegation.request import ACCOUNT, ROLE, SSO, USER, Principal, Request
from xswitch.editing.checks import check_name, check_new_name, check_setting, check_source, proposed_name
from xswitch.editing.operation import FieldError
from xswitch.profiles.durations import seconds_of
from xswitch.profiles.profile import Kind
from xswitch.regular import read_regular
from xswitch.text import printable
from xswitch.tui.fields import Field
from xswitch.tui.rows import account_label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from xswitch.profiles.collection import Profiles

POLICY = "ReadOnlyAccess"
ITSELF = "itself"
KINDS = {
    ITSELF: "",
    "user": USER,
    "role": ROLE,
    "permission set": SSO,
    "whole account": ACCOUNT,
}
"""Who may assume the role, in the words of the form."""
YES, NO = "yes", "no"
INLINE, MANAGED = "inline", "managed"
CHOICES = {"kind": tuple(KINDS), "require_mfa": (YES, NO), "managed": (INLINE, MANAGED)}
"""The fields that are not typed, and what they can be."""

_LABELS = {
    "trusting": "Trusting",
    "trusted": "Trusted",
    "kind": "Principal",
    "principal": "Name",
    "policy": "Policy",
    "role": "Role name",
    "profile": "Profile",
    "require_mfa": "Require MFA",
    "mfa_serial": "MFA device",
    "mfa_age": "MFA age",
    "external_id": "External ID",
    "seconds": "Duration",
    "region": "Region",
    "path": "Role path",
    "tags": "Tags",
    "source": "Source",
    "managed": "Its policy",
    "group": "To group",
    "user": "To user",
}
_HOW = {
    INLINE: "the right to assume the role is a part of the user or role itself",
    MANAGED: "the right to assume the role is a policy of its own",
}
_LARGEST = 100_000  # bytes of a file with a policy
_PREFIX = "CrossAccount"


@dataclass(frozen=True)
class WizardField(Field):
    """A field of the wizard."""

    @property
    def label(self) -> str:
        """What the field is called."""
        return _LABELS[self.key]


def fields_of(
    trusting: str, trusted: str, profiles: Callable[[], Profiles], value: Callable[[str], str]
) -> list[WizardField]:
    """Return the fields of the form, in which `trusting` and `trusted` stand at first.

    `profiles` returns the profiles as they are known, `value` what stands in a field.
    """

    def setting(key: str, name: str, hint: str = "") -> WizardField:
        return WizardField(key, hint=hint, check=partial(check_setting, name))

    def party(key: str, first: str, other: str, does: str) -> WizardField:
        return WizardField(
            key,
            first,
            "^o chooses in the tree",
            check=lambda name: check_party(name, profiles(), value(other)),
            note=lambda name: party_note(name, profiles(), does),
            needed=True,
            picks=True,
        )

    def existing(name: str) -> str:
        wrong = check_new_name(name, profiles()) if name else ""
        return f"{wrong}: the plan shows how it differs" if wrong else ""

    return [
        party("trusting", trusting, "trusted", "gets the role"),
        party("trusted", trusted, "trusting", "may use it"),
        WizardField("kind", ITSELF, note=lambda kind: _who(kind, value("source") or value("trusted"))),
        WizardField(
            "principal",
            hint="^o lists who is there",
            check=lambda name: check_principal(value("kind"), name),
            needed=True,
            picks=True,
        ),
        WizardField(
            "policy",
            POLICY,
            "a policy's name or ARN, or a file.json with one; ^o lists what is there",
            check=check_allowed,
            needed=True,
            picks=True,
        ),
        WizardField("role", proposed_role(POLICY), check=check_role, needed=True),
        WizardField("profile", check=check_name, note=existing, needed=True),
        WizardField("require_mfa", NO),
        setting("mfa_serial", "mfa_serial", "that of the source, else the user's first in IAM"),
        WizardField("mfa_age", hint="how old a code may be, such as 1h", check=check_age),
        WizardField(
            "external_id",
            hint="^o makes one",
            check=partial(check_setting, "external_id"),
            picks=True,
        ),
        setting("seconds", "duration_seconds", "1h"),
        setting("region", "region"),
        WizardField("path", hint="/", check=check_path),
        WizardField("tags", hint="of the role: Team=platform,Env=prod", check=check_tags),
        WizardField(
            "source", check=lambda name: check_source(name, profiles(), value("profile")), picks=True
        ),
        WizardField("managed", INLINE, note=lambda how: _HOW[how]),
        WizardField("group", hint="instead of to the user; ^o lists them", check=check_group, picks=True),
        WizardField(
            "user", hint="who is let through to the role; ^o lists them", check=check_user, picks=True
        ),
    ]


def _who(kind: str, source: str) -> str:
    of = printable(source) or "the profile"
    return {
        ITSELF: f"whoever {of} is, and nobody else; AWS says who that is",
        "whole account": "wide: anybody there whom the account's own policies let",
        "permission set": "of IAM Identity Center: whoever has it there",
    }.get(kind, "")


def parties_for(selected: str, profiles: Profiles) -> tuple[str, str]:
    """Return the profiles of both accounts that are most likely meant where `selected` is, "" for none.

    A role is seen from where it is assumed; everybody else most likely wants to get into another account.
    """
    if selected not in profiles:
        return "", "default" if "default" in profiles else ""
    if profiles[selected].kind == Kind.ROLE and profiles.chain_break(selected) is None:
        return selected, profiles.root(selected).name
    return "", selected


def proposed_profile(trusting: str, role: str, profiles: Profiles) -> str:
    """Return a free name for the profile of a role in the account of `trusting`, "" where that is unknown."""
    if trusting not in profiles or check_role(role):
        return ""
    short = role.removeprefix(_PREFIX) or role
    account = profiles[trusting].account_id
    if account is not None:
        return proposed_name(f"arn:aws:iam::{account}:role/{short}", profiles)
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", short)
    name = "-".join([trusting, *(word.lower() for word in words)])
    free = (name, *(f"{name}-{number}" for number in range(2, 100)))
    return next((each for each in free if not check_new_name(each, profiles)), "")


def has_mfa(name: str, profiles: Profiles) -> bool:
    """Tell whether a profile says which MFA device its user has."""
    return name in profiles and bool(profiles[name].text("mfa_serial"))


def check_party(name: str, profiles: Profiles, other: str) -> str:
    """Tell what keeps a profile from being the one of an account, `other` being that of the other one."""
    if name not in profiles:
        return f"there is no profile {printable(name)}"
    problem = profiles.chain_break(name)
    if problem is not None:
        return printable(problem.problem.message)
    if name == other:
        return "this is the other account's profile: access goes from one account to another"
    account = profiles[name].account_id
    if account is not None and other in profiles and profiles[other].account_id == account:
        return f"both are in the account {account}: access goes from one account to another"
    return ""


def party_note(name: str, profiles: Profiles, does: str) -> str:
    """Return what the account of a profile is there for, and which one it is as far as the files tell."""
    account = profiles[name].account_id if name in profiles else None
    return f"the account that {does}{f': {account_label(account)}' if account else ''}"


def check_principal(kind: str, name: str) -> str:
    """Tell what keeps a user, a role or a permission set from being called so."""
    if name.startswith("arn:"):
        return ""  # judged as a whole with the plan
    checks = {USER: check_user, ROLE: check_role_path, SSO: check_permission_set}
    return checks[KINDS[kind]](name) if KINDS[kind] in checks else ""


def check_allowed(text: str) -> str:
    """Tell what is wrong with what the role may do: a policy's name or ARN, or a file with a policy."""
    if not _is_file(text):
        return check_policy(text)
    try:
        return check_policy_document(_read(text))
    except (OSError, ValueError) as error:
        return f"the file cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}"


def check_age(text: str) -> str:
    """Tell what is wrong with how old an MFA sign-in may be."""
    seconds = seconds_of(text)
    return "write a time as 1h, 90m or 3600" if seconds is None else check_mfa_age(seconds)


def request_of(values: Mapping[str, str]) -> Request:
    """Return what the texts of the fields ask for; with ITSELF the principal's kind is "".

    FieldError where the policy is a file that cannot be read any more.
    """
    policy, document = values["policy"], ""
    if _is_file(policy):
        wrong = check_allowed(policy)
        if wrong:
            raise FieldError("policy", wrong)
        policy, document = "", _read(policy)
    return Request(
        trusting=values["trusting"],
        trusted=values["trusted"],
        principal=Principal(KINDS[values["kind"]], values.get("principal", "")),
        role=values["role"],
        profile=values["profile"],
        path=values["path"] or "/",
        policy=policy,
        policy_document=document,
        source=values["source"],
        external_id=values["external_id"],
        require_mfa=values["require_mfa"] == YES,
        mfa_serial=values.get("mfa_serial", ""),
        mfa_age=seconds_of(values.get("mfa_age") or "0") or 0,
        seconds=seconds_of(values["seconds"] or "1h") or 0,
        tags=parse_tags(values["tags"]),
        managed=values["managed"] == MANAGED,
        group=values.get("group", ""),
        user=values.get("user", ""),
        region=values["region"],
    )


def _is_file(text: str) -> bool:
    return text.endswith(".json")


def _read(path: str) -> str:
    return read_regular(os.path.expanduser(path), _LARGEST)[0].decode()
