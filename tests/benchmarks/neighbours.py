"""Other programs at the same work, in the same homes, all offline."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.bench import P
from benchmarks.environments import Environment
from benchmarks.figures import Figure, compared
from benchmarks.homes import SESSION_KEY
from benchmarks.processes import MeasuringError, prove
from benchmarks.rounds import command, in_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from benchmarks.bench import Bench

ROUNDS = 7
SIZES = (5, 500, 5_000)
LIST = "list"
CREDENTIALS = "cached credentials"

_BOTO_LIST = "import boto3; print(*boto3.Session().available_profiles)"
# Of itself, boto3 keeps sessions in memory only.
_BOTO_CREDENTIALS = """\
import boto3, botocore.credentials, botocore.session, os
session = botocore.session.Session(profile="role-1")
cache = botocore.credentials.JSONFileCache(os.path.expanduser("~/.aws/cli/cache"))
session.get_component("credential_provider").get_provider("assume-role").cache = cache
print(boto3.Session(botocore_session=session).get_credentials().access_key)
"""


def aws_2(environ: Mapping[str, str]) -> str | None:
    """Return the first `aws` on the PATH that is the AWS CLI v2."""
    for folder in os.get_exec_path():
        path = shutil.which("aws", path=folder)
        if path and _version(path, environ).startswith("aws-cli/2"):
            return path
    return None


def installed(bench: Bench, package: str, program: str) -> str | None:
    """Return a program of a package that is installed for it; say so where it cannot be."""
    try:
        environment = Environment(bench.folder / package)
        environment.install(package)
    except MeasuringError:
        print(f"skipped: {package}, which cannot be installed")
        return None
    return str(environment.program(program))


def scenarios(bench: Bench) -> Iterator[Callable[[], list[Figure]]]:
    """Return what is to be measured."""
    works = _works(bench)
    for work, programs in works.items():
        for profiles in SIZES:
            yield partial(_in_turn, bench, work, programs, profiles)


def _works(bench: Bench) -> dict[str, dict[str, list[str]]]:
    """Return the command lines of each work, by the name of the program."""
    lists = {"xswitch": [bench.xswitch, "list"]}
    credentials = {"xswitch": [bench.xswitch, "env", "role-1"]}
    if aws := aws_2(bench.environ(SIZES[0])):
        lists["AWS CLI v2"] = [aws, "configure", "list-profiles"]
        credentials["AWS CLI v2"] = [aws, "configure", "export-credentials", "--profile", "role-1"]
    else:
        print("skipped: AWS CLI v2, which is not on the PATH")
    if aws := installed(bench, "awscli", "aws"):
        credentials["AWS CLI v1"] = [aws, "configure", "list", "--profile", "role-1"]
    if awsume := installed(bench, "awsume", "awsumepy"):
        lists["awsume"] = [awsume, "-l"]
    lists["boto3"] = [bench.python, "-c", _BOTO_LIST]
    credentials["boto3, AWS CLI's cache"] = [bench.python, "-c", _BOTO_CREDENTIALS]
    return {LIST: lists, CREDENTIALS: credentials}


def _in_turn(bench: Bench, work: str, programs: dict[str, list[str]], profiles: int) -> list[Figure]:
    environ = {**bench.environ(profiles), "AWSUME_SKIP_ALIAS_SETUP": "true"}
    # The AWS CLI v1 shows no more than the end of a key.
    proof = SESSION_KEY[-4:] if work == CREDENTIALS else f"role-{profiles - 1}"
    able = {name: argv for name, argv in programs.items() if _is_able(name, argv, environ, proof)}
    works = [command(name, argv, environ) for name, argv in able.items()]
    samples = in_turn([*works, bench.bare_python()], min(ROUNDS, bench.rounds))
    return [
        replace(compared(samples[name], samples[P], f"{work}: {name}", P), profiles=profiles) for name in able
    ]


def _is_able(name: str, argv: list[str], environ: Mapping[str, str], proof: str) -> bool:
    try:
        prove(argv, environ, proof)
    except MeasuringError as failure:
        if name == "xswitch":
            raise
        print(f"skipped: {name}, for {failure}")
        return False
    return True


def _version(path: str, environ: Mapping[str, str]) -> str:
    done = subprocess.run([path, "--version"], env=environ, capture_output=True, text=True, check=False)
    return done.stdout
