"""`xswitch show`."""

from __future__ import annotations

import os

from xswitch.awsfiles.masking import is_secret, shown, shown_setting
from xswitch.cli.report import problem_of, settings_of, show_object
from xswitch.errors import ExitStatus, UsageError
from xswitch.locations import Locations, tilde
from xswitch.profiles.collection import find_profile
from xswitch.profiles.guarding import Guards
from xswitch.profiles.profile import Kind
from xswitch.profiles.providers import provider_reports, shadowing_variables
from xswitch.sessions.overview import Overview
from xswitch.sessions.session import State, time_left
from xswitch.settings.model import Level
from xswitch.settings.reading import load_settings
from xswitch.text import printable
from xswitch.timestamps import format_time, utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from xswitch.awsfiles.settings import Setting, Settings
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.profiles.guarding import Guard
    from xswitch.profiles.profile import Profile
    from xswitch.settings.model import Settings as UserSettings


def run(arguments: Arguments, output: Output) -> int:
    """Show one profile, or with --all --json everything that was read."""
    name = arguments.positional(0)
    json, everything = "--json" in arguments.flags, "--all" in arguments.flags
    if everything == (name is not None) or (everything and not json):
        raise UsageError("show needs a PROFILE, or --all --json", "usage: xswitch show PROFILE [--json]")
    locations = Locations(os.environ)
    overview = Overview(locations)
    settings = load_settings(locations.settings, locations.state)
    now = utc_now()
    if everything:
        output.json(_everything(overview, settings, now))
    else:
        profile = find_profile(overview.profiles, name or "")
        if json:
            guard = _guard(overview, profile, settings, now)
            output.json(show_object(overview, profile, os.environ, now, guard))
        else:
            output.data("\n".join(_lines(overview, profile, settings, output, now)))
    output.problems([*overview.profiles.files.problems(), *overview.sessions.problems])
    return ExitStatus.OK


def _everything(overview: Overview, settings: UserSettings, now: datetime) -> dict[str, object]:
    files = overview.profiles.files
    return {
        "profiles": {
            profile.name: show_object(
                overview, profile, os.environ, now, _guard(overview, profile, settings, now)
            )
            for profile in overview.profiles
        },
        "sso_sessions": {name: settings_of(settings) for name, settings in files.sso_sessions.items()},
        "services": {name: settings_of(settings) for name, settings in files.services.items()},
        "problems": [problem_of(problem) for problem in files.problems()],
    }


def _guard(overview: Overview, profile: Profile, settings: UserSettings, now: datetime) -> Guard | None:
    return Guards(settings.guard).of(profile, overview.account_id(profile, now))


def _lines(
    overview: Overview, profile: Profile, settings: UserSettings, output: Output, now: datetime
) -> Iterator[str]:
    account = overview.account_id(profile, now)
    account_name = settings.accounts.get(account or "")
    about = [profile.kind, *[shown(text) for text in (account, account_name, profile.region) if text]]
    yield f"{output.style(printable(profile.name), 'bold')}  {' · '.join(about)}"
    guard = _guard(overview, profile, settings, now)
    if guard is not None:
        expected = f", must be in account {' and '.join(guard.expected)}" if guard.expected else ""
        word = "guarded" if guard.level == Level.CONFIRM else guard.level
        yield output.style(f"  {word}: {guard.meaning}{expected}", "bold", guard.color)
    for problem in overview.profiles.problems(profile.name):
        yield output.style(f"  {problem.code}: {problem.message} ({problem.place})", "red")
    yield from _section("settings", _settings(profile), output)
    chain = " ← ".join(printable(name) for name in overview.profiles.chain(profile.name))
    yield from _section("chain", [chain], output)
    reports = [
        f"{report.status:<8}  {report.provider:<29}  {shown(report.reason)}"
        for report in provider_reports(profile, os.environ)
    ]
    yield from _section("credential providers, in order", reports, output)
    session = overview.session(profile, now)
    if session is not None:
        state = overview.state(profile, now)
        ends = "ended" if state == State.EXPIRED else f"{time_left(session.expires_at, now)} left, ends"
        place = printable(tilde(session.path))
        text = f"{state}, {ends} {format_time(session.expires_at)}, {session.kind} in {place}"
        yield from _section("session", [text], output)
    else:
        text = "temporary keys; nothing says when they end" if profile.has_temporary_keys else ""
        text = "no credentials" if profile.kind == Kind.NONE else text
        text = text or overview.state(profile, now) or "nothing expires"
        yield from _section("session", [text], output)
    variables = shadowing_variables(profile, os.environ)
    if variables:
        text = ", ".join(variables)
        yield from _section("shadowed in this shell (xswitch run removes them)", [text], output)


def _section(title: str, lines: list[str], output: Output) -> Iterator[str]:
    yield ""
    yield output.style(title, "dim")
    for line in lines:
        yield f"  {line}"


def _settings(profile: Profile) -> list[str]:
    overridden = profile.entry.config if profile.entry.credentials_section else {}
    rows = list(_setting_rows(profile.settings, overridden, ""))
    if not rows:
        return ["none"]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    widths[1] = min(widths[1], 60)
    return [f"{key:<{widths[0]}}  {value:<{widths[1]}}  {place}" for key, value, place in rows]


def _setting_rows(settings: Settings, overridden: Settings, prefix: str) -> Iterator[tuple[str, str, str]]:
    for key, setting in settings.items():
        name = prefix + printable(key)
        if isinstance(setting.value, dict) and not is_secret(key):
            yield from _setting_rows(setting.value, {}, name + ".")
            continue
        place = _place(setting)
        other = overridden.get(key)
        if other is not None and other.file != setting.file:
            value = shown_setting(key, other) if other.text is not None else "a block"
            place += f"  overrides {value} ({_place(other)})"
        yield name, shown_setting(key, setting), place


def _place(setting: Setting) -> str:
    return f"{printable(tilde(setting.file))}:{setting.line}"
