"""The line of keys at the bottom: one widget, where Textual's footer has one for each key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content

from xswitch.tui.widgets.text import Text

if TYPE_CHECKING:
    from textual import events
    from textual.binding import ActiveBinding
    from textual.screen import Screen

_KEY = "bold $footer-key-foreground on $footer-key-background"
_LABEL = "$footer-description-foreground on $footer-description-background"
_UNDER_MOUSE = "on $block-hover-background"
_GAP = " "


class KeyLine(Text):
    """Shows the keys that do something now, as the screen's bindings say. A click presses one."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._keys: list[tuple[int, int, ActiveBinding]] = []  # from and to which column
        self._under_mouse: ActiveBinding | None = None

    def on_mount(self) -> None:
        """Show the keys whenever there are others."""
        self.screen.bindings_updated_signal.subscribe(self, self.show_keys)

    def show_keys(self, screen: Screen[Any]) -> None:
        """Show the keys of `screen` as they are now."""
        if not self.app.app_focus or not self.is_attached:
            return
        parts: list[Content] = []
        self._keys = []
        end = 0
        shown: dict[str, ActiveBinding] = {}  # an action may have several keys: the first of them
        for active in screen.active_bindings.values():
            if active.binding.show:
                shown.setdefault(active.binding.action, active)
        for active in shown.values():
            over = _UNDER_MOUSE if self._is_under_mouse(active) else ""
            key, label = self.app.get_key_display(active.binding), f" {active.binding.description}"
            part = Content.assemble((key, f"{_KEY} {over}"), (label, f"{_LABEL} {over}"))
            parts.append(part)
            self._keys.append((end, end + part.cell_length, active))
            end += part.cell_length + len(_GAP)
        self.show(Content(_GAP).join(parts))

    def _is_under_mouse(self, active: ActiveBinding) -> bool:
        return self._under_mouse is not None and self._under_mouse.binding.action == active.binding.action

    def _at(self, column: int) -> ActiveBinding | None:
        return next((active for start, end, active in self._keys if start <= column < end), None)

    def _point(self, active: ActiveBinding | None) -> None:
        before, self._under_mouse = self._under_mouse, active
        if (before and before.binding.action) != (active and active.binding.action):
            self.tooltip = active.tooltip if active else None
            self.styles.pointer = "pointer" if active else "default"
            self.show_keys(self.screen)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show which key a click would press."""
        self._point(self._at(event.x))

    def on_leave(self) -> None:
        """Show none of them as under the mouse."""
        self._point(None)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Press the key that is clicked."""
        active = self._at(event.x)
        if active is not None:
            self.app.simulate_key(active.binding.key)
