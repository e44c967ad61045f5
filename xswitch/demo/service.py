"""The server's application: moto for STS and IAM, and the one call of the SSO portal that profiles need.

Only the server's own process imports this module: moto costs half a second.
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import moto.iam.models
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from xswitch.demo import tree
from xswitch.demo.api import Api

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.serving import BaseWSGIServer

_POLICIES = "aws_managed_policies_data"
_PORTAL_CREDENTIALS = "/federation/credentials"
_BEARER = "HTTP_X_AMZ_SSO_BEARER_TOKEN"


def application() -> WSGIApplication:
    """Return the whole of the demo's AWS as one WSGI application."""
    _load_managed_policies()
    return SsoPortal(DomainDispatcherApplication(create_backend_app))


def listen(app: WSGIApplication) -> BaseWSGIServer:
    """Return a server for `app` that listens on a free port of loopback."""
    return make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Handler)


class _Handler(WSGIRequestHandler):
    def make_environ(self) -> WSGIEnvironment:
        # werkzeug drops headers with an underscore in their name; the SSO portal's token is in one.
        environ = super().make_environ()
        token = self.headers.get("x-amz-sso_bearer_token")
        return environ if token is None else {**environ, _BEARER: token}


class SsoPortal:
    """Answers GetRoleCredentials of the SSO portal, which moto lacks; the rest goes to moto."""

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner
        self._api = Api(inner)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("PATH_INFO") == _PORTAL_CREDENTIALS:
            return self._credentials(environ, start_response)
        return self._inner(environ, start_response)

    def _credentials(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        if "account_id" not in query or "role_name" not in query:
            return _answer(start_response, "400 Bad Request", {"message": "account_id and role_name"})
        if not environ.get(_BEARER):
            return _answer(start_response, "401 Unauthorized", {"message": "Session token not found"})
        keys = self._api.assume_role(sso_role_arn(query["account_id"][0], query["role_name"][0]), "dev")
        ends = datetime.now(UTC) + timedelta(hours=1)
        credentials = {
            "accessKeyId": keys.access_key_id,
            "secretAccessKey": keys.secret_access_key,
            "sessionToken": keys.session_token,
            "expiration": int(ends.timestamp() * 1000),
        }
        return _answer(start_response, "200 OK", {"roleCredentials": credentials})


def sso_role_arn(account: str, role: str) -> str:
    """Return the ARN of the role that SSO keeps in `account` for the permission set `role`."""
    suffix = hashlib.sha256(f"{account}/{role}".encode()).hexdigest()[:16]
    return f"arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_{role}_{suffix}"


def _answer(start_response: StartResponse, status: str, body: dict[str, object]) -> list[bytes]:
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


def _load_managed_policies() -> None:
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    module = vars(moto.iam.models)
    # moto copies all 1,500 that it knows into every account and partition, a second each: it gets those of
    # the demo's roles. Not a public name: without it everything is loaded, which is slow but right.
    if _POLICIES in module:
        names = {policy.rpartition("/")[2] for policy in tree.ROLE_POLICIES.values()}
        every = json.loads(module[_POLICIES])
        module[_POLICIES] = json.dumps({name: every[name] for name in names if name in every})
