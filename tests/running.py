"""Running xswitch as the process it is: with streams, or in a terminal of its own."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from xswitch.sessions.keys import assume_role_key, credentials_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from xswitch.profiles.profile import Profile

XSWITCH = os.path.join(os.path.dirname(sys.executable), "xswitch")
PYTHON = sys.executable

# What must never be seen: a test puts these where secrets are, and looks for CANARY in every output.
CANARY = "CANARY"
SECRET = f"{CANARY}/secret+access/key{'x' * 20}"
TOKEN = f"{CANARY}token{'y' * 60}=="


def run_xswitch(
    *arguments: str | bytes, env: Mapping[str, str] | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run xswitch to its end without a terminal, its output as text."""
    options = {"encoding": "utf-8", "errors": "surrogateescape", "timeout": 60, **options}
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run(
        [XSWITCH, *arguments],
        env=dict(os.environ if env is None else env),
        capture_output=True,
        start_new_session=True,  # no terminal to find by /dev/tty
        check=False,
        **options,
    )


def json_of(*arguments: str, env: Mapping[str, str] | None = None) -> Any:
    """Run xswitch with arguments that make it report JSON; return the report."""
    done = run_xswitch(*arguments, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run_python(code: str, *, under: Sequence[str], env: Mapping[str, str] | None = None) -> Any:
    """Run Python code as the command of `xswitch run …`; return the JSON that it printed."""
    done = run_xswitch("run", *under, "--", PYTHON, "-c", code, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def write_session(
    home: Path, profile: Profile, *, minutes: float = 60, key: str = "ASIACACHED0000000000", **more: Any
) -> Path:
    """Put a session for a role profile where the AWS CLI keeps it; return the file."""
    ends = datetime.now(UTC) + timedelta(minutes=minutes)
    credentials = {
        "AccessKeyId": key,
        "SecretAccessKey": SECRET,
        "SessionToken": TOKEN,
        "Expiration": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
    }
    path = cache_file(home, profile)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"Credentials": credentials, **more}))
    return path


def cache_file(home: Path, profile: Profile) -> Path:
    """Return where the AWS CLI keeps the profile's session."""
    key = credentials_key(profile) or assume_role_key(profile)
    return home / ".aws/cli/cache" / f"{key}.json"


def shell_path(name: str) -> str:
    """Return where a shell is on this machine; where it is not, see `missing`."""
    return shutil.which(name) or missing(name)


def missing(what: str) -> NoReturn:
    """Skip the test for what is not installed on this machine; fail where all of it must be."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")


class Terminal:
    """A process in a terminal of its own."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            try:
                os.execvpe(argv[0], list(argv), dict(env))
            finally:
                os._exit(99)
        self.text = ""
        self._status: int | None = None

    def until(self, words: str, timeout: float = 20, *, after: str = "") -> str:
        """Read until `words` have come, after `after` if that is given; return everything so far."""
        deadline = time.monotonic() + timeout
        while words not in (self.text.partition(after)[2] if after else self.text):
            left = deadline - time.monotonic()
            assert left > 0, f"{words!r} did not come, but {self.text!r}"
            if not self._read(left):
                assert words in self.text, f"{words!r} did not come, but the end after {self.text!r}"
        return self.text

    def type(self, text: str) -> None:
        """Type text; `\\x03` is Ctrl+C."""
        os.write(self._descriptor, text.encode())

    def end(self, timeout: float = 20) -> int:
        """Wait for the end; return the exit status, as a shell tells it."""
        deadline = time.monotonic() + timeout
        while self._read(max(deadline - time.monotonic(), 0.01)):
            assert time.monotonic() < deadline, f"it does not end; it said {self.text!r}"
        if self._status is None:
            _, self._status = os.waitpid(self.pid, 0)
            os.close(self._descriptor)
        code = os.waitstatus_to_exitcode(self._status)
        return code if code >= 0 else 128 - code

    def kill(self) -> None:
        """End it whatever it does."""
        if self._status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.end()

    def _read(self, timeout: float) -> bool:
        readable, _, _ = select.select([self._descriptor], [], [], timeout)
        if not readable:
            return True
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:  # how Linux tells that the other side is closed
            return False
        if b"\x1b[c" in data or b"\x1b[0c" in data:  # fish asks what terminal this is, and waits
            os.write(self._descriptor, b"\x1b[?62c")
        self.text += data.decode("utf-8", "replace")
        return bool(data)
