"""`xswitch login` to SSO in a terminal: whether a browser opens the page, and what it takes without one."""

from __future__ import annotations

import os
import re
import sys
import time
import urllib.request

import pytest
from awshome import SSO, write_profiles
from running import XSWITCH, Terminal

pytestmark = pytest.mark.slow

# Opens the page as a browser does that is signed in to the portal already.
BROWSER = f"""\
#!{sys.executable} -IS
import sys, urllib.request
with open("@FOLDER@/opened", "a") as file:
    file.write(sys.argv[1] + "\\n")
urllib.request.build_opener(urllib.request.ProxyHandler({{}})).open(sys.argv[1], timeout=20).close()
"""


class Login:
    """`xswitch login` in a terminal; nobody types anything there."""

    def __init__(self, server, folder, env, *words):
        self.server = server
        self._opened = folder / "opened"
        self.terminal = Terminal([XSWITCH, "login", "sso", *words], env)

    def opened(self):
        """Return the addresses with which a browser was started."""
        return self._opened.read_text().splitlines() if self._opened.exists() else []

    def device(self):
        """Return the address and the code that are shown."""
        text = self.terminal.until("waiting for the browser")
        address = re.search(r"http://127\.0\.0\.1:\d+/device\S*", text)[0]
        return address, re.search(r"confirm the code ([B-Z]{4}-[B-Z]{4}) ", text)[1]

    def wait(self):
        """Wait until it was asked twice in vain, a second apart, whether the page has been opened."""
        deadline = time.monotonic() + 20
        while self.server.actions().count("CreateToken") < 2:
            assert time.monotonic() < deadline, f"{self.server.actions()}: {self.terminal.until('')}"
            time.sleep(0.05)


@pytest.fixture
def login(aws_server, home, tmp_path):
    """Start sign-ins that only opening the page confirms, with a browser in PATH, as a desktop has one."""
    write_profiles(home / ".aws", SSO)
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("browser", "xdg-open"):
        (folder / name).write_text(BROWSER.replace("@FOLDER@", str(tmp_path)))
        (folder / name).chmod(0o755)
    environ = aws_server.environment(home)
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY"):
        environ.pop(name, None)
    environ |= {"PATH": f"{folder}:{os.defpath}", "TERM": "xterm"}
    aws_server.clear()
    aws_server.control(device="page")
    logins = []

    def start(*words, **variables):
        filled = {name: value.replace("BIN", str(folder)) for name, value in variables.items()}
        logins.append(Login(aws_server, tmp_path, environ | filled, *words))
        return logins[-1]

    yield start
    for started in logins:
        started.terminal.kill()
    aws_server.clear()


@pytest.mark.parametrize(
    "variables",
    [
        {"BROWSER": "BIN/browser"},
        {"DISPLAY": ":0"},
        {"WAYLAND_DISPLAY": "wayland-0"},
        {"BROWSER": "BIN/browser", "SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"},
    ],
)
def test_the_browser_opens_the_page_with_the_code_and_nothing_is_typed(login, aws_server, variables):
    started = login(**variables)
    address, code = started.device()
    assert address == f"{aws_server.url}/device?user_code={code}"
    assert started.terminal.end() == 0
    assert started.opened() == [address]
    assert "sso is signed in: " in started.terminal.text


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        ([], {"DISPLAY": ":0", "SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}),
        ([], {"DISPLAY": ":0", "SSH_TTY": "/dev/pts/0"}),
        ([], {}),
        (["--no-browser"], {"BROWSER": "BIN/browser"}),
        (["--no-browser"], {"DISPLAY": ":0"}),
    ],
)
def test_otherwise_nothing_is_opened_and_address_and_code_are_all_it_takes(
    login, aws_server, words, variables
):
    started = login(*words, **variables)
    address, code = started.device()
    assert address == f"{aws_server.url}/device"
    started.wait()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(f"{address}?user_code={code}", timeout=20).close()
    assert started.terminal.end() == 0
    assert started.opened() == []
    assert aws_server.actions().count("/device") == 1
