"""Seeing that a delegation works: assuming the role as the new profile does, until AWS lets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from xswitch.delegation import progress as say
from xswitch.delegation.account import is_denied
from xswitch.delegation.plan import NO_USE
from xswitch.errors import XswitchError
from xswitch.sessions.identity import Identity, identity_of
from xswitch.text import printable

if TYPE_CHECKING:
    from datetime import datetime

    from xswitch.delegation.plan import Plan
    from xswitch.delegation.progress import Progress
    from xswitch.profiles.collection import Profiles
    from xswitch.sessions.interaction import Interaction
    from xswitch.sessions.session import Credentials

# Seconds until a role that was just made must have become assumable; AWS takes up to thirty at times.
_ASSUMABLE = 120


class Launching(Protocol):
    """What gets the credentials of a profile: `xswitch.launch.prepare.Launcher`."""

    def credentials(self, name: str) -> Credentials:
        """Return them."""

    def sign_in(self, name: str) -> datetime | None:
        """Get new ones."""


def verify(
    plan: Plan,
    profiles: Profiles,
    launcher: Launching,
    person: Interaction,
    progress: Progress,
    *,
    is_new: bool,
) -> Identity:
    """Return who one is under the new profile, one of `profiles`. XswitchError where that is not the role.

    What is refused is tried again for some time where something `is_new`, unless the plan knows that it must
    be refused.
    """
    blueprint, name = plan.blueprint, plan.blueprint.request.profile
    hopeless = [note for note in plan.notes if note.startswith(NO_USE)]
    patience = say.Patience(person, progress, say.ASSUME, _ASSUMABLE if is_new and not hopeless else 0)
    progress(say.ASSUME, say.WORKING, "")
    while True:
        try:
            launcher.sign_in(name)
            break
        except XswitchError as error:
            why = "AWS does not let the role be assumed yet"
            if not is_denied(error, "AssumeRole") or not patience.wait(why):
                progress(say.ASSUME, say.FAILED, error.message)
                error.hint = hopeless[0] if hopeless else error.hint
                raise
    progress(say.ASSUME, say.ANSWERED, f"after {patience.waited} s" if patience.waited else "")
    progress(say.IDENTITY, say.WORKING, "")
    identity = identity_of(launcher.credentials(name), profiles, name)
    role = identity.arn.rpartition(":")[2].split("/")
    if identity.account_id != blueprint.trusting.account_id or role[1:2] != [blueprint.role_name]:
        raise XswitchError(
            f"the profile {printable(name)} answers as {printable(identity.arn)}, which is not the role",
            f"see: xswitch show {printable(name)}",
        )
    progress(say.IDENTITY, say.ANSWERED, printable(identity.arn))
    return identity
