"""The server that is AWS in the tests: what it enforces, and the faults it can be told to have."""

from __future__ import annotations

import json
import threading

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

DEV, PROD = "565656565656", "787878787878"
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole"}
ROLE = f"arn:aws:iam::{PROD}:role/team/Reader"
DEVICE = f"arn:aws:iam::{DEV}:mfa/dev"

pytestmark = pytest.mark.slow


@pytest.fixture
def server(aws_server):
    aws_server.empty(DEV, PROD)
    aws_server.clear()
    yield aws_server
    aws_server.clear()
    aws_server.empty(DEV, PROD)


@pytest.fixture
def keys(server):
    """The user `dev`, who may assume the role that trusts nobody yet."""
    keys = server.create_user(DEV, "dev")
    server.iam(DEV).put_user_policy(
        UserName="dev", PolicyName="assume", PolicyDocument=document(Action="sts:AssumeRole", Resource=ROLE)
    )
    return keys


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def trusting(principal, **condition):
    more = {"Condition": condition} if condition else {}
    return document(Action="sts:AssumeRole", Principal={"AWS": principal}, **more)


def client(server, service, keys, token=None, attempts=1):
    config = Config(retries={"total_max_attempts": attempts})
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    signing = dict(zip(names, (*keys, token), strict=True))
    session = botocore.session.Session()
    return session.create_client(
        service, region_name="us-east-1", endpoint_url=server.url, config=config, **signing
    )


def refused(call, **parameters):
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def create_role(server, trust):
    server.iam(PROD).create_role(RoleName="Reader", Path="/team/", AssumeRolePolicyDocument=trust)


# --- what is enforced ----------------------------------------------------------------------------


@pytest.mark.parametrize("principal", [f"arn:aws:iam::{DEV}:user/dev", f"arn:aws:iam::{DEV}:root"])
def test_a_role_is_assumed_by_those_whom_it_trusts(server, keys, principal):
    create_role(server, trusting(principal))
    server.control(enforce=True, trust=True)
    sts = client(server, "sts", keys)
    assert sts.assume_role(RoleArn=ROLE, RoleSessionName="dev")["AssumedRoleUser"]["Arn"].endswith(
        "Reader/dev"
    )


@pytest.mark.parametrize("principal", [f"arn:aws:iam::{DEV}:user/other", f"arn:aws:iam::{PROD}:root"])
def test_a_role_is_refused_to_others(server, keys, principal):
    create_role(server, trusting(principal))
    server.control(enforce=True, trust=True)
    sts = client(server, "sts", keys)
    said = refused(sts.assume_role, RoleArn=ROLE, RoleSessionName="dev")
    user = f"arn:aws:iam::{DEV}:user/dev"
    assert (
        said == f"AccessDenied: User: {user} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
    )


def test_a_role_is_refused_to_who_may_not_assume_any_or_where_there_is_none(server, keys):
    server.control(enforce=True, trust=True)
    sts = client(server, "sts", keys)
    assert "AccessDenied" in refused(sts.assume_role, RoleArn=ROLE, RoleSessionName="dev")
    create_role(server, trusting(f"arn:aws:iam::{DEV}:root"))
    other = client(server, "sts", server.create_user(DEV, "other"))
    assert "AccessDenied" in refused(other.assume_role, RoleArn=ROLE, RoleSessionName="dev")


def test_conditions_of_a_trust_policy_hold(server, keys):
    create_role(server, trusting(f"arn:aws:iam::{DEV}:user/dev", StringEquals={"sts:ExternalId": "x-1"}))
    server.control(enforce=True, trust=True)
    sts = client(server, "sts", keys)
    asked = {"RoleArn": ROLE, "RoleSessionName": "dev"}
    assert "AccessDenied" in refused(sts.assume_role, **asked)
    assert "AccessDenied" in refused(sts.assume_role, **asked, ExternalId="x-2")
    sts.assume_role(**asked, ExternalId="x-1")


def test_mfa_is_with_the_code_or_in_the_session_that_was_got_with_one(server, keys):
    conditions = {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
    }
    create_role(server, trusting(f"arn:aws:iam::{DEV}:user/dev", **conditions))
    server.control(enforce=True, trust=True)
    sts = client(server, "sts", keys)
    asked = {"RoleArn": ROLE, "RoleSessionName": "dev"}
    code = {"SerialNumber": DEVICE, "TokenCode": "123456"}
    assert "AccessDenied" in refused(sts.assume_role, **asked)
    assert "verify your MFA serial number" in refused(sts.assume_role, **asked, **code)
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    server.iam(DEV).enable_mfa_device(UserName="dev", SerialNumber=DEVICE, **codes)
    sts.assume_role(**asked, **code)
    for given, works in ((sts.get_session_token(), False), (sts.get_session_token(**code), True)):
        session = given["Credentials"]
        signing = (session["AccessKeyId"], session["SecretAccessKey"])
        again = client(server, "sts", signing, session["SessionToken"])
        assert again.get_caller_identity()["Arn"] == f"arn:aws:iam::{DEV}:user/dev"
        if works:
            again.assume_role(**asked)
        else:
            assert "AccessDenied" in refused(again.assume_role, **asked)


def test_nobody_may_more_than_their_policies(server, keys):
    create_role(server, trusting(f"arn:aws:iam::{DEV}:user/dev"))
    server.iam(PROD).attach_role_policy(RoleName="Reader", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    server.control(enforce=True, trust=True)
    assert "AccessDenied" in refused(client(server, "iam", keys).list_roles)
    given = client(server, "sts", keys).assume_role(RoleArn=ROLE, RoleSessionName="dev")["Credentials"]
    role = client(server, "iam", (given["AccessKeyId"], given["SecretAccessKey"]), given["SessionToken"])
    assert [each["RoleName"] for each in role.list_roles()["Roles"]] == ["Reader"]
    said = refused(role.create_user, UserName="new")
    session = f"arn:aws:sts::{PROD}:assumed-role/Reader/dev"
    assert said == f"AccessDenied: User: {session} is not authorized to perform: iam:CreateUser"
    server.iam(PROD).create_user(UserName="new")  # the administrator may


def test_a_session_is_over_when_its_role_is_deleted_even_if_there_is_another_of_that_name(server, keys):
    server.control(enforce=True, trust=True)
    create_role(server, trusting(f"arn:aws:iam::{DEV}:user/dev"))
    given = client(server, "sts", keys).assume_role(RoleArn=ROLE, RoleSessionName="dev")["Credentials"]
    role = client(server, "sts", (given["AccessKeyId"], given["SecretAccessKey"]), given["SessionToken"])
    role.get_caller_identity()
    server.iam(PROD).delete_role(RoleName="Reader")
    create_role(server, trusting(f"arn:aws:iam::{DEV}:user/dev"))
    assert "InvalidClientTokenId" in refused(role.get_caller_identity)


def test_a_policy_that_somebody_has_cannot_be_deleted(server):
    iam = server.iam(DEV)
    iam.create_user(UserName="dev")
    arn = iam.create_policy(PolicyName="p", PolicyDocument=document(Action="*", Resource="*"))["Policy"][
        "Arn"
    ]
    iam.attach_user_policy(UserName="dev", PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(Action="s3:*", Resource="*"))
    admin = administrator(server)
    assert "DeleteConflict" in refused(admin.delete_policy, PolicyArn=arn)
    iam.detach_user_policy(UserName="dev", PolicyArn=arn)
    assert "DeleteConflict" in refused(admin.delete_policy, PolicyArn=arn)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    admin.delete_policy(PolicyArn=arn)


def test_a_trust_policy_names_who_exists(server):
    admin = administrator(server)
    role = {"RoleName": "R", "AssumeRolePolicyDocument": trusting(f"arn:aws:iam::{PROD}:user/nobody")}
    server.control(invalid_principals=True)
    said = refused(admin.create_role, **role)
    assert said.endswith(f'Invalid principal in policy: "AWS":"arn:aws:iam::{PROD}:user/nobody"')
    server.iam(PROD).create_user(UserName="nobody")
    server.control(invalid_principals={"times": 1})
    assert "MalformedPolicyDocument" in refused(admin.create_role, **role)
    admin.create_role(**role)


# --- faults --------------------------------------------------------------------------------------


def administrator(server, attempts=1):
    keys = server.create_user(DEV, "admin")
    server.iam(DEV).put_user_policy(
        UserName="admin", PolicyName="all", PolicyDocument=document(Action="*", Resource="*")
    )
    return client(server, "iam", keys, attempts=attempts)


def groups(server):
    return sorted(server.dump(DEV)[DEV]["aws"]["groups"])


def test_an_answer_that_is_lost_is_lost_after_the_server_has_acted(server):
    admin = administrator(server)
    server.control(cut={"CreateGroup": {"times": 1}})
    with pytest.raises(ConnectionClosedError):
        admin.create_group(GroupName="g")
    assert groups(server) == ["g"]
    admin.create_group(GroupName="h")


def test_a_repetition_of_the_client_meets_what_the_lost_answer_was_about(server):
    admin = administrator(server, attempts=2)
    server.control(cut={"CreateGroup": {"times": 1}})
    assert "EntityAlreadyExists" in refused(admin.create_group, GroupName="g")
    assert server.actions() == ["CreateGroup", "CreateGroup"]


@pytest.mark.parametrize(("when", "there"), [("before", []), ("after", ["g"])])
def test_a_request_is_held_before_or_after_the_server_acts(server, when, there):
    admin = administrator(server)
    server.control(hold={"CreateGroup": when})
    failed = []

    def create():
        with pytest.raises(ConnectionClosedError):
            admin.create_group(GroupName="g")
        failed.append(True)

    thread = threading.Thread(target=create)
    thread.start()
    server.until_held()
    assert groups(server) == there
    server.control()
    thread.join(20)
    assert failed
    assert groups(server) == there


def test_a_request_fails_by_its_number_however_often_it_is_repeated(server):
    admin = administrator(server, attempts=3)
    failure = {"status": 400, "code": "Throttling", "message": "Rate exceeded"}
    server.control(fail={"2": failure})
    admin.create_group(GroupName="one")
    assert refused(admin.create_group, GroupName="two").startswith("Throttling")
    admin.create_group(GroupName="three")
    assert groups(server) == ["one", "three"]
    server.control(fail={"1": {**failure, "times": 1}})
    admin.create_group(GroupName="two")
    assert groups(server) == ["one", "three", "two"]


def test_somebody_else_does_the_same_a_moment_before(server):
    admin = administrator(server)
    server.control(race={"CreateRole": {"Description": "by hand"}})
    trust = trusting(f"arn:aws:iam::{PROD}:root")
    said = refused(admin.create_role, RoleName="R", AssumeRolePolicyDocument=trust, Description="ours")
    assert said.startswith("EntityAlreadyExists")
    assert server.dump(DEV)[DEV]["aws"]["roles"]["R"]["description"] == "by hand"


def test_an_account_is_emptied_and_the_others_are_not(server):
    administrator(server)
    server.create_user(PROD, "other")
    server.empty(DEV)
    assert server.dump(DEV)[DEV] == {}
    assert list(server.dump(PROD)[PROD]["aws"]["users"]) == ["other"]
