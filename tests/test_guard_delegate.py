"""Guards and access that is set up between accounts: asked before anything is obtained, in the right one."""

from __future__ import annotations

import pytest
from delegating import DEV, OPTIONS, PROD
from guarding import REFUSED, write_settings
from running import XSWITCH, Terminal

pytest_plugins = ["delegating_setup"]
pytestmark = pytest.mark.slow

PROD_ADMIN = "[[guard]]\nprofile = 'prod-admin'\n"
BOTH = "[[guard]]\nprofile = '*-admin'\n"
REALLY = ("--yes-really", "prod-admin")


def assert_untouched(accounts, done):
    assert (done.returncode, done.stdout) == (REFUSED, ""), done.stderr
    assert accounts.everything() == accounts.before


@pytest.mark.parametrize("rules", [PROD_ADMIN, f"{PROD_ADMIN}level = 'read-only'\n", "[guard]\n"])
def test_nothing_is_asked_of_aws_before_the_guard_lets_it(accounts, rules):
    write_settings(accounts.home, rules)
    done = accounts.set_up()
    assert_untouched(accounts, done)
    assert accounts.server.actions() == []
    assert done.stderr.count("\n") == 1


def test_read_only_is_refused_whatever_the_command_line_says(accounts):
    write_settings(accounts.home, f"{PROD_ADMIN}level = 'read-only'\n")
    done = accounts.set_up(*REALLY)
    assert_untouched(accounts, done)
    assert accounts.server.actions() == []
    assert "prod-admin is read-only, so delegate is refused" in done.stderr


@pytest.mark.parametrize("given", [REALLY, ("--yes-really", "dev-admin"), ("--yes-really", "prod")])
def test_both_accounts_have_to_be_named(accounts, given):
    write_settings(accounts.home, BOTH)
    assert_untouched(accounts, accounts.set_up(*given))


def test_with_the_names_it_is_done_and_undone(accounts):
    write_settings(accounts.home, BOTH)
    names = (*REALLY, "--yes-really", "dev-admin")
    done = accounts.set_up(*names)
    assert done.returncode == 0, done.stderr
    refused = accounts.delegate("undo", "prod", "--yes")
    assert (refused.returncode, accounts.set_ups()) == (REFUSED, ["prod"])
    again = accounts.delegate("resume", "prod", "--yes")
    assert (again.returncode, "is guarded" in again.stderr) == (REFUSED, True)
    assert accounts.delegate("resume", "prod", "--yes", *names).returncode == 0
    done = accounts.delegate("undo", "prod", "--yes", *names)
    assert done.returncode == 0, done.stderr
    assert accounts.everything() == accounts.before


def test_the_profile_that_is_made_is_asked_about_where_it_is_there_already(accounts):
    write_settings(accounts.home, "[[guard]]\nprofile = 'prod'\n")
    assert accounts.set_up().returncode == 0
    assert accounts.delegate("undo", "prod", "--yes").returncode == REFUSED
    assert accounts.delegate("undo", "prod", "--yes", "--yes-really", "prod").returncode == 0
    assert accounts.everything() == accounts.before


@pytest.mark.parametrize("level", ["confirm", "read-only"])
def test_keys_in_a_guarded_account_are_guarded_whatever_they_are_called(accounts, level):
    write_settings(accounts.home, f"[[guard]]\naccount_id = '{PROD}'\nlevel = '{level}'\n")
    assert_untouched(accounts, accounts.set_up())
    assert set(accounts.server.actions()) <= {"GetCallerIdentity"}


def test_an_account_that_is_another_than_the_rule_says_is_refused(accounts):
    write_settings(accounts.home, f"{PROD_ADMIN}expect_account_id = '{DEV}'\n")
    done = accounts.set_up(*REALLY)
    assert_untouched(accounts, done)
    assert f"prod-admin is in account {PROD}, not in {DEV}" in done.stderr
    write_settings(accounts.home, f"{PROD_ADMIN}expect_account_id = '{PROD}'\n")
    assert accounts.set_up(*REALLY).returncode == 0


@pytest.mark.parametrize("form", [("--plan",), ("--plan", "--json"), ("--export", "terraform")])
def test_a_plan_is_only_looked_at(accounts, form):
    write_settings(accounts.home, BOTH)
    done = accounts.delegate(*OPTIONS, *form)
    assert done.returncode == 0, done.stderr
    assert accounts.everything() == accounts.before


def test_on_a_terminal_each_name_is_typed_once_and_the_plan_agreed_to(accounts):
    write_settings(accounts.home, BOTH)
    env = {**accounts.environ, "TERM": "xterm"}
    terminal = Terminal([XSWITCH, "delegate", *OPTIONS], env)
    question = "Type its name to go on: "
    terminal.until(question)
    assert "prod-admin is guarded: you are about to change who has access by way of it" in terminal.text
    terminal.type("prod-admin\n")
    terminal.until(question, after="prod-admin\r\n")
    terminal.type("dev-admin\n")
    terminal.until("[y/N] ")
    terminal.type("n\n")
    assert terminal.end() == 130
    assert terminal.text.count(question) == 2
    assert accounts.everything() == accounts.before
