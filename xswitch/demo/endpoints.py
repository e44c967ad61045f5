"""Endpoint rule sets that lead AWS tools to a server on loopback.

The AWS CLI knows `AWS_ENDPOINT_URL` only since 2.13 and 1.29. Every version that has endpoint rules also
reads them from `~/.aws/models` (botocore's customer data path), where they win over the built-in ones.
"""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The services that profiles themselves need, with the API version under which botocore keeps each.
API_VERSIONS = {"iam": "2010-05-08", "sso": "2019-06-10", "sso-oidc": "2019-06-10", "sts": "2011-06-15"}


def write_endpoint_rules(home: str, url: str) -> None:
    """Make AWS tools whose home folder is `home` find STS, IAM and SSO at `url`.

    An endpoint that the caller names (`--endpoint-url`) still wins.
    """
    for service, version in API_VERSIONS.items():
        folder = os.path.join(home, ".aws", "models", service, version)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(os.path.join(folder, "endpoint-rule-set-1.json"), "w", encoding="utf-8") as file:
            json.dump(_rule_set(service, url), file, indent=1)


def _rule_set(service: str, url: str) -> dict[str, Any]:
    parameters = {
        "Region": {"builtIn": "AWS::Region", "required": False, "type": "String"},
        "UseDualStack": _switch("AWS::UseDualStack"),
        "UseFIPS": _switch("AWS::UseFIPS"),
        "Endpoint": {"builtIn": "SDK::Endpoint", "required": False, "type": "String"},
    }
    if service == "sts":
        parameters["UseGlobalEndpoint"] = _switch("AWS::STS::UseGlobalEndpoint")
    named = {"fn": "isSet", "argv": [{"ref": "Endpoint"}]}
    rules = [_rule([named], {"ref": "Endpoint"}), _rule([], url)]
    return {"version": "1.0", "parameters": parameters, "rules": rules}


def _switch(builtin: str) -> dict[str, Any]:
    return {"builtIn": builtin, "required": True, "default": False, "type": "Boolean"}


def _rule(conditions: list[dict[str, Any]], url: str | dict[str, str]) -> dict[str, Any]:
    endpoint = {"url": url, "properties": {}, "headers": {}}
    return {"conditions": conditions, "endpoint": endpoint, "type": "endpoint"}
