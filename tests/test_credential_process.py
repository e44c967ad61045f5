"""`credential-process`: what AWS tools read from it, and that it never starts itself without end."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from awshome import read_profiles_in, write_profiles
from running import (
    CANARY,
    PYTHON,
    SECRET,
    TOKEN,
    XSWITCH,
    Terminal,
    cache_file,
    run_xswitch,
    write_session,
)

from xswitch.launch.prepare import Launcher
from xswitch.locations import Locations
from xswitch.sessions.interaction import Interaction
from xswitch.timestamps import parse_time

CONFIG = """\
[default]
region = us-west-2
[profile prod]
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = keys
region = eu-central-1
[profile tool]
credential_process = xswitch credential-process prod
region = eu-central-1
[profile quoted]
credential_process = xswitch credential-process "a b"
[profile missing]
credential_process = xswitch credential-process no-such-profile
region = eu-central-1
"""
CREDENTIALS = f"""\
[keys]
aws_access_key_id = AKIAKEYS
aws_secret_access_key = {SECRET}
[temporary]
aws_access_key_id = ASIATEMPORARY
aws_secret_access_key = {SECRET}
aws_session_token = {TOKEN}
[a b]
aws_access_key_id = AKIABLANK
aws_secret_access_key = "\\é
[half]
aws_access_key_id = AKIA
"""


@pytest.fixture
def files(aws_folder):
    write_profiles(aws_folder, CONFIG, CREDENTIALS)
    return aws_folder


def document(*words, env=None):
    done = run_xswitch("credential-process", *words, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


# --- the document --------------------------------------------------------------------------------


def test_a_cached_session_is_printed_with_its_end(files):
    write_session(files.parent, read_profiles_in(files)["prod"], key="ASIAPROD")
    found = document("prod")
    ends = found.pop("Expiration")
    assert ends.endswith("Z")
    assert timedelta(minutes=59) < parse_time(ends) - datetime.now(UTC) < timedelta(minutes=61)
    assert found == {
        "Version": 1,
        "AccessKeyId": "ASIAPROD",
        "SecretAccessKey": SECRET,
        "SessionToken": TOKEN,
    }


def test_keys_have_neither_a_token_nor_an_end(files):
    assert document("keys") == {"Version": 1, "AccessKeyId": "AKIAKEYS", "SecretAccessKey": SECRET}
    assert set(document("temporary")) == {"Version", "AccessKeyId", "SecretAccessKey", "SessionToken"}


def test_a_key_of_any_letters_is_json(files):
    assert document("a b")["SecretAccessKey"] == '"\\é'
    assert document("a b", env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"})["SecretAccessKey"] == '"\\é'


@pytest.mark.parametrize("name", ["no-such-profile", "half", "", "a\nb"])
def test_what_fails_is_one_sentence_and_nothing_else(files, name):
    done = run_xswitch("credential-process", name)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("xswitch: ")
    assert CANARY not in done.stderr


def test_on_a_terminal_the_secrets_are_masked(files):
    write_session(files.parent, read_profiles_in(files)["prod"], key="ASIAPROD")
    terminal = Terminal([XSWITCH, "credential-process", "prod"], os.environ)
    assert terminal.end() == 0
    assert "ASIAPROD" in terminal.text
    assert "xswitch: the secrets are masked on a terminal" in terminal.text
    assert CANARY not in terminal.text


def test_whatever_the_environment_says_it_is_the_profile_that_was_named(files):
    outer = {
        "AWS_PROFILE": "tool",
        "AWS_DEFAULT_PROFILE": "no-such-profile",
        "XSWITCH_PROFILE": "temporary",
        "AWS_ACCESS_KEY_ID": "AKIAOUTER",
        "AWS_SECRET_ACCESS_KEY": "outer",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent",
    }
    assert document("keys", env={**os.environ, **outer})["AccessKeyId"] == "AKIAKEYS"


# --- it never starts itself without end ----------------------------------------------------------


@pytest.fixture
def starts(tmp_path, monkeypatch):
    """Put in front of xswitch what notes each start; return the notes."""
    folder, log = tmp_path / "bin", tmp_path / "starts"
    folder.mkdir()
    script = folder / "xswitch"
    # Whatever goes wrong, a test is not to fill the machine with processes.
    script.write_text(
        f"#!/bin/sh\necho \"$*\" >>'{log}'\n"
        f"[ $(wc -l <'{log}') -lt 10 ] || exit 77\nexec '{XSWITCH}' \"$@\"\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.path.dirname(PYTHON)}:{os.environ['PATH']}")
    return lambda: log.read_text().splitlines()


def ended(name, starts):
    """Ask for a profile by way of the noting xswitch; return what it said and how often it was started."""
    done = subprocess.run(
        ["xswitch", "credential-process", name],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    return done.stderr, len(starts())


@pytest.mark.parametrize(
    "command",
    [
        "xswitch credential-process p",
        f"{XSWITCH} credential-process p",
        "xswitch credential-process --mfa-token 123456 p",
        "xswitch credential-process --debug -- p",
        "xswitch 'credential-process' \"p\"",
        f"{PYTHON} -m xswitch credential-process p",
        "nice xswitch credential-process p",
        "xswitch env p --format json",
        "xswitch run --env p -- true",
        "env -i HOME={home} PATH=/usr/bin xswitch credential-process p",
    ],
)
def test_a_profile_that_asks_xswitch_for_itself_says_so_at_once(files, starts, command):
    command = command.replace("{home}", os.environ["HOME"])
    write_profiles(files, f"[profile p]\ncredential_process = {command}\n")
    said, count = ended("p", starts)
    assert said.startswith("xswitch: p gets its credentials from itself, by credential_process (")
    assert count == 1


def test_a_ring_of_profiles_says_so_at_once(files, starts):
    ring = "".join(
        f"[profile {name}]\ncredential_process = xswitch credential-process {following}\n"
        for name, following in [("start", "a"), ("a", "b"), ("b", "c"), ("c", "a")]
    )
    write_profiles(files, ring)
    said, count = ended("start", starts)
    assert "a gets its credentials from itself, by credential_process: a → b → c → a (" in said
    assert count == 1


@pytest.mark.parametrize("asked", ["role", "source"])
def test_a_role_whose_source_asks_for_it_says_so_at_once(files, starts, asked):
    role = "role_arn = arn:aws:iam::222222222222:role/Admin\nsource_profile = source"
    process = f"credential_process = xswitch credential-process {asked}"
    write_profiles(files, f"[profile role]\n{role}\n[profile source]\n{process}\n")
    said, count = ended("role", starts)
    assert f"{asked} gets its credentials from itself" in said
    assert count == 1


@pytest.mark.slow
@pytest.mark.parametrize("before", ["ssh bastion", "sudo -u other", "env -u AWS_CONFIG_FILE ssh x"])
def test_xswitch_on_another_machine_or_of_another_user_is_no_circle(files, starts, before, monkeypatch):
    write_profiles(files, f"[profile p]\ncredential_process = {before} xswitch credential-process p\n")
    # Stands for those: what comes back is what a program elsewhere printed.
    elsewhere = files.parent / "elsewhere"
    elsewhere.mkdir()
    answer = {"Version": 1, "AccessKeyId": "AKIAELSEWHERE", "SecretAccessKey": SECRET}
    for name in ("ssh", "sudo"):
        (elsewhere / name).write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
        (elsewhere / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(elsewhere), prepend=os.pathsep)
    assert document("p")["AccessKeyId"] == "AKIAELSEWHERE"


@pytest.mark.parametrize("before", ["env A=b", "nice", "/usr/bin/env -i PATH=x", "python3 -m"])
def test_what_stands_before_xswitch_hides_no_circle(files, starts, before):
    write_profiles(files, f"[profile p]\ncredential_process = {before} xswitch credential-process p\n")
    said, count = ended("p", starts)
    assert "p gets its credentials from itself" in said
    assert count == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("processes", "most"),
    [
        (["sh -c 'exec xswitch credential-process a'"], 2),
        (["sh -c 'exec xswitch credential-process b'", "sh -c 'exec xswitch credential-process a'"], 3),
        (["sh -c 'exec xswitch run a -- xswitch credential-process a'"], 3),
    ],
)
def test_a_ring_through_scripts_ends_where_it_closes(files, starts, processes, most):
    lines = dict(zip("ab", processes, strict=False)).items()
    write_profiles(files, "".join(f"[profile {name}]\ncredential_process = {line}\n" for name, line in lines))
    said, count = ended("a", starts)
    assert "gets its credentials from itself, by credential_process" in said
    assert count <= most


@pytest.mark.slow
@pytest.mark.parametrize(
    "verb", [["env", "p"], ["login", "p"], ["run", "--env", "p", "--", "true"], ["whoami", "p"]]
)
def test_every_verb_that_obtains_ends_a_ring(files, starts, verb):
    write_profiles(files, "[profile p]\ncredential_process = sh -c 'exec xswitch env p --format json'\n")
    done = subprocess.run(
        ["xswitch", *verb], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "p gets its credentials from itself" in done.stderr
    assert len(starts()) == 2


@pytest.mark.slow
def test_an_mfa_process_that_asks_for_its_own_code_ends(files, starts, home):
    (home / ".local/state").write_text("no folder, so no locks either")
    role = "role_arn = arn:aws:iam::222222222222:role/Admin\nsource_profile = keys\nregion = eu-west-1\n"
    mfa = "mfa_serial = arn:aws:iam::111111111111:mfa/me\nmfa_process = xswitch run r -- echo 123456\n"
    write_profiles(files, f"[profile r]\n{role}{mfa}", CREDENTIALS)
    done = subprocess.run(
        ["xswitch", "run", "r", "--", "true"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "r needs a code of the MFA device whose mfa_process asks for it" in done.stderr
    assert "the mfa_process of r failed" in done.stderr
    assert len(starts()) == 2


@pytest.mark.slow
def test_a_ring_through_the_aws_cli_ends_where_it_closes(files, starts, aws):
    write_profiles(
        files,
        f"[profile a]\ncredential_process = {aws} sts get-caller-identity --profile b\n"
        "[profile b]\ncredential_process = xswitch credential-process a\n",
    )
    said, count = ended("a", starts)
    assert "a gets its credentials from itself, by credential_process" in said
    assert count == 2


@pytest.mark.slow
def test_the_same_name_in_other_files_is_another_profile(files, tmp_path, starts):
    (tmp_path / "other").write_text("[profile p]\ncredential_process = xswitch credential-process keys\n")
    line = f"env AWS_CONFIG_FILE={tmp_path}/other xswitch credential-process p"
    write_profiles(files, f"[profile p]\ncredential_process = {line}\n", CREDENTIALS)
    assert document("p")["AccessKeyId"] == "AKIAKEYS"
    assert len(starts()) == 2


@pytest.mark.slow
def test_profiles_that_ask_for_others_are_fine(files, starts):
    line = "[profile {}]\ncredential_process = xswitch credential-process {}\n".format
    write_profiles(files, line("a", "b") + line("b", "c") + line("c", "keys"), CREDENTIALS)
    assert document("a")["AccessKeyId"] == "AKIAKEYS"
    assert len(starts()) == 3


@pytest.mark.parametrize("above", [None, "prod\n/elsewhere/config:/elsewhere/credentials"])
def test_a_profile_that_was_obtained_can_be_obtained_again_by_the_same_process(files, monkeypatch, above):
    if above is not None:
        monkeypatch.setenv("XSWITCH_OBTAINING", above)
    answer = {"Version": 1, "AccessKeyId": "AKIAPRINTED", "SecretAccessKey": SECRET}
    (files / "answer").write_text(json.dumps(answer))
    write_profiles(files, f"[profile p]\ncredential_process = cat {files}/answer\n")
    locations = Locations(os.environ)
    launcher = Launcher(read_profiles_in(files), locations, os.environ, Interaction())
    for _ in range(2):
        assert launcher.credentials("p").access_key_id == "AKIAPRINTED"
        assert os.environ.get("XSWITCH_OBTAINING") == above


# --- AWS tools -----------------------------------------------------------------------------------


@pytest.fixture
def setup(aws_server, files, user, starts):
    key, secret = user
    write_profiles(files, CONFIG, f"[keys]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
    env = aws_server.environment(files.parent)
    aws_server.clear()
    return env


BOTO = "import boto3; print(boto3.Session().client('sts').get_caller_identity()['Arn'])"


def identity(program, env, profile="tool"):
    """Return who a program is under a profile: an AWS CLI, or boto3 ("")."""
    command = [program, "sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
    return subprocess.run(
        command if program else [PYTHON, "-c", BOTO],
        env={**env, "AWS_PROFILE": profile, "AWS_DEFAULT_PROFILE": profile, "XSWITCH_PROFILE": "keys"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.fixture(params=["aws_v1", "aws_v2", "boto3"])
def program(request):
    """Each AWS CLI in turn, and boto3."""
    return "" if request.param == "boto3" else request.getfixturevalue(request.param)


@pytest.mark.slow
def test_aws_tools_get_the_session_first_obtained_and_then_cached(setup, aws_server, program, files, starts):
    for _ in range(2):
        done = identity(program, setup)
        assert done.returncode == 0, done.stderr
        assert "222222222222:assumed-role/Admin/" in done.stdout
    assert aws_server.actions() == ["AssumeRole", "GetCallerIdentity", "GetCallerIdentity"]
    cached = json.loads(cache_file(files.parent, read_profiles_in(files)["prod"]).read_text())
    asked = {request["access_key_id"] for request in aws_server.requests()[1:]}
    assert asked == {cached["Credentials"]["AccessKeyId"]}
    assert starts() == ["credential-process prod"] * 2


@pytest.mark.slow
def test_what_fails_is_shown_by_aws_tools(setup, program):
    done = identity(program, setup, "missing")
    assert done.returncode != 0
    assert "xswitch: there is no profile no-such-profile" in done.stderr
