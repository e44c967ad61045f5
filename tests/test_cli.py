"""The command line as its users and their scripts meet it: real processes on real files."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
from itertools import product

import pytest
from awshome import read_profiles_in, write_profiles
from running import (
    CANARY,
    PYTHON,
    SECRET,
    TOKEN,
    XSWITCH,
    Terminal,
    json_of,
    run_xswitch,
    write_session,
)

from xswitch import __version__
from xswitch.cli import verbs

ARN = "arn:aws:iam::222222222222:role/team/Admin"
CONFIG = f"""\
[default]
region = eu-west-1
[profile prod]
role_arn = {ARN}
source_profile = default
region = us-east-1
s3 =
    max_concurrent_requests = 20
    addressing_style = path
[profile audit]
role_arn = arn:aws:iam::222222222222:role/Audit
source_profile = prod
[profile broken]
role_arn = arn:aws:iam::333333333333:role/Old
source_profile = gone
[profile corp]
sso_session = corp
sso_account_id = 444444444444
sso_role_name = Reader
[sso-session corp]
sso_start_url = https://corp.example.com/start
sso_region = us-east-1
[services local]
sts =
    endpoint_url = http://localhost:1
"""
CREDENTIALS = f"""\
[default]
aws_access_key_id = AKIADEFAULT000000000
aws_secret_access_key = {SECRET}
aws_session_token = {TOKEN}
"""
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def files(aws_folder):
    """A tree of profiles with a cached session for `prod`."""
    write_profiles(aws_folder, CONFIG, CREDENTIALS)
    write_session(aws_folder.parent, read_profiles_in(aws_folder)["prod"], minutes=600)
    return aws_folder


def assert_one_line(text):
    assert text.startswith("xswitch: ")
    assert text.count("\n") == 1
    assert text.endswith("\n")


def test_without_a_home_folder_nothing_is_read_or_written_where_one_stands(tmp_path):
    (tmp_path / "~/.aws").mkdir(parents=True)
    (tmp_path / "~/.aws/config").write_text("[profile trap]\nregion = eu-west-1\n")
    if os.getuid():
        pytest.skip("only root can be a user that is in no database")
    code = """
import os, pwd
from xswitch.errors import XswitchError
from xswitch.locations import Locations
os.setuid(54321)
os.environ.pop("HOME")
try:
    Locations(os.environ)
except XswitchError as error:
    print(error.message)
"""
    done = subprocess.run([PYTHON, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "this user has no home folder\n"


def test_a_stderr_that_takes_nothing_is_a_status_and_no_traceback():
    with open("/dev/full", "w") as full:
        done = subprocess.run([XSWITCH, "show", "nope"], stdout=subprocess.PIPE, stderr=full, check=False)
    assert (done.returncode, done.stdout) == (1, b"")


def test_a_password_in_an_address_is_masked(aws_folder):
    write_profiles(aws_folder, f"[profile p]\nendpoint_url = https://me:{CANARY}@proxy.example:8443/a@b\n")
    for words in (["show", "p"], ["show", "p", "--json"]):
        shown = run_xswitch(*words).stdout
        assert CANARY not in shown
        assert "https://me:********@b" in shown  # where the password ends nobody can tell


# --- help, and command lines that do not fit -----------------------------------------------------


@pytest.mark.parametrize("verb", [*verbs.NAMES, "prod"])
def test_help_of_every_command_has_an_example(verb):
    done = run_xswitch(*verb.split(), "--help")
    assert done.returncode == 0
    assert done.stderr == ""
    usage, _, example = done.stdout.partition("\nexample:\n")
    assert usage.startswith("usage: xswitch")
    assert "xswitch" in example
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_every_verb_is_described_by_the_theme_it_is_listed_under():
    described = []
    for theme in ("looking", "using", "changing", "delegating", "keeping"):
        module = importlib.import_module(f"xswitch.cli.verbs.{theme}")
        described += [command.name for command in module.VERBS]
    assert described == list(verbs.NAMES)


def test_help_alone_names_every_command():
    for word in ("--help", "-h", "help"):
        done = run_xswitch(word)
        assert done.returncode == 0
        assert all(f"\n  {verb}" in done.stdout for verb in verbs.NAMES)


def test_help_with_a_command_is_that_commands():
    assert run_xswitch("help", "run").stdout == run_xswitch("run", "--help").stdout
    assert run_xswitch("help", "add", "role").stdout == run_xswitch("add", "role", "--help").stdout
    assert "xswitch add keys NAME" in run_xswitch("add", "--help").stdout


def test_help_needs_no_files_and_works_on_broken_ones(aws_folder):
    write_profiles(aws_folder, "no ini")
    assert run_xswitch("list", "--help").returncode == 0
    assert run_xswitch("--version").stdout == f"xswitch {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "--nope"], "no option --nope"),
        (["-x"], "no option -x"),
        (["--jsn"], "no option --jsn"),
        (["--version", "now"], "no option --version"),
        (["lst", "prod"], "no command lst"),
        (["show", "a", "b"], "no more arguments"),
        (["sessions", "all"], "takes options only"),
        (["show"], "show needs"),
        (["show", "prod", "--all"], "show needs"),
        (["show", "--all"], "show needs"),
        (["run"], "run needs PROFILE"),
        (["run", "--"], "run needs PROFILE"),
        (["run", "prod"], "needs a command"),
        (["run", "prod", "--"], "needs a command"),
        (["run", "prod", "--region"], "--region needs a value"),
        (["run", "prod", "--region", "--", "true"], "--region needs a value"),
        (["list", "--json=yes"], "takes no value"),
        (["shell"], "shell needs PROFILE"),
        (["shell", "prod", "bash"], "no more arguments"),
        (["list", "--\x1b[31m\n"], r"no option --\x1b[31m\n"),
        ([""], "needs a terminal"),
        (["prod"], "needs a terminal"),
        ([], "needs a terminal"),
    ],
)
def test_a_wrong_command_line_is_one_sentence_and_status_2(files, words, said):
    done = run_xswitch(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert_one_line(done.stderr)


@pytest.mark.parametrize("command", [("show",), ("run", "--"), ("shell",)])
def test_an_unknown_profile_is_status_1_with_the_nearest_names(files, command):
    verb, *rest = command
    done = run_xswitch(verb, "prdo", *rest, *(["true"] if rest else []))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "xswitch: there is no profile prdo (did you mean prod?)\n"


def test_an_unknown_profile_that_resembles_none_leads_to_the_list(files):
    assert "xswitch list" in run_xswitch("show", "zzz").stderr


def test_a_profile_that_may_stand_in_an_unreadable_file_is_said_to(aws_folder):
    (aws_folder / "config").mkdir()
    done = run_xswitch("show", "prod")
    assert done.returncode == 1
    assert "there is no profile prod (~/.aws/config is a folder" in done.stderr
    assert_one_line(done.stderr)


# --- streams -------------------------------------------------------------------------------------


REPORTS = ("list", "list --tree", "list --json", "show prod", "show prod --json", "show --all --json")


@pytest.mark.parametrize("words", [report.split() for report in (*REPORTS, "sessions", "sessions --json")])
def test_results_go_to_stdout_and_nothing_else_does(files, words):
    done = run_xswitch(*words)
    assert done.returncode == 0
    assert done.stdout
    assert done.stderr == ""
    write_profiles(files, CONFIG + "[profile prod]\nno delimiter\n", CREDENTIALS)
    broken = run_xswitch(*words)
    assert broken.returncode == 0
    assert "xswitch:" not in broken.stdout
    assert all(line.startswith("xswitch: ") for line in broken.stderr.splitlines())
    assert f"~/.aws/config:{len(CONFIG.splitlines()) + 1}: " in broken.stderr
    assert "aws itself refuses all of ~/.aws/config" in broken.stderr
    if "--json" in words:
        json.loads(broken.stdout)


def test_no_match_leaves_stdout_empty(files):
    done = run_xswitch("list", "nothing-like-it")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "xswitch: no profile matches\n")
    assert json_of("list", "nothing-like-it", "--json") == []


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*o*", ["prod", "broken", "corp"]),
        ("prod", ["prod"]),
        ("2222 !team !admin", ["audit"]),
        ("us-east", ["prod"]),
        ("[ab]*", ["audit", "broken"]),
    ],
)
def test_a_pattern_is_a_glob_over_names_or_the_words_of_the_filter(files, pattern, names):
    assert [profile["name"] for profile in json_of("list", pattern, "--json")] == names


def test_the_tree_keeps_what_a_match_hangs_from(files):
    lines = run_xswitch("list", "audit", "--tree").stdout.splitlines()[1:]
    assert [line.split("  role ")[0].split("  static ")[0].rstrip() for line in lines] == [
        "default",
        "  prod",
        "    audit",
    ]


def test_a_reader_that_goes_away_is_no_error(files):
    config = "".join(f"[profile p{number}]\nregion = eu-west-1\n" for number in range(3000))
    write_profiles(files, config)
    for words in ("list", "list --json", "list --tree"):
        done = subprocess.run(
            ["bash", "-c", f"'{XSWITCH}' {words} | head -1; echo ${{PIPESTATUS[0]}}"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.endswith("\n0\n")
        assert done.stderr == ""


@pytest.mark.parametrize(
    ("redirection", "status", "said"),
    [
        (">&-", 0, ""),
        ("2>&-", 0, ""),
        (">&- 2>&-", 0, ""),
        (">/dev/full", 1, "xswitch: the output cannot be written: No space left on device\n"),
    ],
)
@pytest.mark.parametrize("words", ["list", "--version", "--help", "show prod --json"])
def test_closed_and_full_streams_end_without_a_traceback(files, words, redirection, status, said):
    command = f"'{XSWITCH}' {words} {redirection}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert done.stderr == said


@pytest.mark.parametrize("redirection", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_runs_with_the_streams_closed_that_its_caller_closed(files, redirection):
    command = f"'{XSWITCH}' run default -- sh -c 'exit 7' {redirection}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (7, "")


def test_colour_follows_the_environment_and_the_terminal(files):
    def coloured(**variables):
        return bool(ESCAPE.search(run_xswitch("list", env={**os.environ, **variables}).stdout))

    assert not coloured()
    assert coloured(FORCE_COLOR="1")
    assert not coloured(FORCE_COLOR="1", NO_COLOR="1")
    assert not coloured(FORCE_COLOR="")
    assert coloured(FORCE_COLOR="1", NO_COLOR="")


@pytest.mark.parametrize(
    ("variables", "colour"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_on_a_terminal(files, variables, colour):
    terminal = Terminal([XSWITCH, "list"], {**os.environ, "TERM": "xterm", **variables})
    assert terminal.end() == 0
    assert bool(ESCAPE.search(terminal.text)) == colour
    assert "prod" in terminal.text


def test_colour_never_enters_json(files):
    env = {**os.environ, "FORCE_COLOR": "1"}
    for words in (["list"], ["show", "prod"], ["sessions"]):
        json_of(*words, "--json", env=env)


def test_a_table_without_colour_has_the_same_cells_as_one_with(files):
    plain = run_xswitch("list").stdout
    colour = run_xswitch("list", env={**os.environ, "FORCE_COLOR": "1"}).stdout
    assert ESCAPE.sub("", colour).split() == plain.split()


# --- JSON: the public interface ------------------------------------------------------------------

OPTIONAL = (str, type(None))
PROBLEM = {"code": str, "message": str, "file": str, "line": int}


def assert_shape(value, shape):
    assert list(value) == list(shape)
    for key, kind in shape.items():
        assert isinstance(value[key], kind), key


def assert_session(session):
    if session is not None:
        assert list(session) == ["state", "expires_at"]
        assert session["state"] in {"valid", "expiring", "expired", "none"}
        assert session["expires_at"] is None or TIME.fullmatch(session["expires_at"])


def assert_settings(settings):
    for setting in settings.values():
        if "value" in setting and isinstance(setting["value"], str):
            assert_shape(setting, {"value": str, "file": str, "line": int})
            assert os.path.isabs(setting["file"])
            assert setting["line"] >= 1
        else:
            assert_settings(setting)


LIST_SHAPE = {
    "name": str,
    "kind": str,
    "source": OPTIONAL,
    "account_id": OPTIONAL,
    "account_name": OPTIONAL,
    "guard": (dict, type(None)),
    "region": OPTIONAL,
    "role_arn": OPTIONAL,
    "sso_session": OPTIONAL,
    "session": (dict, type(None)),
    "problems": list,
}
SHOW_SHAPE = {
    "name": str,
    "kind": str,
    "settings": dict,
    "chain": list,
    "providers": list,
    "session": (dict, type(None)),
    "guard": (dict, type(None)),
    "shadowed_by_env": list,
    "problems": list,
}


def test_list_json(files):
    report = json_of("list", "--json")
    for profile in report:
        assert_shape(profile, LIST_SHAPE)
        assert_session(profile["session"])
        for problem in profile["problems"]:
            assert_shape(problem, PROBLEM)
    by_name = {profile["name"]: profile for profile in report}
    assert list(by_name) == ["default", "prod", "audit", "broken", "corp"]
    prod = by_name["prod"]
    assert TIME.fullmatch(prod["session"].pop("expires_at"))
    assert prod == {
        "name": "prod",
        "kind": "role",
        "source": "default",
        "account_id": "222222222222",
        "account_name": None,
        "region": "us-east-1",
        "role_arn": ARN,
        "sso_session": None,
        "session": {"state": "valid"},
        "guard": None,
        "problems": [],
    }
    # Its keys come with a token, so they end, and nothing says when.
    assert by_name["default"]["session"] == {"state": "none", "expires_at": None}
    assert by_name["audit"]["session"] == {"state": "none", "expires_at": None}
    assert by_name["corp"]["sso_session"] == "corp"
    [problem] = by_name["broken"]["problems"]
    assert problem["code"] == "source-missing"
    assert problem["file"] == str(files / "config")
    assert CONFIG.splitlines()[problem["line"] - 1] == "source_profile = gone"


def test_show_json(files):
    env = {**os.environ, "AWS_ACCESS_KEY_ID": "AKIAOUTER", "AWS_REGION": "eu-north-1"}
    report = json_of("show", "prod", "--json", env=env)
    assert_shape(report, SHOW_SHAPE)
    assert_session(report["session"])
    assert_settings(report["settings"])
    config = str(files / "config")
    assert report["chain"] == ["prod", "default"]
    assert report["settings"]["region"] == {"value": "us-east-1", "file": config, "line": 6}
    assert report["settings"]["s3"] == {
        "max_concurrent_requests": {"value": "20", "file": config, "line": 8},
        "addressing_style": {"value": "path", "file": config, "line": 9},
    }
    assert report["shadowed_by_env"] == ["AWS_ACCESS_KEY_ID", "AWS_REGION"]
    for provider in report["providers"]:
        assert_shape(provider, {"provider": str, "status": str, "reason": str})
        assert provider["status"] in {"used", "shadowed", "absent"}
    used = [provider["provider"] for provider in report["providers"] if provider["status"] == "used"]
    assert used == ["assume-role"]


def test_show_json_masks_secrets_with_their_place(files):
    settings = json_of("show", "default", "--json")["settings"]
    assert settings["aws_access_key_id"]["value"] == "AKIADEFAULT000000000"
    secret = settings["aws_secret_access_key"]
    assert secret == {"value": "********", "file": str(files / "credentials"), "line": 3}
    assert settings["aws_session_token"]["value"] == "********"


def test_show_all_json_is_everything_that_was_read(files):
    report = json_of("show", "--all", "--json")
    assert {"profiles", "sso_sessions", "services"} <= set(report)
    for name, profile in report["profiles"].items():
        assert_shape(profile, SHOW_SHAPE)
        assert profile == json_of("show", name, "--json")
    assert report["sso_sessions"]["corp"]["sso_region"]["value"] == "us-east-1"
    endpoint = report["services"]["local"]["sts"]["endpoint_url"]
    assert_shape(endpoint, {"value": str, "file": str, "line": int})


def test_sessions_json(files):
    (files / "sso/cache").mkdir(parents=True)
    token = {
        "accessToken": TOKEN,
        "expiresAt": "2020-01-01T00:00:00Z",
        "startUrl": "https://corp.example.com",
    }
    (files / f"sso/cache/{'a' * 40}.json").write_text(json.dumps(token))
    report = json_of("sessions", "--json")
    for entry in report:
        assert_shape(
            entry,
            {
                "path": str,
                "kind": str,
                "profiles": list,
                "state": str,
                "expires_at": str,
                "role_arn": OPTIONAL,
            },
        )
        assert TIME.fullmatch(entry["expires_at"])
    role, left_over = report
    assert (role["kind"], role["profiles"], role["state"], role["role_arn"]) == (
        "assume-role",
        ["prod"],
        "valid",
        ARN,
    )
    assert os.path.isfile(role["path"])
    assert (left_over["kind"], left_over["profiles"], left_over["state"]) == ("sso-token", [], "expired")


# --- secrets -------------------------------------------------------------------------------------

NASTY = {
    "as they should be": (CONFIG, CREDENTIALS),
    "a line without a delimiter": (
        CONFIG,
        f"[default]\naws_access_key_id = AKIA\naws_secret_access_key {SECRET}\n",
    ),
    "the secret alone on a line": (CONFIG, f"[default]\n{SECRET}\n{TOKEN}\n"),
    "before any section": (CONFIG, f"aws_secret_access_key = {SECRET}\n[default]\n"),
    "twice": (
        CONFIG,
        CREDENTIALS + f"aws_secret_access_key = {SECRET}\n[default]\naws_session_token = {TOKEN}\n",
    ),
    "swallowed by the line above": (CONFIG, f"[default]\nregion = x\n  aws_secret_access_key = {SECRET}\n"),
    "swallowed by names": (
        CONFIG + f"[profile x]\nrole_arn = {ARN}\n  aws_secret_access_key = {SECRET}\n"
        f"source_profile = y\n  aws_session_token: {TOKEN}\nsso_session = z\n  password={SECRET}\n",
        CREDENTIALS,
    ),
    "as a nested block": (
        CONFIG,
        f"[default]\naws_session_token =\n  {TOKEN}\naws_secret_access_key =\n  {SECRET}\n",
    ),
    "in the config file": (
        CONFIG + f"[profile x]\naws_secret_access_key: {SECRET}\nmy_password = {SECRET}\n",
        "",
    ),
    "overridden": (CONFIG.replace("[default]", f"[default]\naws_secret_access_key = {SECRET}"), CREDENTIALS),
    "not UTF-8 after it": (CONFIG, CREDENTIALS + "# \udcff\n"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", NASTY)
def test_no_secret_is_in_any_output(files, case):
    config, credentials = NASTY[case]
    (files / "config").write_bytes(config.encode("utf-8", "surrogateescape"))
    (files / "credentials").write_bytes(credentials.encode("utf-8", "surrogateescape"))
    cache = next((files / "cli/cache").iterdir())
    (files / f"cli/cache/{'b' * 40}.json").write_text(cache.read_text()[:-40])
    (files / f"cli/cache/{'c' * 40}.json").write_text(f'["{SECRET}"]')
    commands = [
        ["list"],
        ["list", "--tree"],
        ["list", "--json"],
        ["show", "--all", "--json"],
        ["show", "default"],
        ["show", "x"],
        ["show", "prod"],
        ["sessions"],
        ["sessions", "--json"],
        ["run", "audit", "--", "true"],
        ["run", "default", "--env", "--", "false"],
        ["run", "broken", "--", "true"],
        ["run", "default", "--", "no-such-command"],
    ]
    env = {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    for words, debug in product(commands, ["", "1"]):
        done = run_xswitch(*words, env={**env, "XSWITCH_DEBUG": debug})
        assert CANARY not in done.stdout + done.stderr, words
        assert ("Traceback" in done.stderr) <= bool(debug), done.stderr


def test_debug_shows_a_traceback_and_keeps_status_and_sentence(files):
    plain = run_xswitch("show", "zzz")
    debug = run_xswitch("show", "zzz", env={**os.environ, "XSWITCH_DEBUG": "1"})
    assert "Traceback" not in plain.stderr
    assert debug.stderr.startswith("Traceback")
    assert debug.stderr.endswith(plain.stderr)
    assert debug.returncode == plain.returncode == 1
    assert run_xswitch("run", env={**os.environ, "XSWITCH_DEBUG": "1"}).returncode == 2


# --- names from hell, and locales ----------------------------------------------------------------

NAMES = {
    "escape": "\x1b[31mred",
    "title": "\x1b]0;owned\x07",
    "markup": "[bold]x[/bold]",
    "quotes": "a\"b'c",
    "command": "$(touch pwned)`id`",
    "long": "n" * 300,
    "accent": "prød-日本",
    "right to left": "a\u202eb",
    "percent": "%(x)s {0} %s",
    "blank": "two words",
}


@pytest.mark.parametrize("which", NAMES)
def test_a_name_is_data_wherever_it_is_shown(aws_folder, which, tmp_path):
    name = NAMES[which]
    # In the credentials file a section's name is taken as it is.
    write_profiles(aws_folder, "", f"[{name}]\naws_access_key_id = AKIA1\naws_secret_access_key = x\n")
    assert [profile["name"] for profile in json_of("list", "--json")] == [name]
    assert json_of("show", name, "--json")["name"] == name
    for words in (
        ["list"],
        ["list", "--tree"],
        ["show", name],
        ["show", name + "x"],
        ["run", name, "--", "true"],
    ):
        done = run_xswitch(*words, cwd=tmp_path)
        assert done.returncode == (1 if words[-1] == name + "x" else 0)
        text = done.stdout + done.stderr
        assert all(char == "\n" or char.isprintable() for char in text)
        if words[0] != "run" and name.isprintable():
            assert name in text
    seen = run_xswitch("run", name, "--", PYTHON, "-c", "import os; print(ascii(os.environ['AWS_PROFILE']))")
    assert seen.stdout == ascii(name) + "\n"
    assert not (tmp_path / "pwned").exists()


def test_values_of_several_lines_and_control_characters_stay_in_their_row(aws_folder):
    value = "eu-west-1\n  \x1b[2Jgone\n\ttab \x00nul"
    write_profiles(aws_folder, f"[profile p]\nregion = {value}\ns3 =\n  \x1b[31mkey = \x07\n")
    for words in (["list"], ["show", "p"]):
        done = run_xswitch(*words)
        assert all(char == "\n" or char.isprintable() for char in done.stdout)
        assert r"\x1b[2Jgone" in done.stdout
    assert len(run_xswitch("list").stdout.splitlines()) == 2


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_a_locale_that_cannot_spell_a_name_still_shows_it(aws_folder, variables):
    write_profiles(aws_folder, "[profile prød-日本]\nregion = eu-west-1\n")
    env = {**os.environ, **variables}
    for words in (["list"], ["list", "--tree"], ["show", "zzz"], ["--help"]):
        done = run_xswitch(*words, env=env)
        assert "Traceback" not in done.stderr
    text = run_xswitch("list", env=env).stdout
    assert "prød-日本" in text or "\\u65e5\\u672c" in text
    assert json_of("list", "--json", env=env)[0]["name"] == "prød-日本"


def test_a_name_that_is_not_utf8_can_be_shown_and_run(aws_folder):
    (aws_folder / "credentials").write_bytes(
        b"[caf\xe9]\naws_access_key_id = AKIA1\naws_secret_access_key = s\n"
    )
    done = run_xswitch("list")
    assert r"caf\xe9" in done.stdout
    assert "not UTF-8" in done.stderr
    assert r"caf\xe9" in run_xswitch("show", b"caf\xe9").stdout
    seen = run_xswitch("run", b"caf\xe9", "--", PYTHON, "-c", "import os; print(os.environb[b'AWS_PROFILE'])")
    assert seen.stdout == repr(b"caf\xe9") + "\n"


# --- files that are not there, or not files ------------------------------------------------------


def test_without_any_file_a_friendly_sentence_says_how_to_begin(home):
    (home / ".aws").rmdir()
    done = run_xswitch("list")
    assert (done.returncode, done.stdout) == (0, "")
    assert "aws configure" in done.stderr
    assert "xswitch demo" in done.stderr
    assert_one_line(done.stderr)
    assert json_of("list", "--json") == []
    assert json_of("sessions", "--json") == []
    assert json_of("show", "--all", "--json")["profiles"] == {}
    assert run_xswitch("run", "prod", "--", "true").returncode == 1
    assert not (home / ".aws").exists()


@pytest.mark.parametrize("words", [["list"], ["show", "--all", "--json"], ["sessions"]])
def test_a_folder_or_dangling_link_in_place_of_a_file_is_reported(files, words):
    for name in ("config", "credentials"):
        (files / name).unlink()
    (files / "config").mkdir()
    (files / "credentials").symlink_to("nowhere")
    done = run_xswitch(*words)
    assert done.returncode == 0
    assert "~/.aws/config: is a folder" in done.stderr
    assert "~/.aws/credentials: is a link to a file that does not exist" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_reported(files):
    (files / "config").chmod(0)
    assert "~/.aws/config: cannot be read (Permission denied)" in run_xswitch("list").stderr


@pytest.mark.parametrize(
    "kind", ["file in place of the folder", "folder in place of an entry", "pipe in place of an entry"]
)
def test_a_cache_that_is_none_is_reported_and_skipped(files, kind):
    cache = files / "cli/cache"
    entry = next(cache.iterdir())
    entry.unlink()
    if kind == "folder in place of an entry":
        entry.mkdir()
    elif kind == "pipe in place of an entry":
        os.mkfifo(entry)
    else:
        cache.rmdir()
        cache.write_text("")
    done = run_xswitch("sessions")
    assert done.returncode == 0
    assert "cannot be read" in done.stderr


def test_the_variables_that_name_the_files_are_followed(files, tmp_path):
    other = tmp_path / "other"
    other.write_text("[profile elsewhere]\nregion = eu-west-1\n")

    def names(**variables):
        return [profile["name"] for profile in json_of("list", "--json", env={**os.environ, **variables})]

    assert names(AWS_CONFIG_FILE=str(other)) == ["elsewhere", "default"]
    assert names(AWS_CONFIG_FILE="$OTHER/other", OTHER=str(tmp_path)) == ["elsewhere", "default"]
    assert names(AWS_CONFIG_FILE="") == ["default"]
    assert names(AWS_CONFIG_FILE="", AWS_SHARED_CREDENTIALS_FILE="") == []
    assert names(AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="~/.aws/credentials") == ["default"]


def test_a_broken_file_still_lists_its_profiles_and_says_what_to_change(files):
    write_profiles(
        files, CONFIG + "[profile last]\nregion eu-west-1\n[profile last]\noutput = json\n", CREDENTIALS
    )
    done = run_xswitch("list")
    assert done.returncode == 0
    assert all(f"\n{name} " in done.stdout for name in ("default", "prod", "audit", "corp", "last"))
    first = len(CONFIG.splitlines()) + 1
    lines = done.stderr.splitlines()
    assert lines[0].startswith(f"xswitch: ~/.aws/config:{first + 1}: ")
    assert lines[1].startswith(f"xswitch: ~/.aws/config:{first + 2}: ")
    assert "merge the two sections" in lines[1]
    assert lines[2:] == ["xswitch: aws itself refuses all of ~/.aws/config until this is mended"]


def test_a_relative_home_does_not_hang(tmp_path):
    env = {**os.environ, "HOME": "not-there"}
    assert run_xswitch("list", env=env, cwd=tmp_path).returncode == 0


# --- faults --------------------------------------------------------------------------------------


def test_a_fault_is_one_line_without_its_text(files, tmp_path):
    (tmp_path / "botocore.py").write_text("import os\nraise ValueError(os.environ['FAULT'])\n")
    for debug in ("", "1"):
        env = {**os.environ, "PYTHONPATH": str(tmp_path), "XSWITCH_DEBUG": debug, "FAULT": SECRET}
        done = run_xswitch("run", "audit", "--", "true", env=env)
        assert done.returncode == 1
        assert "an unexpected ValueError" in done.stderr
        assert ("Traceback" in done.stderr) == bool(debug)
        assert CANARY not in done.stderr
    assert "XSWITCH_DEBUG=1" in done.stderr


def test_a_session_of_many_profiles_names_a_few_of_them(aws_folder):
    config = "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example\n" + "".join(
        f"[profile p{number:03}]\nsso_session = corp\nsso_account_id = 1{number:011}\nsso_role_name = R\n"
        for number in range(300)
    )
    write_profiles(aws_folder, config, "")
    cache = aws_folder / "sso" / "cache"
    cache.mkdir(parents=True)
    token = {"accessToken": "x", "expiresAt": "2099-01-01T00:00:00Z", "startUrl": "https://corp.example"}
    (cache / "ee0bfd2552fbd840c02cc48b6e823320543c450f.json").write_text(json.dumps(token))
    assert "p000, p001, p002 and 297 more" in run_xswitch("sessions").stdout
    [entry] = json_of("sessions", "--json")
    assert len(entry["profiles"]) == 300


def test_words_and_globs_find_profiles_whatever_their_case(aws_folder):
    write_profiles(aws_folder, "[profile Dev-Audit]\n[profile dev-other]\n", "")
    assert [found["name"] for found in json_of("list", "DEV-*", "--json")] == ["Dev-Audit", "dev-other"]
    assert [found["name"] for found in json_of("list", "audit", "DEV", "--json")] == ["Dev-Audit"]
