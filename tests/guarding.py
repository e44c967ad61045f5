"""Guards for tests: the settings file, and commands that must not do anything."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from running import XSWITCH, Terminal, run_xswitch

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path

REFUSED = 3
QUESTION = "Type its name to go on: "
CONFIRM = '[[guard]]\nprofile = "prod*"\n'
READ_ONLY = '[[guard]]\nprofile = "prod*"\nlevel = "read-only"\n'


def settings_file(home: Path) -> Path:
    """Return where the settings are."""
    return home / ".config/xswitch/config.toml"


def write_settings(home: Path, text: str | bytes) -> Path:
    """Write the settings file as it is (no line end is changed)."""
    path = settings_file(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def everything(home: Path) -> dict[str, bytes]:
    """Return all files of a home, besides what is kept of the settings."""
    kept = home / ".local/state/xswitch/settings.json"
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file() and path != kept}


def refused(
    *words: str, env: Mapping[str, str] | None = None, home: Path
) -> subprocess.CompletedProcess[str]:
    """Run xswitch without a terminal; assert that it refuses, and that it changed and printed nothing."""
    before = everything(home)
    done = run_xswitch(*words, env=env, cwd=home)
    assert done.returncode == REFUSED, (words, done.stdout, done.stderr)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert everything(home) == before
    return done


def ask(*words: str, env: Mapping[str, str] | None = None, question: str = QUESTION) -> Terminal:
    """Run xswitch in a terminal until it asks for the name."""
    terminal = Terminal([XSWITCH, *words], {"TERM": "xterm", **(os.environ if env is None else env)})
    terminal.until(question)
    return terminal
