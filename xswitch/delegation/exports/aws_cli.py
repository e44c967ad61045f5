"""Delegations as commands of the AWS CLI, versions 1 and 2, for a POSIX shell.

`commands` gives one step's commands each, as a plan shows them beside the step: what creates the thing, or
(`updates`) what changes one that differs. `script` puts them together.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from xswitch.delegation.exports.words import grant_description
from xswitch.profiles.arn import DEFAULT_REGIONS

if TYPE_CHECKING:
    from xswitch.delegation.blueprint import Blueprint, Party


def commands(blueprint: Blueprint) -> dict[str, str]:
    """Return what creates each thing, by the id of its step; only of steps that there are."""
    return {
        "role": _create_role(blueprint),
        "role-policy": _give_permissions(blueprint),
        **_trusted_side(blueprint),
        "profile": write_profile(blueprint),
    }


def updates(blueprint: Blueprint) -> dict[str, str]:
    """Return what makes each thing as it is wanted that is there and differs, by the id of its step."""
    there = {"role": _update_role(blueprint)}
    if blueprint.grant_arn:
        there["trusted-policy"] = _iam(
            blueprint,
            blueprint.trusted,
            "create-policy-version",
            ("policy-arn", blueprint.grant_arn),
            ("policy-document", json.dumps(blueprint.grant)),
            ("set-as-default", None),
        )
    return {**commands(blueprint), **there}


def _create_role(blueprint: Blueprint) -> str:
    tags = blueprint.request.tags
    return _iam(
        blueprint,
        blueprint.trusting,
        "create-role",
        ("role-name", blueprint.role_name),
        ("path", blueprint.role_path),
        ("assume-role-policy-document", json.dumps(blueprint.trust)),
        ("description", blueprint.description),
        ("max-session-duration", str(blueprint.max_session_duration)),
        *([("tags", _tags(tags))] if tags else []),
    )


def _update_role(blueprint: Blueprint) -> str:
    name = ("role-name", blueprint.role_name)
    document = ("policy-document", json.dumps(blueprint.trust))
    seconds = ("max-session-duration", str(blueprint.max_session_duration))
    account, tags = blueprint.trusting, blueprint.request.tags
    calls = [
        _iam(blueprint, account, "update-assume-role-policy", name, document),
        _iam(blueprint, account, "update-role", name, seconds),
    ]
    if tags:
        calls.append(_iam(blueprint, account, "tag-role", name, ("tags", _tags(tags))))
    return "\n".join(calls)


def _give_permissions(blueprint: Blueprint) -> str:
    name = ("role-name", blueprint.role_name)
    if blueprint.policy_document is None:
        policy = ("policy-arn", blueprint.policy_arn)
        return _iam(blueprint, blueprint.trusting, "attach-role-policy", name, policy)
    return _iam(
        blueprint,
        blueprint.trusting,
        "put-role-policy",
        name,
        ("policy-name", blueprint.policy_name),
        ("policy-document", json.dumps(blueprint.policy_document)),
    )


def _trusted_side(blueprint: Blueprint) -> dict[str, str]:
    account, to = blueprint.trusted, blueprint.attach
    if to is None:
        return {}
    whom = (f"{to.kind}-name", to.name)
    name = ("policy-name", blueprint.grant_name)
    document = ("policy-document", json.dumps(blueprint.grant))
    if not blueprint.grant_arn:
        return {"trusted-policy": _iam(blueprint, account, f"put-{to.kind}-policy", whom, name, document)}
    description = ("description", grant_description(blueprint))
    policy = ("policy-arn", blueprint.grant_arn)
    return {
        "trusted-policy": _iam(blueprint, account, "create-policy", name, document, description),
        "trusted-attach": _iam(blueprint, account, f"attach-{to.kind}-policy", whom, policy),
    }


def write_profile(blueprint: Blueprint) -> str:
    """Return the commands that write the profile, a line each.

    The AWS CLI cannot write a section whose name has a quote or a backslash, so xswitch is called for that.
    """
    name = blueprint.request.profile
    if not set("'\"\\").isdisjoint(name):
        options = (option(_ADD_ROLE[key], value) for key, value in blueprint.settings.items())
        return " ".join(["xswitch add role", quote(name), *options])
    profile = option("profile", name)
    return "\n".join(
        f"aws configure set {profile} {key} {quote(_literal(value))}"
        for key, value in blueprint.settings.items()
    )


_ADD_ROLE = {
    "role_arn": "role-arn",
    "source_profile": "source-profile",
    "region": "region",
    "external_id": "external-id",
    "mfa_serial": "mfa-serial",
    "duration_seconds": "duration",
}


def _literal(value: str) -> str:
    """Return a value that is taken as it is: not for an option, nor (AWS CLI 2) for a file to read.

    A blank in front of a value is no part of it when the file is read.
    """
    return f" {value}" if value.startswith(("-", "file:", "fileb:")) else value


def _tags(tags: dict[str, str]) -> str:
    return json.dumps([{"Key": key, "Value": value} for key, value in tags.items()])


def _iam(blueprint: Blueprint, account: Party, action: str, *options: tuple[str, str | None]) -> str:
    words = [option("profile", account.profile), *_region(blueprint)]
    words += [f"--{name}" if value is None else option(name, value) for name, value in options]
    return " \\\n  ".join([f"aws iam {action}", *words])


def whoami(blueprint: Blueprint, profile: str, query: str) -> str:
    """Return the command that tells the `Account` or the `Arn` of a profile."""
    words = [option("profile", profile), *_region(blueprint), f"--query {query} --output text"]
    return " ".join(["aws sts get-caller-identity", *words])


def _region(blueprint: Blueprint) -> list[str]:
    """Return the option without which a profile that has no region would ask another partition."""
    region = DEFAULT_REGIONS.get(blueprint.partition)
    return [f"--region {region}"] if region and blueprint.partition != "aws" else []


def option(name: str, value: str) -> str:
    """Return an option with its value as words of a shell."""
    if value.startswith("-"):  # would be taken for an option
        return quote(f"--{name}={value}")
    return f"--{name} {quote(value)}"


def quote(text: str) -> str:
    """Return a text as one word of a shell."""
    return f"'{text}'" if text.startswith("=") and "'" not in text else shlex.quote(text)  # zsh expands =name
