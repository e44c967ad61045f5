"""Making, editing and deleting profiles in real terminals: keys arrive, and u brings every byte back."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from running import CANARY, SECRET, XSWITCH
from screens import write_demo
from terminals import Screen

pytestmark = pytest.mark.slow

ARN = "arn:aws:iam::333333333333:role/Audit"
CTRL_S, CTRL_D, DOWN, PASTE, PASTED = "\x13", "\x04", "\x1b[B", "\x1b[200~", "\x1b[201~"


@pytest.fixture
def environ(home):
    write_demo(home, datetime.now(UTC))
    return {
        "HOME": str(home),
        "PATH": f"{os.path.dirname(sys.executable)}:/usr/local/bin:/usr/bin:/bin",
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "SHELL": "/bin/sh",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",  # nothing is called
    }


@pytest.fixture
def start(environ):
    screens = []

    def start(*arguments, **options):
        screens.append(Screen([XSWITCH, *arguments], environ, **options))
        screens[-1].live()
        return screens[-1]

    yield start
    for screen in screens:
        screen.close()


@contextmanager
def others_at_work(home):
    """Hold the lock that changing the files waits for, as another xswitch does."""
    folder = home / ".local/state/xswitch/locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "files.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
        time.sleep(0.5)


@pytest.mark.parametrize("leave", ["q", "\x03", signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("change", ["undo", "save"])
def test_leaving_waits_for_a_change_that_has_been_asked_for(start, home, change, leave):
    config = home / ".aws/config"
    before = config.read_bytes()
    screen = start("staging")
    if change == "undo":
        screen.type("n")
        screen.type(ARN)
        screen.until("+ [profile staging-audit]")
        screen.type(CTRL_S)
        screen.until("done: add role")
    with others_at_work(home):
        if change == "undo":
            screen.type("u")
        else:
            screen.type("n")
            screen.type(ARN)
            screen.until("+ [profile staging-audit]")
            screen.type(CTRL_S)
            screen.until("saving")
        time.sleep(0.3)
        if isinstance(leave, str):
            screen.type("\x03" if change == "save" else leave)  # in a form, q is a letter
        else:
            screen.process.send_signal(leave)
    screen.end()
    screen.assert_restored()
    assert (config.read_bytes() == before) == (change == "undo")


def test_a_key_pressed_twice_while_the_files_are_being_changed_changes_them_once(start, home):
    config = home / ".aws/config"
    first = config.read_bytes()
    screen = start("staging")
    for name in ("Audit", "Other"):
        screen.type("n")
        screen.until("New role profile")
        screen.type(f"arn:aws:iam::333333333333:role/{name}")
        screen.until(f"+ [profile staging-{name.lower()}]")
        with others_at_work(home):
            screen.type(CTRL_S + CTRL_S)
            screen.until("saving")
        screen.until(f"done: add role staging-{name.lower()}")
    both = config.read_bytes()
    assert both.count(b"staging-other") == 1
    with others_at_work(home):
        screen.type("uu")
    screen.until("undone: add role staging-other")
    assert first != config.read_bytes() != both
    screen.type("u")
    screen.until("undone: add role staging-audit")
    assert config.read_bytes() == first


def line_with(screen, words):
    """Return the number of the first line of the tree with some words."""
    return next(number for number, line in enumerate(screen.text().split("\n")) if words in line)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (60, 16)])
def test_a_new_role_is_filled_in_shown_saved_and_taken_back_to_the_byte(start, home, environ, size):
    config = home / ".aws/config"
    before, mode = config.read_bytes(), config.stat().st_mode
    screen = start("staging", size=size)
    screen.type("n")
    screen.until("New role profile")
    screen.type(ARN)
    screen.until("3333-3333-3333 (staging, staging-dba)")
    screen.until("+ [profile staging-audit]")
    screen.until(f"+ role_arn = {ARN}")
    assert config.read_bytes() == before
    screen.type(CTRL_S)
    screen.until("done: add role")
    assert line_with(screen, " staging ") < line_with(screen, "─· staging-audit")
    added = f"\n[profile staging-audit]\nrole_arn = {ARN}\nsource_profile = staging\nregion = eu-west-1\n"
    assert config.read_bytes() == before + added.encode()
    known = subprocess.run(
        [XSWITCH, "list", "--tree", "staging-audit"], env=environ, capture_output=True, text=True, check=True
    )
    assert "staging-audit" in known.stdout
    screen.type("u")
    screen.until("undone: add role")
    screen.until(lambda: "─· staging-audit" not in screen.text())
    assert (config.read_bytes(), config.stat().st_mode) == (before, mode)
    screen.type("q")
    assert screen.end() == 0
    screen.assert_restored()


def test_all_of_it_can_be_typed_ahead_while_the_ui_is_still_starting(environ, home):
    screen = Screen([XSWITCH, "staging"], environ)
    try:
        screen.until("staging-dba")
        screen.type(f"n{ARN}{CTRL_S}")
        screen.until("done: add role staging-audit")
        screen.type("u")
        screen.until("undone: add role staging-audit")
    finally:
        screen.close()


def test_the_source_is_picked_in_the_tree(start, home):
    screen = start()
    screen.type("n")
    screen.until("New role profile")
    screen.type(f"{PASTE} {ARN}\n{PASTED}")
    screen.until("+ source_profile = default")
    screen.type("\x1b[A")
    screen.type("\x0f")
    screen.until("Source profile")
    screen.type("bill\r")
    screen.until("+ source_profile = prod-billing")
    screen.until("+ region = us-east-1")
    screen.type("\x1b")
    screen.until("esc again discards what was typed")
    screen.type("\x1b")
    screen.live()


def test_access_keys_are_typed_unseen(start, home):
    screen = start()
    screen.type("Na")
    screen.until("New profile with access keys")
    screen.type("second\tAKIANEWNEWNEWNEWNEWN\t")
    screen.type(f"{PASTE}{SECRET}{PASTED}")
    screen.until("+ aws_secret_access_key = ********")
    screen.type(CTRL_S)
    screen.until("done: add keys of second")
    screen.type("e")
    screen.until("^s Save")
    screen.type("\x1b")
    screen.until(lambda: "^s Save" not in screen.text())
    screen.type("q")
    assert screen.end() == 0
    assert CANARY.encode() not in screen.raw
    assert SECRET in (home / ".aws/credentials").read_text()


def test_an_edit_and_a_deletion_are_taken_back_to_the_byte(start, home):
    config = home / ".aws/config"
    before = config.read_bytes()
    screen = start("ci")
    screen.type("e")
    screen.until("Edit ci")
    screen.type("\tus-east-1")
    screen.until("region = us-east-1")
    screen.type("\x15us-east-1")
    screen.until("+ region = us-east-1")
    screen.type(CTRL_S)
    screen.until("done: set region of ci")
    screen.type(CTRL_D)
    screen.until("- [profile ci]")
    screen.type("\r")
    screen.until("done: remove ci")
    screen.type("u")
    screen.until("undone: remove ci")
    screen.type("u")
    screen.until("undone: set region of ci")
    assert config.read_bytes() == before
    screen.type("q")
    assert screen.end() == 0
    screen.assert_restored()


def test_quitting_from_a_form_leaves_the_files_and_the_terminal_as_they_were(start, home):
    before = (home / ".aws/config").read_bytes()
    screen = start()
    screen.type("n")
    screen.until("New role profile")
    screen.type(ARN)
    screen.until("+ [profile staging-audit]")
    screen.type("ctrl+c")
    assert screen.end() == 130
    screen.assert_restored()
    assert (home / ".aws/config").read_bytes() == before
