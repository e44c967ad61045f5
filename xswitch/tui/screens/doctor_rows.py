"""How findings look: a line each in the list, and all that there is to say of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from xswitch.doctor.checks import CHECKS
from xswitch.doctor.finding import Severity
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.text import printable
from xswitch.tui.detail import Line
from xswitch.tui.diff import diff_lines
from xswitch.tui.lines import fit, width_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xswitch.doctor.finding import Finding, Fix
    from xswitch.editing.diff import DiffLine
    from xswitch.locations import Locations
    from xswitch.tui.lines import Part

# By severity: a sign, the style of a line's part, and that of a text.
_LOOKS = {
    Severity.ERROR: ("✗", "error", "$text-error"),
    Severity.WARNING: ("!", "warning", "$text-warning"),
    Severity.NOTE: ("·", "accent", "$text-accent"),
}
_CODE = 7
_MENDS = "⏎ "  # stands where there is a fix
_EXPLANATIONS = {check.code: check.explanation for check in CHECKS}
_GUESS = "a guess: nobody but you knows whether it is what was meant"


def counts_of(findings: Sequence[Finding]) -> str:
    """Return how many findings there are of each severity, in words."""
    counts = [
        f"{number} {severity if number == 1 else severity + 's'}"
        for severity in _LOOKS
        if (number := sum(finding.severity == severity for finding in findings))
    ]
    return " · ".join(counts) or "nothing to mend"


def all_is_well(places: Locations) -> Content:
    """Return what is shown where there are no findings: what was looked at."""
    looked = [places.config, places.credentials, places.cli_cache, places.sso_cache, places.settings]
    return Content.assemble(
        ("✓ nothing to mend\n\n", "$text-success"),
        (f"{len(CHECKS)} checks, over\n", "dim"),
        *[(f"  {printable(tilde(path))}\n", "dim") for path in looked],
    )


def subject_of(finding: Finding) -> str:
    """Return what a finding is about, short: a profile, else a place in a file."""
    return printable(finding.profile) or printable(finding.place.rpartition("/")[2])


def row_parts(finding: Finding, width: int, widest: int) -> list[Part]:
    """Return the line of a finding; `widest` is the width of the widest of all subjects."""
    sign, style, _ = _LOOKS[finding.severity]
    subject = fit(subject_of(finding), min(widest, max(width // 4, 10)))
    room = max(width - 2 - _CODE - len(_MENDS) - width_of(subject) - 2, 1)
    fix = finding.fix
    mends = (" " * len(_MENDS), "") if fix is None else (_MENDS, "accent" if fix.sure else "warning")
    return [
        (f"{sign} ", style),
        (fit(printable(finding.code), _CODE), "muted"),
        mends,
        (subject, "bold" if finding.profile else ""),
        ("  ", ""),
        (fit(printable(finding.message), room), ""),
    ]


def finding_lines(finding: Finding, diff: list[DiffLine] | XswitchError | None) -> Iterator[Line]:
    """Yield all about a finding; `diff` is what its fix changes, or why it cannot, None while not known."""
    sign, _, style = _LOOKS[finding.severity]
    about = "  ".join(text for text in (finding.profile, finding.place) if text)
    head = f"{sign} {finding.severity} {printable(finding.code)}  "
    yield _line(Content.assemble((head, style), (printable(about), "dim")))
    yield _line(Content.styled(printable(finding.message), "bold"))
    if explanation := _EXPLANATIONS.get(finding.code):
        yield Line(Content.styled("why  ", "dim"), Content(printable(explanation)))
    if finding.fix is None:
        by_hand = "by hand: nothing here can know what is meant"
        yield Line(Content.styled("fix  ", "dim"), Content(by_hand))
    elif isinstance(diff, XswitchError):
        yield from fix_lines(finding.fix, [])
        why = Content.styled(printable(diff.message), "$text-error")
        yield Line(Content.styled("✗ ", "$text-error"), why)
    else:
        yield from fix_lines(finding.fix, diff)


def fix_lines(fix: Fix, diff: Sequence[DiffLine] | None) -> Iterator[Line]:
    """Yield a fix and its change; None where that is not known yet."""
    text = Content.styled(printable(fix.title), "bold")
    yield Line(Content.styled("fix  ", "dim"), text)
    if not fix.sure:
        yield Line(Content("     "), Content.styled(_GUESS, "$text-warning"))
    if diff is None:
        yield _line(Content.styled("…", "dim"))
    elif diff:
        yield _line(Content())
        yield from diff_lines(diff)


def list_lines(findings: Sequence[Finding]) -> Iterator[Line]:
    """Yield the fixes of findings, a line each."""
    for finding in findings:
        if finding.fix is not None:
            subject = printable(finding.profile) or printable(finding.place)
            yield Line(
                Content.styled(f"{printable(finding.code)}  ", "dim"),
                Content.assemble((subject, "bold"), "  ", printable(finding.fix.title)),
            )


def _line(text: Content) -> Line:
    return Line(Content(), text)
