"""Guards in shells: a refused switch changes nothing, and the question is on the terminal; and the prompt."""

from __future__ import annotations

import os
import re
import subprocess

import pytest
from awshome import read_profiles_in, role, write_profiles
from guarding import CONFIRM, QUESTION, READ_ONLY, REFUSED, settings_file, write_settings
from running import SECRET, XSWITCH, run_xswitch, shell_path, write_session
from shells import ARGV, Hooked, in_path, take
from terminals import Screen

SHELLS = ["bash", pytest.param("zsh", marks=pytest.mark.slow), pytest.param("fish", marks=pytest.mark.slow)]
CONFIG = role("prod", "keys") + role("prod%n", "keys") + role("dev", "keys")
SENTENCE = "prod (account 222222222222, Live) is guarded: you are about to switch to it."
LOCK = "\N{CIRCLED DIVISION SLASH}"


@pytest.fixture(autouse=True)
def profiles(home, aws_folder):
    keys = f"aws_access_key_id = AKIA0000000000000000\naws_secret_access_key = {SECRET}\n"
    write_profiles(aws_folder, CONFIG, f"[keys]\n{keys}")
    found = read_profiles_in(aws_folder)
    for name in ("prod", "dev"):
        write_session(home, found[name], minutes=47.5)
    write_settings(home, f"{CONFIRM}[accounts]\n222222222222 = 'Live'\n")
    return found


# --- switching -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("fault", ["no terminal", "read-only", "bad settings"])
def test_a_refused_switch_leaves_the_shell_as_it_was(home, tmp_path, shell, fault):
    if fault == "read-only":
        write_settings(home, READ_ONLY)
    elif fault == "bad settings":
        write_settings(home, f"{CONFIRM}level = 'x'\n")
    first = "true" if fault == "bad settings" else "xs dev"
    steps = take(shell, [first, "xs prod", "xs prod", "xs -", "xs prod"], tmp_path)
    refused = [status for status in steps.statuses if status == REFUSED]
    assert steps.statuses[:3] == [0, REFUSED, REFUSED], steps.stderr
    assert len(refused) >= 3
    assert steps.environs[1:3] == [steps.environs[0]] * 2
    assert steps.environs[0].get("AWS_PROFILE") == (None if fault == "bad settings" else "dev")
    assert all("prod" not in environ.values() for environ in steps.environs)


def test_a_script_gives_the_name_to_what_its_shell_evaluates(tmp_path):
    steps = take("dash", ["xs --yes-really prod prod", "xs dev", "xs -", "xs --yes-really prod -"], tmp_path)
    assert steps.statuses == [0, 0, REFUSED, 0], steps.stderr
    assert [environ["AWS_PROFILE"] for environ in steps.environs] == ["prod", "dev", "dev", "prod"]


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_question_is_on_the_terminal_although_the_shell_has_the_output(home, shell):
    terminal = Hooked(shell, {"HOME": str(home)})
    try:
        for typed, profile in (("no", ""), ("\x03", ""), ("prod", "prod")):
            terminal.type("clear; xs prod\r")
            terminal.until(lambda: terminal.text().rstrip().endswith(QUESTION.rstrip()))
            assert SENTENCE in re.sub(r"\s+", " ", terminal.text())
            terminal.type(typed if typed == "\x03" else f"{typed}\r")
            terminal.until(lambda: terminal.text().rstrip().endswith("ready>"))
            terminal.says('echo "<$AWS_PROFILE>"', f"<{profile}>")
    finally:
        terminal.process.kill()
        terminal.process.wait()


# --- the prompt --------------------------------------------------------------------------------------


def prompt(*words, **env):
    done = run_xswitch("prompt", *words, env={**os.environ, "AWS_PROFILE": "prod", **env})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.rstrip("\n")


def test_a_guarded_profile_has_a_lock_and_others_have_not():
    assert prompt() == f"{LOCK} prod 47m"
    assert prompt(AWS_PROFILE="dev") == "dev 47m"
    assert prompt(AWS_PROFILE="prod-gone") == "prod-gone"


@pytest.mark.parametrize(
    ("shell", "painted"),
    [
        ("sh", f"{LOCK} prod 47m"),
        ("bash", f"\x01\x1b[1;34m\x02{LOCK} prod\x01\x1b[0m\x02 47m"),
        ("zsh", f"%B%F{{blue}}{LOCK} prod%f%b 47m"),
        ("fish", f"\x1b[1;34m{LOCK} prod\x1b[0m 47m"),
        ("powershell", f"\x1b[1;34m{LOCK} prod\x1b[0m 47m"),
    ],
)
def test_each_shell_is_told_of_the_colour_in_its_way(home, shell, painted):
    write_settings(home, f"{CONFIRM}color = 'blue'\n")
    assert prompt("--shell", shell) == painted
    assert prompt("--shell", shell, NO_COLOR="1") == f"{LOCK} prod 47m"
    assert prompt("--shell", shell, AWS_PROFILE="dev") == "dev 47m"


def test_with_a_fault_in_the_settings_every_profile_has_the_lock(home):
    write_settings(home, "[guard]\n")
    assert prompt(AWS_PROFILE="dev") == f"{LOCK} dev 47m"
    assert "\x1b[1;31m" in prompt("--shell", "bash", AWS_PROFILE="dev")
    settings_file(home).unlink()
    assert prompt(AWS_PROFILE="prod") == "prod 47m"


def test_keys_that_xswitch_put_into_the_environment_are_of_the_guarded_profile():
    keys = {"AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": "x", "XSWITCH_PROFILE": "prod"}
    assert prompt(**keys, AWS_PROFILE="") == f"{LOCK} prod"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["prod", "prod%n"])
def test_zsh_shows_colour_and_name_as_they_are_meant(name):
    code = f"setopt prompt_subst; PS1='$({XSWITCH} prompt --shell zsh)'; print -rnP -- $PS1"
    env = {**os.environ, "AWS_PROFILE": name, "TERM": "xterm-256color"}
    done = subprocess.run(
        [shell_path("zsh"), "-fc", code], env=env, capture_output=True, text=True, check=True
    )
    assert re.sub(r"\x1b\[[0-9;]*m", "", done.stdout).removesuffix(" 47m") == f"{LOCK} {name}"
    assert "\x1b[31m" in done.stdout


PS1 = {
    "bash": "PS1='$(xswitch prompt --shell bash)> '",
    "zsh": "setopt prompt_subst; PS1='$(xswitch prompt --shell zsh)> '",
    "fish": "function fish_prompt; echo -n (xswitch prompt --shell fish)'> '; end",
}


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_colour_takes_no_room_in_the_prompt(home, shell):
    """Where a shell counts it as letters, it draws a line of more than the terminal's width wrong."""
    env = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "INPUTRC": os.devnull, "AWS_PROFILE": "prod"}
    argv = [shell_path(shell), *ARGV[shell][1:], "-i"]
    terminal = Screen(argv, in_path({**os.environ, **env}), size=(40, 12))
    try:
        terminal.until(lambda: terminal.text().strip() != "")
        terminal.type(f"{PS1[shell]}; clear\r")
        start = f"{LOCK} prod 47m> "
        terminal.until(lambda: terminal.text().strip() == start.strip())
        # Typed to the end of the row and beyond, and then something at its beginning.
        line = "".join(chr(ord("a") + at % 26) for at in range(45))
        terminal.type(line)
        terminal.until(lambda: terminal.text().replace("\n", "").strip() == start + line)
        terminal.type("\x01")
        terminal.type("XY")
        terminal.until(lambda: terminal.text().replace("\n", "").strip() == f"{start}XY{line}")
        assert terminal.text().split("\n")[0] == (f"{start}XY{line}")[:40]
    finally:
        terminal.process.kill()
        terminal.process.wait()
