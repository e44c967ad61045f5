"""The commands, each beside a bare start of the same Python, or beside the AWS CLI."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.bench import P
from benchmarks.figures import Figure, compared
from benchmarks.homes import SESSION_KEY
from benchmarks.neighbours import aws_2
from benchmarks.processes import prove
from benchmarks.rounds import command, in_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.bench import Bench

_FEW, _SOME, _MANY, _MOST = 5, 500, 5_000, 50_000
_AT_ONCE = 1.5
_AT_ONCE_OF_MANY = 1.75
_LIST_OF_MANY = 3.0
_LIST_BESIDE_AWS = 0.1


@dataclass(frozen=True)
class Command:
    """A command, and what its output has when it did its work."""

    words: str
    proof: str
    profiles: int
    budget: float | None = None


_WITH_SESSION = [
    ("run role-1 -- true", ""),
    ("env role-1", SESSION_KEY),
    ("credential-process role-1", SESSION_KEY),
    ("prompt", "role-1"),
    ("use role-1", "AWS_PROFILE"),
]
_COMMANDS = [
    *(Command(words, proof, _FEW, _AT_ONCE) for words, proof in _WITH_SESSION),
    *(Command(words, proof, _MANY, _AT_ONCE_OF_MANY) for words, proof in _WITH_SESSION),
    Command("--version", "xswitch", _FEW, _AT_ONCE),
    Command("complete -- run role-1", "role-1", _FEW, _AT_ONCE),
    Command("complete -- run role-1", "role-1", _MANY, _AT_ONCE),
    Command("list", "role-4999", _MANY, _LIST_OF_MANY),
    Command("list --json", "role-4999", _MANY),
    Command("list", "role-49999", _MOST),
    Command("run role-1 -- true", "", _MOST),
]


def scenarios(bench: Bench) -> Iterator[Callable[[], list[Figure]]]:
    """Return what is to be measured."""
    for row in _COMMANDS:
        yield partial(_beside_python, bench, row)
    aws = aws_2(bench.environ(_SOME))
    if aws:
        yield partial(_beside_aws, bench, aws)
    else:
        print("skipped: `list` beside the AWS CLI v2, which is not on the PATH")


def _beside_python(bench: Bench, row: Command) -> list[Figure]:
    argv, environ = [bench.xswitch, *row.words.split()], bench.environ(row.profiles)
    if row.words == "prompt":
        environ["AWS_PROFILE"] = "role-1"
    prove(argv, environ, row.proof)
    samples = in_turn([command("ours", argv, environ), bench.bare_python()], bench.rounds)
    figure = compared(samples["ours"], samples[P], row.words, P)
    return [replace(figure, profiles=row.profiles, budget=row.budget)]


def _beside_aws(bench: Bench, aws: str) -> list[Figure]:
    argv, environ = [bench.xswitch, "list"], bench.environ(_SOME)
    theirs = [aws, "configure", "list-profiles"]
    prove(theirs, environ, "role-499")
    works = [command("ours", argv, environ), command("theirs", theirs, environ)]
    samples = in_turn(works, bench.rounds)
    figure = compared(samples["ours"], samples["theirs"], "list", "AWS CLI v2")
    return [replace(figure, profiles=_SOME, budget=_LIST_BESIDE_AWS)]
