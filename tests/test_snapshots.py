"""The screens as pictures, at three sizes. After a change that is meant: `pytest tests/test_snapshots.py
--snapshot-update`, then look at each picture."""

from __future__ import annotations

import time

import pytest
from screens import make_app, press, write_demo

from xswitch.launch.history import History
from xswitch.tui.screens import help as help_screen

SIZES = [(80, 24), (120, 36), (60, 16)]
COMMANDS = ["terraform plan", "aws s3 ls", "kubectl get pods --all-namespaces"]
SCREENS = {
    "main": ["j"],
    "filtered": ["slash", *"prod"],
    "run": ["j", "x", *"aws sts get-caller-identity"],
    "copy": ["j", "c"],
    "help": ["question_mark"],
    "broken-profile": ["G"],
    "sso": [*"jjjjjjj"],
}


@pytest.fixture(autouse=True)
def same_everywhere(home, monkeypatch):
    """One time zone, one version, and a cursor that does not blink."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setattr(help_screen, "__version__", "1.2.3")
    write_demo(home)
    for command in COMMANDS:
        History(str(home / ".local/state/xswitch")).add(command)
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def looks(snap_compare):
    """Compare the screen after some keys with its picture."""

    def compare(*keys, size, environ=None):
        async def before(pilot):
            for widget in pilot.app.screen.query("Input"):
                widget.cursor_blink = False
            await press(pilot, *keys)
            for widget in pilot.app.screen.query("Input"):
                widget.cursor_blink = False
            await pilot.pause()

        app = make_app({"AWS_PROFILE": "prod"} if environ is None else environ)
        return snap_compare(app, terminal_size=size, run_before=before)

    return compare


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("name", SCREENS)
def test_screen(looks, name, size):
    assert looks("g", *SCREENS[name], size=size)


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_no_files(looks, home, size):
    for name in ("config", "credentials"):
        (home / ".aws" / name).unlink()
    assert looks(size=size, environ={})


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_broken_file(looks, home, size):
    with (home / ".aws/config").open("a") as file:
        file.write("this line is nothing\n")
    assert looks("j", size=size)


@pytest.mark.parametrize("size", [(40, 10), (39, 9)], ids="{0[0]}x{0[1]}".format)
def test_the_smallest(looks, size):
    assert looks("g", "j", size=size)


def test_detail_on_its_own(looks):
    assert looks("g", "j", "d", size=(60, 16))


def test_a_light_theme(looks, home):
    path = home / ".config/xswitch/settings.toml"
    path.parent.mkdir(parents=True)
    path.write_text('theme = "textual-light"\nicons = "ascii"\n')
    assert looks("g", "j", size=(80, 24))


def test_the_demo_says_what_it_is(looks):
    assert looks(size=(100, 30), environ={"XSWITCH_DEMO": "1"})
