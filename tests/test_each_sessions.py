"""The sessions of many profiles: what AWS is asked, whom it asks, and whose failure is whose."""

from __future__ import annotations

import json
import os
import signal
from functools import partial

import awshome
import pytest
from awshome import SSO
from fanning import PATIENCE, each, line_of, objects, start
from running import XSWITCH, Terminal

from xswitch.launch.each.fanout import Fanout
from xswitch.launch.each.job import JobState
from xswitch.launch.prepare import Launcher
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles
from xswitch.sessions.interaction import Cancelled, Interaction

role = partial(awshome.role, region="eu-west-1")
MFA = "arn:aws:iam::111111111111:mfa/alice"
WRITER = SSO.partition("[sso-session")[0].replace("profile sso", "profile sso2").replace("Reader", "Writer")
KEY = ["sh", "-c", "echo ${AWS_ACCESS_KEY_ID:-$AWS_PROFILE}"]

pytestmark = pytest.mark.slow


class Person(Interaction):
    """Types the codes it is given, one after the other, and notes what it is asked."""

    def __init__(self, *codes):
        self.codes = list(codes)
        self.asked = []

    def has_person(self):
        return True

    def ask_code(self, request):
        self.asked.append(request.serial)
        if not self.codes:
            raise Cancelled
        return self.codes.pop(0)

    def show_device(self, device):
        self.asked.append(device.url)


def run(names, env, monkeypatch, person, **options):
    """Run `true` under the profiles with somebody to ask; return the jobs by profile."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    locations = Locations(os.environ)
    launcher = Launcher(read_profiles(locations), locations, dict(os.environ), person)
    work = Fanout(names, ["true"], launcher, **options)
    try:
        work.run()
    finally:
        work.close()
    return {job.profile: job for job in work.jobs}


# --- what AWS is asked ---------------------------------------------------------------------------


def test_each_role_is_assumed_once_before_anything_runs(under, aws_server, tmp_path):
    """Two profiles may have the same role, and several the same one on their way."""
    same = role("same").replace("role/same", "role/a")
    env = under(role("a") + same + role("b", "a") + role("c", "a") + role("d"))
    aws_server.control(delay={"AssumeRole": 0.3})
    log = tmp_path / "log"
    done = each("*", "!keys", "-j8", "--", "sh", "-c", f"echo $AWS_PROFILE >> {log}", env=env)
    assert done.returncode == 0, done.stderr
    assumed = [asked["parameters"]["RoleArn"].rpartition("/")[2] for asked in aws_server.requests()]
    assert sorted(assumed) == ["a", "b", "c", "d"]
    assert sorted(log.read_text().split()) == ["a", "b", "c", "d", "same"]
    # A second time, everything is there.
    assert each("*", "!keys", "--", "true", env=env).returncode == 0
    assert len(aws_server.requests()) == 4


def test_nothing_runs_before_all_sessions_are_there(under, aws_server):
    env = under(role("a") + role("b"))
    aws_server.control(delay={"AssumeRole": 0.5})
    count = ["sh", "-c", "ls ~/.aws/cli/cache | wc -l"]
    found = objects("a", "b", "keys", "-j1", "--", *count, env=env)
    assert {entry["stdout"].strip() for entry in found.values()} == {"2"}


def test_one_code_serves_all_roles_of_a_source(under, aws_server):
    env = under(role("a", mfa_serial=MFA) + role("b", mfa_serial=MFA) + role("c", "b") + role("d"))
    done = each("*", "!keys", "--mfa-token", "123456", "--json", "--", *KEY, env=env)
    assert done.returncode == 0, done.stderr
    assert sorted(aws_server.actions()) == ["AssumeRole"] * 4 + ["GetSessionToken"]
    keys = {entry["profile"]: entry["stdout"].strip() for entry in map(json.loads, done.stdout.splitlines())}
    assert keys["d"] == "d"  # it can be resolved by the command itself
    assert len({keys[name] for name in "abc"}) == 3
    assert all(keys[name].startswith("ASIA") for name in "abc")


def test_two_devices_are_asked_for_one_after_the_other(under, aws_server, monkeypatch):
    other = MFA.replace("alice", "other")
    ours, others = (partial(role, mfa_serial=serial) for serial in (MFA, other))
    env = under(ours("a") + others("b") + ours("c") + others("d"))
    person = Person("111111", "222222")
    jobs = run(["a", "b", "c", "d"], env, monkeypatch, person)
    assert person.asked == [MFA, other]
    assert {job.state for job in jobs.values()} == {JobState.DONE}
    assert aws_server.actions().count("GetSessionToken") == 2


def test_a_role_that_takes_a_code_of_its_own_is_asked_for_when_its_turn_comes(under, aws_server, monkeypatch):
    ours = partial(role, mfa_serial=MFA)
    env = under(ours("a") + ours("long", duration_seconds=7200) + ours("b"))
    person = Person("111111", "222222")
    jobs = run(["a", "long", "b"], env, monkeypatch, person)
    assert {job.outcome for job in jobs.values()} == {""}
    assert person.asked == [MFA, MFA]


def test_whose_user_gives_up_nothing_runs(under, aws_server, monkeypatch, tmp_path):
    env = under(role("a", mfa_serial=MFA) + role("b"))
    with pytest.raises(Cancelled):
        run(["keys", "a", "b"], env, monkeypatch, Person())
    assert aws_server.actions() == []


@pytest.mark.parametrize("device", [{}, {"mfa_serial": MFA}])
def test_sessions_too_short_to_be_kept_are_used_all_the_same(under, aws_server, device):
    env = under(role("a", **device) + role("b"))
    aws_server.control(session_seconds=60)
    done = each("*", "--mfa-token", "123456", "--", "true", env=env)
    assert done.returncode == 0, done.stderr
    assert aws_server.actions().count("AssumeRole") == 2


def test_a_session_that_is_over_when_its_turn_comes_is_obtained_anew(under, aws_server, tmp_path):
    env = under(role("a"))
    aws_server.control(session_seconds=60)
    script = f"[ -e {tmp_path}/tried ] || {{ touch {tmp_path}/tried; exit 1; }}"
    found = objects("a", "--env", "--retries", "1", "--", "sh", "-c", script, env=env)
    assert (found["a"]["state"], found["a"]["attempts"]) == ("done", 2)
    assert aws_server.actions().count("AssumeRole") == 2


def test_a_session_that_cannot_be_had_any_more_is_a_failure_then(under, aws_server):
    env = under(role("a"))
    refusal = {"status": 403, "code": "AccessDenied", "message": "not you any more"}
    aws_server.control(session_seconds=60, fail={"2": refusal})
    found = objects("a", "--retries", "1", "--", "false", env=env)
    assert (found["a"]["state"], found["a"]["attempts"]) == ("failed", 1)
    assert "not you any more" in found["a"]["error"]


# --- whose failure is whose ----------------------------------------------------------------------


def test_what_aws_refuses_is_the_failure_of_one_profile(under, aws_server):
    env = under(role("a") + role("b"))
    refusal = {"status": 403, "code": "AccessDenied", "message": "not you", "times": 1}
    aws_server.control(fail={"AssumeRole": refusal})
    found = objects("*", "-j1", "--", "true", env=env)
    states = {name: entry["state"] for name, entry in found.items()}
    assert states == {"a": "failed", "b": "done", "keys": "done"}
    assert found["a"]["error"].startswith("AWS refused AssumeRole for a: AccessDenied: not you; check")
    assert (found["a"]["exit_status"], found["a"]["attempts"]) == (None, 0)


def test_the_first_failure_ends_the_waiting_for_other_sessions_where_told_to(under, aws_server):
    lost = "[profile lost]\nrole_arn = arn:aws:iam::222222222222:role/x\nsource_profile = gone\n"
    env = under(role("a") + lost)
    aws_server.control(hold={"AssumeRole": "before"})
    # Less than botocore's patience, which gives up on what is held after a minute.
    found = objects("a", "lost", "--fail-fast", "--", "true", env=env, timeout=30)
    assert {name: entry["state"] for name, entry in found.items()} == {"a": "skipped", "lost": "failed"}


def test_without_a_person_those_that_need_one_fail_and_the_others_run(under, aws_server):
    env = under(role("a", mfa_serial=MFA) + role("b") + SSO)
    found = objects("*", "--", "true", env=env)
    states = {name: entry["state"] for name, entry in found.items()}
    assert states == {"a": "failed", "b": "done", "sso": "failed", "keys": "done"}
    assert "an MFA code is needed and there is no terminal to ask on" in found["a"]["error"]
    assert "needs a person" in found["sso"]["error"]
    assert aws_server.actions().count("AssumeRole") == 1


def test_sso_is_signed_in_once_for_all_its_profiles(under, aws_server):
    env = under(SSO + WRITER + role("over", "sso"))
    env = {
        name: value for name, value in env.items() if name not in {"BROWSER", "DISPLAY", "WAYLAND_DISPLAY"}
    }
    terminal = Terminal([XSWITCH, "each", "sso*", "over", "--", "true"], env)
    assert terminal.end(60) == 0, terminal.text
    assert "3 of 3 succeeded" in terminal.text
    assert terminal.text.count("confirm the code") == 1
    assert aws_server.actions().count("StartDeviceAuthorization") == 1
    assert aws_server.actions().count("GetRoleCredentials") == 2


def test_a_sign_in_that_fails_is_not_asked_for_again(under, aws_server, monkeypatch):
    env = under(SSO + WRITER)
    aws_server.control(device="denied")
    person = Person()
    jobs = run(["keys", "sso", "sso2"], env, monkeypatch, person)
    assert [job.state for job in jobs.values()] == [JobState.DONE, JobState.FAILED, JobState.FAILED]
    assert len(person.asked) == 1


# --- guards --------------------------------------------------------------------------------------


def guard(env, rules):
    folder = os.path.join(env["HOME"], ".config/xswitch")
    os.makedirs(folder)
    with open(os.path.join(folder, "config.toml"), "w") as file:
        file.write(rules)


@pytest.mark.parametrize("level", ["confirm", "read-only"])
def test_a_guard_refuses_before_anything_is_obtained(under, aws_server, level):
    env = under(role("a") + role("prod"))
    guard(env, f'[[guard]]\nprofile = "prod"\nlevel = "{level}"\n')
    done = each("*", "--", "echo", "ran", env=env)
    assert (done.returncode, done.stdout) == (3, "")
    assert "prod" in done.stderr
    assert aws_server.actions() == []


def test_a_guarded_profile_is_run_under_where_its_name_is_given(under, aws_server):
    env = under(role("a") + role("prod"))
    guard(env, '[[guard]]\nprofile = "prod"\n')
    done = each("*", "--yes-really", "prod", "--", "true", env=env)
    assert done.returncode == 0, done.stderr


def test_another_account_than_the_expected_one_ends_everything(under, aws_server, tmp_path):
    env = under(role("a") + role("prod"))
    guard(env, '[[guard]]\nprofile = "prod"\nexpect_account_id = "999999999999"\n')
    done = each("*", "--yes-really", "prod", "--", "touch", str(tmp_path / "ran"), env=env)
    assert done.returncode == 3
    assert "not in 999999999999" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_while_a_guard_asks_for_an_account_others_are_heard(under, aws_server, user, tmp_path):
    """What AWS says cannot be kept here, so that it is asked before each command."""
    keys = "aws_access_key_id = {}\naws_secret_access_key = {}\n".format(*user)
    env = under("".join(f"[profile {name}]\n{keys}" for name in ("talks", "waits", "asks")))
    guard(env, '[[guard]]\naccount_id = "999999999999"\n')
    state = os.path.join(env["HOME"], ".local/state/xswitch")
    os.makedirs(state)
    with open(os.path.join(state, "identities"), "w"):
        pass  # where a folder would be
    script = (
        f"cd {tmp_path}; echo hello; [ $AWS_PROFILE != asks ] || exit 0; "
        "until [ -e $AWS_PROFILE ]; do sleep 0.05; done; echo again"
    )
    process = start("talks", "waits", "asks", "-j2", "--", "sh", "-c", script, env=env)
    assert sorted(line_of(process) for _ in range(2)) == ["talks: hello\n", "waits: hello\n"]
    aws_server.control(hold={"GetCallerIdentity": "before"})
    (tmp_path / "waits").touch()
    assert line_of(process) == "waits: again\n"
    aws_server.until_held()
    (tmp_path / "talks").touch()
    assert line_of(process) == "talks: again\n"
    assert process.poll() is None
    aws_server.control()
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (0, "asks: hello\n"), err


# --- on a terminal -------------------------------------------------------------------------------


def test_the_code_is_asked_for_once_on_the_terminal(under, aws_server):
    env = under(role("a", mfa_serial=MFA) + role("b", mfa_serial=MFA))
    terminal = Terminal([XSWITCH, "each", "a", "b", "--", "echo", "hello"], env)
    terminal.until("Enter MFA code for")
    terminal.type("123456\n")
    assert terminal.end() == 0
    assert terminal.text.count("Enter MFA code for") == 1
    assert "2 of 2 succeeded" in terminal.text
    assert sorted(aws_server.actions()) == ["AssumeRole", "AssumeRole", "GetSessionToken"]


def test_a_question_is_cancelled_by_ctrl_c(under, aws_server):
    env = under(role("a", mfa_serial=MFA))
    terminal = Terminal([XSWITCH, "each", "*", "--", "echo", "hello"], env)
    terminal.until("Enter MFA code for")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "hello" not in terminal.text
    assert aws_server.actions() == []


def test_what_ends_it_during_a_question_is_told_by_the_exit_status(under, aws_server):
    env = under(role("a", mfa_serial=MFA))
    terminal = Terminal([XSWITCH, "each", "*", "--", "echo", "hello"], env)
    terminal.until("Enter MFA code for")
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.end() == 143
    assert aws_server.actions() == []


def test_sessions_that_take_long_are_given_up_by_ctrl_c(under, aws_server):
    env = {**under(role("a") + role("b")), "TERM": "xterm-256color"}
    aws_server.control(delay={"AssumeRole": 30})
    terminal = Terminal([XSWITCH, "each", "*", "--", "echo", "hello"], env)
    terminal.until("signing in")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "hello" not in terminal.text


def test_while_sessions_are_obtained_it_is_stopped_by_ctrl_z_with_an_echo_for_the_shell(under, aws_server):
    env = {**under(role("a") + role("b")), "TERM": "xterm-256color", "PS1": "shell> "}
    aws_server.control(delay={"AssumeRole": 3})
    terminal = Terminal(["sh", "-i"], env)
    terminal.until("shell> ")
    terminal.type(f"{XSWITCH} each a b -- echo hello\n")
    terminal.until("signing in")
    terminal.type("\x1a")
    terminal.until("Stopped")
    terminal.type("ls /none\n")
    terminal.until("ls /none", after="Stopped")
    terminal.type("fg\n")
    terminal.until("2 of 2 succeeded")
    terminal.type("exit 7\n")
    assert terminal.end() == 7
    assert "exit 7" in terminal.text


# --- programs that give credentials --------------------------------------------------------------


def test_programs_that_give_credentials_run_one_after_the_other(under, aws_server, user, tmp_path):
    """One may ask its user something, and what they start must not take each other for a circle."""
    program = tmp_path / "program"
    answer = {"Version": 1, "AccessKeyId": user[0], "SecretAccessKey": user[1]}
    lock = f"mkdir {tmp_path}/lock || exit 1; sleep 0.2; rmdir {tmp_path}/lock"
    program.write_text(f"#!/bin/sh\n{lock}\necho '{json.dumps(answer)}'\n")
    program.chmod(0o755)
    source = f"[profile given]\ncredential_process = {program}\n"
    env = under(source + "".join(role(name, "given") for name in ("a", "b", "c")))
    for words in ([], ["--env"]):
        found = objects("*", *words, "-j8", "--", "sh", "-c", "echo ${XSWITCH_OBTAINING-none}", env=env)
        assert {name: entry["error"] for name, entry in found.items()} == dict.fromkeys(found)
        assert {entry["stdout"] for entry in found.values()} == {"none\n"}
    assert aws_server.actions().count("AssumeRole") == 3
