"""What moto's STS lacks: refused codes, the hour of role chaining, owners of sessions, roles that settle."""

from __future__ import annotations

import io
import re
import secrets
import string
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WRONG_CODE = "000000"  # any other six digits are taken

# Where in a request what lies behind finds the `Given` that signed it; not there for a user's own keys.
GIVEN = "xswitch.given"
# Requests of the server's own administrator have this header.
ADMINISTRATOR = "HTTP_X_MOTO_ACCOUNT_ID"

_KEY = re.compile(r"(?<=Credential=)[^/]+")
_CODE = re.compile(r"[0-9]{6}")
_OF_A_USER = ("GetSessionToken", "GetFederationToken")
_OF_A_ROLE = ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")
_CHAIN_SECONDS = 3600


@dataclass(frozen=True, slots=True, repr=False)
class Given:
    """Temporary credentials that were given out, and the action that did it.

    `code_at` is when an MFA code was given for them (`time.time()`), 0 for never.
    """

    action: str
    access_key_id: str
    secret_access_key: str
    session_token: str
    arn: str
    code_at: float = 0


class Sts:
    """Answers what moto does not, hands the rest on, and remembers the sessions that were given out.

    moto has one constant key for every GetSessionToken and GetFederationToken, and does not know whose it
    is: each answer gets a key of its own, behind which moto sees the user who asked. As on AWS, where it
    takes a while until a new role is known everywhere, a role cannot be assumed in the first `settling`
    seconds after it was created; those of the administrator can.
    """

    def __init__(self, inner: WSGIApplication, settling: float = 0) -> None:
        self._inner = inner
        self._settling = settling
        self._created: dict[str, float] = {}  # roles by ARN: when, in monotonic seconds
        self._users: dict[str, str] = {}  # access key ids: of a session -> of its user
        self.given: dict[str, Given] = {}  # by access key id

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        key = self._take_key(environ)
        if environ["REQUEST_METHOD"] != "POST":
            return self._inner(environ, start_response)
        request = Request(environ)
        body = request.get_data()
        form = request.form
        environ["wsgi.input"] = io.BytesIO(body)
        action = form.get("Action", "")
        if action == "CreateRole" and ADMINISTRATOR not in environ:
            return self._create_role(environ)(environ, start_response)
        if action not in (*_OF_A_USER, *_OF_A_ROLE):
            return self._inner(environ, start_response)
        refusal = _refusal(action, key, form.get("TokenCode"), form.get("DurationSeconds", "0"))
        if refusal is None and ADMINISTRATOR not in environ and self._settles(form.get("RoleArn", "")):
            refusal = error_response(403, "AccessDenied", self._not_yet(environ, form["RoleArn"]))
        code_at = time.time() if form.get("TokenCode") else 0
        answer = refusal or self._remembered(action, key, Response.from_app(self._inner, environ), code_at)
        return answer(environ, start_response)

    def _create_role(self, environ: WSGIEnvironment) -> Response:
        response = Response.from_app(self._inner, environ, buffered=True)
        if response.status_code == 200:
            self._created[_element(response.get_data(as_text=True), "Arn")] = time.monotonic()
        return response

    def _settles(self, role_arn: str) -> bool:
        created = self._created.get(role_arn)
        return created is not None and time.monotonic() - created < self._settling

    def _not_yet(self, environ: WSGIEnvironment, role_arn: str) -> str:
        body = b"Action=GetCallerIdentity&Version=2011-06-15"
        asked = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        who = _element(Response.from_app(self._inner, asked).get_data(as_text=True), "Arn")
        return f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"

    def _take_key(self, environ: WSGIEnvironment) -> str:
        """Return the key that signed the request, and let moto see that of its user."""
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        found = _KEY.search(authorization)
        if found is None:
            return ""
        given = self.given.get(found[0])
        if given is not None:
            environ[GIVEN] = given
        user = self._users.get(found[0])
        if user is not None:
            environ["HTTP_AUTHORIZATION"] = _KEY.sub(user, authorization, count=1)
        return found[0]

    def _remembered(self, action: str, key: str, response: Response, code_at: float) -> Response:
        text = response.get_data(as_text=True)
        moto_key = _element(text, "AccessKeyId")
        if response.status_code != 200 or not moto_key:
            return response
        own_key = moto_key
        if action in _OF_A_USER:
            own_key = _new_key()
            self._users[own_key] = key
            response.set_data(text.replace(moto_key, own_key))
        self.given[own_key] = Given(
            action,
            own_key,
            _element(text, "SecretAccessKey"),
            _element(text, "SessionToken"),
            _element(text, "Arn"),
            code_at,
        )
        return response


def error_response(status: int, code: str, message: str) -> Response:
    """Return an error in the form of STS and IAM."""
    text = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n'
        f"  <Error><Type>Sender</Type><Code>{escape(code)}</Code>"
        f"<Message>{escape(message)}</Message></Error>\n"
        "  <RequestId>00000000-0000-0000-0000-000000000000</RequestId>\n"
        "</ErrorResponse>\n"
    )
    return Response(text, status, mimetype="text/xml")


def _refusal(action: str, key: str, code: str | None, seconds: str) -> Response | None:
    by_session = key.startswith("ASIA")
    if code is not None and (code == WRONG_CODE or not _CODE.fullmatch(code)):
        text = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
        return error_response(403, "AccessDenied", text)
    if by_session and action in _OF_A_USER:
        return error_response(403, "AccessDenied", f"Cannot call {action} with session credentials")
    if by_session and action == "AssumeRole" and int(seconds) > _CHAIN_SECONDS:
        limit = "the 1 hour session limit for roles assumed by role chaining."
        text = f"The requested DurationSeconds exceeds {limit}"
        return error_response(400, "ValidationError", text)
    return None


def _element(text: str, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", text)
    return found[1] if found else ""


def _new_key() -> str:
    return "ASIA" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16))
