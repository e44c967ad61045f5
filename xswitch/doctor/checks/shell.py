"""The environment: variables that win over profiles, contradict each other, or lead nowhere."""

from __future__ import annotations

import os

from xswitch import locations as names
from xswitch.doctor.checks.mapped import near
from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.profiles.providers import shadowing_variables
from xswitch.text import printable
from xswitch.timestamps import parse_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.doctor.examined import Examined

_FILES = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
_SECURITY_TOKEN = "AWS_SECURITY_TOKEN"  # noqa: S105 - the variable's name


def _unknown_profile(examined: Examined) -> Iterator[Finding]:
    for variable in names.PROFILE_VARIABLES:
        name = examined.environ.get(variable)
        if name is None or name in examined.profiles:
            continue
        if not name:
            yield Finding(f"{variable} is empty, which aws takes for a name: unset it")
        else:
            found = near(name, list(examined.files.profiles))
            more = f" (did you mean “{found}”?)" if found else ""
            yield Finding(f"{variable} names “{name}”, which is no profile{more}: every aws command fails")


def _two_profiles(examined: Examined) -> Iterator[Finding]:
    first, second = (examined.environ.get(variable) for variable in names.PROFILE_VARIABLES)
    if first and second and first != second:
        text = (
            f"AWS_PROFILE is “{first}” and AWS_DEFAULT_PROFILE “{second}”: the AWS CLI v2 takes the first, "
            "boto3 and v1 the second"
        )
        yield Finding(f"{text}; unset AWS_DEFAULT_PROFILE")


def _keys_win(examined: Examined) -> Iterator[Finding]:
    environ = examined.environ
    if not environ.get(names.ACCESS_KEY_ID) or not environ.get(names.SECRET_ACCESS_KEY):
        return
    named = examined.named
    if named:
        text = (
            f"AWS_ACCESS_KEY_ID is set and wins over AWS_PROFILE (“{named}”), of which only the region "
            "counts: unset the keys, or the profile"
        )
        yield Finding(text, profile=named if named in examined.profiles else "")
    elif not environ.get(names.ACTIVE_PROFILE) and "default" in examined.profiles:
        text = "AWS_ACCESS_KEY_ID is set: without --profile, these keys are used and not the profile default"
        yield Finding(text, severity=Severity.NOTE)


def _half_keys(examined: Examined) -> Iterator[Finding]:
    environ = examined.environ
    if environ.get(names.ACCESS_KEY_ID) and not environ.get(names.SECRET_ACCESS_KEY):
        text = "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY: aws gives up; unset it, or set both"
        yield Finding(text)


def _two_tokens(examined: Examined) -> Iterator[Finding]:
    old, new = examined.environ.get(_SECURITY_TOKEN), examined.environ.get(names.SESSION_TOKEN)
    if old and examined.environ.get(names.ACCESS_KEY_ID) and old != new:
        which = "and wins over AWS_SESSION_TOKEN, which differs" if new else "and is sent with the keys"
        text = f"{_SECURITY_TOKEN} (the older name) is set {which}: unset it unless it belongs to these keys"
        yield Finding(text, severity="" if new else Severity.WARNING)


def _over(examined: Examined) -> Iterator[Finding]:
    ends = parse_time(examined.environ.get(names.CREDENTIAL_EXPIRATION))
    if ends is not None and ends <= examined.now and examined.environ.get(names.ACCESS_KEY_ID):
        text = (
            f"the session in AWS_ACCESS_KEY_ID ended {ends:%Y-%m-%d %H:%M} UTC: get new keys, or unset them"
        )
        yield Finding(text)


def _two_regions(examined: Examined) -> Iterator[Finding]:
    first, second = (examined.environ.get(variable) for variable in names.REGION_VARIABLES)
    if first and second and first != second:
        text = (
            f"AWS_REGION is {first} and AWS_DEFAULT_REGION {second}: the AWS CLI v2 takes the first, "
            "boto3 and v1 the second"
        )
        yield Finding(f"{text}; set both the same")


def _empty_region(examined: Examined) -> Iterator[Finding]:
    for variable in names.REGION_VARIABLES:
        if examined.environ.get(variable) == "":
            yield Finding(f"{variable} is empty, which aws takes for a region: unset it")


def _others_win(examined: Examined) -> Iterator[Finding]:
    name = examined.named
    if examined.environ.get(names.ACCESS_KEY_ID) or name is None or name not in examined.profiles:
        return
    found = shadowing_variables(examined.profiles[name], examined.environ)
    regions = [variable for variable in found if variable in names.REGION_VARIABLES]
    winning = [variable for variable in found if variable in names.WEB_IDENTITY_VARIABLES[:1]]
    tokens = [variable for variable in found if variable.startswith(names.BEARER_TOKENS)]
    if winning:
        yield Finding(f"{winning[0]} is set and wins over AWS_PROFILE (“{name}”): unset it", profile=name)
    for variable in tokens:
        text = f"{printable(variable)} is set and wins over every profile for that service"
        yield Finding(text, profile=name)
    if any(examined.environ.get(variable) for variable in regions) and not examined.environ.get(
        names.ACTIVE_PROFILE
    ):
        region = next(examined.environ[variable] for variable in regions if examined.environ[variable])
        text = (
            f"{regions[0]} ({region}) wins over the region of the profile ({examined.profiles[name].region})"
        )
        yield Finding(text, profile=name, severity=Severity.NOTE)


def _files(examined: Examined) -> Iterator[Finding]:
    for variable, path in zip(_FILES, (ini.path for ini in examined.ini_files), strict=True):
        value = examined.environ.get(variable)
        if value is None:
            continue
        if not value:
            text = f"{variable} is empty, which means no file at all, not the usual one: unset it"
            yield Finding(text, severity=Severity.WARNING)
        elif not os.path.lexists(path):
            text = f"{variable} names a file that does not exist: aws takes it for empty; correct the name"
            yield Finding(text, (path, 0))


def _expanded(examined: Examined) -> Iterator[Finding]:
    for variable in _FILES:
        if "$" in examined.environ.get(variable, ""):
            text = (
                f"there is a `$` in {variable} itself: aws reads the file that it means, and writes to one "
                "of that very name; let the shell expand it"
            )
            yield Finding(text)


CHECKS = (
    Check(
        "XS501",
        Severity.ERROR,
        "AWS_PROFILE names no profile",
        "Or is empty, which is no way to unset it.",
        _unknown_profile,
    ),
    Check(
        "XS502",
        Severity.WARNING,
        "AWS_PROFILE and AWS_DEFAULT_PROFILE differ",
        "Tools disagree on which of them counts.",
        _two_profiles,
    ),
    Check(
        "XS503",
        Severity.ERROR,
        "keys in the environment win over AWS_PROFILE",
        "Switching the profile changes nothing but the region then. A note where no profile is chosen.",
        _keys_win,
    ),
    Check(
        "XS504",
        Severity.ERROR,
        "half of an access key in the environment",
        "AWS_ACCESS_KEY_ID without AWS_SECRET_ACCESS_KEY.",
        _half_keys,
    ),
    Check(
        "XS505",
        Severity.ERROR,
        "stale AWS_SECURITY_TOKEN",
        "The older name of AWS_SESSION_TOKEN, which wins over it.",
        _two_tokens,
    ),
    Check(
        "XS506",
        Severity.ERROR,
        "the environment's session is over",
        "AWS_CREDENTIAL_EXPIRATION has passed.",
        _over,
    ),
    Check(
        "XS507",
        Severity.WARNING,
        "AWS_REGION and AWS_DEFAULT_REGION differ",
        "Tools disagree on which of them counts.",
        _two_regions,
    ),
    Check(
        "XS508",
        Severity.WARNING,
        "empty region variable",
        "It counts as set.",
        _empty_region,
    ),
    Check(
        "XS509",
        Severity.WARNING,
        "another variable wins over AWS_PROFILE",
        "A web identity, a bearer token, or (a note) a region.",
        _others_win,
    ),
    Check(
        "XS510",
        Severity.ERROR,
        "AWS_CONFIG_FILE leads nowhere",
        "Or AWS_SHARED_CREDENTIALS_FILE: a file that does not exist has no profiles. A warning where "
        "the variable is empty.",
        _files,
    ),
    Check(
        "XS511",
        Severity.WARNING,
        "a variable in AWS_CONFIG_FILE",
        "aws expands it to read, and not to write.",
        _expanded,
    ),
)
