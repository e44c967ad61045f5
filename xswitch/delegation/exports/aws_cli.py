"""Delegations as commands of the AWS CLI, versions 1 and 2, for a POSIX shell.

`commands` gives one step's commands each, as a plan shows them beside the step: what creates the thing, or
(`updates`) what changes one that differs. `files` puts them together as a script.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from xswitch.delegation.exports.words import comments, grant_description, headline
from xswitch.delegation.step import Status
from xswitch.profiles.arn import DEFAULT_REGIONS
from xswitch.text import printable

if TYPE_CHECKING:
    from xswitch.delegation.blueprint import Blueprint, Party
    from xswitch.delegation.plan import Plan, PlannedStep

FILE = "delegate.sh"


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


def files(plan: Plan) -> dict[str, str]:
    """Return the script that does what the plan has left to do."""
    parts = [_head(plan), *(_section(plan.blueprint, step) for step in plan.steps), _tail(plan)]
    return {FILE: "\n\n".join(part for part in parts if part) + "\n"}


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
        options = (_option(_ADD_ROLE[key], value) for key, value in blueprint.settings.items())
        return " ".join(["xswitch add role", quote(name), *options])
    profile = _option("profile", name)
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
    words = [_option("profile", account.profile), *_region(blueprint)]
    words += [f"--{name}" if value is None else _option(name, value) for name, value in options]
    return " \\\n  ".join([f"aws iam {action}", *words])


def _whoami(blueprint: Blueprint, profile: str, query: str) -> str:
    words = [_option("profile", profile), *_region(blueprint), f"--query {query} --output text"]
    return " ".join(["aws sts get-caller-identity", *words])


def _region(blueprint: Blueprint) -> list[str]:
    """Return the option without which a profile that has no region would ask another partition."""
    region = DEFAULT_REGIONS.get(blueprint.partition)
    return [f"--region {region}"] if region and blueprint.partition != "aws" else []


def _option(name: str, value: str) -> str:
    if value.startswith("-"):  # would be taken for an option
        return quote(f"--{name}={value}")
    return f"--{name} {quote(value)}"


def quote(text: str) -> str:
    """Return a text as one word of a shell."""
    return f"'{text}'" if text.startswith("=") and "'" not in text else shlex.quote(text)  # zsh expands =name


def _head(plan: Plan) -> str:
    blueprint = plan.blueprint
    trusting, trusted = blueprint.trusting, blueprint.trusted
    lines = [
        "#!/bin/sh",
        f"# {headline(blueprint)}",
        "#",
        f"# {trusting.account_id} is the trusting account: it gets the role (profile {_shown(trusting)})",
        f"# {trusted.account_id} is the trusted account: it may assume it (profile {_shown(trusted)})",
        "#",
        "# Needs the AWS CLI, version 1 or 2. Creates what was missing when it was written, and stops at the",
        "# first error: write it anew before you run it again.",
        *comments(*(f"Warning: {text}" for text in plan.warnings), *(f"Note: {text}" for text in plan.notes)),
        "set -eu",
        "",
        "AWS_PAGER=''",
        "export AWS_PAGER",
    ]
    return "\n".join([*lines, "", _FUNCTIONS, "", *_checks(plan)])


_FUNCTIONS = """\
say() {
  printf '%s\\n' "$*" >&2
}

# Stop unless the account that was found ($2) is the one that is meant ($3).
expect_account() {
  if [ "$2" != "$3" ]; then
    say "the profile $1 is in the account $2, not in $3: nothing was done"
    exit 1
  fi
}"""


def _checks(plan: Plan) -> list[str]:
    blueprint = plan.blueprint
    lines = []
    for party in (blueprint.trusting, blueprint.trusted):
        lines += [
            f"account=$({_whoami(blueprint, party.profile, 'Account')})",
            f'expect_account {quote(_shown(party))} "$account" {party.account_id}',
        ]
    if _status(plan, "profile") in {Status.CREATE, Status.UNKNOWN}:
        lines += ["", *_check_profile(blueprint)]
    return lines


def _check_profile(blueprint: Blueprint) -> list[str]:
    profile = _option("profile", blueprint.request.profile)
    message = f"there is a profile {printable(blueprint.request.profile)} already: nothing was done"
    return [
        f"role_arn={quote(blueprint.role_arn)}",
        "status=0",
        f"there=$(aws configure get {profile} role_arn 2>/dev/null) || status=$?",
        "# 255 is the AWS CLI's word for no such profile",
        'if [ "$status" -ne 255 ] && [ "$there" != "$role_arn" ]; then',
        f"  say {quote(message)}",
        "  exit 1",
        "fi",
    ]


def _section(blueprint: Blueprint, step: PlannedStep) -> str:
    where = f" in account {step.account_id}" if step.account_id else ""
    title, line = f"# {printable(step.title)}{where}", commands(blueprint)[step.id]
    if step.status == Status.EXISTS:
        return f"{title}: exists"
    if step.status == Status.DIFFERS:
        return f"{title}: differs. This writes what is wanted:\n{_off(updates(blueprint)[step.id])}"
    if step.status == Status.CREATE:
        return f"{title}\n{line}"
    unseen = f"{title}: whether it is there is not known"
    if line.startswith("aws iam put-"):
        return f"{unseen}. This writes over one of that name:\n{_off(line)}"
    return f"{unseen}\n{line}"


def _off(text: str) -> str:
    """Return commands as comments."""
    return "\n".join(f"# {line}" for line in text.split("\n"))


def _tail(plan: Plan) -> str:
    """Return the loop that waits for the role: AWS does not know a new one everywhere at once."""
    blueprint = plan.blueprint
    if _status(plan, "profile") == Status.DIFFERS:
        return ""
    # A code of an MFA device is good for one try.
    first, tries, pause = (15, 3, 30) if "mfa_serial" in blueprint.settings else (0, 13, 5)
    profile = printable(blueprint.request.profile)
    role = f":{blueprint.trusting.account_id}:assumed-role/{blueprint.role_name}/"
    lines = [
        "# Wait until the role can be assumed: a minute at most.",
        f"say {quote(f'waiting until the role can be assumed by the profile {profile}')}",
        *([f"sleep {first}"] if first else []),
        f"tries={tries}",
        f"until arn=$({_whoami(blueprint, blueprint.request.profile, 'Arn')} 2>&1); do",
        "  tries=$((tries - 1))",
        '  if [ "$tries" -eq 0 ]; then',
        '    say "$arn"',
        f"    say {quote(f'all is set up, but the profile {profile} cannot assume the role yet')}",
        "    exit 1",
        "  fi",
        f"  sleep {pause}",
        "done",
        "case $arn in",
        f"  *{quote(role)}*) printf '%s\\n' \"$arn\" ;;",
        "  *)",
        f'    say {quote(f"the profile {profile} is not the role, but")} "$arn"',
        "    exit 1",
        "    ;;",
        "esac",
    ]
    return "\n".join(lines)


def _status(plan: Plan, step: str) -> str:
    return next((each.status for each in plan.steps if each.id == step), "")


def _shown(party: Party) -> str:
    return printable(party.profile)
