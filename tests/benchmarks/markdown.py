"""The tables in README.md, between two marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import neighbours, report
from benchmarks.environments import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.figures import Figure

README = CHECKOUT / "README.md"
BEGIN = "<!-- benchmarks -->"
END = "<!-- /benchmarks -->"
_METHOD = """\
Measured by `cd tests && python -m benchmarks --write` on {machine}: a wheel in an environment of its own, and
each work in turn with what it stands beside, in random order. A ratio is the median of the ratios of {rounds}
rounds, by the clock (of memory where that is measured) and of processor time, and **exceeds** if both do;
`P` is `python -c pass` and `T` is `python -c 'import textual.app'` of the same Python, `p95` is the 95th
percentile beside the median of `P`, and a goal is a budget by which nothing fails. What misses its budget is
measured once more, and that counts (second try). Milliseconds of different rows are of different moments of a
machine that has other work too; ratios are not."""
_NEIGHBOURS = """\
Multiples of `P` by the clock, {rounds} rounds, offline, in the same homes; `-` is what was not measured."""
_COLUMNS = ("", "profiles", "beside", "at most", "ratio", "CPU", "measured", "")


def has_place(readme: Path = README) -> bool:
    """Tell whether the file has both marks, in their order."""
    return END in readme.read_text().partition(BEGIN)[2]


def write(tables: Mapping[str, Sequence[Figure]], rounds: int, readme: Path = README) -> None:
    """Put the tables in the place of what is between the marks."""
    before, begin, rest = readme.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    readme.write_text(f"{before}{begin}\n{text(tables, rounds)}\n{end}{after}")


def text(tables: Mapping[str, Sequence[Figure]], rounds: int) -> str:
    """Return all tables and how they came about."""
    parts = [_METHOD.format(machine=report.machine(), rounds=rounds)]
    for group, figures in tables.items():
        if group == "neighbours":
            parts.append(_NEIGHBOURS.format(rounds=min(rounds, neighbours.ROUNDS)))
            parts.append(_by_size(figures))
        else:
            parts.append(_table(_COLUMNS, map(_cells, figures)))
    return "\n\n".join(parts)


def _cells(figure: Figure) -> list[str]:
    goal = " (goal)" if figure.is_goal and figure.budget is not None else ""
    ratios = [report.number(figure.ratio), report.number(figure.cpu)]
    if not figure.is_met:
        ratios = [f"**{ratio}**" if ratio else "" for ratio in ratios]
    return [
        figure.work,
        report.count(figure.profiles),
        figure.beside,
        report.number(figure.budget) + goal,
        *ratios,
        f"{figure.ours:.1f} {figure.unit}",
        figure.verdict,
    ]


def _by_size(figures: Sequence[Figure]) -> str:
    """Return a table with a column for each number of profiles."""
    ratios = {(figure.work, figure.profiles): report.number(figure.ratio) for figure in figures}
    works = dict.fromkeys(figure.work for figure in figures)
    rows = [[work, *(ratios.get((work, size), "-") for size in neighbours.SIZES)] for work in works]
    return _table(["", *map(report.count, neighbours.SIZES)], rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
