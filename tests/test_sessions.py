"""Cached sessions: found under botocore's keys, read with its eyes, and never fatal."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from pathlib import Path

import botocore.credentials
import botocore.utils
import pytest
from awshome import botocore_session, profiles_of, read_profiles_in, write_profiles
from counting import calls_in
from hypothesis import given, settings
from hypothesis import strategies as st
from screens import NOW as DEMO_NOW
from screens import write_demo

from xswitch.locations import Locations
from xswitch.sessions.cache import read_session
from xswitch.sessions.inventory import Sessions, session_state
from xswitch.sessions.keys import credentials_key, login_key, token_key
from xswitch.sessions.overview import Overview
from xswitch.sessions.session import SessionKind, State, seconds_left, state_at, time_left
from xswitch.timestamps import format_time, parse_time, utc_now

GOLDEN = json.loads((Path(__file__).parent / "data" / "golden-cache-keys.json").read_text())
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CANARY = "wJalrCANARYsecret0123"
ARN = "arn:aws:iam::111122223333:role/R"
ROLE = f"role_arn = {ARN}\nsource_profile = a\n"
ROLE_KEY = "9f6de0e54f0bab369e7d3e83f0126cd6be8735a2"
SSO = "sso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Admin\n"
SSO_KEY = "0cdbf32b99792a73981dd3f142bc63ab50240b44"
TOKEN_KEY = "ee0bfd2552fbd840c02cc48b6e823320543c450f"


# Keys.


def section(settings_):
    return "[profile t]\n" + "".join(f"{key} = {value}\n" for key, value in settings_.items())


@pytest.mark.parametrize("vector", GOLDEN["assume_role"])
def test_the_key_of_an_assumed_role_is_the_one_that_aws_wrote(aws_folder, vector):
    profile = profiles_of(aws_folder, section(vector["profile"] | {"source_profile": "a"}))["t"]
    assert credentials_key(profile) == vector["sha1"]


def test_the_key_of_a_web_identity_is_that_of_its_role(aws_folder):
    vector = GOLDEN["web_identity"][0]
    more = {
        "web_identity_token_file": "/t",
        "external_id": "no",
        "mfa_serial": "no",
        "duration_seconds": "900",
    }
    assert credentials_key(profiles_of(aws_folder, section(vector["profile"] | more))["t"]) == vector["sha1"]


@pytest.mark.parametrize("vector", GOLDEN["sso_role"])
def test_the_key_of_an_sso_role_is_the_one_that_aws_wrote(aws_folder, vector):
    names = {
        "account": "sso_account_id",
        "role": "sso_role_name",
        "session": "sso_session",
        "start_url": "sso_start_url",
    }
    profile = profiles_of(aws_folder, section({names[k]: v for k, v in vector.items() if k in names}))["t"]
    assert credentials_key(profile) == vector["sha1"]


@pytest.mark.parametrize("vector", GOLDEN["sso_token"])
def test_the_key_of_an_sso_token_is_the_one_that_aws_wrote(vector):
    assert token_key(vector.get("session"), vector.get("start_url")) == vector["sha1"]


@pytest.mark.parametrize("vector", GOLDEN["login"])
def test_the_key_of_a_login_is_the_one_that_aws_wrote(vector):
    assert login_key(vector["login_session"]) == vector["sha256"]


@pytest.mark.parametrize(
    "text", ["aws_access_key_id = A\n", "credential_process = x\n", "login_session = x\n", ""]
)
def test_what_is_not_in_the_cache_of_aws_has_no_key(aws_folder, text):
    assert credentials_key(profiles_of(aws_folder, "[profile t]\n" + text)["t"]) is None


class AskedForError(Exception):
    """The key that botocore looked up."""


class Cache(dict):
    def __contains__(self, key):
        raise AskedForError(key)


def botocores_key(folder):
    """Return the key under which botocore itself looks for the session of profile t."""
    session = botocore_session(folder, "t")
    resolver = botocore.credentials.create_credential_resolver(session, cache=Cache())
    with pytest.raises(AskedForError) as found:
        resolver.load_credentials().get_frozen_credentials()
    return found.value.args[0]


VALUES = st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=8)
OPTIONAL = {
    "external_id": VALUES,
    "mfa_serial": VALUES,
    "role_session_name": VALUES,
    "duration_seconds": st.one_of(
        VALUES, st.sampled_from(["900", "03600", "1_000", "-1", "+7", "1h", "٣", "1.5"])
    ),
    "region": st.just("us-east-1"),
}
ROLES = st.fixed_dictionaries({"role_arn": VALUES, "source_profile": st.just("a")}, optional=OPTIONAL)
WEB_IDENTITIES = st.fixed_dictionaries(
    {"role_arn": st.just(ARN), "web_identity_token_file": st.just("/t")}, optional=OPTIONAL
)
SSO_ROLES = st.fixed_dictionaries(
    {"sso_account_id": VALUES, "sso_role_name": VALUES, "sso_region": st.just("x"), "sso_start_url": VALUES},
    optional={"sso_session": st.sampled_from(["corp", "é"])},
)


@settings(max_examples=150, deadline=None)
@given(profile=st.one_of(ROLES, WEB_IDENTITIES, SSO_ROLES))
def test_the_key_is_the_one_that_botocore_looks_up(profile):
    config = section(profile) + "[sso-session corp]\nsso_region = x\n[sso-session é]\n[profile a]\n"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_profiles(folder, config, "[a]\naws_access_key_id = A\naws_secret_access_key = S\n")
        assert credentials_key(read_profiles_in(folder)["t"]) == botocores_key(folder)


# States and times.


@pytest.mark.parametrize(
    ("seconds", "state"),
    [
        (86400, State.VALID),
        (900, State.VALID),
        (899.999, State.EXPIRING),
        (1, State.EXPIRING),
        (0.001, State.EXPIRING),
        (0, State.EXPIRED),
        (-1, State.EXPIRED),
    ],
)
def test_the_state_turns_where_the_aws_cli_stops_using_the_session(seconds, state):
    assert state_at(NOW + timedelta(seconds=seconds), NOW) == state


def test_no_session_is_a_state_of_its_own():
    assert state_at(None, NOW) == State.NONE


@settings(max_examples=100)
@given(seconds=st.integers(-100, 2000))
def test_a_session_is_valid_exactly_while_botocore_uses_it(seconds):
    # Half a second off the whole ones, so that the time between the two looks does not matter.
    now = datetime.now(UTC)
    expires_at = now + timedelta(seconds=seconds + 0.5)
    fetcher = botocore.credentials.AssumeRoleCredentialFetcher(None, None, ARN)
    expired = fetcher._is_expired({"Credentials": {"Expiration": expires_at.isoformat()}})
    assert (state_at(expires_at, now) == State.VALID) is not expired


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "expired"),
        (0, "expired"),
        (-0.5, "expired"),
        (0.5, "0s"),
        (9, "9s"),
        (59.9, "59s"),
        (60, "1m00s"),
        (47 * 60 + 12, "47m12s"),
        (3599, "59m59s"),
        (3600, "1h00m"),
        (6 * 3600 + 12 * 60 + 59, "6h12m"),
        (86399, "23h59m"),
        (86400, "1d00h"),
        (3 * 86400 + 4 * 3600, "3d04h"),
    ],
)
def test_the_time_left_is_short_and_never_rounded_up(seconds, text):
    expires_at = NOW + timedelta(seconds=seconds)
    assert time_left(expires_at, NOW) == text
    assert seconds_left(expires_at, NOW) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "time_"),
    [
        ("2026-11-24T02:54:46Z", datetime(2026, 11, 24, 2, 54, 46, tzinfo=UTC)),
        ("2026-11-24T02:54:46+00:00", datetime(2026, 11, 24, 2, 54, 46, tzinfo=UTC)),
        ("2026-11-24T02:55:00UTC", datetime(2026, 11, 24, 2, 55, tzinfo=UTC)),
        ("2026-11-24 02:54:46 UTC", datetime(2026, 11, 24, 2, 54, 46, tzinfo=UTC)),
        ("2026-11-24T02:54:46.123Z", datetime(2026, 11, 24, 2, 54, 46, 123000, tzinfo=UTC)),
        ("2026-11-24T02:54:46.123456+00:00", datetime(2026, 11, 24, 2, 54, 46, 123456, tzinfo=UTC)),
        ("2026-11-24T08:24:46+05:30", datetime(2026, 11, 24, 2, 54, 46, tzinfo=UTC)),
        (" 2026-11-24T02:54:46Z\n", datetime(2026, 11, 24, 2, 54, 46, tzinfo=UTC)),
    ],
)
def test_every_way_in_which_aws_tools_write_a_time_is_read_as_botocore_reads_it(text, time_):
    assert parse_time(text) == time_
    assert botocore.credentials._parse_if_needed(text) == time_


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-24T02:54:46",
        "2026-11-24",
        "",
        "UTC",
        "soon",
        "2026-13-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        1795000000,
        1.5,
        None,
        [],
        {},
        True,
    ],
)
def test_what_botocore_could_not_compare_with_now_is_no_time(value):
    assert parse_time(value) is None


def test_a_time_without_a_zone_is_read_as_its_writer_meant_it(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert parse_time("2026-11-24 08:24:46", naive="local") == datetime(
            2026, 11, 24, 2, 54, 46, tzinfo=UTC
        )
        assert parse_time("2026-11-24 08:24:46", naive="utc") == datetime(2026, 11, 24, 8, 24, 46, tzinfo=UTC)
        assert parse_time("2026-11-24T02:54:46Z", naive="local") == datetime(
            2026, 11, 24, 2, 54, 46, tzinfo=UTC
        )
        assert parse_time("0001-01-01 00:00:00", naive="local") is None, "before the first time there is"
    finally:
        monkeypatch.undo()
        time.tzset()


@given(seconds=st.floats(0, 7e9))
def test_a_time_that_is_written_is_read_back_to_the_second(seconds):
    time_ = datetime.fromtimestamp(seconds, UTC)
    text = format_time(time_)
    assert text.endswith("Z")
    assert parse_time(text) == time_.replace(microsecond=0)


def test_now_is_aware():
    assert abs(utc_now() - datetime.now(UTC)) < timedelta(seconds=5)


# Cache files.


def ends(**delta):
    return f"{NOW + timedelta(**delta):%Y-%m-%dT%H:%M:%SZ}"


def role_entry(expiration=None, **more):
    keys = {"AccessKeyId": "ASIA", "SecretAccessKey": CANARY, "SessionToken": CANARY}
    return {"Credentials": keys | {"Expiration": expiration or ends(hours=1)}} | more


def token_entry(expiration=None, **more):
    return {
        "startUrl": "https://x",
        "region": "x",
        "accessToken": CANARY,
        "expiresAt": expiration or ends(hours=8),
    } | more


def put(home, folder, key, entry):
    path = home / ".aws" / folder / "cache" / (key if "." in key else key + ".json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entry) if not isinstance(entry, str) else entry)
    return path


def sessions():
    return Sessions(Locations(os.environ))


def test_the_session_of_a_role_is_found_and_read_whole(home, aws_folder):
    user = {"AssumedRoleId": "AROA:me", "Arn": "arn:aws:sts::111122223333:assumed-role/R/me"}
    path = put(home, "cli", ROLE_KEY, role_entry(AssumedRoleUser=user, ResponseMetadata={"x": 1}))
    profile = profiles_of(aws_folder, "[profile t]\n" + ROLE)["t"]
    found = sessions().of(profile, NOW)
    assert (found.kind, found.path, found.expires_at) == (
        SessionKind.ASSUME_ROLE,
        str(path),
        NOW + timedelta(hours=1),
    )
    assert (found.account_id, found.role_arn) == ("111122223333", ARN)
    credentials = found.credentials
    assert (credentials.access_key_id, credentials.secret_access_key) == ("ASIA", CANARY)
    assert (credentials.session_token, credentials.expires_at) == (CANARY, found.expires_at)
    assert CANARY not in repr(found) + repr(credentials)
    assert session_state(profile, found, NOW) == State.VALID


def test_the_four_keys_alone_are_an_entry(home, aws_folder):
    put(home, "cli", ROLE_KEY, role_entry())
    found = sessions().credentials_of(profiles_of(aws_folder, "[profile t]\n" + ROLE)["t"])
    assert (found.account_id, found.role_arn) == (None, None)


@pytest.mark.parametrize("cache", ["cli", "boto"])
def test_an_entry_that_botocore_wrote_is_read(home, aws_folder, cache):
    folder = home / ".aws" / cache / "cache"
    expiration = datetime.now(UTC) + timedelta(hours=1)
    botocore.utils.JSONFileCache(str(folder))[ROLE_KEY] = role_entry(expiration)
    assert "UTC" in (folder / f"{ROLE_KEY}.json").read_text(), "written as no other tool does"
    found = sessions().of(profiles_of(aws_folder, "[profile t]\n" + ROLE)["t"], NOW)
    assert found.expires_at == expiration.replace(microsecond=0)


def test_of_several_entries_the_one_that_ends_last_is_shown_and_used(home, aws_folder):
    put(home, "cli", ROLE_KEY, role_entry(ends(minutes=20)))
    boto = put(home, "boto", ROLE_KEY, role_entry(ends(minutes=40)))
    profile = profiles_of(aws_folder, "[profile t]\n" + ROLE)["t"]
    assert sessions().of(profile, NOW).path == str(boto)
    assert sessions().credentials_of(profile).path == str(boto)


NESTED = "[" * 10_000_000
CORRUPT = {
    "empty": "",
    "truncated": json.dumps(role_entry())[:-20],
    "byte order mark": "\ufeff" + json.dumps(role_entry()),
    "not UTF-8": b'{"Credentials": "\xff' + CANARY.encode(),
    "a list": json.dumps([CANARY]),
    "null": "null",
    "a string": json.dumps(CANARY),
    "two documents": json.dumps(role_entry()) * 2,
    "no credentials": json.dumps({"Other": CANARY}),
    "credentials that are a list": json.dumps({"Credentials": [CANARY]}),
    "no secret": json.dumps({"Credentials": {"AccessKeyId": CANARY, "Expiration": ends(hours=1)}}),
    "a secret that is a number": json.dumps(
        {
            "Credentials": {
                "AccessKeyId": CANARY,
                "SecretAccessKey": 1,
                "SessionToken": "x",
                "Expiration": ends(hours=1),
            }
        }
    ),
    "no expiration": json.dumps({"Credentials": {"AccessKeyId": CANARY}}),
    "naive expiration": json.dumps(role_entry("2026-11-24T02:54:46")),
    "expiration that is a number": json.dumps(role_entry(1795000000)),
    "expiration that is garbage": json.dumps(role_entry(CANARY)),
    "a token without an end": json.dumps({"accessToken": CANARY}),
    "a login without keys": json.dumps({"accessToken": {"expiresAt": ends(hours=1), "x": CANARY}}),
    "deeply nested": NESTED,
    "a folder": None,
}


@pytest.mark.parametrize("content", CORRUPT.values(), ids=CORRUPT)
def test_a_corrupt_file_is_skipped_and_reported_without_its_content(home, aws_folder, content):
    put(home, "cli", "0" * 40, role_entry())
    path = home / ".aws" / "cli" / "cache" / f"{ROLE_KEY}.json"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (0, 0))
    profiles = profiles_of(aws_folder, "[profile t]\n" + ROLE)
    found = sessions()
    assert found.of(profiles["t"], NOW) is None
    assert found.of(profiles["t"], NOW) is None
    assert len(found.all(profiles)) == 1, "the others are read"
    (problem,) = found.problems
    assert (problem.code, problem.file, problem.line) == ("cache-corrupt", str(path), 0)
    assert "delete it" in problem.message
    assert CANARY not in problem.message
    with pytest.raises(ValueError, match=r".") as raised:
        read_session(str(path))
    error = raised.value
    while error is not None:  # neither it nor what caused it
        assert CANARY not in f"{error!r} {vars(error)}"
        error = error.__cause__ or error.__context__


def test_a_file_that_nobody_asks_for_is_not_read(home, aws_folder):
    put(home, "cli", "0" * 40, "")
    found = sessions()
    assert found.of(profiles_of(aws_folder, "[profile t]\n" + ROLE)["t"], NOW) is None
    assert not found.problems


def test_an_entry_that_is_gone_is_no_problem(home, aws_folder):
    path = put(home, "cli", ROLE_KEY, role_entry())
    found = sessions()
    profile = profiles_of(aws_folder, "[profile t]\n" + ROLE)["t"]
    assert found._cli.keys == {ROLE_KEY}
    path.unlink()
    assert found.of(profile, NOW) is None
    assert not found.problems


def test_a_cache_folder_that_is_none_is_reported(home, aws_folder):
    (home / ".aws" / "cli").write_text("")
    found = sessions()
    assert found.all([]) == []
    assert [problem.code for problem in found.problems] == ["cache-unreadable"]


def test_a_file_that_is_just_being_written_is_read_when_it_is_whole(home, aws_folder):
    text = json.dumps(role_entry())
    profile = profiles_of(aws_folder, "[profile t]\n" + ROLE)["t"]
    path = put(home, "cli", ROLE_KEY, "")

    def write():  # as the AWS CLI v2 does: truncate, then write
        time.sleep(0.02)
        with path.open("r+") as file:
            file.write(text)

    for beginning in ("", text[:40]):
        path.write_text(beginning)
        writer = threading.Thread(target=write)
        writer.start()
        found = sessions()
        session = found.of(profile, NOW)
        writer.join()
        assert session is not None
        assert not found.problems


def test_other_files_of_the_folders_are_left_alone(home, aws_folder):
    for name in (
        "session.db",
        "tmpabc.tmp",
        f"{ROLE_KEY}.tmp",
        "notes.json",
        f"{ROLE_KEY.upper()}.json",
        f"{ROLE_KEY}0.json",
    ):
        put(home, "cli", name, "\x00 not JSON")
    put(home, "sso", "botocore-client-id-us-east-1.json", {"clientId": "x", "expiresAt": ends(hours=1)})
    found = sessions()
    assert found.all(profiles_of(aws_folder, "[profile t]\n" + ROLE)) == []
    assert not found.problems


def test_the_registration_of_an_sso_client_is_no_token(home, aws_folder):
    put(home, "sso", "a" * 40, {"clientId": "x", "clientSecret": CANARY, "expiresAt": ends(days=90)})
    put(home, "sso", TOKEN_KEY, {"clientId": "x", "clientSecret": CANARY, "expiresAt": ends(days=90)})
    found = sessions()
    assert found.of(profiles_of(aws_folder, "[profile t]\n" + SSO)["t"], NOW) is None
    assert found.all([]) == []
    assert not found.problems


@pytest.mark.parametrize(
    ("role", "token", "kind", "state"),
    [
        (None, None, None, State.NONE),
        (None, 8, SessionKind.SSO_TOKEN, State.VALID),
        (None, -1, SessionKind.SSO_TOKEN, State.EXPIRED),
        (1, None, SessionKind.SSO_ROLE, State.VALID),
        (1, 8, SessionKind.SSO_ROLE, State.VALID),
        # The entry is used even where the token is over.
        (1, -1, SessionKind.SSO_ROLE, State.VALID),
        (-1, 8, SessionKind.SSO_TOKEN, State.VALID),
        (-1, -1, SessionKind.SSO_ROLE, State.EXPIRED),
        (-1, None, SessionKind.SSO_ROLE, State.EXPIRED),
        (0, 8, SessionKind.SSO_TOKEN, State.VALID),
    ],
)
def test_an_sso_profile_lives_by_its_entry_or_else_by_its_token(home, aws_folder, role, token, kind, state):
    if role is not None:
        entry = role_entry(ends(hours=role), ProviderType="sso")
        entry["Credentials"]["AccountId"] = "111122223333"
        put(home, "cli", SSO_KEY, entry)
    if token is not None:
        put(home, "sso", TOKEN_KEY, token_entry(ends(hours=token)))
    profile = profiles_of(aws_folder, "[profile t]\n" + SSO)["t"]
    found = sessions().of(profile, NOW)
    assert (found.kind if found else None) == kind
    assert session_state(profile, found, NOW) == state
    if kind == SessionKind.SSO_ROLE:
        assert found.account_id == "111122223333"


def test_a_token_without_an_sso_session_belongs_to_its_start_url(home, aws_folder):
    url = "https://d-1234567890.awsapps.com/start"
    path = put(home, "sso", sha1(url.encode()).hexdigest(), token_entry())
    profile = profiles_of(
        aws_folder, f"[profile t]\nsso_start_url = {url}\nsso_account_id = 1\nsso_role_name = R\n"
    )["t"]
    found = sessions().of(profile, NOW)
    assert (found.path, found.kind, found.start_url) == (str(path), SessionKind.SSO_TOKEN, "https://x")


@pytest.mark.parametrize("moved", [False, True])
def test_a_login_is_found_where_its_folder_is(home, aws_folder, monkeypatch, moved):
    name = "arn:aws:iam::111122223333:user/alice"
    keys = {
        "accessKeyId": "ASIA",
        "secretAccessKey": CANARY,
        "sessionToken": CANARY,
        "accountId": "111122223333",
    }
    entry = {"accessToken": keys | {"expiresAt": ends(minutes=15)}, "refreshToken": CANARY, "clientId": "x"}
    path = put(home, "login", sha256(name.encode()).hexdigest(), entry)
    if moved:
        path = path.parent.rename(home / "elsewhere") / path.name
        monkeypatch.setenv("AWS_LOGIN_CACHE_DIRECTORY", "~/elsewhere")
    profile = profiles_of(aws_folder, f"[profile t]\nlogin_session = {name}\n")["t"]
    found = sessions().of(profile, NOW)
    assert (found.kind, found.path, found.account_id) == (SessionKind.LOGIN, str(path), "111122223333")
    assert found.credentials.session_token == CANARY


HINTED = "[t]\naws_access_key_id = ASIA\naws_secret_access_key = S\naws_session_token = T\n"


@pytest.mark.parametrize(
    ("text", "time_"),
    [
        ("x_security_token_expires = 2026-11-24T14:00:00+01:00\n", NOW + timedelta(hours=1)),
        ("aws_credential_expiration = 2026-11-24T13:00:00Z\n", NOW + timedelta(hours=1)),
        # awsume writes local time, aws-mfa UTC (beside its own key).
        ("expiration = 2026-11-24 18:30:00\n", NOW + timedelta(hours=1)),
        ("expiration = 2026-11-24 13:00:00\nassumed_role = False\n", NOW + timedelta(hours=1)),
        (
            "expiration = whenever\naws_credential_expiration = 2026-11-24T13:00:00Z\n",
            NOW + timedelta(hours=1),
        ),
        ("expiration = whenever\n", None),
        ("expiration =\n  a = b\n", None),
        ("", None),
    ],
)
def test_the_end_that_other_tools_noted_in_the_credentials_file_is_read(aws_folder, monkeypatch, text, time_):
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        profile = profiles_of(aws_folder, "", HINTED + text)["t"]
        found = sessions().of(profile, NOW)
        assert (found.expires_at if found else None) == time_
        # Its keys come with a token: they end, whether or not anything says when.
        assert session_state(profile, found, NOW) == (State.VALID if time_ else State.NONE)
        if found:
            assert (found.kind, found.path) == (SessionKind.CREDENTIALS_FILE, str(aws_folder / "credentials"))
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "config", [ROLE.replace("= a", "= t"), "sso_account_id = 1\n", "web_identity_token_file = /t\n" + ROLE]
)
def test_a_hint_beside_keys_that_are_not_used_does_not_count(aws_folder, config):
    profile = profiles_of(
        aws_folder, "[profile t]\n" + config, HINTED + "expiration = 2026-11-24 13:00:00\n"
    )["t"]
    assert sessions().of(profile, NOW) is None


def test_all_sessions_are_listed_with_their_profiles_and_what_is_left_over(home, aws_folder):
    put(home, "cli", ROLE_KEY, role_entry())
    left_over = put(
        home,
        "cli",
        "f" * 40,
        role_entry(AssumedRoleUser={"Arn": "arn:aws:sts::999988887777:assumed-role/Old/me"}),
    )
    put(home, "sso", TOKEN_KEY, token_entry())
    config = (
        f"[profile one]\n{ROLE}[profile two]\n{ROLE}region = x\n"
        f"[profile sso]\n{SSO}[profile token]\nsso_session = corp\n"
    )
    profiles = profiles_of(aws_folder, config, HINTED + "expiration = 2026-11-24 13:00:00\n")
    found = sessions().all(profiles)
    assert [(session.kind, names) for session, names in found] == [
        (SessionKind.ASSUME_ROLE, ["one", "two"]),
        (SessionKind.ASSUME_ROLE, []),
        (SessionKind.SSO_TOKEN, ["sso", "token"]),
        (SessionKind.CREDENTIALS_FILE, ["t"]),
    ]
    session = found[1][0]
    assert (session.path, session.role_arn) == (str(left_over), "arn:aws:iam::999988887777:role/Old")


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (ROLE, State.NONE),
        (SSO, State.NONE),
        ("login_session = x\n", State.NONE),
        ("credential_process = x\n", State.NONE),
        (ROLE + "web_identity_token_file = /t\n", State.NONE),
        ("aws_access_key_id = A\n", None),
        ("region = x\n", None),
    ],
)
def test_only_what_can_end_has_a_state(aws_folder, text, state):
    profile = profiles_of(aws_folder, "[profile t]\n" + text)["t"]
    assert session_state(profile, sessions().of(profile, NOW), NOW) == state


def test_profiles_without_a_session_do_not_go_to_the_disk_one_by_one(home, aws_folder):
    config = "".join(
        f"[profile p{i}]\nrole_arn = arn:aws:iam::{i:012}:role/R\nsource_profile = a\n" for i in range(500)
    )
    put(home, "cli", ROLE_KEY, role_entry())
    profiles = list(profiles_of(aws_folder, config))
    found = sessions()
    calls = calls_in(lambda: [found.of(profile, NOW) for profile in profiles])
    assert calls["Sessions.of"] == 500
    assert calls["listdir"] == 2  # of the AWS CLI's cache and of botocore's
    assert not calls.keys() & {"open", "stat", "lstat", "scandir"}


def test_an_sso_role_may_stand_in_the_sso_session(home, aws_folder):
    """As botocore takes it, account and all."""
    config = (
        "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example\n"
        "sso_account_id = 111122223333\n[profile t]\nsso_session = corp\nsso_role_name = Admin\n"
    )
    profile = profiles_of(aws_folder, config)["t"]
    assert profile.account_id == "111122223333"
    assert credentials_key(profile) == "0cdbf32b99792a73981dd3f142bc63ab50240b44"


def test_a_session_is_needed_where_keys_are_obtained_and_few_minutes_or_none_are_left(home):
    write_demo(home)
    overview = Overview(Locations(os.environ))
    needing = {profile.name for profile in overview.profiles if overview.needs_session(profile, DEMO_NOW)}
    # Of the SSO profiles one has keys for an hour; the token that the other one shows is not enough.
    assert needing == {"prod-audit", "prod-billing", "staging", "staging-dba", "sandbox", "corp-data"}
