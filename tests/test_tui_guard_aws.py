"""Guards in the UI that depend on what AWS says, and those of delegations, against a real server."""

from __future__ import annotations

import os

import pytest
from screens import box_of, burst, confirmed_by, make_app, press, until, write_settings
from signing import go, row_of, run
from test_tui_delegate import on, open_form, plan

from xswitch.timestamps import utc_now
from xswitch.tui.outcome import Leave
from xswitch.tui.screens.delegate import DelegateScreen
from xswitch.tui.screens.delegate_apply import ApplyScreen
from xswitch.tui.screens.delegate_undo import UndoScreen
from xswitch.tui.screens.guard import GuardScreen
from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.message import MessageScreen

pytest_plugins = ["signing_setup", "delegating_setup"]
pytestmark = pytest.mark.slow

BY_ACCOUNT = '[accounts]\n"{0}" = "Keys"\n[[guard]]\naccount_id = "{0}"\n'
ACCOUNT = "111111111111"


async def asked(pilot, name):
    await until(pilot, lambda: isinstance(pilot.app.screen, GuardScreen))
    assert f"Type {name} to go on" in box_of(pilot.app)


# --- what only AWS knows -------------------------------------------------------------------------


async def test_a_profile_whose_account_only_aws_knows_is_asked_about_once_aws_was(ui, home, lent, aws_server):
    write_settings(home, BY_ACCOUNT.format(ACCOUNT))
    app = ui({"SHELL": "/bin/sh"})
    async with run(app) as pilot:
        go(app, "keys")
        await press(pilot, "s")
        await asked(pilot, "keys")
        assert "1111-1111-1111 Keys" in box_of(app)
        assert lent == []
        burst(app, "keys\r")
        await until(pilot, lambda: bool(lent))
        assert isinstance(app.screen, MainScreen)
        assert len(lent) == 1
        await until(pilot, lambda: "⊘" in row_of(app, "keys"))  # what AWS said is known from now on
    assert aws_server.actions() == ["GetCallerIdentity"]


async def test_esc_at_that_question_leaves_everything_as_it_was(ui, home, lent):
    write_settings(home, BY_ACCOUNT.format(ACCOUNT))
    app = ui()
    async with run(app) as pilot:
        go(app, "keys")
        await press(pilot, "enter")
        await asked(pilot, "keys")
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
    assert (lent, app.return_value) == ([], None)


async def test_leaving_for_it_carries_the_name_that_was_typed_then(ui, home):
    write_settings(home, BY_ACCOUNT.format(ACCOUNT))
    app = ui()
    async with run(app) as pilot:
        go(app, "keys")
        await press(pilot, "enter")
        await asked(pilot, "keys")
        burst(app, "keys\r")
        await until(pilot, lambda: app._exit)
    assert isinstance(app.return_value, Leave)
    assert confirmed_by(app) == ("keys",)


# What a role's file tells is refused at once; of keys only AWS knows where they are.
@pytest.mark.parametrize(("name", "is_asked"), [("ops", False), ("keys", True)])
async def test_a_profile_that_is_not_where_its_rule_expects_it_is_refused(ui, home, lent, name, is_asked):
    write_settings(home, f'[[guard]]\nprofile = "{name}"\nexpect_account_id = "999999999999"\n')
    app = ui()
    async with run(app) as pilot:
        go(app, name)
        await press(pilot, "enter")
        if is_asked:
            await asked(pilot, name)
            burst(app, f"{name}\r")
        await until(pilot, lambda: isinstance(app.screen, MessageScreen))
        assert f"{name} is in account" in box_of(app)
        assert "999999999999" in box_of(app).replace("-", "")
    assert (lent, app.return_value) == ([], None)


async def test_where_aws_cannot_be_asked_it_is_refused(ui, home, lent, aws_server):
    write_settings(home, BY_ACCOUNT.format(ACCOUNT))
    aws_server.control(fail={"GetCallerIdentity": {"status": 403, "code": "AccessDenied", "message": "no"}})
    app = ui()
    async with run(app) as pilot:
        go(app, "keys")
        await press(pilot, "s")
        await until(pilot, lambda: isinstance(app.screen, MessageScreen))
    assert lent == []


# --- delegations ---------------------------------------------------------------------------------


async def test_a_delegation_asks_for_its_guarded_party_once_and_again_to_take_it_down(accounts, home):
    write_settings(home, '[[guard]]\nprofile = "prod*"\n')
    app = make_app(dict(os.environ), clock=utc_now)
    async with app.run_test(size=(100, 36), notifications=True) as pilot:
        await plan(pilot)
        await press(pilot, "enter")
        await asked(pilot, "prod-admin")
        assert accounts.changes() == []
        burst(app, "prod-admin\r")
        await on(pilot, ApplyScreen, "AWS says that you are")
        await press(pilot, "enter", "D", "enter")
        await on(pilot, UndoScreen, "⏎ take it down")
        await press(pilot, "enter")
        await asked(pilot, "prod")
        burst(app, "prod\r")
        await asked(pilot, "prod-admin")
        burst(app, "prod-admin\r")
        await on(pilot, UndoScreen, "✓ taken down")
    assert accounts.everything() == accounts.before


async def test_without_the_name_nothing_is_delegated(accounts, home):
    write_settings(home, '[[guard]]\nprofile = "prod-admin"\n')
    app = make_app(dict(os.environ), clock=utc_now)
    async with app.run_test(size=(100, 36)) as pilot:
        await plan(pilot)
        await press(pilot, "enter")
        await asked(pilot, "prod-admin")
        await press(pilot, "escape")
        await on(pilot, ApplyScreen, "t try again")
    assert accounts.everything() == accounts.before


async def test_what_is_read_only_is_refused_before_it_is_planned(accounts, home):
    write_settings(home, '[[guard]]\nprofile = "prod-admin"\nlevel = "read-only"\n')
    app = make_app(dict(os.environ), clock=utc_now)
    async with app.run_test(size=(100, 36)) as pilot:
        await open_form(pilot)
        await press(pilot, "ctrl+s")
        await on(pilot, DelegateScreen, "prod-admin is read-only, so delegate is refused")
    assert accounts.everything() == accounts.before
