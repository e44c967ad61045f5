"""`xswitch show`."""

from __future__ import annotations

import os

from xswitch.awsfiles.settings import is_secret, masked
from xswitch.cli.report import problem_of, settings_of, shown, shown_value
from xswitch.errors import ExitStatus, UsageError
from xswitch.launch.prepare import find_profile
from xswitch.locations import Locations, tilde
from xswitch.profiles.providers import provider_reports, shadowing_variables
from xswitch.sessions.overview import Overview
from xswitch.sessions.state import time_left
from xswitch.text import printable
from xswitch.timestamps import format_time, utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from xswitch.awsfiles.settings import Setting, Settings
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.profiles.profile import Profile


def run(arguments: Arguments, output: Output) -> int:
    """Show one profile, or with --all --json everything that was read."""
    name = arguments.positional(0)
    json, everything = "--json" in arguments.flags, "--all" in arguments.flags
    if everything == (name is not None) or (everything and not json):
        raise UsageError("show needs a PROFILE, or --all --json", "usage: xswitch show PROFILE [--json]")
    overview = Overview(Locations(os.environ))
    now = utc_now()
    if everything:
        output.json(_everything(overview, now))
    else:
        profile = find_profile(overview.profiles, name or "")
        if json:
            output.json(shown(overview, profile, os.environ, now))
        else:
            output.data("\n".join(_lines(overview, profile, output, now)))
    output.problems([*overview.profiles.files.problems(), *overview.sessions.problems])
    return ExitStatus.OK


def _everything(overview: Overview, now: datetime) -> dict[str, object]:
    files = overview.profiles.files
    return {
        "profiles": {
            profile.name: shown(overview, profile, os.environ, now) for profile in overview.profiles
        },
        "sso_sessions": {name: settings_of(settings) for name, settings in files.sso_sessions.items()},
        "services": {name: settings_of(settings) for name, settings in files.services.items()},
        "problems": [problem_of(problem) for problem in files.problems()],
    }


def _lines(overview: Overview, profile: Profile, output: Output, now: datetime) -> Iterator[str]:
    account = overview.account_id(profile, now)
    about = [profile.kind, *[_masked(text) for text in (account, profile.region) if text]]
    yield f"{output.style(printable(profile.name), 'bold')}  {' · '.join(about)}"
    for problem in overview.profiles.problems(profile.name):
        where = f"{printable(tilde(problem.file))}:{problem.line}"
        yield output.style(f"  {problem.code}: {_masked(problem.message)} ({where})", "red")
    yield from _section("settings", _settings(profile), output)
    chain = " ← ".join(printable(name) for name in overview.profiles.chain(profile.name))
    yield from _section("chain", [chain], output)
    reports = [
        f"{report.status:<8}  {report.provider:<29}  {_masked(report.reason)}"
        for report in provider_reports(profile, os.environ)
    ]
    yield from _section("credential providers, in order", reports, output)
    session = overview.session(profile, now)
    if session is not None:
        text = f"{overview.state(profile, now)}, ends {format_time(session.expires_at)}"
        left = time_left(session.expires_at, now)
        place = printable(tilde(session.path))
        yield from _section("session", [f"{text} ({left}), {session.kind} in {place}"], output)
    else:
        yield from _section("session", [overview.state(profile, now) or "nothing expires"], output)
    variables = shadowing_variables(profile, os.environ)
    if variables:
        text = ", ".join(variables)
        yield from _section("shadowed in this shell (xswitch run removes them)", [text], output)


def _masked(text: str) -> str:
    return printable(masked("", text))


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
            value = printable(shown_value(key, other)) if other.text is not None else "a block"
            place += f"  overrides {value} ({_place(other)})"
        yield name, printable(shown_value(key, setting)), place


def _place(setting: Setting) -> str:
    return f"{printable(tilde(setting.file))}:{setting.line}"
