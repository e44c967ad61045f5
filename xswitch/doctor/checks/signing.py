"""Access keys, SSO, and the programs and files that credentials come from."""

from __future__ import annotations

import os
import re

from xswitch.doctor.checks.mapped import Nearest, met
from xswitch.doctor.checks.values import is_mangled
from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.doctor.repairs import set_in, set_value, unset
from xswitch.editing.changes import CONFIG
from xswitch.editing.checks import check_setting
from xswitch.profiles.arn import is_account_id
from xswitch.profiles.profile import Kind
from xswitch.sessions.inventory import Sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.awsfiles.problems import Problem
    from xswitch.doctor.examined import Examined
    from xswitch.doctor.finding import Fix
    from xswitch.profiles.profile import Profile

_SECRET_LENGTH = 40
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_VARIABLE = re.compile(r"\$[A-Za-z_{(]")
_SCOPES = "sso:account:access"
_OF_SESSIONS = ("sso_start_url", "sso_region")
_HOMES = ("~/", "$HOME/", "${HOME}/")


# -- access keys ----------------------------------------------------------------------------------


def _key_ids(examined: Examined) -> Iterator[Finding]:
    for key_id, profiles in examined.values_of("aws_access_key_id").items():
        if is_mangled(key_id) or "\n" in key_id:
            continue
        text = ""
        if len(key_id) == _SECRET_LENGTH or not key_id or check_setting("aws_access_key_id", key_id):
            text = (
                "`aws_access_key_id` is no access key id (AKIA…, 20 characters): is it the secret, or empty?"
            )
        elif is_account_id(key_id) or _REGION.fullmatch(key_id):
            text = "`aws_access_key_id` has something else in it: an access key id is AKIA…, 20 characters"
        elif key_id[:4] in {"AKIA", "ASIA"} and (len(key_id) < 16 or key_id != key_id.upper()):
            text = "`aws_access_key_id` is no whole access key id: they have 20 capitals and digits"
        for profile in profiles if text else ():
            yield Finding(text, profile.place_of("aws_access_key_id"), profile=profile.name)


def _no_token(examined: Examined) -> Iterator[Finding]:
    for profile in examined.having("aws_access_key_id"):
        values = profile.key_values
        key_id = values.get("aws_access_key_id")
        if not isinstance(key_id, str) or not key_id.startswith("ASIA"):
            continue
        if "aws_session_token" not in values and "aws_security_token" not in values:
            text = (
                "an access key id that begins with ASIA is one of a session, and AWS refuses it without its "
                "`aws_session_token`: add it, or get new keys"
            )
            yield Finding(text, profile.place_of("aws_access_key_id"), profile=profile.name)


def _old_token(examined: Examined) -> Iterator[Finding]:
    sessions = Sessions(examined.locations)
    holders = dict.fromkeys([*examined.having("aws_session_token"), *examined.having("aws_security_token")])
    for profile in holders:
        if not profile.has_temporary_keys:
            continue
        session = sessions.of(profile, examined.now)
        place = next(
            profile.place_of(key)
            for key in ("aws_session_token", "aws_security_token")
            if key in profile.values
        )
        if session is None:
            text = "has the keys of a session, and nothing tells when it ends: commands will fail all at once"
        elif session.expires_at <= examined.now:
            text = f"the keys are those of a session that ended {session.expires_at:%Y-%m-%d %H:%M} UTC"
        else:
            continue
        yield Finding(text, place, profile=profile.name)


# -- SSO ------------------------------------------------------------------------------------------


def _no_session(examined: Examined) -> Iterator[Finding]:
    nearest = Nearest(examined.files.sso_sessions)

    def other(examined: Examined, name: str, problem: Problem) -> Fix | None:  # noqa: ARG001
        profile = examined.profiles[name]
        found = nearest.of(profile.sso_session or "")
        return set_value(profile, "sso_session", found, sure=False) if found else None

    yield from met("sso-session-missing", fix=other)(examined)


def _inconsistent(examined: Examined, name: str, problem: Problem) -> Fix | None:
    key = problem.message.split("`")[1] if "`" in problem.message else ""
    return unset(examined.profiles[name], key, sure=False) if key else None


def _incomplete(examined: Examined) -> Iterator[Finding]:
    for name, problem in examined.by_code.get("sso-incomplete", ()):
        session = examined.profiles[name].sso_session or ""
        text = problem.message
        if session in examined.files.sso_sessions and any(f" {key}" in text for key in _OF_SESSIONS):
            line = _session_place(examined, session)[1]
            text += f" (a start URL and a region belong in [sso-session {session}], line {line})"
        yield Finding(text, (problem.file, problem.line), profile=name)


def _account_id(examined: Examined) -> Iterator[Finding]:
    for value, profiles in examined.values_of("sso_account_id").items():
        right = value.replace("-", "").replace(" ", "")
        fits = not check_setting("sso_account_id", right) and bool(right)
        if (fits and right == value) or is_mangled(value):
            continue
        for profile in profiles:
            fix = set_value(profile, "sso_account_id", right) if fits else None
            text = "`sso_account_id` is not 12 digits"
            yield Finding(text, profile.place_of("sso_account_id"), profile=profile.name, fix=fix)


def _legacy(examined: Examined) -> Iterator[Finding]:
    for profile in examined.having("sso_start_url"):
        if "sso_session" not in profile.values:
            text = (
                "SSO without an `sso_session`: such a sign-in cannot be renewed and ends within hours; "
                "`aws configure sso` makes a session that is"
            )
            yield Finding(text, profile.place_of("sso_start_url"), profile=profile.name)


def _sessions(examined: Examined) -> Iterator[Finding]:
    used = {name for name, _ in _used_sessions(examined)}
    for name in examined.files.sso_sessions:
        if name not in used:
            place = _session_place(examined, name)
            yield Finding(f"no profile uses [sso-session {name}]", place)


def _scopes(examined: Examined) -> Iterator[Finding]:
    for name, _ in _used_sessions(examined):
        settings = examined.files.sso_session(name)
        if settings is not None and "sso_registration_scopes" not in settings:
            text = (
                f"[sso-session {name}] has no `sso_registration_scopes`: without {_SCOPES} its sign-in may "
                "not be renewable"
            )
            header = examined.files.sso_session_header(name)
            fix = set_in(CONFIG, header, "sso_registration_scopes", _SCOPES, "", sure=False)
            yield Finding(text, _session_place(examined, name), fix=fix)


def _used_sessions(examined: Examined) -> Iterator[tuple[str, list[Profile]]]:
    yield from examined.values_of("sso_session").items()


def _session_place(examined: Examined, name: str) -> tuple[str, int]:
    config = examined.files.config
    return config.path, config.sections[examined.files.sso_session_header(name)].line


# -- programs and files ---------------------------------------------------------------------------


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
        "XS301",
        Severity.ERROR,
        "half of an access key",
        "Key id and secret belong together, in one file: aws never mixes the two.",
        met("partial-keys"),
    ),
    Check(
        "XS302",
        Severity.ERROR,
        "malformed access key id",
        "Often the secret in the place of the id.",
        _key_ids,
    ),
    Check(
        "XS303",
        Severity.ERROR,
        "temporary key without its session token",
        "Key ids that begin with ASIA belong to a session.",
        _no_token,
    ),
    Check(
        "XS304",
        Severity.NOTE,
        "session in the files",
        "Temporary keys in a file end at some time: they have, or nothing tells when.",
        _old_token,
    ),
    Check(
        "XS311",
        Severity.ERROR,
        "SSO session does not exist",
        "`sso_session` names an `[sso-session]` that is not in the config file.",
        _no_session,
    ),
    Check(
        "XS312",
        Severity.ERROR,
        "profile and SSO session disagree",
        "aws refuses a setting that has one value in the profile and another in its `[sso-session]`.",
        met("sso-inconsistent", fix=_inconsistent),
    ),
    Check(
        "XS313",
        Severity.ERROR,
        "SSO settings incomplete",
        "SSO needs a start URL and a region, from the `[sso-session]`, and an account and a role, from the "
        "profile.",
        _incomplete,
    ),
    Check(
        "XS314",
        Severity.ERROR,
        "malformed `sso_account_id`",
        "12 digits, without dashes.",
        _account_id,
    ),
    Check(
        "XS315",
        Severity.NOTE,
        "SSO without a session",
        "The older form: its sign-in cannot be renewed.",
        _legacy,
    ),
    Check(
        "XS316",
        Severity.NOTE,
        "unused `[sso-session]`",
        "No profile names it.",
        _sessions,
    ),
    Check(
        "XS317",
        Severity.NOTE,
        "SSO session without scopes",
        "`sso_registration_scopes = sso:account:access` makes sign-ins renewable.",
        _scopes,
    ),
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
