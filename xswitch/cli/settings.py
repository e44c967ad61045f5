"""`xswitch settings`: the file with guard rules, account names and how the UI looks."""

from __future__ import annotations

import os

from xswitch.errors import ExitStatus, UsageError, XswitchError
from xswitch.locations import Locations, tilde
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output

ACTIONS = ("init", "edit", "path")


def run(arguments: Arguments, output: Output) -> int:
    """Write a first file, open it in the editor, or print where it is."""
    action, path = arguments.positionals[0], Locations(os.environ).settings
    if action == "path":
        output.data(path)
    elif action == "init":
        _init(path, output)
    elif action == "edit":
        _edit(path, output)
    else:
        raise UsageError(f"settings has no {printable(action)}", f"it has: {', '.join(ACTIONS)}")
    return ExitStatus.OK


def _init(path: str, output: Output) -> None:
    from xswitch.settings.writing import write_default

    where = printable(tilde(path))
    try:
        write_default(path)
    except FileExistsError:
        raise XswitchError(f"{where} is there already", "xswitch settings edit opens it") from None
    output.talk(f"written: {where}; nothing is set in it yet: xswitch settings edit")


def _edit(path: str, output: Output) -> None:
    """Open the file, made where there is none, and check it when the editor ends."""
    import shlex
    import subprocess

    from xswitch.settings.writing import write_default

    editors = (os.environ.get(name, "").strip() for name in ("VISUAL", "EDITOR"))
    editor = next(filter(None, editors), "vi")
    if not os.path.lexists(path):
        write_default(path)
    try:
        # As git does: the variable may have options of the editor's.
        status = subprocess.run([*shlex.split(editor), path], check=False).returncode
    except (OSError, ValueError):
        raise XswitchError(
            f"the editor {printable(editor)} cannot be started", "set VISUAL or EDITOR to yours"
        ) from None
    if status:
        raise XswitchError(f"the editor {printable(editor)} ended with {status}", "the file is as it left it")
    # Textual is loaded only now: nobody waits for it before the editor opens.
    from xswitch.settings.reading import load_settings
    from xswitch.tui.settings import check_for_ui

    check_for_ui(load_settings(path))
    output.talk(f"{printable(tilde(path))} is in order")
