"""Which guard rules of the settings protect a profile, and how: told from the files alone."""

from __future__ import annotations

from xswitch.profiles.arn import account_of
from xswitch.profiles.globs import glob_matches
from xswitch.profiles.profile import Kind
from xswitch.settings.model import COLORS, Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from xswitch.profiles.profile import Profile
    from xswitch.settings.model import GuardRule

# What the levels mean, to be read after the word `guarded`.
_MEANINGS = {
    Level.CONFIRM: "its name has to be typed before it is used or changed",
    Level.READ_ONLY: "run, shell, use, env, each, credential-process and delegate are refused, "
    "and its name has to be typed for the rest",
}

# What is in the account that the profile names, whoever it is: AWS gives no session of another one.
_CERTAIN = (Kind.ROLE, Kind.SSO, Kind.WEB_IDENTITY, Kind.LOGIN)


class Guard:
    """What the rules say of one profile: of several, the strictest level and the first one's colour.

    `expected` are the account ids that it may be in, empty for any; `positions` are those of the rules in the
    settings file, from 1.
    """

    __slots__ = ("color", "expected", "level", "positions")

    def __init__(self, rules: list[GuardRule]) -> None:
        strict = any(rule.level == Level.READ_ONLY for rule in rules)
        self.level = Level.READ_ONLY if strict else Level.CONFIRM
        self.color = rules[0].color if rules else COLORS[0]
        expected = (rule.expect_account_id for rule in rules)
        self.expected = tuple(dict.fromkeys(filter(None, expected)))
        self.positions = tuple(rule.position for rule in rules)

    @property
    def meaning(self) -> str:
        """What the level means, to be read after the word `guarded`."""
        return _MEANINGS[self.level]


class Guards:
    """All guard rules."""

    __slots__ = ("_rules",)

    def __init__(self, rules: Iterable[GuardRule]) -> None:
        self._rules = tuple(rules)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def of(self, profile: Profile, account_id: str | None = None) -> Guard | None:
        """Return the guard of a profile, or None.

        `account_id` is its account where that is known otherwise than from the files, which may be silent or
        wrong; a rule for either of the two holds.
        """
        if not self._rules:
            return None
        accounts = {profile.account_id, account_id}
        if profile.kind == Kind.LOGIN:  # an account that is stated beside the session is not believed alone
            accounts.add(account_of(profile.text("login_session")))
        rules = [
            rule
            for rule in self._rules
            if (not rule.account_ids or not accounts.isdisjoint(rule.account_ids)) and _fits(rule, profile)
        ]
        return Guard(rules) if rules else None

    def needs_account(self, profile: Profile) -> bool:
        """Tell whether a rule may hold for the profile by an account that its settings do not settle."""
        return not is_certain(profile) and any(
            rule.account_ids and _fits(rule, profile) for rule in self._rules
        )


def token_of(profile: Profile) -> str:
    """Return what stands for a profile as it is now: what it is called, and whose credentials it leads to.

    Whoever has typed its name has meant that. Temporary keys count as the same: other tools renew them.
    """
    keys = None if profile.has_temporary_keys else profile.key_values.get("aws_access_key_id")
    names = ("credential_process", "login_session", "credential_source")
    parts = [
        profile.name,
        profile.kind,
        profile.role_arn,
        profile.source,
        profile.account_id,
        profile.role,
        keys if isinstance(keys, str) else None,
        *map(profile.text, names),
    ]
    return "\0".join(part or "" for part in parts)


def is_certain(profile: Profile) -> bool:
    """Tell whether a profile can be in no other account than its settings name."""
    return profile.kind in _CERTAIN


def _fits(rule: GuardRule, profile: Profile) -> bool:
    return (not rule.profiles or any(glob_matches(glob, profile.name) for glob in rule.profiles)) and (
        not rule.roles or any(glob_matches(glob, profile.role) for glob in rule.roles)
    )
