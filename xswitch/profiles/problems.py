"""What is wrong with one profile by itself: the cases in which botocore refuses it or silently does less."""

from __future__ import annotations

from xswitch.awsfiles.settings import Problem
from xswitch.profiles.arn import is_role_arn
from xswitch.profiles.profile import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.awsfiles.files import AwsFiles
    from xswitch.profiles.profile import Profile

CREDENTIAL_SOURCES = ("Environment", "Ec2InstanceMetadata", "EcsContainer")
# Found by us only: botocore sends a malformed ARN as it is, ignores a malformed duration, and leaves it to
# AWS to refuse one that is too long.
_NOT_CHECKED = ("role-arn-invalid", "duration-invalid", "duration-refused")
_SSO_KEYS = ("sso_start_url", "sso_region", "sso_role_name", "sso_account_id")


def own_problems(profile: Profile, files: AwsFiles) -> list[Problem]:
    """Return the problems of `profile` that do not depend on other profiles, the decisive one first."""
    if profile.kind == Kind.ROLE:
        return _role(profile)
    if profile.kind == Kind.NONE:
        return list(_nothing(profile, files))
    return source_problems(profile, files)


def source_problems(profile: Profile, files: AwsFiles) -> list[Problem]:
    """Return the problems of `profile` by its kind as a source: its own role is not assumed then."""
    kind = profile.kind_as_source
    if kind == Kind.SSO:
        return list(_sso(profile, files))
    if kind == Kind.STATIC:
        return list(_keys(profile))
    if kind == Kind.WEB_IDENTITY:
        return list(_web_identity(profile))
    return []


def decisive(problems: list[Problem]) -> Problem | None:
    """Return the first problem for which botocore refuses the profile before any call, or None."""
    return next((problem for problem in problems if problem.code not in _NOT_CHECKED), None)


def _problem(profile: Profile, code: str, key: str, what: str) -> Problem:
    file, line = profile.place_of(key)
    return Problem(code, what, file, line)


def _role(profile: Profile) -> list[Problem]:
    values, problems = profile.values, []
    names_profile, names_source = "source_profile" in values, "credential_source" in values
    if names_profile and names_source:
        text = "has both `source_profile` and `credential_source`: delete one of them"
        problems.append(_problem(profile, "both-sources", "credential_source", text))
    elif not names_profile and not names_source:
        text = "has a `role_arn` and nothing to assume it with: add `source_profile`"
        problems.append(_problem(profile, "no-source", "role_arn", text))
    elif names_source and profile.text("credential_source") not in CREDENTIAL_SOURCES:
        text = f"`credential_source` is not known: write {', '.join(CREDENTIAL_SOURCES)} (the case counts)"
        problems.append(_problem(profile, "credential-source-invalid", "credential_source", text))
    if not is_role_arn(profile.text("role_arn") or ""):
        problems.append(_role_arn_invalid(profile))
    if "duration_seconds" in values and _is_no_number(profile):
        text = "`duration_seconds` is not a number of seconds, so aws ignores it: write for example 3600"
        problems.append(_problem(profile, "duration-invalid", "duration_seconds", text))
    return problems


def _is_no_number(profile: Profile) -> bool:
    return profile.text("duration_seconds") is not None and profile.duration_seconds is None


def _web_identity(profile: Profile) -> Iterator[Problem]:
    role_arn = profile.text("role_arn")
    if not role_arn:
        text = "has no `role_arn`: add the role to assume"
        yield _problem(profile, "no-role", "web_identity_token_file", text)
    elif not is_role_arn(role_arn):
        yield _role_arn_invalid(profile)


def _role_arn_invalid(profile: Profile) -> Problem:
    text = "`role_arn` is not of the form arn:aws:iam::123456789012:role/NAME"
    return _problem(profile, "role-arn-invalid", "role_arn", text)


def _sso(profile: Profile, files: AwsFiles) -> Iterator[Problem]:
    values = {key: profile.text(key) for key in profile.values}
    name = profile.sso_session
    if name is not None:
        session = files.sso_session(name)
        if session is None:
            yield _problem(
                profile,
                "sso-session-missing",
                "sso_session",
                f"the SSO session “{name}” does not exist: add [sso-session {name}] or correct the name",
            )
            return
        for key, setting in session.items():
            if values.setdefault(key, setting.text) != setting.text:
                yield _problem(
                    profile,
                    "sso-inconsistent",
                    key,
                    f"`{key}` differs from that of [sso-session {name}] (line {setting.line}): delete this",
                )
    missing = [key for key in _SSO_KEYS if key not in values]
    if missing:
        yield _problem(
            profile,
            "sso-incomplete",
            "sso_account_id",
            f"uses SSO but has no {', '.join(missing)}: add what is missing",
        )


def _keys(profile: Profile) -> Iterator[Problem]:
    if "aws_secret_access_key" not in profile.key_values:
        other = "aws_secret_access_key" in profile.values
        yield _problem(
            profile,
            "partial-keys",
            "aws_access_key_id",
            "the access key id and its secret stand in different files, and aws never mixes them: move one"
            if other
            else "has an access key id without `aws_secret_access_key`: add the secret",
        )


def _nothing(profile: Profile, files: AwsFiles) -> Iterator[Problem]:
    if "aws_secret_access_key" in profile.values:
        yield _problem(
            profile,
            "partial-keys",
            "aws_secret_access_key",
            "has a secret access key without `aws_access_key_id`: add the key id",
        )
    elif "source_profile" in profile.values and "web_identity_token_file" not in profile.values:
        yield _problem(
            profile,
            "no-role",
            "source_profile",
            "has a `source_profile` and no `role_arn`, so it is ignored: add the role",
        )
    name = profile.sso_session
    if name is not None and files.sso_session(name) is None:
        yield _problem(
            profile,
            "sso-session-missing",
            "sso_session",
            f"the SSO session “{name}” does not exist: add [sso-session {name}] or correct the name",
        )
