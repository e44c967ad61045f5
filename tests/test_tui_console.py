"""The web console from the UI, against a real server."""

from __future__ import annotations

import sys

import pytest
from awshome import read_profiles_in
from running import write_session
from screens import box_of, burst, press, told, until
from signing import code_screen, go, row_of, run

from xswitch.tui.screens.message import MessageScreen

pytest_plugins = ["signing_setup"]
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("environ")]


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
