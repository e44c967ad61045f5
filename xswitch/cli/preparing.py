"""What the verbs that need a session have in common: options that say how, and the person who is asked."""

from __future__ import annotations

import os

from xswitch.errors import UsageError
from xswitch.locations import Locations
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypedDict, TypeVar

    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.cli.prompts import TerminalInteraction
    from xswitch.launch.prepare import Launcher
    from xswitch.sessions.interaction import Interaction

    Person = TypeVar("Person", bound=Interaction)

    class _Wishes(TypedDict):
        keys: bool
        region: str | None
        min_seconds: int | None


def launcher(output: Output, arguments: Arguments, person: Interaction | None = None) -> Launcher:
    """Return what prepares the command line's children under its first argument, the name of a profile.

    `person` is who answers questions, unless that is what the options say.
    """
    from xswitch.launch.prepare import Launcher
    from xswitch.profiles.collection import profiles_for

    locations = Locations(os.environ)
    profiles = profiles_for(locations, arguments.positionals[0])
    return Launcher(profiles, locations, os.environ, person or interaction(output, arguments))


def interaction(output: Output, arguments: Arguments) -> TerminalInteraction:
    """Return who answers questions: the person at the terminal, after what the options say."""

    def meet() -> TerminalInteraction:
        from xswitch.cli.prompts import TerminalInteraction

        return TerminalInteraction(
            output,
            arguments.values.get("--mfa-token", ""),
            browser="--no-browser" not in arguments.flags,
            really=arguments.every.get("--yes-really", ()),
        )

    return unmet(meet)


def unmet(meet: Callable[[], Person]) -> Person:
    """Return what stands for the person that `meet` makes when somebody is first needed: mostly never.

    Loading what asks costs more than a tenth of what the commands that may ask take in all.
    """
    person: Any = _Unmet(meet)
    return person  # type: ignore[no-any-return]


class _Unmet:
    def __init__(self, meet: Callable[[], Interaction]) -> None:
        self._meet = meet
        self._person: Interaction | None = None

    def __getattr__(self, name: str) -> object:
        if self._person is None:
            self._person = self._meet()
        return getattr(self._person, name)


def announce(name: str, launcher: Launcher, output: Output) -> None:
    """Say which profile a command is about to run under, where that is a guarded one."""
    from xswitch.launch.usage import Use

    question = launcher.guard_question(name, Use.RUN)
    if question is not None:
        output.banner(f"under {question.subject}, which is guarded", question.guard.color)


def child_wishes(arguments: Arguments) -> _Wishes:
    """Return what `run` and `shell` are told of the child: whether it gets keys, its region, time left."""
    return {
        "keys": "--env" in arguments.flags,
        "region": arguments.values.get("--region"),
        "min_seconds": min_seconds(arguments),
    }


def min_seconds(arguments: Arguments) -> int | None:
    """Return --min-ttl in seconds: `30m`, `1h`, `1h30m`, `900s` or `900`. UsageError where it is no time."""
    text = arguments.values.get("--min-ttl")
    if text is None:
        return None
    from xswitch.profiles.durations import seconds_of

    seconds = seconds_of(text)
    if seconds is None:
        raise UsageError(f"--min-ttl {printable(text)} is no time", "write for example 30m, 1h or 900s")
    return seconds
