"""The checks, by theme: each file has a tuple `CHECKS`, and here they are all, by their codes."""

from __future__ import annotations

from xswitch.doctor.checks import (
    caches,
    chains,
    forms,
    own,
    parsing,
    placing,
    sections,
    settings,
    shell,
    signing,
    values,
    without,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.doctor.finding import Check

_THEMES = (
    parsing, sections, values, placing, chains, settings, without, forms, signing, caches, shell, own,
)  # fmt: skip

CHECKS: tuple[Check, ...] = tuple(
    sorted(
        (check for module in _THEMES for check in module.CHECKS),
        key=lambda check: check.code,
    )
)
