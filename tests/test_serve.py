"""`run --serve`: the command is itself, in no other account, and never runs out of credentials."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import threading
from datetime import timedelta

import pytest
from awshome import botocore_session, profiles_of, read_profiles_in, write_profiles
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import CANARY, PYTHON, SECRET, TOKEN, XSWITCH, Terminal, run_xswitch, write_session

from xswitch.errors import XswitchError
from xswitch.launch.endpoint import Endpoint, Renewal
from xswitch.launch.isolated import config_text, isolated_files
from xswitch.sessions.credentials import Credentials
from xswitch.timestamps import format_time, parse_time, utc_now

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


def credentials(key="ASIAONE", minutes=60.0):
    return Credentials(key, SECRET, TOKEN, utc_now() + timedelta(minutes=minutes))


# --- the protocol --------------------------------------------------------------------------------


@pytest.fixture
def endpoint():
    """Start an endpoint that serves what the given callable returns."""

    def start(obtain=credentials):
        endpoint = Endpoint(obtain)
        endpoint.start()
        return endpoint

    return start


def host_of(endpoint):
    return endpoint.url.removeprefix("http://").removesuffix("/")


def ask(endpoint, method="GET", path="/", **headers):
    """Send a request with the right token and host, unless `headers` have others; return its answer."""
    connection = http.client.HTTPConnection(host_of(endpoint), timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    given = {"host": host_of(endpoint), "authorization": endpoint.token, **headers}
    for name, value in given.items():
        for single in [value] if isinstance(value, str) else value:
            connection.putheader(name, single)
    connection.endheaders()
    response = connection.getresponse()
    return response, response.read().decode()


def test_who_has_the_token_gets_the_credentials(endpoint):
    ends = utc_now() + timedelta(minutes=50)
    response, body = ask(endpoint(lambda: Credentials("ASIAONE", SECRET, TOKEN, ends)))
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert json.loads(body) == {
        "AccessKeyId": "ASIAONE",
        "SecretAccessKey": SECRET,
        "Token": TOKEN,
        "Expiration": format_time(ends),
    }


def test_credentials_of_which_nothing_says_when_they_end_are_asked_for_again_within_the_hour(endpoint):
    _, body = ask(endpoint(lambda: Credentials("ASIAONE", SECRET, TOKEN)))
    ends = parse_time(json.loads(body)["Expiration"])
    assert timedelta(minutes=15) < ends - utc_now() < timedelta(minutes=60)


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (401, {"authorization": []}),
        (401, {"authorization": ""}),
        (401, {"authorization": "guess"}),
        (401, {"authorization": "{token}x"}),
        (401, {"authorization": "Bearer {token}"}),
        (401, {"authorization": ["{token}", "{token}"]}),
        (401, {"authorization": "\xff\xfe"}),
        (403, {"host": []}),
        (403, {"host": "localhost:{port}"}),
        (403, {"host": "127.0.0.1"}),
        (403, {"host": "127.0.0.1:{port}.example.com"}),
        (403, {"host": "rebound.example.com:{port}"}),
        (403, {"host": ["127.0.0.1:{port}", "127.0.0.1:{port}"]}),
        (404, {"path": "/latest"}),
        (404, {"path": "/?"}),
        (404, {"path": "http://127.0.0.1:{port}/"}),
        (405, {"method": "POST"}),
        (405, {"method": "PUT"}),
        (405, {"method": "OPTIONS"}),
        (405, {"method": "CONNECT"}),
        (405, {"method": "NONSENSE"}),
    ],
)
def test_nobody_else_gets_anything(endpoint, status, request_):
    started = endpoint()
    port = host_of(started).split(":")[1]

    def filled(text):
        return text.replace("{token}", started.token).replace("{port}", port)

    request_ = {
        name: filled(value) if isinstance(value, str) else [filled(one) for one in value]
        for name, value in request_.items()
    }
    response, body = ask(started, **request_)
    assert response.status == status
    assert set(json.loads(body)) == {"code", "message"}
    assert CANARY not in body
    assert started.token not in body


def test_what_is_no_request_does_no_harm(endpoint):
    started = endpoint()
    address = host_of(started).split(":")
    for data in [b"", b"\0" * 1000, b"GET /\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"x" * 100_000]:
        with socket.create_connection(address) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            try:
                answer = connection.recv(65536)
            except ConnectionResetError:
                answer = b""
            assert CANARY.encode() not in answer
    assert ask(started)[0].status == 200


def test_it_listens_on_loopback_only(endpoint):
    started = endpoint()
    port = int(host_of(started).split(":")[1])
    # Every address of 127/8 is this machine, and only one of them is ours.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5)


# --- renewing ------------------------------------------------------------------------------------


class Source:
    """Credentials as a launcher obtains them: what the test puts here, or its failure."""

    def __init__(self, first):
        self.next = first
        self.told = []
        self.calls = 0
        self.renewal = Renewal(first, self.obtain, lambda error: self.told.append(error.message))

    def obtain(self):
        self.calls += 1
        if isinstance(self.next, Exception):
            raise self.next
        return self.next

    def key(self):
        return self.renewal.credentials().access_key_id


def test_every_request_gets_what_is_current():
    source = Source(credentials("ASIAONE"))
    assert source.key() == "ASIAONE"
    source.next = credentials("ASIATWO")
    assert source.key() == "ASIATWO"
    assert source.told == []


def test_where_renewing_fails_the_old_credentials_serve_while_they_last_and_the_user_is_told_once():
    source = Source(credentials("ASIAONE", minutes=5))
    source.next = XswitchError("AWS could not be reached")
    assert [source.key() for _ in range(5)] == ["ASIAONE"] * 5
    assert source.told == ["AWS could not be reached"]
    source.next = XswitchError("an MFA code is needed")
    assert [source.key() for _ in range(5)] == ["ASIAONE"] * 5
    assert source.told == ["AWS could not be reached", "an MFA code is needed"]
    source.next = credentials("ASIATWO")
    assert source.key() == "ASIATWO"
    source.next = XswitchError("an MFA code is needed")
    assert source.key() == "ASIATWO"
    assert source.told[2:] == ["an MFA code is needed"]


def test_where_nothing_is_left_the_answer_says_why_and_later_requests_try_again(endpoint):
    source = Source(credentials("ASIAONE", minutes=0.1))
    started = endpoint(source.renewal.credentials)
    source.next = XswitchError("an MFA code is\nneeded", "sign in")
    for _ in range(3):
        response, body = ask(started)
        assert response.status == 503
        assert json.loads(body) == {
            "code": "ServiceUnavailable",
            "message": "xswitch: an MFA code is\\nneeded (sign in)",
        }
    assert len(source.told) == 1
    source.next = credentials("ASIATWO")
    assert json.loads(ask(started)[1])["AccessKeyId"] == "ASIATWO"


def test_a_fault_of_ours_is_an_answer_too_and_quotes_nothing():
    source = Source(credentials(minutes=0))
    source.next = ValueError(SECRET)
    with pytest.raises(XswitchError, match="this is a fault of xswitch: an unexpected ValueError"):
        source.key()
    assert CANARY not in source.told[0]


@pytest.mark.slow
def test_while_a_renewal_takes_its_time_the_old_credentials_serve():
    """botocore waits two seconds for an answer, and a call of AWS may take longer."""
    entered, go_on = threading.Event(), threading.Event()

    def obtain():
        entered.set()
        assert go_on.wait(20)
        return credentials("ASIATWO")

    renewal = Renewal(credentials("ASIAONE", minutes=12), obtain, lambda _: None)
    first = threading.Thread(target=renewal.credentials)
    first.start()
    assert entered.wait(20)
    assert renewal.credentials().access_key_id == "ASIAONE"
    go_on.set()
    first.join(20)
    assert renewal.credentials().access_key_id == "ASIATWO"


@pytest.mark.slow
def test_requests_that_come_together_share_one_attempt():
    together = threading.Barrier(20)
    calls = []

    def obtain():
        calls.append(1)
        threading.Event().wait(1)
        raise XswitchError("no")

    renewal = Renewal(credentials(minutes=0), obtain, lambda _: None)

    def request():
        together.wait(20)
        with pytest.raises(XswitchError, match="no"):
            renewal.credentials()

    threads = [threading.Thread(target=request) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(calls) < 10


# --- files of the command's own ------------------------------------------------------------------

PLAIN = """\
[profile p]
region = eu-west-1
output = json
endpoint_url = http://127.0.0.1:1/#x?a=b:c
retry_mode = adaptive
max_attempts = 7
cli_pager =
s3 =
  addressing_style = path
  max_concurrent_requests = 3
note = # not a comment
  second: line = ;
  [profile y]
services = mine 'n yours
[services "mine 'n yours"]
sts =
  endpoint_url = http://127.0.0.1:2
[plugins]
cli_legacy_plugin_path = /nonexistent
"""
LEADING = """\
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = keys
credential_source = Environment
credential_process = /bin/false
external_id = e
mfa_serial = arn:aws:iam::111111111111:mfa/alice
mfa_process = /bin/false
role_session_name = me
duration_seconds = 3600
web_identity_token_file = /nonexistent
sso_session = corp
sso_account_id = 444444444444
sso_role_name = Reader
sso_start_url = https://corp.example.com/start
sso_region = us-east-1
login_session = arn:aws:iam::111111111111:user/alice
aws_access_key_id = AKIA
aws_secret_access_key = s
aws_session_token = t
aws_account_id = 111111111111
x_password = p
"""


def botocore_reads(folder, profile):
    """Return what botocore knows of a profile from the two files in `folder`."""
    return botocore_session(folder, profile).get_scoped_config()


def test_every_setting_but_those_of_credentials_is_as_before(tmp_path):
    profiles = profiles_of(tmp_path, PLAIN.replace("[services", LEADING + "[services"))
    before = botocore_session(tmp_path, "p")
    leading = {line.partition(" ")[0] for line in LEADING.splitlines()}
    expected = {key: value for key, value in before.get_scoped_config().items() if key not in leading}
    assert expected["s3"] == {"addressing_style": "path", "max_concurrent_requests": "3"}
    assert expected["note"] == "# not a comment\nsecond: line = ;\n[profile y]"
    services, plugins = (before.full_config[name] for name in ("services", "plugins"))
    (tmp_path / "config").write_text(config_text(profiles["p"], profiles.files), "utf-8")
    for name in (None, "default", "p"):
        assert botocore_reads(tmp_path, name) == expected
    after = botocore_session(tmp_path).full_config
    assert (after["services"], after["plugins"]) == (services, plugins)
    assert set(after["profiles"]) == {"default", "p"}


@pytest.mark.parametrize("name", ["it's", 'a "b"', "a b", "a]b", "日本", "\\", "$(touch pwned)", "-"])
def test_the_profile_has_its_name_there_too_whatever_it_is(tmp_path, name):
    profiles = profiles_of(tmp_path, "", f"[{name}]\nregion = eu-west-1\n")
    (tmp_path / "config").write_text(config_text(profiles[name], profiles.files), "utf-8")
    (tmp_path / "credentials").write_text("")
    for written in ("default", name):
        assert botocore_reads(tmp_path, written) == {"region": "eu-west-1"}


def test_what_is_not_utf8_costs_that_setting_only(tmp_path):
    """botocore refuses the whole file for it; a session that is cached already serves all the same."""
    (tmp_path / "config").write_bytes(
        b"[profile p]\nregion = eu-west-1\nbad = \xff\ns3 =\n  good = 1\n  bad = \xfe\n"
        b"services = \xfd\n[services \xfd]\nsts =\n  a = b\n"
    )
    profiles = read_profiles_in(tmp_path)
    (tmp_path / "config").write_text(config_text(profiles["p"], profiles.files), "utf-8")
    assert botocore_reads(tmp_path, "default") == {"region": "eu-west-1", "s3": {"good": "1"}}


LINES = st.lists(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n"), max_size=12)
    | st.sampled_from(["a = b", "  a = b", "# c", "; c", "", "[x]", "  [x]", "=", "\ta:b", "s3 =", "  x"]),
    max_size=8,
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES)
def test_botocore_reads_back_whatever_it_read(tmp_path, lines):
    (tmp_path / "credentials").write_text("")
    (tmp_path / "config").write_text("[profile p]\n" + "\n".join(lines) + "\n", "utf-8", newline="\n")
    try:
        before = botocore_reads(tmp_path, "p")
    except Exception:  # noqa: BLE001 - what botocore refuses is not compared
        return
    profiles = read_profiles_in(tmp_path)
    (tmp_path / "config").write_text(config_text(profiles["p"], profiles.files), "utf-8", newline="\n")
    expected = {
        key: value
        if isinstance(value, str)
        else {name: inner for name, inner in value.items() if name[:1] not in {"#", ";"}}
        for key, value in before.items()
    }
    for name in ("default", "p"):
        assert botocore_reads(tmp_path, name) == {
            key: value for key, value in expected.items() if value != {}
        }


def test_the_files_are_private_cannot_be_written_and_go_in_the_end(tmp_path):
    profiles = profiles_of(tmp_path, PLAIN)
    with isolated_files(profiles["p"], profiles.files, os.environ) as variables:
        config, empty = variables["AWS_CONFIG_FILE"], variables["AWS_SHARED_CREDENTIALS_FILE"]
        folder = os.path.dirname(config)
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        assert [stat.S_IMODE(os.stat(path).st_mode) for path in (config, empty)] == [0o400, 0o400]
        assert os.path.getsize(empty) == 0
        assert set(variables) == {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}
    assert not os.path.exists(folder)


@pytest.mark.parametrize(
    ("text", "interferes"),
    [
        ("[Credentials]\naws_access_key_id = AKIABOTO\naws_secret_access_key = x\n", True),
        ("[Credentials]\naws_access_key_id = AKIABOTO\naws_access_key_id = AKIABOTO\n", True),
        ("no section\n", True),
        ("[Credentials]\ngs_oauth2_refresh_token = other tools need this\n", False),
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_a_file_of_boto_2_is_hidden_where_it_would_come_in_between(
    tmp_path, home, monkeypatch, text, interferes, named
):
    file = tmp_path / "boto" if named else home / ".boto"
    file.write_text(text)
    if named:
        monkeypatch.setenv("BOTO_CONFIG", str(file))
    profiles = profiles_of(tmp_path, PLAIN)
    with isolated_files(profiles["p"], profiles.files, os.environ) as variables:
        assert ("BOTO_CONFIG" in variables) is interferes


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
