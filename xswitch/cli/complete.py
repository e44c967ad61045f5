"""`xswitch complete`: what a word of a command line can become, for the completion of shells."""

from __future__ import annotations

import os

from xswitch.awsfiles.files import are_large, read_files
from xswitch.cli.arguments import EVERYWHERE
from xswitch.cli.output import write_exactly
from xswitch.cli.verbs import NAMES, find_command
from xswitch.errors import ExitStatus
from xswitch.locations import Locations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from xswitch.cli.arguments import Arguments, Command
    from xswitch.cli.output import Output

# What stands for PROFILE is read from the files; these are the values of other words.
VALUES = {
    "SHELL": ("bash", "zsh", "fish", "powershell"),
    "FORMAT": ("sh", "fish", "powershell", "dotenv", "json"),
    "TOOL": ("aws-cli", "cloudformation", "terraform"),
    "ACTION": ("init", "edit", "path"),
    "FORM": ("json", "yaml", "yaml-stream", "text", "table", "off"),
}


def run(arguments: Arguments, output: Output) -> int:
    """Print the candidates that begin with the last word."""
    del output
    *before, last = arguments.positionals or [""]
    found = [word for word in _candidates(before, last) if word.startswith(last)]
    if found:
        write_exactly("\n".join(found))
    return ExitStatus.OK


def _candidates(before: list[str], last: str) -> Iterable[str]:
    if not before:
        return ("--help", "--version") if last.startswith("-") else [*_names(), "help"]
    if before[0] == "help":
        return _names(*before[1:]) if len(before) <= 2 else ()
    more = _names(*before) if len(before) == 1 and not last.startswith("-") else ()
    if more:
        return more
    command, taken = find_command(before)
    return () if command is None else _within(command, before[taken:], last)


def _names(*before: str) -> Iterable[str]:
    """Return the words of the names of commands that begin with the words `before`."""
    words = [name.split(" ") for name in NAMES]
    length = len(before)
    return dict.fromkeys(
        each[length] for each in words if len(each) > length and tuple(each[:length]) == before
    )


def _within(command: Command, before: list[str], last: str) -> Iterable[str]:
    """Return what can follow the words `before` of a command, as `arguments.parse` reads them."""
    values = {option.name: option.metavar for option in command.options if option.metavar}
    given = 0
    rest = list(before)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return () if command.takes_command else _positional(command, given + len(rest), last)
        if word in values:
            if not rest:
                return _values(values[word], last)
            rest.pop(0)
        elif not word.startswith("-") or word == "-":
            given += 1
            if command.takes_command and given > len(command.positionals) and not command.takes_any_number:
                return ()
    if last.startswith("-"):
        dashes = ["--"] if command.takes_command else []
        return [*(option.name for option in (*command.options, *EVERYWHERE)), *dashes]
    return _positional(command, given, last)


def _positional(command: Command, index: int, last: str) -> Iterable[str]:
    if command.takes_any_number:
        index = min(index, len(command.positionals) - 1)
    if index >= len(command.positionals):
        return ()
    return _values(command.positionals[index].strip("[]…"), last)


def _values(name: str, last: str) -> Iterable[str]:
    """Return what the word `last` can become that the help calls by that name, or more than that."""
    if name == "CODE":
        from xswitch.doctor.checks import CHECKS

        return [check.code for check in CHECKS]
    if name not in {"PROFILE", "PATTERN"}:
        return VALUES.get(name, ())
    # One that cannot be shown cannot be chosen from a list either.
    return [name for name in _profiles(last) if name.isprintable()]


def _profiles(beginning: str) -> Iterable[str]:
    """Return the names of all profiles, or of those that begin so where that is quicker."""
    places = Locations(os.environ)
    paths = places.config, places.credentials
    if are_large(*paths):
        from xswitch.awsfiles.excerpt import read_names

        names = read_names(*paths, beginning)
        if names is not None:
            return names
    return read_files(*paths).names
