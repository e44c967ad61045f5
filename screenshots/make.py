"""Make the README's screenshots from the demo's home: `python screenshots/make.py`."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

from delegation import Pictured, make_plan
from many import make_many
from textual.widgets import Input

from xswitch.demo import tree
from xswitch.demo.api import Keys
from xswitch.demo.home import write_home
from xswitch.launch.history import History
from xswitch.locations import Locations
from xswitch.sessions.interaction import CodeRequest, Device, Interaction
from xswitch.sessions.overview import Overview
from xswitch.settings.reading import load_settings
from xswitch.tui.app import XswitchApp
from xswitch.tui.rows import TreeModel
from xswitch.tui.screens.delegate_plan import PlanScreen
from xswitch.tui.screens.device import DeviceScreen
from xswitch.tui.screens.mfa import CodeScreen

if TYPE_CHECKING:
    from textual.screen import Screen

    from xswitch.tui.screens.main import MainScreen

NOW = datetime(2030, 5, 14, 9, 0, tzinfo=UTC)
HERE = Path(__file__).parent
# Name, width and height, and the keys that lead there.
SCREENS = (
    ("main", (110, 28), ("j",)),
    ("filter", (80, 24), ("slash", *"prod", "enter")),
    ("run", (80, 24), ("j", "j", "x", *"aws sts get-caller-identity")),
    ("narrow", (60, 16), ("j", "j")),
    ("help", (80, 32), ("question_mark",)),
)
GUARD = ("guard", (80, 24), ("j", "enter", *"pro"))
FORMS = (("new-role", (80, 24), ("n", *"arn:aws:iam::333333333333:role/Audit")),)
MISTAKES = HERE.parent / "tests/data/ui/mistakes"
SERIAL = f"arn:aws:iam::{tree.DEV_ACCOUNT}:mfa/dev"
REFUSAL = "AWS did not take that code; each one works once, so wait for the next"
# What a worker opens while it signs in: nothing is called here either.
DIALOGS = (
    ("mfa", (80, 24), "prod-admin", CodeScreen("prod-admin", CodeRequest(SERIAL, "prod-admin", REFUSAL))),
    (
        "sign-in",
        (80, 24),
        "partner-audit",
        DeviceScreen(
            "partner-audit",
            Device(
                "https://device.sso.us-east-1.amazonaws.com/",
                "https://device.sso.us-east-1.amazonaws.com/?user_code=WXYZ-KLMN",
                "WXYZ-KLMN",
                NOW + timedelta(minutes=9, seconds=50),
            ),
        ),
    ),
)


def make_home() -> str:
    """Return a demo home whose keys are made up: nothing is called."""
    home = tempfile.mkdtemp(prefix="xswitch-screenshots-")
    names = {"default", "ci", *tree.SESSIONS}
    keys = {name: Keys("AKIAEXAMPLEEXAMPLE", "made-up", "made-up", "AROAEXAMPLE") for name in names}
    write_home(home, "http://127.0.0.1:1", keys, NOW)
    return home


def make_app() -> XswitchApp:
    """Return the UI on the demo's home."""
    locations = Locations(os.environ)
    settings = load_settings(locations.settings)
    History(locations.state).add("terraform plan")
    return XswitchApp(
        TreeModel(Overview(locations), settings),
        {"XSWITCH_DEMO": "1", "AWS_PROFILE": "staging"},
        settings,
        clock=lambda: NOW,
        interaction=Interaction(),
    )


async def make(name: str, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    """Draw one screen and save it as an SVG."""
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("g", *keys)
        await pilot.pause()
        save(app, name)


async def make_form(name: str, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    """Draw a form with the change that it would make, which is computed beside the UI."""
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("g", *keys)
        while getattr(app.screen, "preview", None) is None:
            await pilot.pause(0.1)
        for field in app.screen.query(Input):
            field.cursor_blink = False
        await pilot.pause()
        save(app, name)


async def make_delegation() -> None:
    """Draw the plan of a delegation, and the end of applying it."""
    app = make_app()
    async with app.run_test(size=(110, 34)) as pilot:
        await pilot.pause()
        app.push_screen(PlanScreen(make_plan()))
        await pilot.pause()
        save(app, "delegate-plan")
    app = make_app()
    async with app.run_test(size=(100, 22)) as pilot:
        await pilot.pause()
        dialog = Pictured(make_plan(), "done")
        app.push_screen(dialog)
        await pilot.pause()
        while dialog.is_busy:
            await pilot.pause(0.1)
        await pilot.pause()
        save(app, "delegate-apply")


async def make_doctor(home: Path) -> None:
    """Draw the doctor's screen when it has looked at some mistakes more."""
    config, cut = home / ".aws/config", home / f".aws/cli/cache/{'4b' * 20}.json"
    before = config.read_text(encoding="utf-8")
    config.write_text(before + MISTAKES.read_text("utf-8"), encoding="utf-8")
    cut.touch()
    os.utime(cut, (0, 0))
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        await pilot.press("exclamation_mark")
        while "XS" not in app.export_screenshot():
            await pilot.pause(0.1)
        await pilot.pause(0.5)
        save(app, "doctor")
    config.write_text(before, encoding="utf-8")
    cut.unlink()


async def make_dialog(name: str, size: tuple[int, int], profile: str, dialog: Screen[str]) -> None:
    """Draw a dialog above the tree, on the profile that it is for."""
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        cast("MainScreen", app.screen).go_to(profile)
        app.push_screen(dialog)
        await pilot.pause()
        save(app, name)


def save(app: XswitchApp, name: str) -> None:
    """Save what the app shows."""
    HERE.joinpath(f"{name}.svg").write_text(app.export_screenshot(title="xswitch"), encoding="utf-8")


def main() -> None:
    """Make all of them."""
    os.umask(0o077)
    home = make_home()
    os.environ.update(HOME=home, TZ="UTC", TEXTUAL_ANIMATIONS="none")
    time.tzset()
    for variable in [name for name in os.environ if name.startswith(("AWS_", "XDG_"))]:
        del os.environ[variable]
    try:
        for name, size, keys in SCREENS:
            asyncio.run(make(name, size, keys))
        for name, size, keys in FORMS:
            asyncio.run(make_form(name, size, keys))
        asyncio.run(make(*GUARD))
        asyncio.run(make_doctor(Path(home)))
        asyncio.run(make_delegation())
        for name, size, profile, dialog in DIALOGS:
            asyncio.run(make_dialog(name, size, profile, dialog))
        asyncio.run(make_many(save))
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
