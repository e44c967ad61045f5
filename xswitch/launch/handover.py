"""Handing a browser an address that nobody else on the machine may see.

The command line of every process can be read by every user (`ps`), and browsers are started with the address
in it. So they get the address of a page on loopback that leads on, once, and only this user.
"""

from __future__ import annotations

import http.server
import os
import secrets
import socket
import sys
import threading
from typing import TYPE_CHECKING

from xswitch.launch.browser import open_page

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT = 30.0  # seconds for a browser to start in
_CONNECTIONS = ("/proc/net/tcp", "/proc/net/tcp6")
_ESTABLISHED = "01"
_MAPPED = "0" * 16 + ("FFFF0000" if sys.byteorder == "little" else "0000FFFF")  # IPv4 in IPv6
_ADDRESS = "127.0.0.1"


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
        super().__init__((_ADDRESS, 0), _Handler)
        self.path = f"/{secrets.token_urlsafe(32)}"
        self.taken = threading.Event()
        self._url: str | None = url
        self._lock = threading.Lock()

    def handle_error(self, *_: object) -> None:
        """Say nothing: the other side went away, or sent what is no HTTP."""

    @property
    def address(self) -> str:
        """What the browser is given."""
        return f"http://{_ADDRESS}:{self.server_port}{self.path}"

    def take(self) -> str | None:
        """Return the address that it leads to, the first time."""
        with self._lock:
            url, self._url = self._url, None
            return url


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server
    timeout = 5.0  # browsers open connections that they may not use

    def do_GET(self) -> None:
        known = self.path == self.server.path and is_own(
            self.client_address, (_ADDRESS, self.server.server_port)
        )
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


def is_own(client: tuple[str, int], server: tuple[str, int]) -> bool:
    """Tell whether the client of a connection on loopback belongs to this user, or to root.

    Both ends are an IPv4 address and a port. Linux tells (proc(5)); elsewhere the secret in the address must
    do. Where several rows fit, or one without an owner (a connection that is closed counts as root's), the
    answer is no.
    """
    unknown = True
    owners = []
    for path in _CONNECTIONS:
        try:
            with open(path, encoding="ascii") as file:
                rows = [line.split() for line in file][1:]
        except OSError:
            continue
        unknown = False
        owners += [
            int(row[7]) if row[3] == _ESTABLISHED and row[9] != "0" else None
            for row in rows
            if _is_end(row[1], client) and _is_end(row[2], server)
        ]
    # Root could read this process anyway, and is who connects for a browser outside of WSL.
    return unknown or (len(owners) == 1 and owners[0] in {os.getuid(), 0})


def _is_end(text: str, end: tuple[str, int]) -> bool:
    """Tell whether an end of a connection as the kernel writes it is this IPv4 address and port."""
    address, _, port = text.rpartition(":")
    # Bytes in the order of the machine; an IPv4 address in IPv6 is the last of its four words.
    number = int.from_bytes(socket.inet_aton(end[0]), sys.byteorder)
    return int(port, 16) == end[1] and address in {f"{number:08X}", f"{_MAPPED}{number:08X}"}
