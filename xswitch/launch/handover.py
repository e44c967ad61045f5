"""Handing a browser an address that nobody else on the machine may see.

The command line of every process can be read by every user (`ps`), and browsers are started with the address
in it. So they get the address of a page on loopback that leads on, once, and only this user.
"""

from __future__ import annotations

import http.server
import os
import secrets
import threading
from typing import TYPE_CHECKING

from xswitch.launch.browser import open_page

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT = 30.0  # seconds for a browser to start in
_CONNECTIONS = ("/proc/net/tcp", "/proc/net/tcp6")


def hand_over(url: str, environ: Mapping[str, str], *, timeout: float = _TIMEOUT) -> bool:
    """Open `url` in the user's browser; tell whether the browser came for it within `timeout` seconds.

    OSError where no browser can be started.
    """
    server = _Server(url)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        open_page(server.address, environ)
        return server.taken.wait(timeout)
    finally:
        server.shutdown()
        server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    def __init__(self, url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.path = f"/{secrets.token_urlsafe(32)}"
        self.taken = threading.Event()
        self._url: str | None = url
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        """What the browser is given."""
        return f"http://127.0.0.1:{self.server_port}{self.path}"

    def take(self) -> str | None:
        """Return the address that it leads to, the first time."""
        with self._lock:
            url, self._url = self._url, None
            return url


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server
    timeout = 5.0  # browsers open connections that they may not use

    def do_GET(self) -> None:
        known = self.path == self.server.path and is_own(self.client_address[1], self.server.server_port)
        url = self.server.take() if known else None
        if url is None:
            self.send_error(404)
            return
        self.send_response(303)
        self.send_header("Location", url)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.wfile.flush()
        self.server.taken.set()

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal is the user's."""


def is_own(client_port: int, server_port: int) -> bool:
    """Tell whether the client of a connection on loopback belongs to this user, or to root.

    Linux tells (proc(5)). Elsewhere the secret in the address must do.
    """
    unknown = True
    for path in _CONNECTIONS:
        try:
            with open(path, encoding="ascii") as file:
                rows = [line.split() for line in file][1:]
        except OSError:
            continue
        unknown = False
        for row in rows:
            if _port(row[1]) == client_port and _port(row[2]) == server_port:
                # Root could read this process anyway, and is who connects for a browser outside of WSL.
                return int(row[7]) in {os.getuid(), 0}
    return unknown


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)
