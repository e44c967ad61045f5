"""What botocore and AWS refuse, in one sentence each, with what to do about it."""

from __future__ import annotations

import re
import shlex
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import botocore.exceptions as boto

from xswitch.errors import SignedOut, XswitchError
from xswitch.profiles.profile import Kind
from xswitch.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.profiles.collection import Profiles

_TRY_AGAIN = "AWS asks for patience: try again in a moment"
_CLOCK = "set this machine's clock: AWS allows it five minutes of difference"
# By AWS's code; {root} is the profile at the end of the chain, {name} the one whose call it was.
_HINTS = {
    "AccessDenied": "check that the role's trust policy names you, and that your policy allows it",
    "AccessDeniedException": "check that your policy allows it",
    "ExpiredToken": "the credentials of {root} are over: {renew}",
    "ExpiredTokenException": "the credentials of {root} are over: {renew}",
    "InvalidClientTokenId": "AWS does not know the access key of {root}: see: xswitch show {root}",
    "UnrecognizedClientException": "AWS does not know the access key of {root}: see: xswitch show {root}",
    "SignatureDoesNotMatch": "check the secret access key of {root}, and this machine's clock",
    "RequestExpired": _CLOCK,
    "RequestTimeTooSkewed": _CLOCK,
    "RegionDisabledException": "the region is not enabled in this account: name another one with --region",
    "Throttling": _TRY_AGAIN,
    "ThrottlingException": _TRY_AGAIN,
    "TooManyRequestsException": _TRY_AGAIN,
    "RequestLimitExceeded": _TRY_AGAIN,
    "ServiceUnavailable": _TRY_AGAIN,
    "InternalFailure": _TRY_AGAIN,
    "ValidationError": "check role_arn, duration_seconds, external_id and role_session_name of {name}",
    "ForbiddenException": "check sso_account_id and sso_role_name of {root}: you may not have that role",
    "ResourceNotFoundException": "check sso_account_id and sso_role_name of {root}",
    "UnauthorizedException": "sign in again with: xswitch login {root} --force",
    "InvalidIdentityToken": "check the web_identity_token_file of {root}: AWS does not accept its token",
    "IDPRejectedClaim": "check the web_identity_token_file of {root}: its issuer does not accept the token",
}
# The parameters of AssumeRole by the settings they come from.
_SETTINGS = {
    "RoleArn": "role_arn",
    "RoleSessionName": "role_session_name",
    "ExternalId": "external_id",
    "SerialNumber": "mfa_serial",
    "DurationSeconds": "duration_seconds",
}
_MOST = 1000  # characters of what a server says
_KINDS = {
    "EndpointConnectionError": "no connection",
    "ConnectTimeoutError": "no answer in time",
    "ReadTimeoutError": "no answer in time",
    "ConnectionClosedError": "the connection was closed",
    "ProxyConnectionError": "the proxy does not answer",
}
_PARAMETER = re.compile(r"parameter (?:input\.)?(\w+)")


# AWS does not take the credentials that a call was made with: they were revoked, or are over.
_SOURCE_REFUSED = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId"}


def error_code(error: boto.ClientError) -> str:
    """Return AWS's code for why it refused a call."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def is_source_refused(error: boto.ClientError) -> bool:
    """Tell whether AWS refused a call for the credentials that it was made with."""
    return error_code(error) in _SOURCE_REFUSED


def explain(error: Exception, profiles: Profiles | None, name: str) -> XswitchError:
    """Return the XswitchError for what botocore raised while it made a call for the profile `name`.

    Without `profiles` the call was that of this shell's own credentials, which `name` describes. What is no
    refusal is raised as it is: see `raise_own`.
    """
    raise_own(error)
    root = profiles.root(name) if profiles is not None and name in profiles else None
    words = {"name": _word(name), "root": _word(root.name if root else name)}
    # Not its kind: a role may be assumed from keys in the profile itself.
    static = root is None or root.kind_as_source == Kind.STATIC
    words["renew"] = "put new ones where they came from" if static else f"xswitch login {words['root']}"
    see = f"see: xswitch show {words['name']}" if root else "--debug shows what AWS said"
    found = _explained(error, printable(name), words, see)
    found.raw = said_by(error)
    return found


def raise_own(error: Exception) -> None:
    """Raise what needs no explanation: an XswitchError, and a fault, which comes from a line of xswitch."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    ours = frame is not None and str(frame.tb_frame.f_globals.get("__name__")).startswith("xswitch.")
    if ours or isinstance(error, XswitchError):
        raise error


@contextmanager
def reading(service: str, operation: str) -> Iterator[None]:
    """Read an answer: one that lacks what it must hold is a proxy's, say, and no fault of xswitch."""
    try:
        yield
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise XswitchError(
            f"{service} did not answer {operation} as it should ({type(error).__name__})",
            "check the network, the proxy, and AWS_ENDPOINT_URL where it is set",
        ) from error


def said_by(error: Exception) -> str:
    """Return what AWS itself said, on one line; the texts of other exceptions may quote values."""
    return _line(_without_request(str(error))) if isinstance(error, boto.ClientError) else ""


def unreachable(error: boto.ConnectionError | boto.HTTPClientError) -> str:
    """Return why a call did not get through, without what the client quotes: headers, tokens in them too."""
    inner = error.kwargs.get("error")
    if isinstance(error, boto.SSLError):
        return f"no secure connection{_tls_reason(inner)}"
    if isinstance(inner, ValueError):
        return "its credentials or its endpoint hold a character that HTTP cannot, such as a line break"
    url = error.kwargs.get("endpoint_url")
    where = f" at {_line(_host(url))}" if isinstance(url, str) else ""
    return f"{_KINDS.get(type(error).__name__, type(error).__name__)}{where}"


def variables_to_check(error: Exception) -> str:
    """Return the variables that may be to blame where a call did not get through."""
    return "AWS_CA_BUNDLE or AWS_ENDPOINT_URL" if isinstance(error, boto.SSLError) else "AWS_ENDPOINT_URL"


def _tls_reason(error: Any) -> str:
    """Return what OpenSSL says, in brackets, of the error that urllib3 wraps; "" where it says nothing."""
    for one in (error, *getattr(error, "args", ())):
        if isinstance(one, ssl.SSLError):
            words = [one.reason, getattr(one, "verify_message", "")]
            return f" ({': '.join(_line(word) for word in words if word)})"
    return ""


def _host(url: str) -> str:
    """Return the address without a password that may stand in it."""
    scheme, separator, rest = url.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    return f"{scheme}{separator}{host}" if separator else ""


def _explained(error: Exception, name: str, words: dict[str, str], see: str) -> XswitchError:
    if isinstance(error, boto.ClientError):
        return _refused(error, name, words, see)
    if isinstance(error, boto.ConnectionError | boto.HTTPClientError):
        return XswitchError(
            f"AWS could not be reached for {name}: {unreachable(error)}",
            f"check the network, the region, and {variables_to_check(error)} where it is set",
        )
    if isinstance(error, boto.InvalidRegionError):
        return XswitchError(f"{name}: {_line(error)}", "check the region in the profile or given by --region")
    if isinstance(error, boto.TokenRetrievalError | boto.SSOError):
        return SignedOut(
            f"the SSO session of {name} is not signed in", f"sign in with: xswitch login {words['root']}"
        )
    if isinstance(error, boto.MissingDependencyException):
        return XswitchError(
            f"the session that aws login gave {name} cannot be read without the package botocore[crt]",
            "install it beside xswitch, or run without --env",
        )
    return XswitchError(f"no credentials for {name}: {_reason(error)}", see)


def _refused(error: boto.ClientError, name: str, words: dict[str, str], see: str) -> XswitchError:
    details = error.response.get("Error", {})
    code = error_code(error)
    text = _line(_without_request(str(details.get("Message", ""))))
    hint = _HINTS.get(code, see).format(**words)
    if "Signature expired" in text or "Signature not yet current" in text:
        hint = _CLOCK
    elif "MaxSessionDuration" in text:
        hint = f"lower duration_seconds of {words['name']}: the role allows less"
    elif "MFA serial number" in text or (
        error.operation_name == "GetSessionToken" and code == "AccessDenied"
    ):
        hint = f"check mfa_serial, and that the device is in step; see: xswitch show {words['name']}"
    elif code == "AccessDenied" and "MultiFactorAuthentication" in text:
        hint = f"name your MFA device in {words['root']}: mfa_serial = arn:aws:iam::ACCOUNT:mfa/NAME"
    return XswitchError(f"AWS refused {error.operation_name} for {name}: {printable(code)}: {text}", hint)


def _without_request(text: str) -> str:
    # With SignatureDoesNotMatch AWS sends the request back, session token and all.
    return text.partition("The Canonical String")[0]


def _reason(error: Exception) -> str:
    if isinstance(error, boto.ParamValidationError):
        # Its own text quotes the values.
        named = [_SETTINGS.get(name, name) for name in dict.fromkeys(_PARAMETER.findall(str(error)))]
        return f"AWS does not take the value of {' and '.join(named) or 'a setting'}"
    if isinstance(error, boto.BotoCoreError | RuntimeError):
        return _line(error)
    if isinstance(error, OSError):
        return _line(f"{error.filename}: {error.strerror}" if error.filename else error.strerror or error)
    return f"botocore failed on what it got ({type(error).__name__})"


def _word(name: str) -> str:
    return printable(shlex.quote(name))


def _line(text: object) -> str:
    return printable(" ".join(str(text)[:_MOST].split()))
