"""Parsing a command's arguments and writing its help, from one description.

`argparse` alone costs half a Python start, more than `run` may take in all; what is needed here is a tenth
of it.
"""

from __future__ import annotations

from xswitch.errors import UsageError
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class HelpWanted(Exception):  # noqa: N818 - not an error
    """`--help` stands among the command's own arguments."""


class Option:
    """An option: `--json`, or with a value `--region REGION`."""

    __slots__ = ("help", "metavar", "name")

    def __init__(self, name: str, help: str, metavar: str = "") -> None:  # noqa: A002 - the common name for it
        self.name = name
        self.help = help
        self.metavar = metavar


_NAMED_OPTIONS = 3
EVERYWHERE = (
    Option("--debug", "on failure, show what AWS said and where it happened"),
    Option("--help", "show this text"),
)


class Command:
    """The description of a verb; the first line of `summary` is a sentence of its own.

    `positionals` are the names of its arguments, in brackets where optional. With `takes_command`, what
    follows them (or `--`) is a command line that is passed on untouched; `needs_command` where there must
    be one.
    """

    __slots__ = (
        "example",
        "module",
        "name",
        "needs_command",
        "options",
        "positionals",
        "summary",
        "takes_command",
    )

    def __init__(  # noqa: PLR0913 - all but two have names
        self,
        name: str,
        summary: str,
        *,
        positionals: tuple[str, ...] = (),
        options: tuple[Option, ...] = (),
        example: tuple[str, ...] = (),
        takes_command: bool = False,
        needs_command: bool = True,
        module: str = "",
    ) -> None:
        self.name = name
        self.summary = summary
        self.positionals = positionals
        self.options = options
        self.example = example
        self.takes_command = takes_command
        self.needs_command = takes_command and needs_command
        self.module = module or name

    @property
    def takes_any_number(self) -> bool:
        """Whether its last argument may be given again and again."""
        return self.positionals[-1:] != () and "…" in self.positionals[-1]

    @property
    def title(self) -> str:
        """What messages call it: the verb, or the program where there is none."""
        return self.name or "xswitch"

    @property
    def usage(self) -> str:
        """The usage line; of many options it says only that there are some."""
        words = ["xswitch", *filter(None, [self.name]), *self.positionals]
        options = [f"[{f'{option.name} {option.metavar}'.strip()}]" for option in self.options]
        words += options if len(options) <= _NAMED_OPTIONS else ["[options]"]
        if self.takes_command:
            dashed = self.needs_command or self.takes_any_number
            words.append("-- COMMAND…" if dashed else "[COMMAND…]")
        return " ".join(words)

    @property
    def help(self) -> str:
        """The text of `--help`."""
        rows = [(f"{o.name} {o.metavar}".strip(), o.help) for o in (*self.options, *EVERYWHERE)]
        width = max(len(name) for name, _ in rows)
        lines = [f"usage: {self.usage}", "", self.summary, "", "options:"]
        lines += [f"  {name:<{width}}  {text}" for name, text in rows]
        if self.example:
            lines += ["", "example:", *(f"  {line}" for line in self.example)]
        return "\n".join(lines)


class Arguments:
    """The parsed arguments: positionals in order, options by name, and the command to run.

    Of an option that was given several times, `values` has the last value and `every` all of them.
    """

    __slots__ = ("command", "every", "flags", "positionals", "values")

    def __init__(self) -> None:
        self.positionals: list[str] = []
        self.flags: set[str] = set()
        self.values: dict[str, str] = {}
        self.every: dict[str, list[str]] = {}
        self.command: list[str] = []

    def positional(self, index: int) -> str | None:
        """Return a positional argument, or None."""
        return self.positionals[index] if index < len(self.positionals) else None


def parse(command: Command, words: Sequence[str]) -> Arguments:
    """Return the parsed `words` (what follows the verb).

    UsageError where they do not fit the description, HelpWanted where they ask for help.
    """
    arguments = Arguments()
    options = {option.name: option for option in command.options}
    # After any number of arguments, only `--` tells where the command begins.
    most = -1 if command.takes_any_number else len(command.positionals)
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            _after_dashes(command, arguments, rest)
            break
        if word.startswith("-") and word != "-":
            _option(command, options, word, rest, arguments)
        elif command.takes_command and len(arguments.positionals) == most:
            arguments.command = [word, *rest]
            break
        else:
            arguments.positionals.append(word)
    _check(command, arguments)
    return arguments


def _after_dashes(command: Command, arguments: Arguments, rest: list[str]) -> None:
    if command.takes_command:
        arguments.command = rest
    else:
        arguments.positionals += rest


def _option(
    command: Command, options: dict[str, Option], word: str, rest: list[str], arguments: Arguments
) -> None:
    if word in {"--help", "-h"}:
        raise HelpWanted
    name, equals, value = word.partition("=")
    if word == "--debug":
        arguments.flags.add(word)
        return
    option = options.get(name)
    if option is None and not word.startswith("--") and (short := options.get(word[:2])) and short.metavar:
        option, name, equals, value = short, short.name, "=", word[2:]  # -j4
    if option is None:
        raise UsageError(f"{command.title} has no option {printable(name)}", _hint(command))
    if not option.metavar:
        if equals:
            raise UsageError(f"{name} takes no value", _hint(command))
        arguments.flags.add(name)
        return
    if not equals:
        if not rest or rest[0] == "--" or rest[0] in options:  # a forgotten value is not the next option
            raise UsageError(f"{name} needs a value: {name} {option.metavar}", _hint(command))
        value = rest.pop(0)
    if not value:
        raise UsageError(f"{name} needs a value: {name} {option.metavar}", _hint(command))
    arguments.values[name] = value
    arguments.every.setdefault(name, []).append(value)


def _check(command: Command, arguments: Arguments) -> None:
    needed = [name for name in command.positionals if not name.startswith("[")]
    if len(arguments.positionals) < len(needed):
        raise UsageError(f"{command.title} needs {needed[len(arguments.positionals)]}", _hint(command))
    if len(arguments.positionals) > len(command.positionals) and not command.takes_any_number:
        # What is too many is not quoted: it may be a secret.
        takes = ", ".join(name.strip("[]") for name in command.positionals)
        text = f"takes {takes} and no more arguments" if takes else "takes options only"
        raise UsageError(f"{command.title} {text}", _hint(command))
    if command.needs_command and not arguments.command:
        raise UsageError(f"{command.title} needs a command to run, after --", _hint(command))


def _hint(command: Command) -> str:
    return f"usage: {command.usage}"
