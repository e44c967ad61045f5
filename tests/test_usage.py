"""How often profiles were used, and the orders that profiles can be listed in."""

from __future__ import annotations

import os
import re
import subprocess

import pytest
from awshome import role, write_profiles
from guarding import write_settings
from hypothesis import given
from hypothesis import strategies as st
from running import PYTHON, SECRET, json_of, run_xswitch

from xswitch.launch.usage import note_use, uses

CONFIG = (
    "[profile b]\nregion = eu-west-1\n"
    "[profile C]\nregion = eu-west-1\n"
    "[profile a]\nregion = eu-west-1\n" + role("z", "keys") + role("y", "keys")
)
CREDENTIALS = f"[keys]\naws_access_key_id = AKIA0000000000000000\naws_secret_access_key = {SECRET}\n"


@pytest.fixture
def profiles(aws_folder):
    write_profiles(aws_folder, CONFIG, CREDENTIALS)


@pytest.fixture
def state(home):
    return home / ".local/state/xswitch"


def names(*words, **env):
    return [each["name"] for each in json_of("list", "--json", *words, env={**os.environ, **env})]


def tree():
    """Return the lines of the tree, without all but their names."""
    lines = run_xswitch("list", "--tree").stdout.splitlines()[1:]
    return [re.match(" *[^ ]+", line)[0] for line in lines]


# --- counting -------------------------------------------------------------------------------------


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1)))
def test_every_use_is_counted(tmp_path_factory, used):
    state = str(tmp_path_factory.mktemp("state"))
    for name in used:
        note_use(state, name)
    assert uses(state) == {name: used.count(name) for name in used}


def test_odd_names_are_counted_or_left_out_and_disturb_no_others(tmp_path):
    state = str(tmp_path / "state")
    for name in ["a", "x" * 999, "x" * 1000, "b\nc", "\n", "\udce9", "é\r\t\0", "a", "-", ""]:
        note_use(state, name)
    assert uses(state) == {"a": 2, "x" * 999: 1, "\udce9": 1, "é\r\t\0": 1, "-": 1}


def test_the_file_is_the_users_alone(tmp_path):
    note_use(str(tmp_path / "a/b"), "x")
    assert (tmp_path / "a/b/uses").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "put",
    [
        os.mkdir,
        os.mkfifo,
        lambda path: os.symlink("/dev/full", path),
        lambda path: os.symlink(path, path),
        lambda path: os.symlink("/nowhere/at/all", path),
    ],
)
def test_where_it_cannot_be_written_nothing_is_counted_and_nothing_fails(tmp_path, put):
    put(str(tmp_path / "uses"))
    note_use(str(tmp_path), "x")
    assert uses(str(tmp_path)) == {}
    (tmp_path / "file").write_text("")
    note_use(str(tmp_path / "file"), "x")
    assert uses(str(tmp_path / "file")) == {}


def test_of_a_large_file_the_older_half_is_forgotten_and_counting_goes_on(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    path = state / "uses"
    path.write_text("old\n" * 150_000 + "new\n" * 110_000)
    before = path.stat().st_size
    assert before > 1_000_000
    note_use(str(state), "x")
    assert path.stat().st_size <= before // 2
    note_use(str(state), "x")
    counts = uses(str(state))
    assert (counts["new"], counts["x"]) == (110_000, 2)
    assert set(counts) == {"old", "new", "x"}
    assert os.listdir(state) == ["uses"]


def test_a_file_that_somebody_else_made_far_too_large_does_not_end_counting(tmp_path):
    (tmp_path / "uses").write_text("x" * 3_000_000)
    assert uses(str(tmp_path)) == {}
    for count in range(1, 4):
        note_use(str(tmp_path), "a")
        assert uses(str(tmp_path))["a"] == count


def test_many_writers_at_once_lose_nothing(tmp_path):
    code = (
        "import sys\nfrom xswitch.launch.usage import note_use\n"
        "for _ in range(500): note_use(sys.argv[1], sys.argv[2] * 50)"
    )
    writers = [subprocess.Popen([PYTHON, "-c", code, str(tmp_path), name]) for name in "abcdef"]
    assert [writer.wait() for writer in writers] == [0] * 6
    assert uses(str(tmp_path)) == {name * 50: 500 for name in "abcdef"}


@pytest.mark.parametrize(
    "words",
    [
        ["run", "keys", "--", "true"],
        ["run", "keys", "--env", "--", "true"],
        ["shell", "keys"],
        ["use", "keys"],
        ["env", "keys"],
    ],
    ids=" ".join,
)
def test_each_way_to_use_a_profile_counts(profiles, state, words):
    env = {**os.environ, "SHELL": "/bin/true"}
    for count in (1, 2):
        assert run_xswitch(*words, env=env).returncode == 0
        assert uses(str(state)) == {"keys": count}


def test_what_is_refused_or_fails_or_only_looks_does_not_count(home, profiles, state):
    write_settings(home, "[[guard]]\nprofile = 'keys'\n")
    for words in (
        ["run", "keys", "--", "true"],
        ["run", "gone", "--", "true"],
        ["list"],
        ["show", "a"],
        ["credential-process", "keys"],
        ["use", "--none"],
    ):
        run_xswitch(*words)
    assert uses(str(state)) == {}


# --- orders ---------------------------------------------------------------------------------------


def test_by_default_and_with_file_profiles_are_in_the_order_of_the_files(home, profiles):
    in_file = ["b", "C", "a", "z", "y", "keys"]
    assert names() == in_file
    write_settings(home, "order = 'file'\n")
    assert names() == in_file


def test_by_name_upper_and_lower_case_are_the_same(home, profiles):
    write_settings(home, "order = 'name'\n")
    assert names() == ["a", "b", "C", "keys", "y", "z"]
    assert names("[ayz]") == ["a", "y", "z"]
    shown = [line.split()[0] for line in run_xswitch("list").stdout.splitlines()[1:]]
    assert shown == ["a", "b", "C", "keys", "y", "z"]


def test_most_used_first_and_then_as_in_the_files(home, profiles, state):
    write_settings(home, "order = 'most-used'\n")
    assert names() == ["b", "C", "a", "z", "y", "keys"]
    for name, count in {"a": 3, "y": 2, "C": 1, "gone": 9}.items():
        for _ in range(count):
            note_use(str(state), name)
    assert names() == ["a", "y", "C", "b", "z", "keys"]


def test_the_tree_has_the_order_among_siblings_only(home, profiles, state):
    assert tree() == ["b", "C", "a", "keys", "  z", "  y"]
    write_settings(home, "order = 'name'\n")
    assert tree() == ["a", "b", "C", "keys", "  y", "  z"]
    write_settings(home, "order = 'most-used'\n")
    for name in ("z", "y", "y", "a", "keys", "keys", "keys"):
        note_use(str(state), name)
    assert tree() == ["keys", "  y", "  z", "a", "b", "C"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\n\n", b"\0" * 1000, b"a" * 5000, b"a\r\nb\r\n"])
def test_any_content_of_the_file_gives_a_list(home, profiles, state, content):
    write_settings(home, "order = 'most-used'\n")
    state.mkdir(parents=True)
    (state / "uses").write_bytes(content)
    assert sorted(names()) == sorted(["b", "C", "a", "z", "y", "keys"])
