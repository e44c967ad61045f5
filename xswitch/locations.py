"""The paths of one user, and the names of the environment variables that several rooms know."""

from __future__ import annotations

import os

from xswitch.errors import XswitchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Which profile and region a program uses; tools disagree on the spelling, so both are always set together.
PROFILE_VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")

# Static credentials of the environment provider; each wins over a profile chosen by AWS_PROFILE.
ACCESS_KEY_ID = "AWS_ACCESS_KEY_ID"
SECRET_ACCESS_KEY = "AWS_SECRET_ACCESS_KEY"  # noqa: S105 - the variable's name
SESSION_TOKEN = "AWS_SESSION_TOKEN"  # noqa: S105 - the variable's name
CREDENTIAL_EXPIRATION = "AWS_CREDENTIAL_EXPIRATION"
CREDENTIAL_VARIABLES = (
    ACCESS_KEY_ID,
    SECRET_ACCESS_KEY,
    SESSION_TOKEN,
    "AWS_SECURITY_TOKEN",
    CREDENTIAL_EXPIRATION,
    "AWS_ACCOUNT_ID",
    "AWS_ACCESS_KEY",  # with the next one, what the Go SDK (so Terraform) reads as well
    "AWS_SECRET_KEY",
)
WEB_IDENTITY_TOKEN_FILE = "AWS_WEB_IDENTITY_TOKEN_FILE"  # noqa: S105 - the variable's name
WEB_IDENTITY_VARIABLES = (WEB_IDENTITY_TOKEN_FILE, "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME")
BEARER_TOKENS = "AWS_BEARER_TOKEN_"  # a prefix: each wins over any profile for the service it names
CONTAINER_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
CONTAINER_VARIABLES = (
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    CONTAINER_URI,
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
)

# Ours.
ACTIVE_PROFILE = "XSWITCH_PROFILE"  # the profile of this environment, also where it has keys only
PREVIOUS_PROFILE = "XSWITCH_PREVIOUS"  # the profile before that, "" for none
OUTER_REGION = "XSWITCH_REGION"  # the region that a profile's own has taken the place of, "" for none
HOOK = "XSWITCH_HOOK"  # the shell whose hook started this process: `bash`, `zsh`, `fish`, `powershell`
DEPTH = "XSWITCH_DEPTH"  # how many subshells deep
DEBUG = "XSWITCH_DEBUG"
DEMO = "XSWITCH_DEMO"


class Locations:
    """Where things stand for one user: absolute paths, except that a variable may name a relative one.

    The two files follow botocore: `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` get variables and
    `~` expanded, an empty value means no file. The cache folders are fixed in botocore and the AWS CLI;
    only the login cache can be moved (`AWS_LOGIN_CACHE_DIRECTORY`).
    """

    __slots__ = (
        "boto_cache",
        "cli_cache",
        "config",
        "credentials",
        "locks",
        "login_cache",
        "mfa_cache",
        "settings",
        "sso_cache",
        "state",
    )

    def __init__(self, environ: Mapping[str, str]) -> None:
        home = os.path.expanduser("~")
        if home == "~":
            # botocore would read and write `./~`, whatever the folder one stands in.
            raise XswitchError("this user has no home folder", "set HOME to one")
        aws = os.path.join(home, ".aws")
        self.config = _file(environ.get("AWS_CONFIG_FILE"), os.path.join(aws, "config"))
        self.credentials = _file(environ.get("AWS_SHARED_CREDENTIALS_FILE"), os.path.join(aws, "credentials"))
        self.cli_cache = os.path.join(aws, "cli", "cache")
        self.sso_cache = os.path.join(aws, "sso", "cache")
        self.boto_cache = os.path.join(aws, "boto", "cache")
        self.login_cache = _file(
            environ.get("AWS_LOGIN_CACHE_DIRECTORY"), os.path.join(aws, "login", "cache")
        )
        self.settings = os.path.join(
            _folder(environ.get("XDG_CONFIG_HOME"), home, ".config"), "xswitch", "config.toml"
        )
        self.state = os.path.join(_folder(environ.get("XDG_STATE_HOME"), home, ".local", "state"), "xswitch")
        self.mfa_cache = os.path.join(self.state, "mfa")
        self.locks = os.path.join(self.state, "locks")


def region_in(environ: Mapping[str, str]) -> str | None:
    """Return the region that an environment names, the newer variable first; an empty one names none."""
    return next((environ[name] for name in REGION_VARIABLES if environ.get(name)), None)


def tilde(path: str) -> str:
    """Return `path` with the home folder written as `~`, as people write it."""
    home = os.path.expanduser("~")
    if home not in {"", "/"} and path.startswith(home + os.sep):
        return "~" + path[len(home) :]
    return path


def _file(value: str | None, default: str) -> str:
    if value is None:
        return default
    # expandvars loads the regular expressions; a plain path does not need them.
    return os.path.expanduser(os.path.expandvars(value) if "$" in value else value)


def _folder(value: str | None, home: str, *default: str) -> str:
    # The XDG specification: a relative path in these variables is invalid and is ignored.
    return value if value and os.path.isabs(value) else os.path.join(home, *default)
