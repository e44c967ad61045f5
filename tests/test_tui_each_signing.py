"""One command under many profiles whose sessions need a code: asked for once, before anything runs."""

from __future__ import annotations

import pytest
from screens import box_of, burst, press, text_of, until
from signing import MFA, cached, code_screen, run

from xswitch.tui.screens.each import EachScreen

pytest_plugins = ["signing_setup"]
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("environ")]

CODE = "123456"


@pytest.fixture
def names(home, monkeypatch):
    """Two roles of one source that wants a code, and one that wants none."""
    monkeypatch.setenv("SHELL", "/bin/sh")
    with (home / ".aws/config").open("a") as file:
        file.write("[profile second]\nrole_arn = arn:aws:iam::222222222222:role/Second\n")
        file.write(f"source_profile = keys\nmfa_serial = {MFA}\nregion = eu-west-1\n")
    return ["admin", "second", "ops"]


async def test_one_code_serves_all_roles_of_a_source(ui, names, aws_server, home, tmp_path):
    app = ui()
    async with run(app) as pilot:
        screen = EachScreen(names, f"touch {tmp_path}/ran-$XSWITCH_PROFILE")
        app.push_screen(screen)
        await code_screen(pilot)
        assert not list(tmp_path.glob("ran-*"))
        assert "the keys of keys, for admin, second" in box_of(app)
        assert MFA in box_of(app)
        burst(app, CODE)
        await until(pilot, lambda: not screen.is_busy)
        assert "3 done" in text_of(app)
        assert cached(home, "ops") is not None
    assert {path.name for path in tmp_path.glob("ran-*")} == {f"ran-{name}" for name in names}
    codes = [request["parameters"].get("TokenCode") for request in aws_server.requests()]
    assert [code for code in codes if code] == [CODE]


async def test_without_the_code_nothing_runs_and_it_can_be_run_again(ui, names, tmp_path):
    app = ui()
    async with run(app) as pilot:
        screen = EachScreen(names, f"touch {tmp_path}/ran-$XSWITCH_PROFILE")
        app.push_screen(screen)
        await code_screen(pilot)
        await press(pilot, "escape")
        await until(pilot, lambda: not screen.is_busy)
        assert app.screen is screen
        assert "3 skipped" in text_of(app)
        assert not list(tmp_path.glob("ran-*"))
        await press(pilot, "r")
        await code_screen(pilot)
        burst(app, CODE)
        await until(pilot, lambda: not screen.is_busy)
        assert "3 done" in text_of(app)
