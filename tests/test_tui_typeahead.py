"""Keys, paste and mouse come to the right places in their order, however fast they come."""

from __future__ import annotations

import time

import pytest
from screens import (
    burst,
    click,
    lines_of,
    make_app,
    press,
    selected,
    settle,
    shown_names,
    text_of,
    tree_of,
    write_demo,
)
from textual import events

from xswitch.tui.outcome import Cancelled, Leave
from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.run import RunScreen

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def demo_files(home):
    write_demo(home)


@pytest.fixture
def lent():
    """Commands for which the terminal was lent."""
    return []


@pytest.fixture
def app(lent):
    def lend(what, prepare, *, wait):
        lent.append(what)

    return make_app(lend_terminal=lend)


@pytest.mark.parametrize("round_", range(5))
async def test_a_filter_its_enter_the_run_key_and_a_command_typed_at_once(app, lent, round_):
    async with app.run_test(size=(100, 30), headless=False) as pilot:
        burst(app, "/prod-a\rxaws s3 ls qjk/\r")
        await settle(pilot)
        assert lent == ["prod-audit $ aws s3 ls qjk/"]
        assert isinstance(app.screen, MainScreen)


async def test_letters_typed_right_after_the_filter_key_are_not_taken_for_keys_of_the_tree(app):
    async with app.run_test(size=(100, 30), headless=False) as pilot:
        burst(app, "/qxscjk")
        await settle(pilot)
        assert app.screen.filter_input.value == "qxscjk"
    assert app.return_value is None


async def test_everything_typed_before_the_first_screen_is_there_is_kept():
    app = make_app()
    app.call_later(burst, app, "/prod-au\r")
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        assert selected(app) == "prod-audit"
        assert shown_names(app) == ["default", "prod", "prod-audit"]


async def test_keys_after_the_one_that_closes_a_dialog_go_to_the_tree(app):
    async with app.run_test(size=(100, 30), headless=False) as pilot:
        burst(app, "jxls\x1bjj/corp-dev\r")
        await settle(pilot)
        assert selected(app) == "corp-dev"
        burst(app, "\x1bg?\x1bjcqqq\x1bj")
        await settle(pilot)
        assert selected(app) == "prod-audit"


async def test_no_key_is_lost_when_dialogs_open_and_close_all_the_time(app):
    async with app.run_test(size=(100, 30), headless=False) as pilot:
        burst(app, "?\x1bjc\x1bx\x1bj" * 5)
        await settle(pilot)
        assert selected(app) == "ci"
        assert isinstance(app.screen, MainScreen)


async def test_a_key_that_closes_a_dialog_does_not_delay_the_next(app):
    async with app.run_test(size=(100, 30), headless=False) as pilot:
        started = time.monotonic()
        burst(app, "?\x1bj" * 4)
        await settle(pilot)
        assert selected(app) == "staging"
        assert time.monotonic() - started < 1.5


async def test_many_moves_in_one_burst_are_all_made(app):
    async with app.run_test(size=(100, 30), headless=False) as pilot:
        burst(app, "j" * 30 + "k" * 4)
        await settle(pilot)
        assert selected(app) == "corp"


async def test_pasted_text_keeps_its_place_between_keys(app, lent):
    async with app.run_test(size=(100, 30), headless=False) as pilot:
        burst(app, "jx")
        app._driver.process_message(events.Paste("aws sts get-caller-identity"))
        burst(app, " --debug\r")
        await settle(pilot)
        assert lent == ["prod $ aws sts get-caller-identity --debug"]


async def test_a_paste_into_the_tree_does_nothing(app):
    async with app.run_test(size=(100, 30), headless=False) as pilot:
        app._driver.process_message(events.Paste("qqq\x03"))
        await settle(pilot)
        assert selected(app) == "default"


def line_of(app, name):
    return next(index for index, line in enumerate(lines_of(app)) if name in line)


async def test_a_click_selects_and_a_double_click_switches():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        y = line_of(app, "prod")
        click(app, 12, y)
        await settle(pilot)
        assert selected(app) == "prod"
        assert app.return_value is None
        click(app, 12, y)
        await settle(pilot)
    assert isinstance(app.return_value, Leave)
    assert app.return_value.profile == "prod"


async def test_clicks_on_two_rows_are_no_double_click():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        click(app, 12, line_of(app, "staging-dba"))
        click(app, 12, line_of(app, "sandbox"))
        await settle(pilot)
        assert selected(app) == "sandbox"
        click(app, 12, 14)  # the last row's neighbour has nothing to switch to
        await settle(pilot)
    assert app.return_value is None


async def test_a_double_click_on_a_heading_folds_it():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        y = line_of(app, "SSO session")
        click(app, 5, y)
        click(app, 5, y)
        await settle(pilot)
        assert "corp-dev" not in shown_names(app)


async def test_a_click_and_the_keys_after_it_keep_their_order(app, lent):
    async with app.run_test(size=(100, 30), headless=False) as pilot:
        y = line_of(app, "corp-dev")
        burst(app, "jjj")
        click(app, 12, y)
        burst(app, "xls\r")
        await settle(pilot)
        assert lent == ["corp-dev $ ls"]


async def test_a_click_takes_the_focus_from_the_filter_and_the_wheel_scrolls():
    app = make_app()
    async with app.run_test(size=(60, 12)) as pilot:
        await press(pilot, "slash", "e")
        click(app, 12, 4)
        await settle(pilot)
        assert tree_of(app).has_focus
        assert app.screen.filter_input.value == "e"
        top = lines_of(app)[2]
        await pilot._post_mouse_events([events.MouseScrollDown], tree_of(app), (5, 3))
        await settle(pilot)
        assert lines_of(app)[2] != top


async def test_the_entries_of_the_footer_can_be_clicked():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        click(app, lines_of(app)[-1].index("x Run"), 23)
        await settle(pilot)
        await pilot.pause()
        assert isinstance(app.screen, RunScreen)


async def test_a_right_click_selects_nothing():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click("ProfileTree", offset=(5, 5), button=3)
        assert selected(app) == "default"


async def test_keys_that_were_read_while_a_child_had_the_terminal_do_not_act_on_the_tree():
    seen = []

    def lend(what, prepare, *, wait):
        seen.append(what)
        burst(app, "qxq")

    app = make_app(lend_terminal=lend)
    async with app.run_test(size=(80, 24), headless=False) as pilot:
        burst(app, "jsexit\r")
        await settle(pilot)
        await settle(pilot)
        assert seen == ["a subshell under prod; exit comes back"]
        assert isinstance(app.screen, MainScreen)
        burst(app, "j")
        await settle(pilot)
        assert selected(app) == "prod-audit"
    assert app.return_value is None


async def test_a_key_goes_to_its_widget_also_when_the_terminal_had_lost_the_focus():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "slash", "p")
        app.post_message(events.AppBlur())
        await pilot.pause()
        burst(app, "rod-a\rj")
        await settle(pilot)
        assert app.screen.filter_input.value == "prod-a"
        app.post_message(events.AppBlur())
        await pilot.pause()
        burst(app, "xls")
        await settle(pilot)
        assert app.screen.command.value == "ls"


WAYS_IN = ["", "/", "/pro", "x", "xls", "c", "?", "t", "tdra"]


@pytest.mark.parametrize("keys", WAYS_IN)
async def test_ctrl_c_leaves_from_everywhere_with_status_130(keys):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        burst(app, f"j{keys}\x03")
        await settle(pilot)
    assert isinstance(app.return_value, Cancelled)


@pytest.mark.parametrize("size", [(80, 24), (60, 16)])
async def test_ctrl_c_leaves_from_palette_and_detail(size):
    for key in ("ctrl+p", "d"):
        app = make_app()
        async with app.run_test(size=size) as pilot:
            await press(pilot, key, "ctrl+c")
        assert isinstance(app.return_value, Cancelled)


@pytest.mark.parametrize("keys", WAYS_IN[1:])
async def test_escape_comes_back_from_everywhere_step_by_step(keys):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        burst(app, f"j{keys}")
        await settle(pilot)
        await press(pilot, "escape", "escape")
        assert isinstance(app.screen, MainScreen)
        assert tree_of(app).has_focus
        assert text_of(app).splitlines()[0].endswith(" 11 profiles")
        await press(pilot, "q")
    assert app.return_value is None
    assert app.return_code == 0
