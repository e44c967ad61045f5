"""What a guard keeps every verb from where nobody can be asked, and what it has nothing to do with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

import pytest
from awshome import read_profiles_in, role, write_profiles
from guarding import CONFIRM, READ_ONLY, everything, refused, write_settings
from running import CANARY, SECRET, TOKEN, json_of, run_xswitch, write_session

CONFIG = (
    role("prod", "keys")
    + "region = eu-west-1\n"
    + role("prod-audit", "prod")
    + role("dev", "keys")
    + role("dev-hop", "dev")
    + "[profile 'prod two']\nregion = eu-west-1\n[profile --yes-really]\nregion = eu-west-1\n"
)
CREDENTIALS = f"""\
[keys]
aws_access_key_id = AKIA0000000000000000
aws_secret_access_key = {SECRET}
[prod-static]
aws_access_key_id = AKIA0000000000000001
aws_secret_access_key = {SECRET}
"""
NEW_KEYS = "AKIA0000000000000002\nsecret/secret/secret/secret/secret/secret\n"

USES = [
    ["run", "{}", "--", "touch", "done"],
    ["run", "{}", "--env", "--", "touch", "done"],
    ["run", "{}", "--serve", "--", "touch", "done"],
    ["shell", "{}"],
    ["env", "{}"],
    ["env", "{}", "--format", "json", "--show-secrets"],
    ["use", "{}"],
    ["use", "--match", "{}"],
    ["use", "--shell", "fish", "{}"],
]
EDITS = [
    ["set", "{}", "region", "us-east-1"],
    ["unset", "{}", "region"],
    ["rename", "{}", "other"],
    ["remove", "{}", "--with-dependents"],
]


@pytest.fixture(autouse=True)
def profiles(home, aws_folder):
    """Profiles with cached sessions; whoever asks AWS finds nobody."""
    write_profiles(aws_folder, CONFIG, CREDENTIALS)
    found = read_profiles_in(aws_folder)
    for name in ("prod", "prod-audit", "dev"):
        write_session(home, found[name])
    return found


@pytest.fixture(autouse=True)
def env(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("SHELL", "/bin/true")


def of(words, name):
    return [word.format(name) for word in words]


@pytest.mark.parametrize("words", [*USES, *EDITS, ["console", "{}", "--print"]], ids=" ".join)
@pytest.mark.parametrize("name", ["prod", "prod-static"])
def test_without_a_terminal_nothing_is_done_with_a_guarded_profile(home, words, name):
    if words[0] == "unset" and name == "prod-static":
        words = ["unset", "{}", "aws_secret_access_key"]
    write_settings(home, CONFIRM)
    done = refused(*of(words, name), home=home)
    assert "typed, and there is no terminal (--yes-really" in done.stderr
    assert f"--yes-really {name} " in done.stderr
    assert CANARY not in done.stderr


@pytest.mark.parametrize("words", USES, ids=" ".join)
@pytest.mark.parametrize("more", [[], ["--yes-really", "prod"]], ids=str)
def test_read_only_refuses_whatever_acts_as_the_profile(home, words, more):
    write_settings(home, READ_ONLY)
    verb, *rest = of(words, "prod")
    done = refused(verb, *more, *rest, home=home)
    assert "prod is read-only" in done.stderr
    assert "by the guard in ~/.config/xswitch/config.toml:" in done.stderr


def test_a_credential_process_is_asked_for_by_programs_and_refused_only_where_read_only(home):
    write_settings(home, CONFIRM)
    assert json_of("credential-process", "prod")["SessionToken"] == TOKEN
    write_settings(home, READ_ONLY)
    for more in ([], ["--yes-really", "prod"]):
        done = run_xswitch("credential-process", "prod", *more)
        assert done.returncode in {2, 3}
        assert (done.stdout, CANARY in done.stderr) == ("", False)
    refused("credential-process", "prod", home=home)


@pytest.mark.parametrize("words", USES, ids=" ".join)
def test_the_name_on_the_command_line_is_as_good_as_typed(home, words):
    write_settings(home, CONFIRM)
    verb, *rest = of(words, "prod")
    done = run_xswitch(verb, "--yes-really", "prod", *rest, cwd=home)
    assert done.returncode == 0, done.stderr
    assert (home / "done").exists() == ("done" in words)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["dev"], "--yes-really names dev, and the guarded profile is prod"),
        (["Prod"], "--yes-really names Prod, and"),
        (["prod "], "--yes-really names prod , and"),
        (["prod*"], "--yes-really names prod*, and"),
        (["prod-audit"], "--yes-really names prod-audit, and"),
        (["x\x1b[2J"], "--yes-really names x\\x1b[2J, and"),
        (["a", "b"], "--yes-really names a and b, and"),
    ],
)
def test_another_name_is_refused(home, given, said):
    write_settings(home, CONFIRM)
    options = [word for name in given for word in ("--yes-really", name)]
    assert said in refused("run", *options, "prod", "--", "touch", "done", home=home).stderr


def test_of_several_names_one_has_to_be_it(home):
    write_settings(home, CONFIRM)
    words = ["--yes-really", "dev", "--yes-really=prod", "--yes-really", "x"]
    assert run_xswitch("run", *words, "prod", "--", "true").returncode == 0


@pytest.mark.parametrize("words", [["--yes-really"], ["--yes-really", "--", "true"], ["--yes-really="]])
def test_an_option_without_a_name_is_told(home, words):
    write_settings(home, CONFIRM)
    assert run_xswitch("run", "prod", *words, cwd=home).returncode == 2


def test_a_name_that_looks_like_an_option_is_guarded_too(home):
    write_settings(home, "[[guard]]\nprofile = '--yes-*'\n")
    assert "is guarded" in refused("env", "--", "--yes-really", home=home).stderr
    done = run_xswitch("use", "--yes-really=--yes-really", "--", "--yes-really")
    assert (done.returncode, "AWS_PROFILE" in done.stdout) == (0, True)


@pytest.mark.parametrize("words", USES, ids=" ".join)
def test_a_profile_without_a_guard_is_used_as_ever(home, words):
    write_settings(home, READ_ONLY)
    done = run_xswitch(*of(words, "dev"), cwd=home)
    assert (done.returncode, "guard" in done.stderr) == (0, False)


@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["list", "--tree"],
        ["list", "--json"],
        ["show", "prod"],
        ["show", "--all", "--json"],
        ["sessions"],
        ["prompt"],
        ["complete", "--", "run", "p"],
        ["use", "--none"],
        ["logout", "prod"],
        ["copy", "prod", "other"],
        ["set", "prod", "region", "us-east-1", "--dry-run"],
        ["remove", "prod", "--with-dependents", "--dry-run"],
        ["rename", "prod", "other", "--dry-run"],
        ["set", "dev", "region", "us-east-1"],
        [
            "add",
            "role",
            "prod-new",
            "--role-arn",
            "arn:aws:iam::222222222222:role/x",
            "--source-profile",
            "keys",
        ],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("rules", [CONFIRM, READ_ONLY], ids=["confirm", "read-only"])
def test_looking_is_never_asked_about_nor_is_what_others_are_changed(home, words, rules):
    write_settings(home, rules)
    done = run_xswitch(*words, env={**os.environ, "AWS_PROFILE": "prod"})
    assert done.returncode == 0, done.stderr


# --- changing and deleting -------------------------------------------------------------------------


@pytest.mark.parametrize("rules", [CONFIRM, READ_ONLY], ids=["confirm", "read-only"])
@pytest.mark.parametrize("words", EDITS, ids=" ".join)
def test_a_guarded_profile_is_changed_after_its_name(home, rules, words):
    write_settings(home, rules)
    before = (home / ".aws/config").read_bytes()
    names = ["prod", "prod-audit"] if words[0] == "remove" else ["prod"]
    options = [word for name in names for word in ("--yes-really", name)]
    done = run_xswitch(*of(words, "prod"), *options)
    assert done.returncode == 0, done.stderr
    assert (home / ".aws/config").read_bytes() != before
    # and is taken back without a question, which needs no profile
    assert run_xswitch("undo").returncode == 0
    assert (home / ".aws/config").read_bytes() == before


def test_every_profile_that_goes_with_a_removed_one_is_asked_about(home):
    write_settings(home, CONFIRM)
    for options in ([], ["--yes-really", "prod"], ["--yes-really", "prod-audit"]):
        done = refused("remove", "prod", "--with-dependents", *options, home=home)
        missing = [name for name in ("prod", "prod-audit") if name not in options]
        assert " ".join(f"--yes-really {name}" for name in missing) in done.stderr
    write_settings(home, "[[guard]]\nprofile = 'dev-hop'\n")
    assert "dev-hop" in refused("remove", "dev", "--with-dependents", home=home).stderr
    assert run_xswitch("remove", "dev-hop", "--yes-really", "dev-hop").returncode == 0


def test_renaming_what_a_guarded_profile_hangs_from_is_not_a_change_of_that(home):
    write_settings(home, CONFIRM)
    assert run_xswitch("rename", "keys", "mine").returncode == 0
    assert json_of("show", "prod", "--json")["chain"] == ["prod", "mine"]


def test_replacing_keys_is_a_change(home):
    write_settings(home, CONFIRM)
    words = ["add", "keys", "prod-static", "--replace"]
    before = everything(home)
    done = run_xswitch(*words, stdin=None, input=NEW_KEYS)
    assert (done.returncode, done.stdout) == (3, "")
    assert everything(home) == before
    assert "secret/secret" not in done.stderr
    done = run_xswitch(*words, "--yes-really", "prod-static", stdin=None, input=NEW_KEYS)
    assert done.returncode == 0, done.stderr


# --- what is shown ---------------------------------------------------------------------------------


def test_lists_say_the_guard_and_the_accounts_name(home):
    write_settings(home, f'{CONFIRM}color = "blue"\n[accounts]\n222222222222 = "The \\u001b[2J Prod"\n')
    by_name = {each["name"]: each for each in json_of("list", "--json")}
    assert by_name["prod"]["guard"] == {"level": "confirm", "color": "blue", "expected_account_ids": []}
    assert by_name["prod"]["account_name"] == "The \x1b[2J Prod"
    assert (by_name["keys"]["guard"], by_name["keys"]["account_name"]) == (None, None)
    table = run_xswitch("list").stdout
    assert "GUARD" in table.splitlines()[0]
    [line] = [line for line in table.splitlines() if line.startswith("prod  ")]
    assert "222222222222 The \\x1b[2J Prod" in line
    assert "confirm" in line
    assert "\x1b" not in table
    coloured = run_xswitch("list", env={**os.environ, "FORCE_COLOR": "1"}).stdout
    assert "\x1b[1;34mprod " in coloured
    assert [each["name"] for each in json_of("list", "--json", "the prod")] == [
        *("prod", "prod-audit", "dev", "dev-hop")
    ]


def test_without_rules_there_is_no_column_for_them(home):
    write_settings(home, "theme = 'nord'\n")
    assert "GUARD" not in run_xswitch("list").stdout


def test_show_says_the_guard(home):
    rule = f"{READ_ONLY}expect_account_id = '222222222222'\n[accounts]\n222222222222 = 'Prod'\n"
    write_settings(home, rule)
    shown = run_xswitch("show", "prod").stdout
    assert "222222222222 · Prod" in shown
    assert "read-only: run, shell" in shown
    assert "must be in account 222222222222" in shown
    assert json_of("show", "prod", "--json")["guard"] == {
        "level": "read-only",
        "color": "red",
        "expected_account_ids": ["222222222222"],
    }
    assert "guarded" not in run_xswitch("show", "dev").stdout


# --- ways around -----------------------------------------------------------------------------------


def test_a_command_that_runs_xswitch_is_asked_again(home):
    write_settings(home, CONFIRM)
    inner = ["xswitch", "run", "prod", "--", "touch", "done"]
    path = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"
    done = run_xswitch("run", "dev", "--", *inner, cwd=home, env={**os.environ, "PATH": path})
    assert done.returncode == 3
    assert not (home / "done").exists()
    outer = ["run", "prod-audit", "--yes-really", "prod-audit", "--", *inner]
    done = run_xswitch(*outer, cwd=home, env={**os.environ, "PATH": path})
    assert done.returncode == 3
    assert not (home / "done").exists()


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "XSWITCH_PROFILE"])
def test_a_shell_that_is_under_the_profile_already_is_no_permission(home, variable):
    write_settings(home, CONFIRM)
    for words in USES[:4]:
        refused(*of(words, "prod"), env={**os.environ, variable: "prod"}, home=home)


def test_upper_and_lower_case_and_blanks_in_names_do_not_get_around_a_rule(home, aws_folder):
    write_profiles(aws_folder, role("PROD") + role("'prod two'") + role("'prod '"), CREDENTIALS)
    write_settings(home, CONFIRM)
    for name in ("PROD", "prod two", "prod "):
        refused("run", name, "--", "touch", "done", home=home)


@pytest.mark.parametrize(
    "kind",
    ["link", "dangling", "folder link", "dangling folder", "dangling above", "loop", "folder", "pipe"],
)
def test_whatever_stands_where_the_settings_are_does_not_end_the_guard(home, kind):
    path = write_settings(home, CONFIRM)
    folder = path.parent
    if "folder link" in kind or kind == "dangling folder":
        folder.rename(home / "dotfiles")
        folder.symlink_to(home / ("dotfiles" if kind == "folder link" else "nowhere"))
    elif kind == "dangling above":
        folder.parent.rename(home / "dotfiles")
        folder.parent.symlink_to(home / "nowhere")
    elif kind != "link":
        path.unlink()
        if kind == "folder":
            path.mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        else:
            path.symlink_to(path if kind == "loop" else home / "gone")
    else:
        path.rename(home / "mine.toml")
        path.symlink_to(home / "mine.toml")
    done = refused("run", "prod", "--", "touch", "done", home=home)
    assert ("is guarded" in done.stderr) == kind.endswith("link")


def test_settings_that_may_not_be_read_do_not_end_the_guard():
    """Also where they cannot even be seen; root sees everything, so another user asks."""
    if os.getuid():
        pytest.skip("only root can be another user")
    code = """
import os, sys
import xswitch.settings.faults, xswitch.settings.reading
from xswitch.launch.guarding import Gate
from xswitch.profiles.guarding import Guards
from xswitch.errors import GuardRefused
from xswitch.sessions.interaction import Interaction
os.setgid(54321); os.setuid(54321)
class Places:
    settings, state = sys.argv[1], "/nowhere"
try:
    print(Gate(Places, Interaction()).guards)
except GuardRefused as error:
    print("refused", error.message)
"""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        os.mkdir(f"{folder}/closed")
        with open(f"{folder}/closed/config.toml", "w") as file:
            file.write(CONFIRM)
        for mode in (0o000, 0o755):
            os.chmod(f"{folder}/closed/config.toml", 0o600)
            os.chmod(f"{folder}/closed", mode)
            words = [sys.executable, "-c", code, f"{folder}/closed/config.toml"]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            assert done.stdout.startswith("refused "), done.stdout + done.stderr
            assert "Permission denied" in done.stdout


def test_a_copy_of_the_settings_that_is_kept_cannot_outlive_them(home):
    write_settings(home, CONFIRM)
    refused("run", "prod", "--", "true", home=home)
    kept = home / ".local/state/xswitch/settings.json"
    table = json.loads(kept.read_text())
    write_settings(home, READ_ONLY)
    kept.write_text(json.dumps(table))
    assert "read-only" in refused("run", "prod", "--", "true", home=home).stderr
