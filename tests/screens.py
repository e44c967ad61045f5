"""The terminal UI for tests: on a test's own files, with a clock that stands, and what it shows as text."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from awshome import read_profiles_in
from running import cache_file
from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.keys import _character_to_key

from xswitch.locations import Locations
from xswitch.sessions.interaction import Interaction
from xswitch.sessions.keys import token_key
from xswitch.sessions.overview import Overview
from xswitch.settings.reading import load_settings
from xswitch.tui.app import XswitchApp
from xswitch.tui.rows import TreeModel
from xswitch.tui.widgets.profile_tree import ProfileTree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.pilot import Pilot

DATA = Path(__file__).parent / "data" / "ui"
NOW = datetime(2030, 5, 14, 9, 0, tzinfo=UTC)
KEY_NAMES = {"\r": "enter", "\x1b": "escape", "\t": "tab", "\x7f": "backspace", "\x03": "ctrl+c"}


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def go(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class LendingDriver(HeadlessDriver):
    """Textual's driver without a terminal, which lends the terminal it does not have."""

    @property
    def can_suspend(self) -> bool:
        return True

    def suspend_application_mode(self) -> None: ...

    def resume_application_mode(self) -> None: ...


class Lending:
    """Stands where the terminal is lent: prepares the child as the real one does, and keeps what it was."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.said: list[str] = []
        self.children: list[tuple[list[str], dict[str, str]]] = []
        self.waits: list[bool] = []

    def __call__(self, what: str, prepare: Any, *, wait: bool) -> None:
        self.said.append(what)
        self.waits.append(wait)
        argv, environ = prepare()
        self.children.append((list(argv), dict(environ)))
        if self.error:
            raise self.error


def write_settings(home: Path, text: str) -> Path:
    """Write the settings file; return its path."""
    path = home / ".config/xswitch/config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def write_demo(home: Path, now: datetime = NOW) -> None:
    """Write a tree of 11 profiles, sessions counted from `now`; nothing is called with its keys."""
    for name in ("config", "credentials"):
        shutil.copy(DATA / name, home / ".aws" / name)
    profiles = read_profiles_in(home / ".aws")
    for name, minutes in {"prod": 47.5, "prod-audit": 8.5, "staging": -23.5, "corp-dev": 51.5}.items():
        credentials = {"AccessKeyId": "ASIA", "SecretAccessKey": "made-up", "SessionToken": "made-up"}
        ends = f"{now + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"
        _write_json(cache_file(home, profiles[name]), {"Credentials": {**credentials, "Expiration": ends}})
    ends = f"{now + timedelta(minutes=6 * 60 + 12.5):%Y-%m-%dT%H:%M:%SZ}"
    token = {"startUrl": "https://corp.awsapps.com/start", "accessToken": "made-up", "expiresAt": ends}
    _write_json(home / f".aws/sso/cache/{token_key('corp', None)}.json", token)


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def make_app(
    environ: Mapping[str, str] | None = None,
    *,
    filter_text: str = "",
    clock: Clock | None = None,
    interaction: Interaction | None = None,
    **options: Any,
) -> XswitchApp:
    """Return the UI on the files of this test's home, as `xswitch` makes it."""
    locations = Locations(os.environ)
    settings = load_settings(locations.settings)
    model = TreeModel(Overview(locations), settings)
    model.filter_by(filter_text)
    app = XswitchApp(
        model,
        environ or {},
        settings,
        filter_text=filter_text,
        clock=clock or Clock(),
        interaction=interaction or Interaction(),
        **options,
    )
    if "lend_terminal" in options:
        app.driver_class = LendingDriver
    return app


def confirmed_by(app: XswitchApp) -> tuple[str, ...]:
    """Return the profiles whose names were typed before the app was left for one."""
    return tuple(token.partition("\0")[0] for token in app.return_value.confirmed)


def lines_of(app: XswitchApp) -> list[str]:
    """Return the lines on the screen."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def text_of(app: XswitchApp) -> str:
    """Return the text on the screen."""
    return "\n".join(lines_of(app))


def tree_of(app: XswitchApp) -> ProfileTree:
    """Return the tree of the main screen, whatever is above it."""
    return next(screen.query_one(ProfileTree) for screen in app.screen_stack if screen.query(ProfileTree))


def selected(app: XswitchApp) -> str | None:
    """Return the name of the selected row."""
    row = tree_of(app).row
    return row.node.name if row else None


def shown_names(app: XswitchApp) -> list[str]:
    """Return the names of the rows of the tree."""
    return [row.node.name for row in tree_of(app).rows]


def click(app: XswitchApp, x: int, y: int) -> None:
    """Send a click, as a terminal does, without waiting for anything."""
    for kind in (events.MouseDown, events.MouseUp):
        event = kind(
            widget=None,
            x=x,
            y=y,
            delta_x=0,
            delta_y=0,
            button=1,
            shift=False,
            meta=False,
            ctrl=False,
            screen_x=x,
            screen_y=y,
        )
        app._driver.process_message(event)


def burst(app: XswitchApp, text: str) -> None:
    """Type everything at once, as a terminal gives what was typed ahead."""
    for char in text:
        key = KEY_NAMES.get(char) or _character_to_key(char)
        app._driver.process_message(events.Key(key, char))


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys by their names, the next as soon as the one before is worked off."""
    for key in keys:
        name = _character_to_key(key) if len(key) == 1 else key
        char = key if len(key) == 1 else {"slash": "/", "minus": "-", "enter": "\r"}.get(key)
        pilot.app._driver.process_message(events.Key(name, char))
        await _worked_off(pilot)
    await _idle(pilot)


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until everything typed has been worked off, and has come to the screen."""
    await _worked_off(pilot)
    await _idle(pilot)


async def until(pilot: Pilot[Any], condition: Callable[[], bool] | str) -> None:
    """Wait until a condition holds, or words have been told."""
    app = pilot.app
    holds = condition if callable(condition) else lambda: condition in told(app)
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, f"{condition} did not come:\n{text_of(app)}"
        await asyncio.sleep(0.02)
    await settle(pilot)


def told(app: XswitchApp) -> str:
    """Return what the notices on the screen say, a line each."""
    return "\n".join(notice.message for notice in app._notifications)


def box_of(app: XswitchApp) -> str:
    """Return the text in the box of the dialog on the screen, its lines as one."""
    x, y, width, height = app.screen.query_one(".box").region
    lines = [line.ljust(x + width)[x + 1 : x + width - 1] for line in lines_of(app)[y + 1 : y + height - 1]]
    return " ".join(" ".join(lines).split())


async def _idle(pilot: Pilot[Any]) -> None:
    """Wait until the process does next to nothing: as `Pilot.pause`, which looks only 50 times a second."""
    step, most = 0.008, 1.0  # seconds
    await pilot.pause(0)
    ends = time.monotonic() + most
    while time.monotonic() < ends:
        worked = time.process_time()
        await asyncio.sleep(step)
        if time.process_time() - worked < step / 10:
            break
    await pilot.pause(0)
    await pilot.app.animator.wait_for_idle()
    await pilot.pause(0)


async def _worked_off(pilot: Pilot[Any]) -> None:
    app = pilot.app
    deadline = time.monotonic() + 20
    await pilot.pause(0)
    while (app._waiting or app._under_way) and not app._exit:
        assert time.monotonic() < deadline, "a key is stuck"
        await asyncio.sleep(0.001)
    await pilot.pause(0)
