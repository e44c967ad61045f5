"""Reading one file as Python's `configparser` reads it, with line numbers, and never failing whole.

botocore reads both files with `configparser.RawConfigParser()`, so its rules are the format: full-line
comments only, `=` and `:` as delimiters, keys in lower case, indented lines continue the value above,
`[DEFAULT]` leaks into every section. Where configparser raises, we note a problem and read on; a section
or key that stands twice is then merged, the later value winning, as other AWS SDKs do.

A file of 5,000 profiles is cut at its headers by `str.split`, and a section is made and read when it is
asked for. That is exact as long as only a `[` at the start of a line can begin a header, and no header stands
twice; any other file is read whole by the same reader.
"""

from __future__ import annotations

from xswitch.awsfiles.settings import Problem, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from xswitch.awsfiles.reader import Reader
    from xswitch.awsfiles.settings import Setting, Settings, Values

DEFAULT_SECTION = "DEFAULT"
_LINES_COUNTED = 500  # of sections, at least


class Section:
    """A section: its header text (between the brackets), its line, and what it holds.

    `text` is its own from the header on, without the bracket before it, where that was not read yet.
    """

    __slots__ = ("_file", "_settings", "_text", "header", "line")

    def __init__(self, file: IniFile, header: str, line: int, text: str = "") -> None:
        self._file = file
        self.header = header
        self.line = line
        self._text = text
        self._settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        """The section's own settings by key, without those of `[DEFAULT]`."""
        if self._settings is None:
            settings: Settings = {}
            if self._text:
                reader = _reader(self._file)
                reader.enter(settings)
                reader.read(self._text.split("\n")[1:], self.line + 1)
            self._settings = settings  # when it is whole: several threads may ask
        return self._settings

    @property
    def values(self) -> Values:
        """The values of `settings`."""
        return self._file.own_values(self.header)


class IniFile:
    """One file: its sections by header text, in file order, and what is wrong with it."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self._keys = _Keys()
        self._sections: dict[str, Section] = {}
        self._values: dict[str, Values] = {}
        self._texts: dict[str, str] = {}  # of the sections of a file that was cut, by header
        self._first_line = 1  # of the first of them
        self._lines: dict[str, int] = {}  # of those counted so far
        self._problems: list[Problem] = []
        self._nested: list[tuple[Problem, Setting]] = []  # bad lines of nested blocks, and whose they are
        # Universal newlines, as open() translates them for configparser.
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = self._without_marks(text)
        if not self._cut(text):
            self._read_whole(text)
        default = self._section(DEFAULT_SECTION) if DEFAULT_SECTION in self.headers else None
        self.defaults: Settings = default.settings if default else {}
        self.default_values = plain(self.defaults)
        if default is not None:
            self._sections.pop(DEFAULT_SECTION)
            self._texts.pop(DEFAULT_SECTION, None)

    @property
    def headers(self) -> Mapping[str, object]:
        """The header texts, in file order, as the keys of a mapping."""
        return self._texts or self._sections

    @property
    def sections(self) -> dict[str, Section]:
        """Every section by its header text, in file order."""
        return {header: self._section(header) for header in self.headers}

    def section(self, header: str) -> Section | None:
        """Return the section of that header text, or None."""
        return self._section(header) if header in self.headers else None

    def line_of(self, header: str) -> int:
        """Return the line of the header of a section, from 1."""
        if not self._texts:
            return self._sections[header].line
        lines = self._lines
        if header not in lines:
            lines = self._lines = self._lines_until(header)
        return lines[header]

    def _lines_until(self, header: str) -> dict[str, int]:
        """Return the lines as far as a section, and some more: what is on the screen is where a file begins.

        Of `[DEFAULT]`, which is taken out afterwards, all. Several threads may count, each its own.
        """
        least = max(_LINES_COUNTED, 2 * len(self._lines))
        lines: dict[str, int] = {}
        line = self._first_line
        for each, text in self._texts.items():
            if len(lines) >= least and header in lines and header != DEFAULT_SECTION:
                break
            lines[each] = line
            line += text.count("\n") + 1
        return lines

    def settings(self, header: str) -> Settings:
        """Return the settings of a section with those of `[DEFAULT]` that it does not have itself."""
        settings = self._section(header).settings
        if not self.defaults:
            return settings
        return settings | {k: v for k, v in self.defaults.items() if k not in settings}

    def values(self, header: str) -> Values:
        """Return the values of `settings`, without their places: several times quicker to read."""
        values = self.own_values(header)
        return self._with_defaults(values) if self.default_values else values

    def passing_values(self, header: str) -> Values:
        """Return what `values` does, for those who keep it themselves, or look at thousands once."""
        values = self.passing_own_values(header)
        return self._with_defaults(values) if self.default_values else values

    def own_values(self, header: str) -> Values:
        """Return the values of a section, without those of `[DEFAULT]`."""
        values = self._values.get(header)
        if values is None:
            values = self._values[header] = self.passing_own_values(header)
        return values

    def passing_own_values(self, header: str) -> Values:
        """Return what `own_values` does, as `passing_values`.

        Most sections are nothing but `key = value` and empty lines below the header. Those are read here: it
        is the reader without what it needs for all others.
        """
        text = self._texts.get(header)
        if text is None or not text.isascii():
            return plain(self._section(header).settings)
        values: Values = {}
        keys, count = self._keys, 0
        lines = text.split("\n")
        lines[0] = ""  # the header
        try:
            for line in lines:
                if line:
                    key, value = line.split("=", 1)
                    values[keys[key]] = value.strip()
                    count += 1
        except ValueError:  # a comment, an indented line, or something else that is more than key and value
            count = -1
        # A key that stands twice is told by the reader.
        return values if len(values) == count else plain(self._section(header).settings)

    def _with_defaults(self, values: Values) -> Values:
        return values | {k: v for k, v in self.default_values.items() if k not in values}

    def problems(self) -> list[Problem]:
        """Return everything wrong with the file, by line. Reads every section."""
        for header in self.headers:
            self.passing_own_values(header)
        return self.problems_met()

    def problems_met(self) -> list[Problem]:
        """Return what is wrong with those sections that were read, by line."""
        for problem, setting in self._nested:
            problem.fatal = self._is_used(setting)
        return sorted(self._problems, key=lambda problem: problem.line)

    def note(self, code: str, message: str, line: int, *, fatal: bool = True) -> None:
        """Record a problem; `fatal` where configparser or botocore raises."""
        self._problems.append(Problem(code, message, self.path, line, fatal=fatal))

    def note_nested(self, setting: Setting, line: int) -> None:
        """Record a line of a nested block without `=`."""
        text = "this line of a nested block has no `=`: write `key = value`, or remove its indentation"
        self.note("nested-no-delimiter", text, line)
        self._nested.append((self._problems[-1], setting))

    def _is_used(self, setting: Setting) -> bool:
        # botocore opens nested blocks of sections only, those of [DEFAULT] where they leak into one.
        keys = [key for key, default in self.defaults.items() if default is setting]
        return not keys or any(keys[0] not in section.settings for section in self.sections.values())

    def open_section(self, header: str, line: int) -> Section:
        """Return the section of that header, new or (a problem, except for `[DEFAULT]`) known."""
        section = self._sections.get(header)
        if section is None:
            section = self._sections[header] = Section(self, header, line)
        elif header != DEFAULT_SECTION:
            self.note(
                "duplicate-section",
                f"[{header}] stands here again (first in line {section.line}): merge the two sections",
                line,
            )
        return section

    def _without_marks(self, text: str) -> str:
        if text.startswith("\ufeff"):
            self.note(
                "byte-order-mark", "the file starts with a byte order mark: save it as UTF-8 without", 1
            )
            text = text[1:]
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError as error:  # a byte that was not UTF-8, kept as a lone surrogate
                line = text.count("\n", 0, error.start) + 1
                self.note("not-utf8", "this line is not UTF-8: save the file as UTF-8", line)
        return text

    def _cut(self, text: str) -> bool:
        """Cut the file at its headers; return False, having done nothing, where that would be wrong."""
        start, *parts = text.split("\n[")
        if start.startswith("["):
            start, parts = "", [start[1:], *parts]
        else:
            self._first_line = start.count("\n") + 2
        # An indented `[` may be a header too; so may be a text with more than one.
        if text.count("[") != len(parts):
            return False
        ends = [part.find("]") for part in parts]
        texts = {part[:end]: part for part, end in zip(parts, ends, strict=True)}
        # The first line of each has to end with the bracket, and no header is empty or stands twice.
        if not {part[end : end + 2] for part, end in zip(parts, ends, strict=True)} <= {"]", "]\n"}:
            return False
        if len(texts) != len(parts) or "" in texts or "\n" in "".join(texts):
            return False
        if start.strip():
            _reader(self).read(start.split("\n"), 1)
        self._texts = texts
        return True

    def _read_whole(self, text: str) -> None:
        _reader(self).read(text.split("\n"), 1)

    def _section(self, header: str) -> Section:
        """Return the section of that header text, which is there."""
        section = self._sections.get(header)
        if section is None:
            text = self._texts[header]
            section = self._sections[header] = Section(self, header, self.line_of(header), text)
        return section


class _Keys(dict[str, str]):
    """Keys by the text before the `=`, remembered: a file has many lines and few keys."""

    def __missing__(self, text: str) -> str:
        if not text or text[0] <= " " or text[0] in "#;[" or ":" in text:
            raise ValueError
        key = self[text] = text.rstrip().lower()
        return key


def _reader(file: IniFile) -> Reader:
    from xswitch.awsfiles.reader import Reader  # most sections do without

    return Reader(file)
