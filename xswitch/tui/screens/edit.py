"""Editing a profile: a field for each setting it has and could have, and for any other key."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Button

from xswitch.awsfiles.masking import is_secret
from xswitch.editing.checks import OFFERED, check_new_name, check_setting
from xswitch.editing.operation import FieldError
from xswitch.editing.operations import copy, edit
from xswitch.text import printable
from xswitch.tui.fields import Field, setting_field
from xswitch.tui.screens.role import RoleScreen
from xswitch.tui.widgets.field import FieldRow
from xswitch.tui.widgets.other import OtherRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual.widget import Widget

    from xswitch.awsfiles.settings import Setting, Settings
    from xswitch.editing.operation import Operation
    from xswitch.errors import XswitchError
    from xswitch.profiles.profile import Profile

PROBE = ("", "probe")


class EditScreen(RoleScreen):
    """Changes the settings of a profile and its name, all in one step.

    A field that is emptied unsets its key. What is secret is not shown; what is typed takes its place.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile.name
        self.tests = profile.assumes_role
        super().__init__(f"Edit {printable(profile.name)}", self._fields(profile), "name")
        self.other = OtherRow(self.rows)
        self._first = next((key for key in self.rows if key != "name"), "name")

    def more_fields(self) -> Iterable[Widget]:
        """Return the row for another key."""
        yield self.other

    def on_mount(self) -> None:
        """Find out at once whether the profile can be edited at all: a copy wants what every edit wants."""
        self.show_guard(self._profile)
        unused = next(
            name for number in range(len(self.profiles) + 1) if (name := f"copy{number}") not in self.profiles
        )
        self.start(PROBE, "reading", self.work_of(copy(self._profile, unused)), lambda _: None)

    # -- fields -----------------------------------------------------------------------------------

    def _fields(self, profile: Profile) -> Iterator[Field]:
        odd = not profile.name.isprintable()
        yield Field(
            "name",
            "" if odd else profile.name,
            check=lambda name: "" if name == profile.name else check_new_name(name, self.profiles),
            needed=True,
            kept=printable(profile.name) if odd else None,
        )
        settings = dict(_flat(profile.settings))
        for key, setting in settings.items():
            yield self._field(key, setting)
        for key in OFFERED.get(profile.kind, ()):
            if key not in settings:
                yield self._field(key, None)

    def _field(self, key: str, setting: Setting | None) -> Field:
        check = partial(check_setting, key)
        field = (
            setting_field(key, setting, check) if setting else Field(key, check=check, secret=is_secret(key))
        )
        if key == "source_profile":
            kept = field.kept
            return replace(self.source_field(self._profile), value=field.value, kept=kept, picks=kept is None)
        if key == "role_arn":
            return replace(self.arn_field(), value=field.value, kept=field.kept)
        return field

    # -- what is to be done -----------------------------------------------------------------------

    @property
    def is_changed(self) -> bool:
        """Whether something was typed."""
        return super().is_changed or not self.other.is_blank

    @property
    def has_errors(self) -> bool:
        """Whether something is wrong or missing."""
        return super().has_errors or bool(self.other.error)

    def nothing_yet(self) -> str:
        """Return what is missing for a preview."""
        if not self.is_changed:
            return "nothing is changed yet"
        return super().nothing_yet() or f"still needed: {self.other.error}"

    def operation(self) -> Operation | None:
        """Return the change of everything that was typed."""
        if not self.is_changed or self.has_errors:
            return None
        values = {key: row.wish for key, row in self.rows.items() if row.changed and key != "name"}
        if not self.other.is_blank:
            values[self.other.key] = self.other.value
        return edit(self._profile, values, self.value("name") if self.rows["name"].changed else "")

    # -- another key ------------------------------------------------------------------------------

    @on(OtherRow.Changed)
    def _other_typed(self) -> None:
        self.typed()

    @on(OtherRow.Completed)
    def _complete(self) -> None:
        if self._add():
            self.set_focus(self.other.key_input)

    def left(self, widget: Widget) -> None:
        """Make a field of the pair that was left."""
        inside = self.other in widget.ancestors
        if inside and self.focused is not None and self.other not in self.focused.ancestors:
            on = widget is self.other.value_input and isinstance(self.focused, Button)
            if self._add() and on:
                self.set_focus(self.other.key_input)  # where tab leads, now that there is an empty row again
        super().left(widget)

    def _add(self) -> bool:
        """Make a field of the other key; tell whether there was one without a fault."""
        self.other.leave()
        if self.other.is_blank or self.other.error:
            return False
        key = self.other.key
        row = FieldRow(Field(key, check=partial(check_setting, key), secret=is_secret(key)))
        row.input.value = self.other.value
        self.rows[key] = row
        self.other.clear()
        self.query_one("#fields").mount(row, before=self.other)
        self.call_after_refresh(self.fit_labels)
        return True

    def tried(self) -> bool:
        """Show everything that is wrong, and go to the first of it; tell whether nothing is."""
        if not super().tried():
            return False
        self.other.leave()
        if self.other.error:
            self.set_focus(self.other.value_input if self.other.key else self.other.key_input)
        return not self.other.error

    def fail(self, error: XswitchError, *, tried: bool = True) -> None:
        """Show why something could not be done, beside its field where there is one."""
        if isinstance(error, FieldError) and error.field == self.other.key:
            self.other.refuse(error.message)
        else:
            super().fail(error, tried=tried)


def _flat(settings: Settings) -> Iterator[tuple[str, Setting]]:
    """Yield the settings by the keys that people write, those of nested blocks too."""
    for key, setting in settings.items():
        if isinstance(setting.value, dict) and not is_secret(key):
            for name, inner in setting.value.items():
                yield f"{key}.{name}", inner
        else:
            yield key, setting
