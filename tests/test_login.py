"""Signing in, renewing, signing out; many processes at once; what is said before AWS would refuse it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from functools import partial

import awshome
import pytest
from awshome import read_profiles_in, write_profiles
from running import CANARY, XSWITCH, Terminal, cache_file, json_of, run_xswitch, write_session

from xswitch.sessions.interaction import Cancelled, Interaction
from xswitch.sessions.keys import token_key
from xswitch.sessions.lock import locked

role = partial(awshome.role, region="eu-west-1")
MFA = "arn:aws:iam::111111111111:mfa/alice"
CORP = """\
[sso-session corp]
sso_start_url = https://corp.example.com/start
sso_region = us-east-1
"""


def sso(name):
    """Return the section of a profile of the SSO session `corp`."""
    return (
        f"[profile {name}]\nsso_session = corp\nsso_account_id = 444444444444\nsso_role_name = {name}\n"
        "region = eu-west-1\n"
    )


def entry_of(aws_folder, name):
    path = cache_file(aws_folder.parent, read_profiles_in(aws_folder)[name])
    return json.loads(path.read_text())


def sso_token(aws_folder, minutes=60):
    """Put a token of the SSO session `corp` where the AWS CLI keeps it; return the file."""
    path = aws_folder / "sso/cache" / f"{token_key('corp', None)}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    ends = datetime.now(UTC) + timedelta(minutes=minutes)
    token = {
        "startUrl": "https://corp.example.com/start",
        "region": "us-east-1",
        "accessToken": CANARY,
        "expiresAt": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
    }
    path.write_text(json.dumps(token))
    return path


# --- signing in ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_login_renews_a_session_that_still_lasts(under, aws_server, aws_folder):
    env = under(role("r"))
    first = write_session(aws_folder.parent, read_profiles_in(aws_folder)["r"]).read_text()
    done = run_xswitch("login", "r", env=env)
    assert (done.returncode, done.stdout) == (0, "")
    assert "xswitch: r is signed in: 59m" in done.stderr
    assert aws_server.actions() == ["AssumeRole"]
    assert entry_of(aws_folder, "r") != json.loads(first)


@pytest.mark.slow
def test_login_renews_only_the_last_hop_of_a_chain(under, aws_server, aws_folder):
    env = under(role("one") + role("two", "one"))
    for _ in range(2):
        assert run_xswitch("login", "two", env=env).returncode == 0
    names = [asked["parameters"]["RoleArn"].rpartition("/")[2] for asked in aws_server.requests()]
    assert names == ["one", "two", "two"]


def test_login_with_long_lived_keys_says_that_nothing_ends(under, aws_server):
    done = run_xswitch("login", "keys", env=under(""))
    assert done.returncode == 0
    assert "needs no sign-in" in done.stderr
    assert aws_server.actions() == []


@pytest.mark.parametrize("name", ["broken", "nothing", "missing"])
def test_login_to_what_cannot_work_is_one_sentence(under, name):
    env = under(role("broken", "gone") + "[profile nothing]\nregion = eu-west-1\n")
    done = run_xswitch("login", name, env=env)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_a_profile_of_aws_login_is_handed_over_to_aws(under, tmp_path):
    fake = tmp_path / "bin" / "aws"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\necho "aws got: $*"\nexit 7\n')
    fake.chmod(0o755)
    config = (
        '[profile "my login"]\nlogin_session = arn:aws:iam::111111111111:user/alice\nregion = eu-west-1\n'
    )
    env = under(config + role("r", "my login"))
    env["PATH"] = f"{fake.parent}:{env['PATH']}"
    for name in ("my login", "r"):
        done = run_xswitch("login", name, env=env)
        assert (done.returncode, done.stdout) == (7, "aws got: login --profile my login\n")
        assert f"xswitch: {name} is signed in by: aws login" in done.stderr


@pytest.mark.slow
def test_login_to_a_role_over_sso_signs_in_to_sso_first(under, aws_server, aws_folder, tmp_path):
    env = under(CORP + sso("Admin") + role("over", "Admin"))
    aws_server.control(device="approve-after-2-polls")
    terminal = Terminal([XSWITCH, "login", "over", "--no-browser"], env)
    terminal.until("confirm the code")
    terminal.until("waiting for the browser")
    terminal.until("over is signed in", timeout=40)
    assert terminal.end() == 0
    assert "\x1b]52;c;" in terminal.text
    actions = aws_server.actions()
    assert actions[:2] == ["RegisterClient", "StartDeviceAuthorization"]
    assert actions[-2:] == ["GetRoleCredentials", "AssumeRole"]
    # The second time nobody is asked.
    aws_server.clear()
    assert run_xswitch("login", "over", env=env).returncode == 0
    assert "StartDeviceAuthorization" not in aws_server.actions()


@pytest.mark.slow
def test_a_token_that_sso_no_longer_knows_is_replaced(under, aws_server, aws_folder):
    env = under(CORP + sso("Admin"))
    sso_token(aws_folder)
    refusal = {"status": 401, "code": "UnauthorizedException", "message": "no", "times": 1}
    aws_server.control(fail={"GetRoleCredentials": refusal})
    done = run_xswitch("run", "Admin", "--", "true", env=env)
    assert "sign in with: xswitch login Admin" in done.stderr
    aws_server.control(fail={"GetRoleCredentials": refusal})
    terminal = Terminal([XSWITCH, "login", "Admin", "--no-browser"], env)
    terminal.until("Admin is signed in", timeout=40)
    assert terminal.end() == 0


@pytest.mark.slow
@pytest.mark.parametrize("verb", [["login", "two"], ["run", "two", "--env", "--", "true"]])
def test_a_hop_whose_cached_session_aws_refuses_is_assumed_anew(under, aws_server, aws_folder, verb):
    env = under(role("one") + role("two", "one"))
    write_session(aws_folder.parent, read_profiles_in(aws_folder)["one"])
    refusal = {"status": 403, "code": "ExpiredToken", "message": "over", "times": 1}
    aws_server.control(fail={"AssumeRole": refusal})
    assert run_xswitch(*verb, env=env).returncode == 0
    names = [asked["parameters"]["RoleArn"].rpartition("/")[2] for asked in aws_server.requests()]
    assert names == ["two", "one", "two"]


@pytest.mark.slow
def test_force_takes_nothing_from_the_cache(under, aws_server):
    env = under(role("one") + role("two", "one"))
    assert run_xswitch("login", "two", env=env).returncode == 0
    assert run_xswitch("login", "two", "--force", env=env).returncode == 0
    assert aws_server.actions() == ["AssumeRole"] * 4


@pytest.mark.slow
def test_a_sign_in_outlasts_a_moment_in_which_sso_fails(under, aws_server, aws_folder):
    env = under(CORP + sso("Admin"))
    failing = {"status": 500, "code": "InternalServerException", "message": "no", "times": 1}
    aws_server.control(fail={"CreateToken": failing})
    terminal = Terminal([XSWITCH, "login", "Admin", "--no-browser"], env)
    terminal.until("Admin is signed in", timeout=60)
    assert terminal.end() == 0


def test_a_dumb_terminal_gets_the_code_and_no_control_sequence(under, aws_server):
    env = {**under(CORP + sso("Admin")), "TERM": "dumb"}
    aws_server.control(device="never")
    terminal = Terminal([XSWITCH, "login", "Admin", "--no-browser"], env)
    terminal.until("confirm the code")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "\x1b" not in terminal.text


# --- the environment as a source -----------------------------------------------------------------


@pytest.mark.slow
def test_a_session_that_xswitch_put_there_is_not_taken_for_the_users_own_keys(under, aws_server, user):
    env = under("[profile e]\nrole_arn = arn:aws:iam::222222222222:role/e\ncredential_source = Environment\n")
    key, secret = user
    theirs = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    ours = {"AWS_ACCESS_KEY_ID": "ASIAOTHER", "AWS_SECRET_ACCESS_KEY": "x", "XSWITCH_PROFILE": "prod"}
    done = run_xswitch("run", "e", "--", "true", env={**env, **ours})
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "those in it are a session of prod" in done.stderr
    assert aws_server.actions() == []
    assert run_xswitch("run", "e", "--", "true", env={**env, **theirs}).returncode == 0
    assert aws_server.requests()[0]["access_key_id"] == key
    # Its own session is cached, and serves whatever is in the environment.
    assert run_xswitch("run", "e", "--", "true", env={**env, **ours}).returncode == 0


# --- many at once --------------------------------------------------------------------------------


def at_once(count, arguments, env):
    """Start xswitch that many times together; return each exit status and stderr."""
    started = [
        subprocess.Popen(
            [XSWITCH, *arguments(number)],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    ended = [(process.communicate(timeout=120)[1], process.returncode) for process in started]
    return [(status, said) for said, status in ended]


@pytest.mark.slow
def test_twenty_that_want_one_session_make_one_call(under, aws_server, aws_folder):
    env = under(role("one") + role("two", "one"))
    aws_server.control(delay={"AssumeRole": 0.3})
    ended = at_once(20, lambda _: ["run", "two", "--", "true"], env)
    assert [status for status, _ in ended] == [0] * 20
    assert aws_server.actions() == ["AssumeRole"] * 2
    names = os.listdir(aws_folder / "cli/cache")
    assert len(names) == 2
    assert all(entry_of(aws_folder, name)["Credentials"]["AccessKeyId"] for name in ("one", "two"))


@pytest.mark.slow
def test_roles_that_share_a_device_ask_for_one_code(under, aws_server):
    config = "".join(role(f"r{number}", mfa_serial=MFA, mfa_process="echo 123456") for number in range(6))
    env = under(config)
    aws_server.control(delay={"GetSessionToken": 0.5})
    ended = at_once(6, lambda number: ["run", f"r{number}", "--", "true"], env)
    assert [status for status, _ in ended] == [0] * 6
    assert sorted(aws_server.actions()) == ["AssumeRole"] * 6 + ["GetSessionToken"]


@pytest.mark.slow
def test_sso_roles_that_are_wanted_at_once_are_fetched_once(under, aws_server, aws_folder):
    env = under(CORP + sso("Admin"))
    sso_token(aws_folder)
    aws_server.control(delay={"GetRoleCredentials": 0.3})
    ended = at_once(8, lambda _: ["run", "Admin", "--", "true"], env)
    assert [status for status, _ in ended] == [0] * 8
    assert aws_server.actions() == ["GetRoleCredentials"]


@pytest.mark.slow
def test_chains_that_cross_do_not_wait_for_each_other(under, aws_server):
    # The same two roles, each the source of the other under another name: their locks are the same two.
    arns = {
        name: {"role_arn": f"arn:aws:iam::222222222222:role/{name[0]}"} for name in ("a1", "b1", "a2", "b2")
    }
    config = role("a1", "b1", **arns["a1"]) + role("b1", **arns["b1"])
    config += role("b2", "a2", **arns["b2"]) + role("a2", **arns["a2"])
    env = under(config)
    aws_server.control(delay={"AssumeRole": 0.2})
    ended = at_once(8, lambda number: ["run", "a1" if number % 2 else "b2", "--", "true"], env)
    assert [status for status, _ in ended] == [0] * 8


@pytest.mark.slow
def test_roles_over_one_sso_profile_fetch_its_session_once(under, aws_server, aws_folder):
    config = "".join(role(f"r{number}", "Admin") for number in range(6))
    env = under(CORP + sso("Admin") + config)
    sso_token(aws_folder)
    aws_server.control(delay={"GetRoleCredentials": 0.3})
    ended = at_once(6, lambda number: ["run", f"r{number}", "--", "true"], env)
    assert [status for status, _ in ended] == [0] * 6
    assert sorted(aws_server.actions()) == ["AssumeRole"] * 6 + ["GetRoleCredentials"]


@pytest.mark.slow
def test_a_token_that_is_over_is_renewed_once_for_all(under, aws_server, aws_folder):
    config = "".join(sso(f"r{number}") for number in range(6))
    env = under(CORP.replace("us-east-1", "us-east-1\nsso_registration_scopes = sso:account:access") + config)
    terminal = Terminal([XSWITCH, "login", "r0", "--no-browser"], env)
    terminal.until("r0 is signed in", timeout=40)
    assert terminal.end() == 0
    [path] = [path for path in (aws_folder / "sso/cache").iterdir() if "refreshToken" in path.read_text()]
    token = json.loads(path.read_text())
    path.write_text(json.dumps({**token, "expiresAt": "2020-01-01T00:00:00Z"}))
    assert run_xswitch("logout", "r0", env=env).returncode == 0
    aws_server.clear()
    aws_server.control(delay={"CreateToken": 0.3})
    ended = at_once(6, lambda number: ["run", f"r{number}", "--", "true"], env)
    assert [status for status, _ in ended] == [0] * 6
    assert sorted(aws_server.actions()) == ["CreateToken"] + ["GetRoleCredentials"] * 6


@pytest.mark.slow
def test_nobody_waits_for_ever_behind_a_prompt_that_was_left(under, aws_server):
    env = under(role("one", mfa_serial=MFA))
    left = Terminal([XSWITCH, "login", "one"], env)
    left.until("Enter MFA code")
    # Who has a code does not need the one that is being asked for.
    done = run_xswitch("run", "one", "--mfa-token", "123456", "--", "true", env=env)
    assert done.returncode == 0, done.stderr
    assert aws_server.actions() == ["GetSessionToken", "AssumeRole"]
    left.type("\x03")
    assert left.end() == 130


class Waiting(Interaction):
    """Waits an hour in no time, and then gives up."""

    def __init__(self, mfa_token="", *, person=False):
        self.mfa_token = mfa_token
        self.person = person
        self.waited = 0.0

    def has_person(self):
        return self.person

    def pause(self, seconds):
        self.waited += seconds
        if self.waited > 3600:
            raise Cancelled


def test_patience_with_a_lock_ends_where_there_is_nobody_to_ask(tmp_path):
    for waiting, most in [(Waiting(), 70), (Waiting("123456", person=True), 10)]:
        with locked(str(tmp_path), "key", Interaction()), locked(str(tmp_path), "key", waiting):
            assert 1 < waiting.waited < most


def test_who_may_be_asked_waits_for_the_question_that_is_being_asked(tmp_path):
    with (
        locked(str(tmp_path), "key", Interaction()),
        pytest.raises(Cancelled),
        locked(str(tmp_path), "key", Waiting(person=True)),
    ):
        pass


@pytest.mark.slow
def test_the_next_one_takes_over_from_a_holder_that_is_killed(under, aws_server):
    env = under(role("r"))
    aws_server.control(delay={"AssumeRole": 60})
    holder = subprocess.Popen([XSWITCH, "run", "r", "--", "true"], env=env)
    while "AssumeRole" not in aws_server.actions():
        time.sleep(0.05)
    aws_server.control()
    waiting = subprocess.Popen(
        [XSWITCH, "run", "r", "--", "true"], env=env, stderr=subprocess.PIPE, text=True
    )
    assert waiting.stderr is not None
    assert f"is being obtained already by process {holder.pid}" in waiting.stderr.readline()
    holder.kill()
    holder.wait()
    assert waiting.wait(timeout=60) == 0
    waiting.stderr.close()


@pytest.mark.slow
def test_without_a_place_for_locks_the_session_is_still_obtained(under, aws_server, aws_folder):
    env = under(role("r"))
    (aws_folder.parent / ".local/state").write_text("no folder")
    assert run_xswitch("run", "r", "--", "true", env=env).returncode == 0
    assert aws_server.actions() == ["AssumeRole"]


# --- time ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("ttl", "calls"), [("30m", 1), ("1800", 1), ("25m", 0), ("0h20m", 0)])
def test_min_ttl_renews_a_session_that_has_less_left(under, aws_server, aws_folder, ttl, calls):
    env = under(role("r"))
    write_session(aws_folder.parent, read_profiles_in(aws_folder)["r"], minutes=28)
    done = run_xswitch("run", "r", "--min-ttl", ttl, "--", "true", env=env)
    assert done.returncode == 0, done.stderr
    assert aws_server.actions() == ["AssumeRole"] * calls


@pytest.mark.slow
def test_a_session_that_can_never_last_that_long_is_refused(under, aws_server):
    env = under(role("r", duration_seconds=1800))
    done = run_xswitch("run", "r", "--min-ttl", "45m", "--", "echo", "ran", env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert "a new session of r lasts" in done.stderr
    assert "45 were asked for" in done.stderr


@pytest.mark.parametrize("ttl", ["soon", "m", "30x", "-5m", "1h30", "", "99999999999999h", "٣m"])
def test_what_is_no_time_is_a_usage_error(under, ttl):
    done = run_xswitch("run", "keys", "--min-ttl", ttl, "--", "true", env=under(""))
    if ttl == "1h30":
        assert done.returncode == 0  # an hour and thirty seconds
    else:
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("config", "rule"),
    [
        (role("r", "one", duration_seconds=7200) + role("one"), "its source “one” is a role"),
        (role("r", "Admin", duration_seconds=3601) + CORP + sso("Admin"), "“Admin” is an SSO role"),
        (role("r", duration_seconds=899), "AWS gives no session under 900"),
        (role("r", duration_seconds=43201), "AWS gives at most 43200"),
        (
            role("r", duration_seconds=7200).replace(
                "source_profile = keys", "credential_source = EcsContainer"
            ),
            "credential_source EcsContainer is the session of a role",
        ),
    ],
)
def test_a_duration_that_aws_would_refuse_is_explained_before_any_call(under, aws_server, config, rule):
    env = under(config)
    done = run_xswitch("run", "r", "--", "true", env=env)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert rule in done.stderr
    assert "config:" in done.stderr
    assert aws_server.actions() == []
    [listed] = [profile for profile in json_of("list", "--json", env=env) if profile["name"] == "r"]
    assert [problem["code"] for problem in listed["problems"]] == ["duration-refused"]


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [900, 3600, 43200])
def test_a_duration_that_aws_grants_is_asked_for(under, aws_server, seconds):
    env = under(role("r", duration_seconds=seconds) + role("chained", "r", duration_seconds=3600))
    assert run_xswitch("run", "chained", "--", "true", env=env).returncode == 0
    asked = [request["parameters"]["DurationSeconds"] for request in aws_server.requests()]
    assert asked == [str(seconds), "3600"]


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "text", "hint"),
    [
        ("AccessDenied", "User: arn:aws:iam::1:user/x is not authorized", "trust policy names you"),
        ("AccessDenied", "MultiFactorAuthentication is required", "mfa_serial = arn:aws:iam::"),
        (
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            "access key of keys",
        ),
        ("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than …", "clock"),
        ("RequestExpired", "Request has expired.", "clock"),
        (
            "ValidationError",
            "DurationSeconds exceeds the MaxSessionDuration set for this role.",
            "role allows less",
        ),
        ("RegionDisabledException", "STS is not activated in this region", "--region"),
    ],
)
def test_each_refusal_says_what_to_do_and_the_raw_text_comes_with_debug(under, aws_server, code, text, hint):
    env = under(role("r"))
    aws_server.control(fail={"AssumeRole": {"status": 403, "code": code, "message": text}})
    done = run_xswitch("run", "r", "--", "true", env=env)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert code in done.stderr
    assert hint in done.stderr
    done = run_xswitch("run", "r", "--debug", "--", "true", env=env)
    assert "xswitch: AWS said: An error occurred" in done.stderr
    assert "Traceback" in done.stderr


@pytest.mark.slow
def test_throttling_is_waited_for_and_then_said(under, aws_server):
    env = under(role("r"))
    throttling = {"status": 400, "code": "Throttling", "message": "Rate exceeded"}
    aws_server.control(fail={"AssumeRole": {**throttling, "times": 1}})
    assert run_xswitch("run", "r", "--", "true", env=env).returncode == 0
    aws_server.control(fail={"AssumeRole": throttling})
    done = run_xswitch("login", "r", env=env)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "try again in a moment" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("verb", [["login", "r"], ["whoami", "broken"], ["run", "r", "--env", "--", "true"]])
def test_a_token_that_was_wrapped_is_in_no_error(under, aws_folder, verb):
    under(role("r", "broken"))
    credentials = (
        "[broken]\naws_access_key_id = ASIABROKEN\naws_secret_access_key = x\n"
        f"aws_session_token = {CANARY}one\n  {CANARY}two\n"
    )
    write_profiles(aws_folder, role("r", "broken"), credentials)
    for more in ([], ["--debug"]):
        done = run_xswitch(
            *verb[:2], *more, *verb[2:], env={**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
        )
        assert done.returncode == 1
        assert "a character that HTTP cannot" in done.stderr
        assert CANARY not in done.stderr


@pytest.mark.slow
def test_a_password_in_an_endpoint_is_in_no_error(under):
    env = {**under(role("r")), "AWS_ENDPOINT_URL": f"http://user:{CANARY}@127.0.0.1:9"}
    done = run_xswitch("run", "r", "--debug", "--", "true", env=env)
    assert "AWS could not be reached for r: no connection at http://127.0.0.1:9" in done.stderr
    assert CANARY not in done.stderr


@pytest.mark.slow
def test_a_port_that_speaks_no_tls_is_called_so(under, aws_server):
    env = {**under(role("r")), "AWS_ENDPOINT_URL": aws_server.url.replace("http:", "https:")}
    done = run_xswitch("run", "r", "--", "true", env=env)
    assert "AWS could not be reached for r: no secure connection (WRONG_VERSION_NUMBER" in done.stderr
    assert "AWS_CA_BUNDLE or AWS_ENDPOINT_URL" in done.stderr


@pytest.mark.slow
def test_a_region_that_does_not_exist_is_one_sentence(under):
    env = under(role("r", region="xx-nowhere-1"))
    del env["AWS_ENDPOINT_URL"]
    shutil.rmtree(os.path.join(env["HOME"], ".aws/models"))
    done = run_xswitch("run", "r", "--", "true", env=env)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "AWS could not be reached for r" in done.stderr
    assert "region" in done.stderr


# --- signing out ---------------------------------------------------------------------------------


@pytest.fixture
def signed_in(under, aws_folder):
    """Profiles with sessions, a token, and files beside them that are nobody's."""
    env = under(role("one") + role("two") + role("old") + CORP + sso("Admin"))
    profiles = read_profiles_in(aws_folder)
    files = {name: write_session(aws_folder.parent, profiles[name]) for name in ("one", "two", "Admin")}
    files["old"] = write_session(aws_folder.parent, profiles["old"], minutes=-5)
    files["token"] = sso_token(aws_folder)
    foreign = aws_folder / "cli/cache"
    (foreign / "session.db").write_bytes(b"SQLite")
    (foreign / ("f" * 40 + ".json")).write_text(files["one"].read_text())  # of a profile that is gone
    (aws_folder / "sso/cache" / ("e" * 40 + ".json")).write_text('{"clientId": "x", "clientSecret": "y"}')
    return env, files


def left(aws_folder, files):
    """Return the names of the files that are still there; those of nobody must all be."""
    foreign = [
        aws_folder / "cli/cache/session.db",
        aws_folder / f"cli/cache/{'f' * 40}.json",
        aws_folder / f"sso/cache/{'e' * 40}.json",
    ]
    assert all(path.exists() for path in foreign)
    return {name for name, path in files.items() if path.exists()}


@pytest.mark.parametrize(
    ("words", "gone"),
    [
        (["one"], {"one"}),
        (["one", "two"], {"one", "two"}),
        (["--expired"], {"old"}),
        (["one", "--expired"], set()),
        (["--all"], {"one", "two", "old", "Admin"}),
        (["Admin"], {"Admin"}),
    ],
)
def test_logout_removes_the_sessions_of_exactly_these_profiles(signed_in, aws_folder, words, gone):
    env, files = signed_in
    done = run_xswitch("logout", *words, env=env)
    assert (done.returncode, done.stdout) == (0, "")
    assert left(aws_folder, files) == set(files) - gone
    assert done.stderr.count("removed") == len(gone)
    assert CANARY not in done.stderr


@pytest.mark.slow
def test_logout_of_sso_tells_aws_and_removes_the_token(signed_in, aws_folder, aws_server):
    env, files = signed_in
    done = run_xswitch("logout", "Admin", "--sso", env=env)
    assert done.returncode == 0, done.stderr
    assert left(aws_folder, files) == {"one", "two", "old"}
    assert aws_server.actions() == ["Logout"]
    assert CANARY not in done.stderr


@pytest.mark.slow
def test_logout_of_sso_works_where_aws_cannot_be_reached(signed_in, aws_folder):
    env, files = signed_in
    done = run_xswitch("logout", "--all", "--sso", env={**env, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    assert done.returncode == 0
    assert left(aws_folder, files) == set()


def test_profiles_that_share_a_session_lose_it_together_and_it_is_said(under, aws_folder):
    env = under(role("one") + role("same", role_arn="arn:aws:iam::222222222222:role/one"))
    path = write_session(aws_folder.parent, read_profiles_in(aws_folder)["one"])
    done = run_xswitch("logout", "one", env=env)
    assert "it was the session of same too" in done.stderr
    assert not path.exists()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], 2, "logout needs a PROFILE, --all or --expired"),
        (["one", "--all"], 2, "not both"),
        (["onne"], 1, "did you mean one?"),
        (["keys"], 0, "nothing to remove: no such session of keys"),
    ],
)
def test_logout_says_what_it_needs(signed_in, aws_folder, words, status, said):
    env, files = signed_in
    done = run_xswitch("logout", *words, env=env)
    assert (done.returncode, done.stderr.count("\n")) == (status, 1)
    assert said in done.stderr
    assert left(aws_folder, files) == set(files)


@pytest.mark.slow
def test_the_session_of_a_device_goes_with_its_keys_and_not_with_a_role(under, aws_server):
    env = under(role("one", mfa_serial=MFA))
    assert run_xswitch("login", "one", "--mfa-token", "123456", env=env).returncode == 0
    assert run_xswitch("logout", "one", env=env).returncode == 0
    assert run_xswitch("login", "one", env=env).returncode == 0
    assert run_xswitch("logout", "keys", env=env).returncode == 0
    done = run_xswitch("login", "one", env=env)
    assert "an MFA code is needed" in done.stderr


@pytest.mark.slow
def test_what_logout_leaves_aws_still_uses(signed_in, aws_server, aws):
    env, _ = signed_in
    assert run_xswitch("logout", "one", env=env).returncode == 0
    aws_server.clear()
    asked = [aws, "sts", "get-caller-identity", "--profile", "two"]
    subprocess.run(asked, env=env, capture_output=True, check=False, timeout=60)
    assert aws_server.actions() == ["GetCallerIdentity"]


# --- aws login -----------------------------------------------------------------------------------

LOGIN = "[profile lg]\nlogin_session = arn:aws:iam::111111111111:user/alice\nregion = eu-west-1\n"


def test_a_session_of_aws_login_is_left_to_the_command_itself(under, aws_server):
    env = under(LOGIN + role("over", "lg"))
    for name in ("lg", "over"):
        done = run_xswitch("run", name, "--", "sh", "-c", "echo $AWS_PROFILE", env=env)
        assert (done.returncode, done.stdout) == (0, f"{name}\n")
    assert aws_server.actions() == []


@pytest.mark.slow
def test_without_what_botocore_needs_for_aws_login_one_sentence_says_so(under):
    done = run_xswitch("run", "lg", "--env", "--", "true", env=under(LOGIN))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "botocore[crt]" in done.stderr or "aws login" in done.stderr  # where that is installed
