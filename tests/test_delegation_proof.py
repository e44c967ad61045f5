"""Access between two accounts, from nothing and back: with the real AWS CLI, where AWS enforces its rules."""

from __future__ import annotations

import json

import pytest
from delegating import DEV, DEVICE, OPTIONS, PROD, READ_ONLY, Accounts, document

pytest_plugins = ["delegating_setup"]
pytestmark = pytest.mark.slow

ROLE = f"arn:aws:iam::{PROD}:role/CrossAccountReader"
SESSION = f"arn:aws:sts::{PROD}:assumed-role/CrossAccountReader/"
PARTS = (*OPTIONS[:4], *OPTIONS[6:10])  # without the principal and its profile
ARN = ("--query", "Arn", "--output", "text")


def done(process):
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


def refused(process, *words):
    assert process.returncode != 0, process.stdout
    for word in words:
        assert word in process.stderr
    return process.stderr


def who(accounts, aws, profile="prod"):
    return accounts.aws(aws, "sts", "get-caller-identity", "--profile", profile, *ARN)


def assume(accounts, aws, profile="dev", *more, role=ROLE):
    which = ("--role-arn", role, "--role-session-name", "me", "--profile", profile)
    return accounts.aws(aws, "sts", "assume-role", *which, *more)


def check_reads_only(accounts, aws):
    """The profile may do what ReadOnlyAccess allows, and nothing else."""
    names = ("--query", "Roles[].RoleName", "--output", "text")
    assert done(accounts.aws(aws, "iam", "list-roles", "--profile", "prod", *names)) == "CrossAccountReader"
    create = accounts.aws(aws, "iam", "create-user", "--user-name", "new", "--profile", "prod")
    refused(create, "AccessDenied", "iam:CreateUser")


def take_down(accounts, name="prod"):
    done(accounts.delegate("undo", name, "--yes"))
    assert accounts.everything() == accounts.before


def test_from_nothing_to_a_role_that_works_and_back(accounts, aws):
    refused(assume(accounts, aws), "AccessDenied")
    refused(who(accounts, aws), "prod")
    assert done(who(accounts, aws, "dev")) == f"arn:aws:iam::{DEV}:user/dev"
    assert done(accounts.set_up()).splitlines()[-1].startswith(SESSION)
    assert done(who(accounts, aws)).startswith(SESSION)
    check_reads_only(accounts, aws)
    refused(accounts.aws(aws, "iam", "list-roles", "--profile", "dev"), "AccessDenied", "iam:ListRoles")
    take_down(accounts)
    refused(assume(accounts, aws), "AccessDenied")
    refused(who(accounts, aws), "prod")


def test_a_second_time_changes_nothing(accounts):
    done(accounts.set_up())
    after = accounts.everything()
    accounts.server.forget()
    assert done(accounts.set_up()).splitlines()[-1].startswith(SESSION)
    assert accounts.changes() == []
    assert accounts.everything() == after
    plan = json.loads(done(accounts.delegate(*OPTIONS, "--plan", "--json")))
    assert {step["status"] for step in plan["steps"]} == {"exists"}
    take_down(accounts)


def test_a_plan_changes_nothing(accounts):
    plan = json.loads(done(accounts.delegate(*OPTIONS, "--plan", "--json")))
    assert [step["status"] for step in plan["steps"]] == ["create"] * 4
    assert (plan["trusting_account"], plan["trusted_account"]) == (PROD, DEV)
    assert accounts.changes() == []
    assert accounts.everything() == accounts.before


def test_without_yes_and_without_a_terminal_nothing_is_done(accounts):
    process = accounts.delegate(*OPTIONS)
    assert process.returncode == 2
    assert "nothing was done" in process.stderr
    assert accounts.everything() == accounts.before


# --- other choices -------------------------------------------------------------------------------


def test_an_external_id_is_made_required_and_given(accounts, aws_v2):
    done(accounts.set_up("--external-id", "generate"))
    assert done(who(accounts, aws_v2)).startswith(SESSION)
    trust = accounts.server.dump(PROD)[PROD]["aws"]["roles"]["CrossAccountReader"]["trust"]
    external_id = trust["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"]
    assert len(external_id) >= 16
    assert external_id not in accounts.before["config"].decode()
    refused(assume(accounts, aws_v2), "AccessDenied")
    refused(assume(accounts, aws_v2, "dev", "--external-id", "guessed"), "AccessDenied")
    done(assume(accounts, aws_v2, "dev", "--external-id", external_id))
    # The same again keeps it.
    accounts.server.forget()
    done(accounts.set_up("--external-id", "generate"))
    assert accounts.changes() == []
    take_down(accounts)


def test_mfa_is_required_and_asked_for(accounts, aws):
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    accounts.iam(DEV).enable_mfa_device(UserName="dev", SerialNumber=DEVICE, **codes)
    accounts.before = accounts.everything()
    done(accounts.set_up("--require-mfa", "--mfa-age", "1h", "--mfa-token", "123456"))
    assert f"mfa_serial = {DEVICE}".encode() in accounts.everything()["config"]
    assert done(who(accounts, aws)).startswith(SESSION)  # the session is where the AWS CLI looks for it
    refused(assume(accounts, aws), "AccessDenied")
    done(assume(accounts, aws, "dev", "--serial-number", DEVICE, "--token-code", "123456"))
    take_down(accounts)


def test_a_managed_policy_for_a_group_a_path_tags_a_document_and_a_longer_session(accounts, aws_v1, tmp_path):
    accounts.iam(DEV).create_group(GroupName="Developers")
    accounts.iam(DEV).add_user_to_group(GroupName="Developers", UserName="dev")
    accounts.before = accounts.everything()
    (tmp_path / "policy.json").write_text(document(Action="iam:ListRoles", Resource="*"))
    options = (
        "--path",
        "/team/x/",
        "--policy",
        str(tmp_path / "policy.json"),
        "--tags",
        "Team=platform,Env=",
    )
    done(accounts.set_up("--managed", "--group", "Developers", "--duration", "2h", *options))
    assert done(who(accounts, aws_v1)).startswith(SESSION)
    check_reads_only(accounts, aws_v1)
    listed = accounts.aws(aws_v1, "iam", "list-users", "--profile", "prod")
    refused(listed, "AccessDenied", "iam:ListUsers")
    role = accounts.server.dump(PROD)[PROD]["aws"]["roles"]["CrossAccountReader"]
    assert role["arn"] == f"arn:aws:iam::{PROD}:role/team/x/CrossAccountReader"
    assert (role["seconds"], role["tags"]) == (7200, [["Env", ""], ["Team", "platform"]])
    arn = f"arn:aws:iam::{DEV}:policy/Assume-CrossAccountReader-in-{PROD}"
    assert accounts.server.dump(DEV)[DEV]["aws"]["groups"]["Developers"]["attached"] == [arn]
    assert b"duration_seconds = 7200" in accounts.everything()["config"]
    take_down(accounts)


@pytest.mark.parametrize(("partition", "region"), [("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")])
def test_other_partitions(aws_server, home, aws_v2, partition, region):
    accounts = Accounts(aws_server, home, region)
    done(accounts.set_up("--region", region, "--managed"))
    found = accounts.server.dump(PROD)[PROD]
    assert list(found) == [partition]
    role = found[partition]["roles"]["CrossAccountReader"]
    assert role["arn"] == f"arn:{partition}:iam::{PROD}:role/CrossAccountReader"
    assert role["attached"] == [READ_ONLY.replace("arn:aws:", f"arn:{partition}:")]
    assert done(who(accounts, aws_v2)).startswith(f"arn:{partition}:sts::{PROD}:assumed-role/CrossAccountR")
    check_reads_only(accounts, aws_v2)
    take_down(accounts)
    aws_server.clear()
    aws_server.empty(DEV, PROD)


# --- other principals ----------------------------------------------------------------------------


def test_the_whole_account_is_trusted_and_one_user_gets_the_right(accounts, aws_v2):
    key, secret = accounts.server.create_user(DEV, "other")
    accounts.add("other", aws_access_key_id=key, aws_secret_access_key=secret, region="us-east-1")
    accounts.before = accounts.everything()
    done(accounts.set_up("--account"))
    trust = accounts.server.dump(PROD)[PROD]["aws"]["roles"]["CrossAccountReader"]["trust"]
    assert trust["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{DEV}:root"}
    assert done(who(accounts, aws_v2)).startswith(SESSION)
    refused(assume(accounts, aws_v2, "other"), "AccessDenied")
    take_down(accounts)


def test_a_role_is_trusted_and_a_chain_of_two_roles_works(accounts, aws_v2):
    arn = f"arn:aws:iam::{DEV}:role/ci/Builder"
    trust = document(Action="sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{DEV}:user/dev"})
    accounts.iam(DEV).create_role(RoleName="Builder", Path="/ci/", AssumeRolePolicyDocument=trust)
    allowed = document(Action="sts:AssumeRole", Resource=arn)
    accounts.iam(DEV).put_user_policy(UserName="dev", PolicyName="builder", PolicyDocument=allowed)
    accounts.add("builder", role_arn=arn, source_profile="dev", region="us-east-1")
    accounts.before = accounts.everything()
    done(accounts.delegate(*PARTS, "--from-role", "ci/Builder", "--source", "builder", "--yes"))
    assert done(who(accounts, aws_v2)).startswith(SESSION)
    refused(assume(accounts, aws_v2, "dev"), "AccessDenied")
    check_reads_only(accounts, aws_v2)
    take_down(accounts)


def test_a_permission_set_of_sso_is_trusted(accounts, aws_v2):
    name = "AWSReservedSSO_Builders_0123456789abcdef"
    role = {"RoleName": name, "Path": "/aws-reserved/sso.amazonaws.com/eu-west-1/"}
    trust = document(Action="sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{DEV}:user/dev"})
    arn = accounts.iam(DEV).create_role(**role, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    # What a person does in IAM Identity Center, as the plan says.
    right = {"RoleName": name, "PolicyName": "inline"}
    accounts.iam(DEV).put_role_policy(
        **right, PolicyDocument=document(Action="sts:AssumeRole", Resource=ROLE)
    )
    allowed = document(Action="sts:AssumeRole", Resource=arn)
    accounts.iam(DEV).put_user_policy(UserName="dev", PolicyName="sso", PolicyDocument=allowed)
    # moto has no portal that gives sessions of such a role: it is assumed instead.
    accounts.add("builders", role_arn=arn, source_profile="dev", region="us-east-1")
    accounts.before = accounts.everything()
    process = accounts.delegate(*PARTS, "--sso-role", "Builders", "--source", "builders", "--yes")
    assert "IAM cannot change the role of a permission set; in IAM Identity Center, give the" in done(process)
    assert done(who(accounts, aws_v2)).startswith(SESSION)
    refused(assume(accounts, aws_v2, "dev"), "AccessDenied")
    take_down(accounts)


# --- what is there before ------------------------------------------------------------------------


@pytest.fixture
def differing(accounts):
    """The accounts, with a role and a profile of those names for something else."""
    trust = document(Action="sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{DEV}:user/admin"})
    iam = accounts.iam(PROD)
    iam.create_role(
        RoleName="CrossAccountReader", AssumeRolePolicyDocument=trust, Description="by hand", Tags=[TAG]
    )
    billing = "arn:aws:iam::aws:policy/job-function/Billing"
    iam.attach_role_policy(RoleName="CrossAccountReader", PolicyArn=billing)
    accounts.add("prod", role_arn=ROLE, source_profile="dev-admin", region="eu-west-1", external_id="x-1")
    accounts.before = accounts.everything()
    return accounts


TAG = {"Key": "Team", "Value": "data"}


def statuses(accounts, *more):
    plan = json.loads(done(accounts.delegate(*OPTIONS, *more, "--plan", "--json")))
    return {step["id"]: step["status"] for step in plan["steps"]}


def test_what_differs_is_changed_only_when_told_to_and_given_back(differing, aws_v2):
    tags = ("--tags", "Team=platform,Env=prod")
    found = {"role": "differs", "role-policy": "create", "trusted-policy": "create", "profile": "differs"}
    assert statuses(differing, *tags) == found
    refused(differing.set_up(*tags), "differs", "--update")
    assert differing.changes() == []
    assert differing.everything() == differing.before
    done(differing.set_up(*tags, "--update"))
    assert done(who(differing, aws_v2)).startswith(SESSION)
    role = differing.server.dump(PROD)[PROD]["aws"]["roles"]["CrossAccountReader"]
    assert role["tags"] == [["Env", "prod"], ["Team", "platform"]]
    assert role["description"] == "by hand"
    assert b"region = eu-west-1" in differing.everything()["config"]
    take_down(differing)


def test_policies_that_differ_are_given_back_too(accounts, tmp_path, aws_v2):
    (tmp_path / "p.json").write_text(document(Action="iam:ListRoles", Resource="*"))
    options = ("--policy", f"{tmp_path}/p.json", "--managed")
    done(accounts.set_up(*options))
    # Now as if it had been made by hand, and with other documents.
    for each in (accounts.home / ".local/state/xswitch/delegations").glob("*.json"):
        each.unlink()
    other = document(Action="s3:*", Resource="*")
    name = "CrossAccountReader"
    accounts.iam(PROD).put_role_policy(RoleName=name, PolicyName=f"{name}-permissions", PolicyDocument=other)
    arn = f"arn:aws:iam::{DEV}:policy/Assume-{name}-in-{PROD}"
    accounts.iam(DEV).create_policy_version(PolicyArn=arn, PolicyDocument=other, SetAsDefault=True)
    accounts.before = accounts.everything()
    found = {"role": "exists", "role-policy": "differs", "trusted-policy": "differs"}
    assert statuses(accounts, *options) == {**found, "trusted-attach": "exists", "profile": "exists"}
    refused(accounts.set_up(*options), "differs")
    assert accounts.everything() == accounts.before
    done(accounts.set_up(*options, "--update"))
    check_reads_only(accounts, aws_v2)
    take_down(accounts)


def test_what_others_have_made_just_so_is_used_and_stays(accounts, aws_v2):
    trust = document(Action="sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{DEV}:user/dev"})
    accounts.iam(PROD).create_role(RoleName="CrossAccountReader", AssumeRolePolicyDocument=trust)
    accounts.iam(PROD).attach_role_policy(RoleName="CrossAccountReader", PolicyArn=READ_ONLY)
    accounts.before = accounts.everything()
    found = {"role": "exists", "role-policy": "exists", "trusted-policy": "create", "profile": "create"}
    assert statuses(accounts) == found
    done(accounts.set_up())
    check_reads_only(accounts, aws_v2)
    take_down(accounts)
