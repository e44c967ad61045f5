"""The role in the trusting account."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from xswitch.delegation.account import Refused
from xswitch.delegation.comparing import difference, is_same
from xswitch.delegation.record import CREATED, UPDATED, Entry
from xswitch.delegation.step import GONE, TRUSTING, Changed, Seen, Status, Step, has_mark, marked
from xswitch.errors import XswitchError
from xswitch.text import printable

if TYPE_CHECKING:
    from xswitch.delegation.account import Account
    from xswitch.delegation.blueprint import Blueprint


class RoleStep(Step):
    """Creates the role with its trust policy."""

    id = "role"
    side = TRUSTING
    action = "iam:CreateRole"
    updates = "iam:UpdateAssumeRolePolicy"
    needs = "iam:GetRole"
    # AWS does not know yet a principal that was created a moment ago.
    patience = (*Step.patience, "MalformedPolicyDocument")

    def __init__(self, blueprint: Blueprint, account: Account) -> None:
        self._blueprint = blueprint
        self._account = account
        self._name = blueprint.role_name
        self.account_id = account.id
        self.title = f"role {printable(blueprint.role_name)}"
        self.resource = blueprint.role_arn
        self.document = blueprint.trust

    def compare(self) -> Seen:
        """Compare the role that is there."""
        role = self._role()
        if role is None:
            return Seen(Status.CREATE)
        if role["Arn"] != self._blueprint.role_arn:
            text = f"the account has a role of that name: {printable(role['Arn'])}"
            hint = "a role's name is the account's only one: choose another name, or that path"
            raise XswitchError(text, hint)
        there, wanted = self._aspects(role), self._target(role)
        note = self._more(role)
        if is_same({**there, "Tags": _folded(there["Tags"])}, {**wanted, "Tags": _folded(wanted["Tags"])}):
            return Seen(Status.EXISTS, note=note)
        facts = {"before": there, "role_id": role["RoleId"]}
        return Seen(Status.DIFFERS, note=note, difference=difference(there, wanted), facts=facts)

    def make(self, entry: Entry) -> None:
        """Create the role."""
        wanted = self._wanted()
        tags = [{"Key": key, "Value": value} for key, value in wanted["Tags"].items()]
        answer = self._account.call(
            "create_role",
            RoleName=self._name,
            Path=self._blueprint.role_path,
            AssumeRolePolicyDocument=json.dumps(self._blueprint.trust),
            MaxSessionDuration=self._blueprint.max_session_duration,
            Description=marked(self._blueprint.description, entry.facts["marker"]),
            **({"Tags": tags} if tags else {}),
        )
        entry.facts["role_id"] = answer.get("Role", {}).get("RoleId", "")

    def update(self, entry: Entry) -> None:
        """Change what differs."""
        role = self._role()
        if role is None:
            raise XswitchError(f"the role {self._name} is gone", "try again")
        self._change(role, self._target(role))

    def is_ours(self, entry: Entry) -> bool:
        """Tell by the marker in the description."""
        role = self._role()
        if role is None or entry.way == UPDATED:
            return role is not None and role["RoleId"] == entry.facts.get("role_id")
        if not has_mark(role, entry):
            return False
        entry.facts["role_id"] = role["RoleId"]
        return True

    def check_undo(self, entry: Entry) -> str:
        """See that the role is still the one, that nobody else trusts in it, or has given it anything."""
        role = self._role()
        if role is None:
            return GONE
        role_id = entry.facts.get("role_id")
        if role["RoleId"] != role_id if role_id else not has_mark(role, entry):
            return GONE
        there = self._aspects(role)
        if entry.way == UPDATED:
            return self._check_before(there, entry.facts["before"])
        if not is_same(there["Trust"], self._blueprint.trust) and not _names_nobody(there["Trust"]):
            raise Changed(
                f"the trust policy of the role {self._name} was changed by others since",
                "see that nobody needs the role, and delete it by hand",
            )
        more = self._others()
        if more:
            raise Changed(
                f"the role {self._name} was given more by others since: {', '.join(more)}",
                "detach that first, or delete the role by hand",
            )
        return ""

    def undo(self, entry: Entry) -> None:
        """Delete the role, or give it back what it was."""
        if entry.way == CREATED:
            self._delete()
            return
        role, before = self._role(), entry.facts["before"]
        if role is None:
            return
        added = [key for key in self._wanted()["Tags"] if key not in before["Tags"]]
        if added:  # first: IAM takes away Team where it is to untag team
            self._account.call("untag_role", RoleName=self._name, TagKeys=added)
        self._change({**role, "Tags": [] if added else role.get("Tags", [])}, before)

    # -- what is there ----------------------------------------------------------------------------

    def _role(self) -> dict[str, Any] | None:
        """Return the role, None where there is none."""
        try:
            return self._account.member("get_role", "Role", "Arn", "RoleId", RoleName=self._name)
        except Refused as error:
            if error.is_missing:
                return None
            raise

    def _wanted(self) -> dict[str, Any]:
        return {
            "Trust": self._blueprint.trust,
            "MaxSessionDuration": self._blueprint.max_session_duration,
            "Tags": self._blueprint.request.tags,
        }

    def _target(self, role: dict[str, Any]) -> dict[str, Any]:
        """Return what is wanted of a role that is there: one that allows longer sessions is as good."""
        wanted = self._wanted()
        longest = max(wanted["MaxSessionDuration"], self._aspects(role)["MaxSessionDuration"])
        return {**wanted, "MaxSessionDuration": longest}

    def _aspects(self, role: dict[str, Any]) -> dict[str, Any]:
        """Return the parts of a role that matter here; of its tags those that are wanted, in any case."""
        wanted = {key.casefold() for key in self._blueprint.request.tags}
        tags = {str(tag.get("Key")): str(tag.get("Value")) for tag in role.get("Tags", [])}
        return {
            "Trust": role.get("AssumeRolePolicyDocument"),
            "MaxSessionDuration": role.get("MaxSessionDuration", 3600),
            "Tags": {key: value for key, value in tags.items() if key.casefold() in wanted},
        }

    def _others(self) -> list[str]:
        """Return what the role may do or is used for beside what is planned."""
        blueprint, account, which = self._blueprint, self._account, {"RoleName": self._name}
        attached = account.listed(
            "list_attached_role_policies", "AttachedPolicies", "PolicyArn", "PolicyName", **which
        )
        found = [each["PolicyName"] for each in attached if each["PolicyArn"] != blueprint.policy_arn]
        inline = account.listed("list_role_policies", "PolicyNames", **which)
        found += [name for name in inline if name != blueprint.policy_name]
        key = "InstanceProfileName"
        with suppress(Refused):  # DeleteRole refuses by itself where an instance profile has the role
            method = "list_instance_profiles_for_role"
            found += [each[key] for each in account.listed(method, "InstanceProfiles", key, **which)]
        return [printable(each) for each in found]

    def _more(self, role: dict[str, Any]) -> str:
        try:
            more = self._others()
        except Refused:
            more = []
        boundary = role.get("PermissionsBoundary")
        arn = boundary.get("PermissionsBoundaryArn", "") if isinstance(boundary, dict) else ""
        notes = [f"it has more than planned: {', '.join(more)}"] if more else []
        notes += [f"its permissions boundary is {printable(str(arn))}"] if arn else []
        return "; ".join(notes)

    # -- changing ---------------------------------------------------------------------------------

    def _delete(self) -> None:
        """Delete the role, and first what was planned for it and others were quicker to give it."""
        try:
            self._account.call("delete_role", RoleName=self._name)
        except Refused as error:
            if error.code != "DeleteConflict":
                raise
            which = {"RoleName": self._name}
            with suppress(Refused):
                if self._blueprint.policy_document is None:
                    self._account.call("detach_role_policy", PolicyArn=self._blueprint.policy_arn, **which)
                else:
                    self._account.call("delete_role_policy", PolicyName=self._blueprint.policy_name, **which)
            self._account.call("delete_role", RoleName=self._name)

    def _change(self, role: dict[str, Any], wanted: dict[str, Any]) -> None:
        there = self._aspects(role)
        if not is_same(there["Trust"], wanted["Trust"]):
            self._account.call(
                "update_assume_role_policy", RoleName=self._name, PolicyDocument=json.dumps(wanted["Trust"])
            )
        if there["MaxSessionDuration"] != wanted["MaxSessionDuration"]:
            # UpdateRole takes what it is not given for the default.
            kept = {"Description": role["Description"]} if role.get("Description") else {}
            self._account.call(
                "update_role", RoleName=self._name, MaxSessionDuration=wanted["MaxSessionDuration"], **kept
            )
        tags = [
            {"Key": key, "Value": value}
            for key, value in wanted["Tags"].items()
            if there["Tags"].get(key) != value
        ]
        if tags:
            self._account.call("tag_role", RoleName=self._name, Tags=tags)

    def _check_before(self, there: dict[str, Any], before: dict[str, Any]) -> str:
        """Compare each part: what is neither ours nor what was before is somebody else's."""
        wanted = self._wanted()
        tags = [_folded(each["Tags"]) for each in (there, before)]
        parts = [(key, there[key], before[key], wanted[key]) for key in ("Trust", "MaxSessionDuration")]
        parts += [
            (f"the tag {key}", tags[0].get(key.casefold()), tags[1].get(key.casefold()), value)
            for key, value in wanted["Tags"].items()
        ]
        for name, now, old, new in parts:
            if now is None:  # a tag that was untagged to be given back in other letters
                continue
            if not is_same(now, old) and not is_same(now, new):
                text = f"{printable(name)} of the role {self._name} was changed by others since"
                raise Changed(text, "put back by hand what it was")
        return GONE if all(is_same(now, old) for _, now, old, _ in parts) else ""


def _folded(tags: dict[str, str]) -> dict[str, str]:
    """Return tags by their names as IAM compares them."""
    return {key.casefold(): value for key, value in tags.items()}


def _names_nobody(trust: object) -> bool:
    """Tell whether the principal of a trust policy was deleted: IAM shows its id then, and not its ARN."""
    statements = trust.get("Statement", []) if isinstance(trust, dict) else []
    if len(statements) != 1 or not isinstance(statements, list):
        return False
    principal = statements[0].get("Principal", {})
    name = principal.get("AWS", "") if isinstance(principal, dict) else ""
    return isinstance(name, str) and name.startswith(("AIDA", "AROA"))
