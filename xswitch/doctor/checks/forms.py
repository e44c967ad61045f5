"""Forms of keys and addresses."""

from __future__ import annotations

from xswitch.doctor.checks.values import is_mangled
from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.doctor.repairs import set_in, set_value
from xswitch.editing.changes import CONFIG
from xswitch.editing.checks import check_setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.doctor.examined import Examined

_SECRET_LENGTH = 40
_OWN_MACHINE = ("localhost", "127.", "0.0.0.0", "[::1]", "host.docker.internal")  # noqa: S104 - no address to bind to


def _secrets(examined: Examined) -> Iterator[Finding]:
    for profile in examined.having("aws_secret_access_key"):
        values = profile.key_values
        key_id, secret = values.get("aws_access_key_id"), values.get("aws_secret_access_key")
        # Other services than AWS, and what runs on one's own machine, have keys of other forms.
        if not isinstance(key_id, str) or key_id[:4] not in {"AKIA", "ASIA"} or not isinstance(secret, str):
            continue
        if len(secret) == _SECRET_LENGTH or not secret or is_mangled(secret) or "\n" in secret:
            continue
        text = "`aws_secret_access_key` is not whole, or has something else in it: a secret has 40 characters"
        if check_setting("aws_secret_access_key", secret):
            text = "`aws_secret_access_key` is none: does it have a blank in it, or is it an access key id?"
        yield Finding(text, profile.place_of("aws_secret_access_key"), profile=profile.name)


def _start_urls(examined: Examined) -> Iterator[Finding]:
    text = "`sso_start_url` does not begin with https://: nobody can sign in with it"
    for value, profiles in examined.values_of("sso_start_url").items():
        if value and not is_mangled(value) and check_setting("sso_start_url", value):
            for profile in profiles:
                fix = (
                    set_value(profile, "sso_start_url", f"https://{value}", sure=False)
                    if _is_host(value)
                    else None
                )
                yield Finding(text, profile.place_of("sso_start_url"), profile=profile.name, fix=fix)
    for name, key, setting in examined.session_settings():
        value = setting.text or ""
        if key == "sso_start_url" and value and not is_mangled(value) and check_setting(key, value):
            header = examined.files.sso_session_header(name)
            fix = set_in(CONFIG, header, key, f"https://{value}", "", sure=False) if _is_host(value) else None
            yield Finding(f"[sso-session {name}]: {text}", (setting.file, setting.line), fix=fix)


def _endpoints(examined: Examined) -> Iterator[Finding]:
    for value, profiles in examined.values_of("endpoint_url").items():
        if not value or is_mangled(value) or "://" in value:
            continue
        scheme = "http" if value.startswith(_OWN_MACHINE) else "https"
        for profile in profiles:
            fix = (
                set_value(profile, "endpoint_url", f"{scheme}://{value}", sure=False)
                if _is_host(value)
                else None
            )
            text = "`endpoint_url` does not begin with http:// or https://, and aws refuses it"
            yield Finding(text, profile.place_of("endpoint_url"), profile=profile.name, fix=fix)


def _is_host(value: str) -> bool:
    """Tell whether a value is an address that lacks nothing but the scheme."""
    host = value.partition("/")[0]
    return "://" not in value and value.split() == [value] and value.isprintable() and host[:1].isalnum()


CHECKS = (
    Check(
        "XS232",
        Severity.ERROR,
        "`endpoint_url` without http://",
        "`localhost:4566`: aws gives up with `Invalid endpoint`.",
        _endpoints,
    ),
    Check(
        "XS305",
        Severity.WARNING,
        "malformed secret access key",
        "Those of AWS have 40 characters; a part was lost in pasting, or it is something else.",
        _secrets,
    ),
    Check(
        "XS318",
        Severity.ERROR,
        "malformed `sso_start_url`",
        "Without https:// the sign-in is refused.",
        _start_urls,
    ),
)
