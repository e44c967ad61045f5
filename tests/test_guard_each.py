"""Guards before a command under many profiles: one of them that is refused, and none is run."""

from __future__ import annotations

import os

import pytest
from awshome import read_profiles_in, role, write_profiles
from guarding import CONFIRM, QUESTION, READ_ONLY, REFUSED, ask, write_settings
from running import PYTHON, SECRET, run_xswitch, write_session

KEYS = f"aws_access_key_id = AKIA0000000000000000\naws_secret_access_key = {SECRET}\n"
CONFIG = "".join(role(name, "keys") for name in ("dev", "prod", "prod-audit", "test"))
TOUCH = ["--", "sh", "-c", 'touch "ran-$AWS_PROFILE"']


@pytest.fixture(autouse=True)
def profiles(home, aws_folder):
    write_profiles(aws_folder, CONFIG, f"[keys]\n{KEYS}")
    found = read_profiles_in(aws_folder)
    for name in ("dev", "prod", "prod-audit", "test"):
        write_session(home, found[name])
    write_settings(home, CONFIRM)


def each(home, *words):
    done = run_xswitch("each", *words, *TOUCH, cwd=home)
    return done, {path.name.removeprefix("ran-") for path in home.glob("ran-*")}


@pytest.mark.parametrize(
    "options",
    [[], ["--yes-really", "prod"], ["--yes-really", "*"], ["--yes-really", "dev"]],
    ids=str,
)
@pytest.mark.parametrize("rules", [CONFIRM, READ_ONLY, "[guard]\n"], ids=["confirm", "read-only", "bad"])
def test_where_one_is_refused_none_is_run(home, rules, options):
    write_settings(home, rules)
    done, ran = each(home, *options, "*", "!keys")
    assert (done.returncode, done.stdout, ran) == (REFUSED, "", set()), done.stderr


def test_with_all_names_all_are_run(home):
    done, ran = each(home, "--yes-really", "prod", "--yes-really", "prod-audit", "*", "!keys")
    assert (done.returncode, ran) == (0, {"dev", "prod", "prod-audit", "test"}), done.stderr


def test_guarded_ones_that_are_left_out_are_not_asked_about(home):
    done, ran = each(home, "*", "!prod*", "!keys")
    assert (done.returncode, ran) == (0, {"dev", "test"}), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("last", "status"), [("prod-audit", 0), ("prod", REFUSED), ("\x03", 130)])
def test_on_a_terminal_each_guarded_name_is_typed(home, last, status):
    code = "import os; open(os.environ['HOME'] + '/ran-' + os.environ['AWS_PROFILE'], 'w')"
    terminal = ask("each", "*", "!keys", "--", PYTHON, "-c", code, env=dict(os.environ))
    terminal.type("prod\n")
    terminal.until(QUESTION, after=QUESTION)
    terminal.type(last if last == "\x03" else f"{last}\n")
    assert terminal.end() == status
    assert len(list(home.glob("ran-*"))) == (4 if status == 0 else 0)


def test_accounts_that_aws_has_named_before_are_known_before_anything_is_obtained(home):
    write_settings(home, "[[guard]]\naccount_id = '111111111111'\n")
    kept = home / ".local/state/xswitch/identities/AKIA0000000000000000.json"
    kept.parent.mkdir(parents=True)
    kept.write_text('{"access_key_id": "AKIA0000000000000000", "account_id": "111111111111", "asked_at": ""}')
    done = run_xswitch("each", "keys", "dev", "--dry-run")
    assert done.stdout.splitlines() == ["dev", "keys"]
    assert "keys" in done.stderr
    assert "dev" not in done.stderr
