"""The SSO dialog: where to go, which code to confirm there, and how much time is left for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content

from xswitch.launch.browser import has_browser, open_page
from xswitch.sessions.session import time_left
from xswitch.text import printable
from xswitch.tui.lines import SHORT
from xswitch.tui.screens.dialog import Dialog
from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from xswitch.sessions.interaction import Device
    from xswitch.tui.app import XswitchApp


class DeviceScreen(Dialog[str]):
    """Shows the sign-in `device` for `name`; who opens it closes it when it is over."""

    BINDINGS = [Binding("c", "copy", "Copy the link")]

    def __init__(self, name: str, device: Device) -> None:
        super().__init__()
        self._for = name
        self._device = device
        self._is_web = device.complete_url.startswith(("https://", "http://"))

    def compose(self) -> ComposeResult:
        """Lay out the dialog."""
        with Vertical(classes="box -device") as box:
            box.border_title = Content(f"Sign in: {printable(self._for)}")
            yield Text(id="where")
            yield Text(printable(self._device.url), id="url")
            yield Text(self._code(), id="code")
            yield Text(id="left")
            yield Text("c copy the link   esc cancel", classes="hint")

    def on_mount(self) -> None:
        """Open the page, copy the code and start the countdown."""
        self.query_one("#where", Text).show(self._open())
        self.app.copy_to_clipboard(printable(self._device.code))
        self._count_down()
        self.set_interval(1.0, self._count_down)

    def on_resize(self) -> None:
        """Fit the code into the room."""
        self.query_one("#code", Text).show(self._code())

    def action_copy(self) -> None:
        """Copy the address with the code in it."""
        self.app.copy_to_clipboard(printable(self._device.complete_url))
        self.app.notify("copied the link", markup=False)

    def _code(self) -> Content:
        """Return the code, as big as the room allows."""
        code = f"   {printable(self._device.code)}   "
        empty = " " * len(code)
        lines = [code] if self.app.size.height < SHORT else [empty, code, empty]
        return Content.styled("\n".join(lines), "bold reverse")

    def _open(self) -> str:
        """Open the page where that can be done; return what there is to do."""
        environ = cast("XswitchApp", self.app).environ
        if not self._is_web:
            return "Not opened, as this is no web page:"
        if not has_browser(environ):
            return "Open this page and confirm the code there:"
        try:
            open_page(self._device.complete_url, environ)
        except OSError:
            return "The browser could not be started. Open this page:"
        return "Confirm the code in the browser, or open:"

    def _count_down(self) -> None:
        left = time_left(self._device.expires_at, cast("XswitchApp", self.app).clock())
        text = "the code has expired" if left == "expired" else f"waiting for the browser   {left}"
        self.query_one("#left", Text).show(Content.styled(text, "dim"))
