"""The programs, files and services that a profile names, and whether aws can use them."""

from __future__ import annotations

import os
import re

from xswitch.doctor.checks.mapped import Nearest
from xswitch.doctor.checks.values import is_mangled
from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.doctor.repairs import set_value
from xswitch.profiles.profile import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.doctor.examined import Examined
    from xswitch.doctor.finding import Fix
    from xswitch.profiles.profile import Profile

_VARIABLE = re.compile(r"\$[A-Za-z_{(]")
_HOMES = ("~/", "$HOME/", "${HOME}/")


def _no_shell(examined: Examined) -> Iterator[Finding]:
    for command, profiles in examined.values_of("credential_process").items():
        words = _words(command)
        odd = [word for word in words or () if word.startswith("~/") or _VARIABLE.match(word)]
        if words is not None and not odd:
            continue
        for profile in profiles:
            text, fix = "`credential_process` has a quote that is not closed, so aws cannot split it", None
            if odd:
                text = (
                    "`credential_process` is run without a shell, so `~` and variables stay as they are: "
                    "write what they mean, or let `sh -c '…'` run it"
                )
                fix = _with_home(profile, "credential_process", command)
            yield Finding(text, profile.place_of("credential_process"), profile=profile.name, fix=fix)


def _with_home(profile: Profile, key: str, value: str) -> Fix | None:
    """Return the fix that writes out this user's home folder, never sure: others may have the file, too.

    None where other variables would be left.
    """
    home = os.path.expanduser("~")
    words = value.split(" ")
    if home == "~" or any(char in home for char in " \t'\"\\"):
        return None
    for index, word in enumerate(words):
        start = next((start for start in _HOMES if word.startswith(start)), "")
        if start:
            words[index] = os.path.join(home, word[len(start) :])
    changed = " ".join(words)
    if changed == value or not changed.isprintable() or "$" in changed:
        return None
    return set_value(profile, key, changed, sure=False)


def _words(command: str) -> list[str] | None:
    """Return the words of a command as botocore splits it, or None where it cannot."""
    import shlex

    try:
        return shlex.split(command)
    except ValueError:
        return None


def _no_program(examined: Examined) -> Iterator[Finding]:
    for command, profiles in examined.values_of("credential_process").items():
        words = _words(command) or []
        if words and not words[0].startswith(_HOMES) and not _is_program(words[0], examined):
            for profile in profiles:
                text = "the program of `credential_process` is not on this machine, or not executable"
                yield Finding(text, profile.place_of("credential_process"), profile=profile.name)
        elif not words and not command.strip():
            for profile in profiles:
                text = "`credential_process` is empty"
                yield Finding(text, profile.place_of("credential_process"), profile=profile.name)


def _is_program(word: str, examined: Examined) -> bool:
    if "\0" in word:
        return False
    if "/" in word:
        return os.access(word, os.X_OK) or not os.path.isabs(word)
    folders = examined.environ.get("PATH", os.defpath).split(os.pathsep)
    return any(os.access(os.path.join(folder, word), os.X_OK) for folder in folders)


def _own_process(examined: Examined) -> Iterator[Finding]:
    for command, profiles in examined.values_of("credential_process").items():
        words = _words(command) or []
        if not words or os.path.basename(words[0]) != "xswitch" or "credential-process" not in words:
            continue
        asked = next((word for word in words[2:] if word[:1] != "-" and word != "credential-process"), "")
        for profile in profiles:
            place = profile.place_of("credential_process")
            if asked not in examined.profiles:
                text = f"`credential_process` asks xswitch for “{asked}”, which is no profile"
                yield Finding(text, place, profile=profile.name)
            elif profile.name in examined.profiles.chain(asked):
                text = (
                    f"`credential_process` asks xswitch for “{asked}”, whose credentials come from this very "
                    "profile: name another one"
                )
                yield Finding(text, place, profile=profile.name)


def _token_file(examined: Examined) -> Iterator[Finding]:
    for path, profiles in examined.values_of("web_identity_token_file").items():
        if not path or is_mangled(path):
            continue
        text, severity = "", Severity.WARNING
        if path.startswith(_HOMES):
            text = "`web_identity_token_file` is taken as it is, `~` and `$HOME` too: write the whole path"
            severity = Severity.ERROR
        elif not os.path.isabs(path):
            text = "`web_identity_token_file` is relative to wherever a command runs: write the whole path"
        elif not os.path.exists(path):
            text = "the file of `web_identity_token_file` does not exist here"
        for profile in profiles if text else ():
            fix = _with_home(profile, "web_identity_token_file", path) if severity == Severity.ERROR else None
            place = profile.place_of("web_identity_token_file")
            yield Finding(text, place, profile=profile.name, severity=severity, fix=fix)


def _no_role(examined: Examined) -> Iterator[Finding]:
    for name, problem in examined.by_code.get("no-role", ()):
        if examined.profiles[name].kind == Kind.WEB_IDENTITY:
            yield Finding(problem.message, (problem.file, problem.line), profile=name)


def _services(examined: Examined) -> Iterator[Finding]:
    known = examined.files.services if examined.having("services") else {}
    nearest = Nearest(known)
    for name, profiles in examined.values_of("services").items():
        if name in known or is_mangled(name):
            continue
        found = nearest.of(name)
        for profile in profiles:
            fix = set_value(profile, "services", found, sure=False) if found else None
            text = f"there is no [services {name}]: aws refuses the profile; add it, or correct the name"
            yield Finding(text, profile.place_of("services"), profile=profile.name, fix=fix)


CHECKS = (
    Check(
        "XS321",
        Severity.ERROR,
        "`credential_process` needs a shell",
        "It is split into words and run: `~` and variables stay as they are, quotes must match.",
        _no_shell,
    ),
    Check(
        "XS322",
        Severity.WARNING,
        "program of `credential_process` not found",
        "Not on this machine, or not executable.",
        _no_program,
    ),
    Check(
        "XS323",
        Severity.ERROR,
        "`credential_process` goes round in a circle",
        "It asks xswitch for a profile that sources from this one, or is not there.",
        _own_process,
    ),
    Check(
        "XS331",
        Severity.ERROR,
        "`web_identity_token_file` not usable",
        "Neither `~` nor variables are expanded in it; a file that is not there (a warning) cannot be read.",
        _token_file,
    ),
    Check(
        "XS332",
        Severity.ERROR,
        "web identity without `role_arn`",
        "A web identity is there to assume a role.",
        _no_role,
    ),
    Check(
        "XS333",
        Severity.ERROR,
        "`[services]` section does not exist",
        "`services` names a section that is not in the config file.",
        _services,
    ),
)
