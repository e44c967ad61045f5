"""Serving credentials to one command as a container's host does.

The protocol is that of the container provider, which every AWS SDK has (AWS SDKs and Tools Reference Guide,
"Container credential provider"): a GET with a token in the `Authorization` header, answered by JSON.
"""

from __future__ import annotations

import hmac
import json
import secrets
import signal
import socket
import threading
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn

from xswitch.errors import XswitchError
from xswitch.sessions.session import seconds_left
from xswitch.text import printable
from xswitch.timestamps import format_time, utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from xswitch.sessions.session import Credentials

# botocore gives an answer two seconds, and asks three times.
_PATIENCE = 1.5
_LEAST = 10  # seconds; what has less left is of no use
# SDKs want an end. Where nothing says when a session ends, they ask again before this many seconds are over.
_UNKNOWN_END = 1800
_ADDRESS = "127.0.0.1"


class Renewal:
    """The current credentials, for any number of threads at once.

    `obtain` returns credentials that last, cached or new; it is called by one thread at a time. While it
    takes its time, and where it fails, those from before serve for as long as they last. `tell` gets each
    failure once, not for every request that meets it.
    """

    def __init__(
        self, first: Credentials, obtain: Callable[[], Credentials], tell: Callable[[XswitchError], None]
    ) -> None:
        self._last = first
        self._obtain = obtain
        self._tell = tell
        self._lock = threading.Lock()
        self._attempts = 0  # that have ended
        self._failure: XswitchError | None = None
        self._told = ""

    def credentials(self) -> Credentials:
        """Return credentials that are valid now. XswitchError where there are none to be had."""
        before = self._attempts
        if not self._lock.acquire(timeout=_PATIENCE):
            if _lasts(self._last):
                return self._last
            self._lock.acquire()
        try:
            if self._attempts == before:  # else another thread has tried just now
                self._try()
            failure = self._failure
        finally:
            self._lock.release()
        if failure is not None and not _lasts(self._last):
            raise XswitchError(failure.message, failure.hint)
        return self._last

    def _try(self) -> None:
        try:
            self._last = self._obtain()
        except XswitchError as error:
            self._failure = error
        except Exception as error:  # noqa: BLE001 - no fault of ours may leave the command without an answer
            self._failure = XswitchError(f"this is a fault of xswitch: an unexpected {type(error).__name__}")
        else:
            self._failure = None
        self._attempts += 1
        said = self._failure.message if self._failure else ""
        if self._failure and said != self._told:
            self._tell(self._failure)
        self._told = said


class Endpoint:
    """An address on this machine that gives `credentials()` to whoever has the token.

    It answers from `start` to `close`, in threads that keep no process alive.
    """

    def __init__(self, credentials: Callable[[], Credentials]) -> None:
        self.token = secrets.token_urlsafe(32)
        self._server = _Server(credentials, self.token)
        self.url = f"http://{self._server.host}/"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._closed = False

    def start(self) -> None:
        """Answer from now on; who asked before has waited."""
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more."""
        self._closed = True
        if self._thread.ident is not None:
            with suppress(OSError):
                socket.create_connection((_ADDRESS, self._server.server_address[1]), timeout=1).close()
            self._thread.join(1)  # woken by that
        self._server.server_close()

    def _serve(self) -> None:
        # A sentence to a terminal that the command has taken for itself would stop us, and it.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
        while not self._closed:
            self._server.handle_request()


class _Server(ThreadingMixIn, TCPServer):
    daemon_threads = True
    request_queue_size = 128
    most = 100  # connections that have not shown the token yet; one more ends the oldest

    def __init__(self, credentials: Callable[[], Credentials], token: str) -> None:
        super().__init__((_ADDRESS, 0), _Handler)
        self.credentials = credentials
        self.token = token
        self.host = f"{_ADDRESS}:{self.server_address[1]}"
        self._strangers: dict[Any, None] = {}  # the oldest first
        self._guard = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, for as many as there may be."""
        with self._guard:
            self._strangers[request] = None
            if len(self._strangers) > self.most:
                oldest = next(iter(self._strangers))
                del self._strangers[oldest]
                with suppress(OSError):
                    oldest.shutdown(socket.SHUT_RDWR)
        super().process_request(request, client_address)

    def trust(self, request: Any) -> None:
        """Let a connection be for as long as its answer takes."""
        with self._guard:
            self._strangers.pop(request, None)

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        with self._guard:
            self._strangers.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the other side went away, or sent what is no HTTP."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10  # seconds for a request to arrive
    server_version = "xswitch"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer with the credentials, or with why not."""
        # A page in a browser reaches us under a name of its own; no SDK does.
        if self.headers.get_all("Host") != [self.server.host]:
            self.send_error(HTTPStatus.FORBIDDEN, f"this is {self.server.host} and nobody else")
        elif not self._is_authorized():
            self.send_error(HTTPStatus.UNAUTHORIZED, "the Authorization header is not the token")
        elif self.path != "/":
            self.send_error(HTTPStatus.NOT_FOUND, "the credentials are at /")
        else:
            self._answer()

    def send_error(self, code: int, message: str | None = None, _: str | None = None) -> None:
        """Answer with an error as the SDKs read it. http.server calls it for what it does not understand."""
        if code == HTTPStatus.NOT_IMPLEMENTED:
            code, message = HTTPStatus.METHOD_NOT_ALLOWED, "only GET"
        status = HTTPStatus(code)
        self._send(status, {"code": status.phrase.replace(" ", ""), "message": message or status.phrase})

    def log_message(self, *_: object) -> None:
        """Keep quiet: the terminal is the command's."""

    def _is_authorized(self) -> bool:
        given = self.headers.get_all("Authorization", [])
        return len(given) == 1 and hmac.compare_digest(given[0].encode(), self.server.token.encode())

    def _answer(self) -> None:
        self.server.trust(self.request)
        try:
            credentials = self.server.credentials()
        except XswitchError as error:
            text = f"xswitch: {error.message} ({error.hint})" if error.hint else f"xswitch: {error.message}"
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, printable(text))
            return
        expires_at = credentials.expires_at or utc_now() + timedelta(seconds=_UNKNOWN_END)
        self._send(
            HTTPStatus.OK,
            {
                "AccessKeyId": credentials.access_key_id,
                "SecretAccessKey": credentials.secret_access_key,
                "Token": credentials.session_token or "",
                "Expiration": format_time(expires_at),
            },
        )

    def _send(self, status: HTTPStatus, answer: dict[str, str]) -> None:
        body = json.dumps(answer).encode()
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _lasts(credentials: Credentials) -> bool:
    return credentials.expires_at is None or seconds_left(credentials.expires_at, utc_now()) > _LEAST
