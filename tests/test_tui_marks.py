"""Marking rows, running under all that are marked, and the order and names of the settings."""

from __future__ import annotations

import os

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
    write_settings,
)

from xswitch.launch.usage import note_use
from xswitch.locations import Locations
from xswitch.tui.screens.each import EachScreen
from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.message import MessageScreen
from xswitch.tui.screens.run import RunScreen

SIZE = (80, 24)


@pytest.fixture(autouse=True)
def demo_files(home):
    write_demo(home)


def marked_rows(app, sign="✓"):
    """Return the names of the rows that have a mark on the screen."""
    tree = tree_of(app)
    return [row.node.name for index, row in enumerate(tree.rows) if tree.render_line(index).text[1] == sign]


# --- marks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("icons", "sign"), [("unicode", "✓"), ("ascii", "=")])
async def test_space_marks_the_row_goes_on_to_the_next_and_takes_the_mark_away_again(home, icons, sign):
    write_settings(home, f'icons = "{icons}"\n')
    app = make_app({"AWS_PROFILE": "default"})
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "space", "space")
        assert marked_rows(app, sign) == ["default", "prod"]
        assert selected(app) == "prod-audit"
        assert lines_of(app)[0].endswith("2 marked · 11 profiles")
        await press(pilot, "k", "space")
        assert marked_rows(app, sign) == ["default"]
        assert lines_of(app)[2].startswith(f"{'▶' if icons == 'unicode' else '>'}{sign}")
        await press(pilot, "g", "space")
        assert lines_of(app)[0].endswith("  11 profiles")


async def test_on_a_heading_it_marks_everything_below():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, *"jjjjjjj", "space")
        assert marked_rows(app) == ["corp-dev", "corp-data"]
        await press(pilot, *"ggjjjjjjjj", "space")  # one of them is marked no longer
        await press(pilot, *"gjjjjjjj", "space")
        assert marked_rows(app) == ["corp-dev", "corp-data"]
        await press(pilot, *"gjjjjjjj", "space")
        assert marked_rows(app) == []


async def test_on_a_heading_with_a_filter_it_marks_only_what_is_found():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        burst(app, "/corp-dev\r")
        await settle(pilot)
        await press(pilot, "g", "space", "escape")
        assert marked_rows(app) == ["corp-dev"]


async def test_the_asterisk_marks_all_rows_and_takes_all_marks_away_again():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "j", "space", "asterisk")
        assert len(marked_rows(app)) == 11
        assert selected(app) == "prod-audit"
        await press(pilot, "asterisk")
        assert marked_rows(app) == []
        assert lines_of(app)[0].endswith("  11 profiles")


async def test_with_a_filter_the_asterisk_marks_what_is_found_and_no_row_above_it():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        burst(app, "/audit\r")
        await settle(pilot)
        assert shown_names(app) == ["default", "prod", "prod-audit"]
        await press(pilot, "asterisk", "escape")
        assert marked_rows(app) == ["prod-audit"]
        burst(app, "/prod\r")
        await settle(pilot)
        await press(pilot, "asterisk", "escape")  # one of them was marked: then all are
        assert {"prod", "prod-audit"} <= set(marked_rows(app))


async def test_what_is_folded_away_is_not_marked():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "g", "left", "asterisk", "right")
        assert "default" in marked_rows(app)
        assert "prod" not in marked_rows(app)


async def test_the_footer_says_under_how_many_a_command_is_run():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        assert "x Run /" in lines_of(app)[-1]
        await press(pilot, "space", "space")
        await until(pilot, lambda: "x Run 2" in lines_of(app)[-1])
        await press(pilot, "escape")
        await until(pilot, lambda: "x Run 2" not in lines_of(app)[-1])


async def test_marks_stay_over_filter_fold_and_reload_and_go_with_their_profiles(home):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, *"jj", "space", *"jjj", "space")  # prod-audit, sandbox
        assert marked_rows(app) == ["prod-audit", "sandbox"]
        burst(app, "/corp\r")
        await settle(pilot)
        assert marked_rows(app) == []
        assert "2 marked" in lines_of(app)[0]
        await press(pilot, "escape", "R")
        assert marked_rows(app) == ["prod-audit", "sandbox"]
        config = home / ".aws/config"
        config.write_text(config.read_text().replace("[profile sandbox]", "[profile beach]"))
        await press(pilot, "R")
        assert marked_rows(app) == ["prod-audit"]
        assert "1 marked" in lines_of(app)[0]


async def test_esc_clears_the_filter_first_and_then_the_marks():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "space")
        burst(app, "/prod\r\x1b")
        await settle(pilot)
        assert "1 marked" in lines_of(app)[0]
        assert len(shown_names(app)) == 12
        await press(pilot, "escape")
        assert "marked" not in lines_of(app)[0]
        assert marked_rows(app) == []


# --- running under them --------------------------------------------------------------------------


async def test_x_with_marks_names_the_profiles_and_offers_no_leaving(home):
    write_settings(home, '[[guard]]\nprofile = "prod"\ncolor = "cyan"\n')
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, *"jjjj", "space", "g", "space", "space", "x")
        assert isinstance(app.screen, RunScreen)
        assert "Run under 3 profiles" in text_of(app)
        assert "default, prod, staging" in box_of(app)
        assert "leave xswitch" not in box_of(app)
        assert app.screen.query_one(".box.-guard.-cyan")
        names = app.screen.query_one("#targets").content
        assert [names.plain[span.start : span.end] for span in names.spans if "guard" in str(span.style)] == [
            "prod"
        ]
        await press(pilot, "tab", "escape")
        assert isinstance(app.screen, MainScreen)
    assert app.return_value is None


async def test_enter_runs_the_command_under_each_of_them():
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, *"jjjjjj", "space", "g", "space")
        burst(app, "xecho one\r")
        await settle(pilot)
        assert isinstance(app.screen, EachScreen)
        assert (app.screen.names, app.screen.command) == (["default", "sandbox"], "echo one")


@pytest.mark.parametrize("size", [(40, 12), (60, 16), (80, 24), (120, 36)])
async def test_of_many_it_names_the_guarded_ones_and_says_how_many_more_there_are(home, size):
    write_settings(home, '[[guard]]\nprofile = "team-33-*"\n')
    with (home / ".aws/config").open("a") as file:
        for number in range(40):
            file.write(f"[profile team-{number:02}-account-{'x' * 12}]\nregion = eu-west-1\n")
    app = make_app(filter_text="team-")
    async with app.run_test(size=size) as pilot:
        await press(pilot, "asterisk", "x")
        assert "Run under 40 profiles" in text_of(app)
        text = box_of(app)
        named = text.count("team-")
        assert f" … and {40 - named} more " in text
        assert text.startswith("team-33-account-")
        assert "esc cancel" in text


@pytest.mark.parametrize("keys", [["escape"], ["enter"]])
async def test_without_a_command_nothing_is_run(keys):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "space", "x", *keys)
        assert not isinstance(app.screen, EachScreen)


async def test_one_that_is_read_only_refuses_the_whole_run(home):
    write_settings(home, '[[guard]]\nprofile = "prod"\nlevel = "read-only"\n')
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "space", "space", "x")
        assert isinstance(app.screen, MessageScreen)
        assert "prod is read-only" in box_of(app)


# --- order, filter and names of the settings -----------------------------------------------------


async def test_the_siblings_are_in_the_order_of_the_settings(home):
    write_settings(home, 'order = "name"\n')
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        assert shown_names(app)[:4] == ["ci", "corp", "corp-data", "corp-dev"]
        await press(pilot, "slash", *"corp", "enter")
        assert shown_names(app) == ["corp", "corp-data", "corp-dev"]
        write_settings(home, "")
        await press(pilot, "R", "escape")
        assert shown_names(app)[:2] == ["default", "prod"]


async def test_the_filter_may_be_fuzzy(home):
    app = make_app(filter_text="pdadt")
    async with app.run_test(size=SIZE) as pilot:
        assert shown_names(app) == []
        write_settings(home, 'filter = "fuzzy"\n')
        await press(pilot, "R")
        assert selected(app) == "prod-audit"
        tree = tree_of(app)
        line = tree.render_line(tree.cursor)
        assert "".join(segment.text for segment in line if segment.style.underline) == "pdadt"


async def test_accounts_are_shown_and_found_by_their_names(home):
    write_settings(home, '[accounts]\n"333333333333" = "The Very Long [/Staging]"\n')
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        line = next(line for line in lines_of(app) if " staging " in line)
        assert " The Very Long… " in line
        assert " 2222-2222-2222 " in next(line for line in lines_of(app) if " prod " in line)
        burst(app, "/very [/sta\r")
        await settle(pilot)
        assert selected(app) == "staging"
        await press(pilot, "escape", "slash", *"3333-33", "enter")
        assert selected(app) == "staging"


async def test_most_used_first_jumps_only_when_it_is_told_to(home):
    write_settings(home, 'order = "most-used"\n')
    state = Locations(os.environ).state
    note_use(state, "corp-data")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        assert shown_names(app)[:4] == ["corp", "corp-data", "corp-dev", "default"]
        for _ in range(3):
            note_use(state, "sandbox")
        with (home / ".aws/config").open("a") as file:
            file.write("[profile more]\n")
        await until(pilot, lambda: "more" in shown_names(app))  # it was noticed that the files changed
        assert shown_names(app)[:4] == ["corp", "corp-data", "corp-dev", "default"]
        await press(pilot, "R")
        assert shown_names(app)[:3] == ["default", "sandbox", "prod"]
