"""The operations on profiles: what the commands and the forms of the UI do."""

from __future__ import annotations

from functools import partial

from xswitch.awsfiles.files import SSO_SESSION, config_header
from xswitch.editing.changes import (
    CONFIG,
    CREDENTIALS,
    AddSection,
    Change,
    CopySection,
    RemoveSection,
    RenameSection,
    Set,
)
from xswitch.editing.checks import (
    check_key,
    check_name,
    check_new_name,
    check_setting,
    check_source,
    parse_duration,
)
from xswitch.editing.operation import FieldError, Operation, Plan
from xswitch.editing.placing import (
    KEY_SETTINGS,
    change_setting,
    check_files,
    existing,
    header_of,
    sections_of,
)
from xswitch.errors import XswitchError
from xswitch.profiles.profile import Kind
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xswitch.awsfiles.ini import IniFile
    from xswitch.awsfiles.settings import Values
    from xswitch.profiles.collection import Profiles

_SCOPES = "sso:account:access"  # with it, a token of the session can be renewed without a question


def add_role(name: str, settings: Mapping[str, str]) -> Operation:
    """Add a role profile: `role_arn` and `source_profile` are needed, an empty setting is not written."""

    def plan(profiles: Profiles) -> Plan:
        wanted = _given(settings)
        _need(wanted, "role_arn", "a role profile needs the ARN of its role")
        _raise("source_profile", check_source(wanted.get("source_profile", ""), profiles))
        return _new_profile(name, wanted, profiles)

    return Operation(f"add role {name}", name, plan)


def add_keys(
    name: str,
    access_key_id: str,
    secret_access_key: str,
    session_token: str = "",
    settings: Mapping[str, str] | None = None,
    *,
    replace: bool = False,
) -> Operation:
    """Add a profile with access keys; with `replace`, put them in place of those that a profile has.

    The keys go into the credentials file, or to where the profile has its own; `settings` into the config
    file.
    """
    keys = dict(zip(KEY_SETTINGS, (access_key_id, secret_access_key, session_token), strict=False))

    def plan(profiles: Profiles) -> Plan:
        _need(keys, "aws_access_key_id", "an access key id is needed")
        _need(keys, "aws_secret_access_key", "the secret of the access key is needed")
        if keys["aws_access_key_id"].startswith("ASIA"):
            _need(keys, "aws_session_token", "a key id that begins with ASIA comes with a session token")
        check_target_of_keys(name, profiles, replace=replace)
        if name not in profiles:
            return _new_profile(name, _given({**keys, **(settings or {})}), profiles)
        values: dict[str, str | None] = dict(_given({**keys, **(settings or {})}))
        for key in KEY_SETTINGS:  # the tokens of the keys before would be sent with these
            if key not in values and key in profiles[name].values:
                values[key] = None
        return _edited(name, values, "", profiles)

    return Operation(f"{'replace' if replace else 'add'} keys of {name}", name, plan)


def check_target_of_keys(name: str, profiles: Profiles, *, replace: bool) -> None:
    """FieldError where a profile cannot get access keys, or has some that are not to be replaced."""
    if name not in profiles:
        _raise("name", check_name(name))
        return
    profile = profiles[name]
    if profile.has_static_keys and not replace:
        raise FieldError("name", f"{printable(name)} has access keys already", "replace them with --replace")
    if not profile.has_static_keys and profile.kind != Kind.NONE:
        text = f"{printable(name)} has credentials of another kind ({profile.kind}), which would win or mix"
        raise FieldError("name", text, "give the keys a profile of their own")


def add_sso(name: str, settings: Mapping[str, str], session: Mapping[str, str]) -> Operation:
    """Add an SSO profile, and its `[sso-session]` where that does not exist.

    `settings` has `sso_session` (a name), `sso_account_id` and `sso_role_name`; `session` has `sso_start_url`
    and `sso_region`, which may be left out for a session that exists, and must not differ from it.
    """

    def plan(profiles: Profiles) -> Plan:
        wanted = _given(settings)
        _need(wanted, "sso_session", "an SSO profile needs the name of its SSO session")
        _need(wanted, "sso_account_id", "an SSO profile needs the id of an account")
        _need(wanted, "sso_role_name", "an SSO profile needs the name of a role (permission set)")
        made = _new_profile(name, wanted, profiles)
        made.changes[:0] = _session_changes(wanted["sso_session"], _given(session), profiles)
        return made

    return Operation(f"add SSO profile {name}", name, plan)


def edit(
    name: str, values: Mapping[str, str | None], new_name: str = "", *, create: bool = False
) -> Operation:
    """Change settings of a profile at once, and its name: a text sets a key, None takes it away.

    Each key goes where it stands, a new one where the AWS CLI would put it; `s3.addressing_style` is in the
    block `s3`. With `create`, a profile that is not there yet is made.
    """
    renamed = new_name if new_name != name else ""
    words = [f"rename {name} to {renamed}"] if renamed else []
    words += [f"{'unset' if value is None else 'set'} {key} of {name}" for key, value in values.items()]
    title = words[0] if len(words) == 1 else f"edit {name}"

    def plan(profiles: Profiles) -> Plan:
        if create and name not in profiles:
            return _new_profile(name, {key: value or "" for key, value in values.items()}, profiles)
        return _edited(name, values, renamed, profiles)

    return Operation(title, renamed or name, plan)


def rename(old: str, new: str) -> Operation:
    """Rename a profile in both files, and in the `source_profile` of every other."""
    return Operation(f"rename {old} to {new}", new, partial(_renamed, old, new))


def copy(old: str, new: str) -> Operation:
    """Add a profile with the lines that another one has in both files."""

    def plan(profiles: Profiles) -> Plan:
        _raise("name", check_new_name(new, profiles))
        changes = [
            CopySection(file, header, header_of(file, new))
            for file, header in existing(profiles, old).items()
        ]
        return Plan([*changes], added=frozenset({new}))

    return Operation(f"copy {old} to {new}", new, plan)


def remove(name: str, *, with_dependents: bool = False) -> Operation:
    """Remove a profile from both files; those that source from it, too, or else it is refused."""

    def plan(profiles: Profiles) -> Plan:
        existing(profiles, name)
        below = dependents(name, profiles)
        if below and not with_dependents:
            names = ", ".join(printable(each) for each in below[:5])
            more = f" and {len(below) - 5} more" if len(below) > 5 else ""
            raise XswitchError(
                f"{printable(name)} is the source of {names}{more}",
                "give them another source first, or remove them too (--with-dependents)",
            )
        names_gone = [name, *below]
        changes = [
            RemoveSection(file, header)
            for gone in names_gone
            for file, header in existing(profiles, gone).items()
        ]
        return Plan([*changes], removed=frozenset(names_gone))

    title = f"remove {name} and its dependents" if with_dependents else f"remove {name}"
    return Operation(title, "", plan)


def dependents(name: str, profiles: Profiles) -> list[str]:
    """Return the profiles that source from `name`, directly or by way of others, in file order."""
    found: set[str] = {name}
    below: dict[str, list[str]] = {}
    for profile in profiles:
        source = profile.text("source_profile")
        if source is not None:
            below.setdefault(source, []).append(profile.name)
    wanted = [name]
    while wanted:
        for each in below.get(wanted.pop(), ()):
            if each not in found:
                found.add(each)
                wanted.append(each)
    return [profile.name for profile in profiles if profile.name in found - {name}]


# -- plans ----------------------------------------------------------------------------------------


def _new_profile(name: str, wanted: Mapping[str, str], profiles: Profiles) -> Plan:
    check_files(profiles)
    _raise("name", check_new_name(name, profiles))
    keys: Values = {}
    others: Values = {}
    for key, value in wanted.items():
        _raise(key, check_key(key) or check_setting(key, value))
        block, _, inner = key.partition(".")
        values = keys if block.lower() in KEY_SETTINGS else others
        if inner:
            nested = values.setdefault(block.lower(), {})
            if isinstance(nested, dict):
                nested[inner] = value
        else:
            values[block.lower()] = value
    changes: list[Change] = []
    if others or not keys:
        changes.append(AddSection(CONFIG, header_of(CONFIG, name), others))
    if keys:
        changes.append(AddSection(CREDENTIALS, name, keys))
    return Plan(changes, added=frozenset({name}))


def _edited(name: str, values: Mapping[str, str | None], renamed: str, profiles: Profiles) -> Plan:
    existing(profiles, name)
    changes: list[Change] = []
    for key, value in values.items():
        if key.lower() == "source_profile" and value is not None:
            _raise(key, check_source(value, profiles, name))
        changes += change_setting(profiles, name, key, _written(key, value), changes)
    if not renamed:
        return Plan(changes, touched={name: {key.lower() for key in values} | _blocks(values)})
    plan = _renamed(name, renamed, profiles, referring=values.get("source_profile", name) == name)
    plan.changes[:0] = changes
    return plan


def _renamed(old: str, new: str, profiles: Profiles, *, referring: bool = True) -> Plan:
    """Plan a renaming; `referring` where the profile's own `source_profile` is to follow too."""
    own = existing(profiles, old)
    _raise("name", check_new_name(new, profiles))
    if any(file.default_values.get("source_profile") == old for file in _both(profiles)):
        raise XswitchError(
            f"the source_profile of [DEFAULT] names {printable(old)}",
            "change it by hand; nothing was changed",
        )
    changes: list[Change] = []
    touched: dict[str, set[str]] = {}
    for profile in profiles:
        entry = profile.entry
        named = [values.get("source_profile") for values in (entry.config_values, entry.credentials_values)]
        if old not in named or (profile.name == old and not referring):
            continue
        for file, header in sections_of(profiles, profile.name).items():
            section = getattr(profiles.files, file).sections[header]
            if section.values.get("source_profile") == old:
                changes.append(Set(file, header, "source_profile", new))
                touched[profile.name] = {"source_profile"}
    changes += [RenameSection(file, header, header_of(file, new)) for file, header in own.items()]
    followers = frozenset(touched)
    return Plan(
        changes, added=frozenset({new}), removed=frozenset({old}), touched=touched, followers=followers
    )


def _session_changes(name: str, given: Mapping[str, str], profiles: Profiles) -> list[Change]:
    found = profiles.files.sso_session(name)
    if found is not None:
        changes: list[Change] = []
        for key, value in given.items():
            setting = found.get(key)
            if setting is None:
                _raise(key, check_setting(key, value))
                changes.append(Set(CONFIG, profiles.files.sso_session_header(name), key, value))
            elif setting.text != value:
                raise FieldError(
                    key, f"[sso-session {printable(name)}] has another one (line {setting.line})"
                )
        return changes
    for key, value in {"sso_session": name, **given}.items():
        _raise(key, check_setting(key, value))
    new = f"the SSO session {printable(name)} is new and needs"
    _need(given, "sso_start_url", f"{new} its start URL (https://….awsapps.com/start)")
    _need(given, "sso_region", f"{new} the region of IAM Identity Center")
    values: Values = {**given, "sso_registration_scopes": _SCOPES}
    return [AddSection(CONFIG, config_header(SSO_SESSION, name), values)]


def _both(profiles: Profiles) -> tuple[IniFile, IniFile]:
    return profiles.files.config, profiles.files.credentials


def _given(settings: Mapping[str, str]) -> dict[str, str]:
    return {key: _written(key, value) or "" for key, value in settings.items() if value}


def _blocks(keys: Iterable[str]) -> set[str]:
    return {key.partition(".")[0].lower() for key in keys}


def _written(key: str, value: str | None) -> str | None:
    """Return a value as a file has it: a time in seconds, an account without dashes."""
    if not value:
        return value
    if key.lower() == "duration_seconds":
        return parse_duration(value) or value
    return value.replace("-", "") if key.lower() == "sso_account_id" else value


def _need(settings: Mapping[str, str], key: str, wrong: str) -> None:
    if not settings.get(key):
        raise FieldError(key, wrong)


def _raise(field: str, wrong: str) -> None:
    if wrong:
        raise FieldError(field, wrong)
