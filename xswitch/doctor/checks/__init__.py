"""The checks, by theme: each file has a tuple `CHECKS`, and here they are all, by their codes."""

from __future__ import annotations

from xswitch.doctor.checks import chains, parsing, sections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.doctor.finding import Check

CHECKS: tuple[Check, ...] = tuple(
    sorted(
        (check for module in (parsing, sections, chains) for check in module.CHECKS),
        key=lambda check: check.code,
    )
)
