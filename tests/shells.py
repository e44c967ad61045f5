"""Shells for tests: a real one that takes steps, and says after each how it ended and what a child sees."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from running import shell_path
from terminals import Screen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

BIN = os.path.dirname(sys.executable)
# A child of the shell: it writes the status that it is given and what is in its environment as JSON.
REPORT = f"""#!{sys.executable} -IS
import json, os, sys
environ = {{name: value for name, value in os.environ.items() if "AWS" in name or "switch" in name.lower()}}
with open(os.environ["REPORTS"], "a") as file:
    file.write(json.dumps([int(sys.argv[1]), environ]) + "\\n")
"""
ARGV = {
    "bash": ["bash", "--norc", "--noprofile"],
    "zsh": ["zsh", "-f"],
    "fish": ["fish", "--no-config"],
    "dash": ["dash"],
}
PROMPTS = {
    "bash": "PS1='ready> '",
    "zsh": "PS1='ready> '",
    "fish": "function fish_prompt; echo -n 'ready> '; end",
}
# dash has no hook: there it is what `eval` alone does.
PLAIN = 'xs() { code=$(xswitch use "$@") && eval "$code"; }'


class Steps:
    """What was seen of each step: its exit status and the environment of a child; and all that was said."""

    def __init__(
        self, reports: list[tuple[int, dict[str, str]]], done: subprocess.CompletedProcess[str]
    ) -> None:
        self.statuses = [status for status, _ in reports]
        self.environs = [environ for _, environ in reports]
        self.stdout = done.stdout
        self.stderr = done.stderr


def load(shell: str, command: str = "xs") -> str:
    """Return the line that loads the hook."""
    if shell == "dash":
        return PLAIN
    cmd = "" if command == "xs" else f" --cmd {command}"
    return f"xswitch init fish{cmd} | source" if shell == "fish" else f'eval "$(xswitch init {shell}{cmd})"'


def in_path(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` with the xswitch under test first in PATH."""
    return {**environ, "PATH": f"{BIN}:{environ['PATH']}"}


def take(
    shell: str, steps: Sequence[str], folder: Path, env: Mapping[str, str] | None = None, *, first: str = ""
) -> Steps:
    """Have a shell load its hook, or do what `first` says instead, and take the steps."""
    report, reports = folder / "report", folder / "reports"
    report.write_text(REPORT)
    report.chmod(0o755)
    reports.write_text("")
    status = "$status" if shell == "fish" else "$?"
    lines = [first or load(shell), *(f"{step}\n{report} {status}" for step in steps)]
    script = folder / "script"
    script.write_text("\n".join(lines) + "\n", errors="surrogateescape")
    done = subprocess.run(
        [shell_path(shell), *ARGV[shell][1:], str(script)],
        env={**in_path(os.environ), "REPORTS": str(reports), **(env or {})},
        cwd=folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # no terminal to find
        timeout=60,
        check=False,
    )
    return Steps([tuple(json.loads(line)) for line in reports.read_text().splitlines()], done)


class Hooked(Screen):
    """An interactive shell with the hook in a terminal; `first` is said before it is loaded."""

    def __init__(self, shell: str, env: Mapping[str, str], first: str = "") -> None:
        outer = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "INPUTRC": os.devnull}
        argv = [shell_path(shell), *ARGV[shell][1:], "-i"]
        super().__init__(argv, in_path({**os.environ, **outer, **env}))
        commands = [first] if first else []
        self.type("; ".join([*commands, load(shell), "clear", PROMPTS[shell]]) + "\r")
        self.until(lambda: self.text().strip() == "ready>")

    def read(self, timeout: float = 0.05) -> bool:
        """Take in what was written, and say what terminal this is where fish asks and waits for it."""
        known = len(self.raw)
        came: bool = super().read(timeout)
        if re.search(rb"\x1b\[0?c", self.raw[known:]):
            os.write(self.master, b"\x1b[?62c")
        return came

    def says(self, keys: str, words: str) -> None:
        """Type keys and Enter, and wait for a line that is `words`."""
        self.type(f"{keys}\r")
        self.until(lambda: words in [line.rstrip() for line in self.text().split("\n")])
