"""What is to be done, beside what is there: shown before anything is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xswitch.delegation.step import Status

if TYPE_CHECKING:
    from xswitch.delegation.blueprint import Blueprint
    from xswitch.delegation.step import Step
    from xswitch.editing.diff import DiffLine


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
