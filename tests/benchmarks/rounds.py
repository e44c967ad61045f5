"""Works that run in turn, so that what slows the machine down meanwhile slows all of them down."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import TYPE_CHECKING

from benchmarks.processes import Sample, measured

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Samples = dict[str, list[Sample]]


def in_turn(works: Sequence[Callable[[], Samples]], rounds: int) -> Samples:
    """Run all works in each round, in whatever order, and once before to warm up; return their samples."""
    samples: Samples = defaultdict(list)
    for number in range(rounds + 1):
        for work in random.sample(works, len(works)):
            for name, found in work().items():
                if number:
                    samples[name] += found
    return samples


def command(name: str, argv: Sequence[str], environ: Mapping[str, str]) -> Callable[[], Samples]:
    """Return the work of running a command."""
    return lambda: {name: [measured(argv, environ)]}
