"""Settings in the wrong file, and files that others may read or write."""

from __future__ import annotations

import os
import stat

from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.doctor.fixes import Narrow
from xswitch.doctor.repairs import move_keys
from xswitch.doctor.words import ACCESS_KEYS, KNOWN_KEYS, ROLE_KEYS, SSO_KEYS
from xswitch.profiles.profile import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.doctor.examined import Examined

_ELSEWHERE = (ROLE_KEYS | SSO_KEYS | {"credential_process", "login_session"}) - {"mfa_serial"}
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_WRITE = stat.S_IWGRP | stat.S_IWOTH


def _keys_in_config(examined: Examined) -> Iterator[Finding]:
    for profile in examined.having("aws_secret_access_key"):
        section = profile.entry.config_section
        if section is None or "aws_secret_access_key" not in section.values:
            continue
        setting = section.settings["aws_secret_access_key"]
        text = (
            "a secret access key in the config file, which is often shared or under version control: "
            "access keys belong in the credentials file"
        )
        fix = move_keys(profile) if profile.kind_as_source == Kind.STATIC else None
        yield Finding(text, (setting.file, setting.line), profile=profile.name, fix=fix)


def _roles_in_credentials(examined: Examined) -> Iterator[Finding]:
    for profile in examined.profiles:
        section = profile.entry.credentials_section
        if section is None:
            continue
        found = [key for key in section.values if key in _ELSEWHERE]
        if found:
            setting = section.settings[found[0]]
            text = (
                f"`{found[0]}` counts for aws in the credentials file, too, but not for every SDK: it "
                "belongs in the config file"
            )
            yield Finding(text, (setting.file, setting.line), profile=profile.name)


def _in_both(examined: Examined) -> Iterator[Finding]:
    for profile in examined.profiles:
        entry = profile.entry
        if entry.config_section is None or entry.credentials_section is None:
            continue
        ours, theirs = entry.config_section.values, entry.credentials_section.values
        # A key that is none of AWS may be a piece of a secret.
        both = ours.keys() & theirs.keys() & KNOWN_KEYS
        differing = [key for key in both if ours[key] != theirs[key]]
        for key in sorted(differing):
            setting = entry.config_section.settings[key]
            line = entry.credentials_section.settings[key].line
            text = f"`{key}` is another one in the credentials file (line {line}), which wins: delete one"
            yield Finding(text, (setting.file, setting.line), profile=profile.name)


def _readable(examined: Examined) -> Iterator[Finding]:
    config, credentials = examined.ini_files
    holding = [credentials] if any(True for _ in credentials.sections) else []
    if any(not ACCESS_KEYS.isdisjoint(section.values) for section in config.sections.values()):
        holding.append(config)
    for ini in holding:
        mode = _mode(ini.path)
        if mode is not None and mode & _OTHERS:
            text = f"others may read these secrets, as its mode is {mode:04o}: aws makes this file with 0600"
            yield Finding(text, (ini.path, 0), fix=Narrow(ini.path, _OTHERS))


def _writable(examined: Examined) -> Iterator[Finding]:
    paths = [ini.path for ini in examined.ini_files if ini.path]
    folders = [os.path.dirname(path) for path in paths]
    for path in dict.fromkeys([*paths, *(folder for folder in folders if folder.endswith(".aws"))]):
        mode = _mode(path)
        if mode is not None and mode & _WRITE and _is_shared(path, mode):
            text = (
                f"others may write to it (its mode is {mode:04o}), and so have aws run commands as you "
                "(`credential_process`) or send your requests elsewhere"
            )
            yield Finding(text, (path, 0), fix=Narrow(path, _WRITE))


def _mode(path: str) -> int | None:
    """Return the mode of a file or folder that there is, or None."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    usual = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    return stat.S_IMODE(status.st_mode) if usual else None


def _is_shared(path: str, mode: int) -> bool:
    """Tell whether write rights are those of anybody else: many systems give each user a group alone."""
    return bool(mode & stat.S_IWOTH) or os.stat(path).st_gid != os.getgid()


CHECKS = (
    Check(
        "XS131",
        Severity.WARNING,
        "access keys in the config file",
        "They work, but config files get shared and committed; `aws configure` puts keys into the other one.",
        _keys_in_config,
    ),
    Check(
        "XS132",
        Severity.NOTE,
        "role or SSO settings in the credentials file",
        "aws honours them there, not every SDK does.",
        _roles_in_credentials,
    ),
    Check(
        "XS133",
        Severity.WARNING,
        "a setting differs between the two files",
        "The credentials file wins, key by key.",
        _in_both,
    ),
    Check(
        "XS141",
        Severity.WARNING,
        "others may read secrets",
        "The credentials file, or a config file with keys, should have mode 0600.",
        _readable,
    ),
    Check(
        "XS142",
        Severity.WARNING,
        "others may write the files",
        "Whoever can write them has aws run commands as you.",
        _writable,
    ),
)
