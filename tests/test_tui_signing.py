"""Signing in and out from the UI, against a real server: beside the tree, giving up, and what is kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from awshome import read_profiles_in
from running import write_session
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
from signing import cached, code_screen, go, row_of, run, token

from xswitch.timestamps import utc_now
from xswitch.tui.outcome import Cancelled, Leave
from xswitch.tui.screens.confirm import ConfirmScreen
from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.message import MessageScreen
from xswitch.tui.screens.mfa import CodeScreen
from xswitch.tui.tasks import Task

pytest_plugins = ["signing_setup"]
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("environ")]


# --- roles ---------------------------------------------------------------------------------------


async def test_i_gets_a_session_beside_the_ui_and_says_until_when(ui, aws_server, home, gate):
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "i")
        assert "…" in row_of(app, "ops")
        assert row_of(app, "ops").rstrip().endswith("signing in")
        # AWS takes its time, and the tree goes on.
        await until(pilot, gate.is_asked)
        await press(pilot, "g", "slash", *"aud", "enter")
        assert selected(app) == "ops-audit"
        await press(pilot, "question_mark", "escape")
        assert cached(home, "ops") is None
        gate.open()
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


async def test_i_again_while_it_runs_makes_no_second_call(ui, aws_server, gate):
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "i", "i", "i")
        assert "ops: signing in already" in told(app)
        gate.open()
        await until(pilot, "ops is signed in until")
    assert aws_server.actions() == ["AssumeRole"]


async def test_several_rows_sign_in_at_the_same_time(ui, gate):
    app = ui()
    async with run(app) as pilot:
        for name in ("ops", "spare"):
            go(app, name)
            await press(pilot, "i")
        assert all("signing in" in row_of(app, name) for name in ("ops", "spare"))
        gate.open()
        await until(pilot, lambda: all("59m" in row_of(app, name) for name in ("ops", "spare")))


async def test_the_ascii_icons_have_a_sign_for_it_too(ui, home, gate):
    path = home / ".config/xswitch/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('icons = "ascii"\n')
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "i")
        assert "|-% ops " in row_of(app, "ops")
        assert row_of(app, "ops").isascii()
        gate.open()
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


# --- giving up -----------------------------------------------------------------------------------


async def test_escape_stops_a_call_that_aws_does_not_answer(ui, home, gate):
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "i")
        await until(pilot, gate.is_asked)
        await press(pilot, "escape")
        assert "signing in" not in row_of(app, "ops")
        assert "ops: signing in was stopped" in told(app)
        # The call that is given up goes on; the next one waits for its end and finds the session.
        await press(pilot, "i")
        gate.open()
        await until(pilot, "ops is signed in until")
        assert told(app).count("is signed in") == 1
    folder = home / ".aws/cli/cache"
    assert [json.loads(path.read_text())["Credentials"]["AccessKeyId"][:4] for path in folder.iterdir()] == [
        "ASIA"
    ]


@pytest.mark.usefixtures("gate")
async def test_escape_goes_back_one_step_at_a_time(ui):
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


@pytest.mark.usefixtures("gate")
async def test_escape_stops_the_row_it_is_on_and_elsewhere_the_newest(ui):
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


@pytest.mark.usefixtures("gate")
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


# --- what needs a session first ------------------------------------------------------------------


async def test_enter_signs_in_and_leaves_for_the_row_it_was_pressed_on(ui, aws_server, gate):
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
        gate.open()
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


async def test_escape_stops_the_leaving_too(ui, home, gate):
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "enter")
        await until(pilot, gate.is_asked)
        await press(pilot, "escape")
        gate.open()
        await until(pilot, lambda: cached(home, "ops") is not None)  # the call that is given up goes on
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


async def test_enter_on_a_row_that_signs_in_already_waits_for_that(ui, aws_server, gate):
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "i", "enter")
        gate.open()
        await until(pilot, lambda: app._exit)
    assert app.return_value.profile == "ops"
    assert aws_server.actions() == ["AssumeRole"]


@pytest.mark.parametrize(("key", "kind"), [("q", type(None)), ("ctrl+c", Cancelled)])
@pytest.mark.usefixtures("gate")
async def test_one_can_leave_while_something_waits_for_its_session(ui, key, kind):
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "enter", key)
    assert isinstance(app.return_value, kind)


async def test_a_command_runs_once_its_session_is_there(ui, lent, aws_server, gate):
    app = ui({"SHELL": "/bin/sh"})
    async with run(app) as pilot:
        go(app, "ops")
        burst(app, "xaws s3 ls\rjj")
        await settle(pilot)
        assert selected(app) == "admin"
        assert lent == []
        gate.open()
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


async def test_a_profile_that_signs_in_is_not_signed_out_meanwhile(ui, gate):
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "i", "I")
        assert "ops: signing in already" in told(app)
        gate.open()
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
