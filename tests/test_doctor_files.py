"""Doctor on the two files: what aws refuses or ignores in them, and what stands in the wrong place."""

from __future__ import annotations

import os
import re

import pytest
from awshome import botocores, read_profiles_in
from doctoring import KEYS, REGION, ROLE, Home, case, found, in_credentials, role

from xswitch.doctor import Severity
from xswitch.doctor.examined import Examined
from xswitch.locations import Locations
from xswitch.profiles.profile import Kind
from xswitch.timestamps import utc_now

ORDINARY = role("prod")
COMMENTED = ORDINARY.replace("eu-west-1", "eu-west-1 # Ireland")
QUOTED = ORDINARY.replace("eu-west-1", '"eu-west-1"')
INDENTED = ORDINARY.replace("region", "  region")
TO_ORG, TO_OKTA = role("prod", source="org"), role("prod", source="Okta")
NO_SOURCE = ORDINARY.replace("source_profile = keys", "mfa_serial = x")
CONFIG_KEYS = "[profile own]\nregion = eu-west-1\n# mine\n" + KEYS.partition("\n")[2]


def bare(name):
    return role(name).replace("[profile ", "[")


def dangling(home):
    (home / ".aws/config").unlink()
    (home / ".aws/config").symlink_to(home / "dotfiles/config")


def folder(home):
    (home / ".aws/config").unlink()
    (home / ".aws/config").mkdir()


def mode(name, bits):
    return lambda home: (home / ".aws" / name).chmod(bits)


def one_file(home):
    (home / ".aws/credentials").unlink()
    (home / ".aws/credentials").symlink_to("config")


CASES = {
    "XS101": [
        case(Home(prepare=dangling), Home(prepare=lambda home: (home / ".aws/config").unlink())),
        case(Home(prepare=folder), ORDINARY),
    ],
    "XS102": [
        case(
            ORDINARY + "junk\n# c\n",
            ORDINARY + "# junk\n",
            5,
            "prod",
            fixed=ORDINARY + "# junk\n# c\n",
            sure=False,
        ),
        case(ORDINARY + "= v\n", ORDINARY + "k = v\n", 5, "prod"),
        case("junk\n" + ORDINARY, "\n" + ORDINARY, 1),
        case(ORDINARY + "s3 =\n  a = 1\n  b\n", ORDINARY + "s3 =\n  a = 1\n\n  # b\n", 7, "prod"),
    ],
    "XS103": [
        case("\ufeff" + ORDINARY, "# é\n" + ORDINARY, 1),
        case(
            Home(prepare=lambda home: (home / ".aws/config").write_bytes(b"[default]\n# \xe9\nregion = a\n")),
            ORDINARY,
            2,
        ),
    ],
    "XS104": [case(ORDINARY + ORDINARY, ORDINARY + role("other"), 5, "prod")],
    "XS105": [
        case(
            ORDINARY + "Region = eu-west-1\n",
            ORDINARY + "output = json\n",
            5,
            "prod",
            fixed=ORDINARY.replace("region =", "# region =") + "Region = eu-west-1\n",
            sure=False,
        )
    ],
    "XS106": [case(Home(ORDINARY, prepare=one_file), ORDINARY)],
    "XS111": [
        case(
            f"[profile a]\noutput = json\n# why\nregion = x\n\n[profile 'a']\n{REGION}",
            f"[profile a]\n{REGION}[profile b]\n{REGION}",
            1,
            "a",
            fixed=f"[profile 'a']\n{REGION}output = json\n",
            sure=False,
        ),
        case(f"[profile default]\n{REGION}[default]\n{REGION}", f"[default]\n{REGION}", 1, "default"),
    ],
    "XS112": [
        case(
            f"[profile my team]\n{REGION}",
            f'[profile "my team"]\n{REGION}',
            1,
            fixed=f'[profile "my team"]\n{REGION}',
            sure=False,
        ),
        case(f'[profile "a]\n{REGION}', f"[profile a]\n{REGION}", 1),
        case(f"[profile x] # see [y]\n{REGION}", f"[profile x] # see y\n{REGION}", 1),
    ],
    "XS113": [
        case(f"[prod]\n{REGION}", f"[default]\n{REGION}", 1, fixed=f"[profile prod]\n{REGION}", sure=False),
        case(bare("prod"), ORDINARY, 1, fixed=ORDINARY),
        case(NO_SOURCE.replace("profile ", ""), ORDINARY, 1, fixed=NO_SOURCE, sure=False),
        case(f"[org]\n{REGION}{TO_ORG}", TO_ORG, 1, fixed=f"[profile org]\n{REGION}{TO_ORG}"),
        case(f"[Okta]\n{REGION}{TO_OKTA}", TO_ORG, 1, fixed=f"[profile Okta]\n{REGION}{TO_OKTA}", sure=False),
        *[case(bare(tool), ORDINARY, 1, fixed=role(tool), sure=False) for tool in ("okta", "saml", "adfs")],
        case(f"[prod]\n{REGION}", "[plugins]\ncli_legacy_plugin_path = /x\n[prod]\ncolour = red\n", 1),
        case(f"[Profile a]\n{REGION}", f"[profile a]\n{REGION}", 1, fixed=f"[profile a]\n{REGION}"),
        case(f"[ profile a ]\n{REGION}", f"[profile   a   ]\n{REGION}", 1, fixed=f"[profile a]\n{REGION}"),
        case(
            f"[Default]\n{REGION}",
            f"[sso-session a]\n{REGION}",
            1,
            fixed=f"[default]\n{REGION}",
            sure=False,
        ),
        case(
            f"[profile-a]\n{REGION}", f"[profiles a]\n{REGION}", 1, fixed=f"[profile a]\n{REGION}", sure=False
        ),
        case(
            f"[keys]\n{REGION}",
            f"[profile keys]\n{REGION}",
            1,
            "keys",
            severity=Severity.WARNING,
            fixed=f"[profile keys]\n{REGION}",
            sure=False,
        ),
        case(f"[profile a]\n{REGION}[a]\n{REGION}", f"[profile a]\n{REGION}", 3, "a"),
    ],
    "XS114": [
        case(
            in_credentials(KEYS.replace("[keys]", "[profile keys]")),
            in_credentials(KEYS),
            1,
            "profile keys",
            fixed=("", KEYS),
        ),
        case(
            in_credentials(KEYS.replace("[keys]", "[profile r]"), role("r")),
            in_credentials(KEYS, role("r")),
            1,
            "profile r",
            fixed=(role("r"), KEYS.replace("[keys]", "[r]")),
            sure=False,
        ),
        case(in_credentials(f"{KEYS}[sso-session s]\n{REGION}"), in_credentials(KEYS), 4, "sso-session s"),
    ],
    "XS115": [case(f"[DEFAULT]\noutput = json\n{ORDINARY}", f"[default]\n{REGION}{ORDINARY}", 2)],
    "XS121": [
        case(COMMENTED, "# c\n" + ORDINARY, 4, "prod", fixed=ORDINARY, sure=False),
        case(ORDINARY.replace("keys", "keys\t; c"), role("prod", "# a #b", "x = y # z"), 3, "prod"),
    ],
    "XS122": [
        case(QUOTED, role("p", "credential_process_note = 'x'"), 4, "prod", fixed=ORDINARY),
        case(ORDINARY.replace(ROLE, f"'{ROLE}'"), ORDINARY, 2, "prod", fixed=ORDINARY),
    ],
    "XS123": [
        case(INDENTED, ORDINARY.replace("eu-west-1", "eu-west-1\n# c\n\n"), 3, "prod", fixed=ORDINARY),
        case(
            ORDINARY + f"  [profile lost]\n  {REGION}",
            "[profile p]\nregion = a\ncredential_process = /bin/echo\n  --region x\n  region\n",
            4,
            "prod",
        ),
    ],
    "XS124": [
        case(
            ORDINARY.replace("role_arn =", "role_arn:"),
            role("prod", "# region: x"),
            2,
            "prod",
            fixed=ORDINARY,
        )
    ],
    "XS125": [
        case(ORDINARY.replace("region =", "REGION   ="), ORDINARY, 4, "prod", fixed=ORDINARY.replace(
            "region =", "region   ="
        ))
    ],
    "XS131": [
        case(
            in_credentials("# none\n", CONFIG_KEYS),
            in_credentials(KEYS, ORDINARY),
            5,
            "own",
            fixed=(f"[profile own]\n{REGION}# mine\n", "# none\n\n" + KEYS.replace("keys", "own", 1)),
            sure=False,
        )
    ],
    "XS132": [
        case(
            in_credentials(f"{KEYS}[r]\nrole_arn = {ROLE}\nsource_profile = keys\n{REGION}"),
            in_credentials(f"{KEYS}{REGION}x_security_token_expires = 2030-01-01T00:00:00Z\n"),
            5,
            "r",
        )
    ],
    "XS133": [
        case(
            in_credentials(f"{KEYS}region = eu-west-2\n", f"[profile keys]\n{REGION}"),
            in_credentials(f"{KEYS}{REGION}", f"[profile keys]\n{REGION}"),
            2,
            "keys",
        )
    ],
    "XS141": [
        case(Home(prepare=mode("credentials", 0o640)), Home(ORDINARY, prepare=mode("config", 0o644))),
        case(Home(CONFIG_KEYS, prepare=mode("config", 0o644)), Home(CONFIG_KEYS)),
    ],
    "XS142": [
        case(Home(ORDINARY, prepare=mode("config", 0o666)), Home(ORDINARY, prepare=mode("config", 0o664))),
        case(Home(prepare=mode("", 0o777)), Home(prepare=mode("", 0o755))),
    ],
}  # fmt: skip


@pytest.mark.parametrize("code", ["XS102", "XS103", "XS104", "XS105"])
def test_aws_refuses_the_whole_file_as_doctor_says(home, code):
    for each in CASES[code]:
        each.bad.write(home)
        assert botocores(home / ".aws/config", home / ".aws/credentials") is None
        each.good.write(home)
        assert botocores(home / ".aws/config", home / ".aws/credentials") is not None


@pytest.mark.parametrize("code", ["XS112", "XS113"])
def test_aws_ignores_the_section_as_doctor_says(home, code):
    for each in CASES[code]:
        each.bad.write(home)
        before = botocores(home / ".aws/config", home / ".aws/credentials")["profiles"]
        fix = found(each.bad.examine(), code)[0].fix
        if fix is None:
            continue
        fix.apply(each.bad.locations())
        after = botocores(home / ".aws/config", home / ".aws/credentials")["profiles"]
        assert set(after) - set(before) or after != before
        assert all(
            values.get("region") == "eu-west-1" for name, values in after.items() if name not in before
        )


def test_aws_takes_comments_and_quotes_for_a_part_of_the_value(home):
    for text, region in ((COMMENTED, "eu-west-1 # Ireland"), (QUOTED, '"eu-west-1"')):
        Home(text).write(home)
        read = botocores(home / ".aws/config", home / ".aws/credentials")
        assert read["profiles"]["prod"]["region"] == region


def test_an_unreadable_file_is_found(home):
    """Root may read anything, so another user is asked."""
    Home(ORDINARY).write(home)
    (home / ".aws/config").chmod(0)
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if os.getuid() == 0:
                for path in (home, home / ".aws", *home.parents):
                    if str(path).startswith(str(home.parents[1])):
                        path.chmod(0o755)
                os.setuid(65534)
            os.write(writer, " ".join(finding.code for finding in Home().examine()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(pid, 0)
    assert "XS101" in os.read(reader, 4096).decode().split()
    os.close(reader)


def test_a_secret_in_quotes_is_in_no_title_and_no_message(home):
    Home("", re.sub(r"= wJ.*", "= 'CANARYsecret'", KEYS)).write(home)
    findings = Home().examine()
    assert found(findings, "XS122")
    assert not any(
        "CANARY" in text
        for finding in findings
        for text in (
            finding.message,
            finding.fix.title if finding.fix else "",
            repr(finding),
            repr(finding.fix),
        )
    )


@pytest.mark.parametrize("value", ['"a" "b"', "' a '", '"a', "'a\"", '""'])
def test_quotes_of_which_nobody_knows_what_they_mean_are_left(home, value):
    Home(ORDINARY.replace("eu-west-1", value)).write(home)
    finding = found(Home().examine(), "XS122")[0]
    assert (finding.line, finding.profile, finding.fix) == (4, "prod", None)


@pytest.mark.parametrize("other", ["credential_process = /bin/echo", "login_session = arn:aws:iam::1:user/u"])
def test_keys_beside_other_credentials_are_not_moved(home, other):
    """In the credentials file they would win over those, or lose to them."""
    Home(f"{CONFIG_KEYS}{other}\n", "").write(home)
    profile = read_profiles_in(home / ".aws")["own"]
    finding = found(Home().examine(), "XS131")[0]
    assert profile.kind_as_source != Kind.STATIC
    assert (finding.line, finding.fix) == (5, None)


def test_a_folder_that_others_may_write_to_can_still_be_entered(home):
    Home(ORDINARY, prepare=mode("", 0o777)).write(home)
    fix = found(Home().examine(), "XS142")[0].fix
    assert fix.sure
    assert "chmod 0777 takes it back" in fix.apply(Home().locations())
    assert (home / ".aws").stat().st_mode & 0o7777 == 0o755
    assert found(Home().examine(), "XS142") == []


def test_a_header_that_is_mended_changes_the_profile_of_that_name(home):
    """So its guard is asked, where it has one."""
    Home(f"[keys]\n{REGION}").write(home)
    fix = found(Home().examine(), "XS113")[0].fix
    assert fix.profiles == {"keys"}
    fix.apply(Home().locations())
    assert read_profiles_in(home / ".aws")["keys"].region == "eu-west-1"
    Home(f"[profile a]\n{REGION}", KEYS.replace("[keys]", "[profile a]")).write(home)
    assert found(Home().examine(), "XS114")[0].fix.profiles == {"profile a", "a"}


def test_a_line_belongs_to_the_section_above_it(home):
    more = "[services s]\nREGION = x\n[profile b]\nREGION = x\n"
    text = f"[sso-session s]\nA: 1\nREGION = x\n{role('a')}REGION: x\n{more}"
    Home(text, KEYS + "REGION = x\n").write(home)
    whose = [(finding.line, finding.profile) for finding in found(Home().examine(), "XS125")]
    assert whose == [(3, ""), (8, "a"), (10, ""), (12, "b"), (4, "keys")]
    examined = Examined(Locations({}), {}, utc_now())
    whose = [examined.owner(str(home / ".aws/config"), line) for line in (1, 3, 4, 8, 9, 10, 11, 99)]
    assert whose == ["", "", "a", "a", "", "", "b", "b"]
