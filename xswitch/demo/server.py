"""The demo's server process: `python -m xswitch.demo.server HOME LIFELINE REPORT`.

LIFELINE is the reading end of a pipe whose other end lives in whatever uses the demo; when the last of
those is gone, however it ended, the server removes HOME and exits. REPORT is the writing end of a pipe that
gets one line of JSON: `{"url": …}`, `{"missing": module}` or `{"error": text}`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from werkzeug.serving import BaseWSGIServer


def main(arguments: list[str]) -> None:
    """Serve until nobody holds the lifeline any more."""
    home, lifeline, report = arguments[0], int(arguments[1]), int(arguments[2])
    _leave_parent()
    os.umask(0o077)
    signal.signal(signal.SIGTERM, _end)
    try:
        _tell(report, _serve(home))
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


def _serve(home: str) -> dict[str, str]:
    try:
        server = _build(home)
    except ModuleNotFoundError as error:
        return {"missing": error.name or str(error)}
    except Exception as error:  # noqa: BLE001 - whatever it is, the launcher is the one that can say it
        return {"error": f"{type(error).__name__}: {error}"}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return {"url": _url(server)}


def _build(home: str) -> BaseWSGIServer:
    """Fill the empty folder `home` and return the server it points at, listening but not yet serving."""
    # Here and not above: what is missing is to be reported, not to end the process.
    from xswitch.demo import seed, service, tree
    from xswitch.demo.api import Api
    from xswitch.demo.home import write_config, write_home
    from xswitch.timestamps import utc_now

    app = service.application(settling=tree.SETTLING)
    server = service.listen(app)
    keys = seed.create_everything(Api(app), write_config(home))
    write_home(home, _url(server), keys, utc_now())
    return server


def _url(server: BaseWSGIServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def _tell(report: int, result: dict[str, str]) -> None:
    # A launcher that is gone has left the lifeline too, and that ends the server.
    with contextlib.suppress(BrokenPipeError), open(report, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
