"""What hurts a delegation from outside: edited profiles, damaged journals, odd answers, readers who leave."""

from __future__ import annotations

import copy
import json
import subprocess

import pytest
from delegating import DENIED, DEV, OPTIONS, PROD, READ_ONLY, Patient, document, wanted
from running import XSWITCH, Terminal

from xswitch.delegation.record import Records
from xswitch.delegation.request import Principal
from xswitch.editing.operation import FieldError
from xswitch.errors import XswitchError
from xswitch.locations import Locations

pytest_plugins = ["delegating_setup"]
pytestmark = pytest.mark.slow

ROLE = "CrossAccountReader"
THEIRS = document(Principal={"AWS": f"arn:aws:iam::{DEV}:user/admin"}, Action="sts:AssumeRole")


def journal(accounts):
    (file,) = (accounts.home / ".local/state/xswitch/delegations").glob("*.json")
    return file


# --- profiles that were edited since --------------------------------------------------------------


def test_a_profile_that_was_given_keys_since_is_not_removed(accounts):
    accounts.apply()
    credentials = accounts.home / ".aws/credentials"
    keys = "[prod]\naws_access_key_id = AKIAMINE\naws_secret_access_key = mine\n"
    credentials.write_text(credentials.read_text() + keys)
    before = accounts.everything()
    with pytest.raises(XswitchError, match="was changed since"):
        accounts.undo()
    assert accounts.everything() == before


def test_where_the_profile_of_an_account_is_called_otherwise_another_one_is_named(accounts):
    accounts.apply()
    config, credentials = (accounts.home / ".aws" / name for name in ("config", "credentials"))
    for file in (config, credentials):
        file.write_text(file.read_text().replace("prod-admin", "prod-root"))
    undone = accounts.delegate("undo", "prod", "--yes")
    assert undone.returncode == 1
    assert "--trusting" in undone.stderr
    wrong = accounts.delegate("undo", "prod", "--yes", "--trusting", "dev-admin")
    assert f"not in {PROD}" in wrong.stderr
    done = accounts.delegate("undo", "prod", "--yes", "--trusting", "prod-root")
    assert done.returncode == 0, done.stderr
    for file in (config, credentials):
        file.write_text(file.read_text().replace("prod-root", "prod-admin"))
    assert accounts.everything() == accounts.before


def test_a_profile_that_was_renamed_stays_and_is_told_of(accounts):
    accounts.apply()
    config = accounts.home / ".aws/config"
    config.write_text(config.read_text().replace("[profile prod]", "[profile mine]"))
    done = accounts.delegate("undo", "prod", "--yes")
    assert done.returncode == 0
    assert "mine still names the role" in done.stderr
    assert "[profile mine]" in config.read_text()


def test_a_profile_that_is_in_another_account_now_makes_nothing_there(accounts):
    accounts.control(fail={"PutUserPolicy": DENIED})
    with pytest.raises(XswitchError):
        accounts.apply()
    accounts.control()
    third = "565656565656"
    key, secret = accounts.server.create_user(third, "admin")
    accounts.server.iam(third).put_user_policy(
        UserName="admin", PolicyName="everything", PolicyDocument=document(Action="*", Resource="*")
    )
    credentials = accounts.home / ".aws/credentials"
    there = credentials.read_text()
    moved = f"[prod-admin]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
    credentials.write_text(moved + there[there.index("[dev-admin]") :])
    accounts.server.forget()
    with pytest.raises(XswitchError, match="other choices"):
        accounts.apply()
    assert accounts.changes() == []
    accounts.server.empty(third)
    credentials.write_text(there)
    accounts.undo()
    assert accounts.everything() == accounts.before


# --- what may not be seen, and what may not be touched --------------------------------------------


def test_an_attachment_that_nobody_could_see_before_is_left(accounts):
    accounts.iam(PROD).create_role(
        RoleName=ROLE,
        AssumeRolePolicyDocument=document(
            Principal={"AWS": f"arn:aws:iam::{DEV}:user/dev"}, Action="sts:AssumeRole"
        ),
        MaxSessionDuration=7200,  # longer than is wanted: as good
    )
    accounts.iam(PROD).attach_role_policy(RoleName=ROLE, PolicyArn=READ_ONLY)
    accounts.before = accounts.everything()
    accounts.control(fail={"ListAttachedRolePolicies": DENIED})
    accounts.apply()
    accounts.apply()
    accounts.control()
    accounts.undo()
    assert ("role-policy", "left", "") in accounts.steps
    assert accounts.everything() == accounts.before


def test_the_description_of_a_role_that_is_changed_stays(accounts):
    trust = document(Principal={"AWS": f"arn:aws:iam::{DEV}:user/dev"}, Action="sts:AssumeRole")
    accounts.iam(PROD).create_role(
        RoleName=ROLE, AssumeRolePolicyDocument=trust, Description="somebody's own"
    )
    accounts.before = accounts.everything()
    accounts.apply(wanted(seconds=7200), update=True)
    role = accounts.iam(PROD).get_role(RoleName=ROLE)["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("somebody's own", 7200)
    accounts.undo()
    assert accounts.everything() == accounts.before


def test_a_role_that_allows_longer_sessions_keeps_them_and_a_tag_in_other_letters_comes_back(accounts):
    accounts.iam(PROD).create_role(
        RoleName=ROLE,
        AssumeRolePolicyDocument=THEIRS,
        MaxSessionDuration=43200,
        Tags=[{"Key": "Env", "Value": "prod"}, {"Key": "Team", "Value": "theirs"}],
    )
    accounts.before = accounts.everything()
    accounts.apply(wanted(tags={"Team": "ours"}), update=True)
    role = accounts.iam(PROD).get_role(RoleName=ROLE)["Role"]
    assert role["MaxSessionDuration"] == 43200
    assert {tag["Key"]: tag["Value"] for tag in role["Tags"]} == {"Env": "prod", "Team": "ours"}
    accounts.undo()
    assert accounts.everything() == accounts.before


def test_an_update_that_was_interrupted_is_gone_on_with_without_being_told_again(accounts):
    accounts.iam(PROD).create_role(RoleName=ROLE, AssumeRolePolicyDocument=THEIRS)
    accounts.before = accounts.everything()
    accounts.control(fail={"UpdateAssumeRolePolicy": DENIED})
    with pytest.raises(XswitchError, match="UpdateAssumeRolePolicy"):
        accounts.apply(update=True)
    accounts.control()
    accounts.apply()
    accounts.undo()
    assert accounts.everything() == accounts.before


def test_a_profile_that_the_others_get_their_credentials_from_is_not_written_over(accounts):
    config = accounts.home / ".aws/config"
    hop = f"[profile hop]\nrole_arn = arn:aws:iam::{DEV}:role/Hop\nsource_profile = dev-admin\n"
    hops = f"[profile hops]\nrole_arn = arn:aws:iam::{PROD}:role/Hops\nsource_profile = hop\n"
    config.write_text(config.read_text() + hop + hops)
    with pytest.raises(FieldError, match="gets its credentials from it"):
        accounts.delegating().plan(wanted(trusting="hops", profile="hop"))


def test_the_role_of_a_permission_set_is_not_to_be_changed(accounts):
    accounts.iam(DEV).create_role(
        RoleName="AWSReservedSSO_Dev_0123456789abcdef",
        Path="/aws-reserved/sso.amazonaws.com/",
        AssumeRolePolicyDocument=document(Principal={"AWS": "*"}, Action="sts:AssumeRole"),
    )
    with pytest.raises(FieldError, match="nobody else may change it"):
        accounts.delegating().plan(wanted(principal=Principal("role", "AWSReservedSSO_Dev_0123456789abcdef")))


def test_a_user_who_is_not_in_the_group_is_noted(accounts):
    accounts.iam(DEV).create_group(GroupName="Developers")
    plan = accounts.delegating().plan(wanted(group="Developers"))
    assert any("is not in the group" in note for note in plan.notes)
    accounts.iam(DEV).add_user_to_group(GroupName="Developers", UserName="dev")
    assert accounts.delegating().plan(wanted(group="Developers")).notes == []


def test_an_own_policy_is_found_by_its_name_whatever_its_path(accounts):
    created = accounts.iam(PROD).create_policy(
        PolicyName="Own", Path="/team/", PolicyDocument=document(Action="iam:ListRoles", Resource="*")
    )
    plan = accounts.delegating().plan(wanted(policy="Own"))
    assert plan.blueprint.policy_arn == created["Policy"]["Arn"]


def test_what_works_is_not_offered_to_be_taken_down_when_a_later_try_fails(accounts):
    accounts.apply()
    working = accounts.everything()
    accounts.control(fail={"AssumeRole": {"status": 400, "code": "ValidationError", "message": "no"}})
    for more, says in ((), "AWS refused AssumeRole"), (("--policy", "PowerUserAccess"), "with other choices"):
        terminal = Terminal([XSWITCH, "delegate", *OPTIONS, *more], accounts.environ)
        assert terminal.end() == 1
        assert says in terminal.text
        assert "take back" not in terminal.text
    accounts.control()
    assert accounts.everything() == working


def test_what_would_be_refused_is_before_anybody_is_asked(accounts):
    accounts.apply()
    terminal = Terminal([XSWITCH, "delegate", *OPTIONS, "--tags", "Team=platform"], accounts.environ)
    assert terminal.end() == 1
    assert "with other choices" in terminal.text
    assert "do this in" not in terminal.text


def test_the_session_of_the_new_profile_goes_with_it(accounts):
    cache = accounts.home / ".aws/cli/cache"
    accounts.apply()
    assert len(list(cache.iterdir())) == 1
    accounts.undo()
    assert not list(cache.iterdir())


def test_a_user_of_the_same_name_that_was_made_since_keeps_what_is_his(accounts):
    accounts.apply()
    (name,) = accounts.iam(DEV).list_user_policies(UserName="dev")["PolicyNames"]
    text = json.dumps(accounts.iam(DEV).get_user_policy(UserName="dev", PolicyName=name)["PolicyDocument"])
    accounts.iam(DEV).delete_user_policy(UserName="dev", PolicyName=name)
    for key in accounts.iam(DEV).list_access_keys(UserName="dev")["AccessKeyMetadata"]:
        accounts.iam(DEV).delete_access_key(UserName="dev", AccessKeyId=key["AccessKeyId"])
    accounts.iam(DEV).delete_user(UserName="dev")
    accounts.iam(DEV).create_user(UserName="dev")
    accounts.iam(DEV).put_user_policy(UserName="dev", PolicyName=name, PolicyDocument=text)
    accounts.undo()
    assert accounts.iam(DEV).list_user_policies(UserName="dev")["PolicyNames"] == [name]
    assert ("trusted-policy", "gone", "") in accounts.steps


def test_a_role_of_others_that_is_put_back_by_hand_keeps_nothing_of_ours(accounts):
    accounts.iam(PROD).create_role(RoleName=ROLE, AssumeRolePolicyDocument=THEIRS)
    accounts.before = accounts.everything()
    accounts.apply(update=True)
    accounts.iam(PROD).update_assume_role_policy(RoleName=ROLE, PolicyDocument=THEIRS)
    accounts.undo()
    assert accounts.everything() == accounts.before


def test_where_it_is_known_that_nobody_can_get_in_nothing_is_waited_for_and_the_reason_is_said(accounts):
    person = Patient()
    with pytest.raises(XswitchError) as caught:
        accounts.apply(wanted(source="dev-admin"), person)
    assert "does not trust" in caught.value.hint
    assert not any(person.pauses)
    accounts.undo()
    assert accounts.everything() == accounts.before


def test_a_session_of_another_role_is_not_taken_for_it(accounts):
    accounts.apply()
    who = f"<Arn>arn:aws:sts::{PROD}:assumed-role/Other/x</Arn><Account>{PROD}</Account><UserId>x</UserId>"
    delegating = accounts.delegating()
    plan = delegating.plan(wanted())
    accounts.control(answer=answer("GetCallerIdentity", who))
    with pytest.raises(XswitchError, match="which is not the role"):
        delegating.apply(plan, lambda *_: None)
    accounts.control()
    accounts.undo()


def test_a_role_whose_only_principal_was_deleted_is_taken_down(accounts):
    accounts.apply()
    gone = document(Principal={"AWS": "AIDAEXAMPLEEXAMPLE"}, Action="sts:AssumeRole")
    accounts.iam(PROD).update_assume_role_policy(RoleName=ROLE, PolicyDocument=gone)
    accounts.undo()
    assert accounts.everything() == accounts.before


def test_who_may_not_look_after_an_unanswered_call_loses_no_journal(accounts):
    accounts.control(cut={"CreateRole": {"times": 99}}, fail={"GetRole": DENIED})
    for _ in range(2):
        with pytest.raises(XswitchError):
            accounts.apply()
        assert accounts.set_ups() == ["prod"]
        accounts.control(fail={"GetRole": DENIED})
    accounts.control()
    accounts.undo()
    assert accounts.everything() == accounts.before


# --- journals -------------------------------------------------------------------------------------


def paths(value, path=()):
    """Yield the path of every value in JSON data."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from paths(inner, (*path, key))


def changed(data, path, value):
    """Return the data with another value in one place; without it where that is None."""
    data = copy.deepcopy(data)
    holder = data
    for key in path[:-1]:
        holder = holder[key]
    if value is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return data


def test_a_journal_that_is_damaged_anywhere_is_no_fault_and_nothing_of_others_is_touched(accounts):
    accounts.apply(wanted(external_id="ext-1", tags={"a": "b"}))
    file = journal(accounts)
    whole = json.loads(file.read_text())
    others = accounts.iam(PROD)
    others.create_role(
        RoleName="Theirs", AssumeRolePolicyDocument=document(Principal={"AWS": "*"}, Action="sts:AssumeRole")
    )
    others.attach_role_policy(RoleName="Theirs", PolicyArn=READ_ONLY)
    theirs = accounts.server.dump(PROD)[PROD]["aws"]["roles"]["Theirs"]
    delegating = accounts.delegating()
    for path in paths(whole):
        for value in (None, 5, float("inf"), "\x1b[31mTheirs", "Theirs", [], {}):
            file.write_text(json.dumps(changed(whole, path, value)))
            try:
                sentences = delegating.undo_plan("prod")
            except XswitchError as error:
                sentences = [str(error)]
            assert all(sentence.isprintable() for sentence in sentences), (path, value)
    # A journal that names another role than it made finds that this one is not its own.
    text = json.dumps(whole).replace(ROLE, "Theirs")
    file.write_text(text)
    with pytest.raises(XswitchError, match="was changed since"):
        accounts.undo()
    assert accounts.server.dump(PROD)[PROD]["aws"]["roles"]["Theirs"] == theirs
    file.write_text("{")
    listed = accounts.delegate("list", "--json")
    assert (listed.returncode, listed.stdout) == (1, "[]\n")
    assert "is not what xswitch wrote" in listed.stderr
    file.write_text(json.dumps(whole))
    accounts.undo()
    others.detach_role_policy(RoleName="Theirs", PolicyArn=READ_ONLY)
    others.delete_role(RoleName="Theirs")
    assert accounts.everything() == accounts.before


# --- odd answers ----------------------------------------------------------------------------------


def answer(action, body):
    text = f"<{action}Response><{action}Result>{body}</{action}Result></{action}Response>"
    return {action: {"status": 200, "body": text, "headers": {"Content-Type": "text/xml"}}}


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("GetCallerIdentity", ""),
        ("GetCallerIdentity", "<Arn>x</Arn><Account>x</Account><UserId>x</UserId>"),
        ("GetCallerIdentity", "<Arn>arn:aws:iam::3:user/x</Arn><Account>3&#x202e;</Account><UserId/>"),
        ("GetUser", ""),
        ("GetUser", "<User></User>"),
        ("GetUser", "<User><Arn>*</Arn></User>"),
        ("GetUser", f"<User><Arn>arn:aws:iam::{PROD}:user/dev</Arn></User>"),
        ("GetPolicy", ""),
        ("GetRole", ""),
        ("GetRole", "<Role></Role>"),
        ("GetRole", "<Role><Arn>x</Arn><RoleId>x</RoleId></Role>"),
        ("ListAttachedRolePolicies", "<AttachedPolicies><member></member></AttachedPolicies>"),
        ("GetUserPolicy", ""),
        ("GetUserPolicy", f"<PolicyDocument>{'[' * 5000}{']' * 5000}</PolicyDocument>"),
        ("GetUserPolicy", "<PolicyDocument>%1b%5b31m</PolicyDocument>"),
        ("GetUserPolicy", "not XML <"),
    ],
)
def test_an_answer_that_is_none_of_awss_is_a_sentence_or_something_that_differs(accounts, action, body):
    accounts.control(answer=answer(action, body))
    done = accounts.delegate(*OPTIONS, "--plan")
    assert done.returncode in {0, 1}
    assert "fault" not in done.stderr
    assert done.stderr.count("\n") == done.returncode
    assert (done.stdout + done.stderr).replace("\n", "").isprintable()
    assert '"AWS": "*"' not in done.stdout
    accounts.control()


# --- readers who leave ----------------------------------------------------------------------------


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_who_leaves_does_not_stop_the_work_half_way(accounts, stream):
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: subprocess.PIPE}
    process = subprocess.Popen(
        [XSWITCH, "delegate", *OPTIONS, "--yes"],
        env=accounts.environ,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        **streams,
    )
    getattr(process, stream).close()
    process.wait(60)
    assert [each.is_verified for each in Records(Locations(accounts.environ)).all()] == [True]
    accounts.undo()
    assert accounts.everything() == accounts.before
