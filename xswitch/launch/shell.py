"""The subshell under a profile, whose start-up files must not lead it to another one."""

from __future__ import annotations

import os

from xswitch import locations
from xswitch.launch.shells import FISH, POSIX, take_over

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from xswitch.launch.shells import Shell
    from xswitch.profiles.profile import Profile

_STARTUP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "startup")
_RESTORE = "XSWITCH_RESTORE"
_FISH_RESTORES = f"eval ${_RESTORE}; set -eg {_RESTORE}"
_POSIX_SHELLS = frozenset({"sh", "dash", "ash", "bash", "ksh", "mksh", "zsh"})
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
    if kind == "fish":
        child[_RESTORE] = _commands(FISH, profile, child)
        return [shell, "--init-command", _FISH_RESTORES], child
    if kind == "bash" and os.isatty(0):  # given a script, it reads no start-up file
        child[_RESTORE] = _commands(POSIX, profile, child)
        return [shell, "--rcfile", os.path.join(_STARTUP, "bashrc")], child
    if kind == "zsh":
        child[_RESTORE] = _commands(POSIX, profile, child)
        if "ZDOTDIR" in child:
            child["XSWITCH_ZDOTDIR"] = child["ZDOTDIR"]
        child["ZDOTDIR"] = os.path.join(_STARTUP, "zsh")
    return [shell], child


def shell_command(
    profile: Profile, environ: Mapping[str, str], command: str
) -> tuple[list[str], dict[str, str]]:
    """Return the command line and environment in which the user's shell runs one line of commands.

    zsh and fish read start-up files for that too, so the same holds as for `subshell`.
    """
    child = dict(environ)
    shell = user_shell(child)
    kind = os.path.basename(shell)
    if kind == "fish":
        child[_RESTORE] = _commands(FISH, profile, child)
        command = f"{_FISH_RESTORES}\n{command}"
    elif kind in _POSIX_SHELLS:
        child[_RESTORE] = _commands(POSIX, profile, child)
        command = f'eval "${_RESTORE}"; unset {_RESTORE}\n{command}'
    return [shell, "-c", command], child


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


def _commands(shell: Shell, profile: Profile, child: Mapping[str, str]) -> str:
    """Return the commands by which a shell takes over the profile's variables from `child`."""
    names = [*_PINNED]
    # Where neither the profile nor anybody else names a region, the start-up files may.
    if profile.region or any(name in child for name in locations.REGION_VARIABLES):
        names += locations.REGION_VARIABLES
    return "; ".join(take_over(shell, profile, names, child))
