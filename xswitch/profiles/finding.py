"""Finding a profile by its name, reading no more than that needs."""

from __future__ import annotations

from xswitch.awsfiles.files import are_large
from xswitch.errors import XswitchError
from xswitch.profiles.collection import read_profiles
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles
    from xswitch.profiles.profile import Profile


def profiles_for(locations: Locations, name: str) -> Profiles:
    """Return profiles among which `name` and everything it sources from are, if they exist.

    Of large files that is an excerpt; where the profile does not exist it is always everything.
    """
    if are_large(locations.config, locations.credentials):
        from xswitch.awsfiles.excerpt import read_excerpt
        from xswitch.profiles.collection import Profiles

        files = read_excerpt(locations.config, locations.credentials, name)
        if files is not None:
            return Profiles(files)
    return read_profiles(locations)


def find_profile(profiles: Profiles, name: str) -> Profile:
    """Return the profile of that name. XswitchError, with the nearest names, where there is none."""
    if name in profiles:
        return profiles[name]
    unread = [problem for problem in profiles.files.problems() if not problem.line]
    if unread:
        # It may well stand in the file that could not be read.
        text = f"{unread[0].place} {unread[0].message}"
        raise XswitchError(f"there is no profile {printable(name)}", text)
    near = nearest(name, profiles)
    hint = f"did you mean {near}?" if near else "see them all with: xswitch list"
    raise XswitchError(f"there is no profile {printable(name)}", hint)


def nearest(name: str, profiles: Profiles) -> str:
    """Return the names that are most like `name`, with commas between; "" where none is."""
    from difflib import get_close_matches

    names = [profile.name for profile in profiles]
    near = [other for other in names if other.casefold() == name.casefold()]
    return ", ".join(printable(other) for other in dict.fromkeys(near + get_close_matches(name, names)))
