"""What is wrong, where, and what to do: one type for files and for profiles."""

from __future__ import annotations

from xswitch.awsfiles.settings import shown
from xswitch.locations import tilde
from xswitch.text import printable


class Problem:
    """A fault with a stable code.

    `message` says what is wrong and what to change; it may be shown as it is, whatever it quotes. `file`
    and `line` say where (line 0: the file as a whole). `fatal` is true where the AWS CLI and botocore
    refuse to read the whole file because of it.
    """

    __slots__ = ("code", "fatal", "file", "line", "message")

    def __init__(self, code: str, message: str, file: str, line: int, *, fatal: bool = False) -> None:
        self.code = code
        # A quoted value may have swallowed the lines below it, secrets included.
        self.message = shown(message)
        self.file = file
        self.line = line
        self.fatal = fatal

    def __repr__(self) -> str:
        return f"Problem({self.code} {self.file}:{self.line})"

    @property
    def place(self) -> str:
        """File and line as people read them: `~/.aws/config:12`."""
        path = printable(tilde(self.file))
        return f"{path}:{self.line}" if self.line else path
