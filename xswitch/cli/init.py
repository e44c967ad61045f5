"""`xswitch init`: the function that switches a shell in place, and completion."""

from __future__ import annotations

import os

from xswitch import launch
from xswitch.errors import ExitStatus, UsageError
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output

HOOKS = ("bash", "zsh", "fish", "powershell")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def run(arguments: Arguments, output: Output) -> int:
    """Print what a start-up file of the shell evaluates."""
    shell = arguments.positionals[0]
    if shell not in HOOKS:
        raise UsageError(f"xswitch has no hook for {printable(shell)}", f"it has: {', '.join(HOOKS)}")
    command = arguments.values.get("--cmd", "xs")
    if not _LETTERS.issuperset(command) or command.startswith("-"):
        text = f"--cmd {printable(command)} is no name for a function"
        raise UsageError(text, "use letters, digits, _ and -")
    if command == "xswitch":
        raise UsageError("--cmd xswitch would hide the program itself", "for example: --cmd xs")
    output.data(hook(shell, command))
    return ExitStatus.OK


def hook(shell: str, command: str) -> str:
    """Return the hook of a shell, its function called `command`."""
    path = os.path.join(os.path.dirname(os.path.abspath(launch.__file__)), "hooks", shell)
    with open(path, encoding="utf-8") as file:
        return file.read().rstrip().replace("@cmd@", command)
