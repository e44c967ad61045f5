"""A command as a child that has no terminal, and pipes for what it prints."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import struct
import subprocess
import termios
import threading
from contextlib import suppress

from xswitch.errors import ExitStatus, XswitchError
from xswitch.launch.each.job import STDERR, STDOUT
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CHUNK = 64 * 1024  # bytes


class Child:
    """A running command.

    It leads a session of its own: keys of the terminal reach it only through us, and what it wants to ask
    there (`getpass` does) fails instead of stopping it for good. Until `reap` its process id stays its own,
    so signals cannot hit anybody else.
    """

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start it. XswitchError with status 127 where it is not found, 126 where it cannot be executed."""
        self._process = _start(argv, environ)
        pipes = ((STDOUT, self._process.stdout), (STDERR, self._process.stderr))
        self.pipes = {stream: pipe.fileno() for stream, pipe in pipes if pipe is not None}
        for descriptor in self.pipes.values():
            os.set_blocking(descriptor, False)
        try:
            self.end = _descriptor_of_end(self._process)
        except BaseException as error:
            self._give_up()
            if not isinstance(error, OSError | RuntimeError):
                raise
            # No descriptors are left, or no threads.
            reason = (error.strerror if isinstance(error, OSError) else None) or "it cannot be attended to"
            text = f"{printable(argv[0])}: {reason}"
            raise XswitchError(text, status=ExitStatus.NOT_EXECUTABLE) from error

    def read(self, stream: str) -> bytes | None:
        """Return what has come on a pipe; b"" at its end, None where nothing is there."""
        try:
            return os.read(self.pipes[stream], _CHUNK)
        except BlockingIOError:
            return None

    def waiting(self, stream: str) -> int:
        """Return how many bytes are in a pipe at this moment."""
        answer = fcntl.ioctl(self.pipes[stream], termios.FIONREAD, bytes(4))
        count: int = struct.unpack("i", answer)[0]
        return count

    def close(self, stream: str) -> None:
        """Read no more from a pipe: whoever still writes to it is told so by the system."""
        pipe = self._process.stdout if stream == STDOUT else self._process.stderr
        if pipe is not None:
            pipe.close()
        del self.pipes[stream]

    def signal(self, number: int) -> None:
        """Send a signal to the command and to what it has started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
            if number != signal.SIGSTOP:  # one that has stopped would not notice
                os.killpg(self._process.pid, signal.SIGCONT)

    def reap(self) -> int:
        """Wait for the end; return the exit status, or the number of the signal that ended it, negative."""
        for stream in list(self.pipes):
            self.close(stream)
        status = self._process.wait()
        os.close(self.end)
        return status

    def _give_up(self) -> None:
        """Kill and reap one that was started, and whose end nobody would notice."""
        self.signal(signal.SIGKILL)
        for stream in list(self.pipes):
            self.close(stream)
        self._process.wait()


def _start(argv: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    path = _find(argv[0], environ)
    name = printable(argv[0])
    try:
        try:
            return _spawn(argv, path, environ)
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
        # A script without `#!`, which shells run all the same.
        return _spawn(["/bin/sh", path, *argv[1:]], "/bin/sh", environ)
    except ValueError:
        text = f"{name}: an argument or a credential has a NUL character in it"
        raise XswitchError(text, status=ExitStatus.NOT_EXECUTABLE) from None
    except OSError as error:
        reason = error.strerror or "cannot be executed"
        raise XswitchError(f"{name}: {reason}", status=ExitStatus.NOT_EXECUTABLE) from None


def _spawn(argv: Sequence[str], path: str, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        list(argv),
        executable=path,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
    )


def _find(command: str, environ: Mapping[str, str]) -> str:
    """Return the path of a command as execvp(3) finds it. XswitchError where there is none."""
    folders = [""] if "/" in command else environ.get("PATH", os.defpath).split(os.pathsep)
    found = ""
    for folder in folders if command else ():
        path = os.path.join(folder, command)
        with suppress(ValueError):  # a NUL character
            if os.path.isfile(path):
                if os.access(path, os.X_OK):
                    return path
                found = found or path
            elif folder == "" and os.path.isdir(path):
                found = path
    if not found:
        raise XswitchError(f"{printable(command)}: command not found", status=ExitStatus.NOT_FOUND)
    text = f"{printable(command)}: it is not an executable file"
    raise XswitchError(text, status=ExitStatus.NOT_EXECUTABLE)


def _descriptor_of_end(process: subprocess.Popen[bytes]) -> int:
    """Return a descriptor that can be read once the process has ended.

    It is not reaped by that, except on systems that have no way to wait without it. OSError or RuntimeError
    where the system has no more descriptors or threads.
    """
    if hasattr(os, "pidfd_open"):
        with suppress(OSError):  # a kernel without them
            return os.pidfd_open(process.pid)
    reading, writing = os.pipe()

    def wait() -> None:
        if hasattr(os, "waitid"):
            with suppress(ChildProcessError):
                os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        else:
            process.wait()
        os.close(writing)

    try:
        threading.Thread(target=wait, daemon=True).start()
    except BaseException:
        os.close(reading)
        os.close(writing)
        raise
    return reading
