"""`xswitch delegate` as a command: plans, questions, exports, refusals."""

from __future__ import annotations

import json

import pytest
from delegating import DEV, OPTIONS, PROD
from running import XSWITCH, Terminal

pytest_plugins = ["delegating_setup"]
pytestmark = pytest.mark.slow

ROLE_ARN = f"arn:aws:iam::{PROD}:role/CrossAccountReader"


def plan_of(accounts, *more):
    done = accounts.delegate(*OPTIONS, "--plan", "--json", *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def in_terminal(accounts, *arguments):
    return Terminal([XSWITCH, "delegate", *arguments], accounts.environ)


# --- the plan -------------------------------------------------------------------------------------


def test_the_plan_as_json_has_every_step_and_changes_nothing(accounts):
    plan = plan_of(accounts)
    assert (plan["trusting_account"], plan["trusted_account"]) == (PROD, DEV)
    assert [(step["id"], step["account_id"], step["action"], step["status"]) for step in plan["steps"]] == [
        ("role", PROD, "iam:CreateRole", "create"),
        ("role-policy", PROD, "iam:AttachRolePolicy", "create"),
        ("trusted-policy", DEV, "iam:PutUserPolicy", "create"),
        ("profile", None, "write", "create"),
    ]
    role, attach, grant, profile = plan["steps"]
    assert role["resource"] == ROLE_ARN
    assert role["document"]["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{DEV}:user/dev"}
    assert attach["resource"] == "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert attach["document"] is None
    assert grant["document"]["Statement"][0]["Resource"] == ROLE_ARN
    assert profile["document"] == {"role_arn": ROLE_ARN, "source_profile": "dev", "region": "us-east-1"}
    assert all(step["aws_cli"].startswith("aws ") for step in plan["steps"])
    assert accounts.changes() == []
    assert accounts.everything() == accounts.before


def test_the_plan_for_people_names_both_accounts_and_warns(accounts):
    done = accounts.delegate(*OPTIONS, "--plan")
    assert done.returncode == 0
    assert PROD in done.stdout
    assert DEV in done.stdout
    assert "+ create" in done.stdout
    assert "no MFA is required" in done.stdout
    assert '"sts:AssumeRole"' in done.stdout
    assert "\x1b" not in done.stdout


def test_what_exists_is_told_from_what_differs(accounts):
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "*"}}
    accounts.iam(PROD).create_role(RoleName="CrossAccountReader", AssumeRolePolicyDocument=json.dumps(trust))
    accounts.iam(PROD).attach_role_policy(
        RoleName="CrossAccountReader", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"
    )
    role, attach, *_ = plan_of(accounts)["steps"]
    assert role["status"] == "differs"
    assert any(line.startswith("-") and "Deny" in line for line in role["difference"])
    assert any(line.startswith("+") and "user/dev" in line for line in role["difference"])
    assert attach["status"] == "exists"
    refused = accounts.set_up()
    assert refused.returncode == 1
    assert "differs" in refused.stderr
    assert "--update" in refused.stderr
    assert accounts.changes() == []


def test_who_may_not_look_is_told_so(accounts):
    accounts.control(fail={"GetRole": {"status": 403, "code": "AccessDenied", "message": "no"}})
    role = plan_of(accounts)["steps"][0]
    assert role["status"] == "unknown"
    assert "iam:GetRole" in role["note"]


def test_the_trusted_profile_itself_is_trusted_where_nobody_is_named(accounts):
    options = [each for each in OPTIONS if each not in {"--user", "dev", "--source"}]
    done = accounts.delegate(*options, "--plan", "--json")
    role = json.loads(done.stdout)["steps"][0]
    assert role["document"]["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{DEV}:user/admin"}


def test_a_source_that_is_somebody_else_is_noted(accounts):
    notes = plan_of(accounts, "--source", "dev-admin")["notes"]
    assert any("does not trust" in note and "user/admin" in note for note in notes)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--user", "nobody"), "there is no user nobody"),
        (("--policy", "ReadOnlyAcces"), "did you mean ReadOnlyAccess"),
        (("--group", "nobodies"), "there is no group nobodies"),
        (("--trusted", "prod-admin"), "both profiles are in the account"),
        (("--trusting", "prod-adm"), "did you mean prod-admin"),
        (("--duration", "soon"), "is no time"),
        (("--duration", "13h"), "--duration"),
        (("--role", "a b"), "--role"),
        (("--tags", "x"), "NAME=VALUE"),
        (("--from-role", "x", "--user", "dev"), "one principal"),
        (("--export", "pulumi"), "there are: aws-cli, cloudformation, terraform"),
        (("--policy", "/nonexistent/x.json"), "cannot be read"),
        (("--mfa-age", "1h"), "--mfa-serial"),
    ],
)
def test_what_cannot_be_is_one_sentence_that_names_the_option(accounts, more, says):
    done = accounts.delegate(*OPTIONS, *more, "--plan")
    assert done.returncode in {1, 2}
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert accounts.changes() == []


# --- doing it -------------------------------------------------------------------------------------


def test_without_a_terminal_and_yes_nothing_is_done(accounts):
    done = accounts.delegate(*OPTIONS)
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert accounts.changes() == []
    assert accounts.everything() == accounts.before


def test_the_terminal_is_asked_and_no_is_an_answer(accounts):
    terminal = in_terminal(accounts, *OPTIONS)
    terminal.until(f"do this in the accounts {PROD} and {DEV}? [y/N]")
    terminal.type("n\n")
    assert terminal.end() == 130
    assert accounts.changes() == []


def test_the_terminal_is_asked_and_sees_the_role_at_the_end_then_takes_it_down(accounts):
    terminal = in_terminal(accounts, *OPTIONS)
    terminal.until("[y/N]")
    terminal.type("y\n")
    assert terminal.end() == 0
    assert "assumed-role/CrossAccountReader" in terminal.text
    undo = in_terminal(accounts, "undo", "prod")
    undo.until("take this down? [y/N]")
    undo.type("yes\n")
    assert undo.end() == 0
    assert accounts.everything() == accounts.before


def test_as_json_the_outcome_is_one_object(accounts):
    done = accounts.set_up("--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["role_arn"] == ROLE_ARN
    assert found["identity"]["account_id"] == PROD
    assert set(found["steps"].values()) == {"created"}


def test_an_external_id_is_made_once_and_stays(accounts):
    accounts.control(fail={"PutUserPolicy": {"status": 403, "code": "AccessDenied", "message": "no"}})
    assert accounts.set_up("--external-id", "generate").returncode == 1
    first = accounts.iam(PROD).get_role(RoleName="CrossAccountReader")["Role"]["AssumeRolePolicyDocument"]
    accounts.control()
    done = accounts.set_up("--external-id", "generate")
    assert done.returncode == 0, done.stderr
    config = (accounts.home / ".aws/config").read_text()
    assert first["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"] in config


def test_after_a_failure_the_terminal_is_asked_whether_to_take_it_back(accounts):
    accounts.control(fail={"PutUserPolicy": {"status": 403, "code": "AccessDenied", "message": "no"}})
    terminal = in_terminal(accounts, *OPTIONS)
    terminal.until("[y/N]")
    terminal.type("y\n")
    terminal.until("take back what was made? [y/N]")
    assert "needs iam:PutUserPolicy" in " ".join(terminal.text.split())
    terminal.type("y\n")
    assert terminal.end() == 1
    assert accounts.everything() == accounts.before


def test_without_a_terminal_a_failure_says_how_to_go_on_and_resume_does(accounts):
    accounts.control(fail={"PutUserPolicy": {"status": 403, "code": "AccessDenied", "message": "no"}})
    failed = accounts.set_up()
    assert failed.returncode == 1
    assert "xswitch delegate resume prod" in failed.stderr
    assert "xswitch delegate undo prod" in failed.stderr
    assert "unfinished" in accounts.delegate("list").stdout
    accounts.control()
    done = accounts.delegate("resume", "prod", "--yes")
    assert done.returncode == 0, done.stderr
    assert "unfinished" not in accounts.delegate("list").stdout
    (listed,) = json.loads(accounts.delegate("list", "--json").stdout)
    assert (listed["name"], listed["role_arn"], listed["is_complete"]) == ("prod", ROLE_ARN, True)


def test_other_choices_for_the_same_profile_are_refused_until_it_is_taken_down(accounts):
    assert accounts.set_up().returncode == 0
    done = accounts.set_up("--policy", "PowerUserAccess")
    assert done.returncode == 1
    assert "xswitch delegate undo prod" in done.stderr


def test_ctrl_c_stops_between_two_steps(accounts):
    accounts.control(hold={"AttachRolePolicy": "before"})
    terminal = in_terminal(accounts, *OPTIONS, "--yes")
    accounts.server.until_held()
    terminal.type("\x03")
    terminal.until("stopping after this step")
    accounts.control()
    assert terminal.end() == 130
    assert "CreateRole" in accounts.changes()
    assert "AttachRolePolicy" in accounts.changes()
    assert "PutUserPolicy" not in accounts.changes()
    assert accounts.delegate("undo", "prod", "--yes").returncode == 0
    assert accounts.everything() == accounts.before


# --- exporting ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "files", "says"),
    [
        ("aws-cli", ["delegate.sh"], "aws iam create-role"),
        (
            "cloudformation",
            [f"trusted-{DEV}.json", f"trusting-{PROD}.json"],
            "AWS::IAM::Role",
        ),
        ("terraform", ["main.tf"], 'resource "aws_iam_role"'),
    ],
)
def test_a_plan_is_exported_and_nothing_is_done(accounts, tmp_path, form, files, says):
    done = accounts.delegate(*OPTIONS, "--export", form)
    assert done.returncode == 0, done.stderr
    assert says in done.stdout
    folder = tmp_path / "out"
    written = accounts.delegate(*OPTIONS, "--export", form, "--output-dir", str(folder))
    assert written.returncode == 0, written.stderr
    found = sorted(path.name for path in folder.iterdir())
    assert len(found) == len(files)
    again = accounts.delegate(*OPTIONS, "--export", form, "--output-dir", str(folder))
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert accounts.changes() == []


# --- what else --------------------------------------------------------------------------------------


def test_what_needs_the_role_too_is_told_before_it_is_taken_down(accounts):
    assert accounts.set_up().returncode == 0
    options = [*OPTIONS[:-4], "--profile", "second", "--source", "dev", "--yes"]
    done = accounts.delegate(*options)
    assert done.returncode == 0, done.stderr
    undone = accounts.delegate("undo", "prod", "--yes")
    assert "and second, which uses the role too, will not work any more" in undone.stderr
    assert accounts.delegate("undo", "second", "--yes").returncode == 0
    assert accounts.everything() == accounts.before


def test_a_forgotten_value_is_not_the_next_option(accounts):
    done = accounts.delegate(*OPTIONS, "--policy", "--plan")
    assert done.returncode == 2
    assert "--policy needs a value" in done.stderr
