"""`xswitch doctor`."""

from __future__ import annotations

import os

from xswitch.cli.changing import print_diff
from xswitch.cli.prompts import has_terminal, read_shown
from xswitch.doctor.checks import CHECKS
from xswitch.doctor.examine import examine
from xswitch.doctor.finding import SEVERITIES, Severity
from xswitch.errors import ExitStatus, UsageError, XswitchError
from xswitch.locations import Locations, tilde
from xswitch.profiles.globs import glob_matches
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.doctor.finding import Finding
    from xswitch.editing.diff import DiffLine

_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
_ENVIRONMENT = "environment"


def run(arguments: Arguments, output: Output) -> int:
    """Examine, mend where that is asked for, and report what is left. FAILED where that has errors."""
    mending = "--fix" in arguments.flags
    as_json = "--json" in arguments.flags
    if not mending and arguments.flags & {"--yes"}:
        raise UsageError("--yes belongs to --fix", "xswitch doctor --fix --yes mends what is sure")
    if mending and "--yes" not in arguments.flags and not has_terminal():
        raise XswitchError(
            "there is no terminal to ask on before each fix",
            "--fix --yes makes those that are sure, without asking",
        )
    codes = _codes(arguments.every.get("--code", []))
    locations = Locations(os.environ)
    findings = _wanted(examine(locations, os.environ), arguments.positionals, codes)
    if mending and _mend(findings, locations, arguments, output):
        findings = _wanted(examine(locations, os.environ), arguments.positionals, codes)
    if as_json:
        output.json([finding_object(finding) for finding in findings])
    else:
        _report(findings, output)
    output.talk(_summary(findings))
    return ExitStatus.FAILED if any(f.severity == Severity.ERROR for f in findings) else ExitStatus.OK


def finding_object(finding: Finding) -> dict[str, object]:
    """Return the object of one finding in `doctor --json`."""
    fix = finding.fix
    return {
        "code": finding.code,
        "severity": finding.severity,
        "profile": finding.profile or None,
        "file": finding.file or None,
        "line": finding.line or None,
        "message": finding.message,
        "fix": {"title": fix.title, "sure": fix.sure} if fix else None,
    }


def _codes(wanted: list[str]) -> set[str]:
    """Return the codes to look at, all where none is named. UsageError where one does not exist."""
    known = [check.code for check in CHECKS]
    for code in wanted:
        if code.upper() not in known:
            from difflib import get_close_matches

            near = ", ".join(get_close_matches(code.upper(), known, cutoff=0.7))
            hint = f"did you mean {near}?" if near else "the README lists them"
            raise UsageError(f"there is no check {printable(code)}", hint)
    return {code.upper() for code in wanted} or set(known)


def _wanted(findings: list[Finding], patterns: list[str], codes: set[str]) -> list[Finding]:
    """Return the findings of these codes and of the profiles that match the patterns."""
    return [finding for finding in findings if finding.code in codes and _concerns(finding, patterns)]


def _concerns(finding: Finding, patterns: list[str]) -> bool:
    """Tell whether a finding is about a name that matches one of the patterns, and none that begins with `!`.

    An error that is about no single profile concerns them all.
    """
    name = finding.profile
    if patterns and not name:
        return finding.severity == Severity.ERROR
    wanted = [pattern for pattern in patterns if pattern[:1] != "!"]
    unwanted = [pattern[1:] for pattern in patterns if pattern[:1] == "!"]
    if any(glob_matches(pattern, name) for pattern in unwanted):
        return False
    return not wanted or any(glob_matches(pattern, name) for pattern in wanted)


# -- mending --------------------------------------------------------------------------------------


def _mend(findings: Iterable[Finding], locations: Locations, arguments: Arguments, output: Output) -> bool:
    """Offer each fix, or with --yes make those that are sure. Tell whether anything was done."""
    asking = "--yes" not in arguments.flags
    done = False
    for finding in findings:
        fix = finding.fix
        if fix is None or not (asking or fix.sure):
            continue
        try:
            diff = fix.diff(locations)
            if asking and not _agreed(finding, diff, output):
                continue
            _permit(fix.profiles, arguments, output)
            output.talk(fix.apply(locations))
        except XswitchError as error:
            # What was mended before may have changed what this one is about.
            output.error(error)
            continue
        done = True
    return done


def _permit(names: Iterable[str], arguments: Arguments, output: Output) -> None:
    """Have the names of guarded profiles typed before they are changed."""
    # The guard's call site: `permit_changes(names, arguments, output)` of `xswitch.cli.changing`.
    from xswitch.cli import changing

    permit = getattr(changing, "permit_changes", None)
    if permit is not None and names:
        permit(names, arguments, output)


def _agreed(finding: Finding, diff: list[DiffLine], output: Output) -> bool:
    """Show what is wrong and what would be changed, and ask."""
    fix = finding.fix
    if fix is None:
        return False
    where = f"{finding.place or _ENVIRONMENT}: " + (
        f"{printable(finding.profile)}: " if finding.profile else ""
    )
    output.talk(f"{finding.code} {where}{finding.message}")
    print_diff(diff, output)
    output.flush()
    guess = "" if fix.sure else " (a guess)"
    answer = read_shown(output, f"{fix.title}{guess}? [y/N] ")
    return answer.lower() in {"y", "yes"}


# -- reporting ------------------------------------------------------------------------------------


def _report(findings: list[Finding], output: Output) -> None:
    """Write the findings, those of a file below its name; the files in the order of their first errors."""
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        by_file.setdefault(finding.file, []).append(finding)
    for number, (file, found) in enumerate(by_file.items()):
        if number:
            output.data("")
        output.data(output.style(printable(tilde(file)) or _ENVIRONMENT, "bold"))
        for finding in found:
            output.data("\n".join(_lines(finding, output)))


def _lines(finding: Finding, output: Output) -> list[str]:
    severity = output.style(f"{finding.severity:<7}", _STYLES[finding.severity])
    line = str(finding.line or "")
    name = f"{printable(finding.profile)}: " if finding.profile else ""
    lines = [f"{line:>6}  {finding.code}  {severity}  {name}{finding.message}"]
    if finding.fix:
        guess = "" if finding.fix.sure else " (a guess)"
        lines.append(f"{'':>24}{output.style('fix:', 'green')} {finding.fix.title}{guess}")
    return lines


def _summary(findings: list[Finding]) -> str:
    if not findings:
        return "nothing wrong was found"
    counts = dict.fromkeys(SEVERITIES, 0)
    for finding in findings:
        counts[finding.severity] += 1
    parts = [f"{count} {name if count == 1 else name + 's'}" for name, count in counts.items() if count]
    fixes = sum(finding.fix is not None for finding in findings)
    more = f"; xswitch doctor --fix offers to mend {fixes} of them" if fixes else ""
    return ", ".join(parts) + more
