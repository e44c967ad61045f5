"""Mending what the doctor has found, beside the UI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xswitch.doctor.examine import examine
from xswitch.doctor.fixes import written
from xswitch.doctor.together import again, at_once, edit_of, has_same_fix, make
from xswitch.errors import XswitchError
from xswitch.launch.prepare import Launcher
from xswitch.launch.usage import Use
from xswitch.profiles.collection import read_profiles
from xswitch.sessions.interaction import Cancelled
from xswitch.tui.settings import check_for_ui

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xswitch.doctor.finding import Finding
    from xswitch.profiles.collection import Profiles
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

    All edits of the two files are one, which undo takes back at once. Before each, everything is examined
    again: the files may have changed since they were looked at, and the fix before may have moved lines, or
    mended this one too. One that cannot be applied does not keep the others from it. `Cancelled` where the
    user gives up before anything was done.
    """
    mended = Mended()
    launcher = Launcher(read_profiles(app.locations), app.locations, app.environ, person)
    try:
        _edit(app, launcher, [each for each in findings if edit_of(each) is not None], mended)
        for finding in findings:
            if edit_of(finding) is None:
                _apply(app, launcher, finding, mended)
    except Cancelled:
        if not mended.done:
            raise
    if not mended.done and not mended.failures:
        mended.failures.append(XswitchError("this is not as it was any more", "nothing was changed"))
    return mended


def _edit(app: XswitchApp, launcher: Launcher, wanted: Sequence[Finding], mended: Mended) -> None:
    """Make the edits of findings together; those that do not fit with others come after them."""
    wanted = again(wanted, _examine(app), key_of)
    refused: list[Finding] = []
    while wanted:
        profiles = read_profiles(app.locations)
        chosen = at_once(wanted, profiles)
        permitted: list[Finding] = []
        names: set[str] = set()
        for finding in chosen:
            try:
                names |= _permit(launcher, finding, profiles)
                permitted.append(finding)
            except Cancelled:
                raise
            except XswitchError as error:
                mended.failures.append(error)
                refused.append(finding)
        for outcome in make(again(permitted, _examine(app), key_of), app.locations, names):
            titles = [finding.fix.title for finding in outcome.findings if finding.fix is not None]
            if outcome.error is not None:
                mended.failures.append(outcome.error)
                refused += outcome.findings
            elif outcome.paths:
                mended.done += titles if len(titles) > 1 else [written(outcome.title, outcome.paths)]
        made = set(chosen)
        left = [each for each in wanted if each not in made]
        left = [each for each in left if not any(has_same_fix(each, other) for other in refused)]
        wanted = again(left, _examine(app), key_of)


def _apply(app: XswitchApp, launcher: Launcher, wanted: Finding, mended: Mended) -> None:
    """Apply a fix that is no edit of the two files, which undo does not take back."""
    try:
        for finding in again([wanted], _examine(app), key_of):
            if finding.fix is not None:
                names = _permit(launcher, finding, read_profiles(app.locations))
                mended.done.append(finding.fix.apply(app.locations, names))
                mended.takes_back = False
    except Cancelled:
        raise
    except XswitchError as error:
        mended.failures.append(error)


def _permit(launcher: Launcher, finding: Finding, profiles: Profiles) -> frozenset[str]:
    """Have the guards asked of all whom a fix changes, and return them."""
    assert finding.fix is not None  # noqa: S101 - only such are mended
    subjects, deleted = finding.fix.subjects(profiles)
    for name in sorted(subjects):
        launcher.permit(name, Use.DELETE if name in deleted else Use.EDIT)
    return subjects


def _examine(app: XswitchApp) -> list[Finding]:
    return examine(app.locations, app.environ, now=app.clock(), check_settings=check_for_ui)
