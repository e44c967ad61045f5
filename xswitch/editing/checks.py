"""What may be written: each check returns a sentence that says what is wrong, or "".

The forms of values are those of the IAM and STS API references (AssumeRole: `ExternalId`,
`RoleSessionName`, `DurationSeconds`; `SerialNumber`), and of the AWS CLI's `output`.
"""

from __future__ import annotations

import re

from xswitch.profiles.arn import account_of, is_account_id, is_role_arn, role_name
from xswitch.profiles.durations import seconds_of
from xswitch.profiles.profile import Kind
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from xswitch.profiles.collection import Profiles

OUTPUTS = ("json", "yaml", "yaml-stream", "text", "table", "off")
_ROLE_KEYS = (
    "role_arn",
    "source_profile",
    "region",
    "external_id",
    "mfa_serial",
    "duration_seconds",
    "role_session_name",
    "output",
)
OFFERED: dict[str, tuple[str, ...]] = {
    Kind.ROLE: _ROLE_KEYS,
    Kind.SSO: ("sso_session", "sso_account_id", "sso_role_name", "region", "output"),
    Kind.STATIC: ("aws_access_key_id", "aws_secret_access_key", "region", "mfa_serial", "output"),
    Kind.WEB_IDENTITY: ("role_arn", "web_identity_token_file", "role_session_name", "region", "output"),
    Kind.PROCESS: ("credential_process", "region", "output"),
    Kind.LOGIN: ("login_session", "region", "output"),
    Kind.NONE: ("region", "output"),
}
"""The keys that a form offers for a profile of each kind, set or not."""

_LONGEST_NAME = 128
_KEY = re.compile(
    r"[A-Za-z][\w-]{0,38}", re.ASCII
)  # shorter than a secret, which may be typed here by mistake


def check_name(name: str) -> str:
    """Tell what keeps a profile from having that name."""
    wrong = {
        "a profile needs a name": not name,
        "a name cannot begin or end with a blank": name != name.strip(),
        "a name cannot have control characters or line breaks": not name.isprintable(),
        "a name cannot have square brackets": "[" in name or "]" in name,
        "a name that begins with a dash would be taken for an option": name.startswith("-"),
        "[DEFAULT] gives its settings to every profile and is none itself": name == "DEFAULT",
        f"a name can have {_LONGEST_NAME} characters at most": len(name) > _LONGEST_NAME,
    }
    return next((sentence for sentence, holds in wrong.items() if holds), "")


def check_new_name(name: str, profiles: Profiles) -> str:
    """Tell what keeps a new profile from having that name."""
    from xswitch.locations import tilde

    wrong = check_name(name)
    if wrong or name not in profiles:
        return wrong
    file, line = profiles[name].place
    return f"there is a profile {printable(name)} already, in {printable(tilde(file))}:{line}"


def check_source(name: str, profiles: Profiles, own: str = "") -> str:
    """Tell what keeps `name` from being the source profile of a role profile called `own`."""
    if not name:
        return "a role needs a source profile: whose credentials assume it"
    if name not in profiles:
        return f"there is no profile {printable(name)}"
    if name == own:
        return "" if profiles[name].has_static_keys else "a role cannot be its own source"
    if own and own in profiles.chain(name):
        return f"{printable(name)} gets its credentials from {printable(own)} itself"
    source = profiles[name]
    if not source.assumes_role and source.kind_as_source == Kind.NONE:
        return f"{printable(name)} has no credentials to assume a role with"
    return ""


def check_key(key: str) -> str:
    """Tell what keeps a setting from having that key; `s3.addressing_style` is a key of the block `s3`."""
    block, dot, name = key.partition(".")
    if not block or (dot and not name):
        return "a setting needs a key"
    if not all(_KEY.fullmatch(part) for part in key.split(".")):
        return "a key begins with a letter, and has letters, digits, - and _ only"
    return "a block of settings has no block in it" if "." in name else ""


def check_setting(key: str, value: str) -> str:
    """Tell what is wrong with a value; of a key that is not known, only whether it can be written."""
    if not value.isprintable():
        return "a value cannot have line breaks or control characters"
    if value != value.strip():
        return "a value cannot begin or end with a blank"
    check = _CHECKS.get(key.lower())
    return check(value) if check and value else ""


def parse_duration(text: str) -> str | None:
    """Return `1h`, `1h30m` or `3600` in seconds, as a file has it; None where it is no time."""
    seconds = seconds_of(text)
    return None if seconds is None else str(seconds)


def proposed_name(role_arn: str, profiles: Profiles) -> str:
    """Return a free name for a profile of that role, "" where the ARN is not whole yet.

    It is made of what the account's other profiles are called, else of its number, and of the role.
    """
    account = account_of(role_arn)
    if account is None or not is_role_arn(role_arn):
        return ""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", role_name(role_arn))
    role = "-".join(word.lower() for word in words) or "role"
    known = sorted(known_account(account, profiles), key=len)
    label = next((name for name in known if not check_name(name)), account)
    name = f"{label}-{role}"
    free = (name, *(f"{name}-{number}" for number in range(2, 100)))
    return next((each for each in free if not check_new_name(each, profiles)), "")


def known_account(account_id: str, profiles: Profiles) -> list[str]:
    """Return the names of the profiles that are in an account, as far as the files tell."""
    return [profile.name for profile in profiles if profile.account_id == account_id]


def _role_arn(value: str) -> str:
    if is_role_arn(value):
        return ""
    if not value.startswith("arn:"):
        return "a role ARN is of the form arn:aws:iam::123456789012:role/NAME"
    parts = value.split(":", 5)
    if len(parts) < 6:
        return "the ARN is not whole: arn:aws:iam::123456789012:role/NAME"
    if parts[2] != "iam" or not parts[5].startswith("role/"):
        return "this is no ARN of an IAM role: arn:aws:iam::123456789012:role/NAME"
    if not is_account_id(parts[4]):
        return "the account in the ARN is not 12 digits"
    return "a role ARN is of the form arn:aws:iam::123456789012:role/[PATH/]NAME"


def _duration(value: str) -> str:
    seconds = seconds_of(value)
    if seconds is None:
        return "write a time as 1h, 90m or 3600"
    return "" if 900 <= seconds <= 43200 else "AWS gives a role's session 15 minutes to 12 hours"


def _account(value: str) -> str:
    return "" if is_account_id(value.replace("-", "")) else "an account is 12 digits"


def _matching(pattern: str, wrong: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)
    return lambda value: "" if compiled.fullmatch(value) else wrong


# botocore's `validate_region_name`: a label of a host name. What is only like AWS has regions of its own.
_region = _matching(
    r"(?![0-9]+$)(?!-)[a-zA-Z0-9-]{1,63}(?<!-)", "this is no region: write for example eu-west-1"
)
_NO_WORD = "this has a blank in it"
_CHECKS = {
    "role_arn": _role_arn,
    "duration_seconds": _duration,
    "external_id": _matching(
        r"[\w+=,.@:/-]{2,1224}", "an external ID has 2 to 1224 letters, digits and any of _ + = , . @ : / -"
    ),
    "role_session_name": _matching(
        r"[\w+=,.@-]{2,64}", "a session name has 2 to 64 letters, digits and any of _ + = , . @ -"
    ),
    "mfa_serial": _matching(
        r"[\w+=/:,.@-]{9,256}",
        "an MFA device is its ARN (arn:aws:iam::123456789012:mfa/NAME) or serial number",
    ),
    "aws_access_key_id": _matching(
        r"[\w.-]+", "an access key id has letters and digits only; is this its secret?"
    ),
    "sso_account_id": _account,
    "sso_start_url": _matching(r"https?://\S+", "a start URL begins with https://"),
    "region": _region,
    "sso_region": _region,
    "output": lambda value: "" if value in OUTPUTS else f"output is one of {', '.join(OUTPUTS)}",
    "source_profile": check_name,
    "aws_secret_access_key": _matching(
        r"(?!A[KS]IA[A-Z0-9]{12,}$)\S+", "this is no secret: it has a blank in it, or is an access key id"
    ),
    "aws_session_token": _matching(r"\S+", _NO_WORD),
}
