"""What a user, a group or a role may do: managed policies that are attached, and inline ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from xswitch.delegation.account import Refused
from xswitch.delegation.comparing import difference, is_same
from xswitch.delegation.record import UPDATED, Entry
from xswitch.delegation.request import GROUP, ROLE, USER
from xswitch.delegation.step import GONE, Changed, Seen, Status, Step
from xswitch.text import printable

if TYPE_CHECKING:
    from xswitch.delegation.account import Account
    from xswitch.delegation.blueprint import Attachment

Place: TypeAlias = tuple[str, str, str]
"""A step's id, its side, and the id of the step that it is a part of, "" where it is of none."""

PARAMETERS = {USER: "UserName", GROUP: "GroupName", ROLE: "RoleName"}


class _OfSomebody(Step):
    """A policy that a user, a group or a role has."""

    # IAM has not heard yet everywhere of the role or the policy that was just made.
    patience = (*Step.patience, "NoSuchEntity")

    def __init__(self, account: Account, holder: Attachment, place: Place) -> None:
        self.id, self.side, self.part_of = place
        self.account_id = account.id
        self._account = account
        self._holder = holder
        self._who = {PARAMETERS[holder.kind]: holder.name}

    def _holder_id(self) -> str:
        """Return the id of who has the policy, "" where it may not be seen. It is never given again."""
        kind = self._holder.kind
        more = {"MaxItems": 1} if kind == GROUP else {}
        key = f"{kind.title()}Id"
        try:
            return str(self._account.member(f"get_{kind}", kind.title(), key, **self._who, **more)[key])
        except Refused:
            return ""

    def _is_another(self, entry: Entry) -> bool:
        """Tell whether there is another user, group or role of that name now."""
        before = entry.facts.get("holder_id")
        return bool(before) and self._holder_id() not in {"", before}


class AttachedStep(_OfSomebody):
    """Attaches a managed policy."""

    fails_where_it_exists = False

    def __init__(self, account: Account, holder: Attachment, place: Place, policy_arn: str) -> None:
        super().__init__(account, holder, place)
        kind = holder.kind.title()
        self.action = f"iam:Attach{kind}Policy"
        self.needs = f"iam:ListAttached{kind}Policies"
        self.resource = policy_arn
        self.title = printable(f"{policy_arn.rpartition('/')[2]} for the {holder.kind} {holder.name}")

    def compare(self) -> Seen:
        """Tell whether it is attached."""
        return Seen(Status.EXISTS if self._is_attached() else Status.CREATE)

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
            found = self._account.listed(method, "AttachedPolicies", "PolicyArn", **self._who)
        except Refused as error:
            if error.is_missing:
                return False
            raise
        return any(each["PolicyArn"] == self.resource for each in found)


class InlineStep(_OfSomebody):
    """Writes an inline policy."""

    is_safe_unseen = False  # it would replace one of that name

    def __init__(
        self, account: Account, holder: Attachment, place: Place, name: str, document: dict[str, Any]
    ) -> None:
        super().__init__(account, holder, place)
        self.action = f"iam:Put{holder.kind.title()}Policy"
        self.needs = f"iam:Get{holder.kind.title()}Policy"
        self.resource = f"{holder.kind}/{holder.name}/{name}"
        self.title = printable(f"policy {name} of the {holder.kind} {holder.name}")
        self.document = document
        self._which = {**self._who, "PolicyName": name}

    def compare(self) -> Seen:
        """Compare the policy of that name."""
        there = self._there()
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
            return self._account.call(f"get_{self._holder.kind}_policy", **self._which).get(
                "PolicyDocument", {}
            )
        except Refused as error:
            if error.is_missing:
                return None
            raise
