"""What the dialogs of delegations have in common: what works for them, and how they end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xswitch.launch.prepare import Launcher
from xswitch.launch.usage import Use
from xswitch.profiles.collection import read_profiles
from xswitch.tui.person import ScreenInteraction
from xswitch.tui.screens.guarded import guard_question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xswitch.delegation.delegating import Delegating
    from xswitch.profiles.collection import Profiles
    from xswitch.sessions.interaction import Interaction
    from xswitch.tui.app import XswitchApp


@dataclass(frozen=True)
class End:
    """How it ended: the profile to look at, "" for none, and what there is to say of it."""

    profile: str = ""
    told: str = ""


def refuse(app: XswitchApp, *names: str) -> None:
    """XswitchError where the guard of one of the profiles refuses that access is given by way of it."""
    profiles = read_profiles(app.locations)
    for name in names:
        if name in profiles:
            guard_question(app, profiles, name, Use.DELEGATE)


def permit(app: XswitchApp, person: Interaction, confirmed: set[str], uses: Mapping[str, str]) -> None:
    """Have the guards of profiles asked before something is done with them, in a thread.

    `uses` says what, by profile; where it is used, its account is looked at too. Of `confirmed` the names
    were typed before; those typed now come to it.
    """
    launcher = Launcher(read_profiles(app.locations), app.locations, app.environ, person, confirmed)
    for name, use in uses.items():
        if name in launcher.profiles:
            launcher.permit(name, use, account=use == Use.DELEGATE)
    if isinstance(person, ScreenInteraction):
        confirmed.update(person.confirmed)


def delegating(app: XswitchApp, person: Interaction, *names: str) -> Delegating:
    """Return what sets up delegations, for a thread, once the profiles `names` are signed in.

    The files are read anew: what the UI has read is not for another thread.
    """
    # Here, because botocore comes with it: a third of a second in which the UI would stand still.
    from xswitch.delegation.delegating import Delegating

    profiles = read_profiles(app.locations)

    def launcher(known: Profiles) -> Launcher:
        return Launcher(known, app.locations, app.environ, person)

    ready = launcher(profiles)
    for name in dict.fromkeys(names):
        if name in profiles and not ready.is_ready(name):
            ready.sign_in(name)
    return Delegating(profiles, app.locations, launcher, person)
