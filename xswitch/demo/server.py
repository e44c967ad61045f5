"""The demo's server process: `python -m xswitch.demo.server HOME LIFELINE REPORT NOW`.

LIFELINE is the reading end of a pipe whose other end lives in whatever uses the demo; when the last of
those is gone, however it ended, the server removes HOME and exits. REPORT is the writing end of a pipe that
gets one line of JSON: `{"url": …}`, `{"missing": module}` or `{"error": text}`. NOW is the time, in ISO 8601
with zone, from which sessions are counted.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import threading
from datetime import datetime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType


def main(arguments: list[str]) -> None:
    """Serve until nobody holds the lifeline any more."""
    home, lifeline, report, now = arguments[0], int(arguments[1]), int(arguments[2]), arguments[3]
    _leave_parent()
    os.umask(0o077)
    signal.signal(signal.SIGTERM, _end)
    try:
        _tell(report, _serve(home, datetime.fromisoformat(now)))
        while os.read(lifeline, 1):
            pass
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _leave_parent() -> None:
    # The parent becomes xswitch and then whatever the user runs; a program that waits for all of its
    # children must not find this one.
    if os.fork():
        os._exit(0)


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _serve(home: str, now: datetime) -> dict[str, str]:
    try:
        # Here and not above: what is missing is to be reported, not to end the process.
        from xswitch.demo.build import build

        server = build(home, now)
    except ModuleNotFoundError as error:
        return {"missing": error.name or str(error)}
    except Exception as error:  # noqa: BLE001 - whatever it is, the launcher is the one that can say it
        return {"error": f"{type(error).__name__}: {error}"}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return {"url": f"http://127.0.0.1:{server.server_port}"}


def _tell(report: int, result: dict[str, str]) -> None:
    # A launcher that is gone has left the lifeline too, and that ends the server.
    with contextlib.suppress(BrokenPipeError), open(report, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
