"""The entry point: finds the verb, runs it, and turns errors into a sentence and an exit status."""

from __future__ import annotations

import os
import sys

from xswitch import locations
from xswitch.errors import ExitStatus, XswitchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from xswitch.cli.output import Output


def main(argv: Sequence[str] | None = None) -> int:
    """Run xswitch with `argv` (default: the process's own, without its name); return the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words == ["--version"]:
        from xswitch import __version__  # noqa: PLC0415

        sys.stdout.write(f"xswitch {__version__}\n")
        return ExitStatus.OK
    from xswitch.cli.output import Output  # noqa: PLC0415 - not needed above

    output = Output()
    try:
        status = _dispatch(words, output)
        sys.stdout.flush()
    except XswitchError as error:
        if os.environ.get(locations.DEBUG):
            raise
        output.error(error)
        return error.status
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`xswitch list | head`): that is its right. The interpreter must not flush again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.OK
    return status


def _dispatch(words: list[str], output: Output) -> int:
    from xswitch.cli.commands import COMMANDS, UI, overview  # noqa: PLC0415 - `--version` needs none of it

    if words and words[0] in {"--help", "-h", "help"}:
        output.data(overview())
        return ExitStatus.OK
    command = COMMANDS.get(words[0]) if words else None
    if command is None:
        command = UI
    else:
        words = words[1:]
    from xswitch.cli.arguments import HelpWanted, parse  # noqa: PLC0415

    try:
        arguments = parse(command, words)
    except HelpWanted:
        output.data(command.help)
        return ExitStatus.OK
    from importlib import import_module  # noqa: PLC0415 - each verb loads what it needs

    status: int = import_module(f"xswitch.cli.{command.module}").run(arguments, output)
    return status
