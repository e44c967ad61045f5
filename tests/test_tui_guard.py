"""Guarded profiles in the UI: unmistakable, and not used before their name was typed."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len
from screens import (
    Lending,
    box_of,
    burst,
    click,
    confirmed_by,
    lines_of,
    make_app,
    press,
    settle,
    text_of,
    tree_of,
    until,
    write_demo,
    write_settings,
)
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from xswitch.settings.model import COLORS
from xswitch.text import printable
from xswitch.timestamps import utc_now
from xswitch.tui.colours import guard_colours
from xswitch.tui.early import first_frame
from xswitch.tui.screens.guard import GuardScreen
from xswitch.tui.screens.main import MainScreen
from xswitch.tui.signs import ICONS

SIZE = (100, 30)
SETTINGS = """
[accounts]
"222222222222" = "Production"
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


def styles_of(app, name):
    """Return the style of each part of a row that shows something, by its text."""
    tree = tree_of(app)
    index = next(i for i, row in enumerate(tree.rows) if row.node.name == name)
    return {
        segment.text.strip(): segment.style for segment in tree.render_line(index) if segment.text.strip()
    }


def detail_of(app):
    """Return the text of the detail, its lines as one."""
    detail = app.screen.query_one("#detail")
    x, y, width, height = detail.region
    return " ".join(line[x + 2 : x + width].strip() for line in lines_of(app)[y : y + height])


def is_untouched(app):
    return isinstance(app.screen, MainScreen) and not app._exit


# --- what is seen --------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark"])
async def test_a_guarded_row_has_a_lock_and_its_name_in_the_guards_colour_and_bold(theme):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        app.theme = theme
        await settle(pilot)
        for name, color in (("prod", "red"), ("corp-data", "magenta")):
            wanted = Color.parse(guard_colours(BUILTIN_THEMES[theme])[f"guard-{color}"]).rich_color
            for part in (name, ICONS["unicode"]["guarded"]):
                assert styles_of(app, name)[part].color == wanted
                assert styles_of(app, name)[part].bold
        assert ICONS["unicode"]["guarded"] not in styles_of(app, "staging")


@pytest.mark.parametrize(("icons", "lock"), [("unicode", "⊘"), ("ascii", "L")])
async def test_without_colours_the_lock_alone_tells_it(home, icons, lock):
    write_settings(home, f'icons = "{icons}"\n{SETTINGS}')
    app = make_app({"NO_COLOR": "1", "AWS_PROFILE": "prod"})
    async with app.run_test(size=SIZE):
        locked = [line.split("│")[0] if icons == "unicode" else line for line in lines_of(app)]
        rows = [line for line in lines_of(app)[2:14] if f" {lock} " in line]
        assert [re.search(r"(prod|corp-\w+) ", line)[1] for line in rows] == ["prod", "corp-dev", "corp-data"]
        assert locked[0].startswith(f" {lock} prod · guarded · 2222-2222-2222 Production")


def test_every_sign_takes_one_column():
    for icons in ICONS.values():
        assert {name: cell_len(sign) for name, sign in icons.items()} == dict.fromkeys(icons, 1)
    assert all(sign.isascii() for sign in ICONS["ascii"].values())
    assert len(set(ICONS["ascii"].values())) == len(ICONS["ascii"])


@pytest.mark.parametrize("theme", [theme for theme in BUILTIN_THEMES.values() if not theme.ansi])
def test_the_colours_of_guards_can_be_read_in_every_theme_and_told_apart(theme):
    colors = guard_colours(theme)
    ground = Color.parse(theme.to_color_system().generate()["background"])
    assert len({colors[f"guard-{name}"] for name in COLORS}) == len(COLORS)
    for color in colors.values():
        assert abs(Color.parse(color).brightness - ground.brightness) > 0.2


@pytest.mark.parametrize("size", [(40, 10), (60, 16), (80, 24), (120, 36)])
@pytest.mark.parametrize("icons", ["unicode", "ascii"])
@pytest.mark.parametrize("order", ["file", "name"])
async def test_the_first_frame_has_the_same_picture(home, size, icons, order):
    (home / ".aws/cli/cache").rename(home / "gone")  # nothing that ticks
    (home / ".aws/sso/cache").rename(home / "gone-too")
    write_settings(home, f'icons = "{icons}"\norder = "{order}"\n{SETTINGS}')
    environ = {"AWS_PROFILE": "prod"}
    app = make_app(environ, clock=utc_now)
    frame = first_frame(app._model, environ, "", size)
    assert "\x1b[1;31mprod" in frame
    assert "\x1b[1;35mcorp-data" in frame or size[1] == 10
    shown = {
        int(number): re.sub(r"\x1b\[[\d;]*m", "", text).rstrip()
        for number, text in re.findall(r"\x1b\[(\d+);1H((?:(?!\x1b\[\d+;1H).)*)", frame)
    }
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        width = size[0] * 2 // 3 if size[0] >= 100 else size[0]
        for number, text in shown.items():
            line = app.screen._compositor.render_strips()[number - 1].text
            drawn = (line if number < 3 else line[:width]).rstrip(" ▁▂▃▄▅▆▇█▔")
            assert drawn == text, number


async def test_the_detail_says_how_it_is_guarded_by_which_rule_and_in_which_account():
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await press(pilot, "j")
        assert "⊘ guarded: its name has to be typed before it is used" in detail_of(app)
        assert "~/.config/xswitch/config.toml:" in detail_of(app)
        assert "account   2222-2222-2222 Production" in detail_of(app)
        app.screen.go_to("corp-data")
        await settle(pilot)
        assert "⊘ read-only: run, shell, use, env" in detail_of(app)
        assert "~/.config/xswitch/config.toml:" in detail_of(app)


async def test_the_expected_account_is_in_the_detail_with_its_name(home):
    rule = '[[guard]]\nprofile = "staging"\nexpect_account_id = "222222222222"\n'
    write_settings(home, f'[accounts]\n"222222222222" = "[/Production]"\n{rule}')
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        app.screen.go_to("staging")
        await settle(pilot)
        assert "expected  in account 2222-2222-2222 [/Production]" in detail_of(app)


async def test_help_explains_the_lock():
    app = make_app()
    async with app.run_test(size=(100, 60)) as pilot:
        await press(pilot, "question_mark")
        assert "⊘" in text_of(app)
        assert "a guard of your settings" in text_of(app)


# --- asking --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "words"),
    [({}, "open a subshell under it"), ({"XSWITCH_HOOK": "bash"}, "switch to it")],
)
async def test_enter_asks_for_the_name_and_takes_nothing_else(environ, words):
    app = make_app(environ)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "j", "enter")
        assert isinstance(app.screen, GuardScreen)
        assert f"You are about to {words}." in box_of(app)
        assert "2222-2222-2222 Production" in box_of(app)
        for typed in ("", "pro", "Prod", " prod", "prod ", "staging"):
            app.screen.name_input.value = typed
            await press(pilot, "enter")
            assert isinstance(app.screen, GuardScreen)
            assert not app._exit
        app.screen.name_input.value = ""
        burst(app, "prod\r")
        await settle(pilot)
    assert (app.return_value.profile, confirmed_by(app)) == ("prod", ("prod",))


@pytest.mark.parametrize("size", [(40, 10), (60, 16), (100, 30)])
async def test_a_wrong_name_is_told_and_gone(size):
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await press(pilot, "j", "enter")
        await press(pilot, *"staging", "enter")
        assert "that is not prod" in box_of(app)
        field = app.screen.name_input
        assert field.value == ""
        assert 0 < field.region.y < lines_of(app).index(next(x for x in lines_of(app) if "not prod" in x))
        await press(pilot, "enter")
        assert "that is not prod" in box_of(app)
        await press(pilot, "p")
        assert "that is not prod" not in box_of(app)
        await press(pilot, *"rod", "enter")
    assert app.return_value.profile == "prod"


@pytest.mark.parametrize("keys", ["\r", "s", "-", "xls\r", "xls\t\r", "o"])
async def test_whatever_is_wanted_of_it_esc_leaves_it_as_it_was(keys, tmp_path):
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    lend = Lending()
    app = make_app({"XSWITCH_PREVIOUS": "prod", "BROWSER": str(browser)}, lend_terminal=lend)
    async with app.run_test(size=SIZE, headless=False) as pilot:
        await press(pilot, "j")
        burst(app, keys)
        await settle(pilot)
        assert isinstance(app.screen, GuardScreen)
        burst(app, "\r\rprods\r")
        await settle(pilot)
        assert isinstance(app.screen, GuardScreen)
        await press(pilot, "escape")
        assert is_untouched(app)
    assert (lend.said, app.return_value) == ([], None)


@pytest.mark.parametrize(("keys", "argv"), [("s", "/bin/sh"), ("xecho it\r", "-c")])
async def test_once_it_was_typed_it_is_done_and_not_asked_again(keys, argv):
    lend = Lending()
    app = make_app({"SHELL": "/bin/sh"}, lend_terminal=lend)  # whose terminal refuses whoever asks
    async with app.run_test(size=SIZE, headless=False) as pilot:
        await press(pilot, "j")
        burst(app, f"{keys}prod\r")
        await settle(pilot)
        assert is_untouched(app)
        (command, environ), *_ = lend.children
        assert argv in command
        assert environ["AWS_PROFILE"] == "prod"
        burst(app, keys)  # and the next time it is asked for again
        await settle(pilot)
        assert isinstance(app.screen, GuardScreen)


async def test_the_question_shows_the_command_and_leaving_for_it_carries_the_name():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "j")
        burst(app, "xecho [/b]\t\r")
        await settle(pilot)
        assert "You are about to run a command under it. $ echo [/b]" in box_of(app)
        burst(app, "prod\r")
        await settle(pilot)
    left = app.return_value
    assert (left.profile, left.command, confirmed_by(app)) == ("prod", "echo [/b]", ("prod",))


@pytest.mark.parametrize("name", ["[/b]", "two words", "ünï", "x\x1b]0;hi", "y" * 300])
@pytest.mark.parametrize("size", [(40, 10), (100, 30)])
async def test_a_name_is_typed_as_it_is_shown_whatever_it_is(home, name, size):
    (home / ".aws/config").write_text(f"[profile '{name}']\nregion = eu-west-1\n")
    write_settings(home, '[[guard]]\nprofile = "*"\n')
    app = make_app()
    async with app.run_test(size=size) as pilot:
        app.screen.go_to(name)
        await press(pilot, "enter")
        assert isinstance(app.screen, GuardScreen)
        assert app.screen.name_input.region.bottom <= size[1]
        burst(app, f"{printable(name)}\r")
        await settle(pilot)
    assert (app.return_value.profile, confirmed_by(app)) == (name, (name,))


async def test_a_double_click_and_the_palette_ask_too():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        y = next(i for i, line in enumerate(lines_of(app)) if "─● prod " in line)
        click(app, 12, y)
        click(app, 12, y)
        await settle(pilot)
        assert isinstance(app.screen, GuardScreen)
        await press(pilot, "escape", "ctrl+p", *"subshell")
        await pilot.pause(0.3)
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, GuardScreen))
        await press(pilot, "escape")
        assert is_untouched(app)


async def test_a_profile_without_a_guard_is_not_asked_about():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "enter")
    assert (app.return_value.profile, confirmed_by(app)) == ("default", ())


async def test_the_run_dialog_is_in_the_guards_colour_with_the_account_large():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "j", "x")
        box = app.screen.query_one(".box")
        assert box.styles.border_top[1] == Color.parse(guard_colours(app.current_theme)["guard-red"])
        assert app.screen.query_one("Digits").value == "2222-2222-2222"
        assert "Production" in box_of(app)
        await press(pilot, "escape", "g", "x")
        assert not app.screen.query("Digits")
