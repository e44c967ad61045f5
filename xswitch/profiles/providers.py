"""Which credential provider answers for a profile, and why the others do not."""

from __future__ import annotations

import os

from xswitch import locations
from xswitch.awsfiles.files import read_ini
from xswitch.profiles.profile import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from xswitch.profiles.profile import Profile


class ProviderReport:
    """One credential provider under botocore's name (METHOD): `used`, `shadowed` or `absent`, and why."""

    __slots__ = ("provider", "reason", "status")

    def __init__(self, provider: str, status: str, reason: str) -> None:
        self.provider = provider
        self.status = status
        self.reason = reason


def provider_reports(profile: Profile, environ: Mapping[str, str]) -> list[ProviderReport]:
    """Return the providers in the order in which the AWS CLI asks them when the profile is named.

    The order and the conditions are those of botocore's `create_credential_resolver`; nothing is asked.
    """
    reports = [_environment(environ)]
    winner = ""
    for provider, present, reason in _candidates(profile, environ):
        if not present:
            reports.append(ProviderReport(provider, "absent", reason))
        elif winner:
            reports.append(ProviderReport(provider, "shadowed", f"{reason}, but {winner} comes first"))
        else:
            winner = provider
            reports.append(ProviderReport(provider, "used", reason))
    reports.append(ProviderReport("iam-role", "absent", _instance(environ, winner)))
    return reports


def shadowing_variables(profile: Profile, environ: Mapping[str, str]) -> list[str]:
    """Return the variables of `environ` that win over the profile when `AWS_PROFILE` chooses it.

    Environment keys beat any profile; a web identity beats all but an assume-role profile; a bearer token
    beats it for one service; the region variables beat the profile's region, where it has one that differs.
    """
    found = [name for name in environ if name.startswith(locations.BEARER_TOKENS)]
    if environ.get(locations.ACCESS_KEY_ID):
        found += [name for name in locations.CREDENTIAL_VARIABLES if environ.get(name)]
    if environ.get(locations.WEB_IDENTITY_TOKEN_FILE) and profile.kind != Kind.ROLE:
        found += [name for name in locations.WEB_IDENTITY_VARIABLES if environ.get(name)]
    if profile.region:
        # An empty region counts as set.
        names = locations.REGION_VARIABLES
        found += [name for name in names if name in environ and environ[name] != profile.region]
    return found


def _environment(environ: Mapping[str, str]) -> ProviderReport:
    if environ.get(locations.ACCESS_KEY_ID):
        reason = (
            f"{locations.ACCESS_KEY_ID} is set: it wins over AWS_PROFILE, "
            "and is ignored where a profile is named"
        )
        return ProviderReport("env", "shadowed", reason)
    return ProviderReport("env", "absent", f"{locations.ACCESS_KEY_ID} is not set")


def _candidates(profile: Profile, environ: Mapping[str, str]) -> list[tuple[str, bool, str]]:
    values = profile.values
    web_identity = bool(profile.text("web_identity_token_file"))
    sso = "sso_account_id" in values or "sso_role_name" in values
    container = next((name for name in locations.CONTAINER_VARIABLES[:2] if environ.get(name)), "")
    return [
        ("assume-role", *_assume_role(profile)),
        (
            "assume-role-with-web-identity",
            web_identity,
            "has a `web_identity_token_file`" if web_identity else "no `web_identity_token_file`",
        ),
        ("sso", sso, "names an SSO account or role" if sso else "no `sso_account_id` or `sso_role_name`"),
        (
            "shared-credentials-file",
            *_has("aws_access_key_id", profile.entry.credentials_values, " in the credentials file"),
        ),
        ("login", *_has("login_session", values)),
        ("custom-process", *_has("credential_process", values)),
        ("config-file", *_has("aws_access_key_id", profile.entry.config_values, " in the config file")),
        ("ec2-credentials-file", *_file("AWS_CREDENTIAL_FILE", environ.get("AWS_CREDENTIAL_FILE"))),
        ("boto-config", *_boto(environ)),
        (
            "container-role",
            bool(container),
            f"{container} is set" if container else "no container variables are set",
        ),
    ]


def _assume_role(profile: Profile) -> tuple[bool, str]:
    if "role_arn" not in profile.values:
        return False, "no `role_arn`"
    if "web_identity_token_file" in profile.values:
        return False, "`web_identity_token_file` stands beside the `role_arn`"
    source = profile.text("source_profile") or profile.text("credential_source")
    return True, f"has a `role_arn`, assumed from {source}" if source else "has a `role_arn`"


def _has(key: str, values: Mapping[str, object], where: str = "") -> tuple[bool, str]:
    return (True, f"has `{key}`{where}") if key in values else (False, f"no `{key}`{where}")


def _file(variable: str, path: str | None) -> tuple[bool, str]:
    return (True, f"{variable} is set") if path else (False, f"{variable} is not set")


def _boto(environ: Mapping[str, str]) -> tuple[bool, str]:
    # boto 2's files; botocore still reads them for a profile that has nothing itself.
    paths = [environ["BOTO_CONFIG"]] if "BOTO_CONFIG" in environ else ["/etc/boto.cfg", "~/.boto"]
    for path in paths:
        section = read_ini(os.path.expanduser(path), []).sections.get("Credentials")
        if section is not None and "aws_access_key_id" in section.settings:
            return True, f"{path} has `aws_access_key_id`"
    return False, "no boto 2 file has keys"


def _instance(environ: Mapping[str, str], winner: str) -> str:
    if winner:
        return "not asked: an earlier provider answers"
    if environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return "AWS_EC2_METADATA_DISABLED is true"
    return "asked last, over the network: the instance metadata service"
