"""Processes that are killed at a call to AWS, before or after it has acted, and such that are interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest
from delegating import FULL, OPTIONS, PLAIN, attempt, calls, complete, shape, take_down
from running import XSWITCH

pytest_plugins = ["delegating_setup"]
pytestmark = pytest.mark.slow

BOTH = pytest.mark.parametrize("request_", [PLAIN, FULL], ids=["plain", "full"])
KILLS = pytest.mark.parametrize("when", ["before", "after"])


def kill_at(accounts, number, when, do):
    """Do something in a process of its own, which is killed at a call to AWS."""
    accounts.control(hold={str(number): when})
    process = os.fork()
    if process == 0:
        try:
            do()
        finally:
            os._exit(0)
    accounts.server.until_held()
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    accounts.control()


def worth(actions):
    """Return the calls that change something or come last, each with its number."""
    return [(number, each) for number, each in enumerate(actions, 1) if not each.startswith(("Get", "List"))]


@BOTH
@KILLS
def test_whoever_is_killed_while_setting_up_can_go_on_or_take_it_down(prepared, request_, when):
    actions = calls(prepared, lambda: prepared.apply(request_))
    whole = shape(prepared)
    take_down(prepared)
    for number, _ in worth(actions):
        kill_at(prepared, number, when, lambda: prepared.apply(request_))
        if number % 2 == (when == "before"):
            complete(prepared, request_, whole)
        take_down(prepared)


@BOTH
@KILLS
def test_whoever_is_killed_while_taking_down_can_go_on_or_set_it_up_again(prepared, request_, when):
    prepared.apply(request_)
    whole = shape(prepared)
    actions = calls(prepared, prepared.undo)
    for number, _ in worth(actions):
        prepared.apply(request_)
        kill_at(prepared, number, when, prepared.undo)
        if number % 2 == (when == "before"):
            complete(prepared, request_, whole)
        take_down(prepared)


@KILLS
def test_whoever_is_killed_while_changing_can_give_it_back(differing, when):
    actions = calls(differing, lambda: differing.apply(FULL, update=True))
    take_down(differing)
    for number, _ in worth(actions):
        kill_at(differing, number, when, lambda: differing.apply(FULL, update=True))
        take_down(differing)


# --- as it is done -------------------------------------------------------------------------------


def started(accounts, *arguments):
    return subprocess.Popen(
        [XSWITCH, "delegate", *arguments, "--yes"],
        env=accounts.environ,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("how", ["undo", "resume"])
def test_a_killed_command_is_gone_on_with_or_taken_back(prepared, how):
    prepared.control(hold={"AttachRolePolicy": "after"})
    process = started(prepared, *OPTIONS)
    prepared.server.until_held()
    process.kill()
    process.communicate()
    prepared.control()
    done = prepared.delegate(how, "prod", "--yes")
    assert done.returncode == 0, done.stderr
    if how == "resume":
        assert ":assumed-role/CrossAccountReader/" in done.stdout
    take_down(prepared)


def test_ctrl_c_ends_it_between_two_steps_and_says_how_to_go_on(prepared):
    prepared.control(delay={"CreateRole": 1})
    process = started(prepared, *OPTIONS)
    until_asked(prepared, "CreateRole")
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == 130
    assert "stopping after this step" in said
    assert "xswitch delegate resume prod" in said
    # The step was ended, the next one was not begun.
    assert prepared.changes() == ["CreateRole"]
    assert prepared.set_ups() == ["prod"]
    take_down(prepared)


def test_ctrl_c_twice_does_not_wait(prepared):
    prepared.control(hold={"CreateRole": "after"})
    process = started(prepared, *OPTIONS)
    prepared.server.until_held()
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "stopping after this step" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    prepared.control()
    take_down(prepared)


def until_asked(accounts, action):
    deadline = time.monotonic() + 30
    while action not in accounts.server.actions():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# --- reads that lag behind -----------------------------------------------------------------------

MISSING = {"status": 404, "code": "NoSuchEntity", "message": "The role with name R cannot be found."}
LAGGING = [
    (PLAIN, "CreateRole", "GetRole"),
    (PLAIN, "PutUserPolicy", "GetUserPolicy"),
    (FULL, "CreatePolicy", "GetPolicy"),
    (FULL, "PutRolePolicy", "GetRolePolicy"),
]


@pytest.mark.parametrize(("request_", "made", "read"), LAGGING)
@pytest.mark.parametrize("how", ["go on", "take down"])
def test_what_was_made_and_is_not_shown_yet_is_not_lost(prepared, request_, made, read, how):
    actions = calls(prepared, lambda: prepared.apply(request_))
    whole = shape(prepared)
    take_down(prepared)
    kill_at(prepared, actions.index(made) + 1, "after", lambda: prepared.apply(request_))
    lag = {"fail": {read: {**MISSING, "times": 2}}}
    if how == "go on":
        assert attempt(prepared, lambda: prepared.apply(request_), **lag) == ""
        assert shape(prepared) == whole
    else:
        assert attempt(prepared, prepared.undo, **lag) == ""
    take_down(prepared)
