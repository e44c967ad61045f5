"""The user's settings: a TOML file, checked whole, every fault a sentence."""

from __future__ import annotations

import os
import tempfile
import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches

from xswitch.errors import XswitchError
from xswitch.locations import tilde
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CHOICES = {"icons": ("unicode", "ascii"), "start": ("tree", "filter")}


@dataclass
class Settings:
    """What can be set. `theme` is a Textual theme ("" for the default), `keys` maps action ids to keys."""

    theme: str = ""
    icons: str = "unicode"
    start: str = "tree"
    keys: dict[str, str] = field(default_factory=dict)


def load_settings(path: str, default_keys: Mapping[str, str]) -> Settings:
    """Read the settings; without a file they are the defaults.

    `default_keys` maps the id of every action to its keys, with commas between. XswitchError where the
    file is not TOML, or names a setting, value or action that does not exist, or one key for two actions.
    """
    try:
        with open(path, "rb") as file:
            table = tomllib.load(file)
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise _fault(path, printable(str(error))) from None
    settings = Settings()
    for key, value in table.items():
        if key == "keys" and isinstance(value, dict):
            settings.keys = _keys(path, value, default_keys)
        elif key in {"theme", *_CHOICES} and isinstance(value, str):
            if value not in _CHOICES.get(key, (value,)):
                raise _fault(path, f"{key} is {printable(value)}, and must be one of {', '.join(_CHOICES[key])}")
            setattr(settings, key, value)
        else:
            known = ["theme", "keys", *_CHOICES]
            raise _fault(path, f"{printable(key)} is no setting, or not of the right type{_nearest(key, known)}")
    return settings


def save_theme(path: str, theme: str) -> None:
    """Write the theme into the settings file; everything else in it stays as it is."""
    import tomlkit  # noqa: PLC0415 - only a change of theme writes

    try:
        with open(path, encoding="utf-8") as file:
            document = tomlkit.parse(file.read())
    except FileNotFoundError:
        document = tomlkit.document()
    document["theme"] = theme
    target = os.path.realpath(path)
    os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".settings.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(tomlkit.dumps(document))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _keys(path: str, table: Mapping[str, object], default_keys: Mapping[str, str]) -> dict[str, str]:
    keys: dict[str, str] = {}
    for action, value in table.items():
        if action not in default_keys:
            raise _fault(path, f"[keys] {printable(action)} is no action{_nearest(action, default_keys)}")
        if not isinstance(value, str) or not value:
            raise _fault(path, f"[keys] {action} must be a text such as \"x\" or \"ctrl+x,f2\"")
        keys[action] = value
    taken: dict[str, str] = {}
    for action, used in {**default_keys, **keys}.items():
        for key in used.split(","):
            if key in taken:
                raise _fault(path, f"[keys] {key} is the key of both {taken[key]} and {action}")
            taken[key] = action
    return keys


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f": did you mean {near[0]}?" if near else ""


def _fault(path: str, text: str) -> XswitchError:
    return XswitchError(f"{printable(tilde(path))}: {text}", "correct the file, or delete it for the defaults")
