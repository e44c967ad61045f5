"""The traceback that `XSWITCH_DEBUG=1` asks for."""

from __future__ import annotations

import sys
import traceback

from xswitch.errors import XswitchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def write_traceback(stream: TextIO) -> None:
    """Write the exception being handled and its causes.

    Of foreign exceptions only the type is written: their messages may quote a line of a credentials file
    (configparser's do) or a signed request (those of AWS do).
    """
    chain = []
    error = sys.exception()
    while error is not None:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for link in reversed(chain):
        said = f": {link.message}" if isinstance(link, XswitchError) else ""
        frames = "".join(traceback.format_tb(link.__traceback__))
        stream.write(f"Traceback (most recent call last):\n{frames}{type(link).__name__}{said}\n")
