"""What can be given for a delegation: a sentence on what is wrong, "" where it is fine.

The rules are those of IAM's API (service model of iam 2010-05-08) and of its quotas.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from xswitch.editing.checks import check_setting
from xswitch.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]+")
# IAM takes more; with * ? or $ in it the ARN in a policy would be a pattern or a variable.
_PATH = re.compile(r"/|/[\x21-\x7e]+/")
_POLICY_ARN = re.compile(r"arn:[a-z-]+:iam::(aws|[0-9]{12}):policy/(?P<name>[\x21-\x7e]+)")
_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_RESOURCE = re.compile(r"\*|arn:[^\s]+")
_TAG = re.compile(r"[\w .:/=+@-]*")
_NAMES = "letters, digits and any of _ + = , . @ -"
_MOST_TAGS = 50
_DEEPEST = 20
# Characters of a document without white space: of a trust policy, and of all inline policies of a role.
MOST_TRUST = 2048
MOST_INLINE = 10240
_VERSIONS = ("2012-10-17", "2008-10-17")
_STATEMENT_KEYS = {
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}


def check_role(name: str) -> str:
    """Tell what keeps a role from having that name."""
    return _check_name(name, "a role", 64)


def check_role_path(name: str) -> str:
    """Tell what keeps a role from being called so, its path included where it is given."""
    path, _, last = name.rpartition("/")
    return (check_path(f"/{path}/") if path else "") or check_role(last)


def check_user(name: str) -> str:
    """Tell what keeps a user from being called so, its path included where it is given."""
    path, _, last = name.rpartition("/")
    wrong = check_path(f"/{path}/") if path else ""
    return wrong or _check_name(last, "a user", 64)


def check_group(name: str) -> str:
    """Tell what keeps a group from having that name."""
    return _check_name(name, "a group", 128)


def check_permission_set(name: str) -> str:
    """Tell what keeps a permission set of IAM Identity Center from having that name."""
    return _check_name(name, "a permission set", 32)


def check_path(path: str) -> str:
    """Tell what is wrong with the path of a role."""
    if not _PATH.fullmatch(path) or "//" in path or set(path) & set("*?$"):
        return "a path begins and ends with /, such as /team/"
    return "a path has at most 512 characters" if len(path) > 512 else ""


def check_policy(text: str) -> str:
    """Tell what is wrong with the name or ARN of a managed policy; whether there is one, AWS knows."""
    if not text:
        return "name a policy: what the role may do"
    if text.startswith("arn:"):
        found = _POLICY_ARN.fullmatch(text)
        return "" if found else "a policy's ARN is of the form arn:aws:iam::aws:policy/NAME"
    return _check_name(text.rpartition("/")[2], "a policy", 128)


def check_policy_document(text: str) -> str:
    """Tell what keeps a JSON text from being the permissions of a role."""
    if text.startswith("\ufeff"):
        return "the policy begins with a byte order mark: save it as UTF-8 without one"
    try:
        document = json.loads(
            text, object_pairs_hook=_without_repetition, parse_constant=_refuse, parse_float=_refuse
        )
    except _RepeatedError as error:
        return f"the policy has {printable(str(error))} twice in one place"
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        return f"the policy is not JSON{where}"
    return check_permissions(document)


def check_permissions(document: object) -> str:
    """Tell what keeps a parsed document from being the permissions of a role."""
    return next(_problems_of(document), "")


def _problems_of(document: object) -> Iterator[str]:
    if not isinstance(document, dict) or not isinstance(document.get("Id", ""), str):
        yield "a policy is a JSON object with Version and Statement"
        return
    if _depth(document) > _DEEPEST:
        yield f"a policy is not nested deeper than {_DEEPEST}"
        return
    if extra := set(document) - {"Version", "Id", "Statement"}:
        yield f"a policy has no {printable(min(extra))}; it has Version and Statement"
    if document.get("Version") not in _VERSIONS:
        yield 'a policy needs "Version": "2012-10-17"'
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        yield "a policy needs at least one Statement"
        return
    for number, statement in enumerate(statements, 1):
        yield from (f"statement {number}: {wrong}" for wrong in _problems_of_statement(statement))
    sids = [each["Sid"] for each in statements if each.get("Sid")]
    if len(set(sids)) < len(sids):
        yield "a Sid is there twice"
    if size_of(document) > MOST_INLINE:
        yield f"an inline policy of a role has at most {MOST_INLINE:,} characters without white space"


def check_external_id(value: str) -> str:
    """Tell what is wrong with an external id."""
    return check_setting("external_id", value)


def check_seconds(seconds: int) -> str:
    """Tell what is wrong with how long a session lasts."""
    return check_setting("duration_seconds", str(seconds))


def check_mfa_age(seconds: int) -> str:
    """Tell what is wrong with how long ago the MFA code may have been given; 0 is any time."""
    return (
        "" if seconds == 0 or 60 <= seconds <= 129600 else "the age of an MFA sign-in is 1 minute to 36 hours"
    )


def check_tags(text: str) -> str:
    """Tell what is wrong with tags as they are typed: `Team=platform,Env=prod`."""
    if not text:
        return ""
    parts = text.split(",")
    if not all("=" in part for part in parts):
        return "write tags as NAME=VALUE,NAME=VALUE"
    names = [part.partition("=")[0].strip().casefold() for part in parts]  # IAM does not tell A from a
    if len(set(names)) < len(names):
        return "a tag is there twice"
    return check_tags_of(parse_tags(text))


def parse_tags(text: str) -> dict[str, str]:
    """Return tags by name, of a text that `check_tags` finds fine."""
    pairs = [part.partition("=") for part in text.split(",") if part]
    return {name.strip(): value.strip() for name, _, value in pairs}


def check_tags_of(tags: dict[str, str]) -> str:
    """Tell what is wrong with tags."""
    if len({name.casefold() for name in tags}) < len(tags):  # IAM does not tell A from a
        return "a tag is there twice"
    if len(tags) > _MOST_TAGS:
        return f"a role has at most {_MOST_TAGS} tags"
    for name, value in tags.items():
        if not name or len(name) > 128 or not _TAG.fullmatch(name) or name.lower().startswith("aws:"):
            return f"no tag can be called {printable(name) or 'nothing'}"
        if len(value) > 256 or not _TAG.fullmatch(value):
            return f"the tag {printable(name)} has a value that AWS does not take"
    return ""


def proposed_role(policy: str) -> str:
    """Return a name for a role with that policy: `CrossAccountReadOnly` for ReadOnlyAccess."""
    name = policy.rpartition("/")[2].removesuffix("Access").removeprefix("AWS") or "Role"
    words = "".join(re.findall(r"[A-Za-z0-9]+", name))
    return f"CrossAccount{words}"[:64]


def size_of(document: object) -> int:
    """Return the size of a document as IAM counts it, in characters without white space."""
    return len("".join(json.dumps(document, separators=(",", ":"), ensure_ascii=False).split()))


class _RepeatedError(ValueError):
    pass


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedError(next(name for name in names if names.count(name) > 1))
    return found


def _refuse(text: str) -> float:
    """ValueError for what JSON does not have (NaN), or no policy has (1e9)."""
    raise ValueError(text)


def _depth(value: object) -> int:
    """Return how deep lists and objects are nested. It is counted level by level: a file may be hostile."""
    depth, level = 0, [value]
    while level:
        depth += 1
        inner = [
            each.values() if isinstance(each, dict) else each
            for each in level
            if isinstance(each, dict | list)
        ]
        level = [each for values in inner for each in values]
    return depth


def _check_name(name: str, what: str, most: int) -> str:
    if not name:
        return f"{what} needs a name"
    if not _NAME.fullmatch(name):
        return f"the name of {what} has {_NAMES} only"
    return f"the name of {what} has at most {most} characters" if len(name) > most else ""


def _problems_of_values(statement: dict[str, Any], one: str, form: re.Pattern[str]) -> Iterator[str]:
    """Yield what is wrong with the actions or the resources, or with those that are left out (Not…)."""
    given = [key for key in (one, f"Not{one}") if key in statement]
    if len(given) != 1:
        yield f"it needs either {one} or Not{one}"
        return
    value = statement[given[0]]
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(each, str) and each for each in values):
        yield f"{given[0]} is a text or a list of texts"
    elif not all(form.fullmatch(each) for each in values):
        yield f"{given[0]} is of the form service:Name" if one == "Action" else f"{given[0]} is an ARN, or *"


def _problems_of_statement(statement: object) -> Iterator[str]:
    if not isinstance(statement, dict):
        yield "it is no JSON object"
        return
    if "Principal" in statement or "NotPrincipal" in statement:
        yield "permissions name no Principal: who may assume the role is asked for separately"
    if extra := set(statement) - _STATEMENT_KEYS:
        yield f"a statement has no {printable(min(extra))}"
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield "Effect is Allow or Deny"
    for one, form in (("Action", _ACTION), ("Resource", _RESOURCE)):
        yield from _problems_of_values(statement, one, form)
    if not isinstance(statement.get("Condition", {}), dict):
        yield "Condition is a JSON object"
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or not (sid.isascii() and (sid.isalnum() or not sid)):
        yield "Sid has letters and digits only"
