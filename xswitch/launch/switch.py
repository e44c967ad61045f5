"""Switching a shell in place: what it evaluates to be under a profile itself, under the one before, or none.

What was there before the first switch of a shell is kept in that shell, in a variable that no child sees. The
name of the profile before is exported, so that `-` works in a child shell too.
"""

from __future__ import annotations

from xswitch import locations
from xswitch.launch.environment import active_profile, has_keys
from xswitch.launch.shells import is_plain, take_over

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from xswitch.launch.shells import Shell
    from xswitch.profiles.profile import Profile

_SWITCHED = (
    *locations.PROFILE_VARIABLES,
    *locations.CREDENTIAL_VARIABLES,
    *locations.WEB_IDENTITY_VARIABLES,
    *locations.REGION_VARIABLES,
    locations.ACTIVE_PROFILE,
    locations.OUTER_REGION,
)


def give_back_region(environ: MutableMapping[str, str]) -> None:
    """Make the region variables what they were before the switches that gave them or took them away.

    Beside AWS_PROFILE, a region is there only because it was set by hand since then, and stays.
    """
    outer = environ.pop(locations.OUTER_REGION, None)
    if outer is None or (_region(environ) and not has_keys(environ)):
        return
    for name in locations.REGION_VARIABLES:
        environ.pop(name, None)
        if outer:
            environ[name] = outer


def to_profile(shell: Shell, profile: Profile, before: Mapping[str, str], child: Mapping[str, str]) -> str:
    """Return what a shell evaluates to be under `profile`, and to find its way back.

    `before` is the shell's environment; `child`, what a child under the profile gets, was prepared from it
    after `give_back_region`.
    """
    commands = _commands(shell, profile, before, child)
    restore = "; ".join(shell.put_back(name, before.get(name)) for name in _names(before, child))
    all_commands = _join([shell.keep(restore), *commands, *_remember(shell, before, profile.name)])
    return shell.all_or_nothing(_names(before, child), all_commands)


def exports_for(shell: Shell, profile: Profile, before: Mapping[str, str], child: Mapping[str, str]) -> str:
    """Return what a shell evaluates to have what `child` has, without a way back."""
    return shell.all_or_nothing(_names(before, child), _join(_commands(shell, profile, before, child)))


def _commands(
    shell: Shell, profile: Profile, before: Mapping[str, str], child: Mapping[str, str]
) -> list[str]:
    """Return the commands that give a shell what `child` has, and take away what that has not."""
    base, child = dict(before), dict(child)
    give_back_region(base)
    if _region(child) != _region(base):
        child[locations.OUTER_REGION] = _region(base)
    return take_over(shell, profile, _names(before, child), child)


def to_none(shell: Shell, before: Mapping[str, str]) -> str:
    """Return what a shell with the environment `before` evaluates to be under no profile of a switch.

    What was there before the first switch comes back. Where that was in another shell, no profile is left.
    """
    left = dict(before)
    give_back_region(left)
    keys = locations.CREDENTIAL_VARIABLES if has_keys(before) and active_profile(before) else ()
    for name in (*locations.PROFILE_VARIABLES, *keys, locations.ACTIVE_PROFILE):
        left.pop(name, None)
    changed = [name for name in _SWITCHED if left.get(name) != before.get(name)]
    otherwise = "; ".join(shell.put_back(name, left.get(name)) for name in changed)
    commands = _join([shell.bring_back(otherwise), *_remember(shell, before, "")])
    return shell.all_or_nothing(_SWITCHED, commands)


def _remember(shell: Shell, before: Mapping[str, str], target: str) -> list[str]:
    """Return the command that exports the name of the profile before; none where it stays the one it is."""
    active = active_profile(before) or ""
    return [] if active == target else [shell.assign(locations.PREVIOUS_PROFILE, active)]


def _names(before: Mapping[str, str], child: Mapping[str, str]) -> list[str]:
    """Return the variables that a switch changes.

    Beside those that it always changes, what was removed for the child: marks of other tools, tokens for
    one service.
    """
    return [*_SWITCHED, *(name for name in before if name not in {*child, *_SWITCHED} and is_plain(name))]


def _join(commands: list[str]) -> str:
    return ";\n".join(commands)


def _region(environ: Mapping[str, str]) -> str:
    return locations.region_in(environ) or ""
