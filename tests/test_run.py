"""`run` and `shell`: the command is itself in everything, and its environment is the profile's alone."""

from __future__ import annotations

import json
import os
import pwd
import signal
import stat
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from awshome import read_profiles_in, write_profiles
from botocore.session import Session as BotoSession
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import PYTHON, SECRET, TOKEN, XSWITCH, Terminal, run_python, run_xswitch, write_session

from xswitch.launch.environment import credential_environment, profile_environment
from xswitch.sessions.session import Credentials
from xswitch.timestamps import parse_time

CONFIG = """\
[default]
region = eu-west-1
[profile keys]
[profile noregion]
role_arn = arn:aws:iam::222222222222:role/NoRegion
source_profile = keys
[profile role]
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = keys
region = eu-central-1
[profile mfa]
role_arn = arn:aws:iam::222222222222:role/Careful
source_profile = keys
mfa_serial = arn:aws:iam::111111111111:mfa/alice
region = eu-central-1
[profile over-mfa]
role_arn = arn:aws:iam::222222222222:role/OverMfa
source_profile = mfa
[profile from-env]
role_arn = arn:aws:iam::222222222222:role/FromEnv
credential_source = Environment
"""
CREDENTIALS = f"""\
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = default-secret
[keys]
aws_access_key_id = AKIAKEYS
aws_secret_access_key = keys-secret
[temporary]
aws_access_key_id = ASIATEMPORARY
aws_secret_access_key = {SECRET}
aws_session_token = {TOKEN}
"""
# Everything that an outer context may have left, and that would win over a profile.
COMPETITORS = {
    "AWS_ACCESS_KEY_ID": "AKIAOUTER",
    "AWS_SECRET_ACCESS_KEY": "outer",
    "AWS_SESSION_TOKEN": "outer",
    "AWS_SECURITY_TOKEN": "outer",
    "AWS_ACCESS_KEY": "outer",
    "AWS_SECRET_KEY": "outer",
    "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z",
    "AWS_ACCOUNT_ID": "999999999999",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent",
    "AWS_ROLE_ARN": "arn:aws:iam::999999999999:role/Outer",
    "AWS_ROLE_SESSION_NAME": "outer",
    "AWS_BEARER_TOKEN_BEDROCK": "outer",
    "AWS_VAULT": "outer",
    "AWSUME_PROFILE": "outer",
}
DUMP = "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k[:3] in ('AWS', 'XSW')}))"
ARGV = "import os, sys, json; print(json.dumps([ascii(os.fsencode(word)) for word in sys.argv[1:]]))"


@pytest.fixture
def files(aws_folder):
    """Profiles of every kind that needs no network, roles with their sessions cached."""
    write_profiles(aws_folder, CONFIG, CREDENTIALS)
    profiles = read_profiles_in(aws_folder)
    for name in ("role", "noregion", "mfa", "over-mfa", "from-env"):
        write_session(aws_folder.parent, profiles[name], key=f"ASIA{name.upper()}")
    return aws_folder


def environment(*under, outer=None):
    """Return the AWS and xswitch variables that a command under a profile sees."""
    inherited = {name: value for name, value in os.environ.items() if name != "AWS_CONFIG_FILE"}
    return run_python(DUMP, under=under, env={**inherited, **(outer or {})})


# --- the command is itself -----------------------------------------------------------------------


@pytest.mark.parametrize("status", [0, 1, 7, 126, 255])
def test_the_exit_status_is_the_commands(files, status):
    done = run_xswitch("run", "keys", "--", "sh", "-c", f"exit {status}")
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGPIPE])
def test_a_signal_that_kills_the_command_is_seen_as_such(files, number):
    assert run_xswitch("run", "keys", "--", "sh", "-c", f"kill -{number.value} $$").returncode == -number
    shell = f"'{XSWITCH}' run keys -- sh -c 'kill -{number.value} $$'; echo $?"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert done.stdout == f"{128 + number}\n"


def test_the_command_replaces_the_process(files):
    with subprocess.Popen(
        [XSWITCH, "run", "keys", "--", "sh", "-c", "echo $$ $PPID"], stdout=-1, text=True
    ) as process:
        stdout, _ = process.communicate()
    assert stdout.split() == [str(process.pid), str(os.getpid())]


def test_the_command_has_the_default_signals_and_an_empty_mask(files):
    status = run_xswitch("run", "keys", "--", "cat", "/proc/self/status").stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(fields["SigIgn"], 16) & (1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1) == 0
    assert int(fields["SigBlk"], 16) == 0
    assert int(fields["SigCgt"], 16) == 0


def test_a_signal_that_the_caller_ignores_stays_ignored(files):
    shell = f"trap '' INT HUP; '{XSWITCH}' run keys -- grep SigIgn /proc/self/status"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    ignored = int(done.stdout.split()[1], 16)
    assert ignored & 1 << signal.SIGINT - 1
    assert ignored & 1 << signal.SIGHUP - 1


def test_the_command_gets_no_descriptor_of_ours_and_those_of_its_caller(files):
    shell = f"exec 7</dev/null; '{XSWITCH}' run role -- ls /proc/self/fd"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    # ls itself opens the folder, as 3.
    assert set(done.stdout.split()) == {"0", "1", "2", "3", "7"}


NASTY_ARGUMENTS = [
    "",
    " ",
    "a b",
    "'",
    '"',
    '\\"',
    "\\",
    "\\n",
    "\n",
    "$(touch pwned)",
    "`id`",
    "$HOME",
    "*",
    "~",
    "--",
    "--help",
    "-x",
    "--json",
    ";",
    "&&",
    "#",
    "%s",
    "日本",
    b"\xff\xfe",
    "x" * 100_000,
]


def test_every_argument_arrives_untouched(files, tmp_path):
    done = run_xswitch("run", "keys", "--", PYTHON, "-c", ARGV, *NASTY_ARGUMENTS, cwd=tmp_path)
    assert json.loads(done.stdout) == [ascii(os.fsencode(word)) for word in NASTY_ARGUMENTS]
    assert list(tmp_path.glob("pwned")) == []


@pytest.mark.parametrize("words", [["--"], []])
def test_options_after_the_command_are_the_commands(files, words):
    done = run_xswitch("run", "keys", *words, PYTHON, "-c", ARGV, "--env", "--region", "--help", "--")
    assert json.loads(done.stdout) == [ascii(word) for word in (b"--env", b"--region", b"--help", b"--")]


def test_stdin_passes_through_byte_for_byte(files):
    data = bytes(range(256)) * 1000
    done = subprocess.run([XSWITCH, "run", "role", "--", "cat"], input=data, capture_output=True, check=True)
    assert done.stdout == data


def test_the_folder_and_umask_are_the_callers(files, tmp_path):
    shell = f"umask 027; '{XSWITCH}' run role -- sh -c 'pwd; umask'"
    done = subprocess.run(["bash", "-c", shell], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(tmp_path), "0027"]


def executable(path, text, mode=0o755):
    path.write_text(text)
    path.chmod(mode)
    return path


def test_what_is_not_found_is_127_and_what_cannot_be_executed_126(files, tmp_path):
    text = executable(tmp_path / "text", "echo no", mode=0o644)
    bad = executable(tmp_path / "bad", "#!/no/such/interpreter\n")
    for command, status in [
        ("no-such-command", 127),
        ("./no/such/path", 127),
        (f"{text}/below-a-file", 127),
        ("", 127),
        (str(bad), 127),
        (str(text), 126),
        (str(tmp_path), 126),
    ]:
        done = run_xswitch("run", "keys", "--", command)
        assert (done.returncode, done.stdout) == (status, ""), command
        assert done.stderr.startswith("xswitch: ")
        assert done.stderr.count("\n") == 1


def test_a_command_line_that_only_fits_without_the_profile_is_126(files):
    long = " ".join(["x" * 100_000] * 12)
    script = f"exec '{XSWITCH}' run keys -- true $X $X"
    done = subprocess.run(
        ["bash", "-c", f"X='{long[:100_000]}'; ulimit -s 512; {script}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 126
    assert "Argument list too long" in done.stderr


def test_a_script_without_an_interpreter_line_runs_as_in_a_shell(files, tmp_path):
    script = executable(tmp_path / "script", 'echo "$1|$AWS_PROFILE"; exit 3\n')
    done = run_xswitch("run", "keys", "--", str(script), "a b")
    assert (done.returncode, done.stdout) == (3, "a b|keys\n")
    # Found by PATH, behind a folder of the same name.
    (tmp_path / "first/script").mkdir(parents=True)
    env = {**os.environ, "PATH": f"{tmp_path}/first:{tmp_path}:{os.environ['PATH']}"}
    done = run_xswitch("run", "keys", "--", "script", "x", env=env)
    assert (done.returncode, done.stdout) == (3, "x|keys\n")


def test_a_file_that_cannot_be_executed_does_not_hide_one_further_down_the_path(files, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    executable(tmp_path / "a/tool", "", mode=0o644)
    env = {**os.environ, "PATH": f"{tmp_path}/a:/no/folder::{tmp_path}/b"}
    assert run_xswitch("run", "keys", "--", "tool", env=env).returncode == 126
    executable(tmp_path / "b/tool", "exit 8\n")
    assert run_xswitch("run", "keys", "--", "tool", env=env).returncode == 8
    assert run_xswitch("run", "keys", "--", "other", env=env).returncode == 127


@pytest.mark.skipif(os.geteuid() == 0, reason="root enters every folder")
def test_a_folder_of_the_path_that_may_not_be_entered_hides_nothing(files, tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    env = {**os.environ, "PATH": f"{tmp_path}/closed:{os.environ['PATH']}"}
    assert run_xswitch("run", "keys", "--", "no-such-command", env=env).returncode == 127
    assert run_xswitch("run", "keys", "--", "true", env=env).returncode == 0


def test_a_credential_with_a_nul_character_is_refused(files):
    write_profiles(files, "", "[nul]\naws_access_key_id = AKIA\naws_secret_access_key = a\0b\n")
    done = run_xswitch("run", "nul", "--env", "--", "true")
    assert done.returncode == 126
    assert "NUL" in done.stderr


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
    code = "import os, sys; print([os.isatty(n) for n in range(3)], os.getpgrp() == os.tcgetpgrp(0))"
    started = terminal(XSWITCH, "run", "role", "--", PYTHON, "-c", code)
    assert started.end() == 0
    assert started.text == "[True, True, True] True\r\n"


def test_ctrl_c_reaches_the_command_and_only_it(files, terminal):
    script = "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.05; done"
    started = terminal(XSWITCH, "run", "role", "--", "sh", "-c", script)
    started.until("ready")
    started.type("\x03")
    assert started.end() == 5
    assert started.text.endswith("caught\r\n")


def test_a_shell_can_stop_and_continue_the_command(files, terminal):
    bash = terminal("bash", "--norc", "--noprofile", "-i")
    bash.until("$ ")
    bash.type(f"'{XSWITCH}' run role -- sh -c 'while read line; do echo \"<$line>\"; done'\n")
    bash.type("one\n")
    bash.until("<one>")
    bash.type("\x1a")
    bash.until("Stopped")
    bash.type("fg\n")
    bash.type("two\n")
    bash.until("<two>")
    bash.type("\x04")
    bash.type("echo status=$?\n")
    bash.until("status=0")
    bash.type("exit\n")
    assert bash.end() == 0


def test_shell_is_the_users_shell_on_the_terminal_and_nests(files, terminal):
    shell = terminal(XSWITCH, "shell", "role", SHELL="/bin/sh")
    say = 'echo "<$XSWITCH_PROFILE $AWS_PROFILE $XSWITCH_DEPTH $0>"\n'
    shell.type(say)
    shell.until("<role role 1 /bin/sh>")
    shell.type(f"exec 3>&1; '{XSWITCH}' shell mfa\n")
    shell.type(say)
    shell.until("<mfa  2 /bin/sh>")
    shell.type("exit 4\n")
    shell.type('echo "inner=$?"\n')
    shell.until("inner=4")
    shell.type("exit 6\n")
    assert shell.end() == 6


# --- shell, without a terminal -------------------------------------------------------------------


def test_shell_runs_what_shell_names_and_its_status_is_ours(files, tmp_path):
    fake = executable(tmp_path / "my shell", '#!/bin/sh\necho "$0 $# $XSWITCH_DEPTH"; exit 9\n')
    for depth, deeper in [(None, 1), ("1", 2), ("x", 1), ("9" * 5000, 1), ("", 1)]:
        env = {**os.environ, "SHELL": str(fake)} | ({} if depth is None else {"XSWITCH_DEPTH": depth})
        done = run_xswitch("shell", "role", env=env)
        assert (done.returncode, done.stdout) == (9, f"{fake} 0 {deeper}\n")


def test_a_shell_that_does_not_exist_is_127(files):
    assert run_xswitch("shell", "role", env={**os.environ, "SHELL": "/no/shell"}).returncode == 127


def test_without_shell_the_user_database_has_one(files):
    env = {name: value for name, value in os.environ.items() if name != "SHELL"}
    shell = pwd.getpwuid(os.getuid()).pw_shell
    expected = subprocess.run([shell], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert run_xswitch("shell", "role", env=env).returncode == expected.returncode


# --- the environment -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["keys", "role", "temporary", "default"])
def test_profile_mode_sets_the_profile_and_removes_everything_that_would_win(files, name):
    seen = environment(name, outer={**COMPETITORS, "AWS_PROFILE": "outer", "AWS_DEFAULT_PROFILE": "outer"})
    assert seen == {"AWS_PROFILE": name, "AWS_DEFAULT_PROFILE": name, "XSWITCH_PROFILE": name}


def test_what_does_not_compete_stays(files):
    kept = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_PAGER": "",
        "AWS_CA_BUNDLE": "/ca",
        "AWS_DEFAULT_OUTPUT": "text",
        "AWS_MAX_ATTEMPTS": "2",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SDK_LOAD_CONFIG": "1",
    }
    seen = environment("keys", outer=kept)
    assert {name: seen[name] for name in kept} == kept


OUTER_REGIONS = {"AWS_REGION": "outer-1", "AWS_DEFAULT_REGION": "outer-2"}


@pytest.mark.parametrize(
    ("under", "outer", "first", "second"),
    [
        (["role"], OUTER_REGIONS, None, None),  # the profile's own wins when no variable does
        (["role", "--region", "us-west-2"], OUTER_REGIONS, "us-west-2", "us-west-2"),
        (["noregion", "--region", "us-west-2"], {}, "us-west-2", "us-west-2"),
        (["noregion"], OUTER_REGIONS, "outer-1", "outer-1"),
        (["noregion"], {"AWS_DEFAULT_REGION": "outer-2"}, "outer-2", "outer-2"),
        (["noregion"], {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, None, None),
        (["noregion"], {}, None, None),
        (["role", "--env"], OUTER_REGIONS, "eu-central-1", "eu-central-1"),
        (["role", "--env", "--region", "us-west-2"], OUTER_REGIONS, "us-west-2", "us-west-2"),
        (["noregion", "--env"], OUTER_REGIONS, "outer-1", "outer-1"),
        (["noregion", "--env"], {}, None, None),
    ],
)
def test_the_region_is_the_one_asked_for_else_the_profiles_else_the_outer_one(
    files, under, outer, first, second
):
    seen = environment(*under, outer=outer)
    assert (seen.get("AWS_REGION"), seen.get("AWS_DEFAULT_REGION")) == (first, second)


def test_env_gives_the_keys_and_no_profile(files):
    seen = environment("role", "--env", outer={**COMPETITORS, "AWS_PROFILE": "x", "AWS_DEFAULT_PROFILE": "x"})
    ends = seen.pop("AWS_CREDENTIAL_EXPIRATION")
    left = parse_time(ends) - datetime.now(UTC)
    assert ends.endswith("Z")
    assert timedelta(minutes=59) < left <= timedelta(minutes=60)
    assert seen == {
        "AWS_ACCESS_KEY_ID": "ASIAROLE",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "XSWITCH_PROFILE": "role",
    }


def test_env_unsets_the_token_where_the_keys_have_none(files):
    seen = environment("keys", "--env", outer=COMPETITORS)
    assert seen == {
        "AWS_ACCESS_KEY_ID": "AKIAKEYS",
        "AWS_SECRET_ACCESS_KEY": "keys-secret",
        "XSWITCH_PROFILE": "keys",
    }
    assert environment("temporary", "--env", outer=COMPETITORS)["AWS_SESSION_TOKEN"] == TOKEN


@pytest.mark.parametrize("name", ["mfa", "over-mfa", "from-env"])
def test_what_a_child_could_not_resolve_alone_gets_the_keys(files, name):
    seen = environment(name, outer=COMPETITORS)
    assert seen["AWS_ACCESS_KEY_ID"] == f"ASIA{name.upper()}"
    assert "AWS_PROFILE" not in seen
    assert "AWS_DEFAULT_PROFILE" not in seen


def test_a_profile_without_credentials_still_runs_and_cannot_give_keys(files):
    write_profiles(files, "[profile empty]\nregion = eu-west-1\n")
    outer = {"AWS_EC2_METADATA_DISABLED": "true"}
    assert environment("empty", outer=outer)["AWS_PROFILE"] == "empty"
    done = run_xswitch("run", "empty", "--env", "--", "true", env={**os.environ, **outer})
    assert (done.returncode, done.stdout) == (1, "")
    assert "the profile empty has no credentials (see why with: xswitch show empty)" in done.stderr


def test_half_a_pair_of_keys_is_refused(files):
    write_profiles(files, "", "[half]\naws_access_key_id = AKIA\n")
    done = run_xswitch("run", "half", "--env", "--", "true")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "half: has an access key id without `aws_secret_access_key`" in done.stderr


def test_what_botocore_would_pass_over_on_its_way_to_other_credentials_is_refused(files):
    """On a machine with a role of its own, the command would run as that role."""
    write_profiles(files, "[profile forgot]\nsource_profile = default\n[default]\n", "")
    done = run_xswitch("run", "forgot", "--", "true")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "has a `source_profile` and no `role_arn`" in done.stderr


NAMES = st.sampled_from(
    [
        *COMPETITORS,
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_VAULT_BACKEND",
    ]
)
VALUES = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
OUTER = st.dictionaries(NAMES, VALUES | st.sampled_from(["keys", "temporary", "AKIAOUTER", "us-east-2"]))


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(outer=OUTER, name=st.sampled_from(["keys", "temporary", "default"]), keys=st.booleans())
def test_in_any_outer_environment_botocore_gets_the_profiles_credentials(
    files, monkeypatch, outer, name, keys
):
    profile = read_profiles_in(files)[name]
    values = {key: setting.text for key, setting in profile.settings.items()}
    expected = Credentials(
        values["aws_access_key_id"], values["aws_secret_access_key"], values.get("aws_session_token")
    )
    child = credential_environment(profile, expected, outer) if keys else profile_environment(profile, outer)
    with monkeypatch.context() as patch:
        for variable in [variable for variable in os.environ if variable.startswith("AWS")]:
            patch.delenv(variable)
        for variable, value in child.items():
            patch.setenv(variable, value)
        session = BotoSession()
        found = session.get_credentials().get_frozen_credentials()
        region = session.get_config_variable("region")
    assert (found.access_key, found.secret_key, found.token) == (
        expected.access_key_id,
        expected.secret_access_key,
        expected.session_token,
    )
    # Where nothing names a region, a child without AWS_PROFILE reads the one of the default profile.
    last = "eu-west-1" if keys else None
    assert region == (profile.region or outer.get("AWS_REGION") or outer.get("AWS_DEFAULT_REGION") or last)


def test_the_history_of_commands_is_private(files, home):
    from xswitch.launch.history import History

    history = History(str(home / "state/xswitch"))
    history.add("aws s3 ls")
    history.add(" secret")
    history.add("aws s3 ls")
    history.add("two")
    assert history.commands() == ["two", "aws s3 ls"]
    assert stat.S_IMODE((home / "state/xswitch/history").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "state/xswitch").stat().st_mode) == 0o700


def test_a_history_that_cannot_be_written_leaves_nothing_behind(home):
    from xswitch.launch.history import History

    (home / "state/history").mkdir(parents=True)
    History(str(home / "state")).add("aws s3 ls")
    assert [path.name for path in (home / "state").iterdir()] == ["history"]


def test_what_the_file_says_is_over_is_told_and_the_command_runs(files):
    ended = "x_security_token_expires = 2020-01-01T00:00:00Z"
    keys = "aws_access_key_id = AKIA\naws_secret_access_key = x\naws_session_token = y"
    write_profiles(files, "", f"[old]\n{keys}\n{ended}\n")
    done = run_xswitch("run", "old", "--", "true")
    assert (done.returncode, done.stderr) == (
        0,
        "xswitch: the keys of old ended 2020-01-01T00:00:00Z, as their file says\n",
    )
