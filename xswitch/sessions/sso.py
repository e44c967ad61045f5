"""Signing in to SSO and out: device authorization by botocore's client, the token where `aws` looks for it.

The cache is the AWS CLI's, keys and contents: a sign-in by either serves both.
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import botocore.exceptions as boto
import botocore.tokens
import botocore.utils

from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.regular import private_folder
from xswitch.sessions.cache import read_session
from xswitch.sessions.clients import botocore_session, unsigned_client
from xswitch.sessions.interaction import Device
from xswitch.sessions.lock import locked
from xswitch.sessions.refusals import error_code, raise_own, reading, said_by, unreachable, variables_to_check
from xswitch.sessions.session import SessionKind
from xswitch.sessions.ssocache import cached_until, entry_in, kept_registration, valid_until
from xswitch.sessions.ssosession import SsoSession, token_path
from xswitch.text import printable
from xswitch.timestamps import UTC, format_time, utc_now

if TYPE_CHECKING:
    from xswitch.locations import Locations
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.interaction import Interaction

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
# RFC 8628, sections 3.2 and 3.5: how often to ask where the server does not say, and how much slower then.
_INTERVAL = 5.0
_SLOWER = 5.0
_CLIENT_REFUSED = {"InvalidClientException", "UnauthorizedClientException"}
# What botocore raises where a token cannot be renewed, its file being odd included.
_NOT_RENEWED = (
    boto.TokenRetrievalError,
    boto.SSOError,
    boto.ParamValidationError,
    KeyError,
    TypeError,
    ValueError,
)


def sign_in_sso(
    profile: Profile, locations: Locations, interaction: Interaction, *, force: bool = False
) -> datetime:
    """Sign in to the SSO session (or start URL) of `profile`; return when its token ends (UTC).

    A token with 15 minutes left is used, one that can be renewed is; only then, or with `force`, the user
    is asked to open a page. XswitchError where the files, the user or AWS refuse.
    """
    sso = SsoSession(profile)
    with locked(locations.locks, sso.key, interaction):
        ends = None if force else valid_until(sso, locations)
        if ends is not None:
            return ends
        try:
            signing_in = _SigningIn(sso, profile, locations, interaction)
            return (None if force else signing_in.renewed()) or signing_in.by_device()
        except (boto.ConnectionError, boto.HTTPClientError) as error:  # some are an OSError too
            raise _explained(error, sso) from error
        except OSError as error:
            where, reason = printable(tilde(locations.sso_cache)), error.strerror or type(error).__name__
            raise XswitchError(f"{where}: the sign-in cannot be kept ({printable(reason)})") from error
        except Exception as error:
            raise _explained(error, sso) from error


def renew_token(profile: Profile, locations: Locations, interaction: Interaction) -> None:
    """Renew the token of the profile's SSO session where it is near its end and can be renewed.

    Several processes renew it once: a refresh token works once. What is wrong is left for botocore to say.
    """
    try:
        sso = SsoSession(profile)
    except XswitchError:
        return
    if valid_until(sso, locations) is not None or cached_until(sso, locations) is None:
        return
    with locked(locations.locks, sso.key, interaction):
        if valid_until(sso, locations) is None:
            _SigningIn(sso, profile, locations, interaction).renewed()


def sign_out_sso(profile: Profile, locations: Locations) -> str:
    """Sign out of the SSO session (or start URL) of `profile`, for all of its profiles.

    AWS is told, and the token's file removed, whatever AWS says. Returns "" or a warning. OSError where
    the file cannot be removed.
    """
    path = token_path(profile, locations)
    if path is None:
        return ""
    try:
        session = read_session(path)
    except ValueError as error:
        return f"{printable(tilde(path))}: {error}, so it was left as it is"
    if session is None or session.kind != SessionKind.SSO_TOKEN:
        return ""
    warning = _tell_portal(path, profile)
    os.unlink(path)
    return warning


class _SigningIn:
    def __init__(
        self, sso: SsoSession, profile: Profile, locations: Locations, interaction: Interaction
    ) -> None:
        self._sso = sso
        self._profile = profile
        self._locations = locations
        self._interaction = interaction
        private_folder(locations.sso_cache)
        self._cache = botocore.utils.JSONFileCache(locations.sso_cache, dumps_func=_dump)
        self._session = botocore_session(profile.name, sso.region)
        self._client = unsigned_client(self._session, "sso-oidc", sso.region)

    def renewed(self) -> datetime | None:
        """Renew the token without the user; None where that cannot be done."""
        if self._sso.name is None or cached_until(self._sso, self._locations) is None:
            return None
        provider = botocore.tokens.SSOTokenProvider(
            self._session, cache=self._cache, profile_name=self._profile.name
        )
        try:
            provider.load_token().get_frozen_token()
        except _NOT_RENEWED:
            return None
        return valid_until(self._sso, self._locations)

    def by_device(self) -> datetime:
        """Have the user confirm the sign-in on a page; keep the token and return its end."""
        try:
            return self._authorized(self._registration(anew=False))
        except boto.ClientError as error:
            if error_code(error) not in _CLIENT_REFUSED:
                raise
        return self._authorized(self._registration(anew=True))

    def _registration(self, *, anew: bool) -> dict[str, Any]:
        """Return the registration of a client: the one that is kept, or a new one."""
        key = self._registration_key()
        kept = kept_registration(os.path.join(self._locations.sso_cache, f"{key}.json"))
        if kept is not None and not anew:
            return kept
        scopes = {"scopes": self._sso.scopes} if self._sso.scopes else {}
        answer = self._client.register_client(clientName="xswitch", clientType="public", **scopes)
        with reading("SSO", "RegisterClient"):
            registration = {
                "clientId": answer["clientId"],
                "clientSecret": answer["clientSecret"],
                "expiresAt": format_time(datetime.fromtimestamp(answer["clientSecretExpiresAt"], UTC)),
                **scopes,
            }
        self._cache[key] = registration
        return registration

    def _registration_key(self) -> str:
        """Return the key under which the AWS CLI keeps it (`SSOTokenFetcher._registration_cache_key`)."""
        sso = self._sso
        told = {"startUrl": sso.start_url, "region": sso.region, "scopes": sso.scopes}
        text = json.dumps({"tool": "botocore", "session_name": sso.name, **told}, sort_keys=True)
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def _authorized(self, registration: dict[str, Any]) -> datetime:
        client = {key: registration[key] for key in ("clientId", "clientSecret")}
        answer = self._client.start_device_authorization(**client, startUrl=self._sso.start_url)
        with reading("SSO", "StartDeviceAuthorization"):
            device, device_code = _device(answer), answer["deviceCode"]
            interval = max(float(answer.get("interval", _INTERVAL)), 1.0)
        self._interaction.show_device(device)
        while utc_now() < device.expires_at:
            self._interaction.pause(interval)
            try:
                token = self._client.create_token(**client, grantType=_DEVICE_GRANT, deviceCode=device_code)
            except (boto.ConnectionError, boto.HTTPClientError):
                interval += _SLOWER  # the page may still be confirmed: RFC 8628, section 3.5
            except boto.ClientError as error:
                if _is_for_a_moment(error):
                    interval += _SLOWER
                elif error_code(error) != "AuthorizationPendingException":
                    raise
            else:
                return self._keep(token, registration)
        raise _too_late(self._sso)

    def _keep(self, answer: dict[str, Any], registration: dict[str, Any]) -> datetime:
        with reading("SSO", "CreateToken"):
            access_token, ends = answer["accessToken"], utc_now() + timedelta(seconds=answer["expiresIn"])
        token = {
            "startUrl": self._sso.start_url,
            "region": self._sso.region,
            "accessToken": access_token,
            "expiresAt": format_time(ends),
            "clientId": registration["clientId"],
            "clientSecret": registration["clientSecret"],
            "registrationExpiresAt": registration["expiresAt"],
        }
        if "refreshToken" in answer:
            token["refreshToken"] = answer["refreshToken"]
        self._cache[self._sso.key] = token
        return ends


def _device(answer: dict[str, Any]) -> Device:
    """Return what the user is shown. What SSO answers is opened in a browser: it must be a web page."""
    url = str(answer["verificationUri"])
    complete_url = str(answer.get("verificationUriComplete") or url)
    for address in (url, complete_url):
        if not _is_web_page(address):
            raise XswitchError(
                f"SSO sent an address for the sign-in that is no web page: {printable(address[:80])}",
                "it was not opened; check AWS_ENDPOINT_URL where it is set",
            )
    ends = utc_now() + timedelta(seconds=answer["expiresIn"])
    return Device(url, complete_url, answer["userCode"], ends)


def _is_web_page(address: str) -> bool:
    if not address.isascii() or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _tell_portal(path: str, profile: Profile) -> str:
    """Have the portal forget the token; return "" or why it does not know."""
    entry = entry_in(path)
    region = str(entry.get("region") or profile.sso_text("sso_region"))
    try:
        client = unsigned_client(botocore_session(profile.name, region), "sso", region)
        client.logout(accessToken=entry["accessToken"])
    except boto.ClientError as error:
        if error_code(error) == "UnauthorizedException":
            return ""  # it was over already
        return f"signed out on this machine only: the portal refused ({printable(error_code(error))})"
    except (boto.ConnectionError, boto.HTTPClientError) as error:
        return f"signed out on this machine only: the portal could not be told: {unreachable(error)}"
    except Exception as error:  # noqa: BLE001 - whatever it is, the token is removed here
        return f"signed out on this machine only: the portal could not be told ({type(error).__name__})"
    return ""


def _explained(error: Exception, sso: SsoSession) -> XswitchError:
    raise_own(error)
    found = _sentence(error, sso)
    found.raw = said_by(error)
    return found


def _sentence(error: Exception, sso: SsoSession) -> XswitchError:
    if isinstance(error, boto.ClientError):
        return _refused(error, sso)
    if isinstance(error, boto.ConnectionError | boto.HTTPClientError):
        return XswitchError(
            f"SSO could not be reached in {printable(sso.region)}: {unreachable(error)}",
            f"check sso_region ({sso.place}), the network, and {variables_to_check(error)} where it is set",
        )
    if isinstance(error, boto.InvalidRegionError):
        return XswitchError(f"{printable(sso.region)} is no region", f"correct sso_region ({sso.place})")
    return XswitchError(f"signing in to {sso.label} failed ({type(error).__name__})")


def _refused(error: boto.ClientError, sso: SsoSession) -> XswitchError:
    code = error_code(error)
    if code == "ExpiredTokenException":
        return _too_late(sso)
    if code == "AccessDeniedException":
        text = f"the sign-in to {sso.label} was denied in the browser"
        return XswitchError(text, "sign in again and allow it there")
    if error.operation_name == "StartDeviceAuthorization" and code == "InvalidRequestException":
        text = f"SSO in {printable(sso.region)} does not know the start URL of {sso.label}"
        return XswitchError(text, f"check its sso_start_url and sso_region ({sso.place})")
    text = f"SSO refused {error.operation_name} for {sso.label}: {printable(code)}"
    return XswitchError(text, "try again in a moment; --debug shows what AWS said")


def _too_late(sso: SsoSession) -> XswitchError:
    text = f"the sign-in to {sso.label} was not confirmed in time"
    return XswitchError(text, "sign in again: the page is there for some minutes only")


def _is_for_a_moment(error: boto.ClientError) -> bool:
    """Tell whether asking again, less often, may well succeed."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or error_code(error) in {"SlowDownException", "TooManyRequestsException"}


def _dump(entry: Any) -> str:
    return json.dumps(entry, default=format_time)
