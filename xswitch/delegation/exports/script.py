"""A delegation as a POSIX shell script that does what is left to do, with nothing but the AWS CLI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xswitch.delegation.exports.aws_cli import commands, option, quote, updates, whoami
from xswitch.delegation.exports.words import comments, headline
from xswitch.delegation.step import Status
from xswitch.text import printable

if TYPE_CHECKING:
    from xswitch.delegation.blueprint import Blueprint, Party
    from xswitch.delegation.plan import Plan, PlannedStep

FILE = "delegate.sh"


def files(plan: Plan) -> dict[str, str]:
    """Return the script: it creates what is missing, and has as comments what exists or would be changed."""
    parts = [_head(plan), *(_section(plan.blueprint, step) for step in plan.steps), _tail(plan)]
    return {FILE: "\n\n".join(part for part in parts if part) + "\n"}


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
            f"account=$({whoami(blueprint, party.profile, 'Account')})",
            f'expect_account {quote(_shown(party))} "$account" {party.account_id}',
        ]
    if _status(plan, "profile") in {Status.CREATE, Status.UNKNOWN}:
        lines += ["", *_check_profile(blueprint)]
    return lines


def _check_profile(blueprint: Blueprint) -> list[str]:
    profile = option("profile", blueprint.request.profile)
    message = f"there is a profile {printable(blueprint.request.profile)} already: nothing was done"
    return [
        f"role_arn={quote(blueprint.role_arn)}",
        "status=0",
        f"there=$(aws configure get {profile} role_arn 2>/dev/null) || status=$?",
        "# 1 is the AWS CLI's word for a profile without that, more than 1 for no profile.",
        'if [ "$status" -le 1 ] && [ "$there" != "$role_arn" ]; then',
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
    unseen = f"{title}: whether it is there is not known ({printable(step.note)})"
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
        f"until arn=$({whoami(blueprint, blueprint.request.profile, 'Arn')} 2>&1); do",
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
