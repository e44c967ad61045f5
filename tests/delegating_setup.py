"""The fixture `accounts`: a plugin for test modules to name in `pytest_plugins`."""

from __future__ import annotations

import functools
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import botocore.endpoint
import botocore.loaders
import pytest
from delegating import DEV, GRANT, PROD, READS, ROLE, Accounts, document

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


@pytest.fixture
def prepared(accounts):
    """The accounts, with a group that the user is in."""
    accounts.iam(DEV).create_group(GroupName="Developers")
    accounts.iam(DEV).add_user_to_group(GroupName="Developers", UserName="dev")
    accounts.before = accounts.everything()
    return accounts


@pytest.fixture
def differing(prepared):
    """The accounts, with all of what FULL makes, by hand and otherwise."""
    name, iam = "CrossAccountReader", prepared.iam(PROD)
    trust = document(Action="sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{DEV}:user/admin"})
    tags = [{"Key": "Team", "Value": "data"}]
    iam.create_role(RoleName=name, Path="/team/", AssumeRolePolicyDocument=trust, Tags=tags)
    iam.put_role_policy(**ROLE, PolicyName=f"{name}-permissions", PolicyDocument=READS)
    prepared.iam(DEV).create_policy(PolicyName=GRANT.rpartition("/")[2], PolicyDocument=READS)
    arn = f"arn:aws:iam::{PROD}:role/team/{name}"
    prepared.add("prod", role_arn=arn, source_profile="dev", external_id="x-0", region="us-east-1")
    prepared.before = prepared.everything()
    return prepared
