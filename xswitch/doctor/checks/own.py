"""The settings of xswitch itself."""

from __future__ import annotations

from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.locations import tilde
from xswitch.profiles.arn import account_of, is_account_id
from xswitch.profiles.guarding import Guards, is_certain
from xswitch.profiles.profile import Kind
from xswitch.regular import read_regular
from xswitch.settings.faults import line_of, rule_places
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.doctor.examined import Examined
    from xswitch.profiles.profile import Profile

# What settles the account, in the order in which it does.
_ACCOUNT_KEYS = ("role_arn", "sso_account_id", "login_session")


def _fault(examined: Examined) -> Iterator[Finding]:
    error = examined.settings_fault
    if error is None:
        return
    path = examined.locations.settings
    rest = error.message.removeprefix(printable(tilde(path)))
    number, colon, message = rest.removeprefix(":").partition(": ")
    line = int(number) if colon and number.isdecimal() else 0
    text = message if line else rest.removeprefix(": ")
    ends = "none of the settings count, and guarded profiles are refused"
    if examined.settings is not None:
        ends = "the terminal UI does not open; all other settings count"
    yield Finding(f"{text}: {ends}", (path, line))


def _idle_rules(examined: Examined) -> Iterator[Finding]:
    if examined.settings is None or not len(examined.profiles):
        return
    for rule in examined.settings.guard:
        guards = Guards([rule])
        protects = any(guards.of(profile) or guards.needs_account(profile) for profile in examined.profiles)
        if not protects:
            text = (
                "this guard rule protects no profile: see that its names and accounts are those of the files"
            )
            yield Finding(text, _place_of_rule(examined, rule.position))


def _place_of_rule(examined: Examined, position: int) -> tuple[str, int]:
    path = examined.locations.settings
    try:
        text = read_regular(path)[0].decode()
    except (OSError, ValueError):
        text = ""
    return path, line_of(text, ("guard", position - 1))


def _other_account(examined: Examined) -> Iterator[Finding]:
    settings = examined.settings
    if settings is None or not any(rule.expect_account_id for rule in settings.guard):
        return
    guards = Guards(settings.guard)
    places: dict[tuple[int, ...], str] = {}
    for profile in examined.profiles:
        account = _settled_account(profile)
        guard = guards.of(profile) if account else None
        if account is None or guard is None or not guard.expected or account in guard.expected:
            continue
        if guard.positions not in places:
            places[guard.positions] = rule_places(settings.path, guard.positions)
        text = (
            f"is in account {account} by its settings, and its guard expects {' or '.join(guard.expected)} "
            f"({places[guard.positions]}): nothing runs under it; one of the two is wrong"
        )
        key = next((key for key in _ACCOUNT_KEYS if key in profile.values), "")
        yield Finding(text, profile.place_of(key), profile=profile.name)


def _settled_account(profile: Profile) -> str | None:
    """Return the account that a profile is in whatever AWS says, None where the files do not settle it."""
    if not is_certain(profile):
        return None
    account = profile.account_id
    if profile.kind == Kind.LOGIN:  # `aws_account_id` beside it settles nothing
        account = account_of(profile.text("login_session"))
    return account if account and is_account_id(account) else None


CHECKS = (
    Check(
        "XS601",
        Severity.ERROR,
        "fault in the settings of xswitch",
        "No setting counts then, and what guard rules could protect is refused. Or, for keys and themes that "
        "there are not, the terminal UI does not open.",
        _fault,
    ),
    Check(
        "XS602",
        Severity.WARNING,
        "guard rule that protects nothing",
        "A misspelt name or account leaves production open.",
        _idle_rules,
    ),
    Check(
        "XS603",
        Severity.ERROR,
        "profile in another account than its guard expects",
        "`expect_account_id` and `role_arn` (or `sso_account_id`) contradict each other: all use is refused.",
        _other_account,
    ),
)
