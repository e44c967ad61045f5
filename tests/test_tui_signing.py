"""Signing in and out from the UI, against a real server: dialogs, waiting, giving up, and what is kept."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import subprocess
import sys
import time

import botocore.credentials
import botocore.tokens
import pytest
from awshome import read_profiles_in, write_profiles
from running import XSWITCH, cache_file, write_session
from screens import (
    box_of,
    burst,
    lines_of,
    make_app,
    press,
    selected,
    settle,
    shown_names,
    text_of,
    told,
    tree_of,
    until,
)
from terminals import Screen
from textual import events

from xswitch.sessions.keys import token_key
from xswitch.timestamps import utc_now
from xswitch.tui.outcome import Cancelled, Leave
from xswitch.tui.screens.confirm import ConfirmScreen
from xswitch.tui.screens.device import DeviceScreen
from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.message import MessageScreen
from xswitch.tui.screens.mfa import CodeScreen
from xswitch.tui.tasks import Task

pytestmark = pytest.mark.slow

SIZE = (110, 36)
MFA = "arn:aws:iam::111111111111:mfa/alice"
CONFIG = f"""\
[profile ops]
role_arn = arn:aws:iam::222222222222:role/Ops
source_profile = keys
region = eu-west-1
[profile ops-audit]
role_arn = arn:aws:iam::222222222222:role/Audit
source_profile = ops
region = eu-west-1
[profile admin]
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = keys
mfa_serial = {MFA}
region = eu-west-1
[profile other]
role_arn = arn:aws:iam::333333333333:role/Other
source_profile = keys
mfa_serial = {MFA}2
region = eu-west-1
[profile spare]
role_arn = arn:aws:iam::444444444444:role/Spare
source_profile = keys
region = eu-west-1
[sso-session corp]
sso_start_url = https://corp.example.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access
[profile corp-dev]
sso_session = corp
sso_account_id = 555555555555
sso_role_name = Developer
region = eu-west-1
[profile corp-data]
sso_session = corp
sso_account_id = 666666666666
sso_role_name = Reader
region = eu-west-1
[profile lost]
role_arn = arn:aws:iam::777777777777:role/Ops
source_profile = gone
"""


@pytest.fixture(autouse=True)
def environ(aws_server, home, user, monkeypatch):
    """Profiles of every kind, whose AWS is the server, and no browser."""
    key, secret = user
    credentials = f"[keys]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
    write_profiles(home / ".aws", CONFIG, credentials)
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in aws_server.environment(home).items():
        monkeypatch.setenv(name, value)
    # botocore asks for the home folder once in a process.
    for provider in (botocore.credentials.SSOProvider, botocore.tokens.SSOTokenProvider):
        monkeypatch.setattr(provider, "_SSO_TOKEN_CACHE_DIR", str(home / ".aws/sso/cache"))
    aws_server.clear()
    yield os.environ
    aws_server.clear()


@pytest.fixture
def lent():
    """What the terminal was lent for, with the command line and the environment of each child."""
    return []


@pytest.fixture
def ui(environ, lent):
    """The UI on those profiles, with the time as it is."""

    def lend(what, prepare, *, wait):
        argv, child = prepare()
        lent.append((what, list(argv), dict(child)))

    def make(env=None, **options):
        return make_app({**environ, **(env or {})}, clock=utc_now, lend_terminal=lend, **options)

    return make


def run(app, size=SIZE):
    return app.run_test(size=size, headless=False, notifications=True)


def row_of(app, name):
    """Return the line of a row of the tree."""
    index = next(i for i, row in enumerate(tree_of(app).rows) if row.node.name == name)
    return "".join(segment.text for segment in tree_of(app).render_line(index)).split("│")[0]


def go(app, name):
    """Select a row, heading or not."""
    tree = tree_of(app)
    tree.cursor = next(i for i, row in enumerate(tree.rows) if row.node.name == name)


def cached(home, name):
    """Return the profile's entry in the AWS CLI's cache, or None."""
    path = cache_file(home, read_profiles_in(home / ".aws")[name])
    return json.loads(path.read_text()) if path.exists() else None


def token(home):
    path = home / f".aws/sso/cache/{token_key('corp', None)}.json"
    return json.loads(path.read_text()) if path.exists() else None


def everything_under(folder):
    """Return the content of every file in a folder, by its path."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- roles ---------------------------------------------------------------------------------------


async def test_i_gets_a_session_beside_the_ui_and_says_until_when(ui, aws_server, home):
    aws_server.control(delay={"AssumeRole": 2.0})
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "i")
        assert "…" in row_of(app, "ops")
        assert row_of(app, "ops").rstrip().endswith("signing in")
        # AWS takes its time, and the tree goes on.
        await until(pilot, lambda: aws_server.actions() == ["AssumeRole"])
        await press(pilot, "g", "slash", *"aud", "enter")
        assert selected(app) == "ops-audit"
        await press(pilot, "question_mark", "escape")
        assert cached(home, "ops") is None
        await until(pilot, "ops is signed in until")
        assert "●" in row_of(app, "ops")
        assert "59m" in row_of(app, "ops")
    assert cached(home, "ops")["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert aws_server.actions() == ["AssumeRole"]


async def test_i_renews_what_is_there_already(ui, aws_server, home):
    write_session(home, read_profiles_in(home / ".aws")["ops"], minutes=30)
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        assert "29m" in row_of(app, "ops")
        await press(pilot, "i")
        await until(pilot, lambda: "59m" in row_of(app, "ops"))
    assert aws_server.actions() == ["AssumeRole"]


async def test_i_again_while_it_runs_makes_no_second_call(ui, aws_server):
    aws_server.control(delay={"AssumeRole": 1.0})
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "i", "i", "i")
        assert "ops: signing in already" in told(app)
        await until(pilot, "ops is signed in until")
    assert aws_server.actions() == ["AssumeRole"]


async def test_several_rows_sign_in_at_the_same_time(ui, aws_server, home):
    aws_server.control(delay={"AssumeRole": 1.0})
    app = ui()
    async with run(app) as pilot:
        for name in ("ops", "spare"):
            go(app, name)
            await press(pilot, "i")
        assert all("signing in" in row_of(app, name) for name in ("ops", "spare"))
        await until(pilot, lambda: all("59m" in row_of(app, name) for name in ("ops", "spare")))


async def test_the_ascii_icons_have_a_sign_for_it_too(ui, aws_server, home):
    path = home / ".config/xswitch/settings.toml"
    path.parent.mkdir(parents=True)
    path.write_text('icons = "ascii"\n')
    aws_server.control(delay={"AssumeRole": 1.0})
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "i")
        assert "|-% ops " in row_of(app, "ops")
        assert row_of(app, "ops").isascii()
        await until(pilot, "ops is signed in")


async def test_keys_that_do_not_end_are_told_so(ui, aws_server):
    app = ui()
    async with run(app) as pilot:
        go(app, "keys")
        await press(pilot, "i")
        await until(pilot, "keys: its credentials do not end, so there is nothing to renew")
    assert aws_server.actions() == []


async def test_what_aws_refuses_is_told_with_what_to_do_and_the_ui_stays(ui, aws_server, home):
    aws_server.control(fail={"AssumeRole": {"status": 403, "code": "AccessDenied", "message": "no [/foo]"}})
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "i")
        await until(pilot, lambda: isinstance(app.screen, MessageScreen))
        assert "ops" in text_of(app)
        await press(pilot, "escape")
        assert "signing in" not in row_of(app, "ops")
        assert "·" in row_of(app, "ops")
    assert cached(home, "ops") is None


async def test_asked_for_it_the_ui_shows_what_aws_said_too(ui, aws_server):
    text = "[/no] sts:AssumeRole"
    aws_server.control(fail={"AssumeRole": {"status": 403, "code": "AccessDenied", "message": text}})
    for debug in ("", "1"):
        app = ui({"XSWITCH_DEBUG": debug})
        async with run(app) as pilot:
            go(app, "ops")
            await press(pilot, "i")
            await until(pilot, lambda app=app: isinstance(app.screen, MessageScreen))
            assert text in box_of(app)
            assert ("An error occurred (AccessDenied)" in box_of(app)) == bool(debug)
            await press(pilot, "c")
            assert ("An error occurred (AccessDenied)" in app.clipboard) == bool(debug)


def test_the_ui_loads_botocore_and_the_dialogs_only_when_they_are_needed():
    code = "import sys, xswitch.cli.ui, xswitch.tui.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "xswitch.tui.screens.signing" in loaded
    dialogs = {f"xswitch.tui.screens.{name}" for name in ("mfa", "device", "confirm")}
    assert loaded & {"botocore", "boto3", "http.server", "xswitch.sessions.obtain", *dialogs} == set()


async def test_a_profile_that_cannot_work_says_so(ui, aws_server):
    app = ui()
    async with run(app) as pilot:
        go(app, "lost")
        await press(pilot, "i")
        await until(pilot, lambda: isinstance(app.screen, MessageScreen))
        assert "gone" in text_of(app)
    assert aws_server.actions() == []


async def test_a_heading_of_credentials_from_elsewhere_cannot_be_signed_in(ui, home):
    with (home / ".aws/config").open("a") as file:
        file.write(
            "[profile e]\nrole_arn = arn:aws:iam::222222222222:role/R\ncredential_source = Environment\n"
        )
    app = ui()
    async with run(app) as pilot:
        for key in ("i", "I"):
            go(app, "Environment")
            await press(pilot, key)
            assert "this is no profile; choose one below it" in told(app)


async def test_a_fault_of_ours_in_a_task_ends_the_ui_as_any_other_does(ui, home):
    app = ui()

    def work(person):
        secret = "CANARY"
        raise RuntimeError(f"of {secret}")

    async def start_it():
        async with run(app) as pilot:
            app.screen.tasks.start(Task(("", "ops"), "ops", "signing in", work, print))
            await until(pilot, lambda: app.return_code == 1)

    with pytest.raises(RuntimeError):
        await start_it()
    log = (home / ".local/state/xswitch/crash.log").read_text()
    assert "in work" in log
    assert "CANARY" not in log


# --- MFA -----------------------------------------------------------------------------------------


async def code_screen(pilot):
    await until(pilot, lambda: isinstance(pilot.app.screen, CodeScreen))


async def test_the_code_dialog_says_for_what_it_asks_and_sends_the_sixth_digit(ui, aws_server, home):
    app = ui()
    async with run(app) as pilot:
        go(app, "admin")
        await press(pilot, "i")
        await code_screen(pilot)
        text = text_of(app)
        assert "admin" in text
        assert MFA in text
        assert "AWS did not take" not in text
        await press(pilot, *"12x3 4-5")
        assert app.screen.query_one("CodeInput").value == "12345"
        await press(pilot, "6")
        assert isinstance(app.screen, MainScreen)
        await until(pilot, "admin is signed in until")
    assert [request["parameters"].get("TokenCode") for request in aws_server.requests()] == ["123456", None]
    assert cached(home, "admin") is not None
    assert not any(b"123456" in data for data in everything_under(home).values())


async def test_a_wrong_code_is_told_in_red_and_asked_for_again(ui, aws_server):
    app = ui()
    async with run(app) as pilot:
        go(app, "admin")
        await press(pilot, "i")
        for _ in range(2):
            await code_screen(pilot)
            assert app.screen.query_one("CodeInput").value == ""
            burst(app, "000000")
            await until(pilot, lambda: isinstance(app.screen, CodeScreen) and "did not take" in text_of(app))
        assert "AWS did not take that code; each one works once" in box_of(app)
        burst(app, "111111")
        await until(pilot, "admin is signed in until")
    codes = [request["parameters"].get("TokenCode") for request in aws_server.requests()]
    assert codes == ["000000", "000000", "111111", None]


@pytest.mark.parametrize("text", ["123 456", "123456\n", " 123-456 ", "code: 123456"])
async def test_a_pasted_code_is_taken_however_the_device_writes_it(ui, aws_server, text):
    app = ui()
    async with run(app) as pilot:
        go(app, "admin")
        await press(pilot, "i")
        await code_screen(pilot)
        app._driver.process_message(events.Paste(text))
        await until(pilot, "admin is signed in until")
    assert aws_server.requests()[0]["parameters"]["TokenCode"] == "123456"


async def test_what_is_pasted_and_is_too_long_for_a_code_is_not_sent(ui, aws_server):
    app = ui()
    async with run(app) as pilot:
        go(app, "admin")
        await press(pilot, "i")
        await code_screen(pilot)
        app._driver.process_message(events.Paste("1234567890"))
        await settle(pilot)
        assert isinstance(app.screen, CodeScreen)
        await press(pilot, "enter")
        assert isinstance(app.screen, CodeScreen)
    assert aws_server.actions() == []


async def test_the_enter_key_that_one_types_after_a_code_does_not_leave(ui):
    app = ui()
    async with run(app) as pilot:
        go(app, "admin")
        await press(pilot, "i")
        await code_screen(pilot)
        burst(app, "123456\r")
        await until(pilot, "admin is signed in until")
        assert isinstance(app.screen, MainScreen)
    assert app.return_value is None


async def test_one_code_serves_the_next_role_of_the_same_source(ui, aws_server, home):
    with (home / ".aws/config").open("a") as file:
        file.write("[profile again]\nrole_arn = arn:aws:iam::222222222222:role/Again\n")
        file.write(f"source_profile = keys\nmfa_serial = {MFA}\nregion = eu-west-1\n")
    app = ui()
    async with run(app) as pilot:
        go(app, "admin")
        await press(pilot, "i")
        await code_screen(pilot)
        burst(app, "123456")
        await until(pilot, "admin is signed in until")
        go(app, "again")
        await press(pilot, "i")
        await until(pilot, "again is signed in until")
    assert aws_server.actions() == ["GetSessionToken", "AssumeRole", "AssumeRole"]


async def test_escape_in_the_dialog_gives_up_and_leaves_nothing_behind(ui, aws_server, home):
    app = ui()
    async with run(app) as pilot:
        before = everything_under(home)
        go(app, "admin")
        await press(pilot, "i")
        await code_screen(pilot)
        await press(pilot, *"123", "escape")
        assert isinstance(app.screen, MainScreen)
        assert "signing in" not in row_of(app, "admin")
        assert "admin: signing in was stopped" in told(app)
        after = {path: data for path, data in everything_under(home).items() if path.suffix != ".lock"}
        assert after == before
        # Nothing holds its lock: it can be done at once.
        await press(pilot, "i")
        await code_screen(pilot)
        burst(app, "123456")
        await until(pilot, "admin is signed in until")
    assert aws_server.actions() == ["GetSessionToken", "AssumeRole"]


async def test_two_questions_at_once_come_one_after_the_other(ui, aws_server):
    aws_server.control(delay={"RegisterClient": 1.0}, device="never")
    app = ui()
    async with run(app) as pilot:
        go(app, "corp-dev")
        await press(pilot, "i")
        go(app, "admin")
        await press(pilot, "i")
        await code_screen(pilot)
        await until(pilot, lambda: "CreateToken" in aws_server.actions())
        assert isinstance(app.screen, CodeScreen)
        assert [type(screen) for screen in app.screen_stack[1:]] == [MainScreen, CodeScreen]
        burst(app, "123456")
        await device_screen(pilot)
        await press(pilot, "escape")
        await until(pilot, "admin is signed in until")


async def test_a_question_waits_until_the_dialog_in_which_one_types_is_closed(ui, aws_server):
    aws_server.control(delay={"RegisterClient": 1.0}, device="never")
    app = ui()
    async with run(app) as pilot:
        go(app, "corp-dev")
        await press(pilot, "i")
        go(app, "keys")
        burst(app, "xaws s3")
        await until(pilot, lambda: "CreateToken" in aws_server.actions())
        burst(app, " ls c")
        await settle(pilot)
        assert app.screen.command.value == "aws s3 ls c"
        await press(pilot, "escape")
        await device_screen(pilot)


async def test_a_question_that_nobody_waits_for_any_more_is_not_asked(ui, aws_server):
    aws_server.control(delay={"RegisterClient": 1.0}, device="denied")
    app = ui()
    async with run(app) as pilot:
        go(app, "corp-dev")
        await press(pilot, "i", "question_mark")
        await until(pilot, lambda: aws_server.actions().count("CreateToken") == 2)
        await pilot.pause(0.5)
        await press(pilot, "escape")
        assert isinstance(app.screen, MessageScreen)
        await press(pilot, "escape")
        assert isinstance(app.screen, MainScreen)


# --- SSO -----------------------------------------------------------------------------------------


async def device_screen(pilot):
    await until(pilot, lambda: isinstance(pilot.app.screen, DeviceScreen))


async def test_the_sso_dialog_shows_and_copies_the_code_counts_down_and_closes_by_itself(
    ui, aws_server, home
):
    aws_server.control(device="approve-after-3-polls")
    app = ui()
    async with run(app) as pilot:
        go(app, "corp-dev")
        await press(pilot, "i")
        await device_screen(pilot)
        code = app.clipboard
        assert len(code) == 9
        assert box_of(app).startswith(
            f"Open this page and confirm the code there: {aws_server.url}/device {code} "
        )
        await press(pilot, "c")
        assert app.clipboard == f"{aws_server.url}/device?user_code={code}"
        counted = set()
        while isinstance(app.screen, DeviceScreen):
            counted |= {word for word in box_of(app).split() if word.startswith("9m")}
            await pilot.pause(0.1)
        assert len(counted) > 1
        await until(pilot, "corp-dev is signed in until")
        assert "59m" in row_of(app, "corp-dev")
        assert "7h59m" in row_of(app, "corp")
    assert token(home)["startUrl"] == "https://corp.example.com/start"
    assert cached(home, "corp-dev") is not None


async def test_escape_ends_waiting_for_sso_at_once_and_no_token_is_kept(ui, aws_server, home):
    aws_server.control(device="never")
    app = ui()
    async with run(app) as pilot:
        go(app, "corp-dev")
        await press(pilot, "i")
        await device_screen(pilot)
        await press(pilot, "escape")
        assert isinstance(app.screen, MainScreen)
        assert "signing in" not in row_of(app, "corp-dev")
        polls = aws_server.actions().count("CreateToken")
        aws_server.control(device="approve-after-0-polls")
        await pilot.pause(1.5)
        assert aws_server.actions().count("CreateToken") == polls
        assert token(home) is None
        await press(pilot, "i")
        await until(pilot, "corp-dev is signed in until")


@pytest.mark.parametrize(
    ("device", "words"), [("denied", "was denied in the browser"), ("expired", "was not confirmed in time")]
)
async def test_a_sign_in_that_ends_badly_closes_the_dialog_and_says_why(ui, aws_server, device, words):
    aws_server.control(device=device)
    app = ui()
    async with run(app) as pilot:
        go(app, "corp-dev")
        await press(pilot, "i")
        await device_screen(pilot)
        await until(pilot, lambda: isinstance(app.screen, MessageScreen))
        assert words in box_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, MainScreen)


async def test_a_browser_is_opened_with_the_code_filled_in(ui, aws_server, home, tmp_path):
    browser = tmp_path / "browser"
    opener = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1])"
    browser.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/opened\nexec {sys.executable} -c \'{opener}\' "$@"\n'
    )
    browser.chmod(0o755)
    aws_server.control(device="page")
    app = ui({"BROWSER": str(browser)})
    async with run(app) as pilot:
        go(app, "corp-dev")
        await press(pilot, "i")
        await device_screen(pilot)
        assert "Confirm the code in the browser" in text_of(app)
        code = app.clipboard
        await until(pilot, "corp-dev is signed in until")
    assert (tmp_path / "opened").read_text() == f"{aws_server.url}/device?user_code={code}\n"


async def test_over_ssh_no_browser_is_opened(ui, aws_server):
    aws_server.control(device="never")
    app = ui({"DISPLAY": ":0", "SSH_CONNECTION": "a b c d"})
    async with run(app) as pilot:
        go(app, "corp-dev")
        await press(pilot, "i")
        await device_screen(pilot)
        assert "Open this page" in text_of(app)
        await press(pilot, "escape")


async def test_an_address_that_is_no_web_page_is_never_opened(ui, aws_server, tmp_path):
    aws_server.control(verification=f"file://{tmp_path}/owned")
    app = ui({"BROWSER": f"/usr/bin/touch {tmp_path}/opened"})
    async with run(app) as pilot:
        go(app, "corp-dev")
        await press(pilot, "i")
        await until(pilot, lambda: isinstance(app.screen, MessageScreen))
        assert "no web page" in text_of(app)
    assert not (tmp_path / "opened").exists()


async def test_i_on_the_heading_signs_in_to_sso_alone(ui, aws_server, home):
    app = ui()
    async with run(app) as pilot:
        go(app, "corp")
        await press(pilot, "i")
        assert "signing in" in row_of(app, "corp")
        await until(pilot, "corp is signed in until")
        assert "7h59m" in row_of(app, "corp")
        assert cached(home, "corp-dev") is None
    assert token(home) is not None
    assert "GetRoleCredentials" not in aws_server.actions()


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (40, 10)])
async def test_the_dialogs_fit_every_size(ui, aws_server, size):
    aws_server.control(device="never")
    app = ui()
    async with run(app, size) as pilot:
        go(app, "corp-dev")
        await press(pilot, "i")
        await device_screen(pilot)
        text = box_of(app)
        assert all(words in text for words in (f" {app.clipboard} ", "/device", "9m5", "esc cancel"))
        await press(pilot, "escape")
        go(app, "admin")
        await press(pilot, "i")
        await code_screen(pilot)
        burst(app, "000000")
        await until(pilot, lambda: isinstance(app.screen, CodeScreen) and "did not take" in text_of(app))
        text = box_of(app)
        for words in ("admin", MFA, "Code", "wait for the next", "esc cancel"):
            assert words in text


# --- giving up -----------------------------------------------------------------------------------


async def test_escape_stops_a_call_that_aws_does_not_answer(ui, aws_server, home):
    aws_server.control(delay={"AssumeRole": 1.5})
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "i")
        await until(pilot, lambda: aws_server.actions() == ["AssumeRole"])
        await press(pilot, "escape")
        assert "signing in" not in row_of(app, "ops")
        assert "ops: signing in was stopped" in told(app)
        aws_server.control()
        # The call that is given up goes on; the next one waits for its end and finds the session.
        await press(pilot, "i")
        await until(pilot, "ops is signed in until")
        assert told(app).count("is signed in") == 1
    folder = home / ".aws/cli/cache"
    assert [json.loads(path.read_text())["Credentials"]["AccessKeyId"][:4] for path in folder.iterdir()] == [
        "ASIA"
    ]


async def test_escape_goes_back_one_step_at_a_time(ui, aws_server):
    aws_server.control(delay={"AssumeRole": 5.0})
    app = ui()
    async with run(app) as pilot:
        await press(pilot, "slash", *"ops", "enter")
        go(app, "ops")
        await press(pilot, "i", "slash")
        assert "signing in" in row_of(app, "ops")
        await press(pilot, "escape")  # out of the filter
        assert tree_of(app).has_focus
        assert "signing in" in row_of(app, "ops")
        await press(pilot, "escape")  # the sign-in
        assert "signing in" not in row_of(app, "ops")
        assert "spare" not in shown_names(app)
        await press(pilot, "escape")  # the filter
        assert "spare" in shown_names(app)


async def test_escape_stops_the_row_it_is_on_and_elsewhere_the_newest(ui, aws_server):
    aws_server.control(delay={"AssumeRole": 5.0})
    app = ui()
    async with run(app) as pilot:
        for name in ("ops", "spare"):
            go(app, name)
            await press(pilot, "i")
        go(app, "ops")
        await press(pilot, "escape")
        assert "signing in" not in row_of(app, "ops")
        assert "signing in" in row_of(app, "spare")
        go(app, "keys")
        await press(pilot, "escape")
        assert "signing in" not in row_of(app, "spare")


# --- what needs a session first ------------------------------------------------------------------


async def test_enter_signs_in_and_leaves_for_the_row_it_was_pressed_on(ui, aws_server):
    aws_server.control(delay={"AssumeRole": 2.0})
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        burst(app, "\r")
        await settle(pilot)
        assert "signing in" in row_of(app, "ops")
        burst(app, "G\rjjxs-iI\r")  # none of this starts anything
        await settle(pilot)
        assert isinstance(app.screen, MainScreen)
        assert "ops gets its session first; esc stops that" in told(app)
        assert selected(app) != "ops"
        await until(pilot, lambda: app._exit)
    assert isinstance(app.return_value, Leave)
    assert (app.return_value.profile, app.return_value.command) == ("ops", None)
    assert aws_server.actions() == ["AssumeRole"]


async def test_enter_asks_for_the_code_it_needs_first(ui):
    app = ui()
    async with run(app) as pilot:
        go(app, "admin")
        await press(pilot, "enter")
        await code_screen(pilot)
        burst(app, "000000")
        await until(pilot, lambda: isinstance(app.screen, CodeScreen) and "did not take" in text_of(app))
        burst(app, "123456")
        await until(pilot, lambda: app._exit)
    assert app.return_value.profile == "admin"


async def test_escape_stops_the_leaving_too(ui, aws_server):
    aws_server.control(delay={"AssumeRole": 1.5})
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "enter", "escape")
        await pilot.pause(2.0)
        assert isinstance(app.screen, MainScreen)
        go(app, "keys")
        await press(pilot, "enter")
    assert app.return_value.profile == "keys"


async def test_enter_where_aws_refuses_says_why_and_stays(ui, aws_server):
    aws_server.control(fail={"AssumeRole": {"status": 403, "code": "AccessDenied", "message": "no"}})
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, MessageScreen))
        await press(pilot, "enter")
        assert isinstance(app.screen, MainScreen)
        assert selected(app) == "ops"
    assert app.return_value is None


async def test_enter_on_a_row_that_signs_in_already_waits_for_that(ui, aws_server):
    aws_server.control(delay={"AssumeRole": 1.0})
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "i", "enter")
        await until(pilot, lambda: app._exit)
    assert app.return_value.profile == "ops"
    assert aws_server.actions() == ["AssumeRole"]


@pytest.mark.parametrize(("key", "kind"), [("q", type(None)), ("ctrl+c", Cancelled)])
async def test_one_can_leave_while_something_waits_for_its_session(ui, aws_server, key, kind):
    aws_server.control(delay={"AssumeRole": 5.0})
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "enter", key)
    assert isinstance(app.return_value, kind)


async def test_a_command_runs_once_its_session_is_there(ui, lent, aws_server, home):
    aws_server.control(delay={"AssumeRole": 1.0})
    app = ui({"SHELL": "/bin/sh"})
    async with run(app) as pilot:
        go(app, "ops")
        burst(app, "xaws s3 ls\rjj")
        await settle(pilot)
        assert selected(app) == "admin"
        assert lent == []
        await until(pilot, lambda: bool(lent))
        [(what, argv, environ)] = lent
        assert what == "ops $ aws s3 ls"
        assert argv[2].endswith("aws s3 ls")
        assert environ["AWS_PROFILE"] == "ops"
        assert "59m" in row_of(app, "ops")
        assert isinstance(app.screen, MainScreen)
    assert aws_server.actions() == ["AssumeRole"]


async def test_a_subshell_opens_once_its_session_is_there(ui, lent, aws_server):
    app = ui({"SHELL": "/bin/sh"})
    async with run(app) as pilot:
        go(app, "admin")
        await press(pilot, "s")
        await code_screen(pilot)
        burst(app, "123456")
        await until(pilot, lambda: bool(lent))
        what, _, environ = lent[0]
        assert what == "a subshell under admin; exit comes back"
        assert environ["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert aws_server.actions() == ["GetSessionToken", "AssumeRole"]


async def test_run_and_leave_signs_in_first_too(ui):
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        burst(app, "xaws s3 ls\t\r")
        await until(pilot, lambda: app._exit)
    assert (app.return_value.profile, app.return_value.command) == ("ops", "aws s3 ls")


async def test_minus_signs_in_first_too(ui):
    app = ui({"XSWITCH_PREVIOUS": "spare"})
    async with run(app) as pilot:
        await press(pilot, "minus")
        await until(pilot, lambda: app._exit)
    assert app.return_value.profile == "spare"


# --- what is not signed in by us -----------------------------------------------------------------


async def test_a_profile_of_aws_login_hands_over_to_that_command(ui, lent, home):
    with (home / ".aws/config").open("a") as file:
        file.write("[profile web]\nlogin_session = arn:aws:iam::222222222222:user/me\nregion = eu-west-1\n")
    app = ui()
    async with run(app) as pilot:
        go(app, "web")
        await press(pilot, "i")
        assert [(what, argv) for what, argv, _ in lent] == [
            ("web is signed in by: aws login --profile web", ["aws", "login", "--profile", "web"])
        ]
        assert isinstance(app.screen, MainScreen)


async def test_a_program_that_gives_the_credentials_has_the_terminal_meanwhile(home, tmp_path):
    answer = {"Version": 1, "AccessKeyId": "ASIA", "SecretAccessKey": "x", "SessionToken": "y"}
    (tmp_path / "answer").write_text(json.dumps({**answer, "Expiration": "2090-01-01T00:00:00Z"}))
    with (home / ".aws/config").open("a") as file:
        file.write(f"[profile program]\ncredential_process = cat {tmp_path}/answer\nregion = eu-west-1\n")
    said = []

    def lend(what, prepare, *, wait):
        argv, _ = prepare()
        said.append((what, list(argv), wait))

    app = make_app(dict(os.environ), clock=utc_now, lend_terminal=lend)
    async with run(app) as pilot:
        go(app, "program")
        await press(pilot, "i")
        assert said == [("program: signing in", [], False)]
        await until(pilot, "program is signed in until")


# --- the web console -----------------------------------------------------------------------------


@pytest.fixture
def browser(tmp_path):
    """A browser that follows where an address leads, and writes down where it came and what it saw."""
    opener = (
        "import sys, urllib.request; page = urllib.request.urlopen(sys.argv[1]);"
        f"open('{tmp_path}/seen', 'w').write(page.geturl() + chr(10) + page.read().decode())"
    )
    path = tmp_path / "browser"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{opener}" "$@"\n')
    path.chmod(0o755)
    return path


async def test_o_opens_the_console_as_the_profile_signed_in_first(ui, aws_server, browser, tmp_path):
    app = ui({"BROWSER": str(browser)})
    async with run(app) as pilot:
        go(app, "admin")
        await press(pilot, "o")
        await code_screen(pilot)
        burst(app, "123456")
        await until(pilot, lambda: "opening" in row_of(app, "admin") or "console" in told(app))
        await until(pilot, "the console of admin is in the browser")
        assert "opening" not in row_of(app, "admin")
    address, page = (tmp_path / "seen").read_text().split("\n", 1)
    assert address.startswith(f"{aws_server.url}/federation?Action=login")
    assert "assumed-role/Admin/" in page
    assert aws_server.actions() == ["GetSessionToken", "AssumeRole", "getSigninToken", "login"]


async def test_o_with_long_lived_keys_opens_it_too(ui, browser, tmp_path):
    app = ui({"BROWSER": str(browser)})
    async with run(app) as pilot:
        go(app, "keys")
        await press(pilot, "o")
        await until(pilot, "the console of keys is in the browser")
    assert "federated-user" in (tmp_path / "seen").read_text()


async def test_o_without_a_browser_says_how_to_get_the_address(ui, aws_server):
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "o")
        assert "there is no browser here; xswitch console ops --print writes the address" in told(app)
        go(app, "corp")
        await press(pilot, "o")
        assert "this is no profile" in told(app)
    assert aws_server.actions() == []


async def test_a_sign_in_of_the_console_that_fails_is_told(ui, aws_server, browser, home):
    write_session(home, read_profiles_in(home / ".aws")["ops"])
    aws_server.control(answer={"getSigninToken": {"status": 400}})
    app = ui({"BROWSER": str(browser)})
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "o")
        await until(pilot, lambda: isinstance(app.screen, MessageScreen))
        assert "AWS does not open the web console with these credentials" in box_of(app)


# --- signing out ---------------------------------------------------------------------------------


async def test_sign_out_removes_the_session_of_exactly_this_profile(ui, home):
    profiles = read_profiles_in(home / ".aws")
    for name in ("ops", "spare", "ops-audit"):
        write_session(home, profiles[name])
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "I")
        assert "signed out of ops: removed 1 role session" in told(app)
        assert "·" in row_of(app, "ops")
        assert all(cached(home, name) for name in ("spare", "ops-audit"))
        assert cached(home, "ops") is None
        await press(pilot, "I")
        assert "ops has no cached session" in told(app)


async def test_a_profile_that_signs_in_is_not_signed_out_meanwhile(ui, aws_server):
    aws_server.control(delay={"AssumeRole": 1.5})
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "i", "I")
        assert "ops: signing in already" in told(app)
        await until(pilot, "ops is signed in until")


async def test_signing_out_of_sso_asks_first_and_then_takes_all_its_profiles(ui, aws_server, home):
    app = ui()
    async with run(app) as pilot:
        for name in ("corp-dev", "corp-data"):
            go(app, name)
            await press(pilot, "i")
            await until(pilot, f"{name} is signed in until")
        go(app, "corp-dev")
        await press(pilot, "I")
        assert cached(home, "corp-dev") is None
        assert "its SSO session is still signed in" in told(app)
        go(app, "corp")
        await press(pilot, "I")
        assert isinstance(app.screen, ConfirmScreen)
        assert "the sessions of its 2 profiles" in box_of(app)
        await press(pilot, "escape")
        assert token(home) is not None
        await press(pilot, "I", "enter")
        await until(pilot, "signed out of corp: removed 1 SSO role session, 1 SSO token")
        assert "signed out" in row_of(app, "corp")
    assert token(home) is None
    assert cached(home, "corp-data") is None
    assert aws_server.actions()[-1] == "Logout"


# --- the end -------------------------------------------------------------------------------------


@pytest.fixture
def silent(monkeypatch):
    """An AWS that takes a connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        yield


@pytest.mark.usefixtures("silent")
async def test_the_tree_goes_on_while_aws_says_nothing(ui):
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "i")
        for name in ("ops-audit", "admin", "other", "spare"):
            await press(pilot, "j")
            assert selected(app) == name
        await press(pilot, "slash", *"corp")
        assert "2/9 profiles" in lines_of(app)[0]
        await press(pilot, "escape", "escape")
        assert "ops: signing in was stopped" in told(app)


# --- in real terminals ---------------------------------------------------------------------------


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


def test_keys_typed_ahead_go_to_the_command_and_start_nothing_else(start, aws_server):
    aws_server.control(delay={"AssumeRole": 1.0})
    screen = start("ops !audit !lost")
    screen.type("xecho under $AWS_PROFILE\r\r\rxs")
    screen.until("exit status 0; Enter goes back")
    assert "under ops" in screen.text()
    screen.type("\r")
    screen.live()
    screen.until("59m")
    assert aws_server.actions() == ["AssumeRole"]


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize(("keys", "status"), [("q", 0), ("ctrl+c", 130), ("kill", 143)])
def test_the_process_ends_though_aws_says_nothing(start, keys, status):
    screen = start("spare", env={"AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"]})
    screen.type("i")
    screen.until("signing in")
    time.sleep(1)
    if keys == "kill":
        screen.process.terminate()
    else:
        screen.type(keys)
    assert screen.end(timeout=5) == status
    screen.assert_restored()


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
def test_ctrl_c_in_the_code_dialog_ends_the_process(start, size):
    screen = start("admin", size=size)
    screen.type("i")
    screen.until("MFA code")
    screen.type("12")
    screen.type("ctrl+c")
    assert screen.end(timeout=5) == 130
    screen.assert_restored()


def test_ctrl_c_while_sso_waits_ends_the_process_and_no_token_is_kept(start, aws_server, home):
    aws_server.control(device="never")
    screen = start("corp-dev")
    screen.type("i")
    screen.until("waiting for the browser")
    screen.type("ctrl+c")
    assert screen.end(timeout=5) == 130
    screen.assert_restored()
    assert token(home) is None


@pytest.mark.usefixtures("silent")
def test_one_can_switch_to_another_profile_while_a_sign_in_hangs(start):
    screen = start(env={"AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"]})
    screen.type("/spare\ri")
    screen.until("signing in")
    screen.type("/")
    screen.type("\x15keys !role\r")
    screen.type("\r")
    screen.until("a subshell under keys; leave it with exit", timeout=5)
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
