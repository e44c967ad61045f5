"""Whole edits of both files that are killed, interrupted, refused, overtaken: all or nothing, and undone."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections import Counter

import pytest
from awshome import botocores, read_profiles_in, write_profiles
from running import CANARY, PYTHON, SECRET, XSWITCH, run_xswitch
from test_saving_hurts import mount  # noqa: F401 - a fixture

from xswitch.editing.editor import Editor
from xswitch.editing.operations import edit, rename
from xswitch.errors import XswitchError
from xswitch.locations import Locations

pytestmark = pytest.mark.slow

ARN = "arn:aws:iam::222222222222:role/Admin"
CONFIG = f"""\
# kept by hand
[default]
region = eu-west-1

[profile prod]
role_arn = {ARN}
source_profile=default
s3 =
    # fast enough
    max_concurrent_requests = 20
"""
CREDENTIALS = f"""\
[default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = {SECRET}

# generated
[other]
role_arn: {ARN}
source_profile: default
"""
OLD = (CONFIG.encode(), CREDENTIALS.encode())
NEW = (
    CONFIG.replace("[default]", "[profile main]").replace("=default", "=main").encode(),
    CREDENTIALS.replace("[default]", "[main]").replace(": default", ": main").encode(),
)
RENAME = rename("default", "main")


@pytest.fixture
def files(aws_folder):
    """The two files; returns what stands in both."""
    write_profiles(aws_folder, CONFIG, CREDENTIALS)
    for name in ("config", "credentials"):
        (aws_folder / name).chmod(0o600)

    def contents():
        return tuple((aws_folder / name).read_bytes() for name in ("config", "credentials"))

    return contents


def clean(home):
    """Put the first bytes into both files, and forget what has been done."""
    for path in (home / ".aws").iterdir():
        path.unlink()
    shutil.rmtree(home / ".local/state", ignore_errors=True)
    write_profiles(home / ".aws", CONFIG, CREDENTIALS)


def editor():
    return Editor(Locations(os.environ))


def temporaries(home):
    """Return what writes leave that do not come to their end."""
    state = home / ".local/state/xswitch"
    return [*(home / ".aws").glob(".*"), *state.rglob("*.tmp"), *state.rglob(".*")]


def take_back(files):
    """Bring the first bytes back: by one undo, or by none where none is needed."""
    if files() != OLD:
        editor().undo()
    assert files() == OLD


IN_PLACE = """
import os, signal, sys
path = sys.argv[1]
with open(path) as file:
    text = file.read()
with open(path, "w") as file:
    file.write(text[:int(sys.argv[2])])
    file.flush()
    os.kill(os.getpid(), signal.SIGSTOP)
    file.seek(0)
    file.write(text + "[profile theirs]\\nregion = ap-south-1\\n")
"""


# --- killed and interrupted ----------------------------------------------------------------------


def strike(action, number, signal_number):
    """Do something in a process that is struck by a signal at its nth event; return its status."""
    child = os.fork()
    if child == 0:
        status = 99
        try:
            for each in (signal.SIGTERM, signal.SIGINT):
                signal.signal(each, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            count = 0

            def watch(event, arguments):
                nonlocal count
                count += 1
                if count == number:
                    os.kill(os.getpid(), signal_number)

            sys.addaudithook(watch)
            action()
            count = number + 1
            status = 0
        except KeyboardInterrupt:
            status = 130
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def strike_each_event(action, signal_number, prepare, look):
    """Have an action struck at each of its events in turn; return how many there are."""
    prepare()
    action()  # loads what it needs
    for number in range(1, 1000):
        prepare()
        status = strike(action, number, signal_number)
        look(status)
        if status == 0:
            return number - 1
    return pytest.fail("it does not come to its end")


def test_an_edit_of_both_files_that_is_killed_at_any_event_is_taken_back_by_one_undo(home, aws_folder, files):
    seen = Counter()

    def look(status):
        assert status in {0, -signal.SIGKILL}
        found = files()
        assert all(data in versions for data, versions in zip(found, zip(OLD, NEW, strict=True), strict=True))
        seen[found] += 1
        take_back(files)
        assert len([path for path in aws_folder.iterdir() if path.name[0] == "."]) <= 2

    events = strike_each_event(lambda: editor().apply(RENAME), signal.SIGKILL, lambda: clean(home), look)
    assert events >= 50
    assert set(seen) == {OLD, NEW, (NEW[0], OLD[1])}
    assert min(seen[OLD], seen[NEW]) >= 2


def test_an_undo_that_is_killed_at_any_event_is_finished_by_another(home, aws_folder, files):
    seen = Counter()

    def prepare():
        clean(home)
        editor().apply(RENAME)
        assert files() == NEW

    def look(status):
        assert status in {0, -signal.SIGKILL}
        found = files()
        assert all(data in versions for data, versions in zip(found, zip(OLD, NEW, strict=True), strict=True))
        seen[found] += 1
        take_back(files)

    assert strike_each_event(lambda: editor().undo(), signal.SIGKILL, prepare, look) >= 30
    assert set(seen) == {OLD, NEW, (OLD[0], NEW[1])}


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_edit_of_both_files_that_is_interrupted_at_any_event_is_done_or_not(home, aws_folder, files, name):
    number = getattr(signal, name)
    seen = Counter()

    def look(status):
        assert status in {0, 130 if number == signal.SIGINT else -number}
        seen[files()] += 1
        assert temporaries(home) == []
        take_back(files)

    strike_each_event(lambda: editor().apply(RENAME), number, lambda: clean(home), look)
    assert set(seen) == {OLD, NEW}
    assert min(seen.values()) >= 2


@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT", "SIGTERM"])
def test_a_rename_that_is_struck_at_a_random_moment_is_taken_back_by_one_undo(home, files, name):
    number = getattr(signal, name)
    chance = random.Random(4)
    seen = Counter()
    for _ in range(25):
        process = subprocess.Popen(
            [XSWITCH, "rename", "default", "main"], stderr=subprocess.PIPE, start_new_session=True
        )
        time.sleep(chance.uniform(0, 0.15))
        process.send_signal(number)
        said = process.communicate()[1]
        status = process.returncode
        # Before its own code runs, Python ends by the signal or as one that could not start.
        own = {0, -number, *([130] if number == signal.SIGINT else [])}
        assert status in own or b"Fatal Python error: init" in said, said
        found = files()
        seen[found] += 1
        assert CANARY.encode() not in said
        if number != signal.SIGKILL:
            assert found in {OLD, NEW}
            assert temporaries(home) == []
            assert found == NEW or status != 0
        if found != OLD:
            done = run_xswitch("undo")
            assert done.returncode == 0, done.stderr
        assert files() == OLD
    assert {OLD, NEW} <= set(seen)


def test_a_process_that_is_stopped_while_it_has_the_lock_or_writes_in_place_is_named(
    home, aws_folder, files, tmp_path
):
    script = """
import os, signal, sys
from xswitch.editing.editor import Editor
from xswitch.editing.operations import rename
from xswitch.locations import Locations
def watch(event, arguments):
    if event == "os.rename" and "config" in str(arguments[1]):
        os.kill(os.getpid(), signal.SIGSTOP)
sys.addaudithook(watch)
Editor(Locations(os.environ)).apply(rename("default", "main"))
"""
    other = tmp_path / "other"
    (other / ".aws").mkdir(parents=True)
    write_profiles(other / ".aws", CONFIG, CREDENTIALS)
    holder = subprocess.Popen([PYTHON, "-c", script])
    writer = subprocess.Popen([PYTHON, "-c", IN_PLACE, str(other / ".aws/config"), "40"])
    try:
        assert os.WIFSTOPPED(os.waitpid(holder.pid, os.WUNTRACED)[1])
        assert os.WIFSTOPPED(os.waitpid(writer.pid, os.WUNTRACED)[1])
        before = files()
        elsewhere = subprocess.Popen(
            [XSWITCH, "set", "new", "region", "eu-west-1"],
            env={**os.environ, "HOME": str(other)},
            stderr=subprocess.PIPE,
            text=True,
        )
        words = [["set", "prod", "region", "x-1"], ["remove", "prod"], ["undo"], ["rename", "prod", "p"]]
        waiting = [
            subprocess.Popen([XSWITCH, *each], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for each in words
        ]
        assert run_xswitch("rename", "default", "main", "--dry-run").returncode == 0  # looks only
        assert run_xswitch("list").returncode == 0
        for process in waiting:
            out, err = process.communicate(timeout=30)
            assert (process.returncode, out) == (1, "")
            assert err == (
                f"xswitch: process {holder.pid} is changing the files (try again when it has ended)\n"
            )
        assert files() == before == OLD
        assert elsewhere.communicate(timeout=30)[1] == (
            f"xswitch: process {writer.pid} is writing ~/.aws/config "
            "(try again when it has ended; nothing was changed)\n"
        )
    finally:
        for process in (holder, writer):
            process.send_signal(signal.SIGCONT)
            assert process.wait() == 0
    theirs = CONFIG + "[profile theirs]\nregion = ap-south-1\n"
    assert (other / ".aws/config").read_text() == theirs
    assert files() == NEW
    assert run_xswitch("undo").returncode == 0
    assert files() == OLD


# --- many at once --------------------------------------------------------------------------------

ADD_MANY = """
import os, sys
from xswitch.editing.editor import Editor
from xswitch.editing.operations import add_keys, add_role
from xswitch.locations import Locations

own, count = sys.argv[1], int(sys.argv[2])
editor = Editor(Locations(os.environ))
for number in range(count):
    name = f"w{own}-{number}"
    if number % 5:
        settings = {"role_arn": f"arn:aws:iam::222222222222:role/{name}", "source_profile": "default"}
        editor.apply(add_role(name, settings))
    else:
        editor.apply(add_keys(name, f"AKIA{own}X{number}", f"secret-of-{name}", "", {"region": "eu-west-1"}))
"""


def start_many(count, each):
    return [
        subprocess.Popen([PYTHON, "-c", ADD_MANY, str(own), str(each)], stderr=subprocess.PIPE, text=True)
        for own in range(count)
    ]


def assert_whole(name, settings):
    """Assert that a profile has everything that one of the processes gave it."""
    if "role_arn" in settings:
        role = {"role_arn": f"arn:aws:iam::222222222222:role/{name}", "source_profile": "default"}
        assert settings == role
    else:
        assert settings["aws_secret_access_key"] == f"secret-of-{name}"
        assert settings["region"] == "eu-west-1"


def test_eight_processes_that_add_fifty_profiles_each_end_with_four_hundred(home, aws_folder, files):
    for process in start_many(8, 50):
        assert (process.communicate()[1], process.returncode) == ("", 0)
    found = botocores(aws_folder / "config", aws_folder / "credentials")["profiles"]
    names = {f"w{own}-{number}" for own in range(8) for number in range(50)}
    assert set(found) == names | {"default", "prod", "other"}
    for name in names:
        assert_whole(name, found[name])
    config, credentials = files()
    assert config.startswith(OLD[0])
    assert credentials.startswith(OLD[1])
    assert temporaries(home) == []


def test_beside_the_aws_cli_in_a_loop_no_file_is_damaged(home, aws_folder, files, aws):
    """The AWS CLI reads, and some time later writes in place, without any lock.

    What xswitch does in between is lost, and nobody but the AWS CLI could help it. Everything else holds.
    """
    workers = start_many(4, 25)
    rounds = 0
    while any(process.poll() is None for process in workers) or rounds < 3:
        rounds += 1
        words = ["configure", "set", "region", f"us-east-{rounds}", "--profile", "theirs"]
        subprocess.run([aws, *words], check=True)
    for process in workers:
        assert (process.communicate()[1], process.returncode) == ("", 0)
    # What it opens between our last look at the file and its replacement is gone; now nobody is at work.
    subprocess.run([aws, "configure", "set", "region", "last", "--profile", "theirs"], check=True)
    found = botocores(aws_folder / "config", aws_folder / "credentials")["profiles"]
    names = {f"w{own}-{number}" for own in range(4) for number in range(25)}
    assert (
        {"default", "prod", "other", "theirs"} <= set(found) <= {*names, "default", "prod", "other", "theirs"}
    )
    for name in names & set(found):
        if "aws_access_key_id" not in found[name] or "region" in found[name]:
            assert_whole(name, found[name])
    config, credentials = files()
    assert config.startswith(OLD[0])
    assert credentials.startswith(OLD[1])
    # One edit at most falls between the reading and the writing of one run of the AWS CLI.
    assert len(names - set(found)) <= rounds
    assert found["theirs"]["region"] == "last"
    assert credentials.count(b"secret-of-") == 20  # the AWS CLI does not write this file here
    assert temporaries(home) == []


def test_beside_the_aws_cli_in_the_other_file_nothing_is_lost(home, aws_folder, files, aws):
    workers = [
        subprocess.Popen([PYTHON, "-c", ADD_MANY.replace("number % 5", "True"), str(own), "25"])
        for own in range(2)
    ]
    rounds = 0
    while any(process.poll() is None for process in workers) or rounds < 3:
        rounds += 1
        words = ["configure", "set", "aws_access_key_id", f"AKIA{rounds}", "--profile", f"theirs-{rounds}"]
        subprocess.run([aws, *words], check=True)
    assert [process.wait() for process in workers] == [0, 0]
    found = botocores(aws_folder / "config", aws_folder / "credentials")["profiles"]
    assert {f"w{own}-{number}" for own in range(2) for number in range(25)} <= set(found)
    assert {f"theirs-{number + 1}" for number in range(rounds)} <= set(found)


# --- overtaken by others -------------------------------------------------------------------------

OVERTAKEN = """
import os, subprocess, sys
from xswitch.editing.editor import Editor
from xswitch.editing.operations import add_keys, rename
from xswitch.locations import Locations

mark, *command = sys.argv[1:]
waiting = [1]

def watch(event, arguments):
    if waiting and event == "open" and mark in str(arguments[0]):
        waiting.pop()
        subprocess.run(command, check=True)

sys.addaudithook(watch)
Editor(Locations(os.environ)).apply(rename("default", "main"))
"""


@pytest.mark.parametrize("mark", [".config.xswitch-", ".credentials.xswitch-", "undo.json"])
@pytest.mark.parametrize("key", ["region", "aws_access_key_id"])
def test_what_the_aws_cli_writes_while_an_edit_is_prepared_is_kept_beside_it(
    home, aws_folder, files, aws_v1, mark, key
):
    edits = [["set", "prod", "output", "json"], ["set", "other", "aws_access_key_id", "AKIAOTHER"]]
    for words in edits:
        assert run_xswitch(*words).returncode == 0
    words = ["configure", "set", key, "ap-south-1", "--profile", "theirs"]
    subprocess.run([PYTHON, "-c", OVERTAKEN, mark, aws_v1, *words], check=True)
    found = read_profiles_in(aws_folder)
    assert found["theirs"].text(key) == "ap-south-1"
    assert found["prod"].text("source_profile") == "main"
    assert found["other"].text("source_profile") == "main"
    assert found["main"].text("aws_secret_access_key") == SECRET
    assert "default" not in found
    titles = [title for title, _ in editor().undoable()]
    assert titles == ["rename default to main", "set aws_access_key_id of other", "set output of prod"]
    assert editor().undo().title == "rename default to main"
    found = read_profiles_in(aws_folder)
    assert found["theirs"].text(key) == "ap-south-1"
    assert found["prod"].text("source_profile") == "default"
    assert "main" not in found
    assert temporaries(home) == []


@pytest.mark.parametrize("written", [0, 40])
def test_a_file_that_is_only_half_written_is_not_taken_for_whole(home, aws_folder, files, written):
    """An in-place writer, as the AWS CLI is one, that is slow: the disk is, or it has been stopped."""
    writer = subprocess.Popen([PYTHON, "-c", IN_PLACE, str(aws_folder / "config"), str(written)])
    try:
        assert os.WIFSTOPPED(os.waitpid(writer.pid, os.WUNTRACED)[1])
        ours = subprocess.Popen([XSWITCH, "set", "new", "region", "eu-west-1"], stderr=subprocess.PIPE)
        time.sleep(0.5)
    finally:
        writer.send_signal(signal.SIGCONT)
        assert writer.wait() == 0
    assert ours.wait() == 0, ours.stderr.read()
    ours.stderr.close()
    theirs = CONFIG + "[profile theirs]\nregion = ap-south-1\n"
    assert files()[0].decode() == theirs + "\n[profile new]\nregion = eu-west-1\n"
    assert run_xswitch("undo").returncode == 0
    assert files()[0].decode() == theirs


# --- no room -------------------------------------------------------------------------------------


def refused(files, action=lambda: editor().apply(RENAME)):
    """Return the reason why an edit of both files is not made; nothing has changed then."""
    before = files()
    with pytest.raises(XswitchError) as error:
        action()
    assert files() == before
    assert error.value.hint
    assert CANARY not in str(error.value)
    return error.value.message


PAGE = 4096
LARGE = (CONFIG + "# a comment\n" * 300, CREDENTIALS + "# another one\n" * 1000)  # 1 page, 4 pages


def leave(folder, pages):
    """Fill a small disk until that many pages are left."""
    filler = folder / "filler"
    filler.unlink(missing_ok=True)
    free = os.statvfs(folder)
    filler.write_bytes(b"x" * (free.f_bavail * free.f_frsize - pages * PAGE))


def test_a_full_disk_leaves_both_files_and_later_edit_and_undo_work(
    home,
    aws_folder,
    files,
    mount,  # noqa: F811 - the fixture
):
    mount("-t", "tmpfs", "-o", "size=128k,mode=700", "none", aws_folder)
    write_profiles(aws_folder, *LARGE)
    before = files()
    for pages in (0, 2):  # room for none of the two, and for the first
        leave(aws_folder, pages)
        assert refused(files).endswith("was not changed: the disk is full")
        assert temporaries(home) == []
    leave(aws_folder, 8)
    editor().apply(RENAME)
    assert files() != before
    for pages in (0, 2):
        leave(aws_folder, pages)
        said = refused(files, lambda: editor().undo())
        assert said.endswith("was not changed: the disk is full")
        assert temporaries(home) == []
    leave(aws_folder, 8)
    assert [title for title, _ in editor().undoable()] == ["rename default to main"]
    editor().undo()
    assert files() == before


def test_a_full_disk_under_the_state_folder_lets_nothing_be_changed(
    home,
    aws_folder,
    files,
    mount,  # noqa: F811 - the fixture
):
    state = home / ".local/state/xswitch"
    state.mkdir(parents=True)
    mount("-t", "tmpfs", "-o", "size=128k,mode=700", "none", state)
    write_profiles(aws_folder, *LARGE)
    before = files()
    for pages in (0, 1, 5):  # room for nothing, for one version, for both and not for the list
        leave(state, pages)
        assert refused(files).startswith("the version before could not be kept in ~/.local/state/xswitch")
        assert temporaries(home) == []
        assert editor().undoable() == []
    leave(state, 10)
    editor().apply(RENAME)
    after = files()
    assert after != before
    for pages in (0, 1):
        leave(state, pages)
        assert refused(files, lambda: editor().undo()).startswith("the version before could not be kept")
        assert files() == after
    leave(state, 10)
    editor().undo()
    assert files() == before


def test_an_undo_that_cannot_be_noted_down_is_done_and_not_offered_again(
    home,
    aws_folder,
    files,
    mount,  # noqa: F811 - the fixture
):
    state = home / ".local/state/xswitch"
    state.mkdir(parents=True)
    mount("-t", "tmpfs", "-o", "size=128k,mode=700", "none", state)
    write_profiles(aws_folder, *LARGE)
    before = files()
    editor().apply(edit("prod", {"output": "json"}))
    editor().apply(RENAME)
    leave(state, 5)  # for what is undone, and not for the list
    assert editor().undo().title == "rename default to main"
    leave(state, 10)
    undone = editor().undo()
    assert (undone.title, undone.skipped) == ("set output of prod", ["rename default to main"])
    assert files() == before


def test_a_limit_on_the_size_of_files_leaves_both(home, aws_folder, files):
    write_profiles(aws_folder, *LARGE)
    before = files()
    limits = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))}
    done = run_xswitch("rename", "default", "main", **limits)
    assert (done.returncode, done.stdout) == (1, "")
    what = "~/.aws/credentials was not changed: it would be larger than files may be here"
    assert done.stderr == f"xswitch: {what} (see `ulimit -f`)\n"
    assert files() == before
    assert temporaries(home) == []
    assert run_xswitch("rename", "default", "main").returncode == 0
    after = files()
    done = run_xswitch("undo", **limits)
    assert done.returncode == 1
    assert files() == after
    assert temporaries(home) == []
    assert run_xswitch("undo").returncode == 0
    assert files() == before


# --- links ---------------------------------------------------------------------------------------


@pytest.fixture(params=["each file", "a chain", "the folder"])
def dotfiles(request, home, aws_folder):
    """The two files as managers of dotfiles have them; returns the folder they are in."""
    folder = home / "dotfiles/aws"
    folder.mkdir(parents=True)
    write_profiles(folder, CONFIG, CREDENTIALS)
    (folder / "config").chmod(0o644)
    (folder / "credentials").chmod(0o600)
    if request.param == "the folder":
        aws_folder.rmdir()
        aws_folder.symlink_to("dotfiles/aws")
    for name in ("config", "credentials") if request.param != "the folder" else ():
        target = f"../dotfiles/aws/{name}"
        if request.param == "a chain":
            (home / name).symlink_to(folder / name)
            target = f"../{name}"
        (aws_folder / name).symlink_to(target)
    return folder


def links_in(home):
    return {path: path.readlink() for path in home.rglob("*") if path.is_symlink()}


def test_links_stay_links_through_edits_and_their_undo(home, dotfiles):
    links, names = links_in(home), sorted(path.name for path in dotfiles.iterdir())
    for words in (["rename", "default", "main"], ["remove", "main", "--with-dependents"], ["copy", "x", "y"]):
        run_xswitch("set", "x", "region", "eu-west-1")
        assert run_xswitch(*words).returncode == 0
    assert links_in(home) == links
    while run_xswitch("undo").returncode == 0:
        pass
    assert (dotfiles / "config").read_text() == CONFIG
    assert (dotfiles / "credentials").read_text() == CREDENTIALS
    assert [stat.S_IMODE((dotfiles / name).stat().st_mode) for name in names] == [0o644, 0o600]
    assert links_in(home) == links
    assert sorted(path.name for path in dotfiles.iterdir()) == names


def test_a_link_that_leads_nowhere_stays_one_when_its_file_is_made_and_taken_back(home, aws_folder):
    (home / "dotfiles").mkdir()
    (aws_folder / "config").symlink_to("../dotfiles/config")
    assert run_xswitch("set", "x", "region", "eu-west-1").returncode == 0
    assert (home / "dotfiles/config").read_text() == "[profile x]\nregion = eu-west-1\n"
    assert run_xswitch("undo").returncode == 0
    assert os.listdir(home / "dotfiles") == []
    assert (aws_folder / "config").is_symlink()
