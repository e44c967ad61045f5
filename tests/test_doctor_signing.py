"""Doctor on keys, SSO, and the programs and files that credentials come from."""

from __future__ import annotations

import contextlib
import json
import os

import botocore.exceptions
import pytest
from awshome import botocore_session
from doctoring import KEYS, REGION, ROLE, Home, case, found, in_credentials, role, sso

SECRET = KEYS.splitlines(keepends=True)[2]
SESSION = KEYS.replace("AKIA", "ASIA") + "aws_session_token = token\n"
LEGACY = f"""\
[profile old]
sso_start_url = https://corp.example.com/start
sso_region = us-east-1
sso_account_id = 444444444444
sso_role_name = Reader
{REGION}"""
HOME_FILE = "web_identity_token_file = {}\n"


def process(command, name="p"):
    return f"[profile {name}]\ncredential_process = {command}\n{REGION}"


def web(path, arn=f"role_arn = {ROLE}\n"):
    return f"[profile w]\n{arn}web_identity_token_file = {path}\n{REGION}"


CASES = {
    "XS301": [
        case(in_credentials(KEYS.replace(SECRET, "")), in_credentials(KEYS), 2, "keys"),
        case(
            in_credentials(KEYS.replace(SECRET, ""), f"[profile keys]\n{SECRET}"),
            in_credentials(KEYS),
            2,
            "keys",
        ),
        case(in_credentials(f"[keys]\n{SECRET}"), in_credentials("[keys]\n"), 2, "keys"),
    ],
    "XS302": [
        case(
            in_credentials(KEYS.replace("AKIAEXAMPLEEXAMPLE01", "x/" * 20)), in_credentials(KEYS), 2, "keys"
        ),
        case(
            in_credentials(KEYS.replace("AKIAEXAMPLEEXAMPLE01", "us-east-1")),
            in_credentials(KEYS.replace("AKIAEXAMPLEEXAMPLE01", "minio-admin")),
            2,
            "keys",
        ),
        case(in_credentials(KEYS.replace("AKIAEXAMPLEEXAMPLE01", "2" * 12)), in_credentials(KEYS), 2, "keys"),
        case(
            in_credentials(KEYS.replace("EXAMPLE01", "")),
            in_credentials(KEYS.replace("AKIAEXAMPLEEXAMPLE01", "test")),
            2,
            "keys",
        ),
    ],
    "XS305": [
        case(in_credentials(KEYS.replace("wJalr", "")), in_credentials(KEYS), 3, "keys"),
        case(
            in_credentials(KEYS.replace(SECRET, "aws_secret_access_key = AKIAEXAMPLEEXAMPLE01\n")),
            in_credentials("[keys]\naws_access_key_id = test\naws_secret_access_key = test\n"),
            3,
            "keys",
        ),
    ],
    "XS303": [case(in_credentials(KEYS.replace("AKIA", "ASIA")), in_credentials(SESSION), 2, "keys")],
    "XS304": [
        case(
            in_credentials(SESSION),
            in_credentials(SESSION + "x_security_token_expires = 2999-01-01T00:00:00Z\n"),
            4,
            "keys",
        ),
        case(
            in_credentials(SESSION + "x_security_token_expires = 2020-01-01T00:00:00Z\n"),
            in_credentials(KEYS),
            4,
            "keys",
        ),
    ],
    "XS311": [
        case(
            sso(session="crop"),
            sso(),
            2,
            "sso",
            fixed=sso(),
            sure=False,
        ),
        case(f"[profile t]\nsso_session = none\n{REGION}", sso(), 2, "t"),
    ],
    "XS312": [
        case(
            sso("sso_region = eu-central-1"),
            sso("sso_region = us-east-1"),
            5,
            "sso",
            fixed=sso(),
            sure=False,
        )
    ],
    "XS313": [case(sso().replace("sso_role_name = Reader\n", ""), sso(), 3, "sso")],
    "XS314": [
        case(sso().replace("444444444444", "4444-4444-4444"), sso(), 3, "sso", fixed=sso()),
        case(sso().replace("444444444444", "44444444444"), sso(), 3, "sso"),
    ],
    "XS315": [case(LEGACY, sso("sso_start_url = https://corp.example.com/start"), 2, "old")],
    "XS316": [case(sso() + "[sso-session spare]\nsso_region = x\n", sso(), 10)],
    "XS317": [
        case(
            sso().replace("sso_registration_scopes = sso:account:access\n", ""),
            sso(),
            6,
            fixed=sso(),
            sure=False,
        )
    ],
    "XS318": [
        case(
            sso("sso_start_url = corp.example.com/start"),
            sso("sso_start_url = https://corp.example.com/start"),
            5,
            "sso",
            fixed=sso("sso_start_url = https://corp.example.com/start"),
            sure=False,
        ),
        case(sso().replace("https://", ""), sso(), 7, fixed=sso(), sure=False),
        case(sso().replace("https:/", ""), sso(), 7),
    ],
    "XS321": [
        case(process("~/bin/creds --json"), process("/bin/echo a~/b 'say $HOME'"), 2, "p"),
        case(process("/bin/cat $HOME/creds"), process("/bin/cat"), 2, "p"),
        case(process('/bin/cat "$ACCOUNT"'), process("/bin/cat a$b costs-$"), 2, "p"),
        case(process("/bin/echo 'half"), process("/bin/echo 'whole'"), 2, "p"),
    ],
    "XS322": [
        case(process("/nowhere/creds"), process("/bin/echo"), 2, "p"),
        case(process("no-such-program-xyz --a"), process("env"), 2, "p"),
        case(process(""), process("env"), 2, "p"),
        case(process("/bin/e\0cho"), process("env"), 2, "p"),
    ],
    "XS323": [
        case(process("xswitch credential-process p"), process("xswitch credential-process keys"), 2, "p"),
        case(
            process("xswitch credential-process r") + role("r", source="p"),
            process("xswitch --debug credential-process r") + role("r"),
            2,
            "p",
        ),
        case(process("xswitch credential-process gone"), process("echo credential-process gone"), 2, "p"),
    ],
    "XS331": [
        case(web("~/token"), web("/dev/null"), 3, "w"),
        case(web("/nowhere/token"), web("/dev/null"), 3, "w", severity="warning"),
        case(web("token"), web("/dev/null"), 3, "w", severity="warning"),
    ],
    "XS332": [case(web("/dev/null", arn=""), web("/dev/null"), 2, "w")],
    "XS333": [
        case(
            role("p", "services = locl") + "[services local]\ns3 =\n  endpoint_url = http://127.0.0.1\n",
            role("p", "services = local") + "[services local]\ns3 =\n  endpoint_url = http://127.0.0.1\n",
            5,
            "p",
            fixed=role("p", "services = local") + "[services local]\ns3 =\n  endpoint_url = http://127.0.0.1\n",
            sure=False,
        )
    ],
}  # fmt: skip


@pytest.mark.parametrize("code", ["XS301", "XS311", "XS312", "XS313", "XS332"])
def test_botocore_refuses_or_has_nothing_as_doctor_says(home, code):
    for each in CASES[code]:
        each.bad.write(home)
        session = botocore_session(home / ".aws", each.profile)
        session.get_component("credential_provider").remove("iam-role")
        with contextlib.suppress(botocore.exceptions.BotoCoreError):
            assert session.get_credentials() is None


def test_botocore_refuses_a_services_section_that_is_not_there(home):
    CASES["XS333"][0].bad.write(home)
    with pytest.raises(botocore.exceptions.InvalidConfigError):
        botocore_session(home / ".aws", "p").create_client(
            "s3", aws_access_key_id="a", aws_secret_access_key="b"
        )


def test_the_home_folder_is_written_out_where_aws_does_not(home):
    """And botocore runs the program then, and opens the file."""
    (home / "bin").mkdir()
    program = home / "bin/creds"
    credentials = {"Version": 1, "AccessKeyId": "AKIAFROMPROCESS", "SecretAccessKey": "s"}
    program.write_text(f"#!/bin/sh\necho '{json.dumps(credentials)}'\n")
    program.chmod(0o755)
    bad = Home(process("~/bin/creds --for $HOME/x") + web("~/token"))
    bad.write(home)
    findings = bad.examine()
    for code in ("XS321", "XS331"):
        fix = found(findings, code)[0].fix
        assert not fix.sure, "the file may be that of others, too"
        fix.apply(bad.locations())
    assert (home / ".aws/config").read_text() == process(f"{home}/bin/creds --for {home}/x") + web(
        f"{home}/token"
    )
    assert botocore_session(home / ".aws", "p").get_credentials().access_key == "AKIAFROMPROCESS"
    assert not found(bad.examine(), "XS321")


def test_no_home_folder_is_written_where_other_variables_would_be_left(home):
    Home(process('~/creds "$ACCOUNT"')).write(home)
    assert found(Home().examine(), "XS321")[0].fix is None


def test_a_program_is_looked_for_in_the_path_of_the_environment_given(home, tmp_path):
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    (tmp_path / "tool").chmod(0o755)
    Home(process("tool")).write(home)
    assert found(Home().examine(), "XS322")
    assert not found(Home(environ={"PATH": str(tmp_path)}).examine(), "XS322")
    os.chmod(tmp_path / "tool", 0o644)
    assert found(Home(environ={"PATH": str(tmp_path)}).examine(), "XS322")


def test_what_an_sso_session_lacks_is_told_with_its_place(home):
    Home(sso().replace("sso_region", "sso_regin")).write(home)
    assert found(Home().examine(), "XS313")[0].message == (
        "uses SSO but has no sso_region: add what is missing (a start URL and a region belong in "
        "[sso-session corp], line 6)"
    )
    Home(sso().replace("sso_role_name = Reader\n", "")).write(home)
    assert "[sso-session" not in found(Home().examine(), "XS313")[0].message


def test_nothing_of_a_secret_of_another_length_is_told(home):
    for secret in ("CANARY", "CANARY" * 9):
        Home("", KEYS.replace(SECRET, f"aws_secret_access_key = {secret}\n")).write(home)
        finding = found(Home().examine(), "XS305")[0]
        assert "CANARY" not in finding.message
        assert str(len(secret)) not in finding.message


@pytest.mark.parametrize(
    ("section", "key", "code"), [("services", "services", "XS333"), ("sso-session", "sso_session", "XS311")]
)
def test_like_names_are_looked_for_a_few_times_only(home, section, key, code):
    """Each comparison with all names there are takes a while; the findings themselves are all there."""
    more = "" if key == "services" else "sso_account_id = 444444444444\nsso_role_name = R\n"
    Home(
        "".join(
            f"[{section} name{n}]\n[profile p{n}]\n{key} = nmae{n}\n{more}{REGION}" for n in range(10, 40)
        )
    ).write(home)
    fixes = [finding.fix for finding in found(Home().examine(), code)]
    assert len(fixes) == 30
    assert [fix.title for fix in fixes[:20]] == [f"set {key} of p{n} to name{n}" for n in range(10, 30)]
    assert fixes[20:] == [None] * 10


@pytest.mark.parametrize("value", ["", "-", "12345"])
def test_an_account_of_which_nothing_is_known_is_left_to_be_written(home, value):
    Home(sso().replace("= 444444444444", f"= {value}")).write(home)
    finding = found(Home().examine(), "XS314")[0]
    assert (finding.line, finding.profile, finding.fix) == (3, "sso", None)


def test_a_program_beside_whoever_calls_is_not_looked_for(home):
    """Where that is depends on the folder in which aws runs."""
    Home(process("./tool --flag")).write(home)
    assert found(Home().examine(), "XS322") == []
    Home(process("/no/such/tool --flag")).write(home)
    assert found(Home().examine(), "XS322")
