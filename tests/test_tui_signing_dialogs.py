"""The dialogs of signing in, against a real server: MFA codes and SSO."""

from __future__ import annotations

import sys
import urllib.request

import pytest
from screens import box_of, burst, press, settle, text_of, told, until
from signing import MFA, cached, code_screen, device_screen, everything_under, go, row_of, run, token
from textual import events

from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.message import MessageScreen
from xswitch.tui.screens.mfa import CodeScreen

pytest_plugins = ["signing_setup"]
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("environ")]


# --- MFA -----------------------------------------------------------------------------------------


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


async def test_two_questions_at_once_come_one_after_the_other(ui, aws_server, gate):
    aws_server.control(device="never")
    app = ui()
    async with run(app) as pilot:
        go(app, "corp-dev")
        await press(pilot, "i")
        go(app, "admin")
        await press(pilot, "i")
        await code_screen(pilot)
        gate.open()
        await until(pilot, lambda: "CreateToken" in aws_server.actions())
        assert isinstance(app.screen, CodeScreen)
        assert [type(screen) for screen in app.screen_stack] == [MainScreen, CodeScreen]
        burst(app, "123456")
        await device_screen(pilot)
        await press(pilot, "escape")
        await until(pilot, "admin is signed in until")


async def test_a_question_waits_until_the_dialog_in_which_one_types_is_closed(ui, aws_server, gate):
    aws_server.control(device="never")
    app = ui()
    async with run(app) as pilot:
        go(app, "corp-dev")
        await press(pilot, "i")
        go(app, "keys")
        burst(app, "xaws s3")
        await settle(pilot)
        gate.open()
        await until(pilot, lambda: "CreateToken" in aws_server.actions())
        burst(app, " ls c")
        await settle(pilot)
        assert app.screen.command.value == "aws s3 ls c"
        await press(pilot, "escape")
        await device_screen(pilot)


async def test_a_question_that_nobody_waits_for_any_more_is_not_asked(ui, aws_server, gate):
    aws_server.control(device="denied")
    app = ui()
    async with run(app) as pilot:
        go(app, "corp-dev")
        await press(pilot, "i", "question_mark")
        gate.open()
        await until(pilot, lambda: "signing in" not in row_of(app, "corp-dev"))
        assert aws_server.actions().count("CreateToken") == 2
        await press(pilot, "escape")
        assert isinstance(app.screen, MessageScreen)
        await press(pilot, "escape")
        assert isinstance(app.screen, MainScreen)


# --- SSO -----------------------------------------------------------------------------------------


async def test_the_sso_dialog_shows_and_copies_the_code_counts_down_and_closes_by_itself(
    ui, aws_server, home
):
    aws_server.control(device="page")
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

        def counts_down():
            counted.update(word for word in box_of(app).split() if word.startswith("9m"))
            return len(counted) > 1

        await until(pilot, counts_down)
        urllib.request.urlopen(app.clipboard, timeout=20).close()  # as a browser elsewhere does
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
        assert token(home) is None
        aws_server.control(device="approve-after-0-polls")
        await press(pilot, "i")
        await until(pilot, "corp-dev is signed in until")
    # Had the first sign-in gone on, it would have asked in between, or have been the one that was confirmed.
    assert aws_server.actions()[-3:] == ["StartDeviceAuthorization", "CreateToken", "GetRoleCredentials"]


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
        f'#!/bin/sh\necho "$@" > {tmp_path}/opened\n'
        f"while [ ! -e {tmp_path}/seen ]; do sleep 0.05; done\n"
        f"exec {sys.executable} -c '{opener}' \"$@\"\n"
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
        (tmp_path / "seen").touch()
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
