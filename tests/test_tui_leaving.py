"""Leaving for a profile: only for the one that was meant, and only once it can work."""

from __future__ import annotations

import pytest
from screens import burst, make_app, press, selected, settle, text_of, write_demo

from xswitch.errors import XswitchError
from xswitch.tui.outcome import Leave
from xswitch.tui.screens.message import MessageScreen

SIZE = (80, 24)


@pytest.fixture(autouse=True)
def demo_files(home):
    write_demo(home)


class Lending:
    """Stands where the terminal is lent, for an AWS that gives or refuses the session."""

    def __init__(self, error=None):
        self.error = error
        self.said = []

    def __call__(self, what, prepare, *, wait):
        self.said.append(what)
        if self.error:
            raise self.error


async def test_enter_on_a_filter_that_finds_nothing_stays_there():
    """`/prdo` and enter, enter must not come to whatever stands first."""
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        burst(app, "/prdo\r\r\r")
        await settle(pilot)
        assert "nothing matches" in text_of(app)
    assert app.return_value is None


async def test_clearing_a_filter_that_found_nothing_comes_back_to_the_row_before():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "G")
        before = selected(app)
        burst(app, "/prdo\x1b")
        await settle(pilot)
        assert selected(app) == before


async def test_enter_on_a_profile_that_cannot_work_says_why_and_stays():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        burst(app, "/legacy\r\r")
        await settle(pilot)
        assert isinstance(app.screen, MessageScreen)
        assert "does not exist" in text_of(app)
        await press(pilot, "escape")
        assert selected(app) == "legacy"
    assert app.return_value is None


async def test_enter_leaves_at_once_where_the_session_is_cached():
    lending = Lending()
    app = make_app(lend_terminal=lending)
    async with app.run_test(size=SIZE, headless=False) as pilot:
        burst(app, "/prod\r\r")
        await settle(pilot)
    assert isinstance(app.return_value, Leave)
    assert (app.return_value.profile, lending.said) == ("prod", [])


async def test_enter_obtains_the_session_first_where_there_is_none():
    lending = Lending()
    app = make_app(lend_terminal=lending)
    async with app.run_test(size=SIZE, headless=False) as pilot:
        burst(app, "/sandbox\r\r")
        await settle(pilot)
    assert isinstance(app.return_value, Leave)
    assert lending.said == ["a session for sandbox"]


async def test_a_session_that_aws_refuses_is_told_and_the_ui_stays():
    app = make_app(lend_terminal=Lending(XswitchError("AWS refused AssumeRole", "ask for it")))
    async with app.run_test(size=SIZE, headless=False) as pilot:
        burst(app, "/sandbox\r\r")
        await settle(pilot)
        await settle(pilot)
        assert isinstance(app.screen, MessageScreen)
        assert "AWS refused AssumeRole" in text_of(app)
    assert app.return_value is None
