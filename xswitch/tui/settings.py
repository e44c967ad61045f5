"""Whether the settings are such that the UI can open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.theme import BUILTIN_THEMES

from xswitch.settings.actions import check_keys, check_theme
from xswitch.tui._textual import normal_keys
from xswitch.tui.actions import default_keys

if TYPE_CHECKING:
    from xswitch.settings.model import Settings


def check_for_ui(settings: Settings) -> None:
    """XswitchError where a key is none, two actions have the same, or the theme is unknown."""
    check_keys(settings, default_keys(), normal_keys)
    check_theme(settings, BUILTIN_THEMES)
