"""A delegation for pictures: a plan as it is where nothing was set up before, and how applying it goes."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from xswitch.delegation import progress as say
from xswitch.delegation.blueprint import Blueprint, Found, Party, draw
from xswitch.delegation.plan import Plan, PlannedStep
from xswitch.delegation.request import Principal, Request
from xswitch.delegation.widening import warnings_of
from xswitch.errors import XswitchError
from xswitch.sessions.identity import Identity
from xswitch.tui.screens import delegate_apply
from xswitch.tui.screens.delegate_apply import ApplyScreen

if TYPE_CHECKING:
    from xswitch.delegation.progress import Progress
    from xswitch.sessions.interaction import Interaction

PROD, DEV = "222222222222", "111111111111"
ROLE = "CrossAccountReadOnly"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ARN = f"arn:aws:sts::{PROD}:assumed-role/{ROLE}/dev"
WHY = "AWS does not let the role be assumed yet (7 s)"


def make_plan(*statuses: str) -> Plan:
    """Return a plan whose steps are all to be made, or stand as `statuses` say."""
    blueprint = draw(
        Request("prod", "default", Principal("user", "dev"), ROLE, "prod-read-only", region="eu-west-1"),
        Party("prod", PROD, f"arn:aws:sts::{PROD}:assumed-role/CrossAccountPowerUser/dev"),
        Party("default", DEV, f"arn:aws:iam::{DEV}:user/dev"),
        Found(f"arn:aws:iam::{DEV}:user/dev", READ_ONLY, region="eu-west-1"),
    )
    steps = _steps(blueprint, list(statuses) or ["create"] * 4)
    return Plan(blueprint, steps, warnings_of(blueprint), [], [])


def _steps(blueprint: Blueprint, statuses: list[str]) -> list[PlannedStep]:
    grant = f"{blueprint.grant_name} of the user dev"
    parts = [
        ("role", PROD, f"role {ROLE}", "iam:CreateRole", blueprint.role_arn, blueprint.trust),
        ("role-policy", PROD, f"ReadOnlyAccess for the role {ROLE}", "iam:AttachRolePolicy", READ_ONLY, None),
        ("trusted-policy", DEV, f"policy {grant}", "iam:PutUserPolicy", "user/dev", blueprint.grant),
        ("profile", "", "profile prod-read-only", "write", "prod-read-only", dict(blueprint.settings)),
    ]
    steps = []
    for part, status in zip(parts, statuses, strict=True):
        step, account, title, action, resource, document = part
        side = {PROD: "trusting", DEV: "trusted"}.get(account, "here")
        note = "iam:GetUserPolicy is denied" if status == "unknown" else ""
        steps.append(
            PlannedStep(step, account, side, title, action, resource, status, note, document, [], "")
        )
    return steps


class Pictured(ApplyScreen):
    """Applying as it looks, without anything that is called.

    It goes on to `at`: "waiting" for the role, "failed" at the third step, or "done". `end` ends the waiting.
    """

    # Textual looks beside the file of the class.
    CSS_PATH = str(Path(delegate_apply.__file__).with_name("dialogs.tcss"))

    def __init__(self, plan: Plan, at: str) -> None:
        super().__init__(plan, update=False)
        self._at = at
        self.end = threading.Event()

    def on_unmount(self) -> None:
        """End the waiting: the end of the app waits for what changes files."""
        self.end.set()

    def carry_out(self, person: Interaction, progress: Progress) -> Identity:
        """Tell what there would be to tell."""
        del person
        for step in ("role", "role-policy", "trusted-policy", "profile"):
            progress(step, say.WORKING, "")
            if self._at == "failed" and step == "trusted-policy":
                text = "AWS refused: default is not allowed to call iam:PutUserPolicy"
                progress(step, say.FAILED, text)
                raise XswitchError(text, f"default needs iam:PutUserPolicy in the account {DEV}")
            progress(step, say.CREATED, "")
        progress(say.ASSUME, say.WAITING, WHY)
        if self._at == "waiting":
            self.end.wait(20)
        progress(say.ASSUME, say.ANSWERED, "after 7 s")
        progress(say.IDENTITY, say.ANSWERED, ARN)
        return Identity(PROD, ARN, "AROAEXAMPLE:dev")
