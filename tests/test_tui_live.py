"""What changes by itself: the time left, the files, and the end when something fails."""

from __future__ import annotations

import json
import os

import pytest
from screens import (
    Clock,
    burst,
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

from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.run import RunScreen

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def demo_files(home):
    write_demo(home)


@pytest.fixture
def often(monkeypatch):
    """Files are looked at ten times as often, so that a test need not wait."""
    monkeypatch.setattr("xswitch.tui.screens.main._WATCH_SECONDS", 0.1)


# --- the time ------------------------------------------------------------------------------------


async def test_the_time_left_ticks_and_crosses_every_state():
    clock = Clock()
    app = make_app({"AWS_PROFILE": "prod"}, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        for seconds, icon, left in ((1, "●", "47m29s"), (33 * 60, "◐", "14m29s"), (15 * 60, "○", "expired")):
            clock.go(seconds)
            app.screen._tick()
            await pilot.pause()
            line = next(line for line in lines_of(app)[2:] if " prod " in line)
            assert icon in line
            assert line.endswith(left)
            assert lines_of(app)[0].split(" · ")[-1].startswith(left)


async def test_the_clock_of_the_screen_ticks_by_itself_every_second():
    clock = Clock()
    app = make_app(clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        clock.go(5)
        await pilot.pause(1.2)
        assert "47m25s" in text_of(app)


async def test_it_ticks_on_behind_a_dialog():
    clock = Clock()
    app = make_app(clock=clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "x")
        assert isinstance(app.screen, RunScreen)
        clock.go(5)
        await pilot.pause(1.2)
        await press(pilot, "escape")
        assert "47m25s" in text_of(app)


async def test_a_tick_repaints_only_the_lines_that_changed(monkeypatch):
    clock = Clock()
    app = make_app(clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        painted = []
        tree = tree_of(app)
        original = tree.refresh_line
        monkeypatch.setattr(
            tree, "refresh_line", lambda y: (painted.append(tree.rows[y].node.name), original(y))
        )
        app.screen._tick()
        assert painted == []
        clock.go(1)
        app.screen._tick()
        assert painted == ["prod", "prod-audit", "corp-dev"]


async def test_a_second_in_which_nothing_changes_writes_nothing_to_the_terminal():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        written = []
        original = app._driver.write
        app._driver.write = lambda data: (written.append(data), original(data))
        app._display = _recording(app._display, written)
        for _ in range(3):
            app.screen._tick()
            await pilot.pause(0.05)
        assert written == []


def _recording(display, written):
    def record(screen, renderable):
        written.append(renderable)
        display(screen, renderable)

    return record


async def test_moving_the_cursor_paints_two_lines_of_the_tree():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        painted = []
        tree = tree_of(app)
        original = tree.render_line
        tree.render_line = lambda y: (painted.append(y), original(y))[1]
        await press(pilot, "j")
        assert sorted(set(painted)) == [0, 1]


# --- files ---------------------------------------------------------------------------------------


async def wait_for(pilot, condition):
    for _ in range(60):
        await pilot.pause(0.05)
        if condition():
            return
    pytest.fail(f"it did not come to the screen:\n{text_of(pilot.app)}")


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("name", ["config", "credentials"])
async def test_a_change_of_a_file_comes_to_the_screen_and_cursor_folds_and_filter_stay(home, name):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "j", "h", "slash", *"corp", "enter", "j")
        before = selected(app)
        text = "[new-corp]\naws_access_key_id = AKIA\naws_secret_access_key = x\n"
        with (home / ".aws" / name).open("a") as file:
            file.write(text if name == "credentials" else "[profile new-corp]\nregion = eu-west-1\n")
        await wait_for(pilot, lambda: "new-corp" in shown_names(app))
        assert selected(app) == before
        assert "3/12 profiles" in text_of(app)
        await press(pilot, "escape")
        assert "prod-audit" not in shown_names(app)
        assert selected(app) == before


@pytest.mark.usefixtures("often")
async def test_a_session_that_comes_renews_or_goes_is_shown(home):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        paths = {path: json.loads(path.read_text()) for path in (home / ".aws/cli/cache").iterdir()}
        for path, content in paths.items():
            content["Credentials"]["Expiration"] = "2030-05-14T09:33:20Z"
            path.write_text(json.dumps(content))  # in place, as the AWS CLI writes
        await wait_for(pilot, lambda: text_of(app).count("33m20s") >= len(paths))
        for path in paths:
            path.unlink()
        await wait_for(pilot, lambda: "33m20s" not in text_of(app))


@pytest.mark.usefixtures("often")
async def test_a_selected_profile_that_goes_leaves_the_cursor_where_it_was(home):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "G")
        config = home / ".aws/config"
        config.write_text(config.read_text().split("[profile legacy]")[0])
        await wait_for(pilot, lambda: "legacy" not in shown_names(app))
        assert selected(app) == "ci"
        await press(pilot, "k")
        assert selected(app) == "corp-data"


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("what", ["broken", "gone", "a folder", "empty", "binary"])
async def test_files_that_turn_bad_and_good_again_are_followed(home, what):
    config = home / ".aws/config"
    good = config.read_bytes()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "j")
        config.unlink()
        if what == "a folder":
            config.mkdir()
        elif what != "gone":
            config.write_bytes(
                {"broken": good + b"\nno equals sign\n", "empty": b"", "binary": b"\x00\xff\xfe" * 99}[what]
            )
        await wait_for(pilot, lambda: ("✗ ~/.aws/config" in text_of(app)) or "prod-audit" not in text_of(app))
        if what == "a folder":
            config.rmdir()
        config.write_bytes(good)
        await wait_for(pilot, lambda: "prod-audit" in text_of(app) and "✗ ~/.aws" not in text_of(app))


@pytest.mark.usefixtures("often")
async def test_files_that_appear_end_the_screen_without_profiles(home):
    files = {name: (home / ".aws" / name).read_bytes() for name in ("config", "credentials")}
    for name in files:
        (home / ".aws" / name).unlink()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for name, data in files.items():
            (home / ".aws" / name).write_bytes(data)
        await wait_for(pilot, lambda: "prod-audit" in text_of(app))
        await press(pilot, "j")
        assert tree_of(app).has_focus
        assert selected(app) == "prod"


async def test_r_reads_the_files_again_at_once(home):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        (home / ".aws/config").write_text("[profile only]\nregion = eu-west-1\n")
        await press(pilot, "R")
        assert shown_names(app) == ["only", "default"]


@pytest.mark.usefixtures("often")
async def test_typing_goes_on_undisturbed_while_files_change(home):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "slash")
        for index, key in enumerate("prod-audit"):
            os.utime(home / ".aws/config", (index, index))
            burst(app, key)
            await pilot.pause(0.05)
        await settle(pilot)
        assert app.screen.filter_input.value == "prod-audit"
        assert selected(app) == "prod-audit"


# --- the end -------------------------------------------------------------------------------------


async def crash(app, pilot):
    secret = "CANARY-" + "secret"  # a local variable on the way to the fault
    raise RuntimeError(f"of {secret}")


async def _run_and_crash(app):
    async with app.run_test(size=(80, 24)) as pilot:
        app.screen.call_later(crash, app, pilot)
        await pilot.pause(0.2)


async def test_a_fault_ends_the_ui_with_a_sentence_and_a_log_without_values(home, capsys):
    app = make_app()
    with pytest.raises(RuntimeError, match="CANARY"):
        await _run_and_crash(app)
    assert app.return_code == 1
    log = home / ".local/state/xswitch/crash.log"
    assert "CANARY-secret" not in log.read_text()
    assert "RuntimeError" in log.read_text()
    assert "in crash" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600
    said = capsys.readouterr().err
    assert "CANARY-secret" not in said
    assert "the terminal UI failed: RuntimeError" in said
    assert "crash.log" in said


async def test_asked_for_the_traceback_the_ui_shows_it_without_values_too(capsys):
    app = make_app({"XSWITCH_DEBUG": "1"})
    with pytest.raises(RuntimeError):
        await _run_and_crash(app)
    said = capsys.readouterr().err
    assert "in crash" in said
    assert "CANARY-secret" not in said


async def test_the_main_screen_is_the_only_one_after_everything_was_closed():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        burst(app, "?\x1bc\x1bx\x1bt\x1b")
        await settle(pilot)
        assert isinstance(app.screen, MainScreen)
        assert len(app.screen_stack) == 1
