"""One process from its start to its end: how long it took, and how much of a core."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_STREAMS = [
    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
]
# Who would ask a server gets no answer, at once: all works are those that need none.
_NO_NETWORK = "http://127.0.0.1:9"


class Sample(NamedTuple):
    """Seconds by the clock, and seconds of a processor."""

    wall: float
    cpu: float

    def since(self, before: Sample) -> Sample:
        """Return what went by between two moments."""
        return Sample(self.wall - before.wall, self.cpu - before.cpu)


class MeasuringError(Exception):
    """Something that was to be measured does not do its work."""


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return all that a measured process sees of this machine: nothing of the caller's."""
    return {
        "HOME": str(home),
        "PATH": os.defpath,
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "AWS_EC2_METADATA_DISABLED": "true",
        "HTTPS_PROXY": _NO_NETWORK,
        "HTTP_PROXY": _NO_NETWORK,
        **more,
    }


def measured(argv: Sequence[str], environ: Mapping[str, str]) -> Sample:
    """Run a command to its end, without streams."""
    start = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, environ, file_actions=_STREAMS)
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if status:
        raise MeasuringError(f"`{' '.join(argv)}` ended with status {os.waitstatus_to_exitcode(status)}")
    return Sample(wall, used.ru_utime + used.ru_stime)


def prove(argv: Sequence[str], environ: Mapping[str, str], proof: str) -> None:
    """Run a command once, and raise unless it says what shows that it has done its work."""
    done = subprocess.run(
        argv, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode or proof not in done.stdout + done.stderr:
        said = (done.stdout + done.stderr)[-500:]
        raise MeasuringError(
            f"`{' '.join(argv)}` ended with status {done.returncode}, without {proof!r}: {said}"
        )


def now(pid: int) -> Sample:
    """Return the time, and how much of a processor a process that still runs has used, all threads."""
    return Sample(time.perf_counter(), time.clock_gettime((~pid << 3) | 2))  # as clock_getcpuclockid(3)
