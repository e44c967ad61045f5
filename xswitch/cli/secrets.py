"""Values that must not be in a command line, where `ps` shows them: asked for, or from stdin."""

from __future__ import annotations

import sys

from xswitch.cli.prompts import has_terminal, read_hidden, read_shown
from xswitch.errors import XswitchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.output import Output

_MOST = 65536  # bytes


def read_stdin() -> str | None:
    """Return what is piped in, None where stdin is a terminal or closed."""
    if sys.stdin is None or sys.stdin.isatty():
        return None
    data = sys.stdin.buffer.read(_MOST + 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise XswitchError("what stands on stdin is not UTF-8 text") from None
    if len(data) > _MOST:
        raise XswitchError("there is far more on stdin than a value")
    return text.replace("\r\n", "\n")


def ask_shown(output: Output, prompt: str) -> str:
    """Ask for a line on the terminal. XswitchError where there is none."""
    _need_terminal()
    return read_shown(output, prompt)


def ask_hidden(output: Output, prompt: str) -> str:
    """Ask for a line on the terminal without showing it. XswitchError where there is none."""
    _need_terminal()
    return read_hidden(output, prompt).strip()


def _need_terminal() -> None:
    if not has_terminal():
        raise XswitchError("there is no terminal to ask on", "pipe the value into stdin")
