"""The form for a new role: what it fills in, says while one types, shows of the change, and keeps."""

from __future__ import annotations

import asyncio
import os
from contextlib import contextmanager
from pathlib import Path

import pytest
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
    tree_of,
    until,
    write_demo,
)
from textual import events

from xswitch.locking import open_lock, try_lock
from xswitch.tui.actions import ACTIONS
from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.new import NewScreen
from xswitch.tui.screens.pick import PickScreen
from xswitch.tui.screens.role import NewRoleScreen
from xswitch.tui.widgets.profile_tree import ProfileTree

pytestmark = pytest.mark.slow

SIZE = (80, 24)
ARN = "arn:aws:iam::333333333333:role/Audit"


@pytest.fixture(autouse=True)
def demo_files(home):
    write_demo(home)


@pytest.fixture
def config(home):
    return home / ".aws/config"


def go(app, name):
    tree = tree_of(app)
    tree.cursor = next(i for i, row in enumerate(tree.rows) if row.node.name == name)


def value(app, key):
    return app.screen.rows[key].input.value


def note(app, key):
    """Return what is said below a field, and whether as an error; nothing where it is not shown."""
    widget = app.screen.rows[key].query_one(".note")
    return (str(widget.render()), widget.has_class("error")) if widget.display else ("", False)


def focused(app):
    """Return the key of the field that has the focus, or the id of the button."""
    row = app.screen._row_of(app.focused)
    return row.field.key if row else app.focused.id


async def put(pilot, key, text):
    """Type a text into a field in place of what is there."""
    field = pilot.app.screen.rows[key].input
    pilot.app.screen.set_focus(field)
    await press(pilot, "end", "ctrl+u")
    await write(pilot, text)


async def write(pilot, text):
    """Type a text at once."""
    burst(pilot.app, text)
    await settle(pilot)


async def preview(pilot, words):
    """Wait until the diff has some words."""
    await until(pilot, lambda: any(words in line for line in lines_of(pilot.app)))


def paste(app, text):
    app._driver.process_message(events.Paste(text))


# --- what is filled in ---------------------------------------------------------------------------


async def test_n_opens_a_form_with_the_selected_profile_as_source_and_its_region():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        go(app, "prod-billing")
        await press(pilot, "n")
        assert value(app, "source_profile") == "prod-billing"
        assert value(app, "region") == "us-east-1"
        assert focused(app) == "role_arn"
        assert [row.field.key for row in app.screen.rows.values()] == [
            "source_profile",
            "role_arn",
            "name",
            "region",
            "external_id",
            "mfa_serial",
            "duration_seconds",
            "role_session_name",
            "output",
        ]
        assert "✗" not in text_of(app)
        assert "still needed: Role ARN, Name" in text_of(app)


@pytest.mark.parametrize(("row", "source"), [("corp", ""), ("legacy", "legacy"), ("ci", "ci")])
async def test_where_the_row_is_an_sso_session_of_several_profiles_no_source_is_guessed(row, source):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        go(app, row)
        await press(pilot, "n")
        assert value(app, "source_profile") == source


async def test_the_one_profile_of_an_sso_session_is_the_source(config):
    config.write_text(config.read_text().replace("[profile corp-data]", "[profile-corp-data]"))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        go(app, "corp")
        await press(pilot, "n")
        assert value(app, "source_profile") == "corp-dev"


async def test_a_profile_without_credentials_is_no_source(config):
    config.write_text("[profile bare]\nregion = eu-west-1\n")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        go(app, "bare")
        await press(pilot, "n")
        assert value(app, "source_profile") == ""


async def test_without_any_files_both_new_keys_are_named_and_open_empty_forms(config):
    for path in (config, config.parent / "credentials"):
        path.unlink()
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        assert "N               access keys, or IAM Identity Center (SSO)" in text_of(app)
        assert "n               a role profile" in text_of(app)
        await press(pilot, "n")
        assert value(app, "source_profile") == ""
        await press(pilot, "escape", "N")
        assert isinstance(app.screen, NewScreen)
        assert "copy of" not in text_of(app)


async def test_where_nothing_matches_n_is_offered(config):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "slash", *"zzz")
        assert "n creates a role profile" in text_of(app)
        await press(pilot, "escape", "n")
        assert isinstance(app.screen, NewRoleScreen)


async def test_the_region_follows_the_source_until_its_user_types_one():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        assert value(app, "region") == "eu-west-1"
        await put(pilot, "source_profile", "sandbox")
        assert value(app, "region") == "eu-central-1"
        await put(pilot, "region", "us-west-2")
        await put(pilot, "source_profile", "prod-billing")
        assert value(app, "region") == "us-west-2"


async def test_the_mfa_device_of_the_source_is_shown_where_none_is_typed(config):
    serial = "arn:aws:iam::111111111111:mfa/me"
    config.write_text(config.read_text().replace("output = json\n", f"mfa_serial = {serial}\n", 1))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        assert f"MFA device    from the source: {serial}" in text_of(app)
        await put(pilot, "source_profile", "prod")
        assert serial not in text_of(app)


# --- what is said while one types ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("arn", "text"),
    [
        (ARN, "3333-3333-3333 (staging, staging-dba) · role Audit"),
        (
            "arn:aws:iam::222222222222:role/a/b/Audit",
            "2222-2222-2222 (prod, prod-audit, prod-billing) · role Audit · path /a/b/",
        ),
        ("arn:aws-cn:iam::999999999999:role/X", "aws-cn · 9999-9999-9999 · role X"),
    ],
)
async def test_a_role_arn_is_told_with_partition_account_its_other_profiles_path_and_role(arn, text):
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "n")
        await write(pilot, arn)
        assert note(app, "role_arn") == (text, False)


async def test_of_many_profiles_of_an_account_three_are_named(config):
    with config.open("a") as file:
        for number in range(4):
            file.write(f"[profile more{number}]\nrole_arn = {ARN}\nsource_profile = default\n")
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "n")
        await write(pilot, ARN)
        assert note(app, "role_arn")[0].startswith("3333-3333-3333 (staging, staging-dba, more0 and 3 more)")


async def test_what_is_wrong_with_an_arn_is_said_at_once_and_as_an_error_when_the_field_is_left():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n", *"arn:aws:iam::33:role/X")
        text, wrong = note(app, "role_arn")
        assert "12 digits" in text
        assert not wrong
        await press(pilot, "tab")
        assert note(app, "role_arn") == (f"✗ {text}", True)
        await press(pilot, "shift+tab", "end", *["left"] * 7, *"3333333333")
        assert note(app, "role_arn") == ("3333-3333-3333 (staging, staging-dba) · role X", False)


async def test_a_field_that_is_needed_is_red_only_when_it_was_left_or_saving_was_tried():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        await pilot.pause(0.3)
        assert "✗" not in text_of(app)
        await press(pilot, "tab")
        assert note(app, "role_arn") == ("✗ this is needed", True)
        assert note(app, "name") == ("", False)
        await press(pilot, "ctrl+s")
        assert note(app, "name") == ("✗ this is needed", True)
        assert focused(app) == "role_arn"


async def test_the_name_is_proposed_until_its_user_types_one_and_again_where_that_is_taken_away():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        await write(pilot, ARN)
        assert value(app, "name") == "staging-audit"
        await press(pilot, *"or")
        assert value(app, "name") == "staging-auditor"
        await put(pilot, "name", "mine")
        await put(pilot, "role_arn", ARN)
        assert value(app, "name") == "mine"
        await put(pilot, "name", "")
        await put(pilot, "role_arn", ARN)
        assert value(app, "name") == "staging-audit"


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("name", "prod", "there is a profile prod already, in ~/.aws/config:10"),
        ("name", "a[b", "square brackets"),
        ("source_profile", "nobody", "there is no profile nobody"),
        ("region", "eu west", "this is no region"),
        ("duration_seconds", "2 weeks", "write a time as"),
        ("duration_seconds", "13h", "15 minutes to 12 hours"),
        ("external_id", "a b", "an external ID has"),
        ("mfa_serial", "me", "an MFA device is"),
        ("role_session_name", "[/foo]", "a session name has"),
        ("output", "xml", "output is one of"),
    ],
)
async def test_every_field_is_checked_and_nothing_wrong_is_saved(config, key, text, words):
    before = config.read_bytes()
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        await write(pilot, ARN)
        await put(pilot, key, text)
        assert note(app, key)[0].startswith(words) or words in note(app, key)[0]
        await press(pilot, "ctrl+s")
        assert note(app, key)[1]
        assert focused(app) == key
        assert value(app, key) == text
        await preview(pilot, "still needed:" if not text else "to be corrected:")
    assert config.read_bytes() == before


# --- moving --------------------------------------------------------------------------------------


async def test_tab_enter_and_down_go_from_field_to_field_and_on_to_the_buttons():
    app = make_app()
    async with app.run_test(size=(60, 16)) as pilot:
        await press(pilot, "n")
        keys = list(app.screen.rows)
        walked = []
        for key in ("tab", "enter", "down", "tab", "enter", "down", "tab"):
            walked.append(focused(app))
            assert app.focused.region.bottom <= 15
            await press(pilot, key)
        assert walked == keys[1:8]
        await press(pilot, "tab")
        assert focused(app) == "save"
        await press(pilot, "tab", "tab")
        assert focused(app) == "cancel"
        await press(pilot, "tab")
        assert focused(app) == "source_profile"
        await press(pilot, "down")
        assert focused(app) == "role_arn"  # picking has a key of its own
        await press(pilot, "up", "shift+tab", "up", "up", "up", "shift+tab")
        assert focused(app) == "role_session_name"


async def test_enter_on_a_button_does_what_it_says(config):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        await write(pilot, ARN)
        await press(pilot, *["tab"] * 8)
        assert focused(app) == "save"
        await press(pilot, "enter")
        await until(pilot, lambda: selected(app) == "staging-audit")
        await press(pilot, "n", *["tab"] * 10)
        assert focused(app) == "cancel"
        await press(pilot, "enter")
        assert isinstance(app.screen, MainScreen)
    assert "[profile staging-audit]" in config.read_text()


async def test_the_buttons_can_be_clicked():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        await pilot.click("#cancel")
        await settle(pilot)
        assert isinstance(app.screen, MainScreen)


async def test_pasted_text_loses_the_blanks_around_it_and_what_a_terminal_would_act_on():
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await press(pilot, "n")
        paste(app, f"\n  {ARN}\u202e\x1b \nmore\n")
        await settle(pilot)
        assert value(app, "role_arn") == ARN
        paste(app, "")
        await settle(pilot)
        assert value(app, "role_arn") == ARN


async def test_what_is_filled_in_is_selected_so_that_typing_takes_its_place():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n", "tab", "tab", *"us-west-2")
        assert value(app, "region") == "us-west-2"
        await press(pilot, "tab", "shift+tab", "end", *"x")
        assert value(app, "region") == "us-west-2x"


# --- picking the source --------------------------------------------------------------------------


async def test_the_source_is_chosen_in_the_tree_itself():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n", "up", "ctrl+o")
        assert isinstance(app.screen, PickScreen)
        tree = app.screen.query_one(ProfileTree)
        assert tree.profile.name == "default"
        assert "├─● prod" in text_of(app)
        await press(pilot, *"bill", "enter")
        assert value(app, "source_profile") == "prod-billing"
        assert value(app, "region") == "us-east-1"
        assert focused(app) == "role_arn"  # the source is done


async def test_in_the_tree_to_choose_from_a_heading_folds_and_escape_changes_nothing():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n", "up", "ctrl+o")
        tree = app.screen.query_one(ProfileTree)
        await press(pilot, *["down"] * 7, "enter")
        assert isinstance(app.screen, PickScreen)
        assert "corp-dev" not in [row.node.name for row in tree.rows]
        await press(pilot, "tab", "l", "j")
        assert tree.profile.name == "corp-dev"
        await press(pilot, "escape")
        assert value(app, "source_profile") == "default"
        await press(pilot, "ctrl+o", *"zzzz", "enter")
        assert isinstance(app.screen, PickScreen)
        await press(pilot, "escape", "escape")
        assert isinstance(app.screen, MainScreen)


async def test_the_tree_to_choose_from_leaves_the_tree_behind_it_as_it_was():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n", "up", "ctrl+o", *"bill", "enter", "escape", "escape")
        assert "sandbox" in shown_names(app)
        assert selected(app) == "default"


# --- the change ----------------------------------------------------------------------------------


async def test_the_change_is_shown_as_a_diff_while_one_types():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        await write(pilot, ARN)
        await preview(pilot, "+ [profile staging-audit]")
        assert box_of(app).count("~/.aws/config") == 1
        assert f"+ role_arn = {ARN}" in box_of(app)
        assert "+ source_profile = default" in box_of(app)
        await put(pilot, "duration_seconds", "1h30m")
        await preview(pilot, "+ duration_seconds = 5400")
        await put(pilot, "name", "")
        await preview(pilot, "still needed: Name")


async def test_the_diff_is_coloured_and_scrolled_with_the_page_keys():
    app = make_app()
    async with app.run_test(size=(60, 16)) as pilot:
        await press(pilot, "n")
        await write(pilot, ARN)
        for key in ("external_id", "role_session_name"):
            await put(pilot, key, "abcdef")
        shown = app.screen.pane
        await until(pilot, lambda: shown.max_scroll_y == 2)
        await press(pilot, "pagedown", "pagedown")
        assert "+ role_session_name = abcdef" in text_of(app)
        await press(pilot, "shift+up", "shift+up")
        assert "+ [profile staging-audit]" in text_of(app)
        strips = app.screen._compositor.render_strips()
        colours = {
            segment.style.color
            for strip in strips
            for segment in strip
            if segment.text.startswith("[profile staging-audit]")
        }
        assert colours
        assert colours != {app.screen.styles.color}


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (60, 16), (40, 10)])
async def test_at_every_size_every_field_comes_into_sight_with_what_is_said_of_it(size):
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await press(pilot, "n")
        await write(pilot, ARN)
        for key in app.screen.rows:
            await put(pilot, key, "[/foo]")
            app.screen.rows[key].leave()
            await pilot.pause()
            assert app.focused.region.height == 1
            fields = app.screen.query_one("#fields").region
            assert fields.contains_region(app.focused.region)
            if size[1] > 10:
                first = note(app, key)[0].split()[1]
                assert first in text_of(app)
        assert len({len(line) for line in lines_of(app)} - {0}) > 0
        assert "^s Save" in text_of(app)


async def test_what_would_be_wrong_with_the_profile_afterwards_is_said_and_can_be_saved(config):
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        go(app, "prod")
        await press(pilot, "n")
        await write(pilot, ARN)
        await put(pilot, "duration_seconds", "2h")
        await preview(pilot, "! duration_seconds is 7200")
        await press(pilot, "ctrl+s")
        await until(pilot, "role chaining")
        assert "duration_seconds = 7200" in config.read_text()


async def test_a_form_takes_in_what_changes_in_the_files_meanwhile(config, monkeypatch):
    monkeypatch.setattr("xswitch.tui.screens.main._WATCH_SECONDS", 0.1)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        await write(pilot, ARN)
        await preview(pilot, "+ [profile staging-audit]")
        with config.open("a") as file:
            file.write("[profile staging-audit]\nregion = eu-west-1\n")
        await until(pilot, lambda: note(app, "name")[0].startswith("there is a profile staging-audit"))
        await put(pilot, "name", "other")
        await preview(pilot, "+ [profile other]")


# --- saving --------------------------------------------------------------------------------------


async def test_saving_adds_exactly_the_profile_selects_it_under_its_source_and_says_so(config):
    before = config.read_text()
    app = make_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        go(app, "staging")
        await press(pilot, "n")
        await write(pilot, ARN)
        await press(pilot, "ctrl+s")
        await until(pilot, "done: add role staging-audit; u takes it back")
        assert selected(app) == "staging-audit"
        names = shown_names(app)
        assert names[names.index("staging") :][:3] == ["staging", "staging-dba", "staging-audit"]
        assert tree_of(app).has_focus
    assert config.read_text() == (
        f"{before}\n[profile staging-audit]\nrole_arn = {ARN}\nsource_profile = staging\nregion = eu-west-1\n"
    )


async def test_every_field_is_written():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        await write(pilot, ARN)
        for key, text in {
            "name": "two words",
            "region": "",
            "external_id": "ext",
            "mfa_serial": "arn:aws:iam::111111111111:mfa/me",
            "duration_seconds": "30m",
            "role_session_name": "me",
            "output": "json",
        }.items():
            await put(pilot, key, text)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: selected(app) == "two words")
        values = app.overview.profiles["two words"].values
    assert values == {
        "role_arn": ARN,
        "source_profile": "default",
        "external_id": "ext",
        "mfa_serial": "arn:aws:iam::111111111111:mfa/me",
        "duration_seconds": "1800",
        "role_session_name": "me",
        "output": "json",
    }


async def test_a_new_profile_is_shown_though_filter_and_folds_would_hide_it():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "h", "slash", *"corp", "enter", "n")
        await put(pilot, "source_profile", "default")
        await put(pilot, "role_arn", ARN)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: selected(app) == "staging-audit")
        assert "staging-audit" in text_of(app)


async def test_everything_typed_at_once_arrives_where_it_belongs(config):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        burst(app, f"n{ARN}")
        app._driver.process_message(events.Key("ctrl+s", "\x13"))
        await until(pilot, lambda: selected(app) == "staging-audit")
    assert f"role_arn = {ARN}\n" in config.read_text()


async def test_a_save_that_is_refused_says_so_beside_the_field_and_keeps_what_was_typed(config):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        await write(pilot, ARN)
        await put(pilot, "external_id", "mine")
        await preview(pilot, "+ external_id = mine")
        with config.open("a") as file:  # before the UI has noticed
            file.write("[profile staging-audit]\nregion = eu-west-1\n")
        after = config.read_bytes()
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: note(app, "name")[1])
        assert "there is a profile staging-audit already" in note(app, "name")[0]
        assert focused(app) == "name"
        assert (value(app, "role_arn"), value(app, "external_id")) == (ARN, "mine")
        assert config.read_bytes() == after
        await put(pilot, "name", "other")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: selected(app) == "other")


async def test_what_belongs_to_no_field_is_said_at_the_bottom_with_what_to_do(home, config):
    before = config.read_bytes()
    (home / ".local/state").write_text("a file")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        await write(pilot, ARN)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: "✗ ~/.local/state" in text_of(app))
        assert "nothing was changed" in text_of(app)
        assert value(app, "role_arn") == ARN
        await press(pilot, "x")
        assert "✗" not in text_of(app)
    assert config.read_bytes() == before


async def test_a_file_that_cannot_be_edited_is_told_in_the_form(config):
    config.write_bytes(config.read_bytes() + b"# caf\xe9\n")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        await write(pilot, ARN)
        await until(pilot, lambda: "✗" in text_of(app))
        assert "UTF-8" in text_of(app)


async def test_what_was_wrong_with_a_file_is_told_no_longer_when_it_is_mended(config, monkeypatch):
    monkeypatch.setattr("xswitch.tui.screens.main._WATCH_SECONDS", 0.1)
    whole = config.read_bytes()
    config.write_bytes(whole + b"# caf\xe9\n")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        await write(pilot, ARN)
        await until(pilot, lambda: "UTF-8" in text_of(app))
        config.write_bytes(whole)
        await preview(pilot, "+ [profile staging-audit]")
        assert "✗" not in text_of(app)


async def test_while_the_files_are_written_keys_neither_close_nor_save_again(config, home):
    lock = home / ".local/state/xswitch/locks"
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n")
        await write(pilot, ARN)
        await preview(pilot, "+ [profile staging-audit]")
        with held(lock):
            await press(pilot, "ctrl+s", "escape", "escape", "ctrl+s", "ctrl+t", "ctrl+o")
            assert isinstance(app.screen, NewRoleScreen)
            assert "saving …" in text_of(app)
        await until(pilot, lambda: selected(app) == "staging-audit")
    assert config.read_text().count("[profile staging-audit]") == 1


@contextmanager
def held(folder):
    """Hold the lock that every change of the files takes."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = open_lock(str(folder), "files")
    assert try_lock(descriptor)
    yield
    os.close(descriptor)


# --- the README ----------------------------------------------------------------------------------


def test_the_readme_names_every_action_that_has_keys():
    text = (Path(__file__).parent.parent / "README.md").read_text()
    names = text.split("<!-- ids -->")[1].split("<!-- /ids -->")[0]
    assert names.replace("`", "").replace(",", "").split() == [action.id for action in ACTIONS]


# --- closing -------------------------------------------------------------------------------------


async def test_escape_closes_a_form_in_which_nothing_was_typed():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n", "tab", "tab", "escape")
        assert isinstance(app.screen, MainScreen)


async def test_where_something_was_typed_the_first_escape_says_that_the_second_discards_it(config):
    before = config.read_bytes()
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "n", *"arn", "escape")
        assert "esc again discards what was typed" in text_of(app)
        await press(pilot, *":a")
        assert "esc again" not in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, NewRoleScreen)
        assert value(app, "role_arn") == "arn:a"
        await press(pilot, "escape")
        assert isinstance(app.screen, MainScreen)
        assert selected(app) == "default"
    assert config.read_bytes() == before


async def test_a_form_that_is_closed_while_its_change_is_computed_leaves_nothing_behind():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(3):
            await press(pilot, "n")
            await write(pilot, ARN)
            await press(pilot, "escape", "escape")
            await asyncio.sleep(0.15)
        assert isinstance(app.screen, MainScreen)
        assert app.return_code in {None, 0}
