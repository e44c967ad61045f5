"""`xswitch each`: which profiles, what is printed, and what is told to whoever waits for it."""

from __future__ import annotations

import json
import os
import stat
import subprocess

import pytest
from awshome import profiles_of, role
from fanning import each, objects, write_static
from hypothesis import given
from hypothesis import strategies as st
from running import CANARY, PYTHON, XSWITCH

from xswitch.errors import UsageError
from xswitch.launch.each.folder import file_names
from xswitch.launch.each.lines import LONGEST, Lines
from xswitch.launch.each.selection import select

NAMES = ["prod", "dev-b", "dev-a", "Dev-C", "dev-[a]", "!odd"]


@pytest.fixture
def profiles(aws_folder):
    keys = "".join(f"[{name}]\naws_access_key_id = A\naws_secret_access_key = s\n" for name in NAMES)
    return profiles_of(aws_folder, "", keys)


# --- which profiles ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        (["*"], NAMES),
        (["dev-*"], ["dev-b", "dev-a", "Dev-C", "dev-[a]"]),
        (["DEV-?"], ["dev-b", "dev-a", "Dev-C"]),
        (["dev-a", "prod", "dev-a", "*-b"], ["prod", "dev-b", "dev-a"]),
        (["dev-[a]"], ["dev-[a]"]),
        (["dev-[ab]"], ["dev-b", "dev-a"]),
        (["!odd"], ["!odd"]),
        (["!dev-*"], ["prod", "!odd"]),
        (["*", "!prod", "!!odd"], ["dev-b", "dev-a", "Dev-C", "dev-[a]"]),
        (["dev-*", "!dev-[a]"], ["dev-b", "dev-a", "Dev-C"]),
    ],
)
def test_profiles_are_chosen_by_name_and_glob_in_the_order_of_the_files(profiles, patterns, chosen):
    assert select(patterns, profiles) == chosen


def test_a_pattern_that_matches_nothing_is_named_with_what_is_near(profiles):
    with pytest.raises(UsageError, match="no profile matches prodd") as raised:
        select(["dev-*", "prodd"], profiles)
    assert raised.value.hint == "did you mean prod, !odd?"


@pytest.mark.parametrize(
    ("patterns", "near"),
    [
        (["*", "!dev-aa"], "did you mean dev-a"),
        (["dev-*", "!Dev-A"], "did you mean dev-a"),
        (["prod", "!nothing-*"], "see them all"),
        (["!"], "see them all"),
    ],
)
def test_an_exclusion_that_leaves_nothing_out_is_named_too(profiles, patterns, near):
    with pytest.raises(UsageError, match="leaves nothing out: no profile matches") as raised:
        select(patterns, profiles)
    assert raised.value.hint.startswith(near)


@pytest.mark.parametrize(("name", "near"), [("PROD", "did you mean prod?"), ("dev-c", "Dev-C")])
def test_a_name_is_meant_as_it_stands(profiles, name, near):
    with pytest.raises(UsageError, match=f"no profile matches {name}") as raised:
        select([name], profiles)
    assert near in raised.value.hint


@pytest.mark.parametrize("patterns", [["prod", "!p*"], ["!*"], [""]])
def test_no_profile_at_all_is_an_error(profiles, patterns):
    with pytest.raises(UsageError, match="no profile"):
        select(patterns, profiles)


@given(st.lists(st.text(max_size=8), max_size=5), st.lists(st.text(min_size=1, max_size=3)))
def test_any_name_chooses_itself_and_nothing_chosen_was_excluded(patterns, names):
    class Named:
        def __init__(self, name):
            self.name = name

    known = [Named(name) for name in dict.fromkeys(names)]
    for name in names:
        assert select([name], known) == [name]
    try:
        chosen = select(patterns, known)
    except UsageError:
        return
    assert chosen == [each.name for each in known if each.name in chosen]
    assert not any(f"!{name}" in patterns for name in chosen if f"!{name}" not in names)


# --- the environment -----------------------------------------------------------------------------


def test_each_command_is_under_its_own_profile_and_nothing_of_the_outer_one(home, monkeypatch):
    write_static(home, ["one", "two"], "[profile one]\nregion = eu-west-1\n")
    outer = {"AWS_ACCESS_KEY_ID": "outer", "AWS_SECRET_ACCESS_KEY": CANARY, "AWS_SESSION_TOKEN": CANARY}
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    found = objects("*", "--", PYTHON, "-c", code, env={**os.environ, **outer, "AWS_PROFILE": "other"})
    for name, entry in found.items():
        seen = json.loads(entry["stdout"])
        assert seen["AWS_PROFILE"] == seen["AWS_DEFAULT_PROFILE"] == name
        assert not outer.keys() & seen.keys()


def test_keys_and_region_are_given_as_run_gives_them(home):
    write_static(home, ["one", "two"])
    script = "echo $AWS_ACCESS_KEY_ID $AWS_REGION $AWS_DEFAULT_REGION ${AWS_PROFILE-none}"
    found = objects("*", "--env", "--region", "us-east-2", "--", "sh", "-c", script)
    assert {name: entry["stdout"] for name, entry in found.items()} == {
        name: f"AKIA{name} us-east-2 us-east-2 none\n" for name in ("one", "two")
    }


def test_a_command_has_no_terminal_and_no_input(home):
    write_static(home, ["one"])
    code = "import os, sys; print(sys.stdin.read() == '', os.getsid(0) == os.getpid())"
    assert objects("one", "--", PYTHON, "-c", code)["one"]["stdout"] == "True True\n"


# --- what is printed -----------------------------------------------------------------------------


def test_lines_have_the_name_of_their_profile_and_stay_in_their_stream(home):
    write_static(home, ["one", "two"])
    script = "echo a $AWS_PROFILE; echo b >&2; printf c"
    done = each("*", "--", "sh", "-c", script)
    assert done.returncode == 0
    assert sorted(done.stdout.splitlines()) == ["one: a one", "one: c", "two: a two", "two: c"]
    assert sorted(done.stderr.splitlines()) == ["one: b", "two: b", "xswitch: 2 of 2 succeeded"]


def test_lines_of_many_never_mix(home):
    write_static(home, [f"p{number}" for number in range(10)])
    code = "import os\nfor n in range(400): os.write(1, b'x' * 50); os.write(1, b'y' * 50 + b'\\n')"
    done = each("*", "-j10", "--", PYTHON, "-c", code)
    assert len(done.stdout.splitlines()) == 4000
    assert {line.partition(": ")[2] for line in done.stdout.splitlines()} == {"x" * 50 + "y" * 50}


def test_bytes_go_through_as_they_are(home):
    write_static(home, ["one"])
    data = bytes(range(256)).replace(b"\n", b"")
    command = [XSWITCH, "each", "one", "--", PYTHON, "-c", f"import os; os.write(1, {data!r})"]
    done = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    assert done.stdout == b"one: " + data + b"\n"
    assert objects("one", "--", *command[4:])["one"]["stdout"] == data.decode("utf-8", "replace")


def test_a_line_of_megabytes_comes_in_pieces_and_nothing_of_it_is_lost(home):
    write_static(home, ["one"])
    size = 3 * LONGEST
    done = each("one", "--", PYTHON, "-c", f"print('x' * {size})")
    pieces = [line.removeprefix("one: ") for line in done.stdout.splitlines()]
    assert "".join(pieces) == "x" * size
    assert max(map(len, pieces)) <= LONGEST
    assert len(objects("one", "--", PYTHON, "-c", f"print('x' * {size})")["one"]["stdout"]) == size + 1


@given(st.binary(), st.lists(st.integers(0, 40)))
def test_lines_are_the_same_however_they_come(data, cuts):
    lines, found = Lines(), []
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), None], strict=True):
        found += lines.feed(data[start:end])
    found += lines.rest()
    *whole, last = data.split(b"\n")
    assert found == [line + b"\n" for line in whole] + ([last] if last else [])


def test_groups_come_together_under_a_heading(home):
    write_static(home, ["one", "two"])
    script = "echo a; sleep 0.1; echo b; [ $AWS_PROFILE = one ] || exit 4"
    done = each("*", "--group", "--", "sh", "-c", script)
    assert done.returncode == 1
    lines = [line.partition(",")[0] for line in done.stdout.splitlines()]
    groups = {tuple(lines[:3]), tuple(lines[3:])}
    assert groups == {("=== one (done", "a", "b"), ("=== two (exit status 4", "a", "b")}


def test_a_group_in_one_file_keeps_the_order_of_both_streams(home, tmp_path):
    write_static(home, ["one"])
    with open(tmp_path / "out", "w+") as file:
        script = "echo 1; sleep 0.1; echo 2 >&2; sleep 0.1; printf 3"
        command = [XSWITCH, "each", "one", "--group", "--", "sh", "-c", script]
        subprocess.run(command, stdout=file, stderr=file, check=True, stdin=subprocess.DEVNULL)
        file.seek(0)
        assert file.read().splitlines()[1:] == ["1", "2", "3", "xswitch: 1 of 1 succeeded"]


def test_json_tells_everything_of_each_profile(home):
    write_static(home, ["one", "two", "three"], role("lost", "gone"))
    script = "echo $AWS_PROFILE; echo é >&2; case $AWS_PROFILE in two) exit 3;; three) kill -TERM $$;; esac"
    found = objects("*", "--", "sh", "-c", script)
    assert {tuple(entry) for entry in found.values()} == {
        ("profile", "state", "exit_status", "signal", "error", "attempts", "seconds", "stdout", "stderr")
    }
    shown = {
        name: tuple(entry[key] for key in ("state", "exit_status", "signal", "attempts", "stdout", "stderr"))
        for name, entry in found.items()
    }
    assert shown == {
        "one": ("done", 0, None, 1, "one\n", "é\n"),
        "two": ("failed", 3, None, 1, "two\n", "é\n"),
        "three": ("failed", None, 15, 1, "three\n", "é\n"),
        "lost": ("failed", None, None, 0, "", ""),
    }
    assert found["lost"]["seconds"] is None
    assert "the source profile “gone” does not exist" in found["lost"]["error"]
    assert found["one"]["error"] is None
    assert found["one"]["seconds"] >= 0


# --- how it went ---------------------------------------------------------------------------------


def test_the_end_says_who_failed_and_why_and_the_others_went_on(home):
    write_static(home, ["one", "two"], role("lost", "gone"))
    done = each("*", "--", "sh", "-c", "[ $AWS_PROFILE = one ] || exit 3")
    assert done.returncode == 1
    assert "xswitch: 1 of 3 succeeded; failed: lost (the source profile “gone”" in done.stderr
    assert "two (exit status 3)" in done.stderr


def test_many_failures_have_a_line_each(home):
    write_static(home, ["a", "b", "c", "d", "e"])
    done = each("*", "--", "sh", "-c", "[ $AWS_PROFILE = e ] || exit 3")
    assert "1 of 5 succeeded; failed: a, b, c, d\n" in done.stderr
    assert done.stderr.count("(exit status 3)") == 4


@pytest.mark.parametrize(("mode", "status"), [(0o644, 126), (None, 127)])
def test_a_command_that_cannot_be_run_is_a_failure_of_every_profile(home, tmp_path, mode, status):
    write_static(home, ["one", "two"])
    path = tmp_path / "command"
    if mode is not None:
        path.write_text("#!/bin/sh\n")
        path.chmod(mode)
    found = objects("*", "--", str(path))
    assert {entry["exit_status"] for entry in found.values()} == {status}
    words = "command not found" if status == 127 else "not an executable file"
    assert all(words in entry["error"] for entry in found.values())


def test_a_script_without_a_first_line_is_run_by_sh(home, tmp_path):
    write_static(home, ["one"])
    path = tmp_path / "script"
    path.write_text("echo $1 $AWS_PROFILE\n")
    path.chmod(0o755)
    assert objects("one", "--", str(path), "hello")["one"]["stdout"] == "hello one\n"


def test_without_a_command_it_says_under_which_profiles(home):
    write_static(home, ["one", "two"])
    done = each("*")
    assert (done.returncode, "needs a command to run under one, two" in done.stderr) == (2, True)
    done = each("o*", "aws", "s3", "ls")
    assert (done.returncode, "no profile matches aws" in done.stderr) == (2, True)


@pytest.mark.parametrize("command", [[], ["--", "touch", "ran"]])
def test_a_dry_run_tells_the_names_and_runs_nothing(home, tmp_path, command):
    write_static(home, ["two", "one", "three"], role("lost", "gone"))
    done = each("*", "!three", "--dry-run", *command, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "lost\ntwo\none\n", "")
    assert list(tmp_path.glob("ran")) == []


def test_what_follows_the_dashes_is_the_command_and_nothing_else(home):
    write_static(home, ["one", "two"])
    found = objects("one", "-j2", "two", "--", "printf", "%s ", "-j9", "--json", "--", "!x", "*")
    assert {entry["stdout"] for entry in found.values()} == {"-j9 --json -- !x * "}


@pytest.mark.parametrize(
    "words",
    [["-j0"], ["-j", "x"], ["--retries", "-1"], ["--json", "--group"], ["--json", "--dry-run"]],
)
def test_wrong_options_are_refused(home, words):
    write_static(home, ["one"])
    assert each("one", *words, "--", "true").returncode == 2


def test_a_reader_that_goes_away_ends_the_commands(home, tmp_path):
    write_static(home, ["one", "two"])
    script = f"{XSWITCH} each '*' -- yes 2>{tmp_path}/err | head -1"
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True, timeout=60)
    assert done.stdout[-4:] == b": y\n"
    assert "0 of 2 succeeded; ended before they were done" in (tmp_path / "err").read_text()


# --- files ---------------------------------------------------------------------------------------


def test_output_is_written_to_private_files_too(home, tmp_path):
    write_static(home, ["one", "a/b"])
    folder = tmp_path / "new/out"
    old = os.umask(0)
    try:
        done = each("*", "--output-dir", str(folder), "--", "sh", "-c", "echo $AWS_PROFILE; echo e >&2")
    finally:
        os.umask(old)
    assert done.returncode == 0
    written = {path.name: path.read_text() for path in folder.iterdir()}
    assert written == {
        "one.stdout": "one\n",
        "one.stderr": "e\n",
        "a%2fb.stdout": "a/b\n",
        "a%2fb.stderr": "e\n",
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "one: one" in done.stdout


def test_files_of_names_that_differ_in_case_only_are_not_the_same_anywhere(home, tmp_path):
    write_static(home, ["Prod", "prod"])
    each("*", "--output-dir", str(tmp_path / "out"), "--", "sh", "-c", "echo $AWS_PROFILE")
    written = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert len({name.casefold() for name in written}) == 4
    assert sorted(filter(None, written.values())) == ["Prod\n", "prod\n"]


def test_files_are_not_written_through_links(home, tmp_path):
    write_static(home, ["one", "two"])
    target = tmp_path / "precious"
    target.write_text("kept")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/one.stdout").symlink_to(target)
    os.mkfifo(tmp_path / "out/two.stderr")
    found = objects("*", "--output-dir", str(tmp_path / "out"), "--", "echo", "x")
    assert target.read_text() == "kept"
    assert "it is a link" in found["one"]["error"]
    assert found["two"]["state"] == "failed"


@given(st.lists(st.text(min_size=1), unique=True))
def test_files_have_names_that_every_file_system_takes_and_no_two_the_same(names):
    found = file_names(names)
    assert len({name.casefold() for name in found.values()}) == len(names)
    for name in found.values():
        assert name not in {".", ".."}
        assert not name.startswith(".")
        assert not set(name) & set('/\\:*?"<>|\0\n')
        assert len(name.encode()) <= 240
