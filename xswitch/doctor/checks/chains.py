"""Roles and what they are assumed from."""

from __future__ import annotations

from xswitch.doctor.checks.mapped import Nearest, is_swap, met
from xswitch.doctor.checks.values import is_mangled
from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.doctor.repairs import add_value, set_value, unset
from xswitch.profiles.arn import partition_of
from xswitch.profiles.durations import HOUR
from xswitch.profiles.problems import CREDENTIAL_SOURCES
from xswitch.profiles.profile import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.awsfiles.settings import Problem
    from xswitch.doctor.examined import Examined
    from xswitch.doctor.finding import Fix
    from xswitch.profiles.collection import Break
    from xswitch.profiles.profile import Profile

_REUSED = 2 * 900  # a shorter session is renewed at once: the AWS CLI wants 15 minutes left
_NO_FILE = "and there is no credentials file here, where it may be"
_NO_FILE_KEYS = "and there is no credentials file here, where they may be"
_REGIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def _missing(examined: Examined) -> Iterator[Finding]:
    """Find missing sources; the name most like the missing one is proposed, or the source of most others."""
    problems = examined.by_code.get("source-missing", ())
    if not problems:
        return
    others = [
        other.name for other in examined.profiles if other.assumes_role or other.kind_as_source != Kind.NONE
    ]
    usual = max(others, key=lambda other: len(examined.dependents.get(other, ())), default="")
    usual = usual if examined.dependents.get(usual) else ""
    # Comparing with thousands of names takes a while: after some, only the usual one is proposed.
    nearest = Nearest(others)
    for name, problem in problems:
        profile = examined.profiles[name]
        wanted = profile.text("source_profile") or ""
        if _may_be_elsewhere(examined, wanted):
            text = f"the source profile “{wanted}” is not in the config file, {_NO_FILE}"
            yield Finding(text, (problem.file, problem.line), profile=name, severity=Severity.WARNING)
            continue
        source = nearest.of(wanted) or usual
        fix = None
        if source and source != name and name not in examined.profiles.chain(source):
            fix = set_value(profile, "source_profile", source, sure=False)
        yield Finding(problem.message, (problem.file, problem.line), profile=name, fix=fix)


def _may_be_elsewhere(examined: Examined, source: str) -> bool:
    """Tell whether a profile that is not here may be in the credentials files of those who use this config.

    Not where its name is that of another profile but for the case, or for two letters.
    """
    if examined.has_credentials_file or not source:
        return False
    names = examined.files.profiles
    return not any(name.lower() == source.lower() or is_swap(name, source) for name in names)


def _without_credentials(examined: Examined) -> Iterator[Finding]:
    for name, problem in examined.by_code.get("source-empty", ()):
        text, severity = problem.message, ""
        if not examined.has_credentials_file:
            source = examined.profiles[name].text("source_profile")
            text = f"the source profile “{source}” has no credentials in the config file, {_NO_FILE_KEYS}"
            severity = Severity.WARNING
        yield Finding(text, (problem.file, problem.line), profile=name, severity=severity)


def _circle(examined: Examined) -> Iterator[Finding]:
    for name, problem in examined.by_code.get("source-cycle", ()):
        profile = examined.profiles[name]
        found = examined.profiles.chain_break(name)
        if found is not None and name in found.cycle:
            yield Finding(problem.message, profile.place_of("source_profile"), profile=name)


def _broken(examined: Examined) -> Iterator[Finding]:
    for name, problem in examined.by_code.get("source-broken", ()):
        text, severity = problem.message, ""
        found = examined.profiles.chain_break(name)
        if found is not None and _lacks_a_file_only(examined, found):
            text = f"the source profile “{found.at}” has no credentials to begin with here, {_NO_FILE_KEYS}"
            severity = Severity.WARNING
        yield Finding(text, (problem.file, problem.line), profile=name, severity=severity)
    for name, problem in examined.by_code.get("source-cycle", ()):
        found = examined.profiles.chain_break(name)
        if found is not None and name not in found.cycle:
            profile = examined.profiles[name]
            text = f"it leads to profiles that cannot be used: {problem.message}"
            yield Finding(text, profile.place_of("source_profile"), profile=name)


def _lacks_a_file_only(examined: Examined, found: Break) -> bool:
    """Tell whether a chain breaks only for want of a credentials file."""
    if found.problem.code == "source-missing":
        return _may_be_elsewhere(examined, examined.profiles[found.at].text("source_profile") or "")
    return found.problem.code == "source-empty" and not examined.has_credentials_file


def _source_without_role(examined: Examined) -> Iterator[Finding]:
    for name, problem in examined.by_code.get("no-role", ()):
        profile = examined.profiles[name]
        if profile.kind == Kind.NONE:
            yield Finding(problem.message, (problem.file, problem.line), profile=name)
    said = {Kind.ROLE, Kind.WEB_IDENTITY}
    for key, kinds in (("source_profile", {*said, Kind.NONE}), ("credential_source", said)):
        for profile in examined.having(key):
            if profile.kind not in kinds:
                text = f"`{key}` counts only beside a `role_arn`: add the role, or delete it"
                yield Finding(text, profile.place_of(key), profile=profile.name)


def _credential_source(examined: Examined, name: str, problem: Problem) -> Fix | None:  # noqa: ARG001
    profile = examined.profiles[name]
    written = (profile.text("credential_source") or "").lower()
    right = next((source for source in CREDENTIAL_SOURCES if source.lower() == written), "")
    return set_value(profile, "credential_source", right) if right else None


def _shorter(examined: Examined, name: str, problem: Problem) -> Fix | None:
    profile = examined.profiles[name]
    seconds = profile.duration_seconds or 0
    if "chaining" in problem.message or "credential_source" in problem.message:
        return set_value(profile, "duration_seconds", str(HOUR))
    allowed = 900 if seconds < 900 else 12 * HOUR
    chained = seconds > HOUR and len(examined.profiles.hops(name)) > 1
    return None if chained else set_value(profile, "duration_seconds", str(allowed), sure=False)


def _ignored_duration(examined: Examined, name: str, problem: Problem) -> Fix | None:  # noqa: ARG001
    from xswitch.profiles.durations import seconds_of

    profile = examined.profiles[name]
    seconds = seconds_of((profile.text("duration_seconds") or "").replace(" ", ""))
    usable = seconds is not None and 900 <= seconds <= 12 * HOUR
    return set_value(profile, "duration_seconds", str(seconds), sure=False) if usable else None


def _no_number(examined: Examined) -> Iterator[Finding]:
    yield from met("duration-invalid", fix=_ignored_duration)(examined)
    for value, profiles in examined.values_of("duration_seconds").items():
        for profile in profiles:
            if profile.kind != Kind.ROLE and profile.duration_seconds is None and not is_mangled(value):
                text = "`duration_seconds` is not a number of seconds, and counts only beside a `role_arn`"
                yield Finding(text, profile.place_of("duration_seconds"), profile=profile.name)


def _never_reused(examined: Examined) -> Iterator[Finding]:
    for profile in examined.having("duration_seconds"):
        seconds = profile.duration_seconds
        if seconds is not None and 900 <= seconds < _REUSED and profile.assumes_role:
            left = (seconds - 900) // 60
            text = (
                f"of a session of {seconds} seconds aws uses the first {left} minutes, as it renews what has "
                "less than 15 minutes left: a longer `duration_seconds` asks AWS (and for MFA) less often"
            )
            yield Finding(text, profile.place_of("duration_seconds"), profile=profile.name)


def _mfa_of_source(examined: Examined) -> Iterator[Finding]:
    for source in examined.having("mfa_serial"):
        serial = source.text("mfa_serial")
        if source.assumes_role and not source.has_static_keys:
            continue  # the code is asked for by the source's own role, and a role has no MFA device
        for name in examined.dependents.get(source.name, ()):
            profile = examined.profiles[name]
            if serial and name != source.name and "mfa_serial" not in profile.values:
                text = (
                    f"its source “{source.name}” has an `mfa_serial`, which a role does not inherit: no code "
                    "is asked for here; add it to this profile if the role wants MFA"
                )
                fix = add_value(profile, "mfa_serial", serial, sure=False)
                yield Finding(text, profile.place_of("role_arn"), profile=name, fix=fix)


def _other_partition(examined: Examined) -> Iterator[Finding]:
    for profile in _elsewhere(examined):
        partition = partition_of(profile.text("role_arn") or "")
        name = profile.source
        source = examined.profiles[name] if name and name in examined.profiles else None
        theirs = _partition(source) if source is not None and source is not profile else None
        if source is not None and theirs is not None and theirs != partition:
            text = (
                f"the role is in the partition {partition}, its source “{source.name}” in {theirs}: no role "
                "is assumed across partitions; give it a source of its own partition"
            )
            yield Finding(text, profile.place_of("role_arn"), profile=profile.name)


def _other_region(examined: Examined) -> Iterator[Finding]:
    for profile in _elsewhere(examined):
        partition = partition_of(profile.text("role_arn") or "")
        theirs = _partition_of_region(profile.region)
        if partition in {"aws", *_REGIONS.values()} and theirs is not None and theirs != partition:
            text = f"the role is in the partition {partition}, and the region {profile.region} in {theirs}"
            yield Finding(f"{text}: correct one of them", profile.place_of("region"), profile=profile.name)


def _elsewhere(examined: Examined) -> Iterator[Profile]:
    """Yield the role profiles for which partitions need a look: all, where a single one is not in `aws`."""
    regions = [region for region in examined.values_of("region") if _partition_of_region(region) != "aws"]
    roles = [profile for profile in examined.having("role_arn") if profile.kind == Kind.ROLE]
    if regions or any(not (profile.text("role_arn") or "").startswith("arn:aws:") for profile in roles):
        for profile in roles:
            if (profile.text("role_arn") or "").startswith("arn:"):
                yield profile


def _partition(source: Profile) -> str | None:
    """Return the partition that the credentials of a source are of, None where nothing tells."""
    if source.assumes_role and not source.has_static_keys:
        arn = source.text("role_arn") or ""
        return partition_of(arn) if arn.startswith("arn:") else None
    region = source.sso_text("sso_region") if source.kind_as_source == Kind.SSO else source.region
    return _partition_of_region(region)


def _partition_of_region(region: str | None) -> str | None:
    if not region or region.startswith(("us-iso", "eusc-")):
        return None
    return next((name for start, name in _REGIONS.items() if region.startswith(start)), "aws")


def _inconsistent(examined: Examined, name: str, problem: Problem) -> Fix | None:  # noqa: ARG001
    return unset(examined.profiles[name], "source_profile", sure=False)


CHECKS = (
    Check(
        "XS201",
        Severity.ERROR,
        "source profile does not exist",
        "`source_profile` names a profile that neither file has; upper and lower case count. A warning where "
        "there is no credentials file, as in CI: it may be in those of others.",
        _missing,
    ),
    Check(
        "XS202",
        Severity.ERROR,
        "source profiles form a circle",
        "Each sources from the next, so that nobody has credentials: aws gives up with `Infinite loop`.",
        _circle,
    ),
    Check(
        "XS203",
        Severity.ERROR,
        "source profile has no credentials",
        "The profile that `source_profile` names has no keys, role, SSO or process. A warning where there is "
        "no credentials file, as in CI: the keys may be in those of others.",
        _without_credentials,
    ),
    Check(
        "XS204",
        Severity.ERROR,
        "a profile further up the chain is broken",
        "The profile itself is fine, one that its credentials come from is not: mend that one. A warning "
        "where that is only one.",
        _broken,
    ),
    Check(
        "XS205",
        Severity.ERROR,
        "both `source_profile` and `credential_source`",
        "aws refuses a role profile that has both.",
        met("both-sources"),
    ),
    Check(
        "XS206",
        Severity.ERROR,
        "`role_arn` without a source",
        "A role is assumed with the credentials of a source: `source_profile` or `credential_source`.",
        met("no-source"),
    ),
    Check(
        "XS207",
        Severity.WARNING,
        "`source_profile` without `role_arn`",
        "Without a role to assume, `source_profile` is ignored and lends no credentials.",
        _source_without_role,
    ),
    Check(
        "XS208",
        Severity.ERROR,
        "unknown `credential_source`",
        "aws knows Environment, Ec2InstanceMetadata and EcsContainer, in exactly this case.",
        met("credential-source-invalid", fix=_credential_source),
    ),
    Check(
        "XS209",
        Severity.WARNING,
        "`duration_seconds` is no number",
        "aws ignores it without a word, and sessions last an hour.",
        _no_number,
    ),
    Check(
        "XS210",
        Severity.ERROR,
        "AWS refuses the `duration_seconds`",
        "15 minutes to 12 hours, and one hour at most for a role that is assumed from a role or SSO.",
        met("duration-refused", fix=_shorter),
    ),
    Check(
        "XS211",
        Severity.NOTE,
        "sessions too short to be used again",
        "aws renews what has less than 15 minutes left: of a 15-minute session it never uses anything twice.",
        _never_reused,
    ),
    Check(
        "XS212",
        Severity.NOTE,
        "`mfa_serial` only on the source profile",
        "aws-vault and others inherit it from the source, the AWS CLI does not.",
        _mfa_of_source,
    ),
    Check(
        "XS213",
        Severity.ERROR,
        "role and source in different partitions",
        "AWS, AWS China and GovCloud are apart: no role is assumed across.",
        _other_partition,
    ),
    Check(
        "XS214",
        Severity.WARNING,
        "role and region in different partitions",
        "The role's ARN and `region` cannot both be right.",
        _other_region,
    ),
)
