"""What a delegation has made, written down before and after each call: the journal that `undo` goes by.

An entry is *intended* from before its call until the answer is known, then *done*. Whoever finds one that is
intended looks at AWS to see whether it has happened.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from xswitch.delegation.blueprint import Found, Party, draw
from xswitch.delegation.request import request_from
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.locking import holder_of, open_lock, try_lock
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


class Entry:
    """One thing that was made or changed.

    `step` is the step's id, `resource` what it is about, `way` CREATED or UPDATED, and `facts` what undoing
    it needs: ids that AWS gave, and what was there before.
    """

    __slots__ = ("facts", "resource", "state", "step", "way")

    def __init__(self, step: str, resource: str, way: str, facts: dict[str, Any], state: str) -> None:
        self.step = step
        self.resource = resource
        self.way = way
        self.facts = facts
        self.state = state

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {name: getattr(self, name) for name in ("step", "resource", "way", "facts", "state")}


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
        found = self.entry(step)
        if found is None:
            found = Entry(step, resource, way, facts, INTENDED)
            self.entries.append(found)
        else:  # what was there before the first time is what undoing has to give back
            found.facts = {**facts, **found.facts}
            found.state = INTENDED
        self.save()
        return found

    def finish(self, entry: Entry) -> None:
        """Write down that it was done."""
        entry.state = DONE
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
            raise XswitchError(text, "without that nothing is made in AWS") from None

    def delete(self) -> None:
        """Remove the journal."""
        with suppress(FileNotFoundError):
            os.unlink(self._path)


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
        try:
            names = os.listdir(self._folder)
        except OSError:
            return []
        found = []
        for name in names:
            if name.endswith(".json"):
                with suppress(XswitchError):
                    record = self._read(os.path.join(self._folder, name))
                    if record is not None:
                        found.append(record)
        return sorted(found, key=lambda record: record.name)

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

    @staticmethod
    def _read(path: str) -> Record | None:
        where = printable(tilde(path))
        try:
            data = read_regular(path, _MOST)[0]
        except FileNotFoundError:
            return None
        except OSError as error:
            raise XswitchError(f"{where} cannot be read: {error.strerror}") from None
        try:
            return _parsed(path, json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            text = f"{where}, the journal of a delegation, is not what xswitch wrote"
            raise XswitchError(text, "mend it, or move it away and take down by hand what it names") from None


def _parsed(path: str, data: dict[str, Any]) -> Record:
    parties = [
        Party(*(str(data[side][key]) for key in ("profile", "account_id", "arn")))
        for side in ("trusting", "trusted")
    ]
    keys = ("principal_arn", "policy_arn", "mfa_serial", "region")
    found = Found(*(str(data["found"][key]) for key in keys))
    record = Record(path, draw(request_from(data["request"]), *parties, found))
    record.created_at = str(data["created_at"])
    record.is_verified = bool(data["is_verified"])
    for each in data["entries"]:
        if each["state"] not in (INTENDED, DONE) or each["way"] not in (CREATED, UPDATED):
            raise ValueError(each["state"])
        step, resource, way = (str(each[key]) for key in ("step", "resource", "way"))
        record.entries.append(Entry(step, resource, way, dict(each["facts"]), str(each["state"])))
    return record
