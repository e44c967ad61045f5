"""The config and credentials files merged into profiles, as botocore merges them."""

from __future__ import annotations

import errno
import os

from xswitch.awsfiles.ini import IniFile
from xswitch.awsfiles.problems import Problem
from xswitch.regular import read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.awsfiles.ini import Section
    from xswitch.awsfiles.settings import Settings, Values

_NO_FILE: dict[int | None, str] = {
    errno.EISDIR: "is a folder",
    errno.EINVAL: "is not a regular file",
    errno.ENXIO: "is not a regular file",
}
PROFILE, SSO_SESSION, _SERVICES = _KINDS = ("profile", "sso-session", "services")
_PLAIN = frozenset(" \t\r\n'\"\\").isdisjoint  # has nothing that `shlex` does not take as it is


class ProfileEntry:
    """What the two files say about one profile. Either section may be missing, never both.

    Settings know their places; values, for those who look at thousands of profiles, do not.
    """

    __slots__ = ("_files", "_settings", "config_section", "credentials_section", "name")

    def __init__(self, files: AwsFiles, name: str, config_section: Section | None = None) -> None:
        self._files = files
        self.name = name
        self.config_section = config_section
        self.credentials_section: Section | None = None
        self._settings: Settings | None = None

    @property
    def config(self) -> Settings:
        """The settings in the config file."""
        section = self.config_section
        return self._files.config.settings(section) if section else {}

    @property
    def credentials(self) -> Settings:
        """The settings in the credentials file."""
        section = self.credentials_section
        return self._files.credentials.settings(section) if section else {}

    @property
    def settings(self) -> Settings:
        """Both merged: the credentials file wins, key by key (botocore, `Session.full_config`)."""
        if self._settings is None:
            if self.credentials_section is None:
                self._settings = self.config
            elif self.config_section is None:
                self._settings = self.credentials
            else:
                self._settings = self.config | self.credentials
        return self._settings

    @property
    def config_values(self) -> Values:
        """The values in the config file."""
        section = self.config_section
        return self._files.config.values(section) if section else {}

    @property
    def credentials_values(self) -> Values:
        """The values in the credentials file."""
        section = self.credentials_section
        return self._files.credentials.values(section) if section else {}

    @property
    def values(self) -> Values:
        """The values of `settings`."""
        if self.credentials_section is None and self.config_section is not None:
            return self._files.config.values(self.config_section)
        return self.config_values | self.credentials_values

    def sso_session_values(self, name: str) -> Values:
        """Return the values of `[sso-session NAME]`, empty where there is none."""
        return self._files.sso_session_values(name)

    @property
    def place(self) -> tuple[str, int]:
        """File and line of the section's header, that of the config file first."""
        if self.config_section:
            return self._files.config.path, self.config_section.line
        assert self.credentials_section is not None  # noqa: S101 - one of the two made the entry
        return self._files.credentials.path, self.credentials_section.line


class AwsFiles:
    """Both files as read at one moment: profiles in the order of `aws configure list-profiles`.

    `replaced` are the sections of the config file that a later one of another spelling takes the place of.
    """

    def __init__(self, config: IniFile, credentials: IniFile, problems: list[Problem]) -> None:
        self.config = config
        self.credentials = credentials
        self.profiles: dict[str, ProfileEntry] = {}
        self._sso_sessions: dict[str, Section] = {}
        self._services: dict[str, Section] = {}
        self.replaced: dict[str, Section] = {}
        self._problems = problems
        for header, section in config.sections.items():
            name = header[8:]
            if header[:8] == "profile " and name and name not in self.profiles and _PLAIN(name):
                self.profiles[name] = ProfileEntry(self, name, section)  # as nearly all are
            else:
                self._add_config_section(header, section)
        for header, section in credentials.sections.items():
            # Section names of the credentials file are literal: no prefix, no quotes.
            self._entry(header).credentials_section = section

    @property
    def sso_sessions(self) -> dict[str, Settings]:
        """The `[sso-session NAME]` sections by name."""
        return {name: self.config.settings(section) for name, section in self._sso_sessions.items()}

    def sso_session(self, name: str) -> Settings | None:
        """Return the settings of one `[sso-session NAME]`, or None."""
        section = self._sso_sessions.get(name)
        return None if section is None else self.config.settings(section)

    def sso_session_values(self, name: str) -> Values:
        """Return the values of one `[sso-session NAME]`, empty where there is none."""
        section = self._sso_sessions.get(name)
        return {} if section is None else self.config.values(section)

    def sso_session_header(self, name: str) -> str:
        """Return the header of one `[sso-session NAME]`, which is there."""
        return self._sso_sessions[name].header

    @property
    def services(self) -> dict[str, Settings]:
        """The `[services NAME]` sections by name."""
        return {name: self.config.settings(section) for name, section in self._services.items()}

    def problems(self) -> list[Problem]:
        """Return what is wrong with the files themselves, the config file first, by line."""
        return [*self._problems, *self.config.problems(), *self.credentials.problems()]

    def _entry(self, name: str) -> ProfileEntry:
        entry = self.profiles.get(name)
        if entry is None:
            entry = self.profiles[name] = ProfileEntry(self, name)
        return entry

    def _add_config_section(self, header: str, section: Section) -> None:
        """Sort a section in by its header: botocore's `build_profile_map`, prefixes and all."""
        if header == "default":
            self._set_config_section(header, section)
            return
        kind = _kind_of(header)
        name = self._section_name(header, section) if kind else None
        if name is None:
            return
        if kind == PROFILE:
            self._set_config_section(name, section)
        elif kind == SSO_SESSION:
            self._sso_sessions[name] = section
        else:
            self._services[name] = section

    def _set_config_section(self, name: str, section: Section) -> None:
        entry = self._entry(name)
        if entry.config_section is not None:
            earlier = entry.config_section
            self.config.note(
                "section-replaced",
                f"[{earlier.header}] is ignored as a whole, because [{section.header}] in line "
                f"{section.line} means the same profile: merge the two sections",
                earlier.line,
                fatal=False,
            )
            self.replaced[name] = earlier
        entry.config_section = section

    def _section_name(self, header: str, section: Section) -> str | None:
        words = split_header(header)
        if words is not None and len(words) == 2:
            return words[1]
        if "]" in header:
            # The text after the header is not quoted: what people write there is not known.
            text = "this section is ignored, as its header reaches to the last `]`: end the line at the first"
        else:
            text = (
                f"[{header}] is ignored: write the kind and one name, "
                "in quotes where the name has blanks or quotes"
            )
        self.config.note("section-ignored", text, section.line, fatal=False)
        return None


def _kind_of(header: str) -> str:
    return next((kind for kind in _KINDS if header.startswith(kind)), "")


def config_header(kind: str, name: str) -> str:
    """Return the header of a section of the config file, its name quoted where `shlex` would split it."""
    if (kind, name) == (PROFILE, "default"):
        return name
    if name and _PLAIN(name):
        return f"{kind} {name}"
    if '"' in name and "'" not in name:
        return f"{kind} '{name}'"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{kind} "{escaped}"'


def split_header(header: str) -> list[str] | None:
    """Return the words of a section header as `shlex.split` sees them, or None where it refuses."""
    if "'" in header or '"' in header or "\\" in header:
        kind, *quoted = header.split('"')
        if len(quoted) == 2 and not quoted[1] and kind.endswith(" "):
            words = [kind[:-1], quoted[0]]
            if _PLAIN("".join(words).replace(" ", "")) and " " not in words[0]:
                return words  # a name in double quotes, which may have blanks
        import shlex

        try:
            return shlex.split(header)
        except ValueError:
            return None
    # shlex's white space is these four, not Unicode's.
    return [word for word in header.replace("\t", " ").replace("\r", " ").split(" ") if word]


def read_files(config: str, credentials: str) -> AwsFiles:
    """Read both files. Neither a missing nor a broken file is an error: see `AwsFiles.problems`."""
    problems: list[Problem] = []
    return AwsFiles(read_ini(config, problems), read_ini(credentials, problems), problems)


def read_ini(path: str, problems: list[Problem]) -> IniFile:
    """Read one file. What keeps it from being read goes to `problems`; what is wrong in it stays with it."""
    return IniFile(path, _decode(_bytes(path, problems)))


def files_of(config: tuple[str, bytes], credentials: tuple[str, bytes]) -> AwsFiles:
    """Return both files as they would be with that content; each is its path and its bytes."""
    files = [IniFile(path, _decode(data)) for path, data in (config, credentials)]
    return AwsFiles(files[0], files[1], [])


def _bytes(path: str, problems: list[Problem]) -> bytes:
    """Return the file's bytes; a file that cannot be read is empty, as it is for the AWS CLI, but noted."""
    if path == os.devnull:  # how people say that there is to be no such file
        return b""
    try:
        return read_regular(path)[0]
    except FileNotFoundError:
        if os.path.islink(path):
            text = "is a link to a file that does not exist; aws takes it for an empty file"
            problems.append(Problem("not-a-file", text, path, 0))
    except (OSError, ValueError) as error:
        what = _NO_FILE.get(getattr(error, "errno", None))
        reason = getattr(error, "strerror", None) or str(error)
        text = f"{what or f'cannot be read ({reason})'}; aws takes it for an empty file"
        problems.append(Problem("not-a-file" if what else "unreadable", text, path, 0))
    return b""


def _decode(data: bytes) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        # UTF-16 from a Windows editor. Its mark becomes the one of UTF-8, which is reported.
        return "\ufeff" + data.decode("utf-16", "replace")
    return data.decode("utf-8", "surrogateescape")
