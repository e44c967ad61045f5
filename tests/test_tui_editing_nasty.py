"""Odd names and values in every form: nothing crashes or is interpreted, and saving keeps every byte."""

from __future__ import annotations

import itertools
import os

import pytest
from screens import burst, make_app, press, settle, text_of, tree_of, until
from test_tui_nasty import NASTY, assert_sane, encoded, plain, write_files
from textual import events

from xswitch.text import printable
from xswitch.tui.screens.edit import EditScreen
from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.pick import PickScreen

pytestmark = pytest.mark.slow


FORMS = [["n"], ["e"], ["ctrl+d"], ["N", "c"], ["N", "s"], ["N", "a"]]


async def opened(pilot, *keys):
    """Press keys, and let what is computed beside the UI come."""
    await press(pilot, *keys)
    await until(pilot, lambda: not pilot.app.screen.tasks.words)


@pytest.mark.parametrize("number", range(len(FORMS)))
async def test_every_form_stands_every_kind_of_name(home, number):
    size = ((60, 16), (120, 36))[number % 2]
    # Each form gets some of the names, and each name some of the forms.
    write_files(home, *NASTY.values())
    before = (home / ".aws/config").read_bytes()
    app = make_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        for text in list(NASTY.values())[number :: len(FORMS)]:
            for kind, keys in zip(("", "below ", "sso "), FORMS[number:] + FORMS, strict=False):
                app.screen.go_to(kind + plain(text))
                await press(pilot, *keys)
                assert_sane(app, size[0])
                await press(pilot, "escape")
                assert isinstance(app.screen, MainScreen)
    assert (home / ".aws/config").read_bytes() == before


@pytest.mark.parametrize("name", NASTY)
async def test_what_is_computed_for_every_name_is_shown_as_it_is(home, name):
    write_files(home, NASTY[name])
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        for kind in ("", "below "):
            app.screen.go_to(f"{kind}{plain(NASTY[name])}")
            await opened(pilot, "e")
            assert_sane(app, 80)
            await opened(pilot, *["tab"] * 5)
            burst(app, "x")
            await pilot.pause(0.15)  # a form waits for the end of typing
            await opened(pilot, "ctrl+s")
            assert_sane(app, 80)
            await opened(pilot, "pagedown", "escape", "escape")
            if not isinstance(app.screen, MainScreen):
                await opened(pilot, "escape")
            await opened(pilot, "ctrl+d")
            assert_sane(app, 80)
            await opened(pilot, "escape")
            assert_sane(app, 80)


@pytest.mark.parametrize("keys", [["n"], ["N", "a"], ["N", "s"], ["e"]], ids="".join)
@pytest.mark.parametrize("first", range(3))
async def test_it_can_be_pasted_into_every_field_of_every_form(home, keys, first):
    write_files(home, "plain")
    app = make_app()
    odd = itertools.cycle(list(NASTY.values())[first:] + list(NASTY.values())[:first])
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        for _ in range(2):
            app.screen.go_to("default")
            await press(pilot, *keys)
            for row in list(app.screen.rows.values()):
                app.screen.set_focus(row.input)
                app._driver.process_message(events.Paste(os.fsdecode(encoded(next(odd)))))
                await settle(pilot)
                assert_sane(app, 80)
            await opened(pilot, "ctrl+s")
            assert_sane(app, 80)
            await press(pilot, "escape", "escape")
            assert isinstance(app.screen, MainScreen)


@pytest.mark.parametrize("name", ["quotes", "CJK", "percent", "dashes", "braces"])
async def test_a_role_from_an_odd_source_is_saved_and_taken_back(home, name):
    text = plain(NASTY[name])
    write_files(home, NASTY[name])
    source = f"process {text}"
    before = (home / ".aws/config").read_bytes()
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.screen.go_to(source)
        await press(pilot, "n")
        burst(app, "arn:aws:iam::333333333333:role/Audit")
        await settle(pilot)
        await press(pilot, "up", "ctrl+o")
        assert isinstance(app.screen, PickScreen)
        assert_sane(app, 80)
        await press(pilot, "enter")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert_sane(app, 80)
        profile = tree_of(app).profile
        assert profile.text("source_profile") == source
        await press(pilot, "u")
        await until(pilot, "undone: add role")
        assert_sane(app, 80)
    assert (home / ".aws/config").read_bytes() == before


async def test_a_name_that_cannot_be_typed_can_still_be_changed(home):
    (home / ".aws/config").write_text("[profile a\u202eb]\nregion = eu-west-1\n")
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await press(pilot, "e")
        assert isinstance(app.screen, EditScreen)
        assert printable("a\u202eb") in text_of(app)
        app.screen.set_focus(app.screen.rows["name"].input)
        burst(app, "plain")
        await settle(pilot)
        await press(pilot, "ctrl+s")
        await until(pilot, "done: rename")
    assert (home / ".aws/config").read_text() == "[profile plain]\nregion = eu-west-1\n"
