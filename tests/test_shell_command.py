"""One line of commands runs under the profile it was typed for, whatever the user's start-up files export."""

from __future__ import annotations

import os
import subprocess

import pytest
from running import shell_path

from xswitch.launch.prepare import Launcher
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles
from xswitch.sessions.interaction import Interaction

SHELLS = ("bash", "zsh", "fish", "dash")
HOSTILE_SH = "export AWS_PROFILE=wrong AWS_REGION=xx-wrong-1 AWS_ACCESS_KEY_ID=AKIAWRONG\n"
HOSTILE_FISH = (
    "set -gx AWS_PROFILE wrong\nset -gx AWS_REGION xx-wrong-1\nset -gx AWS_ACCESS_KEY_ID AKIAWRONG\n"
)


@pytest.fixture
def hostile_home(home, aws_folder):
    """A home whose every shell exports another profile, region and key."""
    (aws_folder / "config").write_text("[profile mine]\nregion = eu-north-1\n")
    (aws_folder / "credentials").write_text(
        "[mine]\naws_access_key_id = AKIAMINE\naws_secret_access_key = it's\n"
    )
    (home / ".zshenv").write_text(HOSTILE_SH)
    (home / ".bashrc").write_text(HOSTILE_SH)
    (home / ".config/fish").mkdir(parents=True)
    (home / ".config/fish/config.fish").write_text(HOSTILE_FISH)
    return home


def said(shell: str, command: str) -> str:
    """Run a command line as the UI does; return what it writes."""
    locations = Locations(os.environ)
    environ = {**os.environ, "SHELL": shell_path(shell)}
    launcher = Launcher(read_profiles(locations), locations, environ, Interaction())
    argv, child = launcher.shell_command("mine", command)
    return subprocess.run(argv, env=child, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_start_up_files_cannot_lead_a_command_to_another_account(hostile_home, shell):
    variables = "AWS_PROFILE|AWS_REGION|AWS_ACCESS_KEY_ID|XSWITCH_RESTORE"
    assert said(shell, f"env | grep -E '^({variables})='") == "AWS_PROFILE=mine\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_command_line_is_the_shells_own_language(hostile_home, shell):
    assert said(shell, 'echo "a  b" | tr a-z A-Z') == "A  B\n"


def test_a_fish_under_a_profile_leaves_universal_variables_alone(hostile_home):
    fish = shell_path("fish")
    universal = "; ".join(
        f"set -Ux {name} theirs"
        for name in ("AWS_SECURITY_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_REGION")
    )
    subprocess.run([fish, "-c", universal], check=True)
    kept = hostile_home / ".config/fish/fish_variables"
    before = kept.read_bytes()
    assert "theirs" not in said("fish", "env")
    assert said("fish", "echo $AWS_PROFILE") == "mine\n"
    assert kept.read_bytes() == before
