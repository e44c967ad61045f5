"""`xswitch each` on a real terminal: the table, what scrolls above it, keys, and what stays on the screen."""

from __future__ import annotations

import io
import json
import os
import pty
import threading
import time

import pytest
from fanning import state_of, until, write_static
from running import XSWITCH
from terminals import Screen

from xswitch.cli.each_table import Table

pytestmark = pytest.mark.slow

NAMES = ["one", "two", "three"]
WAIT = "while [ ! -e $HOME/go ]; do sleep 0.05; done"


@pytest.fixture
def terminal(home):
    """Run `xswitch each …` in a terminal."""
    screens = []

    def run(*words, names=NAMES, config="", size=(80, 24), env=None, **streams):
        write_static(home, names, config)
        environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(env or {})}
        screens.append(Screen([XSWITCH, "each", *words], environ, size, **streams))
        return screens[-1]

    yield run
    for screen in screens:
        screen.close()


def go(home):
    (home / "go").touch()


def rows(screen):
    """Return the lines of the table, as words."""
    signs = ("·", "…", "✓", "✗", "!", "-")
    return [line.split() for line in screen.text().splitlines() if line.startswith(signs)]


# --- the table -----------------------------------------------------------------------------------


def test_the_table_shows_each_profile_and_goes_when_all_is_over(terminal, home):
    script = f"echo from $AWS_PROFILE; [ $AWS_PROFILE = two ] && exit 3; {WAIT}"
    screen = terminal("*", "-j2", "--", "sh", "-c", script)
    screen.until("… running")
    screen.until("2 running   1 failed\n")
    text = screen.text()
    assert "one   │ from one" in text
    states = {row[2]: row[:2] for row in rows(screen)}
    assert states == {"one": ["…", "running"], "3": ["✗", "exit"], "three": ["…", "running"]}
    assert next(line for line in text.splitlines() if line.startswith("✗")).startswith("✗ exit 3     two")
    go(home)
    assert screen.end() == 1
    screen.assert_restored()
    text = screen.text()
    assert sorted(text.splitlines()[:3]) == ["one   │ from one", "three │ from three", "two   │ from two"]
    assert text.splitlines()[3] == "xswitch: 2 of 3 succeeded; failed: two (exit status 3)"
    assert not rows(screen)


def test_where_there_is_no_room_for_all_those_at_work_are_shown(terminal, home):
    names = [f"p{number:02}" for number in range(40)]
    script = f"[ $AWS_PROFILE = p20 ] && exit 3; [ $AWS_PROFILE \\< p30 ] || {WAIT}"
    screen = terminal(
        "*", "-j4", "--group", "--", "bash", "-c", f"{script}; true", names=names, size=(80, 16)
    )
    screen.until("4 running   1 failed   29 done   6 waiting")
    shown = [next(word for word in row if word[0] == "p") for row in rows(screen)]
    assert len(shown) <= 6
    assert {"p20", "p30", "p31", "p32", "p33"} <= set(shown)
    assert shown == sorted(shown)
    go(home)
    assert screen.end() == 1


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (200, 50)])
def test_it_fits_any_terminal(terminal, home, size):
    screen = terminal("*", "--", "sh", "-c", f"echo {'long ' * 30}; {WAIT}", size=size)
    screen.until("3 running")
    screen.resize(60, 16)
    screen.process.send_signal(28)  # SIGWINCH
    screen.until(lambda: "… running" in screen.text())
    go(home)
    assert screen.end() == 0
    screen.assert_restored()


def test_output_has_no_power_over_the_terminal(terminal, home):
    data = "\\033]0;title\\007\\033[2J\\033[31mred\\033(B\\033[m\\tx\\b\\302\\233y\\n"
    screen = terminal("one", "--", "printf", data)
    assert screen.end() == 0
    assert b"\x1b]0;" not in screen.raw
    assert b"\x1b[2J" not in screen.raw
    assert b"\x1b[31mred\x1b[m " in screen.raw
    assert "red     x\\x08\\x9by" in screen.text()


@pytest.mark.parametrize("options", [[], ["--group"]])
def test_of_progress_bars_the_last_is_shown_after_the_name(terminal, home, options):
    script = (
        r"printf 'a 1%%\ra 2%%\n'; printf 'b 1%%\rb 2%%\r\n'; printf 'c 1%%\r'; sleep 0.1; printf 'c 2%%\r'"
    )
    screen = terminal("one", *options, "--", "sh", "-c", script)
    assert screen.end() == 0
    start = "" if options else "one │ "
    lines = screen.text().rstrip().splitlines()[-4:]
    assert lines == [f"{start}{name} 2%" for name in "abc"] + ["xswitch: 1 of 1 succeeded"]


def test_without_colours_there_are_none(terminal, home):
    screen = terminal("*", "--", "printf", "\\033[31mred\\033[0m\\n", env={"NO_COLOR": "1"})
    assert screen.end() == 0
    assert b"\x1b[3" not in screen.raw
    assert "one   │ red" in screen.text()


def test_a_terminal_without_powers_has_no_table(terminal, home):
    screen = terminal("*", "--", "echo", "hello", env={"TERM": "dumb"})
    assert screen.end() == 0
    assert b"\x1b" not in screen.raw
    assert "one   │ hello" in screen.text()


def test_a_terminal_with_few_letters_gets_those(terminal, home):
    env = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    screen = terminal("*", "--", "sh", "-c", f"echo é; {WAIT}", env=env)
    screen.until("> running")
    assert "one   | \\xe9" in screen.text()
    go(home)
    assert screen.end() == 0
    assert screen.raw.isascii()


def test_names_are_shown_as_they_are_and_do_nothing(terminal, home):
    screen = terminal("*", "--", "echo", "hello", names=["[bold]x[/bold]", ":smile:"])
    screen.until("2 of 2 succeeded")
    assert "[bold]x[/bold] │ hello" in screen.text()
    assert ":smile:        │ hello" in screen.text()


def test_guarded_profiles_have_the_colour_of_their_guard(terminal, home):
    (home / ".config/xswitch").mkdir(parents=True)
    (home / ".config/xswitch/config.toml").write_text('[[guard]]\nprofile = "two"\ncolor = "yellow"\n')
    screen = terminal("*", "--yes-really", "two", "--", "echo", "hello")
    assert screen.end() == 0
    assert b"\x1b[33mtwo" in screen.raw


# --- streams that lead elsewhere -----------------------------------------------------------------


def test_results_in_a_file_are_whole_and_the_table_is_on_the_terminal(terminal, home, tmp_path):
    with open(tmp_path / "out", "wb") as file:
        screen = terminal("*", "--", "sh", "-c", f"printf '\\033[31mx'; {WAIT}", stdout=file)
        screen.until("3 running")
        go(home)
        assert screen.end() == 0
    assert sorted((tmp_path / "out").read_bytes().splitlines()) == [
        b"one: \x1b[31mx",
        b"three: \x1b[31mx",
        b"two: \x1b[31mx",
    ]


@pytest.mark.parametrize("end", ["| cat", "--json | cat", "2>&1 >/dev/null | cat", "2> >(cat >&2)"])
def test_what_a_reader_writes_to_the_terminal_meets_no_table(terminal, home, end):
    write_static(home, NAMES)
    options, sign, where = end.partition("|") if "|" in end else ("", "", end)
    words = options if options.startswith("--") else ""
    streams = "" if words else options
    script = f"{XSWITCH} each '*' {words} -- sh -c 'echo hi; echo hi >&2; sleep 0.5' {streams} {sign} {where}"
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    screen = Screen(["bash", "-c", f"{script}; sleep 0.1"], environ)
    try:
        assert screen.end() == 0
        assert b"running" not in screen.raw
        assert screen.text().count("hi") == (3 if ">/dev/null" in end else 6)
    finally:
        screen.close()


def test_json_to_the_terminal_is_json_and_nothing_else(terminal, home, tmp_path):
    with open(tmp_path / "err", "wb") as file:
        screen = terminal("one", "--json", "--", "echo", "x" * 200, stderr=file)
        assert screen.end() == 0
    assert json.loads(screen.raw)["stdout"] == "x" * 200 + "\n"


def test_errors_in_a_file_leave_the_table_on_stdout(terminal, home, tmp_path):
    with open(tmp_path / "err", "wb") as file:
        screen = terminal("*", "--", "sh", "-c", f"echo e >&2; {WAIT}", stderr=file)
        screen.until("3 running")
        go(home)
        assert screen.end() == 0
    assert b"\x1b" not in (tmp_path / "err").read_bytes()


# --- keys ----------------------------------------------------------------------------------------


def test_ctrl_c_ends_the_commands_and_says_which(terminal, home):
    script = "trap 'exit 1' INT; echo ready; while :; do sleep 0.05; done"
    screen = terminal("*", "-j2", "--", "sh", "-c", script)
    screen.until(lambda: screen.text().count("│ ready") == 2)
    screen.type("ctrl+c")
    assert screen.end() == 130
    screen.assert_restored()
    assert "0 of 3 succeeded; ended before they were done: one, two; never ran:" in screen.text()


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("typed", ["", "\r\r\r", "abc" * 40, "\x1b[A\x04"], ids=repr)
def test_what_is_typed_leaves_nothing_on_the_screen(terminal, home, typed, width):
    # As a shell may export them for the terminal it was started in.
    env = {"COLUMNS": "100", "LINES": "50"}
    screen = terminal("*", "-j2", "--", "sh", "-c", "echo ready; exec sleep 30", size=(width, 24), env=env)
    screen.until(lambda: screen.text().count("│ ready") == 2)
    screen.type(typed)
    time.sleep(0.5)
    screen.type("ctrl+c")
    assert screen.end() == 130
    screen.assert_restored()
    lines = screen.text().rstrip().splitlines()
    assert sorted(lines[:2]) == ["one   │ ready", "two   │ ready"]
    said = "0 of 3 succeeded; ended before they were done: one, two; never ran: three"
    assert "".join(lines[2:]).replace(" ", "") == f"xswitch: {said}".replace(" ", "")


def test_ctrl_c_a_second_time_ends_them_at_once(terminal, home):
    tick = home / "tick"
    count = f"n=0; while sleep 0.05; do n=$((n+1)); echo $n > {tick}.new; mv {tick}.new {tick}; done"
    screen = terminal("one", "--", "sh", "-c", f"trap '' INT; echo ready; {count}")
    screen.until("│ ready")
    screen.until(tick.exists)
    before = int(tick.read_text())
    screen.type("ctrl+c")
    screen.until("ctrl+c again ends at once")
    screen.type("ctrl+c")
    assert screen.end() == 130
    assert int(tick.read_text()) - before < 60  # which are three seconds at least; the first alone takes five


def test_ctrl_z_stops_the_commands_too_and_fg_continues_them(home):
    write_static(home, NAMES)
    loop = f"while :; do date +%s%N > {home}/tick; sleep 0.05; [ -e {home}/go ] && exit 0; done"
    script = f"echo $$ > {home}/pid; {loop}"
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PS1": "shell> "}
    screen = Screen(["bash", "--norc", "-i"], environ)
    try:
        screen.until("shell>")
        screen.type(f"{XSWITCH} each one -- sh -c '{script}'\r")
        screen.until("1 running")
        screen.type("ctrl+z")
        screen.until("Stopped")
        until(lambda: state_of((home / "pid").read_text().strip()) == "T")
        before = (home / "tick").read_text()
        assert "1 running" not in screen.text()
        screen.type("fg\r")
        screen.until("1 running")
        screen.until(lambda: (home / "tick").read_text() != before)
        go(home)
        screen.until("1 of 1 succeeded")
    finally:
        screen.close()


def test_in_the_background_it_goes_on_without_the_table_and_keys_are_seen(home):
    write_static(home, NAMES)
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PS1": "shell> "}
    screen = Screen(["sh", "-i"], environ)
    try:
        screen.until("shell>")
        screen.type(f"{XSWITCH} each one two -- sh -c '{WAIT}; echo over'\r")
        screen.until("2 running")
        screen.type("ctrl+z")
        screen.until("Stopped")
        screen.type("echo typed\r")
        screen.until(lambda: screen.text().count("typed") == 2)
        screen.type("bg; sleep 0.7\r")
        screen.until(lambda: screen.text().count("shell>") == 4)
        assert "running" not in screen.text()
        screen.type("fg\r")
        screen.until("2 running")
        screen.type("ctrl+z")
        screen.until(lambda: screen.text().count("Stopped") == 2)
        screen.type(f"bg; touch {home}/go; wait\r")
        screen.until("2 of 2 succeeded")
        assert "running" not in screen.text()
        assert screen.text().count("│ over") == 2
    finally:
        screen.close()


def test_in_the_background_there_is_no_table(home):
    write_static(home, NAMES)
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PS1": "shell> "}
    screen = Screen(["bash", "--norc", "-i"], environ)
    try:
        screen.until("shell>")
        screen.type(f"{XSWITCH} each one -- sh -c 'touch {home}/begun; {WAIT}; echo over' & wait\r")
        screen.until((home / "begun").exists)
        go(home)
        screen.until("1 of 1 succeeded")
        assert b"\x1b[?25l" not in screen.raw  # the cursor goes where a table comes
        assert b"1 running" not in screen.raw
    finally:
        screen.close()


def test_a_terminal_that_takes_only_a_part_gets_the_rest_too():
    master, slave = pty.openpty()
    os.set_blocking(slave, False)
    # As Python's own stream is where it has no buffer (PYTHONUNBUFFERED).
    stream = io.TextIOWrapper(io.FileIO(slave, "w"), encoding="utf-8", write_through=True)
    got = []

    def read():
        time.sleep(0.3)  # until the terminal is full
        while b"the end" not in b"".join(got[-2:]):
            got.append(os.read(master, 4096))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    table = Table([], {}, stream, half=False)
    lines = [f"{number} {'x' * 100}" for number in range(3000)]
    for line in lines:
        table.above(f"{line}\n")
    table.above("the end\n")
    reader.join(20)
    assert b"".join(got).decode().split("\r\n")[:3000] == lines
    stream.close()
    os.close(master)
