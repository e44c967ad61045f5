"""What goes wrong at each single call to AWS: in the end everything is there, or nothing of it."""

from __future__ import annotations

import pytest
from delegating import (
    FULL,
    PLAIN,
    THROTTLED,
    attempt,
    calls,
    complete,
    fault_at,
    shape,
    take_down,
)

pytest_plugins = ["delegating_setup"]
pytestmark = pytest.mark.slow

BOTH = pytest.mark.parametrize("request_", [PLAIN, FULL], ids=["plain", "full"])
SETTING_UP = pytest.mark.parametrize(
    ("request_", "fault"),
    [(PLAIN, "denied"), (PLAIN, "throttled"), (PLAIN, "lost"), (FULL, "lost")],
    ids=["plain-denied", "plain-throttled", "plain-lost", "full-lost"],
)
TAKING_DOWN = pytest.mark.parametrize(
    ("request_", "fault"),
    [(PLAIN, "throttled"), (PLAIN, "lost"), (FULL, "denied")],
    ids=["plain-throttled", "plain-lost", "full-denied"],
)


# --- a call that fails for good ------------------------------------------------------------------


@SETTING_UP
def test_whichever_call_of_setting_up_fails_it_is_gone_on_with_or_taken_down(prepared, request_, fault):
    def apply():
        prepared.apply(request_)

    actions = calls(prepared, apply)
    whole = shape(prepared)
    take_down(prepared)
    for number, action in enumerate(actions, 1):
        said = attempt(prepared, apply, **fault_at(number, fault))
        assert is_told(said, action, fault), f"{number}, {action}: {said}"
        if not prepared.changes():
            assert prepared.set_ups() == []
            assert prepared.everything() == prepared.before
            continue
        if number % 2:
            complete(prepared, request_, whole)
        take_down(prepared)


def is_told(said, action, fault):
    """Tell whether a failed call is told, or it is right that it is not."""
    is_read = action.startswith(("Get", "List"))
    if not said:  # it could do without what it wanted to know, or a new role is refused at first
        return is_read or (action == "AssumeRole" and fault == "denied")
    is_unseen = is_read and "EntityAlreadyExists" in said
    return action in said or "could not be reached" in said or is_unseen


@TAKING_DOWN
def test_whichever_call_of_taking_down_fails_the_next_time_does_it(prepared, request_, fault):
    prepared.apply(request_)
    whole = shape(prepared)
    actions = calls(prepared, prepared.undo)
    prepared.apply(request_)
    for number, action in enumerate(actions, 1):
        said = attempt(prepared, prepared.undo, **fault_at(number, fault))
        assert is_told(said, action, fault), f"{number}, {action}: {said}"
        assert prepared.set_ups() == (["prod"] if said else [])
        if not prepared.changes():
            assert shape(prepared) == whole
            continue
        take_down(prepared)
        prepared.apply(request_)
    attempt(prepared, prepared.undo, **fault_at(len(actions), fault))
    complete(prepared, request_, whole)


# --- a call that fails once ----------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("fault", ["throttled", "lost"])
def test_what_fails_once_at_every_single_call_goes_through(prepared, request_, fault):
    prepared.apply(request_)
    whole = shape(prepared)
    take_down(prepared)
    once = {"cut": {"*": {}}} if fault == "lost" else {"fail": {"*": THROTTLED}}
    assert attempt(prepared, lambda: prepared.apply(request_), **once) == ""
    assert shape(prepared) == whole
    assert attempt(prepared, prepared.undo, **once) == ""
    take_down(prepared)


# --- changing what is there ----------------------------------------------------------------------


def test_whatever_differs_is_changed_and_given_back(differing):
    assert "differs" in attempt(differing, lambda: differing.apply(FULL))
    assert differing.everything() == differing.before
    complete(differing, FULL, None, update=True)
    take_down(differing)


def changing(actions):
    """Return what is to change something, each with its number; calls that only read are tried above."""
    reads = ("Get", "List")
    return [(number, action) for number, action in enumerate(actions, 1) if not action.startswith(reads)]


@pytest.mark.parametrize("fault", ["denied", "lost"])
def test_whichever_call_of_changing_fails_it_is_gone_on_with_or_given_back(differing, fault):
    def change():
        differing.apply(FULL, update=True)

    actions = calls(differing, change)
    take_down(differing)
    for number, action in changing(actions):
        said = attempt(differing, change, **fault_at(number, fault))
        assert is_told(said, action, fault), f"{number}, {action}: {said}"
        if number % 2:
            complete(differing, FULL, None, update=True)
        take_down(differing)


def test_whichever_answer_of_giving_back_is_lost_the_next_time_does_it(differing):
    differing.apply(FULL, update=True)
    actions = calls(differing, differing.undo)
    differing.apply(FULL, update=True)
    for number, action in changing(actions):
        said = attempt(differing, differing.undo, **fault_at(number, "lost"))
        assert "could not be reached" in said, f"{number}, {action}: {said}"
        take_down(differing)
        differing.apply(FULL, update=True)


@pytest.mark.parametrize("fault", ["throttled", "lost"])
def test_changing_goes_through_where_every_single_call_fails_once(differing, fault):
    once = {"cut": {"*": {}}} if fault == "lost" else {"fail": {"*": THROTTLED}}
    assert attempt(differing, lambda: differing.apply(FULL, update=True), **once) == ""
    assert attempt(differing, differing.undo, **once) == ""
    take_down(differing)
