"""The config and credentials files merged into profiles, as botocore merges them."""

from __future__ import annotations

import os

from xswitch.awsfiles.ini import IniFile
from xswitch.awsfiles.settings import Problem
from xswitch.regular import read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from xswitch.awsfiles.ini import Section
    from xswitch.awsfiles.settings import Settings, Values

PROFILE, SSO_SESSION, _SERVICES = _KINDS = ("profile", "sso-session", "services")
_LARGE = 50_000  # bytes; what is smaller is read whole as quickly
_MARKS = "\t\r\n'\"\\"  # what `shlex` does not take as it is, beside the blank
_PLAIN = frozenset(f" {_MARKS}").isdisjoint


class ProfileEntry:
    """What the two files say about one profile. Either section may be missing, never both.

    Settings know their places; values, for those who look at thousands of profiles, do not.
    """

    __slots__ = ("_files", "_header", "_settings", "name")

    def __init__(self, files: AwsFiles, name: str, header: str | None) -> None:
        self._files = files
        self._header = header  # in the config file; in the credentials file it is the name
        self.name = name
        self._settings: Settings | None = None

    @property
    def config_section(self) -> Section | None:
        """The section of the config file."""
        return None if self._header is None else self._files.config.section(self._header)

    @property
    def credentials_section(self) -> Section | None:
        """The section of the credentials file."""
        return self._files.credentials.section(self.name)

    @property
    def config(self) -> Settings:
        """The settings in the config file."""
        return {} if self._header is None else self._files.config.settings(self._header)

    @property
    def credentials(self) -> Settings:
        """The settings in the credentials file."""
        file = self._files.credentials
        return file.settings(self.name) if self.name in file.headers else {}

    @property
    def settings(self) -> Settings:
        """Both merged: the credentials file wins, key by key (botocore, `Session.full_config`)."""
        if self._settings is None:
            self._settings = self.config | self.credentials
        return self._settings

    @property
    def config_values(self) -> Values:
        """The values in the config file."""
        return {} if self._header is None else self._files.config.values(self._header)

    @property
    def credentials_values(self) -> Values:
        """The values in the credentials file."""
        return self._files.credentials_values(self.name)

    @property
    def values(self) -> Values:
        """The values of `settings`."""
        return self._files.values(self.name)

    def sso_session_values(self, name: str) -> Values:
        """Return the values of `[sso-session NAME]`, empty where there is none."""
        return self._files.sso_session_values(name)

    @property
    def place(self) -> tuple[str, int]:
        """File and line of the section's header, that of the config file first."""
        for file, section in (
            (self._files.config, self.config_section),
            (self._files.credentials, self.credentials_section),
        ):
            if section is not None:
                return file.path, section.line
        raise KeyError(self.name)  # one of the two made the entry


class AwsFiles:
    """Both files as read at one moment: profiles in the order of `aws configure list-profiles`."""

    def __init__(self, config: IniFile, credentials: IniFile, problems: list[Problem]) -> None:
        self.config = config
        self.credentials = credentials
        self._replaced: dict[str, str] = {}
        self._sso_sessions: dict[str, str] = {}  # headers, by name
        self._services: dict[str, str] = {}
        self._entries: dict[str, ProfileEntry] = {}
        self._others: list[str] = []  # headers of the config file that stand for no profile
        self._problems = problems
        self._is_read = False
        headers: dict[str, str | None] = {}  # in the config file, by the name of the profile
        # Whether a header has marks is not asked of thousands of them where none has.
        text = "".join(config.headers)
        are_words = not any(mark in text for mark in _MARKS)
        for header in config.headers:
            kind, _, name = header.partition(" ")
            plain = " " not in name if are_words else _PLAIN(name)
            if kind == PROFILE and name and name not in headers and plain:
                headers[name] = header  # as nearly all are
            else:
                self._add_config_section(header, headers)
        # Section names of the credentials file are literal: no prefix, no quotes.
        self._credentials = credentials.headers
        for name in self._credentials:
            headers.setdefault(name)
        self._headers = headers

    @property
    def names(self) -> Mapping[str, object]:
        """The names of the profiles, as the keys of a mapping."""
        return self._headers

    @property
    def profiles(self) -> dict[str, ProfileEntry]:
        """Every profile by its name."""
        return {name: self.entry(name) for name in self._headers}

    def entry(self, name: str) -> ProfileEntry:
        """Return what the files say about a profile, which is there."""
        entry = self._entries.get(name)
        if entry is None:
            entry = self._entries[name] = ProfileEntry(self, name, self._headers[name])
        return entry

    def values(self, name: str) -> Values:
        """Return the values of a profile that is there: both files merged, as `ProfileEntry.settings`.

        They are not kept here: that would take as long as reading them, as memory that is used for the first
        time is slow.
        """
        header = self._headers[name]
        if header is None:
            return self.credentials.passing_values(name)
        values = self.config.passing_values(header)
        return values | self.credentials.passing_values(name) if name in self._credentials else values

    def every(self) -> Iterator[tuple[str, Values]]:
        """Yield the name and the `values` of every profile. Every section is read for it."""
        config, credentials = self.config, self._credentials
        read = config.passing_values if config.default_values else config.passing_own_values
        for name, header in self._headers.items():
            if header is not None and name not in credentials:
                yield name, read(header)  # as nearly all are
            else:
                yield name, self.values(name)
        for header in self._others:
            self.config.passing_values(header)
        self._is_read = True

    def credentials_values(self, name: str) -> Values:
        """Return the values of a profile in the credentials file, empty where it is not there."""
        return self.credentials.values(name) if name in self._credentials else {}

    @property
    def replaced(self) -> dict[str, Section]:
        """The sections of the config file that a later one of another spelling takes the place of."""
        sections = self.config.sections if self._replaced else {}
        return {name: sections[header] for name, header in self._replaced.items()}

    @property
    def sso_sessions(self) -> dict[str, Settings]:
        """The `[sso-session NAME]` sections by name."""
        return {name: self.config.settings(header) for name, header in self._sso_sessions.items()}

    def sso_session(self, name: str) -> Settings | None:
        """Return the settings of one `[sso-session NAME]`, or None."""
        header = self._sso_sessions.get(name)
        return None if header is None else self.config.settings(header)

    def sso_session_values(self, name: str) -> Values:
        """Return the values of one `[sso-session NAME]`, empty where there is none."""
        header = self._sso_sessions.get(name)
        return {} if header is None else self.config.values(header)

    def sso_session_header(self, name: str) -> str:
        """Return the header of one `[sso-session NAME]`, which is there."""
        return self._sso_sessions[name]

    @property
    def services(self) -> dict[str, Settings]:
        """The `[services NAME]` sections by name."""
        return {name: self.config.settings(header) for name, header in self._services.items()}

    def problems(self) -> list[Problem]:
        """Return what is wrong with the files themselves, the config file first, by line."""
        if not self._is_read:
            for _ in self.every():
                pass
        return [*self._problems, *self.config.problems_met(), *self.credentials.problems_met()]

    def _add_config_section(self, header: str, headers: dict[str, str | None]) -> None:
        """Sort a section in by its header: botocore's `build_profile_map`, prefixes and all."""
        kind = PROFILE if header == "default" else _kind_of(header)
        name = header if header == "default" else self._section_name(header) if kind else None
        if name is not None and kind == PROFILE:
            earlier = headers.get(name)
            if earlier is not None:
                self._note_replaced(name, earlier, header)
            headers[name] = header
            return
        self._others.append(header)
        if name is not None:
            named = self._sso_sessions if kind == SSO_SESSION else self._services
            named[name] = header

    def _note_replaced(self, name: str, earlier: str, later: str) -> None:
        self.config.note(
            "section-replaced",
            f"[{earlier}] is ignored as a whole, because [{later}] in line "
            f"{self.config.line_of(later)} means the same profile: merge the two sections",
            self.config.line_of(earlier),
            fatal=False,
        )
        self._replaced[name] = earlier
        self._others.append(earlier)

    def _section_name(self, header: str) -> str | None:
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
        self.config.note("section-ignored", text, self.config.line_of(header), fatal=False)
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


def are_large(*paths: str) -> bool:
    """Tell whether files are so large that it pays to look for an excerpt."""
    return sum(map(_size, paths)) > _LARGE


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return 0


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
        what = _what_it_is(error)
        reason = getattr(error, "strerror", None) or str(error)
        text = f"{what or f'cannot be read ({reason})'}; aws takes it for an empty file"
        problems.append(Problem("not-a-file" if what else "unreadable", text, path, 0))
    return b""


def _what_it_is(error: Exception) -> str:
    """Return what stands in the place of a file by the error of reading it, "" where that says nothing."""
    import errno  # costs 1 % of a Python start

    if isinstance(error, IsADirectoryError):
        return "is a folder"
    return "is not a regular file" if getattr(error, "errno", None) in {errno.EINVAL, errno.ENXIO} else ""


def _decode(data: bytes) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        # UTF-16 from a Windows editor. Its mark becomes the one of UTF-8, which is reported.
        return "\ufeff" + data.decode("utf-16", "replace")
    return data.decode("utf-8", "surrogateescape")
