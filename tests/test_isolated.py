"""The AWS files of a command under `run --serve`: all settings of its profile, and no way to credentials."""

from __future__ import annotations

import os
import stat

import pytest
from awshome import botocore_session, profiles_of, read_profiles_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xswitch.launch.isolated import config_text, isolated_files

PLAIN = """\
[profile p]
region = eu-west-1
output = json
endpoint_url = http://127.0.0.1:1/#x?a=b:c
retry_mode = adaptive
max_attempts = 7
cli_pager =
s3 =
  addressing_style = path
  max_concurrent_requests = 3
note = # not a comment
  second: line = ;
  [profile y]
services = mine 'n yours
[services "mine 'n yours"]
sts =
  endpoint_url = http://127.0.0.1:2
[plugins]
cli_legacy_plugin_path = /nonexistent
"""
LEADING = """\
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = keys
credential_source = Environment
credential_process = /bin/false
external_id = e
mfa_serial = arn:aws:iam::111111111111:mfa/alice
mfa_process = /bin/false
role_session_name = me
duration_seconds = 3600
web_identity_token_file = /nonexistent
sso_session = corp
sso_account_id = 444444444444
sso_role_name = Reader
sso_start_url = https://corp.example.com/start
sso_region = us-east-1
login_session = arn:aws:iam::111111111111:user/alice
aws_access_key_id = AKIA
aws_secret_access_key = s
aws_session_token = t
aws_account_id = 111111111111
x_password = p
"""


def botocore_reads(folder, profile):
    """Return what botocore knows of a profile from the two files in `folder`."""
    return botocore_session(folder, profile).get_scoped_config()


def test_every_setting_but_those_of_credentials_is_as_before(tmp_path):
    profiles = profiles_of(tmp_path, PLAIN.replace("[services", LEADING + "[services"))
    before = botocore_session(tmp_path, "p")
    leading = {line.partition(" ")[0] for line in LEADING.splitlines()}
    expected = {key: value for key, value in before.get_scoped_config().items() if key not in leading}
    assert expected["s3"] == {"addressing_style": "path", "max_concurrent_requests": "3"}
    assert expected["note"] == "# not a comment\nsecond: line = ;\n[profile y]"
    services, plugins = (before.full_config[name] for name in ("services", "plugins"))
    (tmp_path / "config").write_text(config_text(profiles["p"], profiles.files), "utf-8")
    for name in (None, "default", "p"):
        assert botocore_reads(tmp_path, name) == expected
    after = botocore_session(tmp_path).full_config
    assert (after["services"], after["plugins"]) == (services, plugins)
    assert set(after["profiles"]) == {"default", "p"}


@pytest.mark.parametrize("name", ["it's", 'a "b"', "a b", "a]b", "日本", "\\", "$(touch pwned)", "-"])
def test_the_profile_has_its_name_there_too_whatever_it_is(tmp_path, name):
    profiles = profiles_of(tmp_path, "", f"[{name}]\nregion = eu-west-1\n")
    (tmp_path / "config").write_text(config_text(profiles[name], profiles.files), "utf-8")
    (tmp_path / "credentials").write_text("")
    for written in ("default", name):
        assert botocore_reads(tmp_path, written) == {"region": "eu-west-1"}


def test_what_is_not_utf8_costs_that_setting_only(tmp_path):
    """botocore refuses the whole file for it; a session that is cached already serves all the same."""
    (tmp_path / "config").write_bytes(
        b"[profile p]\nregion = eu-west-1\nbad = \xff\ns3 =\n  good = 1\n  bad = \xfe\n"
        b"services = \xfd\n[services \xfd]\nsts =\n  a = b\n"
    )
    profiles = read_profiles_in(tmp_path)
    (tmp_path / "config").write_text(config_text(profiles["p"], profiles.files), "utf-8")
    assert botocore_reads(tmp_path, "default") == {"region": "eu-west-1", "s3": {"good": "1"}}


LINES = st.lists(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n"), max_size=12)
    | st.sampled_from(["a = b", "  a = b", "# c", "; c", "", "[x]", "  [x]", "=", "\ta:b", "s3 =", "  x"]),
    max_size=8,
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES)
def test_botocore_reads_back_whatever_it_read(tmp_path, lines):
    (tmp_path / "credentials").write_text("")
    (tmp_path / "config").write_text("[profile p]\n" + "\n".join(lines) + "\n", "utf-8", newline="\n")
    try:
        before = botocore_reads(tmp_path, "p")
    except Exception:  # noqa: BLE001 - what botocore refuses is not compared
        return
    profiles = read_profiles_in(tmp_path)
    (tmp_path / "config").write_text(config_text(profiles["p"], profiles.files), "utf-8", newline="\n")
    expected = {
        key: value
        if isinstance(value, str)
        else {name: inner for name, inner in value.items() if name[:1] not in {"#", ";"}}
        for key, value in before.items()
    }
    for name in ("default", "p"):
        assert botocore_reads(tmp_path, name) == {
            key: value for key, value in expected.items() if value != {}
        }


def test_the_files_are_private_cannot_be_written_and_go_in_the_end(tmp_path):
    profiles = profiles_of(tmp_path, PLAIN)
    with isolated_files(profiles["p"], profiles.files, os.environ) as variables:
        config, empty = variables["AWS_CONFIG_FILE"], variables["AWS_SHARED_CREDENTIALS_FILE"]
        folder = os.path.dirname(config)
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        assert [stat.S_IMODE(os.stat(path).st_mode) for path in (config, empty)] == [0o400, 0o400]
        assert os.path.getsize(empty) == 0
        assert set(variables) == {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}
    assert not os.path.exists(folder)


@pytest.mark.parametrize(
    ("text", "interferes"),
    [
        ("[Credentials]\naws_access_key_id = AKIABOTO\naws_secret_access_key = x\n", True),
        ("[Credentials]\naws_access_key_id = AKIABOTO\naws_access_key_id = AKIABOTO\n", True),
        ("no section\n", True),
        ("[Credentials]\ngs_oauth2_refresh_token = other tools need this\n", False),
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_a_file_of_boto_2_is_hidden_where_it_would_come_in_between(
    tmp_path, home, monkeypatch, text, interferes, named
):
    file = tmp_path / "boto" if named else home / ".boto"
    file.write_text(text)
    if named:
        monkeypatch.setenv("BOTO_CONFIG", str(file))
    profiles = profiles_of(tmp_path, PLAIN)
    with isolated_files(profiles["p"], profiles.files, os.environ) as variables:
        assert ("BOTO_CONFIG" in variables) is interferes
