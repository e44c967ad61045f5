"""The fixture `accounts`: a plugin for test modules to name in `pytest_plugins`."""

from __future__ import annotations

import functools
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import botocore.endpoint
import botocore.loaders
import pytest
from delegating import DEV, PROD, Accounts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aws_server import AwsServer

# botocore reads its data anew for each of its sessions, of which there are many here.
_loader = botocore.loaders.JSONFileLoader()
_load_once = functools.cache(_loader.load_file)
_list_once = botocore.loaders.Loader.list_available_services
_services: dict[tuple[str, tuple[str, ...]], Any] = {}


def _load_file(loader: botocore.loaders.JSONFileLoader, path: str) -> Any:
    return _load_once(path)


def _list_services(loader: botocore.loaders.Loader, type_name: str) -> Any:
    paths = tuple(loader.search_paths)
    if (type_name, paths) not in _services:
        _services[type_name, paths] = _list_once(loader, type_name)
    return _services[type_name, paths]


@pytest.fixture
def accounts(aws_server: AwsServer, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Accounts]:
    """The two accounts, fresh, in a home of their own."""
    for name, value in aws_server.environment(home).items():
        monkeypatch.setenv(name, value)
    # botocore waits between its attempts for as long as the AWS on the other side may need.
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None, time=time.time))
    monkeypatch.setattr(botocore.loaders.JSONFileLoader, "load_file", _load_file)
    monkeypatch.setattr(botocore.loaders.Loader, "list_available_services", _list_services)
    yield Accounts(aws_server, home)
    aws_server.clear()
    aws_server.empty(DEV, PROD)
