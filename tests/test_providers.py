"""Which provider answers, why the others do not, and which variables would win over a profile."""

from __future__ import annotations

import botocore.credentials
import pytest
from awshome import botocore_session, profiles_of

from xswitch.profiles.providers import provider_reports, shadowing_variables

NO_METADATA = {"AWS_EC2_METADATA_DISABLED": "true"}
ROLE = "role_arn = arn:aws:iam::111122223333:role/R\n"
KEYS = "aws_access_key_id = A\naws_secret_access_key = S\n"
ALL = f"{ROLE}source_profile = t\nsso_role_name = R\n{KEYS}login_session = x\ncredential_process = y\n"


def statuses(reports):
    return {report.provider: report.status for report in reports}


def test_the_providers_are_botocores_in_its_order(aws_folder):
    profile = profiles_of(aws_folder, "[profile t]\n")["t"]
    resolver = botocore.credentials.create_credential_resolver(botocore_session(aws_folder))
    assert [report.provider for report in provider_reports(profile, {})] == [
        provider.METHOD for provider in resolver.providers
    ]


@pytest.mark.parametrize(
    ("config", "credentials", "environ", "used", "shadowed"),
    [
        ("", "", {}, [], []),
        (KEYS, "", {}, ["config-file"], []),
        (KEYS, KEYS, {}, ["shared-credentials-file"], ["config-file"]),
        (KEYS + "credential_process = x\n", "", {}, ["custom-process"], ["config-file"]),
        ("login_session = x\ncredential_process = x\n", "", {}, ["login"], ["custom-process"]),
        (
            ROLE + "web_identity_token_file = /t\nsource_profile = t\n",
            KEYS,
            {},
            ["assume-role-with-web-identity"],
            ["shared-credentials-file"],
        ),
        (
            ALL,
            KEYS,
            {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://x", "AWS_CREDENTIAL_FILE": "/x"},
            ["assume-role"],
            [
                "sso",
                "shared-credentials-file",
                "login",
                "custom-process",
                "config-file",
                "ec2-credentials-file",
                "container-role",
            ],
        ),
        ("", "", {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}, ["container-role"], []),
        (KEYS, "", {"AWS_ACCESS_KEY_ID": "E"}, ["config-file"], ["env"]),
    ],
)
def test_one_provider_is_used_and_those_after_it_are_shadowed(
    aws_folder, config, credentials, environ, used, shadowed
):
    profile = profiles_of(aws_folder, "[profile t]\n" + config, "[t]\n" + credentials)["t"]
    reports = provider_reports(profile, NO_METADATA | environ)
    assert [report.provider for report in reports if report.status == "used"] == used
    assert [report.provider for report in reports if report.status == "shadowed"] == shadowed
    assert all(report.reason for report in reports)
    for report in reports:
        if report.status == "shadowed" and report.provider != "env":
            assert used[0] in report.reason


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("[Credentials]\naws_access_key_id = A\naws_secret_access_key = S\n", "used"),
        ("[Credentials]\ngs_oauth2_refresh_token = x\n", "absent"),
        ("[GSUtil]\nx = 1\n", "absent"),
        ("", "absent"),
    ],
)
def test_a_boto_2_file_counts_only_where_it_has_keys(home, aws_folder, text, status):
    (home / ".boto").write_text(text)
    profile = profiles_of(aws_folder, "[profile t]\n")["t"]
    assert statuses(provider_reports(profile, NO_METADATA))["boto-config"] == status
    provider = botocore.credentials.BotoProvider()
    assert (provider.load() is not None) is (status == "used")
    # The variable replaces both places, even an empty one.
    assert statuses(provider_reports(profile, {"BOTO_CONFIG": ""}))["boto-config"] == "absent"


@pytest.mark.parametrize(
    ("config", "environ", "reason"),
    [
        (KEYS, {}, "not asked"),
        ("", NO_METADATA, "AWS_EC2_METADATA_DISABLED"),
        ("", {}, "over the network"),
        ("", {"AWS_CREDENTIAL_FILE": "/x"}, "not asked"),
    ],
)
def test_the_metadata_service_says_whether_it_would_be_asked(aws_folder, config, environ, reason):
    profile = profiles_of(aws_folder, "[profile t]\n" + config)["t"]
    last = provider_reports(profile, environ)[-1]
    assert (last.provider, last.status) == ("iam-role", "absent")
    assert reason in last.reason


@pytest.mark.parametrize(
    ("config", "environ", "names"),
    [
        (KEYS, {}, []),
        (KEYS, {"AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "x"}, []),
        (KEYS, {"AWS_ACCESS_KEY_ID": ""}, []),
        (KEYS, {"AWS_ACCESS_KEY_ID": "A"}, ["AWS_ACCESS_KEY_ID"]),
        (
            KEYS,
            {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SECURITY_TOKEN": "x"},
            ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SECURITY_TOKEN"],
        ),
        (
            KEYS,
            {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "x"},
            ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"],
        ),
        (ROLE + "source_profile = t\n", {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "x"}, []),
        ("region = a\n", {"AWS_REGION": "a", "AWS_DEFAULT_REGION": "b"}, ["AWS_DEFAULT_REGION"]),
        ("region = a\n", {"AWS_REGION": ""}, ["AWS_REGION"]),
        # It does not win over anything then, and a child keeps it.
        ("", {"AWS_REGION": "a"}, []),
        (KEYS, {"AWS_BEARER_TOKEN_BEDROCK": "x"}, ["AWS_BEARER_TOKEN_BEDROCK"]),
        ("", {"AWS_PROFILE": "other"}, []),
    ],
)
def test_the_variables_that_would_win_over_the_profile(aws_folder, config, environ, names):
    profile = profiles_of(aws_folder, "[profile t]\n" + config)["t"]
    assert shadowing_variables(profile, environ) == names
