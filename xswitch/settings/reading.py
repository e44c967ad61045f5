"""Reading the settings file."""

from __future__ import annotations

from xswitch.regular import read_regular
from xswitch.settings.model import Settings
from xswitch.text import printable


def load_settings(path: str, state: str = "") -> Settings:
    """Read the settings; without a file they are the defaults.

    `state` is the folder in which the parsed file may be kept, "" for none. XswitchError where the file is
    not TOML, or has a setting or value that does not exist.
    """
    try:
        data, _ = read_regular(path)
    except FileNotFoundError:
        return Settings(path)
    except OSError as error:
        from xswitch.settings.faults import fault

        raise fault(path, 0, printable(error.strerror or "cannot be read")) from None
    from xswitch.settings.checking import settings_of
    from xswitch.settings.kept import keep_table, kept_table

    text = _decoded(path, data)
    table = kept_table(state, text) if state else None
    if table is not None:
        return settings_of(table, path, text)
    table = _parsed(path, text)
    settings = settings_of(table, path, text)
    if state:
        keep_table(state, text, table)
    return settings


def _decoded(path: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        from xswitch.settings.faults import fault

        raise fault(path, data.count(b"\n", 0, error.start) + 1, "is not UTF-8") from None


def _parsed(path: str, text: str) -> dict[str, object]:
    import tomllib

    from xswitch.settings.faults import fault, syntax_fault

    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise syntax_fault(path, text, error) from None
    except RecursionError:
        raise fault(path, 0, "is nested too deeply") from None
