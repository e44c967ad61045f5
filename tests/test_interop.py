"""xswitch and the real AWS CLIs, 1 and 2, share their sessions: counted in the server's request log."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from awshome import SSO, read_profiles_in, write_profiles
from running import TOKEN, cache_file, json_of, run_xswitch, write_session

pytestmark = pytest.mark.slow

CONFIG = f"""\
[profile r]
role_arn = arn:aws:iam::222222222222:role/team/Admin
source_profile = keys
region = eu-west-1
external_id = ext-é
role_session_name = me
duration_seconds = 3600
[profile plain]
role_arn = arn:aws:iam::222222222222:role/Plain
source_profile = keys
region = eu-west-1
[profile chained]
role_arn = arn:aws:iam::333333333333:role/Chained
source_profile = plain
region = eu-west-1
[profile careful]
role_arn = arn:aws:iam::222222222222:role/Careful
source_profile = keys
mfa_serial = arn:aws:iam::111111111111:mfa/alice
region = eu-west-1
{SSO}"""
ROLES = {"r": ["r"], "plain": ["plain"], "chained": ["plain", "chained"]}


class Setup:
    """A home whose AWS is the server, and what can be done there."""

    def __init__(self, server, folder) -> None:
        self.server = server
        self.folder = folder
        self.env = server.environment(folder.parent)

    def aws(self, aws: str, profile: str) -> dict[str, Any]:
        """Return the identity that the AWS CLI has under a profile."""
        command = [aws, "sts", "get-caller-identity", "--profile", profile, "--output", "json"]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def run(self, profile: str, *command: str, **variables: str) -> str:
        """Run a command under a profile; return what it printed."""
        done = run_xswitch("run", profile, "--", *command, env={**self.env, **variables})
        assert done.returncode == 0, done.stderr
        return done.stdout

    def key(self, profile: str) -> str:
        """Return the access key id in the profile's cached session."""
        path = cache_file(self.folder.parent, read_profiles_in(self.folder)[profile])
        return json.loads(path.read_text())["Credentials"]["AccessKeyId"]

    def asked(self) -> list[tuple[str, str]]:
        """Return action and access key id of every request since the last call."""
        requests = [(request["action"], request["access_key_id"]) for request in self.server.requests()]
        self.server.clear()
        return requests


@pytest.fixture
def setup(aws_server, aws_folder, user):
    key, secret = user
    write_profiles(
        aws_folder, CONFIG, f"[keys]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
    )
    aws_server.clear()
    return Setup(aws_server, aws_folder)


@pytest.mark.parametrize("profile", ROLES)
def test_the_aws_cli_uses_the_session_that_xswitch_obtained(setup, aws, profile):
    setup.run(profile, "true")
    assert [action for action, _ in setup.asked()] == ["AssumeRole"] * len(ROLES[profile])
    before = {path: path.read_bytes() for path in (setup.folder / "cli/cache").iterdir()}
    identity = setup.aws(aws, profile)
    assert setup.asked() == [("GetCallerIdentity", setup.key(profile))]
    assert "assumed-role/" in identity["Arn"]
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("profile", ROLES)
def test_xswitch_uses_the_session_that_the_aws_cli_obtained(setup, aws, profile):
    setup.aws(aws, profile)
    assert [action for action, _ in setup.asked()] == ["AssumeRole"] * len(ROLES[profile]) + [
        "GetCallerIdentity"
    ]
    for hop in ROLES[profile]:
        [listed] = [entry for entry in json_of("list", "--json", env=setup.env) if entry["name"] == hop]
        assert listed["session"]["state"] == "valid"
        done = run_xswitch("run", hop, "--env", "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID", env=setup.env)
        assert done.stdout == setup.key(hop) + "\n"
    assert setup.asked() == []


@pytest.mark.parametrize("mode", [[], ["--env"]])
def test_the_aws_cli_under_run_is_the_profile_whatever_the_outer_environment(setup, aws, mode):
    outer = {
        "AWS_ACCESS_KEY_ID": "AKIAOUTER00000000000",
        "AWS_SECRET_ACCESS_KEY": "outer",
        "AWS_SECURITY_TOKEN": "outer",
        "AWS_DEFAULT_PROFILE": "keys",
        "AWS_PROFILE": "keys",
        "AWS_REGION": "us-west-1",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent",
        "AWS_ROLE_ARN": "arn:aws:iam::999999999999:role/Outer",
    }
    done = run_xswitch(
        "run",
        "chained",
        *mode,
        "--",
        aws,
        "sts",
        "get-caller-identity",
        "--output",
        "json",
        env={**setup.env, **outer},
    )
    assert done.returncode == 0, done.stderr
    assert "333333333333:assumed-role/Chained/" in json.loads(done.stdout)["Arn"]
    assert {request["region"] for request in setup.server.requests()} == {"eu-west-1"}
    assert setup.asked()[2:] == [("GetCallerIdentity", setup.key("chained"))]


def test_a_session_kept_after_a_code_serves_the_aws_cli_without_asking(setup, aws):
    write_session(setup.folder.parent, read_profiles_in(setup.folder)["careful"])
    setup.aws(aws, "careful")
    assert setup.asked() == [("GetCallerIdentity", "ASIACACHED0000000000")]
    command = [aws, "sts", "get-caller-identity", "--output", "json"]
    setup.run("careful", *command)
    assert setup.asked() == [("GetCallerIdentity", "ASIACACHED0000000000")]


def test_a_session_near_its_end_is_renewed_by_both_alike(setup, aws):
    profile = read_profiles_in(setup.folder)["plain"]
    write_session(setup.folder.parent, profile, minutes=14)
    setup.aws(aws, "plain")
    assert [action for action, _ in setup.asked()] == ["AssumeRole", "GetCallerIdentity"]
    write_session(setup.folder.parent, profile, minutes=14)
    setup.run("plain", "true")
    assert [action for action, _ in setup.asked()] == ["AssumeRole"]


def test_a_broken_entry_on_which_the_aws_cli_fails_is_mended_by_a_run(setup, aws):
    path = write_session(setup.folder.parent, read_profiles_in(setup.folder)["plain"])
    path.write_text(path.read_text()[:30])
    command = [aws, "sts", "get-caller-identity", "--profile", "plain"]
    assert subprocess.run(command, env=setup.env, capture_output=True, check=False).returncode != 0
    identity = setup.run("plain", aws, "sts", "get-caller-identity")
    assert "assumed-role/Plain/" in identity


def test_sso_sessions_are_shared_with_version_2(setup, aws_v2):
    tokens = setup.folder / "sso/cache"
    tokens.mkdir(parents=True)
    token = {"accessToken": TOKEN, "expiresAt": "2099-01-01T00:00:00Z", "region": "us-east-1"}
    token["startUrl"] = "https://corp.example.com/start"
    (tokens / "ee0bfd2552fbd840c02cc48b6e823320543c450f.json").write_text(json.dumps(token))
    setup.run("sso", "true")
    assert [action for action, _ in setup.asked()] == ["GetRoleCredentials"]
    identity = setup.aws(aws_v2, "sso")
    assert setup.asked() == [("GetCallerIdentity", setup.key("sso"))]
    assert "AWSReservedSSO_Reader_" in identity["Arn"]
    cache_file(setup.folder.parent, read_profiles_in(setup.folder)["sso"]).unlink()
    setup.aws(aws_v2, "sso")
    setup.asked()
    setup.run("sso", "true")
    assert setup.asked() == []


def test_a_profile_lists_as_in_the_aws_cli(setup, aws_v2):
    done = subprocess.run(
        [aws_v2, "configure", "list-profiles"], env=setup.env, capture_output=True, text=True, check=True
    )
    assert [profile["name"] for profile in json_of("list", "--json", env=setup.env)] == done.stdout.split()
