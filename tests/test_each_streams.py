"""`xswitch each` where output has nowhere to go: full disks, slow readers or none, few descriptors."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time

import pytest
from fanning import PATIENCE, each, objects, write_static
from running import PYTHON, XSWITCH

# It prints more than a limit of files lets be kept, once two of it run (`$0` is a folder for both), and says
# when it was asked to end; else it would not.
MUCH = """\
trap 'echo; echo told; exit 9' TERM
: > "$0/begun.$$"
until [ "$(ls "$0" | grep -c begun)" = 2 ]; do sleep 0.02; done
seq 1 50000; sleep 30 & wait"""
LIMIT = "ulimit -f 100; exec"


@pytest.fixture(autouse=True)
def profiles(home):
    write_static(home, ["one", "two", "three"])


def limited(*words):
    """Run `xswitch each` where no file may be larger than some kilobytes."""
    command = ["bash", "-c", f'{LIMIT} "$@"', "bash", XSWITCH, "each", *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
    )


# --- what cannot be written ----------------------------------------------------------------------


def test_where_the_folder_is_full_commands_are_asked_to_end_and_it_says_how_far_they_were(tmp_path):
    command = ["sh", "-c", MUCH, str(tmp_path)]
    done = limited("*", "-j2", "--output-dir", str(tmp_path / "out"), "--", *command)
    assert done.returncode == 1
    assert sorted(line for line in done.stdout.splitlines() if "told" in line) == ["one: told", "two: told"]
    *_, how, why = done.stderr.splitlines()
    assert how == "xswitch: 0 of 3 succeeded; ended before they were done: one, two; never ran: three"
    assert "std" in why
    assert "File too large (make room there)" in why


def test_where_output_cannot_be_kept_json_has_what_there_is(tmp_path):
    done = limited("*", "-j2", "--json", "--", "sh", "-c", MUCH, str(tmp_path))
    assert done.returncode == 1
    assert "the output of a command cannot be kept: File too large" in done.stderr
    found = {entry["profile"]: entry for entry in map(json.loads, done.stdout.splitlines())}
    assert {name: entry["state"] for name, entry in found.items()} == {
        "one": "stopped",
        "two": "stopped",
        "three": "skipped",
    }
    whole = "".join(f"{number}\n" for number in range(1, 50001))
    assert whole.startswith(found["one"]["stdout"].partition("\ntold")[0])


def test_where_stdout_is_full_commands_are_asked_to_end():
    script = f"{XSWITCH} each '*' -j2 -- sh -c \"$1\" > /dev/full"
    done = subprocess.run(
        ["sh", "-c", script, "sh", "seq 1 50000; sleep 30"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 1
    assert "ended before they were done: one, two; never ran: three" in done.stderr
    assert done.stderr.endswith("xswitch: the output cannot be written: No space left on device\n")


# --- readers -------------------------------------------------------------------------------------


def test_ctrl_c_that_ends_the_reader_too_leaves_commands_their_time(home):
    """The key reaches the whole of `each … | cat`; what commands say at their end has no reader then."""
    at_end = "echo cleaning; sleep 0.5; touch $HOME/clean; exit 1"
    script = f"trap '{at_end}' INT; echo ready; while :; do sleep 0.1; done"
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [XSWITCH, "each", "one", "--", "bash", "-c", script], stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)
    assert os.read(reading, 100) == b"one: ready\n"
    os.close(reading)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, (home / "clean").exists()) == (130, True)
    assert b"ended before they were done: one" in said


def test_a_pipe_that_does_not_wait_gets_everything():
    reading, writing = os.pipe()
    flags = fcntl.fcntl(writing, fcntl.F_GETFL)
    fcntl.fcntl(writing, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    process = subprocess.Popen(
        [XSWITCH, "each", "*", "--", "seq", "30000"], stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)
    time.sleep(0.5)
    with open(reading, "rb") as pipe:
        lines = pipe.read().splitlines()
    _, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, len(lines)) == (0, 90_000), said


@pytest.mark.parametrize("options", [[], ["--json"], ["--group"]])
def test_a_slow_reader_of_many_gets_everything(home, options):
    write_static(home, [f"p{number}" for number in range(100)])
    process = subprocess.Popen(
        [XSWITCH, "each", "*", "-j64", *options, "--", "seq", "5000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(1)
    data, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    if options == ["--json"]:
        entries = [json.loads(line) for line in data.splitlines()]
        assert {entry["stdout"].count("\n") for entry in entries} == {5000}
    else:
        heads = 100 if options else 0
        assert data.count(b"\n") == 500_000 + heads


# --- commands ------------------------------------------------------------------------------------


def test_a_command_that_closes_its_streams_is_waited_for():
    found = objects("one", "--", "sh", "-c", "echo a; exec >&- 2>&-; sleep 0.5; exit 4")
    assert (found["one"]["exit_status"], found["one"]["stdout"]) == (4, "a\n")
    assert found["one"]["seconds"] >= 0.5


@pytest.mark.parametrize("most", [16, 40, 64])
def test_where_few_files_may_be_open_fewer_run_at_a_time(home, tmp_path, most):
    write_static(home, [f"p{number}" for number in range(20)])
    script = f'ulimit -n {most}; {XSWITCH} each "*" -j64 --output-dir {tmp_path}/out --json -- seq 3000'
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 20), done.stderr


# --- what was there before -----------------------------------------------------------------------


def test_files_of_an_earlier_run_are_not_taken_for_those_of_this_one(home, tmp_path):
    folder = tmp_path / "out"
    options = ["--output-dir", str(folder), "--", "sh", "-c"]
    each("*", *options, "echo first; echo first >&2")
    (folder / "notes").write_text("mine")
    each("one", "two", "-j1", "--fail-fast", *options, "echo second; exit 1")
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "one.stdout": "second\n",
        "one.stderr": "",
        "three.stdout": "first\n",
        "three.stderr": "first\n",
        "notes": "mine",
    }


def test_a_folder_that_is_a_file_is_told_before_anything_runs(tmp_path):
    (tmp_path / "file").touch()
    done = each("*", "--output-dir", str(tmp_path / "file"), "--", "touch", str(tmp_path / "ran"))
    assert (done.returncode, (tmp_path / "ran").exists()) == (1, False)
    assert "file: it is not a folder (name another folder with --output-dir)" in done.stderr


def test_what_is_refused_leaves_the_files_of_an_earlier_run(home, tmp_path):
    folder = tmp_path / "out"
    each("one", "--output-dir", str(folder), "--", "echo", "first")
    (home / ".config/xswitch").mkdir(parents=True)
    (home / ".config/xswitch/config.toml").write_text('[[guard]]\nprofile = "one"\n')
    assert each("one", "--output-dir", str(folder), "--", PYTHON, "-c", "1").returncode == 3
    assert (folder / "one.stdout").read_text() == "first\n"
