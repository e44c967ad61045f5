"""The subshell under a profile."""

from __future__ import annotations

import os

from xswitch import locations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def user_shell(environ: Mapping[str, str]) -> str:
    """Return the user's shell: `SHELL`, else the one of the user database, else `/bin/sh`."""
    shell = environ.get("SHELL")
    if shell:
        return shell
    import pwd  # noqa: PLC0415 - seldom needed

    try:
        return pwd.getpwuid(os.getuid()).pw_shell or "/bin/sh"
    except KeyError:
        return "/bin/sh"


def with_depth(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` one subshell deeper."""
    depth = environ.get(locations.DEPTH, "")
    known = depth.isdecimal() and len(depth) < 10
    return {**environ, locations.DEPTH: str(int(depth) + 1 if known else 1)}
