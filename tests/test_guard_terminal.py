"""The question for a guarded profile's name on a real terminal, and the banner."""

from __future__ import annotations

import os
import re

import pytest
from awshome import read_profiles_in, role, write_profiles
from guarding import CONFIRM, QUESTION, READ_ONLY, REFUSED, ask, everything, write_settings
from running import CANARY, PYTHON, SECRET, XSWITCH, Terminal, run_xswitch, write_session

pytestmark = pytest.mark.slow

KEYS = f"aws_access_key_id = AKIA0000000000000000\naws_secret_access_key = {SECRET}\n"
CONFIG = role("prod", "keys") + "region = eu-west-1\n" + role("dev", "keys")
# The command says what is not in the command line, so that its echo is not taken for it.
RUN = ["run", "prod", "--", PYTHON, "-c", "print('it', 'ran')"]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(autouse=True)
def profiles(home, aws_folder):
    write_profiles(aws_folder, CONFIG, f"[keys]\n{KEYS}[prod-static]\n{KEYS}")
    found = read_profiles_in(aws_folder)
    for name in ("prod", "dev"):
        write_session(home, found[name])
    write_settings(home, f"{CONFIRM}[accounts]\n222222222222 = 'Live'\n")
    return found


def test_the_name_lets_it_run_once(home):
    for _ in range(2):
        terminal = ask(*RUN)
        said = "prod (account 222222222222, Live) is guarded: you are about to run a command under it."
        assert said in terminal.text
        assert "it ran" not in terminal.text
        terminal.type("prod\n")
        terminal.until("it ran")
        assert terminal.end() == 0
        assert CANARY not in terminal.text


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ("dev\n", REFUSED),
        ("Prod\n", REFUSED),
        ("pro\n", REFUSED),
        ("y\n", REFUSED),
        ("prod*\n", REFUSED),
        ("prod prod\n", REFUSED),
        ("\n", REFUSED),
        (" \n", REFUSED),
        ("\x04", REFUSED),
        ("\x03", 130),
        ("prod\x03", 130),
        ("x" * 3000 + "\n", REFUSED),
        ("\udcff\n".encode("utf-8", "surrogateescape").decode("latin-1"), REFUSED),
    ],
    ids=range(13),
)
def test_anything_else_lets_nothing_happen(home, typed, status):
    before = everything(home)
    terminal = ask(*RUN)
    terminal.type(typed)
    assert terminal.end() == status
    assert "it ran" not in terminal.text
    assert everything(home) == before
    if status == REFUSED:
        said = "that is not prod, so nothing was done" if typed.strip("\x04 \n") else "nothing was done"
        assert f"xswitch: {said}\r\n" in terminal.text


def test_blanks_around_the_name_do_not_matter():
    terminal = ask(*RUN)
    terminal.type("  prod \n")
    terminal.until("it ran")
    assert terminal.end() == 0


def test_what_was_typed_before_the_question_is_no_answer(tmp_path):
    go = tmp_path / "go"
    os.mkfifo(go)
    script = f"echo wait ing; read x < {go}; exec {XSWITCH} run prod -- {PYTHON} -c \"print('it', 'ran')\""
    terminal = Terminal(["sh", "-c", script], {**os.environ, "TERM": "xterm"})
    terminal.until("wait ing")
    terminal.type("prod\n")
    terminal.until("prod")  # it is echoed, so it waits to be read
    go.write_text("\n")
    terminal.until(QUESTION)
    terminal.type("\n")
    assert terminal.end() == REFUSED
    assert "it ran" not in terminal.text


def test_a_pipe_into_the_command_is_no_answer(home):
    script = f"echo prod | {XSWITCH} run prod -- {PYTHON} -c \"print('it read', input())\""
    terminal = Terminal(["sh", "-c", script], {**os.environ, "TERM": "xterm"})
    terminal.until(QUESTION)
    terminal.type("prod\n")
    terminal.until("it read prod")  # which had what was piped in all the same
    assert terminal.end() == 0
    script = f"yes prod | {XSWITCH} run prod -- {PYTHON} -c \"print('it', 'ran')\"; exit $?"
    terminal = Terminal(["sh", "-c", script], {**os.environ, "TERM": "xterm"})
    terminal.until(QUESTION)
    terminal.type("no\n")
    assert terminal.end() == REFUSED
    assert "it ran" not in terminal.text


@pytest.mark.parametrize(
    "name", ["prod two", "prod ", "prodé \u4e2d", "-prod", "--", "prod[0m", "prod\u202egnp"]
)
def test_odd_names_can_be_typed_as_they_are_shown(home, aws_folder, name):
    write_profiles(aws_folder, f"[profile '{name}']\nregion = eu-west-1\n")
    write_settings(home, "[[guard]]\nprofile = '*'\n")
    words = ["use", "--", name]
    env = {**os.environ, "TERM": "xterm", "PYTHONUTF8": "1"}
    out = home / "out"
    terminal = Terminal(["sh", "-c", f'"$@" > {out}', "sh", XSWITCH, *words], env)
    terminal.until(QUESTION)
    shown = name.replace("\u202e", "\\u202e")
    assert f"{shown} is guarded: you are about to switch to it." in terminal.text
    assert out.read_text() == ""
    terminal.type(f"{shown}\n")
    assert terminal.end() == 0, terminal.text
    assert "AWS_PROFILE" in out.read_text()


def test_a_name_of_blanks_is_not_typed_by_enter(home, aws_folder):
    write_profiles(aws_folder, "[profile '  ']\nregion = eu-west-1\n")
    write_settings(home, "[[guard]]\nprofile = '*'\n")
    terminal = ask("run", "  ", "--", PYTHON, "-c", "print('it', 'ran')")
    terminal.type("\n")
    assert terminal.end() == REFUSED
    assert "it ran" not in terminal.text


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (["shell", "{}"], "open a subshell under it"),
        (["env", "{}"], "give out its credentials"),
        (["run", "{}", "--env", "--", "true"], "run a command under it"),
        (["set", "{}", "region", "us-east-1"], "change its settings"),
        (["rename", "{}", "other"], "change its settings"),
        (["remove", "{}"], "delete it"),
    ],
)
def test_the_question_says_what_is_about_to_happen(home, words, about):
    env = {**os.environ, "SHELL": "/bin/true"}
    terminal = ask(*[word.format("prod") for word in words], env=env)
    assert f"is guarded: you are about to {about}." in terminal.text
    terminal.type("prod\n")
    assert terminal.end() == 0, terminal.text
    assert terminal.text.count(QUESTION) == 1


def test_each_profile_that_is_removed_is_asked_about_by_its_own_name(home, aws_folder):
    write_profiles(aws_folder, CONFIG + role("prod-audit", "prod"), f"[keys]\n{KEYS}")
    before = (aws_folder / "config").read_bytes()
    for answers, status in ((["prod", "no"], REFUSED), (["prod", "prod-audit"], 0)):
        assert (aws_folder / "config").read_bytes() == before
        terminal = ask("remove", "prod", "--with-dependents")
        terminal.type(f"{answers[0]}\n")
        terminal.until(QUESTION, after=QUESTION)
        terminal.type(f"{answers[1]}\n")
        assert terminal.end() == status
    assert (aws_folder / "config").read_bytes() != before


@pytest.mark.parametrize("words", [RUN, [*RUN[:2], "--yes-really", "dev", *RUN[2:]]], ids=["no", "other"])
def test_nothing_is_asked_where_the_answer_is_no(home, words):
    if words == RUN:
        write_settings(home, READ_ONLY)
    terminal = Terminal([XSWITCH, *words], {**os.environ, "TERM": "xterm"})
    assert terminal.end() == REFUSED
    assert QUESTION not in terminal.text


def test_the_name_on_the_command_line_is_not_asked_for():
    terminal = Terminal([XSWITCH, *RUN[:2], "--yes-really", "prod", *RUN[2:]], dict(os.environ))
    assert terminal.end() == 0
    assert QUESTION not in terminal.text
    assert "it ran" in terminal.text


# --- the banner -----------------------------------------------------------------------------------


def banner_of(*words, **env):
    """Return what is said on stderr before the command, and assert that stdout is the command's alone."""
    done = run_xswitch(*words, env={**os.environ, "SHELL": "/bin/echo", **env})
    assert done.returncode == 0, done.stderr
    assert "guarded" not in done.stdout
    return done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["run", "prod", "--yes-really", "prod", "--", "true"],
        ["run", "prod", "--env", "--yes-really", "prod", "--", "true"],
        ["run", "prod", "--serve", "--yes-really", "prod", "--", "true"],
        ["shell", "prod", "--yes-really", "prod"],
    ],
    ids=" ".join,
)
def test_a_command_under_a_guarded_profile_has_a_banner(words):
    assert re.fullmatch(r"xswitch: \*\*\* .*\bprod\b.*222222222222.*guarded.*\n", banner_of(*words))
    coloured = banner_of(*words, FORCE_COLOR="1")
    assert "\x1b[1;7;31m" in coloured
    assert banner_of(*words, FORCE_COLOR="1", NO_COLOR="1") == banner_of(*words)
    assert ESCAPE.sub("", coloured).split() == banner_of(*words).replace("*** ", "").split()


@pytest.mark.parametrize("color", ["yellow", "cyan"])
def test_the_banner_has_the_guards_colour_on_a_terminal(home, color):
    write_settings(home, f"{CONFIRM}color = '{color}'\n")
    terminal = ask(*RUN)
    code = {"yellow": 33, "cyan": 36}[color]
    assert f"\x1b[1;7;{code}m" in terminal.text
    terminal.type("prod\n")
    terminal.until("it ran")
    assert terminal.end() == 0
    assert f"\x1b[1;7;{code}m" in terminal.text.partition(QUESTION)[2]
    terminal = ask(*RUN, env={**os.environ, "NO_COLOR": "1"})
    terminal.type("prod\n")
    terminal.until("it ran")
    assert terminal.end() == 0
    assert not ESCAPE.search(terminal.text)


def test_others_have_no_banner():
    assert banner_of("run", "dev", "--", "true") == ""
    assert banner_of("shell", "dev") == ""
    assert banner_of("env", "prod", "--yes-really", "prod") == ""
