"""Values that aws reads otherwise than they were meant, and lines that other SDKs read otherwise."""

from __future__ import annotations

from xswitch.doctor.checks.parsing import file_of
from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.doctor.repairs import dedent, respell, set_in
from xswitch.doctor.words import KNOWN_KEYS, WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.awsfiles.ini import IniFile, Section
    from xswitch.doctor.examined import Examined

_COMMENTS = (" #", " ;", "\t#", "\t;")
_QUOTES = ('"', "'")


def _comments(examined: Examined) -> Iterator[Finding]:
    for ini, section, key, value in texts_with(examined, _COMMENTS):
        start = min((at for mark in _COMMENTS if (at := value.find(mark)) >= 0), default=-1)
        if key not in WORDS or start < 0 or _is_profile(examined, key, value):
            continue
        meant = value[:start].rstrip()
        name = examined.name_of(section)
        text = (
            f"the comment behind `{key}` is a part of its value for aws, which knows only whole lines of "
            "comment: put it on a line of its own"
        )
        fix = None
        if meant and "\n" not in value:
            fix = set_in(file_of(examined, ini.path), section.header, key, meant, name, sure=False)
        yield Finding(text, _place(section, key), profile=name, fix=fix)


def _quotes(examined: Examined) -> Iterator[Finding]:
    for ini, section, key, value in texts_with(examined, _QUOTES):
        quote = value[:1]
        if quote not in _QUOTES or (key not in WORDS and key != "web_identity_token_file"):
            continue
        if _is_profile(examined, key, value):
            continue
        name = examined.name_of(section)
        meant = value[1:-1]
        whole = len(value) > 2 and value[-1] == quote and meant.strip() == meant and quote not in meant
        fix = None
        if whole and "\n" not in meant:
            fix = set_in(file_of(examined, ini.path), section.header, key, meant, name)
        text = f"the quotes around `{key}` are a part of its value for aws: write it without"
        yield Finding(text, _place(section, key), profile=name, fix=fix)


def texts_with(examined: Examined, marks: tuple[str, ...]) -> Iterator[tuple[IniFile, Section, str, str]]:
    """Yield the values (no nested blocks) that may have one of the marks in them, with their sections."""
    wanted = [ini for ini in examined.ini_files if any(mark in examined.text_of(ini) for mark in marks)]
    for ini, _, section in examined.sections():
        if ini in wanted:
            for key, value in section.values.items():
                if isinstance(value, str) and any(mark in value for mark in marks):
                    yield ini, section, key, value


def is_mangled(value: str) -> bool:
    """Tell whether a value has a comment or quotes in it, which is said of it already."""
    return value[:1] in _QUOTES or any(mark in value for mark in _COMMENTS)


def _is_profile(examined: Examined, key: str, value: str) -> bool:
    return key == "source_profile" and value in examined.profiles


def _place(section: Section, key: str) -> tuple[str, int]:
    setting = section.settings[key]
    return setting.file, setting.line


def _swallowed(examined: Examined) -> Iterator[Finding]:
    for ini, section, key, value in texts_with(examined, ("\n",)):
        lines = value.split("\n")
        swallowed = [line for line in lines[1:] if _is_setting(line) or line[:1] == "["]
        if not swallowed:
            continue
        name = examined.name_of(section)
        what = "the indented line below" if len(lines) == 2 else "indented lines below"
        text = (
            f"{what} `{key}` continues its value for aws, and is no setting or section: "
            "remove the indentation"
        )
        fix = None
        values = _separate(key, lines)
        others = [other for other in section.values if other != key]
        if values and len(values) == len(lines) and not values.keys() & set(others):
            line = section.settings[key].line
            fix = dedent(file_of(examined, ini.path), line, key, values, name)
        yield Finding(text, _place(section, key), profile=name, fix=fix)


def _is_setting(line: str) -> bool:
    return _key_of(line) in KNOWN_KEYS


def _key_of(line: str) -> str:
    """Return the key of a line that would be a setting without its indentation, "" where it would be none."""
    ends = [at for at in (line.find("="), line.find(":")) if at > 0]
    return line[: min(ends)].rstrip().lower() if ends else ""


def _separate(key: str, lines: list[str]) -> dict[str, str]:
    values = {key: lines[0]}
    for line in lines[1:]:
        other = _key_of(line)
        if other not in KNOWN_KEYS:
            return {}
        rest = line[len(other) :].lstrip()
        values[other] = rest[1:].strip()
    return values


def _colons(examined: Examined) -> Iterator[Finding]:
    for ini, number, key, delimiter in examined.odd_keys():
        if delimiter == ":":
            name = examined.owner(ini.path, number)
            text = f"`{key}:` is a setting for aws, and an error for other SDKs: write `=`"
            fix = respell(file_of(examined, ini.path), number, key.lower(), key.lower(), name)
            yield Finding(text, (ini.path, number), profile=name, fix=fix)


def _capitals(examined: Examined) -> Iterator[Finding]:
    for ini, number, key, _ in examined.odd_keys():
        if key != key.lower():
            name = examined.owner(ini.path, number)
            text = (
                f"`{key}` has capitals: `aws configure set` would add it a second time, after which aws "
                f"refuses the whole file; write `{key.lower()}`"
            )
            fix = respell(file_of(examined, ini.path), number, key.lower(), key.lower(), name)
            yield Finding(text, (ini.path, number), profile=name, fix=fix)


CHECKS = (
    Check(
        "XS121",
        Severity.ERROR,
        "comment behind a value",
        "`region = eu-west-1 # Ireland`: for aws the comment is part of the value; other SDKs strip it.",
        _comments,
    ),
    Check(
        "XS122",
        Severity.ERROR,
        "quotes around a value",
        "aws keeps them as part of the value.",
        _quotes,
    ),
    Check(
        "XS123",
        Severity.ERROR,
        "indented line that was meant as a setting",
        "An indented line continues the value above it: that value is wrong then, and the setting lost.",
        _swallowed,
    ),
    Check(
        "XS124",
        Severity.WARNING,
        "`:` instead of `=`",
        "Tools in Python take it, other SDKs refuse it.",
        _colons,
    ),
    Check(
        "XS125",
        Severity.NOTE,
        "key with capitals",
        "Read as it was meant, until `aws configure set` writes it a second time and breaks the file.",
        _capitals,
    ),
)
