"""Every use of something private to Textual, in one file, to be looked at when its version moves (8.2)."""

from __future__ import annotations

import os
import traceback
from typing import Any

from textual.app import App


def end_with_report(app: App[Any], error: Exception, folder: str) -> str:
    """End `app` because of `error`; return what to tell the user.

    Textual's own report prints the local variables, and one of them may be a secret. The traceback without
    them goes to a file in `folder`.
    """
    app._exception = app._exception or error  # noqa: SLF001 - tests see the error through it
    app._exception_event.set()  # noqa: SLF001
    path = os.path.join(folder, "crash.log")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            frames = traceback.extract_tb(error.__traceback__)
            file.write("".join(traceback.format_list(frames)) + f"{type(error).__name__}\n")
    except OSError:
        path = "no file could be written"
    return f"xswitch: the terminal UI failed: {type(error).__name__} (traceback: {path})"
