"""New profiles other than roles: the menu, access keys, SSO, and the copy of a profile."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from xswitch.editing.checks import check_new_name, check_setting
from xswitch.editing.operations import add_keys, add_sso, copy
from xswitch.text import printable
from xswitch.tui.fields import Field
from xswitch.tui.screens.copy import Menu
from xswitch.tui.screens.dialog import Dialog
from xswitch.tui.screens.form import FormScreen

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from xswitch.editing.operation import Operation
    from xswitch.tui.widgets.field import FieldRow

ROLE, KEYS, SSO, COPY = "r", "a", "s", "c"


class NewScreen(Dialog[str]):
    """Asks what a new profile is to be: one of the letters above. `selected` is what can be copied, or ""."""

    BINDINGS = [Binding(letter, f"choose('{letter}')", show=False) for letter in (ROLE, KEYS, SSO, COPY)]

    def __init__(self, selected: str) -> None:
        super().__init__()
        self._choices = {ROLE: "role profile", KEYS: "access keys", SSO: "SSO profile"}
        if selected:
            self._choices[COPY] = f"copy of {printable(selected)}"

    def compose(self) -> ComposeResult:
        """Lay out the menu."""
        with Vertical(classes="box -code") as box:
            box.border_title = "New profile"
            yield Menu(
                *[Content.assemble((f"{letter}  ", "dim"), text) for letter, text in self._choices.items()],
                markup=False,
            )
            yield Static("⏎ choose   esc cancel", classes="hint", markup=False)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(list(self._choices)[event.option_index])

    def action_choose(self, letter: str) -> None:
        """Close with a letter."""
        if letter in self._choices:
            self.dismiss(letter)


class NewFormScreen(FormScreen):
    """A form for a new profile."""

    def name_field(self, value: str = "") -> Field:
        """Return the field for the name."""
        return Field("name", value, check=lambda name: check_new_name(name, self.profiles), needed=True)

    def setting(self, key: str, hint: str = "", *, needed: bool = False, secret: bool = False) -> Field:
        """Return the field for a setting."""
        return Field(key, hint=hint, check=partial(check_setting, key), needed=needed, secret=secret)


class KeysScreen(NewFormScreen):
    """Asks for a profile with access keys. They go from here into the credentials file and nowhere else."""

    def __init__(self, region: str) -> None:
        fields = [
            self.name_field(),
            self.setting("aws_access_key_id", "AKIA…", needed=True),
            self.setting("aws_secret_access_key", "typed unseen", needed=True, secret=True),
            self.setting("aws_session_token", "for temporary keys only", secret=True),
            replace(self.setting("region"), value=region),
            self.setting("output", "json"),
            self.setting("mfa_serial", "arn:aws:iam::123456789012:mfa/NAME"),
        ]
        super().__init__("New profile with access keys", fields, "name")

    def operation(self) -> Operation | None:
        """Return the new profile."""
        if self.has_errors:
            return None
        return add_keys(
            self.value("name"),
            self.value("aws_access_key_id"),
            self.value("aws_secret_access_key"),
            self.value("aws_session_token"),
            {key: self.value(key) for key in ("region", "output", "mfa_serial")},
        )


class SsoScreen(NewFormScreen):
    """Asks for an SSO profile. What belongs to its SSO session is asked only where that does not exist."""

    def __init__(self, session: str, sessions: list[str]) -> None:
        known = ", ".join(printable(name) for name in sessions)
        self._known = f"; there are: {known}" if known else ""
        fields = [
            self.name_field(),
            Field(
                "sso_session",
                session,
                f"a name for the session{f', or: {known}' if known else ''}",
                check=partial(check_setting, "sso_session"),
                note=self._session_note,
                needed=True,
            ),
            self.setting("sso_start_url", "https://….awsapps.com/start"),
            self.setting("sso_region", "where IAM Identity Center is"),
            self.setting("sso_account_id", "12 digits", needed=True),
            self.setting("sso_role_name", "the permission set", needed=True),
            self.setting("region"),
            self.setting("output", "json"),
        ]
        super().__init__("New SSO profile", fields, "name")

    def on_mount(self) -> None:
        """Ask only for what is needed."""
        self._show_session()

    def field_changed(self, row: FieldRow) -> None:
        """Ask only for what is needed."""
        if row.field.key == "sso_session":
            self._show_session()

    def operation(self) -> Operation | None:
        """Return the new profile, and its session where that is new."""
        if self.has_errors:
            return None
        session = ("sso_start_url", "sso_region")
        given = {key: self.value(key) for key in session if self.rows[key].display}
        return add_sso(self.value("name"), self.values("name", *session), given)

    def _exists(self, session: str) -> bool:
        return self.profiles.files.sso_session(session) is not None

    def _session_note(self, session: str) -> str:
        new = session and not self._exists(session)
        return f"a new session: its start URL and region are needed{self._known}" if new else ""

    def _show_session(self) -> None:
        exists = self._exists(self.value("sso_session"))
        for key in ("sso_start_url", "sso_region"):
            self.rows[key].display = not exists


class CopyProfileScreen(NewFormScreen):
    """Asks for the name of a copy of the profile `source`."""

    def __init__(self, source: str) -> None:
        self._source = source
        name = f"{source}-copy" if source.isprintable() else ""
        super().__init__(f"Copy {printable(source)}", [self.name_field(name)], "name")

    def operation(self) -> Operation | None:
        """Return the copy."""
        return None if self.has_errors else copy(self._source, self.value("name"))
