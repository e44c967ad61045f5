"""Obtaining sessions: calls to a real server, the AWS CLI's cache, prompts on a real terminal, refusals."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from awshome import SSO, read_profiles_in, role, write_profiles
from running import (
    CANARY,
    SECRET,
    TOKEN,
    XSWITCH,
    Terminal,
    cache_file,
    json_of,
    run_python,
    run_xswitch,
    write_session,
)

MFA = "arn:aws:iam::111111111111:mfa/alice"
SEEN = "import json, os; print(json.dumps(dict(os.environ)))"


def entry_of(aws_folder, name):
    return json.loads(cache_file(aws_folder.parent, read_profiles_in(aws_folder)[name]).read_text())


# --- what is asked, and what is kept -------------------------------------------------------------


@pytest.mark.slow
def test_a_role_is_assumed_once_with_all_its_settings_and_then_cached(under, aws_server, aws_folder, user):
    config = role(
        "r", "keys", external_id="ext-1", role_session_name="me", duration_seconds=1800, region="eu-west-1"
    )
    env = under(config)
    for _ in range(2):
        assert run_xswitch("run", "r", "--", "true", env=env).returncode == 0
    [request] = aws_server.requests()
    assert request == {
        "service": "sts",
        "action": "AssumeRole",
        "access_key_id": user[0],
        "region": "eu-west-1",
        "parameters": {
            "RoleArn": "arn:aws:iam::222222222222:role/r",
            "RoleSessionName": "me",
            "ExternalId": "ext-1",
            "DurationSeconds": "1800",
        },
    }
    [listed] = [profile for profile in json_of("list", "--json", env=env) if profile["name"] == "r"]
    assert listed["session"]["state"] == "valid"
    entry = entry_of(aws_folder, "r")
    assert listed["session"]["expires_at"] == entry["Credentials"]["Expiration"]
    assert entry["AssumedRoleUser"]["Arn"] == "arn:aws:sts::222222222222:assumed-role/r/me"


@pytest.mark.slow
def test_a_chain_is_assumed_from_its_root_and_every_hop_is_kept(under, aws_server, aws_folder, user):
    env = under(role("one", "keys") + role("two", "one") + role("three", "two", region="us-west-2"))
    seen = run_python(SEEN, under=["three", "--env"], env=env)
    roles = [request["parameters"]["RoleArn"].rpartition("/")[2] for request in aws_server.requests()]
    assert aws_server.actions() == ["AssumeRole"] * 3
    assert roles == ["one", "two", "three"]
    # Each is assumed with the keys of the one before.
    signers = [request["access_key_id"] for request in aws_server.requests()]
    entries = [entry_of(aws_folder, name)["Credentials"] for name in ("one", "two", "three")]
    assert signers == [user[0], entries[0]["AccessKeyId"], entries[1]["AccessKeyId"]]
    assert seen["AWS_ACCESS_KEY_ID"] == entries[2]["AccessKeyId"]
    assert seen["AWS_CREDENTIAL_EXPIRATION"] == entries[2]["Expiration"]
    # Only the last hop is missing: only it is assumed.
    aws_server.clear()
    cache_file(aws_folder.parent, read_profiles_in(aws_folder)["three"]).unlink()
    assert run_xswitch("run", "three", "--", "true", env=env).returncode == 0
    assert [request["parameters"]["RoleArn"][-5:] for request in aws_server.requests()] == ["three"]


@pytest.mark.slow
def test_what_is_kept_is_private_whole_and_in_the_aws_clis_form(under, aws_folder):
    old = os.umask(0)
    try:
        assert run_xswitch("run", "r", "--", "true", env=under(role("r", "keys"))).returncode == 0
    finally:
        os.umask(old)
    cache = aws_folder / "cli/cache"
    [path] = cache.iterdir()
    assert path == cache_file(aws_folder.parent, read_profiles_in(aws_folder)["r"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.stat().st_mode) == stat.S_IMODE(cache.parent.stat().st_mode) == 0o700
    credentials = json.loads(path.read_text())["Credentials"]
    assert {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"} <= set(credentials)
    assert credentials["Expiration"][10] + credentials["Expiration"][-1] == "TZ"


@pytest.mark.slow
@pytest.mark.parametrize(
    "state",
    ["14 minutes left", "over", "truncated", "empty", "not JSON", "no credentials", "naive time", "folder"],
)
def test_an_entry_that_cannot_serve_is_renewed_over(under, aws_server, aws_folder, state):
    env = under(role("r", "keys"))
    profile = read_profiles_in(aws_folder)["r"]
    path = write_session(
        aws_folder.parent, profile, minutes={"14 minutes left": 14.9, "over": -60}.get(state, 60)
    )
    text = path.read_text()
    spoiled = {
        "truncated": text[: len(text) // 2],
        "empty": "",
        "not JSON": "\x00\xff",
        "no credentials": "{}",
        "naive time": text.replace("Z", ""),
    }
    path.write_text(spoiled.get(state, text))
    if state == "folder":
        path.unlink()
        path.mkdir()
    done = run_xswitch("run", "r", "--", "true", env=env)
    assert done.returncode == 0
    assert aws_server.actions() == ["AssumeRole"]
    if state == "folder":
        assert "could not be kept (Is a directory)" in done.stderr
        return
    assert done.stderr == ""
    assert CANARY not in path.read_text()
    [listed] = [entry for entry in json_of("list", "--json", env=env) if entry["name"] == "r"]
    assert listed["session"]["state"] == "valid"


def test_fifteen_minutes_left_are_enough(under, aws_server, aws_folder):
    env = under(role("r", "keys"))
    write_session(aws_folder.parent, read_profiles_in(aws_folder)["r"], minutes=15.2)
    seen = run_python(SEEN, under=["r", "--env"], env=env)
    assert seen["AWS_ACCESS_KEY_ID"] == "ASIACACHED0000000000"
    assert aws_server.actions() == []


@pytest.mark.slow
@pytest.mark.parametrize("where", ["cli", "cli/cache"])
def test_a_cache_that_cannot_be_written_is_a_warning_and_the_command_runs(
    under, aws_server, aws_folder, where
):
    env = under(role("r", "keys") + role("s", "r"))
    path = aws_folder / where
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    done = run_xswitch("run", "s", "--env", "--", "sh", "-c", "echo ${AWS_ACCESS_KEY_ID%%[!A-Z]*}", env=env)
    assert done.returncode == 0
    assert done.stdout.startswith("ASIA")
    assert done.stderr.startswith("xswitch: ~/.aws/cli/cache: the session could not be kept (")
    assert done.stderr.count("\n") == 1
    # Each hop once: what could not be kept still served the next.
    assert aws_server.actions() == ["AssumeRole", "AssumeRole"]


@pytest.mark.slow
def test_the_calls_use_the_region_that_the_command_will_see(under, aws_server):
    env = under(role("r", "keys", region="eu-west-1") + role("s", "keys"))

    def asked_in(*words, **variables):
        aws_server.clear()
        assert run_xswitch("run", *words, "--", "true", env={**env, **variables}).returncode == 0
        return [request["region"] for request in aws_server.requests()]

    outer = {"AWS_REGION": "us-west-1", "AWS_DEFAULT_REGION": "us-west-2"}
    assert asked_in("r", **outer) == ["eu-west-1"]
    assert asked_in("s", **outer) == ["us-west-1"]


@pytest.mark.slow
def test_a_role_without_any_region_is_assumed_all_the_same(under, aws_server):
    env = under(role("r", "keys"))
    done = run_xswitch("run", "r", "--", "true", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert aws_server.requests()[0]["region"] == "us-east-1"


@pytest.mark.slow
def test_keys_of_the_outer_environment_are_a_source_only_where_the_profile_says_so(under, aws_server, user):
    config = "[profile e]\nrole_arn = arn:aws:iam::222222222222:role/e\ncredential_source = Environment\n"
    env = under(config + role("r", "keys"))
    outer = {"AWS_ACCESS_KEY_ID": "AKIAOUTER00000000000", "AWS_SECRET_ACCESS_KEY": "outer"}
    assert run_xswitch("run", "r", "--", "true", env={**env, **outer}).returncode == 0
    seen = run_python(SEEN, under=["e"], env={**env, **outer})
    assert [request["access_key_id"] for request in aws_server.requests()] == [
        user[0],
        "AKIAOUTER00000000000",
    ]
    assert seen["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert "AWS_PROFILE" not in seen


@pytest.mark.slow
def test_the_output_of_a_process_is_a_source(under, aws_server, aws_folder):
    reply = {"Version": 1, "AccessKeyId": "AKIAPROCESS000000000", "SecretAccessKey": "s"}
    script = aws_folder / "process.sh"
    script.write_text(f"#!/bin/sh\necho '{json.dumps(reply)}'\n")
    script.chmod(0o755)
    env = under(f"[profile p]\ncredential_process = {script}\n" + role("r", "p"))
    assert run_xswitch("run", "r", "--", "true", env=env).returncode == 0
    assert aws_server.requests()[0]["access_key_id"] == "AKIAPROCESS000000000"
    assert run_python(SEEN, under=["p", "--env"], env=env)["AWS_ACCESS_KEY_ID"] == "AKIAPROCESS000000000"


@pytest.mark.slow
def test_an_sso_session_gives_role_credentials_and_is_kept(under, aws_server, aws_folder):
    env = under(SSO + role("over", "sso"))
    done = run_xswitch("run", "sso", "--", "true", env=env)
    assert done.returncode == 1
    assert "xswitch login sso" in done.stderr
    assert done.stderr.count("\n") == 1
    tokens = aws_folder / "sso/cache"
    tokens.mkdir(parents=True)
    token = {
        "accessToken": TOKEN,
        "expiresAt": "2099-01-01T00:00:00Z",
        "startUrl": "https://corp.example.com/start",
    }
    (tokens / "ee0bfd2552fbd840c02cc48b6e823320543c450f.json").write_text(json.dumps(token))
    for _ in range(2):
        assert run_xswitch("run", "sso", "--", "true", env=env).returncode == 0
    assert aws_server.actions() == ["GetRoleCredentials"]
    assert aws_server.requests()[0]["parameters"] == {"account_id": "444444444444", "role_name": "Reader"}
    entry = entry_of(aws_folder, "sso")
    assert entry["ProviderType"] == "sso"
    assert entry["Credentials"]["Expiration"].endswith("Z")
    assert run_xswitch("run", "over", "--", "true", env=env).returncode == 0
    last = aws_server.requests()[-1]
    assert (last["action"], last["access_key_id"]) == ("AssumeRole", entry["Credentials"]["AccessKeyId"])


# --- MFA -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_code_is_asked_on_the_terminal_itself_and_sent_unseen(under, aws_server, tmp_path):
    env = under(role("r", "keys", mfa_serial=MFA))
    command = (
        f"'{XSWITCH}' run r -- sh -c 'cat; echo ${{AWS_PROFILE-keys}}' </dev/null >'{tmp_path}/out' 2>&1"
    )
    terminal = Terminal(["sh", "-c", command], env)
    terminal.until(f"Enter MFA code for {MFA}: ")
    terminal.type("123 456\n")
    assert terminal.end() == 0
    assert "123" not in terminal.text
    assert (tmp_path / "out").read_text() == "keys\n"
    [request, _] = aws_server.requests()
    assert aws_server.actions() == ["GetSessionToken", "AssumeRole"]
    assert request["parameters"] == {"TokenCode": "123456", "SerialNumber": MFA}
    # The session is kept: nothing is asked again, not even where nothing can be.
    assert run_xswitch("run", "r", "--", "true", env=env).returncode == 0
    assert len(aws_server.requests()) == 2


@pytest.mark.slow
def test_without_a_terminal_a_sentence_says_that_a_code_is_needed(under, aws_server):
    done = run_xswitch(
        "run", "r", "--", "true", env=under(role("r", "keys", mfa_serial=MFA)), input="123456\n", stdin=None
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "an MFA code is needed and there is no terminal to ask on" in done.stderr
    assert done.stderr.count("\n") == 1
    assert aws_server.actions() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("\x03", 130, ""),
        ("\x04", 130, "no MFA code was given"),
        ("\n", 130, "no MFA code was given"),
        ("12345\n", 130, "a code is 6 digits"),
        ("abcdef\n", 130, "a code is 6 digits"),
    ],
)
def test_what_is_no_code_is_not_sent(under, aws_server, typed, status, said):
    terminal = Terminal([XSWITCH, "run", "r", "--", "true"], under(role("r", "keys", mfa_serial=MFA)))
    terminal.until("Enter MFA code")
    terminal.type(typed)
    if "digits" in said:
        terminal.until("Enter MFA code", after=said)
        terminal.type("\n")
    assert terminal.end() == status
    assert said in terminal.text
    assert "Traceback" not in terminal.text
    assert "abcdef" not in terminal.text
    assert aws_server.actions() == []


# --- refusals ------------------------------------------------------------------------------------


class Refusing:
    """An AWS on loopback that answers everything the same way."""

    def __init__(self, status, body):
        fake = self
        self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                fake.asked.append(parse_qs(self.rfile.read(length).decode()))
                data = body.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self):
                self.do_POST()

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()
        self.environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server.server_port}",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@pytest.fixture
def refusing():
    """Start servers that refuse, or (given a body) answer something else."""
    fakes = []

    def start(code="", message="", body=None):
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        refusal = 403, f"<ErrorResponse>{error}</ErrorResponse>"
        fakes.append(Refusing(*(refusal if body is None else (200, body))))
        return fakes[-1]

    yield start
    for fake in fakes:
        fake.server.shutdown()
        fake.server.server_close()


def static_role(aws_folder, **settings):
    credentials = (
        f"[keys]\naws_access_key_id = AKIA1\naws_secret_access_key = {SECRET}\naws_session_token = {TOKEN}\n"
    )
    write_profiles(aws_folder, role("r", "keys", **settings), credentials)


def assert_refused(done, *said):
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("xswitch: ")
    assert done.stderr.count("\n") == 1
    assert CANARY not in done.stderr
    for words in said:
        assert words in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        (
            "AccessDenied",
            "User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole",
            "trust policy",
        ),
        ("ExpiredToken", "The security token included in the request is expired", "are over: put new"),
        ("InvalidClientTokenId", "The security token included in the request is invalid.", "access key"),
        (
            "SignatureDoesNotMatch",
            f"It does not match.\n\nThe Canonical String for this request should have been\n'token:{TOKEN}'",
            "secret access key",
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit",
            "duration_seconds",
        ),
        ("RegionDisabledException", "STS is not activated in this region", "--region"),
        ("Unheard", "of &lt;\x1b[31m&gt;\n\n", "xswitch show r"),
    ],
)
def test_what_aws_refuses_is_one_sentence_with_what_to_do(aws_folder, refusing, code, message, hint):
    static_role(aws_folder)
    fake = refusing(code, message.replace("\x1b", ""))
    done = run_xswitch("run", "r", "--", "true", env=fake.environment)
    assert_refused(done, "AWS refused AssumeRole for r", code, hint)
    assert len(fake.asked) == 1
    assert not (aws_folder / "cli/cache").exists()


@pytest.mark.slow
def test_keys_that_are_over_are_not_signed_in_to_where_the_role_stands_beside_them(aws_folder, refusing):
    keys = {"aws_access_key_id": "AKIA1", "aws_secret_access_key": SECRET}
    write_profiles(aws_folder, role("r", "r", **keys))
    fake = refusing("ExpiredToken", "The security token included in the request is expired")
    done = run_xswitch("run", "r", "--", "true", env=fake.environment)
    assert_refused(done, "the credentials of r are over: put new ones")


@pytest.mark.slow
@pytest.mark.parametrize("body", ["", "<html>gateway</html>", "{}"])
def test_an_answer_that_is_not_from_aws_is_one_sentence(aws_folder, refusing, body):
    static_role(aws_folder)
    assert_refused(run_xswitch("run", "r", "--", "true", env=refusing(body=body).environment))


@pytest.mark.slow
def test_an_endpoint_that_cannot_be_reached_is_told(aws_folder):
    static_role(aws_folder)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    done = run_xswitch("run", "r", "--", "true", env={**os.environ, "AWS_ENDPOINT_URL": url})
    assert_refused(done, "AWS could not be reached for r", url, "AWS_ENDPOINT_URL")


@pytest.mark.slow
def test_a_call_that_fails_on_the_way_is_made_three_times_and_no_more(aws_folder):
    static_role(aws_folder)
    calls = 0

    def hang_up():
        nonlocal calls
        with contextlib.suppress(OSError):  # the server is closed
            while True:
                server.accept()[0].close()
                calls += 1

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        done = run_xswitch("run", "r", "--", "true", env={**os.environ, "AWS_ENDPOINT_URL": url})
        server.shutdown(socket.SHUT_RDWR)
        thread.join(20)
    assert_refused(done, "AWS could not be reached for r", url)
    assert calls == 3


@pytest.mark.slow
def test_ctrl_c_during_a_call_ends_with_130_and_no_word(aws_folder):
    static_role(aws_folder)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the call and never answers
        env = {**os.environ, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        with subprocess.Popen(
            [XSWITCH, "run", "r", "--", "true"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            silent.settimeout(20)
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=10)
            connection.close()
    assert (process.returncode, output) == (130, b"")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("config", "said"),
    [
        (role("r", "keys", duration_seconds=899), ["duration_seconds"]),
        (role("r", "keys", external_id="x"), ["external_id"]),
        (role("r", "keys", external_id=f"\n  aws_secret_access_key = {SECRET}"), ["external_id"]),
        ("[profile r]\nrole_arn = short\nsource_profile = keys\n", ["role_arn"]),
        (f"[profile r]\nrole_arn =\n  {TOKEN}\nsource_profile = keys\n", ["role_arn"]),
        ("[profile r]\ncredential_process = /no/such/program\n", ["/no/such/program", "No such file"]),
        ("[profile r]\ncredential_process = sh -c 'echo reason >&2; exit 1'\n", ["custom-process", "reason"]),
        (f"[profile r]\ncredential_process = echo {SECRET}\n", ["botocore failed"]),
        ("[profile r]\ncredential_process = echo '{\"Version\": 2}'\n", ["Unsupported version"]),
        ("[profile r]\ncredential_process = echo '[1]'\n", ["no credentials for r"]),
        (
            "[profile r]\nrole_arn = arn:aws:iam::222222222222:role/r\nweb_identity_token_file = /no/token\n",
            ["/no/token"],
        ),
        (role("r", "keys", region="no region!"), ["region"]),
    ],
)
def test_settings_that_cannot_work_are_one_sentence(aws_folder, config, said):
    credentials = f"[keys]\naws_access_key_id = AKIA1\naws_secret_access_key = {SECRET}\n"
    write_profiles(aws_folder, config, credentials)
    env = {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_EC2_METADATA_DISABLED": "true"}
    for debug in ("", "1"):
        done = run_xswitch("run", "r", "--env", "--", "true", env={**env, "XSWITCH_DEBUG": debug})
        assert CANARY not in done.stderr
        if not debug:
            assert_refused(done, *said)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (role("r", "gone"), ["r: ", "“gone” does not exist", "~/.aws/config:3", "xswitch show r"]),
        (role("r", "s") + role("s", "r"), ["circle"]),
        ("[profile r]\nrole_arn = arn:aws:iam::222222222222:role/r\n", ["source_profile"]),
        (role("r", "keys") + "no delimiter\n", ["~/.aws/config:4", "refuse the whole file"]),
        ("[profile r]\nsso_session = gone\nsso_account_id = 1\nsso_role_name = x\n", ["gone"]),
    ],
)
def test_what_the_files_make_impossible_is_told_offline_with_its_line(aws_folder, refusing, config, said):
    write_profiles(
        aws_folder, config, f"[keys]\naws_access_key_id = AKIA1\naws_secret_access_key = {SECRET}\n"
    )
    fake = refusing("AccessDenied", "no")
    assert_refused(run_xswitch("run", "r", "--", "true", env=fake.environment), *said)
    assert fake.asked == []


# --- what stands elsewhere -----------------------------------------------------------------------


def test_a_session_in_botocores_own_cache_is_used_and_given_to_aws_too(under, aws_server, aws_folder):
    environ = under(role("prod", "keys"))
    write_session(aws_folder.parent, read_profiles_in(aws_folder)["prod"])
    ours = cache_file(aws_folder.parent, read_profiles_in(aws_folder)["prod"])
    theirs = aws_folder / "boto" / "cache" / ours.name
    theirs.parent.mkdir(parents=True)
    ours.rename(theirs)
    assert run_xswitch("run", "prod", "--", "true", env=environ).returncode == 0
    assert aws_server.actions() == []
    assert (ours.read_bytes(), stat.S_IMODE(ours.stat().st_mode)) == (theirs.read_bytes(), 0o600)


@pytest.mark.slow
def test_an_entry_that_cannot_be_put_in_place_leaves_no_secret_behind(under, aws_folder):
    env = under(role("prod", "keys"))
    path = cache_file(aws_folder.parent, read_profiles_in(aws_folder)["prod"])
    (path / "in the way").mkdir(parents=True)
    done = run_xswitch("run", "prod", "--", "true", env=env)
    assert done.returncode == 0
    assert "could not be kept" in done.stderr
    assert os.listdir(path.parent) == [path.name]


def test_a_cache_file_of_absurd_size_is_skipped(under, aws_folder):
    env = under(role("prod", "keys"))
    path = cache_file(aws_folder.parent, read_profiles_in(aws_folder)["prod"])
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(30 * 2**30)
    done = run_xswitch("list", env=env)
    assert done.returncode == 0
    assert "cannot be read (File too large)" in done.stderr


def test_the_profile_to_sign_in_is_the_root_of_the_chain(aws_folder):
    sso = "[profile the root]\nsso_start_url = https://corp.example\nsso_region = eu-west-1\n"
    sso = sso.replace("the root", '"the root"') + "sso_account_id = 111111111111\nsso_role_name = Admin\n"
    write_profiles(aws_folder, role("prod", "the root") + sso)
    done = run_xswitch("run", "prod", "--", "true")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "xswitch login 'the root'" in done.stderr
