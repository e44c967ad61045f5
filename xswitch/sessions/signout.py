"""Removing cached sessions: those of exactly the profiles named, and nothing else that lies beside them."""

from __future__ import annotations

import os

from xswitch.locations import tilde
from xswitch.sessions.session import SessionKind
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from xswitch.profiles.profile import Profile
    from xswitch.sessions.overview import Overview
    from xswitch.sessions.session import Session

_CACHED = {SessionKind.ASSUME_ROLE, SessionKind.SSO_ROLE, SessionKind.LOGIN, SessionKind.MFA}


def sign_out(
    overview: Overview,
    profiles: list[Profile],
    now: datetime,
    *,
    sso: bool = False,
    expired_only: bool = False,
) -> tuple[list[Session], list[str]]:
    """Remove the cached sessions of `profiles`; return them, and sentences worth saying.

    With `sso` their SSO sessions are signed out too, at AWS and here, for every profile that uses them.
    With `expired_only` what still lasts at `now` stays. Profiles that agree in role and parameters share
    one session: it goes for all of them, and a sentence says so.
    """
    wanted = {profile.name for profile in profiles}
    everything = len(wanted) == len(overview.profiles)
    removed: list[Session] = []
    said: list[str] = []
    for session, owners in overview.sessions.all(overview.profiles):
        # A device's session is ours, and those of keys that are gone are nobody's.
        nobodys = everything and session.kind == SessionKind.MFA and not owners
        if session.kind not in _CACHED or (wanted.isdisjoint(owners) and not nobodys):
            continue
        if expired_only and session.expires_at > now:
            continue
        try:
            os.unlink(session.path)
        except FileNotFoundError:
            continue
        except OSError as error:
            said.append(f"{printable(tilde(session.path))} could not be removed: {error.strerror}")
            continue
        removed.append(session)
        others = [name for name in owners if name not in wanted]
        if others:
            names = ", ".join(printable(name) for name in others[:3])
            said.append(f"it was the session of {names}{' and others' if others[3:] else ''} too")
    if sso:
        for profile, token in _sso_tokens(overview, profiles, now, expired_only=expired_only):
            try:
                warning = _sign_out_sso(overview, profile)
            except OSError as error:
                said.append(f"{printable(tilde(token.path))} could not be removed: {error.strerror}")
                continue
            removed.append(token)
            said += [warning] if warning else []
    return removed, said


def _sso_tokens(
    overview: Overview, profiles: list[Profile], now: datetime, *, expired_only: bool
) -> Iterator[tuple[Profile, Session]]:
    """Yield each SSO token of the profiles or of the root of their chain once, with a profile it is for."""
    seen = set()
    for profile in profiles:
        root = overview.profiles.root(profile.name)
        token = overview.sessions.token(root.sso_session, root.text("sso_start_url"))
        if token is None or token.path in seen or (expired_only and token.expires_at > now):
            continue
        seen.add(token.path)
        yield root, token


def _sign_out_sso(overview: Overview, profile: Profile) -> str:
    from xswitch.sessions.sso import sign_out_sso

    return sign_out_sso(profile, overview.locations)
