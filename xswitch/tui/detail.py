"""The detail of a profile, as styled text. Nothing in it is read as markup."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from xswitch.awsfiles.masking import is_secret, masked_setting, shown
from xswitch.locations import tilde
from xswitch.profiles.providers import provider_reports, shadowing_variables
from xswitch.profiles.tree import Heading, Node
from xswitch.sessions.session import SessionKind, State, time_left
from xswitch.settings.faults import rule_places
from xswitch.settings.model import Level
from xswitch.text import printable
from xswitch.tui.rows import account_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from xswitch.awsfiles.settings import Setting, Settings
    from xswitch.profiles.guarding import Guard
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.overview import Overview
    from xswitch.tui.rows import TreeModel

_STATE_STYLES = {
    State.VALID: "$text-success",
    State.EXPIRING: "$text-warning",
    State.EXPIRED: "$text-error",
    State.NONE: "dim",
}
_PLACES = {
    SessionKind.ASSUME_ROLE: "cached role",
    SessionKind.SSO_ROLE: "cached SSO role",
    SessionKind.SSO_TOKEN: "SSO token",
    SessionKind.LOGIN: "aws login",
    SessionKind.CREDENTIALS_FILE: "as the credentials file says",
}
_GUARDED = {Level.CONFIRM: "guarded", Level.READ_ONLY: "read-only"}
_LABEL = 9
# What wrapping more would cost, each second anew, would hold the UI up.
_LONGEST = 4000  # characters of a text
_MOST = 400  # lines of settings


class Line(NamedTuple):
    """A line of the detail: what stands before the text, and the text, which is wrapped beside it."""

    before: Content
    text: Content


def wrapped(lines: Iterable[Line], width: int) -> Content:
    """Return the lines as text of `width` columns, what is wrapped indented to where the text begins."""
    found: list[Content] = []
    for line in lines:
        indent = line.before.cell_length
        text = line.text if len(line.text) <= _LONGEST else line.text[:_LONGEST] + "…"
        pieces = text.wrap(max(width - indent, 8))
        found += [
            Content.assemble(line.before if index == 0 else " " * indent, piece)
            for index, piece in enumerate(pieces)
        ]
    return Content("\n").join(found)


def profile_detail(
    model: TreeModel, profile: Profile, environ: Mapping[str, str], now: datetime
) -> Iterator[Line]:
    """Yield what is known of a profile: problems, guard, session, chain, winning provider, settings."""
    overview, guard = model.overview, model.guard(profile, now)
    about = " · ".join([profile.kind, *_via(overview, profile)])
    style = f"$guard-{guard.color} bold" if guard else "bold"
    yield _line(Content.assemble((printable(profile.name), style), "  ", (about, "dim")))
    for problem in overview.profiles.problems(profile.name):
        text = Content.assemble((shown(problem.message), "$text-error"), (f"  {problem.place}", "dim"))
        yield Line(Content.styled("✗ ", "$text-error"), text)
    if guard is not None:
        yield from _guard(model, guard)
    account = overview.account_id(profile, now)
    if account and model.account_name(account):
        yield _fact("account", Content(_account(model, account)))
    yield from _facts(overview, profile, environ, now)
    yield _line(Content(""))
    lines = _setting_lines(profile.settings, "")
    yield from islice(lines, _MOST)
    if next(lines, None) is not None:
        yield _line(Content.styled("… and more", "dim"))


def heading_detail(node: Node, overview: Overview, now: datetime) -> Iterator[Line]:
    """Yield what is known of a heading: an SSO session and its token, or a credential source."""
    what = node.heading.replace("-", " ")
    yield _line(Content.assemble((shown(node.name), "bold"), "  ", (what, "dim")))
    yield _fact("profiles", Content(str(len(node.children))))
    settings = overview.profiles.files.sso_session(node.name) if node.heading == Heading.SSO_SESSION else None
    if settings is not None:
        token = overview.sessions.token(node.name, None)
        left = time_left(token.expires_at, now) if token else "signed out"
        yield _fact("session", Content(left if left in {"signed out", "expired"} else f"signed in, {left}"))
        yield _line(Content(""))
        yield from _setting_lines(settings, "")


def _via(overview: Overview, profile: Profile) -> list[str]:
    chain = overview.profiles.chain(profile.name)
    return [f"via {printable(chain[1])}"] if len(chain) > 1 else []


def _guard(model: TreeModel, guard: Guard) -> Iterator[Line]:
    sign, style = model.icons["guarded"], f"$guard-{guard.color} bold"
    word = _GUARDED[guard.level]
    place = f"  {rule_places(model.settings.path, guard.positions)}"
    text = Content.assemble((word, style), f": {guard.meaning}", (place, "dim"))
    yield Line(Content.styled(f"{sign} ", style), text)
    for expected in guard.expected:
        yield _fact("expected", Content(f"in account {_account(model, expected)}, as AWS itself names it"))


def _account(model: TreeModel, account_id: str) -> str:
    return f"{account_label(account_id)} {shown(model.account_name(account_id))}".rstrip()


def _facts(overview: Overview, profile: Profile, environ: Mapping[str, str], now: datetime) -> Iterator[Line]:
    if profile.role_arn:
        yield _fact("role", Content(shown(profile.role_arn)))
    elif profile.role:
        yield _fact("role", Content(f"{shown(profile.role)} in {shown(profile.account_id or '?')}"))
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
        text = "temporary keys; nothing says when they end" if profile.has_temporary_keys else state
        return Content.styled(text or "nothing expires", "dim")
    until = session.expires_at.astimezone()
    text = f"{state} until {until:%H:%M} ({time_left(session.expires_at, now)})"
    if state == State.EXPIRED:
        text = f"expired {until:%Y-%m-%d %H:%M}"
    place = f", {_PLACES.get(session.kind, session.kind)}"
    return Content.assemble((text, _STATE_STYLES[state]), (place, "dim"))


def _providers(profile: Profile, environ: Mapping[str, str]) -> Iterator[Line]:
    label = "wins"
    for report in provider_reports(profile, environ):
        if report.status == "absent":
            continue
        text = f"{report.provider}: {shown(report.reason)}"
        yield _fact(label if report.status == "used" else "shadowed", Content(text))


def _setting_lines(settings: Settings, prefix: str) -> Iterator[Line]:
    file = ""
    for key, setting in settings.items():
        name = prefix + printable(key)
        if isinstance(setting.value, dict) and not is_secret(key):
            yield from _setting_lines(setting.value, f"{name}.")
            continue
        if not prefix and setting.file != file:
            file = setting.file
            yield _line(Content.styled(printable(tilde(file)), "dim"))
        value = _printable_setting(key, setting)
        number = Content.styled(f"{setting.line:>4} ", "dim")
        yield Line(number, Content.assemble((name, "$text-accent"), " = ", value))


def _printable_setting(key: str, setting: Setting) -> str:
    value = masked_setting(key, setting)
    if len(value) <= _LONGEST:
        return printable(value)
    return f"({len(value)} characters) {printable(value[:_LONGEST])}"


def _fact(label: str, value: Content) -> Line:
    return Line(Content.styled(f"{label:<{_LABEL}} ", "dim"), value)


def _line(text: Content) -> Line:
    return Line(Content(""), text)
