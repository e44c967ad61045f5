"""Using or changing a profile only as its guard wants it: not at all, or once its name was typed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from xswitch.errors import XswitchError
from xswitch.launch.guarding import Gate
from xswitch.launch.usage import Use
from xswitch.profiles.collection import read_profiles
from xswitch.sessions.interaction import Cancelled, GuardQuestion, Interaction
from xswitch.tui.screens.signing import SigningScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from xswitch.editing.operation import Operation
    from xswitch.launch.prepare import Launcher
    from xswitch.profiles.collection import Profiles
    from xswitch.tui.app import XswitchApp
    from xswitch.tui.tasks import Task

    Confirmed: TypeAlias = tuple[str, ...]
    """The tokens of the questions whose name was typed."""


def permit_change(
    app: XswitchApp, person: Interaction, operation: Operation, confirmed: Collection[str] = ()
) -> frozenset[str] | None:
    """Have the guards of all profiles that an operation changes or removes asked, in a thread.

    Returns which profiles those are, None where there are no guards. `confirmed` are the tokens of those
    whose names were typed. XswitchError where one refuses, or nobody knows.
    """
    from xswitch.launch.prepare import Launcher

    if not Gate(app.locations, person).guards:
        return None
    profiles = read_profiles(app.locations)
    plan = operation.plan(profiles)
    launcher = Launcher(profiles, app.locations, app.environ, person, confirmed)
    names = [profile.name for profile in profiles if profile.name in plan.subjects]
    launcher.permit_all([name for name in names if name in plan.deleted], Use.DELETE)
    launcher.permit_all([name for name in names if name not in plan.deleted], Use.EDIT)
    return plan.subjects


class _Listener(Interaction):
    """Keeps the question that a guard asks, for a dialog; until that is answered, nothing goes on."""

    question: GuardQuestion | None = None

    def confirm_guarded(self, question: GuardQuestion) -> None:
        self.question = question
        raise Cancelled


def guard_question(app: XswitchApp, profiles: Profiles, name: str, use: str) -> GuardQuestion | None:
    """Return what is to be asked before a profile is used, or None; XswitchError where it is refused.

    Nobody is asked.
    """
    from xswitch.launch.prepare import Launcher

    listener = _Listener()
    try:
        Launcher(profiles, app.locations, app.environ, listener).permit(name, use)
    except Cancelled:
        return listener.question
    return None


class GuardedScreen(SigningScreen):
    """A screen that asks for the names of guarded profiles, and refuses what they are not to be used for.

    The rules are read anew each time: what was read when the screen was drawn may have changed.
    """

    def permitted(self, name: str, use: str, act: Callable[[Confirmed], None], what: str = "") -> None:
        """Do something with a profile, once its name was typed where that is guarded; or say why not.

        `act` gets the names that were typed. `what` is shown with the question.
        """
        try:
            question = self._question(name, use)
        except XswitchError as error:
            self.fail(error)
            return
        if question is None:
            act(())
            return
        from xswitch.tui.screens.guard import GuardScreen

        def answered(typed: str | None) -> None:
            if typed is not None:
                act((question.token,))

        self.app.push_screen(GuardScreen(question, what), answered)

    def allows(self, name: str, use: str) -> bool:
        """Tell whether a profile may be used, its name typed or not; say why where it may not."""
        try:
            self._question(name, use)
        except XswitchError as error:
            self.fail(error)
            return False
        return True

    def _question(self, name: str, use: str) -> GuardQuestion | None:
        return guard_question(self.xswitch, self.overview.profiles, name, use)

    def with_profile(self, name: str, use: str, act: Callable[[Confirmed], None], what: str = "") -> None:
        """Do something once it is permitted and the profile's session is there, in the right account."""
        if self.can_work(name):
            self.permitted(name, use, partial(self._with_session, name, use, act, what), what)

    def _with_session(
        self, name: str, use: str, act: Callable[[Confirmed], None], what: str, confirmed: Confirmed
    ) -> None:
        try:
            profile = self.overview.profiles[name]
            checked = Gate(self.xswitch.locations, Interaction()).needs_account(profile)
        except XswitchError as error:
            self.fail(error)
            return
        if not checked:
            self.with_session(name, lambda: act(confirmed))
            return
        task = self.tasks.get(("", name))
        if task is not None:  # it is signed in already, or its console is opened
            task.then = lambda _: self._check_account(name, use, act, what, confirmed)
            self.tasks.awaited = task
        else:
            self._check_account(name, use, act, what, confirmed)

    def _check_account(
        self, name: str, use: str, act: Callable[[Confirmed], None], what: str, confirmed: Confirmed
    ) -> None:
        """Obtain the session, have AWS say in which account it is, and let the guard judge that."""
        task: Task | None = None

        def check(launcher: Launcher) -> None:
            launcher.permit(name, use, account=True)

        def go_on(_: None) -> None:
            act((*confirmed, *(task.person.confirmed if task else ())))

        task = self.start(name, "checking", check, go_on, confirmed, what)
        self.tasks.awaited = task
