"""What the checks look at: everything read once, and sorted so that a check sees only what concerns it."""

from __future__ import annotations

import os
from bisect import bisect_right

from xswitch.doctor.words import KNOWN_KEYS
from xswitch.errors import XswitchError
from xswitch.locations import PROFILE_VARIABLES
from xswitch.profiles.collection import read_profiles
from xswitch.regular import read_regular
from xswitch.sessions.cache import CacheFolder
from xswitch.settings.reading import load_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from xswitch.awsfiles.ini import IniFile, Section
    from xswitch.awsfiles.settings import Problem, Setting
    from xswitch.locations import Locations
    from xswitch.profiles.profile import Profile
    from xswitch.settings.model import Settings


class Examined:
    """The profiles, the environment and the settings of one user at one moment.

    `by_key` are the profiles that have a setting, `by_code` the problems that reading and resolving the
    profiles has met, each with its profile ("" for a problem of a file), and `dependents` the names of the
    profiles whose source each profile is. `caches` are the cache folders by path, `cache_problems` the bad
    files met in them so far. `settings` are None where none of them count; with others there may still be a
    fault, for which the terminal UI does not open.
    """

    def __init__(
        self,
        locations: Locations,
        environ: Mapping[str, str],
        now: datetime,
        check_settings: Callable[[Settings], None] | None = None,
    ) -> None:
        self.locations = locations
        self.environ = environ
        self.now = now
        self.settings: Settings | None = None
        self.settings_fault: XswitchError | None = None
        try:
            self.settings = load_settings(locations.settings)
            if check_settings is not None and (self.settings.keys or self.settings.theme):
                check_settings(self.settings)
        except XswitchError as error:
            self.settings_fault = error
        self.profiles = read_profiles(locations)
        self.files = self.profiles.files
        self.by_key: dict[str, list[Profile]] = {}
        self.dependents: dict[str, list[str]] = {}
        self.by_code: dict[str, list[tuple[str, Problem]]] = {}
        self._owners: dict[str, tuple[list[int], list[str]]] = {}  # lines in order, and whose they begin
        self._names: dict[int, str] = {}
        self._odd: list[tuple[IniFile, int, str, str]] | None = None
        self._texts: dict[str, str] = {}
        self.cache_problems: list[Problem] = []
        paths = (locations.cli_cache, locations.boto_cache, locations.sso_cache, locations.mfa_cache)
        self.caches = {path: CacheFolder(path, self.cache_problems) for path in paths}
        self.caches[locations.login_cache] = CacheFolder(
            locations.login_cache, self.cache_problems, key_length=64
        )
        self._sort_profiles()
        for problem in self.files.problems():
            self._add(self.owner(problem.file, problem.line), problem)

    def _sort_profiles(self) -> None:
        by_key = self.by_key
        for profile in self.profiles:
            for key in profile.values:
                if key in by_key:
                    by_key[key].append(profile)
                else:
                    by_key[key] = [profile]
            source = profile.source
            if source is not None:
                self.dependents.setdefault(source, []).append(profile.name)
            for problem in self.profiles.problems(profile.name):
                self._add(profile.name, problem)

    def _add(self, name: str, problem: Problem) -> None:
        self.by_code.setdefault(problem.code, []).append((name, problem))

    def having(self, key: str) -> list[Profile]:
        """Return the profiles that have a setting, in file order."""
        return self.by_key.get(key, [])

    def values_of(self, key: str) -> dict[str, list[Profile]]:
        """Return the different values (texts only) of a setting, each with the profiles that have it."""
        found: dict[str, list[Profile]] = {}
        for profile in self.having(key):
            value = profile.values[key]
            if type(value) is str:
                if value in found:
                    found[value].append(profile)
                else:
                    found[value] = [profile]
        return found

    def owner(self, file: str, line: int) -> str:
        """Return the name of the profile in whose section a line stands, "" where it is none."""
        if not line:
            return ""
        if file not in self._owners:
            found = sorted(self._sections_in(file))
            self._owners[file] = [start for start, _ in found], [owner for _, owner in found]
        starts, owners = self._owners[file]
        place = bisect_right(starts, line)
        return owners[place - 1] if place else ""

    def name_of(self, section: Section) -> str:
        """Return the name of the profile that a section is of, "" where it is of none."""
        if not self._names:
            for profile in self.profiles:
                for own in (profile.entry.config_section, profile.entry.credentials_section):
                    if own is not None:
                        self._names[id(own)] = profile.name
            for name, own in self.files.replaced.items():
                self._names[id(own)] = name
        return self._names.get(id(section), "")

    def _sections_in(self, file: str) -> Iterator[tuple[int, str]]:
        for ini in self.ini_files:
            if ini.path == file:
                for section in ini.sections.values():
                    yield section.line, self.name_of(section)
                for setting in ini.defaults.values():
                    yield setting.line, ""

    @property
    def ini_files(self) -> tuple[IniFile, IniFile]:
        """The config file and the credentials file."""
        return self.files.config, self.files.credentials

    def text_of(self, ini: IniFile) -> str:
        """Return the text of one of the two files with plain line ends, for what parsing does not keep."""
        if ini.path not in self._texts:
            try:
                text = read_regular(ini.path)[0].decode("utf-8", "surrogateescape")
            except (OSError, ValueError):
                text = ""
            self._texts[ini.path] = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
        return self._texts[ini.path]

    def odd_keys(self) -> list[tuple[IniFile, int, str, str]]:
        """Return the settings whose key has capitals or is followed by a `:`: file, line, key, delimiter.

        Only of lines that are not indented, which are no part of another setting.
        """
        if self._odd is None:
            self._odd = [
                (ini, *found) for ini in self.ini_files for found in _odd_keys(self.text_of(ini).split("\n"))
            ]
        return self._odd

    def session_settings(self) -> Iterator[tuple[str, str, Setting]]:
        """Yield every setting of every `[sso-session]`: the session's name, key and setting."""
        for name, settings in self.files.sso_sessions.items():
            for key, setting in settings.items():
                yield name, key, setting

    def sections(self) -> Iterator[tuple[IniFile, str, Section]]:
        """Yield every section of both files with its file and its header."""
        for ini in self.ini_files:
            for header, section in ini.sections.items():
                yield ini, header, section

    @property
    def has_credentials_file(self) -> bool:
        """Whether there is one. In CI there often is none: whoever uses the config has keys in their own."""
        path = self.locations.credentials
        return path != os.devnull and os.path.lexists(path)

    @property
    def named(self) -> str | None:
        """The profile that this environment chooses for the AWS CLI v2, or None."""
        return next((self.environ[name] for name in PROFILE_VARIABLES if self.environ.get(name)), None)


def _odd_keys(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    fine = {""}  # what stands before a `=`: few keys, in many lines
    for number, line in enumerate(lines, 1):
        before, equals, _ = line.partition("=")
        if before in fine or line[0] in "[#;\ufeff" or line[0].isspace():
            continue
        key, colon, _ = before.partition(":")
        name = key.rstrip()
        # Of other keys nobody knows whether they are not a piece of a secret.
        if not (equals or colon) or name.lower() not in KNOWN_KEYS:
            continue
        if colon or name != name.lower():
            yield number, name, colon or "="
        else:
            fine.add(before)
