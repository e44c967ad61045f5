"""What exists in the demo's AWS: the users, and every role that a profile names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xswitch.demo import tree
from xswitch.demo.portal import sso_role_arn
from xswitch.profiles.profile import Kind

if TYPE_CHECKING:
    from xswitch.demo.api import Api, Keys
    from xswitch.profiles.collection import Profiles
    from xswitch.profiles.profile import Profile

_DEV_USER_ARN = f"arn:aws:iam::{tree.DEV_ACCOUNT}:user/dev"
_SEED = 20


def create_everything(api: Api, profiles: Profiles) -> dict[str, Keys]:
    """Create users and roles, and return the keys or the session of each profile that has one."""
    api.seed_random(_SEED)
    keys = {
        "default": api.create_user(tree.DEV_ACCOUNT, "dev"),
        "ci": api.create_user(tree.CI_ACCOUNT, "ci"),
    }
    arns = {profile.name: arn for profile in profiles if (arn := _role_arn(profile))}
    for name, arn in arns.items():
        source = profiles[name].source
        trust = _trust(profiles[name], arns.get(source or "", _DEV_USER_ARN))
        api.create_role(arn, trust, tree.ROLE_POLICIES[profiles[name].role])
    roles = [arn for name, arn in arns.items() if profiles[name].source == "default"]
    api.put_user_policy(tree.DEV_ACCOUNT, "dev", "AssumeTeamRoles", _policy(Resource=roles))
    for name in tree.SESSIONS:
        keys[name] = api.assume_role(arns[name], profiles[name].text("role_session_name") or "dev")
    api.enable_mfa_device(tree.DEV_ACCOUNT, "dev", f"arn:aws:iam::{tree.DEV_ACCOUNT}:mfa/dev")
    for user in tree.DEV_USERS:
        api.call("iam", tree.DEV_ACCOUNT, "CreateUser", UserName=user)
    for group, users in tree.DEV_GROUPS.items():
        api.add_to_group(tree.DEV_ACCOUNT, group, users)
    return keys


def _role_arn(profile: Profile) -> str | None:
    if profile.kind == Kind.SSO:
        return sso_role_arn(profile.account_id or "", profile.role)
    return profile.role_arn


def _trust(profile: Profile, source_arn: str) -> dict[str, object]:
    if profile.kind == Kind.SSO:
        provider = f"arn:aws:iam::{profile.account_id}:saml-provider/AWSSSO_demo_DO_NOT_DELETE"
        return _policy(Principal={"Federated": provider}, Action="sts:AssumeRoleWithSAML")
    conditions: dict[str, object] = {}
    if (external_id := profile.text("external_id")) is not None:
        conditions["StringEquals"] = {"sts:ExternalId": external_id}
    if profile.text("mfa_serial") is not None:
        conditions["Bool"] = {"aws:MultiFactorAuthPresent": "true"}
    more = {"Condition": conditions} if conditions else {}
    return _policy(Principal={"AWS": source_arn}, **more)


def _policy(**statement: object) -> dict[str, object]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", **statement}
    return {"Version": "2012-10-17", "Statement": [statement]}
