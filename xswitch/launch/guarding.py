"""Keeping guarded profiles from being used by mistake: refusing, asking for the name, checking accounts."""

from __future__ import annotations

from xswitch.errors import GuardRefused, XswitchError
from xswitch.launch.usage import Use
from xswitch.locations import tilde
from xswitch.regular import is_absent
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from xswitch.locations import Locations
    from xswitch.profiles.guarding import Guard, Guards
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.interaction import GuardQuestion, Interaction


# What a read-only guard refuses: whatever would let others act as the profile.
_REFUSED = {Use.RUN, Use.SHELL, Use.SWITCH, Use.ENV, Use.EACH, Use.PROCESS, Use.DELEGATE}
_REFUSALS = {Use.EACH: "run is refused", Use.PROCESS: "its credentials are not given out"}
_WORDS = {
    Use.RUN: "run a command under it",
    Use.SHELL: "open a subshell under it",
    Use.SWITCH: "switch to it",
    Use.ENV: "give out its credentials",
    Use.EACH: "run a command under it",
    Use.CONSOLE: "open its web console",
    Use.EDIT: "change its settings",
    Use.DELETE: "delete it",
    Use.DELEGATE: "change who has access by way of it",
}


class Gate:
    """What stands before every use of a profile.

    The rules are read when they are first needed. Where they cannot be read, nobody knows what they protect,
    so everything is refused. `confirmed` has the tokens of questions whose name was typed for this already.
    """

    def __init__(
        self, locations: Locations, interaction: Interaction, confirmed: Collection[str] = ()
    ) -> None:
        self._locations = locations
        self._interaction = interaction
        self.confirmed = set(confirmed)
        self._guards: Guards | None = None
        self._names: dict[str, str] = {}

    @property
    def guards(self) -> Guards | None:
        """The guard rules, None where there are none. `GuardRefused` where they cannot be read."""
        if self._guards is None and not is_absent(self._locations.settings):
            from xswitch.profiles.guarding import Guards
            from xswitch.settings.reading import load_settings

            try:
                settings = load_settings(self._locations.settings, self._locations.state)
            except XswitchError as error:
                hint = "its guard rules are not known, so nothing is done: xswitch settings edit"
                raise GuardRefused(error.message, hint) from None
            self._guards = Guards(settings.guard)
            self._names = settings.accounts
        return self._guards or None

    def guard_of(self, profile: Profile, account_id: str | None = None) -> Guard | None:
        """Return the guard of a profile; `account_id` as in `Guards.of`."""
        guards = self.guards
        return guards.of(profile, account_id) if guards else None

    def needs_account(self, profile: Profile) -> bool:
        """Tell whether it must be known in which account the profile really is, before it is used."""
        guards = self.guards
        if not guards:
            return False
        guard = guards.of(profile)
        return bool(guard and guard.expected) or guards.needs_account(profile)

    def admit(self, profile: Profile, use: str, account_id: str | None = None) -> None:
        """Let a profile be used, or raise `GuardRefused`, or what the interaction raises where it is asked.

        `account_id` is the account that AWS itself has named, None where it was not asked.
        """
        guard = self.guard_of(profile, account_id)
        if guard is None:
            return
        from xswitch.profiles.guarding import is_certain
        from xswitch.settings.model import Level

        known = account_id or (profile.account_id if is_certain(profile) else None)
        if known is not None and use not in {Use.EDIT, Use.DELETE}:
            self._check_account(profile, guard, known)
        name = printable(profile.name)
        if guard.level == Level.READ_ONLY and use in _REFUSED:
            what = _REFUSALS.get(use, f"{use} is refused")
            raise GuardRefused(f"{name} is read-only, so {what}", f"by the guard in {self._place(guard)}")
        if use == Use.PROCESS:
            return  # programs run that, and cannot be asked
        question = self.question(profile, use, guard, account_id)
        if question.token not in self.confirmed:
            self._interaction.confirm_guarded(question)
            self.confirm([question])

    def confirm(self, questions: Collection[GuardQuestion]) -> None:
        """Take it that the names were typed; `GuardRefused` where the files say something else by now."""
        for question in questions:
            if self._interaction.is_asked:
                self._refuse_changed(question)
            self.confirmed.add(question.token)

    def _refuse_changed(self, question: GuardQuestion) -> None:
        """Refuse a profile that has become another one while its user was asked, which may take long."""
        from xswitch.profiles.collection import profiles_for
        from xswitch.profiles.guarding import token_of

        profiles = profiles_for(self._locations, question.profile)
        if question.profile not in profiles or token_of(profiles[question.profile]) != question.token:
            raise GuardRefused(
                f"{printable(question.profile)} has changed in the files while its name was asked for",
                "look at it, and try again",
            )

    def question(
        self, profile: Profile, use: str, guard: Guard, account_id: str | None = None
    ) -> GuardQuestion:
        """Return what is asked before the profile is used."""
        from xswitch.profiles.guarding import token_of
        from xswitch.sessions.interaction import GuardQuestion

        account_id = account_id or profile.account_id
        account_name = self._names.get(account_id or "", "")
        token = token_of(profile)
        return GuardQuestion(profile.name, token, use, _WORDS[use], guard, account_id, account_name)

    def unknown_account(self, error: XswitchError) -> GuardRefused:
        """Return the refusal where AWS could not be asked for the account."""
        where = printable(tilde(self._locations.settings))
        refused = GuardRefused(f"a guard rule of {where} depends on the account: {error.message}", error.hint)
        refused.raw = error.raw
        return refused

    def _check_account(self, profile: Profile, guard: Guard, account_id: str) -> None:
        others = [self._account(expected) for expected in guard.expected if expected != account_id]
        if others:
            where = f"in account {self._account(account_id)}, not in {' and '.join(others)}"
            raise GuardRefused(
                f"{printable(profile.name)} is {where}",
                f"by the guard in {self._place(guard)}; see: xswitch show {printable(profile.name)}",
            )

    def _account(self, account_id: str) -> str:
        name = self._names.get(account_id)
        return f"{printable(account_id)} ({printable(name)})" if name else printable(account_id)

    def _place(self, guard: Guard) -> str:
        from xswitch.settings.faults import rule_places

        return rule_places(self._locations.settings, guard.positions)
