"""Noticing that files have changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xswitch.locations import Locations


def signature(locations: Locations) -> tuple[object, ...]:
    """Return something that differs when a file that the UI shows has changed.

    The AWS CLI writes cache files in place, which leaves their folder's time as it was, so each file counts.
    """
    found: list[object] = [
        _of(path) for path in (locations.config, locations.credentials, locations.settings)
    ]
    for folder in (locations.cli_cache, locations.sso_cache, locations.boto_cache, locations.login_cache):
        try:
            with os.scandir(folder) as entries:
                found.append(
                    sorted(
                        (entry.name, *_of(entry.path)) for entry in entries if entry.name.endswith(".json")
                    )
                )
        except OSError:
            found.append(None)
    return tuple(found)


def _of(path: str) -> tuple[int, int, int]:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return 0, 0, 0
    return status.st_ino, status.st_size, status.st_mtime_ns
