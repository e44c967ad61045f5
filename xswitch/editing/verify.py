"""Comparing what an edit has made with what it was to make: anything else changed means nothing is written.

Reading the new text again turns every trap that nobody has thought of into a refusal.
"""

from __future__ import annotations

from collections import Counter

from xswitch.awsfiles.document import Document
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from xswitch.awsfiles.blocks import Line
    from xswitch.awsfiles.files import AwsFiles
    from xswitch.awsfiles.ini import IniFile
    from xswitch.awsfiles.saving import Version
    from xswitch.editing.changes import Change
    from xswitch.editing.operation import Plan


def verify(
    before: AwsFiles, after: AwsFiles, plan: Plan, changes: Iterable[tuple[str, list[Change]]]
) -> None:
    """XswitchError where `after` is not `before` with the changes of each file, and nothing else.

    That holds for every section of both files, and for the profiles that they mean: the names that there
    are, and the settings that the plan does not touch.
    """
    for name, of_file in changes:
        old: IniFile = getattr(before, name)
        new: IniFile = getattr(after, name)
        expected = {header: section.values for header, section in old.sections.items()}
        for change in of_file:
            expected = change.expect(expected)
        found = {header: section.values for header, section in new.sections.items()}
        if list(expected.items()) != list(found.items()) or old.default_values != new.default_values:
            raise _refused(
                new.path, "other settings would change with it, because of how the lines stand there"
            )
        more = Counter((problem.code, problem.fatal) for problem in new.problems())
        more.subtract((problem.code, problem.fatal) for problem in old.problems())
        if any(count > 0 for count in more.values()):
            raise _refused(new.path, "aws could not read the file afterwards")
    _verify_profiles(before, after, plan)


def verify_lines(version: Version, document: Document, changes: list[Change]) -> None:
    """XswitchError where another line than those of the sections that are changed has gone or moved.

    Comments have no meaning to compare, and line ends none that `verify` would see. Blank lines beside a
    section may come and go.
    """
    named = {name for change in changes for name in change.headers}
    before = Document(version.path, version.data)
    written = [line.raw for line in document.lines()]
    found = [line.raw for line in Document(version.path, document.data).lines()]
    lines = list(before.lines())
    last = lines[-1] if lines else None
    rest = iter(found)
    kept = all(
        any(_is_same(line, other, last) for other in rest)
        for line in before.lines_outside(named)
        if line.text
    )
    if written != found or not kept:
        raise _refused(version.path, "lines of other sections would change with it")


def _is_same(line: Line, other: str, last: Line | None) -> bool:
    return other == line.raw or (line is last and not line.end and other.rstrip("\r\n") == line.raw)


def _verify_profiles(before: AwsFiles, after: AwsFiles, plan: Plan) -> None:
    if set(after.profiles) != set(before.profiles) - plan.removed | plan.added:
        raise _refused(after.config.path, "another profile would appear or be gone")
    for name, entry in before.profiles.items():
        if name in plan.removed:
            continue
        old, new = entry.values, after.profiles[name].values
        if old == new:
            continue
        others = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        wrong = [printable(key) for key in others if key not in plan.touched.get(name, ())]
        if wrong:
            raise _refused(after.config.path, f"{wrong[0]} of {printable(name)} would change too")


def _refused(path: str, why: str) -> XswitchError:
    where = printable(tilde(path))
    return XswitchError(
        f"this edit of {where} is not safe: {why}", "nothing was changed; make it by hand in an editor"
    )
