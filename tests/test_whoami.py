"""Who AWS takes a profile, or this shell, for."""

from __future__ import annotations

import json

import pytest
from awshome import SSO, read_profiles_in, write_profiles
from running import CANARY, SECRET, XSWITCH, run_xswitch

from xswitch.sessions.identity import identity_of

pytestmark = pytest.mark.slow

CONFIG = f"""\
[profile role]
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = keys
role_session_name = me
region = eu-west-1
[profile nowhere]
role_arn = arn:aws:iam::333333333333:role/Other
source_profile = keys
[profile empty]
region = eu-central-1
{SSO}"""
ALICE = "arn:aws:iam::111111111111:user/alice"
ADMIN = "arn:aws:sts::222222222222:assumed-role/Admin/me"


class Setup:
    """A home whose AWS is the server."""

    def __init__(self, server, folder, user) -> None:
        self.server = server
        self.folder = folder
        self.env = server.environment(folder.parent)
        self.user = {"AWS_ACCESS_KEY_ID": user[0], "AWS_SECRET_ACCESS_KEY": user[1]}

    def who(self, *arguments, **variables):
        """Return the JSON report."""
        done = run_xswitch("whoami", *arguments, "--json", env={**self.env, **variables})
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    def refusal(self, *arguments, **variables):
        done = run_xswitch("whoami", *arguments, env={**self.env, **variables})
        assert (done.returncode, done.stdout) == (1, "")
        assert CANARY not in done.stderr
        assert len(done.stderr.splitlines()) == 1
        return done.stderr


@pytest.fixture
def setup(aws_server, aws_folder, user):
    keys = "aws_access_key_id = {}\naws_secret_access_key = {}\n".format(*user)
    write_profiles(aws_folder, CONFIG, f"[keys]\n{keys}")
    aws_server.clear()
    yield Setup(aws_server, aws_folder, user)
    aws_server.clear()


def test_a_profile_is_asked_for_with_its_session(setup):
    report = setup.who("role")
    assert list(report) == ["profile", "account_id", "arn", "user_id"]
    assert (report["profile"], report["account_id"], report["arn"]) == ("role", "222222222222", ADMIN)
    assert report["user_id"].endswith(":me")
    setup.who("role")
    assert setup.server.actions() == ["AssumeRole", "GetCallerIdentity", "GetCallerIdentity"]
    assert {request["region"] for request in setup.server.requests()} == {"eu-west-1"}


def test_people_read_it_line_by_line(setup):
    done = run_xswitch("whoami", "role", env=setup.env)
    words = [line.split(None, 1) for line in done.stdout.splitlines()]
    assert words[:3] == [["profile", "role"], ["account", "222222222222"], ["arn", ADMIN]]
    assert words[3][0] == "user"


def test_a_profile_without_a_region_is_asked_for_where_the_shell_is(setup):
    setup.who("nowhere")
    setup.who("nowhere", AWS_REGION="us-west-2")
    assert [request["region"] for request in setup.server.requests()][1:] == ["us-east-1", "us-west-2"]


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_a_shell_is_its_profile(setup, variable):
    assert setup.who(**{variable: "role"})["arn"] == ADMIN
    report = setup.who(**{variable: "role"})
    assert (report["profile"], report["arn"]) == ("role", ADMIN)
    assert setup.server.actions().count("AssumeRole") == 1


def test_a_shell_is_its_keys_whatever_its_profile(setup):
    report = setup.who(**setup.user, AWS_PROFILE="role")
    assert (report["profile"], report["arn"]) == (None, ALICE)
    assert setup.server.actions() == ["GetCallerIdentity"]
    report = setup.who("role", **setup.user)
    assert (report["profile"], report["arn"]) == ("role", ADMIN)


def test_a_shell_is_its_web_identity(setup, tmp_path):
    (tmp_path / "token").write_text("token")
    report = setup.who(
        AWS_WEB_IDENTITY_TOKEN_FILE=str(tmp_path / "token"),
        AWS_ROLE_ARN="arn:aws:iam::555555555555:role/Web",
        AWS_PROFILE="keys",
    )
    assert (report["profile"], report["account_id"]) == (None, "555555555555")


def test_a_shell_without_anything_is_the_default_profile(setup):
    assert "this shell has no credentials" in setup.refusal()
    assert "xswitch whoami PROFILE" in setup.refusal()
    path = setup.folder / "credentials"
    path.write_text(path.read_text().replace("[keys]", "[default]"))
    report = setup.who()
    assert (report["profile"], report["arn"]) == ("default", ALICE)


@pytest.mark.parametrize("mode", [[], ["--env"]])
def test_what_runs_under_a_profile_is_that_profile(setup, mode):
    done = run_xswitch("run", *mode, "role", "--", XSWITCH, "whoami", "--json", env=setup.env)
    assert json.loads(done.stdout)["arn"] == ADMIN


def test_a_profile_that_does_not_exist_or_has_nothing_is_one_sentence(setup):
    assert "there is no profile rol (did you mean role?)" in setup.refusal("rol")
    assert "there is no profile rol" in setup.refusal(AWS_PROFILE="rol")
    assert "the profile empty has no credentials" in setup.refusal("empty")
    assert "SSO session of sso is not signed in" in setup.refusal("sso")


@pytest.mark.parametrize("here", [True, False])
def test_what_aws_refuses_is_one_sentence(setup, here):
    message = "The security token included in the request is invalid."
    refusal = {"status": 403, "code": "InvalidClientTokenId", "message": message}
    setup.server.control(fail={"GetCallerIdentity": refusal})
    keys = {"AWS_ACCESS_KEY_ID": "AKIAX", "AWS_SECRET_ACCESS_KEY": SECRET}
    said = setup.refusal(**keys) if here else setup.refusal("keys")
    name = "this shell" if here else "keys"
    assert f"AWS refused GetCallerIdentity for {name}: InvalidClientTokenId: {message}" in said


@pytest.mark.parametrize("here", [True, False])
def test_an_aws_that_cannot_be_reached_is_one_sentence(setup, here):
    nobody = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    said = setup.refusal(**setup.user, **nobody) if here else setup.refusal("keys", **nobody)
    assert f"AWS could not be reached for {'this shell' if here else 'keys'}" in said


def test_a_fault_is_not_told_as_a_refusal_of_aws(setup):
    with pytest.raises(AttributeError):
        identity_of(None, read_profiles_in(setup.folder), "keys")  # no credentials to sign with


def test_an_answer_that_is_none_of_awss_is_one_sentence(setup):
    body = "<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>"
    setup.server.control(
        answer={"GetCallerIdentity": {"body": body, "headers": {"Content-Type": "text/xml"}}}
    )
    done = run_xswitch("whoami", "keys", env=setup.env)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "AWS did not answer GetCallerIdentity as it should (KeyError)" in done.stderr


def test_what_aws_answers_is_shown_and_not_obeyed(setup):
    body = (
        "<GetCallerIdentityResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><GetCallerIdentityResult>"
        "<Arn>arn:\u202eevil</Arn><UserId>U</UserId><Account>1</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    setup.server.control(
        answer={"GetCallerIdentity": {"body": body, "headers": {"Content-Type": "text/xml"}}}
    )
    done = run_xswitch("whoami", "keys", env=setup.env)
    assert "arn:\\u202eevil" in done.stdout
