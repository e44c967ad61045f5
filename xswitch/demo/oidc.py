"""SSO's OIDC service: clients, sign-ins that wait for their user, tokens, and the page that approves."""

from __future__ import annotations

import html
import json
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from xswitch.demo import tree

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

PENDING = "AuthorizationPendingException"
# Status, and the `error` of the OAuth 2.0 standards, by the names in AWS's service model.
ERRORS = {
    PENDING: (400, "authorization_pending"),
    "SlowDownException": (400, "slow_down"),
    "ExpiredTokenException": (400, "expired_token"),
    "AccessDeniedException": (400, "access_denied"),
    "InvalidClientException": (401, "invalid_client"),
    "InvalidGrantException": (400, "invalid_grant"),
    "InvalidRequestException": (400, "invalid_request"),
    "UnauthorizedClientException": (400, "unauthorized_client"),
    "UnsupportedGrantTypeException": (400, "unsupported_grant_type"),
    "InternalServerException": (500, "server_error"),
}
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_DEVICE_SECONDS = 600
_INTERVAL = 1  # seconds between two polls
_TOKEN_SECONDS = 8 * 3600
_REGISTRATION_SECONDS = 90 * 24 * 3600
_PATIENCE = 6.0  # seconds after which a sign-in of the demo is approved without its page


class Device:
    """A sign-in that waits for its user; `opened` once the page was opened, `polls` so far."""

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id
        self.device_code = secrets.token_urlsafe(24)
        letters = [secrets.choice(_CODE_LETTERS) for _ in range(8)]
        self.user_code = "".join(letters[:4]) + "-" + "".join(letters[4:])
        self.started = time.monotonic()
        self.opened = False
        self.polls = 0

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.started


Decide = Callable[[Device], str]
"""Says how a poll ends: "" where the sign-in is approved, else the name of an error in `ERRORS`."""


def by_itself(device: Device) -> str:
    """Approve when the page is opened, or after a moment: the demo may have no browser."""
    if device.age > _DEVICE_SECONDS:
        return "ExpiredTokenException"
    return "" if device.opened or device.age >= _PATIENCE else PENDING


class Oidc:
    """The service. `handlers` are its calls by path."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide
        # Id -> secret and scopes. The demo's home begins signed in, with a token that can be refreshed.
        self.clients: dict[str, tuple[str, list[str]]] = {
            tree.SSO_CLIENT: (tree.SSO_CLIENT_SECRET, ["sso:account:access"])
        }
        self._devices: dict[str, Device] = {}
        self._refresh = {tree.SSO_REFRESH_TOKEN: tree.SSO_ACCESS_TOKEN}  # refresh token -> access token
        self._access = {tree.SSO_ACCESS_TOKEN}
        self._revoked: set[str] = set()
        self.handlers: dict[str, Callable[[Request], Response]] = {
            "/client/register": self._register,
            "/device_authorization": self._start,
            "/token": self._token,
            "/device": self._page,
        }

    def is_revoked(self, token: str) -> bool:
        """Tell whether a token was signed out. One that nobody gave out here counts as good."""
        return token in self._revoked

    def revoke(self, token: str) -> None:
        """Sign out."""
        if token in self._access:
            self._revoked.add(token)
            self._refresh = {refresh: of for refresh, of in self._refresh.items() if of != token}

    def _register(self, request: Request) -> Response:
        body = _body(request)
        if not body.get("clientName") or body.get("clientType") != "public":
            return refused("InvalidRequestException")
        client, secret = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
        scopes = body.get("scopes")
        self.clients[client] = (secret, scopes if isinstance(scopes, list) else [])
        now = int(time.time())
        ends = now + _REGISTRATION_SECONDS
        return _json(clientId=client, clientSecret=secret, clientIdIssuedAt=now, clientSecretExpiresAt=ends)

    def _start(self, request: Request) -> Response:
        body = _body(request)
        if not self._knows(body):
            return refused("InvalidClientException")
        if not str(body.get("startUrl", "")).startswith("https://"):
            return refused("InvalidRequestException")
        device = Device(str(body["clientId"]))
        self._devices[device.device_code] = device
        page = f"{request.host_url}device"
        return _json(
            deviceCode=device.device_code,
            userCode=device.user_code,
            verificationUri=page,
            verificationUriComplete=f"{page}?user_code={device.user_code}",
            expiresIn=_DEVICE_SECONDS,
            interval=_INTERVAL,
        )

    def _token(self, request: Request) -> Response:
        body = _body(request)
        if not self._knows(body):
            return refused("InvalidClientException")
        if body.get("grantType") == _DEVICE_GRANT:
            return self._by_device(str(body.get("deviceCode")), str(body["clientId"]))
        if body.get("grantType") == "refresh_token":
            return self._by_refresh(str(body.get("refreshToken")), str(body["clientId"]))
        return refused("UnsupportedGrantTypeException")

    def _by_device(self, code: str, client: str) -> Response:
        device = self._devices.get(code)
        if device is None or device.client_id != client:
            return refused("InvalidGrantException")
        device.polls += 1
        error = self._decide(device)
        if error:
            return refused(error)
        del self._devices[code]
        return self._new_token(client)

    def _by_refresh(self, refresh_token: str, client: str) -> Response:
        if self._refresh.pop(refresh_token, None) is None:
            return refused("InvalidGrantException")
        return self._new_token(client)

    def _new_token(self, client: str) -> Response:
        token = secrets.token_urlsafe(48)
        self._access.add(token)
        answer = {"accessToken": token, "tokenType": "Bearer", "expiresIn": _TOKEN_SECONDS}
        if self.clients[client][1]:  # a client without scopes, as of old, gets no refresh token
            answer["refreshToken"] = secrets.token_urlsafe(48)
            self._refresh[str(answer["refreshToken"])] = token
        return _json(**answer)

    def _knows(self, body: dict[str, object]) -> bool:
        client = self.clients.get(str(body.get("clientId")))
        return client is not None and client[0] == body.get("clientSecret")

    def _page(self, request: Request) -> Response:
        code = request.args.get("user_code", "").strip().upper()
        device = next((device for device in self._devices.values() if device.user_code == code), None)
        if device is not None:
            device.opened = True
            return page("Signed in. Go back to the terminal; it continues by itself.")
        text = (
            "Type the code that the terminal shows." if not code else "That code is not known, or was used."
        )
        form = '<form><input name="user_code" autofocus> <button>Continue</button></form>'
        return page(text, form)


def page(text: str, markup: str = "") -> Response:
    """Return a page with a sentence."""
    title = "The AWS of the xswitch demo"
    content = f"<!doctype html><title>{title}</title><h1>{title}</h1><p>{html.escape(text)}</p>{markup}"
    return Response(content, mimetype="text/html")


def refused(name: str) -> Response:
    """Return the error of that name as SSO answers it."""
    status, error = ERRORS[name]
    response = _json(error=error, error_description="")
    response.status_code = status
    response.headers["x-amzn-ErrorType"] = name
    return response


def _json(**content: object) -> Response:
    return Response(json.dumps(content), mimetype="application/json")


def _body(request: Request) -> dict[str, object]:
    body = request.get_json(force=True, silent=True)
    return body if isinstance(body, dict) else {}
