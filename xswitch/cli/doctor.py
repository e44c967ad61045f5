"""`xswitch doctor`."""

from __future__ import annotations

import os

from xswitch.cli.changing import DIFF_STYLES, permit_changes
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
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.doctor.finding import Finding, Fix
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
    mend = _Mending(locations, arguments, output)
    while mending and mend.round(findings):
        # A section that is a profile now may have something to mend of its own.
        findings = _wanted(examine(locations, os.environ), arguments.positionals, codes)
    if as_json:
        output.json([finding_object(finding) for finding in findings])
    else:
        _report(findings, output)
    output.talk(_summary(findings))
    if mend.refused:
        return ExitStatus.REFUSED
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
    """Return the codes to look at: all where none is named, and none after a `!`. UsageError for others."""
    known = [check.code for check in CHECKS]
    for code in wanted:
        _check_code(code.removeprefix("!").upper(), known)
    named = {code.upper() for code in wanted if code[:1] != "!"}
    return (named or set(known)) - {code[1:].upper() for code in wanted if code[:1] == "!"}


def _check_code(code: str, known: list[str]) -> None:
    if code not in known:
        from difflib import get_close_matches

        begun = [each for each in known if code and each.startswith(code)]
        near = ", ".join(begun[:3] or get_close_matches(code, known, cutoff=0.7))
        hint = f"did you mean {near}?" if near else "the README lists them"
        raise UsageError(f"there is no check {printable(code)}", hint)


def _wanted(findings: list[Finding], patterns: list[str], codes: set[str]) -> list[Finding]:
    """Return the findings of these codes and of the profiles that match the patterns."""
    return [finding for finding in findings if finding.code in codes and _concerns(finding, patterns)]


def _concerns(finding: Finding, patterns: list[str]) -> bool:
    """Tell whether a finding is about a name that matches one of the patterns, and none that begins with `!`.

    An error that is about no single profile concerns them all, and so does what keeps aws
    from reading a file.
    """
    name = finding.profile
    if patterns and (not name or finding.code.startswith("XS10")):
        return finding.severity == Severity.ERROR
    wanted = [pattern for pattern in patterns if pattern[:1] != "!"]
    unwanted = [pattern[1:] for pattern in patterns if pattern[:1] == "!"]
    if any(glob_matches(pattern, name) for pattern in unwanted):
        return False
    return not wanted or any(glob_matches(pattern, name) for pattern in wanted)


# -- mending --------------------------------------------------------------------------------------


class _Mending:
    """Offers each fix once, or with --yes makes those that are sure. `refused` where a guard refused one."""

    def __init__(self, locations: Locations, arguments: Arguments, output: Output) -> None:
        self.refused = False
        self._asking = "--yes" not in arguments.flags
        self._locations = locations
        self._arguments = arguments
        self._output = output
        self._offered: set[tuple[str, str, str]] = set()

    def round(self, findings: list[Finding]) -> bool:
        """Go through the fixes that were not offered yet; tell whether one was made.

        Those of single lines come first: the others may move lines.
        """
        fixes: dict[Fix, Finding] = {}
        for finding in findings:
            fix = finding.fix
            if fix is not None and (self._asking or fix.sure) and self._is_new(finding, fix):
                fixes.setdefault(fix, finding)
        made = [self._mend(fixes[fix], fix) for fix in sorted(fixes, key=lambda fix: not fix.is_of_line)]
        return any(made)

    def _is_new(self, finding: Finding, fix: Fix) -> bool:
        offer = finding.file, finding.profile, fix.title
        # A fix that two findings share is one offer.
        new = offer not in self._offered
        self._offered.add(offer)
        return new

    def _mend(self, finding: Finding, fix: Fix) -> bool:
        try:
            diff = fix.diff(self._locations)
            if fix.is_edit and not diff:
                return False  # mended together with another one
            if self._asking and not _agreed(finding, fix, diff, self._output):
                return False
            permit_changes(fix.profiles, self._arguments, self._output)
            self._output.talk(fix.apply(self._locations))
        except XswitchError as error:
            self.refused = self.refused or error.status == ExitStatus.REFUSED
            # What was mended before may have changed what this one is about.
            self._output.error(error)
            return False
        return True


def _agreed(finding: Finding, fix: Fix, diff: list[DiffLine], output: Output) -> bool:
    """Show on the terminal what is wrong and what would be changed, and ask."""
    place = finding.place or _ENVIRONMENT
    name = f"{printable(finding.profile)}: " if finding.profile else ""
    lines = ["", f"{finding.code} {place}: {name}{finding.message}", *_styled(diff, output)]
    lines.append(f"{fix.title}{_doubt(fix)}? [y/N] ")
    return read_shown(output, "\n".join(lines)).lower() in {"y", "yes"}


def _styled(diff: list[DiffLine], output: Output) -> list[str]:
    return [output.style(line.text, *DIFF_STYLES.get(line.kind, ())) for line in diff]


def _doubt(fix: Fix) -> str:
    return "" if fix.sure else " (not sure)"


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
        lines.append(f"{'':>24}{output.style('fix:', 'green')} {finding.fix.title}{_doubt(finding.fix)}")
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
