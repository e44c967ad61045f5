"""What the command line and the UI call: planning, applying and verifying, taking down."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from xswitch.delegation import lookup
from xswitch.delegation.account import Account, open_account
from xswitch.delegation.applying import Applying
from xswitch.delegation.blueprint import Blueprint, Found, Party, draw, partition_between
from xswitch.delegation.local import ProfileStep
from xswitch.delegation.making import planned, steps_of
from xswitch.delegation.plan import NO_USE, Plan, notes_of
from xswitch.delegation.record import CREATED, Record, Records
from xswitch.delegation.request import GROUP, ROLE, USER, Principal, Request
from xswitch.delegation.roles import RoleStep
from xswitch.delegation.step import TRUSTED, TRUSTING, Step
from xswitch.delegation.undoing import Undoing
from xswitch.delegation.verifying import verify
from xswitch.delegation.widening import warnings_of
from xswitch.editing.editor import Editor
from xswitch.editing.operation import FieldError
from xswitch.editing.operations import edit
from xswitch.errors import XswitchError
from xswitch.profiles.collection import find_profile, read_profiles
from xswitch.sessions.identity import Identity, identity_of
from xswitch.sessions.keys import credentials_key
from xswitch.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from xswitch.delegation.progress import Progress
    from xswitch.delegation.record import Entry
    from xswitch.delegation.verifying import Launching
    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles
    from xswitch.sessions.interaction import Interaction


# Seconds after which AWS has heard everywhere of what was made.
_NEW = 600


class Delegating:
    """Sets up access from one account to another, and takes it down.

    `launcher` returns what signs in to the profiles it is given; `person` is asked for codes, and says when
    there has been enough waiting. All methods may take minutes, and raise XswitchError where something
    cannot be done, FieldError where that is for one part of the request.
    """

    def __init__(
        self,
        profiles: Profiles,
        locations: Locations,
        launcher: Callable[[Profiles], Launching],
        person: Interaction,
    ) -> None:
        self._profiles = profiles
        self._locations = locations
        self._launcher = launcher
        self._person = person
        self._records = Records(locations)

    # -- what there is to choose from ---------------------------------------------------------------

    def identity(self, profile: str) -> Identity:
        """Return who AWS takes a profile for."""
        find_profile(self._profiles, profile)
        credentials = self._launcher(self._profiles).credentials(profile)
        return identity_of(credentials, self._profiles, profile)

    def principal(self, profile: str) -> Principal:
        """Return whoever the profile is, to be trusted."""
        return lookup.principal_of(self.identity(profile).arn)

    def users(self, profile: str) -> list[str]:
        """Return the users in the account of a profile, none where it may not see them."""
        return lookup.names(self._open(profile), USER)

    def groups(self, profile: str) -> list[str]:
        """Return the groups in the account of a profile, none where it may not see them."""
        return lookup.names(self._open(profile), GROUP)

    def roles(self, profile: str) -> list[str]:
        """Return the roles in the account of a profile, none where it may not see them."""
        return lookup.names(self._open(profile), ROLE)

    def policies(self, profile: str) -> list[str]:
        """Return the names of AWS's managed policies and the account's, none where they may not be seen."""
        return lookup.policies(self._open(profile))

    # -- doing it -----------------------------------------------------------------------------------

    def plan(self, request: Request) -> Plan:
        """Return what is to be done, beside what is there. Nothing is changed."""
        request.check()
        for field in ("trusting", "trusted", "source"):
            name = getattr(request, field)
            if name and name not in self._profiles:
                self._missing(field, name)
            if name and request.profile in self._profiles.chain(name):
                text = f"{printable(name)} gets its credentials from it: choose another name"
                raise FieldError("profile", text)
        trusting, trusted = self._open(request.trusting), self._open(request.trusted)
        partition_between(trusting.party, trusted.party)
        notes: list[str] = []
        blueprint = self._blueprint(request, trusting, trusted, notes)
        notes += notes_of(blueprint)
        work = steps_of(blueprint, trusting, trusted, self._locations)
        steps = [planned(step, blueprint) for step in work]
        return Plan(blueprint, steps, warnings_of(blueprint), notes, work)

    def apply(self, plan: Plan, progress: Progress, *, update: bool = False) -> Identity:
        """Make what the plan says, wait until it works, and return who one is under the new profile.

        What is there and differs is changed only with `update`. Whatever fails, and whenever: the journal
        has what was made, the same again goes on from there, and `undo` takes it down.
        """
        with self._records.locked():
            record = self._record_of(plan.blueprint)
            record.is_verified = False
            Applying(plan, record, self._person, progress).run(update=update)
            is_new = any(entry.age < _NEW for entry in record.entries)
            profiles = self._profiles_to_try(plan.blueprint)
            launcher = self._launcher(profiles)
            identity = verify(plan, profiles, launcher, self._person, progress, is_new=is_new)
            record.is_verified = True
            if record.entries:
                record.save()
            return identity

    def check(self, plan: Plan, *, update: bool = False) -> None:
        """Refuse what `apply` would refuse at once: to be called before anybody is asked to confirm it."""
        record = self._record_of(plan.blueprint)
        Applying(plan, record, self._person, lambda *_: None).check(update=update)

    def request(self, name: str, trusting: str = "", trusted: str = "") -> Request:
        """Return what the delegation `name` was set up with, to go on with it.

        `trusting` and `trusted` are other profiles of the two accounts, where those of then are gone.
        """
        request = self._records.get(name).blueprint.request
        source = request.source_profile if request.source_profile in self._profiles else request.source
        return replace(
            request,
            trusting=trusting or request.trusting,
            trusted=trusted or request.trusted,
            source=source if trusted else request.source,
        )

    def undo_titles(self, name: str) -> dict[str, str]:
        """Return what each step of the delegation `name` is called, by id."""
        record = self._records.get(name)
        return {step.id: step.title for step, _ in self._work_of(record, *self._closed(record))}

    def undo_plan(self, name: str) -> list[str]:
        """Return what `undo` would take down, a sentence each; nobody is asked."""
        record = self._records.get(name)
        sentences = []
        for step, entry in self._work_of(record, *self._closed(record)):
            verb = "remove" if entry.way == CREATED else "give back what it was:"
            where = f" in the account {step.account_id}" if step.account_id else ""
            sentences.append(f"{verb} {step.title}{where}")
        role_arn = record.blueprint.role_arn
        others = {each.name for each in self._records.all() if each.blueprint.role_arn == role_arn}
        others |= {profile.name for profile in self._profiles if profile.role_arn == role_arn}
        if _removes_role(record):
            sentences += [
                f"and {printable(other)}, which uses the role too, will not work any more"
                for other in sorted(others - {name})
            ]
        return sentences

    def undo(self, name: str, progress: Progress, *, trusting: str = "", trusted: str = "") -> None:
        """Take down the delegation `name`: what its journal says was made, and nothing else.

        `trusting` and `trusted` are as in `request`. XswitchError, with nothing touched, where others have
        changed what was made.
        """
        with self._records.locked():
            record = self._records.get(name)
            sides = {step.side for step, _ in self._work_of(record, *self._closed(record))}
            blueprint, closed = record.blueprint, self._closed(record)
            accounts = (
                self._reopened(blueprint.trusting, trusting, TRUSTING) if TRUSTING in sides else closed[0],
                self._reopened(blueprint.trusted, trusted, TRUSTED) if TRUSTED in sides else closed[1],
            )
            sessions = self._sessions_of(record)
            removes_role = _removes_role(record)
            Undoing(record, self._work_of(record, *accounts), self._person, progress).run()
            for path in sessions:
                with suppress(OSError):
                    os.unlink(path)
            if removes_role:
                self._say_who_names(blueprint.role_arn)

    # -- the parts ----------------------------------------------------------------------------------

    def _open(self, profile: str) -> Account:
        find_profile(self._profiles, profile)
        credentials = self._launcher(self._profiles).credentials(profile)
        return open_account(profile, self._profiles, credentials)

    def _reopened(self, party: Party, other: str, side: str) -> Account:
        """Return the account of `party` through its profile, or through the `other` one that is named."""
        profile = other or party.profile
        hint = f"nothing was touched; name another profile of the account {party.account_id}: --{side}"
        if profile not in self._profiles:
            raise XswitchError(f"there is no profile {printable(profile)}", hint)
        account = self._open(profile)
        if account.id != party.account_id:
            text = f"{printable(profile)} is in the account {account.id}, not in {party.account_id}"
            raise XswitchError(text, hint)
        return account

    def _say_who_names(self, role_arn: str) -> None:
        for profile in read_profiles(self._locations):
            if profile.role_arn == role_arn:
                self._person.say(f"the profile {printable(profile.name)} still names the role")

    def _missing(self, field: str, name: str) -> None:
        try:
            find_profile(self._profiles, name)
        except XswitchError as error:
            raise FieldError(field, error.message, error.hint) from None

    def _blueprint(
        self, request: Request, trusting: Account, trusted: Account, notes: list[str]
    ) -> Blueprint:
        principal = lookup.principal_arn(request, trusted, notes)
        member = principal.rpartition("/")[2] if request.principal.kind == USER else ""
        for kind, name in ((GROUP, request.group), (USER, request.user)):
            if name:
                lookup.check_holder(kind, name, trusted, notes, member)
        found = Found(
            principal_arn=principal,
            policy_arn=lookup.policy_arn(request, trusting, notes),
            mfa_serial=lookup.mfa_serial(request, principal, trusted, self._profiles),
            region=self._profiles[request.source_profile].region or "",
        )
        source = request.source_profile
        arn = trusted.party.arn if source == request.trusted else self.identity(source).arn
        is_chained = ":assumed-role/" in arn
        if not lookup.is_source_of(arn, request, principal, trusted):
            notes.append(
                f"{NO_USE} the source profile {printable(source)} is {printable(arn)}, whom the role does not"
                " trust: name the principal's own profile as the source"
            )
        return draw(request, trusting.party, trusted.party, found, is_chained=is_chained)

    def _record_of(self, blueprint: Blueprint) -> Record:
        """Return the journal to go on with, or a new one. XswitchError where it is one of another wish.

        What undoing goes by is one wish: a journal of two would not know what is whose in between.
        """
        record = self._records.find(blueprint.request.profile)
        if record is None or not record.entries:
            return self._records.new(blueprint)
        if _essence(record.blueprint) != _essence(blueprint):
            name = printable(blueprint.request.profile)
            text = f"there is a delegation {name} already, which was set up with other choices"
            raise XswitchError(text, f"take it down first: xswitch delegate undo {name}")
        record.blueprint = blueprint
        return record

    def _closed(self, record: Record) -> tuple[Account, Account]:
        """Return the accounts of a journal by name only, for what asks nobody."""
        trusting, trusted = record.blueprint.trusting, record.blueprint.trusted
        return Account(trusting, None, self._profiles), Account(trusted, None, self._profiles)

    def _work_of(self, record: Record, trusting: Account, trusted: Account) -> list[tuple[Step, Entry]]:
        """Return what was made, the last first: each step with its entry. XswitchError for one not known."""
        steps = {step.id: step for step in steps_of(record.blueprint, trusting, trusted, self._locations)}
        for entry in record.entries:
            if entry.step not in steps or steps[entry.step].resource != entry.resource:
                raise XswitchError(
                    f"the journal of {printable(record.name)} has what this xswitch does not make:"
                    f" {printable(entry.resource)}",
                    "take it down with the version that made it",
                )
        known = [(step, record.entry(step.id)) for step in reversed(steps.values())]
        return [(step, entry) for step, entry in known if entry is not None]

    def _profiles_to_try(self, blueprint: Blueprint) -> Profiles:
        """Return the profiles to see with whether the new one works.

        A session of more than an hour needs an MFA code of its own (AWS caps roles assumed from
        GetSessionToken at one hour), and each try would ask for one: it is tried for an hour only.
        """
        settings, name = blueprint.settings, blueprint.request.profile
        profiles = read_profiles(self._locations)
        if "mfa_serial" in settings and "duration_seconds" in settings and name in profiles:
            shorter = edit(name, {"duration_seconds": None})
            return Editor(self._locations).preview(shorter).profiles
        return profiles

    def _sessions_of(self, record: Record) -> list[str]:
        """Return where sessions of the profile that we made are cached, none where it was there before."""
        entry = record.entry(ProfileStep.id)
        if entry is None or entry.way != CREATED:
            return []
        tried = [read_profiles(self._locations)]
        with suppress(XswitchError):  # the profile may be another one by now
            tried.append(self._profiles_to_try(record.blueprint))
        keys = {credentials_key(profiles[record.name]) for profiles in tried if record.name in profiles}
        return [os.path.join(self._locations.cli_cache, f"{key}.json") for key in keys if key]


def _removes_role(record: Record) -> bool:
    entry = record.entry(RoleStep.id)
    return entry is not None and entry.way == CREATED


def _essence(blueprint: Blueprint) -> Blueprint:
    """Return what a delegation is, whichever profiles are used to set it up."""
    request = replace(blueprint.request, trusting="", trusted="", source="", region="")
    parties = [replace(party, profile="", arn="") for party in (blueprint.trusting, blueprint.trusted)]
    settings = {**blueprint.settings, "region": "", "source_profile": ""}
    found = replace(blueprint.found, region="")
    return replace(
        blueprint, request=request, trusting=parties[0], trusted=parties[1], settings=settings, found=found
    )
