"""Asking on the terminal."""

from __future__ import annotations

from xswitch.errors import ExitStatus, XswitchError
from xswitch.text import printable


def ask_mfa_code(prompt: str) -> str:
    """Ask for an MFA code on the terminal itself, whatever the streams are, and return its digits."""
    import getpass
    import os
    import sys

    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        raise XswitchError(
            "an MFA code is needed and there is no terminal to ask on",
            "run it once in a terminal; the session is kept",
        ) from None
    try:
        code = getpass.getpass(printable(prompt)).replace(" ", "")
    except KeyboardInterrupt:
        sys.stderr.write("\n")  # the shell's prompt begins a line of its own
        raise
    except EOFError:
        code = ""
    if not code:
        raise XswitchError("no MFA code was given", status=ExitStatus.INTERRUPTED)
    if len(code) != 6 or not (code.isascii() and code.isdecimal()):
        raise XswitchError("that was no MFA code", "it is the 6 digits that the device shows now")
    return code
