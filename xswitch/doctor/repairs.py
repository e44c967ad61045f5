"""What doctor changes in the two files, as operations of the editor."""

from __future__ import annotations

from xswitch.awsfiles.blocks import indent_of
from xswitch.awsfiles.lines import CONTINUATION, EMPTY_KEY, HEADER, NO_DELIMITER, OPTION
from xswitch.awsfiles.masking import masked
from xswitch.doctor.fixes import Edit, LineEdit
from xswitch.editing.changes import (
    CONFIG,
    CREDENTIALS,
    AddSection,
    Change,
    RemoveSection,
    RenameSection,
    Set,
    Unset,
)
from xswitch.editing.checks import check_name
from xswitch.editing.operation import Operation, Plan
from xswitch.editing.placing import KEY_SETTINGS, check_files
from xswitch.errors import XswitchError
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from xswitch.awsfiles.blocks import Line
    from xswitch.awsfiles.document import Document
    from xswitch.awsfiles.ini import IniFile, Section
    from xswitch.awsfiles.settings import Values
    from xswitch.editing.changes import Model
    from xswitch.profiles.collection import Profiles
    from xswitch.profiles.profile import Profile


def _changed(what: str) -> XswitchError:
    return XswitchError(f"{printable(what)} is not as it was any more", "run xswitch doctor again")


def _section(profiles: Profiles, file: str, header: str) -> Section:
    """Return a section as it is now. XswitchError where it is gone."""
    ini: IniFile = getattr(profiles.files, file)
    if header not in ini.sections:
        raise _changed(f"[{header}]")
    return ini.sections[header]


def home_of(profile: Profile, key: str) -> tuple[str, str] | None:
    """Return the file and the header under which a profile's setting stands; None where [DEFAULT] has it."""
    entry = profile.entry
    for file, section in ((CREDENTIALS, entry.credentials_section), (CONFIG, entry.config_section)):
        if section is not None and key in section.values:
            return file, section.header
    return None


def set_value(profile: Profile, key: str, value: str, *, sure: bool = True) -> Edit | None:
    """Return the fix that gives a setting that a profile has another value, in the place where it stands."""
    home = home_of(profile, key)
    return None if home is None else set_in(*home, key, value, profile.name, sure=sure)


def set_in(file: str, header: str, key: str, value: str, profile: str, *, sure: bool = True) -> Edit:
    """Return the fix that gives a setting of a section a value; `profile` is whose section it is, or ""."""

    def plan(profiles: Profiles) -> Plan:
        check_files(profiles)
        _section(profiles, file, header)
        return Plan([Set(file, header, key, value)], touched={profile: {key}} if profile else {})

    title = f"set {key} of {profile or f'[{header}]'} to {masked(key, value)}"
    return Edit(Operation(title, profile, plan), sure=sure, profiles=[profile] if profile else [])


def add_value(profile: Profile, key: str, value: str, *, sure: bool = True) -> Edit | None:
    """Return the fix that gives a profile a setting that it does not have, in the config file."""
    section = profile.entry.config_section
    if section is None:
        return None
    header = section.header

    def plan(profiles: Profiles) -> Plan:
        check_files(profiles)
        if profile.name not in profiles or key in profiles[profile.name].values:
            raise _changed(f"{key} of {profile.name}")
        return Plan([Set(CONFIG, header, key, value)], touched={profile.name: {key}})

    title = f"set {key} of {profile.name} to {value}"
    return Edit(Operation(title, profile.name, plan), sure=sure, profiles=[profile.name])


def unset(profile: Profile, key: str, *, sure: bool = True) -> Edit | None:
    """Return the fix that takes a setting of a profile away where it stands."""
    home = home_of(profile, key)
    if home is None:
        return None
    file, header = home

    def plan(profiles: Profiles) -> Plan:
        check_files(profiles)
        if key not in _section(profiles, file, header).values:
            raise _changed(f"{key} of {profile.name}")
        return Plan([Unset(file, header, key)], touched={profile.name: {key}})

    title = f"delete {key} of {profile.name}"
    return Edit(Operation(title, profile.name, plan), sure=sure, profiles=[profile.name])


def rename_header(
    file: str,
    section: Section,
    new: str,
    name: str,
    *,
    gone: str = "",
    changed: Iterable[str] = (),
    sure: bool = True,
) -> Edit:
    """Return the fix that gives a section another header, by which it becomes that of the profile `name`.

    `gone` is the name of the profile that there is no more then, `changed` are those that exist and change.
    """
    header = section.header

    def plan(profiles: Profiles) -> Plan:
        check_files(profiles)
        sections = getattr(profiles.files, file).sections
        if header not in sections or new in sections:
            raise _changed(f"[{header}]")
        known = name in profiles
        return Plan(
            [RenameSection(file, header, new)],
            added=frozenset() if known else frozenset({name}),
            removed=frozenset({gone} if gone else ()),
            touched={name: set(sections[header].values)} if known else {},
        )

    title = f"rename [{header}] to [{new}]"
    return Edit(Operation(title, name, plan), sure=sure, profiles=changed)


def take_over(earlier: Section, later: Section, name: str) -> Edit:
    """Return the fix that makes one section of two: what only the earlier has goes into the later one."""
    old, new = earlier.header, later.header

    def plan(profiles: Profiles) -> Plan:
        check_files(profiles)
        sections = profiles.files.config.sections
        if old not in sections or new not in sections:
            raise _changed(f"[{old}]")
        missing = {
            key: value for key, value in sections[old].values.items() if key not in sections[new].values
        }
        changes: list[Change] = []
        for key, value in missing.items():
            if isinstance(value, str):
                changes.append(Set(CONFIG, new, key, value))
            else:
                changes += [
                    Set(CONFIG, new, key, text, inner)
                    for inner, text in value.items()
                    if isinstance(text, str)
                ]
        return Plan([*changes, RemoveSection(CONFIG, old)], touched={name: set(missing)})

    title = f"merge [{old}] into [{new}], whose settings win"
    return Edit(Operation(title, name, plan), sure=False, profiles=[name])


def move_keys(profile: Profile) -> Edit | None:
    """Return the fix that moves a profile's access keys from the config into the credentials file.

    Never sure: whoever shares the config has them no more.
    """
    section = profile.entry.config_section
    if section is None or profile.entry.credentials_section is not None or check_name(profile.name):
        return None
    header, name = section.header, profile.name

    def plan(profiles: Profiles) -> Plan:
        check_files(profiles)
        values = _section(profiles, CONFIG, header).values
        keys: Values = {key: values[key] for key in KEY_SETTINGS if key in values}
        if not keys or name in profiles.files.credentials.sections:
            raise _changed(f"[{header}]")
        unset = [Unset(CONFIG, header, key) for key in keys]
        return Plan([*unset, AddSection(CREDENTIALS, name, keys)])

    title = f"move the access keys of {name} to the credentials file"
    return Edit(Operation(title, name, plan), sure=False, profiles=[name])


# -- lines ----------------------------------------------------------------------------------------


class _Lines(Change):
    """A change of lines of one section, each by itself; which section that is turns out with the lines."""

    def __init__(self, file: str, number: int) -> None:
        super().__init__(file, "")
        self._number = number

    def find(self, document: Document, kinds: Collection[str]) -> list[Line]:
        """Return the section's lines from the one of that number on. XswitchError where it is another."""
        lines = list(document.lines())
        index = self._number - 1
        if index >= len(lines) or lines[index].kind not in kinds:
            raise _changed(f"line {self._number}")
        above = next((line for line in reversed(lines[:index]) if line.kind == HEADER), None)
        if above is not None:
            self.header = above.header
        below = lines[index + 1 :]
        stop = next((place for place, line in enumerate(below) if line.kind == HEADER), len(below))
        return [lines[index], *below[:stop]]


class CommentOut(_Lines):
    """Make a comment of a line that is no setting, or of a setting with all lines of its value."""

    def edit(self, document: Document) -> None:
        """Put a `#` before each."""
        first, *below = self.find(document, (OPTION, NO_DELIMITER, EMPTY_KEY))
        first.raw = f"{indent_of(first)}# {first.raw[first.indent :]}"
        if first.kind != OPTION:
            return
        for line in below:
            if line.kind == OPTION or line.kind in {NO_DELIMITER, EMPTY_KEY}:
                return
            if line.kind == CONTINUATION:
                line.raw = f"{indent_of(line)}# {line.raw[line.indent :]}"

    def expect(self, model: Model) -> Model:
        """Return the model as it is: aws takes no line like this for a setting that counts."""
        return model


def comment_out(file: str, line: int, what: str, profile: str, *, sure: bool = False) -> LineEdit:
    """Return the fix that makes a comment of a line."""

    def plan(profiles: Profiles) -> Plan:
        check_files(profiles)
        return Plan([CommentOut(file, line)])

    return LineEdit(
        Operation(f"make line {line} a comment ({what})", profile, plan),
        line,
        sure=sure,
        profiles=[profile] if profile else [],
    )


class Respell(_Lines):
    """Write a setting's key and delimiter anew: `Region: x` as `region = x`."""

    def __init__(self, file: str, number: int, key: str, new: str) -> None:
        super().__init__(file, number)
        self._key = key
        self._new = new

    def edit(self, document: Document) -> None:
        """Change the line up to its value."""
        line = self.find(document, (OPTION,))[0]
        if line.key != self._key:
            raise _changed(f"line {self._number}")
        written = line.text[: line.position].rstrip()
        between = line.text[len(written) : line.position]
        if line.text[line.position] == ":":
            between = " "
        line.raw = f"{indent_of(line)}{self._new}{between}={line.raw[line.indent + line.position + 1 :]}"

    def expect(self, model: Model) -> Model:
        """Return the model with the value under the new key; [DEFAULT] is not in it."""
        if self.header not in model:
            return model
        model[self.header] = {
            self._new if key == self._key else key: value for key, value in model[self.header].items()
        }
        return model


def respell(file: str, line: int, key: str, new: str, profile: str, *, sure: bool = True) -> LineEdit:
    """Return the fix that writes the key in a line, and its delimiter, anew."""

    def plan(profiles: Profiles) -> Plan:
        check_files(profiles)
        touched = {profile: {key, new}} if profile and key != new else {}
        return Plan([Respell(file, line, key, new)], touched=touched)

    title = f"write {new} = … in line {line}" if key == new else f"write {new} for {key} in line {line}"
    return LineEdit(Operation(title, profile, plan), line, sure=sure, profiles=[profile] if profile else [])


class Dedent(_Lines):
    """Take the indentation away from lines that were meant as settings, and continue the one above."""

    def __init__(self, file: str, number: int, key: str, values: Mapping[str, str]) -> None:
        super().__init__(file, number)
        self._key = key
        self._values = values

    def edit(self, document: Document) -> None:
        """Give the lines the indentation of the setting above."""
        first, *below = self.find(document, (OPTION,))
        for line in below:
            if line.kind == OPTION:
                return
            if line.kind == CONTINUATION:
                line.raw = indent_of(first) + line.raw[line.indent :]

    def expect(self, model: Model) -> Model:
        """Return the model with one setting a line."""
        model[self.header] = {**model[self.header], **self._values}
        return model


def dedent(file: str, line: int, key: str, values: Mapping[str, str], profile: str) -> LineEdit:
    """Return the fix that makes settings of the lines that continue a setting; `values` are all of them."""

    def plan(profiles: Profiles) -> Plan:
        check_files(profiles)
        return Plan([Dedent(file, line, key, values)], touched={profile: set(values)} if profile else {})

    title = f"take the indentation away below {key} of {profile}" if profile else "take the indentation away"
    return LineEdit(Operation(title, profile, plan), line, profiles=[profile] if profile else [])
