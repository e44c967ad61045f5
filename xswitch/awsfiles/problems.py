"""What is wrong, where, and what to do: one type for files and for profiles."""

from __future__ import annotations


class Problem:
    """A fault with a stable code.

    `message` says what is wrong and what to change; `file` and `line` say where (line 0: the file as a
    whole). `fatal` is true where the AWS CLI and botocore refuse to read the whole file because of it.
    """

    __slots__ = ("code", "fatal", "file", "line", "message")

    def __init__(self, code: str, message: str, file: str, line: int, *, fatal: bool = False) -> None:
        self.code = code
        self.message = message
        self.file = file
        self.line = line
        self.fatal = fatal

    def __repr__(self) -> str:
        return f"Problem({self.code} {self.file}:{self.line})"
