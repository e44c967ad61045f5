"""A managed policy that is made for a delegation, with its versions."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from xswitch.delegation.account import Refused
from xswitch.delegation.blueprint import Attachment
from xswitch.delegation.comparing import difference, is_same
from xswitch.delegation.policies import PARAMETERS, Place
from xswitch.delegation.record import UPDATED, Entry
from xswitch.delegation.request import GROUP, ROLE, USER
from xswitch.delegation.step import GONE, Changed, Seen, Status, Step, has_mark, marked
from xswitch.errors import XswitchError
from xswitch.text import printable

if TYPE_CHECKING:
    from xswitch.delegation.account import Account
    from xswitch.delegation.blueprint import Blueprint

_MOST_VERSIONS = 5


class ManagedStep(Step):
    """Creates a managed policy that is meant for `holder` alone."""

    action = "iam:CreatePolicy"
    updates = "iam:CreatePolicyVersion"

    needs = "iam:GetPolicy, iam:GetPolicyVersion"

    def __init__(self, account: Account, holder: Attachment, place: Place, blueprint: Blueprint) -> None:
        self.id, self.side, self.part_of = place
        self.account_id = account.id
        self._account = account
        self._holder = holder
        self._description = f"Lets its owner assume {blueprint.role_arn}"
        self.resource = blueprint.grant_arn
        self.title = printable(f"policy {blueprint.grant_name}")
        self.document = blueprint.grant

    def compare(self) -> Seen:
        """Compare the default version of the policy."""
        there = self._there()
        if there is None:
            return Seen(Status.CREATE)
        document = self._document_of(there["DefaultVersionId"])
        if is_same(document, self.document):
            return Seen(Status.EXISTS)
        return Seen(
            Status.DIFFERS,
            difference=difference(document, self.document),
            facts={
                "before": there["DefaultVersionId"],
                "policy_id": there["PolicyId"],
                "versions": self._versions(),
            },
        )

    def make(self, entry: Entry) -> None:
        """Create it."""
        answer = self._account.call(
            "create_policy",
            PolicyName=self.resource.rpartition("/")[2],
            PolicyDocument=json.dumps(self.document),
            Description=marked(self._description, entry.facts["marker"]),
        )
        entry.facts["policy_id"] = answer.get("Policy", {}).get("PolicyId", "")

    def update(self, entry: Entry) -> None:
        """Give it a new default version."""
        if len(self._versions()) >= _MOST_VERSIONS:
            text = f"the {self.title} has {_MOST_VERSIONS} versions, which is the most that AWS keeps"
            raise XswitchError(text, "delete one that nobody needs: aws iam delete-policy-version")
        self._account.call(
            "create_policy_version",
            PolicyArn=self.resource,
            PolicyDocument=json.dumps(self.document),
            SetAsDefault=True,
        )

    def is_ours(self, entry: Entry) -> bool:
        """Tell by the marker in the description; of a version by what it says."""
        there = self._there()
        if there is None:
            return False
        if entry.way == UPDATED:
            return bool(self._our_versions(entry))
        if not has_mark(there, entry):
            return False
        entry.facts["policy_id"] = there["PolicyId"]
        return True

    def check_undo(self, entry: Entry) -> str:
        """See that the policy is still the one and says what we wrote."""
        there = self._there()
        if there is None:
            return GONE
        policy_id = entry.facts.get("policy_id")
        if there["PolicyId"] != policy_id if policy_id else not has_mark(there, entry):
            return GONE
        if entry.way == UPDATED:
            return self._check_versions(there, entry)
        if not is_same(self._document_of(there["DefaultVersionId"]), self.document):
            text = f"the {self.title} was changed by others since"
            raise Changed(text, "delete it by hand if nobody needs it")
        if others := self._others():
            text = f"the {self.title} was given to others since: {', '.join(others)}"
            raise Changed(text, "detach it from them first")
        return ""

    def undo(self, entry: Entry) -> None:
        """Delete it with all its versions, or only ours of one that was there before."""
        if entry.way == UPDATED:
            before, there = entry.facts["before"], self._there()
            if there is not None and there["DefaultVersionId"] != before:
                self._account.call("set_default_policy_version", PolicyArn=self.resource, VersionId=before)
            for version in self._our_versions(entry):
                self._delete_version(version)
            return
        there = self._there()
        for version in self._versions():
            if there is not None and version != there["DefaultVersionId"]:
                self._delete_version(version)
        try:
            self._account.call("delete_policy", PolicyArn=self.resource)
        except Refused as error:
            if error.code != "DeleteConflict":
                raise
            with suppress(Refused):  # others were quicker to attach it where it was to be attached
                who = {PARAMETERS[self._holder.kind]: self._holder.name}
                self._account.call(f"detach_{self._holder.kind}_policy", PolicyArn=self.resource, **who)
            self._account.call("delete_policy", PolicyArn=self.resource)

    def _others(self) -> list[str]:
        """Return who else has the policy."""
        found: list[str] = []
        for kind, key in ((USER, "PolicyUsers"), (GROUP, "PolicyGroups"), (ROLE, "PolicyRoles")):
            name, which = PARAMETERS[kind], {"PolicyArn": self.resource}
            names = self._account.listed("list_entities_for_policy", key, name, **which)
            attachments = [Attachment(kind, each[name]) for each in names]
            found += [f"{each.kind} {printable(each.name)}" for each in attachments if each != self._holder]
        return found

    def _check_versions(self, there: dict[str, Any], entry: Entry) -> str:
        """See that the version that was the default before can be it again, and that ours is the one now."""
        ours, before = self._our_versions(entry), entry.facts["before"]
        if not ours:
            return GONE
        if before not in self._versions():
            text = f"the version {printable(before)} of the {self.title} was deleted by others since"
            raise Changed(text, "make by hand the default version what it was")
        if there["DefaultVersionId"] not in {before, *ours}:
            text = f"the {self.title} was changed by others since"
            raise Changed(text, "put back by hand what it was")
        return ""

    def _our_versions(self, entry: Entry) -> list[str]:
        """Return the versions that were not there before and say what we wrote: a lost answer makes two."""
        new = [version for version in self._versions() if version not in entry.facts["versions"]]
        return [version for version in new if is_same(self._document_of(version), self.document)]

    def _delete_version(self, version: str) -> None:
        try:
            self._account.call("delete_policy_version", PolicyArn=self.resource, VersionId=version)
        except Refused as error:
            if not error.is_missing:
                raise

    def _versions(self) -> list[str]:
        key, which = "VersionId", {"PolicyArn": self.resource}
        return [each[key] for each in self._account.listed("list_policy_versions", "Versions", key, **which)]

    def _there(self) -> dict[str, Any] | None:
        try:
            needed = ("PolicyId", "DefaultVersionId")
            return self._account.member("get_policy", "Policy", *needed, PolicyArn=self.resource)
        except Refused as error:
            if error.is_missing:
                return None
            raise

    def _document_of(self, version: str) -> Any:
        which = {"PolicyArn": self.resource, "VersionId": version}
        return self._account.member("get_policy_version", "PolicyVersion", **which).get("Document", {})
