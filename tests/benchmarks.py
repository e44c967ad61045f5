"""What the fast commands cost beside a bare start of the same Python.

Run by hand: `python tests/benchmarks.py [RUNS]`. It makes a home of its own, runs each command and its
anchor in turn, and prints the median of the paired ratios. Nothing here is asserted: a figure of one
machine at one moment is no test.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))

from awshome import read_profiles_in, write_profiles
from running import write_session

START = [sys.executable, "-c", "pass"]
# The script of a current installer. An older pip's also loads `re`, which costs half a start.
SCRIPT = f"#!{sys.executable}\nimport sys\nfrom xswitch.cli.main import entry\nsys.exit(entry())\n"


def make_home(folder: Path, profiles: int) -> dict[str, str]:
    """Make a home with that many profiles, a tenth of them keys, with one cached session for `role-1`."""
    config, credentials = [], []
    for number in range(profiles):
        source = number // 10 * 10
        if number == source:
            config.append(f"[profile keys-{number}]\nregion = eu-west-1\n")
            credentials.append(
                f"[keys-{number}]\naws_access_key_id = AKIA{number:016}\naws_secret_access_key = s\n"
            )
        else:
            config.append(
                f"[profile role-{number}]\nrole_arn = arn:aws:iam::{number:012}:role/Developer\n"
                f"source_profile = keys-{source}\nregion = eu-west-1\n"
            )
    aws = folder / ".aws"
    aws.mkdir(parents=True)
    write_profiles(aws, "\n".join(config), "\n".join(credentials))
    write_session(folder, read_profiles_in(aws)["role-1"], minutes=600)
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    return {**outer, "HOME": str(folder)}


def seconds(command: list[str], environ: dict[str, str]) -> float:
    """Return how long one run took."""
    start = time.perf_counter()
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def compare(name: str, command: list[str], environ: dict[str, str], runs: int) -> None:
    """Run both in turn and print one line."""
    pairs = [(seconds(command, environ), seconds(START, environ)) for _ in range(runs + 1)][1:]
    ratios = sorted(ours / theirs for ours, theirs in pairs)
    median = statistics.median(ratios)
    ours = statistics.median(pair[0] for pair in pairs) * 1000
    print(f"{name:<34} {median:5.2f}   ({ratios[0]:.2f} to {ratios[-1]:.2f})   {ours:6.1f} ms")


def benchmark(runs: int) -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        script = folder / "xswitch"
        script.write_text(SCRIPT)
        script.chmod(0o755)
        xswitch = str(script)
        few, many = make_home(folder / "few", 5), make_home(folder / "many", 5000)
        some = make_home(folder / "some", 500)
        print(f"{'':<34} beside `python -c pass`: median (least to most), time")
        compare("--version", [xswitch, "--version"], few, runs)
        for words in (
            ["run", "role-1", "--", "true"],
            ["env", "role-1"],
            ["use", "role-1"],
            ["credential-process", "role-1"],
            ["prompt"],
            ["complete", "--", "run", "role-1"],
        ):
            for count, home in (("5", few), ("5,000", many)):
                named = f"{words[0]}, session cached, {count}"
                compare(named, [xswitch, *words], {**home, "AWS_PROFILE": "role-1"}, runs)
        compare("list, 500 profiles", [xswitch, "list"], some, runs)
        compare("list, 5,000 profiles", [xswitch, "list"], many, runs)
        compare("list --json, 5,000 profiles", [xswitch, "list", "--json"], many, runs)


if __name__ == "__main__":
    benchmark(int(sys.argv[1]) if len(sys.argv) > 1 else 21)
