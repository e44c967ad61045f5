"""The verbs, by theme: what parsing and `--help` are made from, and which verb a line begins with."""

from __future__ import annotations

import sys

from xswitch.cli.arguments import Command, Option

# Options of several verbs.
JSON = Option("--json", "report as JSON")
REGION = Option("--region", "run in this region instead of the profile's own", "REGION")
ENV = Option("--env", "give the command the credentials themselves instead of AWS_PROFILE")
DRY_RUN = Option("--dry-run", "show what would change, with secrets masked, and change nothing")
COMMON_SETTINGS = (
    Option("--region", "the profile's region", "REGION"),
    Option("--output", "how aws prints: json, yaml, text, table, …", "FORM"),
)
MFA_TOKEN = Option("--mfa-token", "the code of the MFA device, instead of being asked for it", "CODE")
YES_REALLY = Option(
    "--yes-really", "the profile's name, where a guard asks for it to be typed and nobody can", "PROFILE"
)
MIN_TTL = Option("--min-ttl", "renew a session that has less than this left (30m, 1h, 900s)", "TIME")
OTHER_PROFILES = (
    Option("--trusting", "another profile of the account with the role, where that one is gone", "PROFILE"),
    Option("--trusted", "another profile of the account that uses it, where that one is gone", "PROFILE"),
)

UI = Command(
    "",
    "Open the terminal UI, with FILTER filled in.",
    positionals=("[FILTER]",),
    example=("xswitch", "xswitch prod"),
    module="ui",
)

# By theme, in the order of the overview. Each theme is a module, of which a verb loads its own only: all of
# them would cost a tenth of a Python start.
_THEMES = {
    "looking": ("list", "show", "sessions"),
    "using": (
        *("run", "shell", "each", "login", "logout", "whoami", "console"),
        *("env", "credential-process", "use", "init", "prompt"),
    ),
    "changing": (
        *("add role", "add keys", "add sso", "set", "unset"),
        *("rename", "copy", "remove", "undo"),
    ),
    "delegating": ("delegate", "delegate list", "delegate undo", "delegate resume"),
    "keeping": ("doctor", "settings", "demo"),
}
NAMES = tuple(name for names in _THEMES.values() for name in names)

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
    for name in (" ".join(words[:2]), words[0]):
        if name in NAMES:
            return _command(name), name.count(" ") + 1
    return HIDDEN.get(words[0]), 1


def _command(name: str) -> Command:
    """Return the verb of that name, which is there."""
    theme = next(theme for theme, names in _THEMES.items() if name in names)
    module = f"xswitch.cli.verbs.{theme}"
    __import__(module)
    verbs: tuple[Command, ...] = sys.modules[module].VERBS
    return next(command for command in verbs if command.name == name)


def overview() -> str:
    """Return the text of `xswitch --help`."""
    width = max(map(len, NAMES))
    rows = [f"  {name:<{width}}  {_command(name).summary.splitlines()[0]}" for name in NAMES]
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
