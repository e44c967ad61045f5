"""The policies of a delegation: attached, inline, and made for it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from xswitch.delegation.account import Refused
from xswitch.delegation.blueprint import Attachment
from xswitch.delegation.comparing import difference, is_same
from xswitch.delegation.record import UPDATED, Entry
from xswitch.delegation.request import GROUP, ROLE, USER
from xswitch.delegation.roles import MARK, marked
from xswitch.delegation.step import GONE, Changed, Seen, Status, Step
from xswitch.errors import XswitchError
from xswitch.text import printable

if TYPE_CHECKING:
    from xswitch.delegation.account import Account

_PARAMETERS = {USER: "UserName", GROUP: "GroupName", ROLE: "RoleName"}
_MOST_VERSIONS = 5


class _OfSomebody(Step):
    """A policy that a user, a group or a role has."""

    # IAM has not heard yet everywhere of the role or the policy that was just made.
    patience = (*Step.patience, "NoSuchEntity")

    def __init__(self, names: tuple[str, str, str], account: Account, holder: Attachment) -> None:
        self.id, self.side, self.part_of = names  # type: ignore[misc]  # it is needed on both sides
        self.account_id = account.id
        self._account = account
        self._holder = holder
        self._who = {_PARAMETERS[holder.kind]: holder.name}

    def _denied(self, action: str) -> Seen:
        profile = printable(self._account.party.profile)
        return Seen(Status.UNKNOWN, note=f"{profile} may not look: iam:{action}")

    def _holder_id(self) -> str:
        """Return the id of who has the policy, "" where it may not be seen. It is never given again."""
        kind = self._holder.kind
        more = {"MaxItems": 1} if kind == GROUP else {}
        try:
            found = self._account.call(f"get_{kind}", **self._who, **more)
        except Refused:
            return ""
        return str(found[kind.title()][f"{kind.title()}Id"])

    def _is_another(self, entry: Entry) -> bool:
        """Tell whether there is another user, group or role of that name now."""
        before = entry.facts.get("holder_id")
        return bool(before) and self._holder_id() not in {"", before}


class AttachedStep(_OfSomebody):
    """Attaches a managed policy."""

    fails_where_it_exists = False

    def __init__(
        self, names: tuple[str, str, str], account: Account, holder: Attachment, policy_arn: str
    ) -> None:
        super().__init__(names, account, holder)
        kind = holder.kind.title()
        self.action = f"iam:Attach{kind}Policy"
        self.resource = policy_arn
        self.title = printable(f"{policy_arn.rpartition('/')[2]} for the {holder.kind} {holder.name}")

    def look(self) -> Seen:
        """Tell whether it is attached."""
        try:
            return Seen(Status.EXISTS if self._is_attached() else Status.CREATE)
        except Refused as error:
            if not error.is_denied:
                raise
            return self._denied(f"ListAttached{self._holder.kind.title()}Policies")

    def make(self, entry: Entry) -> None:
        """Attach it."""
        entry.facts["holder_id"] = self._holder_id()
        self._account.call(f"attach_{self._holder.kind}_policy", PolicyArn=self.resource, **self._who)

    def is_ours(self, entry: Entry) -> bool:
        """Tell whether it is attached: it was not before."""
        return self._is_attached()

    def check_undo(self, entry: Entry) -> str:
        """See whether it is attached still."""
        return "" if self._is_attached() and not self._is_another(entry) else GONE

    def undo(self, entry: Entry) -> None:
        """Detach it."""
        self._account.call(f"detach_{self._holder.kind}_policy", PolicyArn=self.resource, **self._who)

    def _is_attached(self) -> bool:
        method = f"list_attached_{self._holder.kind}_policies"
        try:
            found = list(self._account.listed(method, "AttachedPolicies", **self._who))
        except Refused as error:
            if error.is_missing:
                return False
            raise
        return any(each["PolicyArn"] == self.resource for each in found)


class InlineStep(_OfSomebody):
    """Writes an inline policy."""

    is_safe_unseen = False  # it would replace one of that name

    def __init__(
        self,
        names: tuple[str, str, str],
        account: Account,
        holder: Attachment,
        name: str,
        document: dict[str, Any],
    ) -> None:
        super().__init__(names, account, holder)
        self.action = f"iam:Put{holder.kind.title()}Policy"
        self.resource = f"{holder.kind}/{holder.name}/{name}"
        self.title = printable(f"policy {name} of the {holder.kind} {holder.name}")
        self.document = document
        self._which = {**self._who, "PolicyName": name}

    def look(self) -> Seen:
        """Compare the policy of that name."""
        try:
            there = self._there()
        except Refused as error:
            if not error.is_denied:
                raise
            return self._denied(f"Get{self._holder.kind.title()}Policy")
        if there is None:
            return Seen(Status.CREATE)
        if is_same(there, self.document):
            return Seen(Status.EXISTS)
        return Seen(Status.DIFFERS, difference=difference(there, self.document), facts={"before": there})

    def make(self, entry: Entry) -> None:
        """Write it."""
        entry.facts["holder_id"] = self._holder_id()
        self._put(self.document)

    def update(self, entry: Entry) -> None:
        """Write it over the one that is there."""
        self._put(self.document)

    def is_ours(self, entry: Entry) -> bool:
        """Tell by what it says: there was none of that name before."""
        return is_same(self._there(), self.document)

    def check_undo(self, entry: Entry) -> str:
        """See whether it still says what we wrote."""
        there = self._there()
        is_back = entry.way == UPDATED and is_same(there, entry.facts["before"])
        if there is None or is_back or self._is_another(entry):
            return GONE
        if not is_same(there, self.document):
            text = f"the policy {self._which['PolicyName']} of {printable(self._holder.name)}"
            raise Changed(f"{text} was changed by others since", "delete it by hand if nobody needs it")
        return ""

    def undo(self, entry: Entry) -> None:
        """Delete it, or write again what it said."""
        if entry.way == UPDATED:
            self._put(entry.facts["before"])
        else:
            self._account.call(f"delete_{self._holder.kind}_policy", **self._which)

    def _put(self, document: object) -> None:
        text = json.dumps(document)
        self._account.call(f"put_{self._holder.kind}_policy", PolicyDocument=text, **self._which)

    def _there(self) -> Any:
        try:
            return self._account.call(f"get_{self._holder.kind}_policy", **self._which)["PolicyDocument"]
        except Refused as error:
            if error.is_missing:
                return None
            raise


class ManagedStep(Step):
    """Creates a managed policy that is meant for `holder` alone."""

    action = "iam:CreatePolicy"

    def __init__(
        self,
        names: tuple[str, str, str],
        account: Account,
        arn: str,
        document: dict[str, Any],
        description: str,
        holder: Attachment,
    ) -> None:
        self.id, self.side, self.part_of = names  # type: ignore[misc]
        self.account_id = account.id
        self._account = account
        self._holder = holder
        self._description = description
        self.resource = arn
        self.title = printable(f"policy {arn.rpartition('/')[2]}")
        self.document = document

    def look(self) -> Seen:
        """Compare the default version of the policy."""
        try:
            there = self._there()
        except Refused as error:
            if not error.is_denied:
                raise
            profile = printable(self._account.party.profile)
            return Seen(Status.UNKNOWN, note=f"{profile} may not look: iam:GetPolicy, iam:GetPolicyVersion")
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
        if not self._has_mark(there, entry):
            return False
        entry.facts["policy_id"] = there["PolicyId"]
        return True

    def check_undo(self, entry: Entry) -> str:
        """See that the policy is still the one and says what we wrote."""
        there = self._there()
        if there is None:
            return GONE
        policy_id = entry.facts.get("policy_id")
        if there["PolicyId"] != policy_id if policy_id else not self._has_mark(there, entry):
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
            before = entry.facts["before"]
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
                who = {_PARAMETERS[self._holder.kind]: self._holder.name}
                self._account.call(f"detach_{self._holder.kind}_policy", PolicyArn=self.resource, **who)
            self._account.call("delete_policy", PolicyArn=self.resource)

    def _others(self) -> list[str]:
        """Return who else has the policy."""
        found: list[str] = []
        for kind, key in ((USER, "PolicyUsers"), (GROUP, "PolicyGroups"), (ROLE, "PolicyRoles")):
            names = self._account.listed("list_entities_for_policy", key, PolicyArn=self.resource)
            attachments = [Attachment(kind, each[_PARAMETERS[kind]]) for each in names]
            found += [f"{each.kind} {printable(each.name)}" for each in attachments if each != self._holder]
        return found

    def _check_versions(self, there: dict[str, Any], entry: Entry) -> str:
        """See that the version that was the default before can be it again, and that ours is the one now."""
        ours, before = self._our_versions(entry), entry.facts["before"]
        if before not in self._versions():
            text = f"the version {printable(before)} of the {self.title} was deleted by others since"
            raise Changed(text, "make by hand the default version what it was")
        if there["DefaultVersionId"] not in {before, *ours}:
            text = f"the {self.title} was changed by others since"
            raise Changed(text, "put back by hand what it was")
        return "" if ours else GONE

    def _our_versions(self, entry: Entry) -> list[str]:
        """Return the versions that were not there before and say what we wrote: a lost answer makes two."""
        new = [version for version in self._versions() if version not in entry.facts["versions"]]
        return [version for version in new if is_same(self._document_of(version), self.document)]

    @staticmethod
    def _has_mark(policy: dict[str, Any], entry: Entry) -> bool:
        return f"[{MARK}{entry.facts['marker']}]" in policy.get("Description", "")

    def _delete_version(self, version: str) -> None:
        try:
            self._account.call("delete_policy_version", PolicyArn=self.resource, VersionId=version)
        except Refused as error:
            if not error.is_missing:
                raise

    def _versions(self) -> list[str]:
        found = self._account.listed("list_policy_versions", "Versions", PolicyArn=self.resource)
        return [each["VersionId"] for each in found]

    def _there(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._account.call("get_policy", PolicyArn=self.resource)["Policy"]
        except Refused as error:
            if error.is_missing:
                return None
            raise
        return found

    def _document_of(self, version: str) -> Any:
        found = self._account.call("get_policy_version", PolicyArn=self.resource, VersionId=version)
        return found["PolicyVersion"]["Document"]
