"""`xswitch undo`."""

from __future__ import annotations

import os

from xswitch.cli.changing import print_diff
from xswitch.editing.editor import Editor
from xswitch.errors import ExitStatus, UsageError, XswitchError
from xswitch.locations import Locations
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Take back the last changes, or list them."""
    editor = Editor(Locations(os.environ))
    if "--list" in arguments.flags:
        edits = editor.undoable()
        if "--json" in arguments.flags:
            output.json([{"title": title, "time": time} for title, time in edits])
        elif edits:
            output.data("\n".join(f"{time}  {title}" for title, time in edits))
        else:
            output.talk("there is nothing to take back")
        return ExitStatus.OK
    if "--json" in arguments.flags:
        raise UsageError("--json goes with --list", "usage: xswitch undo --list --json")
    steps = _steps(arguments.positional(0))
    if "--dry-run" in arguments.flags:
        if steps > 1:
            raise UsageError("--dry-run shows one step", "usage: xswitch undo --dry-run")
        print_diff(editor.undo_preview().diff, output)
        return ExitStatus.OK
    there = len(editor.undoable())
    if steps > there > 0:
        raise XswitchError(f"only {there} can be taken back", "see them with: xswitch undo --list")
    for _ in range(steps):
        undone = editor.undo()
        for title in undone.skipped:
            output.talk(f"“{title}” was taken back already")
        left = f"{undone.left} more can be" if undone.left else "nothing else can be"
        output.talk(f"undone: {undone.title} ({left})")
    return ExitStatus.OK


def _steps(text: str | None) -> int:
    if text is None:
        return 1
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= 99):
        raise UsageError(f"{printable(text)} is no number of steps", "usage: xswitch undo [STEPS]")
    return int(text)
