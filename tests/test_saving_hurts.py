"""Writes that are killed, interrupted, refused or overtaken: the file is the old one or the new one."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from running import PYTHON
from test_saving import (
    ACL,
    NEW,
    NOBODY,
    OLD,
    SHARED,
    access_list,
    everything_in,
    mode_of,
    save,
    set_attribute,
)

from xswitch.awsfiles.saving import ConflictError, prepare, read_version, remove
from xswitch.errors import XswitchError

pytestmark = pytest.mark.slow

ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="only root can set this up")

# How a child writes one file; status 3 and the sentence where that is refused.
SAVE = """
import os, sys
from xswitch.awsfiles.saving import ConflictError, prepare, read_version
from xswitch.errors import XswitchError

def save(path, data):
    try:
        pending = prepare(read_version(path), data)
        try:
            pending.check()
            pending.commit()
        finally:
            pending.discard()
    except (XswitchError, ConflictError) as error:
        print(error)
        sys.exit(3)
"""


def run_child(code, *arguments, before=()):
    return subprocess.run(
        [*before, PYTHON, "-c", SAVE + code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def temporaries(folder):
    return list(folder.glob(".*.xswitch-*"))


def make_stale(folder):
    for path in temporaries(folder):
        os.utime(path, (time.time() - 7200,) * 2)


@pytest.fixture
def linked(home):
    """A file behind a link, with a mode and attributes of its own: the longest way a write can take."""
    folder = home / "dotfiles"
    folder.mkdir()
    target = folder / "config"
    target.write_bytes(OLD)
    target.chmod(0o640)
    if ROOT:
        os.chown(target, 12345, 23456)
    with suppress(OSError, AttributeError):
        os.setxattr(target, "user.note", b"mine")
    (home / ".aws/config").symlink_to(target)
    (home / "other").write_bytes(b"x")  # as it will be after the first child
    return target


# --- killed and interrupted ----------------------------------------------------------------------

AT_EVENT = """
path, other, number, name = sys.argv[1:]
import signal
save(other, b"x")  # loads what a write needs
count = 0

def watch(event, arguments):
    global count
    count += 1
    if count == int(number):
        os.kill(os.getpid(), getattr(signal, name))

sys.addaudithook(watch)
save(path, b"[default]\\r\\nregion = us-east-1")
"""


def strike_each_event(home, name, prepare_file, look):
    """Have writes struck by a signal, each at its next event; return at how many events."""
    other = home / "other"
    for number in range(1, 200):
        prepare_file()
        done = run_child(AT_EVENT, home / ".aws/config", other, number, name)
        look(done)
        if done.returncode == 0:
            return number - 1
    pytest.fail("the write does not come to its end")


def test_a_write_that_is_killed_at_any_event_leaves_the_old_file_or_the_new_one(home, linked):
    seen = Counter()
    rights = mode_of(linked), linked.stat().st_uid, linked.stat().st_gid

    def look(done):
        assert done.returncode in {0, -signal.SIGKILL}, done.stderr
        found = linked.read_bytes()
        assert found in {OLD, NEW}
        seen[found] += 1
        assert (mode_of(linked), linked.stat().st_uid, linked.stat().st_gid) == rights
        left = temporaries(linked.parent)
        seen["left"] += len(left)
        assert len(left) <= 1
        assert all(mode_of(path) in {0o600, 0o640} for path in left)
        make_stale(linked.parent)
        save(home / ".aws/config", OLD)
        assert everything_in(linked.parent) == {"config": (linked.stat().st_mode, OLD)}
        assert (home / ".aws/config").is_symlink()

    events = strike_each_event(home, "SIGKILL", lambda: None, look)
    assert events >= 10
    assert seen[OLD] >= 5
    assert seen[NEW] >= 2  # killed after the file was replaced, and not killed
    assert seen["left"] >= 1


def test_a_new_file_whose_write_is_killed_at_any_event_is_whole_or_not_there(home):
    path = home / ".aws/config"

    def forget():
        shutil.rmtree(path.parent, ignore_errors=True)

    def look(done):
        assert done.returncode in {0, -signal.SIGKILL}, done.stderr
        assert not path.exists() or path.read_bytes() == NEW
        if path.parent.exists():
            assert mode_of(path.parent) == 0o700
            make_stale(path.parent)
        save(path, OLD)
        assert os.listdir(path.parent) == ["config"]
        assert mode_of(path) == 0o600

    assert strike_each_event(home, "SIGKILL", forget, look) >= 10


def test_a_write_that_is_interrupted_at_any_event_leaves_nothing_beside_the_old_file_or_the_new(home, linked):
    def look(done):
        if done.returncode:
            assert "KeyboardInterrupt" in done.stderr
        assert linked.read_bytes() in {OLD, NEW}
        assert os.listdir(linked.parent) == ["config"]

    assert strike_each_event(home, "SIGINT", lambda: linked.write_bytes(OLD), look) >= 10


AT_CALL = """
path, other = sys.argv[1:]
save(other, b"x")
os.path.lexists("/xswitch-begins")
save(path, b"[default]\\r\\nregion = us-east-1")
os.path.lexists("/xswitch-ends")
"""
# What the interpreter does for itself, which fails or is killed like anything else.
IN_PASSING = {"mmap", "munmap", "brk", "rt_sigaction", "getcwd"}


@pytest.fixture(scope="session")
def strace():
    """Return how a child is started under strace; skip where nobody may trace."""
    program = shutil.which("strace")
    if program is None or subprocess.run([program, "-o", os.devnull, "true"], check=False).returncode:
        pytest.skip("no strace that may trace")
    return [program, "-qq", "-e", "trace=%file,%desc"]


def paths_of(linked):
    """Return the link, and the file that a child writes first."""
    home = linked.parent.parent
    return home / ".aws/config", home / "other"


def inject(linked, strace, what):
    """Write the file behind a link while strace does something to a system call; return the child."""
    options = ["-o", os.devnull, "-e", f"inject={what}"]
    return run_child(AT_CALL, *paths_of(linked), before=[*strace, *options])


def calls_of_a_write(linked, strace, log):
    """Return each system call of a write as its name and its number among the calls of that name."""
    done = run_child(AT_CALL, *paths_of(linked), before=[*strace, "-o", log])
    assert done.returncode == 0, done.stderr
    counts: Counter[str] = Counter()
    calls, within = [], False
    for line in log.read_text().splitlines():
        name = line.partition("(")[0]
        counts[name] += 1
        if "xswitch-ends" in line:
            return calls
        if within and name not in IN_PASSING:
            calls.append((name, counts[name]))
        within = within or "xswitch-begins" in line
    return pytest.fail("the write does not come to its end")


def test_a_write_that_is_killed_at_any_system_call_leaves_the_old_file_or_the_new_one(
    home, linked, strace, tmp_path
):
    calls = calls_of_a_write(linked, strace, tmp_path / "log")
    names = [name for name, _ in calls]
    # The content must be on the disk before it is the file's, and then the name.
    assert [name for name in names if name in {"fsync", "rename"}] == ["fsync", "rename", "fsync"]
    seen = set()
    for name, number in calls:
        linked.write_bytes(OLD)
        done = inject(linked, strace, f"{name}:signal=KILL:when={number}")
        assert done.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}, (name, number, done.stderr)
        assert linked.read_bytes() in {OLD, NEW}, (name, number)
        seen.add(linked.read_bytes())
        assert len(temporaries(linked.parent)) <= 1
        make_stale(linked.parent)
    assert seen == {OLD, NEW}
    save(home / ".aws/config")
    assert os.listdir(linked.parent) == ["config"]


@pytest.mark.parametrize("code", ["EIO", "EACCES"])
def test_a_write_of_which_any_system_call_fails_is_done_or_refused_in_a_sentence(
    home, linked, strace, tmp_path, code
):
    seen = Counter()
    for name, number in calls_of_a_write(linked, strace, tmp_path / "log"):
        linked.write_bytes(OLD)
        done = inject(linked, strace, f"{name}:error={code}:when={number}")
        where = name, number, done.stdout, done.stderr
        assert done.returncode in {0, 3}, where
        seen[done.returncode] += 1
        assert (linked.read_bytes() == NEW) == (done.returncode == 0), where
        assert (home / ".aws/config").is_symlink()
        if done.returncode:
            assert re.match(
                r"~/\.aws/config (was not changed: |cannot be read |is a |has been )", done.stdout
            )
        assert name == "unlink" or os.listdir(linked.parent) == ["config"], where
        make_stale(linked.parent)
    assert min(seen[0], seen[3]) >= 5


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("fsync", "EIO", "the disk does not work as it should"),
        ("fsync", "EDQUOT", "your share of the disk is used up"),
        ("rename", "EBUSY", "it is mounted by itself, and cannot be replaced"),
        ("rename", "EPERM", "you may not write in its folder"),
        ("rename", "EXDEV", "Invalid cross-device link"),
        ("fchmod", "EPERM", "you may not write in its folder"),
    ],
)
def test_each_failure_says_what_it_is(home, linked, strace, tmp_path, name, code, reason):
    calls = calls_of_a_write(linked, strace, tmp_path / "log")
    numbers = [number for found, number in calls if found == name]
    linked.write_bytes(OLD)
    done = inject(linked, strace, f"{name}:error={code}:when={numbers[0]}")
    assert (done.returncode, done.stdout) == (3, f"~/.aws/config was not changed: {reason}\n")
    assert everything_in(linked.parent) == {"config": (linked.stat().st_mode, OLD)}


def test_an_access_list_that_cannot_be_set_is_refused_and_another_attribute_is_let_go(linked, strace):
    set_attribute(linked, "user.note", b"mine")
    done = inject(linked, strace, "fsetxattr:error=EPERM")
    assert (done.returncode, done.stdout) == (0, "")
    assert linked.read_bytes() == NEW
    assert os.listxattr(linked) == []
    set_attribute(linked, ACL, SHARED)
    before = everything_in(linked.parent)
    done = inject(linked, strace, "fsetxattr:error=EPERM")
    assert done.stdout == "~/.aws/config was not changed: its access list cannot be kept\n"
    assert everything_in(linked.parent) == before


def test_a_file_system_without_attributes_can_be_written(linked, strace):
    done = inject(linked, strace, "flistxattr:error=EOPNOTSUPP")
    assert (done.returncode, done.stdout) == (0, "")
    assert linked.read_bytes() == NEW


# --- thousands of writes -------------------------------------------------------------------------

# A content tells its number and its length, so it can be seen to be whole: `NUMBER LENGTH\naaaa…`.
CONTENTS = """
def content(number):
    length = number * 7919 % 20000
    return b"%d %d\\n" % (number, length) + bytes([97 + number % 26]) * length

def number_of(data):
    number = int(data.split()[0])
    return number if data == content(number) else -1
"""
WRITER = (
    CONTENTS
    + """
with open(sys.argv[1], "rb") as file:
    number = number_of(file.read())
print("at work", flush=True)
while True:
    number += 1
    save(sys.argv[1], content(number))
"""
)
READER = (
    CONTENTS
    + """
import json, select
torn = reads = last = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    with open(sys.argv[1], "rb") as file:
        number = number_of(file.read())
    reads += 1
    torn += number < last
    last = max(last, number)
print(json.dumps([reads, torn]))
"""
)


def start_child(code, *arguments):
    return subprocess.Popen(
        [PYTHON, "-c", SAVE + code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_thousands_of_writes_killed_at_random_moments_never_show_a_reader_a_torn_file(home):
    path = home / ".aws/credentials"
    path.write_bytes(b"1 7919\n" + b"b" * 7919)
    path.chmod(0o600)
    numbers: dict = {}
    exec(CONTENTS, numbers)
    reader = start_child(READER, path)
    chance = random.Random(4)
    kills = written = 0
    while written < 2500 or kills < 50:
        writer = start_child(WRITER, path)
        assert writer.stdout.readline() == "at work\n"
        time.sleep(chance.uniform(0, 0.1))
        writer.kill()
        assert writer.wait() == -signal.SIGKILL
        writer.stdin.close()
        writer.stdout.close()
        kills += 1
        now = numbers["number_of"](path.read_bytes())
        assert now >= written
        written = now
        assert mode_of(path) == 0o600
    reads, torn = json.loads(reader.communicate()[0])
    assert reads > 100
    assert torn == 0
    assert len(temporaries(path.parent)) <= kills
    assert {mode_of(path) for path in temporaries(path.parent)} <= {0o600}
    make_stale(path.parent)
    save(path)
    assert os.listdir(path.parent) == ["credentials"]


def test_what_the_aws_cli_writes_between_read_and_write_stays(aws_folder, aws):
    path = aws_folder / "config"
    path.write_bytes(OLD)
    pending = prepare(read_version(str(path)), NEW)
    subprocess.run([aws, "configure", "set", "region", "ap-south-1", "--profile", "theirs"], check=True)
    theirs = path.read_bytes()
    assert b"[profile theirs]\nregion = ap-south-1" in theirs
    with pytest.raises(ConflictError):
        pending.commit()
    assert everything_in(aws_folder) == {"config": (path.stat().st_mode, theirs)}


# --- no room -------------------------------------------------------------------------------------


@pytest.fixture
def mount():
    """Mount something on a path until the test ends; skip where that is not allowed."""
    mounted = []

    def mount(*arguments):
        done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"mounting is not allowed: {done.stderr.strip()}")
        mounted.append(arguments[-1])

    yield mount
    for path in reversed(mounted):
        subprocess.run(["umount", path], check=True)


def refused(path, data=NEW):
    """Return the reason why a file is not written; nothing around it has changed then."""
    before = everything_in(path.parent)
    with pytest.raises(XswitchError) as error:
        save(path, data)
    assert everything_in(path.parent) == before
    assert error.value.hint
    return error.value.message.partition(": ")[2]


def test_a_full_disk_leaves_the_file_as_it_was(aws_folder, mount):
    mount("-t", "tmpfs", "-o", "size=64k,mode=700", "none", aws_folder)
    path = aws_folder / "config"
    path.write_bytes(OLD)
    assert refused(path, b"x" * 100_000) == "the disk is full"
    save(path, b"x" * 20_000)
    assert refused(path, b"y" * 50_000) == "the disk is full"
    assert path.read_bytes() == b"x" * 20_000
    save(path)
    assert path.read_bytes() == NEW


def test_a_disk_without_room_for_another_file_leaves_the_file_as_it_was(aws_folder, mount):
    mount("-t", "tmpfs", "-o", "nr_inodes=3,mode=700", "none", aws_folder)
    path = aws_folder / "config"
    path.write_bytes(OLD)
    (aws_folder / "credentials").write_bytes(OLD)
    assert refused(path) == "the disk is full"


def test_a_limit_on_the_size_of_files_leaves_the_file_as_it_was(aws_folder):
    path = aws_folder / "config"
    path.write_bytes(OLD)
    limited = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
save(sys.argv[1], b"x" * 10_001)
"""
    done = run_child(limited, path)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout == "~/.aws/config was not changed: it would be larger than files may be here\n"
    assert everything_in(aws_folder) == {"config": (path.stat().st_mode, OLD)}


# --- mounts and flags ----------------------------------------------------------------------------


def test_a_read_only_file_system_is_left_alone(home, aws_folder, mount):
    (aws_folder / "config").write_bytes(OLD)
    mount("--bind", "-o", "ro", aws_folder, aws_folder)
    assert refused(aws_folder / "config") == "its file system is read-only"
    assert refused(aws_folder / "credentials") == "its file system is read-only"
    with pytest.raises(XswitchError, match="its file system is read-only"):
        remove(read_version(str(aws_folder / "config")))


@pytest.mark.parametrize("name", ["config", "my \\ con\nfig"])
@pytest.mark.parametrize("through_a_link", [False, True])
def test_a_file_that_is_mounted_by_itself_is_left_alone(home, aws_folder, mount, name, through_a_link):
    path = aws_folder / name
    path.write_bytes(b"")
    (home / "source").write_bytes(OLD)
    mount("--bind", home / "source", path)
    if through_a_link:
        path = aws_folder / "link"
        path.symlink_to(name)
    assert refused(path) == "it is mounted by itself, and cannot be replaced"
    with pytest.raises(XswitchError, match="it is mounted by itself"):
        prepare(read_version(str(path)), NEW)  # before another file of the same change is replaced
    with pytest.raises(XswitchError, match="it is mounted by itself"):
        remove(read_version(str(path)))
    assert (home / "source").read_bytes() == OLD


def test_a_file_that_gets_mounted_before_it_is_replaced_stays(home, aws_folder, mount):
    path = aws_folder / "config"
    path.write_bytes(OLD)
    pending = prepare(read_version(str(path)), NEW)
    mount("--bind", path, path)
    with pytest.raises(XswitchError, match="it is mounted by itself, and cannot be replaced"):
        pending.commit()
    assert everything_in(aws_folder) == {"config": (path.stat().st_mode, OLD)}


@pytest.fixture
def flag():
    """Set a flag such as +i on a path until the test ends; skip where that is not possible."""
    flagged = []

    def flag(change, path):
        done = subprocess.run(["chattr", change, path], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no such flags here: {done.stderr.strip()}")
        flagged.append((change.replace("+", "-"), path))

    yield flag
    for change, path in flagged:
        subprocess.run(["chattr", change, path], check=True)


@as_root
@pytest.mark.parametrize("change", ["+i", "+a"])
def test_a_file_that_is_flagged_against_changes_is_left_alone(aws_folder, flag, change):
    path = aws_folder / "config"
    path.write_bytes(OLD)
    flag(change, path)
    assert refused(path) == "you may not write to it"


@as_root
def test_a_folder_that_is_flagged_against_changes_is_left_alone(aws_folder, flag):
    path = aws_folder / "config"
    path.write_bytes(OLD)
    flag("+i", aws_folder)
    assert refused(path) == "you may not write in its folder"
    assert refused(aws_folder / "credentials") == "you may not write in its folder"


# --- another user --------------------------------------------------------------------------------

SOMEBODY, SOME_GROUP, OTHER_GROUP = 12345, 12345, 23456


@pytest.fixture
def theirs():
    """A folder of another user, who can reach it; the folders of tests are root's alone."""
    if not ROOT:
        pytest.skip("only root can be another user")
    folder = Path(tempfile.mkdtemp(prefix="xswitch-saving-"))
    os.chown(folder, SOMEBODY, SOME_GROUP)
    yield folder
    shutil.rmtree(folder)


def give(path, uid=SOMEBODY, gid=SOME_GROUP, mode=0o600, data=OLD):
    path.write_bytes(data)
    os.chown(path, uid, gid)
    path.chmod(mode)
    return path


def as_somebody(action, *, groups=()):
    """Do something as another user, in a process of theirs; return "" or what was refused."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        said = "the child failed"
        try:
            os.setgroups(list(groups))
            os.setgid(SOME_GROUP)
            os.setuid(SOMEBODY)
            action()
            said = ""
        except (XswitchError, ConflictError) as error:
            said = str(error)
        except BaseException as error:  # noqa: BLE001 - told to the test
            said = repr(error)
        finally:
            os.write(write, said.encode())
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def test_a_read_only_folder_is_left_alone(theirs):
    path = give(theirs / "config", mode=0o644)
    theirs.chmod(0o555)
    before = everything_in(theirs)
    refusals = [
        as_somebody(lambda: save(path)),
        as_somebody(lambda: save(theirs / "credentials")),
        as_somebody(lambda: save(theirs / "new/config")),
        as_somebody(lambda: remove(read_version(str(path)))),
    ]
    assert [said.partition(": ")[2] for said in refusals] == ["you may not write in its folder"] * 4
    assert everything_in(theirs) == before


def test_a_folder_that_becomes_read_only_before_the_file_is_replaced_keeps_it(theirs):
    path = give(theirs / "config")

    def change():
        pending = prepare(read_version(str(path)), NEW)
        theirs.chmod(0o555)
        try:
            pending.commit()
        finally:
            theirs.chmod(0o755)
            pending.discard()

    assert as_somebody(change).endswith("was not changed: you may not write in its folder")
    assert everything_in(theirs) == {"config": (path.stat().st_mode, OLD)}


def test_a_file_that_one_may_not_read_is_not_read(theirs):
    path = give(theirs / "config", uid=0, gid=0)
    assert as_somebody(lambda: save(path)) == f"{path} cannot be read (Permission denied)"
    assert (
        as_somebody(lambda: save(path / "config")) == f"{path}/config lies under something that is no folder"
    )


def test_a_file_that_one_may_read_and_not_write_is_left_alone(theirs):
    path = give(theirs / "config", uid=0, gid=0, mode=0o644)
    assert as_somebody(lambda: save(path)) == f"{path} was not changed: you may not write to it"
    assert everything_in(theirs) == {"config": (path.stat().st_mode, OLD)}


def test_a_file_does_not_change_hands(theirs):
    path = give(theirs / "config", uid=0, gid=0, mode=0o666)
    said = as_somebody(lambda: save(path))
    assert said.endswith("it belongs to another user (id 0), and would be yours afterwards")
    assert everything_in(theirs) == {"config": (path.stat().st_mode, OLD)}
    assert path.stat().st_uid == 0


def test_a_group_that_can_be_kept_keeps_its_rights(theirs):
    path = give(theirs / "config", gid=OTHER_GROUP, mode=0o660)
    assert as_somebody(lambda: save(path), groups=[OTHER_GROUP]) == ""
    assert (path.stat().st_gid, mode_of(path)) == (OTHER_GROUP, 0o660)
    assert path.read_bytes() == NEW


def test_a_group_that_cannot_be_kept_leaves_no_rights_to_another(theirs):
    path = give(theirs / "config", gid=OTHER_GROUP, mode=0o660)
    assert as_somebody(lambda: save(path)) == ""
    assert (path.stat().st_gid, mode_of(path)) == (SOME_GROUP, 0o600)
    assert path.read_bytes() == NEW


def test_a_group_that_cannot_be_kept_beside_an_access_list_is_refused(theirs):
    path = give(theirs / "config", gid=OTHER_GROUP)
    shared = access_list((1, 6, NOBODY), (2, 4, 34567), (4, 0, NOBODY), (16, 4, NOBODY), (32, 0, NOBODY))
    set_attribute(path, ACL, shared)
    said = as_somebody(lambda: save(path))
    assert said == f"{path} was not changed: its access list cannot be kept"
    assert everything_in(theirs) == {"config": (path.stat().st_mode, OLD)}
    assert os.getxattr(path, ACL) == shared


def test_another_users_stale_temporary_file_does_not_hinder_a_write(theirs):
    path = give(theirs / "config")
    os.chown(theirs, 0, 0)
    theirs.chmod(0o1777)
    give(theirs / ".config.xswitch-0123456789abcdef", uid=0, gid=0)
    own = give(theirs / ".config.xswitch-fedcba9876543210")
    make_stale(theirs)
    assert as_somebody(lambda: save(path)) == ""
    assert path.read_bytes() == NEW
    assert not own.exists()
    assert stat.S_ISREG(path.stat().st_mode)
