"""Completion: what a word can become, and how it arrives on the command line of real shells."""

from __future__ import annotations

import os

import pytest
from awshome import write_profiles
from running import run_xswitch
from shells import Hooked

from xswitch.awsfiles.files import read_files
from xswitch.cli import verbs
from xswitch.cli.complete import VALUES

COMMANDS = {name: verbs.find_command(name.split())[0] for name in verbs.NAMES}
NAMES = [
    "prod",
    "prod-audit",
    "dev",
    "a b; touch pwned",
    "it's",
    "corp:dev",
    "corp:ops team",
    "me@home",
    "key=value",
    "$(touch pwned)",
    "back\\slash",
    'q"q',
    "`x`",
    "ünï",
    "~tilde",
    "x/y z",
]
HIDDEN = ["esc\x1b[2J", "tab\tbed", "turn\u202e"]


@pytest.fixture(autouse=True)
def profiles(aws_folder):
    body = "aws_access_key_id = A\naws_secret_access_key = s\n"
    write_profiles(aws_folder, "", "".join(f"[{name}]\n{body}" for name in [*NAMES, *HIDDEN]))


def completions(*words):
    done = run_xswitch("complete", "--", *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


# --- what is offered -----------------------------------------------------------------------------


def test_the_first_word_is_a_command():
    assert completions("l") == ["list", "login", "logout"]
    assert set(completions("")) == {*(name.split()[0] for name in COMMANDS), "help"}
    assert completions("--v") == ["--version"]
    assert completions() == completions("")
    assert completions("help", "pro") == ["prompt"]
    assert completions("add", "") == completions("help", "add", "") == ["role", "keys", "sso"]
    assert completions("delegate", "") == ["list", "undo", "resume"]
    assert "--trusting" in completions("delegate", "--tr")


@pytest.mark.parametrize(
    "command", [name for name, it in COMMANDS.items() if "PROFILE" in "".join(it.positionals)]
)
def test_a_profile_is_offered_where_one_is_expected(command):
    assert completions(*command.split(), "prod") == ["prod", "prod-audit"]


def test_a_profile_is_offered_as_the_value_of_an_option():
    assert completions("add", "role", "new", "--source-profile", "prod") == ["prod", "prod-audit"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["run", "--env", "--region", "eu-west-1", "--region=x", "de"], ["dev"]),
        (["run", "--region", "de"], []),
        (["run", "prod", "de"], []),
        (["run", "prod", "--", "de"], []),
        (["run", "prod", "aws", "--re"], []),
        (["run", "--", "de"], []),
        (["show", "prod", "de"], []),
        (["logout", "prod", "de"], ["dev"]),
        (["env", "--", "de"], ["dev"]),
        (["list", "de"], ["dev"]),
        (["use", "-", ""], []),
        (["no-such-command", "de"], []),
        (["env", "prod", "--format", "d"], ["dotenv"]),
        (["init", "z"], ["zsh"]),
        (["prompt", "--shell", "z"], ["zsh"]),
        (["run", "prod", "--re"], ["--region"]),
        (["run", "prod", "--"], None),
    ],
)
def test_words_count_as_the_command_reads_them(words, offered):
    if offered is None:
        offered = [option.name for option in COMMANDS["run"].options] + ["--debug", "--help", "--"]
    assert completions(*words) == offered


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_is_offered(command):
    options = {option.name for option in COMMANDS[command].options}
    assert options | {"--help", "--debug"} <= set(completions(*command.split(), "-"))


def test_every_value_that_is_offered_is_taken():
    for value in VALUES["FORMAT"]:
        assert run_xswitch("env", "prod", "--format", value).returncode == 0
    for value in VALUES["SHELL"]:
        assert run_xswitch("init", value).returncode == 0
        assert run_xswitch("use", "prod", "--shell", value).returncode == 0


def test_names_that_cannot_be_shown_are_not_offered():
    assert completions("use", "") == NAMES


@pytest.mark.parametrize("content", [b"no section\n", b"\xff\xfe", b"[x\n", b""])
def test_a_broken_file_is_no_complaint(aws_folder, content):
    (aws_folder / "config").write_bytes(content)
    assert completions("use", "dev") == ["dev"]


def test_files_that_are_none_have_no_names(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    for path in ("", os.devnull, str(tmp_path), str(tmp_path / "gone"), str(tmp_path / "link")):
        assert list(read_files(path, path).names) == []


# --- in real shells ------------------------------------------------------------------------------

# In place of xs and xswitch stands what shows the words that arrive.
SHOW = {
    "bash": 'xs() { printf \'<%s>\' "$@"; echo; }; xswitch() { xs "$@"; }',
    "zsh": 'xs() { printf \'<%s>\' "$@"; echo; }; xswitch() { xs "$@"; }',
    "fish": "function xs; printf '<%s>' $argv; echo; end; function xswitch; xs $argv; end",
}
FIRST = {"zsh": "autoload -Uz compinit; compinit -D -u; unsetopt list_beep"}


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Start a shell in an empty folder; xs and xswitch then show their words."""
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    shells = []

    def start(shell, **env):
        shells.append(Hooked(shell, env, first=FIRST.get(shell, "")))
        shells[0].says(f"{SHOW[shell]}; clear; xs begin", "<begin>")
        return shells[0]

    yield start
    for shell in shells:
        shell.close()
    assert not list((tmp_path / "empty").iterdir())


COMPLETED = {
    "xs dev\t": "<dev>",
    "xs a\t": "<a b; touch pwned>",
    "xs it\t": "<it's>",
    "xs corp:d\t": "<corp:dev>",
    "xs corp:o\t": "<corp:ops team>",
    "xs me@\t": "<me@home>",
    "xs key=\t": "<key=value>",
    "xs b\t": "<back\\slash>",
    "xs q\t": '<q"q>',
    "xs ü\t": "<ünï>",
    "xs x/\t": "<x/y z>",
    "xs a\\ b\t": "<a b; touch pwned>",
    "xs 'a b\t": "<a b; touch pwned>",
    'xs "a b\t': "<a b; touch pwned>",
    "xs \"it'\t": "<it's>",
    'xs "q\\"\t': '<q"q>',
    "xs co'rp:o\t": "<corp:ops team>",
    "xs --n\t": "<--none>",
    "xswitch ses\t": "<sessions>",
    "xswitch run a\t-- x": "<run><a b; touch pwned><-->" + "<x>",
    "xswitch run --reg\tx de\t": "<run><--region><x><dev>",
    "xswitch env prod-\t--form\tdot\t": "<env><prod-audit><--format><dotenv>",
}
# These two are quoted otherwise by those who begin to type them.
BEGUN = {
    "bash": {
        "xs \\$\t": "<$(touch pwned)>",
        "xs \\`\t": "<`x`>",
        "xs \\~\t": "<~tilde>",
        "xs '$\t": "<$(touch pwned)>",
    },
    "zsh": {
        "xs \\$\t": "<$(touch pwned)>",
        "xs \\`\t": "<`x`>",
        "xs \\~\t": "<~tilde>",
        "xs '$\t": "<$(touch pwned)>",
    },
    "fish": {"xs \\$\t": "<$(touch pwned)>", "xs \\~\t": "<~tilde>", "xs '$\t": "<$(touch pwned)>"},
}


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHOW)
def test_a_completed_name_arrives_as_it_is_and_does_nothing(start, shell):
    screen = start(shell)
    for keys, words in {**COMPLETED, **BEGUN[shell]}.items():
        complete(screen, keys)
        screen.says("", words)


def complete(screen, keys):
    """Type keys on an empty screen, and wait until the shell has done what it does about them."""
    screen.type("clear\r")
    screen.until(lambda: screen.text().strip() == "ready>")
    screen.type(keys)
    screen.until(lambda: screen.text().strip() != "ready>")
    while screen.read(0.2):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHOW)
def test_a_command_to_run_is_completed_as_the_shell_completes_commands(start, shell, tmp_path):
    command = tmp_path / "bin/zz-command"
    command.parent.mkdir()
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    (tmp_path / "file with blanks").touch()
    screen = start(shell, PATH=f"{command.parent}:{os.environ['PATH']}")
    screen.type(f"cd {tmp_path}\r")  # a whole path may be longer than a line of the screen
    complete(screen, "xswitch run dev -- zz-c\t")
    screen.says("", "<run><dev><--><zz-command>")
    complete(screen, "xswitch run dev -- cat ./file\t")
    screen.says("", "<run><dev><--><cat><./file with blanks>")


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHOW)
def test_what_begins_several_names_is_completed_as_far_as_they_agree(start, shell):
    screen = start(shell)
    complete(screen, "xs pr\t")
    screen.until("xs prod")
    screen.type("-\t")
    screen.until("xs prod-audit")
    screen.says("", "<prod-audit>")
