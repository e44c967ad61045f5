"""A subshell stays under its profile, whatever the user's start-up files export."""

from __future__ import annotations

import os

import pytest
from running import XSWITCH, Terminal, shell_path

pytestmark = pytest.mark.slow

CONFIG = """\
[profile "quo'te"]
region = eu-north-1
[profile without-region]
output = json
"""
CREDENTIALS = """\
[quo'te]
aws_access_key_id = AKIAQUOTE
aws_secret_access_key = it's\\n"secret"
[without-region]
aws_access_key_id = AKIAOTHER
aws_secret_access_key = x
"""
HOSTILE = {
    "AWS_PROFILE": "wrong",
    "AWS_DEFAULT_PROFILE": "wrong",
    "AWS_REGION": "xx-wrong-1",
    "AWS_ACCESS_KEY_ID": "AKIAWRONG",
    "MINE": "read",
}
ASKED = "AWS_PROFILE|AWS_ACCESS_KEY_ID|AWS_REGION|XSWITCH_DEPTH|MINE|XSWITCH_RESTORE"
PROMPT = "what now? "  # of every shell, so that it is known when it listens
HOSTILE_SH = "".join(f"export {name}={value}\n" for name, value in HOSTILE.items()) + f"PS1='{PROMPT}'\n"
HOSTILE_FISH = (
    "".join(f"set -gx {name} {value}\n" for name, value in HOSTILE.items())
    + f"function fish_prompt; echo -n '{PROMPT}'; end\n"
)


@pytest.fixture
def hostile_home(home):
    """A home whose every shell exports another profile, region and key."""
    (home / ".aws/config").write_text(CONFIG)
    (home / ".aws/credentials").write_text(CREDENTIALS)
    (home / ".bashrc").write_text(HOSTILE_SH)
    (home / "zsh").mkdir()
    (home / ".zshenv").write_text(f"export ZDOTDIR={home}/zsh\n")
    (home / "zsh/.zshrc").write_text(HOSTILE_SH)
    (home / ".config/fish").mkdir(parents=True)
    (home / ".config/fish/config.fish").write_text(HOSTILE_FISH)
    return home


def say(shell: str, *arguments: str) -> str:
    """Start `xswitch shell` with that shell in a terminal, ask it for its variables, return what it says."""
    environ = {**os.environ, "SHELL": shell_path(shell), "TERM": "xterm"}
    terminal = Terminal([XSWITCH, "shell", *arguments], environ)
    try:
        terminal.until(PROMPT)
        terminal.type(f"env | grep -E '^({ASKED})=' | sort | tr '\\n' '|'; echo END; exit\n")
        assert terminal.end() == 0
    finally:
        terminal.kill()
    return terminal.text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_start_up_files_are_read_and_cannot_change_the_profile(hostile_home, shell):
    said = say(shell, "quo'te")
    assert "AWS_PROFILE=quo'te|MINE=read|XSWITCH_DEPTH=1|END" in said


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_credentials_given_to_the_shell_are_not_replaced(hostile_home, shell):
    said = say(shell, "--env", "quo'te")
    assert "AWS_ACCESS_KEY_ID=AKIAQUOTE|AWS_REGION=eu-north-1|MINE=read|XSWITCH_DEPTH=1|END" in said


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_users_own_region_holds_where_the_profile_has_none(hostile_home, shell):
    said = say(shell, "without-region")
    assert "AWS_PROFILE=without-region|AWS_REGION=xx-wrong-1|MINE=read|XSWITCH_DEPTH=1|END" in said
