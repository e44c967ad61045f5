"""Times the terminal UI in a real pseudo-terminal, as ratios to a Python start, by hand.

    python tests/benchmark_ui.py [PROFILES] [ROUNDS]

first frame: until a profile's name is on the screen. live: until a key is honoured (the filter shows it).
filter: a key in the filter until the count changes. quit: from `q` until the process is gone.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path


def write_home(folder: Path, profiles: int) -> None:
    """Write a home with that many role profiles over one pair of keys."""
    aws = folder / ".aws"
    aws.mkdir()
    aws.joinpath("credentials").write_text(
        "[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n"
    )
    sections = [
        f"[profile team-{number:05}]\nrole_arn = arn:aws:iam::{number:012}:role/Admin\n"
        "source_profile = default\nregion = eu-west-1\n"
        for number in range(profiles - 1)
    ]
    aws.joinpath("config").write_text("[default]\nregion = eu-west-1\n\n" + "\n".join(sections))


class Terminal:
    """A program in a pseudo-terminal of 100×30, and what it has written."""

    def __init__(self, argv: list[str], environ: dict[str, str]) -> None:
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(argv[0], argv, environ)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.seen = b""

    def until(self, text: bytes, timeout: float = 20.0) -> float:
        """Read until `text` has been written; return the time at which it was."""
        start = len(self.seen)
        deadline = time.perf_counter() + timeout
        while text not in self.seen[max(start - len(text), 0) :]:
            if not select.select([self.fd], [], [], max(deadline - time.perf_counter(), 0))[0]:
                message = f"{text!r} did not appear"
                raise TimeoutError(message)
            self.seen += os.read(self.fd, 65536)
        return time.perf_counter()

    def send(self, keys: bytes) -> float:
        """Type; return the time at which it was typed."""
        os.write(self.fd, keys)
        return time.perf_counter()

    def gone(self) -> float:
        """Read until the process has ended; return the time at which it had."""
        while True:
            try:
                if not os.read(self.fd, 65536):
                    break
            except OSError:
                break
        os.waitpid(self.pid, 0)
        ended = time.perf_counter()
        os.close(self.fd)
        return ended


def one_round(xswitch: str, environ: dict[str, str], profiles: int) -> dict[str, float]:
    """Start the UI, filter, quit; return the times in seconds."""
    terminal = Terminal([xswitch], environ)
    times = {"first frame": terminal.until(b"team-00003") - terminal.started}
    terminal.until(b"Help")  # the footer is Textual's, not the first frame's
    terminal.send(b"/")
    time.sleep(0.3)
    typed = terminal.send(b"7")
    times["filter"] = terminal.until(b"/%d profiles" % profiles) - typed
    time.sleep(0.3)
    terminal.send(b"\r")
    time.sleep(0.3)
    quit_at = terminal.send(b"q")
    times["quit"] = terminal.gone() - quit_at
    live = Terminal([xswitch], environ)
    live.until(b"team-00003")
    live.send(b"/zz")
    times["live"] = live.until(b"nothing matches") - live.started
    live.send(b"\x03")
    live.gone()
    return times


def wall(argv: list[str], environ: dict[str, str]) -> float:
    """Return the seconds that a command takes."""
    started = time.perf_counter()
    subprocess.run(argv, env=environ, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def empty_app(environ: dict[str, str]) -> float:
    """Return the seconds until an app with nothing but one text is on the screen."""
    code = "from textual.app import App; from textual.widgets import Static\n"
    code += "class Empty(App):\n    def compose(self): yield Static('nothing else')\nEmpty().run()"
    terminal = Terminal([sys.executable, "-c", code], environ)
    seconds = terminal.until(b"nothing else") - terminal.started
    terminal.send(b"\x11")
    terminal.gone()
    return seconds


def main() -> None:
    """Print the medians of the times and of their ratios."""
    profiles = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    xswitch = str(Path(sys.executable).with_name("xswitch"))
    home = Path(tempfile.mkdtemp())
    write_home(home, profiles)
    environ = {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    found: dict[str, list[float]] = {}
    python: list[float] = []
    textual: list[float] = []
    empty: list[float] = []
    one_round(xswitch, environ, profiles)
    for _ in range(rounds):
        python.append(wall([sys.executable, "-c", "pass"], environ))
        textual.append(wall([sys.executable, "-c", "import textual.app"], environ))
        empty.append(empty_app(environ))
        for name, seconds in one_round(xswitch, environ, profiles).items():
            found.setdefault(name, []).append(seconds)
    shutil.rmtree(home)
    print(
        f"{profiles} profiles, {rounds} rounds; P = python -c pass: {statistics.median(python) * 1000:.1f} ms"
    )
    print(f"{'T = import textual.app':<24}{statistics.median(textual) * 1000:8.1f} ms")
    print(f"{'E = an empty app':<24}{statistics.median(empty) * 1000:8.1f} ms")
    for name, seconds in found.items():
        over_p = statistics.median(a / b for a, b in zip(seconds, python, strict=True))
        over_t = statistics.median(a / b for a, b in zip(seconds, textual, strict=True))
        over_e = statistics.median(a / b for a, b in zip(seconds, empty, strict=True))
        ratios = f"{over_p:6.2f} P  {over_t:5.2f} T  {over_e:5.2f} E"
        print(f"{name:<24}{statistics.median(seconds) * 1000:8.1f} ms  {ratios}")


if __name__ == "__main__":
    main()
