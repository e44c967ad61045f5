"""The endpoint of `run --serve`: whom it answers, and what where credentials cannot be renewed."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from contextlib import ExitStack, closing
from datetime import timedelta

import pytest
from running import CANARY, SECRET, TOKEN

from xswitch.errors import XswitchError
from xswitch.launch.endpoint import Endpoint, Renewal
from xswitch.sessions.session import Credentials
from xswitch.timestamps import format_time, parse_time, utc_now


def credentials(key="ASIAONE", minutes=60.0):
    return Credentials(key, SECRET, TOKEN, utc_now() + timedelta(minutes=minutes))


# --- the protocol --------------------------------------------------------------------------------


@pytest.fixture
def endpoint():
    """Start endpoints that serve what the given callable returns."""
    with ExitStack() as started:

        def start(obtain=credentials):
            endpoint = started.enter_context(closing(Endpoint(obtain)))
            endpoint.start()
            return endpoint

        yield start


def host_of(endpoint):
    return endpoint.url.removeprefix("http://").removesuffix("/")


def ask(endpoint, method="GET", path="/", **headers):
    """Send a request with the right token and host, unless `headers` have others; return its answer."""
    connection = http.client.HTTPConnection(host_of(endpoint), timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    given = {"host": host_of(endpoint), "authorization": endpoint.token, **headers}
    for name, value in given.items():
        for single in [value] if isinstance(value, str) else value:
            connection.putheader(name, single)
    connection.endheaders()
    response = connection.getresponse()
    return response, response.read().decode()


def test_who_has_the_token_gets_the_credentials(endpoint):
    ends = utc_now() + timedelta(minutes=50)
    response, body = ask(endpoint(lambda: Credentials("ASIAONE", SECRET, TOKEN, ends)))
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert json.loads(body) == {
        "AccessKeyId": "ASIAONE",
        "SecretAccessKey": SECRET,
        "Token": TOKEN,
        "Expiration": format_time(ends),
    }


def test_credentials_of_which_nothing_says_when_they_end_are_asked_for_again_within_the_hour(endpoint):
    _, body = ask(endpoint(lambda: Credentials("ASIAONE", SECRET, TOKEN)))
    ends = parse_time(json.loads(body)["Expiration"])
    assert timedelta(minutes=15) < ends - utc_now() < timedelta(minutes=60)


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (401, {"authorization": []}),
        (401, {"authorization": ""}),
        (401, {"authorization": "guess"}),
        (401, {"authorization": "{token}x"}),
        (401, {"authorization": "Bearer {token}"}),
        (401, {"authorization": ["{token}", "{token}"]}),
        (401, {"authorization": "\xff\xfe"}),
        (403, {"host": []}),
        (403, {"host": "localhost:{port}"}),
        (403, {"host": "127.0.0.1"}),
        (403, {"host": "127.0.0.1:{port}.example.com"}),
        (403, {"host": "rebound.example.com:{port}"}),
        (403, {"host": ["127.0.0.1:{port}", "127.0.0.1:{port}"]}),
        (404, {"path": "/latest"}),
        (404, {"path": "/?"}),
        (404, {"path": "http://127.0.0.1:{port}/"}),
        (405, {"method": "POST"}),
        (405, {"method": "PUT"}),
        (405, {"method": "OPTIONS"}),
        (405, {"method": "CONNECT"}),
        (405, {"method": "NONSENSE"}),
    ],
)
def test_nobody_else_gets_anything(endpoint, status, request_):
    started = endpoint()
    port = host_of(started).split(":")[1]

    def filled(text):
        return text.replace("{token}", started.token).replace("{port}", port)

    request_ = {
        name: filled(value) if isinstance(value, str) else [filled(one) for one in value]
        for name, value in request_.items()
    }
    response, body = ask(started, **request_)
    assert response.status == status
    assert set(json.loads(body)) == {"code", "message"}
    assert CANARY not in body
    assert started.token not in body


def test_what_is_no_request_does_no_harm(endpoint):
    started = endpoint()
    address = host_of(started).split(":")
    for data in [b"", b"\0" * 1000, b"GET /\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"x" * 100_000]:
        with socket.create_connection(address) as connection:
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                answer = connection.recv(65536)
            except OSError:  # it may close the connection before all was said
                answer = b""
            assert CANARY.encode() not in answer
    assert ask(started)[0].status == 200


def test_those_who_connect_and_say_nothing_keep_nobody_waiting(endpoint):
    started, before = endpoint(), threading.active_count()
    host, port = host_of(started).split(":")
    with ExitStack() as idle:
        for _ in range(300):
            idle.enter_context(socket.create_connection((host, int(port)), timeout=20))
        assert ask(started)[0].status == 200
        deadline = time.monotonic() + 20
        while threading.active_count() - before > 120:
            assert time.monotonic() < deadline, "they all have a thread"
            time.sleep(0.05)


def test_any_number_with_the_token_get_their_answer(endpoint):
    arrived, renewed = threading.Semaphore(0), threading.Event()

    def obtain():
        arrived.release()
        renewed.wait(20)
        return credentials()

    started = endpoint(obtain)
    host, port = host_of(started).split(":")
    request = f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: {started.token}\r\n\r\n".encode()
    with ExitStack() as clients:
        connections = []
        for _ in range(150):
            connections.append(clients.enter_context(socket.create_connection((host, int(port)), timeout=20)))
            connections[-1].sendall(request)
            assert arrived.acquire(timeout=20)
        renewed.set()
        assert {connection.recv(12) for connection in connections} == {b"HTTP/1.0 200"}


def test_once_closed_it_is_gone(endpoint):
    started = endpoint()
    assert ask(started)[0].status == 200
    started.close()
    with pytest.raises(ConnectionRefusedError):
        ask(started)
    Endpoint(credentials).close()  # also one that has never answered


def test_it_listens_on_loopback_only(endpoint):
    started = endpoint()
    port = int(host_of(started).split(":")[1])
    # Every address of 127/8 is this machine, and only one of them is ours.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5)


# --- renewing ------------------------------------------------------------------------------------


class Source:
    """Credentials as a launcher obtains them: what the test puts here, or its failure."""

    def __init__(self, first):
        self.next = first
        self.told = []
        self.calls = 0
        self.renewal = Renewal(first, self.obtain, lambda error: self.told.append(error.message))

    def obtain(self):
        self.calls += 1
        if isinstance(self.next, Exception):
            raise self.next
        return self.next

    def key(self):
        return self.renewal.credentials().access_key_id


def test_every_request_gets_what_is_current():
    source = Source(credentials("ASIAONE"))
    assert source.key() == "ASIAONE"
    source.next = credentials("ASIATWO")
    assert source.key() == "ASIATWO"
    assert source.told == []


def test_where_renewing_fails_the_old_credentials_serve_while_they_last_and_the_user_is_told_once():
    source = Source(credentials("ASIAONE", minutes=5))
    source.next = XswitchError("AWS could not be reached")
    assert [source.key() for _ in range(5)] == ["ASIAONE"] * 5
    assert source.told == ["AWS could not be reached"]
    source.next = XswitchError("an MFA code is needed")
    assert [source.key() for _ in range(5)] == ["ASIAONE"] * 5
    assert source.told == ["AWS could not be reached", "an MFA code is needed"]
    source.next = credentials("ASIATWO")
    assert source.key() == "ASIATWO"
    source.next = XswitchError("an MFA code is needed")
    assert source.key() == "ASIATWO"
    assert source.told[2:] == ["an MFA code is needed"]


def test_where_nothing_is_left_the_answer_says_why_and_later_requests_try_again(endpoint):
    source = Source(credentials("ASIAONE", minutes=0.1))
    started = endpoint(source.renewal.credentials)
    source.next = XswitchError("an MFA code is\nneeded", "sign in")
    for _ in range(3):
        response, body = ask(started)
        assert response.status == 503
        assert json.loads(body) == {
            "code": "ServiceUnavailable",
            "message": "xswitch: an MFA code is\\nneeded (sign in)",
        }
    assert len(source.told) == 1
    source.next = credentials("ASIATWO")
    assert json.loads(ask(started)[1])["AccessKeyId"] == "ASIATWO"


def test_a_fault_of_ours_is_an_answer_too_and_quotes_nothing():
    source = Source(credentials(minutes=0))
    source.next = ValueError(SECRET)
    with pytest.raises(XswitchError, match="this is a fault of xswitch: an unexpected ValueError"):
        source.key()
    assert CANARY not in source.told[0]


@pytest.mark.slow
def test_while_a_renewal_takes_its_time_the_old_credentials_serve():
    """botocore waits two seconds for an answer, and a call of AWS may take longer."""
    entered, go_on = threading.Event(), threading.Event()

    def obtain():
        entered.set()
        assert go_on.wait(20)
        return credentials("ASIATWO")

    renewal = Renewal(credentials("ASIAONE", minutes=12), obtain, lambda _: None)
    first = threading.Thread(target=renewal.credentials)
    first.start()
    assert entered.wait(20)
    assert renewal.credentials().access_key_id == "ASIAONE"
    go_on.set()
    first.join(20)
    assert renewal.credentials().access_key_id == "ASIATWO"


@pytest.mark.slow
def test_requests_that_come_together_share_one_attempt():
    together = threading.Barrier(20)
    calls = []

    def obtain():
        calls.append(1)
        threading.Event().wait(1)
        raise XswitchError("no")

    renewal = Renewal(credentials(minutes=0), obtain, lambda _: None)

    def request():
        together.wait(20)
        with pytest.raises(XswitchError, match="no"):
            renewal.credentials()

    threads = [threading.Thread(target=request) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(calls) in {1, 2}  # the second is for who came when the first had ended
