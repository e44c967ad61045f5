"""What single settings of a profile say, and profiles as a whole."""

from __future__ import annotations

from xswitch.doctor.checks.mapped import is_slip, near
from xswitch.doctor.checks.values import is_mangled
from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.doctor.repairs import home_of, respell, set_value
from xswitch.doctor.words import KNOWN_KEYS, SESSION_KEYS
from xswitch.editing.changes import CONFIG
from xswitch.editing.checks import OUTPUTS, check_name, check_setting
from xswitch.profiles.profile import Kind
from xswitch.profiles.providers import provider_reports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.doctor.examined import Examined
    from xswitch.profiles.profile import Profile

_CHECKED = ("mfa_serial", "external_id", "role_session_name")
_NAME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/.%@:+")
_ANSWERS = {
    "assume-role": "its role",
    "assume-role-with-web-identity": "its web identity",
    "sso": "SSO",
    "shared-credentials-file": "its keys in the credentials file",
    "login": "`login_session`",
    "custom-process": "`credential_process`",
    "config-file": "its keys in the config file",
}


def _role_arn(examined: Examined) -> Iterator[Finding]:
    for name, problem in examined.by_code.get("role-arn-invalid", ()):
        if not is_mangled(examined.profiles[name].text("role_arn") or ""):
            yield Finding(problem.message, (problem.file, problem.line), profile=name)


def _region(examined: Examined) -> Iterator[Finding]:
    for value, profiles in examined.values_of("region").items():
        wrong = check_setting("region", value) if value else "it is empty, and aws takes that for a region"
        if not wrong or is_mangled(value) or "\n" in value:
            continue
        right = value.strip().lower().replace("_", "-").replace(" ", "-")
        for profile in profiles:
            fix = None
            if right and right != value and not check_setting("region", right):
                fix = set_value(profile, "region", right, sure=False)
            yield Finding(f"`region`: {wrong}", profile.place_of("region"), profile=profile.name, fix=fix)


def _output(examined: Examined) -> Iterator[Finding]:
    for value, profiles in examined.values_of("output").items():
        if value in OUTPUTS or is_mangled(value) or "\n" in value:
            continue
        right = near(value, list(OUTPUTS)) if value else ""
        for profile in profiles:
            fix = set_value(profile, "output", right, sure=value.lower() == right) if right else None
            text = (
                f"`output` is one of {', '.join(OUTPUTS)} (the case counts): aws makes the call, and cannot "
                "print the answer"
            )
            yield Finding(text, profile.place_of("output"), profile=profile.name, fix=fix)


def _refused(examined: Examined) -> Iterator[Finding]:
    for key in _CHECKED:
        for value, profiles in examined.values_of(key).items():
            if is_mangled(value):
                continue
            wrong = check_setting(key, value) or (_no_device(value) if key == "mfa_serial" else "")
            for profile in profiles if wrong else ():
                fix = None
                if key == "mfa_serial" and ":user/" in value:
                    fix = set_value(profile, key, value.replace(":user/", ":mfa/", 1), sure=False)
                yield Finding(f"`{key}`: {wrong}", profile.place_of(key), profile=profile.name, fix=fix)


def _no_device(serial: str) -> str:
    """Tell what else an ARN is of than of an MFA device, "" where it is of one."""
    parts = serial.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or parts[5].startswith(("mfa/", "sms-mfa/")):
        return ""
    what = "a user" if parts[5].startswith("user/") else "no MFA device that aws can use"
    return f"this is the ARN of {what}: a device is arn:aws:iam::123456789012:mfa/NAME"


def _no_region(examined: Examined) -> Iterator[Finding]:
    if examined.environ.get("AWS_REGION") or examined.environ.get("AWS_DEFAULT_REGION"):
        return
    for profile in examined.profiles:
        if "region" in profile.values or profile.kind == Kind.NONE or profile.name in examined.dependents:
            continue
        inherits = "; it is not inherited from the source profile" if profile.kind == Kind.ROLE else ""
        text = f"has no `region`: most commands need --region or a variable then{inherits}"
        yield Finding(text, profile.place, profile=profile.name)


def _duplicates(examined: Examined) -> Iterator[Finding]:
    first: dict[tuple[object, ...], Profile] = {}
    for profile in examined.having("role_arn"):
        values = profile.values
        key = values["role_arn"], values.get("source_profile"), values.get("region")
        if dict in map(type, key):
            continue
        other = first.setdefault(key, profile)
        if other is not profile and other.values == values and profile.name not in examined.dependents:
            text = f"has the same settings as {other.name}, and shares its sessions: one of them is enough"
            yield Finding(text, profile.place, profile=profile.name)


def _names(examined: Examined) -> Iterator[Finding]:
    if _NAME.issuperset("".join(examined.files.profiles)):
        names = [name for name in examined.files.profiles if name.startswith("-") or not name]
    else:
        names = [name for name in examined.files.profiles if not _NAME.issuperset(name) or name[:1] == "-"]
    for name in names:
        if name.startswith(("profile ", "sso-session ", "services ")):
            continue  # a header in the wrong file
        wrong = check_name(name) or (
            "the name has letters that other SDKs take in no name, and `aws configure set` may write such a "
            "profile a second time: use letters, digits and any of _ - . / : @ % +"
        )
        yield Finding(wrong, examined.files.profiles[name].place, profile=name)


def _misspelt(examined: Examined) -> Iterator[Finding]:
    for key, profiles in examined.by_key.items():
        meant = _meant(key, KNOWN_KEYS)
        if not meant:
            continue
        for profile in profiles:
            if meant in profile.values:
                continue
            file, line = profile.place_of(key)
            home = home_of(profile, key)
            fix = respell(home[0], line, key, meant, profile.name, sure=False) if home else None
            text = f"`{key}` is nothing that aws knows: most likely `{meant}` was meant"
            yield Finding(text, (file, line), profile=profile.name, fix=fix)
    for name, key, setting in examined.session_settings():
        meant = _meant(key, SESSION_KEYS)
        if meant and meant not in examined.files.sso_session_values(name):
            fix = respell(CONFIG, setting.line, key, meant, "", sure=False)
            text = (
                f"`{key}` of [sso-session {name}] is nothing that aws knows: most likely `{meant}` was meant"
            )
            yield Finding(text, (setting.file, setting.line), fix=fix)


def _meant(key: str, known: frozenset[str]) -> str:
    """Return the setting that a key is a misspelling of, "" where it is one, or one of another tool."""
    if key in KNOWN_KEYS or key in SESSION_KEYS or len(key) > 30:
        return ""
    straight = key.replace("-", "_")
    if straight in known:
        return straight
    slipped = [each for each in known if is_slip(straight, each)]
    if slipped:
        return min(slipped)
    if not any(key[:3] == each[:3] or key[-4:] == each[-4:] for each in known):
        return ""
    from difflib import get_close_matches

    return next(iter(get_close_matches(straight, known, n=1, cutoff=0.9)), "")


def _several(examined: Examined) -> Iterator[Finding]:
    for profile in _with_several(examined):
        own = profile.source == profile.name and profile.has_static_keys
        reports = provider_reports(profile, {})
        used = next((report.provider for report in reports if report.status == "used"), "")
        others = [
            _ANSWERS[report.provider]
            for report in reports
            if report.status == "shadowed" and report.provider in _ANSWERS
        ]
        if own or used not in _ANSWERS or not others:
            continue
        text = (
            f"has credentials of several kinds: aws uses {_ANSWERS[used]}, and ignores {' and '.join(others)}"
        )
        if used == "assume-role" and profile.has_static_keys:
            text += "; as a source of other profiles it is the reverse, its keys are used"
        place = profile.place_of("role_arn") if used == "assume-role" else profile.place
        yield Finding(f"{text}; delete what is not meant", place, profile=profile.name)


def _with_several(examined: Examined) -> Iterator[Profile]:
    """Yield the profiles with settings of more than one kind of credentials."""
    kinds = (
        ("role_arn",),
        ("sso_account_id", "sso_role_name"),
        ("aws_access_key_id",),
        ("login_session",),
        ("credential_process",),
    )
    seen: dict[str, int] = {}
    for keys in kinds:
        for name in {profile.name for key in keys for profile in examined.having(key)}:
            seen[name] = seen.get(name, 0) + 1
    for name, count in seen.items():
        if count > 1:
            yield examined.profiles[name]


CHECKS = (
    Check(
        "XS221",
        Severity.ERROR,
        "malformed `role_arn`",
        "A role is arn:aws:iam::123456789012:role/NAME; aws sends anything, and AWS refuses it.",
        _role_arn,
    ),
    Check(
        "XS222",
        Severity.ERROR,
        "malformed `region`",
        "Not a region's name, or empty.",
        _region,
    ),
    Check(
        "XS223",
        Severity.ERROR,
        "unknown `output`",
        "aws makes the call, and then cannot print the answer.",
        _output,
    ),
    Check(
        "XS224",
        Severity.ERROR,
        "malformed MFA serial, external ID or session name",
        "AWS refuses to give a session for it.",
        _refused,
    ),
    Check(
        "XS225",
        Severity.NOTE,
        "no `region`",
        "Most commands need one, and a role inherits none from its source. Not said of profiles that only "
        "lend credentials.",
        _no_region,
    ),
    Check(
        "XS226",
        Severity.NOTE,
        "two profiles with the same settings",
        "Same role, source and everything else.",
        _duplicates,
    ),
    Check(
        "XS227",
        Severity.WARNING,
        "name that tools do not agree on",
        "Blanks, quotes and other unusual letters: other SDKs ignore such a profile.",
        _names,
    ),
    Check(
        "XS228",
        Severity.WARNING,
        "misspelt setting",
        "`role-arn`, `regoin`, `sso_acount_id`: aws ignores what it does not know.",
        _misspelt,
    ),
    Check(
        "XS229",
        Severity.WARNING,
        "several kinds of credentials in one profile",
        "A role and SSO win over keys, a process over keys in the config file only.",
        _several,
    ),
)
