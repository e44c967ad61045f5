"""What exists in the demo's AWS: the Dev user, the CI user, and every role that a profile names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xswitch.demo import tree
from xswitch.demo.service import sso_role_arn
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
    api.put_user_policy(tree.DEV_ACCOUNT, "dev", "AssumeTeamRoles", _policy("Allow", Resource=roles))
    for name in tree.SESSIONS:
        keys[name] = api.assume_role(arns[name], profiles[name].text("role_session_name") or "dev")
    return keys
