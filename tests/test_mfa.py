"""MFA: one code for all roles of a source, wherever it comes from, and what AWS says to a wrong one."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
from functools import partial

import awshome
import pytest
from awshome import read_profiles_in
from running import CANARY, XSWITCH, Terminal, cache_file, json_of, run_python, run_xswitch

from xswitch.launch.prepare import Launcher
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles
from xswitch.sessions.interaction import Cancelled, Interaction
from xswitch.sessions.mfa import _output_of

role = partial(awshome.role, region="eu-west-1")
MFA = "arn:aws:iam::111111111111:mfa/alice"
SEEN = "import json, os; print(json.dumps(dict(os.environ)))"
WRONG = "000000"


def serials(aws_server):
    """Return the action and the MFA device of each request."""
    return [(asked["action"], asked["parameters"].get("SerialNumber")) for asked in aws_server.requests()]


def mfa_files(aws_folder):
    return list((aws_folder.parent / ".local/state/xswitch/mfa").glob("*.json"))


# --- one code for all ----------------------------------------------------------------------------


@pytest.mark.slow
def test_one_code_serves_every_role_of_the_source(under, aws_server):
    env = under(role("one", mfa_serial=MFA) + role("two", mfa_serial=MFA) + role("deep", "two"))
    assert run_xswitch("run", "one", "--mfa-token", "123456", "--", "true", env=env).returncode == 0
    assert run_xswitch("run", "two", "--", "true", env=env).returncode == 0
    assert run_xswitch("run", "deep", "--", "true", env=env).returncode == 0
    assert serials(aws_server) == [
        ("GetSessionToken", MFA),
        ("AssumeRole", None),
        ("AssumeRole", None),
        ("AssumeRole", None),
    ]
    first = aws_server.requests()[1]["access_key_id"]
    assert aws_server.requests()[2]["access_key_id"] == first


@pytest.mark.slow
def test_aws_finds_the_session_and_asks_for_no_code(under, aws_server, aws):
    env = under(role("one", mfa_serial=MFA))
    assert run_xswitch("login", "one", "--mfa-token", "123456", env=env).returncode == 0
    asked = [aws, "sts", "get-caller-identity", "--profile", "one", "--query", "Arn", "--output", "text"]
    done = subprocess.run(
        asked, env=env, capture_output=True, text=True, check=False, start_new_session=True, timeout=60
    )
    assert "arn:aws:sts::222222222222:assumed-role/one/" in done.stdout, done.stderr
    assert aws_server.actions() == ["GetSessionToken", "AssumeRole", "GetCallerIdentity"]


@pytest.mark.slow
def test_the_serial_of_the_source_counts_where_the_role_has_none(under, aws_server, aws_folder):
    env = under(role("one"), mfa_serial=MFA)
    seen = run_python(SEEN, under=["--mfa-token", "123456", "one"], env=env)
    assert serials(aws_server) == [("GetSessionToken", MFA), ("AssumeRole", None)]
    # aws itself looks for the role without a device, and finds the session.
    entry = json.loads(cache_file(aws_folder.parent, read_profiles_in(aws_folder)["one"]).read_text())
    assert seen["AWS_ACCESS_KEY_ID"] == entry["Credentials"]["AccessKeyId"]


@pytest.mark.slow
def test_the_session_of_the_device_is_private_and_in_no_cache_of_others(under, aws_folder):
    env = under(role("one", mfa_serial=MFA))
    old = os.umask(0)
    try:
        assert run_xswitch("login", "one", "--mfa-token", "123456", env=env).returncode == 0
    finally:
        os.umask(old)
    [path] = mfa_files(aws_folder)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "123456" not in path.read_text()
    assert len(list((aws_folder / "cli/cache").iterdir())) == 1
    [listed] = [session for session in json_of("sessions", "--json", env=env) if session["kind"] == "mfa"]
    assert (listed["profiles"], listed["path"]) == (["keys"], str(path))


@pytest.mark.slow
def test_keys_with_a_device_are_signed_in_by_themselves(under, aws_server):
    env = under(role("one", mfa_serial=MFA), mfa_serial=MFA)
    done = run_xswitch("login", "keys", "--mfa-token", "123456", env=env)
    assert done.returncode == 0
    assert "keys is signed in: 11h59m" in done.stderr
    assert run_xswitch("run", "one", "--", "true", env=env).returncode == 0
    assert aws_server.actions() == ["GetSessionToken", "AssumeRole"]


@pytest.mark.slow
def test_force_asks_for_a_code_although_the_session_lasts(under, aws_server):
    env = under(role("one", mfa_serial=MFA))
    for words in (["--mfa-token", "123456"], ["--force", "--mfa-token", "654321"]):
        assert run_xswitch("login", "one", *words, env=env).returncode == 0
    codes = [asked["parameters"].get("TokenCode") for asked in aws_server.requests()]
    assert codes == ["123456", None, "654321", None]


@pytest.mark.slow
@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId"])
def test_a_session_that_aws_no_longer_takes_is_replaced(under, aws_server, code):
    env = under(role("one", mfa_serial=MFA))
    assert run_xswitch("login", "one", "--mfa-token", "123456", env=env).returncode == 0
    refusal = {"status": 403, "code": code, "message": "no longer", "times": 1}
    aws_server.control(fail={"AssumeRole": refusal})
    assert run_xswitch("login", "one", "--mfa-token", "123456", env=env).returncode == 0
    assert aws_server.actions()[-3:] == ["AssumeRole", "GetSessionToken", "AssumeRole"]


@pytest.mark.slow
def test_a_role_of_more_than_an_hour_takes_a_code_of_its_own_and_says_so(under, aws_server):
    env = under(role("long", mfa_serial=MFA, duration_seconds=7200))
    done = run_xswitch("login", "long", "--mfa-token", "123456", env=env)
    assert done.returncode == 0
    assert "long asks for more than an hour, which takes a code of its own" in done.stderr
    assert "1h59m left" in done.stderr
    [request] = aws_server.requests()
    assert request["parameters"]["TokenCode"] == "123456"
    assert request["parameters"]["DurationSeconds"] == "7200"


@pytest.mark.slow
def test_temporary_keys_cannot_get_such_a_session_and_give_the_code_with_the_role(under, aws_server):
    env = under(role("one", mfa_serial=MFA), aws_session_token="anything")
    assert run_xswitch("login", "one", "--mfa-token", "123456", env=env).returncode == 0
    assert serials(aws_server) == [("AssumeRole", MFA)]


@pytest.mark.slow
def test_temporary_keys_are_asked_for_no_code_that_only_the_source_names(under, aws_server):
    env = under(role("one"), mfa_serial=MFA, aws_session_token="anything")
    seen = run_python(SEEN, under=["one"], env=env)
    assert seen["AWS_PROFILE"] == "one"  # aws can do that itself
    assert serials(aws_server) == [("AssumeRole", None)]


@pytest.mark.slow
def test_keys_that_aws_does_not_know_cost_one_code(under, aws_server):
    env = under(role("one", mfa_serial=MFA))
    refusal = {"status": 403, "code": "InvalidClientTokenId", "message": "The token is invalid."}
    aws_server.control(fail={"GetSessionToken": refusal})
    done = run_xswitch("login", "one", "--mfa-token", "123456", env=env)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "AWS refused GetSessionToken for one" in done.stderr
    assert aws_server.actions() == ["GetSessionToken"]


@pytest.mark.slow
def test_a_device_that_aws_does_not_know_is_no_wrong_code(under, aws_server):
    env = under(role("one", mfa_serial=MFA))
    text = (
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial "
        "number is valid and associated with this user."
    )
    aws_server.control(fail={"GetSessionToken": {"status": 403, "code": "AccessDenied", "message": text}})
    terminal = Terminal([XSWITCH, "login", "one"], env)
    terminal.until("Enter MFA code")
    terminal.type("123456\n")
    assert terminal.end() == 1
    assert "check mfa_serial" in terminal.text
    assert terminal.text.count("Enter MFA code") == 1


@pytest.mark.slow
def test_a_code_given_beforehand_is_used_once(under, aws_server):
    env = under(role("one", mfa_serial=MFA) + role("two", "one", mfa_serial=MFA))
    done = run_xswitch("login", "two", "--mfa-token", "123456", env=env)
    assert done.returncode == 1
    assert "an MFA code is needed" in done.stderr
    assert aws_server.actions() == ["GetSessionToken", "AssumeRole"]


@pytest.mark.slow
def test_a_fault_while_keys_are_signed_in_is_not_told_as_a_refusal_of_aws(under):
    class Unfinished(Interaction):
        ask_code = None

    under("", mfa_serial=MFA)
    locations = Locations(os.environ)
    with pytest.raises(TypeError):
        Launcher(read_profiles(locations), locations, os.environ, Unfinished()).sign_in("keys")


# --- wrong codes ---------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [3600, 7200])
def test_a_wrong_code_says_so_and_asks_again(under, aws_server, seconds):
    env = under(role("one", mfa_serial=MFA, duration_seconds=seconds))
    terminal = Terminal([XSWITCH, "login", "one"], env)
    terminal.until("Enter MFA code")
    terminal.type(f"{WRONG}\n")
    refusal = "AWS did not take that code; each one works once, so wait for the next"
    terminal.until("Enter MFA code", after=refusal)
    terminal.type("123456\n")
    assert terminal.end() == 0
    assert "one is signed in" in terminal.text
    codes = [asked["parameters"].get("TokenCode") for asked in aws_server.requests()]
    assert [code for code in codes if code] == [WRONG, "123456"]


@pytest.mark.slow
def test_giving_up_leaves_nothing_behind(under, aws_folder):
    env = under(role("one", mfa_serial=MFA))
    terminal = Terminal([XSWITCH, "login", "one"], env)
    terminal.until("Enter MFA code")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert mfa_files(aws_folder) == []
    assert not (aws_folder / "cli/cache").exists()


@pytest.mark.slow
def test_a_code_given_beforehand_is_tried_once(under, aws_server):
    env = under(role("one", mfa_serial=MFA))
    done = run_xswitch("run", "one", "--mfa-token", WRONG, "--", "true", env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert "AWS did not take the MFA code for one (each code works once" in done.stderr
    assert aws_server.actions() == ["GetSessionToken"]
    done = run_xswitch("run", "one", "--mfa-token", "12345", "--", "true", env=env)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "that is no MFA code" in done.stderr
    assert len(aws_server.requests()) == 1


# --- mfa_process ---------------------------------------------------------------------------------


@pytest.fixture
def process(tmp_path):
    """Write a program that stands for `ykman` and the like; return its path."""

    def write(body):
        path = tmp_path / "token tool"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return f'"{path}"'

    return write


@pytest.mark.slow
@pytest.mark.parametrize("printed", ["123456", "  123 456", "aws:alice  123456"])
def test_the_code_comes_from_mfa_process(under, aws_server, process, printed):
    env = under(role("one", mfa_serial=MFA, mfa_process=process(f"echo '{printed}'")))
    assert run_xswitch("run", "one", "--", "true", env=env).returncode == 0
    assert aws_server.requests()[0]["parameters"]["TokenCode"] == "123456"


@pytest.mark.slow
def test_mfa_process_may_stand_in_the_source_and_gets_its_words_without_a_shell(
    under, aws_server, process, tmp_path
):
    command = process('test "$1" = "a b" && test "$2" = "; touch pwned" && echo 123456')
    env = under(role("one", mfa_serial=MFA), mfa_process=f"{command} 'a b' '; touch pwned'")
    assert run_xswitch("run", "one", "--", "true", env=env, cwd=tmp_path).returncode == 0
    assert not (tmp_path / "pwned").exists()


@pytest.mark.slow
def test_the_mfa_process_of_another_device_is_not_run(under, aws_server, process):
    config = role("one", mfa_serial=f"{MFA}-of-the-role")
    env = under(config, mfa_serial=MFA, mfa_process=process("echo 123456"))
    done = run_xswitch("login", "one", "--mfa-token", "654321", env=env)
    assert done.returncode == 0
    assert aws_server.requests()[0]["parameters"]["TokenCode"] == "654321"
    assert run_xswitch("logout", "--all", env=env).returncode == 0
    done = run_xswitch("login", "one", env=env)
    assert "an MFA code is needed and there is no terminal" in done.stderr


@pytest.mark.slow
def test_sessions_of_keys_that_stand_in_no_file_go_with_all(under, aws_server, aws_folder, user):
    key, secret = user
    answer = json.dumps({"Version": 1, "AccessKeyId": key, "SecretAccessKey": secret})
    (aws_folder / "answer").write_text(answer)
    env = under(
        role("one", "process", mfa_serial=MFA)
        + f"[profile process]\ncredential_process = cat {aws_folder}/answer\n"
    )
    assert run_xswitch("login", "one", "--mfa-token", "123456", env=env).returncode == 0
    assert run_xswitch("logout", "one", "keys", env=env).returncode == 0
    assert len(mfa_files(aws_folder)) == 1
    assert run_xswitch("logout", "--all", env=env).returncode == 0
    assert mfa_files(aws_folder) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("exit 7", "the mfa_process of one failed (exit status 7)"),
        (f"echo {CANARY}", "that is no MFA code"),
        ("echo", "that is no MFA code"),
        (f"echo {WRONG}", "AWS did not take the MFA code for one"),
        ("exec yes", "the mfa_process prints more than a code"),
    ],
)
def test_an_mfa_process_that_gives_no_good_code_is_one_sentence(under, process, body, said):
    env = under(role("one", mfa_serial=MFA, mfa_process=process(body)))
    done = run_xswitch("run", "one", "--", "true", env=env)
    assert done.returncode == 1
    assert said in done.stderr
    assert CANARY not in done.stderr


@pytest.mark.slow
def test_an_mfa_process_ends_with_the_patience_of_its_user(under, process, tmp_path):
    class Impatient(Interaction):
        def pause(self, seconds):
            if (tmp_path / "pid").exists():
                raise Cancelled

    new, pid = tmp_path / "new", tmp_path / "pid"
    body = f"echo $$ > '{new}'; mv '{new}' '{pid}'; exec sleep 300"
    under(role("one", mfa_serial=MFA, mfa_process=process(body)))
    locations = Locations(os.environ)
    launcher = Launcher(read_profiles(locations), locations, os.environ, Impatient())
    with pytest.raises(Cancelled):
        launcher.sign_in("one")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_code_that_is_printed_while_nobody_looks_is_read():
    class Late(subprocess.Popen):
        """Prints and ends in the moment between two looks."""

        def poll(self):
            if self.stdin and not self.stdin.closed:
                self.stdin.write(b"123456\n")
                self.stdin.close()
                self.wait()
            return super().poll()

    with Late(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert _output_of(process, Interaction()) == b"123456\n"


@pytest.mark.slow
def test_what_an_mfa_process_leaves_running_is_not_waited_for(under, process, tmp_path):
    left = tmp_path / "left"
    command = f"sleep 100 2>/dev/null & echo $! >{left}; echo 123456"
    env = under(role("one", mfa_serial=MFA, mfa_process=process(command)))
    assert run_xswitch("login", "one", env=env).returncode == 0
    os.kill(int(left.read_text()), signal.SIGKILL)


@pytest.mark.slow
def test_a_prompt_that_was_stopped_can_be_ended(under):
    env = {**under(role("one", mfa_serial=MFA)), "PS1": "ready> "}
    shell = Terminal(["bash", "--norc", "--noprofile", "-i"], env)
    shell.until("ready> ")
    shell.type(f"'{XSWITCH}' login one\n")
    shell.until("Enter MFA code")
    shell.type("\x1a")
    shell.until("Stopped")
    shell.type("kill %1; while jobs | grep -q login; do sleep 0.1; done; echo gone=$?.\n")
    shell.until("gone=0.")
    shell.type("exit\n")
    assert shell.end() == 0


@pytest.mark.slow
def test_a_prompt_that_was_stopped_goes_on_without_showing_the_code(under):
    env = {**under(role("one", mfa_serial=MFA)), "PS1": "ready> "}
    shell = Terminal(["bash", "--norc", "--noprofile", "-i"], env)
    shell.until("ready> ")
    shell.type(f"'{XSWITCH}' login one\n")
    for _ in range(3):
        shell.until("Enter MFA code")
        shell.type("\x1a")
        shell.until("Stopped")
        shell.text = ""
        shell.type("fg\n")
    shell.until("Enter MFA code")
    shell.type("123456\n")
    shell.until("one is signed in")
    assert "123456" not in shell.text
    shell.type("stty -a; exit\n")
    assert shell.end() == 0
    assert " echo " in shell.text


@pytest.mark.slow
@pytest.mark.parametrize("signal", ["TERM", "HUP", "QUIT"])
def test_a_signal_at_the_prompt_leaves_a_terminal_that_echoes(under, signal):
    env = under(role("one", mfa_serial=MFA))
    login = f"sh -c 'echo process $$.; exec {XSWITCH} login one'"
    # Not bash: that mends the terminal itself where a signal has ended what it ran.
    terminal = Terminal(["sh", "-c", f"{login}; echo ended $?; stty -a"], env)
    terminal.until("Enter MFA code")
    process = terminal.text.partition("process ")[2].partition(".")[0]
    subprocess.run(["kill", f"-{signal}", process], check=True)
    terminal.until("ended 1")
    assert terminal.end() == 0
    assert " echo " in terminal.text.partition("ended 1")[2]
    assert " -echo " not in terminal.text


@pytest.mark.slow
def test_what_an_mfa_process_says_on_stderr_is_seen(under, process):
    env = under(role("one", mfa_serial=MFA, mfa_process=process("echo touch your key >&2; echo 123456")))
    assert "touch your key" in run_xswitch("login", "one", env=env).stderr


@pytest.mark.slow
def test_what_an_mfa_process_says_is_not_seen_where_the_terminal_is_drawn_on(
    under, process, monkeypatch, capfd
):
    env = under(role("one", mfa_serial=MFA, mfa_process=process("echo touch your key >&2; echo 123456")))
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    locations = Locations(os.environ)
    launcher = Launcher(read_profiles(locations), locations, os.environ, Interaction())
    assert launcher.sign_in("one")
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_debug_shows_what_aws_said_to_a_wrong_code(under):
    env = under(role("one", mfa_serial=MFA))
    done = run_xswitch("login", "one", "--mfa-token", WRONG, "--debug", env=env)
    assert "AWS said: An error occurred (AccessDenied)" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", ["/nonexistent/tool", '"unfinished'])
def test_an_mfa_process_that_cannot_be_run_is_one_sentence(under, command):
    env = under(role("one", mfa_serial=MFA, mfa_process=command))
    done = run_xswitch("run", "one", "--", "true", env=env)
    assert done.returncode == 1
    assert "the mfa_process of one cannot be run" in done.stderr
