"""xswitch env: what it prints arrives in shells and programs as it stands in the files."""

from __future__ import annotations

import os
import subprocess

import pytest
from awshome import read_profiles_in, write_profiles
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import CANARY, SECRET, TOKEN, XSWITCH, json_of, run_xswitch, shell_path, write_session
from shells import ARGV
from terminals import Screen

CONFIG = """\
[default]
region = eu-west-1
[profile prod]
region = us-east-1
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = default
[profile without-region]
role_arn = arn:aws:iam::222222222222:role/Other
source_profile = default
"""
CREDENTIALS = f"[default]\naws_access_key_id = AKIA1\naws_secret_access_key = {SECRET}\n"
SHELLS = ["bash", "dash", *(pytest.param(shell, marks=pytest.mark.slow) for shell in ("zsh", "fish"))]
# What shadows or contradicts the profile in a shell that evaluates.
OUTER = {
    "AWS_PROFILE": "outer",
    "AWS_DEFAULT_PROFILE": "outer",
    "AWS_ACCESS_KEY_ID": "AKIAOUTER",
    "AWS_SECRET_ACCESS_KEY": "outer",
    "AWS_SESSION_TOKEN": "outer",
    "AWS_SECURITY_TOKEN": "outer",
    "AWS_ACCESS_KEY": "outer",
    "AWS_SECRET_KEY": "outer",
    "AWS_CREDENTIAL_EXPIRATION": "2000-01-01T00:00:00Z",
    "AWS_ACCOUNT_ID": "999999999999",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/outer",
    "AWS_ROLE_ARN": "outer",
    "AWS_ROLE_SESSION_NAME": "outer",
    "AWS_REGION": "xx-outer-1",
    "AWS_BEARER_TOKEN_BEDROCK": "outer",
    "AWS_VAULT": "outer",
    "XSWITCH_PROFILE": "outer",
}


@pytest.fixture(autouse=True)
def profiles(home, aws_folder):
    write_profiles(aws_folder, CONFIG, CREDENTIALS)
    read = read_profiles_in(aws_folder)
    for name in ("prod", "without-region"):
        write_session(home, read[name], minutes=47.5, key=f"ASIA{name.upper()}")


def evaluated(shell, name, *options, env=None):
    """Have a shell evaluate what `xswitch env` prints; return what AWS tools in it then read."""
    form = "fish" if shell == "fish" else "sh"
    command = f"{XSWITCH} env {' '.join(options)} --format {form} -- {name}"
    line = f"eval ({command} | string collect)" if shell == "fish" else f'eval "$({command})"'
    done = subprocess.run(
        [shell_path(shell), *ARGV[shell][1:], "-c", f"{line}; env -0"],
        env={**os.environ, **(env or {})},
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    pairs = (line.partition("=")[::2] for line in os.fsdecode(done.stdout).split("\0"))
    return {key: value for key, value in pairs if key.startswith(("AWS_", "XSWITCH_"))}


# --- shells --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_gets_the_session_and_nothing_of_the_outer_shell_is_left(shell):
    seen = evaluated(shell, "prod", env=OUTER)
    ends = seen.pop("AWS_CREDENTIAL_EXPIRATION")
    assert ends.endswith("Z")
    assert seen == {
        "AWS_ACCESS_KEY_ID": "ASIAPROD",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "XSWITCH_PROFILE": "prod",
        "XSWITCH_REGION": "xx-outer-1",
    }


@pytest.mark.parametrize("shell", SHELLS)
def test_static_keys_leave_no_session_token_behind(shell):
    seen = evaluated(shell, "default", env=OUTER)
    assert seen["AWS_SECRET_ACCESS_KEY"] == SECRET
    assert {"AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION", "AWS_PROFILE"} & set(seen) == set()


def test_the_region_is_the_one_asked_for_else_the_profiles_else_the_outer_one():
    assert evaluated("dash", "prod", "--region", "sa-east-1", env=OUTER)["AWS_REGION"] == "sa-east-1"
    assert evaluated("dash", "without-region", env=OUTER)["AWS_DEFAULT_REGION"] == "xx-outer-1"
    assert "AWS_REGION" not in evaluated("dash", "without-region")


def test_after_a_profile_with_a_region_one_without_gets_the_outer_region_again():
    first = evaluated("dash", "prod", env=OUTER)
    assert evaluated("dash", "without-region", env=first)["AWS_REGION"] == "xx-outer-1"


def test_powershell_gets_assignments_and_removals():
    lines = run_xswitch("env", "prod", "--format", "powershell").stdout.split(";\n")
    assert "$env:AWS_ACCESS_KEY_ID = 'ASIAPROD'" in lines
    assert f"$env:AWS_SECRET_ACCESS_KEY = '{SECRET}'" in lines
    assert "$env:AWS_PROFILE = $null" in lines


LETTERS = st.characters(exclude_characters="\0\n\r\x1c\x1d\x1e\x85\u2028\u2029", exclude_categories=["Cs"])
LINE = st.text(
    LETTERS | st.sampled_from("'\"\\$`!*?[]{}()<>|&;#~%^ \t\x1b\x7f\u2018\u2019"), min_size=1, max_size=60
)


def as_read(text):
    """A value as configparser reads it: without the blanks around it."""
    return text.strip()


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=LINE.filter(as_read), secret=LINE.filter(as_read), token=LINE.filter(as_read))
def test_whatever_stands_in_the_credentials_file_arrives_in_the_shell(shell, aws_folder, key, secret, token):
    text = (
        f"[odd]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\naws_session_token = {token}\n"
    )
    (aws_folder / "credentials").write_bytes(text.encode())
    seen = evaluated(shell, "odd")
    assert seen["AWS_ACCESS_KEY_ID"] == as_read(key)
    assert seen["AWS_SECRET_ACCESS_KEY"] == as_read(secret)
    assert seen["AWS_SESSION_TOKEN"] == as_read(token)


# --- programs ------------------------------------------------------------------------------------


def test_json_is_one_object_of_variables():
    seen = json_of("env", "prod", "--format", "json", env={**os.environ, **OUTER})
    assert list(seen) == [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    ]
    assert (seen["AWS_SESSION_TOKEN"], seen["AWS_REGION"]) == (TOKEN, "us-east-1")
    assert list(json_of("env", "default", "--format", "json"))[:2] == [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ]


def test_dotenv_is_read_by_the_readers_of_this_machine(tmp_path):
    file = tmp_path / ".env"
    file.write_text(run_xswitch("env", "prod", "--format", "dotenv").stdout)
    expected = json_of("env", "prod", "--format", "json")
    assert sourced(file) == expected
    dotenv = pytest.importorskip("dotenv")
    assert dotenv.dotenv_values(file) == expected


def sourced(file):
    done = subprocess.run(["sh", "-c", f"set -a; . {file}; env -0"], capture_output=True, check=True)
    pairs = (line.partition("=")[::2] for line in os.fsdecode(done.stdout).split("\0"))
    return {key: value for key, value in pairs if key.startswith("AWS_")}


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secret=LINE.filter(as_read))
def test_dotenv_gives_a_value_on_which_readers_agree_or_says_that_there_is_none(aws_folder, tmp_path, secret):
    text = f"[odd]\naws_access_key_id = A\naws_secret_access_key = {secret}\n"
    (aws_folder / "credentials").write_bytes(text.encode())
    done = subprocess.run([XSWITCH, "env", "odd", "--format", "dotenv"], capture_output=True, check=False)
    value = as_read(secret)
    if set(value) & set("\\$") or ("'" in value and set(value) & set('"`')):
        assert (done.returncode, done.stdout) == (1, b"")
        assert b"readers of .env files differ" in done.stderr
        return
    file = tmp_path / ".env"
    file.write_bytes(done.stdout)
    assert sourced(file)["AWS_SECRET_ACCESS_KEY"] == value
    line = os.fsdecode(done.stdout).split("\n")[1]
    quoted = line.removeprefix("AWS_SECRET_ACCESS_KEY=")
    assert quoted in {f'"{value}"', f"'{value}'"}  # verbatim: to a reader without escapes it is the same


# --- terminals -----------------------------------------------------------------------------------


def on_terminal(*arguments):
    screen = Screen([XSWITCH, "env", *arguments], {**os.environ, "TERM": "xterm"}, size=(200, 30))
    try:
        assert screen.end() == 0
        return screen.text()
    finally:
        screen.close()


@pytest.mark.parametrize("form", ["sh", "fish", "powershell", "dotenv", "json"])
def test_on_a_terminal_secrets_are_masked_and_that_is_said(form):
    said = on_terminal("prod", "--format", form)
    assert CANARY not in said
    assert said.count("********") == 3
    assert "ASIAPROD" in said
    assert "--show-secrets shows them" in said


def test_secrets_are_shown_on_a_terminal_where_that_is_asked_for():
    said = on_terminal("prod", "--show-secrets")
    assert SECRET in said
    assert "masked" not in said


def test_nothing_in_a_value_has_an_effect_on_the_terminal(aws_folder):
    (aws_folder / "credentials").write_text(
        "[odd]\naws_access_key_id = A\x1b[2J\naws_secret_access_key = s\n"
    )
    assert "A\\x1b[2J" in on_terminal("odd", "--show-secrets")


# --- what fails ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["nope"], 1, "there is no profile nope"),
        (["prod", "--format", "csv"], 2, "there is no format csv"),
        (["prod", "--min-ttl", "soon"], 2, "--min-ttl soon is no time"),
        ([], 2, "env needs PROFILE"),
    ],
)
def test_a_failure_prints_nothing_to_evaluate(words, status, said):
    done = run_xswitch("env", *words)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
    assert CANARY not in done.stderr


def test_a_session_with_less_than_min_ttl_left_is_renewed():
    env = {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    assert run_xswitch("env", "prod", "--min-ttl", "30m", env=env).returncode == 0
    done = run_xswitch("env", "prod", "--min-ttl", "1h", env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert "could not be reached" in done.stderr


def test_a_value_that_this_locale_cannot_spell_is_a_sentence(aws_folder):
    (aws_folder / "credentials").write_text("[odd]\naws_access_key_id = A\naws_secret_access_key = 日本\n")
    env = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = run_xswitch("env", "odd", env=env)
    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stdout) == (1, "")
    assert "locale" in done.stderr
