"""The JSON objects of profiles: the public interface that the README documents."""

from __future__ import annotations

from xswitch.awsfiles.masking import is_secret, masked, masked_setting
from xswitch.profiles.providers import provider_reports, shadowing_variables
from xswitch.timestamps import format_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from xswitch.awsfiles.settings import Problem, Settings
    from xswitch.profiles.guarding import Guard
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.overview import Overview


def list_object(
    overview: Overview, profile: Profile, now: datetime, guard: Guard | None, account_name: str
) -> dict[str, object]:
    """Return the object of one profile in `list --json`."""
    return {
        "name": profile.name,
        "kind": profile.kind,
        "source": _value(profile.source),
        "account_id": _value(overview.account_id(profile, now)),
        "account_name": account_name or None,
        "guard": guard_of(guard),
        "region": _value(profile.region),
        "role_arn": _value(profile.role_arn),
        "sso_session": _value(profile.sso_session),
        "session": session_of(overview, profile, now),
        "problems": [problem_of(problem) for problem in overview.profiles.problems(profile.name)],
    }


def show_object(
    overview: Overview, profile: Profile, environ: Mapping[str, str], now: datetime, guard: Guard | None
) -> dict[str, object]:
    """Return the object of one profile in `show --json`."""
    return {
        "name": profile.name,
        "kind": profile.kind,
        "settings": settings_of(profile.settings),
        "chain": overview.profiles.chain(profile.name),
        "providers": [
            {"provider": report.provider, "status": report.status, "reason": masked("", report.reason)}
            for report in provider_reports(profile, environ)
        ],
        "session": session_of(overview, profile, now),
        "guard": guard_of(guard),
        "shadowed_by_env": shadowing_variables(profile, environ),
        "problems": [problem_of(problem) for problem in overview.profiles.problems(profile.name)],
    }


def guard_of(guard: Guard | None) -> dict[str, object] | None:
    """Return `{"level", "color", "expected_account_ids"}`, or None where no rule guards the profile."""
    if guard is None:
        return None
    return {"level": guard.level, "color": guard.color, "expected_account_ids": list(guard.expected)}


def settings_of(settings: Settings) -> dict[str, object]:
    """Return `{key: {"value", "file", "line"}}`, secrets masked; a nested block is such an object itself."""
    return {
        key: settings_of(setting.value)
        if isinstance(setting.value, dict) and not is_secret(key)
        else {"value": masked_setting(key, setting), "file": setting.file, "line": setting.line}
        for key, setting in settings.items()
    }


def session_of(overview: Overview, profile: Profile, now: datetime) -> dict[str, str | None] | None:
    """Return `{"state", "expires_at"}`, or None where nothing can expire."""
    state = overview.state(profile, now)
    if state is None:
        return None
    session = overview.session(profile, now)
    return {"state": state, "expires_at": format_time(session.expires_at) if session else None}


def problem_of(problem: Problem) -> dict[str, object]:
    """Return `{"code", "message", "file", "line"}`."""
    return {
        "code": problem.code,
        "message": problem.message,
        "file": problem.file,
        "line": problem.line,
    }


def _value(value: str | None) -> str | None:
    """Return a value that may have swallowed the lines below it, as it may be shown."""
    return None if value is None else masked("", value)
