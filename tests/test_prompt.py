"""xswitch prompt: the profile in use and the time left, and never a complaint."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from awshome import SSO, read_profiles_in, write_profiles
from running import XSWITCH, cache_file, run_xswitch, shell_path, write_session

from xswitch.sessions.keys import token_key
from xswitch.sessions.session import short_time_left

CONFIG = (
    """\
[profile prod]
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = default
[profile 100%!]
role_arn = arn:aws:iam::222222222222:role/Percent
source_profile = default
[profile none-yet]
role_arn = arn:aws:iam::222222222222:role/None
source_profile = default
"""
    + SSO
)
CREDENTIALS = "[default]\naws_access_key_id = AKIA1\naws_secret_access_key = s\n"


@pytest.fixture(autouse=True)
def profiles(aws_folder):
    write_profiles(aws_folder, CONFIG, CREDENTIALS)
    return read_profiles_in(aws_folder)


def prompt(*arguments, **env):
    """Return what the prompt says; it has no complaint and no failure."""
    done = run_xswitch("prompt", *arguments, env={**os.environ, **env})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == bool(done.stdout)
    return done.stdout.rstrip("\n")


def after(**time):
    return f"{datetime.now(UTC) + timedelta(**time):%Y-%m-%dT%H:%M:%SZ}"


def test_without_a_profile_it_is_empty():
    assert prompt() == ""
    assert prompt(AWS_PROFILE="") == ""
    assert prompt(XSWITCH_PROFILE="prod") == ""


@pytest.mark.parametrize(
    ("minutes", "left"), [(47.5, "47m"), (8.5, "8m"), (60 * 6 + 12.5, "6h12m"), (-3, "expired")]
)
def test_the_time_left_is_that_of_the_cached_session(home, profiles, minutes, left):
    write_session(home, profiles["prod"], minutes=minutes)
    assert prompt(AWS_PROFILE="prod") == f"prod {left}"


def test_static_keys_and_roles_without_a_session_are_a_name_alone():
    assert prompt(AWS_PROFILE="default") == "default"
    assert prompt(AWS_DEFAULT_PROFILE="none-yet") == "none-yet"


def test_an_sso_profile_has_the_time_of_its_token_where_there_is_no_role_session(home):
    path = home / f".aws/sso/cache/{token_key('corp', None)}.json"
    path.parent.mkdir(parents=True)
    token = {"startUrl": "https://x", "accessToken": "x", "expiresAt": after(hours=3, minutes=5, seconds=30)}
    path.write_text(json.dumps(token))
    assert prompt(AWS_PROFILE="sso") == "sso 3h05m"


def test_keys_that_xswitch_put_there_are_the_profiles_with_the_time_that_stands_beside_them(home, profiles):
    write_session(home, profiles["prod"], minutes=47.5)
    keys = {"AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": "x"}
    ends = after(minutes=8, seconds=30)
    assert prompt(**keys, XSWITCH_PROFILE="prod", AWS_CREDENTIAL_EXPIRATION=ends) == "prod 8m"
    assert prompt(**keys, XSWITCH_PROFILE="prod") == "prod"
    assert prompt(**keys, XSWITCH_PROFILE="prod", AWS_CREDENTIAL_EXPIRATION="nonsense") == "prod"


def test_keys_of_others_win_over_the_profile_which_is_then_not_in_use():
    keys = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "x"}
    assert prompt(**keys) == ""
    assert prompt(**keys, AWS_PROFILE="prod", XSWITCH_PROFILE="prod") == ""


def test_a_profile_that_is_not_in_the_files_is_a_name():
    assert prompt(AWS_PROFILE="gone") == "gone"


@pytest.mark.parametrize("content", ["", "{", "[]", "\0", '{"Credentials": {"Expiration": 3}}'])
def test_a_broken_cache_is_a_name(home, profiles, content):
    path = cache_file(home, profiles["prod"])
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert prompt(AWS_PROFILE="prod") == "prod"


@pytest.mark.parametrize(
    "content", ["no section", "[profile prod]\nregion\n", "[", "\ufeff[x]", "[prod]\n[prod]\n"]
)
def test_a_broken_file_is_a_name(aws_folder, content):
    (aws_folder / "config").write_text(content)
    assert prompt(AWS_PROFILE="prod") == "prod"


def test_a_folder_in_place_of_a_file_is_a_name(aws_folder):
    (aws_folder / "config").unlink()
    (aws_folder / "config").mkdir()
    (aws_folder / "cli").write_text("")
    assert prompt(AWS_PROFILE="prod") == "prod"


def test_nothing_in_a_name_has_an_effect_on_the_terminal():
    assert prompt(AWS_PROFILE="a\x1b[2J\nb") == "a\\x1b[2J\\nb"


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_shells_show_a_name_as_it_is(home, profiles, shell):
    """In zsh a prompt is expanded once more after the command in it: `%` would begin something."""
    write_session(home, profiles["100%!"], minutes=47.5)
    code = {
        "bash": f"PS1='$({XSWITCH} prompt)'; printf %s \"${{PS1@P}}\"",
        "zsh": f"setopt prompt_subst; PS1='$({XSWITCH} prompt --shell zsh)'; print -rnP -- $PS1",
    }
    env = {**os.environ, "AWS_PROFILE": "100%!"}
    done = subprocess.run(
        [shell_path(shell), "-c", code[shell]], env=env, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("100%! 47m", "")


@pytest.mark.parametrize(
    ("seconds", "left"),
    [(59, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h00m"), (90_000, "1d01h"), (0.5, "0s"), (0, "expired")],
)
def test_the_time_left_is_short(seconds, left):
    now = datetime(2030, 1, 1, tzinfo=UTC)
    assert short_time_left(now + timedelta(seconds=seconds), now) == left
