"""The copy of the settings as parsed: the same answer with it as without, and never that of another file."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from pathlib import Path

import pytest
from guarding import refused, write_settings
from hypothesis import given
from hypothesis import strategies as st
from running import json_of, run_xswitch
from test_settings_faults import BLOCKS

from xswitch.errors import XswitchError
from xswitch.settings.model import GuardRule
from xswitch.settings.reading import load_settings

TEXTS = st.lists(
    st.one_of(
        st.sampled_from([*BLOCKS, "[accounts]\n", '222222222222 = "Prod \U0001f512"\n', 'order = "name"\n']),
        st.builds(
            "{} = {}\n".format, st.sampled_from(["theme", "role"]), st.sampled_from(["'x'", "1", '""'])
        ),
    ),
    max_size=6,
).map("".join)


def outcome(path, state=""):
    """Return all that can be told of the settings, or the sentence that refuses them."""
    try:
        settings = load_settings(str(path), str(state) if state else "")
    except XswitchError as error:
        return error.message
    rules = [{name: getattr(rule, name) for name in GuardRule.__slots__} for rule in settings.guard]
    return {**vars(settings), "guard": rules}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config.toml"


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_the_answer_is_the_same_with_the_copy_as_without_it(texts):
    with tempfile.TemporaryDirectory() as folder:
        path, state = Path(folder) / "config.toml", Path(folder) / "state"
        for text in texts:
            path.write_text(text)
            alone = outcome(path)
            assert outcome(path, state) == alone  # writes it
            assert outcome(path, state) == alone  # reads it


def test_a_copy_is_kept_for_the_user_alone(path, state):
    path.write_text("[[guard]]\nprofile = 'x'\n")
    outcome(path, state)
    assert (state / "settings.json").stat().st_mode & 0o777 == 0o600
    assert state.stat().st_mode & 0o777 == 0o700


def test_settings_with_a_fault_are_not_kept(path, state):
    path.write_text("[[guard]]\nlevel = 'x'\n")
    assert isinstance(outcome(path, state), str)
    assert not state.exists()


def test_a_change_is_seen_at_once_even_with_the_old_time_and_size(path, state):
    path.write_text("[[guard]]\nprofile = 'x'\n")
    before = path.stat()
    outcome(path, state)
    path.write_text("[[guard]]\nprofile = 'y'\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert outcome(path, state)["guard"][0]["profiles"] == ("y",)


TEXT = "[[guard]]\nprofile = 'x'\n"


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        json.dumps({"table": {}}),
        json.dumps({"text": TEXT}),
        json.dumps({"text": TEXT, "table": None}),
        json.dumps({"text": TEXT, "table": [1]}),
        json.dumps({"text": TEXT, "table": {"guard": {}}}),
        json.dumps({"text": TEXT, "table": {"of a later version": 1}}),
        json.dumps({"text": TEXT + " ", "table": {}}),
        json.dumps({"text": [TEXT], "table": {}}),
        "[" * 100_000,
        json.dumps({"text": TEXT, "table": {}})[:-1],
    ],
    ids=range(16),
)
def test_a_copy_that_is_not_of_this_file_is_not_believed(path, state, kept):
    state.mkdir()
    (state / "settings.json").write_bytes(kept if isinstance(kept, bytes) else kept.encode())
    path.write_text(TEXT)
    alone = outcome(path)
    assert alone["guard"]
    for _ in range(2):
        assert outcome(path, state) == alone


@pytest.mark.parametrize("put", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_something_else_in_place_of_the_copy_does_no_harm(path, state, put):
    state.mkdir()
    put(state / "settings.json")
    path.write_text(TEXT)
    assert outcome(path, state) == outcome(path)


def test_where_nothing_can_be_kept_it_is_parsed_each_time(path, state):
    state.write_text("")  # a file in place of the folder
    path.write_text(TEXT)
    assert outcome(path, state) == outcome(path)
    assert state.read_text() == ""


def test_many_at_once_see_the_file_and_leave_one_copy(path, state):
    texts = [f"[[guard]]\nprofile = '{number}'\n" for number in range(4)]
    seen = []

    def read(number):
        mine = path.with_name(f"{number}.toml")
        mine.write_text(texts[number])
        found = (outcome(mine, state)["guard"][0]["profiles"] for _ in range(50))
        seen.extend(profiles == (str(number),) for profiles in found)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 200
    assert os.listdir(state) == ["settings.json"]


def test_a_guard_that_is_written_while_a_copy_is_kept_guards_the_next_command(home, aws_folder):
    (aws_folder / "config").write_text("[profile prod]\nregion = eu-west-1\n")
    write_settings(home, "theme = 'nord'\n")
    assert run_xswitch("run", "prod", "--", "true").returncode == 0
    write_settings(home, "[[guard]]\nprofile = 'prod'\n")
    refused("run", "prod", "--", "true", home=home)
    refused("run", "prod", "--", "true", home=home)
    write_settings(home, "[[guard]]\nprofile = 'other'\n")
    assert run_xswitch("run", "prod", "--", "true").returncode == 0
    assert json_of("list", "--json")[0]["guard"] is None
