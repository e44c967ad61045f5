"""What all groups share: how often, with which xswitch, in which homes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.environments import Environment
from benchmarks.homes import make_home, profile_names
from benchmarks.processes import environment
from benchmarks.rounds import Samples, command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

P = "P"
T = "T"


@dataclass
class Bench:
    """A folder with an installed xswitch and with homes."""

    folder: Path
    rounds: int
    _homes: dict[int, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._environment = Environment(self.folder / "xswitch")
        self._environment.install_checkout()
        self.xswitch = str(self._environment.program("xswitch"))
        self.python = str(self._environment.program("python"))

    def environ(self, profiles: int) -> dict[str, str]:
        """Return the environment of a process whose home has that many profiles."""
        if profiles not in self._homes:
            self._homes[profiles] = make_home(self.folder / f"home-{profiles}", profiles)
        return environment(self._homes[profiles])

    def names(self, profiles: int) -> Path:
        """Return a file with the names of the profiles of such a home, a line each."""
        file = self.folder / f"names-{profiles}"
        file.write_text("".join(f"{name}\n" for name in profile_names(profiles)))
        return file

    def bare_python(self) -> Callable[[], Samples]:
        """Return the anchor P: the start of the Python that runs xswitch, and its end."""
        return command(P, [self.python, "-c", "pass"], environment(self.folder))

    def bare_textual(self) -> Callable[[], Samples]:
        """Return the anchor T: the same with Textual loaded."""
        return command(T, [self.python, "-c", "import textual.app"], environment(self.folder))
