"""Others who are at the same accounts, before and after: what is theirs stays theirs."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace

import pytest
from delegating import (
    DEV,
    FULL,
    GRANT,
    OPTIONS,
    PLAIN,
    PROD,
    READ_ONLY,
    READS,
    ROLE,
    attempt,
    complete,
    document,
    shape,
    take_down,
    wanted,
)
from running import XSWITCH, run_xswitch

from xswitch.delegation.request import Principal

pytest_plugins = ["delegating_setup"]
pytestmark = pytest.mark.slow


# --- somebody else at the same time --------------------------------------------------------------


OTHERS = {
    "role": (PLAIN, {"CreateRole": {"Description": "made by hand"}}),
    "attached": (PLAIN, {"AttachRolePolicy": {}}),
    "inline": (PLAIN, {"PutUserPolicy": {}}),
    "document": (FULL, {"PutRolePolicy": {}}),
    "managed": (FULL, {"CreatePolicy": {"Description": "made by hand"}}),
    "granted": (FULL, {"AttachGroupPolicy": {}}),
}


@pytest.mark.parametrize("what", OTHERS)
def test_somebody_who_makes_the_same_a_moment_before_gets_in_no_ones_way(prepared, what):
    request_, race = OTHERS[what]
    assert attempt(prepared, lambda: prepared.apply(request_), race=race) == ""
    if what in {"role", "managed"}:
        # Theirs stays, and is not said to be ours.
        assert "made by hand" in shape(prepared)
        prepared.undo()
        assert "made by hand" in shape(prepared)
        assert prepared.set_ups() == []
    else:
        take_down(prepared)


@pytest.mark.parametrize("what", ["role", "managed"])
def test_somebody_who_makes_something_else_of_that_name_is_told_and_left_alone(prepared, what):
    other = document(Action="sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{DEV}:root"})
    request_, action, race = {
        "role": (PLAIN, "CreateRole", {"AssumeRolePolicyDocument": other, "Description": "by hand"}),
        "managed": (FULL, "CreatePolicy", {"PolicyDocument": READS, "Description": "by hand"}),
    }[what]
    assert "exists" in attempt(prepared, lambda: prepared.apply(request_), race={action: race})
    theirs = shape(prepared)
    assert "by hand" in theirs
    if prepared.set_ups():
        prepared.undo()
    assert "by hand" in shape(prepared)
    assert prepared.set_ups() == []


def test_two_at_once_from_two_machines_make_one_and_leave_nothing(prepared, tmp_path, monkeypatch):
    other = tmp_path / "other"
    shutil.copytree(prepared.home, other)
    commands = [("HOME", str(prepared.home)), ("HOME", str(other))]
    argv = [XSWITCH, "delegate", *OPTIONS, "--yes"]
    running = [
        subprocess.Popen(
            argv, env={**prepared.environ, name: home}, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for name, home in commands
    ]
    for process in running:
        process.communicate(timeout=60)
    # Whoever was told that it exists by now does it again.
    for _, home in commands:
        done = run_xswitch("delegate", *OPTIONS, "--yes", env={**prepared.environ, "HOME": home})
        assert done.returncode == 0, done.stderr
    for _, home in commands:
        done = run_xswitch("delegate", "undo", "prod", "--yes", env={**prepared.environ, "HOME": home})
        assert done.returncode == 0 or "no delegation called prod" in done.stderr, done.stderr
    assert prepared.server.dump(DEV, PROD) == {DEV: prepared.before[DEV], PROD: prepared.before[PROD]}


def test_two_at_once_on_one_machine_do_not_mix(prepared):
    prepared.control(hold={"CreateRole": "before"})
    argv = [XSWITCH, "delegate", *OPTIONS, "--yes"]
    with subprocess.Popen(
        argv, env=prepared.environ, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as one:
        prepared.server.until_held()
        done = run_xswitch(*argv[1:], env=prepared.environ)
        assert done.returncode == 1
        assert f"another xswitch (process {one.pid}) is at a delegation" in done.stderr
        one.kill()
    prepared.control()
    take_down(prepared)


# --- what others have done since -----------------------------------------------------------------


def retrust(accounts):
    trust = document(Action="sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{DEV}:root"})
    accounts.iam(PROD).update_assume_role_policy(**ROLE, PolicyDocument=trust)


def give_role_more(accounts):
    accounts.iam(PROD).attach_role_policy(**ROLE, PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")


def give_role_a_document(accounts):
    accounts.iam(PROD).put_role_policy(**ROLE, PolicyName="more", PolicyDocument=READS)


def change_the_document(accounts):
    accounts.iam(PROD).put_role_policy(
        **ROLE, PolicyName="CrossAccountReader-permissions", PolicyDocument=READS
    )


def change_the_grant(accounts):
    accounts.iam(DEV).put_user_policy(
        UserName="dev", PolicyName=GRANT.rpartition("/")[2], PolicyDocument=READS
    )


def change_the_managed_grant(accounts):
    accounts.iam(DEV).create_policy_version(PolicyArn=GRANT, PolicyDocument=READS, SetAsDefault=True)


def give_the_grant_to_another(accounts):
    accounts.iam(DEV).attach_user_policy(UserName="admin", PolicyArn=GRANT)


def change_the_profile(accounts):
    path = accounts.home / ".aws/config"
    path.write_text(path.read_text().replace("role/CrossAccountReader", "role/Other"))


def let_a_profile_need_it(accounts):
    accounts.add("further", role_arn=f"arn:aws:iam::{PROD}:role/X", source_profile="prod")


def use_the_role_in_an_instance(accounts):
    accounts.iam(PROD).create_instance_profile(InstanceProfileName="i")
    accounts.iam(PROD).add_role_to_instance_profile(InstanceProfileName="i", **ROLE)


@pytest.mark.parametrize(
    ("request_", "change"),
    [
        *((PLAIN, each) for each in (retrust, give_role_more, give_role_a_document, change_the_grant)),
        *((PLAIN, each) for each in (change_the_profile, let_a_profile_need_it, use_the_role_in_an_instance)),
        *(
            (FULL, each)
            for each in (change_the_document, change_the_managed_grant, give_the_grant_to_another)
        ),
    ],
)
def test_what_others_have_changed_since_is_told_and_nothing_at_all_is_touched(prepared, request_, change):
    prepared.apply(request_)
    change(prepared)
    theirs = prepared.everything()
    assert attempt(prepared, prepared.undo)
    assert prepared.changes() == []
    assert prepared.everything() == theirs
    assert prepared.set_ups() == ["prod"]


def remake_the_role(accounts):
    iam = accounts.iam(PROD)
    trust = accounts.server.dump(PROD)[PROD]["aws"]["roles"]["CrossAccountReader"]["trust"]
    iam.detach_role_policy(**ROLE, PolicyArn=READ_ONLY)
    iam.delete_role(**ROLE)
    iam.create_role(**ROLE, AssumeRolePolicyDocument=json.dumps(trust), Description="theirs")


def test_a_role_of_the_same_name_that_others_have_made_since_stays(prepared):
    prepared.apply()
    remake_the_role(prepared)
    theirs = prepared.server.dump(PROD)
    prepared.undo()
    assert prepared.server.dump(PROD) == theirs
    assert prepared.server.dump(DEV)[DEV] == prepared.before[DEV]
    assert prepared.set_ups() == []


def test_a_policy_of_the_same_name_that_others_have_made_since_stays(prepared):
    prepared.apply(FULL)
    iam = prepared.iam(DEV)
    iam.detach_group_policy(GroupName="Developers", PolicyArn=GRANT)
    iam.delete_policy(PolicyArn=GRANT)
    iam.create_policy(PolicyName=GRANT.rpartition("/")[2], PolicyDocument=READS, Description="theirs")
    theirs = prepared.server.dump(DEV)
    prepared.undo()
    assert prepared.server.dump(DEV) == theirs
    assert prepared.server.dump(PROD)[PROD] == prepared.before[PROD]


@pytest.mark.parametrize("request_", [PLAIN, FULL], ids=["plain", "full"])
def test_what_others_have_taken_down_since_is_gone_and_the_rest_goes_too(prepared, request_):
    prepared.apply(request_)
    iam = prepared.iam(PROD)
    if request_ is PLAIN:
        iam.detach_role_policy(**ROLE, PolicyArn=READ_ONLY)
    else:
        iam.delete_role_policy(**ROLE, PolicyName="CrossAccountReader-permissions")
    iam.delete_role(**ROLE)
    take_down(prepared)


def test_a_user_who_is_gone_takes_nothing_along(prepared):
    prepared.apply()
    iam = prepared.iam(DEV)
    iam.delete_user_policy(UserName="dev", PolicyName=GRANT.rpartition("/")[2])
    iam.remove_user_from_group(GroupName="Developers", UserName="dev")
    key = prepared.server.dump(DEV)[DEV]["aws"]["users"]["dev"]["keys"][0]
    iam.delete_access_key(UserName="dev", AccessKeyId=key)
    iam.delete_user(UserName="dev")
    prepared.undo()
    assert prepared.server.dump(PROD)[PROD] == prepared.before[PROD]
    assert prepared.set_ups() == []


def test_a_role_with_the_same_policy_that_others_have_made_since_keeps_it(prepared):
    prepared.apply()
    remake_the_role(prepared)
    prepared.iam(PROD).attach_role_policy(**ROLE, PolicyArn=READ_ONLY)
    theirs = prepared.server.dump(PROD)
    prepared.undo()
    assert prepared.server.dump(PROD) == theirs
    assert prepared.set_ups() == []


def test_a_role_with_the_same_document_that_others_have_made_since_keeps_it(prepared):
    prepared.apply(FULL)
    iam = prepared.iam(PROD)
    trust = prepared.server.dump(PROD)[PROD]["aws"]["roles"]["CrossAccountReader"]["trust"]
    iam.delete_role_policy(**ROLE, PolicyName="CrossAccountReader-permissions")
    iam.delete_role(**ROLE)
    iam.create_role(**ROLE, Path="/team/", AssumeRolePolicyDocument=json.dumps(trust), Description="theirs")
    iam.put_role_policy(
        **ROLE, PolicyName="CrossAccountReader-permissions", PolicyDocument=FULL.policy_document
    )
    theirs = prepared.server.dump(PROD)
    prepared.undo()
    assert prepared.server.dump(PROD) == theirs


def test_a_policy_that_others_have_made_since_and_given_to_the_same_stays_theirs(prepared):
    prepared.apply(FULL)
    iam = prepared.iam(DEV)
    there = prepared.server.dump(DEV)[DEV]["aws"]["policies"][GRANT]["versions"]["v1"]["document"]
    iam.detach_group_policy(GroupName="Developers", PolicyArn=GRANT)
    iam.delete_policy(PolicyArn=GRANT)
    name = GRANT.rpartition("/")[2]
    iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(there), Description="theirs")
    iam.attach_group_policy(GroupName="Developers", PolicyArn=GRANT)
    theirs = prepared.server.dump(DEV)
    prepared.undo()
    assert prepared.server.dump(DEV) == theirs


@pytest.mark.parametrize(
    ("request_", "change"),
    [
        *((PLAIN, each) for each in (retrust, change_the_grant)),
        *((FULL, each) for each in (retrust, change_the_document, change_the_managed_grant)),
        *((PLAIN, each) for each in (change_the_profile,)),
    ],
)
def test_what_was_made_changed_by_others_and_set_right_again_is_taken_down_whole(prepared, request_, change):
    prepared.apply(request_)
    whole = shape(prepared)
    change(prepared)
    said = attempt(prepared, lambda: prepared.apply(request_))
    assert "differs" in said
    # The versions of a managed policy are counted on.
    complete(prepared, request_, None if change is change_the_managed_grant else whole, update=True)
    take_down(prepared)


# --- what is not as the journal has it -----------------------------------------------------------


def test_a_session_of_a_role_that_others_have_made_anew_is_not_used(prepared):
    prepared.apply()
    remake_the_role(prepared)
    prepared.iam(PROD).attach_role_policy(**ROLE, PolicyArn=READ_ONLY)
    identity = prepared.apply()
    assert identity.arn.startswith(f"arn:aws:sts::{PROD}:assumed-role/CrossAccountReader/")


def test_a_profile_that_is_in_another_account_by_now_takes_nothing_down(prepared):
    prepared.apply()
    path = prepared.home / ".aws/credentials"
    text = path.read_text()
    path.write_text(
        text.replace("[prod-admin]", "[x]").replace("[dev-admin]", "[prod-admin]") + "[dev-admin]\n"
    )
    theirs = prepared.everything()
    assert f"prod-admin is in the account {DEV}, not in {PROD}" in attempt(prepared, prepared.undo)
    assert prepared.changes() == []
    path.write_text(text)
    assert theirs[PROD] == prepared.everything()[PROD]
    take_down(prepared)


def test_where_nothing_can_be_written_down_nothing_is_made(prepared):
    state = prepared.home / ".local/state/xswitch"
    state.mkdir(parents=True)
    (state / "delegations").write_text("a file where the journals' folder should be")
    assert attempt(prepared, prepared.apply)
    assert prepared.changes() == []
    assert prepared.everything() == prepared.before


# --- odd names and files -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "path", "user", "profile"),
    [
        ("a+b=c,d.e@f-g_h", "/a/!x~/", "x=y,z@w+1", "my prod"),
        ("R" * 64, "/", "u" * 64, "ümlaut"),
        ("r", f"/{'p' * 200}/", "u", "a.b/c:d@e"),
    ],
)
def test_odd_names_are_set_up_and_taken_down(prepared, role, path, user, profile):
    key, secret = prepared.server.create_user(DEV, user)
    prepared.add("odd", aws_access_key_id=key, aws_secret_access_key=secret, region="us-east-1")
    prepared.before = prepared.everything()
    # moto takes what stands in a policy for a pattern.
    prepared.server.control(trust=True, invalid_principals=True)
    request = wanted(role=role, path=path, principal=Principal("user", user), profile=profile, source="odd")
    for each in (request, replace(request, managed=True)):
        identity = prepared.apply(each)
        assert identity.arn.startswith(f"arn:aws:sts::{PROD}:assumed-role/{role}/")
        assert prepared.set_ups() == [profile]
        prepared.undo(profile)
        assert prepared.everything() == prepared.before


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text + "\n\n# the end\n\n",
        lambda text: text + "\n[profile  last ]\n\tregion = us-east-1",
    ],
    ids=["no last newline", "crlf", "comment", "tab"],
)
def test_every_line_of_the_config_file_is_as_it_was(prepared, change):
    path = prepared.home / ".aws/config"
    text = change(path.read_bytes().decode())
    path.write_bytes(text.encode())
    prepared.apply()
    prepared.undo()
    # Only the newlines at its very end may be fewer or more.
    assert path.read_bytes().decode().rstrip("\r\n") == text.rstrip("\r\n")


def test_without_a_config_file_there_is_none_afterwards_or_an_empty_one(prepared):
    path = prepared.home / ".aws/config"
    credentials = prepared.home / ".aws/credentials"
    path.unlink()
    credentials.write_text(credentials.read_text().replace("]\n", "]\nregion = us-east-1\n"))
    prepared.apply()
    prepared.undo()
    assert not path.exists() or path.read_text() == ""
