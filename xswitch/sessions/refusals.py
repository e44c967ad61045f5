"""What botocore and AWS refuse, in one sentence each, with what to do about it."""

from __future__ import annotations

import botocore.exceptions as boto

from xswitch.errors import XswitchError
from xswitch.profiles.profile import Profile
from xswitch.text import printable

_BY_CODE = {
    "AccessDenied": "check that the role's trust policy names you and that your own policies allow sts:AssumeRole",
    "ExpiredToken": "the source credentials have expired: renew them",
    "ExpiredTokenException": "the source credentials have expired: renew them",
    "InvalidClientTokenId": "AWS does not know the source's access key: check it in the credentials file",
    "UnrecognizedClientException": "AWS does not know the source's access key: check it in the credentials file",
    "SignatureDoesNotMatch": "check the source's secret access key in the credentials file, and this machine's clock",
    "RequestExpired": "check this machine's clock",
    "RegionDisabledException": "the region is not enabled in this account: name another one with --region",
    "Throttling": "AWS asks for patience: try again in a moment",
    "ValidationError": "check duration_seconds, external_id and role_session_name of the profile",
}


def explain(error: Exception, profile: Profile) -> XswitchError:
    """Return the XswitchError for what botocore raised while it obtained a session for `profile`."""
    name = printable(profile.name)
    if isinstance(error, boto.ClientError):
        details = error.response.get("Error", {})
        code = str(details.get("Code", "Unknown"))
        text = printable(str(details.get("Message", "")))
        message = f"AWS refused {error.operation_name} for {name}: {printable(code)}: {text}"
        return XswitchError(message, _BY_CODE.get(code, ""))
    if isinstance(error, boto.ConnectionError | boto.HTTPClientError):
        return XswitchError(
            f"AWS could not be reached for {name}: {printable(str(error))}",
            "check the network, the region, and AWS_ENDPOINT_URL where it is set",
        )
    if isinstance(error, boto.TokenRetrievalError | boto.SSOError):
        return XswitchError(
            f"the SSO session of {name} is not signed in: {printable(str(error))}",
            f"sign in with: aws sso login --profile {name}",
        )
    return XswitchError(f"no credentials for {name}: {printable(str(error))}", f"see: xswitch show {name}")
