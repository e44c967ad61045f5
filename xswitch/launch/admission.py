"""Whether profiles may be used: what their guards say of it, whom they ask, and in which account they are."""

from __future__ import annotations

from xswitch.errors import ExitStatus, GuardRefused, SignedOut, XswitchError
from xswitch.profiles.collection import find_profile
from xswitch.regular import is_absent
from xswitch.sessions.inventory import Sessions
from xswitch.timestamps import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from xswitch.launch.guarding import Gate
    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles
    from xswitch.profiles.guarding import Guard
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.interaction import GuardQuestion, Interaction
    from xswitch.sessions.session import Credentials


class Admission:
    """Asks the guards of `profiles`. Who derives from it gets credentials, by which AWS tells the account.

    `confirmed` has the tokens of questions whose name was typed already.
    """

    _made: Gate | None = None

    def __init__(
        self,
        profiles: Profiles,
        locations: Locations,
        interaction: Interaction,
        confirmed: Collection[str] = (),
    ) -> None:
        self.profiles = profiles
        self._locations = locations
        self._interaction = interaction
        self._confirmed = frozenset(confirmed)

    @property
    def confirmed(self) -> Collection[str]:
        """The tokens of the questions whose name was typed."""
        return self._confirmed if self._made is None else self._made.confirmed

    def permit(self, name: str, use: str, *, account: bool = False) -> None:
        """Have the guard of a profile refuse a use, or ask about it, and nothing else.

        With `account` its account is looked at as well, where a rule needs that; a session may have to be
        obtained for it. Otherwise that is seen where its credentials are used.
        """
        profile = find_profile(self.profiles, name)
        self._admit(profile, use)
        if account:
            self._check_account(profile, use, None, None)

    def permit_all(self, names: Iterable[str], use: str, words: str = "") -> None:
        """Have the guards of several profiles refuse a use, or ask about it: as `permit`.

        What one of them refuses is told before anybody is asked. `words` say what is about to be done, where
        that can be said better than by `use` alone.
        """
        questions = self.guard_questions(names, use)
        if not questions:
            return
        for number, question in enumerate(questions, 1):
            question.words = words or question.words
            question.place = f"{number} of {len(questions)}" if len(questions) > 1 else ""
        self._interaction.confirm_all(questions)
        self.confirm(questions)

    def confirm(self, questions: Collection[GuardQuestion]) -> None:
        """Take it that the names were typed; `GuardRefused` where the files say something else meanwhile."""
        self._gate.confirm(questions)

    def guard_questions(self, names: Iterable[str], use: str) -> list[GuardQuestion]:
        """Return what guards ask before profiles are used, those left out whose name was typed. Offline.

        `GuardRefused` where one of them refuses the use. Names that are not there have no guard.
        """
        if self._gate_with_rules() is None:
            return []
        from xswitch.launch.guarding import Gate
        from xswitch.sessions.interaction import Unasked

        unasked = Unasked()
        gate = Gate(self._locations, unasked, self.confirmed)
        known_account = self._known_accounts()
        for name in names:
            if name in self.profiles:
                profile = self.profiles[name]
                gate.admit(profile, use, known_account(profile))
        return unasked.questions

    def guard_question(self, name: str, use: str) -> GuardQuestion | None:
        """Return what is asked before a guarded profile is used, or None; as `guard_of`."""
        guard = self.guard_of(name)
        if guard is None:
            return None
        profile = find_profile(self.profiles, name)
        return self._gate.question(profile, use, guard, self._known_accounts()(profile))

    def guard_of(self, name: str) -> Guard | None:
        """Return the guard of a profile, as far as the files and earlier answers of AWS tell. Offline."""
        return self.guards_of([name])[0]

    def guards_of(self, names: Iterable[str]) -> list[Guard | None]:
        """Return the guards of several profiles, each as `guard_of` does."""
        profiles = [find_profile(self.profiles, name) for name in names]
        gate = self._gate_with_rules()
        if gate is None:
            return [None] * len(profiles)
        known_account = self._known_accounts()
        return [gate.guard_of(profile, known_account(profile)) for profile in profiles]

    def _admit(self, profile: Profile, use: str) -> None:
        """Have the guard of a profile refuse a use, or ask about it, by what is known without a call."""
        gate = self._gate_with_rules()
        if gate is not None:
            gate.admit(profile, use, self._known_accounts()(profile))

    def _check_account(
        self, profile: Profile, use: str, region: str | None, credentials: Credentials | None
    ) -> None:
        """Have the guard look at the account that AWS names for the credentials, where a rule needs it."""
        gate = self._gate_with_rules()
        if gate is None or not gate.needs_account(profile):
            return
        from xswitch.sessions.identities import account_of_keys

        try:
            if credentials is None:  # the child resolves the profile itself
                credentials = self._credentials(profile, region, None)
            account_id = account_of_keys(credentials, self.profiles, profile.name, self._locations, region)
        except XswitchError as error:
            if isinstance(error, SignedOut | GuardRefused) or error.status != ExitStatus.FAILED:
                raise
            raise gate.unknown_account(error) from error
        gate.admit(profile, use, account_id)

    def _gate_with_rules(self) -> Gate | None:
        """Return the gate where there are guard rules, as things are now; else None.

        Most users have no settings: what reads the rules and asks is not loaded for them.
        """
        if self._made is None and is_absent(self._locations.settings):
            return None
        return self._gate if self._gate.guards else None

    @property
    def _gate(self) -> Gate:
        """The gate, made when it is first needed; threads that need it at once get the same one."""
        if self._made is not None:
            return self._made
        from xswitch.launch.guarding import Gate

        gate: Gate = vars(self).setdefault("_made", Gate(self._locations, self._interaction, self._confirmed))
        return gate

    def _known_accounts(self) -> Callable[[Profile], str | None]:
        """Return what tells the account that AWS has named for a profile's own or cached keys, None if none.

        As things are now: the folders are listed once for all profiles.
        """
        from xswitch.sessions.identities import KnownAccounts

        accounts, sessions, now = KnownAccounts(self._locations), Sessions(self._locations), utc_now()
        return lambda profile: accounts.of(profile, sessions.of(profile, now))

    def _credentials(self, profile: Profile, region: str | None, min_seconds: float | None) -> Credentials:
        """Return the credentials of a profile. XswitchError where they cannot be had."""
        raise NotImplementedError
