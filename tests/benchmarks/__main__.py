"""Run by `python -m benchmarks` in `tests`, or by `python tests/benchmarks` from anywhere."""

import sys
from pathlib import Path

if not __package__:
    sys.path[0] = str(Path(__file__).parents[1])

from benchmarks.command import main

sys.exit(main())
