"""`xswitch doctor`."""

from __future__ import annotations

import os

from xswitch.cli.prompts import has_terminal
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
    from xswitch.doctor.finding import Finding
    from xswitch.settings.model import Settings

_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
_WHY = {check.code: check.explanation for check in CHECKS}
_ENVIRONMENT = "environment"
_UNREAD = {"XS101", "XS103", "XS510"}  # a file is not there or no text: its profiles are not known


def run(arguments: Arguments, output: Output) -> int:
    """Examine, mend where that is asked for, and report what is left. FAILED where that has errors."""
    _check_use(arguments)
    codes = _codes(arguments.every.get("--code", []))
    if "--list" in arguments.flags:
        _list(codes, arguments, output)
        return ExitStatus.OK
    locations = Locations(os.environ)

    def look() -> list[Finding]:
        found = examine(locations, os.environ, check_settings=check_settings)
        wanted = [finding for finding in found if finding.code in codes]
        return in_report_order([each for each in wanted if _concerns(each, patterns, names)])

    patterns, names = arguments.positionals, _names_for(arguments.positionals, locations)
    mending = "--fix" in arguments.flags
    summary = _summary
    refused = False
    if mending:
        from xswitch.cli.doctor_mending import Mending

        mend = Mending(look, locations, arguments, output)
        findings = mend.mend()
        refused, summary = mend.refused, mend.summary
    else:
        findings = look()
    if "--json" in arguments.flags:
        output.json([finding_object(finding) for finding in findings])
    else:
        _report(findings, output)
    output.talk(summary(findings))
    if refused:
        return ExitStatus.REFUSED
    return ExitStatus.FAILED if any(f.severity == Severity.ERROR for f in findings) else ExitStatus.OK


def _check_use(arguments: Arguments) -> None:
    flags = arguments.flags
    mending = "--fix" in flags
    if "--list" in flags and (mending or arguments.positionals):
        raise UsageError("--list is about the checks, and examines nothing", "xswitch doctor --list")
    if not mending and "--yes" in flags:
        raise UsageError("--yes belongs to --fix", "xswitch doctor --fix --yes mends what is sure")
    if mending and "--yes" not in flags and not has_terminal():
        raise XswitchError(
            "there is no terminal to ask on before each fix",
            "--fix --yes makes those that are sure, without asking",
        )


def check_settings(settings: Settings) -> None:
    """XswitchError where the terminal UI would not open with the settings."""
    from xswitch.tui.settings import check_for_ui  # loads Textual

    check_for_ui(settings)


def finding_object(finding: Finding) -> dict[str, object]:
    """Return the object of one finding in `doctor --json`."""
    fix = finding.fix
    return {
        "code": finding.code,
        "severity": finding.severity,
        "profile": finding.profile or None,
        "file": finding.file or None,
        "line": finding.line,
        "message": finding.message,
        "why": _WHY[finding.code],
        "fix": {"title": fix.title, "sure": fix.sure} if fix else None,
    }


# -- choosing -------------------------------------------------------------------------------------


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
        more = f"did you mean {near}? " if near else ""
        raise UsageError(f"there is no check {printable(code)}", f"{more}xswitch doctor --list has them all")


def _names_for(patterns: list[str], locations: Locations) -> set[str]:
    """Return the names of all profiles, where there are patterns to be compared with them.

    UsageError where one of those matches none: misspelt, it would find nothing wrong for ever. Not where a
    file cannot be read: that is an error anyway, and its profiles are not known.
    """
    if not patterns:
        return set()
    from xswitch.profiles.collection import nearest, read_profiles

    profiles = read_profiles(locations)
    names = {profile.name for profile in profiles}
    for pattern in patterns:
        glob = pattern if pattern in names else pattern.removeprefix("!")
        if any(_means(glob, name, names) for name in names):
            continue
        errors = [each for each in examine(locations, os.environ) if each.severity == Severity.ERROR]
        if any(error.code in _UNREAD for error in errors):
            break
        near = nearest(glob.strip("*?"), profiles)
        hint = f"did you mean {near}?" if near else "see them all with: xswitch list"
        if os.path.exists(pattern):
            hint = f"to check another file: AWS_CONFIG_FILE={printable(pattern)} xswitch doctor"
        raise UsageError(f"no profile matches {printable(glob) or 'an empty name'}", hint)
    return names


def _means(pattern: str, name: str, names: set[str]) -> bool:
    """Tell whether a pattern means a name: what is the name of a profile means that one, as for `each`."""
    return pattern == name if pattern in names else glob_matches(pattern, name)


def _concerns(finding: Finding, patterns: list[str], names: set[str]) -> bool:
    """Tell whether a finding is about a name that matches one of the patterns, and none that begins with `!`.

    An error that is about no single profile concerns them all, and so does what keeps aws
    from reading a file.
    """
    name = finding.profile
    if patterns and (not name or finding.code.startswith("XS10")):
        return finding.severity == Severity.ERROR
    wanted = [pattern for pattern in patterns if pattern[:1] != "!" or pattern in names]
    unwanted = [pattern[1:] for pattern in patterns if pattern not in wanted]
    if any(_means(pattern, name, names) for pattern in unwanted):
        return False
    return not wanted or any(_means(pattern, name, names) for pattern in wanted)


# -- reporting ------------------------------------------------------------------------------------


def _list(codes: set[str], arguments: Arguments, output: Output) -> None:
    """Write the checks themselves."""
    checks = [check for check in CHECKS if check.code in codes]
    if "--json" in arguments.flags:
        keys = ("code", "severity", "title", "why")
        rows = ((check.code, check.severity, check.title, check.explanation) for check in checks)
        output.json([dict(zip(keys, row, strict=True)) for row in rows])
        return
    for check in checks:
        severity = output.style(f"{check.severity:<7}", _STYLES[check.severity])
        output.data(f"{check.code}  {severity}  {output.style(check.title, 'bold')}")
        output.data(f"{'':>16}{check.explanation}")


def in_report_order(findings: list[Finding]) -> list[Finding]:
    """Return the findings with those of a file together, the files in the order of their first errors."""
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        by_file.setdefault(finding.file, []).append(finding)
    return [finding for found in by_file.values() for finding in found]


def _report(findings: list[Finding], output: Output) -> None:
    """Write the findings, those of a file below its name."""
    file = None
    for finding in findings:
        if finding.file != file:
            if file is not None:
                output.data("")
            file = finding.file
            output.data(output.style(printable(tilde(file)) or _ENVIRONMENT, "bold"))
        output.data("\n".join(_lines(finding, output)))


def _lines(finding: Finding, output: Output) -> list[str]:
    severity = output.style(f"{finding.severity:<7}", _STYLES[finding.severity])
    line = str(finding.line or "")
    name = f"{printable(finding.profile)}: " if finding.profile else ""
    lines = [f"{line:>6}  {finding.code}  {severity}  {name}{finding.message}"]
    if finding.fix:
        lines.append(f"{'':>24}{output.style('fix:', 'green')} {finding.fix.title}{finding.fix.doubt}")
    return lines


def counted(findings: list[Finding]) -> str:
    """Return how many findings there are, by severity, in words; "" for none."""
    counts = dict.fromkeys(SEVERITIES, 0)
    for finding in findings:
        counts[finding.severity] += 1
    parts = [f"{count} {name if count == 1 else name + 's'}" for name, count in counts.items() if count]
    return ", ".join(parts)


def _summary(findings: list[Finding]) -> str:
    fixes = sum(finding.fix is not None for finding in findings)
    more = f"; xswitch doctor --fix offers to mend {fixes} of them" if fixes else ""
    return f"{counted(findings)}{more}" if findings else "nothing wrong was found"
