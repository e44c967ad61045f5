"""What the tests of doctor share: homes in which something is wrong, and what is to be found there."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from awshome import write_profiles

from xswitch.doctor import examine
from xswitch.locations import Locations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from xswitch.doctor import Finding

KEYS = (
    "[keys]\naws_access_key_id = AKIAEXAMPLEEXAMPLE01\n"
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
)
ROLE = "arn:aws:iam::222222222222:role/R"
REGION = "region = eu-west-1\n"


def role(name: str, *lines: str, arn: str = ROLE, source: str = "keys") -> str:
    """Return the section of a role profile with a region, and `lines` after its own."""
    own = [f"[profile {name}]", f"role_arn = {arn}", f"source_profile = {source}", "region = eu-west-1"]
    return "\n".join([*own, *lines, ""])


def sso(*lines: str, session: str = "corp") -> str:
    """Return an SSO profile and its session; `lines` are more of the profile."""
    return (
        f"[profile sso]\nsso_session = {session}\nsso_account_id = 444444444444\nsso_role_name = Reader\n"
        + "".join(f"{line}\n" for line in lines)
        + f"{REGION}[sso-session corp]\nsso_start_url = https://corp.example.com/start\n"
        "sso_region = us-east-1\n"
        "sso_registration_scopes = sso:account:access\n"
    )


def without_credentials_file(home: Path) -> None:
    """Take the credentials file away, as where a shared config is checked."""
    (home / ".aws/credentials").unlink()


@dataclass(frozen=True)
class Home:
    """What stands in the two files, which variables are set, and what else is done to the folder."""

    config: str = ""
    credentials: str = KEYS
    environ: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[Path], None] = lambda _: None

    def write(self, home: Path) -> None:
        """Make it, with the modes that aws gives its files."""
        aws = home / ".aws"
        aws.mkdir(exist_ok=True)
        write_profiles(aws, self.config, self.credentials)
        for name in ("config", "credentials"):
            (aws / name).chmod(0o600)
        self.prepare(home)

    def locations(self) -> Locations:
        """Return where things stand for this environment, under the HOME that is set."""
        return Locations(self.environ)

    def examine(self) -> list[Finding]:
        """Return what doctor finds."""
        return examine(self.locations(), {"PATH": os.environ["PATH"], **self.environ})


@dataclass(frozen=True)
class Case:
    """One check: a home in which it finds something, and one in which it must not.

    `line` is where, `profile` whose it is. `fixed` are the config and the credentials file after the fix, and
    `sure` whether that needs no question.
    """

    bad: Home
    good: Home
    line: int = 0
    profile: str = ""
    severity: str = ""
    fixed: tuple[str, str] | None = None
    sure: bool = True


def case(
    bad: str | Home,
    good: str | Home,
    line: int = 0,
    profile: str = "",
    *,
    severity: str = "",
    fixed: str | tuple[str, str] | None = None,
    sure: bool = True,
) -> Case:
    """Return a case; a home that is a text is a config file beside the usual keys."""
    bad_home, good_home = (Home(home) if isinstance(home, str) else home for home in (bad, good))
    after = (fixed, bad_home.credentials) if isinstance(fixed, str) else fixed
    return Case(bad_home, good_home, line, profile, severity, after, sure)


def in_credentials(text: str, config: str = "", **more: object) -> Home:
    """Return a home with that credentials file."""
    return Home(config, text, **more)  # type: ignore[arg-type]


def with_environ(config: str = "", **environ: str) -> Home:
    """Return a home whose environment has these variables."""
    return Home(config, environ=environ)


def found(findings: list[Finding], code: str) -> list[Finding]:
    """Return the findings of one code."""
    return [finding for finding in findings if finding.code == code]


def files_in(home: Path) -> dict[str, tuple[bytes, int]]:
    """Return the content and the mode of every file below the AWS folder."""
    return {
        str(path.relative_to(home)): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        for path in sorted((home / ".aws").rglob("*"))
        if path.is_file()
    }
