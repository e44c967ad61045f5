"""Leaving for a profile: only for the one that was meant, and only once it can work."""

from __future__ import annotations

import pytest
from screens import burst, lines_of, make_app, press, selected, settle, text_of, write_demo

from xswitch.tui.outcome import Leave
from xswitch.tui.screens.message import MessageScreen

SIZE = (80, 24)


@pytest.fixture(autouse=True)
def demo_files(home):
    write_demo(home)


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


@pytest.mark.parametrize("key", ["\r", "x", "s", "o"])
async def test_what_a_profile_that_cannot_work_is_wanted_for_is_answered_with_why(key):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        burst(app, f"/legacy\r{key}")
        await settle(pilot)
        assert isinstance(app.screen, MessageScreen)
        assert "does not exist" in text_of(app)
        await press(pilot, "escape")
        assert selected(app) == "legacy"
    assert app.return_value is None


async def test_enter_leaves_at_once_where_the_session_is_cached():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        burst(app, "/prod\r\r")
        await settle(pilot)
    assert isinstance(app.return_value, Leave)
    assert app.return_value.profile == "prod"


async def test_enter_twice_leaves_for_the_row_that_was_selected():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        burst(app, "j\rj\r")
        await settle(pilot)
    assert app.return_value.profile == "prod"


async def test_a_quit_that_came_before_enter_is_not_undone_by_it():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        burst(app, "jq\r")
        await settle(pilot)
    assert app.return_value is None


async def test_minus_leaves_for_the_previous_profile():
    app = make_app({"XSWITCH_PREVIOUS": "staging"})
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "minus")
    assert app.return_value.profile == "staging"


@pytest.mark.parametrize("environ", [{}, {"XSWITCH_PREVIOUS": ""}])
async def test_minus_says_where_there_is_no_previous_profile(environ):
    app = make_app(environ)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await press(pilot, "minus")
        await pilot.pause(0.1)
        assert "this shell has no previous profile" in text_of(app)
    assert app.return_value is None


async def test_minus_says_so_where_the_previous_profile_is_gone():
    app = make_app({"XSWITCH_PREVIOUS": "[/gone]"})
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "minus")
        assert isinstance(app.screen, MessageScreen)
        assert "there is no profile [/gone]" in text_of(app)
    assert app.return_value is None


@pytest.mark.parametrize(
    ("environ", "label", "help_"),
    [
        ({}, "⏎ Subshell ", "switch: leave, and open a subshell under the profile"),
        ({"XSWITCH_HOOK": "bash"}, "⏎ Switch shell ", "switch this shell to the profile, and leave"),
    ],
)
async def test_the_ui_says_whether_enter_switches_this_shell_or_opens_another(environ, label, help_):
    app = make_app(environ)
    async with app.run_test(size=(80, 40)) as pilot:
        assert lines_of(app)[-1].startswith(label)
        await pilot.hover("#keys", offset=(2, 0))
        assert app.screen.query_one("#keys").tooltip == help_
        await press(pilot, "question_mark")
        assert help_ in text_of(app)
        await press(pilot, "escape", "j", "enter")
    assert app.return_value.profile == "prod"


async def test_the_enter_key_can_be_remapped_in_the_hook_too(home):
    path = home / ".config/xswitch/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('[keys]\n"profile.switch" = "w"\n')
    app = make_app({"XSWITCH_HOOK": "zsh"})
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "j", "enter")
        assert "w Switch shell" in lines_of(app)[-1]
        await press(pilot, "w")
    assert app.return_value.profile == "prod"
