"""Delegation without AWS: what may be asked for, the documents that come of it, and the journal."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xswitch.delegation.blueprint import Attachment, Found, Party, draw
from xswitch.delegation.checks import (
    check_path,
    check_permission_set,
    check_policy,
    check_policy_document,
    check_role,
    check_tags,
    check_user,
    parse_tags,
    proposed_role,
)
from xswitch.delegation.comparing import difference, is_same
from xswitch.delegation.lookup import principal_of
from xswitch.delegation.record import CREATED, UPDATED, Records
from xswitch.delegation.request import Principal, Request, new_external_id, request_from
from xswitch.delegation.widening import warnings_of
from xswitch.editing.operation import FieldError
from xswitch.errors import XswitchError
from xswitch.locations import Locations

DEV, PROD = "111111111111", "222222222222"
REQUEST = Request(
    trusting="prod-admin",
    trusted="dev",
    principal=Principal("user", "bob"),
    role="CrossAccountReadOnly",
    profile="prod",
    require_mfa=True,
)


def blueprint(partition="aws", principal="user/bob", policy="ReadOnlyAccess", is_chained=False, **changes):
    request = replace(REQUEST, **changes)
    parties = [
        Party(profile, account, f"arn:{partition}:iam::{account}:user/admin")
        for profile, account in (("prod-admin", PROD), ("dev", DEV))
    ]
    found = Found(
        f"arn:{partition}:iam::{DEV}:{principal}",
        f"arn:{partition}:iam::aws:policy/{policy}",
        f"arn:{partition}:iam::{DEV}:mfa/bob",
        "eu-west-1",
    )
    return draw(request, *parties, found, is_chained=is_chained)


def policy(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


NESTED = {"a": "b"}
for _ in range(600):
    NESTED = {"a": NESTED}
TWICE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "a", "Effect": "Allow", "Action": "a:b", "Resource": "*"}] * 2,
    }
)


# --- what may be asked for ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (check_role, "CrossAccount_Power+User=1,a.b@c-d"),
        (check_role, "R" * 64),
        (check_user, "team/sub/bob"),
        (check_path, "/"),
        (check_path, "/team/a!b/"),
        (check_policy, "ReadOnlyAccess"),
        (check_policy, "job-function/Billing"),
        (check_policy, "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"),
        (check_policy, "arn:aws:iam::222222222222:policy/team/Own"),
        (check_permission_set, "PowerUserAccess"),
        (check_tags, ""),
        (check_tags, "Team=platform,Env="),
        (check_policy_document, policy(Action="s3:GetObject", Resource="*")),
        (
            check_policy_document,
            policy(NotAction=["iam:*"], NotResource=["arn:aws:s3:::x"], Condition={}, Sid="a"),
        ),
    ],
)
def test_what_aws_takes_is_fine(check, text):
    assert check(text) == ""


@pytest.mark.parametrize(
    ("check", "text", "says"),
    [
        (check_role, "", "needs a name"),
        (check_role, "R" * 65, "at most 64"),
        (check_role, "a b", "letters, digits"),
        (check_role, "a/b", "letters, digits"),
        (check_role, "Rôle", "letters, digits"),
        (check_user, "team//bob", "begins and ends"),
        (check_path, "team/", "begins and ends"),
        (check_path, "/a b/", "begins and ends"),
        (check_path, f"/{'x' * 511}/", "512"),
        (check_policy, "", "name a policy"),
        (check_policy, "arn:aws:iam::aws:role/x", "ARN"),
        (check_permission_set, "P" * 33, "32"),
        (check_tags, "Team", "NAME=VALUE"),
        (check_tags, "a=1,a=2", "twice"),
        (check_tags, "aws:x=1", "no tag can"),
        (check_tags, "a=\x1b[2J", "does not take"),
        (check_policy_document, "{", "not JSON (line 1)"),
        (check_policy_document, "[]", "JSON object"),
        (check_policy_document, "{}", "Version"),
        (check_policy_document, '{"Version": "2012-10-17", "Statement": []}', "at least one"),
        (check_policy_document, '{"Version": "2012-10-17", "Version": "x"}', "twice"),
        (check_policy_document, '{"Version": "2012-10-17", "Statment": {}}', "Statment"),
        (check_policy_document, policy(Action="s3:*"), "Resource"),
        (check_policy_document, policy(Action=[], Resource="*"), "Action is"),
        (check_policy_document, policy(Action="a:b", NotAction="a:c", Resource="*"), "either Action"),
        (check_policy_document, policy(Action="a:b", Resource="*", Principal="*"), "Principal"),
        (check_policy_document, policy(Action="a:b", Resource="*", Efect=1), "Efect"),
        (check_policy_document, policy(Action="a:b", Resource="arn:aws:s3:::x" + "y" * 11000), "10,240"),
        (check_policy_document, policy(Action="a:b", Resource="x"), "an ARN"),
        (check_policy_document, policy(Action="delete", Resource="*"), "service:Name"),
        (check_policy_document, policy(Action="a:b", Resource="*", Sid="a b"), "Sid"),
        (check_policy_document, policy(Action="a:b", Resource="*", Condition=NESTED), "nested deeper"),
        (
            check_policy_document,
            policy(Action="a:b", Resource="*", Condition={"x": float("nan")}),
            "not JSON",
        ),
        (check_policy_document, TWICE, "twice"),
        (check_policy_document, "\ufeff{}", "byte order mark"),
        (check_path, "/team*/", "begins and ends"),
        (check_tags, "A=1,a=2", "twice"),
        (check_tags, "a=x\ny", "does not take"),
        (check_policy_document, "[" * 100_000, "not JSON"),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, str) else None,
)
def test_what_aws_would_refuse_is_said_before(check, text, says):
    assert says in check(text)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("trusting", {"trusting": ""}),
        ("principal", {"principal": Principal("user", "")}),
        ("principal", {"principal": Principal("group", "devs")}),
        ("principal", {"principal": Principal("user", f"arn:aws:iam::{DEV}:role/x")}),
        ("role", {"role": "a b"}),
        ("profile", {"profile": "a]b"}),
        ("external_id", {"external_id": "a b"}),
        ("seconds", {"seconds": 60}),
        ("seconds", {"seconds": 50_000}),
        ("mfa_age", {"mfa_age": 1}),
        ("require_mfa", {"require_mfa": False, "mfa_age": 3600}),
        ("group", {"group": "devs", "user": "bob", "principal": Principal("account")}),
        ("group", {"group": "devs", "principal": Principal("role", "x"), "require_mfa": False}),
        ("require_mfa", {"principal": Principal("role", "x")}),
        ("require_mfa", {"principal": Principal("sso", "x")}),
        ("profile", {"profile": "prod-admin"}),
        ("profile", {"profile": "me", "source": "me"}),
        ("profile", {"trusting": "a\u202eb"}),
        ("user", {"user": "ann"}),
        ("region", {"region": "-"}),
    ],
)
def test_a_request_that_cannot_work_names_its_field(field, changes):
    with pytest.raises(FieldError) as caught:
        replace(REQUEST, **changes).check()
    assert caught.value.field == field


def test_tags_are_read_as_they_are_typed():
    assert parse_tags("Team=platform, Env = a=b ,Empty=") == {"Team": "platform", "Env": "a=b", "Empty": ""}


def test_a_role_is_called_after_its_policy():
    assert proposed_role("ReadOnlyAccess") == "CrossAccountReadOnly"
    assert proposed_role("arn:aws:iam::aws:policy/job-function/Billing") == "CrossAccountBilling"
    assert check_role(proposed_role("+".join("x" * 90))) == ""


def test_no_two_external_ids_are_the_same_and_aws_takes_them():
    made = {new_external_id() for _ in range(100)}
    assert len(made) == 100
    replace(REQUEST, external_id=made.pop()).check()


# --- the documents --------------------------------------------------------------------------------


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_every_arn_is_of_the_partition_of_the_accounts(partition):
    drawn = blueprint(partition, path="/team/", managed=True)
    assert drawn.role_arn == f"arn:{partition}:iam::{PROD}:role/team/CrossAccountReadOnly"
    assert drawn.grant["Statement"][0]["Resource"] == drawn.role_arn == drawn.settings["role_arn"]
    assert drawn.trust["Statement"][0]["Principal"] == {"AWS": f"arn:{partition}:iam::{DEV}:user/bob"}
    assert drawn.policy_arn == f"arn:{partition}:iam::aws:policy/ReadOnlyAccess"
    assert drawn.grant_arn == f"arn:{partition}:iam::{DEV}:policy/Assume-CrossAccountReadOnly-in-{PROD}"


def test_the_trust_policy_has_every_condition_that_was_asked_for():
    drawn = blueprint(external_id="ext-1", mfa_age=3600)
    assert drawn.trust == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{DEV}:user/bob"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"sts:ExternalId": "ext-1"},
                    "Bool": {"aws:MultiFactorAuthPresent": "true"},
                    "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
                },
            }
        ],
    }
    assert "Condition" not in blueprint(require_mfa=False).trust["Statement"][0]


def test_a_permission_set_is_trusted_by_the_beginning_of_its_roles_name():
    request = replace(REQUEST, principal=Principal("sso", "Dev"), require_mfa=False)
    parties = [Party(account, account, f"arn:aws:iam::{account}:user/x") for account in (PROD, DEV)]
    drawn = draw(request, *parties, Found(f"arn:aws:iam::{DEV}:root", "arn:aws:iam::aws:policy/x"))
    statement = drawn.trust["Statement"][0]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{DEV}:root"}
    roles = f"arn:aws:iam::{DEV}:role/aws-reserved/sso.amazonaws.com"
    patterns = statement["Condition"]["ArnLike"]["aws:PrincipalArn"]
    for role, is_trusted in {
        f"{roles}/AWSReservedSSO_Dev_0123456789abcdef": True,
        f"{roles}/eu-west-1/AWSReservedSSO_Dev_0123456789abcdef": True,
        f"{roles}/AWSReservedSSO_Dev_Admin_0123456789abcdef": False,
        f"{roles}/eu-west-1/AWSReservedSSO_MyDev_0123456789abcdef": False,
        f"arn:aws:iam::{DEV}:role/AWSReservedSSO_Dev_0123456789abcdef": False,
    }.items():
        assert any(fnmatchcase(role, pattern) for pattern in patterns) == is_trusted, role
    assert drawn.attach is None


def test_the_permission_goes_to_the_principal_or_to_the_group_or_user_that_is_named():
    assert blueprint(principal="user/team/bob").attach == Attachment("user", "bob")
    assert blueprint(group="devs").attach == Attachment("group", "devs")


def test_the_profile_says_what_the_role_asks_for():
    assert blueprint(external_id="ext", seconds=7200, source="me").settings == {
        "role_arn": f"arn:aws:iam::{PROD}:role/CrossAccountReadOnly",
        "source_profile": "me",
        "region": "eu-west-1",
        "external_id": "ext",
        "mfa_serial": f"arn:aws:iam::{DEV}:mfa/bob",
        "duration_seconds": "7200",
    }
    plain = blueprint(require_mfa=False, region="us-east-1").settings
    assert set(plain) == {"role_arn", "source_profile", "region"}
    assert plain["region"] == "us-east-1"


def test_the_role_allows_sessions_as_long_as_the_profile_asks_for_and_an_hour_at_least():
    assert blueprint(seconds=900).max_session_duration == 3600
    assert blueprint(seconds=43200).max_session_duration == 43200


def test_a_role_that_is_assumed_by_a_role_lasts_an_hour_at_most():
    with pytest.raises(FieldError, match="one hour"):
        blueprint(seconds=7200, is_chained=True)
    assert blueprint(seconds=3600, is_chained=True)


def test_both_accounts_are_two_and_of_one_partition():
    parties = [Party(name, PROD, f"arn:aws:iam::{PROD}:user/x") for name in "ab"]
    with pytest.raises(FieldError, match="both profiles are in the account"):
        draw(REQUEST, *parties, Found("", ""))
    china = Party("c", DEV, f"arn:aws-cn:iam::{DEV}:user/x")
    with pytest.raises(FieldError, match="partition"):
        draw(REQUEST, parties[0], china, Found("", ""))


@pytest.mark.parametrize(
    ("arn", "principal"),
    [
        (f"arn:aws:iam::{DEV}:user/team/bob", Principal("user", "team/bob")),
        (f"arn:aws:sts::{DEV}:assumed-role/Deployer/session", Principal("role", "Deployer")),
        (
            f"arn:aws:sts::{DEV}:assumed-role/AWSReservedSSO_Power_User_0123456789abcdef/me@example.com",
            Principal("sso", "Power_User"),
        ),
    ],
)
def test_who_somebody_is_decides_who_is_trusted(arn, principal):
    assert principal_of(arn) == principal


@pytest.mark.parametrize("who", ["iam::1:root", "sts::1:federated-user/bob"])
def test_who_cannot_assume_a_role_is_no_principal(who):
    with pytest.raises(FieldError, match="nobody who can be trusted"):
        principal_of(f"arn:aws:{who}")


# --- what is wide about it ------------------------------------------------------------------------


def test_the_narrowest_request_is_warned_of_nothing():
    assert warnings_of(blueprint()) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"require_mfa": False}, "no MFA is required"),
        ({"policy": "AdministratorAccess"}, "owns the account"),
        ({"policy": "PowerUserAccess"}, "everything but IAM"),
        ({"policy": "AmazonS3FullAccess"}, "everything in its service"),
        ({"seconds": 43200}, "12 hours"),
        ({"policy_document": policy(Action="*", Resource="*")}, "allows *"),
        ({"policy_document": policy(Action=["s3:*"], Resource="a")}, "allows s3:*"),
        ({"policy_document": policy(NotAction="iam:*", Resource="a")}, "NotAction"),
        ({"policy_document": policy(Action="s3:PutObject", Resource="*")}, "every resource"),
    ],
)
def test_each_wider_choice_is_warned_of(changes, says):
    assert [warning for warning in warnings_of(blueprint(**changes)) if says in warning]


def test_trusting_a_whole_account_is_warned_of():
    parties = [Party(account, account, f"arn:aws:iam::{account}:user/x") for account in (PROD, DEV)]
    request = replace(REQUEST, principal=Principal("account"))
    found = Found(f"arn:aws:iam::{DEV}:root", "arn:aws:iam::aws:policy/x", "arn:aws:iam::1:mfa/x")
    assert "whole account" in warnings_of(draw(request, *parties, found))[0]


def test_reading_everything_is_no_wildcard_worth_a_word():
    document = policy(Action=["s3:Get*", "s3:List*", "ec2:DescribeInstances"], Resource="*")
    assert warnings_of(blueprint(policy_document=document)) == []


# --- comparing ------------------------------------------------------------------------------------


def test_documents_that_mean_the_same_are_the_same():
    one = {
        "Statement": {"Action": ["a", "b"], "Principal": {"AWS": "111111111111"}, "Condition": {"Bool": True}}
    }
    other = {
        "Statement": [
            {
                "Condition": {"Bool": "true"},
                "Principal": {"AWS": ["arn:aws:iam::111111111111:root"]},
                "Action": ["b", "a"],
            }
        ]
    }
    assert is_same(one, other)
    assert not is_same(one, {"Statement": {**one["Statement"], "Action": ["a"]}})
    assert not is_same(None, one)
    assert not is_same("{bad", one)


def test_a_difference_shows_both_and_nothing_a_terminal_acts_on():
    lines = difference({"a": "\x1b[2J", "same": 1}, {"a": "new", "same": 1})
    assert [line.text for line in lines if line.kind == "-"] == ['-  "a": "\\u001b[2J",']
    assert [line.text for line in lines if line.kind == "+"] == ['+  "a": "new",']
    assert all(line.text.isprintable() for line in difference("not\x1b JSON", {}))


JSON = st.recursive(
    st.text(max_size=5) | st.booleans() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@given(JSON, JSON)
def test_comparing_is_reflexive_and_symmetric(one, other):
    assert is_same(one, json.loads(json.dumps(one)))
    assert is_same(one, other) == is_same(other, one)


# --- the journal ----------------------------------------------------------------------------------


@pytest.fixture
def records(home):
    return Records(Locations({}))


def test_a_journal_comes_back_as_it_was_written(records, home):
    drawn = blueprint(external_id="ext", tags={"a": "b"}, mfa_age=900)
    record = records.new(drawn)
    entry = record.intend("role", drawn.role_arn, CREATED, {"marker": "m"})
    found = records.get("prod")
    assert found.blueprint == drawn
    assert [each.as_json() for each in found.entries] == [entry.as_json()]
    assert found.entries[0].state == "intended"
    record.finish(entry)
    assert records.get("prod").entries[0].state == "done"
    (file,) = (home / ".local/state/xswitch/delegations").glob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_last_entry_takes_the_journal_with_it(records):
    record = records.new(blueprint())
    record.drop(record.intend("role", "x", CREATED, {"marker": "m"}))
    assert records.find("prod") is None
    with pytest.raises(XswitchError, match="no delegation called prod"):
        records.get("prod")


@pytest.mark.parametrize("name", ["../../../etc/passwd", "a/b", ".", "..", "ü" * 100, "Prod", "x" * 120])
def test_a_journal_stays_in_its_folder_whatever_the_profile_is_called(records, home, name):
    record = records.new(blueprint(profile=name))
    record.intend("role", "x", CREATED, {"marker": "m"})
    assert records.find(name).name == name
    assert [each.name for each in records.all()] == [name]
    assert len(list((home / ".local/state/xswitch/delegations").iterdir())) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"{",
        lambda data: b"[]",
        lambda data: b"\xff" + data,
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b'"created"', b'"stolen"'),
        lambda data: data.replace(b'"seconds": 3600', b'"seconds": "x"'),
        lambda data: data.replace(b'"principal"', b'"principle"'),
        lambda data: b"[" * 100_000,
    ],
)
def test_a_damaged_journal_is_one_sentence_and_stays(records, home, damage):
    records.new(blueprint()).intend("role", "x", CREATED, {"marker": "m"})
    (file,) = (home / ".local/state/xswitch/delegations").glob("*.json")
    file.write_bytes(damage(file.read_bytes()))
    before = file.read_bytes()
    with pytest.raises(XswitchError, match="not what xswitch wrote"):
        records.get("prod")
    assert records.all() == []
    assert file.read_bytes() == before


def test_a_copied_journal_is_not_the_one_of_another_profile(records, home):
    records.new(blueprint()).intend("role", "x", CREATED, {"marker": "m"})
    (file,) = (home / ".local/state/xswitch/delegations").glob("*.json")
    file.with_name("other.json").write_bytes(file.read_bytes())
    assert [record.name for record in records.all()] == ["prod"]
    assert len(records.damaged()) == 1
    with pytest.raises(XswitchError, match="not what xswitch wrote"):
        records.find("other")


@pytest.mark.parametrize(
    ("step", "way", "facts"),
    [
        ("role", CREATED, {}),
        ("role", CREATED, {"marker": "m", "before": {}}),
        ("role", CREATED, {"marker": "m", "role_id": 5}),
        ("role", UPDATED, {"before": {"Trust": {}, "MaxSessionDuration": 1, "Tags": {}}}),
        ("role", UPDATED, {"before": {"Trust": {}}, "role_id": "x"}),
        ("trusted-policy", UPDATED, {"before": "v1", "policy_id": "x", "versions": ["v1"]}),
        ("profile", UPDATED, {"before": "x"}),
    ],
)
def test_an_entry_without_what_undoing_needs_is_no_journal(records, step, way, facts):
    records.new(blueprint()).intend(step, "x", way, facts)
    with pytest.raises(XswitchError, match="not what xswitch wrote"):
        records.find("prod")


def test_a_managed_policy_is_given_back_by_its_versions_only(records):
    drawn = blueprint(managed=True)
    records.new(drawn).intend("trusted-policy", "x", UPDATED, {"before": "v1"})
    with pytest.raises(XswitchError, match="not what xswitch wrote"):
        records.find("prod")
    facts = {"before": "v1", "policy_id": "x", "versions": ["v1"]}
    records.new(drawn).intend("trusted-policy", "x", UPDATED, facts)
    assert records.get("prod").entries[0].facts == facts


def test_what_took_a_while_to_be_made_is_new_when_it_is_done(records):
    record = records.new(blueprint())
    entry = record.intend("role", "x", CREATED, {"marker": "m"})
    entry.at -= 500
    record.finish(entry)
    assert records.get("prod").entries[0].age < 60


def test_one_at_a_time(records):
    with records.locked(), pytest.raises(XswitchError, match="another xswitch"), records.locked():
        pass
    with records.locked():
        pass


def test_a_request_is_data():
    request = replace(REQUEST, tags={"a": "ü"}, principal=Principal("sso", "x"))
    assert request_from(json.loads(json.dumps(request.as_json()))) == request
