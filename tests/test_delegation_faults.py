"""What goes wrong at each single call to AWS: in the end everything is there, or nothing of it."""

from __future__ import annotations

import json
import re

import pytest
from delegating import DEV, PROD, document, wanted

from xswitch.delegation.request import Principal
from xswitch.errors import XswitchError

pytest_plugins = ["delegating_setup"]
pytestmark = pytest.mark.slow

DENIED = {"status": 403, "code": "AccessDenied", "message": "User: x is not authorized to perform: y"}
THROTTLED = {"status": 400, "code": "Throttling", "message": "Rate exceeded"}
# What AWS's tutorial sets up, and as much else as there can be.
PLAIN = wanted()
FULL = wanted(
    principal=Principal("user", "dev"),
    path="/team/",
    policy_document=document(Action="iam:List*", Resource="*"),
    external_id="x-1234",
    tags={"Team": "platform"},
    managed=True,
    group="Developers",
    seconds=7200,
)
BOTH = pytest.mark.parametrize("request_", [PLAIN, FULL], ids=["plain", "full"])
FAULTS = pytest.mark.parametrize(
    ("request_", "fault"),
    [(PLAIN, "denied"), (PLAIN, "lost"), (FULL, "throttled"), (FULL, "lost")],
    ids=["plain-denied", "plain-lost", "full-throttled", "full-lost"],
)


@pytest.fixture
def prepared(accounts):
    """The accounts, with a group that the user is in."""
    accounts.iam(DEV).create_group(GroupName="Developers")
    accounts.iam(DEV).add_user_to_group(GroupName="Developers", UserName="dev")
    accounts.before = accounts.everything()
    return accounts


def attempt(accounts, do, **knobs):
    """Do something while the server has faults; return what was said where it failed, else ""."""
    accounts.control(**knobs)
    accounts.server.forget()
    try:
        do()
    except XswitchError as error:
        said = error.message or "nothing"
    else:
        said = ""
    accounts.control()
    return said


def calls(accounts, do):
    """Do something undisturbed; return the names of its calls."""
    assert attempt(accounts, do) == ""
    return accounts.server.actions()


def take_down(accounts):
    """Undo what there is to undo: everything is as before."""
    if accounts.set_ups():
        accounts.undo()
    assert accounts.set_ups() == []
    assert accounts.everything() == accounts.before


def complete(accounts, request, like):
    """Do it again: everything is there, just as where nothing failed."""
    identity = accounts.apply(request)
    assert identity.arn.startswith(f"arn:aws:sts::{PROD}:assumed-role/CrossAccountReader/")
    assert shape(accounts) == like


def shape(accounts):
    """Return everything without what is another each time."""
    found = json.dumps(accounts.everything(), default=str, indent=1)
    return re.sub(r'"id": "\w+"|\[xswitch:\w+\]', "", found)


# --- a call that fails for good ------------------------------------------------------------------


@FAULTS
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
        if fault != "throttled":
            take_down(prepared)
            attempt(prepared, apply, **fault_at(number, fault))
        complete(prepared, request_, whole)
        take_down(prepared)


def is_told(said, action, fault):
    """Tell whether a failed call is told, or it is right that it is not."""
    if not said:
        # A new role is refused at first. What cannot be looked up is unknown to the plan, which says so.
        return fault == "denied" and (action == "AssumeRole" or action.startswith(("Get", "List")))
    return action in said or "could not be reached" in said


@FAULTS
def test_whichever_call_of_taking_down_fails_the_next_time_does_it(prepared, request_, fault):
    prepared.apply(request_)
    whole = shape(prepared)
    actions = calls(prepared, prepared.undo)
    prepared.apply(request_)
    for number, action in enumerate(actions, 1):
        said = attempt(prepared, prepared.undo, **fault_at(number, fault))
        assert action in said or "could not be reached" in said, f"{number}, {action}: {said}"
        assert prepared.set_ups() == ["prod"]
        if not prepared.changes():
            assert shape(prepared) == whole
            continue
        take_down(prepared)
        prepared.apply(request_)
    attempt(prepared, prepared.undo, **fault_at(len(actions), fault))
    complete(prepared, request_, whole)


def fault_at(number, fault):
    if fault == "lost":
        return {"cut": {str(number): {}}}
    return {"fail": {str(number): DENIED if fault == "denied" else THROTTLED}}


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
