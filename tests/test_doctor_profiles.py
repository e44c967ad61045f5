"""Doctor on profiles: chains of roles, and what single settings say."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import botocore.exceptions
import pytest
from awshome import botocore_session
from doctoring import (
    KEYS,
    REGION,
    ROLE,
    Home,
    case,
    found,
    in_credentials,
    role,
    sso,
    with_environ,
    without_credentials_file,
)

from xswitch.doctor import Severity

P = role("p")
NO_ROLE = f"[profile p]\nsource_profile = keys\n{REGION}"
SECRET = KEYS.rpartition(" ")[2]
OWN_KEYS = KEYS.partition("\n")[2].rstrip()
CN = "arn:aws-cn:iam::222222222222:role/R"


def without(text, key):
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(key))


CASES = {
    "XS201": [
        case(role("p", source="Keys"), P, 3, "p", fixed=P, sure=False),
        case(role("p", source="kesy"), P, 3, "p", fixed=P, sure=False),
        case(P + role("q", source="gone"), P, 7, "q", fixed=P + role("q"), sure=False),
    ],
    "XS202": [
        case(role("a", source="b") + role("b", source="a"), role("a", source="b") + role("b"), 7, "b"),
        case(role("a", source="a"), role("keys", source="keys"), 3, "a"),
    ],
    "XS203": [case(f"[profile empty]\n{REGION}{role('p', source='empty')}", P, 5, "p")],
    "XS204": [
        case(role("a", source="b") + role("b", source="gone"), role("a", source="b") + role("b"), 3, "a"),
        case(role("a", source="b") + role("b", source="c") + role("c", source="b"), P, 3, "a"),
    ],
    "XS205": [case(role("p", "credential_source = Environment"), P, 5, "p")],
    "XS206": [case(without(P, "source_profile"), P, 2, "p")],
    "XS207": [
        case(NO_ROLE, P, 2, "p"),
        case(f"[profile x]\ncredential_source = Environment\n{REGION}", P, 2, "x"),
        case(f"[profile keys]\nsource_profile = other\n{REGION}", f"[profile keys]\n{REGION}", 2, "keys"),
    ],
    "XS208": [
        case(
            P.replace("source_profile = keys", "credential_source = environment"),
            P.replace("source_profile = keys", "credential_source = Environment"),
            3,
            "p",
            fixed=P.replace("source_profile = keys", "credential_source = Environment"),
        ),
        case(P.replace("source_profile = keys", "credential_source = EC2"), P, 3, "p"),
    ],
    "XS209": [
        case(
            role("p", "duration_seconds = 2h"),
            role("p", "duration_seconds =  03600"),
            5,
            "p",
            fixed=role("p", "duration_seconds = 7200"),
            sure=False,
        ),
        case(role("p", "duration_seconds = long"), P, 5, "p"),
        case(f"[profile keys]\n{REGION}duration_seconds = 3h\n", P, 3, "keys"),
    ],
    "XS210": [
        case(
            P + role("q", "duration_seconds = 7200", source="p"),
            role("p", "duration_seconds = 7200"),
            9,
            "q",
            fixed=P + role("q", "duration_seconds = 3600", source="p"),
        ),
        case(
            role("p", "duration_seconds = 60"),
            role("p", "duration_seconds = 43200"),
            5,
            "p",
            fixed=role("p", "duration_seconds = 900"),
            sure=False,
        ),
    ],
    "XS211": [case(role("p", "duration_seconds = 900"), role("p", "duration_seconds = 3600"), 5, "p")],
    "XS212": [
        case(
            in_credentials(f"{KEYS}mfa_serial = arn:aws:iam::111111111111:mfa/me\n", P),
            in_credentials(
                f"{KEYS}mfa_serial = arn:aws:iam::111111111111:mfa/me\n", role("p", "mfa_serial = 123456789")
            ),
            2,
            "p",
            fixed=(
                role("p", "mfa_serial = arn:aws:iam::111111111111:mfa/me"),
                f"{KEYS}mfa_serial = arn:aws:iam::111111111111:mfa/me\n",
            ),
            sure=False,
        ),
        case(  # a source that is a role has its code asked for; the same one with keys is used by its keys
            role("p", "mfa_serial = 123456789", OWN_KEYS) + role("q", source="p"),
            role("p", "mfa_serial = 123456789") + role("q", source="p"),
            9,
            "q",
            fixed=role("p", "mfa_serial = 123456789", OWN_KEYS)
            + role("q", "mfa_serial = 123456789", source="p"),
            sure=False,
        ),
    ],
    "XS213": [
        case(P + role("q", arn=CN, source="p").replace("eu-west-1", "cn-north-1"), P, 6, "q"),
        case(
            f"[profile keys]\n{REGION}" + role("q", arn=CN).replace("eu-west-1", "cn-north-1"),
            "[profile keys]\nregion = cn-north-1\n" + role("q", arn=CN).replace("eu-west-1", "cn-north-1"),
            4,
            "q",
        ),
    ],
    "XS214": [case(role("p", arn=CN), role("p", arn=CN).replace("eu-west-1", "cn-north-1"), 4, "p")],
    "XS221": [
        case(role("p", arn="arn:aws:iam::1:role/R"), P, 2, "p"),
        case(role("p", arn=f"{ROLE}/"), role("p", arn=f"{ROLE} # a comment"), 2, "p"),
    ],
    "XS222": [
        case(P.replace("eu-west-1", "EU_west_1"), P, 4, "p", fixed=P, sure=False),
        case(P.replace("eu-west-1", ""), P.replace("eu-west-1", "eu-isoe-west-1"), 4, "p"),
    ],
    "XS223": [
        case(
            role("p", "output = JSON"),
            role("p", "output = yaml-stream"),
            5,
            "p",
            fixed=role("p", "output = json"),
        ),
        case(role("p", "output = jason"), P, 5, "p", fixed=role("p", "output = json"), sure=False),
        case(role("p", "output = csv"), P, 5, "p"),
    ],
    "XS224": [
        case(
            role("p", "mfa_serial = arn:aws:iam::222222222222:user/bob"),
            role("p", "mfa_serial = arn:aws:iam::222222222222:mfa/bob"),
            5,
            "p",
            fixed=role("p", "mfa_serial = arn:aws:iam::222222222222:mfa/bob"),
            sure=False,
        ),
        case(role("p", "mfa_serial = arn:aws:iam::222222222222:u2f/user/bob/key"), P, 5, "p"),
        case(role("p", "mfa_serial = me"), role("p", "mfa_serial = GAHT12345678"), 5, "p"),
        case(role("p", "role_session_name = a b"), role("p", "role_session_name = a@b"), 5, "p"),
        case(role("p", "external_id = x"), role("p", "external_id = xy"), 5, "p"),
    ],
    "XS225": [
        case(without(P, "region"), P, 1, "p"),
        case(in_credentials(KEYS), in_credentials(KEYS, P), 1, "keys"),
        case(in_credentials(KEYS), with_environ(AWS_REGION="eu-west-1"), 1, "keys"),
    ],
    "XS226": [
        case(P + role("q"), P + role("q", "output = json"), 5, "q"),
        case(P + role("q"), P + role("q") + role("r", arn=f"{ROLE}2", source="q"), 5, "q"),
    ],
    "XS227": [
        case(f'[profile "a b"]\n{REGION}', f"[profile a/b:c@d+e.f%_-]\n{REGION}", 1, "a b"),
        case(in_credentials('["a"]\n' + KEYS.partition("\n")[2]), in_credentials(KEYS), 1, '"a"'),
        case(f"[profile -x]\n{REGION}", P, 1, "-x"),
    ],
    "XS228": [
        case(P.replace("region", "regoin"), P, 4, "p", fixed=P, sure=False),
        case(
            P.replace("region", "regiom"), role("p", "legions = x", "a = y"), 4, "p", fixed=P, sure=False
        ),
        case(sso().replace("sso_region", "sso_regin"), sso(), 8, fixed=sso(), sure=False),
        case(
            P.replace("role_arn", "role-arn  "),
            P,
            2,
            "p",
            fixed=P.replace("role_arn", "role_arn  "),
            sure=False,
        ),
        case(
            f"[profile p]\nsso_acount_id = 1\n{REGION}",
            f"[profile p]\naws_account_id = 1\ns3 =\n  a = b\ngranted_color = red\nx_role = a\n{REGION}",
            2,
            "p",
            fixed=f"[profile p]\nsso_account_id = 1\n{REGION}",
            sure=False,
        ),
    ],
    "XS230": [
        case(
            f"[profile own]\n{REGION}output = json\n",
            f"[profile base]\n{REGION}[profile p]\ncredential_process = env\ninclude_profile = base\n",
            1,
            "own",
            severity=Severity.WARNING,
        ),
        case(
            f"[default]\n{REGION}",
            f"[default]\n{REGION}sso_session = corp\n",
            1,
            "default",
            severity=Severity.NOTE,
        ),
        case(f"[profile a]\nazure_tenant_id = x\n{REGION}", role("p"), 1, "a", severity=Severity.NOTE),
        case(
            Home(f"[profile a]\n{REGION}", prepare=without_credentials_file),
            Home(f"[profile keys]\n{REGION}{P}", prepare=without_credentials_file),
            1,
            "a",
            severity=Severity.NOTE,
        ),
        case(f"[profile a]\n{REGION}", NO_ROLE, 1, "a"),
    ],
    "XS231": [
        case(
            role("p", "mfa_serial ="),
            role("p", "mfa_serial = 123456789", "aws_session_token =", "s3 ="),
            5,
            "p",
            fixed=P,
            sure=False,
        ),
        case(sso().replace("= Reader", "="), sso(), 4, "sso"),
        case(sso().replace("sso_region = us-east-1", "sso_region ="), sso(), 8),
        case(in_credentials(KEYS.replace(SECRET, " \n")), in_credentials(KEYS), 3, "keys"),
    ],
    "XS232": [
        case(
            role("p", "endpoint_url = localhost:4566"),
            role("p", "endpoint_url = HTTPS://example.com"),
            5,
            "p",
            fixed=role("p", "endpoint_url = http://localhost:4566"),
            sure=False,
        ),
        case(role("p", "endpoint_url = s3.example.com/x"), P, 5, "p", fixed=role(
            "p", "endpoint_url = https://s3.example.com/x"
        ), sure=False),
        case(role("p", "endpoint_url = :80"), role("p", "endpoint_url ="), 5, "p"),
    ],
    "XS229": [
        case(role("keys", source="other"), role("keys", source="keys"), 2, "keys"),
        case(f"[profile keys]\nsso_account_id = 4\n{REGION}", f"[profile keys]\n{REGION}", 1, "keys"),
        case(f"[profile keys]\ncredential_process = /bin/echo\n{REGION}", P, 1, "keys"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("code", ["XS201", "XS202", "XS203", "XS204", "XS205", "XS206", "XS208"])
def test_botocore_refuses_what_doctor_calls_an_error(home, code):
    for each in CASES[code]:
        each.bad.write(home)
        with pytest.raises(botocore.exceptions.BotoCoreError):
            botocore_session(home / ".aws", each.profile).get_credentials().get_frozen_credentials()


def shared(config):
    """A config of a team, checked where nobody has keys."""
    return Home(config, prepare=without_credentials_file)


@pytest.mark.parametrize(
    "config",
    [
        f"[profile keys]\n{REGION}" + P + role("q", source="p") + role("s", source="q"),
        P + role("q", source="p") + role("s", source="q"),
    ],
    ids=["no keys", "no profile"],
)
def test_keys_that_are_elsewhere_are_no_error_where_there_is_no_credentials_file(home, config):
    shared(config).write(home)
    findings = Home().examine()
    assert {each.profile for each in findings} >= {"p", "q", "s"}
    assert {each.severity for each in findings} == {Severity.WARNING}
    assert all("there is no credentials file here" in each.message for each in findings)
    Home(config, "# mine\n").write(home)
    assert {each.severity for each in Home().examine()} >= {Severity.ERROR}


def test_what_the_credentials_file_cannot_mend_is_an_error_without_it(home):
    for source in ("Prod", "rpod"):
        shared(role("prod", source="prod") + role("p", source=source)).write(home)
        assert found(Home().examine(), "XS201")[0].severity == Severity.ERROR
    shared(role("p", source="q") + role("q", source="s") + without(role("s"), "source_profile")).write(home)
    assert {each.severity for each in found(Home().examine(), "XS204")} == {Severity.ERROR}


def test_botocore_refuses_an_endpoint_without_a_scheme(home):
    """And a role with an empty serial number waits for a code of no device."""
    for each in CASES["XS232"]:
        for bad in (each.bad, each.good):
            bad.write(home)
            client = partial(botocore_session(home / ".aws", "p").create_client, "s3")
            if bad is each.bad:
                with pytest.raises(ValueError, match="Invalid endpoint"):
                    client(aws_access_key_id="a", aws_secret_access_key="b")
            else:
                client(aws_access_key_id="a", aws_secret_access_key="b")
    CASES["XS231"][0].bad.write(home)
    prompts = []
    session = botocore_session(home / ".aws", "p")
    providers = session.get_component("credential_provider")
    providers.get_provider("assume-role")._prompter = prompts.append
    with suppress(botocore.exceptions.ParamValidationError):
        session.get_credentials().get_frozen_credentials()
    assert prompts == ["Enter MFA code for : "]


def test_whoever_stands_in_a_circle_has_it_and_whoever_leads_there_does_not(home):
    Home(role("a", source="b") + role("b", source="c") + role("c", source="b")).write(home)
    findings = Home().examine()
    assert [each.profile for each in found(findings, "XS202")] == ["b", "c"]
    assert [each.profile for each in found(findings, "XS204")] == ["a"]
    assert "circle" in found(findings, "XS204")[0].message


def test_a_chain_that_is_broken_far_up_is_broken_for_all_below(home):
    chain = "".join(role(f"p{number}", source=f"p{number + 1}") for number in range(50))
    Home(chain).write(home)
    findings = Home().examine()
    assert [each.profile for each in found(findings, "XS201")] == ["p49"]
    assert len(found(findings, "XS204")) == 49


def test_no_source_is_proposed_that_would_close_a_circle(home):
    for bad in (
        role("x1", source="x3") + role("x2", source="x1"),
        role("base", source="middel") + role("middle", source="base"),
    ):
        Home(bad).write(home)
        assert found(Home().examine(), "XS201")[0].fix is None


def test_which_of_two_kinds_is_used_is_told_as_botocore_does_it(home):
    both = KEYS.replace("aws_secret", "credential_process = /bin/false\naws_secret")
    Home(f"[profile keys]\n{REGION}", both).write(home)
    finding = found(Home().examine(), "XS229")[0]
    assert "aws uses its keys in the credentials file, and ignores `credential_process`" in finding.message
    assert finding.severity == Severity.WARNING
    assert botocore_session(home / ".aws", "keys").get_credentials().method == "shared-credentials-file"
