"""An AWS that needs time, and people who have none."""

from __future__ import annotations

import pytest
from delegating import DENIED, DEV, DEVICE, FULL, PLAIN, Patient, attempt, complete, shape, take_down, wanted

pytest_plugins = ["delegating_setup"]
pytestmark = pytest.mark.slow

# --- AWS that needs time -------------------------------------------------------------------------


def test_a_principal_that_aws_has_yet_to_hear_of_is_waited_for(prepared):
    person = Patient()
    assert attempt(prepared, lambda: prepared.apply(person=person), invalid_principals={"times": 3}) == ""
    assert len([seconds for seconds in person.pauses if seconds]) == 4  # 1, 1 and 2 seconds
    assert ("role", "waiting", "AWS has yet to hear of it everywhere (3 s)") in prepared.steps
    take_down(prepared)


def test_a_principal_that_aws_never_hears_of_is_given_up_and_nothing_is_left(prepared):
    person = Patient()
    said = attempt(prepared, lambda: prepared.apply(person=person), invalid_principals={"times": 1000})
    assert "Invalid principal in policy" in said
    assert 50 < sum(person.pauses) < 90
    take_down(prepared)


def test_a_role_that_can_be_assumed_only_after_some_tries_is_waited_for_with_a_clock(prepared):
    refusal = {"AssumeRole": {**DENIED, "times": 6}}
    assert attempt(prepared, prepared.apply, fail=refusal) == ""
    assert prepared.server.actions().count("AssumeRole") == 7
    waits = [text for step, state, text in prepared.steps if (step, state) == ("assume", "waiting")]
    assert waits == [
        f"AWS does not let the role be assumed yet ({seconds} s)" for seconds in range(len(waits))
    ]
    assert len(waits) == 1 + 1 + 2 + 2 + 3 + 5
    take_down(prepared)


def test_a_role_that_can_never_be_assumed_is_given_up_stays_and_can_be_gone_on_with(prepared):
    person = Patient()
    said = attempt(prepared, lambda: prepared.apply(person=person), fail={"AssumeRole": DENIED})
    assert "AccessDenied" in said
    assert 60 < sum(person.pauses) < 150
    assert prepared.set_ups() == ["prod"]
    prepared.apply()
    take_down(prepared)


def test_a_long_session_with_mfa_is_waited_for_with_one_code(prepared):
    codes = []

    class Person(Patient):
        def ask_code(self, request):
            codes.append(request)
            return super().ask_code(request)

    prepared.control(fail={"AssumeRole": {**DENIED, "times": 3}})
    prepared.apply(wanted(require_mfa=True, mfa_serial=DEVICE, seconds=7200), Person())
    assert len(codes) == 1
    prepared.undo()
    assert not list((prepared.home / ".aws/cli/cache").glob("*.json"))
    assert prepared.everything() == prepared.before


def test_a_refusal_is_waited_out_only_where_something_is_new(prepared):
    prepared.apply()
    for path in (prepared.home / ".aws/cli/cache").glob("*.json"):
        path.unlink()
    for path in (prepared.home / ".local/state/xswitch/delegations").glob("*.json"):
        path.unlink()
    person = Patient()
    said = attempt(prepared, lambda: prepared.apply(person=person), fail={"AssumeRole": DENIED})
    assert "AccessDenied" in said
    assert sum(person.pauses) == 0


MISSING = {"status": 404, "code": "NoSuchEntity", "message": "The role with name R cannot be found."}
CONFLICT = {"status": 409, "code": "DeleteConflict", "message": "Cannot delete entity, must detach all."}
CONCURRENT = {"status": 409, "code": "ConcurrentModification", "message": "Wait."}
FAILURE = {"status": 500, "code": "ServiceFailure", "message": "Something went wrong."}


@pytest.mark.parametrize(
    ("request_", "action", "answer"),
    [
        (PLAIN, "AttachRolePolicy", MISSING),
        (PLAIN, "PutUserPolicy", CONCURRENT),
        (FULL, "PutRolePolicy", MISSING),
        (FULL, "AttachGroupPolicy", MISSING),
        (FULL, "CreatePolicy", FAILURE),
        (PLAIN, "CreateRole", CONCURRENT),
    ],
)
def test_what_aws_has_yet_to_hear_of_is_waited_for(prepared, request_, action, answer):
    def apply():
        prepared.apply(request_)

    assert attempt(prepared, apply, fail={action: {**answer, "times": 3}}) == ""
    assert prepared.server.actions().count(action) == 4
    take_down(prepared)


@pytest.mark.parametrize(
    ("request_", "action"),
    [(PLAIN, "DeleteRole"), (FULL, "DeletePolicy"), (FULL, "DeleteRole")],
)
def test_what_aws_still_takes_for_attached_is_waited_for(prepared, request_, action):
    prepared.apply(request_)
    assert attempt(prepared, prepared.undo, fail={action: {**CONFLICT, "times": 2}}) == ""
    take_down(prepared)


def test_a_policy_that_is_gone_for_good_is_given_up(prepared):
    person = Patient()
    said = attempt(prepared, lambda: prepared.apply(person=person), fail={"AttachRolePolicy": {**MISSING}})
    assert "NoSuchEntity" in said
    assert 30 < sum(person.pauses) < 90
    take_down(prepared)


# --- somebody who gives up -----------------------------------------------------------------------


def test_whoever_gives_up_at_any_pause_can_go_on_or_take_it_down(prepared):
    slow = {"fail": {"AssumeRole": {**DENIED, "times": 1}}, "invalid_principals": {"times": 1}}

    def apply():
        prepared.apply(PLAIN, person)

    def undo():
        prepared.undo(person=person)

    person = Patient()
    assert attempt(prepared, apply, **slow) == ""
    whole, count = shape(prepared), len(person.pauses)
    take_down(prepared)
    for number in range(1, count + 1):
        person = Patient(number)
        assert "cancelled" in attempt(prepared, apply, **slow)
        if number % 2:
            complete(prepared, PLAIN, whole)
        take_down(prepared)
    prepared.apply(PLAIN)
    person = Patient()
    assert attempt(prepared, undo) == ""
    for number in range(1, len(person.pauses) + 1):
        prepared.apply(PLAIN)
        person = Patient(number)
        assert attempt(prepared, undo) == "cancelled"
        take_down(prepared)


# --- MFA -----------------------------------------------------------------------------------------


class Answering(Patient):
    """Counts the codes that were asked for."""

    codes = 0

    def ask_code(self, request):
        self.codes += 1
        return super().ask_code(request)


def test_one_code_is_enough_however_long_it_takes_until_the_role_can_be_assumed(prepared):
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    prepared.iam(DEV).enable_mfa_device(UserName="dev", SerialNumber=DEVICE, **codes)
    prepared.before = prepared.everything()
    person = Answering()
    refusal = {"AssumeRole": {**DENIED, "times": 5}}
    request = wanted(require_mfa=True, mfa_age=3600)
    assert attempt(prepared, lambda: prepared.apply(request, person), fail=refusal) == ""
    assert person.codes == 1
    take_down(prepared)
