"""Amazon Resource Names, as far as profiles hold them."""

from __future__ import annotations

DEFAULT_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


def account_of(arn: str | None) -> str | None:
    """Return the 12-digit account id in `arn`, or None."""
    if not arn:
        return None
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[0] == "arn" and is_account_id(parts[4]) else None


def is_account_id(text: str) -> bool:
    """Tell whether `text` is 12 digits."""
    return len(text) == 12 and text.isascii() and text.isdecimal()


def partition_of(arn: str) -> str:
    """Return the partition of `arn` (`aws`, `aws-cn`, …), `aws` where it names none."""
    parts = arn.split(":", 2)
    return parts[1] if len(parts) == 3 and parts[1] else "aws"


def role_name(arn: str) -> str:
    """Return the name of the role without its path; what is no role ARN comes back as it is."""
    return arn.rsplit("/", 1)[1] if ":role/" in arn else arn


def is_role_arn(arn: str) -> bool:
    """Tell whether `arn` has the form `arn:PARTITION:iam::ACCOUNT:role/[PATH/]NAME`."""
    parts = arn.split(":", 5)
    return (
        len(parts) == 6
        and parts[0] == "arn"
        and parts[2] == "iam"
        and not parts[3]
        and is_account_id(parts[4])
        and parts[5].startswith("role/")
        and not parts[5].endswith("/")
        and arn.split() == [arn]  # an inline comment is part of the value
    )


def role_of_session(arn: str) -> str | None:
    """Return the role ARN of `arn:…:sts::ACCOUNT:assumed-role/NAME/SESSION`. A role's path is lost in it."""
    parts = arn.split(":", 5)
    if len(parts) == 6 and parts[5].startswith("assumed-role/"):
        return f"arn:{parts[1]}:iam::{parts[4]}:role/{parts[5].split('/')[1]}"
    return None
