"""Running commands under many profiles: ending them, trying again, and what is left behind (nothing)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from contextlib import suppress

import pytest
from fanning import PATIENCE, Heard, each, fanout, line_of, objects, start, state_of, until, write_static
from running import PYTHON, XSWITCH

from xswitch.errors import XswitchError
from xswitch.launch.each.job import JobState

STUBBORN = "trap 'echo told' INT; trap '' TERM HUP; echo ready; while :; do sleep 0.1; done"


def ids_in(text):
    return [int(word) for word in text.split() if word.isdecimal()]


def is_alive(pid):
    return state_of(pid) not in {"", "Z"}


def children():
    """Return the processes that this one has started and not reaped."""
    found = set()
    for task in os.listdir("/proc/self/task"):
        with (
            suppress(OSError),
            open(f"/proc/self/task/{task}/children") as file,
        ):  # a thread may end meanwhile
            found.update(file.read().split())
    return found


# --- ending --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "told", "status"),
    [(signal.SIGINT, "INT", 130), (signal.SIGTERM, "TERM", 143), (signal.SIGHUP, "TERM", 129)],
)
def test_what_ends_us_ends_the_commands_politely(home, number, told, status):
    write_static(home, ["one", "two", "three"])
    traps = "trap 'echo got INT; exit 1' INT; trap 'echo got TERM; exit 1' TERM"
    script = f"{traps}; echo ready; while :; do sleep 0.05; done"
    process = start("*", "-j2", "--", "sh", "-c", script)
    ready = [line_of(process) for _ in range(2)]
    assert sorted(ready) == ["one: ready\n", "two: ready\n"]
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == status
    assert sorted(out.splitlines()) == [f"one: got {told}", f"two: got {told}"]
    assert "0 of 3 succeeded; ended before they were done: one, two; never ran: three" in err


@pytest.mark.parametrize("signals", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_what_does_not_end_is_killed_with_all_that_it_has_started(home, signals):
    write_static(home, ["one", "two"])
    code = f"import subprocess; subprocess.run(['sh', '-c', {'echo $$; ' + STUBBORN!r}])"
    script = f'echo $$; {PYTHON} -c "$0" & {STUBBORN}'
    process = start("*", "--", "sh", "-c", script, code)
    lines = [line_of(process) for _ in range(8)]
    process.send_signal(signal.SIGINT)
    assert sorted(line_of(process) for _ in range(2)) == ["one: told\n", "two: told\n"]
    if signals == 2:
        process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "ended before they were done: one, two" in err
    ids = ids_in(" ".join(lines))
    assert len(ids) == 4
    until(lambda: not any(map(is_alive, ids)))


def test_after_ctrl_c_it_says_which_have_finished(home):
    write_static(home, ["one", "two", "three"])
    process = start("*", "-j1", "--", "sh", "-c", "[ $AWS_PROFILE = one ] || { echo ready; exec sleep 60; }")
    assert line_of(process) == "two: ready\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    said = "1 of 3 succeeded (one); ended before they were done: two; never ran: three"
    assert (process.returncode, said in err) == (130, True)


def test_a_command_that_finishes_in_spite_of_it_has_finished(home, tmp_path):
    write_static(home, ["one"])
    script = f"trap 'echo cleaned; exit 0' INT; touch {tmp_path}/ready; while :; do sleep 0.1; done"
    process = start("one", "--json", "--", "sh", "-c", script)
    until((tmp_path / "ready").exists)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert (json.loads(out)["state"], json.loads(out)["stdout"]) == ("done", "cleaned\n")
    assert "1 of 1 succeeded" in err


def test_a_command_that_has_stopped_itself_is_ended_at_once(home, tmp_path):
    """It would not notice a signal before it is continued."""
    write_static(home, ["one"])
    script = f"echo $$ > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/pid; kill -STOP $$; exec sleep 60"
    process = start("one", "--json", "--", "sh", "-c", script)
    until((tmp_path / "pid").exists)
    until(lambda: state_of((tmp_path / "pid").read_text().strip()) == "T")
    process.send_signal(signal.SIGINT)
    entry = json.loads(process.communicate(timeout=PATIENCE)[0])
    assert (entry["state"], entry["signal"]) == ("stopped", signal.SIGINT)  # not SIGKILL, seconds later


def test_what_a_command_has_started_may_finish_too(home):
    """A script may be ended at once; what it had started may have something to put in order first."""
    write_static(home, ["one"])
    inner = "trap 'sleep 0.7; echo in order; exit' INT; echo ready; while :; do sleep 0.1; done"
    code = f"import subprocess, time; subprocess.Popen(['sh', '-c', {inner!r}]); time.sleep(60)"
    process = start("one", "--", PYTHON, "-c", code)
    assert line_of(process) == "one: ready\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE)
    assert "one: in order" in out


def test_signals_that_the_caller_ignores_are_ignored(home):
    write_static(home, ["one"])
    script = f"trap '' HUP; exec {XSWITCH} each one -- sh -c 'echo ready; sleep 1; echo end'"
    process = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True)
    assert line_of(process) == "one: ready\n"
    process.send_signal(signal.SIGHUP)
    assert process.communicate(timeout=PATIENCE)[0] == "one: end\n"
    assert process.returncode == 0


def test_where_the_caller_ignores_the_ends_of_children_failures_are_failures(home):
    write_static(home, ["one"])
    words = ["xswitch", "each", "one", "--", "false"]
    ignoring = "import os, signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
    code = f"{ignoring}; os.execv({XSWITCH!r}, {words!r})"
    done = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, "one (exit status 1)" in done.stderr) == (1, True)


def test_the_engine_is_stopped_from_another_thread(home):
    write_static(home, ["one", "two", "three"])
    heard, before = Heard(), children()
    work = fanout(["one", "two", "three"], ["sh", "-c", "echo ready; exec sleep 60"], limit=2, listener=heard)
    results = []
    thread = threading.Thread(target=lambda: results.append(work.run()))
    thread.start()
    until(lambda: len(heard.data) == 2)
    work.stop()
    thread.join(PATIENCE)
    assert results == [False]
    assert [job.state for job in work.jobs] == [JobState.STOPPED, JobState.STOPPED, JobState.SKIPPED]
    assert [job.exit_status for job in work.jobs] == [-signal.SIGINT, -signal.SIGINT, None]
    assert children() <= before


def test_a_listener_that_fails_leaves_nothing_running(home):
    write_static(home, ["one", "two"])

    class Failing(Heard):
        def output(self, job, stream, data):
            raise XswitchError("no room")

    before = children()
    work = fanout(["one", "two"], ["sh", "-c", "echo; exec sleep 60"], listener=Failing())
    with pytest.raises(XswitchError, match="no room"):
        work.run()
    assert children() <= before
    assert {job.state for job in work.jobs} == {JobState.STOPPED}


# --- what is left running ------------------------------------------------------------------------


def test_what_a_command_leaves_in_the_background_is_not_waited_for(home):
    write_static(home, ["one"])
    found = objects("one", "--", "sh", "-c", "sleep 30 & echo $!; sh -c 'sleep 0.05; echo late' &")
    pid = int(found["one"]["stdout"].split()[0])
    assert is_alive(pid)
    os.kill(pid, signal.SIGKILL)
    assert found["one"]["state"] == "done"
    # As of `> >(tee log)`: a little later than the script.
    assert found["one"]["stdout"].split()[1:] == ["late"]
    assert found["one"]["seconds"] < 20


def test_a_background_that_never_stops_printing_does_not_keep_it(home):
    write_static(home, ["one"])

    class OfErrors(Heard):
        def output(self, job, stream, data):
            if stream == "stderr":
                super().output(job, stream, data)

    heard = OfErrors()
    work = fanout(["one"], ["sh", "-c", "(yes & echo $! >&2) ; exit 5"], keep=False, listener=heard)
    assert not work.run()
    assert work.jobs[0].exit_status == 5
    pid = int(heard.data["one", "stderr"])
    until(lambda: not is_alive(pid))  # nobody reads it any more


# --- again ---------------------------------------------------------------------------------------


def test_a_command_that_fails_is_tried_again_as_often_as_told(home, tmp_path):
    write_static(home, ["one", "two"])
    path = f"{tmp_path}/$AWS_PROFILE"
    count = f"echo x >> {path}; n=$(wc -l < {path}); echo try $n"
    script = f"{count}; [ $AWS_PROFILE = one ] && [ $n -ge 2 ]"
    done = each("*", "--retries", "1", "--", "sh", "-c", script)
    assert done.returncode == 1
    assert (tmp_path / "one").read_text() == (tmp_path / "two").read_text() == "x\nx\n"
    assert sorted(done.stdout.splitlines()) == ["one: try 1", "one: try 2", "two: try 1", "two: try 2"]
    assert "xswitch: one: exit status 1, trying again" in done.stderr
    assert "1 of 2 succeeded; failed: two (exit status 1, after 2 attempts)" in done.stderr


def test_of_several_attempts_the_last_one_is_told(home, tmp_path):
    write_static(home, ["one"])
    script = f"echo try; [ -e {tmp_path}/done ] || {{ echo first; touch {tmp_path}/done; exit 2; }}"
    words = ["one", "--retries", "3", "--output-dir", str(tmp_path / "out"), "--", "sh", "-c", script]
    entry = objects(*words)["one"]
    assert (entry["attempts"], entry["exit_status"], entry["stdout"]) == (2, 0, "try\n")
    assert (tmp_path / "out/one.stdout").read_text() == "try\n"


def test_nothing_is_left_of_an_earlier_attempt_that_printed_much(home, tmp_path):
    write_static(home, ["one"])
    much = f"touch {tmp_path}/done; head -c 100000 /dev/zero | tr '\\0' x; exit 2"
    script = f"[ -e {tmp_path}/done ] || {{ {much}; }}; echo last"
    entry = objects("one", "--retries", "1", "--", "sh", "-c", script)["one"]
    assert (entry["attempts"], entry["exit_status"], entry["stdout"]) == (2, 0, "last\n")


def test_what_was_not_found_is_not_tried_again(home):
    write_static(home, ["one"])
    assert objects("one", "--retries", "5", "--", "nonesuch")["one"]["attempts"] == 1


def test_waiting_for_another_attempt_is_ended_by_a_signal(home):
    write_static(home, ["one"])
    process = start("one", "--retries", "9", "--", "false")
    assert "trying again" in line_of(process, "stderr")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "ended before they were done: one" in err


def test_the_first_failure_ends_the_others_where_told_to(home):
    write_static(home, ["one", "two", "three", "four"])
    there = f"[ -e {home}/two ] && [ -e {home}/three ]"
    first = f"until {there}; do sleep 0.05; done; exit 3"
    script = f"[ $AWS_PROFILE != one ] || {{ {first}; }}; touch {home}/$AWS_PROFILE; exec sleep 60"
    found = objects("*", "-j3", "--fail-fast", "--", "sh", "-c", script)
    states = {name: (entry["state"], entry["signal"]) for name, entry in found.items()}
    assert states == {
        "one": ("failed", None),
        "two": ("stopped", signal.SIGTERM),
        "three": ("stopped", signal.SIGTERM),
        "four": ("skipped", None),
    }
    assert each("*", "--fail-fast", "--", "sh", "-c", script).returncode == 1


def test_a_session_that_cannot_be_had_is_a_failure_too(home):
    lost = "[profile lost]\nrole_arn = arn:aws:iam::222222222222:role/x\nsource_profile = gone\n"
    write_static(home, ["one"], lost)
    found = objects("*", "--fail-fast", "--", "true")
    assert {name: entry["state"] for name, entry in found.items()} == {"lost": "failed", "one": "skipped"}


# --- what it takes -------------------------------------------------------------------------------

MANY = """
import json, os, resource, sys
sys.path.insert(0, {tests!r})
from fanning import fanout
from test_each_running import children
def used():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
def run(count):
    work = fanout([f"p{{n}}" for n in range(count)], {command!r}, limit=8, keep={keep})
    assert work.run(), [job.outcome for job in work.jobs]
    kept = sum(len(data) for job in work.jobs for _, data in job.chunks())
    work.close()
    return kept
run(16)
before, descriptors = used(), len(os.listdir("/proc/self/fd"))
kept = run({count})
print(json.dumps([used() - before, len(os.listdir("/proc/self/fd")) - descriptors, len(children()), kept]))
"""


def take(command, count, *, keep):
    code = MANY.format(tests=os.path.dirname(__file__), command=command, count=count, keep=keep)
    done = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_five_hundred_leave_no_process_no_descriptor_and_no_memory(home):
    write_static(home, [f"p{number}" for number in range(500)])
    grown, descriptors, left, _ = take(["true"], 500, keep=True)
    assert (descriptors, left) == (0, 0)
    assert grown < 16_000_000


@pytest.mark.slow
def test_much_output_takes_no_memory(home):
    write_static(home, [f"p{number}" for number in range(16)])
    size = 20_000_000
    code = f"import os; [os.write(1, b'x' * 100000) for _ in range({size // 100000})]"
    grown, _, _, kept = take([PYTHON, "-c", code], 8, keep=True)
    assert kept == 8 * size
    assert grown < 24_000_000


@pytest.mark.slow
@pytest.mark.parametrize("missing", [["pidfd_open"], ["pidfd_open", "waitid"]])
def test_systems_that_tell_of_ends_in_other_ways(home, missing):
    write_static(home, ["one", "two", "three"])
    words = ["each", "*", "--json", "--", "sh", "-c", "echo x; [ $AWS_PROFILE != two ] || exit 7"]
    without = f"import os, sys; [delattr(os, name) for name in {missing!r}]"
    code = f"{without}; from xswitch.cli.main import main; sys.exit(main({words!r}))"
    done = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    found = {entry["profile"]: entry for entry in map(json.loads, done.stdout.splitlines())}
    assert {name: entry["exit_status"] for name, entry in found.items()} == {"one": 0, "two": 7, "three": 0}
    assert {entry["stdout"] for entry in found.values()} == {"x\n"}


def test_five_hundred_on_the_command_line(home):
    write_static(home, [f"p{number}" for number in range(500)])
    done = each("*", "-j", "500", "--", "true")
    assert (done.returncode, done.stderr) == (0, "xswitch: 500 of 500 succeeded\n")
