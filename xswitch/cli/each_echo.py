"""Having a terminal not show what is typed: it would move what is redrawn there, and `^C` does too."""

from __future__ import annotations

import termios
from contextlib import suppress

from xswitch.launch.foreground import in_foreground

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

_LOCAL = 3  # where its local modes are among the attributes of a terminal


class Echo:
    """The echo of a terminal, which is taken away for a while. Keys and signals are what they were.

    Only in the foreground: the terminal is another's else.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_away = False

    def take_away(self) -> None:
        """Show nothing of what is typed."""
        if not self._is_away and in_foreground():
            self._is_away = self._set(0)

    def give_back(self) -> None:
        """Show it as before."""
        if self._is_away and in_foreground():
            self._set(termios.ECHO)
        self._is_away = False

    def _set(self, echo: int) -> bool:
        """Tell whether that is a change."""
        with suppress(OSError, ValueError, termios.error):
            attributes = termios.tcgetattr(self._stream.fileno())
            if attributes[_LOCAL] & termios.ECHO == echo:
                return False
            attributes[_LOCAL] = attributes[_LOCAL] & ~termios.ECHO | echo
            termios.tcsetattr(self._stream.fileno(), termios.TCSANOW, attributes)
            return True
        return False
