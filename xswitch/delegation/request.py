"""What access is wanted, as data: it is kept in the journal, so that an interrupted set-up can go on."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from xswitch.delegation.checks import (
    check_external_id,
    check_group,
    check_mfa_age,
    check_path,
    check_permission_set,
    check_policy,
    check_policy_document,
    check_role,
    check_role_path,
    check_seconds,
    check_tags_of,
    check_user,
)
from xswitch.editing.checks import check_name, check_setting
from xswitch.editing.operation import FieldError
from xswitch.text import printable

USER, ROLE, SSO, ACCOUNT = "user", "role", "sso", "account"
GROUP = "group"  # no principal: it only has policies


@dataclass(frozen=True, slots=True)
class Principal:
    """Who may assume the role: `kind` is USER, ROLE, SSO (a permission set) or ACCOUNT (anybody in it).

    `name` may have its path (`team/bob`) or be a whole ARN; it is "" for the account.
    """

    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What access is wanted.

    `trusting` and `trusted` are profiles that may change IAM in the account that gets the role, and in the
    one whose `principal` may assume it. `policy` is the name or ARN of a managed policy for the role, unless
    `policy_document` (JSON) is given. `profile` is the role profile to write, `source` its source profile
    (`trusted` where it is ""). Times are seconds; `mfa_age` 0 is any. With `managed` the trusted side gets a
    managed policy instead of an inline one; it is given to `group` or `user` instead of the principal.
    """

    trusting: str
    trusted: str
    principal: Principal
    role: str
    profile: str
    path: str = "/"
    policy: str = "ReadOnlyAccess"
    policy_document: str = ""
    source: str = ""
    external_id: str = ""
    require_mfa: bool = False
    mfa_serial: str = ""
    mfa_age: int = 0
    seconds: int = 3600
    tags: dict[str, str] = field(default_factory=dict)
    managed: bool = False
    group: str = ""
    user: str = ""
    region: str = ""

    @property
    def source_profile(self) -> str:
        """The profile whose credentials assume the role."""
        return self.source or self.trusted

    @property
    def _is_needed(self) -> bool:
        return self.profile in {self.trusting, self.trusted, self.source}

    def check(self) -> None:
        """FieldError for what AWS or the config file would not take, told without asking anybody."""
        for name, wrong in self._wrong():
            if wrong:
                raise FieldError(name, wrong)

    def _wrong(self) -> list[tuple[str, str]]:
        has_mfa = self.require_mfa or not (self.mfa_age or self.mfa_serial)
        checked = [
            ("trusting", "" if self.trusting else "name a profile in the account that gets the role"),
            ("trusted", "" if self.trusted else "name a profile in the account that may use it"),
            ("principal", _wrong_principal(self.principal)),
            ("role", check_role(self.role)),
            ("path", check_path(self.path)),
            (
                "policy",
                check_policy_document(self.policy_document)
                if self.policy_document
                else check_policy(self.policy),
            ),
            ("profile", check_name(self.profile)),
            ("profile", "it is needed to set this up: choose another name" if self._is_needed else ""),
            ("source", check_setting("source_profile", self.source)),
            ("external_id", check_external_id(self.external_id)),
            ("mfa_serial", check_setting("mfa_serial", self.mfa_serial)),
            ("mfa_age", check_mfa_age(self.mfa_age)),
            ("require_mfa", "" if has_mfa else "an MFA device or age is for a role that requires MFA"),
            ("seconds", check_seconds(self.seconds)),
            ("tags", check_tags_of(self.tags)),
            ("group", check_group(self.group) if self.group else ""),
            ("user", check_user(self.user) if self.user else ""),
            ("region", check_setting("region", self.region)),
        ]
        if self.group and self.user:
            checked.append(("group", "the permission goes to a user or to a group, not to both"))
        odd = [
            name
            for name in (self.trusting, self.trusted, self.source, self.profile)
            if not name.isprintable()
        ]
        if odd:
            checked.append(("profile", f"the name {printable(odd[0])} cannot be typed: rename that profile"))
        if self.require_mfa and self.principal.kind in {ROLE, SSO}:
            text = "only users have MFA devices: a role or a permission set never brings a code"
            checked.append(("require_mfa", text))
        if self.user and self.principal.kind != ACCOUNT:
            checked.append(("user", "only where the whole account is trusted is the user named separately"))
        if self.group and self.principal.kind not in {ACCOUNT, USER}:
            checked.append(("group", "only users are in groups"))
        return checked

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


def request_from(data: dict[str, Any]) -> Request:
    """Return the request that `as_json` wrote. TypeError, KeyError or ValueError where it is none."""
    values = {each.name: data[each.name] for each in fields(Request) if each.name in data}
    values["principal"] = Principal(str(data["principal"]["kind"]), str(data["principal"]["name"]))
    values["tags"] = {str(key): str(value) for key, value in dict(values.get("tags", {})).items()}
    for each in fields(Request):
        expected = _TYPES.get(str(each.type))
        if each.name in values and expected not in {None, type(values[each.name])}:
            raise ValueError(each.name)
    return Request(**values)


def new_external_id() -> str:
    """Return an external id that nobody guesses: 32 letters and digits."""
    return secrets.token_hex(16)


_TYPES = {"str": str, "bool": bool, "int": int}


def _wrong_principal(principal: Principal) -> str:
    if principal.kind == ACCOUNT:
        return ""
    if principal.kind == SSO:
        return check_permission_set(principal.name)
    if principal.kind not in {USER, ROLE}:
        return "a principal is a user, a role, a permission set or the account"
    if principal.name.startswith("arn:"):
        kinds = principal.name.split(":", 5)[-1].partition("/")
        is_whole = principal.name.count(":") == 5 and kinds[0] == principal.kind and kinds[2]
        check = check_user if principal.kind == USER else check_role_path
        return check(kinds[2]) if is_whole else f"this is no ARN of an IAM {principal.kind}"
    return check_user(principal.name) if principal.kind == USER else check_role_path(principal.name)
