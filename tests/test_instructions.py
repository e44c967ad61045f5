"""How many instructions the fast path takes beside a bare Python: a count, which no other load changes."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from benchmarks.homes import make_home
from running import PYTHON

# A tenth above what was counted; a module too many, or a second way through a large file, is more than that.
MOST = {5: 1.58, 5000: 1.8}
ENV = "import sys\nsys.argv = ['xswitch', 'env', 'role-1']\nfrom xswitch.cli.main import entry\nentry()"


def instructions(code, home):
    """Return how many instructions Python takes for `code`, its files compiled."""
    environ = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    subprocess.run([PYTHON, "-c", code], env=environ, stdout=subprocess.DEVNULL, check=True)
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", PYTHON, "-c", code]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind counts them")
@pytest.mark.parametrize("profiles", MOST)
def test_credentials_take_little_more_than_a_bare_python(tmp_path, profiles):
    home = make_home(tmp_path / "home", profiles)
    assert instructions(ENV, home) / instructions("pass", home) < MOST[profiles]
