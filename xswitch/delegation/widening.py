"""What makes an access wider than it has to be, and why that matters: said before anything is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xswitch.delegation.request import ACCOUNT, USER
from xswitch.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.delegation.blueprint import Blueprint

# AWS-managed policies by name, and what whoever has them can do.
_WIDE = {
    "AdministratorAccess": "may do everything, in IAM too: whoever assumes the role owns the account",
    "AdministratorAccess-Amplify": "may do nearly everything",
    "IAMFullAccess": "may give itself any right: whoever assumes the role owns the account",
    "PowerUserAccess": "may do everything but IAM: read all data, and delete it",
    "SystemAdministrator": "may change and delete most of what is in the account",
}
_LONG = 4 * 3600


def warnings_of(blueprint: Blueprint) -> list[str]:
    """Return a sentence for each choice that is wider than the least."""
    return list(_warnings(blueprint))


def _warnings(blueprint: Blueprint) -> Iterator[str]:
    request, trusted = blueprint.request, blueprint.trusted.account_id
    if request.principal.kind == ACCOUNT:
        yield (
            f"the whole account {trusted} is trusted: any user or role there that is allowed sts:AssumeRole"
            " on it gets in, also those made later; naming one user or role is narrower"
        )
    name = blueprint.policy_arn.rpartition("/")[2]
    if name in _WIDE:
        yield f"{printable(name)} {_WIDE[name]}; ReadOnlyAccess or a policy of your own is narrower"
    elif name.endswith("FullAccess"):
        yield f"{printable(name)} may change and delete everything in its service"
    if blueprint.policy_document is not None:
        yield from _wildcards(blueprint.policy_document)
    if not request.require_mfa and request.principal.kind in {USER, ACCOUNT}:
        yield (
            "no MFA is required: a stolen access key is enough to get into the account"
            f" {blueprint.trusting.account_id}"
        )
    if request.seconds > _LONG:
        yield f"a session lasts {request.seconds // 3600} hours: so long is a copied one of use to its thief"


def _wildcards(document: dict[str, Any]) -> Iterator[str]:
    statements = document["Statement"]
    for number, statement in enumerate(statements if isinstance(statements, list) else [statements], 1):
        if statement["Effect"] != "Allow":
            continue
        place = f"statement {number} of the policy"
        if "NotAction" in statement:
            yield f"{place} allows all but some actions (NotAction), those that AWS adds later too"
        if "NotResource" in statement:
            yield f"{place} allows all but some resources (NotResource)"
        actions = _texts(statement.get("Action", []))
        whole = [action for action in actions if action == "*" or action.endswith(":*")]
        if whole:
            yield f"{place} allows {printable(', '.join(whole))}: every action there, also deleting"
        if "*" in _texts(statement.get("Resource", [])) and not all(map(_reads, actions)):
            yield f'{place} is for every resource ("*") and does not only read'


def _texts(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _reads(action: str) -> bool:
    return action.rpartition(":")[2].startswith(("Get", "List", "Describe", "BatchGet", "Head", "Search"))
