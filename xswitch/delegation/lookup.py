"""Finding out what a request leaves open: who the principal is, which policy is meant, which MFA device."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from xswitch.delegation.account import Refused
from xswitch.delegation.request import ACCOUNT, ROLE, SSO, USER, Principal
from xswitch.editing.operation import FieldError
from xswitch.text import printable

if TYPE_CHECKING:
    from xswitch.delegation.account import Account
    from xswitch.delegation.request import Request
    from xswitch.profiles.collection import Profiles

# Where AWS keeps its managed policies.
_FOLDERS = ("", "job-function/", "service-role/")
_PAGES = {"PageSize": 1000}  # there are some 1,500
_SSO_PREFIX = "AWSReservedSSO_"


def principal_of(arn: str) -> Principal:
    """Return who has that ARN, as GetCallerIdentity gives it, to be trusted."""
    kind, _, name = arn.split(":", 5)[-1].partition("/")
    if kind == USER:
        return Principal(USER, name)
    if kind == "assumed-role":
        role = name.partition("/")[0]
        if role.startswith(_SSO_PREFIX):  # AWSReservedSSO_PermissionSet_0123456789abcdef
            return Principal(SSO, role.removeprefix(_SSO_PREFIX).rpartition("_")[0])
        return Principal(ROLE, role)
    text = f"{printable(arn)} is nobody who can be trusted to assume a role"
    raise FieldError(
        "principal", text, "name a user, a role or a permission set; the root user cannot assume one"
    )


def principal_arn(request: Request, account: Account, notes: list[str]) -> str:
    """Return what the trust policy names. FieldError where there is nobody of that name."""
    principal = request.principal
    root = f"arn:{account.partition}:iam::{account.id}"
    if principal.kind in {ACCOUNT, SSO}:
        return f"{root}:root"
    kind, name = principal.kind, principal.name.rpartition("/")[2]
    typed = principal.name.partition(f":{kind}/")[2] or principal.name
    wanted = f"{root}:{kind}/{typed}"
    if principal.name.startswith("arn:") and wanted != principal.name:
        profile = printable(account.party.profile)
        text = f"{printable(principal.name)} is not in the account {account.id} of {profile}"
        raise FieldError("principal", text)
    try:
        which = {f"{kind.title()}Name": name}
        found = str(account.member(f"get_{kind}", kind.title(), "Arn", **which)["Arn"])
    except Refused as error:
        if error.is_missing:
            known = [each.rpartition("/")[2] for each in names(account, kind)]
            text = f"there is no {kind} {printable(name)} in the account {account.id}"
            raise FieldError("principal", text, _nearest(name, known)) from None
        if not error.is_denied:
            raise
        notes.append(
            f"whether there is a {kind} {printable(typed)} is not known: iam:Get{kind.title()} is denied"
        )
        return wanted
    if "/" in typed and found != wanted:
        raise FieldError("principal", f"the {kind} {name} has another path: {printable(found)}")
    if not found.startswith(f"{root}:{kind}/") or found.rpartition("/")[2] != name:
        raise FieldError(
            "principal", f"AWS answers for {printable(name)} with another {kind}: {printable(found)}"
        )
    if f":{ROLE}/aws-reserved/" in found or f":{ROLE}/aws-service-role/" in found:
        text = f"AWS manages the role {printable(name)}, and nobody else may change it"
        raise FieldError("principal", text, "where it is that of a permission set, trust the permission set")
    return found


def check_holder(kind: str, name: str, account: Account, notes: list[str], member: str = "") -> None:
    """FieldError where there is no such user or group to give the permission to.

    Where a user `member` is to have it through the group and is not in it, that is noted.
    """
    name = name.rpartition("/")[2]
    try:
        if kind == USER:
            account.member("get_user", "User", "Arn", UserName=name)
            return
        users = account.listed("get_group", "Users", "UserName", GroupName=name)
    except Refused as error:
        if error.is_missing:
            text = f"there is no {kind} {printable(name)} in the account {account.id}"
            raise FieldError(kind, text, _nearest(name, names(account, kind))) from None
        if not error.is_denied:
            raise
        notes.append(
            f"whether there is a {kind} {printable(name)} is not known: iam:Get{kind.title()} is denied"
        )
        return
    if member and all(each["UserName"] != member for each in users):
        notes.append(
            f"the user {printable(member)} is not in the group {printable(name)}, and gets nothing by it"
        )


def policy_arn(request: Request, account: Account, notes: list[str]) -> str:
    """Return the ARN of the managed policy that is meant; FieldError where there is none of that name."""
    if request.policy_document:
        return ""
    text, partition = request.policy, account.partition
    candidates = [f"arn:{partition}:iam::aws:policy/{folder}{text}" for folder in _FOLDERS]
    candidates.append(f"arn:{partition}:iam::{account.id}:policy/{text}")
    if text.startswith("arn:"):
        candidates = [text]
        if text.split(":")[1] != partition:
            raise FieldError("policy", f"{printable(text)} is of another partition than {partition}")
    for candidate in candidates:
        try:
            account.member("get_policy", "Policy", PolicyArn=candidate)
        except Refused as error:
            if error.is_denied:
                notes.append(f"whether there is a policy {candidate} is not known: iam:GetPolicy is denied")
                return candidate
            if not error.is_missing and error.code != "ValidationError":
                raise
        else:
            return candidate
    name = text.rpartition("/")[2]
    own = _own_policy(account, text)
    if own:
        return own
    message = f"there is no policy {printable(text)} in the account {account.id}, nor one of AWS's"
    raise FieldError("policy", message, _nearest(name, policies(account)))


def _own_policy(account: Account, name: str) -> str:
    """Return the ARN of the account's own policy of that name, whatever its path; "" where it has none."""
    try:
        found = account.listed("list_policies", "Policies", "PolicyName", "Arn", Scope="Local")
    except Refused:
        return ""
    return next((str(each["Arn"]) for each in found if each["PolicyName"] == name), "")


def mfa_serial(request: Request, principal: str, account: Account, profiles: Profiles) -> str:
    """Return the MFA device that the profile names: as given, the source's, else the first of the user."""
    if not request.require_mfa:
        return ""
    source = request.source_profile
    known = request.mfa_serial or (profiles[source].text("mfa_serial") if source in profiles else None)
    if not known and request.principal.kind == USER:
        try:
            user = principal.rpartition("/")[2]
            key = "SerialNumber"
            devices = account.listed("list_mfa_devices", "MFADevices", key, UserName=user)
            known = devices[0][key] if devices else None
        except Refused:
            known = None
    if not known:
        text = "the role is to require MFA, and which device that is is not known"
        raise FieldError("mfa_serial", text, "name it: arn:aws:iam::ACCOUNT:mfa/NAME")
    return known


def is_source_of(arn: str, request: Request, principal: str, account: Account) -> bool:
    """Tell whether who has `arn` (the source profile's) is somebody whom the trust policy names."""
    if arn.split(":")[4] != account.id:
        return False
    try:
        found = principal_of(arn)
    except FieldError:  # the root user, who cannot assume roles
        return False
    wanted = request.principal
    if wanted.kind == ACCOUNT:
        return True
    name = principal.rpartition("/")[2] if wanted.kind != SSO else wanted.name
    return found.kind == wanted.kind and found.name.rpartition("/")[2] == name


def names(account: Account, kind: str) -> list[str]:
    """Return the users, groups or roles of an account, with their paths; none where that may not be seen."""
    key, name = f"{kind.title()}s", f"{kind.title()}Name"
    try:
        found = [
            f"{each['Path'].removeprefix('/')}{each[name]}"
            for each in account.listed(f"list_{kind}s", key, "Path", name)
        ]
    except Refused:
        return []
    return sorted(found, key=str.lower)


def policies(account: Account) -> list[str]:
    """Return the names of AWS's managed policies and the account's own; none where they may not be seen."""
    try:
        key = "PolicyName"
        pages = account.listed("list_policies", "Policies", key, Scope="All", PaginationConfig=_PAGES)
        found = {each[key] for each in pages}
    except Refused:
        return []
    return sorted(found, key=str.lower)


def _nearest(name: str, known: list[str]) -> str:
    found = get_close_matches(name, known)
    return f"did you mean {' or '.join(printable(each) for each in found)}?" if found else ""
