"""Every test owns its machine: a home of its own and no AWS variable of the outer environment."""

from __future__ import annotations

import gc
import os
import signal

import pytest
from aws_server import aws, aws_server, aws_v1, aws_v2, under, user  # noqa: F401 - fixtures


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the tests that take seconds")


def pytest_configure(config: pytest.Config) -> None:
    # Run in the background (`nohup pytest &`), what it starts would ignore these signals as it does itself.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # what all tests have in common is not looked through again and again


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--slow"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home folder with an empty `.aws`, and nothing of the outer environment that AWS tools read."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "XDG_", "XSWITCH_", "BOTO_")) or name in {"NO_COLOR", "FORCE_COLOR"}:
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    (folder / ".aws").mkdir(parents=True)
    # Without this folder, every fish of a test would read all the manual pages of the machine.
    (folder / ".local/share/fish/generated_completions").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def aws_folder(home):
    return home / ".aws"
