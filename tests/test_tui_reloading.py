"""Files that take long to read hold nobody up, and what is shown in the end is the newest there is."""

from __future__ import annotations

import threading
import time

import pytest
from screens import (
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
from xswitch.tui import reading
from xswitch.tui.screens.run import RunScreen

pytestmark = pytest.mark.slow

SIZE = (100, 30)


@pytest.fixture(autouse=True)
def demo_files(home):
    write_demo(home)


@pytest.fixture
def often(monkeypatch):
    monkeypatch.setattr("xswitch.tui.screens.main._WATCH_SECONDS", 0.05)


class Disk:
    """A disk that gives what stood in the files, but only when it is let."""

    def __init__(self):
        self._gates = []
        self._read = reading.Overview
        self.slow = True
        self.fails = False

    def __call__(self, locations):
        found = self._read(locations)
        if self.slow and threading.current_thread() is not threading.main_thread():
            gate = threading.Event()
            self._gates.append(gate)
            assert gate.wait(20)
        if self.fails:
            raise RuntimeError("of the disk")
        return found

    @property
    def asked(self):
        return len(self._gates)

    def give(self, number):
        self._gates[number].set()

    def end(self):
        self.slow = False
        for gate in self._gates:
            gate.set()


@pytest.fixture
def disk(monkeypatch):
    disk = Disk()
    monkeypatch.setattr(reading, "Overview", disk)
    yield disk
    disk.end()


def add(home, name):
    with (home / ".aws/config").open("a") as file:
        file.write(f"[profile {name}]\nregion = eu-west-1\n")


async def test_keys_act_at_once_while_files_are_read_and_what_they_did_stays(home, disk):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        add(home, "prod-new")
        await press(pilot, "R")
        await until(pilot, lambda: disk.asked == 1)
        # Two marks, a fold, a filter, and the cursor on what it has found.
        await press(pilot, "j", "space", "space", "G", "k", "k", "k", "h", "h")
        assert selected(app) == "corp"
        await press(pilot, "h", "slash", *"prod", "enter", "j")
        assert selected(app) == "prod-audit"
        assert "prod-new" not in shown_names(app)
        disk.give(0)
        await until(pilot, lambda: "prod-new" in shown_names(app))
        assert selected(app) == "prod-audit"
        assert app.screen.filter_input.value == "prod"
        assert "4/12 profiles" in text_of(app)
        assert tree_of(app).marked == ["prod", "prod-audit"]
        await press(pilot, "escape")
        assert "corp" in shown_names(app)
        assert "corp-dev" not in shown_names(app)


async def test_the_place_of_the_list_stays_too(home, disk):
    with (home / ".aws/config").open("a") as file:
        file.writelines(f"[profile many-{number}]\nregion = eu-west-1\n" for number in range(200))
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "R")
        await until(pilot, lambda: disk.asked == 1)
        await press(pilot, "G", *"k" * 10)
        before, offset = selected(app), tree_of(app).scroll_offset
        disk.give(0)
        overview = app.overview
        await until(pilot, lambda: app.overview is not overview)
        assert (selected(app), tree_of(app).scroll_offset) == (before, offset)


@pytest.mark.usefixtures("often")
async def test_of_changes_while_files_are_read_the_newest_is_shown_in_the_end(home, disk):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        add(home, "one")
        await until(pilot, lambda: disk.asked == 1)
        add(home, "two")
        await pilot.pause(0.2)
        add(home, "three")
        await pilot.pause(0.2)
        assert disk.asked == 1  # not one beside the other
        disk.give(0)
        await until(pilot, lambda: disk.asked == 2)
        assert "one" in shown_names(app)
        assert "two" not in shown_names(app)
        disk.give(1)
        await until(pilot, lambda: {"one", "two", "three"} <= set(shown_names(app)))
        await pilot.pause(0.2)
        assert disk.asked == 2


async def test_what_was_read_before_an_edit_is_never_shown_after_it(home, disk):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "R")
        await until(pilot, lambda: disk.asked == 1)
        add(home, "later")
        app.screen.reload_now()
        assert "later" in shown_names(app)
        disk.give(0)
        await pilot.pause(0.2)
        assert "later" in shown_names(app)
        disk.slow = False
        add(home, "last")
        await press(pilot, "R")
        await until(pilot, lambda: "last" in shown_names(app))


async def test_settings_are_read_beside_the_ui_too(home, disk):
    path = home / ".config/xswitch/config.toml"
    path.parent.mkdir(parents=True)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        path.write_text('[accounts]\n"222222222222" = "the-shop"\n')
        await press(pilot, "R")
        await until(pilot, lambda: disk.asked == 1)
        assert "the-shop" not in text_of(app)
        disk.give(0)
        await until(pilot, lambda: "the-shop" in text_of(app))
        disk.slow = False
        path.write_text("nonsense")
        await press(pilot, "R")
        await until(pilot, lambda: app.settings_fault is not None)
        assert "the-shop" in text_of(app)


async def test_a_recount_that_is_asked_for_during_a_reading_comes_with_the_next(home, disk):
    write_settings(home, 'order = "most-used"\n')
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        app.screen.reload()
        await until(pilot, lambda: disk.asked == 1)
        for _ in range(5):
            note_use(str(home / ".local/state/xswitch"), "legacy")
        await press(pilot, "R")
        disk.give(0)
        await until(pilot, lambda: disk.asked == 2)
        assert shown_names(app)[0] == "default"
        disk.give(1)
        await until(pilot, lambda: shown_names(app)[0] == "legacy")
        # What is used from now on does not count until it is asked for again.
        for _ in range(9):
            note_use(str(home / ".local/state/xswitch"), "ci")
        disk.slow = False
        overview = app.overview
        app.screen.reload()
        await until(pilot, lambda: app.overview is not overview)
        assert shown_names(app)[0] == "legacy"


async def test_an_order_that_is_new_in_the_settings_counts_at_once(home, disk):
    disk.slow = False
    for _ in range(5):
        note_use(str(home / ".local/state/xswitch"), "legacy")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        assert shown_names(app)[0] == "default"
        write_settings(home, 'order = "most-used"\n')
        app.screen.reload()
        await until(pilot, lambda: shown_names(app)[0] == "legacy")


async def test_after_a_reading_the_filter_is_prepared_anew(disk):
    disk.slow = False
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        before = tree_of(app).model
        await until(pilot, lambda: len(before._haystacks) == len(before.overview.profiles))
        await press(pilot, "R")
        await until(pilot, lambda: tree_of(app).model is not before)
        model = tree_of(app).model
        await until(pilot, lambda: len(model._haystacks) == len(model.overview.profiles))
        assert not app.screen.filter_input.value


async def test_it_comes_behind_a_dialog_and_takes_nothing_of_what_is_typed_there(home, disk):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        add(home, "new")
        await press(pilot, "R")
        await until(pilot, lambda: disk.asked == 1)
        await press(pilot, "x", *"ls")
        disk.give(0)
        await until(pilot, lambda: "new" in shown_names(app))
        await press(pilot, *" -l")
        assert isinstance(app.screen, RunScreen)
        assert app.focused.value == "ls -l"


async def test_leaving_does_not_wait_for_files(disk):
    app = make_app()
    began = time.monotonic()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "R")
        await until(pilot, lambda: disk.asked == 1)
        await press(pilot, "q")
    assert time.monotonic() - began < 5
    assert app.return_code == 0
    disk.give(0)  # nobody is there any more


async def _read_and_fail(app, disk):
    async with app.run_test(size=SIZE) as pilot:
        disk.slow, disk.fails = False, True
        await press(pilot, "R")
        await pilot.pause(0.5)
        await settle(pilot)


async def test_a_fault_of_reading_ends_the_ui_as_every_other(disk):
    with pytest.raises(RuntimeError, match="of the disk"):
        await _read_and_fail(make_app(), disk)
