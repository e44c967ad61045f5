"""Which file and section a profile's settings stand in, and where a new one goes."""

from __future__ import annotations

import os

from xswitch.awsfiles.files import PROFILE, config_header
from xswitch.awsfiles.masking import is_secret
from xswitch.editing.changes import CONFIG, CREDENTIALS, AddSection, Change, Set, Unset
from xswitch.editing.checks import check_key, check_name, check_setting
from xswitch.editing.operation import FieldError
from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.profiles.collection import Profiles

# What `aws configure set` writes into the credentials file.
KEY_SETTINGS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token")


def check_files(profiles: Profiles) -> None:
    """XswitchError where the two files are one, so that it is not known which profiles a section means."""
    config, credentials = profiles.files.config.path, profiles.files.credentials.path
    if config and os.path.realpath(config) == os.path.realpath(credentials) != os.devnull:
        where = printable(tilde(config))
        raise XswitchError(
            f"{where} is both the config and the credentials file",
            "give each a file of its own, to edit them",
        )


def existing(profiles: Profiles, name: str) -> dict[str, str]:
    """Return `sections_of` a profile; XswitchError, with the nearest names, where it is not there."""
    from xswitch.profiles.collection import find_profile

    check_files(profiles)
    find_profile(profiles, name)
    return sections_of(profiles, name)


def sections_of(profiles: Profiles, name: str) -> dict[str, str]:
    """Return the headers of a profile's sections by file; of a profile that is not there, none.

    XswitchError where two headers of the config file mean the profile: AWS tools do not agree which counts.
    """
    entry = profiles.files.profiles.get(name)
    found: dict[str, str] = {}
    if entry is None:
        return found
    if entry.config_section is not None:
        other = profiles.files.replaced.get(name)
        if other is not None:
            where = printable(tilde(profiles.files.config.path))
            lines = f"{other.line} and {entry.config_section.line}"
            raise XswitchError(
                f"{where} has {printable(name)} more than once, in lines {lines}",
                "merge these sections into one first; nothing was changed",
            )
        found[CONFIG] = entry.config_section.header
    if entry.credentials_section is not None:
        found[CREDENTIALS] = entry.credentials_section.header
    return found


def header_of(file: str, name: str) -> str:
    """Return the header that a section of a profile of that name has in a file."""
    return config_header(PROFILE, name) if file == CONFIG else name


def change_setting(
    profiles: Profiles, name: str, key: str, value: str | None, planned: list[Change]
) -> list[Change]:
    """Return the changes that set a key of a profile, or with None take it away. FieldError where it cannot.

    `planned` are the changes before them: a section that they add is there.
    """
    sections = sections_of(profiles, name)
    sections |= {change.file: change.header for change in planned if isinstance(change, AddSection)}
    block, inner = _split(profiles, sections, key)
    wrong = check_key(key)
    if wrong and not _has_any(profiles, sections, block, inner):
        raise FieldError("", wrong)  # what was taken for a key may be a secret
    places = [file for file in (CREDENTIALS, CONFIG) if _has(profiles, file, sections, block, inner)]
    if value is None:
        if not places:
            raise FieldError(key, f"{printable(name)} has no such setting of its own")
        return [Unset(file, sections[file], block, inner) for file in places]
    wrong = check_setting(key, value)
    if not value and is_secret(key):
        wrong = "a secret cannot be empty: unset it"
    if wrong:
        raise FieldError(key, wrong)
    with_block = [
        file for file in (CREDENTIALS, CONFIG) if inner and _has(profiles, file, sections, block, "")
    ]
    file = next(iter(places + with_block), None) or _home_of(profiles, name, block, sections)
    changes: list[Change] = []
    if file not in sections:
        header = header_of(file, name)
        _check_header(name)
        changes.append(AddSection(file, header, {}))
        sections[file] = header
    return [*changes, Set(file, sections[file], block, value, inner)]


def _split(profiles: Profiles, sections: dict[str, str], key: str) -> tuple[str, str]:
    """Return a key as it stands in a file: a key with a dot, or that of a nested block and the one in it."""
    if any(_has(profiles, file, sections, key.lower(), "") for file in (CONFIG, CREDENTIALS)):
        return key.lower(), ""
    block, _, inner = key.partition(".")
    return block.lower(), inner


def _has(profiles: Profiles, file: str, sections: dict[str, str], block: str, inner: str) -> bool:
    section = getattr(profiles.files, file).sections.get(sections.get(file, ""))
    value = section.values.get(block) if section is not None else None
    if not inner:
        return value is not None
    return isinstance(value, dict) and inner in value


def _has_any(profiles: Profiles, sections: dict[str, str], block: str, inner: str) -> bool:
    return any(_has(profiles, file, sections, block, inner) for file in (CREDENTIALS, CONFIG))


def _home_of(profiles: Profiles, name: str, key: str, sections: dict[str, str]) -> str:
    """Return the file of a key that is in neither. Access keys stay together: aws never mixes both files."""
    if CREDENTIALS in sections and key in profiles.files.credentials.default_values:
        return CREDENTIALS  # [DEFAULT] there would win over anything in the config file
    if key not in KEY_SETTINGS:
        return CONFIG
    profile = profiles[name]
    in_config = any(each in profile.entry.config_values for each in KEY_SETTINGS)
    in_credentials = any(each in profile.entry.credentials_values for each in KEY_SETTINGS)
    return CONFIG if in_config and not in_credentials else CREDENTIALS


def _check_header(name: str) -> None:
    wrong = check_name(name)
    if wrong:
        raise XswitchError(f"{printable(name)} cannot get a section in the other file: {wrong}")
