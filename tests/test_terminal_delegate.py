"""A delegation in the demo, in a real terminal and by keyboard alone: planned, applied, used, taken down."""

from __future__ import annotations

import os
import sys

import pytest
from running import XSWITCH
from terminals import Screen

pytestmark = pytest.mark.slow

CTRL_S = "\x13"


@pytest.fixture
def demo(home, aws_v2):
    """Start the demo in a terminal, with the real AWS CLI to be found."""
    environ = {
        "HOME": str(home),
        "PATH": f"{os.path.dirname(aws_v2)}:{os.path.dirname(sys.executable)}:/usr/bin:/bin",
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "SHELL": "/bin/sh",
        "TMPDIR": str(home),
    }
    screen = Screen([XSWITCH, "demo"], environ, size=(100, 40))
    screen.live()
    yield screen
    screen.close()


def test_from_nothing_to_a_profile_that_works_and_back(demo):
    demo.type("/prod\r")
    demo.type("D")
    demo.until("Delegation: access to another account")
    demo.type("SecurityAudit")
    demo.until("prod-security-audit")
    demo.type(CTRL_S)
    screen = demo.until("⏎ apply")
    assert "2222-2222-2222  prod  gets the role" in screen
    assert "1111-1111-1111  default  may use it" in screen
    assert "arn:aws:iam::111111111111:user/dev" in screen
    demo.type("\r")
    demo.until("You are about to change who has access by way of it")
    demo.type("prod\r")
    demo.until("AWS does not let the role be assumed yet")
    screen = demo.until("AWS says that you are", timeout=60)
    assert "arn:aws:sts::222222222222:assumed-role/CrossAccountSecurityAudit/" in screen
    demo.type("\r")
    demo.until("? Help")
    demo.type("x")
    demo.until("Run under prod-security-audit")
    demo.type("aws sts get-caller-identity\r")
    screen = demo.until("exit status 0; Enter goes back", timeout=60)
    assert "arn:aws:sts::222222222222:assumed-role/CrossAccountSecurityAudit/" in screen
    demo.type("\r")
    demo.until("? Help")
    demo.type("D")
    demo.until("take down  prod-security-audit")
    demo.type("\r")
    demo.until("⏎ take it down")
    demo.type("\r")
    demo.until("You are about to change who has access by way of it")
    demo.type("prod\r")
    demo.until("✓ taken down", timeout=60)
    demo.type("\r")
    demo.until(lambda: "taken down" not in demo.text() and "? Help" in demo.text())
    assert "CrossAccountSecurityAudit" not in demo.text()
    demo.type("q")
    assert demo.end() == 0
    demo.assert_restored()
