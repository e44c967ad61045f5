"""Running all checks."""

from __future__ import annotations

from xswitch.doctor.checks import CHECKS
from xswitch.doctor.examined import Examined
from xswitch.doctor.finding import SEVERITIES
from xswitch.timestamps import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from xswitch.doctor.finding import Finding
    from xswitch.locations import Locations
    from xswitch.settings.model import Settings


def examine(
    locations: Locations,
    environ: Mapping[str, str],
    *,
    now: datetime | None = None,
    check_settings: Callable[[Settings], None] | None = None,
) -> list[Finding]:
    """Return what is wrong, errors first, then by file and line. Reads files only, never the network.

    `check_settings` is asked where the settings have keys or a theme, which only the terminal UI knows:
    XswitchError where it would not open with them.

    Never raises for what stands in the files, the caches, the environment or the settings.
    """
    examined = Examined(locations, environ, now or utc_now(), check_settings)
    findings = [finding for check in CHECKS for finding in check.find(examined)]
    files = {path: place for place, path in enumerate((locations.config, locations.credentials))}
    findings.sort(key=lambda finding: _order(finding, files))
    return findings


def _order(finding: Finding, files: Mapping[str, int]) -> tuple[object, ...]:
    place = files.get(finding.file, len(files)), finding.file, finding.line
    return SEVERITIES.index(finding.severity), *place, finding.code, finding.profile
