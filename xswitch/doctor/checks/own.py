"""The settings of xswitch itself."""

from __future__ import annotations

from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.locations import tilde
from xswitch.profiles.guarding import Guards
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.doctor.examined import Examined


def _fault(examined: Examined) -> Iterator[Finding]:
    error = examined.settings_fault
    if error is None:
        return
    path = examined.locations.settings
    rest = error.message.removeprefix(printable(tilde(path)))
    number, colon, message = rest.removeprefix(":").partition(": ")
    line = int(number) if colon and number.isdecimal() else 0
    text = message if line else rest.removeprefix(": ")
    yield Finding(f"{text}: none of the settings count, and guarded profiles are refused", (path, line))


def _idle_rules(examined: Examined) -> Iterator[Finding]:
    if examined.settings is None or not len(examined.profiles):
        return
    for rule in examined.settings.guard:
        guards = Guards([rule])
        protects = any(guards.of(profile) or guards.needs_account(profile) for profile in examined.profiles)
        if not protects:
            text = (
                f"guard rule {rule.position} protects no profile: see that its names and accounts are those "
                "of the files"
            )
            yield Finding(text, (examined.locations.settings, 0))


CHECKS = (
    Check(
        "XS601",
        Severity.ERROR,
        "fault in the settings of xswitch",
        "No setting counts then, and what guard rules could protect is refused.",
        _fault,
    ),
    Check(
        "XS602",
        Severity.WARNING,
        "guard rule that protects nothing",
        "A misspelt name or account leaves production open.",
        _idle_rules,
    ),
)
