"""What a call to AWS needs is loaded while the user rests on a profile that needs one, and not otherwise."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime

import pytest
from screens import write_demo
from terminals import Screen

pytestmark = pytest.mark.slow

# `LOADED` appears with what obtaining a session needs. `HELD` appears, and the import of botocore lasts for
# ever, or fails, where that is wanted. Nobody reaches the network.
OPEN = """\
import os, sys, threading, time
from importlib.machinery import ModuleSpec
def touch(name):
    open(os.environ[name], "w").close()
def look():
    while not hasattr(sys.modules.get("xswitch.sessions.obtain"), "obtain"):
        time.sleep(0.01)
    touch("LOADED")
threading.Thread(target=look, daemon=True).start()
class Finder:
    def find_spec(self, name, path, target=None):
        if name != "botocore.session":
            return None
        touch("HELD")
        return None if os.environ["IMPORT"] == "works" else ModuleSpec(name, self)
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        if os.environ["IMPORT"] == "fails":
            raise ImportError(module.__name__)
        time.sleep(600)
sys.meta_path.insert(0, Finder())
def audit(event, arguments):
    if event == "socket.connect" or event == "socket.getaddrinfo":
        os.write(2, b"the network was asked")
        os._exit(99)
sys.addaudithook(audit)
sys.argv = ["xswitch"]
from xswitch.cli.main import entry
entry()
"""


@pytest.fixture
def start(home, tmp_path):
    """The UI with the cursor on a row, in a program that tells what it loads."""
    write_demo(home, datetime.now(UTC))
    screens = []

    def start(row, how="works"):
        environ = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "SHELL": "/bin/true",
            "AWS_PROFILE": row,
            "LOADED": str(tmp_path / "loaded"),
            "HELD": str(tmp_path / "held"),
            "IMPORT": how,
        }
        screen = Screen([sys.executable, "-c", OPEN], environ)
        screens.append(screen)
        screen.live()
        return screen

    yield start
    for screen in screens:
        screen.close()


@pytest.fixture
def loaded(tmp_path):
    return (tmp_path / "loaded").exists


@pytest.fixture
def held(tmp_path):
    return (tmp_path / "held").exists


def rest(screen, seconds):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        screen.read()


def quit_at_once(screen):
    began = time.monotonic()
    screen.type("q")
    assert screen.end() == 0
    assert time.monotonic() - began < 5
    screen.assert_restored()


@pytest.mark.parametrize(
    "row",
    [
        "staging",  # its session is over
        "prod-audit",  # it is near its end
        "sandbox",  # there is none
        "corp-data",  # only a token
    ],
)
def test_who_rests_on_a_profile_that_needs_a_session_has_botocore_loaded(start, loaded, row):
    screen = start(row)
    screen.until(loaded)
    quit_at_once(screen)


@pytest.mark.parametrize(
    "row",
    [
        "prod",  # has a session
        "default",  # keys
        "legacy",  # cannot be used
    ],
)
def test_who_rests_on_a_profile_that_needs_none_has_the_memory_left(start, loaded, held, row):
    screen = start(row)
    rest(screen, 2)
    assert not loaded()
    assert not held()
    quit_at_once(screen)


def test_keys_put_it_off_until_the_user_rests(start, loaded, held):
    screen = start("prod")  # the next two rows need a session
    ends = time.monotonic() + 2
    while time.monotonic() < ends:
        for key in "jk":
            screen.type(key)
            rest(screen, 0.1)
    assert not held()
    screen.type("j")
    screen.until(loaded)
    quit_at_once(screen)


def test_a_session_that_ends_under_a_resting_cursor_is_one_that_is_needed(start, loaded, held, home):
    screen = start("prod")
    rest(screen, 1)
    assert not held()
    for path in (home / ".aws/cli/cache").iterdir():
        path.unlink()
    screen.until(loaded)


@pytest.mark.parametrize("how", ["works", "hangs"])
def test_leaving_does_not_wait_for_it(start, held, how):
    screen = start("sandbox", how)
    screen.until(held)
    quit_at_once(screen)


def test_neither_does_a_switch_to_a_profile_that_has_a_session(start, held):
    screen = start("sandbox", "hangs")
    screen.until(held)
    screen.type("/prod\r\r")
    assert screen.end() == 0
    screen.assert_restored()
    assert "a subshell under prod; leave it with exit" in screen.text()


def test_keys_are_honoured_while_it_lasts_those_too_that_load_something(start, held):
    screen = start("sandbox", "hangs")
    screen.until(held)
    screen.type("/audit\r")
    screen.until("1/11 profiles")
    screen.type("?")
    screen.until("esc closes")
    screen.type("ctrl+c")
    assert screen.end() == 130
    screen.assert_restored()


def test_where_it_fails_the_ui_goes_on(start, held, loaded):
    screen = start("sandbox", "fails")
    screen.until(held)
    rest(screen, 0.5)
    screen.type("/audit\r")
    screen.until("1/11 profiles")
    assert not loaded()
    quit_at_once(screen)
