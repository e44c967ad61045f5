"""What the delegate verbs share: who is asked, what is said of the work, and stopping it in order."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager, suppress

from xswitch.cli.prompts import TerminalInteraction, has_terminal, read_shown
from xswitch.delegation import progress as say
from xswitch.delegation.delegating import Delegating
from xswitch.delegation.record import Records
from xswitch.errors import ExitStatus, UsageError, XswitchError
from xswitch.launch.prepare import Launcher
from xswitch.launch.usage import Use
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles
from xswitch.sessions.interaction import Cancelled
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.delegation.plan import Plan
    from xswitch.profiles.collection import Profiles
    from xswitch.sessions.interaction import CodeRequest, GuardQuestion

_LOOK = 0.2  # seconds
_NAMES = {say.ASSUME: "assume the role", say.IDENTITY: "who AWS says we are"}


class Person(TerminalInteraction):
    """The person at the terminal: ctrl+c ends the work between two steps, a second one ends it at once."""

    def __init__(self, output: Output, mfa_token: str = "", really: Sequence[str] = ()) -> None:
        super().__init__(output, mfa_token, really=really)
        self._is_asked = False
        self._has_stopped = False
        self._typed: set[str] = set()

    def confirm_guarded(self, question: GuardQuestion) -> None:
        """Have the name typed, once for all of the work; ctrl+c ends that at once."""
        if question.token in self._typed:
            return
        self._is_asked = True
        try:
            super().confirm_guarded(question)
        finally:
            self._is_asked = False
        self._typed.add(question.token)

    def ask_code(self, request: CodeRequest) -> str:
        """Ask for a code; ctrl+c ends that at once."""
        self._is_asked = True
        try:
            return super().ask_code(request)
        finally:
            self._is_asked = False

    def pause(self, seconds: float) -> None:
        """Wait, unless the person has had enough."""
        ends = time.monotonic() + seconds
        while not self._has_stopped and (left := ends - time.monotonic()) > 0:
            super().pause(min(left, _LOOK))
        if self._has_stopped:
            raise Cancelled("stopped")

    @contextmanager
    def stops_between(self) -> Iterator[None]:
        """Have ctrl+c end the work at its next pause."""

        def stop(_number: int, _frame: object) -> None:
            if self._is_asked or self._has_stopped:
                raise KeyboardInterrupt
            self._has_stopped = True
            self._output.talk("stopping after this step; ctrl+c again does not wait for it")

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
            self._has_stopped = False


class Reporter:
    """Says on stderr how the work goes; `states` is how each step has ended."""

    def __init__(self, output: Output, titles: dict[str, str]) -> None:
        self.states: dict[str, str] = {}
        self.has_begun = False
        self._output = output
        self._titles = {**titles, **_NAMES}

    def __call__(self, step: str, state: str, text: str) -> None:
        """Take a word on a step; that nobody reads it must not stop the work half-way."""
        with suppress(OSError):
            self._say(step, state, text)

    def _say(self, step: str, state: str, text: str) -> None:
        title = self._titles.get(step, step)
        self.has_begun = True
        if state in {say.WORKING, say.WAITING}:
            self._output.progress(f"{title} …{f'  {text}' if text else ''}")
            return
        self.states[step] = state
        words = title if state == say.ANSWERED else f"{state}: {title}"
        if state != say.FAILED:
            self._output.talk(f"{words}{f': {text}' if state == say.ANSWERED and text else ''}")
        else:
            self._output.progress("")


def delegating(output: Output, arguments: Arguments) -> tuple[Delegating, Person]:
    """Return what delegates for the user's own profiles, and who is asked."""
    locations = Locations(os.environ)
    really = arguments.every.get("--yes-really", ())
    person = Person(output, arguments.values.get("--mfa-token", ""), really)

    def launcher(profiles: Profiles) -> Launcher:
        return Launcher(profiles, locations, os.environ, person)

    return Delegating(read_profiles(locations), locations, launcher, person), person


def permit(name: str, parties: Iterable[str], person: Person, use: str = Use.EDIT) -> None:
    """Have the guards ask whether access may be changed by way of the profiles `parties`.

    The profile `name` of that access, where it is there already, is edited, or what `use` says.
    `GuardRefused` where they may not, or are in another account than they should be.
    """
    locations = Locations(os.environ)
    profiles = read_profiles(locations)
    launcher = Launcher(profiles, locations, os.environ, person)
    for party in dict.fromkeys(parties):
        if party in profiles:
            launcher.permit(party, Use.DELEGATE, account=True)
    if name in profiles:
        launcher.permit(name, use)


def confirm(question: str, arguments: Arguments, output: Output) -> None:
    """Go on only where --yes or the person at the terminal says so."""
    if "--yes" in arguments.flags:
        return
    if not has_terminal():
        raise UsageError("nothing was done: there is no terminal to ask on", "--yes does it without asking")
    if read_shown(output, f"{question} [y/N] ").lower() not in {"y", "yes"}:
        raise Cancelled("nothing was done")


def carry_out(plan: Plan, arguments: Arguments, output: Output, worker: Delegating, person: Person) -> int:
    """Apply a plan, and print who one is at the end; where it fails, offer to take back what was made."""
    reporter = Reporter(output, {step.id: step.title for step in plan.steps})
    name = plan.blueprint.request.profile
    before = Records(Locations(os.environ)).find(name)
    was_complete = before is not None and before.is_verified
    try:
        with person.stops_between():
            identity = worker.apply(plan, reporter, update="--update" in arguments.flags)
    except (XswitchError, KeyboardInterrupt) as error:
        # What was there and worked before is not offered to be taken down.
        if reporter.has_begun and not was_complete:
            _after_failure(name, error, arguments, output, worker, person)
        elif reporter.has_begun and isinstance(error, XswitchError):
            error.hint = f"{error.hint}; the same again goes on" if error.hint else "the same again goes on"
        raise
    finally:
        person.done()
    if "--json" in arguments.flags:
        output.json(
            {
                "profile": name,
                "role_arn": plan.blueprint.role_arn,
                "identity": {
                    "account_id": identity.account_id,
                    "arn": identity.arn,
                    "user_id": identity.user_id,
                },
                "steps": {step.id: reporter.states.get(step.id, "") for step in plan.steps},
            }
        )
    else:
        output.data(printable(identity.arn))
        output.talk(
            f"{printable(name)} is ready: xswitch run {printable(name)} -- COMMAND;"
            f" xswitch delegate undo {printable(name)} takes down what was made"
        )
    return ExitStatus.OK


def take_down(name: str, arguments: Arguments, output: Output, worker: Delegating, person: Person) -> None:
    """Undo a delegation."""
    trusting, trusted = (arguments.values.get(option, "") for option in ("--trusting", "--trusted"))
    titles = {"profile": f"profile {printable(name)}"}
    request = worker.request(name, trusting, trusted)
    permit(name, (request.trusting, request.trusted), person, Use.DELETE)
    try:
        with person.stops_between():
            reporter = Reporter(output, {**worker.undo_titles(name), **titles})
            worker.undo(name, reporter, trusting=trusting, trusted=trusted)
    finally:
        person.done()


def _after_failure(
    name: str,
    error: BaseException,
    arguments: Arguments,
    output: Output,
    worker: Delegating,
    person: Person,
) -> None:
    if Records(Locations(os.environ)).find(name) is None:
        return  # nothing was made
    shown = printable(name)
    further = (
        f"xswitch delegate resume {shown} goes on, xswitch delegate undo {shown} takes back what was made"
    )
    if "--yes" not in arguments.flags and has_terminal() and isinstance(error, XswitchError):
        output.error(error)
        if read_shown(output, "take back what was made? [y/N] ").lower() in {"y", "yes"}:
            take_down(name, arguments, output, worker, person)
            raise XswitchError("it failed, and what was made was taken back", status=error.status)
        raise XswitchError("what was made is left as it is", further, error.status)
    if isinstance(error, XswitchError):
        error.hint = f"{error.hint}; {further}" if error.hint else further
    else:
        output.talk(further)
