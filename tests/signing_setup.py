"""Fixtures for signing in: profiles of every kind, the UI on them, and an AWS that can be kept waiting.

A plugin for test modules to name in `pytest_plugins`.
"""

from __future__ import annotations

import os
import select
import socket
import threading
from contextlib import closing, suppress

import botocore.credentials
import botocore.tokens
import pytest
from awshome import write_profiles
from screens import make_app
from signing import MFA

from xswitch.timestamps import utc_now

CONFIG = f"""\
[profile ops]
role_arn = arn:aws:iam::222222222222:role/Ops
source_profile = keys
region = eu-west-1
[profile ops-audit]
role_arn = arn:aws:iam::222222222222:role/Audit
source_profile = ops
region = eu-west-1
[profile admin]
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = keys
mfa_serial = {MFA}
region = eu-west-1
[profile other]
role_arn = arn:aws:iam::333333333333:role/Other
source_profile = keys
mfa_serial = {MFA}2
region = eu-west-1
[profile spare]
role_arn = arn:aws:iam::444444444444:role/Spare
source_profile = keys
region = eu-west-1
[sso-session corp]
sso_start_url = https://corp.example.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access
[profile corp-dev]
sso_session = corp
sso_account_id = 555555555555
sso_role_name = Developer
region = eu-west-1
[profile corp-data]
sso_session = corp
sso_account_id = 666666666666
sso_role_name = Reader
region = eu-west-1
[profile lost]
role_arn = arn:aws:iam::777777777777:role/Ops
source_profile = gone
"""


@pytest.fixture
def environ(aws_server, home, user, monkeypatch):
    """Profiles of every kind, whose AWS is the server, and no browser."""
    key, secret = user
    credentials = f"[keys]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
    write_profiles(home / ".aws", CONFIG, credentials)
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in aws_server.environment(home).items():
        monkeypatch.setenv(name, value)
    # botocore asks for the home folder once in a process.
    for provider in (botocore.credentials.SSOProvider, botocore.tokens.SSOTokenProvider):
        monkeypatch.setattr(provider, "_SSO_TOKEN_CACHE_DIR", str(home / ".aws/sso/cache"))
    aws_server.clear()
    before = threading.enumerate()
    yield os.environ
    for thread in threading.enumerate():
        if thread not in before:
            thread.join(10)  # what it asks for would be counted in the next test
    aws_server.clear()


@pytest.fixture
def lent():
    """What the terminal was lent for, with the command line and the environment of each child."""
    return []


@pytest.fixture
def ui(environ, lent):
    """The UI on those profiles, with the time as it is."""

    def lend(what, prepare, *, wait):
        argv, child = prepare()
        lent.append((what, list(argv), dict(child)))

    def make(env=None, **options):
        return make_app({**environ, **(env or {})}, clock=utc_now, lend_terminal=lend, **options)

    return make


class Gate:
    """The way to the server: what is asked waits, as with an AWS that says nothing, until it is opened."""

    def __init__(self, server):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._beyond = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def is_asked(self):
        """Tell whether somebody waits."""
        return bool(select.select([self._listener], [], [], 0)[0])

    def open(self):
        """Let everybody through from now on. No thread is started before, so that terminals can be."""
        threading.Thread(target=self._let_through, daemon=True).start()

    def close(self):
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes who accepts
        self._listener.close()

    def _let_through(self):
        with suppress(OSError):  # closed
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._beyond)
                for way in ((near, far), (far, near)):
                    threading.Thread(target=_pass_on, args=way, daemon=True).start()


def _pass_on(source, target):
    with suppress(OSError), source:  # whoever leaves first
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def gate(aws_server, environ, monkeypatch):
    """A shut gate before the server; terminals have to be given its address."""
    with closing(Gate(aws_server)) as gate:
        monkeypatch.setenv("AWS_ENDPOINT_URL", gate.url)
        yield gate
