"""Calls to STS and IAM inside the server's own process: no socket, no signature, any account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from werkzeug.test import Client

from xswitch.profiles.arn import account_of, role_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import WSGIApplication

_VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}
# The server takes the service from the scope of the signature and does not check the rest.
_AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIADEMOADMINISTRATO/20260101/us-east-1/{service}/aws4_request, "
    "SignedHeaders=host, Signature=demo"
)


@dataclass(frozen=True, slots=True)
class Keys:
    """Static keys of a user, or (with the last three fields) a session of a role."""

    access_key_id: str
    secret_access_key: str
    session_token: str = ""
    role_id: str = ""
    role_arn: str = ""

    def __repr__(self) -> str:
        return f"Keys({self.access_key_id})"


class Api:
    """An administrator of every account of the demo."""

    def __init__(self, application: WSGIApplication) -> None:
        self._client = Client(application)

    def seed_random(self, seed: int) -> None:
        """Make every identifier created from now on the same in each run."""
        self._client.post(f"/moto-api/seed?a={seed}")

    def create_user(self, account: str, name: str) -> Keys:
        """Create a user with an access key in `account`."""
        self.call("iam", account, "CreateUser", UserName=name)
        created = self.call("iam", account, "CreateAccessKey", UserName=name)
        return Keys(_text(created, "AccessKeyId"), _text(created, "SecretAccessKey"))

    def add_to_group(self, account: str, group: str, users: Iterable[str]) -> None:
        """Create a group with users that exist."""
        self.call("iam", account, "CreateGroup", GroupName=group)
        for user in users:
            self.call("iam", account, "AddUserToGroup", GroupName=group, UserName=user)

    def enable_mfa_device(self, account: str, user: str, serial: str) -> None:
        """Let a user have an MFA device."""
        self.call(
            "iam",
            account,
            "EnableMFADevice",
            UserName=user,
            SerialNumber=serial,
            AuthenticationCode1="123456",
            AuthenticationCode2="654321",
        )

    def put_user_policy(self, account: str, user: str, name: str, document: dict[str, object]) -> None:
        """Give a user an inline policy."""
        self.call(
            "iam",
            account,
            "PutUserPolicy",
            UserName=user,
            PolicyName=name,
            PolicyDocument=json.dumps(document),
        )

    def create_role(self, arn: str, trust: dict[str, object], policy: str) -> None:
        """Create a role that `trust` lets be assumed and that may do what the AWS-managed `policy` allows."""
        account, name = account_of(arn), role_name(arn)
        path = arn.partition(":role")[2].removesuffix(name)
        document = json.dumps(trust)
        self.call("iam", account, "CreateRole", RoleName=name, Path=path, AssumeRolePolicyDocument=document)
        policy_arn = f"arn:aws:iam::aws:policy/{policy}"
        self.call("iam", account, "AttachRolePolicy", RoleName=name, PolicyArn=policy_arn)

    def assume_role(self, role_arn: str, session_name: str) -> Keys:
        """Return a session of a role; the role need not exist."""
        answer = self.call(
            "sts", account_of(role_arn), "AssumeRole", RoleArn=role_arn, RoleSessionName=session_name
        )
        names = ("AccessKeyId", "SecretAccessKey", "SessionToken", "AssumedRoleId", "Arn")
        return Keys(*(_text(answer, name) for name in names))

    def call(self, service: str, account: str | None, action: str, **parameters: str) -> ET.Element:
        """Return the answer of `service` ("iam", "sts"); RuntimeError where it refuses."""
        response = self._client.post(
            "/",
            data={"Action": action, "Version": _VERSIONS[service], **parameters},
            headers={
                "Authorization": _AUTHORIZATION.format(service=service),
                "x-moto-account-id": account or "",
            },
        )
        if response.status_code != 200:
            message = f"{action} answered {response.status_code}: {response.text[:300]}"
            raise RuntimeError(message)
        return ET.fromstring(response.data)  # noqa: S314 - our own server's answer


def _text(answer: ET.Element, name: str) -> str:
    found = answer.find(f".//{{*}}{name}")
    if found is None or not found.text:
        message = f"the answer has no {name}"
        raise RuntimeError(message)
    return found.text
