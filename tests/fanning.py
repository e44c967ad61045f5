"""Running a command under many profiles: ones that need no AWS, by the command line and by the engine."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from awshome import write_profiles
from running import run_xswitch

from xswitch.launch.each.fanout import Fanout
from xswitch.launch.each.job import Job, Listener
from xswitch.launch.prepare import Launcher
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles
from xswitch.sessions.interaction import Interaction

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence
    from pathlib import Path


def write_static(home: Path, names: Sequence[str], config: str = "") -> None:
    """Write profiles with keys of their own, which need no session; `config` is added."""
    keys = "".join(f"[{name}]\naws_access_key_id = AKIA{name}\naws_secret_access_key = s\n" for name in names)
    write_profiles(home / ".aws", config, keys)


def each(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `xswitch each` without a terminal."""
    return run_xswitch("each", *words, **options)


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
