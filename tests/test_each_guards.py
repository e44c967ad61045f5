"""`xswitch each` and guards: what is told, asked and refused, and when; nothing runs before that."""

from __future__ import annotations

import os

import pytest
from fanning import each, write_static
from guarding import write_settings
from running import XSWITCH, Terminal

RULES = """\
[[guard]]
profile = ["prod", "live-*"]
[[guard]]
profile = "vault"
level = "read-only"
"""
COMMAND = ["--", "sh", "-c", 'touch "$HOME/ran-$AWS_PROFILE"']


@pytest.fixture(autouse=True)
def files(home):
    write_static(home, ["dev", "prod", "live-a", "live b", "live-c", "vault"])
    write_settings(home, RULES)


def ran(home):
    return sorted(path.name.removeprefix("ran-") for path in home.glob("ran-*"))


# --- without a terminal --------------------------------------------------------------------------


def test_all_names_that_are_missing_are_told_at_once(home):
    done = each("*", "!vault", *COMMAND)
    assert (done.returncode, done.stdout, ran(home)) == (3, "", [])
    assert done.stderr == (
        "xswitch: prod, live-a and live-c are guarded: the names have to be typed, and there is no terminal "
        "(--yes-really prod --yes-really live-a --yes-really live-c is the same as typing them)\n"
    )


def test_what_is_told_to_be_added_is_all_that_is_missing(home):
    words = ["--yes-really", "prod"]
    done = each("*", "!vault", *words, *COMMAND)
    told = "live-a and live-c are guarded, and --yes-really does not name them"
    added = "--yes-really live-a --yes-really live-c"
    assert f"{told} (add {added})" in done.stderr
    done = each("*", "!vault", *words, "--yes-really", "live-a", *COMMAND)
    assert "live-c is guarded, and --yes-really does not name it (add --yes-really live-c)" in done.stderr
    assert (done.returncode, ran(home)) == (3, [])
    done = each("*", "!vault", *words, *added.split(), *COMMAND)
    assert (done.returncode, ran(home)) == (0, ["dev", "live b", "live-a", "live-c", "prod"]), done.stderr


def test_names_to_be_added_are_words_of_a_shell(home):
    write_settings(home, "[[guard]]\nprofile = 'live*'\n")
    done = each("live*", *COMMAND)
    assert "--yes-really live-a --yes-really 'live b' --yes-really live-c" in done.stderr


def test_a_dry_run_says_what_is_guarded_and_asks_nothing(home):
    done = each("*", "!vault", "--dry-run", "--yes-really", "live-a", *COMMAND)
    assert (done.returncode, ran(home)) == (0, [])
    assert done.stdout.splitlines() == ["dev", "prod", "live-a", "live b", "live-c"]
    assert done.stderr.splitlines() == [
        "xswitch: prod is guarded: its name would have to be typed",
        "xswitch: live-a is guarded: --yes-really names it",
        "xswitch: live-c is guarded: its name would have to be typed",
    ]


@pytest.mark.parametrize("rules", [RULES, "[guard]\n"])
def test_a_dry_run_is_refused_as_the_run_would_be(home, rules):
    write_settings(home, rules)
    done = each("*", "--dry-run", *COMMAND)
    assert (done.returncode, len(done.stdout.splitlines()), ran(home)) == (3, 6, [])
    assert done.stderr == each("*", *COMMAND).stderr


# --- on a terminal -------------------------------------------------------------------------------


def terminal(*words):
    return Terminal([XSWITCH, "each", *words], {**os.environ, "TERM": "xterm-256color"})


@pytest.mark.slow
@pytest.mark.parametrize("rules", [RULES, "[guard]\n"])
def test_what_is_refused_is_refused_before_a_name_is_typed(home, rules):
    write_settings(home, rules)
    screen = terminal("*", *COMMAND)
    assert screen.end() == 3
    assert "Type its name" not in screen.text
    assert ran(home) == []


@pytest.mark.slow
def test_a_question_says_what_is_run_and_how_many_follow(home):
    screen = terminal("*", "!vault", *COMMAND)
    for number, name in enumerate(("prod", "live-a", "live-c"), 1):
        place = f"{number} of 3: {name} is guarded: you are about to run “sh -c 'touch \"$HOME/"
        screen.until("Type its name to go on: ", after=place)
        screen.type(f"{name}\n")
    assert screen.end() == 0
    assert len(ran(home)) == 5


@pytest.mark.slow
def test_a_single_question_has_no_number_and_a_command_no_power(home):
    screen = terminal("prod", "--", "true", "a\x1b[2Jb", "x" * 300)
    screen.until("Type its name to go on: ")
    assert " 1 of" not in screen.text
    assert "run “true 'a\\x1b[2Jb' xxx" in screen.text
    assert "x" * 200 not in screen.text
    screen.type("prod\n")
    assert screen.end() == 0
