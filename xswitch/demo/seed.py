"""What exists in the demo's AWS: the Dev user, the CI user, and every role that a profile names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xswitch.demo import tree
from xswitch.demo.api import account_of
from xswitch.demo.service import sso_role_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xswitch.demo.api import Api, Keys

_DEV_USER_ARN = f"arn:aws:iam::{tree.DEV_ACCOUNT}:user/dev"
_SEED = 20


def create_everything(api: Api) -> dict[str, Keys]:
    """Create users and roles, and return the keys or the session of each profile that has one."""
    api.seed_random(_SEED)
    keys = {
        "default": api.create_user(tree.DEV_ACCOUNT, "dev"),
        "ci": api.create_user(tree.CI_ACCOUNT, "ci"),
    }
    profiles = tree.profiles()
    arns = {name: arn for name, profile in profiles.items() if (arn := _role_arn(profile))}
    for name, arn in arns.items():
        _create_role(api, arn, profiles[name], arns.get(profiles[name].get("source_profile", "")))
    api.put_user_policy(tree.DEV_ACCOUNT, "dev", "AssumeTeamRoles", _may_assume(profiles))
    for name in (*tree.ROLE_SESSIONS, *tree.SSO_ROLE_SESSIONS):
        keys[name] = api.assume_role(arns[name], profiles[name].get("role_session_name", "dev"))
    return keys


def _role_arn(profile: Mapping[str, str]) -> str | None:
    if "sso_role_name" in profile:
        return sso_role_arn(profile["sso_account_id"], profile["sso_role_name"])
    return profile.get("role_arn")


def _create_role(api: Api, arn: str, profile: Mapping[str, str], source_role: str | None) -> None:
    *folders, name = arn.partition(":role/")[2].split("/")
    path = "/".join(["", *folders, ""])
    api.create_role(account_of(arn), name, path, _trust(profile, source_role))
    policy = tree.ROLE_POLICIES[profile.get("sso_role_name", name)]
    api.attach_role_policy(account_of(arn), name, f"arn:aws:iam::aws:policy/{policy}")


def _trust(profile: Mapping[str, str], source_role: str | None) -> dict[str, object]:
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"AWS": source_role or _DEV_USER_ARN},
        "Action": "sts:AssumeRole",
    }
    if "sso_session" in profile:
        provider = f"arn:aws:iam::{profile['sso_account_id']}:saml-provider/AWSSSO_demo_DO_NOT_DELETE"
        statement |= {"Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithSAML"}
    if "external_id" in profile:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": profile["external_id"]}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _may_assume(profiles: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    roles = [p["role_arn"] for p in profiles.values() if p.get("source_profile") == "default"]
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": roles}
    return {"Version": "2012-10-17", "Statement": [statement]}
