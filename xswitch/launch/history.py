"""The commands that were run from the UI, for its run dialog."""

from __future__ import annotations

import os
from contextlib import suppress

from xswitch.regular import read_regular, write_regular

_KEPT = 100
_LARGEST = 1_000_000  # bytes; a larger file is none of ours


class History:
    """Command lines, the newest first, in a file of one line each with mode 0600.

    A command that begins with a blank is not kept, as in shells: it may hold a secret.
    """

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, "history")

    def commands(self) -> list[str]:
        """Return the kept commands, the newest first."""
        try:
            text = read_regular(self._path, most=_LARGEST)[0].decode("utf-8", "surrogateescape")
        except OSError:
            return []
        return [line for line in text.split("\n") if line.strip()]

    def add(self, command: str) -> None:
        """Put a command first. Where the file cannot be written it is not kept; nothing depends on it."""
        if not command or command[0].isspace() or "\n" in command:
            return
        commands = [command, *(kept for kept in self.commands() if kept != command)][:_KEPT]
        text = "".join(f"{kept}\n" for kept in commands)
        with suppress(OSError):
            write_regular(self._path, text.encode("utf-8", "surrogateescape"))
