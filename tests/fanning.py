"""Running a command under many profiles: ones that need no AWS, by the command line and by the engine."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any

from awshome import write_profiles
from running import XSWITCH, run_xswitch

from xswitch.launch.each.fanout import Fanout
from xswitch.launch.each.job import Job, Listener
from xswitch.launch.prepare import Launcher
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles
from xswitch.sessions.interaction import Interaction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

PATIENCE = 60.0  # seconds; what takes longer has failed, on the slowest of machines


def write_static(home: Path, names: Sequence[str], config: str = "") -> None:
    """Write profiles with keys of their own, which need no session; `config` is added."""
    keys = "".join(f"[{name}]\naws_access_key_id = AKIA{name}\naws_secret_access_key = s\n" for name in names)
    write_profiles(home / ".aws", config, keys)


def each(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `xswitch each` without a terminal."""
    return run_xswitch("each", *words, **options)


def start(*words: str, **options: Any) -> subprocess.Popen[str]:
    """Start `xswitch each` without a terminal, and do not wait."""
    return subprocess.Popen(
        [XSWITCH, "each", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        stdin=subprocess.DEVNULL, start_new_session=True, **options,
    )  # fmt: skip


def line_of(process: subprocess.Popen[str], stream: str = "stdout") -> str:
    """Return the next line that a process prints; one that prints none for too long is killed."""
    timer = threading.Timer(PATIENCE, process.kill)
    timer.start()
    try:
        line: str = getattr(process, stream).readline()
    finally:
        timer.cancel()
    assert line, "it prints no more"
    return line


def until(condition: Callable[[], object]) -> None:
    """Wait until it is true."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "that did not come"
        time.sleep(0.01)


def state_of(pid: int | str) -> str:
    """Return the letter of a process's state (proc(5)), "" where there is none."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def objects(*words: str, **options: Any) -> dict[str, Any]:
    """Run `xswitch each --json`; return the objects by profile."""
    done = each("--json", *words, **options)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len({entry["profile"] for entry in found}) == len(found)
    return {entry["profile"]: entry for entry in found}


class Heard(Listener):
    """Notes everything that it is told."""

    def __init__(self) -> None:
        self.states: list[tuple[str, str]] = []
        self.data: dict[tuple[str, str], bytes] = {}

    def changed(self, job: Job) -> None:
        self.states.append((job.profile, job.state))

    def output(self, job: Job, stream: str, data: bytes) -> None:
        key = (job.profile, stream)
        self.data[key] = self.data.get(key, b"") + data


def fanout(names: Sequence[str], command: Sequence[str], **options: Any) -> Fanout:
    """Return the engine on the files of this machine, with nobody to ask."""
    locations = Locations(os.environ)
    launcher = Launcher(read_profiles(locations), locations, dict(os.environ), Interaction())
    return Fanout(names, list(command), launcher, **options)
