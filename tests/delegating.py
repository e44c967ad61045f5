"""Two accounts of the tests' own, and access set up between them. `delegating_setup` has the fixture."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

from awshome import read_profiles_in, write_profiles
from running import run_xswitch

from xswitch.delegation.delegating import Delegating
from xswitch.delegation.record import Records
from xswitch.delegation.request import Principal, Request
from xswitch.errors import XswitchError
from xswitch.launch.prepare import Launcher
from xswitch.locations import Locations
from xswitch.sessions.interaction import Cancelled, Interaction

if TYPE_CHECKING:
    from pathlib import Path

    from aws_server import AwsServer

    from xswitch.sessions.identity import Identity

DEV, PROD = "121212121212", "343434343434"
DENIED = {"status": 403, "code": "AccessDenied", "message": "User: x is not authorized to perform: y"}
THROTTLED = {"status": 400, "code": "Throttling", "message": "Rate exceeded"}
STRICT = {"enforce": True, "trust": True, "invalid_principals": True}
DEVICE = f"arn:aws:iam::{DEV}:mfa/dev"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"

_CONFIG = """\
# the team's accounts
[profile prod-admin]
region = {region}
[profile dev-admin]
region = {region}

[profile dev]
region = {region}
output = json
"""
# Which of the calls change something.
_READS = ("Get", "List", "AssumeRole", "Simulate")


def document(**statement: Any) -> str:
    """Return a policy document of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def wanted(**changes: Any) -> Request:
    """Return a request for what AWS's tutorial sets up, with changes."""
    fields: dict[str, Any] = {
        "trusting": "prod-admin",
        "trusted": "dev-admin",
        "principal": Principal("user", "dev"),
        "role": "CrossAccountReader",
        "profile": "prod",
        "source": "dev",
    }
    return Request(**{**fields, **changes})


class Patient(Interaction):
    """Somebody who has a code at hand and does not really wait; gives up at the pause number `gives_up`."""

    def __init__(self, gives_up: int = 0) -> None:
        self.pauses: list[float] = []
        self._gives_up = gives_up

    def has_person(self) -> bool:
        return True

    def ask_code(self, request: Any) -> str:
        return "123456"

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if len(self.pauses) == self._gives_up:
            raise Cancelled


class Accounts:
    """The accounts DEV and PROD, and a home with profiles of them.

    `dev-admin` and `prod-admin` may do everything in theirs, `dev` is a user who may nothing.
    """

    def __init__(self, server: AwsServer, home: Path, region: str = "us-east-1") -> None:
        self.server = server
        self.home = home
        self.region = region
        self.steps: list[tuple[str, str, str]] = []
        server.control()
        server.empty(DEV, PROD)
        credentials = [
            self._profile(PROD, "prod-admin", "admin"),
            self._profile(DEV, "dev-admin", "admin"),
            self._profile(DEV, "dev", "dev"),
        ]
        for account in (DEV, PROD):
            self.iam(account).put_user_policy(
                UserName="admin", PolicyName="everything", PolicyDocument=document(Action="*", Resource="*")
            )
        write_profiles(home / ".aws", _CONFIG.format(region=region), "".join(credentials))
        self.environ = server.environment(home)
        self.before = self.everything()
        self.control()
        server.forget()

    def _profile(self, account: str, profile: str, user: str) -> str:
        key, secret = self.server.create_user(account, user, self.region)
        return f"[{profile}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"

    def iam(self, account: str) -> Any:
        """Return a client of an administrator; its calls are not in the log, and no fault is for them."""
        return self.server.iam(account, self.region)

    def control(self, **knobs: Any) -> None:
        """Set knobs of the server besides its strictness."""
        self.server.control(**{**STRICT, **knobs})

    def everything(self) -> dict[str, Any]:
        """Return all of IAM and both files."""
        files = {name: (self.home / ".aws" / name).read_bytes() for name in ("config", "credentials")}
        return {**self.server.dump(DEV, PROD), **files}

    def changes(self) -> list[str]:
        """Return the names of the requests that were to change something."""
        return [action for action in self.server.actions() if not action.startswith(_READS)]

    def add(self, profile: str, **settings: str) -> None:
        """Append a profile to the config file; what is there then is how it was before."""
        lines = [f"[profile {profile}]", *(f"{key} = {value}" for key, value in settings.items())]
        with (self.home / ".aws/config").open("a") as file:
            file.write("\n".join(["", *lines, ""]))

    # -- as a process -------------------------------------------------------------------------------

    def delegate(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `xswitch delegate`."""
        return run_xswitch("delegate", *arguments, env=self.environ)

    def set_up(self, *more: str) -> subprocess.CompletedProcess[str]:
        """Set up what AWS's tutorial does, with options besides."""
        return self.delegate(*OPTIONS, "--yes", *more)

    def aws(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run an AWS CLI."""
        return subprocess.run(
            [program, *arguments],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    # -- in this process ----------------------------------------------------------------------------

    def delegating(self, person: Interaction | None = None) -> Delegating:
        """Return what the front ends call, on the files as they are now."""
        person = person or Patient()
        locations = Locations(os.environ)
        return Delegating(
            read_profiles_in(self.home / ".aws"),
            locations,
            lambda profiles: Launcher(profiles, locations, os.environ, person),
            person,
        )

    def set_ups(self) -> list[str]:
        """Return the names of the delegations that were set up, whole or not, and not taken down."""
        return [each.name for each in Records(Locations(os.environ)).all()]

    def apply(
        self, request: Request | None = None, person: Interaction | None = None, **options: Any
    ) -> Identity:
        """Plan and apply."""
        delegating = self.delegating(person)
        return delegating.apply(delegating.plan(request or wanted()), self._note, **options)

    def undo(self, name: str = "prod", person: Interaction | None = None) -> None:
        """Take it down."""
        self.delegating(person).undo(name, self._note)

    def _note(self, *step: str) -> None:
        self.steps.append(step)  # type: ignore[arg-type]


OPTIONS = (
    *("--trusting", "prod-admin", "--trusted", "dev-admin", "--user", "dev"),
    *("--role", "CrossAccountReader", "--profile", "prod", "--source", "dev"),
)


# What AWS's tutorial sets up, and as much else as there can be.
PLAIN = wanted()
FULL = wanted(
    principal=Principal("user", "dev"),
    path="/team/",
    policy_document=document(Action="iam:List*", Resource="*"),
    external_id="x-1234",
    tags={"Team": "platform"},
    managed=True,
    group="Developers",
    seconds=7200,
)
ROLE = {"RoleName": "CrossAccountReader"}
GRANT = f"arn:aws:iam::{DEV}:policy/Assume-CrossAccountReader-in-{PROD}"
READS = document(Action="s3:Get*", Resource="*")


def attempt(accounts, do, **knobs):
    """Do something while the server has faults; return what was said where it failed, else ""."""
    accounts.control(**knobs)
    accounts.server.forget()
    try:
        do()
    except XswitchError as error:
        said = error.message or "nothing"
    else:
        said = ""
    accounts.control()
    return said


def calls(accounts, do):
    """Do something undisturbed; return the names of its calls."""
    assert attempt(accounts, do) == ""
    return accounts.server.actions()


def take_down(accounts):
    """Undo what there is to undo: everything is as before."""
    if accounts.set_ups():
        accounts.undo()
    assert accounts.set_ups() == []
    assert accounts.everything() == accounts.before


def complete(accounts, request, like, **options):
    """Do it again: everything is there, just as where nothing failed."""
    identity = accounts.apply(request, **options)
    assert identity.arn.startswith(f"arn:aws:sts::{PROD}:assumed-role/CrossAccountReader/")
    assert like is None or shape(accounts) == like


def shape(accounts):
    """Return everything without what is another each time."""
    found = json.dumps(accounts.everything(), default=str, indent=1)
    return re.sub(r'"id": "\w+"|\[xswitch:\w+\]', "", found)


def fault_at(number, fault):
    if fault == "lost":
        return {"cut": {str(number): {}}}
    return {"fail": {str(number): DENIED if fault == "denied" else THROTTLED}}
