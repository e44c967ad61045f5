"""What is done with the selected profile, or the marked ones: switching, running, visiting, copying."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on

from xswitch import locations
from xswitch.errors import XswitchError
from xswitch.launch.usage import Use
from xswitch.profiles.collection import profiles_for
from xswitch.text import printable
from xswitch.tui.outcome import Leave
from xswitch.tui.screens.guarded import GuardedScreen
from xswitch.tui.widgets.profile_tree import ProfileTree

if TYPE_CHECKING:
    from xswitch.launch.prepare import Launcher
    from xswitch.profiles.profile import Profile
    from xswitch.tui.screens.guarded import Confirmed
    from xswitch.tui.screens.run import RunRequest, Target


class ActingScreen(GuardedScreen):
    """Acts on the selected profile. Where its session is not there yet, it is signed in first."""

    def show_marks(self) -> None:
        """Show how many profiles are marked."""
        raise NotImplementedError

    @on(ProfileTree.Chosen)
    def action_switch(self) -> None:
        """Leave for the profile; on a heading, fold it."""
        profile = self.profile_tree.profile
        if self.tasks.took_enter():
            return
        if profile is None:
            self.profile_tree.toggle_fold()
        elif not self.is_awaiting():
            self._leave(profile.name)

    def action_previous(self) -> None:
        """Leave for the profile before the one in use."""
        name = self.xswitch.environ.get(locations.PREVIOUS_PROFILE)
        if not name:
            self.say("this shell has no previous profile")
        elif not self.is_awaiting():
            self._leave(name)

    def _leave(self, name: str, command: str | None = None) -> None:
        def leave(confirmed: Confirmed) -> None:
            self.app.exit(Leave(name, command, confirmed))

        use = Use.SWITCH if self.xswitch.environ.get(locations.HOOK) else Use.SHELL
        self.with_profile(name, use if command is None else Use.RUN, leave, _as_typed(command))

    # -- running ----------------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Mark the profile, or take its mark away."""
        self.profile_tree.mark()
        self.show_marks()

    def action_mark_all(self) -> None:
        """Mark all profiles that are shown, or take their marks away."""
        self.profile_tree.mark_all()
        self.show_marks()

    def action_run(self) -> None:
        """Ask for a command to run under the profile; where any are marked, under all of those."""
        if self.profile_tree.model.marks:
            self._run_under_marked()
            return
        profile = self.selected_profile()
        if profile is None or self.is_awaiting() or not self.can_work(profile.name):
            return
        if self.allows(profile.name, Use.RUN):
            from xswitch.tui.screens.run import RunScreen

            # Pushed here and now: the keys typed next are the command's.
            dialog = RunScreen([self._target(profile)], self.xswitch.history.commands())
            self.app.push_screen(dialog, partial(self._run, profile.name))

    def _run_under_marked(self) -> None:
        if self.is_awaiting():
            return
        profiles, names = self.overview.profiles, self.profile_tree.marked
        try:
            self.launcher.guard_questions(names, Use.EACH)  # what is refused is refused before it is typed
        except XswitchError as error:
            self.fail(error)
            return
        from xswitch.tui.screens.run import RunScreen

        targets = [self._target(profiles[name]) for name in names]
        dialog = RunScreen(targets, self.xswitch.history.commands())
        self.app.push_screen(dialog, partial(self._run_each, names))

    def _target(self, profile: Profile) -> Target:
        from xswitch.tui.screens.run import Target

        now, model = self.xswitch.clock(), self.profile_tree.model
        account, guard = self.overview.account_id(profile, now), model.guard(profile, now)
        return Target(profile.name, account or "", model.account_name(account), guard.color if guard else "")

    def _run(self, name: str, request: RunRequest | None) -> None:
        if request is None:
            return
        command = request.command
        self.xswitch.history.add(command)
        if request.leave:
            self._leave(name, command)
        else:
            self.with_profile(name, Use.RUN, partial(self._run_here, name, command), _as_typed(command))

    def _run_here(self, name: str, command: str, confirmed: Confirmed) -> None:
        launcher = self.xswitch.launcher(profiles_for(self.xswitch.locations, name), confirmed)
        what = f"{printable(name)} $ {printable(command)}"
        self.lend(what, lambda: launcher.shell_command(name, command), wait=True, under=(name, launcher))

    def _run_each(self, names: list[str], request: RunRequest | None) -> None:
        if request is None:
            return
        from xswitch.tui.screens.each import EachScreen

        self.xswitch.history.add(request.command)
        self.app.push_screen(EachScreen(names, request.command), lambda _: self.reload())

    def action_shell(self) -> None:
        """Open a subshell, and come back when it ends."""
        profile = self.selected_profile()
        if profile is not None and not self.is_awaiting():
            self.with_profile(profile.name, Use.SHELL, partial(self._visit, profile.name))

    def _visit(self, name: str, confirmed: Confirmed) -> None:
        launcher = self.xswitch.launcher(profiles_for(self.xswitch.locations, name), confirmed)
        what = f"a subshell under {printable(name)}; exit comes back"
        self.lend(what, lambda: launcher.subshell(name), wait=False, under=(name, launcher))

    # -- looking ----------------------------------------------------------------------------------

    def action_console(self) -> None:
        """Open the web console under the profile."""
        row = self.profile_tree.row
        profile = self.selected_profile()
        if row is None or profile is None or self.is_awaiting() or self.is_at_work(row.node):
            return
        if not self.can_work(profile.name):
            return
        from xswitch.launch.browser import has_browser

        if has_browser(self.xswitch.environ):
            self.with_profile(profile.name, Use.CONSOLE, partial(self._open_console, profile.name))
        else:
            name = printable(profile.name)
            self.say(f"there is no browser here; xswitch console {name} --print writes the address")

    def _open_console(self, name: str, confirmed: Confirmed) -> None:
        from xswitch.launch.console import console_address, open_console

        environ = self.xswitch.environ

        def work(launcher: Launcher) -> str:
            return open_console(console_address(name, launcher, environ), name, environ)

        self.start(name, "opening", work, self.say, confirmed)

    def action_copy(self) -> None:
        """Offer what can be copied of the profile."""
        profile = self.selected_profile()
        if profile is not None:
            from xswitch.tui.screens.copy import CopyScreen

            account = self.overview.account_id(profile, self.xswitch.clock())
            self.app.push_screen(CopyScreen(profile, account))


def _as_typed(command: str | None) -> str:
    return "" if command is None else f"$ {command}"
