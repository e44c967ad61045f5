"""What is done with the selected profile: switching, running, visiting, copying."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on

from xswitch import locations
from xswitch.launch.browser import has_browser
from xswitch.launch.console import console_address, open_console
from xswitch.text import printable
from xswitch.tui.outcome import Leave
from xswitch.tui.screens.copy import CopyScreen
from xswitch.tui.screens.run import RunRequest, RunScreen
from xswitch.tui.screens.signing import SigningScreen
from xswitch.tui.widgets.profile_tree import ProfileTree

if TYPE_CHECKING:
    from xswitch.launch.prepare import Launcher


class ActingScreen(SigningScreen):
    """Acts on the selected profile. Where its session is not there yet, it is signed in first."""

    @on(ProfileTree.Chosen)
    def action_switch(self) -> None:
        """Leave for the profile; on a heading, fold it."""
        profile = self.profile_tree.profile
        if self.tasks.took_enter():
            return
        if profile is None:
            self.profile_tree.toggle_fold()
        elif not self.is_awaiting():
            self._leave(Leave(profile.name))

    def action_previous(self) -> None:
        """Leave for the profile before the one in use."""
        name = self.xswitch.environ.get(locations.PREVIOUS_PROFILE)
        if not name:
            self.say("this shell has no previous profile")
        elif not self.is_awaiting():
            self._leave(Leave(name))

    def _leave(self, leave: Leave) -> None:
        self.with_session(leave.profile, lambda: self.app.exit(leave))

    def action_run(self) -> None:
        """Ask for a command to run under the profile."""
        profile = self.selected_profile()
        if profile is not None and not self.is_awaiting() and self.can_work(profile.name):
            # Pushed here and now: the keys typed next are the command's.
            dialog = RunScreen(profile.name, self.xswitch.history.commands())
            self.app.push_screen(dialog, partial(self._run, profile.name))

    def _run(self, name: str, request: RunRequest | None) -> None:
        if request is None:
            return
        command = request.command
        self.xswitch.history.add(command)
        if request.leave:
            self._leave(Leave(name, command))
        else:
            self.with_session(name, partial(self._run_here, name, command))

    def _run_here(self, name: str, command: str) -> None:
        what = f"{printable(name)} $ {printable(command)}"
        self.lend(what, lambda: self.launcher.shell_command(name, command), wait=True)

    def action_shell(self) -> None:
        """Open a subshell, and come back when it ends."""
        profile = self.selected_profile()
        if profile is not None and not self.is_awaiting():
            self.with_session(profile.name, partial(self._visit, profile.name))

    def _visit(self, name: str) -> None:
        what = f"a subshell under {printable(name)}; exit comes back"
        self.lend(what, lambda: self.launcher.subshell(name), wait=False)

    def action_console(self) -> None:
        """Open the web console under the profile."""
        row = self.profile_tree.row
        profile = self.selected_profile()
        if row is None or profile is None or self.is_awaiting() or self.is_at_work(row.node):
            return
        if not self.can_work(profile.name):
            return
        if has_browser(self.xswitch.environ):
            self.with_session(profile.name, partial(self._open_console, profile.name))
        else:
            name = printable(profile.name)
            self.say(f"there is no browser here; xswitch console {name} --print writes the address")

    def _open_console(self, name: str) -> None:
        environ = self.xswitch.environ

        def work(launcher: Launcher) -> str:
            return open_console(console_address(name, launcher, environ), name, environ)

        self.start(name, "opening", work, self.say)

    def action_copy(self) -> None:
        """Offer what can be copied of the profile."""
        profile = self.selected_profile()
        if profile is not None:
            account = self.overview.account_id(profile, self.xswitch.clock())
            self.app.push_screen(CopyScreen(profile, account))
