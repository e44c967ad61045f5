"""`xswitch add keys`."""

from __future__ import annotations

import os

from xswitch.cli.changing import carry_out, settings_of
from xswitch.cli.secrets import ask_hidden, ask_shown, read_stdin
from xswitch.editing.operations import add_keys, check_target_of_keys
from xswitch.editing.placing import KEY_SETTINGS
from xswitch.errors import UsageError, XswitchError
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output

_SETTINGS = {"region": "--region", "output": "--output", "mfa_serial": "--mfa-serial"}


def run(arguments: Arguments, output: Output) -> int:
    """Add a profile with access keys, or replace those of one."""
    name, replace = arguments.positionals[0], "--replace" in arguments.flags
    check_target_of_keys(name, read_profiles(Locations(os.environ)), replace=replace)
    piped = read_stdin()
    key_id, secret, token = _asked(name, output) if piped is None else _parsed(piped)
    operation = add_keys(
        name,
        key_id,
        secret,
        token,
        settings_of(arguments, _SETTINGS),
        replace=replace,
    )
    return carry_out(operation, arguments, output)


def _asked(name: str, output: Output) -> tuple[str, str, str]:
    key_id = ask_shown(output, f"AWS access key id of {printable(name)}: ")
    secret = ask_hidden(output, "AWS secret access key (not shown): ")
    token = ask_hidden(output, "AWS session token (not shown): ") if key_id.startswith("ASIA") else ""
    return key_id, secret, token


def _parsed(text: str) -> tuple[str, str, str]:
    """Return the keys in two or three lines, or in the JSON of `aws iam create-access-key` or of STS."""
    if text.lstrip().startswith("{"):
        return _from_json(text)
    lines = [line.strip() for line in text.strip().split("\n")]
    named = _named(lines)
    if named:
        return named.get(KEY_SETTINGS[0], ""), named.get(KEY_SETTINGS[1], ""), named.get(KEY_SETTINGS[2], "")
    if not 2 <= len(lines) <= 3:
        raise UsageError(
            "stdin must have the access key id and its secret, a line each",
            "a session token may follow on a third line",
        )
    return lines[0], lines[1], lines[2] if len(lines) == 3 else ""


def _named(lines: list[str]) -> dict[str, str]:
    """Return keys by name, as shells (`export AWS_…=`), credentials files and the SSO portal write them."""
    found = {}
    for line in lines:
        key, equals, value = line.removeprefix("export ").removeprefix("SET ").partition("=")
        key = key.strip().lower().removeprefix("$env:")
        if equals and key in KEY_SETTINGS:
            found[key] = value.strip().strip("\"'")
    return found


def _from_json(text: str) -> tuple[str, str, str]:
    import json

    try:
        found = json.loads(text)
        keys = found.get("AccessKey") or found.get("Credentials") or found
        wanted = keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken") or ""
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        wanted = "", "", ""
    if not all(isinstance(key, str) for key in wanted) or not (wanted[0] and wanted[1]):
        text = "the JSON on stdin has no AccessKeyId and SecretAccessKey"
        raise XswitchError(text, "pipe the output of aws iam create-access-key into it")
    return wanted
