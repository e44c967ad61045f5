"""The steps of a delegation, in the order in which they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xswitch.delegation.blueprint import Attachment
from xswitch.delegation.exports.aws_cli import commands, updates
from xswitch.delegation.local import ProfileStep
from xswitch.delegation.managed import ManagedStep
from xswitch.delegation.plan import PlannedStep
from xswitch.delegation.policies import AttachedStep, InlineStep
from xswitch.delegation.request import ROLE
from xswitch.delegation.roles import RoleStep
from xswitch.delegation.step import TRUSTED, TRUSTING, Status, Step
from xswitch.text import printable

if TYPE_CHECKING:
    from xswitch.delegation.account import Account
    from xswitch.delegation.blueprint import Blueprint
    from xswitch.locations import Locations


def steps_of(blueprint: Blueprint, trusting: Account, trusted: Account, locations: Locations) -> list[Step]:
    """Return what the wanted state needs, each step after those that it needs itself."""
    role, at_role = Attachment(ROLE, blueprint.role_name), ("role-policy", TRUSTING, RoleStep.id)
    steps: list[Step] = [RoleStep(blueprint, trusting)]
    if blueprint.policy_document is None:
        steps.append(AttachedStep(trusting, role, at_role, blueprint.policy_arn))
    else:
        name, document = blueprint.policy_name, blueprint.policy_document
        steps.append(InlineStep(trusting, role, at_role, name, document))
    attach, granting = blueprint.attach, ("trusted-policy", TRUSTED, "")
    if attach is not None and blueprint.grant_arn:
        steps.append(ManagedStep(trusted, attach, granting, blueprint))
        attaching = ("trusted-attach", TRUSTED, "trusted-policy")
        steps.append(AttachedStep(trusted, attach, attaching, blueprint.grant_arn))
    elif attach is not None:
        steps.append(InlineStep(trusted, attach, granting, blueprint.grant_name, blueprint.grant))
    steps.append(ProfileStep(blueprint, locations))
    return steps


def planned(step: Step, blueprint: Blueprint) -> PlannedStep:
    """Return a step beside what is there, which is looked at now."""
    seen = step.look()
    lines = updates(blueprint) if seen.status == Status.DIFFERS else commands(blueprint)
    return PlannedStep(
        id=step.id,
        account_id=step.account_id,
        side=step.side,
        title=printable(step.title),
        action=step.updates if seen.status == Status.DIFFERS and step.updates else step.action,
        resource=printable(step.resource),
        status=seen.status,
        note=seen.note,
        document=step.document,
        difference=seen.difference if seen.status == Status.DIFFERS else [],
        aws_cli=lines.get(step.id, ""),
    )
