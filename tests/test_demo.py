"""The demo: what its home and environment hold, that real AWS tools work there, and that it cleans up."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from configparser import RawConfigParser
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import ClientError
from botocore.session import Session
from running import XSWITCH, shell_path
from shells import in_path
from terminals import Screen

from xswitch import demo
from xswitch.demo import tree
from xswitch.demo.api import Keys
from xswitch.demo.endpoints import API_VERSIONS, write_endpoint_rules
from xswitch.demo.environment import demo_environment
from xswitch.demo.home import write_home
from xswitch.errors import XswitchError
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles
from xswitch.sessions.keys import credentials_key, token_key

NOW = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
URL = "http://127.0.0.1:4321"
ARN = "arn:aws:iam::111122223333:role/R"
NAMES = (
    *("default", "prod", "prod-audit", "prod-billing", "prod-admin", "staging", "staging-dba", "sandbox"),
    *("corp-dev", "corp-data", "partner-audit", "ci", "legacy"),
)
KEYS = {
    name: Keys(f"AKIA{name}", f"secret-{name}", "token", "AROA1:dev", "arn")
    for name in ("default", "ci", *tree.SESSIONS)
}

# Becomes a shell command after it has started the demo and told the environment.
HOLDER = """
import json, os, sys
from xswitch.demo import start
environ = start(os.environ)
try:
    os.waitpid(-1, os.WNOHANG)
    environ["CHILDREN"] = "some"
except ChildProcessError:
    environ["CHILDREN"] = "none"
print(json.dumps(environ), flush=True)
os.execve("/bin/sh", ["sh", "-c", sys.argv[1]], environ)
"""


# --- the home ------------------------------------------------------------------------------------


@pytest.fixture
def written(home):
    """The demo's files in this test's home, with made-up keys."""
    write_home(str(home), URL, KEYS, NOW)
    return home


def test_botocore_reads_the_tree(written):
    config = Session().full_config
    assert tuple(config["profiles"]) == NAMES
    assert list(config["sso_sessions"]) == ["corp", "partner"]
    assert config["profiles"]["prod-audit"]["source_profile"] == "prod"
    assert config["profiles"]["default"]["aws_access_key_id"] == "AKIAdefault"


def test_credential_process_works(written):
    assert Session(profile="ci").get_credentials().access_key == "AKIAci"


def test_credential_process_works_in_a_folder_with_a_space(tmp_path, monkeypatch):
    home = tmp_path / "with a space"
    write_home(str(home), URL, KEYS, NOW)
    monkeypatch.setenv("HOME", str(home))
    assert Session(profile="ci").get_credentials().access_key == "AKIAci"


def test_sessions_are_counted_from_now(written):
    ends = {}
    for path in (written / ".aws/cli/cache").iterdir():
        content = json.loads(path.read_text())
        ends[path.stem] = content["Credentials"]["Expiration"]
    profiles = read_profiles(Locations(os.environ))
    assert ends == {
        credentials_key(profiles["prod"]): "2026-03-02T09:47:30Z",
        credentials_key(profiles["prod-audit"]): "2026-03-02T09:08:30Z",
        credentials_key(profiles["staging"]): "2026-03-02T08:36:30Z",
        credentials_key(profiles["corp-dev"]): "2026-03-02T09:51:30Z",
    }
    token = json.loads((written / f".aws/sso/cache/{token_key('corp', None)}.json").read_text())
    assert token["expiresAt"] == "2026-03-02T15:12:30Z"


@pytest.mark.parametrize("service", API_VERSIONS)
def test_endpoint_rules_lead_to_the_server_unless_told_otherwise(home, service):
    write_endpoint_rules(str(home), URL)
    path = home / ".aws/models" / service / API_VERSIONS[service] / "endpoint-rule-set-1.json"
    provider = EndpointProvider(json.loads(path.read_text()), partition_data={"partitions": []})
    assert provider.resolve_endpoint(Region="eu-west-1").url == URL
    assert provider.resolve_endpoint(Region="eu-west-1", Endpoint="http://other").url == "http://other"


# --- the environment -----------------------------------------------------------------------------


def test_nothing_of_an_outer_aws_set_up_is_left():
    outer = {
        "AWS_PROFILE": "mine",
        "AWS_CA_BUNDLE": "/ca",
        "BOTO_CONFIG": "/boto",
        "BASH_ENV": "/rc",
        "XDG_CONFIG_HOME": "/xdg",
        "XSWITCH_DEPTH": "2",
        "XSWITCH_DEBUG": "1",
        "ZDOTDIR": "/zsh",
        "LANG": "C.UTF-8",
        "PATH": "/bin",
        "no_proxy": "example.com",
    }
    inner = demo_environment(outer, "/demo", URL)
    inner.pop("PYTHONUSERBASE", None)
    assert inner == {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": URL,
        "AWS_PAGER": "",
        "HOME": "/demo",
        "LANG": "C.UTF-8",
        "NO_PROXY": "127.0.0.1,localhost",
        "PATH": f"/bin:{os.path.dirname(sys.executable)}",
        "XSWITCH_DEBUG": "1",
        "XSWITCH_DEMO": "1",
        "no_proxy": "example.com,127.0.0.1,localhost",
    }
    assert outer["AWS_PROFILE"] == "mine"


# --- starts that fail ----------------------------------------------------------------------------


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder in which the demo makes its home."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize(
    ("moto", "message", "hint"),
    [
        (
            "raise ModuleNotFoundError(\"No module named 'moto'\", name='moto')",
            "needs the Python package `moto`",
            "pip install '.[demo]'",
        ),
        ("import os; os._exit(3)", "did not start (it ended without a word)", "'.[demo]'"),
        ("raise RuntimeError('no luck')", "did not start (RuntimeError: no luck)", "'.[demo]'"),
        ("import time; time.sleep(60)", "not ready after 1 seconds", "again"),
    ],
)
def test_a_start_that_fails_says_why_and_leaves_nothing(tmp_path, temporary, moto, message, hint):
    broken = tmp_path / "broken" / "moto"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text(moto)
    with pytest.raises(XswitchError) as caught:
        demo.start({**os.environ, "PYTHONPATH": str(broken.parent)}, timeout=1 if "sleep" in moto else 20)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert list(temporary.iterdir()) == []


# --- the real thing ------------------------------------------------------------------------------


class Holder:
    """A process that started the demo and then became `command`."""

    def __init__(self, command: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, command], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout is not None
        self.environ = json.loads(self.process.stdout.readline())
        self.home = Path(self.environ["HOME"])
        self.url = self.environ["AWS_ENDPOINT_URL"]

    def is_up(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/moto-api/data.json", timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def is_gone(self) -> bool:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if not self.home.exists() and not self.is_up():
                return True
            time.sleep(0.05)
        return False

    def run(self, *command: str) -> str:
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).strip()

    def who(self, aws: str, profile: str) -> str:
        query = ("--query", "Arn", "--output", "text")
        return self.run(aws, "sts", "get-caller-identity", "--profile", profile, *query)

    def end(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            self.process.communicate()


@pytest.fixture
def hold():
    """Start demos, and end what the test left of them."""
    holders: list[Holder] = []

    def start(command: str = "exec sleep 600") -> Holder:
        holders.append(Holder(command))
        return holders[-1]

    yield start
    for holder in holders:
        holder.end()
        assert holder.is_gone()


@pytest.mark.slow
def test_every_profile_that_should_work_does(hold, aws):
    demo = hold()
    assert demo.who(aws, "default") == "arn:aws:iam::111111111111:user/dev"
    assert demo.who(aws, "ci") == "arn:aws:iam::888888888888:user/ci"
    prod = demo.who(aws, "prod")
    assert prod == "arn:aws:sts::222222222222:assumed-role/CrossAccountPowerUser/dev"
    assert demo.who(aws, "sandbox") == "arn:aws:sts::444444444444:assumed-role/Developer/dev"
    assert demo.who(aws, "prod-audit").startswith("arn:aws:sts::222222222222:assumed-role/SecurityAudit/")
    assert "assumed-role/DatabaseAdministrator/" in demo.who(aws, "staging-dba")
    assert "555555555555:assumed-role/AWSReservedSSO_PowerUserAccess_" in demo.who(aws, "corp-dev")
    assert "666666666666:assumed-role/AWSReservedSSO_ReadOnlyAccess_" in demo.who(aws, "corp-data")
    assert 'source_profile "defualt"' in demo.who(aws, "legacy")


@pytest.fixture
def screen(aws, tmp_path):
    """An interactive bash in the demo, in a terminal; `aws` there is each of the AWS CLIs."""
    (tmp_path / "aws").symlink_to(aws)
    outer = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "INPUTRC": os.devnull, "PS1": "first> "}
    environ = in_path({**os.environ, **outer})
    environ["PATH"] = f"{tmp_path}:{environ['PATH']}"
    command = [XSWITCH, "demo", "run", "default", "--", shell_path("bash"), "--norc", "--noprofile"]
    with closing(Screen(command, environ)) as screen:
        yield screen


@pytest.mark.slow
def test_xs_switches_the_shell_one_stands_in_with_prompt_and_aws_and_goes_back(screen):
    def prompts(profile):
        screen.until(lambda: re.fullmatch(f"{profile} ready>", screen.text().strip().split("\n")[-1]))

    def who():
        screen.type("clear\r")
        screen.until(lambda: screen.text().strip().endswith("ready>") and "\n" not in screen.text().strip())
        screen.type("aws sts get-caller-identity --query Arn --output text\r")
        arn = re.compile(r"^arn:aws:\S+$", re.MULTILINE)
        screen.until(lambda: arn.search(screen.text()))
        return arn.search(screen.text())[0]

    screen.until("first>")
    screen.type("""eval "$(xswitch init bash)"; PS1='$(xswitch prompt) ready> '; clear\r""")
    prompts("default")
    screen.type("xs prod\r")
    screen.until("Type its name to go on:")
    screen.type("prod\r")
    prompts("⊘ prod 4[67]m")
    assert who() == "arn:aws:sts::222222222222:assumed-role/CrossAccountPowerUser/dev"
    prompts("⊘ prod 4[67]m")
    screen.type("xs -\r")
    prompts("default")
    assert who() == "arn:aws:iam::111111111111:user/dev"
    screen.type("exit\r")
    assert screen.end() == 0


@pytest.mark.slow
def test_accounts_have_their_own_roles_and_managed_policies(hold, aws):
    demo = hold()
    query = ("--query", "sort(Roles[].RoleName)", "--output", "json")
    roles = json.loads(demo.run(aws, "iam", "list-roles", "--profile", "prod", *query))
    assert roles == ["Admin", "BillingReader", "CrossAccountPowerUser", "SecurityAudit"]
    assert json.loads(demo.run(aws, "iam", "list-roles", "--profile", "default", *query)) == []
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    query = ("--query", "Policy.Arn", "--output", "text")
    assert demo.run(aws, "iam", "get-policy", "--policy-arn", arn, "--profile", "prod", *query) == arn


@pytest.mark.slow
def test_the_outer_home_is_neither_read_nor_written(hold, home, aws_v2):
    # Any AWS tool that reads one of these dies.
    for name in ("config", "credentials"):
        (home / ".aws" / name).write_text("not ini")
    before = sorted((path, path.stat().st_mtime_ns) for path in home.rglob("*"))
    demo = hold()
    assert "Developer" in demo.who(aws_v2, "sandbox")
    assert sorted((path, path.stat().st_mtime_ns) for path in home.rglob("*")) == before


@pytest.mark.slow
def test_only_its_user_can_read_the_home(hold):
    demo = hold()
    loose = [path for path in [demo.home, *demo.home.rglob("*")] if path.stat().st_mode & 0o077]
    assert loose == []


@pytest.mark.slow
def test_identifiers_are_the_same_in_every_run(hold):
    first, second = hold(), hold()
    assert first.home != second.home
    name = ".aws/credentials"
    assert (first.home / name).read_text() == (second.home / name).read_text()


@pytest.mark.slow
def test_the_server_is_no_child_of_what_runs_in_the_demo(hold):
    assert hold().environ["CHILDREN"] == "none"


@pytest.mark.slow
def test_a_killed_holder_takes_the_demo_with_it(hold):
    demo = hold()
    assert demo.is_up()
    demo.process.kill()
    assert demo.is_gone()


@pytest.mark.slow
def test_the_demo_lives_while_anything_started_in_it_does(hold):
    demo = hold("sleep 600 & echo $!; exit 0")
    assert demo.process.stdout is not None
    child = int(demo.process.stdout.readline())
    demo.process.wait()
    time.sleep(0.3)
    assert demo.is_up()
    assert demo.home.exists()
    os.kill(child, signal.SIGKILL)
    assert demo.is_gone()


@pytest.mark.slow
def test_ctrl_c_does_not_reach_the_server(hold):
    demo = hold("trap '' INT; echo ready; sleep 600 & wait")
    assert demo.process.stdout is not None
    demo.process.stdout.readline()
    os.killpg(demo.process.pid, signal.SIGINT)
    time.sleep(0.3)
    assert demo.is_up()


@pytest.mark.slow
def test_the_aws_cli_signs_in_to_sso_without_a_browser(hold, aws_v2):
    demo = hold()
    assert "Token for partner does not exist" in demo.who(aws_v2, "partner-audit")
    said = demo.run(aws_v2, "sso", "login", "--profile", "partner-audit", "--no-browser")
    assert "Successfully logged into Start URL: https://partner.awsapps.com/start" in said
    assert "999999999999:assumed-role/AWSReservedSSO_SecurityAudit_" in demo.who(aws_v2, "partner-audit")


@pytest.mark.slow
def test_any_six_digits_but_zeros_are_an_mfa_code(hold):
    demo = hold()
    sts = client_in(demo, "sts")
    asked = {"RoleArn": "arn:aws:iam::222222222222:role/Admin", "RoleSessionName": "dev"}
    asked["SerialNumber"] = "arn:aws:iam::111111111111:mfa/dev"
    assert "Credentials" in sts.assume_role(**asked, TokenCode="123456")
    for code in ("000000", "12345a"):
        for call in (sts.assume_role, sts.get_session_token):
            parameters = asked if call == sts.assume_role else {"SerialNumber": asked["SerialNumber"]}
            with pytest.raises(ClientError) as caught:
                call(**parameters, TokenCode=code)
            assert error_of(caught.value) == (
                "AccessDenied",
                "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
            )


@pytest.mark.slow
def test_a_session_is_its_users_and_gets_roles_for_an_hour_at_most(hold):
    demo = hold()
    given = client_in(demo, "sts").get_session_token()["Credentials"]
    assert given["AccessKeyId"].startswith("ASIA")
    sts = client_in(demo, "sts", given)
    assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::111111111111:user/dev"
    asked = {"RoleArn": "arn:aws:iam::222222222222:role/Admin", "RoleSessionName": "dev"}
    role = sts.assume_role(**asked, DurationSeconds=3600)["Credentials"]
    for session in (given, role):
        with pytest.raises(ClientError) as caught:
            client_in(demo, "sts", session).assume_role(**asked, DurationSeconds=3601)
        code, message = error_of(caught.value)
        assert code == "ValidationError"
        assert message.endswith("exceeds the 1 hour session limit for roles assumed by role chaining.")
        with pytest.raises(ClientError) as caught:
            client_in(demo, "sts", session).get_session_token()
        assert error_of(caught.value)[1] == "Cannot call GetSessionToken with session credentials"


@pytest.mark.slow
def test_there_are_users_groups_and_policies_to_choose_from_and_the_devs_mfa_device(hold):
    iam = client_in(hold(), "iam")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["dev", *tree.DEV_USERS]
    names = [group["GroupName"] for group in iam.list_groups()["Groups"]]
    members = {name: iam.get_group(GroupName=name)["Users"] for name in names}
    found = {name: tuple(user["UserName"] for user in users) for name, users in members.items()}
    assert found == tree.DEV_GROUPS
    arns = {policy["Arn"].partition(":policy/")[2] for policy in iam.list_policies(Scope="AWS")["Policies"]}
    assert arns == {*tree.POLICIES, *tree.ROLE_POLICIES.values()}
    devices = iam.list_mfa_devices(UserName="dev")["MFADevices"]
    assert [device["SerialNumber"] for device in devices] == ["arn:aws:iam::111111111111:mfa/dev"]


@pytest.mark.slow
def test_a_new_role_is_refused_for_some_seconds_and_those_of_the_demo_are_not(hold):
    demo = hold()
    sts, iam = client_in(demo, "sts"), client_in(demo, "iam")
    asked = {"RoleSessionName": "dev"}
    sts.assume_role(**asked, RoleArn="arn:aws:iam::444444444444:role/Developer")
    role = iam.create_role(RoleName="New", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    with pytest.raises(ClientError) as caught:
        sts.assume_role(**asked, RoleArn=role)
    text = (
        "User: arn:aws:iam::111111111111:user/dev is not authorized to perform: sts:AssumeRole on resource:"
    )
    assert error_of(caught.value) == ("AccessDenied", f"{text} {role}")
    time.sleep(tree.SETTLING)
    sts.assume_role(**asked, RoleArn=role)


@pytest.mark.slow
def test_access_is_set_up_waited_for_used_and_taken_down(hold, aws):
    demo = hold()
    accounts = ("--trusting", "prod-admin", "--trusted", "default", "--user", "dev", "--mfa-token", "123456")
    role = ("--role", "CrossAccountReader", "--policy", "job-function/ViewOnlyAccess", "--profile", "view")
    before = (demo.home / ".aws/config").read_text()
    said = demo.run(XSWITCH, "delegate", *accounts, *role, "--yes", "--yes-really", "prod-admin")
    arn = "arn:aws:sts::222222222222:assumed-role/CrossAccountReader/"
    assert arn in said
    assert demo.who(aws, "view").startswith(arn)
    assert "is taken down" in demo.run(
        XSWITCH, "delegate", "undo", "view", "--yes", "--yes-really", "prod-admin"
    )
    assert (demo.home / ".aws/config").read_text() == before


def client_in(demo, service, session=None):
    """Return botocore's client that the keys of the demo's default profile, or a session, sign for."""
    keys = RawConfigParser()
    keys.read(demo.home / ".aws/credentials")
    signing = dict(keys["default"])
    if session is not None:
        signing = {
            "aws_access_key_id": session["AccessKeyId"],
            "aws_secret_access_key": session["SecretAccessKey"],
            "aws_session_token": session["SessionToken"],
        }
    return Session().create_client(service, region_name="eu-west-1", endpoint_url=demo.url, **signing)


def error_of(error):
    return error.response["Error"]["Code"], error.response["Error"]["Message"]


@pytest.mark.slow
def test_the_request_log_tells_who_asked_what(aws_server, user, aws, home):
    key, secret = user
    environ = aws_server.environment(home)
    (home / ".aws/credentials").write_text(
        f"[default]\naws_access_key_id={key}\naws_secret_access_key={secret}\n"
    )
    (home / ".aws/config").write_text(
        f"[profile r]\nrole_arn={ARN}\nsource_profile=default\nregion=eu-west-1\nexternal_id=x1\n"
        "role_session_name=me\nduration_seconds=1800\n"
    )
    aws_server.clear()
    command = [aws, "sts", "get-caller-identity", "--profile", "r"]
    for _ in range(2):
        subprocess.run(command, env=environ, check=True, capture_output=True)
    assert aws_server.actions() == ["AssumeRole", "GetCallerIdentity", "GetCallerIdentity"]
    first, second = aws_server.requests()[:2]
    assert first == {
        "service": "sts",
        "action": "AssumeRole",
        "access_key_id": key,
        "region": "eu-west-1",
        "parameters": {
            "RoleArn": ARN,
            "RoleSessionName": "me",
            "ExternalId": "x1",
            "DurationSeconds": "1800",
        },
    }
    assert second["access_key_id"].startswith("ASIA")
