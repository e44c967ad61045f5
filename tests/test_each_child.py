"""A command as a child: where the machine has nothing left to attend to it, and where it cannot be reaped."""

from __future__ import annotations

import subprocess
import threading

import pytest
from fanning import PATIENCE, Heard, fanout, line_of, until, write_static
from running import PYTHON

# A system that does not tell of ends in a descriptor, and has no memory for the stacks of further threads.
NO_THREADS = """
import os, sys, threading
sys.path.insert(0, {tests!r})
from fanning import fanout
from test_each_running import children
from xswitch.errors import XswitchError
from xswitch.launch.each.child import Child
del os.pidfd_open
threading.stack_size(1 << 46)
descriptors = os.listdir("/proc/self/fd")
try:
    Child(["sleep", "60"], dict(os.environ))
except XswitchError as error:
    print(error.status, error.message)
print(children(), os.listdir("/proc/self/fd") == descriptors)
"""

# Traces a process, so that nobody else can reap it before this one ends.
TRACER = """
import ctypes, sys
PTRACE_SEIZE = 0x4206
print(ctypes.CDLL(None).ptrace(PTRACE_SEIZE, int(sys.argv[1]), None, None), flush=True)
sys.stdin.read()
"""


def test_one_whose_end_nobody_would_notice_is_not_left_running(request):
    code = NO_THREADS.format(tests=str(request.path.parent))
    done = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.stdout == "126 sleep: it cannot be attended to\nset() True\n", done.stderr


def test_while_one_cannot_be_reaped_it_can_still_be_told_to_stop(home):
    write_static(home, ["one"])
    heard = Heard()
    work = fanout(["one"], ["sh", "-c", "echo $$; exec sleep 60"], listener=heard)
    thread = threading.Thread(target=work.run, daemon=True)
    thread.start()
    until(lambda: heard.data.get(("one", "stdout"), b"").endswith(b"\n"))
    pid = heard.data["one", "stdout"].decode().strip()
    tracer = subprocess.Popen(
        [PYTHON, "-c", TRACER, pid], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        if line_of(tracer) != "0\n":
            pytest.skip("processes may not be traced here")
        for _ in range(2):
            work.stop()
        # Dead, and its parent waits for it.
        until(lambda: "zombie" in open(f"/proc/{pid}/status").read())  # noqa: SIM115
        thread.join(0.5)
        assert thread.is_alive()
        other = threading.Thread(target=work.stop, daemon=True)
        other.start()
        other.join(10)
        assert not other.is_alive()
    finally:
        tracer.communicate(timeout=PATIENCE)
        work.stop()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert work.jobs[0].exit_status == -9
