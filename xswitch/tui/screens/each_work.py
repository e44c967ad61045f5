"""What runs a line of commands under many profiles, each in the user's shell under its own profile."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from xswitch.launch.each.fanout import Fanout
from xswitch.launch.each.job import JobState, Listener
from xswitch.launch.prepare import Launcher
from xswitch.launch.shell import shell_command
from xswitch.profiles.collection import find_profile, read_profiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from xswitch.launch.each.job import Job
    from xswitch.profiles.collection import Profiles
    from xswitch.sessions.interaction import CodeRequest, Interaction
    from xswitch.tui.app import XswitchApp

# Seconds: for a command that is being started to be seen as running, for commands to end when they are asked
# to, for them to be gone once they were killed (a disk may hang), and between two looks.
_BEGINNING, _POLITE, _LONGEST, _STEP = 0.3, 2.0, 10.0, 0.05
_NAMED = 3  # profiles in a sentence


class Printed(Listener):
    """Counts the bytes that commands print, by their profiles; of all else the screen looks at the jobs."""

    def __init__(self) -> None:
        self.sizes: defaultdict[str, int] = defaultdict(int)

    def output(self, job: Job, stream: str, data: bytes) -> None:
        """Count."""
        del stream
        self.sizes[job.profile] += len(data)


class Run:
    """One run of the commands, in a thread. It may be told to stop at any time, also before it begins.

    `stops` counts how often it was, and `over` is set when nothing runs any more.
    """

    def __init__(self) -> None:
        self.stops = 0
        self.over = threading.Event()
        self._fanout: Fanout | None = None
        self._held = False
        self._lock = threading.Lock()

    def run(self, make: Callable[[], Fanout]) -> bool:
        """Run what `make` returns; tell whether all succeeded."""
        try:
            fanout = make()
            with self._lock:
                self._fanout = fanout
                for _ in range(self.stops):
                    fanout.stop()
                if self._held:
                    fanout.hold()
            return fanout.run()
        finally:
            with self._lock:
                self.over.set()

    def stop(self) -> None:
        """Ask the commands to end; the second time, make them."""
        with self._lock:
            self.stops += 1
            if self._fanout is not None and not self.over.is_set():
                self._fanout.stop()

    def hold(self, *, held: bool) -> None:
        """Stop the commands for a while, or continue them."""
        with self._lock:
            self._held = held
            if self._fanout is not None and not self.over.is_set():
                (self._fanout.hold if held else self._fanout.go_on)()

    def end(self) -> None:
        """Ask the commands to end, make them where they do not, and wait for that.

        Not for a call to AWS that is under way: it goes on alone, and no command comes after it.
        """
        self.stop()
        self.over.wait(_BEGINNING)
        self._wait(_POLITE)
        if self.has_children():
            self.stop()
            self._wait(_LONGEST)

    def has_children(self) -> bool:
        """Tell whether a command runs."""
        jobs = self._fanout.jobs if self._fanout is not None and not self.over.is_set() else []
        return any(job.state == JobState.RUNNING for job in jobs)

    def _wait(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while self.has_children() and time.monotonic() < ends:
            self.over.wait(_STEP)


class ShellLauncher(Launcher):
    """Prepares environments in which the user's shell runs a line of commands, as `Launcher.shell_command`.

    The start-up files of zsh and fish are read for that too, and would lead every profile to the same one.
    """

    def environment(self, name: str, **options: Any) -> dict[str, str]:
        """Return the environment of a child; as `Launcher.environment` otherwise."""
        environ = super().environment(name, **options)
        return shell_command(find_profile(self.profiles, name), environ, "")[1]

    def unattended(self, interaction: Interaction) -> Launcher:
        """Return the same with another interaction; as `Launcher.unattended` otherwise."""
        return ShellLauncher(self.profiles, self._locations, self._environ, interaction, self.confirmed)


def fanout_of(
    app: XswitchApp, person: Interaction, names: Sequence[str], command: str, listener: Listener
) -> Fanout:
    """Return what runs `command` under the profiles, for a thread. The files are read anew."""
    profiles = read_profiles(app.locations)
    launcher = ShellLauncher(profiles, app.locations, app.environ, person)
    # The same line for all: what differs stands in their environments.
    known = next((name for name in names if name in profiles), names[0])
    argv, _ = shell_command(find_profile(profiles, known), app.environ, command)
    return Fanout(list(names), argv, launcher, listener=listener)


def code_purpose(profiles: Profiles, names: Sequence[str], request: CodeRequest) -> str:
    """Return whose keys a code is asked for, and for which of the profiles; "" where that is not known.

    It is asked once for all of them: the keys are signed in with it.
    """
    if request.profile not in profiles:
        return ""
    root = profiles.root(request.profile).name
    served = [
        name
        for name in names
        if name in profiles and profiles.root(name).name == root and _has_device(profiles, name, request)
    ]
    shown = ", ".join(served[:_NAMED])
    more = f" and {len(served) - _NAMED} more" if len(served) > _NAMED else ""
    return f"the keys of {root}" + (f", for {shown}{more}" if served not in ([], [root]) else "")


def _has_device(profiles: Profiles, name: str, request: CodeRequest) -> bool:
    members = (*profiles.hops(name), profiles.root(name))
    return any(member.text("mfa_serial") == request.serial for member in members)
