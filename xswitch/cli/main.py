"""The entry point: finds the verb, runs it, and turns errors into a sentence and an exit status."""

from __future__ import annotations

import gc
import os
import sys

from xswitch import locations
from xswitch.cli.output import Output
from xswitch.errors import ExitStatus, UsageError, XswitchError
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn


def entry() -> NoReturn:
    """Run xswitch as the process it is, and end.

    Everything is written and closed by then, and taking the interpreter down in order costs a fifth of what
    starting it does.
    """
    gc.disable()  # a short command leaves little to find; the UI and `run --serve` turn it on again
    try:
        status = main()
    except OSError:
        status = ExitStatus.FAILED  # stderr takes nothing: there is nobody left to say it to
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed by the caller
            try:
                stream.flush()
            except OSError:
                status = status or ExitStatus.FAILED
    os._exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run xswitch with `argv` (default: the process's own, without its name); return the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    output = Output()
    try:
        status = _dispatch(words, output) if words else _open_ui(output)
        output.flush()
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`xswitch list | head`): that is its right.
        _forget_stdout()
        return ExitStatus.OK
    except XswitchError as error:
        return _failed(error, output)
    except OSError as error:
        _forget_stdout()
        where = printable(str(error.filename or "the output cannot be written"))
        return _failed(XswitchError(f"{where}: {error.strerror or type(error).__name__}"), output)
    except Exception as error:  # noqa: BLE001 - the edge: a fault of ours is one line too
        text = f"this is a fault of xswitch: an unexpected {type(error).__name__}"
        return _failed(XswitchError(text, f"{locations.DEBUG}=1 shows where, please report it"), output)
    return status


def _failed(error: XswitchError, output: Output) -> int:
    if os.environ.get(locations.DEBUG):
        output.traceback()
        if error.raw:
            output.talk(f"AWS said: {error.raw}")
    output.error(error)
    return error.status


def _forget_stdout() -> None:
    """Keep the interpreter from flushing at its end what stdout did not take."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_ui(output: Output) -> NoReturn:
    from xswitch.cli.ui import start  # and nothing that parses and describes verbs

    start("", output)


def _dispatch(words: list[str], output: Output) -> int:
    if words[:1] == ["--debug"]:
        os.environ[locations.DEBUG] = "1"
        words = words[1:]
    if words == ["--version"]:
        from xswitch import __version__

        output.data(f"xswitch {__version__}")
        return ExitStatus.OK
    from xswitch.cli.verbs import UI, find_command, overview

    if words[:1] == ["help"] and words[1:]:
        if find_command(words[1:])[0] is None:
            raise UsageError(f"there is no command {printable(words[1])}", "see: xswitch --help")
        words = [*words[1:], "--help"]
    if words and words[0] in {"--help", "-h", "help"}:
        output.data(overview())
        return ExitStatus.OK
    command, taken = find_command(words)
    if command is None:
        if len(words) > 1 and not words[0].startswith("-") and not words[1].startswith("-"):
            hint = "see: xswitch --help; a filter of several words is one argument, in quotes"
            raise UsageError(f"there is no command {printable(words[0])}", hint)
        command = UI
    else:
        words = words[taken:]
    from xswitch.cli.arguments import HelpWanted, parse

    try:
        arguments = parse(command, words)
    except HelpWanted:
        output.data(command.help)
        return ExitStatus.OK
    if "--debug" in arguments.flags:
        os.environ[locations.DEBUG] = "1"
    # Each verb loads what it needs; `importlib` itself would cost more than most of them.
    name = f"xswitch.cli.{command.module}"
    __import__(name)
    status: int = sys.modules[name].run(arguments, output)
    return status
