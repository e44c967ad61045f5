"""Mending what the doctor has found, beside the UI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xswitch.doctor.examine import examine
from xswitch.editing.editor import Editor
from xswitch.errors import XswitchError
from xswitch.launch.guarding import Use
from xswitch.launch.prepare import Launcher
from xswitch.profiles.collection import read_profiles
from xswitch.sessions.interaction import Cancelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xswitch.doctor.finding import Finding
    from xswitch.sessions.interaction import Interaction
    from xswitch.tui.app import XswitchApp


class Mended:
    """What came of fixes: a sentence for each that was done, and why others could not be.

    `takes_back` tells whether undoing takes the last one back; it does not where that was no edit of the two
    files.
    """

    def __init__(self) -> None:
        self.done: list[str] = []
        self.failures: list[XswitchError] = []
        self.takes_back = True


def key_of(finding: Finding) -> tuple[str, ...]:
    """Return what tells a finding from others, also when lines before it have come or gone."""
    return finding.code, finding.profile, finding.file, finding.message


def mend(app: XswitchApp, person: Interaction, findings: Sequence[Finding]) -> Mended:
    """Apply the fixes of findings, in a thread; who may change a guarded profile is asked once.

    After each, everything is examined again: it may have mended others, and moved the lines of the rest. One
    that cannot be applied does not keep the others from it. `Cancelled` where the user gives up before
    anything was done.
    """
    mended = Mended()
    editor = Editor(app.locations)
    launcher = Launcher(read_profiles(app.locations), app.locations, app.environ, person)
    current, left = list(findings), [key_of(finding) for finding in findings]
    while left:
        wanted = left.pop(0)
        finding = next((each for each in current if key_of(each) == wanted and each.fix), None)
        if finding is None or finding.fix is None:
            continue
        try:
            for name in sorted(finding.fix.profiles):
                launcher.permit(name, Use.EDIT)
            before = editor.undoable()
            mended.done.append(finding.fix.apply(app.locations))
            mended.takes_back = editor.undoable() != before
        except Cancelled:
            if not mended.done:
                raise
            break
        except XswitchError as error:
            mended.failures.append(error)
        if left:
            current = examine(app.locations, app.environ, now=app.clock())
    return mended
