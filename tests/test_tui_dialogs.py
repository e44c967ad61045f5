"""Run dialog, copy menu, help, palette, messages, and the terminal that is lent to children."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from screens import (
    Lending,
    burst,
    lines_of,
    make_app,
    press,
    selected,
    settle,
    text_of,
    tree_of,
    until,
    write_demo,
    write_settings,
)

from xswitch.launch.history import History
from xswitch.locations import Locations
from xswitch.tui.actions import ACTIONS, MAIN, key_label
from xswitch.tui.outcome import Leave
from xswitch.tui.screens.help import HelpScreen
from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.message import MessageScreen
from xswitch.tui.screens.mfa import CodeScreen
from xswitch.tui.screens.run import RunScreen
from xswitch.tui.terminal import run_child
from xswitch.tui.widgets.profile_tree import ProfileTree

pytestmark = pytest.mark.slow

SIZE = (100, 30)


@pytest.fixture(autouse=True)
def demo_files(home):
    write_demo(home)


def history():
    return History(Locations(os.environ).state)


# --- run -----------------------------------------------------------------------------------------


async def test_run_here_gives_the_command_to_the_users_shell_under_the_profile_and_comes_back():
    lend = Lending()
    app = make_app({"SHELL": "/bin/zsh", "AWS_ACCESS_KEY_ID": "outer", "KEPT": "1"}, lend_terminal=lend)
    async with app.run_test(size=SIZE, headless=False) as pilot:
        burst(app, "x aws s3 ls 'a b' | cat\x7f\x7f\x7fwc\r")
        await settle(pilot)
        argv, environ = lend.children[0]
        assert argv[:2] == ["/bin/zsh", "-c"]
        assert argv[2].endswith(" aws s3 ls 'a b' | wc")
        assert environ["AWS_PROFILE"] == environ["XSWITCH_PROFILE"] == "default"
        assert environ["KEPT"] == "1"
        assert "AWS_ACCESS_KEY_ID" not in environ
        assert lend.waits == [True]
        assert isinstance(app.screen, MainScreen)
    assert app.return_value is None


async def test_run_and_leave_ends_the_ui_with_the_command():
    app = make_app(lend_terminal=Lending())
    async with app.run_test(size=SIZE, headless=False) as pilot:
        burst(app, "jxls\t\r")
        await settle(pilot)
    assert isinstance(app.return_value, Leave)
    assert (app.return_value.profile, app.return_value.command) == ("prod", "ls")
    assert history().commands() == ["ls"]


async def test_tab_goes_there_and_back_between_the_two_modes():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "x")
        assert "(•) here, then come back   ( ) leave" in text_of(app)
        await press(pilot, "tab")
        assert "( ) here, then come back   (•) leave" in text_of(app)
        await press(pilot, "tab")
        assert "(•) here" in text_of(app)


async def test_earlier_commands_are_shown_recalled_and_what_was_typed_comes_back():
    for command in ("first", "second", "third"):
        history().add(command)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "x", *"new")
        assert all(command in text_of(app) for command in ("first", "second", "third"))
        values = []
        for key in ("up", "up", "up", "up", "down", "down", "down", "down"):
            await press(pilot, key)
            values.append(app.screen.command.value)
        assert values == ["third", "second", "first", "first", "second", "third", "new", "new"]
        await press(pilot, "up", "backspace", *"k")
        assert app.screen.command.value == "thirk"


async def test_a_click_on_an_earlier_command_puts_it_into_the_line():
    history().add("terraform plan")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "x")
        await pilot.click("OptionList", offset=(3, 0))
        assert app.screen.command.value == "terraform plan"
        await press(pilot, *"!")
        assert app.screen.command.value == "terraform plan!"


@pytest.mark.parametrize("kind", ["pipe", "huge"])
def test_a_history_that_is_none_is_empty(home, kind):
    path = Path(Locations(os.environ).state) / "history"
    path.parent.mkdir(parents=True)
    if kind == "pipe":
        os.mkfifo(path)
    else:
        with path.open("wb") as file:
            file.truncate(2**30)
    assert history().commands() == []


async def test_the_history_keeps_each_command_once_the_newest_first_and_none_with_a_leading_blank():
    app = make_app(lend_terminal=Lending())
    async with app.run_test(size=SIZE, headless=False) as pilot:
        for command in ("one", " secret", "two", "one"):
            burst(app, f"x{command}\r")
            await settle(pilot)
    assert history().commands() == ["one", "two"]
    path = Locations(os.environ).state + "/history"
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700


async def test_an_empty_command_is_not_run():
    lend = Lending()
    app = make_app(lend_terminal=lend)
    async with app.run_test(size=SIZE, headless=False) as pilot:
        burst(app, "x\r  \r")
        await settle(pilot)
        assert isinstance(app.screen, RunScreen)
    assert lend.said == []


async def test_a_state_folder_that_cannot_be_written_costs_the_history_and_nothing_else(home):
    (home / ".local/state").write_text("a file")
    lend = Lending()
    app = make_app(lend_terminal=lend)
    async with app.run_test(size=SIZE, headless=False) as pilot:
        burst(app, "xls\r")
        await settle(pilot)
        assert len(lend.children) == 1
    assert history().commands() == []


# --- subshell, MFA, failures ---------------------------------------------------------------------


async def test_s_opens_a_subshell_and_comes_back_without_waiting():
    lend = Lending()
    app = make_app({"SHELL": "/bin/sh", "XSWITCH_DEPTH": "1"}, lend_terminal=lend)
    async with app.run_test(size=SIZE, headless=False) as pilot:
        burst(app, "s")
        await settle(pilot)
        (argv, environ), *_ = lend.children
        assert argv == ["/bin/sh"]
        assert environ["XSWITCH_DEPTH"] == "2"
        assert environ["AWS_PROFILE"] == "default"
        assert lend.waits == [False]
        assert isinstance(app.screen, MainScreen)


async def test_a_command_that_needs_an_mfa_code_waits_for_it_in_a_dialog(home):
    (home / ".aws/config").write_text(
        "[profile m]\nrole_arn = arn:aws:iam::222222222222:role/R\nsource_profile = default\n"
        "mfa_serial = arn:aws:iam::111111111111:mfa/me\nregion = eu-west-1\n"
    )
    lend = Lending()
    app = make_app(lend_terminal=lend)
    async with app.run_test(size=SIZE, headless=False) as pilot:
        await press(pilot, "G", "x", *"ls", "enter")
        await until(pilot, lambda: isinstance(app.screen, CodeScreen))
        assert "arn:aws:iam::111111111111:mfa/me" in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, MainScreen)
    assert lend.said == []


async def test_a_failure_stays_readable_is_copied_whole_and_closed_by_enter():
    app = make_app(lend_terminal=Lending())
    async with app.run_test(size=SIZE, headless=False) as pilot:
        await press(pilot, "G", "x")
        assert isinstance(app.screen, MessageScreen)
        assert "legacy" in text_of(app)
        await press(pilot, "c")
        assert "legacy" in app.clipboard
        assert "xswitch show legacy" in app.clipboard
        await press(pilot, "enter")
        assert isinstance(app.screen, MainScreen)
        assert selected(app) == "legacy"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError(2, "No such file or directory", "/bin/no-shell"), "/bin/no-shell could not be"),
        (PermissionError(13, "Permission denied", "/bin/x"), "Permission denied"),
    ],
)
async def test_a_shell_that_cannot_be_started_is_told(error, words):
    app = make_app(lend_terminal=Lending(error))
    async with app.run_test(size=SIZE, headless=False) as pilot:
        await press(pilot, "s")
        assert isinstance(app.screen, MessageScreen)
        assert words in text_of(app)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), EOFError()])
async def test_ctrl_c_or_d_while_the_terminal_is_lent_comes_back(error):
    app = make_app(lend_terminal=Lending(error))
    async with app.run_test(size=SIZE, headless=False) as pilot:
        await press(pilot, "x", *"ls", "enter")
        assert isinstance(app.screen, MainScreen)
        assert tree_of(app).has_focus


async def test_a_session_that_a_child_made_is_on_the_screen_when_it_ends(home):
    def lend(what, prepare, *, wait):
        for entry in (home / ".aws/cli/cache").iterdir():
            entry.unlink()

    app = make_app(lend_terminal=lend)
    async with app.run_test(size=SIZE, headless=False) as pilot:
        assert "47m30s" in text_of(app)
        await press(pilot, "x", *"ls", "enter")
        assert "47m30s" not in text_of(app)


def test_the_child_gets_its_environment_and_its_exit_status_is_told(monkeypatch, capfd):
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    run_child("p $ it", lambda: (["/bin/sh", "-c", "echo $WHO; exit 7"], {"WHO": "me"}), wait=True)
    out, err = capfd.readouterr()
    assert "me\n" in out
    assert "exit status 7; Enter goes back" in out
    assert err.startswith("xswitch: p $ it\n")


def test_a_child_that_a_signal_ended_has_the_status_a_shell_would_tell(monkeypatch, capfd):
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    run_child("", lambda: (["/bin/sh", "-c", "kill -TERM $$"], {}), wait=True)
    assert "exit status 143" in capfd.readouterr().out


# --- copy ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("name", "prod"),
        ("account", "222222222222"),
        ("role ARN", "arn:aws:iam::222222222222:role/CrossAccountPowerUser"),
        ("command", "xswitch run prod -- "),
    ],
)
async def test_the_copy_menu_copies_what_it_says_and_says_what_it_copied(label, text):
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await press(pilot, "j", "c")
        labels = ["name", "account", "role ARN", "exports", "command"]
        await press(pilot, *["down"] * labels.index(label), "enter")
        assert app.clipboard == text
        await pilot.pause(0.1)
        assert f"copied the {label} of prod" in text_of(app)


@pytest.mark.parametrize(
    ("keys", "copied"), [("jj", "arn:"), ("Gk", "export"), ("Gg", "prod"), ("jjk", "222222222222")]
)
async def test_the_copy_menu_is_moved_in_as_the_tree_is(keys, copied):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "j", "c", *keys, "enter")
        assert copied in app.clipboard.split("\n")[0]


async def test_the_exports_that_are_copied_switch_a_shell():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "j", "c", "down", "down", "down", "enter")
        script = f"{app.clipboard}\necho $AWS_PROFILE $AWS_DEFAULT_PROFILE $AWS_ACCESS_KEY_ID"
        environ = {"AWS_ACCESS_KEY_ID": "outer"}
        done = subprocess.run(["/bin/sh", "-c", script], env=environ, capture_output=True, check=True)
        assert done.stdout == b"prod prod\n"


async def test_what_a_profile_does_not_have_is_not_offered():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, *"GkC", "c")
        assert "role ARN" not in text_of(app)


# --- help ----------------------------------------------------------------------------------------


async def test_the_help_lists_every_action_with_its_keys_and_what_it_does():
    app = make_app()
    async with app.run_test(size=(100, 56)) as pilot:
        await press(pilot, "question_mark")
        text = text_of(app)
        for action in ACTIONS:
            assert re.search(rf"  {re.escape(key_label(action.keys))} +{re.escape(action.help)} *│", text), (
                action
            )


def test_every_action_can_be_done():
    app = make_app()
    for action in ACTIONS:
        name = action.method.split("(")[0].removeprefix("app.")
        assert any(hasattr(owner, f"action_{name}") for owner in (app, MainScreen, ProfileTree)), action


def test_the_readme_has_the_table_of_keys():
    text = (Path(__file__).parent.parent / "README.md").read_text()
    if "<!-- keys -->" not in text:
        pytest.skip("README.md has no table of keys yet")
    table = text.split("<!-- keys -->")[1].split("<!-- /keys -->")[0]
    rows = [line.strip() for line in table.splitlines() if line.startswith("|")][2:]
    assert rows == [f"| `{key_label(action.keys)}` | {action.help} |" for action in ACTIONS]


async def test_remapped_keys_work_are_in_help_and_footer_and_the_old_ones_are_free(home):
    write_settings(home, '[keys]\n"profile.run" = "f2,r"\n"app.help" = "f1"\n"app.quit" = "x"\n')
    app = make_app()
    async with app.run_test(size=(100, 50)) as pilot:
        assert "r Run" in text_of(app) or "f2 Run" in text_of(app)
        await press(pilot, "f1")
        line = next(line for line in text_of(app).splitlines() if "run a command" in line)
        assert "f2 r" in line
        await press(pilot, "escape", "r")
        assert isinstance(app.screen, RunScreen)
        await press(pilot, "escape", "question_mark")
        assert not isinstance(app.screen, HelpScreen)
        await press(pilot, "x")
    assert app.return_code == 0


async def test_help_scrolls_where_it_does_not_fit_and_each_of_its_keys_closes_it():
    app = make_app()
    async with app.run_test(size=(60, 12)) as pilot:
        for key in ("escape", "q", "question_mark", "enter"):
            await press(pilot, "question_mark")
            assert isinstance(app.screen, HelpScreen)
            await press(pilot, key)
            assert isinstance(app.screen, MainScreen)
        await press(pilot, "question_mark", "end")
        assert "~/.config/xswitch/config.toml" in text_of(app)


# --- palette and themes --------------------------------------------------------------------------


async def palette(pilot, text):
    await press(pilot, "ctrl+p", *text)
    await pilot.pause(0.3)


async def test_the_palette_finds_actions_and_does_them():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await palette(pilot, "run")
        await press(pilot, "enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, RunScreen)


async def test_the_palette_offers_every_action_and_none_of_textuals_own():
    app = make_app()
    async with app.run_test(size=(100, 80)) as pilot:
        await palette(pilot, "")
        text = text_of(app)
        for action in MAIN:
            assert action.id == "app.palette" or action.help in text
        assert "screenshot" not in text.lower()
        assert "maximize" not in text.lower()


async def test_the_palette_finds_a_profile_and_goes_there_though_folds_and_filter_hide_it():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "j", "h", "slash", *"corp", "enter")
        await palette(pilot, "billing")
        await press(pilot, "enter")
        await pilot.pause(0.2)
        assert selected(app) == "prod-billing"
        assert tree_of(app).has_focus
        assert app.screen.filter_input.value == ""
        assert lines_of(app)[0].endswith(" 11 profiles")


async def test_the_palette_does_not_open_over_a_dialog_and_its_key_can_be_remapped(home):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "x", "ctrl+p")
        assert isinstance(app.screen, RunScreen)
    write_settings(home, '[keys]\n"app.palette" = "p"\n')
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "ctrl+p")
        assert isinstance(app.screen, MainScreen)
        await press(pilot, "p")
        assert not isinstance(app.screen, MainScreen)


async def choose_theme(pilot, name):
    await press(pilot, "t", *name)
    await pilot.pause(0.3)
    await press(pilot, "enter")
    await pilot.pause(0.2)


async def test_a_chosen_theme_is_kept_in_the_settings_and_everything_else_in_them_stays(home):
    before = '# mine\n\nicons = "ascii"   # old terminal\n\n[keys]\n"app.quit" = "Q" # not by mistake\n'
    path = write_settings(home, before)
    path.chmod(0o644)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await choose_theme(pilot, "dracula")
        assert app.theme == "dracula"
    kept = path.read_text().splitlines()
    assert [line for line in kept if line != 'theme = "dracula"'] == before.splitlines()
    assert path.stat().st_mode & 0o777 == 0o644
    assert make_app().settings.theme == "dracula"


async def test_opening_the_ui_writes_no_settings(home):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "j")
    assert not (home / ".config").exists()


async def test_a_settings_file_that_was_broken_meanwhile_is_left_alone_and_told(home):
    path = write_settings(home, "")
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        path.write_text("not [ toml")
        await choose_theme(pilot, "nord")
        assert "the theme could not be kept" in " ".join(text_of(app).split())
        assert app.theme == "nord"
    assert path.read_text() == "not [ toml"


async def test_without_colours_only_the_terminals_own_two_are_used():
    app = make_app({"NO_COLOR": "1"})
    async with app.run_test(size=(80, 24)):
        assert app.ansi_color is True
        assert "●" in text_of(app)


async def test_enter_without_a_command_says_that_there_is_none_yet():
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await press(pilot, "x", "enter")
        await until(pilot, "type a command first")
        assert isinstance(app.screen, RunScreen)
