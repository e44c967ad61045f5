"""What changes the files: new profiles, editing and deleting the selected one, and taking changes back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from xswitch.launch.usage import Use
from xswitch.text import printable
from xswitch.tui.actions import key_label
from xswitch.tui.screens.acting import ActingScreen
from xswitch.tui.tasks import Task

if TYPE_CHECKING:
    from textual.screen import ModalScreen

    from xswitch.editing.editor import Preview, Undone
    from xswitch.sessions.interaction import Interaction
    from xswitch.tui.screens.delegate_work import End

UNDO = ("", "undo")


class EditingScreen(ActingScreen):
    """Opens the forms, and shows afterwards what they have done. They are loaded when they are needed."""

    def go_to(self, name: str) -> None:
        """Select a profile, whatever hides it."""
        raise NotImplementedError

    def action_new(self) -> None:
        """Ask for a new role profile, with the selected profile as its source."""
        if self.is_awaiting():
            return
        from xswitch.tui.screens.role import NewRoleScreen

        self._open(NewRoleScreen(self._source(), self.overview.profiles))

    def action_new_other(self) -> None:
        """Ask what a new profile is to be."""
        if not self.is_awaiting():
            from xswitch.tui.screens.new import NewScreen

            profile = self.profile_tree.profile
            selected = profile.name if profile else ""
            self.app.push_screen(NewScreen(selected), partial(self._new, selected))

    def _new(self, selected: str, letter: str | None) -> None:
        from xswitch.tui.screens.new import COPY, KEYS, ROLE, SSO, CopyProfileScreen, KeysScreen, SsoScreen

        if letter == ROLE:
            self.action_new()
        elif letter == KEYS:
            self._open(KeysScreen(self._region(selected)))
        elif letter == SSO:
            self._open(SsoScreen(self._sso_session(), list(self.overview.profiles.files.sso_sessions)))
        elif letter == COPY:
            self._open(CopyProfileScreen(selected))

    def action_edit(self) -> None:
        """Edit the selected profile."""
        profile = self.selected_profile()
        if profile is not None and not self.is_awaiting():
            from xswitch.tui.screens.edit import EditScreen

            self._open(EditScreen(profile))

    def action_delete(self) -> None:
        """Ask whether to delete the selected profile."""
        profile = self.selected_profile()
        if profile is not None and not self.is_awaiting():
            from xswitch.tui.screens.delete import DeleteScreen

            self._open(DeleteScreen(profile.name))

    def action_delegate(self) -> None:
        """Ask for a delegation; where the profile is one, or one is not whole, what to do about that."""
        if self.is_awaiting():
            return
        from xswitch.delegation.record import Records

        profile = self.profile_tree.profile
        selected = profile.name if profile else ""
        if selected and not self.allows(selected, Use.DELEGATE):
            return
        records = Records(self.overview.locations).all()
        found = [
            record
            for record in records
            if record.name == selected or not record.is_verified or record.name not in self.overview.profiles
        ]
        if not found:
            self._new_delegation(selected)
            return
        from xswitch.tui.screens.delegate_undo import DelegationsScreen

        dialog = DelegationsScreen(found, partial(self._new_delegation, selected))
        self.app.push_screen(dialog, self._delegated)

    def _new_delegation(self, selected: str) -> None:
        from xswitch.tui.screens.delegate import DelegateScreen

        self.app.push_screen(DelegateScreen(selected, self.overview.profiles, self._delegated))

    def _delegated(self, end: End | None) -> None:
        if end is None:
            return
        self.reload_now()
        if end.profile in self.overview.profiles:
            self.go_to(end.profile)
        self.say(end.told)

    def action_doctor(self) -> None:
        """Show what is wrong with the files, and mend it."""
        if not self.is_awaiting():
            from xswitch.tui.screens.doctor import DoctorScreen

            profile = self.profile_tree.profile
            selected = profile.name if profile else ""
            self.app.push_screen(DoctorScreen(selected), lambda _: self.reload_now())

    def action_undo(self) -> None:
        """Take back the last change to the files."""
        if self.is_awaiting() or self.tasks.get(UNDO) is not None:
            return
        from xswitch.editing.editor import Editor

        editor = Editor(self.overview.locations)

        def undo(_: Interaction) -> Undone:
            return editor.undo()

        self.tasks.start(Task(UNDO, "undo", "taking back", undo, self._undone, vital=True))

    def stop_task(self) -> bool:
        """Stop what runs, but not a change of the files."""
        if self.tasks.get(UNDO) is None:
            return super().stop_task()
        self.say("the change is being taken back")
        return True

    def _undone(self, undone: Undone) -> None:
        left = f"{undone.left} more can be undone" if undone.left else "nothing more can be undone"
        self.say(f"undone: {printable(undone.title)} ({left})")

    def _open(self, form: ModalScreen[Preview | None]) -> None:
        self.app.push_screen(form, self._done)

    def _done(self, preview: Preview | None) -> None:
        if preview is None:
            return
        operation = preview.operation
        self.reload_now()
        if operation.profile in self.overview.profiles:
            self.go_to(operation.profile)
        undo = key_label(self.xswitch.settings.keys.get("files.undo", "u"))
        self.say(f"done: {printable(operation.title)}; {undo} takes it back")
        for warning in preview.warnings:
            self.notify(printable(warning), severity="warning", markup=False)

    def _source(self) -> str:
        """Return what a new role would most likely source from, "" where that is not known."""
        from xswitch.editing.checks import check_setting, check_source

        row = self.profile_tree.row
        if row is None:
            return ""
        node = row.node
        if node.profile is None and len(node.children) == 1:
            node = node.children[0]
        if node.profile is None or check_setting("source_profile", node.name):
            return ""
        return "" if check_source(node.name, self.overview.profiles) else node.name

    def _region(self, name: str) -> str:
        """Return the region of a profile, else of the default profile, else ""."""
        profiles = self.overview.profiles
        named = [profiles[each].region for each in (name, "default") if each in profiles]
        return next((region for region in named if region and region.isprintable()), "")

    def _sso_session(self) -> str:
        """Return the SSO session of the selected row, else the only one, else "", also where it is odd."""
        name = self._nearest_session()
        return name if name.isprintable() else ""

    def _nearest_session(self) -> str:
        from xswitch.profiles.tree import Heading

        row = self.profile_tree.row
        if row is not None and row.node.heading == Heading.SSO_SESSION:
            return row.node.name
        if row is not None and row.node.profile is not None and row.node.profile.sso_session:
            return row.node.profile.sso_session
        sessions = self.overview.profiles.files.sso_sessions
        return next(iter(sessions)) if len(sessions) == 1 else ""
