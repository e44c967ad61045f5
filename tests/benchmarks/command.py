"""The command line."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import commands, markdown, neighbours, report, ui
from benchmarks.bench import Bench
from benchmarks.figures import Figure, with_second_try
from benchmarks.processes import MeasuringError

if TYPE_CHECKING:
    from collections.abc import Sequence

_GROUPS = {"commands": commands, "neighbours": neighbours, "ui": ui}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 1 if a budget is exceeded twice."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("there is no result without a round")
    if options.write and not markdown.has_place():
        print(f"README.md has no line {markdown.BEGIN} with {markdown.END} after it: no place for the tables")
        return 1
    if options.write and set(options.only) != set(_GROUPS):
        parser.error("the tables of README.md are those of one run: --write goes without --only")
    try:
        if options.keep:
            return _measure(options, options.keep.resolve())
        with tempfile.TemporaryDirectory() as folder:
            return _measure(options, Path(folder))
    except MeasuringError as failure:
        print(failure)
        return 1


def _measure(options: argparse.Namespace, folder: Path) -> int:
    report.print_head(options.rounds)
    bench = Bench(folder, options.rounds)
    tables: dict[str, list[Figure]] = {}
    for group in options.only:
        report.print_title(group)
        tables[group] = []
        for scenario in _GROUPS[group].scenarios(bench):
            for figure in with_second_try(scenario):
                report.print_figure(figure)
                tables[group].append(figure)
    figures = [figure for table in tables.values() for figure in table]
    report.print_foot(figures)
    if options.write:
        markdown.write(tables, options.rounds)
    return 1 if report.exceeding(figures) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks", description="Measure xswitch on this machine.")
    parser.add_argument("--rounds", type=int, default=21, metavar="N", help="how often each work runs (21)")
    parser.add_argument(
        "--only", nargs="+", choices=_GROUPS, default=list(_GROUPS), metavar="GROUP", help=", ".join(_GROUPS)
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="where environments are kept, so that the next run is quick",
    )
    parser.add_argument("--write", action="store_true", help="write the tables into README.md")
    return parser
