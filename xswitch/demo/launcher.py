"""Starting the demo's server and tying its life to this process and what it becomes."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from xswitch.demo.environment import demo_environment, isolated
from xswitch.errors import XswitchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT = 20.0  # seconds; a slow machine with cold files needs about five
# High enough that no script's own redirection (`exec 3>…`) takes the lifeline's number.
_LIFELINE_AT = 64


def start(environ: Mapping[str, str], *, timeout: float = _TIMEOUT) -> dict[str, str]:
    """Start the demo and return the environment in which to run xswitch.

    The server lives as long as this process, what it is replaced by (`exec`), and every process those
    start with inherited descriptors; then it removes the demo's home and ends. Raises `XswitchError` if
    the server is not ready within `timeout` seconds or a package of the `demo` extra is missing.
    """
    home = tempfile.mkdtemp(prefix="xswitch-demo-")
    reading, writing = os.pipe()
    held = fcntl.fcntl(writing, fcntl.F_DUPFD, _LIFELINE_AT)
    os.close(writing)
    try:
        url = _launch(isolated(environ, home), home, reading, timeout)
    except BaseException:
        os.close(held)
        shutil.rmtree(home, ignore_errors=True)
        raise
    finally:
        os.close(reading)
    return demo_environment(environ, home, url)


def _launch(environ: dict[str, str], home: str, lifeline: int, timeout: float) -> str:
    report, report_end = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "xswitch.demo.server", home, str(lifeline), str(report_end)],
            cwd=home,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(lifeline, report_end),
            start_new_session=True,
        )
    finally:
        os.close(report_end)
    try:
        return _url(_first_line(report, timeout))
    except BaseException:
        _kill_group(process.pid)
        # Until the killed server's end is closed it may still be writing to its home.
        while os.read(report, 4096):
            continue
        raise
    finally:
        os.close(report)
        process.wait()


def _first_line(descriptor: int, timeout: float) -> bytes:
    deadline = time.monotonic() + timeout
    line = b""
    while not line.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            raise XswitchError(
                f"The demo's AWS server was not ready after {timeout:.0f} seconds.",
                "Run `xswitch demo` again; the second start is quicker.",
            )
        chunk = os.read(descriptor, 4096)
        if not chunk:
            break
        line += chunk
    return line


def _url(line: bytes) -> str:
    result: dict[str, str] = json.loads(line) if line else {"error": "it ended without a word"}
    if "missing" in result:
        raise XswitchError(
            f"The demo needs the Python package `{result['missing']}`, which is not installed.",
            "Install it in the clone with: pip install '.[demo]'",
        )
    if "url" not in result:
        raise XswitchError(
            f"The demo's AWS server did not start ({result['error']}).",
            "Reinstall what it needs, in the clone, with: pip install --upgrade '.[demo]'",
        )
    return result["url"]


def _kill_group(leader: int) -> None:
    # The server itself is the leader's child, and the group outlives the leader.
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
