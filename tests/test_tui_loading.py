"""What is loaded until the UI is live: nothing that only a later key needs."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

import pytest
from screens import write_demo
from terminals import Screen

OPEN = """\
import os, sys
import xswitch.cli.ui as ui
end = ui._end
def report(status):
    with open(os.environ["REPORT"], "w") as file:
        file.write(" ".join(sys.modules))
    end(status)
ui._end = report
sys.argv = ["xswitch"]
from xswitch.cli.main import entry
entry()
"""
SCREENS = {"main", "acting", "editing", "guarded", "signing"}
NOT_LOADED = (
    *("boto3", "botocore", "urllib3", "http", "email", "json", "argparse", "configparser"),
    *("pygments", "markdown_it", "tree_sitter", "tomlkit"),
    *("textual.widgets._footer", "textual.widgets._markdown"),
    *("xswitch.editing", "xswitch.delegation", "xswitch.doctor", "xswitch.sessions.obtain"),
    *("xswitch.launch.prepare", "xswitch.cli.prompts", "xswitch.profiles.guarding"),
    *("xswitch.settings.writing", "xswitch.cli.arguments", "xswitch.cli.verbs"),
    *("xswitch.launch.shells", "xswitch.launch.console", "xswitch.launch.each"),
    *("xswitch.tui.diff", "xswitch.tui.fields"),
)


@pytest.fixture
def loaded(home, tmp_path):
    """The modules that were loaded when the tree was live, a key had moved in it, and it was left."""
    write_demo(home, datetime.now(UTC))
    report = tmp_path / "modules"
    environ = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "REPORT": str(report),
    }
    screen = Screen([sys.executable, "-c", OPEN], environ)
    try:
        screen.live()
        screen.type("j")
        screen.type("q")
        assert screen.end() == 0
    finally:
        screen.close()
    return set(report.read_text().split())


def test_until_the_ui_is_live_nothing_is_loaded_that_only_a_later_key_needs(loaded):
    screens = {name.rpartition(".")[2] for name in loaded if name.startswith("xswitch.tui.screens.")}
    assert screens == SCREENS
    assert [each for each in loaded if f"{each}.".startswith(tuple(f"{name}." for name in NOT_LOADED))] == []
