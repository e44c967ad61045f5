"""What a delegation has made, written down before and after each call: the journal that `undo` goes by.

An entry is *intended* from before its call until the answer is known, then *done*. Whoever finds one that is
intended looks at AWS to see whether it has happened.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from xswitch.delegation.blueprint import Found, Party, draw
from xswitch.delegation.request import new_external_id, request_from
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.locking import holder_of, open_lock, try_lock
from xswitch.profiles.arn import is_account_id
from xswitch.regular import read_regular, write_regular
from xswitch.text import printable
from xswitch.timestamps import format_time, utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.delegation.blueprint import Blueprint
    from xswitch.locations import Locations

INTENDED, DONE = "intended", "done"
CREATED, UPDATED = "created", "updated"
_MOST = 1_000_000  # bytes
_LONGEST = 150  # characters of a file's name
# What was there before, by step; of a managed policy that is the id of its default version.
_BEFORE: dict[str, Any] = {
    "role": dict,
    "role-policy": (dict, str),
    "trusted-policy": (dict, str),
    "profile": dict,
}


class Entry:
    """One thing that was made or changed.

    `step` is the step's id, `resource` what it is about, `way` CREATED or UPDATED, and `facts` what undoing
    it needs: the marker, ids that AWS gave, and (where it is UPDATED) what was there before. `at` is when it
    was intended, then when it was done (POSIX seconds).
    """

    __slots__ = ("at", "facts", "resource", "state", "step", "way")

    def __init__(
        self, step: str, resource: str, way: str, facts: dict[str, Any], state: str, at: int
    ) -> None:
        self.step = step
        self.resource = resource
        self.way = way
        self.facts = facts
        self.state = state
        self.at = at

    @property
    def age(self) -> int:
        """The seconds since it was intended."""
        return int(time.time()) - self.at

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {name: getattr(self, name) for name in ("step", "resource", "way", "facts", "state", "at")}


class Record:
    """The journal of one delegation."""

    def __init__(self, path: str, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self.created_at = format_time(utc_now())
        self.is_verified = False
        self.entries: list[Entry] = []
        self._path = path

    @property
    def name(self) -> str:
        """The name of the delegation: that of its profile."""
        return self.blueprint.request.profile

    def entry(self, step: str) -> Entry | None:
        """Return the entry of a step."""
        return next((entry for entry in self.entries if entry.step == step), None)

    def intend(self, step: str, resource: str, way: str, facts: dict[str, Any]) -> Entry:
        """Write down what is about to be done. XswitchError where that is not possible: then it must not."""
        entry = Entry(step, resource, way, facts, INTENDED, int(time.time()))
        self.entries = [*(each for each in self.entries if each.step != step), entry]
        self.save()
        return entry

    def finish(self, entry: Entry) -> None:
        """Write down that it was done."""
        entry.state = DONE
        entry.at = int(time.time())
        self.save()

    def drop(self, entry: Entry) -> None:
        """Write down that it is not there, or not ours; the last entry takes the journal with it."""
        self.entries.remove(entry)
        if self.entries:
            self.save()
        else:
            self.delete()

    def save(self) -> None:
        """Write the journal. XswitchError where the folder takes nothing."""
        blueprint = self.blueprint
        content = {
            "version": 1,
            "request": blueprint.request.as_json(),
            "trusting": asdict(blueprint.trusting),
            "trusted": asdict(blueprint.trusted),
            "found": asdict(blueprint.found),
            "created_at": self.created_at,
            "is_verified": self.is_verified,
            "entries": [entry.as_json() for entry in self.entries],
        }
        try:
            write_regular(self._path, json.dumps(content, indent=1).encode(), durable=True)
        except OSError as error:
            where = printable(tilde(os.path.dirname(self._path)))
            text = f"what is made could not be written down in {where}: {error.strerror}"
            raise XswitchError(text, "correct that and run it again: what was made is found") from None

    def delete(self) -> None:
        """Remove the journal."""
        try:
            os.unlink(self._path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise XswitchError(
                f"{printable(tilde(self._path))} could not be removed: {error.strerror}", "remove it by hand"
            ) from None


class Records:
    """The journals of all delegations, a file each."""

    def __init__(self, locations: Locations) -> None:
        self._folder = os.path.join(locations.state, "delegations")

    def new(self, blueprint: Blueprint) -> Record:
        """Return a journal for a delegation that has none; nothing is written before its first entry."""
        return Record(self._path(blueprint.request.profile), blueprint)

    def find(self, name: str) -> Record | None:
        """Return the journal of the delegation `name`. XswitchError where it cannot be read."""
        return self._read(self._path(name))

    def get(self, name: str) -> Record:
        """Return the journal of the delegation `name`. XswitchError where there is none."""
        record = self.find(name)
        if record is None:
            known = [each.name for each in self.all()]
            names = ", ".join(printable(each) for each in known)
            hint = f"there is: {names}" if known else "xswitch has set up none, or has taken it down already"
            raise XswitchError(f"there is no delegation called {printable(name)}", hint)
        return record

    def all(self) -> list[Record]:
        """Return every journal that can be read, by name."""
        return self._all()[0]

    def external_id(self, name: str) -> str:
        """Return the external id that the delegation `name` was begun with, else a new one."""
        record = self.find(name)
        return (record.blueprint.request.external_id if record is not None else "") or new_external_id()

    def damaged(self) -> list[XswitchError]:
        """Return what is wrong with those that cannot be read."""
        return self._all()[1]

    def _all(self) -> tuple[list[Record], list[XswitchError]]:
        try:
            names = os.listdir(self._folder)
        except OSError:
            return [], []
        found: list[Record] = []
        wrong: list[XswitchError] = []
        for name in sorted(names):
            if name.endswith(".json"):
                try:
                    record = self._read(os.path.join(self._folder, name))
                except XswitchError as error:
                    wrong.append(error)
                else:
                    found += [record] if record is not None else []
        return sorted(found, key=lambda record: record.name), wrong

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one who makes or takes down delegations. XswitchError where another one is at it."""
        try:
            descriptor = open_lock(self._folder, "delegations")
        except OSError as error:
            where = printable(tilde(self._folder))
            raise XswitchError(f"{where} cannot be written: {error.strerror}") from None
        try:
            if not try_lock(descriptor):
                who = holder_of(descriptor)
                other = f" (process {who})" if who else ""
                raise XswitchError(f"another xswitch{other} is at a delegation", "wait for it to end")
            yield
        finally:
            os.close(descriptor)

    def _path(self, name: str) -> str:
        file = quote(name, safe="", errors="surrogateescape").replace(".", "%2E")
        if len(file) > _LONGEST:
            file = hashlib.sha256(file.encode()).hexdigest()
        return os.path.join(self._folder, f"{file}.json")

    def _checked(self, path: str, data: dict[str, Any]) -> Record:
        """Return the journal in `data`; any exception where that is none, or the one of another profile."""
        record = _parsed(path, data)
        if self._path(record.name) != path:
            raise ValueError(record.name)
        return record

    def _read(self, path: str) -> Record | None:
        where = printable(tilde(path))
        try:
            data = read_regular(path, _MOST)[0]
        except FileNotFoundError:
            return None
        except OSError as error:
            raise XswitchError(f"{where} cannot be read: {error.strerror}") from None
        try:
            return self._checked(path, json.loads(data))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError, XswitchError):
            text = f"{where}, the journal of a delegation, is not what xswitch wrote"
            raise XswitchError(text, "mend it, or move it away and take down by hand what it names") from None


def _parsed(path: str, data: dict[str, Any]) -> Record:
    """Return the journal in `data`. Any exception where that is none: it came from a file."""
    trusting, trusted = (
        Party(*(_text(data[side][key]) for key in ("profile", "account_id", "arn")))
        for side in ("trusting", "trusted")
    )
    request = request_from(data["request"])
    request.check()
    keys = ("principal_arn", "policy_arn", "mfa_serial", "region")
    found = Found(*(_text(data["found"][key]) for key in keys))
    record = Record(path, draw(request, trusting, trusted, found))
    record.created_at = _text(data["created_at"])
    record.is_verified = bool(data["is_verified"])
    record.entries = [_entry(each) for each in data["entries"]]
    if data["version"] != 1:
        raise ValueError(path)
    for entry in record.entries:
        if entry.step == "trusted-policy" and entry.way == UPDATED:
            # Of a managed policy, versions are given back; of an inline one, what it said.
            is_managed = bool(record.blueprint.grant_arn)
            if is_managed != ("policy_id" in entry.facts):
                raise ValueError(path)
    if not (is_account_id(trusting.account_id) and is_account_id(trusted.account_id)):
        raise ValueError(path)
    return record


def _entry(data: dict[str, Any]) -> Entry:
    step, resource, way, state = (_text(data[key]) for key in ("step", "resource", "way", "state"))
    facts = dict(data["facts"])
    if state not in {INTENDED, DONE} or not _is_whole(step, way, facts):
        raise ValueError(step)
    if type(data["at"]) is not int:
        raise ValueError(step)
    return Entry(step, resource, way, facts, state, data["at"])


def _is_whole(step: str, way: str, facts: dict[str, Any]) -> bool:
    """Tell whether the facts are those that undoing needs."""
    before: Any = facts.get("before")
    if not all(isinstance(facts.get(key, ""), str) for key in ("holder_id", "role_id", "policy_id")):
        return False
    if way == CREATED:
        return "before" not in facts and isinstance(facts.get("marker"), str)
    if way != UPDATED or not isinstance(before, _BEFORE.get(step, str)):
        return False
    if step == "role":
        parts = {"Trust", "MaxSessionDuration", "Tags"}
        return (
            set(before) == parts
            and isinstance(before["Tags"], dict)
            and isinstance(facts.get("role_id"), str)
        )
    if "policy_id" in facts:
        return isinstance(before, str) and isinstance(facts.get("versions"), list)
    return True


def _text(value: object) -> str:
    if not isinstance(value, str) or value != printable(value):
        raise ValueError(value)
    return value
