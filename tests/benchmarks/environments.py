"""Virtual environments of their own for what is measured, as its user would install it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.processes import MeasuringError

CHECKOUT = Path(__file__).parents[2]


class Environment:
    """A virtual environment of the Python that runs this."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        if not self.program("pip").exists():
            _run(sys.executable, "-m", "venv", str(folder))
            # The script that an old pip writes for a program loads `re`, which costs half a start of Python.
            self._pip("install", "--upgrade", "pip")

    def program(self, name: str) -> Path:
        """Return where a program of it is."""
        return self._folder / "bin" / name

    def install(self, *requirements: str) -> None:
        """Install packages, unless they are there, and compile them."""
        self._pip("install", *requirements)
        _run(self.program("python"), "-m", "compileall", "-q", str(self._folder / "lib"), may_fail=True)

    def install_checkout(self) -> None:
        """Install a wheel of the checkout, in the place of another one."""
        with tempfile.TemporaryDirectory() as folder:
            self._pip("wheel", "--no-deps", "--wheel-dir", folder, str(CHECKOUT))
            wheels = [str(wheel) for wheel in Path(folder).glob("*.whl")]
            self.install(*wheels)
            self._pip("install", "--no-deps", "--force-reinstall", *wheels)

    def _pip(self, *arguments: str) -> None:
        _run(self.program("python"), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments)


def _run(*argv: str | Path, may_fail: bool = False) -> None:
    """Run what prepares; pip keeps its settings, but nothing may keep Python from compiling what it loads."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
    if done.returncode and not may_fail:
        raise MeasuringError(f"`{' '.join(map(str, argv))}` failed: {done.stderr[-1000:]}")
