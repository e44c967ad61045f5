"""Headers: sections that aws does not take for what they were meant to be."""

from __future__ import annotations

from xswitch.awsfiles.files import PROFILE, config_header, split_header
from xswitch.awsfiles.ini import DEFAULT_SECTION
from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.doctor.repairs import rename_header, take_over
from xswitch.doctor.words import KNOWN_KEYS
from xswitch.editing.changes import CONFIG, CREDENTIALS
from xswitch.editing.checks import check_name
from xswitch.profiles.profile import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.awsfiles.ini import Section
    from xswitch.doctor.examined import Examined
    from xswitch.doctor.finding import Fix

# What aws itself reads from other sections of the config file.
_OTHERS = frozenset(("plugins", "preview"))
_KINDS = ("profile", "sso-session", "services")
# Sections that other tools have in this file for themselves, with settings that profiles have, too.
_OF_TOOLS = _OTHERS | {"aad", "adfs", "azure", "cli", "common", "okta", "onelogin", "saml", "sso"}
_SOURCES = (
    {"role_arn", "source_profile"},
    {"role_arn", "credential_source"},
    {"sso_session"},
    {"sso_account_id"},
    {"aws_access_key_id", "aws_secret_access_key"},
)


def _replaced(examined: Examined) -> Iterator[Finding]:
    for name, problem in examined.by_code.get("section-replaced", ()):
        earlier = examined.files.replaced.get(name)
        now = examined.files.profiles[name].config_section if name in examined.files.profiles else None
        fix = None
        if earlier is not None and now is not None and earlier.line == problem.line:
            fix = take_over(earlier, now, name)
        yield Finding(problem.message, (problem.file, problem.line), profile=name, fix=fix)


def _ignored(examined: Examined) -> Iterator[Finding]:
    lines = {section.line: section for section in examined.files.config.sections.values()}
    for _, problem in examined.by_code.get("section-ignored", ()):
        section = lines.get(problem.line)
        fix = _quoted(examined, section) if section is not None else None
        yield Finding(problem.message, (problem.file, problem.line), fix=fix)


def _quoted(examined: Examined, section: Section) -> Fix | None:
    """Offer the header in which all that follows the kind is the name."""
    kind, _, name = section.header.partition(" ")
    name = name.strip()
    if kind != PROFILE or not name or check_name(name) or name in examined.files.profiles:
        return None
    return rename_header(CONFIG, section, config_header(PROFILE, name), name, sure=False)


def _no_kind(examined: Examined) -> Iterator[Finding]:
    config = examined.files.config
    sources = examined.values_of("source_profile")
    for header, section in config.sections.items():
        if _is_known(header):
            continue
        name, sure = _meant(header)
        if name == header:  # nothing but its name: it may be another tool's
            sure = name.lower() not in _OF_TOOLS and (name in sources or _has_credentials(section))
        if not name or KNOWN_KEYS.isdisjoint(section.values):
            continue  # another tool's
        known = name in examined.files.profiles
        own = known and examined.files.profiles[name].config_section is not None
        fix = None
        if not own and not check_name(name):
            fix = rename_header(
                CONFIG,
                section,
                config_header(PROFILE, name),
                name,
                changed=[name] if known else [],
                # What a profile does that is in use, or used without being named, changes under the hands.
                sure=sure and not known and name != "default",
            )
        right = config_header(PROFILE, name)
        text = f"[{header}] is no profile for aws, which ignores it: write [{right}]"
        if own:
            text = (
                f"[{header}] is ignored by aws, and there is [{right}] besides: merge the two, or delete it"
            )
        place = config.path, section.line
        yield Finding(
            text, place, profile=name if known else "", severity=Severity.WARNING if known else "", fix=fix
        )


def _is_known(header: str) -> bool:
    known = header.startswith(_KINDS) or header == "default" or header in _OTHERS
    return known and not header.startswith("profile-")


def _has_credentials(section: Section) -> bool:
    """Tell whether a section says where credentials come from, as only a profile does."""
    return any(keys <= section.values.keys() for keys in _SOURCES)


def _meant(header: str) -> tuple[str, bool]:
    """Return the name of the profile that was most likely meant, and whether there is no doubt."""
    words = split_header(header) or []
    if len(words) == 2 and words[0].lower() == "profile":
        return words[1], True
    if header.startswith("profile-"):
        return header[8:], False
    if len(words) == 1:
        return ("default", True) if words[0].lower() == "default" else (words[0], False)
    return "", False


def _kind_in_credentials(examined: Examined) -> Iterator[Finding]:
    credentials = examined.files.credentials
    for header, section in credentials.sections.items():
        if not header.startswith(("profile ", "sso-session ", "services ")):
            continue
        place = credentials.path, section.line
        words = split_header(header) or []
        if len(words) != 2:
            continue
        kind, name = words
        if kind != PROFILE:
            text = f"[{header}] counts in the config file only, and is a profile of that name here: move it"
            yield Finding(text, place, profile=header)
            continue
        there = name in credentials.sections
        more = "; there is a section of that name, too: merge the two" if there else ""
        text = (
            f"in the credentials file a header is the name alone: this is a profile called “{header}”, "
            f"write [{name}]{more}"
        )
        fix = None
        if not there and not check_name(name):
            changed = [header, name] if name in examined.profiles else [header]
            # Keys beside a role or SSO change what the profile is.
            sure = name not in examined.profiles or examined.profiles[name].kind == Kind.NONE
            fix = rename_header(CREDENTIALS, section, name, name, gone=header, changed=changed, sure=sure)
        yield Finding(text, place, profile=header, fix=fix)


def _default_section(examined: Examined) -> Iterator[Finding]:
    for ini in examined.ini_files:
        settings = list(ini.defaults.values())
        if settings:
            text = (
                f"[{DEFAULT_SECTION}] in capitals gives its settings to every section of this file, for aws; "
                "other SDKs do not: write [default], or each setting where it belongs"
            )
            yield Finding(text, (ini.path, min(setting.line for setting in settings)))


CHECKS = (
    Check(
        "XS111",
        Severity.WARNING,
        "section replaced by a later one",
        "Two spellings of one profile, `[default]` and `[profile default]` too: aws takes the later one "
        "whole, other SDKs merge them or prefer `[profile default]`.",
        _replaced,
    ),
    Check(
        "XS112",
        Severity.ERROR,
        "section ignored for its header",
        '`[profile a b]`, `[profile "a]`: aws drops a header that is not a kind and one name.',
        _ignored,
    ),
    Check(
        "XS113",
        Severity.ERROR,
        "`[NAME]` without `profile` in the config file",
        "Only `[default]` goes without; aws ignores `[prod]`, `[Profile prod]`, `[ profile prod ]`.",
        _no_kind,
    ),
    Check(
        "XS114",
        Severity.ERROR,
        "`[profile NAME]` in the credentials file",
        "Headers are bare names there: this makes a profile whose name begins with `profile `.",
        _kind_in_credentials,
    ),
    Check(
        "XS115",
        Severity.WARNING,
        "`[DEFAULT]` in capitals",
        "Its settings leak into every section of the file, for tools in Python only.",
        _default_section,
    ),
)
