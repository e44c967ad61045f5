"""Signing in and out, beside the UI, and waiting for a session before something is done with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from textual import on
from textual.getters import query_one
from textual.screen import Screen

from xswitch.errors import XswitchError
from xswitch.locations import DEBUG
from xswitch.profiles.collection import find_profile, profiles_for
from xswitch.profiles.profile import Kind
from xswitch.profiles.tree import Heading, walk
from xswitch.sessions.interaction import Cancelled
from xswitch.sessions.overview import Overview
from xswitch.sessions.session import SessionKind, time_left
from xswitch.text import printable
from xswitch.tui.rows import fold_key
from xswitch.tui.tasks import Task, Tasks, failure_of
from xswitch.tui.widgets.profile_tree import ProfileTree

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from xswitch.launch.prepare import Launcher
    from xswitch.profiles.profile import Profile
    from xswitch.profiles.tree import Node
    from xswitch.sessions.interaction import Interaction
    from xswitch.sessions.session import Session
    from xswitch.tui.app import XswitchApp
    from xswitch.tui.terminal import Prepare

Result = TypeVar("Result")

_SSO = {Heading.SSO_SESSION, Heading.SSO_START_URL}
_KINDS = {
    SessionKind.ASSUME_ROLE: "role session",
    SessionKind.SSO_ROLE: "SSO role session",
    SessionKind.SSO_TOKEN: "SSO token",
    SessionKind.LOGIN: "aws login session",
    SessionKind.MFA: "MFA session",
}


class SigningScreen(Screen[None]):
    """A screen with a profile tree to whose rows one can sign in. What takes time is a task of the row."""

    profile_tree = query_one(ProfileTree)

    def __init__(self, overview: Overview) -> None:
        super().__init__()
        self.overview = overview
        self.tasks = Tasks(self, self._show_tasks)
        self._told: Task | None = None

    @property
    def xswitch(self) -> XswitchApp:
        """The application."""
        return cast("XswitchApp", self.app)

    @property
    def launcher(self) -> Launcher:
        """What prepares children; it talks on the terminal that they get."""
        return self.xswitch.launcher(self.overview.profiles)

    def reload(self) -> None:
        """Read everything again, which need not be shown at once; rows keep their order."""
        raise NotImplementedError

    def reload_now(self) -> None:
        """Read everything again, for what comes next acts on what there is now, or speaks of it."""
        raise NotImplementedError

    def show_status(self) -> None:
        """Show the line at the top as it is now."""
        raise NotImplementedError

    def say(self, text: str) -> None:
        """Show a sentence for a moment."""
        self.notify(text, markup=False)

    def fail(self, error: XswitchError) -> None:
        """Show what failed, over what is true now."""
        from xswitch.tui.screens.message import MessageScreen

        self.reload_now()
        raw = error.raw if self.xswitch.environ.get(DEBUG) else ""
        self.tasks.show(MessageScreen(error.message, error.hint, raw))

    def lend(
        self, what: str, prepare: Prepare, *, wait: bool, under: tuple[str, Launcher] | None = None
    ) -> None:
        """Hand the terminal to a child, and show what may have changed and what failed.

        `under` as in `XswitchApp.lend`.
        """
        failure = self.xswitch.lend(what, prepare, wait=wait, under=under)
        if failure is None:
            self.reload_now()  # the screen is drawn anew, and the next key may be typed already
        else:
            self.fail(failure)

    def selected_profile(self) -> Profile | None:
        """Return the selected profile; where a heading is selected, say so and return None."""
        row = self.profile_tree.row
        if row is not None and row.node.heading:
            self.say("this is no profile; choose one below it")
        return self.profile_tree.profile

    # -- tasks ------------------------------------------------------------------------------------

    def is_awaiting(self) -> bool:
        """Tell whether something waits for its session already, which must come first; say so once."""
        task = self.tasks.awaited
        if task is not None and task is not self._told:
            self._told = task
            self.say(f"{printable(task.name)} gets its session first; esc stops that")
        return task is not None

    def with_session(self, name: str, act: Callable[[], None]) -> None:
        """Do something once the session of a profile is there; what cannot work is said at once."""
        ready = self._is_ready(name)
        if ready is None:
            return
        if ready:
            act()
            return
        task = self.tasks.get(("", name))
        if task is None:
            self._sign_in(name, lambda _: act())
        else:
            task.then = lambda _: act()
        self.tasks.awaited = self.tasks.get(("", name))

    def can_work(self, name: str) -> bool:
        """Tell whether a profile can have a session at all, and say why where it cannot."""
        return self._is_ready(name) is not None

    def _is_ready(self, name: str) -> bool | None:
        """Tell whether the profile's session is there; None, and say why, where it can never be."""
        try:
            return self.launcher.is_ready(name)
        except XswitchError as error:
            self.fail(error)
            return None

    def start(
        self,
        name: str,
        word: str,
        work: Callable[[Launcher], Result],
        then: Callable[[Result], None],
        confirmed: Collection[str] = (),
        what: str = "",
    ) -> Task | None:
        """Have something done for a profile beside the UI; `word` is what its row says meanwhile.

        `confirmed` are the tokens of guards' questions that were answered for it, and `what` is shown where
        one more has to be. Where a program of the user's gives the credentials, it is done on the lent
        terminal, and there is no task: that program may ask something.
        """
        if self.overview.profiles.root_kind(name) == Kind.PROCESS:
            done = []

            def prepare() -> tuple[list[str], dict[str, str]]:
                done.append(work(self.xswitch.launcher(self.overview.profiles, confirmed)))
                return [], {}

            self.lend(f"{printable(name)}: {word}", prepare, wait=False)
            if done:
                then(done[0])
            return None

        def alone(person: Interaction) -> Result:
            # The files anew: what the UI has read is not for another thread.
            from xswitch.launch.prepare import Launcher

            places = self.overview.locations
            profiles = profiles_for(places, name)
            return work(Launcher(profiles, places, self.xswitch.environ, person, confirmed))

        task = Task(("", name), name, word, alone, then, about=lambda _: what)
        self.tasks.start(task)
        return task

    def stop_task(self) -> bool:
        """Stop what runs for the selected row, else what was started last; tell whether anything runs."""
        row = self.profile_tree.row
        return self.tasks.stop(fold_key(row.node) if row else None)

    def on_unmount(self) -> None:
        """Let go of what runs."""
        self.tasks.end()

    @on(Task.Asked)
    def _asked(self, event: Task.Asked) -> None:
        if not self.xswitch.is_leaving:
            self.tasks.ask(event.task, event.question)

    @on(Task.Ended)
    def _ended(self, event: Task.Ended) -> None:
        task, error = event.task, event.error
        if not self.tasks.take(task) or self.xswitch.is_leaving:
            return
        if error is None:
            if task.vital:
                self.reload_now()  # the files are others; the next key is for what stands in them
            else:
                self.reload()
            task.then(event.result)
        elif isinstance(error, Cancelled):
            self.reload()
        else:
            self.fail(failure_of(task, error))

    def _show_tasks(self) -> None:
        if self.is_mounted and not self.xswitch.is_leaving:
            self.profile_tree.tick()

    def is_at_work(self, node: Node) -> bool:
        """Tell whether something runs for a row, and say so."""
        task = self.tasks.get(fold_key(node))
        if task is not None:
            self.say(f"{printable(task.name)}: {task.word} already; esc stops it")
        return task is not None

    # -- signing in -------------------------------------------------------------------------------

    def action_sign_in(self) -> None:
        """Get or renew the session of the profile; on a heading of SSO, its token."""
        row = self.profile_tree.row
        if row is None or self.is_awaiting() or self.is_at_work(row.node):
            return
        if row.node.heading in _SSO:
            self._sign_in_to_sso(row.node)
            return
        profile = self.selected_profile()
        if profile is None:
            return
        name, command = profile.name, self.launcher.login_command(profile.name)
        if command is None:
            if self._is_ready(name) is not None:
                self._sign_in(name, partial(self._tell_end, name))
        else:
            what = f"{printable(name)} is signed in by: {printable(' '.join(command))}"
            self.lend(what, lambda: (command, self.xswitch.environ), wait=True)

    def _sign_in(self, name: str, then: Callable[[datetime | None], None]) -> None:
        self.start(name, "signing in", lambda launcher: launcher.sign_in(name), then)

    def _sign_in_to_sso(self, node: Node) -> None:
        places, name = self.overview.locations, node.children[0].name

        def work(person: Interaction) -> datetime:
            from xswitch.sessions.sso import sign_in_sso

            return sign_in_sso(find_profile(profiles_for(places, name), name), places, person)

        then = partial(self._tell_end, node.name)
        self.tasks.start(Task(fold_key(node), node.name, "signing in", work, then))

    def _tell_end(self, name: str, ends: datetime | None) -> None:
        if ends is None:
            self.say(f"{printable(name)}: its credentials do not end, so there is nothing to renew")
        else:
            left = time_left(ends, self.xswitch.clock())
            self.say(f"{printable(name)} is signed in until {ends.astimezone():%H:%M} ({left})")

    # -- signing out ------------------------------------------------------------------------------

    def action_sign_out(self) -> None:
        """Remove the cached sessions of the profile; on a heading of SSO, ask, and sign out of that."""
        row = self.profile_tree.row
        if row is None or self.is_awaiting() or self.is_at_work(row.node):
            return
        if row.node.heading in _SSO:
            self._ask_to_sign_out(row.node)
        elif (profile := self.selected_profile()) is not None:
            from xswitch.sessions.signout import sign_out

            now, overview = self.xswitch.clock(), Overview(self.overview.locations)
            profiles = [other for other in overview.profiles if other.name == profile.name]
            self._tell_removed(profile.name, sign_out(overview, profiles, now))
            token = overview.sessions.token(profile.sso_session, profile.text("sso_start_url"))
            if profile.kind == Kind.SSO and token is not None and token.expires_at > now:
                self.say("its SSO session is still signed in: sign out on the row above it")

    def _ask_to_sign_out(self, node: Node) -> None:
        from xswitch.tui.screens.confirm import ConfirmScreen

        names = [below.name for below, _ in walk([node]) if not below.heading]
        of = f"its {len(names)} profiles" if len(names) > 1 else printable(names[0])
        text = f"This signs out of SSO {printable(node.name)} and removes the sessions of {of}."
        dialog = ConfirmScreen(f"Sign out: {printable(node.name)}", text, "sign out")
        self.app.push_screen(dialog, partial(self._sign_out_of_sso, node, frozenset(names)))

    def _sign_out_of_sso(self, node: Node, names: frozenset[str], sure: bool | None) -> None:
        if not sure or self.is_at_work(node):
            return

        def work(_: Interaction) -> tuple[list[Session], list[str]]:
            from xswitch.sessions.signout import sign_out

            overview = Overview(self.overview.locations)
            profiles = [profile for profile in overview.profiles if profile.name in names]
            return sign_out(overview, profiles, self.xswitch.clock(), sso=True)

        then = partial(self._tell_removed, node.name)
        self.tasks.start(Task(fold_key(node), node.name, "ending", work, then))

    def _tell_removed(self, name: str, done: tuple[list[Session], list[str]]) -> None:
        removed, said = done
        self.reload()
        kinds = [_KINDS.get(session.kind, session.kind) for session in removed]
        if kinds:
            self.say(f"signed out of {printable(name)}: removed {_counted(kinds)}")
        else:
            self.say(f"{printable(name)} has no cached session")
        for sentence in said:
            self.say(sentence)


def _counted(kinds: list[str]) -> str:
    counts = {kind: kinds.count(kind) for kind in kinds}
    return ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in counts.items())
