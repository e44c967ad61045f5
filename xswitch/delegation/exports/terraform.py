"""Delegations as a Terraform configuration of both accounts, laid out as `terraform fmt` does."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from xswitch.delegation.exports.aws_cli import write_profile
from xswitch.delegation.exports.words import comments, grant_description, headline
from xswitch.profiles.arn import DEFAULT_REGIONS
from xswitch.text import printable

if TYPE_CHECKING:
    from xswitch.delegation.blueprint import Blueprint, Party
    from xswitch.delegation.plan import Plan

FILE = "main.tf"
_TRUSTING, _TRUSTED = "trusting", "trusted"
_WIDTH = 100
_KEY = re.compile(r"(?!(?:for|true|false|null)\Z)[A-Za-z][A-Za-z0-9_]*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# ${ and %{ begin what Terraform replaces. Doubled, the sign is itself, which is how a policy variable is best
# read; wherever that could be read otherwise, its number is written.
_CODED = r'"\\\x00-\x1f\x7f-\x9f\u2028\u2029'
_ESCAPED = re.compile(rf"[{_CODED}]|(?<![$%])[$%]\{{[^{{}}$%{_CODED}]*\}}|[$%](?=\{{)")


def files(plan: Plan) -> dict[str, str]:
    """Return the configuration of what is wanted."""
    blueprint = plan.blueprint
    parts = [
        _head(plan),
        _provider(blueprint, _TRUSTING, blueprint.trusting, "gets the role"),
        _provider(blueprint, _TRUSTED, blueprint.trusted, "may assume the role"),
        _role(blueprint),
        _permissions(blueprint),
        *_grant(blueprint),
        _output(blueprint),
    ]
    # Half a character pair, which JSON can have and UTF-8 cannot, stays the escape that it was.
    text = "\n".join(f"{part}\n" for part in parts).encode("utf-8", "backslashreplace").decode()
    return {FILE: text}


def quoted(text: str) -> str:
    """Return a text as a string of Terraform, in which nothing is replaced."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    text = found[0]
    if len(text) > 1:
        return text[0] + text
    return _ESCAPES.get(text) or f"\\u{ord(text):04x}"


def expression(value: object, depth: int = 0) -> str:
    """Return what JSON can hold as an expression of Terraform whose first line is indented elsewhere."""
    if isinstance(value, str):
        return quoted(value)
    if not value or not isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, dict):
        pairs = [(_key(key), expression(each, depth + 1)) for key, each in value.items()]
        return _braced("{", _aligned(pairs, depth + 1), "}", depth)
    items = [expression(each, depth + 1) for each in value]
    line = f"[{', '.join(items)}]"
    if "\n" not in line and len(line) <= _WIDTH:
        return line
    return _braced("[", [f"{_indent(depth + 1)}{item}," for item in items], "]", depth)


def _key(name: str) -> str:
    return name if _KEY.fullmatch(name) else quoted(name)


def _braced(opening: str, lines: list[str], closing: str, depth: int) -> str:
    return "\n".join([opening, *lines, f"{_indent(depth)}{closing}"])


def _indent(depth: int) -> str:
    return "  " * depth


def _aligned(pairs: list[tuple[str, str]], depth: int) -> list[str]:
    """Return the lines of `name = value`, the signs below each other where neighbours are one line each."""
    lines: list[str] = []
    run: list[tuple[str, str]] = []
    for name, value in pairs:
        if "\n" not in value:
            run.append((name, value))
            continue
        lines += _run(run, depth)
        run = []
        lines.append(f"{_indent(depth)}{name} = {value}")
    return lines + _run(run, depth)


def _run(pairs: list[tuple[str, str]], depth: int) -> list[str]:
    width = max((len(name) for name, _ in pairs), default=0)
    return [f"{_indent(depth)}{name:<{width}} = {value}" for name, value in pairs]


def _block(header: str, *groups: list[tuple[str, str]]) -> str:
    """Return a block of arguments, a blank line between the groups that there are."""
    bodies = ["\n".join(_aligned(group, 1)) for group in groups if group]
    return f"{header} {{\n" + "\n\n".join(bodies) + "\n}"


def _resource(kind: str, name: str, side: str, *groups: list[tuple[str, str]]) -> str:
    first, *rest = groups
    return _block(f'resource "{kind}" "{name}"', [("provider", f"aws.{side}"), *first], *rest)


def _head(plan: Plan) -> str:
    blueprint = plan.blueprint
    profile = printable(blueprint.request.profile)
    return "\n".join(
        [
            f"# {headline(blueprint)}",
            "#",
            "# This is the wanted state: import what is there already before you apply it.",
            *comments(*(f"Note: {note}" for note in plan.notes)),
            "#",
            f"# The profile {profile}, which assumes the role, is no part of it; these commands write it:",
            *(f"#   {printable(line)}" for line in write_profile(blueprint).split("\n")),
            "",
            "terraform {",
            "  required_providers {",
            "    aws = {",
            '      source  = "hashicorp/aws"',
            '      version = ">= 4.0"',
            "    }",
            "  }",
            "}",
        ]
    )


def _provider(blueprint: Blueprint, side: str, party: Party, does: str) -> str:
    region = DEFAULT_REGIONS.get(blueprint.partition)
    arguments = [
        ("alias", quoted(side)),
        ("profile", quoted(party.profile)),
        *([("region", quoted(region))] if region else []),
        ("allowed_account_ids", expression([party.account_id])),
    ]
    comment = f"# {party.account_id} is the {side} account: it {does}."
    return comment + "\n" + _block('provider "aws"', arguments)


def _role(blueprint: Blueprint) -> str:
    tags: dict[str, Any] = blueprint.request.tags
    return _resource(
        "aws_iam_role",
        "this",
        _TRUSTING,
        [
            ("name", quoted(blueprint.role_name)),
            ("path", quoted(blueprint.role_path)),
            ("description", quoted(blueprint.description)),
            ("max_session_duration", str(blueprint.max_session_duration)),
        ],
        [("assume_role_policy", _document(blueprint.trust))],
        [("tags", expression(tags, 1))] if tags else [],
    )


def _permissions(blueprint: Blueprint) -> str:
    role = ("role", "aws_iam_role.this.name")
    if blueprint.policy_document is None:
        arn = ("policy_arn", quoted(blueprint.policy_arn))
        return _resource("aws_iam_role_policy_attachment", "permissions", _TRUSTING, [role, arn])
    name = ("name", quoted(blueprint.policy_name))
    document = [("policy", _document(blueprint.policy_document))]
    return _resource("aws_iam_role_policy", "permissions", _TRUSTING, [name, role], document)


def _grant(blueprint: Blueprint) -> list[str]:
    to = blueprint.attach
    if to is None:
        return []
    name, whom = ("name", quoted(blueprint.grant_name)), (to.kind, quoted(to.name))
    document = [("policy", _document(blueprint.grant))]
    if not blueprint.grant_arn:
        return [_resource(f"aws_iam_{to.kind}_policy", "assume", _TRUSTED, [name, whom], document)]
    description = ("description", quoted(grant_description(blueprint)))
    kind = f"aws_iam_{to.kind}_policy_attachment"
    return [
        _resource("aws_iam_policy", "assume", _TRUSTED, [name, description], document),
        _resource(kind, "assume", _TRUSTED, [whom, ("policy_arn", "aws_iam_policy.assume.arn")]),
    ]


def _output(blueprint: Blueprint) -> str:
    description = quoted(f"The role in account {blueprint.trusting.account_id}")
    return _block('output "role_arn"', [("description", description), ("value", "aws_iam_role.this.arn")])


def _document(document: dict[str, Any]) -> str:
    return f"jsonencode({expression(document, 1)})"
