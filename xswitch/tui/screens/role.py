"""The form of role profiles: a new one, and assuming its role before it is written."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.content import Content
from textual.widgets import Button

from xswitch.editing.checks import (
    OFFERED,
    check_new_name,
    check_setting,
    check_source,
    known_account,
    proposed_name,
)
from xswitch.editing.operations import add_role
from xswitch.launch.prepare import Launcher
from xswitch.profiles.arn import account_of, partition_of, role_name
from xswitch.profiles.profile import Kind
from xswitch.text import printable
from xswitch.tui.fields import Field
from xswitch.tui.rows import account_label
from xswitch.tui.screens.form import FormScreen
from xswitch.tui.screens.pick import PickScreen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from xswitch.editing.editor import Preview
    from xswitch.editing.operation import Operation
    from xswitch.profiles.collection import Profiles
    from xswitch.sessions.interaction import Interaction
    from xswitch.tui.widgets.field import FieldRow

TEST = ("", "test")
_NAMES = 3  # how many other profiles of an account are named


def arn_note(arn: str, profiles: Profiles) -> str:
    """Return what a role ARN says: partition, account and who else is in it, role, path."""
    account = account_of(arn)
    if account is None:
        return ""
    partition = partition_of(arn)
    known = [printable(name) for name in known_account(account, profiles)]
    others = ", ".join(known[:_NAMES]) + (f" and {len(known) - _NAMES} more" if len(known) > _NAMES else "")
    path = arn.split(":role", 1)[1].rpartition("/")[0]
    parts = [
        partition if partition != "aws" else "",
        f"{account_label(account)}{f' ({others})' if others else ''}",
        f"role {printable(role_name(arn))}",
        f"path {printable(path)}/" if path else "",
    ]
    return " · ".join(part for part in parts if part)


class RoleScreen(FormScreen):
    """A form of a profile whose role can be assumed as it would be, and whose source can be picked."""

    BINDINGS = [Binding("ctrl+t", "test", "Test")]
    tests = True
    _testing = False

    def buttons(self) -> Iterable[Button]:
        """Return the buttons; that of the test where there is a role."""
        save, *others = super().buttons()
        yield save
        if self.tests:
            yield Button(Content("^t Test (assume now)"), id="test", compact=True)
        yield from others

    def pressed(self, button: str) -> None:
        """Do what a button is for."""
        if button == "test":
            self.action_test()
        else:
            super().pressed(button)

    def source_field(self, own: str = "") -> Field:
        """Return the field for the source of a role profile called `own`."""
        return Field(
            "source_profile",
            hint="^o chooses in the tree",
            check=lambda name: check_source(name, self.profiles, own),
            needed=True,
            picks=True,
        )

    def arn_field(self) -> Field:
        """Return the field for the role."""
        return Field(
            "role_arn",
            hint="arn:aws:iam::123456789012:role/NAME",
            check=partial(check_setting, "role_arn"),
            note=lambda arn: arn_note(arn, self.profiles),
            needed=True,
        )

    # -- picking the source -----------------------------------------------------------------------

    def action_pick(self) -> None:
        """Choose the source in the tree."""
        if not self.is_saving:
            dialog = PickScreen("Source profile", self.value("source_profile"))
            self.app.push_screen(dialog, self._picked)

    def _picked(self, name: str | None) -> None:
        if name is None:
            return
        row = self.rows["source_profile"]
        wrong = check_setting("source_profile", name)
        if wrong:  # what cannot be written cannot be shown in a line to type in either
            row.leave()
            row.refuse(f"{printable(name)}: {wrong}")
        else:
            row.input.value = name
            self.focus_next()

    # -- testing ----------------------------------------------------------------------------------

    def action_test(self) -> None:
        """Assume the role as the profile would be; nothing is written but the session."""
        if not self.tests or self.is_saving or self.tasks.get(TEST) or not self.tried():
            return
        operation = self.operation()
        if operation is None:
            self.tell(("there is nothing to test yet", "dim"))
            return
        self.start(TEST, "testing", self.work_of(operation), self._assume)

    def tasks_changed(self) -> None:
        """Say that the role is being assumed, and no longer when it is not."""
        before, self._testing = self._testing, self.tasks.get(TEST) is not None
        if before != self._testing:
            self._tell_testing()

    def _tell_testing(self) -> None:
        self.tell(*[("assuming the role …  esc stops that", "$text-accent")] * self._testing)

    def _assume(self, preview: Preview) -> None:
        name = preview.operation.profile
        if preview.profiles.root_kind(name) != Kind.PROCESS:
            self.start(TEST, "testing", partial(self._sign_in, preview), partial(self._assumed, preview))
            return
        # The program that gives the credentials may ask something on the terminal.
        ended: list[datetime | None] = []

        def prepare() -> tuple[list[str], dict[str, str]]:
            ended.append(self.xswitch.launcher(preview.profiles).sign_in(name))
            return [], {}

        failure = self.xswitch.lend(f"{printable(name)}: testing", prepare, wait=False)
        if failure is not None:
            self.fail(failure)
        elif ended:
            self._assumed(preview, ended[0])

    def _sign_in(self, preview: Preview, person: Interaction) -> datetime | None:
        launcher = Launcher(preview.profiles, self.xswitch.locations, self.xswitch.environ, person)
        return launcher.sign_in(preview.operation.profile)

    def _assumed(self, preview: Preview, ends: datetime | None) -> None:
        arn = preview.profiles[preview.operation.profile].role_arn
        until = f", session until {ends.astimezone():%H:%M}" if ends else ""
        self.tell((f"✓ assumed {arn}{until}", "$text-success"))

    def typed(self) -> None:
        """Take in that something was typed; a test goes on with what there was."""
        super().typed()
        self._tell_testing()

    def _stop_testing(self) -> bool:
        task = self.tasks.get(TEST)
        return task is not None and self.tasks.take(task)

    def action_save(self) -> None:
        """Do what the form says, and test it no more."""
        self._stop_testing()
        super().action_save()

    def action_close(self) -> None:
        """Stop the test, or else close."""
        if self._stop_testing():
            self.tell(("the test was stopped", "dim"))
        else:
            super().action_close()


class NewRoleScreen(RoleScreen):
    """Asks for a new role profile that sources from `source`, or from what is picked."""

    def __init__(self, source: str, profiles: Profiles) -> None:
        self._proposed = ""
        self._region = (profiles[source].region or "") if source in profiles else ""
        super().__init__("New role profile", self._fields(source), "role_arn")

    def _fields(self, source: str) -> list[Field]:
        def setting(key: str, hint: str = "") -> Field:
            return Field(key, hint=hint, check=partial(check_setting, key))

        return [
            replace(self.source_field(), value=source),
            self.arn_field(),
            Field("name", check=lambda name: check_new_name(name, self.profiles), needed=True),
            Field("region", self._region, check=partial(check_setting, "region")),
            setting("external_id", "where the role asks for one"),
            setting("mfa_serial"),
            setting("duration_seconds", "1h"),
            setting("role_session_name", "who you are, for CloudTrail"),
            setting("output", "json"),
        ]

    def on_mount(self) -> None:
        """Show which MFA device the source has."""
        self._show_source()

    def operation(self) -> Operation | None:
        """Return the new profile."""
        if self.has_errors:
            return None
        return add_role(self.value("name"), {key: self.value(key) for key in OFFERED[Kind.ROLE]})

    def field_changed(self, row: FieldRow) -> None:
        """Propose a name for the role, and the region of the source."""
        name = self.rows["name"]
        if row.field.key == "role_arn" and name.value in {"", self._proposed}:
            self._proposed = proposed_name(row.value, self.profiles)
            name.fill(self._proposed)
        elif row.field.key == "source_profile":
            self._show_source()

    def _show_source(self) -> None:
        source = self.value("source_profile")
        if source not in self.profiles:
            return
        profile, region = self.profiles[source], self.rows["region"]
        if region.value == self._region:
            self._region = profile.region or ""
            region.fill(self._region)
        serial = profile.text("mfa_serial")
        self.rows["mfa_serial"].input.show_hint(f"from the source: {serial}" if serial else "")
