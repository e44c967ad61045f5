"""Making many edits in one: one write of the two files, and one undo that takes them all back."""

from __future__ import annotations

from xswitch.doctor.fixes import Edit
from xswitch.editing.changes import Set, Unset
from xswitch.editing.operation import Operation, Plan
from xswitch.errors import XswitchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Hashable, Iterable, Sequence

    from xswitch.doctor.finding import Finding
    from xswitch.editing.changes import Change
    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles

_LINES, _VALUES, _SECTIONS = range(3)


class Outcome:
    """What came of edits that were made together: the files written, or why none was.

    No files and no `error` where there was nothing to change.
    """

    def __init__(self, findings: Sequence[Finding], title: str, paths: Sequence[str]) -> None:
        self.findings = findings
        self.title = title
        self.paths = paths
        self.error: XswitchError | None = None


def edit_of(finding: Finding) -> Edit | None:
    """Return the fix of a finding where it is an edit of the two files."""
    return finding.fix if isinstance(finding.fix, Edit) else None


def has_same_fix(finding: Finding, other: Finding) -> bool:
    """Tell whether one fix mends two findings."""
    one, two = finding.fix, other.fix
    if one is None or two is None:
        return False
    return one is two or (finding.file, finding.line, one.title) == (other.file, other.line, two.title)


def at_once(findings: Iterable[Finding], profiles: Profiles) -> list[Finding]:
    """Return those of the findings whose edits can be made in one, in the order in which that is to be done.

    Each edit is there once. What is left out fits when these are made: another edit of the same line, or
    another section that would become the same profile.
    """
    chosen: list[tuple[int, Finding]] = []
    edits: set[tuple[str, int, str]] = set()
    places: set[tuple[str, int, bool]] = set()
    names: set[str] = set()
    for finding in findings:
        edit = edit_of(finding)
        if edit is None or (finding.file, finding.line, edit.title) in edits:
            continue
        place = (finding.file, finding.line, edit.is_of_line)
        step, about = _step(edit, profiles)
        if (finding.line and place in places) or (step == _SECTIONS and about & names):
            continue
        edits.add((finding.file, finding.line, edit.title))
        places.add(place)
        names |= about if step == _SECTIONS else frozenset()
        chosen.append((step, finding))
    return [finding for _, finding in sorted(chosen, key=lambda each: each[0])]


def _step(edit: Edit, profiles: Profiles) -> tuple[int, frozenset[str]]:
    """Return when an edit is made among others, and which profiles it is about.

    Numbers of lines count as long as none has moved, names of sections as long as they are there.
    """
    if edit.is_of_line:
        return _LINES, frozenset()
    try:
        plan = edit.operation.plan(profiles)
    except XswitchError:
        return _VALUES, frozenset()  # told when it is made
    if all(isinstance(change, (Set, Unset)) for change in plan.changes):
        return _VALUES, frozenset()
    return _SECTIONS, plan.added | plan.removed | plan.touched.keys()


def make(
    findings: Sequence[Finding], locations: Locations, permitted: Container[str] | None = None
) -> list[Outcome]:
    """Make the edits of findings that `at_once` has returned: all in one.

    Where that is refused, without those that are refused by themselves, which are an outcome each.
    """
    edits = [edit for edit in map(edit_of, findings) if edit is not None]
    if not edits:
        return []
    edit = together(edits)
    outcome = Outcome(findings, edit.title, ())
    try:
        outcome.paths = edit.write(locations, permitted)
    except XswitchError as error:
        if len(edits) == 1:
            outcome.error = error
            return [outcome]
        refused = _refused(findings, locations)
        alone = [finding for each in refused for finding in each.findings]
        if refused:
            return [*refused, *make([each for each in findings if each not in alone], locations, permitted)]
        # None of them by itself: so they do not go together.
        middle = len(findings) // 2
        halves = findings[:middle], findings[middle:]
        return [each for half in halves for each in make(half, locations, permitted)]
    return [outcome]


def _refused(findings: Sequence[Finding], locations: Locations) -> list[Outcome]:
    """Return the findings whose edits cannot be made, each by itself. Nothing is written."""
    edit = together([edit for edit in map(edit_of, findings) if edit is not None])
    try:
        edit.diff(locations)
    except XswitchError as error:
        middle = len(findings) // 2
        if middle:
            return [*_refused(findings[:middle], locations), *_refused(findings[middle:], locations)]
        outcome = Outcome(findings, edit.title, ())
        outcome.error = error
        return [outcome]
    return []


def together(edits: Sequence[Edit]) -> Edit:
    """Return one edit that makes these one after the other; a single one as it is."""
    if len(edits) == 1:
        return edits[0]

    def plan(profiles: Profiles) -> Plan:
        changes: list[Change] = []
        added: set[str] = set()
        removed: set[str] = set()
        touched: dict[str, Collection[str]] = {}
        for edit in edits:
            each = edit.operation.plan(profiles)
            changes += each.changes
            added |= each.added
            removed |= each.removed
            for name, keys in each.touched.items():
                touched[name] = {*touched.get(name, ()), *keys}
        return Plan(changes, added=frozenset(added), removed=frozenset(removed), touched=touched)

    return Edit(Operation(f"mend {len(edits)} findings", "", plan))


def again(
    wanted: Iterable[Finding], found: Iterable[Finding], key: Callable[[Finding], Hashable]
) -> list[Finding]:
    """Return those of the findings that are `found` anew with the same fix, as they are now."""
    now: dict[Hashable, list[Finding]] = {}
    for finding in found:
        if finding.fix is not None:
            now.setdefault((key(finding), finding.fix.title), []).append(finding)
    same = [now.get((key(each), each.fix.title)) for each in wanted if each.fix is not None]
    return [findings.pop(0) for findings in same if findings]
