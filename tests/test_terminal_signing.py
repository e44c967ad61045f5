"""Signing in from the UI in real terminals: keys, codes, the end of the process, and the AWS CLI after it."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import time

import pytest
from running import XSWITCH
from signing import MFA, token
from terminals import Screen

pytest_plugins = ["signing_setup"]
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("environ")]


@pytest.fixture
def start(aws_server, home):
    """Start xswitch in a terminal of its own."""
    screens = []
    environ = {
        **aws_server.environment(home),
        "PATH": f"{os.path.dirname(sys.executable)}:/usr/local/bin:/usr/bin:/bin",
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "SHELL": "/bin/sh",
        "PS1": "ready> ",
    }
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR"):
        environ.pop(name, None)

    def start(*arguments, env=None, **options):
        screens.append(Screen([XSWITCH, *arguments], {**environ, **(env or {})}, **options))
        screens[-1].live()
        return screens[-1]

    yield start
    for screen in screens:
        screen.close()


def test_sign_in_with_a_wrong_and_a_right_code_then_switch(start, aws_server):
    screen = start("admin")
    screen.type("i")
    screen.until("MFA code")
    screen.until(MFA)
    screen.type("000000")
    screen.until("AWS did not take that code")
    screen.type("\x1b[200~123 456\x1b[201~")
    screen.until("admin is signed in until")
    assert "MFA code" not in screen.text()
    time.sleep(0.6)  # right after a code, enter would be taken for its end
    screen.type("\r")
    screen.until("a subshell under admin; leave it with exit")
    screen.until("ready>")
    screen.type("echo it is $XSWITCH_PROFILE $AWS_ACCESS_KEY_ID\r")
    screen.until("it is admin ASIA")
    screen.type("exit 3\r")
    assert screen.end() == 3
    screen.assert_restored()
    assert aws_server.actions() == ["GetSessionToken", "GetSessionToken", "AssumeRole"]


def test_enter_alone_asks_signs_in_and_opens_the_subshell(start):
    screen = start("admin")
    screen.type("\r")
    screen.until("MFA code")
    screen.type("123456")
    screen.until("a subshell under admin; leave it with exit")
    screen.until("ready>")
    screen.type("exit\r")
    assert screen.end() == 0
    screen.assert_restored()


def test_sso_from_a_terminal_copies_the_code_and_runs_the_command_afterwards(start, aws_server):
    aws_server.control(device="approve-after-2-polls")
    screen = start("corp-dev")
    screen.type("xecho under $AWS_PROFILE\r")
    screen.until("waiting for the browser")
    code = re.search(r" ([B-Z]{4}-[B-Z]{4}) ", screen.text())[1]
    assert b"\x1b]52;c;" + base64.b64encode(code.encode()) in screen.raw
    screen.until("exit status 0; Enter goes back")
    assert "under corp-dev" in screen.text()
    screen.type("\r")
    screen.live()
    screen.type("q")
    assert screen.end() == 0


def test_keys_typed_ahead_go_to_the_command_and_start_nothing_else(start, aws_server, gate):
    screen = start("ops !audit !lost", env={"AWS_ENDPOINT_URL": gate.url})
    screen.type("xecho under $AWS_PROFILE\r\r\rxs")
    screen.until(gate.is_asked)
    gate.open()
    screen.until("exit status 0; Enter goes back")
    assert "under ops" in screen.text()
    screen.type("\r")
    screen.live()
    screen.until("59m")
    assert aws_server.actions() == ["AssumeRole"]


@pytest.mark.parametrize(("keys", "status"), [("q", 0), ("ctrl+c", 130), ("kill", 143)])
def test_the_process_ends_though_aws_says_nothing(start, gate, keys, status):
    screen = start("spare", env={"AWS_ENDPOINT_URL": gate.url})
    screen.type("i")
    screen.until("signing in")
    screen.until(gate.is_asked)
    if keys == "kill":
        screen.process.terminate()
    else:
        screen.type(keys)
    assert screen.end() == status
    screen.assert_restored()


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
def test_ctrl_c_in_the_code_dialog_ends_the_process(start, size):
    screen = start("admin", size=size)
    screen.type("i")
    screen.until("MFA code")
    screen.type("12")
    screen.type("ctrl+c")
    assert screen.end() == 130
    screen.assert_restored()


def test_ctrl_c_while_sso_waits_ends_the_process_and_no_token_is_kept(start, aws_server, home):
    aws_server.control(device="never")
    screen = start("corp-dev")
    screen.type("i")
    screen.until("waiting for the browser")
    screen.type("ctrl+c")
    assert screen.end() == 130
    screen.assert_restored()
    assert token(home) is None


def test_one_can_switch_to_another_profile_while_a_sign_in_hangs(start, gate):
    screen = start(env={"AWS_ENDPOINT_URL": gate.url})
    screen.type("/spare\ri")
    screen.until("signing in")
    screen.type("/")
    screen.type("\x15keys !role\r")
    screen.type("\r")
    screen.until("a subshell under keys; leave it with exit")
    screen.until("ready>")
    screen.type("exit\r")
    assert screen.end() == 0


def test_the_session_that_the_ui_got_is_used_by_the_aws_cli_without_a_code(start, aws_server, aws, home):
    screen = start("admin")
    screen.type("i")
    screen.until("MFA code")
    screen.type("123456")
    screen.until("admin is signed in until")
    screen.type("q")
    assert screen.end() == 0
    done = subprocess.run(
        [aws, "--profile", "admin", "sts", "get-caller-identity"],
        env=aws_server.environment(home),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert "assumed-role/Admin/" in done.stdout, done.stderr
    assert aws_server.actions() == ["GetSessionToken", "AssumeRole", "GetCallerIdentity"]
