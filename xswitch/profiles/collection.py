"""All profiles and how they hang together: chains, and where they break."""

from __future__ import annotations

from xswitch.awsfiles.files import read_files
from xswitch.awsfiles.problems import Problem
from xswitch.profiles.problems import decisive, own_problems, source_problems
from xswitch.profiles.profile import Kind, Profile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.awsfiles.files import AwsFiles
    from xswitch.locations import Locations


class Break:
    """Where the chain of a profile cannot be followed: at which profile, and why."""

    __slots__ = ("at", "cycle", "problem")

    def __init__(self, at: str, problem: Problem, cycle: tuple[str, ...] = ()) -> None:
        self.at = at
        self.problem = problem
        self.cycle = cycle


class Profiles:
    """The profiles of both files by name, in file order. Nothing here recurses: chains may be long."""

    def __init__(self, files: AwsFiles) -> None:
        self.files = files
        self._profiles: dict[str, Profile] = {}
        self._breaks: dict[str, Break | None] = {}

    def __len__(self) -> int:
        return len(self.files.profiles)

    def __contains__(self, name: object) -> bool:
        return name in self.files.profiles

    def __iter__(self) -> Iterator[Profile]:
        return (self[name] for name in self.files.profiles)

    def __getitem__(self, name: str) -> Profile:
        profile = self._profiles.get(name)
        if profile is None:
            profile = self._profiles[name] = Profile(self.files.profiles[name])
        return profile

    def chain(self, name: str) -> list[str]:
        """Return the names from the profile to the root of its chain, as far as it can be followed."""
        chain = {name: None}  # in order, and quick to look up
        current = name
        while (following := self._following(current, first=current == name)) is not None:
            if following in chain or following not in self:
                break
            chain[following] = None
            current = following
        return list(chain)

    def hops(self, name: str) -> list[Profile]:
        """Return the profiles of the chain whose roles are assumed, the last one to be assumed first."""
        return [
            self[member]
            for position, member in enumerate(self.chain(name))
            if self[member].assumes_role and (position == 0 or not self[member].has_static_keys)
        ]

    def problems(self, name: str) -> list[Problem]:
        """Return what is wrong with a profile: by itself, and along its chain."""
        profile = self[name]
        problems = own_problems(profile, self.files)
        found = self.chain_break(name)
        if found is not None and not any(problem.code == found.problem.code for problem in problems):
            problems.insert(0, self._seen_from(profile, found))
        return problems

    def chain_break(self, name: str) -> Break | None:
        """Return where the chain of a role profile breaks, or None."""
        profile = self[name]
        if profile.kind != Kind.ROLE:
            return None
        if profile.has_static_keys:
            # As a source it would give its keys, so what is known of it as a source does not hold here.
            return self._walk(name, {})
        return self._walk(name, self._breaks)

    def _walk(self, name: str, known: dict[str, Break | None]) -> Break | None:
        path: dict[str, None] = {}
        current = name
        while True:
            if current in known:
                found = known[current]
                break
            path[current] = None
            following = self._following(current, first=current == name)
            found = self._check(current, following, path)
            if found is not None or following is None or following == current:
                break
            if self[following].has_static_keys or not self[following].assumes_role:
                break
            current = following
        known.update(dict.fromkeys(path, found))
        return found

    def _following(self, name: str, *, first: bool) -> str | None:
        """Return the name of the profile that `name` gets its credentials from, or None at a root."""
        profile = self[name]
        if not profile.assumes_role or (not first and profile.has_static_keys):
            return None
        if "credential_source" in profile.settings:
            return None
        return profile.text("source_profile")

    def _check(self, name: str, following: str | None, path: dict[str, None]) -> Break | None:
        """Return what is wrong with the step from `name` (botocore's `_validate_source_profile`)."""
        profile = self[name]
        if following is None:
            problem = decisive(own_problems(profile, self.files))
            return Break(name, problem) if problem else None
        file, line = profile.place_of("source_profile")
        if following not in self:
            text = f"the source profile “{following}” does not exist: correct the name, or add the profile"
            return Break(name, Problem("source-missing", text, file, line))
        source = self[following]
        if following in path and not (following == name and source.has_static_keys):
            names = list(path)
            cycle = (*names[names.index(following) :], following)
            text = f"the source profiles form a circle ({_shorten(cycle)}): one of them needs another source"
            return Break(name, Problem("source-cycle", text, file, line), cycle)
        if source.assumes_role and not source.has_static_keys:
            return None
        if source.kind_as_source == Kind.NONE:
            text = (
                f"the source profile “{following}” has no credentials: give it some, or name another source"
            )
            return Break(name, Problem("source-empty", text, file, line))
        problem = decisive(source_problems(source, self.files))
        return Break(following, problem) if problem else None

    def _seen_from(self, profile: Profile, found: Break) -> Problem:
        if found.at == profile.name or found.cycle:
            return found.problem
        file, line = profile.place_of("source_profile")
        text = f"the source profile “{found.at}” cannot be used: {found.problem.message}"
        return Problem("source-broken", text, file, line)


def _shorten(cycle: tuple[str, ...]) -> str:
    names = cycle if len(cycle) <= 6 else (*cycle[:3], "…", *cycle[-2:])
    return " → ".join(names)


def read_profiles(locations: Locations) -> Profiles:
    """Read the user's profiles. Never raises for what stands in the files."""
    return Profiles(read_files(locations.config, locations.credentials))
