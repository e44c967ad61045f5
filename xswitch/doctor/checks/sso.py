"""SSO: the profiles, and the sessions that they name."""

from __future__ import annotations

from xswitch.doctor.checks.mapped import Nearest, met
from xswitch.doctor.checks.values import is_mangled
from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.doctor.repairs import set_in, set_value, unset
from xswitch.editing.changes import CONFIG
from xswitch.editing.checks import check_setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.awsfiles.settings import Problem
    from xswitch.doctor.examined import Examined
    from xswitch.doctor.finding import Fix
    from xswitch.profiles.profile import Profile

_SCOPES = "sso:account:access"
_OF_SESSIONS = ("sso_start_url", "sso_region")


def _no_session(examined: Examined) -> Iterator[Finding]:
    nearest = Nearest(examined.files.sso_sessions)

    def other(examined: Examined, name: str, problem: Problem) -> Fix | None:  # noqa: ARG001
        profile = examined.profiles[name]
        found = nearest.of(profile.sso_session or "")
        return set_value(profile, "sso_session", found, sure=False) if found else None

    yield from met("sso-session-missing", fix=other)(examined)


def _inconsistent(examined: Examined, name: str, problem: Problem) -> Fix | None:
    key = problem.message.split("`")[1] if "`" in problem.message else ""
    return unset(examined.profiles[name], key, sure=False) if key else None


def _incomplete(examined: Examined) -> Iterator[Finding]:
    for name, problem in examined.by_code.get("sso-incomplete", ()):
        session = examined.profiles[name].sso_session or ""
        text = problem.message
        if session in examined.files.sso_sessions and any(f" {key}" in text for key in _OF_SESSIONS):
            line = _session_place(examined, session)[1]
            text += f" (a start URL and a region belong in [sso-session {session}], line {line})"
        yield Finding(text, (problem.file, problem.line), profile=name)


def _account_id(examined: Examined) -> Iterator[Finding]:
    for value, profiles in examined.values_of("sso_account_id").items():
        right = value.replace("-", "").replace(" ", "")
        fits = not check_setting("sso_account_id", right) and bool(right)
        if (fits and right == value) or is_mangled(value):
            continue
        for profile in profiles:
            fix = set_value(profile, "sso_account_id", right) if fits else None
            text = "`sso_account_id` is not 12 digits"
            yield Finding(text, profile.place_of("sso_account_id"), profile=profile.name, fix=fix)


def _legacy(examined: Examined) -> Iterator[Finding]:
    for profile in examined.having("sso_start_url"):
        if "sso_session" not in profile.values:
            text = (
                "SSO without an `sso_session`: such a sign-in cannot be renewed and ends within hours; "
                "`aws configure sso` makes a session that is"
            )
            yield Finding(text, profile.place_of("sso_start_url"), profile=profile.name)


def _sessions(examined: Examined) -> Iterator[Finding]:
    used = {name for name, _ in _used_sessions(examined)}
    for name in examined.files.sso_sessions:
        if name not in used:
            place = _session_place(examined, name)
            yield Finding(f"no profile uses [sso-session {name}]", place)


def _scopes(examined: Examined) -> Iterator[Finding]:
    for name, _ in _used_sessions(examined):
        settings = examined.files.sso_session(name)
        if settings is not None and "sso_registration_scopes" not in settings:
            text = (
                f"[sso-session {name}] has no `sso_registration_scopes`: without {_SCOPES} its sign-in may "
                "not be renewable"
            )
            header = examined.files.sso_session_header(name)
            fix = set_in(CONFIG, header, "sso_registration_scopes", _SCOPES, "", sure=False)
            yield Finding(text, _session_place(examined, name), fix=fix)


def _used_sessions(examined: Examined) -> Iterator[tuple[str, list[Profile]]]:
    yield from examined.values_of("sso_session").items()


def _session_place(examined: Examined, name: str) -> tuple[str, int]:
    config = examined.files.config
    return config.path, config.sections[examined.files.sso_session_header(name)].line


CHECKS = (
    Check(
        "XS311",
        Severity.ERROR,
        "SSO session does not exist",
        "`sso_session` names an `[sso-session]` that is not in the config file.",
        _no_session,
    ),
    Check(
        "XS312",
        Severity.ERROR,
        "profile and SSO session disagree",
        "aws refuses a setting that has one value in the profile and another in its `[sso-session]`.",
        met("sso-inconsistent", fix=_inconsistent),
    ),
    Check(
        "XS313",
        Severity.ERROR,
        "SSO settings incomplete",
        "SSO needs a start URL and a region, from the `[sso-session]`, and an account and a role, from the "
        "profile.",
        _incomplete,
    ),
    Check(
        "XS314",
        Severity.ERROR,
        "malformed `sso_account_id`",
        "12 digits, without dashes.",
        _account_id,
    ),
    Check(
        "XS315",
        Severity.NOTE,
        "SSO without a session",
        "The older form: its sign-in cannot be renewed.",
        _legacy,
    ),
    Check(
        "XS316",
        Severity.NOTE,
        "unused `[sso-session]`",
        "No profile names it.",
        _sessions,
    ),
    Check(
        "XS317",
        Severity.NOTE,
        "SSO session without scopes",
        "`sso_registration_scopes = sso:account:access` makes sign-ins renewable.",
        _scopes,
    ),
)
