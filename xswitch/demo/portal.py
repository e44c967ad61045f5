"""The SSO portal, which gives the holder of a token the credentials of a role."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request

    from xswitch.demo.api import Api
    from xswitch.demo.oidc import Oidc

# Its name on the wire is x-amz-sso_bearer_token.
BEARER = "x-amz-sso-bearer-token"


class Portal:
    """Answers GetRoleCredentials and Logout; `handlers` are these by path."""

    def __init__(self, api: Api, oidc: Oidc) -> None:
        self._api = api
        self._oidc = oidc
        self.handlers: dict[str, Callable[[Request], Response]] = {
            "/federation/credentials": self._credentials,
            "/logout": self._logout,
        }

    def _credentials(self, request: Request) -> Response:
        account, role = request.args.get("account_id"), request.args.get("role_name")
        if not account or not role:
            return _refused("InvalidRequestException", 400, "account_id and role_name")
        if not self._is_signed_in(request):
            return _refused("UnauthorizedException", 401, "Session token not found or invalid")
        keys = self._api.assume_role(sso_role_arn(account, role), "dev")
        ends = datetime.now(UTC) + timedelta(hours=1)
        credentials = {
            "accessKeyId": keys.access_key_id,
            "secretAccessKey": keys.secret_access_key,
            "sessionToken": keys.session_token,
            "expiration": int(ends.timestamp() * 1000),
        }
        return Response(json.dumps({"roleCredentials": credentials}), mimetype="application/json")

    def _logout(self, request: Request) -> Response:
        if not self._is_signed_in(request):
            return _refused("UnauthorizedException", 401, "Session token not found or invalid")
        self._oidc.revoke(request.headers[BEARER])
        return Response("", mimetype="application/json")

    def _is_signed_in(self, request: Request) -> bool:
        token = request.headers.get(BEARER)
        return bool(token) and not self._oidc.is_revoked(str(token))


def sso_role_arn(account: str, role: str) -> str:
    """Return the ARN of the role that SSO keeps in `account` for the permission set `role`."""
    suffix = hashlib.sha256(f"{account}/{role}".encode()).hexdigest()[:16]
    return f"arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_{role}_{suffix}"


def _refused(name: str, status: int, message: str) -> Response:
    response = Response(json.dumps({"message": message}), status, mimetype="application/json")
    response.headers["x-amzn-ErrorType"] = name
    return response
