"""Delegations as CloudFormation templates, one an account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from xswitch.delegation.exports.words import grant_description, headline

if TYPE_CHECKING:
    from xswitch.delegation.blueprint import Attachment, Blueprint
    from xswitch.delegation.plan import Plan

_ROLE, _GRANT = "Role", "AssumeRolePolicy"


def files(plan: Plan) -> dict[str, str]:
    """Return a template for each account in which there is something to make."""
    blueprint = plan.blueprint
    made = {f"trusting-{blueprint.trusting.account_id}.json": _trusting(blueprint)}
    if blueprint.attach:
        made[f"trusted-{blueprint.trusted.account_id}.json"] = _trusted(blueprint, blueprint.attach)
    return {name: _text(template) for name, template in made.items()}


def _text(template: dict[str, Any]) -> str:
    text = json.dumps(template, indent=2, ensure_ascii=False)
    # Half a character pair, which JSON can have and UTF-8 cannot, stays the escape that it was.
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _trusting(blueprint: Blueprint) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "RoleName": blueprint.role_name,
        "Path": blueprint.role_path,
        "Description": blueprint.description,
        "AssumeRolePolicyDocument": blueprint.trust,
        "MaxSessionDuration": blueprint.max_session_duration,
    }
    if blueprint.policy_document is None:
        properties["ManagedPolicyArns"] = [blueprint.policy_arn]
    else:
        document = blueprint.policy_document
        properties["Policies"] = [{"PolicyName": blueprint.policy_name, "PolicyDocument": document}]
    if blueprint.request.tags:
        properties["Tags"] = [{"Key": key, "Value": value} for key, value in blueprint.request.tags.items()]
    arn = {"Fn::GetAtt": [_ROLE, "Arn"]}
    return _template(blueprint, blueprint.trusting.account_id, _ROLE, "AWS::IAM::Role", properties, arn)


def _trusted(blueprint: Blueprint, to: Attachment) -> dict[str, Any]:
    noun = to.kind.capitalize()
    properties: dict[str, Any] = {"PolicyDocument": blueprint.grant}
    account = blueprint.trusted.account_id
    if blueprint.grant_arn:
        properties["ManagedPolicyName"] = blueprint.grant_name
        properties["Description"] = grant_description(blueprint)
        properties[f"{noun}s"] = [to.name]
        kind = "AWS::IAM::ManagedPolicy"
    else:
        properties["PolicyName"] = blueprint.grant_name
        properties[f"{noun}Name"] = to.name
        kind = f"AWS::IAM::{noun}Policy"
    return _template(blueprint, account, _GRANT, kind, properties, blueprint.role_arn)


def _template(
    blueprint: Blueprint, account: str, name: str, kind: str, properties: dict[str, Any], arn: object
) -> dict[str, Any]:
    description = (
        f"{headline(blueprint)} Deploy in account {account}, with the capability CAPABILITY_NAMED_IAM. "
        "This is the wanted state: creating the stack fails where something of that name is there already."
    )
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": description,
        "Resources": {name: {"Type": kind, "Properties": properties}},
        "Outputs": {"RoleArn": {"Description": "The role that may be assumed", "Value": arn}},
    }
