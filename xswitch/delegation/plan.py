"""What is to be done, beside what is there: shown before anything is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xswitch.delegation.request import SSO
from xswitch.delegation.step import Status

if TYPE_CHECKING:
    from xswitch.delegation.blueprint import Blueprint
    from xswitch.delegation.step import Step
    from xswitch.editing.diff import DiffLine


# How a note begins that says that the profile will not work as it is planned.
NO_USE = "the profile cannot work yet:"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step as it is shown.

    `side` is TRUSTING, TRUSTED or HERE, `status` one of Status, `note` says why that is unknown or what else
    is there; `difference` shows it where it differs. `aws_cli` is the same as a shell's command line.
    """

    id: str
    account_id: str
    side: str
    title: str
    action: str
    resource: str
    status: str
    note: str
    document: dict[str, Any] | None
    difference: list[DiffLine]
    aws_cli: str


class Plan:
    """The steps for a blueprint; `warnings` say what is wide about it, `notes` what is left to its user."""

    def __init__(
        self,
        blueprint: Blueprint,
        steps: list[PlannedStep],
        warnings: list[str],
        notes: list[str],
        work: list[Step],
    ) -> None:
        self.blueprint = blueprint
        self.steps = steps
        self.warnings = warnings
        self.notes = notes
        self.work = work

    @property
    def is_complete(self) -> bool:
        """Tell whether there is nothing to do."""
        return all(step.status == Status.EXISTS for step in self.steps)

    @property
    def differing(self) -> list[PlannedStep]:
        """The steps that need to be told to change what is there."""
        return [step for step in self.steps if step.status == Status.DIFFERS]

    def as_json(self) -> dict[str, Any]:
        """Return the plan as `--json` prints it."""
        blueprint = self.blueprint
        return {
            "trusting_account": blueprint.trusting.account_id,
            "trusted_account": blueprint.trusted.account_id,
            "role_arn": blueprint.role_arn,
            "profile": blueprint.request.profile,
            "warnings": self.warnings,
            "notes": self.notes,
            "steps": [
                {
                    "id": step.id,
                    "account_id": step.account_id or None,
                    "action": step.action,
                    "resource": step.resource,
                    "status": step.status,
                    "note": step.note,
                    "document": step.document,
                    "difference": [line.text for line in step.difference],
                    "aws_cli": step.aws_cli,
                }
                for step in self.steps
            ],
        }


def notes_of(blueprint: Blueprint) -> list[str]:
    """Return what IAM cannot do, or was not asked to, a sentence each."""
    request = blueprint.request
    if request.principal.kind == SSO:
        return [
            (
                f"{NO_USE} IAM cannot change the role of a permission set; in IAM Identity Center, give the"
                f" permission set {request.principal.name} an inline policy that allows sts:AssumeRole on"
                f" {blueprint.role_arn}"
            )
        ]
    if blueprint.attach is None:
        return [
            (
                f"nobody is given the right to call sts:AssumeRole on {blueprint.role_arn}: who may do so has"
                " it already, or a user or group is to be named who gets it"
            )
        ]
    return []
