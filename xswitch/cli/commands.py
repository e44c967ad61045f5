"""All verbs, and which one a command line begins with."""

from __future__ import annotations

from xswitch.cli.arguments import Command
from xswitch.cli.verbs import changing, delegating, keeping, looking, using

UI = Command(
    "",
    "Open the terminal UI, with FILTER filled in.",
    positionals=("[FILTER]",),
    example=("xswitch", "xswitch prod"),
    module="ui",
)

_THEMES = (looking, using, changing, delegating, keeping)
COMMANDS = {command.name: command for theme in _THEMES for command in theme.VERBS}

# Not in the overview: what completion asks, and the first word of several commands.
HIDDEN = {
    "complete": Command(
        "complete",
        "Print what the last of WORDS can be completed to, one on a line.",
        positionals=("[WORD…]",),
    ),
    "add": Command(
        "add",
        "Add a profile.\n"
        "xswitch add role NAME    a profile that assumes a role\n"
        "xswitch add keys NAME    a profile with access keys\n"
        "xswitch add sso NAME     a profile of an SSO session\n"
        "Each has a --help of its own.",
        positionals=("KIND", "[NAME]"),
    ),
}


def find_command(words: list[str]) -> tuple[Command | None, int]:
    """Return the command that `words` begin with, if any, and how many of them are its name."""
    if not words or " " in words[0]:
        return None, 0
    if words[0] in {"add", "delegate"} and (found := COMMANDS.get(" ".join(words[:2]))):
        return found, 2
    return COMMANDS.get(words[0]) or HIDDEN.get(words[0]), 1


def overview() -> str:
    """Return the text of `xswitch --help`."""
    width = max(len(name) for name in COMMANDS)
    rows = [f"  {name:<{width}}  {command.summary.splitlines()[0]}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            "usage: xswitch [FILTER]            open the terminal UI",
            "       xswitch COMMAND [--help]    one of the commands below",
            "       xswitch --version",
            "",
            "commands:",
            *rows,
            "",
            "Only these touch the network, where a session has to be obtained or ended: run, shell, each,",
            "login, logout, whoami, console, env, credential-process, use, delegate, and the UI where it is",
            "asked to.",
            "--debug (or XSWITCH_DEBUG=1) shows what AWS said when a command fails.",
        ]
    )
