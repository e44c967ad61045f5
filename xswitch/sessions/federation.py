"""Signing in to the web console: a session becomes an address that opens the console under it.

AWS's IAM user guide, "Enable custom identity broker access to the AWS console". The session and the address
are secrets; neither stands in any error here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import botocore.exceptions
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from xswitch.errors import UsageError, XswitchError
from xswitch.profiles.arn import DEFAULT_REGIONS
from xswitch.sessions.clients import botocore_session, signed_client
from xswitch.sessions.refusals import reading
from xswitch.sessions.session import Credentials
from xswitch.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.session import Session

# The domains of sign-in and console, by partition. Of the others no public document tells.
_DOMAINS = {"aws": "aws.amazon.com", "aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"}
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso": "aws-iso", "eu-iso": "aws-iso"}
_PARTITIONS |= {"eusc-": "aws-eusc"}
_ENDPOINTS = ("AWS_ENDPOINT_URL_SIGNIN", "AWS_ENDPOINT_URL")

# Pages that are not at SERVICE/home, and services that have no region.
_PAGES = {
    "apigateway": "apigateway/main",
    "dynamodb": "dynamodbv2/home",
    "ecs": "ecs/v2/home",
    "route53": "route53/v2/home",
    "sns": "sns/v3/home",
    "sqs": "sqs/v3/home",
    "ssm": "systems-manager/home",
    "sso": "singlesignon/home",
    "stepfunctions": "states/home",
}
_GLOBAL = {"billing", "cloudfront", "iam", "organizations", "route53"}
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")

# What GetFederationToken leaves of the user's own rights: all of them.
_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def console_url(
    credentials: Credentials,
    profile: str,
    *,
    partition: str,
    region: str | None,
    service: str | None,
    environ: Mapping[str, str],
) -> str:
    """Return the address that opens the console of `service` under `credentials`, those of `profile`.

    It signs in whoever opens it within 15 minutes. Long-lived keys first get a session by
    GetFederationToken. `AWS_ENDPOINT_URL_SIGNIN` or `AWS_ENDPOINT_URL` takes the place of the sign-in host.
    botocore's exceptions where AWS refuses that call, XswitchError for everything else.
    """
    destination = destination_url(partition, region, service)
    session = botocore_session(profile, region or DEFAULT_REGIONS[partition])
    if credentials.session_token is None:
        credentials = _federated(session, credentials)
    base = next((environ[name] for name in _ENDPOINTS if environ.get(name)), None)
    endpoint = f"{(base or f'https://signin.{_DOMAINS[partition]}').rstrip('/')}/federation"
    token = _signin_token(endpoint, credentials, session, environ)
    query = {"Action": "login", "Issuer": "xswitch", "Destination": destination, "SigninToken": token}
    return f"{endpoint}?{urlencode(query)}"


def destination_url(partition: str, region: str | None, service: str | None) -> str:
    """Return the page of the console. UsageError for what is no service, XswitchError for the partition."""
    if partition not in _DOMAINS:
        raise XswitchError(
            f"xswitch does not know the web console of the partition {printable(partition)}",
            "it knows those of aws, aws-cn and aws-us-gov",
        )
    host = f"https://console.{_DOMAINS[partition]}"
    query = f"?{urlencode({'region': region})}" if region and service not in _GLOBAL else ""
    if service is None:
        return f"{host}/console/home{query}"
    if not _LETTERS.issuperset(service):
        raise UsageError(
            f"--service {printable(service)} is no service", "write its short name: s3, ec2, cloudwatch, …"
        )
    return f"{host}/{_PAGES.get(service, f'{service}/home')}{query}"


def partition_of_region(region: str | None) -> str:
    """Return the partition that a region belongs to, by its name; `aws` where there is none."""
    found = (name for prefix, name in _PARTITIONS.items() if region and region.startswith(prefix))
    return next(found, "aws")


def _federated(session: Session, keys: Credentials) -> Credentials:
    client = signed_client(session, "sts", keys)
    answer = client.get_federation_token(Name="xswitch", Policy=json.dumps(_EVERYTHING))
    with reading("AWS", "GetFederationToken"):
        found = answer["Credentials"]
        return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


def _signin_token(
    endpoint: str, credentials: Credentials, session: Session, environ: Mapping[str, str]
) -> str:
    parts = {
        "sessionId": credentials.access_key_id,
        "sessionKey": credentials.secret_access_key,
        "sessionToken": credentials.session_token,
    }
    # Without SessionDuration, which AWS refuses after role chaining: the console lasts as the session does.
    query = {"Action": "getSigninToken", "Session": json.dumps(parts)}
    status, body = _get(f"{endpoint}?{urlencode(query)}", session, environ)
    if status == 400:
        raise XswitchError(
            "AWS does not open the web console with these credentials",
            "it takes those of a role or of a user's own keys, before they end, but none of GetSessionToken",
        )
    try:
        token = json.loads(body)["SigninToken"] if status == 200 else None
    except (ValueError, TypeError, KeyError):
        token = None
    if not isinstance(token, str) or not token:
        raise XswitchError(
            f"AWS's sign-in answered with something else than a token (HTTP status {status})",
            "try again; check the proxy, and AWS_ENDPOINT_URL where it is set",
        )
    return token


def _get(url: str, session: Session, environ: Mapping[str, str]) -> tuple[int, bytes]:
    """Return status and body. A redirection is not followed: it would take the session elsewhere."""
    verify = session.get_config_variable("ca_bundle") or environ.get("REQUESTS_CA_BUNDLE") or True
    try:
        http = URLLib3Session(verify=verify, proxies=get_environ_proxies(url), timeout=15)
        response = http.send(AWSRequest("GET", url).prepare())
    except (botocore.exceptions.BotoCoreError, ValueError):
        # Its text is the address, session and all.
        raise XswitchError(
            "AWS's sign-in could not be reached",
            "check the network, the proxy, and AWS_ENDPOINT_URL where it is set",
        ) from None
    return response.status_code, response.content
