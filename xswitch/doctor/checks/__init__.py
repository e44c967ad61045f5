"""The checks, by theme: each file has a tuple `CHECKS`, and here they are all, by their codes."""

from __future__ import annotations

from xswitch.doctor.checks import (
    caches,
    chains,
    forms,
    keys,
    own,
    parsing,
    placing,
    providers,
    sections,
    settings,
    shell,
    sso,
    values,
    without,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.doctor.finding import Check

_THEMES = (
    parsing, sections, values, placing, chains, settings, without, forms, keys, sso, providers,
    caches, shell, own,
)  # fmt: skip

CHECKS: tuple[Check, ...] = tuple(
    sorted(
        (check for module in _THEMES for check in module.CHECKS),
        key=lambda check: check.code,
    )
)
