"""Signing in, for tests of the UI: what is seen of it, and what is kept. `signing_setup` has the fixtures."""

from __future__ import annotations

import json

from awshome import read_profiles_in
from running import cache_file
from screens import tree_of, until

from xswitch.sessions.keys import token_key
from xswitch.tui.screens.device import DeviceScreen
from xswitch.tui.screens.mfa import CodeScreen

SIZE = (110, 36)
MFA = "arn:aws:iam::111111111111:mfa/alice"


def run(app, size=SIZE):
    return app.run_test(size=size, headless=False, notifications=True)


def row_of(app, name):
    """Return the line of a row of the tree."""
    index = next(i for i, row in enumerate(tree_of(app).rows) if row.node.name == name)
    return "".join(segment.text for segment in tree_of(app).render_line(index)).split("│")[0]


def go(app, name):
    """Select a row, heading or not."""
    tree = tree_of(app)
    tree.cursor = next(i for i, row in enumerate(tree.rows) if row.node.name == name)


def cached(home, name):
    """Return the profile's entry in the AWS CLI's cache, or None."""
    path = cache_file(home, read_profiles_in(home / ".aws")[name])
    return json.loads(path.read_text()) if path.exists() else None


def token(home):
    path = home / f".aws/sso/cache/{token_key('corp', None)}.json"
    return json.loads(path.read_text()) if path.exists() else None


def everything_under(folder):
    """Return the content of every file in a folder, by its path."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def code_screen(pilot):
    await until(pilot, lambda: isinstance(pilot.app.screen, CodeScreen))


async def device_screen(pilot):
    await until(pilot, lambda: isinstance(pilot.app.screen, DeviceScreen))
