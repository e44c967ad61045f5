"""Comparing the settings with what the UI has: its actions, the keys it knows, its themes."""

from __future__ import annotations

from xswitch.settings.faults import HINT, fault, line_of, nearest
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from xswitch.errors import XswitchError
    from xswitch.settings.model import Settings

_HOW = 'keys are written "x", "f2", "ctrl+x", "slash"'


def check_keys(
    settings: Settings, default_keys: Mapping[str, str], normal: Callable[[str], list[str]]
) -> None:
    """Compare the keys with the actions there are: their ids, each with its default keys.

    `normal` gives the keys of a text by their own names, and ValueError where one is no key. XswitchError
    where an action or a key is unknown, or one key would belong to two actions.
    """
    for action in settings.keys:
        if action not in default_keys:
            text = f"[keys] {printable(action)} is no action{nearest(action, default_keys)}"
            raise _fault(settings, action, text)
    taken: dict[str, str] = {}
    for action, keys in {**default_keys, **settings.keys}.items():
        try:
            names = normal(keys)
        except ValueError as error:
            text = f"[keys] {action}: {printable(str(error))} is no key"
            raise _fault(settings, action, text, _HOW) from None
        for key in names:
            other = taken.setdefault(key, action)
            if other != action:
                text = f"[keys] {printable(key)} is the key of both {other} and {action}"
                raise _fault(settings, action if action in settings.keys else other, text)


def check_theme(settings: Settings, themes: Iterable[str]) -> None:
    """XswitchError where the theme is none of `themes`."""
    known = sorted(themes)
    if settings.theme and settings.theme not in known:
        text = f"theme {printable(settings.theme)} is unknown{nearest(settings.theme, known)}"
        raise fault(settings.path, line_of(_text(settings), ("theme",)), text)


def _fault(settings: Settings, action: str, text: str, hint: str = HINT) -> XswitchError:
    return fault(settings.path, line_of(_text(settings), ("keys", action)), text, hint)


def _text(settings: Settings) -> str:
    try:
        with open(settings.path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):
        return ""
