"""Doctor on cached sessions, the environment and xswitch's own settings."""

from __future__ import annotations

import json
import os
import subprocess
import time
from datetime import UTC, datetime, timedelta

import botocore.exceptions
import pytest
from awshome import botocore_session, read_profiles_in
from doctoring import KEYS, REGION, Home, case, files_in, found, role, sso, with_environ
from running import SECRET, cache_file, write_session

from xswitch.doctor import Severity
from xswitch.sessions.keys import token_key

P = role("p")
KEY = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s"}
OTHER = "0" * 40


def old(path, days=30.0):
    """Let a file have been written some days ago."""
    then = time.time() - days * 86400
    os.utime(path, (then, then))
    return path


def cached(text, name="p"):
    """Put something where the session of a profile is kept."""

    def prepare(home):
        path = cache_file(home, read_profiles_in(home / ".aws")[name])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
        old(path, 1)

    return prepare


def session(minutes, mode=0o600):
    def prepare(home):
        path = write_session(home, read_profiles_in(home / ".aws")["p"], minutes=minutes)
        path.chmod(mode)

    return prepare


def token(text):
    def prepare(home):
        folder = home / ".aws/sso/cache"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{token_key('corp', None)}.json"
        path.write_text(text)
        path.chmod(0o600)
        old(path)

    return prepare


def in_cache(name, days=0.0, mode=0o600):
    def prepare(home):
        folder = home / ".aws/cli/cache"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
        (folder / name).chmod(mode)
        old(folder / name, days)

    return prepare


def no_folder(home):
    (home / ".aws/cli").mkdir()
    (home / ".aws/cli/cache").write_text("")


def settings(text):
    def prepare(home):
        (home / ".config/xswitch").mkdir(parents=True, exist_ok=True)
        (home / ".config/xswitch/config.toml").write_text(text)

    return prepare


GOOD_TOKEN = json.dumps(
    {
        "startUrl": "https://corp.example.com/start",
        "accessToken": "x",
        "expiresAt": f"{datetime.now(UTC) - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}",
    }
)
CASES = {
    "XS401": [
        case(Home(P, prepare=cached("")), Home(P, prepare=session(60)), 0, "p", severity=Severity.ERROR),
        case(Home(P, prepare=cached('{"Credentials": {')), Home(P, prepare=session(-60)), 0, "p"),
        case(Home(P, prepare=cached('{"Credentials": {}}')), Home(P, prepare=in_cache("session.db")), 0, "p"),
        case(
            Home(P, prepare=in_cache(f"{OTHER}.json", 1)),
            Home(P, prepare=in_cache(OTHER)),
            severity=Severity.WARNING,
        ),
        case(Home(sso(), prepare=token("[")), Home(sso(), prepare=token(GOOD_TOKEN)), 0, "sso"),
    ],
    "XS402": [case(Home(P, prepare=no_folder), Home(P, prepare=session(60)))],
    "XS403": [case(Home(P, prepare=session(-15 * 24 * 60)), Home(P, prepare=session(-60)))],
    "XS404": [case(Home(P, prepare=in_cache("tmpabc.tmp", 2)), Home(P, prepare=in_cache("tmpabc.tmp")))],
    "XS405": [case(Home(P, prepare=session(60, 0o644)), Home(P, prepare=session(60)))],
    "XS501": [
        case(with_environ(P, AWS_PROFILE="q"), with_environ(P, AWS_PROFILE="p")),
        case(with_environ(P, AWS_PROFILE=""), with_environ(P, AWS_DEFAULT_PROFILE="p")),
        case(with_environ(P, AWS_PROFILE="p", AWS_DEFAULT_PROFILE=""), with_environ(P)),
        case(
            with_environ(P, AWS_PROFILE="default"),
            with_environ(f"[default]\n{REGION}", AWS_PROFILE="default"),
        ),
    ],
    "XS502": [
        case(
            with_environ(P, AWS_PROFILE="p", AWS_DEFAULT_PROFILE="keys"),
            with_environ(P, AWS_PROFILE="p", AWS_DEFAULT_PROFILE="p"),
        )
    ],
    "XS503": [
        case(with_environ(P, **KEY, AWS_PROFILE="p"), with_environ(P, AWS_PROFILE="p"), 0, "p"),
        case(
            Home(f"[default]\n{REGION}", environ=KEY),
            Home(f"[default]\n{REGION}", environ={**KEY, "XSWITCH_PROFILE": "p"}),
            severity=Severity.NOTE,
        ),
    ],
    "XS504": [case(with_environ(P, AWS_ACCESS_KEY_ID="AKIA"), with_environ(P, **KEY))],
    "XS505": [
        case(
            with_environ(P, **KEY, AWS_SESSION_TOKEN="a", AWS_SECURITY_TOKEN="b"),
            with_environ(P, **KEY, AWS_SESSION_TOKEN="a", AWS_SECURITY_TOKEN="a"),
        ),
        case(with_environ(P, **KEY, AWS_SECURITY_TOKEN="b"), with_environ(P, **KEY), severity="warning"),
    ],
    "XS506": [
        case(
            with_environ(P, **KEY, AWS_CREDENTIAL_EXPIRATION="2020-01-01T00:00:00Z"),
            with_environ(P, **KEY, AWS_CREDENTIAL_EXPIRATION="2999-01-01T00:00:00+00:00"),
        )
    ],
    "XS507": [
        case(
            with_environ(P, AWS_REGION="a", AWS_DEFAULT_REGION="b"),
            with_environ(P, AWS_REGION="a", AWS_DEFAULT_REGION="a"),
        )
    ],
    "XS508": [case(with_environ(P, AWS_REGION=""), with_environ(P, AWS_REGION="a"))],
    "XS509": [
        case(
            with_environ(P, AWS_PROFILE="keys", AWS_WEB_IDENTITY_TOKEN_FILE="/t", AWS_ROLE_ARN="a"),
            with_environ(P, AWS_PROFILE="p", AWS_WEB_IDENTITY_TOKEN_FILE="/t", AWS_ROLE_ARN="a"),
            0,
            "keys",
        ),
        case(
            with_environ(P, AWS_PROFILE="p", AWS_REGION="us-east-1"),
            with_environ(P, AWS_PROFILE="p", AWS_REGION="eu-west-1"),
            0,
            "p",
            severity=Severity.NOTE,
        ),
        case(
            with_environ(P, AWS_PROFILE="p", AWS_BEARER_TOKEN_BEDROCK="t"),
            with_environ(P, AWS_PROFILE="p"),
            0,
            "p",
        ),
    ],
    "XS510": [
        case(with_environ(P, AWS_CONFIG_FILE="/nowhere"), with_environ(P, AWS_CONFIG_FILE="/dev/null")),
        case(with_environ(P, AWS_SHARED_CREDENTIALS_FILE=""), with_environ(P), severity=Severity.WARNING),
        case(
            with_environ(P, AWS_SHARED_CREDENTIALS_FILE="/nowhere"),
            with_environ(P, AWS_SHARED_CREDENTIALS_FILE="~/.aws/credentials"),
            severity=Severity.ERROR,
        ),
    ],
    "XS511": [
        case(
            with_environ(P, AWS_CONFIG_FILE="$HOME/.aws/config"),
            with_environ(P, AWS_CONFIG_FILE="~/.aws/config"),
        )
    ],
    "XS601": [
        case(Home(P, prepare=settings("\ntheme = \n")), Home(P, prepare=settings('theme = "nord"\n')), 2),
        case(Home(P, prepare=settings("\n\nthem = 1\n")), Home(P, prepare=settings("# none\n")), 3),
    ],
    "XS603": [
        case(
            Home(P, prepare=settings('[[guard]]\nprofile = "p"\nexpect_account_id = "333333333333"\n')),
            Home(P, prepare=settings('[[guard]]\nprofile = "p"\nexpect_account_id = "222222222222"\n')),
            2,
            "p",
        ),
        case(
            Home(sso(), prepare=settings('[[guard]]\nprofile = "s*"\nexpect_account_id = "333333333333"\n')),
            # keys may be those of any account
            Home(P, prepare=settings('[[guard]]\nprofile = "keys"\nexpect_account_id = "333333333333"\n')),
            3,
            "sso",
        ),
        case(
            Home(
                "[profile l]\naws_account_id = 333333333333\nlogin_session = arn:aws:sts::222222222222:x\n",
                prepare=settings('[[guard]]\nexpect_account_id = "333333333333"\nprofile = "l"\n'),
            ),
            Home(
                P,
                prepare=settings(
                    "".join(
                        f'[[guard]]\nprofile = "p"\nexpect_account_id = "{account}"\n'
                        for account in ("333333333333", "222222222222")
                    )
                ),
            ),
            3,
            "l",
        ),
    ],
    "XS602": [
        case(
            Home(P, prepare=settings('[[guard]]\nprofile = "p"\naccount_id = "333333333333"\n')),
            # keys may be those of any account
            Home(P, prepare=settings('[[guard]]\nprofile = "keys"\naccount_id = "333333333333"\n')),
            1,
        ),
        case(
            Home(P, prepare=settings('[[guard]]\nprofile = "p"\n[[guard]]\nprofile = "prod*"\n')),
            Home(P, prepare=settings('[[guard]]\nprofile = "P*"\n[[guard]]\naccount_id = "222222222222"\n')),
            3,
        )
    ],
}  # fmt: skip


@pytest.mark.parametrize("number", range(5))
def test_a_corrupt_session_is_removed_and_nothing_else(home, number):
    bad = CASES["XS401"][number].bad
    bad.write(home)
    before = files_in(home)
    fix = found(bad.examine(), "XS401")[0].fix
    assert fix.sure
    assert fix.diff(bad.locations()) == []
    assert "cannot be undone" in fix.apply(bad.locations())
    assert found(bad.examine(), "XS401") == []
    gone = set(before) - set(files_in(home))
    assert len(gone) == 1
    assert next(iter(gone)).endswith(".json")


def test_a_session_that_is_being_written_or_was_renewed_is_not_removed(home):
    bad = CASES["XS401"][0].bad
    bad.write(home)
    fix = found(bad.examine(), "XS401")[0].fix
    path = cache_file(home, read_profiles_in(home / ".aws")["p"])
    path.write_text("{")  # just now
    assert "nothing to remove" in fix.apply(bad.locations())
    write_session(home, read_profiles_in(home / ".aws")["p"])
    old(path)
    assert "nothing to remove" in fix.apply(bad.locations())
    assert SECRET in path.read_text()
    elsewhere = home / "elsewhere.json"
    path.rename(elsewhere)
    elsewhere.write_text("")
    old(elsewhere)
    path.symlink_to(elsewhere)
    os.utime(path, (1, 1), follow_symlinks=False)
    assert "nothing to remove" in fix.apply(bad.locations())
    path.unlink()
    assert "nothing to remove" in fix.apply(bad.locations())


def test_aws_cannot_use_a_role_whose_cached_session_is_empty(home, aws):
    """The claim, put to the real `aws`: it says nothing but the hash."""
    CASES["XS401"][0].bad.write(home)
    command = [aws, "sts", "get-caller-identity", "--profile", "p"]
    environ = {**os.environ, "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    path = cache_file(home, read_profiles_in(home / ".aws")["p"])
    assert done.returncode != 0
    assert done.stderr.strip().removeprefix("aws: [ERROR]: ").strip() == f"'{path.stem}'"
    assert path.stem in found(Home().examine(), "XS401")[0].message


def test_old_sessions_and_leftovers_are_removed_and_current_ones_stay(home):
    Home(P).write(home)
    current = write_session(home, read_profiles_in(home / ".aws")["p"])
    over, temporary = current.with_name(f"{OTHER}.json"), current.with_name("tmpx.tmp")
    over.write_text(current.read_text().replace(str(datetime.now(UTC).year), "2020"))
    temporary.write_text("")
    old(temporary)
    for code in ("XS403", "XS404"):
        found(Home().examine(), code)[0].fix.apply(Home().locations())
    assert list(current.parent.iterdir()) == [current]


def test_modes_are_narrowed_and_the_sentence_tells_the_way_back(home):
    bad = Home(P, prepare=session(60, 0o644))
    bad.write(home)
    (home / ".aws/credentials").chmod(0o644)
    for code in ("XS141", "XS405"):
        fix = found(bad.examine(), code)[0].fix
        assert "0600" in (said := fix.apply(bad.locations()))
        assert "chmod 0644" in said
        assert found(bad.examine(), code) == []
    assert {mode for _, mode in files_in(home).values()} == {0o600}


def test_the_environment_of_xswitch_itself_is_no_fault(home):
    """What `xswitch shell`, `use` and `run` set: a profile, or its keys."""
    Home(P, f"{KEYS}{KEYS.replace('keys', 'default')}{REGION}").write(home)
    ends = f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    by_profile = {"AWS_PROFILE": "p", "AWS_DEFAULT_PROFILE": "p", "XSWITCH_PROFILE": "p"}
    by_keys = {**KEY, "AWS_SESSION_TOKEN": "t", "AWS_CREDENTIAL_EXPIRATION": ends, "XSWITCH_PROFILE": "p"}
    regions = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    for environ in (by_profile, by_keys, {**by_profile, **regions}, {**by_keys, **regions}):
        findings = Home(environ=environ).examine()
        assert [each.code for each in findings if each.code.startswith("XS5")] == []


@pytest.mark.parametrize("number", range(4))
def test_botocore_refuses_the_profile_of_the_environment(home, monkeypatch, number):
    each = CASES["XS501"][number]
    for home_, fails in ((each.bad, True), (each.good, False)):
        home_.write(home)
        for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        for name, value in home_.environ.items():
            monkeypatch.setenv(name, value)
        session = botocore_session(home / ".aws")
        if fails:
            with pytest.raises(botocore.exceptions.ProfileNotFound):
                session.get_scoped_config()
        else:
            session.get_scoped_config()
