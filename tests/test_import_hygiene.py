"""What the fast commands load, that they never ask the network, and which room may import which."""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

import pytest
from awshome import read_profiles_in, write_profiles
from guarding import write_settings
from running import PYTHON, write_session

import xswitch

SOURCE = Path(xswitch.__file__).parent

CONFIG = """\
[default]
region = eu-west-1
[profile prod]
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = default
[profile careful]
role_arn = arn:aws:iam::222222222222:role/Careful
source_profile = default
mfa_serial = arn:aws:iam::111111111111:mfa/me
[profile corp]
sso_session = corp
sso_account_id = 444444444444
sso_role_name = Reader
[sso-session corp]
sso_start_url = https://corp.example.com/start
sso_region = us-east-1
"""
CREDENTIALS = "[default]\naws_access_key_id = AKIA1\naws_secret_access_key = secret\n"

HEAVY = {
    "boto3",
    "botocore",
    "textual",
    "rich",
    "asyncio",
    "tomlkit",
    "urllib.request",
    "http.client",
    "socket",
}
# All that a fast command may load of the standard library. The rest costs a good part of a Python start:
# `re` half of one, and argparse, json, subprocess, pathlib and dataclasses all bring it along.
CHEAP = {"__future__", "_datetime", "_json", "_sha1", "gc", "_signal", "sitecustomize"}
# What the commands load of xswitch that use a cached session: a module more costs 1 % of a Python start.
SESSION = {
    "xswitch",
    *("xswitch.errors", "xswitch.locations", "xswitch.quickjson", "xswitch.regular", "xswitch.text"),
    *("xswitch.timestamps", "xswitch.awsfiles", "xswitch.awsfiles.files", "xswitch.awsfiles.ini"),
    *("xswitch.awsfiles.settings", "xswitch.profiles", "xswitch.profiles.arn"),
    *("xswitch.profiles.collection", "xswitch.profiles.problems", "xswitch.profiles.profile"),
    *("xswitch.sessions", "xswitch.sessions.cache", "xswitch.sessions.inventory", "xswitch.sessions.keys"),
    *("xswitch.sessions.session", "xswitch.launch", "xswitch.launch.environment", "xswitch.cli"),
    *("xswitch.cli.main", "xswitch.cli.output", "xswitch.cli.arguments", "xswitch.cli.verbs"),
    "xswitch.cli.verbs.using",
}
PREPARED = SESSION | {
    *("xswitch.cli.preparing", "xswitch.launch.admission", "xswitch.launch.prepare", "xswitch.launch.usage"),
}
EXPORTED = PREPARED | {"xswitch.launch.shells", "xswitch.launch.switch"}
OWN = {
    "run, cached": PREPARED | {"xswitch.cli.run", "xswitch.launch.execute"},
    "env": EXPORTED | {"xswitch.cli.env"},
    "use": EXPORTED | {"xswitch.cli.use", "xswitch.awsfiles.masking"},
    "credential-process": PREPARED | {"xswitch.cli.credential_process"},
    "prompt": SESSION | {"xswitch.cli.prompt"},
}
# Loaded before everything else: tells what is loaded in the end, and lets nobody reach the network.
WATCH = """
import os, sys
_before = set(sys.modules)
def _tell():
    with open(os.environ["LOADED"], "w") as file:
        file.write("\\n".join(sorted(set(sys.modules) - _before)))
def _audit(event, arguments):
    if event == "os.exec":
        _tell()
    elif event.startswith("socket."):
        os.write(2, f"network: {event}\\n".encode())
        os._exit(99)
sys.addaudithook(_audit)
"""
# Run as a program without the installed script: some installers' scripts load `re` themselves.
MAIN = """
import sys
from xswitch.cli.main import main
status = main({words!r})
import sitecustomize
sitecustomize._tell()
sys.exit(status)
"""

FAST = {
    "--version": ["--version"],
    "list": ["list"],
    "list with a filter": ["list", "prod !old"],
    "run, static": ["run", "default", "--", "true"],
    "run, static, keys": ["run", "default", "--env", "--", "true"],
    "run, cached": ["run", "prod", "--", "true"],
    "run, cached, keys": ["run", "prod", "--env", "--region", "eu-west-1", "--", "true"],
    "run, SSO, cached": ["run", "corp", "--", "true"],
    "shell": ["shell", "prod"],
    "use": ["use", "prod"],
    "use, keys": ["use", "careful"],
    "use --match": ["use", "--match", "--shell", "fish", "prod"],
    "use --match, a part": ["use", "--match", "car"],
    "use --none": ["use", "--none"],
    "env": ["env", "prod"],
    "env, static, dotenv": ["env", "default", "--format", "dotenv", "--region", "eu-west-1"],
    "init": ["init", "bash"],
    "prompt": ["prompt"],
    "complete, a profile": ["complete", "--", "run", "p"],
    "complete, an option": ["complete", "--", "run", "--r"],
    "credential-process": ["credential-process", "prod"],
}
OFFLINE = {
    "list --tree": ["list", "--tree"],
    "list --json": ["list", "--json"],
    "list with a glob": ["list", "p*"],
    "show": ["show", "prod"],
    "show --json": ["show", "prod", "--json"],
    "show --all": ["show", "--all", "--json"],
    "sessions": ["sessions"],
    "sessions --json": ["sessions", "--json"],
    "--help": ["--help"],
}


@pytest.fixture
def watched(aws_folder, tmp_path):
    """Profiles with cached sessions, and a runner that returns the modules a command loads."""
    write_profiles(aws_folder, CONFIG, CREDENTIALS)
    profiles = read_profiles_in(aws_folder)
    for name in ("prod", "corp", "careful"):
        write_session(aws_folder.parent, profiles[name])
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch/sitecustomize.py").write_text(WATCH)
    loaded = tmp_path / "loaded"

    def run(words):
        env = {
            **os.environ,
            "PYTHONPATH": str(tmp_path / "watch"),
            "LOADED": str(loaded),
            "SHELL": "/bin/true",
            "AWS_PROFILE": "prod",  # for the prompt
        }
        done = run_python(MAIN.format(words=words), env)
        assert done.returncode == 0, done.stderr
        return set(loaded.read_text().split())

    return run


def run_python(code, env):
    return subprocess.run(
        [PYTHON, "-c", code], env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )


@pytest.mark.parametrize("command", FAST)
def test_a_fast_command_loads_nothing_costly_and_no_network(watched, command):
    loaded = watched(FAST[command])
    assert "xswitch.cli.main" in loaded
    assert foreign(loaded) <= CHEAP
    assert not any(name.startswith(("xswitch.editing", "xswitch.doctor", "xswitch.tui")) for name in loaded)


def foreign(loaded):
    return {name for name in loaded if name.partition(".")[0] != "xswitch"}


@pytest.mark.parametrize("size", ["few", "thousands"])
@pytest.mark.parametrize("command", OWN)
def test_a_command_with_a_cached_session_loads_what_it_needs_and_nothing_else(
    watched, aws_folder, command, size
):
    may = set(OWN[command])
    if size == "thousands":
        more = "".join(f"[profile team-{number}]\nregion = eu-west-1\n" for number in range(2000))
        (aws_folder / "config").write_text(CONFIG + more)
        may.add("xswitch.awsfiles.excerpt")
    loaded = watched(FAST[command])
    assert loaded <= may | CHEAP
    assert ("xswitch.awsfiles.excerpt" in loaded) == (size == "thousands")


SETTINGS = """\
theme = "nord"
order = "most-used"
[accounts]
"222222222222" = "Prod"
[keys]
"profile.run" = "r"
[[guard]]
profile = "{}"
account_id = ["222222222222", "444444444444"]
role = "*"
color = "blue"
"""


@pytest.mark.parametrize("rule", ["other*", "*"], ids=["unguarded", "guarded"])
@pytest.mark.parametrize("command", FAST)
def test_settings_and_guards_cost_nothing_from_the_second_command_on(watched, aws_folder, command, rule):
    write_settings(aws_folder.parent, SETTINGS.format(rule))
    verb, *rest = FAST[command]
    if verb in {"run", "shell", "use", "env"} and "--none" not in rest:
        name = next(word for word in rest if word in {"default", "prod", "corp", "careful", "car"})
        rest = ["--yes-really", "careful" if name == "car" else name, *rest]
    watched(["list"])  # keeps what the settings were parsed to
    identity = aws_folder.parent / ".local/state/xswitch/identities/AKIA1.json"  # as AWS has said
    identity.parent.mkdir()
    identity.write_text('{"access_key_id": "AKIA1", "account_id": "222222222222", "asked_at": ""}')
    loaded = watched([verb, *rest])
    assert foreign(loaded) <= CHEAP


def test_the_first_command_parses_the_settings_and_the_second_does_not(watched, aws_folder):
    write_settings(aws_folder.parent, SETTINGS.format("other*"))
    assert "tomllib" in watched(FAST["use"])
    assert "tomllib" not in watched(FAST["use"])


@pytest.mark.parametrize("command", OFFLINE)
def test_every_report_is_offline_and_loads_no_aws_or_terminal_library(watched, command):
    assert watched(OFFLINE[command]) & HEAVY == set()


def test_the_watch_sees_the_network(watched, aws_folder):
    for entry in (aws_folder / "cli/cache").iterdir():
        entry.unlink()
    with pytest.raises(AssertionError, match=r"network: socket\."):
        watched(["run", "prod", "--", "true"])


def test_obtaining_a_session_loads_botocore_and_not_boto3_or_the_ui(aws_folder):
    write_profiles(aws_folder, CONFIG, CREDENTIALS)
    code = (
        "import sys, os\nfrom xswitch.cli.main import main\nmain(['run', 'prod', '--', 'true'])\n"
        "print(*sorted(sys.modules))"
    )
    done = run_python(code, {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"})
    loaded = set(done.stdout.split())
    assert "botocore.session" in loaded
    assert loaded & {"boto3", "textual", "rich", "asyncio"} == set()


# --- the rooms -----------------------------------------------------------------------------------

# What each room may import, besides itself and the ground. Arrows go down only.
BELOW = {
    "settings": set(),
    "awsfiles": set(),
    "profiles": {"awsfiles", "settings"},
    "sessions": {"awsfiles", "profiles"},
    "editing": {"awsfiles", "profiles"},
    "doctor": {"awsfiles", "profiles", "editing", "sessions", "settings"},
    "launch": {"awsfiles", "profiles", "sessions", "settings"},
    "delegation": {"awsfiles", "profiles", "editing", "sessions"},
    "demo": {"awsfiles", "profiles", "sessions", "launch"},
    "tui": {"awsfiles", "profiles", "editing", "sessions", "launch", "delegation", "doctor", "settings"},
}
BELOW["cli"] = {*BELOW, "tui"}
GROUND = {"errors", "locations", "locking", "quickjson", "regular", "text", "timestamps"}
BELOW |= dict.fromkeys(GROUND, GROUND)
BELOW |= {"__init__": set(), "__main__": {"cli"}}
FRONT_ENDS = {"cli", "tui", "__main__.py"}
AWS_CALLERS = {
    f"sessions/{name}.py"
    for name in (
        "assume",
        "clicache",
        "clients",
        "federation",
        "identity",
        "mfa",
        "obtain",
        "refusals",
        "sso",
    )
} | {"delegation/account.py"}
FILES = sorted(SOURCE.rglob("*.py"))
BELOW_FRONT_ENDS = [path for path in FILES if path.relative_to(SOURCE).parts[0] not in FRONT_ENDS]


def imports_of(path):
    """Yield every absolute module name that a file imports, wherever in it; those for types only included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module
            if node.module == "xswitch":
                yield from (f"xswitch.{alias.name}" for alias in node.names if not alias.name.startswith("_"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_go_down_only(path):
    inside = path.relative_to(SOURCE)
    room = inside.parts[0].removesuffix(".py")
    names = set(imports_of(path))
    rooms = {name.split(".")[1] for name in names if name.startswith("xswitch.")}
    assert rooms - BELOW[room] - GROUND - {room} == set()
    foreign = {name.split(".")[0] for name in names}
    if room not in {"cli", "tui", "settings"}:
        assert foreign & {"textual", "rich", "tomlkit", "getpass"} == set()
    if str(inside) not in AWS_CALLERS and room != "demo":
        assert foreign & {"boto3", "botocore"} == set()
    if room != "demo":
        assert foreign & {"moto", "werkzeug"} == set()


@pytest.mark.parametrize("path", BELOW_FRONT_ENDS, ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_the_front_ends_print_and_ask(path):
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert calls & {"print", "input", "breakpoint", "exit"} == set()


def test_boto_is_imported_when_a_call_is_made_and_not_before():
    for path in FILES:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                name = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
                assert (
                    name not in {"xswitch.sessions.obtain", "xswitch.sessions.refusals"}
                    or str(path.relative_to(SOURCE)) in AWS_CALLERS
                )
