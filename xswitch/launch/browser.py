"""Opening a page in the user's browser."""

from __future__ import annotations

import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# A process of its own: what browsers and their starters print must not reach the terminal.
_OPEN = "import sys, webbrowser; webbrowser.open(sys.argv[1])"


def has_browser(environ: Mapping[str, str]) -> bool:
    """Tell whether a browser on this machine would be seen by its user: not over SSH, and not a text one."""
    if environ.get("BROWSER"):
        return True
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return False
    return sys.platform == "darwin" or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def open_page(url: str, environ: Mapping[str, str]) -> None:
    """Open `url` (http or https) without a shell and without waiting; OSError where that fails at once."""
    subprocess.Popen(
        [sys.executable, "-I", "-c", _OPEN, url],
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
