"""The detail of a profile, as styled text. Nothing in it is read as markup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from xswitch.awsfiles.settings import masked
from xswitch.locations import tilde
from xswitch.profiles.profile import Profile
from xswitch.profiles.providers import provider_reports, shadowing_variables
from xswitch.profiles.tree import Node
from xswitch.sessions.overview import Overview
from xswitch.sessions.state import State, time_left
from xswitch.text import printable

if TYPE_CHECKING:
    from xswitch.awsfiles.settings import Settings

_STATE_STYLES = {
    State.VALID: "$text-success",
    State.EXPIRING: "$text-warning",
    State.EXPIRED: "$text-error",
    State.NONE: "$text-muted",
}
_LABEL = 9


def profile_detail(overview: Overview, profile: Profile, environ: Mapping[str, str], now: datetime) -> Content:
    """Return what is known of a profile: problems, session, chain, winning provider, settings."""
    about = " · ".join([profile.kind, *_via(overview, profile)])
    lines = [Content.assemble((printable(profile.name), "bold"), "  ", (about, "$text-muted"))]
    for problem in overview.profiles.problems(profile.name):
        where = f"{printable(tilde(problem.file))}:{problem.line}"
        lines.append(Content.assemble((f"✗ {printable(problem.message)}", "$text-error"), (f"  {where}", "$text-muted")))
    lines += _facts(overview, profile, environ, now)
    lines.append(Content(""))
    lines += _settings(profile)
    return Content("\n").join(lines)


def heading_detail(node: Node, overview: Overview, now: datetime) -> Content:
    """Return what is known of a heading: an SSO session and its token, or a credential source."""
    lines = [Content.assemble((printable(node.name), "bold"), "  ", (node.heading.replace("-", " "), "$text-muted"))]
    settings = overview.profiles.files.sso_session(node.name) if node.heading == "sso-session" else None
    if settings is not None:
        token = overview.sessions.token(node.name, None)
        text = f"signed in, {time_left(token.expires_at, now)}" if token else "signed out"
        lines += [_fact("session", Content(text)), Content(""), *_setting_lines(settings, "")]
    lines.append(_fact("profiles", Content(str(len(node.children)))))
    return Content("\n").join(lines)


def _via(overview: Overview, profile: Profile) -> list[str]:
    chain = overview.profiles.chain(profile.name)
    return [f"via {printable(chain[1])}"] if len(chain) > 1 else []


def _facts(overview: Overview, profile: Profile, environ: Mapping[str, str], now: datetime) -> Iterator[Content]:
    if profile.role_arn:
        yield _fact("role", Content(printable(profile.role_arn)))
    elif profile.role:
        yield _fact("role", Content(f"{printable(profile.role)} in {printable(profile.account_id or '?')}"))
    yield _fact("session", _session(overview, profile, now))
    chain = overview.profiles.chain(profile.name)
    if len(chain) > 1:
        yield _fact("chain", Content(" ← ".join(printable(name) for name in chain)))
    yield from _providers(profile, environ)
    variables = shadowing_variables(profile, environ)
    if variables:
        text = f"{', '.join(variables)} in this shell (removed when you switch or run)"
        yield _fact("shadowed", Content.styled(text, "$text-warning"))


def _session(overview: Overview, profile: Profile, now: datetime) -> Content:
    session = overview.session(profile, now)
    state = overview.state(profile, now)
    if session is None or state is None:
        return Content.styled("none" if state else "nothing expires", "$text-muted")
    until = session.expires_at.astimezone()
    text = f"{state} until {until:%H:%M} ({time_left(session.expires_at, now)})"
    if state == State.EXPIRED:
        text = f"expired {until:%Y-%m-%d %H:%M}"
    place = f", {session.kind} in {printable(tilde(session.path))}"
    return Content.assemble((text, _STATE_STYLES[state]), (place, "$text-muted"))


def _providers(profile: Profile, environ: Mapping[str, str]) -> Iterator[Content]:
    label = "wins"
    for report in provider_reports(profile, environ):
        if report.status == "absent":
            continue
        text = f"{report.provider}: {printable(report.reason)}"
        yield _fact(label if report.status == "used" else "shadowed", Content(text))


def _settings(profile: Profile) -> Iterator[Content]:
    yield from _setting_lines(profile.settings, "")


def _setting_lines(settings: Settings, prefix: str) -> Iterator[Content]:
    file = ""
    for key, setting in settings.items():
        name = prefix + printable(key)
        if isinstance(setting.value, dict):
            yield from _setting_lines(setting.value, f"{name}.")
            continue
        if not prefix and setting.file != file:
            file = setting.file
            yield Content.styled(printable(tilde(file)), "$text-muted")
        value = printable(masked(key, setting.value))
        yield Content.assemble((f"{setting.line:>5} ", "$text-muted"), (name, "$text-accent"), " = ", value)


def _fact(label: str, value: Content) -> Content:
    return Content.assemble((f"{label:<{_LABEL}} ", "$text-muted"), value)
