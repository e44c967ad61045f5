"""The doctor and a command under many profiles in real terminals: every byte comes back, no child stays."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from running import XSWITCH
from terminals import Screen

pytestmark = pytest.mark.slow

NAMES = ("ant", "bee", "cat")
KEYS = "[{}]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = made-up\n"
# Line ends, blanks and comments as only the one who wrote them wants them.
CONFIG = (
    b"# ours\r\n[profile  legacy]  ; old\r\nrole_arn=arn:aws:iam::222222222222:role/Ops\r\n"
    b"source_profile\t=   antt\r\nregion = eu-west-1"
)


@pytest.fixture
def files(home):
    path = home / ".aws/credentials"
    path.write_text("".join(map(KEYS.format, NAMES)))
    path.chmod(0o600)
    return home


@pytest.fixture
def start(files):
    screens = []
    environ = {
        "HOME": str(files),
        "PATH": f"{os.path.dirname(sys.executable)}:/usr/local/bin:/usr/bin:/bin",
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "SHELL": "/bin/sh",
        "PS1": "ready> ",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",  # nothing is called
    }

    def start(argv=(), **options):
        screens.append(Screen(argv or [XSWITCH], environ, **options))
        if not argv:
            screens[-1].live()
        return screens[-1]

    yield start
    for screen in screens:
        screen.close()


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def run_under_all(screen, command):
    """Mark the three profiles, and run a command line under them."""
    for _ in NAMES:
        screen.type(" ")  # and the cursor goes down
        screen.read()
    screen.type("x")
    screen.until("earlier commands")
    screen.type(command)
    screen.type("enter")
    screen.until("esc stop")


def children_in(screen, folder):
    """Wait until each command has written its process id; return them."""
    paths = [folder / name for name in NAMES]
    screen.until(lambda: all(path.exists() and path.read_text().strip() for path in paths))
    return [int(path.read_text()) for path in paths]


@pytest.mark.parametrize("size", [(100, 30), (60, 16)])
def test_mending_and_undo_give_every_byte_back(start, files, size):
    config = files / ".aws/config"
    config.write_bytes(CONFIG)
    screen = start(size=size)
    screen.type("!")
    screen.until("⏎ mend")  # that the source does not exist, the tree says too
    screen.type("enter")
    screen.until("⏎ apply")
    screen.until("+ source_profile")
    assert config.read_bytes() == CONFIG
    screen.type("enter")
    screen.until(lambda: config.read_bytes() == CONFIG.replace(b"antt", b"ant"))
    screen.until("✓ set source_profile")
    screen.type("u")
    screen.until("undone")
    assert config.read_bytes() == CONFIG
    screen.until("does not exist")
    screen.type("escape")
    screen.live()
    screen.type("q")
    assert screen.end() == 0
    screen.assert_restored()


def test_what_fails_is_seen_and_read_in_full(start):
    screen = start()
    run_under_all(screen, '[ $AWS_PROFILE != bee ] || { echo "no such bucket" >&2; exit 4; }')
    text = screen.until("1 of 3 did not succeed")
    row = next(line for line in text.splitlines() if " bee " in line and "$" not in line)
    assert "✗ exit 4" in row
    assert "no such bucket" in row
    screen.type("j")
    screen.type("enter")
    screen.until("▌ no such bucket")
    screen.type("escape")
    screen.until("r again")
    screen.type("escape")
    screen.live()
    screen.type("q")
    assert screen.end() == 0


def test_escape_ends_the_commands_and_not_the_ui(start, tmp_path):
    screen = start()
    run_under_all(screen, f"echo $$ > {tmp_path}/$AWS_PROFILE; sleep 60; echo never")
    children = children_in(screen, tmp_path)
    screen.type("escape")
    screen.until("3 stopped")
    assert not any(map(is_alive, children))
    assert "never" not in screen.until("r again").partition("stopped")[2]


@pytest.mark.parametrize("stubborn", [False, True])
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP])
def test_no_child_outlives_the_ui(start, tmp_path, end, stubborn):
    screen = start()
    trap = "trap '' INT TERM HUP; " if stubborn else ""
    run_under_all(screen, f"{trap}echo $$ > {tmp_path}/$AWS_PROFILE; for i in $(seq 300); do sleep 0.1; done")
    children = children_in(screen, tmp_path)
    screen.process.send_signal(end)
    assert screen.end() == 128 + end
    assert not any(map(is_alive, children))
    screen.assert_restored()


def test_ctrl_c_asks_then_kills_then_leaves(start, tmp_path):
    screen = start()
    run_under_all(
        screen,
        f"trap '' INT TERM HUP; echo $$ > {tmp_path}/$AWS_PROFILE; for i in $(seq 300); do sleep 0.1; done",
    )
    children = children_in(screen, tmp_path)
    screen.type("ctrl+c")
    screen.until("esc kill")
    assert all(map(is_alive, children))
    time.sleep(1)  # a key that is held down does not kill
    screen.type("ctrl+c")
    screen.until("3 stopped")
    assert not any(map(is_alive, children))
    screen.type("ctrl+c")
    assert screen.end() == 130
    screen.assert_restored()


def state_of(pid):
    """Return the letter of a process's state; T is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_ctrl_z_stops_the_commands_too_and_fg_continues_them(start, tmp_path):
    screen = start(["/bin/bash", "--norc", "-i"])
    screen.until("ready>")
    screen.type(f"{XSWITCH}\r")
    screen.live()
    end = tmp_path / "end"
    run_under_all(screen, f"echo $$ > {tmp_path}/$AWS_PROFILE; while [ ! -e {end} ]; do sleep 0.05; done")
    children = children_in(screen, tmp_path)
    screen.type("ctrl+z")
    screen.until("Stopped")
    screen.until(lambda: [state_of(child) for child in children] == ["T"] * 3)
    end.touch()
    screen.type("fg\r")
    screen.until("3 done")
    screen.type("escape")
    screen.live()
    screen.type("q")
    screen.until("ready>")
