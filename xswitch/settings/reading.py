"""Reading the settings file."""

from __future__ import annotations

from xswitch.regular import is_absent, read_regular
from xswitch.settings.model import Settings
from xswitch.text import printable


def load_settings(path: str, state: str = "") -> Settings:
    """Read the settings; without a file they are the defaults.

    `state` is the folder in which the parsed file may be kept, "" for none. XswitchError where the file is
    not TOML, or has a setting or value that does not exist.
    """
    try:
        data, _ = read_regular(path)
    except (FileNotFoundError, NotADirectoryError):
        if is_absent(path):
            return Settings(path)
        from xswitch.settings.faults import fault

        # Its user has settings, and guard rules in them perhaps.
        raise fault(path, 0, "is a link to what is not there, or behind one") from None
    except OSError as error:
        from xswitch.settings.faults import fault

        raise fault(path, 0, printable(error.strerror or "cannot be read")) from None
    from xswitch.errors import XswitchError
    from xswitch.settings.checking import settings_of
    from xswitch.settings.kept import keep_table, kept_table

    text = _decoded(path, data)
    table = kept_table(state, text) if state else None
    if table is not None:
        try:
            return settings_of(table, path, text)
        except XswitchError:
            pass  # what is kept has no faults, so somebody else has written that
    table = _parsed(path, text)
    settings = settings_of(table, path, text)
    if state:
        keep_table(state, text, table)
    return settings


def _decoded(path: str, data: bytes) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        from xswitch.settings.faults import fault

        raise fault(path, 1, "begins with a byte order mark: save the file as UTF-8 without one")
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
