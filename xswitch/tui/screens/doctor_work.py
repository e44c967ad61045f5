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
from xswitch.tui.settings import check_for_ui

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xswitch.doctor.finding import Finding, Fix
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

    Before each, everything is examined again: the files may have changed since they were looked at, and the
    fix before may have moved lines, or mended this one too. One that cannot be applied does not keep the
    others from it. `Cancelled` where the user gives up before anything was done.
    """
    mended = Mended()
    editor = Editor(app.locations)
    launcher = Launcher(read_profiles(app.locations), app.locations, app.environ, person)
    for wanted in findings:
        try:
            fix = _fix_as_it_is(app, wanted)
            if fix is None:
                if not mended.done:
                    mended.failures.append(
                        XswitchError("this is not as it was any more", "nothing was changed")
                    )
                continue
            subjects, deleted = fix.subjects(read_profiles(app.locations))
            for name in sorted(subjects):
                launcher.permit(name, Use.DELETE if name in deleted else Use.EDIT)
            before = editor.undoable()
            mended.done.append(fix.apply(app.locations, subjects))
            mended.takes_back = editor.undoable() != before
        except Cancelled:
            if not mended.done:
                raise
            break
        except XswitchError as error:
            mended.failures.append(error)
    return mended


def _fix_as_it_is(app: XswitchApp, wanted: Finding) -> Fix | None:
    """Return the fix of a finding as the files are now, None where that is no longer there."""
    for finding in examine(app.locations, app.environ, now=app.clock(), check_settings=check_for_ui):
        if finding.fix is not None and key_of(finding) == key_of(wanted):
            return finding.fix
    return None
