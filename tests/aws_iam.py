"""What AWS enforces and moto does not, around moto in the test server's own process; and IAM as data.

`Iam` is the innermost application. The administrator (header `x-moto-account-id`) may do anything.
"""

from __future__ import annotations

import io
import json
import re
import threading
import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from moto import settings
from moto.iam.access_control import IAMRequest
from moto.iam.models import get_account_id_from, iam_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition
from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from xswitch.demo.sts import ADMINISTRATOR, GIVEN, Given, error_response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]*)/")
_INVALID = 'Invalid principal in policy: "AWS":"{}"'
_CONFLICT = "Cannot delete a policy attached to entities."
_VERSIONS = "This policy has more than one version. Before you delete a policy, you must delete its versions."
_NO_DEVICE = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is "
    "valid and associated with this user."
)


class Iam:
    """moto, one request at a time, with the knobs `enforce`, `trust` and `invalid_principals`."""

    def __init__(self, moto: WSGIApplication) -> None:
        self._moto = moto
        self._lock = threading.RLock()
        self._roles: dict[str, str] = {}  # of sessions, by their access key: the id of the role
        self.knobs: dict[str, Any] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        with self._lock:
            response, enforces, form = None, False, {}
            if ADMINISTRATOR not in environ and environ["REQUEST_METHOD"] == "POST":
                form = _form(environ)
                response = self._refusal(environ, form)
                # Every user may call GetSessionToken; sessions of users were looked at before.
                is_free = form.get("Action") == "GetSessionToken" or _is_session_of_user(environ)
                enforces = self.knobs.get("enforce", False) and not is_free
            settings.INITIAL_NO_AUTH_ACTION_COUNT = 0 if enforces else float("inf")
            response = response or Response.from_app(self._moto, environ, buffered=True)
            if form.get("Action") == "SetDefaultPolicyVersion":
                _mend(form["PolicyArn"])
            if form.get("Action") == "AssumeRole" and response.status_code == 200:
                text = response.get_data(as_text=True)
                self._roles[_element(text, "AccessKeyId")] = _element(text, "AssumedRoleId").split(":")[0]
        return response(environ, start_response)

    def account_of(self, environ: WSGIEnvironment) -> str:
        """Return the account of who signed the request."""
        account: str = get_account_id_from(_scope(environ)[0])
        return account

    def dump(self, account: str) -> dict[str, Any]:
        """Return all of an account's IAM, by partition; those where there is nothing are left out."""
        with self._lock:
            dumps = {partition: _dump(backend) for partition, backend in iam_backends[account].items()}
        return {partition: found for partition, found in dumps.items() if any(found.values())}

    def forget(self, account: str) -> None:
        """Leave an account as if nobody had ever been there."""
        with self._lock:
            for backend in iam_backends[account].values():
                if backend.users or backend.roles or backend.groups or backend.access_keys:
                    backend.reset()
            sts_backends[account].reset()

    def _refusal(self, environ: WSGIEnvironment, form: dict[str, str]) -> Response | None:
        action = form.get("Action", "")
        if self.knobs.get("enforce") and _is_session_of_user(environ):
            try:
                _check_permitted(environ, action, form)
            except HTTPException as refused:
                return Response(refused.description, refused.code, mimetype="text/xml")
        if self.knobs.get("enforce") and self._is_of_deleted_role(environ):
            text = "The security token included in the request is invalid"
            return error_response(403, "InvalidClientTokenId", text)
        if action == "AssumeRole" and self.knobs.get("trust"):
            return _distrust(environ, form)
        if action in {"CreateRole", "UpdateAssumeRolePolicy"} and "invalid_principals" in self.knobs:
            document = form.get("AssumeRolePolicyDocument") or form.get("PolicyDocument", "")
            return self._invalid_principal(document)
        if action == "DeletePolicy":
            return _conflict(form.get("PolicyArn", ""))
        return None

    def _is_of_deleted_role(self, environ: WSGIEnvironment) -> bool:
        key, region = _scope(environ)
        role = self._roles.get(key)
        return (
            role is not None
            and role not in iam_backends[self.account_of(environ)][get_partition(region)].roles
        )

    def _invalid_principal(self, document: str) -> Response | None:
        knob = self.knobs["invalid_principals"]
        for statement in _statements(json.loads(document)):
            for arn in _listed(statement.get("Principal", {}).get("AWS", [])):
                if not _exists(arn) or (isinstance(knob, dict) and knob["times"] > 0):
                    if isinstance(knob, dict):
                        knob["times"] -= 1
                    return error_response(400, "MalformedPolicyDocument", _INVALID.format(arn))
        return None


class _Caller:
    """Who signed a request: `arn` as GetCallerIdentity says it, `principal` the user's or the role's ARN."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        key, region = _scope(environ)
        self.account: str = get_account_id_from(key)
        self.given: Given | None = environ.get(GIVEN)
        backend = iam_backends[self.account][get_partition(region)]
        self.user = backend.get_user_from_access_key_id(key)
        if self.user is not None:
            self.arn: str = self.user.arn
            self.principal: str = self.arn
        else:
            self.arn = self.given.arn if self.given else ""
            name = self.arn.split("/")[1] if self.arn else ""
            arns = [role.arn for role in backend.roles.values() if role.name == name]
            self.principal = arns[0] if arns else self.arn
        self.root = f"arn:{backend.partition}:iam::{self.account}:root"

    def code_age(self, form: dict[str, str]) -> float | None:
        """Return for how many seconds MFA has been present, None where it is not."""
        if form.get("TokenCode"):
            return 0
        if self.given is None or not self.given.code_at or self.user is None:
            return None
        return time.time() - self.given.code_at


def _element(text: str, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", text)
    return found[1] if found else ""


def _form(environ: WSGIEnvironment) -> dict[str, str]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _scope(environ: WSGIEnvironment) -> tuple[str, str]:
    """Return the access key and the region of the signature."""
    found = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return (found["key"], found["region"]) if found else ("", "us-east-1")


def _is_session_of_user(environ: WSGIEnvironment) -> bool:
    given = environ.get(GIVEN)
    return given is not None and given.action in {"GetSessionToken", "GetFederationToken"}


def _check_permitted(environ: WSGIEnvironment, action: str, form: dict[str, str]) -> None:
    # moto knows no sessions of users: they may do what their user may, and are not asked for a signature.
    headers = {name: value for name, value in EnvironHeaders(environ) if name != "X-Amz-Security-Token"}
    account = get_account_id_from(_scope(environ)[0])
    data = {name: [value] for name, value in form.items()}
    request = IAMRequest(account, "POST", "/", data, b"", headers, action)
    request.check_action_permitted(form.get("RoleArn", "*") if action == "AssumeRole" else "*")


def _distrust(environ: WSGIEnvironment, form: dict[str, str]) -> Response | None:
    caller, arn = _Caller(environ), form.get("RoleArn", "")
    if form.get("TokenCode") and (caller.user is None or form["SerialNumber"] not in caller.user.mfa_devices):
        return error_response(403, "AccessDenied", _NO_DEVICE)
    role = _entity(arn)
    if role is not None:
        trust = json.loads(role.assume_role_policy_document)
        if any(_allows(statement, caller, form) for statement in _statements(trust)):
            return None
    text = f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
    return error_response(403, "AccessDenied", text)


def _allows(statement: dict[str, Any], caller: _Caller, form: dict[str, str]) -> bool:
    principals = {caller.arn, caller.principal, caller.root, caller.account, "*"}
    named = statement.get("Principal", {})
    return (
        statement.get("Effect") == "Allow"
        and not {"sts:AssumeRole", "sts:*", "*"}.isdisjoint(_listed(statement.get("Action", [])))
        and not principals.isdisjoint(_listed(named if named == "*" else named.get("AWS", [])))
        and _holds(statement.get("Condition", {}), caller, form)
    )


def _holds(conditions: dict[str, dict[str, Any]], caller: _Caller, form: dict[str, str]) -> bool:
    age = caller.code_age(form)
    for operator, expected in conditions.items():
        for key, values in expected.items():
            wanted = _listed(values)
            match operator, key:
                case "StringEquals", "sts:ExternalId":
                    holds = form.get("ExternalId") in wanted
                case "Bool", "aws:MultiFactorAuthPresent":
                    holds = str(age is not None).lower() in wanted
                case "NumericLessThan", "aws:MultiFactorAuthAge":
                    holds = age is not None and age < float(wanted[0])
                case "ArnLike", "aws:PrincipalArn":
                    holds = any(fnmatchcase(caller.principal, each) for each in wanted)
                case _:
                    raise NotImplementedError(f"{operator} {key}")
            if not holds:
                return False
    return True


def _exists(arn: str) -> bool:
    return arn.endswith(":root") or arn.isdigit() or _entity(arn) is not None


def _entity(arn: str) -> Any:
    """Return moto's user or role of that ARN, None where there is none."""
    partition, account = arn.split(":")[1], arn.split(":")[4]
    backend = iam_backends[account][partition]
    every = [*backend.users.values(), *backend.roles.values()]
    return next((each for each in every if each.arn == arn), None)


def _conflict(arn: str) -> Response | None:
    account, partition = arn.split(":")[4], arn.split(":")[1]
    backend = iam_backends[account][partition]
    holders = [*backend.users.values(), *backend.groups.values(), *backend.roles.values()]
    if any(arn in holder.managed_policies for holder in holders):
        return error_response(409, "DeleteConflict", _CONFLICT)
    policy = backend.managed_policies.get(arn)
    if policy is not None and len(policy.versions) > 1:
        return error_response(409, "DeleteConflict", _VERSIONS)
    return None


def _mend(arn: str) -> None:
    # moto leaves a policy without a default version where that is set to the one that it is already.
    account, partition = arn.split(":")[4], arn.split(":")[1]
    policy = iam_backends[account][partition].managed_policies.get(arn)
    for version in policy.versions if policy is not None else ():
        version.is_default = version.version_id == policy.default_version_id


def _statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    return list(_listed(document["Statement"]))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _dump(backend: Any) -> dict[str, Any]:
    policies = [each for arn, each in backend.managed_policies.items() if ":iam::aws:" not in arn]
    return {
        "users": {user.name: _user(user) for user in backend.users.values()},
        "groups": {
            group.name: _holder(group) | {"users": sorted(user.name for user in group.users)}
            for group in backend.groups.values()
        },
        "roles": {role.name: _role(role) for role in backend.roles.values()},
        "policies": {policy.arn: _policy(policy) for policy in policies},
        "instance_profiles": sorted(backend.instance_profiles),
        "saml_providers": sorted(backend.saml_providers),
        "aliases": backend.account_aliases,
    }


def _holder(each: Any) -> dict[str, Any]:
    return {
        "id": each.id,
        "arn": each.arn,
        "attached": sorted(each.managed_policies),
        "inline": {name: json.loads(text) for name, text in sorted(each.policies.items())},
    }


def _user(user: Any) -> dict[str, Any]:
    return _holder(user) | {
        "tags": user.tags or [],
        "keys": sorted(key.access_key_id for key in user.access_keys),
        "devices": sorted(user.mfa_devices),
    }


def _role(role: Any) -> dict[str, Any]:
    return _holder(role) | {
        "trust": json.loads(role.assume_role_policy_document),
        "description": role.description or "",
        "seconds": int(role.max_session_duration or 3600),
        "boundary": role.permissions_boundary_arn or "",
        "tags": sorted((tag["Key"], tag["Value"]) for tag in role.tags),
    }


def _policy(policy: Any) -> dict[str, Any]:
    return {
        "id": policy.id,
        "description": policy.description or "",
        "tags": sorted((tag["Key"], tag["Value"]) for tag in policy.get_tags()),
        "versions": {
            each.version_id: {"default": each.is_default, "document": json.loads(each.document)}
            for each in policy.versions
        },
    }
