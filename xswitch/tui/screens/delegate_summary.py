"""What the form of a delegation asks for, in words, while one types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from xswitch.text import printable
from xswitch.tui.detail import Line
from xswitch.tui.rows import account_label
from xswitch.tui.screens.delegate_fields import ITSELF, YES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from xswitch.profiles.collection import Profiles


def summary(values: Mapping[str, str], profiles: Profiles, missing: str) -> Iterator[Line]:
    """Yield what the fields ask for, in words, and what is `missing` of it ("" for nothing)."""
    mfa = " with an MFA code" if values["require_mfa"] == YES else ""
    source = printable(values["source"])
    itself = f"whoever {source or 'it'} is"
    who = {ITSELF: itself, "whole account": "anybody whom its policies let"}
    may = who.get(values["kind"], f"the {values['kind']} {printable(values.get('principal', ''))}")
    gets = f"gets the role {printable(values['role'])}, which may do: {printable(values['policy'])}"
    yield _account(values["trusting"], profiles, gets)
    yield _account(values["trusted"], profiles, f"{may} may assume it{mfa}")
    source = source or printable(values["trusted"])
    profile = f"gets the profile {printable(values['profile'])}, with the source {source}"
    yield Line(Content.styled("here            ", "dim"), Content(profile))
    next_ = missing or "^s asks AWS what is there already and shows the plan; nothing is changed by that"
    yield Line(Content(""), Content.styled(next_, "dim"))


def _account(name: str, profiles: Profiles, text: str) -> Line:
    account = profiles[name].account_id if name in profiles else None
    label = account_label(account) if account else "?"
    before = Content.styled(f"{label:<16}", "bold" if account else "dim")
    return Line(before, Content.assemble((f"{printable(name) or '?'} · ", "$text-accent"), text))
