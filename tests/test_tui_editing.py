"""Editing, copying, deleting, other new profiles, and taking changes back."""

from __future__ import annotations

import os

import pytest
from running import CANARY, SECRET, TOKEN
from screens import (
    box_of,
    burst,
    lines_of,
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
from textual import events

from xswitch.editing.editor import Editor
from xswitch.editing.operations import edit
from xswitch.locations import Locations
from xswitch.tui.screens.delete import DeleteScreen
from xswitch.tui.screens.edit import EditScreen
from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.message import MessageScreen
from xswitch.tui.screens.new import CopyProfileScreen, KeysScreen, NewScreen, SsoScreen
from xswitch.tui.screens.role import NewRoleScreen

pytestmark = pytest.mark.slow

SIZE = (100, 30)
KEY_ID = "AKIANEWNEWNEWNEWNEWN"


@pytest.fixture(autouse=True)
def demo_files(home):
    write_demo(home)


@pytest.fixture
def config(home):
    return home / ".aws/config"


@pytest.fixture
def credentials(home):
    return home / ".aws/credentials"


def run(app, size=SIZE):
    return app.run_test(size=size, notifications=True)


def go(app, name):
    tree = tree_of(app)
    tree.cursor = next(i for i, row in enumerate(tree.rows) if row.node.name == name)


async def write(pilot, text):
    burst(pilot.app, text)
    await settle(pilot)


async def put(pilot, key, text):
    """Type a text into a field in place of what is there."""
    pilot.app.screen.set_focus(pilot.app.screen.rows[key].input)
    await press(pilot, "end", "ctrl+u")
    await write(pilot, text)


async def save(pilot, words="done: "):
    await press(pilot, "ctrl+s")
    await until(pilot, words)
    assert isinstance(pilot.app.screen, MainScreen)


def note(app, key):
    widget = app.screen.rows[key].query_one(".note")
    return str(widget.render()) if widget.display else ""


def values(app, name):
    return app.overview.profiles[name].values


# --- editing -------------------------------------------------------------------------------------


async def test_e_shows_every_setting_and_what_a_profile_of_its_kind_can_have():
    app = make_app()
    async with run(app) as pilot:
        go(app, "prod")
        await press(pilot, "e")
        assert {key: row.input.value for key, row in app.screen.rows.items()} == {
            "name": "prod",
            "role_arn": "arn:aws:iam::222222222222:role/CrossAccountPowerUser",
            "source_profile": "default",
            "region": "eu-west-1",
            "s3.max_concurrent_requests": "20",
            "s3.multipart_threshold": "64MB",
            "external_id": "",
            "mfa_serial": "",
            "duration_seconds": "",
            "role_session_name": "",
            "output": "",
        }
        assert "nothing is changed yet" in text_of(app)
        assert "^t Test" in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, MainScreen)


async def test_saving_a_form_in_which_nothing_was_changed_changes_nothing(config):
    before = config.stat()
    app = make_app()
    async with run(app) as pilot:
        await press(pilot, "j", "e", "ctrl+s")
        assert isinstance(app.screen, MainScreen)
        assert told(app) == ""
    assert config.stat() == before


async def test_settings_are_set_changed_and_unset_and_the_profile_renamed_in_one_step(config):
    before = config.read_text()
    app = make_app()
    async with run(app) as pilot:
        go(app, "prod")
        await press(pilot, "e")
        await put(pilot, "name", "production")
        await put(pilot, "region", "")
        await put(pilot, "s3.max_concurrent_requests", "5")
        await put(pilot, "duration_seconds", "30m")
        await until(pilot, lambda: "+ [profile production]" in box_of(app))
        await save(pilot)
        assert "done: edit prod; u takes it back" in told(app)
        assert selected(app) == "production"
        assert values(app, "production") == {
            "role_arn": "arn:aws:iam::222222222222:role/CrossAccountPowerUser",
            "source_profile": "default",
            "s3": {"max_concurrent_requests": "5", "multipart_threshold": "64MB"},
            "duration_seconds": "1800",
        }
        assert values(app, "prod-audit")["source_profile"] == "production"
        await press(pilot, "u")
        await until(pilot, "undone: edit prod (nothing more can be undone)")
    assert config.read_text() == before


async def test_another_key_becomes_a_field_and_a_new_row_appears():
    app = make_app()
    async with run(app) as pilot:
        go(app, "staging")
        await press(pilot, "e")
        app.screen.set_focus(app.screen.other.key_input)
        await write(pilot, "cli_pager\t")
        await write(pilot, "less\r")
        assert app.screen.rows["cli_pager"].input.value == "less"
        assert app.screen.other.is_blank
        assert app.focused is app.screen.other.key_input
        await write(pilot, "s3.addressing_style\t")
        await write(pilot, "path")
        await until(pilot, lambda: "+ addressing_style = path" in box_of(app))
        await press(pilot, "tab")
        assert app.screen.rows["s3.addressing_style"].input.value == "path"
        await put(pilot, "cli_pager", "cat")
        await save(pilot)
        assert values(app, "staging")["cli_pager"] == "cat"
        assert values(app, "staging")["s3"] == {"addressing_style": "path"}


async def test_another_key_that_is_saved_at_once_is_not_lost():
    app = make_app()
    async with run(app) as pilot:
        go(app, "staging")
        await press(pilot, "e")
        app.screen.set_focus(app.screen.other.key_input)
        await write(pilot, "cli_pager\tless")
        await save(pilot, "done: set cli_pager of staging")
        assert values(app, "staging")["cli_pager"] == "less"


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("region\tx", "region has a field above"),
        ("Region\tx", "Region has a field above"),
        ("a b\tx", "a key begins with a letter"),
        ("\tx", "this value needs a key"),
        ("x\t", "this key needs a value"),
    ],
)
async def test_what_is_wrong_with_another_key_is_said_and_not_saved(config, pair, words):
    before = config.read_bytes()
    app = make_app()
    async with run(app) as pilot:
        go(app, "staging")
        await press(pilot, "e")
        app.screen.set_focus(app.screen.other.key_input)
        await write(pilot, pair)
        assert f"✗ {words}" not in text_of(app)
        await press(pilot, "ctrl+s")
        assert f"✗ {words}" in text_of(app)
        await press(pilot, "escape")
        assert "esc again discards" in text_of(app)
    assert config.read_bytes() == before


async def test_a_secret_is_never_shown_stays_where_it_is_and_is_replaced_by_what_is_typed(credentials):
    credentials.write_text(
        f"[default]\naws_access_key_id = AKIAOLDOLDOLDOLDOLD0\naws_secret_access_key = {SECRET}\n"
        f"aws_session_token = {TOKEN}\n"
    )
    app = make_app()
    async with run(app) as pilot:
        go(app, "default")
        await press(pilot, "e")
        assert text_of(app).count("********") == 2
        assert app.screen.rows["aws_secret_access_key"].input.value == ""
        await put(pilot, "aws_access_key_id", KEY_ID)
        await save(pilot)
        assert values(app, "default")["aws_secret_access_key"] == SECRET
        await press(pilot, "e")
        await put(pilot, "aws_secret_access_key", f"new-{CANARY}")
        await put(pilot, "aws_session_token", "")
        assert f"new-{CANARY}" not in text_of(app)
        await press(pilot, "backspace")
        assert "will be removed; backspace keeps it" in text_of(app)
        await press(pilot, "backspace")
        assert "will be removed" not in text_of(app)
        await press(pilot, "backspace")
        await until(pilot, lambda: "- aws_session_token = ********" in box_of(app))
        assert CANARY not in text_of(app)
        await save(pilot)
        assert values(app, "default")["aws_secret_access_key"] == f"new-{CANARY}"
        assert "aws_session_token" not in values(app, "default")


async def test_another_key_that_is_a_secret_is_typed_unseen(config):
    app = make_app()
    async with run(app) as pilot:
        go(app, "ci")
        await press(pilot, "e")
        app.screen.set_focus(app.screen.other.key_input)
        await write(pilot, f"my_password\t{CANARY}")
        assert CANARY not in text_of(app)
        await press(pilot, "enter")
        assert CANARY not in text_of(app)
        await save(pilot)
    assert f"my_password = {CANARY}" in config.read_text()


async def test_a_value_that_cannot_be_typed_as_it_is_stays_until_another_one_is_typed(config):
    config.write_text("[profile a]\nregion = x\u202ey\ncli_pager = a\n  b\noutput = json\n")
    app = make_app()
    async with run(app) as pilot:
        go(app, "a")
        await press(pilot, "e")
        assert "x\\u202ey" in text_of(app)
        assert "a\\nb" in text_of(app)
        await put(pilot, "output", "text")
        await save(pilot)
        assert "region = x\u202ey\ncli_pager = a\n  b\noutput = text\n" in config.read_text()
        await press(pilot, "e")
        await put(pilot, "cli_pager", "less")
        await put(pilot, "region", "eu-west-1")
        await save(pilot)
    assert config.read_text() == "[profile a]\nregion = eu-west-1\ncli_pager = less\noutput = text\n"


async def test_a_source_that_would_close_a_circle_is_refused_beside_its_field():
    app = make_app()
    async with run(app) as pilot:
        go(app, "prod")
        await press(pilot, "e")
        await put(pilot, "source_profile", "prod-audit")
        assert note(app, "source_profile") == "prod-audit gets its credentials from prod itself"
        await press(pilot, "ctrl+s")
        assert note(app, "source_profile").startswith("✗ ")


async def test_what_is_wrong_already_does_not_keep_the_rest_from_being_edited(config):
    config.write_text(config.read_text().replace("region = us-east-1", "region = us east", 1))
    app = make_app()
    async with run(app) as pilot:
        go(app, "legacy")
        await press(pilot, "e")
        await put(pilot, "output", "json")
        await save(pilot, "done: set output of legacy")
        assert values(app, "legacy")["output"] == "json"


@pytest.mark.parametrize(
    "section", ["[profile prod]\noutput = json\n", '[profile "prod"]\nrole_arn = x\nsource_profile = y\n']
)
async def test_a_profile_that_stands_there_twice_is_refused_at_once(config, section):
    with config.open("a") as file:
        file.write(section)
    before = config.read_bytes()
    app = make_app()
    async with run(app) as pilot:
        go(app, "prod")
        await press(pilot, "e")
        await until(pilot, lambda: "merge these sections into one first" in text_of(app))
        assert "✗ ~/.aws/config" in text_of(app)
        await press(pilot, "escape")
    assert config.read_bytes() == before


async def test_a_profile_that_was_deleted_meanwhile_is_told(config):
    app = make_app()
    async with run(app) as pilot:
        go(app, "ci")
        await press(pilot, "e")
        await put(pilot, "region", "us-east-1")
        config.write_text(config.read_text().replace("[profile ci]", "[profile gone]"))
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: "there is no profile ci" in text_of(app))
        assert isinstance(app.screen, EditScreen)


async def test_keys_that_need_a_profile_say_so_on_a_heading():
    app = make_app()
    async with run(app) as pilot:
        go(app, "corp")
        for key in ("e", "ctrl+d"):
            await press(pilot, key)
            assert isinstance(app.screen, MainScreen)
        assert told(app).count("this is no profile") == 2


# --- other new profiles --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "screen"),
    [
        (["r"], NewRoleScreen),
        (["enter"], NewRoleScreen),
        (["a"], KeysScreen),
        (["j", "enter"], KeysScreen),
        (["s"], SsoScreen),
        (["j", "j", "k", "down", "enter"], SsoScreen),
        (["c"], CopyProfileScreen),
        (["G", "enter"], CopyProfileScreen),
        (["G", "g", "enter"], NewRoleScreen),
        (["escape"], MainScreen),
    ],
)
async def test_the_menu_of_new_profiles_is_moved_in_as_the_tree_is_and_has_letters(keys, screen):
    app = make_app()
    async with run(app) as pilot:
        await press(pilot, "N")
        assert isinstance(app.screen, NewScreen)
        await press(pilot, *keys)
        assert isinstance(app.screen, screen)


async def test_on_a_heading_there_is_nothing_to_copy():
    app = make_app()
    async with run(app) as pilot:
        go(app, "corp")
        await press(pilot, "N", "c")
        assert isinstance(app.screen, NewScreen)
        assert "copy of" not in text_of(app)


async def test_access_keys_go_into_the_credentials_file_and_are_never_shown(config, credentials, home):
    before = config.read_text()
    app = make_app()
    async with run(app) as pilot:
        await press(pilot, "N", "a")
        await put(pilot, "name", "second")
        await put(pilot, "aws_access_key_id", KEY_ID)
        app.screen.set_focus(app.screen.rows["aws_secret_access_key"].input)
        app._driver.process_message(events.Paste(f" {SECRET}\n"))
        await settle(pilot)
        await put(pilot, "region", "eu-west-1")
        await until(pilot, lambda: "+ aws_secret_access_key = ********" in box_of(app))
        screens = [text_of(app), app.export_screenshot(), repr(app.screen.operation()), told(app)]
        await press(pilot, "ctrl+s")
        await until(pilot, "done: add keys of second")
        screens += [text_of(app), app.export_screenshot(), told(app)]
        assert selected(app) == "second"
        assert not any(CANARY in text for text in screens)
        assert app.clipboard == ""
    assert credentials.read_text().endswith(
        f"\n[second]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n"
    )
    assert config.read_text() == f"{before}\n[profile second]\nregion = eu-west-1\n"
    found = [path for path in home.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert found == [credentials]


async def crash_with_a_secret_typed(app):
    async with run(app) as pilot:
        await press(pilot, "N", "a")
        await put(pilot, "aws_secret_access_key", SECRET)
        await put(pilot, "name", "second")
        app.screen.call_later(lambda: 1 / 0)
        await pilot.pause(0.3)


async def test_a_crash_with_a_form_open_tells_no_secret_that_was_typed(home, capfd):
    with pytest.raises(ZeroDivisionError):
        await crash_with_a_secret_typed(make_app())
    report = (home / ".local/state/xswitch/crash.log").read_text()
    assert "ZeroDivisionError" in report
    out, err = capfd.readouterr()
    assert "the terminal UI failed: ZeroDivisionError" in err
    assert CANARY not in report + out + err


async def test_temporary_keys_need_their_token():
    app = make_app()
    async with run(app) as pilot:
        await press(pilot, "N", "a")
        await put(pilot, "name", "short")
        await put(pilot, "aws_access_key_id", "ASIANEWNEWNEWNEWNEWN")
        await put(pilot, "aws_secret_access_key", SECRET)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: "ASIA" in note(app, "aws_session_token"))
        await put(pilot, "aws_session_token", TOKEN)
        await save(pilot)
        assert values(app, "short")["aws_session_token"] == TOKEN


async def test_a_secret_is_cut_and_copied_nowhere():
    app = make_app()
    async with run(app) as pilot:
        await press(pilot, "N", "a")
        await put(pilot, "aws_secret_access_key", CANARY)
        field = app.focused
        await press(pilot, "ctrl+shift+a", "super+c", "ctrl+x")
        assert field.value == ""
        assert app.clipboard == ""
        await put(pilot, "name", "mine")
        await press(pilot, "ctrl+shift+a", "ctrl+x")
        assert app.clipboard == "mine"


async def test_an_sso_profile_of_a_session_that_is_there(config):
    before = config.read_text()
    app = make_app()
    async with run(app) as pilot:
        go(app, "corp-data")
        await press(pilot, "N", "s")
        assert app.screen.rows["sso_session"].input.value == "corp"
        assert "Start URL" not in text_of(app)
        await write(pilot, "corp-ops")
        await put(pilot, "sso_account_id", "777777777777")
        await put(pilot, "sso_role_name", "Ops")
        await save(pilot)
        assert selected(app) == "corp-ops"
        names = shown_names(app)
        assert names.index("corp") < names.index("corp-ops") < names.index("ci")
    assert config.read_text() == (
        f"{before}\n[profile corp-ops]\n"
        "sso_session = corp\nsso_account_id = 777777777777\nsso_role_name = Ops\n"
    )


async def test_an_sso_profile_of_a_new_session_needs_its_address_and_region():
    app = make_app()
    async with run(app) as pilot:
        await press(pilot, "N", "s")
        for key, text in {
            "name": "part",
            "sso_session": "partner",
            "sso_account_id": "777777777777",
            "sso_role_name": "Ops",
        }.items():
            await put(pilot, key, text)
        assert "a new session: its start URL and region are needed; there are: corp" in box_of(app)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: note(app, "sso_start_url").startswith("✗ "))
        await put(pilot, "sso_start_url", "https://partner.awsapps.com/start")
        await put(pilot, "sso_region", "us-east-1")
        await save(pilot)
        session = app.overview.profiles.files.sso_session("partner")
        assert session["sso_start_url"].text == "https://partner.awsapps.com/start"
        assert selected(app) == "part"


async def test_what_was_typed_for_a_new_session_does_not_count_where_it_exists():
    app = make_app()
    async with run(app) as pilot:
        await press(pilot, "N", "s")
        for key, text in {
            "name": "part",
            "sso_session": "partner",
            "sso_start_url": "no address",
            "sso_account_id": "777777777777",
            "sso_role_name": "Ops",
        }.items():
            await put(pilot, key, text)
        await put(pilot, "sso_session", "corp")
        await save(pilot)
        assert values(app, "part")["sso_session"] == "corp"


async def test_a_copy_has_the_name_proposed_and_every_setting(config):
    app = make_app()
    async with run(app) as pilot:
        go(app, "prod")
        await press(pilot, "N", "c")
        assert app.screen.rows["name"].input.value == "prod-copy"
        await save(pilot, "done: copy prod to prod-copy")
        assert selected(app) == "prod-copy"
        assert values(app, "prod-copy") == values(app, "prod")
        await press(pilot, "k", "N", "c")
        await put(pilot, "name", "prod")
        await press(pilot, "ctrl+s")
        assert "there is a profile prod already" in note(app, "name")


# --- deleting ------------------------------------------------------------------------------------


async def test_a_profile_is_deleted_after_its_diff_was_shown_and_its_neighbour_is_selected(config):
    before = config.read_text()
    app = make_app()
    async with run(app) as pilot:
        go(app, "prod-audit")
        await press(pilot, "ctrl+d")
        assert isinstance(app.screen, DeleteScreen)
        await until(pilot, lambda: "- [profile prod-audit]" in box_of(app))
        assert "two hops" in box_of(app)
        await press(pilot, "enter")
        await until(pilot, "done: remove prod-audit; u takes it back")
        assert selected(app) == "prod-billing"
        assert "prod-audit" not in shown_names(app)
        await press(pilot, "u")
        await until(pilot, "undone: remove prod-audit")
        assert "prod-audit" in shown_names(app)
    assert config.read_text() == before


async def test_escape_deletes_nothing(config):
    before = config.read_bytes()
    app = make_app()
    async with run(app) as pilot:
        go(app, "ci")
        await press(pilot, "ctrl+d", "escape")
        assert isinstance(app.screen, MainScreen)
    assert config.read_bytes() == before


async def test_where_others_source_from_it_they_are_named_and_its_name_must_be_typed(config):
    before = config.read_bytes()
    app = make_app()
    async with run(app) as pilot:
        go(app, "default")
        await press(pilot, "ctrl+d")
        assert "6 profiles get credentials from it and would be deleted too: prod, prod-audit" in box_of(app)
        await press(pilot, "enter")
        assert "type default to delete all of them" in text_of(app)
        await write(pilot, "defaul\r")
        assert isinstance(app.screen, DeleteScreen)
        assert config.read_bytes() == before
        await write(pilot, "t\r")
        await until(pilot, "done: remove default and its dependents")
        assert shown_names(app) == ["corp", "corp-dev", "corp-data", "ci", "legacy"]
        await press(pilot, "u")
        await until(pilot, "undone: remove default")
    assert config.read_bytes() == before


async def test_a_profile_that_becomes_a_source_meanwhile_is_not_deleted_unasked(config):
    app = make_app()
    async with run(app) as pilot:
        go(app, "sandbox")
        await press(pilot, "ctrl+d")
        with config.open("a") as file:
            file.write(
                "[profile new]\nrole_arn = arn:aws:iam::444444444444:role/N\nsource_profile = sandbox\n"
            )
        await press(pilot, "enter")
        await until(pilot, lambda: "sandbox is the source of new" in box_of(app))
        await until(pilot, lambda: "1 profile gets credentials from it" in box_of(app))
    assert "[profile sandbox]" in config.read_text()


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (40, 10)])
async def test_the_question_is_whole_at_every_size(size):
    app = make_app()
    async with run(app, size) as pilot:
        go(app, "default")
        await press(pilot, "ctrl+d")
        await until(pilot, lambda: "~/.aws/config" in text_of(app) or size[1] == 10)
        assert "⏎ delete" in text_of(app)
        await write(pilot, "x")
        assert any(line.strip(" │").startswith("x") for line in lines_of(app))


async def test_a_diff_of_thousands_of_lines_is_cut(config):
    with config.open("a") as file:
        for number in range(300):
            file.write(
                f"[profile p{number}]\nrole_arn = arn:aws:iam::444444444444:role/N\nsource_profile = ci\n"
            )
    app = make_app()
    async with run(app) as pilot:
        go(app, "ci")
        await press(pilot, "ctrl+d")
        assert "and 288 more" in box_of(app)
        await until(pilot, lambda: app.screen.preview is not None)
        await press(pilot, *["pagedown"] * 45)
        assert "more lines" in box_of(app)


# --- taking back ---------------------------------------------------------------------------------


async def test_u_takes_back_one_change_after_the_other_and_says_how_many_are_left(config):
    before = config.read_bytes()
    editor = Editor(Locations(os.environ))
    for region in ("eu-west-1", "eu-west-2", "eu-west-3"):
        editor.apply(edit("ci", {"output": region and "text", "region": region}))
    app = make_app()
    async with run(app) as pilot:
        for left in ("2 more can be undone", "1 more can be undone", "nothing more can be undone"):
            await press(pilot, "u")
            await until(pilot, f"undone: edit ci ({left})")
        await press(pilot, "u")
        await until(pilot, lambda: isinstance(app.screen, MessageScreen))
        assert "there is no edit to take back" in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, MainScreen)
    assert config.read_bytes() == before


async def test_u_is_refused_where_somebody_else_has_changed_the_file_since(config):
    app = make_app()
    async with run(app) as pilot:
        go(app, "ci")
        await press(pilot, "e")
        await put(pilot, "region", "us-west-2")
        await save(pilot)
        with config.open("a") as file:
            file.write("# mine\n")
        after = config.read_bytes()
        await press(pilot, "u")
        await until(pilot, lambda: isinstance(app.screen, MessageScreen))
        assert "~/.aws/config was changed after" in text_of(app)
    assert config.read_bytes() == after


async def test_the_key_that_takes_back_is_called_as_it_was_remapped(home):
    path = home / ".config/xswitch/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('[keys]\n"files.undo" = "z"\n')
    app = make_app()
    async with run(app) as pilot:
        go(app, "ci")
        await press(pilot, "ctrl+d", "enter")
        await until(pilot, "done: remove ci; z takes it back")
        await press(pilot, "z")
        await until(pilot, "undone: remove ci")
