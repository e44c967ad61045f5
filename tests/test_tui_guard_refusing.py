"""Guards that refuse in the UI: what is read-only, settings that change or break, changes of the files."""

from __future__ import annotations

import pytest
from screens import (
    Lending,
    box_of,
    burst,
    lines_of,
    make_app,
    press,
    selected,
    settle,
    text_of,
    told,
    tree_of,
    until,
    write_demo,
    write_settings,
)

from xswitch.tui.screens.guard import GuardScreen
from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.message import MessageScreen
from xswitch.tui.screens.run import RunScreen

SIZE = (100, 30)
SETTINGS = """
[[guard]]
profile = ["prod", "corp-dev"]
[[guard]]
profile = "corp-data"
level = "read-only"
color = "magenta"
"""


@pytest.fixture(autouse=True)
def files(home):
    write_demo(home)
    write_settings(home, SETTINGS)


def line_of(app, name):
    """Return the line of a row of the tree."""
    tree = tree_of(app)
    index = next(i for i, row in enumerate(tree.rows) if row.node.name == name)
    return tree.render_line(index).text


# --- read-only -----------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", ["\r", "x", "s", "-", "D", " x"])
async def test_what_is_read_only_is_refused_at_once(keys):
    lend = Lending()
    app = make_app({"XSWITCH_PREVIOUS": "corp-data"}, lend_terminal=lend)
    async with app.run_test(size=SIZE, headless=False) as pilot:
        app.screen.go_to("corp-data")
        burst(app, keys)
        await settle(pilot)
        assert isinstance(app.screen, MessageScreen)
        assert "corp-data is read-only" in box_of(app)
        assert "by the guard in ~/.config/xswitch/config.toml:" in box_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, MainScreen)
    assert lend.said == []


# --- settings that change ------------------------------------------------------------------------


async def test_a_rule_that_comes_while_the_ui_is_open_holds_at_once_and_is_seen(home):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        write_settings(home, '[[guard]]\nprofile = "default"\n')
        await press(pilot, "g", "enter")
        assert isinstance(app.screen, GuardScreen)
        await press(pilot, "escape")
        await until(pilot, lambda: "⊘" in line_of(app, "default"))
        assert "⊘" not in line_of(app, "prod")


async def test_settings_that_become_bad_refuse_everything_until_they_are_mended(home):
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        write_settings(home, "[[guard]]\nprofile = 7\n")
        await press(pilot, "g", "enter")
        assert isinstance(app.screen, MessageScreen)
        assert "config.toml:2" in box_of(app)
        await press(pilot, "escape")
        assert "config.toml:2" in lines_of(app)[1]
        assert "nothing is done with any profile" in " ".join(lines_of(app)[1:4])
        assert "⊘" in line_of(app, "prod")  # what was known stays red
        for key in ("s", "x"):
            await press(pilot, key)
            assert isinstance(app.screen, MessageScreen)
            await press(pilot, "escape")
        write_settings(home, "")
        await press(pilot, "R")
        assert "config.toml" not in text_of(app)
        assert "⊘" not in text_of(app)
        await press(pilot, "j", "enter")
    assert app.return_value.profile == "prod"


# --- changing ------------------------------------------------------------------------------------


async def test_editing_a_guarded_profile_asks_before_it_is_saved(home):
    config = home / ".aws/config"
    before = config.read_bytes()
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "j", "e")
        assert app.screen.query_one(".box.-guard.-red")
        app.screen.rows["region"].input.value = "us-west-2"
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, GuardScreen))
        assert "You are about to change its settings." in box_of(app)
        await press(pilot, "escape")
        await until(pilot, lambda: "saving" not in text_of(app))
        assert config.read_bytes() == before
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, GuardScreen))
        burst(app, "prod\r")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert "done: set region of prod" in " ".join(notice.message for notice in app._notifications)
    assert b"us-west-2" in config.read_bytes()


async def test_renaming_asks_for_the_profile_and_not_for_those_that_follow_its_name(home):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        for name, is_asked in (("prod", True), ("default", False)):
            app.screen.go_to(name)  # prod is guarded, and sources from default
            await press(pilot, "e")
            app.screen.rows["name"].input.value = "renamed"
            await press(pilot, "ctrl+s")
            wanted = GuardScreen if is_asked else MainScreen
            await until(pilot, lambda wanted=wanted: isinstance(app.screen, wanted))
            if is_asked:
                assert "Type prod to go on" in box_of(app)
                await press(pilot, "escape")
                await until(pilot, lambda: "saving" not in text_of(app))
                await press(pilot, "escape", "escape")
    assert "source_profile = renamed" in (home / ".aws/config").read_text()
    assert "[profile prod]" in (home / ".aws/config").read_text()


@pytest.mark.parametrize("guarded", ["sandbox", "prod-audit"])
async def test_deleting_asks_for_a_guarded_profile_also_where_it_goes_with_another(home, guarded):
    write_settings(home, f'[[guard]]\nprofile = "{guarded}"\n')
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        app.screen.go_to("prod" if guarded == "prod-audit" else guarded)
        await press(pilot, "ctrl+d")
        burst(app, "prod\r" if guarded == "prod-audit" else "\r")
        await until(pilot, lambda: isinstance(app.screen, GuardScreen))
        assert guarded in box_of(app)
        assert "delete it" in box_of(app)
        burst(app, f"{guarded}\r")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
    assert guarded not in (home / ".aws/config").read_text()


async def test_each_guarded_one_that_is_deleted_is_asked_for_and_how_many_there_are_is_seen(home):
    write_settings(home, '[[guard]]\nprofile = ["prod-audit", "prod-billing"]\n')
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "j", "ctrl+d")
        burst(app, "prod\r")
        for number, name in enumerate(("prod-audit", "prod-billing"), 1):
            title = f"Guarded: {name} ({number} of 2)"
            await until(pilot, lambda title=title: title in text_of(app))
            burst(app, f"{name}\r")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
    assert "[profile prod" not in (home / ".aws/config").read_text()


async def test_the_name_that_is_typed_to_delete_others_too_is_not_asked_for_again(home):
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await press(pilot, "j", "ctrl+d")
        assert app.screen.query_one(".box.-guard.-red")
        burst(app, "prod\r")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert "done: remove prod" in told(app)
        assert selected(app) != "prod"
    assert "[profile prod]" not in (home / ".aws/config").read_text()


async def test_with_bad_settings_nothing_is_changed(home):
    before = (home / ".aws/config").read_bytes()
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        app.screen.go_to("sandbox")
        write_settings(home, "guard = 1\n")
        await press(pilot, "ctrl+d", "enter")
        await until(pilot, lambda: "config.toml:1" in text_of(app))
    assert (home / ".aws/config").read_bytes() == before


async def test_the_run_dialog_of_a_guarded_profile_can_be_left():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "j", "x")
        assert isinstance(app.screen, RunScreen)
        await press(pilot, "escape")
        assert isinstance(app.screen, MainScreen)
