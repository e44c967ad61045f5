"""A plan in the languages of other tools, as the texts of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xswitch.delegation.exports import cloudformation, script, terraform

if TYPE_CHECKING:
    from xswitch.delegation.plan import Plan

FORMS = ("aws-cli", "cloudformation", "terraform")


def export(plan: Plan, form: str) -> dict[str, str]:
    """Return the files that set up what is planned, text by name, in one of FORMS.

    The script does what is left to do and follows the status of each step; the others describe the wanted
    state whole. KeyError where there is no such form.
    """
    files = {"aws-cli": script.files, "cloudformation": cloudformation.files, "terraform": terraform.files}
    return files[form](plan)
