"""`xswitch doctor --fix`: each fix once, after a question or, with --yes, those that are sure."""

from __future__ import annotations

import os
from collections import Counter

from xswitch.cli.changing import DIFF_STYLES, permit_changes
from xswitch.cli.doctor import counted
from xswitch.cli.prompts import read_line
from xswitch.doctor.fixes import written
from xswitch.doctor.together import again, at_once, has_same_fix, make
from xswitch.errors import ExitStatus, XswitchError
from xswitch.launch.prepare import Launcher
from xswitch.profiles.collection import read_profiles
from xswitch.sessions.interaction import Interaction
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.doctor.finding import Finding, Fix
    from xswitch.doctor.together import Outcome
    from xswitch.editing.diff import DiffLine
    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles

    Key: TypeAlias = tuple[str, ...]

_YES, _NO, _ALL, _QUIT = "y", "n", "a", "q"
_STALE = "stale"  # no answer, but that it was about what is not so any more
_WORDS = {"yes": _YES, "no": _NO, "all": _ALL, "quit": _QUIT}
_LETTERS = "y: mend it; n: leave it; a: mend it, and all further sure ones unasked; q: stop here"
_MOST_ASKED = 3  # times without an answer: nobody is there


class Mending:
    """Goes through the findings in the order of the report. `refused` where a guard refused a fix.

    `look` examines everything anew: after each fix, which may have moved lines or mended another one, and
    before each, as the files may have changed while the question stood.
    """

    def __init__(
        self, look: Callable[[], list[Finding]], locations: Locations, arguments: Arguments, output: Output
    ) -> None:
        self.refused = False
        self._look = look
        self._locations = locations
        self._arguments = arguments
        self._output = output
        self._asks = self._asks_of_sure = "--yes" not in arguments.flags
        self._mended = 0
        self._passed: Counter[Key] = Counter()  # how many of those that are alike were left, the first ones

    def mend(self) -> list[Finding]:
        """Mend, and return what is left to be found. What ctrl+c leaves half done is told before it ends."""
        findings = self._look()
        try:
            findings = self._mend_unasked(findings)
            while (finding := next(self._offered(findings), None)) is not None:
                answer = self._mend(finding, findings)
                if answer == _QUIT:
                    break
                if answer in {_YES, _STALE}:
                    findings = self._mend_unasked(self._look())
        except KeyboardInterrupt:
            self._output.talk(self.summary(findings))
            raise
        return findings

    def summary(self, findings: list[Finding]) -> str:
        """Return what was mended and what is left, in a sentence."""
        if not findings:
            return (
                f"{self._mended} mended; nothing wrong is left" if self._mended else "nothing wrong was found"
            )
        said = [f"{self._mended} mended" if self._mended else "nothing was mended"]
        said.append(f"left: {counted(findings)}")
        fixes = [finding.fix for finding in findings if finding.fix is not None]
        guesses = sum(not fix.sure for fix in fixes)
        if guesses and not self._asks:
            what = "1 is a guess" if guesses == 1 else f"{guesses} are guesses"
            said.append(f"{what} and was left" if guesses == 1 else f"{what} and were left")
            return f"{'; '.join(said)}: xswitch doctor --fix asks about {'it' if guesses == 1 else 'them'}"
        return "; ".join(said)

    def _offered(self, findings: list[Finding]) -> Iterator[Finding]:
        """Yield the findings whose fix was not offered yet."""
        seen: Counter[Key] = Counter()
        for finding in findings:
            fix = finding.fix
            if fix is None:
                continue
            key = _key(finding)
            seen[key] += 1
            if seen[key] > self._passed[key] and (fix.sure or self._asks):
                yield finding

    def _mend_unasked(self, findings: list[Finding]) -> list[Finding]:
        """Make all edits about which nobody is asked in one, then those for which that was the condition.

        Return what is left to be found.
        """
        while not (self._asks and self._asks_of_sure):
            profiles = read_profiles(self._locations)
            sure = (finding for finding in self._offered(findings) if finding.fix and finding.fix.sure)
            wanted = at_once(sure, profiles)
            if not wanted:
                break
            before = self._mended, self._passed.total()
            permitted, names = self._permitted(wanted, findings, profiles)
            for outcome in make(again(permitted, self._look(), _key), self._locations, names):
                self._take(outcome, findings)
            findings = self._look()
            if before == (self._mended, self._passed.total()):
                break  # all of it has changed meanwhile
        return findings

    def _permitted(
        self, wanted: list[Finding], findings: list[Finding], profiles: Profiles
    ) -> tuple[list[Finding], set[str]]:
        """Have the guards asked; return those of the edits that may be made, and whom they change.

        Edits of the same guarded profiles are asked about together.
        """
        launcher = Launcher(profiles, self._locations, os.environ, Interaction())
        groups: dict[tuple[frozenset[str], frozenset[str]], list[Finding]] = {}
        subjects_of: dict[Finding, frozenset[str]] = {}
        for finding in wanted:
            assert finding.fix is not None  # noqa: S101 - only such are wanted
            try:
                subjects, deleted = finding.fix.subjects(profiles)
                names = sorted(subjects)
                guards = zip(names, launcher.guards_of(names), strict=True)
                guarded = frozenset(name for name, guard in guards if guard is not None)
            except XswitchError as error:
                self._fail(error, [finding], findings)
                continue
            groups.setdefault((guarded, guarded & deleted), []).append(finding)
            subjects_of[finding] = subjects
        permitted: list[Finding] = []
        for (guarded, deleted), group in groups.items():
            try:
                if guarded:
                    permit_changes(guarded, self._arguments, self._output, deleted=deleted)
                permitted += group
            except XswitchError as error:
                self._fail(error, group, findings)
        order = {finding: place for place, finding in enumerate(wanted)}
        permitted.sort(key=order.__getitem__)
        return permitted, {name for finding in permitted for name in subjects_of[finding]}

    def _take(self, outcome: Outcome, findings: list[Finding]) -> None:
        """Say what came of edits that were made together."""
        if outcome.error is not None:
            self._fail(outcome.error, outcome.findings, findings)
            return
        if not outcome.paths:
            for finding in outcome.findings:
                self._pass(finding, findings)
            return
        self._mended += len(outcome.findings)
        titles = [finding.fix.title for finding in outcome.findings if finding.fix is not None]
        for title in titles if len(titles) > 1 else ():
            self._output.talk(title)
        self._output.talk(written(outcome.title, outcome.paths))

    def _fail(self, error: XswitchError, failed: Iterable[Finding], findings: list[Finding]) -> None:
        self.refused = self.refused or error.status == ExitStatus.REFUSED
        self._output.error(error)
        for finding in failed:
            self._pass(finding, findings)

    def _pass(self, finding: Finding, findings: list[Finding]) -> None:
        """Leave a finding, and those that the same fix would mend."""
        fix = finding.fix
        for other in findings:
            if other is finding or has_same_fix(other, finding):
                self._passed[_key(other)] += 1
        assert fix is not None  # noqa: S101 - only such are offered

    def _mend(self, finding: Finding, findings: list[Finding]) -> str:
        """Make the fix of a finding, or not; return what was answered, "n" where it failed."""
        fix = finding.fix
        assert fix is not None  # noqa: S101 - only such are offered
        answer = _NO
        try:
            diff = fix.diff(self._locations)
            if not fix.is_edit or diff:
                answer = self._ask(finding, fix, diff)
            if answer in {_YES, _ALL}:
                subjects, deleted = fix.subjects(read_profiles(self._locations))
                permit_changes(subjects, self._arguments, self._output, deleted=deleted)
                now = self._as_it_is(finding, fix, diff)
                if now is None:
                    self._output.talk(f"{fix.title}: this is not as it was any more, and nothing was changed")
                    answer = _STALE if self._asks else _NO
                else:
                    self._output.talk(now.apply(self._locations, subjects))
                    self._mended += 1
        except XswitchError as error:
            self.refused = self.refused or error.status == ExitStatus.REFUSED
            self._output.error(error)
            answer = _NO
        if answer == _ALL:
            self._asks_of_sure = False
            answer = _YES
        if answer == _NO:
            self._pass(finding, findings)
        return answer

    def _as_it_is(self, finding: Finding, fix: Fix, diff: list[DiffLine]) -> Fix | None:
        """Return the fix as the files are now, None where it is not the one that was agreed to any more."""
        for other in self._look():
            now = other.fix
            if now is None or now.title != fix.title or _key(other) != _key(finding):
                continue
            if _changes(now.diff(self._locations)) == _changes(diff):
                return now
        return None

    def _ask(self, finding: Finding, fix: Fix, diff: list[DiffLine]) -> str:
        """Show on the terminal what is wrong and what would be changed, and ask where that is to be asked."""
        if not (self._asks and (self._asks_of_sure or not fix.sure)):
            return _YES
        place = finding.place or "environment"
        name = f"{printable(finding.profile)}: " if finding.profile else ""
        lines = ["", f"{finding.code} {place}: {name}{finding.message}"]
        lines += [self._output.style(line.text, *DIFF_STYLES.get(line.kind, ())) for line in diff]
        lines.append(f"{fix.title}{fix.doubt}? [y/n/a/q] ")
        for _ in range(_MOST_ASKED):
            answer = read_line(self._output, "\n".join(lines))
            if answer is None:
                return _QUIT
            answer = answer.lower()
            answer = _WORDS.get(answer, answer)
            if answer in _WORDS.values():
                return answer
            lines = [f"{_LETTERS} ", "[y/n/a/q] "]
        return _QUIT


def _key(finding: Finding) -> Key:
    """Return what tells a finding from others, also when lines before it have come or gone."""
    text = "".join(char for char in finding.message if not char.isdecimal())
    return finding.code, finding.profile, finding.file, text


def _changes(diff: list[DiffLine]) -> list[str]:
    """Return what a diff changes, wherever that stands."""
    return [line.text for line in diff if line.kind in {"+", "-"}]
