"""`run --serve`: the command is itself, in no other account, and never runs out of credentials."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
from awshome import read_profiles_in, write_profiles
from guarding import write_settings
from running import CANARY, PYTHON, SECRET, TOKEN, XSWITCH, Terminal, run_xswitch, write_session
from test_run import COMPETITORS

CONFIG = """\
[default]
region = us-west-2
role_arn = arn:aws:iam::999999999999:role/Default
source_profile = keys
[profile role]
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = keys
region = eu-central-1
[profile temporary]
region = eu-west-1
"""
CREDENTIALS = f"""\
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = default-secret
[keys]
aws_access_key_id = AKIAKEYS
aws_secret_access_key = {SECRET}
[temporary]
aws_access_key_id = ASIATEMPORARY
aws_secret_access_key = {SECRET}
aws_session_token = {TOKEN}
"""


# --- the command is itself -----------------------------------------------------------------------


@pytest.fixture
def files(aws_folder, tmp_path, monkeypatch):
    """Profiles that need no network, with temporary folders of their own."""
    write_profiles(aws_folder, CONFIG, CREDENTIALS)
    write_session(aws_folder.parent, read_profiles_in(aws_folder)["role"], key="ASIAROLE")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    return aws_folder


@pytest.fixture
def leftovers(files, tmp_path):
    """Return what is left in the folder for temporary files."""
    return lambda: list((tmp_path / "tmp").iterdir())


def serve(*command, env=None, **options):
    return run_xswitch("run", "--serve", "role", "--", *command, env=env, **options)


def start(*command, env=None, **options):
    """Start a command under the endpoint that first says something; return the process once it has."""
    process = subprocess.Popen(
        [XSWITCH, "run", "--serve", "role", "--", *command],
        env={**os.environ, **(env or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("status", [0, 1, 126, 255])
def test_the_exit_status_is_the_commands(leftovers, status):
    done = serve("sh", "-c", f"exit {status}")
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")
    assert leftovers() == []


@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL", "SIGINT", "SIGPIPE", "SIGSEGV", "SIGHUP"])
def test_a_signal_that_kills_the_command_is_seen_as_such(leftovers, name):
    number = signal.Signals[name]
    assert serve("sh", "-c", f"kill -{number} $$").returncode == -number
    shell = f"'{XSWITCH}' run --serve role -- sh -c 'kill -{number} $$'; echo $?"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert done.stdout == f"{128 + number}\n"
    assert leftovers() == []


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2"])
def test_a_signal_to_xswitch_goes_to_the_command_whose_end_counts(leftovers, name):
    number = signal.Signals[name]
    script = f"import signal, sys, time; signal.signal({number}, lambda *_: sys.exit(40)); print('ready')"
    process = start(PYTHON, "-u", "-c", script + "\nwhile True: time.sleep(60)")
    process.send_signal(number)
    assert process.wait(20) == 40
    process = start("sh", "-c", "echo ready; exec sleep 60")
    process.send_signal(number)
    assert process.wait(20) == -number
    assert leftovers() == []


def test_the_command_has_the_default_signals_and_an_empty_mask(files):
    status = serve("cat", "/proc/self/status").stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(fields["SigIgn"], 16) & (1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1) == 0
    assert int(fields["SigBlk"], 16) == 0
    assert int(fields["SigCgt"], 16) == 0


def test_a_signal_that_the_caller_ignores_stays_ignored(files):
    shell = f"trap '' INT HUP; '{XSWITCH}' run --serve role -- grep SigIgn /proc/self/status"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    ignored = int(done.stdout.split()[1], 16)
    assert ignored & 1 << signal.SIGINT - 1
    assert ignored & 1 << signal.SIGHUP - 1


def test_a_caller_that_ignores_the_end_of_children_gets_the_status(files):
    code = "import os, signal as s, sys; s.signal(s.SIGCHLD, s.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    words = [XSWITCH, "run", "--serve", "role", "--", "sh", "-c", "exit 7"]
    assert subprocess.run([PYTHON, "-c", code, *words], check=False).returncode == 7


def test_the_command_gets_no_descriptor_of_ours_and_those_of_its_caller(files):
    shell = f"exec 7</dev/null; '{XSWITCH}' run --serve role -- ls /proc/self/fd"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    # ls itself opens the folder, as 3.
    assert set(done.stdout.split()) == {"0", "1", "2", "3", "7"}


def test_stdin_passes_through_byte_for_byte(files):
    data = bytes(range(256)) * 1000
    command = [XSWITCH, "run", "--serve", "role", "--", "cat"]
    assert subprocess.run(command, input=data, capture_output=True, check=True).stdout == data


def test_what_is_not_found_is_127_and_what_cannot_be_executed_126(leftovers, tmp_path):
    (tmp_path / "text").write_text("echo no")
    for command, status in [("no-such-command", 127), ("", 127), (str(tmp_path / "text"), 126)]:
        done = serve(command)
        assert (done.returncode, done.stdout) == (status, ""), command
        assert done.stderr.startswith("xswitch: ")
        assert done.stderr.count("\n") == 1
    assert leftovers() == []


def test_a_process_that_the_command_leaves_behind_keeps_nothing_alive(leftovers):
    script = "sleep 60 >/dev/null 2>&1 </dev/null & echo $! $AWS_CONTAINER_CREDENTIALS_FULL_URI"
    done = serve("sh", "-c", script)
    left, url = done.stdout.split()
    os.kill(int(left), signal.SIGKILL)  # it was there
    host, port = url.removeprefix("http://").removesuffix("/").split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)
    assert leftovers() == []


def test_keys_that_do_not_end_need_no_serving(files):
    done = run_xswitch("run", "--serve", "keys", "--", "true")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "keys has long-lived keys: nothing expires" in done.stderr
    assert CANARY not in done.stderr


def test_the_credentials_themselves_are_nowhere_in_the_commands_environment(files):
    script = "env; cat $AWS_CONFIG_FILE $AWS_SHARED_CREDENTIALS_FILE; tr '\\0' ' ' </proc/$PPID/cmdline"
    assert CANARY not in serve("sh", "-c", script).stdout


# --- the terminal is the command's ---------------------------------------------------------------


@pytest.fixture
def terminal():
    """Start programs in terminals; end what the test left of them."""
    terminals = []

    def start(*argv, **variables):
        terminals.append(Terminal(argv, {**os.environ, "TERM": "xterm", "PS1": "$ ", **variables}))
        return terminals[-1]

    yield start
    for started in terminals:
        started.kill()


def test_the_terminal_is_the_commands(files, terminal):
    code = "import os; print([os.isatty(n) for n in range(3)], os.getpgrp() == os.tcgetpgrp(0))"
    started = terminal(XSWITCH, "run", "--serve", "role", "--", PYTHON, "-c", code)
    assert started.end() == 0
    assert started.text == "[True, True, True] True\r\n"


def test_ctrl_c_reaches_the_command_once_and_xswitch_waits_for_it(files, terminal):
    script = "trap 'echo caught; sleep 0.3; exit 5' INT; echo ready; while :; do sleep 0.05; done"
    started = terminal(XSWITCH, "run", "--serve", "role", "--", "sh", "-c", script)
    started.until("ready")
    started.type("\x03")
    assert started.end() == 5
    assert started.text.count("caught") == 1


def test_ctrl_c_that_ends_the_command_ends_xswitch_in_the_same_way(files, terminal):
    started = terminal(XSWITCH, "run", "--serve", "role", "--", "sh", "-c", "echo ready; exec sleep 60")
    started.until("ready")
    started.type("\x03")
    assert started.end() == 130
    assert "Traceback" not in started.text


EARLY = """
import os, signal, sys
from xswitch.launch.foreground import Foreground, end_as
with Foreground() as foreground:
    os.kill(os.getpid(), signal.SIGINT)
    status = foreground.run(["sleep", "60"], os.environ, lambda: None)
sys.exit(end_as(status))
"""


def test_ctrl_c_before_the_command_is_there_is_not_lost(terminal):
    assert terminal(PYTHON, "-c", EARLY).end() == 130


PROMPT = "\x1b[?2004h$ "
LOOP = 'while read line; do echo "<$line>"; done'


@pytest.fixture
def bash(files, terminal):
    """An interactive shell, with job control."""
    shell = terminal("bash", "--norc", "--noprofile", "-i")
    shell.until("$ ")
    return shell


def test_a_shell_can_stop_and_continue_the_command(bash):
    bash.type(f"'{XSWITCH}' run --serve role -- sh -c '{LOOP}'\n")
    for number in range(5):
        bash.type(f"one{number}\n")
        bash.until(f"<one{number}>")
        bash.type("\x1a")
        bash.until(PROMPT, after=f"<one{number}>")
        bash.type("fg\n")
        bash.type(f"two{number}\n")
        bash.until(f"<two{number}>")
    bash.type("\x04")
    bash.type("echo status=$?\n")
    bash.until("status=0")
    bash.type("exit\n")
    assert bash.end() == 0


@pytest.mark.parametrize("name", ["TSTP", "STOP"])
def test_a_command_that_stops_itself_gives_the_shell_back_and_goes_on_with_fg(bash, name):
    script = f"echo ready; kill -{name} $$; echo again; {LOOP}"
    bash.type(f"'{XSWITCH}' run --serve role -- sh -c '{script}'\n")
    bash.until("ready\r\n")
    bash.type("echo back=$((40 + 2))\n")
    bash.until("back=42")
    assert "again\r\n" not in bash.text
    bash.type("fg\n")
    bash.until("again\r\n")
    bash.type("more\n")
    bash.until("<more>")
    bash.type("\x04")
    bash.type("echo status=$?\n")
    bash.until("status=0")
    bash.type("exit\n")
    assert bash.end() == 0


def test_a_command_in_the_background_that_wants_to_read_is_stopped_as_any_other(bash):
    bash.type(f"'{XSWITCH}' run --serve role -- sh -c '{LOOP}' &\n")
    bash.type("while ! jobs | grep Stopped; do sleep 0.1; done; echo it is=$((40 + 2))\n")
    bash.until("is=42")
    bash.type("fg\n")
    bash.type("more\n")
    bash.until("<more>")
    bash.type("\x04")
    bash.type("exit\n")
    assert bash.end() == 0


def test_a_shell_with_job_control_of_its_own_works_inside(bash):
    bash.type(f"'{XSWITCH}' run --serve role -- env PS1='inner> ' bash --norc --noprofile -i\n")
    bash.until("inner> ")
    bash.type(f"sh -c '{LOOP}'\n")
    bash.type("one\n")
    bash.until("<one>")
    bash.type("\x1a")
    bash.until("inner> ", after="Stopped")
    bash.type("fg\n")
    bash.type("two\n")
    bash.until("<two>")
    bash.type("\x03")
    bash.until("inner> ", after="<two>")
    bash.type("exit 3\n")
    bash.until(PROMPT, after="exit 3")
    bash.type("echo status=$?\n")
    bash.until("status=3")
    bash.type("exit\n")
    assert bash.end() == 0


# --- no other account, and never out of credentials ----------------------------------------------

OTHERS = {
    **COMPETITORS,
    "AWS_PROFILE": "keys",
    "AWS_DEFAULT_PROFILE": "keys",
    "AWS_REGION": "us-west-1",
    "AWS_DEFAULT_REGION": "us-west-1",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/outer",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/outer",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "outer",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/nonexistent",
    "AWS_CREDENTIAL_FILE": "/nonexistent",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "NO_PROXY": "",
    "no_proxy": "",
}
FOUND = """
import boto3, json
session = boto3.Session()
found = session.get_credentials()
print(json.dumps([found.method, *found.get_frozen_credentials()[:3], session.region_name]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("default", ["keys", "role", "process", "sso", "boto"])
def test_nothing_outside_leads_a_program_past_the_endpoint(files, home, default):
    boto = f"[Credentials]\naws_access_key_id = AKIABOTO\naws_secret_access_key = {SECRET}\n"
    lines = {
        "keys": f"aws_access_key_id = AKIADEFAULT\naws_secret_access_key = {SECRET}",
        "role": "role_arn = arn:aws:iam::999999999999:role/Default\nsource_profile = keys",
        "process": "credential_process = /bin/false",
        "sso": "sso_account_id = 444444444444\nsso_role_name = Reader",
        "boto": "output = json",
    }
    config = "".join(CONFIG.partition("[profile role]")[1:])
    write_profiles(
        files, f"[default]\n{lines[default]}\n{config}", "".join(CREDENTIALS.partition("[keys]")[1:])
    )
    (home / ".boto").write_text(boto)
    done = serve(PYTHON, "-c", FOUND, env={**os.environ, **OTHERS})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["container-role", "ASIAROLE", SECRET, TOKEN, "eu-central-1"]


@pytest.mark.slow
def test_a_region_asked_for_wins_and_without_any_the_callers_stays(files):
    keys = CREDENTIALS.partition("[temporary]\n")[2]
    write_profiles(files, CONFIG, f"{CREDENTIALS}[noregion]\n{keys}")
    command = ["sh", "-c", "echo $AWS_REGION $AWS_DEFAULT_REGION $XSWITCH_PROFILE"]
    for words, expected in [
        (["--region", "eu-south-1", "role"], "eu-south-1"),
        (["role"], "eu-central-1"),
        (["noregion"], "us-west-1"),
    ]:
        done = run_xswitch(
            "run", "--serve", *words, "--", *command, env={**os.environ, "AWS_REGION": "us-west-1"}
        )
        assert done.stdout.split() == [expected, expected, words[-1]]


class Setup:
    """A home whose AWS is the server, and a role there."""

    def __init__(self, server, folder, user):
        key, secret = user
        write_profiles(
            folder,
            CONFIG + MFA_ROLE,
            f"[keys]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n",
        )
        self.server = server
        self.env = server.environment(folder.parent)
        server.clear()

    def serve(self, *command, profile="role"):
        done = run_xswitch("run", "--serve", profile, "--", *command, env=self.env)
        assert done.returncode == 0, done.stderr
        return done

    def asked(self):
        """Return the key of each request for the caller's identity."""
        requests = self.server.requests()
        return [one["access_key_id"] for one in requests if one["action"] == "GetCallerIdentity"]


MFA_ROLE = """\
[profile careful]
role_arn = arn:aws:iam::222222222222:role/Careful
source_profile = keys
mfa_serial = arn:aws:iam::111111111111:mfa/alice
region = eu-central-1
"""


@pytest.fixture
def setup(aws_server, aws_folder, user):
    yield Setup(aws_server, aws_folder, user)
    aws_server.clear()


TWICE = """
import boto3, time
client = boto3.Session().client("sts")
print(client.get_caller_identity()["Arn"])
time.sleep(2.5)
print(client.get_caller_identity()["Arn"])
"""


@pytest.mark.slow
def test_a_boto3_process_outlives_its_first_session(setup):
    setup.server.control(session_seconds=2)
    arns = setup.serve(PYTHON, "-c", TWICE).stdout.split()
    assert ["222222222222:assumed-role/Admin/" in arn for arn in arns] == [True, True]
    assert len(set(setup.asked())) == 2


@pytest.mark.slow
def test_a_guarded_profile_is_renewed_under_the_name_that_was_typed(setup, home):
    write_settings(home, "[[guard]]\nprofile = 'role'\n")
    setup.server.control(session_seconds=2)
    command = ("--yes-really", "role", "--", PYTHON, "-c", TWICE)
    done = run_xswitch("run", "--serve", "role", *command, env=setup.env)
    assert done.returncode == 0, done.stderr
    assert "could not be renewed" not in done.stderr
    assert len(set(setup.asked())) == 2


ROLE = (
    "<GetRoleResponse><GetRoleResult><Role><RoleName>Late</RoleName></Role></GetRoleResult></GetRoleResponse>"
)


@pytest.mark.slow
def test_one_aws_process_outlives_its_first_session(setup, aws):
    missing = {"status": 404, "code": "NoSuchEntity", "message": "not yet", "times": 4}
    setup.server.control(session_seconds=2, fail={"GetRole": missing}, answer={"GetRole": {"body": ROLE}})
    setup.serve(aws, "iam", "wait", "role-exists", "--role-name", "Late")  # asks once a second
    asked = [one for one in setup.server.requests() if one["action"] == "GetRole"]
    assert [one["parameters"]["RoleName"] for one in asked] == ["Late"] * 5
    assert asked[0]["access_key_id"] != asked[-1]["access_key_id"]
    assert setup.server.actions().count("AssumeRole") > 1


@pytest.mark.slow
def test_the_aws_cli_gets_new_credentials_for_each_command_where_the_session_is_over(setup, aws):
    setup.server.control(session_seconds=60)
    script = f"for i in 1 2; do '{aws}' sts get-caller-identity --query Arn --output text || exit; done"
    arns = setup.serve("sh", "-c", script).stdout.split()
    assert ["222222222222:assumed-role/Admin/" in arn for arn in arns] == [True, True]
    assert len(set(setup.asked())) == 2


@pytest.mark.slow
def test_where_the_session_lasts_no_call_is_made_for_it(setup, aws):
    script = f"for i in 1 2; do '{aws}' sts get-caller-identity || exit; done"
    setup.serve("sh", "-c", script)
    assert setup.server.actions() == ["AssumeRole", "GetCallerIdentity", "GetCallerIdentity"]


@pytest.mark.slow
def test_a_profile_named_in_a_script_is_the_one_that_is_served(setup, aws):
    command = [aws, "sts", "get-caller-identity", "--query", "Arn", "--output", "text", "--profile", "role"]
    assert "222222222222:assumed-role/Admin/" in setup.serve(*command).stdout


ASK = """
import os, sys, urllib.error, urllib.request
request = urllib.request.Request(os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
request.add_header("Authorization", os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"])
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print("ready", flush=True)
for line in sys.stdin:
    try:
        answer = opener.open(request)
    except urllib.error.HTTPError as error:
        answer = error
    print(answer.status, answer.read().decode(), flush=True)
"""


class Asking:
    """A command that asks the endpoint when it is told to."""

    def __init__(self, setup, *words):
        self.process = subprocess.Popen(
            [XSWITCH, "run", "--serve", *words, "--", PYTHON, "-c", ASK],
            env=setup.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout.readline() == "ready\n"

    def ask(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        status, body = self.process.stdout.readline().split(" ", 1)
        return int(status), json.loads(body)

    def end(self):
        """Let the command end; return what xswitch said."""
        _, said = self.process.communicate(timeout=20)
        assert self.process.returncode == 0
        return said


@pytest.mark.slow
def test_a_profile_that_becomes_another_role_meanwhile_is_not_what_is_served(setup):
    setup.server.control(session_seconds=1)
    asking = Asking(setup, "role")
    config = Path(setup.env["HOME"]) / ".aws/config"
    text = config.read_text()
    config.write_text(text.replace("222222222222", "999999999999"))
    status, answer = asking.ask()
    assert status == 503
    assert "role is another role or account" in answer["message"]
    config.write_text(text)
    assert asking.ask()[0] == 200
    assert "999999999999" not in "".join(
        one["parameters"].get("RoleArn", "") for one in setup.server.requests()
    )
    asking.end()


@pytest.mark.slow
def test_a_profile_that_becomes_another_role_while_it_is_obtained_is_not_what_is_served(setup):
    setup.server.control(session_seconds=1, delay={"AssumeRole": 2})
    config = Path(setup.env["HOME"]) / ".aws/config"
    text = config.read_text()

    def edit():
        while "AssumeRole" not in setup.server.actions():
            time.sleep(0.05)
        config.write_text(text.replace("222222222222", "999999999999"))

    editing = threading.Thread(target=edit)
    editing.start()
    asking = Asking(setup, "role")
    editing.join()
    status, answer = asking.ask()
    assert status == 503
    assert "role is another role or account" in answer["message"]
    asking.end()


@pytest.mark.slow
def test_temporary_keys_of_another_role_are_not_what_is_served(setup, home):
    roles = ["222222222222:role/Admin", "222222222222:role/Other", "333333333333:role/Admin"]
    first, other, elsewhere, renewed = (session_of(setup, arn) for arn in [*roles, roles[0]])
    write_temporary(home, first)
    asking = Asking(setup, "saml")
    for theirs in (other, elsewhere):
        write_temporary(home, theirs)
        status, answer = asking.ask()
        assert (status, "SecretAccessKey" in answer) == (200, True)
        assert answer["AccessKeyId"] == first["AccessKeyId"]
    write_temporary(home, renewed)
    assert asking.ask()[1]["AccessKeyId"] == renewed["AccessKeyId"]
    said = asking.end()
    assert said.count("saml is another role or account") == said.count("\n") == 1


def session_of(setup, arn):
    """Return a new session of a role as `credential-process` prints it."""
    section = f"[profile now]\nrole_arn = arn:aws:iam::{arn}\nsource_profile = keys\nregion = eu-west-1\n"
    config = Path(setup.env["HOME"]) / ".aws/config"
    config.write_text(section)
    shutil.rmtree(config.parent / "cli", ignore_errors=True)
    done = run_xswitch("credential-process", "now", env=setup.env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def write_temporary(home, session):
    """Write a session's keys where tools for SAML write theirs."""
    keys = {
        "aws_access_key_id": session["AccessKeyId"],
        "aws_secret_access_key": session["SecretAccessKey"],
        "aws_session_token": session["SessionToken"],
    }
    lines = "".join(f"{key} = {value}\n" for key, value in keys.items())
    write_profiles(home / ".aws", "[profile saml]\nregion = eu-west-1\n", f"[saml]\n{lines}")


@pytest.mark.slow
def test_a_renewal_that_fails_is_told_once_and_the_command_goes_on(setup):
    setup.server.control(session_seconds=1)
    asking = Asking(setup, "role")
    refusal = {"status": 403, "code": "AccessDenied", "message": "not you"}
    setup.server.control(fail={"AssumeRole": refusal})
    for _ in range(3):
        status, answer = asking.ask()
        assert status == 503
        assert "AccessDenied" in answer["message"]
    setup.server.control()
    status, answer = asking.ask()
    assert (status, len(answer["Token"]) > 10) == (200, True)
    said = asking.end()
    assert said.startswith("xswitch: the session of role could not be renewed, and its command goes on: ")
    assert said.count("\n") == 1


@pytest.mark.slow
def test_nobody_is_asked_for_a_code_while_the_command_runs_and_a_login_elsewhere_mends_it(setup, home):
    setup.server.control(session_seconds=1)
    asking = Asking(setup, "--mfa-token", "123456", "careful")
    for _ in range(2):
        status, answer = asking.ask()
        assert status == 503
        assert "MFA code" in answer["message"]
    write_session(home, read_profiles_in(home / ".aws")["careful"], key="ASIALOGIN")
    status, answer = asking.ask()
    assert (status, answer["AccessKeyId"]) == (200, "ASIALOGIN")
    said = asking.end()
    assert said.count("MFA code") == said.count("\n") == 1


@pytest.mark.slow
def test_temporary_keys_that_another_tool_renews_in_the_file_reach_the_command(setup, home):
    keys = CREDENTIALS.partition("[temporary]")[2]
    write_profiles(home / ".aws", "", f"[temporary]{keys}")
    asking = Asking(setup, "temporary")
    assert asking.ask()[1]["AccessKeyId"] == "ASIATEMPORARY"
    write_profiles(home / ".aws", "", f"[temporary]{keys}".replace("ASIATEMPORARY", "ASIANEXT"))
    assert asking.ask()[1]["AccessKeyId"] == "ASIANEXT"
    assert asking.end() == ""


@pytest.mark.slow
def test_the_time_asked_for_is_left_when_the_command_starts(setup, home):
    write_session(home, read_profiles_in(home / ".aws")["role"], minutes=20, key="ASIASHORT")
    for words, calls in [([], 0), (["--min-ttl", "30m"], 1)]:
        done = run_xswitch("run", "--serve", *words, "role", "--", "true", env=setup.env)
        assert done.returncode == 0, done.stderr
        assert setup.server.actions().count("AssumeRole") == calls
