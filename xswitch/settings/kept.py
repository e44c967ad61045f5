"""The settings as parsed the last time, so that a fast command needs no TOML parser.

Loading `tomllib` costs as much as half a Python start. What it made of a text is kept beside that text, and
is good as long as the file has exactly that text.
"""

from __future__ import annotations

import os

from xswitch import quickjson
from xswitch.regular import read_regular, write_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Table: TypeAlias = dict[str, object]

_FILE = "settings.json"


def kept_table(state: str, text: str) -> Table | None:
    """Return what `text` was parsed to, or None where that is not known. `state` is the state folder."""
    try:
        data, _ = read_regular(os.path.join(state, _FILE))
        kept = quickjson.loads(data.decode())
    except (OSError, ValueError):
        return None
    if isinstance(kept, dict) and kept.get("text") == text:
        table = kept.get("table")
        return table if isinstance(table, dict) else None
    return None


def keep_table(state: str, text: str, table: Table) -> None:
    """Keep what `text` was parsed to, where that is possible."""
    import json

    try:
        data = json.dumps({"text": text, "table": table}, allow_nan=False).encode()
        write_regular(os.path.join(state, _FILE), data)
    except (OSError, TypeError, ValueError):
        pass  # it has a date, or the disk is full: it is parsed again the next time
