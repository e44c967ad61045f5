"""Edits of two files of which the second cannot be put in place, and what is kept for undo."""

from __future__ import annotations

import os
import subprocess

import pytest
from awshome import write_profiles
from running import PYTHON, SECRET, run_xswitch

CONFIG = """\
[default]
region = eu-west-1
[profile prod]
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = default
[profile self]
aws_access_key_id = AKIASELF
role_arn = arn:aws:iam::222222222222:role/Self
source_profile = self
"""
CREDENTIALS = f"[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {SECRET}\n"
# Fails, as a file system does, when the second of the two files is to be replaced or removed.
FAILING = """
import os, sys
from xswitch.cli.main import main
def watch(event, arguments):
    place = {"os.rename": 1, "os.remove": 0}.get(event)
    target = "" if place is None else str(arguments[place])
    if target.endswith("/.aws/credentials"):
        if os.environ.get("MEANWHILE"):
            with open(os.environ["MEANWHILE"], "a") as file:
                file.write("# somebody else\\n")
        raise OSError(5, "Input/output error", target)
sys.addaudithook(watch)
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def files(aws_folder):
    write_profiles(aws_folder, CONFIG, CREDENTIALS)

    def contents():
        return tuple((aws_folder / name).read_bytes().decode() for name in ("config", "credentials"))

    return contents


def failing(*words, **env):
    done = subprocess.run(
        [PYTHON, "-c", FAILING, *words],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_where_the_second_file_fails_the_first_is_put_back_and_nothing_is_listed(files, aws_folder):
    assert "~/.aws/credentials" in failing("rename", "default", "main")
    assert files() == (CONFIG, CREDENTIALS)
    assert "nothing to take back" in run_xswitch("undo", "--list").stderr
    assert sorted(os.listdir(aws_folder)) == ["config", "credentials"]


def test_what_others_wrote_into_the_first_meanwhile_stays(files, aws_folder):
    failing("rename", "default", "main", MEANWHILE=str(aws_folder / "config"))
    config, credentials = files()
    assert config.endswith("# somebody else\n")
    assert credentials == CREDENTIALS


def test_an_undo_whose_second_file_fails_changes_nothing(files):
    assert run_xswitch("rename", "default", "main").returncode == 0
    now = files()
    failing("undo")
    assert files() == now
    assert run_xswitch("undo").returncode == 0
    assert files() == (CONFIG, CREDENTIALS)


@pytest.mark.parametrize("how", ["read-only", "failing"])
def test_an_undo_that_cannot_remove_the_file_it_made_changes_nothing(aws_folder, how):
    config, credentials = aws_folder / "config", aws_folder / "credentials"
    config.write_text(CONFIG)
    keys = f"AKIAIOSFODNN7EXAMPLE\n{SECRET}\n"
    made = run_xswitch("add", "keys", "new", "--region", "eu-west-1", input=keys, stdin=None)
    assert made.returncode == 0
    now = config.read_bytes(), credentials.read_bytes()
    if how == "read-only":
        credentials.chmod(0o400)
        assert "it is read-only" in run_xswitch("undo").stderr
    else:
        failing("undo")
    assert (config.read_bytes(), credentials.read_bytes()) == now
    credentials.chmod(0o600)
    assert run_xswitch("undo").returncode == 0
    assert config.read_text() == CONFIG
    assert not credentials.exists()


def test_a_profile_that_is_its_own_source_stays_that_under_a_new_name(files):
    assert run_xswitch("rename", "self", "me").returncode == 0
    assert files()[0] == CONFIG.replace("profile self", "profile me").replace("= self", "= me")


def test_a_source_in_default_is_no_reference_that_can_follow(files, aws_folder):
    write_profiles(aws_folder, f"[DEFAULT]\nsource_profile = default\n{CONFIG}", CREDENTIALS)
    assert "the source_profile of [DEFAULT] names default" in run_xswitch("rename", "default", "x").stderr


@pytest.mark.slow
def test_only_the_versions_before_the_last_edits_are_kept_and_those_that_were_undone(files, home):
    backups = home / ".local/state/xswitch/backups"
    for number in range(50):
        assert run_xswitch("set", "default", "x", str(number)).returncode == 0
    assert len(list(backups.iterdir())) == 20
    assert run_xswitch("undo").returncode == 0
    undone = [path for path in backups.iterdir() if path.name.endswith(".undone")]
    assert [path.read_text() for path in undone] == [CONFIG.replace("west-1\n", "west-1\nx = 49\n", 1)]


def test_edits_that_somebody_took_back_by_hand_are_skipped_and_said_so(files, aws_folder):
    for number in range(3):
        run_xswitch("set", "default", "x", str(number))
        if number == 1:
            second = files()[0]
    (aws_folder / "config").write_text(second)
    done = run_xswitch("undo")
    assert "“set x of default” was taken back already" in done.stderr
    assert "x = 0\n" in files()[0]


def test_keys_that_may_be_secrets_are_not_repeated(files, home):
    for words in (["set", "default", SECRET, "x"], ["unset", "default", SECRET]):
        done = run_xswitch(*words)
        assert done.returncode in {1, 2}
        assert SECRET not in done.stdout + done.stderr
    assert not (home / ".local/state/xswitch/undo.json").exists()
