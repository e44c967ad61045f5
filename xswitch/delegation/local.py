"""The role profile in the config file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xswitch.awsfiles.files import read_files
from xswitch.delegation.comparing import difference
from xswitch.delegation.record import CREATED, Entry
from xswitch.delegation.step import GONE, HERE, Changed, Seen, Status, Step
from xswitch.editing.editor import Editor
from xswitch.editing.operations import add_role, edit, remove
from xswitch.errors import XswitchError
from xswitch.profiles.collection import Profiles
from xswitch.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xswitch.delegation.blueprint import Blueprint
    from xswitch.locations import Locations

# What decides which role is assumed, and how; others, such as the region, are their user's own business.
_DECISIVE = ("role_arn", "source_profile", "external_id", "mfa_serial", "duration_seconds")
_OTHER_SOURCES = (
    "credential_source",
    "sso_session",
    "sso_start_url",
    "credential_process",
    "aws_access_key_id",
)


class ProfileStep(Step):
    """Writes the profile."""

    id = "profile"
    side = HERE
    action = "write"

    def __init__(self, blueprint: Blueprint, locations: Locations) -> None:
        self._name = blueprint.request.profile
        self._locations = locations
        self._settings = blueprint.settings
        self.title = f"profile {printable(self._name)}"
        self.resource = self._name
        self.document = dict(blueprint.settings)

    def profiles(self) -> Profiles:
        """Return the profiles as the files have them now."""
        return Profiles(read_files(self._locations.config, self._locations.credentials))

    def compare(self) -> Seen:
        """Compare the profile of that name."""
        there = self._there()
        if there is None:
            Editor(self._locations).preview(add_role(self._name, self._settings))  # whether it can be made
            return Seen(Status.CREATE)
        wanted = {key: self._settings.get(key) for key in _DECISIVE}
        if all(there.get(key) == value for key, value in wanted.items()):
            return Seen(Status.EXISTS)
        if there.get("role_arn") is None or any(there.get(key) for key in _OTHER_SOURCES):
            text = f"there is a profile {printable(self._name)} of another kind"
            raise XswitchError(text, "choose another name")
        shown = {key: value for key, value in there.items() if value}
        after = {**shown, **{key: value or "" for key, value in wanted.items()}}
        return Seen(
            Status.DIFFERS,
            difference=difference(shown, {key: value for key, value in after.items() if value}),
            facts={"before": there},
        )

    def make(self, entry: Entry) -> None:
        """Write it."""
        del entry
        Editor(self._locations).apply(add_role(self._name, self._settings))

    def update(self, entry: Entry) -> None:
        """Change its settings."""
        del entry
        self._edit(self._settings)

    def is_ours(self, entry: Entry) -> bool:
        """Tell by its role and its source: there was no profile of that name before."""
        there = self._there() or {}
        has_others = any(there.get(key) for key in _OTHER_SOURCES)
        is_same = all(there.get(key) == self._settings.get(key) for key in ("role_arn", "source_profile"))
        return is_same and not has_others

    def check_undo(self, entry: Entry) -> str:
        """See that it still is the profile of that role, and that no other one needs it."""
        there = self._there()
        if there is None or there == entry.facts.get("before"):
            return GONE
        if not self.is_ours(entry):
            text = f"the profile {printable(self._name)} was changed since: it has another role, or keys"
            raise Changed(text, "rename it, or remove it by hand")
        if entry.way == CREATED:
            Editor(self._locations).preview(remove(self._name))
        return ""

    def undo(self, entry: Entry) -> None:
        """Remove it, or give it back its settings."""
        if entry.way == CREATED:
            Editor(self._locations).apply(remove(self._name))
        else:
            self._edit(entry.facts["before"])

    def _edit(self, wanted: Mapping[str, str | None]) -> None:
        there = self._there() or {}
        keys = [key for key in _DECISIVE if there.get(key) != wanted.get(key)]
        if keys:
            Editor(self._locations).apply(edit(self._name, {key: wanted.get(key) for key in keys}))

    def _there(self) -> dict[str, str | None] | None:
        profiles = self.profiles()
        if self._name not in profiles:
            return None
        profile = profiles[self._name]
        return {key: profile.text(key) for key in (*_DECISIVE, *_OTHER_SOURCES)}
