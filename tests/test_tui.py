"""The main screen: moving, folding, filtering, detail, small terminals, no files."""

from __future__ import annotations

import pytest
from screens import (
    Clock,
    lines_of,
    make_app,
    press,
    selected,
    settle,
    shown_names,
    text_of,
    tree_of,
    write_demo,
)

from xswitch.tui.screens.main import MainScreen

NAMES = [
    "default",
    "prod",
    "prod-audit",
    "prod-billing",
    "staging",
    "staging-dba",
    "sandbox",
    "corp",
    "corp-dev",
    "corp-data",
    "ci",
    "legacy",
]


@pytest.fixture(autouse=True)
def demo_files(home):
    write_demo(home)


# --- moving and folding --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        ("", "default"),
        ("j", "prod"),
        ("down down", "prod-audit"),
        ("j j k", "prod"),
        ("j j up", "prod"),
        ("k", "default"),
        ("G", "legacy"),
        ("end", "legacy"),
        ("G j", "legacy"),
        ("G g", "default"),
        ("G home", "default"),
        ("G pageup pageup", "default"),
        ("pagedown pagedown", "legacy"),
        ("j l", "prod-audit"),
        ("j right l", "prod-audit"),
        ("j l h", "prod"),
        ("G h", "legacy"),
        ("j j j left left", "prod"),
    ],
)
async def test_every_moving_key_moves_as_its_help_says(keys, name):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *keys.split())
        assert selected(app) == name


async def test_a_page_is_as_high_as_the_tree():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        height = tree_of(app).size.height
        await press(pilot, "pagedown")
        assert selected(app) == NAMES[height - 1]
        assert f"{NAMES[height - 1]} " in text_of(app)


async def test_the_cursor_stays_in_sight_when_it_moves_and_when_the_terminal_shrinks():
    app = make_app()
    async with app.run_test(size=(60, 16)) as pilot:
        await press(pilot, "G")
        assert "legacy" in text_of(app)
        await press(pilot, "g")
        assert "default" in text_of(app)
        await press(pilot, "G")
        await pilot.resize_terminal(60, 10)
        await pilot.pause()
        assert "legacy" in text_of(app)


async def test_a_folded_profile_hides_what_hangs_from_it_and_unfolds_again():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "j", "h")
        assert shown_names(app) == [*NAMES[:2], *NAMES[4:]]
        assert "▸ prod" in text_of(app).replace("●▸", "▸ ")
        await press(pilot, "l")
        assert shown_names(app) == NAMES
        assert selected(app) == "prod"


async def test_enter_on_a_heading_folds_it_and_leaves_nothing():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"jjjjjjj", "enter")
        assert selected(app) == "corp"
        assert "corp-dev" not in shown_names(app)
        await press(pilot, "enter")
        assert "corp-dev" in shown_names(app)
    assert app.return_value is None


async def test_what_needs_a_profile_says_so_on_a_heading():
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        for key in ("x", "c", "s"):
            await press(pilot, *"gjjjjjjj", key)
            assert isinstance(app.screen, MainScreen)
        await pilot.pause(0.1)
        assert "this is no profile" in text_of(app)


async def test_the_active_profile_is_marked_selected_and_told_in_the_status():
    app = make_app({"AWS_PROFILE": "staging"})
    async with app.run_test(size=(80, 24)):
        assert selected(app) == "staging"
        assert lines_of(app)[0].startswith(" staging · 3333-3333-3333 · eu-west-1 · expired")
        assert next(line for line in lines_of(app) if line.startswith("▶")).split()[1] == "├─○"


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({}, "no profile in this shell"),
        ({"AWS_PROFILE": "gone"}, "gone: no such profile"),
        ({"AWS_DEFAULT_PROFILE": "prod"}, "prod · 2222-2222-2222"),
        ({"AWS_ACCESS_KEY_ID": "A", "AWS_PROFILE": "prod"}, "this shell has keys of its own"),
        ({"AWS_ACCESS_KEY_ID": "A", "XSWITCH_PROFILE": "prod"}, "prod · 2222-2222-2222"),
        ({"XSWITCH_DEMO": "1"}, "demo: your files are untouched · no profile"),
    ],
)
async def test_the_status_tells_the_profile_of_the_calling_shell(environ, status):
    app = make_app(environ)
    async with app.run_test(size=(80, 24)):
        assert lines_of(app)[0].startswith(f" {status}")


# --- filter --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("prod", ["prod", "prod-audit", "prod-billing"]),
        ("PROD", ["prod", "prod-audit", "prod-billing"]),
        ("audit prod", ["prod-audit"]),
        ("prod !audit", ["prod", "prod-billing"]),
        ("!2222 !corp", ["default", "staging", "staging-dba", "sandbox", "ci", "legacy"]),
        ("222222222222", ["prod", "prod-audit", "prod-billing"]),
        ("2222-2222", ["prod", "prod-audit", "prod-billing"]),
        ("readonly", ["corp-data"]),
        ("eu-central", ["sandbox", "corp-data"]),
        ("corp", ["corp-dev", "corp-data"]),
        ("!", NAMES[:7] + NAMES[8:]),
    ],
)
async def test_the_filter_finds_words_in_any_order_in_name_account_role_and_region(text, found):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "slash", *text)
        rows = tree_of(app).rows
        assert [row.node.name for row in rows if row.matched and row.node.profile] == found
        count = f"{len(found)}/11 profiles" if text != "!" else "11 profiles"
        assert lines_of(app)[0].endswith(count)


async def test_each_letter_narrows_the_tree_and_backspace_widens_it():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        counts = []
        for key in ("slash", "p", "r", "o", "d", "minus", "a", "backspace", "backspace"):
            await press(pilot, key)
            counts.append(lines_of(app)[0].split()[-2])
        assert counts == ["11", "8/11", "3/11", "3/11", "3/11", "2/11", "1/11", "2/11", "3/11"]


async def test_ancestors_of_a_match_stay_visible_and_the_first_match_is_selected():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "slash", *"audit")
        assert shown_names(app) == ["default", "prod", "prod-audit"]
        assert selected(app) == "prod-audit"


async def test_matched_letters_are_highlighted_and_ancestors_are_not():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "slash", *"audit")
        strips = app.screen._compositor.render_strips()
        marked = [
            segment.text
            for strip in strips
            for segment in strip
            if segment.style and segment.style.underline and segment.style.bold
        ]
        assert [text.lower() for text in marked] == ["audit", "audit"]


async def test_the_filter_looks_into_folded_profiles_and_keeps_the_folds():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "j", "h", "slash", *"audit")
        assert "prod-audit" in shown_names(app)
        await press(pilot, "enter", "escape")
        assert "prod-audit" not in shown_names(app)


async def test_enter_and_escape_step_back_one_at_a_time():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "slash", *"prod")
        assert app.screen.filter_input.has_focus
        await press(pilot, "escape")
        assert tree_of(app).has_focus
        assert "3/11" in text_of(app)
        await press(pilot, "escape")
        assert lines_of(app)[0].endswith(" 11 profiles")
        await press(pilot, "escape")
        assert shown_names(app) == NAMES
        await press(pilot, "slash", *"prod", "enter")
        assert tree_of(app).has_focus
        assert app.return_value is None
        await press(pilot, "enter")
    assert app.return_value.profile == "prod"


async def test_up_and_down_move_while_one_types():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "slash", *"prod", "down", "down", "up")
        assert selected(app) == "prod-audit"
        assert app.screen.filter_input.has_focus


async def test_the_cursor_stays_on_its_row_where_that_still_matches():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "j", "j", "slash", *"pro")
        assert selected(app) == "prod-audit"
        await press(pilot, "enter", "escape")
        assert selected(app) == "prod-audit"


async def test_nothing_matching_is_said_with_what_was_typed_and_how_to_go_on():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "slash", *"zz[/b]")
        assert "nothing matches “zz[/b]”" in text_of(app)
        assert "esc clears the filter" in text_of(app)
        await press(pilot, "x", "escape")
        assert shown_names(app) == NAMES
        assert tree_of(app).has_focus


async def test_a_filter_given_on_the_command_line_is_filled_in():
    app = make_app({"AWS_PROFILE": "staging"}, filter_text="prod !audit")
    async with app.run_test(size=(80, 24)):
        assert shown_names(app) == ["default", "prod", "prod-billing"]
        assert selected(app) == "prod"
        assert app.screen.filter_input.value == "prod !audit"
        assert tree_of(app).has_focus


async def test_the_setting_start_begins_in_the_filter(home):
    path = home / ".config/xswitch/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('start = "filter"\n')
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"audit")
        assert selected(app) == "prod-audit"


async def test_the_filters_own_key_can_be_typed_into_it():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "slash", *"a/q?", "slash")
        assert app.screen.filter_input.value == "a/q?/"


# --- detail --------------------------------------------------------------------------------------


async def test_the_detail_tells_role_session_chain_provider_and_settings_with_their_lines():
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "j", "j")
        text = " ".join(line.split("│")[-1].strip() for line in lines_of(app))
        assert "prod-audit role · via prod" in text.replace("  ", " ")
        assert "expiring until" in text
        assert "(8m30s)" in text
        assert "prod-audit ← prod ← default" in text
        assert "assume-role" in text
        assert "20 role_arn" in text
        assert "~/.aws/config" in text


async def test_the_detail_follows_the_cursor_and_begins_at_its_top():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        pane = app.screen.detail
        await press(pilot, "j")
        assert "prod  role · via default" in text_of(app)
        await press(pilot, "J", "J", "shift+down")
        assert pane.scroll_offset.y == 3
        await press(pilot, "K")
        assert pane.scroll_offset.y == 2
        await press(pilot, "j")
        assert "prod-audit  role · via prod" in text_of(app)
        assert pane.scroll_offset.y == 0


async def test_the_detail_keeps_its_height_whatever_is_selected():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        heights = set()
        for _ in NAMES:
            heights.add((app.screen.detail.size.height, tree_of(app).size.height))
            await press(pilot, "j")
        assert len(heights) == 1


async def test_the_detail_masks_secrets_and_names_problems_and_headings():
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert "made-up" not in text_of(app)
        assert "********" in text_of(app)
        await press(pilot, "G")
        assert "no profile old" in text_of(app)
        assert "✗ " in text_of(app).split("│", 1)[1]
        await press(pilot, "k", "k", "k", "k")
        assert selected(app) == "corp"
        assert "sso_start_url" in text_of(app)
        assert "signed in, 6h12m" in text_of(app)


async def test_d_hides_the_detail_and_shows_it_again():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        before = tree_of(app).size.height
        await press(pilot, "d")
        assert tree_of(app).size.height > before
        await press(pilot, "d")
        assert tree_of(app).size.height == before


async def test_d_opens_the_detail_on_its_own_where_there_is_no_room_and_it_ticks_there():
    clock = Clock()
    app = make_app(clock=clock)
    async with app.run_test(size=(60, 16)) as pilot:
        await press(pilot, "j", "d")
        assert "47m30s" in text_of(app)
        clock.go(10)
        await pilot.pause(1.1)
        assert "47m20s" in text_of(app)
        await press(pilot, "d")
        assert isinstance(app.screen, MainScreen)


# --- sizes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(39, 24), (80, 9), (10, 3), (1, 1)])
async def test_a_terminal_that_is_too_small_is_told_how_much_is_needed(size):
    app = make_app()
    async with app.run_test(size=size) as pilot:
        if size[0] > 30:
            text = " ".join(text_of(app).split())
            assert text == f"xswitch needs 40×10 characters; this is {size[0]}×{size[1]}"
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "prod-audit" in text_of(app)


@pytest.mark.parametrize("size", [(40, 10), (60, 16), (80, 24), (100, 30), (140, 40), (300, 100)])
async def test_every_size_shows_the_tree_whole_in_its_columns(size):
    app = make_app()
    async with app.run_test(size=size):
        lines = lines_of(app)
        assert len(lines) == size[1]
        assert all(len(line) <= size[0] for line in lines)
        line = next(line for line in lines if "prod-audit" in line)
        assert "8m30s" in line
        assert ("2222-2222-2222" in line) == (size[0] >= 50)
        assert "⏎ Subshell" in lines[-1]


async def test_resizing_lays_the_detail_out_anew_at_once():
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "j")
        await pilot.resize_terminal(140, 30)
        await pilot.pause()
        assert any("│" in line and line.rstrip().endswith("via default") for line in lines_of(app))
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "   11 role_arn = arn:aws:iam::222222222222:role/CrossAccountPowerUser" in text_of(app)


# --- files ---------------------------------------------------------------------------------------


async def test_no_files_at_all_is_a_friendly_screen_that_tells_where_it_looked(home):
    for name in ("config", "credentials"):
        (home / ".aws" / name).unlink()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        text = text_of(app)
        for words in ("No AWS profiles yet", "~/.aws/config", "~/.aws/credentials", "xswitch demo"):
            assert words in text
        assert lines_of(app)[0].endswith("0 profiles")
        for key in (
            "j",
            "k",
            "G",
            "pagedown",
            "h",
            "l",
            "enter",
            "x",
            "s",
            "c",
            "d",
            "R",
            "slash",
            "a",
            "escape",
        ):
            await press(pilot, key)
        assert "No AWS profiles yet" in text


async def test_a_broken_file_is_told_with_its_line_and_everything_readable_is_shown(home):
    with (home / ".aws/config").open("a") as file:
        file.write("\n[profile late]\nthis line is nothing\nregion = us-east-1\n")
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        number = (home / ".aws/config").read_text().splitlines().index("this line is nothing") + 1
        assert lines_of(app)[1].startswith(f" ✗ ~/.aws/config:{number}: ")
        assert "aws refuses the whole file" in " ".join(text_of(app).split())
        await press(pilot, "G")
        assert selected(app) == "late"


async def test_a_click_on_a_key_at_the_bottom_presses_it():
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        help_at = lines_of(app)[-1].index("? Help")
        await pilot.click("#keys", offset=(help_at - 1, 0))  # the gap before it
        assert isinstance(app.screen, MainScreen)
        await pilot.click("#keys", offset=(help_at + 3, 0))
        assert not isinstance(app.screen, MainScreen)


async def test_what_lines_have_in_common_is_that_of_the_present_size_and_theme(home):
    write_demo(home)
    app, narrow = make_app(), make_app()
    async with narrow.run_test(size=(90, 30)) as pilot:
        await settle(pilot)
        expected = lines_of(narrow)
    async with app.run_test(size=(140, 30)) as pilot:
        await settle(pilot)
        await pilot.resize_terminal(90, 30)
        await settle(pilot)
        assert lines_of(app) == expected
        for theme in ("textual-light", "textual-dark"):
            app.theme = theme
            await settle(pilot)
            strip = app.screen._compositor.render_strips()[tree_of(app).region.y + 3]
            assert {segment.style.bgcolor for segment in strip} == {tree_of(app).rich_style.bgcolor}
