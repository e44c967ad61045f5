"""The demo as a visitor sees it: a guarded profile, a broken one that is mended, one command for all."""

from __future__ import annotations

import os
import re
from contextlib import closing

import pytest
from running import XSWITCH, shell_path
from shells import in_path
from terminals import Screen

COMMAND = "xswitch each '*' -- aws sts get-caller-identity --query Account --output text; echo left with $?\r"
ACCOUNTS = {
    "default": "111111111111",
    **dict.fromkeys(("prod", "prod-audit", "prod-billing", "prod-admin"), "222222222222"),
    **dict.fromkeys(("staging", "staging-dba"), "333333333333"),
    "sandbox": "444444444444",
    "corp-dev": "555555555555",
    "corp-data": "666666666666",
    "partner-audit": "999999999999",
    "ci": "888888888888",
    "legacy": "777777777777",
}

pytestmark = pytest.mark.slow


@pytest.fixture
def visitor(home, aws_v2):
    """A shell in the demo, in a terminal, with the real AWS CLI to be found."""
    outer = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "INPUTRC": os.devnull, "PS1": "ready> "}
    environ = in_path({**os.environ, **outer})
    environ["PATH"] = f"{os.path.dirname(aws_v2)}:{environ['PATH']}"
    command = [XSWITCH, "demo", "run", "default", "--", shell_path("bash"), "--norc", "--noprofile"]
    with closing(Screen(command, environ, size=(150, 50))) as screen:
        screen.until("ready>")
        yield screen


def run_under_all(visitor):
    """Run the command under all profiles, and type the names of the guarded ones."""
    visitor.type(COMMAND)
    for name in ("prod", "prod-admin"):
        # What is typed before the question is thrown away, so wait for the question itself.
        question = rf"of 2: {name} \(account 222222222222, Prod\) is guarded.*Type its name to go on:\s*\Z"
        visitor.until(lambda question=question: re.search(question, visitor.text(), re.DOTALL))
        visitor.type(f"{name}\r")


def accounts_printed(text):
    """Return what was printed, by profile: each line once."""
    lines = re.findall(r"^(\S+) +│ (\S+)$", text, re.MULTILINE)
    assert len(lines) == len(dict(lines))
    return dict(lines)


def test_one_command_for_all_before_and_after_the_doctor(visitor):
    run_under_all(visitor)
    visitor.until("Enter MFA code")
    visitor.type("123456\r")
    visitor.until("confirm the code")  # the page confirms itself
    text = visitor.until(lambda: re.search(r"^left with \d", visitor.text(), re.MULTILINE), timeout=90)
    assert "left with 1" in text
    assert "12 of 13 succeeded; failed: legacy" in text
    working = {name: account for name, account in ACCOUNTS.items() if name != "legacy"}
    assert accounts_printed(text) == working
    assert b"waiting" in visitor.raw  # the table that shows how each is doing
    assert b"running" in visitor.raw

    visitor.type("clear; xswitch doctor --fix\r")
    visitor.until("+source_profile = default")
    visitor.type("y\r")
    visitor.until(lambda: visitor.text().rstrip().endswith("ready>"))
    visitor.type("clear\r")
    run_under_all(visitor)
    text = visitor.until(lambda: re.search(r"^left with \d", visitor.text(), re.MULTILINE), timeout=90)
    assert "left with 0" in text
    assert accounts_printed(text) == ACCOUNTS
