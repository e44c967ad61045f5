"""One file replaced as a whole: what it keeps, what is refused, and who else wrote meanwhile."""

from __future__ import annotations

import os
import re
import socket
import stat
import struct
import tempfile
import time
import traceback
from pathlib import Path

import pytest
from running import SECRET

from xswitch.awsfiles.saving import ConflictError, prepare, read_version, remove
from xswitch.errors import XswitchError

OLD = b"[default]\nregion = eu-west-1\n"
NEW = b"[default]\r\nregion = us-east-1"
THEIRS = b"[default]\nregion = ap-south-1\n"
ROOT = os.geteuid() == 0
ACL = "system.posix_acl_access"
DEFAULT_ACL = "system.posix_acl_default"


@pytest.fixture
def config(aws_folder):
    path = aws_folder / "config"
    path.write_bytes(OLD)
    return path


@pytest.fixture
def umask():
    """Set the umask; the one before comes back."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def save(path, data=NEW):
    """Write a file as the editor does."""
    pending = prepare(read_version(str(path)), data)
    try:
        pending.check()
        pending.commit()
    finally:
        pending.discard()


def refusal(path, data=NEW):
    """Return what is said where a file is not written; nothing in its folder has changed then."""
    before = everything_in(path.parent)
    with pytest.raises(XswitchError) as error:
        save(path, data)
    assert everything_in(path.parent) == before
    assert error.value.hint
    return error.value.message


def everything_in(folder):
    """Return what stands in a folder: names, kinds, modes, and contents."""
    return {
        path.name: (path.lstat().st_mode, path.read_bytes() if path.is_file() else None)
        for path in folder.iterdir()
    }


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def access_list(*entries):
    """Return an access list as the kernel keeps it; entries are (tag, permissions, id)."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


NOBODY = 0xFFFFFFFF
# user::rw-, user:12345:rw-, group::r--, mask::rw-, other::---
SHARED = access_list((1, 6, NOBODY), (2, 6, 12345), (4, 4, NOBODY), (16, 6, NOBODY), (32, 0, NOBODY))


def set_attribute(path, name, value):
    try:
        os.setxattr(path, name, value)
    except (OSError, AttributeError):
        pytest.skip(f"no {name} on this file system")


# --- what a write keeps --------------------------------------------------------------------------


def test_the_file_holds_the_new_bytes_and_nothing_else_is_in_its_folder(config):
    save(config)
    assert config.read_bytes() == NEW
    assert os.listdir(config.parent) == ["config"]


def test_a_file_can_become_empty_and_be_written_again(config):
    save(config, b"")
    assert config.read_bytes() == b""
    save(config)
    assert config.read_bytes() == NEW


def test_a_version_holds_the_bytes_the_file_and_whether_it_exists(config, aws_folder):
    there = read_version(str(config))
    assert (there.path, there.target, there.data, there.exists) == (str(config), str(config), OLD, True)
    not_there = read_version(str(aws_folder / "credentials"))
    assert (not_there.data, not_there.exists) == (b"", False)


@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
def test_a_new_file_and_new_folders_are_private_whatever_the_umask(home, umask, mask):
    umask(mask)
    path = home / "work/aws/config"
    save(path)
    assert path.read_bytes() == NEW
    assert mode_of(path) == 0o600
    assert mode_of(path.parent) == mode_of(path.parent.parent) == 0o700


def test_a_new_file_can_be_written_again_whatever_the_umask(aws_folder, umask):
    umask(0o277)
    save(aws_folder / "config")
    assert mode_of(aws_folder / "config") == 0o600


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664, 0o666, 0o200, 0o700, 0o2640])
@pytest.mark.parametrize("mask", [0, 0o077])
def test_the_mode_is_kept_exactly(config, umask, mode, mask):
    if not mode & 0o400 and not ROOT:
        pytest.skip("only root reads a file without the right to")
    config.chmod(mode)
    umask(mask)
    save(config)
    assert mode_of(config) == mode


@pytest.mark.skipif(not ROOT, reason="only root gives files away")
def test_owner_and_group_are_kept(config):
    os.chown(config, 12345, 23456)
    save(config)
    assert (config.stat().st_uid, config.stat().st_gid) == (12345, 23456)


def test_extended_attributes_are_kept(config):
    set_attribute(config, "user.note", b"mine")
    save(config)
    assert os.getxattr(config, "user.note") == b"mine"


def test_an_access_list_is_kept(config):
    set_attribute(config, ACL, SHARED)
    save(config)
    assert os.getxattr(config, ACL) == SHARED
    assert mode_of(config) == 0o660


def test_the_access_list_that_a_folder_gives_to_new_files_does_not_widen_an_old_one(config):
    config.chmod(0o660)
    set_attribute(config.parent, DEFAULT_ACL, SHARED)
    save(config)
    assert ACL not in os.listxattr(config)
    assert mode_of(config) == 0o660


def test_a_new_file_is_private_where_the_folder_gives_an_access_list(aws_folder):
    set_attribute(aws_folder, DEFAULT_ACL, SHARED)
    save(aws_folder / "config")
    assert mode_of(aws_folder / "config") == 0o600  # the mask of the list, so nobody named in it may read


def test_the_temporary_file_is_no_more_open_than_the_file(config, umask):
    umask(0)
    set_attribute(config.parent, DEFAULT_ACL, SHARED)
    pending = prepare(read_version(str(config)), NEW)
    (temporary,) = config.parent.glob(".*")
    assert re.fullmatch(r"\.config\.xswitch-[0-9a-f]{16}", temporary.name)
    assert mode_of(temporary) == mode_of(config)
    assert config.read_bytes() == OLD
    pending.discard()


# --- links ---------------------------------------------------------------------------------------


@pytest.fixture
def dotfiles(home):
    """A folder of dotfiles with an AWS config file, to which links lead."""
    folder = home / "dotfiles"
    folder.mkdir()
    (folder / "aws-config").write_bytes(OLD)
    return folder


@pytest.mark.parametrize("kind", ["absolute", "relative", "chain", "folder"])
def test_a_link_stays_and_what_it_leads_to_is_written(home, dotfiles, kind):
    link, target = home / ".aws/config", dotfiles / "aws-config"
    if kind == "absolute":
        link.symlink_to(target)
    elif kind == "relative":
        link.symlink_to("../dotfiles/aws-config")
    elif kind == "chain":
        (home / "between").symlink_to("dotfiles/aws-config")
        link.symlink_to(home / "between")
    else:
        link.parent.rmdir()
        link.parent.symlink_to("dotfiles")
        link = link.parent / "aws-config"
    links = {path: os.readlink(path) for path in home.rglob("*") if path.is_symlink()}
    save(link)
    assert target.read_bytes() == NEW
    assert {path: os.readlink(path) for path in home.rglob("*") if path.is_symlink()} == links
    assert os.listdir(dotfiles) == ["aws-config"]


def test_a_link_into_another_file_system_stays(aws_folder):
    elsewhere = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else "/var/tmp")
    try:
        if os.stat(elsewhere).st_dev == aws_folder.stat().st_dev:
            pytest.skip("there is no other file system to write to")
        target = Path(elsewhere, "config")
        target.write_bytes(OLD)
        (aws_folder / "config").symlink_to(target)
        save(aws_folder / "config")
        assert target.read_bytes() == NEW
        assert (aws_folder / "config").is_symlink()
    finally:
        for name in os.listdir(elsewhere):
            os.unlink(os.path.join(elsewhere, name))
        os.rmdir(elsewhere)


def test_the_target_of_a_dangling_link_is_made_private(home, dotfiles):
    (home / ".aws/config").symlink_to(dotfiles / "new")
    save(home / ".aws/config")
    assert (home / ".aws/config").is_symlink()
    assert (dotfiles / "new").read_bytes() == NEW
    assert mode_of(dotfiles / "new") == 0o600


def test_no_folder_is_made_where_a_dangling_link_leads(home):
    (home / ".aws/config").symlink_to(home / "gone/config")
    message = refusal(home / ".aws/config")
    assert message == "~/.aws/config was not changed: a link leads into a folder that does not exist"
    assert not (home / "gone").exists()


def test_no_folder_is_made_where_a_dangling_link_in_the_place_of_the_folder_leads(home):
    (home / ".aws").rmdir()
    (home / ".aws").symlink_to(home / "gone")
    with pytest.raises(XswitchError, match="a link leads into a folder that does not exist"):
        save(home / ".aws/config")
    assert not (home / "gone").exists()


def test_a_new_file_goes_through_linked_folders_above_it(home, dotfiles):
    (home / "linked").symlink_to("dotfiles")
    save(home / "linked/sub/config")
    assert (dotfiles / "sub/config").read_bytes() == NEW


# --- what is refused -----------------------------------------------------------------------------


def test_a_read_only_file_is_left_alone_by_root_too(config):
    config.chmod(0o444)
    assert refusal(config) == "~/.aws/config was not changed: it is read-only"


@pytest.mark.parametrize("links", [2, 3])
def test_a_file_with_hard_links_is_left_alone(config, links):
    for number in range(1, links):
        os.link(config, config.parent / f"same{number}")
    message = refusal(config)
    assert message == (
        f"~/.aws/config was not changed: it has {links} hard links, which replacing it would part"
    )


@pytest.mark.parametrize("kind", ["folder", "pipe", "socket", "loop", "under a file"])
def test_what_is_no_file_is_not_read(aws_folder, kind):
    path = aws_folder / "config"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        here = os.getcwd()
        os.chdir(aws_folder)  # the path of a socket may have 107 bytes
        socket.socket(socket.AF_UNIX).bind("config")
        os.chdir(here)
    elif kind == "loop":
        path.symlink_to("other")
        (aws_folder / "other").symlink_to("config")
    else:
        path.write_bytes(OLD)
        path = path / "config"
    with pytest.raises(XswitchError) as error:
        read_version(str(path))
    assert error.value.message in {
        "~/.aws/config is a folder",
        "~/.aws/config is not a regular file",
        "~/.aws/config is a link that leads back to itself",
        "~/.aws/config/config lies under something that is no folder",
    }
    assert error.value.hint


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/tty", "/proc/self/ns"])
def test_a_device_is_not_read(path):
    with pytest.raises(XswitchError, match=path):
        read_version(path)


def test_a_name_that_no_file_can_have_is_refused(aws_folder):
    for name in ("a\0b", "x" * 300):
        with pytest.raises(XswitchError, match="cannot be read"):
            read_version(str(aws_folder / name))


@pytest.mark.parametrize("linked", [False, True])
def test_dev_null_is_an_empty_file_that_cannot_be_written(aws_folder, linked):
    path = Path(os.devnull)
    if linked:
        path = aws_folder / "config"
        path.symlink_to(os.devnull)
    version = read_version(str(path))
    assert (version.data, version.exists) == (b"", False)
    with pytest.raises(XswitchError, match="it stands for no file at all"):
        prepare(version, NEW)
    with pytest.raises(XswitchError, match="it stands for no file at all"):
        remove(version)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_the_folder_that_has_come_in_the_place_of_the_file_stays(config):
    pending = prepare(read_version(str(config)), NEW)
    config.unlink()
    config.mkdir()
    (config / "mine").write_bytes(THEIRS)
    with pytest.raises(XswitchError, match="config is a folder"):
        pending.commit()
    assert (config / "mine").read_bytes() == THEIRS
    assert os.listdir(config.parent) == ["config"]


def test_a_write_without_its_temporary_file_changes_nothing(config):
    pending = prepare(read_version(str(config)), NEW)
    (temporary,) = config.parent.glob(".*")
    temporary.unlink()
    with pytest.raises(XswitchError, match=r"^~/\.aws/config was not changed: "):
        pending.commit()
    assert config.read_bytes() == OLD


# --- what an error tells -------------------------------------------------------------------------


def test_no_error_holds_what_is_in_the_file_or_was_to_be(aws_folder):
    path = aws_folder / "credentials"
    path.write_text(f"[default]\naws_secret_access_key = {SECRET}\n")
    pending = prepare(read_version(str(path)), SECRET.encode())

    def become_a_folder():
        path.unlink()
        path.mkdir()

    for spoil in (lambda: path.chmod(0o444), become_a_folder):
        spoil()
        for attempt in (pending.check, pending.commit, lambda: save(path, SECRET.encode())):
            with pytest.raises((XswitchError, ConflictError)) as caught:
                attempt()
            error = caught.value
            assert SECRET not in "".join(traceback.format_exception(error)) + repr(vars(error))
            assert error.__cause__ is None
    assert SECRET not in repr(pending) + repr(pending.version)


def test_a_path_is_shown_as_text_whatever_is_in_it(aws_folder):
    path = aws_folder / "con\x1b[31mfig\n"
    path.mkdir()
    with pytest.raises(XswitchError) as error:
        read_version(str(path))
    assert error.value.message == "~/.aws/con\\x1b[31mfig\\n is a folder"


# --- who else wrote ------------------------------------------------------------------------------


def write_in_place(path):
    path.write_bytes(THEIRS)


def write_and_rename(path):
    other = path.parent / "theirs"
    other.write_bytes(THEIRS)
    other.rename(path)


def write_at_the_same_length_and_time(path):
    status = path.stat()
    path.write_bytes(OLD.replace(b"west", b"east"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def point_a_link_elsewhere(path):
    other = path.parent / "other"
    other.write_bytes(OLD)
    path.unlink()
    path.symlink_to("other")


def change_the_mode(path):
    path.chmod(0o600 if stat.S_IMODE(path.stat().st_mode) != 0o600 else 0o644)


def change_an_attribute(path):
    set_attribute(path, "user.note", b"theirs")


def link_it(path):
    os.link(path, path.parent / "same")


CHANGES = [
    write_in_place,
    write_and_rename,
    write_at_the_same_length_and_time,
    point_a_link_elsewhere,
    change_the_mode,
    change_an_attribute,
    link_it,
    Path.unlink,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_who_wrote_after_the_file_was_read_is_not_written_over(config, change):
    pending = prepare(read_version(str(config)), NEW)
    change(config)
    theirs = {name: found for name, found in everything_in(config.parent).items() if name[0] != "."}
    with pytest.raises(ConflictError, match=r"^~/\.aws/config has been changed by somebody else meanwhile$"):
        pending.check()
    with pytest.raises(ConflictError):
        pending.commit()
    assert everything_in(config.parent) == theirs


def test_a_file_that_has_appeared_is_not_written_over(aws_folder):
    path = aws_folder / "config"
    pending = prepare(read_version(str(path)), NEW)
    path.write_bytes(b"")
    with pytest.raises(ConflictError):
        pending.commit()
    assert everything_in(aws_folder) == {"config": (path.lstat().st_mode, b"")}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_before_the_write_is_prepared_is_found_as_well(config, change):
    version = read_version(str(config))
    change(config)
    with pytest.raises(ConflictError):
        prepare(version, NEW).commit()
    assert not list(config.parent.glob(".*"))


def test_a_file_that_was_read_while_somebody_wrote_it_in_place_is_not_written_over(config):
    with config.open("wb") as file:  # empties it, as `aws configure set` does
        half = read_version(str(config))
        assert half.data == b""
        file.write(THEIRS)
    with pytest.raises(ConflictError):
        prepare(half, NEW).commit()
    assert everything_in(config.parent) == {"config": (config.stat().st_mode, THEIRS)}


def test_a_file_that_was_rewritten_with_the_same_bytes_has_not_changed(config):
    pending = prepare(read_version(str(config)), NEW)
    mode = mode_of(config)
    config.unlink()
    config.write_bytes(OLD)
    config.chmod(mode)
    pending.check()
    pending.commit()
    assert config.read_bytes() == NEW


def test_two_writes_of_one_file_under_two_names_do_not_lose_the_first(config):
    other = config.parent / "link"
    other.symlink_to("config")
    first = prepare(read_version(str(config)), NEW)
    second = prepare(read_version(str(other)), THEIRS)
    first.commit()
    with pytest.raises(ConflictError):
        second.commit()
    assert config.read_bytes() == NEW


# --- temporary files -----------------------------------------------------------------------------


def test_discard_leaves_the_file_as_it_was_and_may_be_called_at_any_time(config):
    pending = prepare(read_version(str(config)), NEW)
    pending.discard()
    pending.discard()
    assert everything_in(config.parent) == {"config": (config.stat().st_mode, OLD)}
    pending = prepare(read_version(str(config)), NEW)
    pending.commit()
    pending.discard()
    assert everything_in(config.parent) == {"config": (config.stat().st_mode, NEW)}


def test_a_stale_temporary_file_goes_with_the_next_write_and_nothing_else_does(config):
    digits = "0123456789abcdef"
    stale = [f".config.xswitch-{digits}", f".credentials.xswitch-{digits}", f"..xswitch-{digits}"]
    others = [
        f".config.xswitch-{digits[1:]}",
        f".config.xswitch-{digits}0",
        f".config.xswitch-{'g' * 16}",
        f"config.xswitch-{digits}",
        f".config-{digits}",
        ".config.xswitch-",
        ".x",
    ]
    for name in stale + others:
        (config.parent / name).write_bytes(b"x")
        os.utime(config.parent / name, (time.time() - 3700,) * 2)
    folder = config.parent / f".folder.xswitch-{digits}"
    folder.mkdir()
    os.utime(folder, (time.time() - 3700,) * 2)
    young = config.parent / ".config.xswitch-fedcba9876543210"
    young.write_bytes(b"x")
    os.utime(young, (time.time() - 3500,) * 2)
    save(config)
    assert set(os.listdir(config.parent)) == {"config", *others, young.name, folder.name}


# --- removing ------------------------------------------------------------------------------------


def test_remove_takes_the_file_away(config):
    remove(read_version(str(config)))
    assert os.listdir(config.parent) == []


def test_remove_leaves_a_link_that_leads_nowhere(config):
    link = config.parent / "link"
    link.symlink_to("config")
    remove(read_version(str(link)))
    assert link.is_symlink()
    assert not config.exists()


def test_removing_what_does_not_exist_is_nothing(aws_folder):
    remove(read_version(str(aws_folder / "config")))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_remove_finds_a_change_as_a_write_does(config, change):
    version = read_version(str(config))
    change(config)
    theirs = everything_in(config.parent)
    with pytest.raises(ConflictError):
        remove(version)
    assert everything_in(config.parent) == theirs


def test_a_file_that_has_appeared_is_not_removed(aws_folder):
    path = aws_folder / "config"
    version = read_version(str(path))
    path.write_bytes(THEIRS)
    with pytest.raises(ConflictError):
        remove(version)
    assert path.read_bytes() == THEIRS


def test_a_read_only_file_is_not_removed(config):
    config.chmod(0o444)
    with pytest.raises(XswitchError, match="it is read-only"):
        remove(read_version(str(config)))
    assert config.read_bytes() == OLD
