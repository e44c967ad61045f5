"""The federation endpoint: a session becomes a sign-in token, and that a page of the console."""

from __future__ import annotations

import html
import json
import secrets
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from xswitch.demo.oidc import page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.wrappers import Request

    from xswitch.demo.sts import Given

_KEYS = ("sessionId", "sessionKey", "sessionToken")


class Federation:
    """Answers `getSigninToken` for the sessions in `given` (by access key id) and `login` after it."""

    def __init__(self, given: Mapping[str, Given]) -> None:
        self._given = given
        self._tokens: dict[str, Given] = {}
        self.handlers: dict[str, Callable[[Request], Response]] = {"/federation": self._answer}

    def _answer(self, request: Request) -> Response:
        if request.args.get("Action") == "getSigninToken":
            return self._signin_token(request)
        if request.args.get("Action") == "login":
            return self._login(request)
        return _bad_request()

    def _signin_token(self, request: Request) -> Response:
        session = self._session(request.args.get("Session", ""))
        # AWS takes the sessions of roles and of GetFederationToken.
        if session is None or session.action == "GetSessionToken":
            return _bad_request()
        token = secrets.token_urlsafe(64)
        self._tokens[token] = session
        return Response(json.dumps({"SigninToken": token}), mimetype="application/json")

    def _session(self, text: str) -> Given | None:
        try:
            parts = json.loads(text)
        except ValueError:
            return None
        if not isinstance(parts, dict) or set(parts) != set(_KEYS):
            return None
        given = self._given.get(str(parts["sessionId"]))
        if given is None:
            return None
        stated = (parts["sessionKey"], parts["sessionToken"])
        return given if stated == (given.secret_access_key, given.session_token) else None

    def _login(self, request: Request) -> Response:
        session = self._tokens.get(request.args.get("SigninToken", ""))
        destination = request.args.get("Destination", "")
        if session is None or not destination:
            return _bad_request()
        text = f"Here the console of {session.arn} would open."
        return page(text, f"<p><code>{html.escape(destination)}</code></p>")


def _bad_request() -> Response:
    return Response("<h1>400 Bad Request</h1>", 400, mimetype="text/html")
