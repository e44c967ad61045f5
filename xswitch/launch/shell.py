"""The subshell under a profile, whose start-up files must not lead it to another one."""

from __future__ import annotations

import os

from xswitch import locations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from xswitch.profiles.profile import Profile

_STARTUP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "startup")
_RESTORE = "XSWITCH_RESTORE"
_PINNED = (
    *locations.PROFILE_VARIABLES,
    *locations.CREDENTIAL_VARIABLES,
    *locations.WEB_IDENTITY_VARIABLES,
    locations.ACTIVE_PROFILE,
)


def subshell(profile: Profile, environ: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return the command line and environment of an interactive shell under `profile`.

    `environ` is the child's environment as prepared for the profile. A `.bashrc` that exports AWS_PROFILE
    or a region would silently put the shell into another account, so bash, zsh and fish set what was
    prepared once more after the user's own files; other shells are started as they are.
    """
    child = _deeper(environ)
    shell = user_shell(child)
    kind = os.path.basename(shell)
    if kind == "bash":
        child[_RESTORE] = _restore(profile, child, _sh_quote, "export {}={}", "unset {}")
        return [shell, "--rcfile", os.path.join(_STARTUP, "bashrc")], child
    if kind == "zsh":
        child[_RESTORE] = _restore(profile, child, _sh_quote, "export {}={}", "unset {}")
        if "ZDOTDIR" in child:
            child["XSWITCH_ZDOTDIR"] = child["ZDOTDIR"]
        child["ZDOTDIR"] = os.path.join(_STARTUP, "zsh")
        return [shell], child
    if kind == "fish":
        child[_RESTORE] = _restore(profile, child, _fish_quote, "set -gx {} {}", "set -e {}")
        return [shell, "--init-command", f"eval ${_RESTORE}; set -e {_RESTORE}"], child
    return [shell], child


def user_shell(environ: Mapping[str, str]) -> str:
    """Return the user's shell: `SHELL`, else the one of the user database, else `/bin/sh`."""
    shell = environ.get("SHELL")
    if shell:
        return shell
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_shell or "/bin/sh"
    except KeyError:
        return "/bin/sh"


def _deeper(environ: Mapping[str, str]) -> dict[str, str]:
    depth = environ.get(locations.DEPTH, "")
    known = depth.isdecimal() and len(depth) < 10
    return {**environ, locations.DEPTH: str(int(depth) + 1 if known else 1)}


def _restore(
    profile: Profile, child: Mapping[str, str], quote: Callable[[str], str], export: str, unset: str
) -> str:
    """Return the shell commands that give every variable of the profile the value it has in `child`."""
    names = [*_PINNED]
    # Where neither the profile nor anybody else names a region, the start-up files may.
    if profile.region or any(name in child for name in locations.REGION_VARIABLES):
        names += locations.REGION_VARIABLES
    return "; ".join(
        export.format(name, quote(child[name])) if name in child else unset.format(name) for name in names
    )


def _sh_quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _fish_quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
