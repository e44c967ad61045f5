"""The user's settings: a TOML file, checked whole, every fault a sentence."""

from __future__ import annotations

import os

from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.regular import read_regular, write_regular
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_CHOICES = {"icons": ("unicode", "ascii"), "start": ("tree", "filter")}


class Settings:
    """What can be set.

    `theme` is the name of a Textual theme, "" for the default; `icons` and `start` are one of the choices
    above; `keys` maps ids of actions to keys, with commas between.
    """

    def __init__(self, path: str = "") -> None:
        self.path = path
        self.theme = ""
        self.icons = "unicode"
        self.start = "tree"
        self.keys: dict[str, str] = {}

    def check_keys(self, default_keys: Mapping[str, str], normal: Callable[[str], list[str]]) -> None:
        """Compare `keys` with the actions there are: their ids, each with its default keys.

        `normal` gives the keys of a text by their own names, and ValueError where one is no key. XswitchError
        where an action or a key is unknown, or one key would belong to two actions.
        """
        for action in self.keys:
            if action not in default_keys:
                raise _fault(
                    self.path, f"[keys] {printable(action)} is no action{_nearest(action, default_keys)}"
                )
        taken: dict[str, str] = {}
        for action, keys in {**default_keys, **self.keys}.items():
            for key in self._normal(action, keys, normal):
                other = taken.setdefault(key, action)
                if other != action:
                    text = f"[keys] {printable(key)} is the key of both {other} and {action}"
                    raise _fault(self.path, text)

    def _normal(self, action: str, keys: str, normal: Callable[[str], list[str]]) -> list[str]:
        try:
            return normal(keys)
        except ValueError as error:
            text = f"[keys] {action}: {printable(str(error))} is no key"
            raise _fault(self.path, text, 'keys are written "x", "f2", "ctrl+x", "slash"') from None

    def check_theme(self, themes: Iterable[str]) -> None:
        """XswitchError where the theme is none of `themes`."""
        known = sorted(themes)
        if self.theme and self.theme not in known:
            raise _fault(self.path, f"theme {printable(self.theme)} is unknown{_nearest(self.theme, known)}")


def load_settings(path: str) -> Settings:
    """Read the settings; without a file they are the defaults.

    XswitchError where the file is not TOML, or has a setting or value that does not exist.
    """
    settings = Settings(path)
    for key, value in _table(path).items():
        if key == "keys" and isinstance(value, dict):
            settings.keys = _keys(path, value)
        elif key in {"theme", *_CHOICES} and isinstance(value, str):
            if value not in _CHOICES.get(key, (value,)):
                raise _fault(path, f"{key} is {printable(value)}, and must be {' or '.join(_CHOICES[key])}")
            setattr(settings, key, value)
        else:
            known = ["theme", "keys", *_CHOICES]
            raise _fault(
                path, f"{printable(key)} is no setting, or not of the right type{_nearest(key, known)}"
            )
    return settings


def _table(path: str) -> dict[str, object]:
    try:
        data, _ = read_regular(path)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _fault(path, error.strerror or "cannot be read") from None
    import tomllib

    try:
        return tomllib.loads(data.decode())
    except ValueError as error:
        raise _fault(path, printable(str(error))) from None


def _keys(path: str, table: Mapping[str, object]) -> dict[str, str]:
    keys: dict[str, str] = {}
    for action, value in table.items():
        if not isinstance(value, str) or not value:
            raise _fault(path, f'[keys] {printable(action)} must be a text such as "x" or "ctrl+x,f2"')
        keys[action] = value
    return keys


def save_theme(path: str, theme: str) -> None:
    """Write the theme into the settings file; everything else in it, its mode included, stays as it is.

    OSError where it cannot be written, ValueError where the file is no longer TOML.
    """
    import tomlkit

    target = os.path.realpath(path)
    try:
        with open(target, encoding="utf-8", newline="") as file:
            document = tomlkit.parse(file.read())
            mode = os.stat(file.fileno()).st_mode & 0o777
    except FileNotFoundError:
        document, mode = tomlkit.document(), 0o600
    document["theme"] = theme
    write_regular(target, tomlkit.dumps(document).encode(), mode)


def _nearest(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1)
    return f": did you mean {near[0]}?" if near else ""


def _fault(
    path: str, text: str, hint: str = "correct the file, or delete it for the defaults"
) -> XswitchError:
    return XswitchError(f"{printable(tilde(path))}: {text}", hint)
