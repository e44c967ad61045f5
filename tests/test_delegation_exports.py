"""Exports say what the plan says: to CloudFormation's linter, to Terraform, and to the AWS CLI."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import hcl2
import pytest
from awshome import read_profiles_in, write_profiles
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import Terminal, json_of, run_xswitch, shell_path

from xswitch.delegation.blueprint import Blueprint, Found, Party, draw
from xswitch.delegation.exports import FORMS, export
from xswitch.delegation.exports.aws_cli import commands, quote, updates
from xswitch.delegation.exports.terraform import expression, quoted
from xswitch.delegation.plan import Plan, PlannedStep
from xswitch.delegation.request import Principal, Request
from xswitch.delegation.step import HERE, TRUSTED, TRUSTING, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from aws_server import AwsServer

DEV, PROD = "565656565656", "787878787878"
REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
SIDES = {"role": TRUSTING, "role-policy": TRUSTING, "profile": HERE}
DOCUMENT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Home",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": ["arn:aws:s3:::homes/${aws:username}/*", "arn:aws:s3:::homes/${aws:userid}/${*}"],
                "Condition": {
                    "Bool": {"aws:SecureTransport": True},
                    "NumericLessThan": {"s3:max-keys": 10},
                    "StringLike": {"s3:prefix": ["", "Zoë/*", '"it\'s" \\ %{if}']},
                },
            },
            {"Effect": "Deny", "Action": "iam:*", "Resource": "*"},
        ],
    }
)
# The tests' AWS takes no number here, which AWS does.
TAKEN = DOCUMENT.replace(": 10}", ': "10"}')
OTHERS = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
)
MFA = {"require_mfa": True, "mfa_age": 3600, "external_id": "e:x/t.e=r,n@a-l_1+"}
VARIANTS: dict[str, dict[str, Any]] = {
    "a user": {},
    "a user with a path": {"principal": Principal("user", "team/dev")},
    "a role": {"principal": Principal("role", "deployer")},
    "a permission set": {"principal": Principal("sso", "Reader")},
    "the account": {"principal": Principal("account")},
    "the account, and a user": {"principal": Principal("account"), "user": "team/dev"},
    "the account, and a group": {"principal": Principal("account"), "group": "devs"},
    "a user by a group": {"group": "devs"},
    "managed, a user": {"managed": True},
    "managed, a group": {"managed": True, "group": "devs"},
    "managed, a role": {"managed": True, "principal": Principal("role", "deployer")},
    "a document": {"policy_document": DOCUMENT},
    "an external id and MFA": MFA,
    "tags, a path and a duration": {
        "tags": {"Team": "plätform", "a:b/c = d@e": "Zoë + 李"},
        "path": "/team/blue/",
        "seconds": 7200,
    },
    "China": {"partition": "aws-cn", "managed": True},
    "the US government": {"partition": "aws-us-gov", "principal": Principal("sso", "Reader")},
}


def blueprint_of(partition: str = "aws", **changes: Any) -> Blueprint:
    """Return the wanted state for a request like that of AWS's tutorial, with changes."""
    fields: dict[str, Any] = {
        "trusting": "prod-admin",
        "trusted": "dev-admin",
        "principal": Principal("user", "dev"),
        "role": "CrossAccountReader",
        "profile": "prod",
        "source": "dev",
        **changes,
    }
    request = Request(**fields)
    root = f"arn:{partition}:iam::{DEV}"
    principal = request.principal
    named = f"{root}:{principal.kind}/{principal.name}"
    return draw(
        request,
        Party(request.trusting, PROD, f"arn:{partition}:iam::{PROD}:user/admin"),
        Party(request.trusted, DEV, f"{root}:user/admin"),
        Found(
            named if principal.kind in {"user", "role"} else f"{root}:root",
            f"arn:{partition}:iam::aws:policy/ReadOnlyAccess",
            f"{root}:mfa/dev",
            REGIONS[partition],
        ),
    )


def plan_of(blueprint: Blueprint, notes: tuple[str, ...] = (), **status: str) -> Plan:
    """Return a plan in which everything is to be created, but for the steps whose status is given."""
    accounts = {TRUSTING: PROD, TRUSTED: DEV, HERE: ""}
    steps = []
    for name, line in commands(blueprint).items():
        side = SIDES.get(name, TRUSTED)
        state = status.get(name.replace("-", "_"), Status.CREATE)
        steps.append(PlannedStep(name, accounts[side], side, name, "", "", state, "", None, [], line))
    return Plan(blueprint, steps, [], list(notes), [])


def exported(blueprint: Blueprint, form: str) -> dict[str, str]:
    """Return the files in which everything is to be created."""
    return export(plan_of(blueprint), form)


@pytest.fixture(params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> Blueprint:
    """Each way to delegate in turn."""
    return blueprint_of(**VARIANTS[request.param])


def test_every_variant_is_what_xswitch_delegates(variant):
    variant.request.check()


def linted(text: str, partition: str) -> list[str]:
    """Return what the linter has against a template, warnings too."""
    from cfnlint import lint  # only some tests need it, and it is slow

    found = lint(text, regions=[REGIONS[partition]])
    return [f"{match.rule.id} {match.message}" for match in found]


# -- CloudFormation -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_template_has_neither_errors_nor_warnings(variant):
    for text in exported(variant, "cloudformation").values():
        assert linted(text, variant.partition) == []


@pytest.mark.slow
def test_the_linter_tells_what_is_wrong_with_a_template():
    text = exported(blueprint_of(), "cloudformation")[f"trusting-{PROD}.json"]
    assert linted(text.replace('"RoleName"', '"Rolename"'), "aws")


def test_a_template_of_the_trusting_account_is_the_role(variant):
    template = json.loads(exported(variant, "cloudformation")[f"trusting-{PROD}.json"])
    (resource,) = template["Resources"].values()
    role = resource["Properties"]
    tags = {tag["Key"]: tag["Value"] for tag in role.pop("Tags", [])}
    permissions = (
        {"ManagedPolicyArns": [variant.policy_arn]}
        if variant.policy_document is None
        else {"Policies": [{"PolicyName": variant.policy_name, "PolicyDocument": variant.policy_document}]}
    )
    assert resource["Type"] == "AWS::IAM::Role"
    assert tags == variant.request.tags
    assert role == {
        "RoleName": variant.role_name,
        "Path": variant.role_path,
        "Description": variant.description,
        "AssumeRolePolicyDocument": variant.trust,
        "MaxSessionDuration": variant.max_session_duration,
        **permissions,
    }
    assert template["Outputs"]["RoleArn"]["Value"] == {"Fn::GetAtt": ["Role", "Arn"]}
    assert f"Deploy in account {PROD}" in template["Description"]


def test_a_template_of_the_trusted_account_is_the_right_to_assume_the_role(variant):
    templates = exported(variant, "cloudformation")
    if variant.attach is None:
        assert list(templates) == [f"trusting-{PROD}.json"]
        return
    template = json.loads(templates[f"trusted-{DEV}.json"])
    (resource,) = template["Resources"].values()
    policy = resource["Properties"]
    policy.pop("Description", None)
    noun = variant.attach.kind.title()
    assert policy.pop("PolicyDocument") == variant.grant
    if variant.grant_arn:
        assert resource["Type"] == "AWS::IAM::ManagedPolicy"
        assert policy == {"ManagedPolicyName": variant.grant_name, f"{noun}s": [variant.attach.name]}
    else:
        assert resource["Type"] == f"AWS::IAM::{noun}Policy"
        assert policy == {"PolicyName": variant.grant_name, f"{noun}Name": variant.attach.name}
    assert template["Outputs"]["RoleArn"]["Value"] == variant.role_arn
    assert f"Deploy in account {DEV}" in template["Description"]


# -- Terraform ----------------------------------------------------------------------------------------


def evaluated(value: Any) -> Any:
    """Return what python-hcl2 read with its strings as the texts they mean, and jsonencode's argument."""
    if isinstance(value, dict):
        return {evaluated(key): evaluated(each) for key, each in value.items() if key != "__is_block__"}
    if isinstance(value, list):
        return [evaluated(each) for each in value]
    if not isinstance(value, str):
        return value
    if value.startswith("${jsonencode("):
        return evaluated(hcl2.loads(f"x = {value[len('${jsonencode(') : -2]}\n")["x"])
    return re.sub(_HCL_ESCAPE, _meant, value[1:-1]) if value.startswith('"') else value


_HCL_ESCAPE = re.compile(r"\\u(?P<code>[0-9a-f]{4})|\\(?P<char>.)|(?P<sign>[$%])(?P=sign)\{")


def _meant(found: re.Match[str]) -> str:
    if found["code"]:
        return chr(int(found["code"], 16))
    return (
        {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}[found["char"]]
        if found["char"]
        else found[0][1:]
    )


def configuration(text: str) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """Return the resources of a configuration by type and name, and its providers."""
    read = evaluated(hcl2.loads(text))
    resources = {
        f"{kind}.{name}": values
        for resource in read["resource"]
        for kind, named in resource.items()
        for name, values in named.items()
    }
    return resources, [provider["aws"] for provider in read["provider"]]


def test_terraform_has_the_values_of_the_plan(variant):
    resources, providers = configuration(exported(variant, "terraform")["main.tf"])
    assert providers == [
        {
            "alias": alias,
            "profile": party.profile,
            "region": REGIONS[variant.partition],
            "allowed_account_ids": [party.account_id],
        }
        for alias, party in (("trusting", variant.trusting), ("trusted", variant.trusted))
    ]
    assert resources == {**_wanted_role(variant), **_wanted_grant(variant)}


def _wanted_role(blueprint: Blueprint) -> dict[str, Any]:
    at = {"provider": "${aws.trusting}"}
    tags = blueprint.request.tags
    role = {
        **at,
        "name": blueprint.role_name,
        "path": blueprint.role_path,
        "description": blueprint.description,
        "max_session_duration": blueprint.max_session_duration,
        "assume_role_policy": blueprint.trust,
        **({"tags": tags} if tags else {}),
    }
    its = {**at, "role": "${aws_iam_role.this.name}"}
    permissions = (
        {"aws_iam_role_policy_attachment.permissions": {**its, "policy_arn": blueprint.policy_arn}}
        if blueprint.policy_document is None
        else {
            "aws_iam_role_policy.permissions": {
                **its,
                "name": blueprint.policy_name,
                "policy": blueprint.policy_document,
            }
        }
    )
    return {"aws_iam_role.this": role, **permissions}


def _wanted_grant(blueprint: Blueprint) -> dict[str, Any]:
    to = blueprint.attach
    if to is None:
        return {}
    at, whom = {"provider": "${aws.trusted}"}, {to.kind: to.name}
    policy = {**at, "name": blueprint.grant_name, "policy": blueprint.grant}
    if not blueprint.grant_arn:
        return {f"aws_iam_{to.kind}_policy.assume": {**policy, **whom}}
    return {
        "aws_iam_policy.assume": {
            **policy,
            "description": f"Lets its owner assume {blueprint.role_arn}",
        },
        f"aws_iam_{to.kind}_policy_attachment.assume": {
            **at,
            **whom,
            "policy_arn": "${aws_iam_policy.assume.arn}",
        },
    }


def test_terraform_puts_out_the_role_and_tells_how_the_profile_is_written(variant):
    text = exported(variant, "terraform")["main.tf"]
    (output,) = hcl2.loads(text)["output"]
    assert output['"role_arn"']["value"] == "${aws_iam_role.this.arn}"
    commented = [line.removeprefix("#   ") for line in text.split("\n") if line.startswith("#   ")]
    assert "\n".join(commented) == commands(variant)["profile"]


@pytest.mark.parametrize(("form", "name"), [("aws-cli", "delegate.sh"), ("terraform", "main.tf")])
def test_what_is_left_to_the_user_is_said_in_a_comment(form, name):
    text = export(plan_of(blueprint_of(), ("ask\nthem",)), form)[name]
    assert "# Note: ask\n# them\n" in text


# -- real Terraform, where there is one ---------------------------------------------------------------


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terraform:
    """A folder for Terraform (or OpenTofu), where that is installed; providers come from this machine."""
    program = shutil.which("terraform") or shutil.which("tofu")
    if program is None:
        pytest.skip("Terraform is not installed")
    monkeypatch.setenv("CHECKPOINT_DISABLE", "1")
    return Terraform(program, tmp_path / "terraform")


class Terraform:
    """A folder with a configuration."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self.folder = folder
        folder.mkdir()
        self._settings = folder / "settings.tfrc"
        # Without a mirror of its own, Terraform would ask the network for the provider.
        mirrors = [os.environ.get("TF_PLUGIN_CACHE_DIR", ""), "/usr/local/share/terraform/plugins"]
        self._mirror = next((path for path in mirrors if os.path.isdir(path)), "")
        mirror = f'filesystem_mirror {{\n    path = "{self._mirror}"\n  }}' if self._mirror else ""
        self._settings.write_text(f"provider_installation {{\n  {mirror}\n}}\n")

    def write(self, text: str) -> None:
        (self.folder / "main.tf").write_text(text, encoding="utf-8")

    def run(self, *arguments: str, **environ: str) -> str:
        environ = {**os.environ, "TF_CLI_CONFIG_FILE": str(self._settings), **environ}
        environ.pop("TF_PLUGIN_CACHE_DIR", None)
        command = [self._program, f"-chdir={self.folder}", *arguments]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def get_provider(self) -> None:
        if not self._mirror:
            pytest.skip("there is no mirror of Terraform's providers: name one in TF_PLUGIN_CACHE_DIR")
        self.run("init")


@pytest.mark.slow
def test_terraform_itself_lays_a_configuration_out_no_other_way(terraform, variant):
    terraform.write(exported(variant, "terraform")["main.tf"])
    terraform.run("fmt", "-check", "-diff")


@pytest.mark.slow
def test_terraform_and_its_provider_find_every_configuration_valid(terraform):
    terraform.write(exported(blueprint_of(), "terraform")["main.tf"])
    terraform.get_provider()
    for changes in [VARIANTS[name] for name in ("a user by a group", "managed, a role", "China")] + [
        *RUN.values()
    ]:
        terraform.write(exported(blueprint_of(**changes), "terraform")["main.tf"])
        terraform.run("validate")


@pytest.mark.slow
def test_terraform_itself_reads_every_string_as_it_was(terraform):
    pieces = ["$", "%", "{", "}", '"', "\\", "a", "~", "\n", "\r", "\t", "é", "\x00", "\x9f", "\u2028", "😀"]
    texts = [a + b + c + d for a in pieces for b in pieces[:7] for c in pieces[:7] for d in pieces[:9]]
    terraform.write(f'output "texts" {{\n  value = jsonencode({expression(texts)})\n}}\n')
    terraform.run("apply", "-auto-approve")
    assert json.loads(json.loads(terraform.run("output", "-json", "texts"))) == texts


@pytest.mark.slow
def test_terraform_sets_up_what_is_planned(terraform, accounts):
    blueprint = blueprint_of(managed=True, tags={"Team": "plätform"}, policy_document=TAKEN, path="/a/b/")
    terraform.write(exported(blueprint, "terraform")["main.tf"])
    terraform.get_provider()
    terraform.run("apply", "-auto-approve", **accounts.environ)
    accounts.check(blueprint)
    assert terraform.run("output", "-raw", "role_arn") == blueprint.role_arn


# -- the script ---------------------------------------------------------------------------------------


class Accounts:
    """DEV and PROD with their administrators, a user, a group and a role; a home with profiles of them."""

    def __init__(self, server: AwsServer, home: Path, names: tuple[str, str, str]) -> None:
        self._server = server
        self.home = home
        server.empty(DEV, PROD)
        server.control()
        trusting, trusted, source = names
        sections = [
            self._section(PROD, trusting, "admin"),
            self._section(DEV, trusted, "admin"),
            self._section(DEV, source, "dev"),
        ]
        write_profiles(home / ".aws", "# mine\n", "".join(sections))
        iam = server.iam(DEV)
        iam.create_group(GroupName="devs")
        iam.create_role(RoleName="deployer", AssumeRolePolicyDocument="{}")
        self.environ = server.environment(home)
        self.server = server
        server.forget()

    def _section(self, account: str, profile: str, user: str) -> str:
        key, secret = self._server.create_user(account, user)
        return (
            f"[{profile}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\nregion = us-east-1\n"
        )

    def check(self, blueprint: Blueprint, *, is_new: bool = True) -> None:
        """Assert that IAM has what is wanted, and nothing else of the kind."""
        self._check_role(blueprint, is_new=is_new)
        self._check_grant(blueprint)

    def _check_role(self, blueprint: Blueprint, *, is_new: bool) -> None:
        iam, name = self._server.iam(PROD), blueprint.role_name
        role = iam.get_role(RoleName=name)["Role"]
        assert role["Arn"] == blueprint.role_arn
        assert role["Path"] == blueprint.role_path
        if is_new:  # what is updated loses it here, which on AWS it does not
            assert role["Description"] == blueprint.description
        assert role["AssumeRolePolicyDocument"] == blueprint.trust
        assert role["MaxSessionDuration"] == blueprint.max_session_duration
        assert {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])} == blueprint.request.tags
        attached = [
            p["PolicyArn"] for p in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        ]
        inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
        if blueprint.policy_document is None:
            assert (attached, inline) == ([blueprint.policy_arn], [])
            return
        assert (attached, inline) == ([], [blueprint.policy_name])
        found = iam.get_role_policy(RoleName=name, PolicyName=blueprint.policy_name)
        assert found["PolicyDocument"] == blueprint.policy_document

    def _check_grant(self, blueprint: Blueprint) -> None:
        found: dict[tuple[str, str], list[str]] = {}
        iam = self._server.iam(DEV)
        for kind, name in (("user", "dev"), ("group", "devs"), ("role", "deployer")):
            who = {f"{kind.title()}Name": name}
            attached = getattr(iam, f"list_attached_{kind}_policies")(**who)["AttachedPolicies"]
            inline = getattr(iam, f"list_{kind}_policies")(**who)["PolicyNames"]
            if attached or inline:
                found[kind, name] = [policy["PolicyArn"] for policy in attached] + inline
        to = blueprint.attach
        if to is None:
            assert found == {}
            return
        assert found == {(to.kind, to.name): [blueprint.grant_arn or blueprint.grant_name]}
        if blueprint.grant_arn:
            policy = iam.get_policy(PolicyArn=blueprint.grant_arn)["Policy"]
            version = {"PolicyArn": blueprint.grant_arn, "VersionId": policy["DefaultVersionId"]}
            assert iam.get_policy_version(**version)["PolicyVersion"]["Document"] == blueprint.grant
            return
        policy = {f"{to.kind.title()}Name": to.name, "PolicyName": blueprint.grant_name}
        assert getattr(iam, f"get_{to.kind}_policy")(**policy)["PolicyDocument"] == blueprint.grant

    def settings(self, profile: str) -> dict[str, str | None]:
        """Return what xswitch reads of a profile."""
        found = read_profiles_in(self.home / ".aws")[profile]
        return {key: found.text(key) for key in KEYS if found.text(key) is not None}

    def prepare(self, text: str, aws: str) -> tuple[str, dict[str, str]]:
        """Return where a script is now, and an environment with one AWS CLI, in which nobody really waits."""
        tools = self.home / "tools"
        shutil.rmtree(tools, ignore_errors=True)
        tools.mkdir()
        (tools / "aws").symlink_to(aws)
        (tools / "sleep").write_text(f'#!/bin/sh\necho "$1" >> {self.home}/slept\n')
        (tools / "sleep").chmod(0o755)
        script = self.home / "delegate.sh"
        script.write_text(text, encoding="utf-8")
        return str(script), {**self.environ, "PATH": f"{tools}:{self.environ['PATH']}"}

    def run(self, text: str, aws: str) -> subprocess.CompletedProcess[str]:
        """Run a script in an empty folder that it must leave empty."""
        script, environ = self.prepare(text, aws)
        here = self.home / "here"
        here.mkdir(exist_ok=True)
        done = subprocess.run(
            [shell_path("dash"), script],
            env=environ,
            cwd=here,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            start_new_session=True,
            check=False,
        )
        assert os.listdir(here) == []
        return done


KEYS = ("role_arn", "source_profile", "region", "external_id", "mfa_serial", "duration_seconds")


@pytest.fixture
def accounts(aws_server: AwsServer, home: Path) -> Iterator[Accounts]:
    """The two accounts, fresh."""
    yield Accounts(aws_server, home, ("prod-admin", "dev-admin", "dev"))
    aws_server.clear()
    aws_server.empty(DEV, PROD)


def by_either(name: str, values: Iterable[Any], **options: Any) -> pytest.MarkDecorator:
    """Parametrize a test by values, and run it with one or the other AWS CLI in turn."""
    versions = itertools.cycle(["aws_v1", "aws_v2"])
    return pytest.mark.parametrize(
        ("aws", name), list(zip(versions, values, strict=False)), indirect=["aws"], **options
    )


RUN = {
    "a user": {},
    "a group, managed, tags, a path and a duration": {
        "managed": True,
        "group": "devs",
        **VARIANTS["tags, a path and a duration"],
    },
    "a role, and a document": {"principal": Principal("role", "deployer"), "policy_document": TAKEN},
    "a permission set": {"principal": Principal("sso", "Reader"), "external_id": "file:///etc/hostname"},
}


@pytest.mark.slow
@by_either("changes", RUN.values(), ids=list(RUN))
def test_the_script_sets_up_what_is_planned_and_shows_the_role(accounts, aws, changes):
    blueprint = blueprint_of(**changes)
    done = accounts.run(exported(blueprint, "aws-cli")["delegate.sh"], aws)
    assert done.returncode == 0, done.stderr
    accounts.check(blueprint)
    assert accounts.settings("prod") == blueprint.settings
    arn = done.stdout.rstrip("\n").rpartition("\n")[2]
    assert arn.startswith(f"arn:aws:sts::{PROD}:assumed-role/CrossAccountReader/")
    command = [aws, "sts", "get-caller-identity", "--profile", "prod", "--query", "Arn", "--output", "text"]
    again = subprocess.run(command, env=accounts.environ, capture_output=True, text=True, check=True)
    assert again.stdout.strip() == arn


HOSTILE = 'it\'s "$(touch pwned)" `touch pwned` \\ $HOME ${HOME} *; é'


@pytest.mark.slow
@by_either("profile", ["$(touch pwned) `touch pwned`; é # *", "it's\\\"$HOME"])
def test_hostile_names_and_values_are_data_to_the_script(aws_server, home, aws, profile):
    names = (f"prod {HOSTILE}", "-dev", f"source {HOSTILE}")
    accounts = Accounts(aws_server, home, names)
    nasty = [HOSTILE, "'; touch pwned; '", '"\n$(touch pwned)\n', "\\'", "#", "%s%n\\c", "-x", "\u2028é😀"]
    document = json.loads(TAKEN)
    document["Statement"][0]["Resource"] = [f"arn:aws:s3:::{text}" for text in nasty]
    blueprint = blueprint_of(
        **dict(zip(("trusting", "trusted", "source"), names, strict=True)),
        profile=profile,
        path="/$(touch${IFS}pwned)'\"`id`\\{a,b}*?~&|;<>!#/",
        role="-role=,@+.",
        external_id="-x",
        policy_document=json.dumps(document),
        tags={f"k{number}": text for number, text in enumerate(nasty)},
    )
    done = accounts.run(
        export(plan_of(blueprint, (HOSTILE, "a\ntouch pwned")), "aws-cli")["delegate.sh"], aws
    )
    assert done.returncode == 0, done.stderr
    accounts.check(blueprint)
    assert accounts.settings(profile) == blueprint.settings
    aws_server.empty(DEV, PROD)


@pytest.mark.slow
def test_the_script_waits_until_the_role_can_be_assumed(accounts, aws_v1):
    accounts.server.control(fail={"AssumeRole": {"status": 403, "code": "AccessDenied", "times": 3}})
    done = accounts.run(exported(blueprint_of(), "aws-cli")["delegate.sh"], aws_v1)
    assert done.returncode == 0, done.stderr
    assert (accounts.home / "slept").read_text().split() == ["5", "5", "5"]


@pytest.mark.slow
def test_the_script_has_the_aws_cli_ask_for_a_code_and_wastes_none(accounts, aws):
    blueprint = blueprint_of(**MFA)
    script, environ = accounts.prepare(exported(blueprint, "aws-cli")["delegate.sh"], aws)
    terminal = Terminal([shell_path("dash"), script], environ)
    terminal.until("Enter MFA code", timeout=120)
    assert (accounts.home / "slept").read_text().split() == ["15"]
    terminal.type("123456\n")
    assert terminal.end(timeout=60) == 0
    assert f"arn:aws:sts::{PROD}:assumed-role/CrossAccountReader/" in terminal.text
    assert terminal.text.count("Enter MFA code") == 1
    accounts.check(blueprint)
    assert accounts.settings("prod") == blueprint.settings


@pytest.mark.slow
def test_the_script_gives_up_after_a_minute_and_says_why(accounts, aws_v1):
    accounts.server.control(
        fail={"AssumeRole": {"status": 403, "code": "AccessDenied", "message": "not you"}}
    )
    done = accounts.run(exported(blueprint_of(), "aws-cli")["delegate.sh"], aws_v1)
    assert done.returncode == 1
    assert "not you" in done.stderr
    assert "the profile prod cannot assume the role yet" in done.stderr
    assert sum(map(int, (accounts.home / "slept").read_text().split())) == 60


@pytest.mark.slow
@by_either("swapped", ["prod-admin", "dev-admin"])
def test_the_script_stops_before_anything_where_a_profile_is_in_another_account(accounts, aws, swapped):
    kind = "trusting" if swapped == "prod-admin" else "trusted"
    other = {"prod-admin": "dev-admin", "dev-admin": "prod-admin"}[swapped]
    done = accounts.run(exported(blueprint_of(**{kind: other}), "aws-cli")["delegate.sh"], aws)
    assert done.returncode == 1
    there, meant = _account(other), _account(swapped)
    assert done.stderr == f"the profile {other} is in the account {there}, not in {meant}: nothing was done\n"
    assert set(accounts.server.actions()) == {"GetCallerIdentity"}


def _account(profile: str) -> str:
    return PROD if profile == "prod-admin" else DEV


@pytest.mark.slow
@by_either(
    "there",
    [
        f"role_arn = arn:aws:iam::{PROD}:role/Other\nsource_profile = dev\n",
        "region = eu-west-1\n",
        "sso_session = corp\nsso_account_id = 444444444444\nsso_role_name = Reader\n",
    ],
    ids=["another role", "a region only", "SSO"],
)
def test_the_script_changes_no_profile_that_is_there_already(accounts, aws, there):
    config = accounts.home / ".aws/config"
    config.write_text(f"[profile prod]\n{there}")
    done = accounts.run(exported(blueprint_of(), "aws-cli")["delegate.sh"], aws)
    assert done.returncode == 1
    assert done.stderr == "there is a profile prod already: nothing was done\n"
    assert config.read_text() == f"[profile prod]\n{there}"
    assert set(accounts.server.actions()) == {"GetCallerIdentity"}


@pytest.mark.slow
def test_what_exists_is_left_and_what_differs_is_only_told(accounts, aws_v2):
    blueprint = blueprint_of(managed=True)
    accounts.run(exported(blueprint, "aws-cli")["delegate.sh"], aws_v2)
    accounts.server.forget()
    plan = plan_of(
        blueprint,
        role=Status.DIFFERS,
        role_policy=Status.EXISTS,
        trusted_policy=Status.DIFFERS,
        trusted_attach=Status.EXISTS,
        profile=Status.EXISTS,
    )
    text = export(plan, "aws-cli")["delegate.sh"]
    done = accounts.run(text, aws_v2)
    assert done.returncode == 0, done.stderr
    assert set(accounts.server.actions()) == {"GetCallerIdentity"}
    assert "# role-policy in account 787878787878: exists\n" in text


@pytest.mark.slow
def test_what_is_told_of_what_differs_makes_it_as_it_is_wanted(accounts, aws_v1):
    accounts.run(exported(blueprint_of(managed=True), "aws-cli")["delegate.sh"], aws_v1)
    tags = {"Owner": "it's\nmine"}
    blueprint = blueprint_of(managed=True, external_id="x-1", seconds=7200, policy_document=TAKEN, tags=tags)
    script = export(
        plan_of(
            blueprint,
            role=Status.DIFFERS,
            trusted_policy=Status.DIFFERS,
            trusted_attach=Status.EXISTS,
            profile=Status.DIFFERS,
        ),
        "aws-cli",
    )["delegate.sh"]
    iam = accounts.server.iam(PROD)
    arn = blueprint_of().policy_arn
    iam.detach_role_policy(RoleName=blueprint.role_name, PolicyArn=arn)
    # As somebody would who reads it and takes the signs away.
    done = accounts.run(re.sub(r"(?m)^# (?=aws|  --)", "", script), aws_v1)
    assert done.returncode == 0, done.stderr
    accounts.check(blueprint, is_new=False)
    assert accounts.settings("prod") == blueprint.settings


@pytest.mark.slow
def test_a_policy_that_could_be_written_over_is_not_where_nobody_could_look(accounts, aws_v2):
    accounts.server.iam(DEV).put_user_policy(
        UserName="dev", PolicyName=blueprint_of().grant_name, PolicyDocument=OTHERS
    )
    plan = plan_of(blueprint_of(), role=Status.UNKNOWN, trusted_policy=Status.UNKNOWN)
    done = accounts.run(export(plan, "aws-cli")["delegate.sh"], aws_v2)
    assert done.returncode == 0, done.stderr
    policy = accounts.server.iam(DEV).get_user_policy(UserName="dev", PolicyName=blueprint_of().grant_name)
    assert policy["PolicyDocument"] == json.loads(OTHERS)
    assert "CreateRole" in accounts.server.actions()


@pytest.mark.slow
def test_a_script_of_another_partition_asks_there(accounts, aws):
    text = exported(blueprint_of(partition="aws-cn"), "aws-cli")["delegate.sh"]
    accounts.run(text, aws)
    regions = {request["region"] for request in accounts.server.requests()}
    assert regions == {"cn-north-1"}


@pytest.mark.slow
def test_every_shell_takes_the_script():
    for changes in VARIANTS.values():
        text = exported(blueprint_of(**changes), "aws-cli")["delegate.sh"]
        for shell in ("dash", "bash", "sh"):
            done = subprocess.run(
                [shell_path(shell), "-n"], input=text, capture_output=True, text=True, check=False
            )
            assert (done.returncode, done.stderr) == (0, "")


# -- any text in any of them --------------------------------------------------------------------------

# What is there can be any text that UTF-8 has and a process can be given.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
nasty = st.lists(st.sampled_from("$%{}()`'\"\\\n\r\t\x1b -#;é\u2028😀if"), max_size=12).map("".join)
words = texts | nasty
example = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def written(text: str, path: str = "/") -> Blueprint:
    """Return a blueprint in which a text stands wherever one can."""
    document = {"Version": text, "Statement": [{text: text, "Action": [text, {text: []}]}]}
    return blueprint_of(
        trusting=f"a{text}",
        trusted=f"{text}b",
        source=text or "c",
        path=path,
        managed=True,
        user=text or "d",
        principal=Principal("account"),
        policy_document=json.dumps(document),
        external_id=text,
        tags={text: text, f"a{text}": f"{text}z"},
    )


@example
@given(words)
def test_any_text_is_one_word_of_a_shell(text):
    done = subprocess.run(["sh", "-c", f"printf %s {quote(text)}"], capture_output=True, check=True)
    assert done.stdout == text.encode()


def test_a_word_that_zsh_would_look_up_is_only_a_word():
    done = subprocess.run(
        [shell_path("zsh"), "-fc", f"printf %s {quote('=ls')}"], capture_output=True, check=True
    )
    assert done.stdout == b"=ls"


@pytest.mark.slow
@example
@given(words)
def test_any_text_reaches_the_aws_cli_as_it_is(text):
    blueprint = written(text)
    asked = _asked(commands(blueprint)["role"])
    assert asked["--profile"] == blueprint.trusting.profile
    assert json.loads(asked["--assume-role-policy-document"]) == blueprint.trust
    assert {tag["Key"]: tag["Value"] for tag in json.loads(asked["--tags"])} == blueprint.request.tags
    assert (
        json.loads(_asked(commands(blueprint)["role-policy"])["--policy-document"])
        == blueprint.policy_document
    )
    assert blueprint.attach is not None
    assert _asked(commands(blueprint)["trusted-attach"])["--user-name"] == blueprint.attach.name
    update = _asked(updates(blueprint)["trusted-policy"])
    assert json.loads(update["--policy-document"]) == blueprint.grant


def _asked(command: str) -> dict[str, str]:
    """Return the options that a shell gives to `aws`."""
    script = "aws() { printf '%s\\0' \"$@\"; }\n" + command
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    words = done.stdout.decode().split("\0")[2:-1]
    options = {}
    while words:
        name, equals, value = words.pop(0).partition("=")
        options[name] = value if equals else words.pop(0) if name != "--set-as-default" else ""
    return options


@example
@given(words)
def test_any_text_reaches_cloudformation_as_it_is(text):
    blueprint = written(text)
    template = json.loads(exported(blueprint, "cloudformation")[f"trusting-{PROD}.json"])
    role = template["Resources"]["Role"]["Properties"]
    assert role["Policies"][0]["PolicyDocument"] == blueprint.policy_document
    assert {tag["Key"]: tag["Value"] for tag in role["Tags"]} == blueprint.request.tags


@example
@given(words)
def test_any_text_is_one_string_of_terraform(text):
    read = hcl2.loads(f"x = {quoted(text)}\n")["x"]
    assert evaluated(read) == text
    assert "\n" not in quoted(text)


@pytest.mark.slow
@settings(example, max_examples=20)
@given(words)
def test_any_text_reaches_terraform_as_it_is(text):
    blueprint = written(text)
    resources, providers = configuration(exported(blueprint, "terraform")["main.tf"])
    assert resources == {**_wanted_role(blueprint), **_wanted_grant(blueprint)}
    assert [each["profile"] for each in providers] == [f"a{text}", f"{text}b"]


@example
@given(words)
def test_a_comment_ends_with_its_line(text):
    plan = plan_of(written(text), (text, f"{text}\nterraform {{"))
    for line in export(plan, "terraform")["main.tf"].partition("\nterraform {")[0].split("\n"):
        assert line.startswith("#") or not line
    head = export(plan, "aws-cli")["delegate.sh"].partition("\nset -eu")[0]
    assert all(line.startswith("#") and line.isprintable() for line in head.split("\n"))


@pytest.mark.parametrize("form", FORMS)
def test_half_a_character_pair_can_be_written_to_a_file(form):
    document = DOCUMENT.replace("Home", "\\ud800")
    files = exported(blueprint_of(policy_document=document), form).values()
    assert any(b"\\ud800" in text.encode() for text in files)


# -- through the command line -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_the_command_line_exports_what_it_plans(accounts, tmp_path, form):
    options = [
        *("--trusting", "prod-admin", "--trusted", "dev-admin", "--user", "dev", "--source", "dev"),
        *("--role", "CrossAccountReader", "--profile", "prod", "--region", "us-east-1"),
    ]
    folder = tmp_path / "out"
    done = run_xswitch(
        *("delegate", *options, "--export", form, "--output-dir", str(folder)), env=accounts.environ
    )
    assert done.returncode == 0, done.stderr
    files = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    wanted = exported(blueprint_of(), form)
    assert set(files) == set(wanted)
    for name, text in files.items():
        assert _without_comments(text) == _without_comments(wanted[name])
    if form == "aws-cli":
        plan = json_of("delegate", *options, "--plan", "--json", env=accounts.environ)
        assert all(step["aws_cli"] in files["delegate.sh"] for step in plan["steps"])


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)^#.*\n", "", text)
