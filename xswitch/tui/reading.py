"""Reading anew what the UI shows, beside it where it need not wait: large files take a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from xswitch.errors import XswitchError
from xswitch.sessions.overview import Overview
from xswitch.settings.reading import load_settings
from xswitch.tui.rows import TreeModel
from xswitch.tui.tasks import start_beside, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from textual.screen import Screen

    from xswitch.locations import Locations
    from xswitch.settings.model import Settings


class Fresh:
    """What was read at one moment. Where the settings could not be, they are as before; `fault` says why.

    `recounts` says how many recounts of what is used most had been asked for when the reading began.
    """

    __slots__ = ("fault", "model", "recounts", "settings")

    def __init__(self, model: TreeModel, settings: Settings, fault: XswitchError | None) -> None:
        self.model = model
        self.settings = settings
        self.fault = fault
        self.recounts = 0


def read_anew(locations: Locations, settings: Settings, uses: Mapping[str, int] | None) -> Fresh:
    """Read everything, where `settings` and `uses` are what the UI has; rows keep their order."""
    fault = None
    try:
        found = load_settings(locations.settings, locations.state)
    except XswitchError as error:
        found, fault = settings, error
    if found.order != settings.order:
        uses = None
    return Fresh(TreeModel(Overview(locations), found, uses), found, fault)


class Rereading:
    """Reads anew in a thread, once at a time, and has what that gives shown in the UI's own.

    `prepare` returns what is called in the thread. What is asked for while one reading is under way is done
    after it, so nothing older is ever shown after what is newer.
    """

    class Ended(Message, bubble=False):
        """The reading that `token` stands for has returned something, or failed."""

        def __init__(self, token: object, fresh: Fresh | None, error: Exception | None) -> None:
            super().__init__()
            self.token = token
            self.fresh = fresh
            self.error = error

    def __init__(
        self,
        screen: Screen[Any],
        prepare: Callable[[], Callable[[], Fresh]],
        show: Callable[[Fresh], None],
    ) -> None:
        self._screen = screen
        self._prepare = prepare
        self._show = show
        self._under_way: object = None
        self._again = False

    def ask(self) -> None:
        """Have everything read as it is from now on."""
        if self._under_way is not None:
            self._again = True
            return
        read = self._prepare()
        token = self._under_way = object()

        def run() -> None:
            fresh, failure = None, None
            try:
                fresh = read()
            except Exception as error:  # noqa: BLE001 - it is raised in the UI's thread
                failure = error
            tell(self._screen, self.Ended(token, fresh, failure))

        start_beside(run)

    def end(self, event: Ended) -> None:
        """Show what a reading has given, and begin the next one where it was asked for meanwhile."""
        if event.token is not self._under_way:
            return
        self._under_way = None
        if event.error is not None:
            raise event.error
        if event.fresh is not None:
            self._show(event.fresh)
        if self._again:
            self._again = False
            self.ask()

    def drop(self) -> None:
        """Let go of what is under way: what is shown now was read later."""
        self._under_way, self._again = None, False
