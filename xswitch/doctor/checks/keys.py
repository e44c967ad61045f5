"""Access keys, and the sessions that stand in the files."""

from __future__ import annotations

import re

from xswitch.doctor.checks.mapped import met
from xswitch.doctor.checks.values import is_mangled
from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.editing.checks import check_setting
from xswitch.profiles.arn import is_account_id
from xswitch.sessions.inventory import Sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.doctor.examined import Examined

_SECRET_LENGTH = 40
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


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
)
