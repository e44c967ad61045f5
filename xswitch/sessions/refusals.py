"""What botocore and AWS refuse, in one sentence each, with what to do about it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import botocore.exceptions as boto

from xswitch.errors import XswitchError
from xswitch.text import printable

if TYPE_CHECKING:
    from xswitch.profiles.profile import Profile

_BY_CODE = {
    "AccessDenied": "check that the role's trust policy names you, and that your policy allows it",
    "ExpiredToken": "the source credentials have expired: renew them",
    "ExpiredTokenException": "the source credentials have expired: renew them",
    "InvalidClientTokenId": "AWS does not know the source's access key: check it in its file",
    "UnrecognizedClientException": "AWS does not know the source's access key: check it in its file",
    "SignatureDoesNotMatch": "check the source's secret access key, and this machine's clock",
    "RequestExpired": "check this machine's clock",
    "RegionDisabledException": "the region is not enabled in this account: name another one with --region",
    "Throttling": "AWS asks for patience: try again in a moment",
    "ValidationError": "check role_arn, duration_seconds, external_id and role_session_name of the profile",
    "ForbiddenException": "check sso_account_id and sso_role_name: this user may not have that role",
}
# The parameters of AssumeRole by the settings they come from.
_SETTINGS = {
    "RoleArn": "role_arn",
    "RoleSessionName": "role_session_name",
    "ExternalId": "external_id",
    "SerialNumber": "mfa_serial",
    "DurationSeconds": "duration_seconds",
}
_PARAMETER = re.compile(r"parameter (?:input\.)?(\w+)")


def explain(error: Exception, profile: Profile, root: str) -> XswitchError:
    """Return the XswitchError for what botocore raised while it obtained a session for `profile`.

    `root` is the name of the profile at the end of its chain.
    """
    name = printable(profile.name)
    if isinstance(error, boto.ClientError):
        details = error.response.get("Error", {})
        code = str(details.get("Code", "Unknown"))
        # With SignatureDoesNotMatch AWS sends the request back, session token and all.
        text = str(details.get("Message", "")).partition("The Canonical String")[0]
        message = f"AWS refused {error.operation_name} for {name}: {printable(code)}: {_line(text)}"
        return XswitchError(message, _BY_CODE.get(code, f"see: xswitch show {name}"))
    if isinstance(error, boto.ConnectionError | boto.HTTPClientError):
        return XswitchError(
            f"AWS could not be reached for {name}: {_line(error)}",
            "check the network, the region, and AWS_ENDPOINT_URL where it is set",
        )
    if isinstance(error, boto.TokenRetrievalError | boto.SSOError):
        return XswitchError(
            f"the SSO session of {name} is not signed in: {_line(error)}",
            f"sign in with: aws sso login --profile {printable(shlex.quote(root))}",
        )
    return XswitchError(f"no credentials for {name}: {_reason(error)}", f"see: xswitch show {name}")


def _reason(error: Exception) -> str:
    if isinstance(error, boto.ParamValidationError):
        # Its own text quotes the values.
        named = [_SETTINGS.get(name, name) for name in dict.fromkeys(_PARAMETER.findall(str(error)))]
        return f"AWS does not take the value of {' and '.join(named) or 'a setting'}"
    if isinstance(error, RecursionError):
        return "the chain of its source profiles is too long for botocore"
    if isinstance(error, boto.BotoCoreError | RuntimeError):
        return _line(error)
    if isinstance(error, OSError):
        return _line(f"{error.filename}: {error.strerror}" if error.filename else error.strerror or error)
    # The text of others may quote what a program printed.
    return f"botocore failed on what it got ({type(error).__name__})"


def _line(text: object) -> str:
    return printable(" ".join(str(text).split()))
