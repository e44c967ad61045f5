"""One command under many profiles in the UI: what the table says, output in full, stopping, and leaving."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import asynccontextmanager

import pytest
from screens import box_of, burst, lines_of, make_app, press, settle, text_of, until

from xswitch.sessions.interaction import CodeRequest
from xswitch.tui.screens.each import EachScreen
from xswitch.tui.screens.each_output import OutputScreen
from xswitch.tui.screens.guard import GuardScreen
from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.mfa import CodeScreen

pytestmark = pytest.mark.slow

SIZE = (100, 24)
NAMES = ["ant", "bee", "cat"]
KEYS = "[{}]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = made-up\n"


@pytest.fixture(autouse=True)
def profiles(home, monkeypatch):
    monkeypatch.setenv("SHELL", "/bin/sh")
    write_profiles(home, NAMES)


def write_profiles(home, names):
    (home / ".aws/credentials").write_text("".join(map(KEYS.format, names)))


@asynccontextmanager
async def each(command, names=NAMES, size=SIZE):
    app = make_app(dict(os.environ))
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        app.push_screen(EachScreen(names, command))
        await settle(pilot)
        yield pilot


async def all_over(pilot):
    screen = screen_of(pilot)
    await until(pilot, lambda: not screen.is_busy)


def screen_of(pilot):
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, EachScreen))


def row(pilot, name):
    """Return the line of a profile, in words."""
    lines = [line for line in lines_of(pilot.app) if name in line.split()]
    assert len(lines) == 1, text_of(pilot.app)
    return " ".join(lines[0].split())


def pids_in(folder):
    return [int(path.read_text()) for path in folder.iterdir() if path.read_text().strip()]


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def started(pilot, folder):
    """Wait until the commands have written their process ids into a folder; return them."""
    await until(pilot, lambda: len(pids_in(folder)) == len(NAMES))
    return pids_in(folder)


@pytest.fixture
def pids(tmp_path):
    folder = tmp_path / "pids"
    folder.mkdir()
    return folder


async def test_each_profile_gets_its_own_environment_and_its_last_line_is_shown():
    async with each('echo "it is $AWS_PROFILE"') as pilot:
        await all_over(pilot)
        for name in NAMES:
            assert "✓ done" in row(pilot, name)
            assert f"it is {name}" in row(pilot, name)
        assert "3 done" in text_of(pilot.app)
        assert "all succeeded" in text_of(pilot.app)


@pytest.mark.parametrize("shell", ["zsh", "fish", "bash"])
async def test_start_up_files_lead_no_profile_astray(home, shell, monkeypatch):
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    (home / ".zshenv").write_text("export AWS_PROFILE=wrong\n")
    (home / ".config/fish").mkdir(parents=True)
    (home / ".config/fish/config.fish").write_text("set -gx AWS_PROFILE wrong\n")
    async with each('echo "it is $AWS_PROFILE"') as pilot:
        await all_over(pilot)
        assert [f"it is {name}" in row(pilot, name) for name in NAMES] == [True] * 3


async def test_a_failure_is_shown_and_only_what_failed_runs_again(tmp_path):
    mark = tmp_path / "fixed"
    command = f'echo "$AWS_PROFILE" >> {tmp_path}/ran; [ "$AWS_PROFILE" != bee ] || [ -e {mark} ] || exit 7'
    async with each(command) as pilot:
        await all_over(pilot)
        assert "✗ exit 7" in row(pilot, "bee")
        assert "2 done · 1 failed" in text_of(pilot.app)
        assert "1 of 3 did not succeed" in text_of(pilot.app)
        mark.touch()
        await press(pilot, "r")
        await all_over(pilot)
        assert "✓ done" in row(pilot, "bee")
        assert sorted((tmp_path / "ran").read_text().split()) == ["ant", "bee", "bee", "cat"]


async def test_a_broken_profile_fails_and_keeps_nobody_from_running(home):
    (home / ".aws/config").write_text("[profile bad]\nrole_arn = arn:aws:iam::222222222222:role/A\n")
    async with each("echo fine", ["ant", "bad"]) as pilot:
        await all_over(pilot)
        assert "✓ done" in row(pilot, "ant")
        assert "✗ failed" in row(pilot, "bad")
        assert "source" in row(pilot, "bad")


async def test_enter_shows_all_output_stderr_apart_and_follows_it(tmp_path):
    more = tmp_path / "more"
    command = f"seq 100; echo oops >&2; while [ ! -e {more} ]; do sleep 0.05; done; echo the end"
    async with each(command) as pilot:
        await until(pilot, lambda: "oops" in row(pilot, "ant"))
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, OutputScreen)
        await until(pilot, lambda: "▌ oops" in text_of(pilot.app))
        assert "  100" in lines_of(pilot.app)
        assert "  1" not in lines_of(pilot.app)
        more.touch()
        await until(pilot, lambda: "  the end" in lines_of(pilot.app))
        await until(pilot, lambda: "✓ done" in lines_of(pilot.app)[0])
        await press(pilot, "g")
        assert "  1" in lines_of(pilot.app)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, EachScreen)


async def test_long_lines_of_output_are_wrapped_and_nothing_in_it_is_interpreted():
    command = "printf '%0150d\\n[/b] \\033[31m[red]\\033[0m \\033]0;title\\a\\n日本\\n' 0"
    async with each(command, ["ant"], (60, 16)) as pilot:
        await all_over(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: "日本" in text_of(pilot.app))
        assert sum(line.strip().strip("0") == "" and "0" in line for line in lines_of(pilot.app)) == 3
        assert "  [/b] [red]" in text_of(pilot.app)
        assert "\x1b" not in text_of(pilot.app)


async def test_escape_asks_the_commands_to_end_and_then_leads_back(pids):
    asked = "trap 'echo asked; exit 9' INT TERM"
    command = f"{asked}; echo $$ > {pids}/$AWS_PROFILE; for i in $(seq 600); do sleep 0.05; done"
    async with each(command) as pilot:
        running = await started(pilot, pids)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, EachScreen)
        await all_over(pilot)
        assert not any(map(is_alive, running))
        assert "asked" in row(pilot, "ant")
        assert "3 stopped" in text_of(pilot.app)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, MainScreen)


async def test_what_does_not_end_when_it_is_asked_is_killed_by_the_second_escape(pids):
    command = f"trap '' INT TERM; echo $$ > {pids}/$AWS_PROFILE; for i in $(seq 600); do sleep 0.05; done"
    async with each(command) as pilot:
        running = await started(pilot, pids)
        await press(pilot, "escape")
        await until(pilot, lambda: "esc kill" in text_of(pilot.app))
        assert all(map(is_alive, running))
        await asyncio.sleep(0.8)  # a key that is held down does not kill
        await press(pilot, "escape")
        await all_over(pilot)
        assert not any(map(is_alive, running))


@pytest.mark.parametrize("trap", ["", "trap '' INT TERM; "])
async def test_nothing_outlives_the_app(pids, trap):
    command = f"{trap}echo $$ > {pids}/$AWS_PROFILE; for i in $(seq 600); do sleep 0.05; done"
    async with each(command) as pilot:
        running = await started(pilot, pids)
        pilot.app.exit()
    assert not any(map(is_alive, running))


async def test_ctrl_c_stops_the_commands_and_not_the_app(pids):
    command = f"echo $$ > {pids}/$AWS_PROFILE; exec sleep 60"
    async with each(command) as pilot:
        running = await started(pilot, pids)
        await press(pilot, "ctrl+c")
        assert not pilot.app.is_leaving
        await all_over(pilot)
        assert not any(map(is_alive, running))
        assert isinstance(pilot.app.screen, EachScreen)


async def test_a_call_to_aws_that_hangs_keeps_nobody_here(home, monkeypatch, tmp_path):
    arn = "arn:aws:iam::222222222222:role/A"
    role = f"[profile role]\nrole_arn = {arn}\nsource_profile = ant\nregion = eu-west-1\n"
    (home / ".aws/config").write_text(role)
    with socket.create_server(("127.0.0.1", 0)) as server:  # nobody answers
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        async with each(f"touch {tmp_path}/$AWS_PROFILE", ["ant", "role"]) as pilot:
            await until(pilot, lambda: "signing in" in row(pilot, "role"))
            await press(pilot, "escape")
            await all_over(pilot)
            assert "2 skipped" in text_of(pilot.app)
            await press(pilot, "escape")
            assert isinstance(pilot.app.screen, MainScreen)
    assert not (tmp_path / "ant").exists()


GUARD = '[[guard]]\nprofile = "bee"\nlevel = "{}"\n'


def write_guard(home, level):
    settings = home / ".config/xswitch/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(GUARD.format(level))


async def test_a_guarded_profile_is_asked_for_before_anything_runs(home, tmp_path):
    write_guard(home, "confirm")
    async with each(f"touch {tmp_path}/$AWS_PROFILE") as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, GuardScreen))
        assert not (tmp_path / "ant").exists()
        burst(pilot.app, "bee\r")
        await all_over(pilot)
        assert "3 done" in text_of(pilot.app)
        assert (tmp_path / "bee").exists()


async def test_the_question_shows_the_command_and_how_many_more_there_are(home, tmp_path, monkeypatch):
    settings = home / ".config/xswitch/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[[guard]]\nprofile = ["ant", "cat"]\n')
    monkeypatch.chdir(tmp_path)
    async with each("touch $AWS_PROFILE") as pilot:
        for number, name in enumerate(("ant", "cat"), 1):
            await until(pilot, lambda: isinstance(pilot.app.screen, GuardScreen))
            assert f"Guarded: {name} ({number} of 2)" in text_of(pilot.app)
            assert "$ touch $AWS_PROFILE" in box_of(pilot.app)
            assert not (tmp_path / "bee").exists()
            dialog = pilot.app.screen
            burst(pilot.app, f"{name}\r")
            await until(pilot, lambda dialog=dialog: pilot.app.screen is not dialog)
        await all_over(pilot)
        assert "3 done" in text_of(pilot.app)


async def test_a_refusal_comes_before_any_question(home, tmp_path):
    settings = home / ".config/xswitch/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'[[guard]]\nprofile = "ant"\n{GUARD.format("read-only")}')
    async with each(f"touch {tmp_path}/$AWS_PROFILE") as pilot:
        await all_over(pilot)
        assert isinstance(pilot.app.screen, EachScreen)
        assert "bee is read-only" in text_of(pilot.app)


async def test_a_question_comes_up_above_what_a_command_prints(tmp_path):
    end = tmp_path / "end"
    async with each(f"while [ ! -e {end} ]; do sleep 0.05; done") as pilot:
        await until(pilot, lambda: "3 running" in text_of(pilot.app))
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, OutputScreen)
        request = CodeRequest("arn:aws:iam::111111111111:mfa/dev", "ant")
        codes = []
        screen_of(pilot).start(("", "late"), "asking", lambda person: person.ask_code(request), codes.append)
        await until(pilot, lambda: isinstance(pilot.app.screen, CodeScreen))
        burst(pilot.app, "123456")
        await until(pilot, lambda: codes == ["123456"])
        assert isinstance(pilot.app.screen, OutputScreen)
        end.touch()
        await all_over(pilot)


async def test_without_the_name_of_the_guarded_one_nothing_runs(home, tmp_path):
    write_guard(home, "confirm")
    async with each(f"touch {tmp_path}/$AWS_PROFILE") as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, GuardScreen))
        await press(pilot, "escape")
        await all_over(pilot)
        assert isinstance(pilot.app.screen, EachScreen)
        assert not any((tmp_path / name).exists() for name in NAMES)
        assert "nothing was run" in text_of(pilot.app)


async def test_a_read_only_profile_is_refused(home, tmp_path):
    write_guard(home, "read-only")
    async with each(f"touch {tmp_path}/$AWS_PROFILE") as pilot:
        await all_over(pilot)
        assert "read-only" in text_of(pilot.app)
        assert not (tmp_path / "bee").exists()


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (140, 40)])
async def test_it_fits_and_moves_among_many(home, size):
    names = [f"profile-{number:03}" for number in range(120)]
    write_profiles(home, names)
    async with each("echo $AWS_PROFILE", names, size) as pilot:
        await press(pilot, "G")
        assert "profile-119" in row(pilot, "profile-119")
        await all_over(pilot)
        assert "120 done" in text_of(pilot.app)
        assert "esc back" in lines_of(pilot.app)[-1]
        assert row(pilot, "profile-119").endswith("profile-119")
        await press(pilot, "g")
        assert "✓ done" in row(pilot, "profile-000")


async def test_the_table_is_alive_while_the_commands_print_much():
    async with each("yes | head -c 20000000; echo last") as pilot:
        await press(pilot, "j")
        assert screen_of(pilot).rows.cursor == 1
        await all_over(pilot)
        assert "last" in row(pilot, "cat")
        await press(pilot, "enter")
        await until(pilot, lambda: "  last" in lines_of(pilot.app))
        assert "last 10000 lines" in text_of(pilot.app)
