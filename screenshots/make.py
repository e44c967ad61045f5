"""Make the README's screenshots from the demo's home: `python screenshots/make.py`."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from xswitch.demo import tree
from xswitch.demo.api import Keys
from xswitch.demo.home import write_home
from xswitch.launch.history import History
from xswitch.locations import Locations
from xswitch.sessions.overview import Overview
from xswitch.settings import Settings
from xswitch.tui.app import XswitchApp
from xswitch.tui.rows import TreeModel

NOW = datetime(2030, 5, 14, 9, 0, tzinfo=UTC)
HERE = Path(__file__).parent
# Name, width and height, and the keys that lead there.
SCREENS = (
    ("main", (110, 28), ("j",)),
    ("filter", (80, 24), ("slash", *"prod", "enter")),
    ("run", (80, 24), ("j", "x", *"aws sts get-caller-identity")),
    ("narrow", (60, 16), ("j", "j")),
    ("help", (80, 32), ("question_mark",)),
)


def make_home() -> str:
    """Return a demo home whose keys are made up: nothing is called."""
    home = tempfile.mkdtemp(prefix="xswitch-screenshots-")
    names = {"default", "ci", *tree.SESSIONS}
    keys = {name: Keys("AKIAEXAMPLEEXAMPLE", "made-up", "made-up", "AROAEXAMPLE") for name in names}
    write_home(home, "http://127.0.0.1:1", keys, NOW)
    return home


async def make(name: str, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    """Draw one screen and save it as an SVG."""
    locations = Locations(os.environ)
    History(locations.state).add("terraform plan")
    app = XswitchApp(
        TreeModel(Overview(locations)),
        {"XSWITCH_DEMO": "1", "AWS_PROFILE": "staging"},
        Settings(),
        clock=lambda: NOW,
        ask_code=lambda _: "",
    )
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("g", *keys)
        await pilot.pause()
        HERE.joinpath(f"{name}.svg").write_text(app.export_screenshot(title="xswitch"), encoding="utf-8")


def main() -> None:
    """Make all of them."""
    home = make_home()
    os.environ.update(HOME=home, TZ="UTC", TEXTUAL_ANIMATIONS="none")
    time.tzset()
    for variable in [name for name in os.environ if name.startswith(("AWS_", "XDG_"))]:
        del os.environ[variable]
    try:
        for name, size, keys in SCREENS:
            asyncio.run(make(name, size, keys))
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
