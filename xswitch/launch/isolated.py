"""AWS files of a command's own, in which a profile has all its settings and no credentials.

In the order of providers the endpoint that serves a command comes after everything that stands in files.
With the user's own files a `[default]` that has keys, or any other way to credentials, would win over it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from contextlib import contextmanager

from xswitch.awsfiles.files import read_ini
from xswitch.awsfiles.masking import is_secret
from xswitch.awsfiles.settings import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from xswitch.awsfiles.files import AwsFiles
    from xswitch.awsfiles.settings import Values
    from xswitch.profiles.profile import Profile

# What leads to credentials, or says how to get there. Everything that begins with `aws_` is a key or goes
# with one.
_KEYS = {
    "credential_process",
    "credential_source",
    "duration_seconds",
    "external_id",
    "login_session",
    "mfa_process",
    "mfa_serial",
    "role_arn",
    "role_session_name",
    "source_profile",
    "web_identity_token_file",
}
_PREFIXES = ("aws_", "sso_")
_BOTO_FILES = ("/etc/boto.cfg", "~/.boto")
_BOTO_CONFIG = "BOTO_CONFIG"


@contextmanager
def isolated_files(profile: Profile, files: AwsFiles, environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Make the files for a command under `profile`; yield the variables that lead to them.

    `files` are the user's, read whole. The new ones are in a private folder that goes in the end. They
    cannot be written: what `aws configure` put there would be lost. OSError where they cannot be made.
    """
    folder = tempfile.mkdtemp(prefix="xswitch-")
    try:
        variables = {
            "AWS_CONFIG_FILE": _write(folder, "config", config_text(profile, files)),
            "AWS_SHARED_CREDENTIALS_FILE": _write(folder, "credentials", ""),
        }
        if _boto_files_interfere(environ):
            variables[_BOTO_CONFIG] = os.devnull
        yield variables
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def config_text(profile: Profile, files: AwsFiles) -> str:
    """Return a config file in which `[default]`, and the profile under its name, have its other settings.

    botocore reads the same values from it as from the user's files.
    """
    settings = {key: value for key, value in profile.values.items() if _is_kept(key)}
    sections: list[tuple[str, Values]] = [("default", settings)]
    if profile.name != "default":
        sections.append((f"profile {shlex.quote(profile.name)}", settings))
    services = settings.get("services")
    if isinstance(services, str) and services in files.services:
        sections.append((f"services {shlex.quote(services)}", plain(files.services[services])))
    if "plugins" in files.config.headers:
        sections.append(("plugins", files.config.values("plugins")))
    return "".join(_section(header, values) for header, values in sections if _is_utf8(header))


def _is_kept(key: str) -> bool:
    return key not in _KEYS and not key.startswith(_PREFIXES) and not is_secret(key)


def _section(header: str, values: Values) -> str:
    return "".join([f"[{header}]\n", *(_setting(key, value) for key, value in values.items())])


def _setting(key: str, value: str | Values) -> str:
    if isinstance(value, str):
        # Lines of a value stand below it, indented; a comment cannot be among them.
        text = f"{key} = " + "\n  ".join(value.split("\n")) + "\n"
        return text if _is_utf8(text) else ""
    lines = [f"  {name} = {inner}\n" for name, inner in value.items() if name[:1] not in {"#", ";"}]
    lines = [line for line in lines if _is_utf8(line)]
    return "".join([f"{key} =\n", *lines]) if lines else ""


def _is_utf8(text: str) -> bool:
    """Tell whether `text` can be written: one byte that is not UTF-8 makes botocore refuse the whole file."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _write(folder: str, name: str, text: str) -> str:
    path = os.path.join(folder, name)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return path


def _boto_files_interfere(environ: Mapping[str, str]) -> bool:
    """Tell whether a file of boto 2 has keys, or would make botocore fail on its way to the endpoint."""
    paths = [environ[_BOTO_CONFIG]] if _BOTO_CONFIG in environ else _BOTO_FILES
    for path in paths:
        file = read_ini(os.path.expanduser(os.path.expandvars(path)), [])
        if "Credentials" in file.headers and "aws_access_key_id" in file.values("Credentials"):
            return True
        if any(problem.fatal for problem in file.problems()):
            return True
    return False
