"""Writing the settings file: one setting of it, or a first file that explains them all."""

from __future__ import annotations

import os

from xswitch.regular import write_regular

_DEFAULT = os.path.join(os.path.dirname(__file__), "default.toml")


def save_theme(path: str, theme: str) -> None:
    """Write the theme into the settings file; everything else in it, its mode included, stays as it is.

    OSError where it cannot be written, ValueError where the file is no longer TOML.
    """
    import tomlkit

    target = os.path.realpath(path)
    try:
        with open(target, encoding="utf-8", newline="") as file:
            text = file.read()
            mode = os.stat(file.fileno()).st_mode & 0o777
    except FileNotFoundError:
        text, mode = "", 0o600
    document = tomlkit.parse(text)
    # In place of the first file's example: at the end it would be in a table, once that is uncommented.
    before, example, after = text.partition("\n#theme = ")
    _, *rest = after.partition("\n")
    written = "".join([before, "\ntheme = ", tomlkit.item(theme).as_string(), *rest])
    if not example or "theme" in document or tomlkit.parse(written).get("theme") != theme:
        document["theme"] = theme
        written = tomlkit.dumps(document)
    write_regular(target, written.encode(), mode)


def default_text() -> str:
    """Return a settings file in which every setting is explained, and none is set."""
    with open(_DEFAULT, encoding="utf-8") as file:
        return file.read()


def write_default(path: str) -> None:
    """Write that file. FileExistsError where there is one already, OSError where it cannot be written."""
    if os.path.lexists(path):
        raise FileExistsError(path)
    write_regular(path, default_text().encode())
