"""All profiles, how they hang together (chains, and where they break), and finding one by its name."""

from __future__ import annotations

from xswitch.awsfiles.files import are_large, read_files
from xswitch.awsfiles.settings import Problem
from xswitch.errors import XswitchError
from xswitch.profiles.problems import decisive, own_problems, source_problems
from xswitch.profiles.profile import Kind, Profile
from xswitch.text import printable

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
        self._good_roots: set[str] = set()  # source profiles that assume no role and have no problem

    def __len__(self) -> int:
        return len(self.files.names)

    def __contains__(self, name: object) -> bool:
        return name in self.files.names

    def __iter__(self) -> Iterator[Profile]:
        for name, values in self.files.every():
            if name not in self._profiles:
                self._profiles[name] = Profile(self.files, name, values)
            yield self._profiles[name]

    def __getitem__(self, name: str) -> Profile:
        profile = self._profiles.get(name)
        if profile is None:
            profile = self._profiles[name] = self.passing(name)
        return profile

    def passing(self, name: str) -> Profile:
        """Return a profile for those who look at thousands once: it is not kept."""
        return Profile(self.files, name, self.files.values(name))

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

    def root(self, name: str) -> Profile:
        """Return the profile at the end of the chain, as far as it can be followed."""
        return self[self.chain(name)[-1]]

    def root_kind(self, name: str) -> str:
        """Return the kind of what is at the end of the chain: where the credentials come from."""
        root = self.root(name)
        return root.kind if root.name == name else root.kind_as_source

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
            problems.insert(0, _seen_from(profile, found))
        elif found is None and "duration_seconds" in profile.values:
            from xswitch.profiles.durations import duration_problem

            refused = duration_problem(self, name)
            problems += [refused] if refused else []
        return problems

    def chain_break(self, name: str) -> Break | None:
        """Return where the chain of a role profile breaks, or None."""
        profile = self[name]
        if not profile.assumes_role:
            return None
        if profile.has_static_keys:
            # As a source it would give its keys, so what is known of it as a source does not hold here.
            return self._walk(profile, {})
        if _source_of(profile) in self._good_roots:
            return None  # as nearly all of thousands
        return self._breaks[name] if name in self._breaks else self._walk(profile, self._breaks)

    def _walk(self, profile: Profile, known: dict[str, Break | None]) -> Break | None:
        """Follow the chain to its first fault, as botocore does, or to what is known already."""
        path: dict[str, None] = {}
        found = None
        current: Profile | None = profile
        while current is not None:
            if current.name in known:
                found = known[current.name]
                break
            path[current.name] = None
            current, found = self._step(current, path)
        for name in path:
            known[name] = found
        return found

    def _step(self, profile: Profile, path: dict[str, None]) -> tuple[Profile | None, Break | None]:
        """Return the next profile whose role is assumed, if any, and what is wrong with the step to it."""
        source_name = _source_of(profile)
        if source_name is None:
            problem = decisive(own_problems(profile, self.files))
            return None, Break(profile.name, problem) if problem else None
        if source_name not in self:
            text = f"the source profile “{source_name}” does not exist: correct the name, or add the profile"
            return None, Break(profile.name, _at_source(profile, "source-missing", text))
        source = self[source_name]
        if source_name in path and not (source is profile and source.has_static_keys):
            names = list(path)
            cycle = (*names[names.index(source_name) :], source_name)
            text = f"the source profiles form a circle ({_shorten(cycle)}): one of them needs another source"
            return None, Break(profile.name, _at_source(profile, "source-cycle", text), cycle)
        if source.assumes_role and not source.has_static_keys:
            return source, None
        if source.kind_as_source == Kind.NONE:
            text = f"the source profile “{source_name}” has no credentials: add some, or name another source"
            return None, Break(profile.name, _at_source(profile, "source-empty", text))
        return None, self._root_break(source)

    def _root_break(self, root: Profile) -> Break | None:
        """Return what is wrong with a source profile that assumes no role; a good one is remembered."""
        problem = decisive(source_problems(root, self.files))
        if problem is not None:
            return Break(root.name, problem)
        self._good_roots.add(root.name)
        return None

    def _following(self, name: str, *, first: bool) -> str | None:
        """Return the name of the profile that `name` gets its credentials from, or None at a root."""
        profile = self[name]
        if not profile.assumes_role or (not first and profile.has_static_keys):
            return None
        return _source_of(profile)


def _source_of(profile: Profile) -> str | None:
    return None if "credential_source" in profile.values else profile.text("source_profile")


def _at_source(profile: Profile, code: str, text: str) -> Problem:
    file, line = profile.place_of("source_profile")
    return Problem(code, text, file, line)


def _seen_from(profile: Profile, found: Break) -> Problem:
    if found.at == profile.name or found.cycle:
        return found.problem
    text = f"the source profile “{found.at}” cannot be used: {found.problem.message}"
    return _at_source(profile, "source-broken", text)


def _shorten(cycle: tuple[str, ...]) -> str:
    names = cycle if len(cycle) <= 6 else (*cycle[:3], "…", *cycle[-2:])
    return " → ".join(names)


def read_profiles(locations: Locations) -> Profiles:
    """Read the user's profiles. Never raises for what stands in the files."""
    return Profiles(read_files(locations.config, locations.credentials))


def profiles_for(locations: Locations, name: str) -> Profiles:
    """Return profiles among which `name` and everything it sources from are, if they exist.

    Of large files that is an excerpt; where the profile does not exist it is always everything.
    """
    if are_large(locations.config, locations.credentials):
        from xswitch.awsfiles.excerpt import read_excerpt

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
