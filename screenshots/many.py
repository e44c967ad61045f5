"""The picture of a command under several profiles: the demo, its AWS and the real `aws`, at work."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from textual.widgets import Input

from xswitch.demo import start
from xswitch.launch.each.job import JobState
from xswitch.locations import Locations
from xswitch.sessions.interaction import Interaction
from xswitch.sessions.overview import Overview
from xswitch.settings.reading import load_settings
from xswitch.timestamps import utc_now
from xswitch.tui.app import XswitchApp
from xswitch.tui.rows import TreeModel
from xswitch.tui.screens.each import EachScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

NAMES = ["prod", "prod-audit", "staging", "staging-dba", "sandbox", "legacy", "corp-dev", "ci"]
# The later ones take longer, so that some are still at work.
COMMAND = (
    "aws sts get-caller-identity --query Arn --output text;"
    ' case $AWS_PROFILE in corp-dev|ci) echo "looking for buckets …"; sleep 60;; esac'
)


async def make_many(save: Callable[[XswitchApp, str], None]) -> None:
    """Draw it in the middle of the work."""
    os.environ.update(start(os.environ))
    locations = Locations(os.environ)
    settings = load_settings(locations.settings)
    model = TreeModel(Overview(locations), settings)
    app = XswitchApp(model, os.environ, settings, clock=utc_now, interaction=Interaction())
    async with app.run_test(size=(110, 18)) as pilot:
        await pilot.pause()
        screen = EachScreen(NAMES, COMMAND)
        app.push_screen(screen)
        await _type_name(app, pilot)
        while not _is_half_done(screen):
            await pilot.pause(0.1)
        await pilot.pause(0.5)
        save(app, "each")
        screen.interrupt()
        screen.interrupt()
        while screen.is_busy:
            await pilot.pause(0.1)


async def _type_name(app: XswitchApp, pilot: Pilot[object]) -> None:
    while not app.screen.query(Input):
        await pilot.pause(0.1)
    await pilot.press(*"prod", "enter")


def _is_half_done(screen: EachScreen) -> bool:
    working = [job for job in screen.jobs.values() if job.state not in {JobState.DONE, JobState.FAILED}]
    return len(working) == 2 and all("buckets" in job.last_line for job in working)
