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
            document = tomlkit.parse(file.read())
            mode = os.stat(file.fileno()).st_mode & 0o777
    except FileNotFoundError:
        document, mode = tomlkit.document(), 0o600
    document["theme"] = theme
    write_regular(target, tomlkit.dumps(document).encode(), mode)


def default_text() -> str:
    """Return a settings file in which every setting is explained, and none is set."""
    with open(_DEFAULT, encoding="utf-8") as file:
        return file.read()


def write_default(path: str) -> None:
    """Write that file. FileExistsError where there is one already, OSError where it cannot be written."""
    if os.path.lexists(path):
        raise FileExistsError(path)
    write_regular(path, default_text().encode())
