"""Replacing this process with a command."""

from __future__ import annotations

import os
import sys

from xswitch.errors import ExitStatus, XswitchError
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn


def replace_process(argv: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    """Become `argv`: exit status, signals, job control and terminal are then the command's own.

    XswitchError with status 127 where the command is not found, 126 where it cannot be executed.
    """
    flush_streams()
    if not argv[0]:
        raise XswitchError("the command is empty", "name one after --", ExitStatus.NOT_FOUND)
    _restore_signals()
    try:
        _execute(list(argv), dict(environ))
    except ValueError:
        text = f"{printable(argv[0])}: an argument or a credential has a NUL character in it"
        raise XswitchError(text, status=ExitStatus.NOT_EXECUTABLE) from None
    except OSError as error:
        raise _not_run(argv[0], error) from None


def flush_streams() -> None:
    """Write out what this process has said so far, before a command speaks or memory is copied."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed by the caller
            stream.flush()


def _execute(argv: list[str], environ: dict[str, str]) -> NoReturn:
    """Do what execvp(3) does. OSError where it fails, if need be that of a file that is there.

    `os.execvpe` differs: it passes over a script without `#!` and looks for another one further down PATH.
    """
    folders = [""] if "/" in argv[0] else environ.get("PATH", os.defpath).split(os.pathsep)
    failure: OSError = FileNotFoundError("it is in none of them")
    for folder in folders:
        path = os.path.join(folder, argv[0])
        try:
            os.execve(path, argv, environ)
        except (FileNotFoundError, NotADirectoryError) as error:
            if "/" in argv[0]:
                failure = error
        except OSError as error:
            import errno  # costs 1 % of a Python start

            if error.errno == errno.ENOEXEC:
                os.execve("/bin/sh", ["/bin/sh", path, *argv[1:]], environ)
            # In a folder of PATH that may not be entered nothing is found, which is no failure.
            if "/" in argv[0] or os.path.lexists(path):
                failure = error
            if error.errno != errno.EACCES:
                break
    raise failure


def _not_run(command: str, error: OSError) -> XswitchError:
    name = printable(command)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        hint = "check its name, and PATH" if "/" not in command else "check the path"
        return XswitchError(f"{name}: command not found", hint, ExitStatus.NOT_FOUND)
    reason = error.strerror or "cannot be executed"
    return XswitchError(f"{name}: {reason}", "check that it is an executable file", ExitStatus.NOT_EXECUTABLE)


def _restore_signals() -> None:
    """Give the command the default handling of the signals that Python ignores for itself."""
    try:
        import _signal as signal  # type: ignore[import-not-found]
    except ImportError:
        import signal
    for name in ("SIGPIPE", "SIGXFSZ"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_DFL)
