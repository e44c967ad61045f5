"""The wizard for delegations: what it fills in and says, its plan, applying it live, and taking it down."""

from __future__ import annotations

import json
import os

import pytest
from delegating import DEV, DEVICE, PROD, document, wanted
from screens import (
    box_of,
    burst,
    make_app,
    press,
    selected,
    settle,
    shown_names,
    text_of,
    told,
    tree_of,
    until,
    write_demo,
)

from xswitch.timestamps import utc_now
from xswitch.tui.screens.delegate import DelegateScreen
from xswitch.tui.screens.delegate_apply import ApplyScreen
from xswitch.tui.screens.delegate_list import ListScreen
from xswitch.tui.screens.delegate_plan import PlanScreen
from xswitch.tui.screens.delegate_undo import DelegationsScreen, UndoScreen
from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.mfa import CodeScreen
from xswitch.tui.screens.pick import PickScreen

pytest_plugins = ["delegating_setup"]
pytestmark = pytest.mark.slow

SIZE = (100, 36)
FIELDS = {"trusting": "prod-admin", "trusted": "dev-admin", "source": "dev", "profile": "prod"}
DENIED = {"status": 403, "code": "AccessDenied", "message": "not today"}


def ui():
    return make_app(dict(os.environ), clock=utc_now)


def go(app, name):
    tree = tree_of(app)
    tree.cursor = next(i for i, row in enumerate(tree.rows) if row.node.name == name)


def value(app, key):
    return app.screen.rows[key].value


def shown(app):
    """Return the keys of the fields that are asked for."""
    return [key for key, row in app.screen.rows.items() if row.display]


def note(app, key):
    widget = app.screen.rows[key].query_one(".note")
    return str(widget.render()) if widget.display else ""


def focused(app):
    return app.screen._row_of(app.focused).field.key


async def at(pilot, key):
    """Go to a field."""
    pilot.app.screen.set_focus(pilot.app.screen.rows[key].input)
    await settle(pilot)


async def put(pilot, key, text):
    """Type a text into a field in place of what is there."""
    await at(pilot, key)
    await press(pilot, "end", "ctrl+u")
    burst(pilot.app, text)
    await settle(pilot)


async def on(pilot, screen, *words):
    """Wait for a screen with some words on it."""
    app = pilot.app
    await until(pilot, lambda: isinstance(app.screen, screen) and all(word in text_of(app) for word in words))


async def choose(pilot, key, choice):
    """Go through the choices of a field to one of them."""
    await at(pilot, key)
    while value(pilot.app, key) != choice:
        await press(pilot, "right")


# --- the form, for which nobody is asked ---------------------------------------------------------


@pytest.fixture
def demo_files(home, monkeypatch):
    write_demo(home)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")


@pytest.mark.usefixtures("demo_files")
async def test_on_a_role_its_account_gets_another_role_for_who_is_at_its_root():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        go(app, "prod-audit")
        await press(pilot, "D")
        assert isinstance(app.screen, DelegateScreen)
        assert value(app, "trusting") == "prod-audit"
        assert value(app, "trusted") == "default"
        assert value(app, "kind") == "itself"
        assert value(app, "policy") == "ReadOnlyAccess"
        assert value(app, "role") == "CrossAccountReadOnly"
        assert value(app, "profile") == "prod-read-only"
        assert value(app, "region") == "eu-west-1"
        assert focused(app) == "policy"
        assert "2222-2222-2222" in note(app, "trusting")
        assert "✗" not in text_of(app)
        assert "nothing is changed by that" in box_of(app)


@pytest.mark.usefixtures("demo_files")
@pytest.mark.parametrize(
    ("row", "trusted"), [("default", "default"), ("corp-dev", "corp-dev"), ("corp", "default")]
)
async def test_on_others_the_account_that_gets_the_role_is_asked_for(row, trusted):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        go(app, row)
        await press(pilot, "D")
        assert value(app, "trusting") == ""
        assert value(app, "trusted") == trusted
        assert focused(app) == "trusting"
        assert "still needed: Trusting, Profile" in text_of(app)
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, DelegateScreen)
        assert "✗ this is needed" in text_of(app)


@pytest.mark.usefixtures("demo_files")
async def test_the_role_is_called_by_its_policy_and_the_profile_by_both_until_they_are_named():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        go(app, "staging")
        await press(pilot, "D")
        await put(pilot, "policy", "job-function/Billing")
        assert value(app, "role") == "CrossAccountBilling"
        assert value(app, "profile") == "staging-billing"
        await put(pilot, "profile", "mine")
        await put(pilot, "policy", "PowerUserAccess")
        assert value(app, "role") == "CrossAccountPowerUser"
        assert value(app, "profile") == "mine"
        await put(pilot, "profile", "")
        await put(pilot, "role", "Auditor")
        assert value(app, "profile") == "staging-auditor"


@pytest.mark.usefixtures("demo_files")
async def test_only_what_is_needed_is_asked():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        go(app, "prod")
        await press(pilot, "D")
        extra = {"principal", "group", "user", "mfa_serial", "mfa_age"}
        assert extra & set(shown(app)) == {"group"}
        await at(pilot, "kind")
        await press(pilot, "u")
        assert value(app, "kind") == "user"
        assert extra & set(shown(app)) == {"principal", "group"}
        await press(pilot, "p")
        assert value(app, "kind") == "permission set"
        assert extra & set(shown(app)) == {"principal"}
        await press(pilot, " ")
        assert value(app, "kind") == "whole account"
        assert extra & set(shown(app)) == {"group", "user"}
        assert "wide" in note(app, "kind")
        await press(pilot, "left", "left", "left", "backspace", "delete", "x", "ctrl+u")
        assert value(app, "kind") == "user"
        await at(pilot, "require_mfa")
        await press(pilot, "y")
        assert extra & set(shown(app)) == {"principal", "group", "mfa_serial", "mfa_age"}
        await until(pilot, lambda: "that of the source" in text_of(app))


@pytest.mark.usefixtures("demo_files")
async def test_mfa_is_required_at_first_where_the_source_has_a_device(home):
    with (home / ".aws/config").open("a") as file:
        file.write("[profile guarded]\nregion = eu-west-1\nmfa_serial = arn:aws:iam::111111111111:mfa/me\n")
    with (home / ".aws/credentials").open("a") as file:
        file.write("[guarded]\naws_access_key_id = AKIA1\naws_secret_access_key = made-up\n")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        go(app, "guarded")
        await press(pilot, "D")
        assert value(app, "require_mfa") == "yes"
        await put(pilot, "source", "default")
        assert value(app, "require_mfa") == "no"


@pytest.mark.usefixtures("demo_files")
@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("trusting", "default", "the other account's profile"),
        ("trusting", "nobody", "there is no profile nobody"),
        ("trusting", "legacy", "does not exist"),
        ("trusted", "prod-audit", "both are in the account 222222222222"),
        ("policy", "two words", "the name of a policy has"),
        ("policy", "arn:aws:s3:::bucket", "a policy's ARN is of the form"),
        ("policy", "missing.json", "the file cannot be read: No such file"),
        ("policy", "~/bad.json", "the policy is not JSON"),
        ("role", "a/b", "the name of a role has"),
        ("profile", "[x]", "square brackets"),
        ("seconds", "1s", "15 minutes to 12 hours"),
        ("external_id", "no blank", "an external ID has"),
        ("path", "team", "a path begins and ends with /"),
        ("tags", "Team", "write tags as"),
        ("source", "nobody", "there is no profile nobody"),
        ("group", "a b", "the name of a group has"),
    ],
)
async def test_a_field_says_what_is_wrong_with_it(home, key, text, words):
    (home / "bad.json").write_text("{")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        go(app, "prod")
        await press(pilot, "D")
        await put(pilot, key, text)
        assert words in note(app, key)
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, DelegateScreen)
        assert focused(app) == key
        assert note(app, key).startswith("✗ ")


@pytest.mark.usefixtures("demo_files")
async def test_a_name_that_is_taken_is_only_a_remark_for_it_may_be_the_same():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        go(app, "prod")
        await press(pilot, "D")
        await put(pilot, "profile", "staging")
        assert "the plan shows how it differs" in note(app, "profile")
        assert not app.screen.rows["profile"].error


@pytest.mark.usefixtures("demo_files")
async def test_ctrl_o_picks_profiles_in_the_tree_and_makes_an_external_id():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        go(app, "default")
        await press(pilot, "D", "ctrl+o")
        assert isinstance(app.screen, PickScreen)
        await press(pilot, *"sandbox", "enter")
        assert value(app, "trusting") == "sandbox"
        assert value(app, "profile") == "sandbox-read-only"
        assert focused(app) == "trusted"
        await at(pilot, "external_id")
        await press(pilot, "ctrl+o")
        assert len(value(app, "external_id")) == 32
        before = value(app, "external_id")
        await at(pilot, "external_id")
        await press(pilot, "ctrl+o")
        assert value(app, "external_id") != before


@pytest.mark.usefixtures("demo_files")
async def test_escape_closes_and_asks_where_something_was_typed():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        go(app, "prod")
        await press(pilot, "D", "escape")
        assert isinstance(app.screen, MainScreen)
        await press(pilot, "D", "x", "escape")
        assert "esc again discards what was typed" in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, MainScreen)


@pytest.mark.usefixtures("demo_files")
async def test_where_nobody_answers_the_form_says_so_and_keeps_what_was_typed():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        go(app, "prod")
        await press(pilot, "D")
        await put(pilot, "role", "Kept")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: "✗" in text_of(app))
        assert value(app, "role") == "Kept"
        assert isinstance(app.screen, DelegateScreen)


# --- choosing from what there is -----------------------------------------------------------------


async def open_form(pilot, **fields):
    """Open the form, and type what the two accounts of the tests need."""
    go(pilot.app, "dev-admin")
    await press(pilot, "D")
    for key, text in {**FIELDS, **fields}.items():
        await put(pilot, key, text)


async def test_policies_are_searched_by_words(accounts):
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await open_form(pilot)
        assert accounts.server.actions() == []
        await at(pilot, "policy")
        await press(pilot, "ctrl+o")
        await on(pilot, ListScreen, "Policies in the account of prod-admin", "ReadOnlyAccess")
        await press(pilot, *"only s3")
        assert "AmazonS3ReadOnlyAccess" in text_of(app)
        assert "EC2" not in box_of(app)
        await press(pilot, "enter")
        assert value(app, "policy") == "AmazonS3ReadOnlyAccess"
        assert value(app, "role") == "CrossAccountAmazonS3ReadOnly"
        await at(pilot, "policy")
        await press(pilot, "ctrl+o")
        await on(pilot, ListScreen)
        await press(pilot, *"zzz", "enter")
        assert "nothing matches “zzz”" in text_of(app)
        await press(pilot, "escape")
        assert value(app, "policy") == "AmazonS3ReadOnlyAccess"
    assert accounts.changes() == []


async def test_users_roles_and_groups_are_those_of_the_trusted_account(accounts):
    accounts.iam(DEV).create_group(GroupName="Developers")
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await open_form(pilot)
        await choose(pilot, "kind", "user")
        await at(pilot, "principal")
        await press(pilot, "ctrl+o")
        await on(pilot, ListScreen, "Users in the account of dev-admin", "admin", "dev")
        await press(pilot, "down", "enter")
        assert value(app, "principal") == "dev"
        await at(pilot, "group")
        await press(pilot, "ctrl+o")
        await on(pilot, ListScreen, "Developers")
        await press(pilot, "enter")
        assert value(app, "group") == "Developers"
        await choose(pilot, "kind", "role")
        await at(pilot, "principal")
        await press(pilot, "ctrl+o")
        await until(pilot, lambda: "dev-admin shows no roles" in text_of(app))


async def test_who_may_not_list_is_told_to_type(accounts):
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await open_form(pilot, trusting="dev", trusted="prod-admin", source="")
        await at(pilot, "policy")
        await press(pilot, "ctrl+o")
        await until(pilot, lambda: "dev shows no policies" in text_of(app))
        assert isinstance(app.screen, DelegateScreen)
        assert accounts.changes() == []


# --- the plan ------------------------------------------------------------------------------------


async def plan(pilot, **fields):
    await open_form(pilot, **fields)
    await press(pilot, "ctrl+s")
    await on(pilot, PlanScreen)


async def test_the_plan_names_both_accounts_and_shows_each_document(accounts):
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await plan(pilot)
        text = text_of(app)
        assert "3434-3434-3434  prod-admin  gets the role" in text
        assert "1212-1212-1212  dev-admin  may use it" in text
        assert text.count("+ create") == 5  # four steps, and the one that is read
        assert "no MFA is required" in text
        assert '"AWS": "arn:aws:iam::121212121212:user/dev"' in text
        await press(pilot, "down")
        assert "arn:aws:iam::aws:policy/ReadOnlyAccess" in text_of(app)
        await press(pilot, "down")
        assert "iam:PutUserPolicy" in text_of(app)
        await press(pilot, "down")
        assert "[profile prod]" in text_of(app)
        assert "source_profile = dev" in text_of(app)
        await press(pilot, "down")
        assert "a stolen access key is enough" in box_of(app).split("─" * 20)[-1]
        await press(pilot, "escape")
        assert isinstance(app.screen, DelegateScreen)
        assert value(app, "source") == "dev"
        assert value(app, "profile") == "prod"
    assert accounts.changes() == []
    assert accounts.everything() == accounts.before


async def test_the_document_scrolls_and_the_narrow_plan_shows_the_same(accounts):
    app = ui()
    async with app.run_test(size=(60, 16)) as pilot:
        await plan(pilot)
        assert "3434-3434-3434" in text_of(app)
        assert "⏎ apply" in text_of(app)
        assert '"Action": "sts:AssumeRole"' not in text_of(app)
        await press(pilot, *["pagedown"] * 5)
        assert '"Action": "sts:AssumeRole"' in text_of(app)
        await press(pilot, *["pageup"] * 5)
        assert "iam:CreateRole" in text_of(app)


async def test_the_plan_is_copied_as_a_script(accounts):
    app = ui()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await plan(pilot)
        await press(pilot, "c")
        assert "terraform" in text_of(app)
        await press(pilot, "enter")
        assert "copied delegate.sh" in told(app)
        assert app.clipboard.startswith("#!")
        assert "aws iam create-role" in app.clipboard
        await press(pilot, "c", *"jj", "enter")
        assert isinstance(json.loads(app.clipboard), dict)
    assert accounts.changes() == []


async def test_what_differs_is_shown_and_changed_only_when_told(accounts):
    accounts.apply(wanted(region=accounts.region))
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{DEV}:root"}, "Action": "sts:AssumeRole"}
    accounts.iam(PROD).update_assume_role_policy(
        RoleName="CrossAccountReader",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await plan(pilot, role="CrossAccountReader")
        text = text_of(app)
        assert "≠ differs 3434-3434-3434  role CrossAccountReader" in text
        assert text.count("= exists") == 3
        assert f"arn:aws:iam::{DEV}:root" in text
        await press(pilot, "enter")
        assert isinstance(app.screen, PlanScreen)
        assert "there already, and different. u has that changed" in text_of(app)
        await press(pilot, "u")
        assert "≠ update" in text_of(app)
        await press(pilot, "u")
        assert "≠ update" not in text_of(app)
        await press(pilot, "u", "enter")
        await on(pilot, ApplyScreen, "AWS says that you are", "✓ updated")


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("policy", "ReadOnlyAcces", "there is no policy ReadOnlyAcces"),
        ("group", "Nobody", "there is no group Nobody"),
    ],
)
async def test_what_aws_does_not_know_is_said_beside_its_field(accounts, key, text, words):
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await open_form(pilot, **{key: text})
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: words in note(app, key))
        assert note(app, key).startswith("✗ ")
        assert focused(app) == key
        # A session that was got is a change of the files, and changes nothing about that.
        overview, cache = app.overview, accounts.home / ".aws/cli/cache"
        cache.mkdir(parents=True)
        (cache / "another.json").write_text("{}")
        await until(pilot, lambda: app.overview is not overview)
        await pilot.pause(0.7)
        assert words in note(app, key)
    assert accounts.changes() == []


async def test_escape_stops_asking_before_it_closes(accounts):
    accounts.control(hold={"GetUser": "before"})
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await open_form(pilot)
        await press(pilot, "ctrl+s")
        assert "asking AWS …  esc stops that" in text_of(app)
        accounts.server.until_held()
        await press(pilot, "escape")
        assert isinstance(app.screen, DelegateScreen)
        assert "nobody is asked any more" in text_of(app)
        accounts.control()
        await pilot.pause(0.3)
        assert isinstance(app.screen, DelegateScreen)


async def test_texts_of_files_are_shown_and_not_read_as_markup(accounts, home):
    odd = "arn:aws:s3:::[/foo][red]\x1b[31m"
    statement = {"Effect": "Allow", "Action": "s3:Get*", "Resource": odd}
    path = home / "policy.json"
    path.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await plan(pilot, policy=str(path), role="Getter")
        await press(pilot, "down")
        assert '"Resource": "arn:aws:s3:::[/foo][red]\\u001b[31m"' in text_of(app)


# --- applying ------------------------------------------------------------------------------------


async def test_the_whole_walk_ends_at_the_new_profile_and_d_takes_it_down_again(accounts):
    app = ui()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await plan(pilot)
        await press(pilot, "enter")
        await on(pilot, ApplyScreen, "AWS says that you are")
        text = text_of(app)
        assert text.count("✓ created") == 4
        assert f"arn:aws:sts::{PROD}:assumed-role/CrossAccountReadOnly/" in text
        await press(pilot, "enter")
        assert isinstance(app.screen, MainScreen)
        assert selected(app) == "prod"
        assert "prod works" in told(app)
        await press(pilot, "D")
        assert isinstance(app.screen, DelegationsScreen)
        assert "take down  prod: CrossAccountReadOnly in 3434-3434-3434" in text_of(app)
        await press(pilot, "enter")
        await on(pilot, UndoScreen, "- remove profile prod", "⏎ take it down")
        await press(pilot, "enter")
        await on(pilot, UndoScreen, "✓ taken down")
        await press(pilot, "enter")
        assert isinstance(app.screen, MainScreen)
        assert "prod" not in shown_names(app)
        assert selected(app) == "dev"
    assert accounts.everything() == accounts.before


async def test_a_second_time_everything_exists_and_nothing_is_changed(accounts):
    accounts.apply(wanted(region=accounts.region))
    accounts.server.forget()
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await plan(pilot, role="CrossAccountReader")
        assert "⏎ verify: everything is there" in text_of(app)
        await press(pilot, "a")
        await on(pilot, ApplyScreen, "AWS says that you are")
        assert box_of(app).count("= exists") == 4
        await press(pilot, "enter")
        assert selected(app) == "prod"
    assert accounts.changes() == []


async def test_a_delegation_whose_profile_was_deleted_is_still_taken_down(accounts):
    accounts.apply()
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        go(app, "prod")
        await press(pilot, "ctrl+d", "enter")
        await until(pilot, lambda: "prod" not in shown_names(app))
        go(app, "dev")
        await press(pilot, "D", "enter")
        await on(pilot, UndoScreen, "⏎ take it down")
        await press(pilot, "enter")
        await on(pilot, UndoScreen, "✓ taken down")
    assert accounts.everything() == accounts.before


async def test_new_access_can_be_asked_for_from_a_profile_that_is_one(accounts):
    accounts.apply()
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        go(app, "prod")
        await press(pilot, "D", "j", "enter")
        assert isinstance(app.screen, DelegateScreen)
        assert value(app, "trusting") == "prod"
        assert value(app, "trusted") == "dev"


async def test_a_step_that_fails_can_be_tried_again(accounts):
    accounts.control(fail={"PutUserPolicy": {**DENIED, "times": 1}})
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await plan(pilot)
        await press(pilot, "enter")
        await on(pilot, ApplyScreen, "t try again", "r roll back")
        text = text_of(app)
        assert text.count("✓ created") == 2
        assert "✗ failed" in text
        assert "iam:PutUserPolicy" in text
        await press(pilot, "enter")
        assert isinstance(app.screen, ApplyScreen)
        await press(pilot, "t")
        await on(pilot, ApplyScreen, "AWS says that you are")
        assert "✗" not in text_of(app)
    assert accounts.changes().count("CreateRole") == 1


async def test_a_step_that_fails_can_be_rolled_back(accounts):
    accounts.control(fail={"PutUserPolicy": DENIED})
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await plan(pilot)
        await press(pilot, "enter")
        await on(pilot, ApplyScreen, "r roll back")
        await press(pilot, "r")
        await on(pilot, ApplyScreen, "✓ rolled back")
        await press(pilot, "enter")
        assert isinstance(app.screen, DelegateScreen)
        assert value(app, "profile") == "prod"
    assert accounts.everything() == accounts.before


async def test_where_nothing_was_made_there_is_nothing_to_roll_back(accounts):
    accounts.control(fail={"CreateRole": DENIED})
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await plan(pilot)
        await press(pilot, "enter")
        await on(pilot, ApplyScreen, "t try again")
        assert "r roll back" not in text_of(app)
        await press(pilot, "r", "escape")
        assert isinstance(app.screen, DelegateScreen)
        assert "left as it is" not in text_of(app)
    assert accounts.everything() == accounts.before


async def test_what_worked_before_is_not_offered_to_be_rolled_back(accounts):
    accounts.apply(wanted(region=accounts.region))
    working = accounts.everything()
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await plan(pilot, role="CrossAccountReader")
        accounts.control(fail={"GetRole": {"status": 400, "code": "InvalidInput", "message": "no"}})
        await press(pilot, "a")
        await on(pilot, ApplyScreen, "t try again")
        assert "r roll back" not in text_of(app)
        await press(pilot, "r", "escape")
    assert accounts.everything() == working


async def test_what_is_left_is_offered_to_go_on_with_and_says_how_it_is_taken_back(accounts):
    accounts.control(fail={"PutUserPolicy": DENIED})
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await plan(pilot)
        await press(pilot, "enter")
        await on(pilot, ApplyScreen, "esc leave it as it is")
        await press(pilot, "escape")
        assert isinstance(app.screen, DelegateScreen)
        assert "xswitch delegate undo prod takes it back" in text_of(app)
        await press(pilot, "escape", "escape")
        assert isinstance(app.screen, MainScreen)
        accounts.control()
        go(app, "dev")
        await press(pilot, "D")
        assert "go on with prod: CrossAccountReadOnly in 3434-3434-3434" in text_of(app)
        await press(pilot, "enter")
        await on(pilot, PlanScreen, "+ create", "= exists")
        await press(pilot, "enter")
        await on(pilot, ApplyScreen, "AWS says that you are")
        await press(pilot, "enter")
        assert selected(app) == "prod"


async def test_waiting_has_a_clock_and_escape_ends_it(accounts):
    accounts.control(
        fail={"AssumeRole": {**DENIED, "message": "User is not authorized to perform: sts:AssumeRole"}}
    )
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await plan(pilot)
        await press(pilot, "enter")
        await on(pilot, ApplyScreen, "AWS does not let the role be assumed yet (1 s)")
        await press(pilot, "escape")
        await on(pilot, ApplyScreen, "stopped:", "r roll back")
        await press(pilot, "r")
        await on(pilot, ApplyScreen, "✓ rolled back")
    assert accounts.everything() == accounts.before


async def test_escape_while_a_step_is_made_ends_after_it(accounts):
    accounts.control(delay={"AttachRolePolicy": 1})
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await plan(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: "AttachRolePolicy" in accounts.server.actions())
        await press(pilot, "escape")
        assert isinstance(app.screen, ApplyScreen)
        assert "stopping after the step that is under way" in text_of(app)
        await press(pilot, "r", "t", "enter")
        await on(pilot, ApplyScreen, "stopped:")
        assert "PutUserPolicy" not in accounts.server.actions()
        assert text_of(app).count("✓ created") == 2
        await press(pilot, "t")
        await on(pilot, ApplyScreen, "AWS says that you are")


@pytest.fixture
def device(accounts):
    iam = accounts.iam(DEV)
    iam.enable_mfa_device(
        UserName="dev", SerialNumber=DEVICE, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    accounts.before = accounts.everything()


@pytest.mark.usefixtures("device")
async def test_a_code_is_asked_for_by_the_dialog_and_giving_up_offers_what_a_failure_does(accounts):
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await open_form(pilot)
        await choose(pilot, "require_mfa", "yes")
        await press(pilot, "ctrl+s")
        await on(pilot, PlanScreen, "aws:MultiFactorAuthPresent")
        await press(pilot, "enter")
        await on(pilot, CodeScreen, DEVICE)
        await press(pilot, "escape")
        await on(pilot, ApplyScreen, "t try again", "stopped:")
        await press(pilot, "t")
        await on(pilot, CodeScreen)
        burst(app, "123456")
        await on(pilot, ApplyScreen, "AWS says that you are")
        await press(pilot, "enter")
        assert selected(app) == "prod"
    accounts.undo()
    assert accounts.everything() == accounts.before


async def test_leaving_while_it_is_applied_leaves_a_journal_and_no_half_call(accounts):
    accounts.control(delay={"AttachRolePolicy": 0.5})
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        await plan(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: "AttachRolePolicy" in accounts.server.actions())
        await press(pilot, "ctrl+c")
    assert "PutUserPolicy" not in accounts.server.actions()
    assert accounts.set_ups() == ["prod"]
    accounts.undo()
    assert accounts.everything() == accounts.before


async def test_what_others_have_changed_since_is_not_taken_down(accounts):
    accounts.apply()
    iam = accounts.iam(PROD)
    theirs = {"RoleName": "CrossAccountReader", "PolicyName": "theirs"}
    iam.put_role_policy(**theirs, PolicyDocument=document(Action="s3:*", Resource="*"))
    app = ui()
    async with app.run_test(size=SIZE) as pilot:
        go(app, "prod")
        await press(pilot, "D", "enter")
        await on(pilot, UndoScreen, "⏎ take it down")
        await press(pilot, "enter")
        await on(pilot, UndoScreen, "✗", "⏎ try again")
        iam.delete_role_policy(**theirs)
        await press(pilot, "enter")
        await on(pilot, UndoScreen, "✓ taken down")
    assert accounts.everything() == accounts.before


def test_nothing_of_it_is_loaded_before_it_is_wanted():
    import subprocess
    import sys

    code = (
        "import sys, xswitch.tui.app; print(*[n for n in sys.modules if 'delegat' in n or 'botocore' in n])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
