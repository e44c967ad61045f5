"""What every export says about itself, as text that is fit for a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xswitch.delegation.request import ACCOUNT, ROLE, SSO, USER
from xswitch.text import printable

if TYPE_CHECKING:
    from xswitch.delegation.blueprint import Blueprint

_NOUNS = {USER: "the user", ROLE: "the role", SSO: "the permission set"}


def headline(blueprint: Blueprint) -> str:
    """Return a sentence on who gets which role, on one line."""
    account = f"account {blueprint.trusted.account_id}"
    principal = blueprint.request.principal
    if principal.kind != ACCOUNT:
        account = f"{_NOUNS[principal.kind]} {principal.name.rpartition('/')[2]} of {account}"
    return printable(
        f"The role {blueprint.role_name} in account {blueprint.trusting.account_id}, for {account}."
    )


def grant_description(blueprint: Blueprint) -> str:
    """Return what the managed policy of the trusted side says it is for."""
    return f"Lets its owner assume {blueprint.role_arn}"


def comments(*texts: str) -> list[str]:
    """Return the texts as lines of comments in a language where `#` begins them."""
    return [f"# {printable(line)}" for text in texts for line in text.split("\n")]
