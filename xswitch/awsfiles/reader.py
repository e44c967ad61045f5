"""Reading sections line by line, as `configparser` does, with the place of every setting and every fault."""

from __future__ import annotations

from xswitch.awsfiles.ini import DEFAULT_SECTION
from xswitch.awsfiles.lines import BLANK, COMMENT, CONTINUATION, EMPTY_KEY, HEADER, OPTION, OUTSIDE, classify
from xswitch.awsfiles.settings import Setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from xswitch.awsfiles.ini import IniFile
    from xswitch.awsfiles.settings import Settings

_EMPTY = (BLANK, COMMENT)


def _quoted(key: str) -> str:
    # A line of a token that ends in `=` reads as a key; no key of AWS is nearly as long.
    return f"the key “{key}”" if len(key) <= 40 else "the key of this line"


class Reader:
    """Fills sections with settings, line by line."""

    def __init__(self, file: IniFile) -> None:
        self._file = file
        self._settings: Settings | None = None
        self._merged: set[str] = set()  # keys of an earlier section of the same name
        self._told = False  # of the text before the first section, once for all its lines

    def enter(self, settings: Settings, *, again: bool = False) -> None:
        """Read the following lines into `settings`; a key that is there already is a duplicate if `again`."""
        self._settings = settings
        self._merged = set() if again else set(settings)

    def read(self, lines: Iterable[str], first_line: int) -> None:
        """Read `lines`, which hold whole values: the last one ends with the last line."""
        current: Setting | None = None  # the setting that an indented line would continue
        more: list[tuple[str, int]] = []  # those lines: text and number
        number = first_line - 1
        for kind, text, _, position in classify(lines, inside=self._settings is not None):
            number += 1
            if kind == CONTINUATION or (kind == BLANK and current is not None):
                more.append((text, number))
                continue
            if kind in _EMPTY:
                continue
            if more:
                self._continue(current, more)
                more = []
            if kind == OPTION:
                current = self._option(text, position, number)
            elif kind == HEADER:
                self._enter_section(text[1:position], number)
                current = None
            else:
                self._not_a_setting(kind, number)
                current = None if kind == EMPTY_KEY else current
        if more:
            self._continue(current, more)

    def _enter_section(self, header: str, line: int) -> None:
        section = self._file.open_section(header, line)
        self.enter(section.settings, again=header == DEFAULT_SECTION)

    def _option(self, text: str, position: int, line: int) -> Setting:
        """Read `key = value`; return the setting that following indented lines continue."""
        key = text[:position].rstrip().lower()
        setting = Setting(text[position + 1 :].lstrip(), self._file.path, line)
        settings = self._settings
        assert settings is not None  # noqa: S101 - the caller's branch
        if key in settings and key not in self._merged:
            self._file.note(
                "duplicate-key",
                f"{_quoted(key)} stands here again (first in line {settings[key].line}): delete one",
                line,
            )
        self._merged.discard(key)
        settings[key] = setting
        return setting

    def _not_a_setting(self, kind: str, line: int) -> None:
        # The line itself is never quoted: it may be a secret.
        if kind == OUTSIDE:
            if not self._told:
                text = "text before the first [section]: move it into one, or delete it"
                self._file.note("text-before-section", text, line)
                self._told = True
        elif kind == EMPTY_KEY:
            self._file.note("empty-key", "nothing stands before the delimiter: write `key = value`", line)
        else:
            self._file.note(
                "no-delimiter",
                "this line has no `=`: write `key = value`, or begin it with `#` for a comment",
                line,
            )

    def _continue(self, setting: Setting | None, more: list[tuple[str, int]]) -> None:
        """Add the continuation lines to the value; a value that began empty is a nested block."""
        if setting is None:
            return
        if not isinstance(setting.value, str):  # a bad line stands inside the nested block
            setting.value |= self._nested(setting, more)
            return
        value = "\n".join([setting.value, *[text for text, _ in more]]).rstrip()
        setting.value = self._nested(setting, more) if value.startswith("\n") else value

    def _nested(self, block: Setting, more: list[tuple[str, int]]) -> Settings:
        """Read a nested block as botocore's `_parse_nested` does: keys keep their case, the last one wins."""
        nested: Settings = {}
        for text, line in more:
            for piece in text.splitlines():
                key, delimiter, value = piece.partition("=")
                if delimiter:
                    nested[key.strip()] = Setting(value.strip(), self._file.path, line)
                elif piece.strip():
                    self._file.note_nested(block, line)
        return nested
