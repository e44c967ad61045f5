"""Kinds, chains and problems are those of botocore's own resolution."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import botocore.credentials
import botocore.exceptions
import pytest
from awshome import botocore_session, profiles_of, read_profiles_in, write_profiles
from counting import assert_in_proportion
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xswitch.profiles.arn import is_role_arn, partition_of, role_name, role_of_session
from xswitch.profiles.profile import Kind

# The providers that read profiles, with the kind of profile each one answers for.
KINDS = {
    "assume-role": Kind.ROLE,
    "assume-role-with-web-identity": Kind.WEB_IDENTITY,
    "sso": Kind.SSO,
    "shared-credentials-file": Kind.STATIC,
    "login": Kind.LOGIN,
    "custom-process": Kind.PROCESS,
    "config-file": Kind.STATIC,
}
# botocore's sentence -> our code.
CODES = [
    ("contains both source_profile and credential_source", "both-sources"),
    ("missing: source_profile or credential_source", "no-source"),
    (r"source_profile .* does not exist", "source-missing"),
    ("Infinite loop", "source-cycle"),
    ("must have credentials", "source-empty"),
    (r"credential source .* is not valid", "credential-source-invalid"),
    ("has no role ARN configured", "no-role"),
    ("is missing required configuration", "sso-incomplete"),
    ("sso-session does not exist", "sso-session-missing"),
    ("is inconsistent between", "sso-inconsistent"),
    ("missing: aws_secret_access_key", "partial-keys"),
]
REFUSALS = (
    botocore.exceptions.InvalidConfigError,
    botocore.exceptions.InfiniteLoopConfigError,
    botocore.exceptions.PartialCredentialsError,
)


def botocores(folder: Path, name: str) -> tuple[str, str | None]:
    """Return the kind of the provider that answers or raises, and our code for what it raises."""
    resolver = botocore.credentials.create_credential_resolver(botocore_session(folder, name))
    for provider in resolver.providers:
        if provider.METHOD not in KINDS:
            break  # from here on they look beyond the profile: other files, the network
        try:
            found = provider.load()
        except REFUSALS as error:
            return KINDS[provider.METHOD], code_of(str(error))
        except botocore.exceptions.BotoCoreError:
            return KINDS[provider.METHOD], None  # the profile is right, what it needs is not at hand
        if found is not None:
            return KINDS[provider.METHOD], None
    return Kind.NONE, None


def code_of(message: str) -> str:
    return next(code for pattern, code in CODES if re.search(pattern, message))


def ours(profiles, name: str) -> tuple[str, str | None]:
    """The same by xswitch: the kind, and the code of the problem for which botocore refuses the profile."""
    profile = profiles[name]
    if profile.kind == Kind.NONE:
        return Kind.NONE, None  # nothing answers: what we say about it is advice
    found = profiles.chain_break(name)
    if found is not None:
        return profile.kind, found.problem.code
    codes = [problem.code for problem in profiles.problems(name)]
    # Our own: botocore sends a malformed ARN to AWS, and ignores a malformed duration.
    decisive = [code for code in codes if code not in {"role-arn-invalid", "duration-invalid"}]
    return profile.kind, decisive[0] if decisive else None


NAMES = ("a", "b", "c", "d")
PROCESS = """echo '{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "S"}'"""
VALUES = {
    "role_arn": ["arn:aws:iam::111122223333:role/R"] * 3 + [""],
    "source_profile": [*NAMES, *NAMES, "nope", ""],
    "credential_source": ["Environment", "Environment", "environment", ""],
    "web_identity_token_file": ["/token", "/token", ""],
    "role_session_name": ["me"],
    "duration_seconds": ["900", "1h"],
    "sso_session": ["corp", "corp", "gone", ""],
    "sso_account_id": ["111122223333"],
    "sso_role_name": ["Admin"],
    "sso_start_url": ["https://x.awsapps.com/start", "https://y.awsapps.com/start"],
    "sso_region": ["us-east-1", "eu-west-1"],
    "aws_access_key_id": ["AKIA", ""],
    "aws_secret_access_key": ["secret", ""],
    "aws_session_token": ["token"],
    "login_session": ["arn:aws:iam::111122223333:user/x", ""],
    "credential_process": [PROCESS],
    "region": ["us-east-1"],
}
SETTING = {key: st.sampled_from(values) for key, values in VALUES.items()}
ROLE = st.fixed_dictionaries(
    {"role_arn": SETTING["role_arn"], "source_profile": st.sampled_from(NAMES)},
    optional={key: SETTING[key] for key in ("aws_access_key_id", "aws_secret_access_key")},
)
KEYS = st.fixed_dictionaries({"aws_access_key_id": st.just("A"), "aws_secret_access_key": st.just("S")})
SSO = st.fixed_dictionaries(
    {key: SETTING[key] for key in ("sso_account_id", "sso_role_name", "sso_session")},
    optional={key: SETTING[key] for key in ("sso_start_url", "sso_region")},
)
ANYTHING = st.lists(st.sampled_from(sorted(VALUES)), max_size=6, unique=True).flatmap(
    lambda keys: st.fixed_dictionaries({key: SETTING[key] for key in keys})
)
SECTION = st.one_of(ROLE, ROLE, SSO, KEYS, ANYTHING, ANYTHING, st.just({}))
CONFIGS = st.fixed_dictionaries(dict.fromkeys(NAMES, SECTION))
CREDENTIALS = st.fixed_dictionaries({}, optional={name: st.one_of(KEYS, ANYTHING) for name in NAMES})
SSO_SESSION = "[sso-session corp]\nsso_start_url = https://x.awsapps.com/start\n"


def text_of(sections, prefix=""):
    return "".join(
        f"[{prefix}{name}]\n" + "".join(f"{key} = {value}\n" for key, value in section.items())
        for name, section in sections.items()
    )


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(config=CONFIGS, credentials=CREDENTIALS, region=st.booleans())
def test_kind_and_decisive_problem_are_botocores_for_any_set_of_profiles(
    config, credentials, region, monkeypatch
):
    # For `credential_source = Environment`; a profile that is named takes no notice of them.
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "env")
    session = SSO_SESSION + ("sso_region = us-east-1\n" if region else "")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_profiles(folder, session + text_of(config, "profile "), text_of(credentials))
        profiles = read_profiles_in(folder)
        for profile in NAMES:
            assert ours(profiles, profile) == botocores(folder, profile), profile


KEYS_A = "[a]\naws_access_key_id = AKIA\naws_secret_access_key = s\n"
ARN = "arn:aws:iam::111122223333:role/R"
SSO_T = "[profile t]\nsso_session = s\nsso_account_id = 1\nsso_role_name = R\nsso_region = x\n"
ROLE_T = f"[profile t]\nrole_arn = {ARN}\n"


@pytest.mark.parametrize(
    ("config", "credentials", "kind"),
    [
        ("[profile t]\n", "", Kind.NONE),
        ("[profile t]\nregion = x\n", "", Kind.NONE),
        ("[profile t]\naws_access_key_id = A\naws_secret_access_key = S\n", "", Kind.STATIC),
        ("", "[t]\naws_access_key_id = A\naws_secret_access_key = S\n", Kind.STATIC),
        ("", "[t]\naws_secret_access_key = S\n", Kind.NONE),
        (ROLE_T + "source_profile = a\n", "", Kind.ROLE),
        (ROLE_T + "source_profile = a\naws_access_key_id = A\naws_secret_access_key = S\n", "", Kind.ROLE),
        (ROLE_T + "sso_account_id = 1\n", "", Kind.ROLE),
        ("", f"[t]\nrole_arn = {ARN}\nsource_profile = a\n", Kind.ROLE),
        ("[profile t]\nsource_profile = a\n", "", Kind.NONE),
        (ROLE_T + "web_identity_token_file = /t\n", "", Kind.WEB_IDENTITY),
        (ROLE_T + "web_identity_token_file = /t\nsource_profile = a\n", "", Kind.WEB_IDENTITY),
        (ROLE_T + "web_identity_token_file =\n", "", Kind.NONE),
        ("[profile t]\nsso_account_id = 1\n", "", Kind.SSO),
        ("[profile t]\nsso_role_name = R\n", "[t]\naws_access_key_id = A\n", Kind.SSO),
        ("[profile t]\nsso_session = s\n", "", Kind.NONE),
        ("[profile t]\nlogin_session = x\n", "", Kind.LOGIN),
        ("[profile t]\nlogin_session = x\ncredential_process = y\n", "", Kind.LOGIN),
        ("[profile t]\nlogin_session = x\n", "[t]\naws_access_key_id = A\n", Kind.STATIC),
        ("[profile t]\ncredential_process = y\naws_access_key_id = A\n", "", Kind.PROCESS),
    ],
)
def test_the_kind_is_that_of_the_provider_that_comes_first(aws_folder, config, credentials, kind):
    assert profiles_of(aws_folder, config, credentials)["t"].kind == kind


PROBLEMS = [
    # (config, codes of profile t in order, line of the first)
    (ROLE_T + "source_profile = a\ncredential_source = Environment\n", ["both-sources"], 4),
    (ROLE_T, ["no-source"], 2),
    (ROLE_T + "credential_source = environment\n", ["credential-source-invalid"], 3),
    (ROLE_T + "credential_source =\n", ["credential-source-invalid"], 3),
    (ROLE_T + "credential_source = Ec2InstanceMetadata\n", [], 0),
    (ROLE_T + "source_profile = A\n", ["source-missing"], 3),
    (ROLE_T + "source_profile = t\n", ["source-cycle"], 3),
    (ROLE_T + "source_profile = e\n[profile e]\nregion = x\n", ["source-empty"], 3),
    (ROLE_T + "source_profile = e\n[profile e]\naws_secret_access_key = x\n", ["source-empty"], 3),
    (ROLE_T + "source_profile = e\n[profile e]\naws_access_key_id = x\n", ["source-broken"], 3),
    (ROLE_T + "source_profile = e\n[profile e]\nweb_identity_token_file = x\n", ["source-broken"], 3),
    (ROLE_T + f"source_profile = e\n[profile e]\nrole_arn = {ARN}\n", ["source-broken"], 3),
    (ROLE_T + f"source_profile = e\n[profile e]\nrole_arn={ARN}\nsource_profile = z\n", ["source-broken"], 3),
    (ROLE_T + "source_profile = e\n[profile e]\nsso_role_name = R\n", ["source-broken"], 3),
    (ROLE_T + "source_profile = a\nduration_seconds = 1h\n", ["duration-invalid"], 4),
    (ROLE_T + "source_profile = a\nduration_seconds = 03_600\n", [], 0),
    ("[profile t]\nrole_arn = R\nsource_profile = a\n", ["role-arn-invalid"], 2),
    ("[profile t]\nrole_arn =\nsource_profile = z\n", ["source-missing", "role-arn-invalid"], 3),
    (f"[profile t]\nrole_arn = {ARN} # prod\nsource_profile = a\n", ["role-arn-invalid"], 2),
    ("[profile t]\nrole_arn =\n  a = b\nsource_profile = a\n", ["role-arn-invalid"], 2),
    ("[profile t]\nweb_identity_token_file = /t\n", ["no-role"], 2),
    ("[profile t]\nrole_arn =\nweb_identity_token_file = /t\n", ["no-role"], 3),
    ("[profile t]\nrole_arn = x\nweb_identity_token_file = /t\n", ["role-arn-invalid"], 2),
    ("[profile t]\nsource_profile = a\n", ["no-role"], 2),
    ("[profile t]\naws_access_key_id = A\n", ["partial-keys"], 2),
    ("[profile t]\nregion = x\naws_secret_access_key = S\n", ["partial-keys"], 3),
    ("[profile t]\nsso_session = gone\n", ["sso-session-missing"], 2),
    ("[profile t]\nsso_session = gone\nsso_role_name = R\n", ["sso-session-missing"], 2),
    ("[profile t]\nsso_role_name = R\nsso_account_id = 1\n", ["sso-incomplete"], 3),
    (
        SSO_T + "[sso-session s]\nsso_region = y\nsso_start_url = u\n",
        ["sso-inconsistent"],
        5,
    ),
    (
        SSO_T + "[sso-session s]\nsso_region = x\nsso_start_url = u\n",
        [],
        0,
    ),
    ("[profile t]\ncredential_process = x\n", [], 0),
    ("[profile t]\nlogin_session = x\n", [], 0),
    ("[profile t]\nregion = x\n", [], 0),
]


@pytest.mark.parametrize(("config", "codes", "line"), PROBLEMS)
def test_each_problem_has_its_code_its_place_and_a_sentence(aws_folder, config, codes, line):
    profiles = profiles_of(aws_folder, config, KEYS_A)
    problems = profiles.problems("t")
    assert [problem.code for problem in problems] == codes
    for problem in problems:
        assert problem.file == str(aws_folder / "config")
        assert ":" in problem.message, "says what to change"
        assert not problem.fatal, "the file itself is fine"
    if problems:
        assert problems[0].line == line


def test_a_problem_points_into_the_file_that_the_setting_stands_in(aws_folder):
    profiles = profiles_of(aws_folder, ROLE_T, "[x]\n[t]\nsource_profile = nope\n")
    (problem,) = profiles.problems("t")
    assert (problem.code, problem.file, problem.line) == (
        "source-missing",
        str(aws_folder / "credentials"),
        3,
    )


def test_keys_in_two_files_are_never_mixed(aws_folder):
    profiles = profiles_of(
        aws_folder,
        "[profile t]\naws_access_key_id = C\naws_secret_access_key = S\n",
        "[t]\naws_access_key_id = A\n",
    )
    (problem,) = profiles.problems("t")
    assert problem.code == "partial-keys"
    assert "different files" in problem.message
    assert botocores(aws_folder, "t") == (Kind.STATIC, "partial-keys")


def role(name: str, source: str, more: str = "") -> str:
    return f"[profile {name}]\nrole_arn = {ARN}\nsource_profile = {source}\n{more}"


OWN_KEYS = "aws_access_key_id = A\naws_secret_access_key = S\n"


@pytest.mark.parametrize(
    ("config", "chain", "hops", "code"),
    [
        (role("t", "a"), ["t", "a"], ["t"], None),
        (role("t", "b") + role("b", "a"), ["t", "b", "a"], ["t", "b"], None),
        (role("t", "t", OWN_KEYS), ["t"], ["t"], None),
        (role("t", "t"), ["t"], ["t"], "source-cycle"),
        (role("t", "b") + role("b", "t"), ["t", "b"], ["t", "b"], "source-cycle"),
        # As a source, a profile with keys gives its keys and its role is not assumed …
        (role("t", "b") + role("b", "t", OWN_KEYS), ["t", "b"], ["t"], None),
        (role("t", "b") + role("b", "nope", OWN_KEYS), ["t", "b"], ["t"], None),
        # … but where it is the one in use, its role counts and so does the circle.
        (role("t", "b", OWN_KEYS) + role("b", "t"), ["t", "b"], ["t", "b"], "source-cycle"),
        (role("t", "c") + role("c", "d") + role("d", "c"), ["t", "c", "d"], ["t", "c", "d"], "source-cycle"),
        (role("t", "b") + role("b", "nope"), ["t", "b"], ["t", "b"], "source-missing"),
        (role("t", "b", "credential_source = Environment\n"), ["t"], ["t"], "both-sources"),
        ("[profile t]\nsource_profile = a\n", ["t"], [], None),
        (role("t", "w") + role("w", "a", "web_identity_token_file = /t\n"), ["t", "w"], ["t"], None),
    ],
)
def test_the_chain_its_hops_and_where_it_breaks(aws_folder, config, chain, hops, code):
    profiles = profiles_of(aws_folder, config, KEYS_A)
    assert profiles.chain("t") == chain
    assert [hop.name for hop in profiles.hops("t")] == hops
    found = profiles.chain_break("t")
    assert (found.problem.code if found else None) == code
    if profiles["t"].kind != Kind.NONE:
        assert ours(profiles, "t") == botocores(aws_folder, "t")


def test_what_is_found_does_not_depend_on_which_profile_is_asked_first(aws_folder):
    config = role("t", "b", OWN_KEYS) + role("b", "t") + role("x", "b") + role("y", "z") + role("z", "y")
    names = ["t", "b", "x", "y", "z"]
    expected = {"t": "source-cycle", "b": None, "x": None, "y": "source-cycle", "z": "source-cycle"}
    for order in (names, names[::-1]):
        profiles = profiles_of(aws_folder, config)
        found = {name: profiles.chain_break(name) for name in order}
        assert {name: item.problem.code if item else None for name, item in found.items()} == expected


@pytest.mark.parametrize("length", [1, 2, 3, 1000])
def test_a_circle_of_any_length_is_told_from_every_profile_of_it(aws_folder, length):
    config = "".join(role(f"p{i}", f"p{(i + 1) % length}") for i in range(length))
    profiles = profiles_of(aws_folder, config + role("outside", "p0"))
    for name in ("outside", "p0", f"p{length - 1}"):
        found = profiles.chain_break(name)
        assert found is not None
        assert found.problem.code == "source-cycle"
        assert len(found.cycle) == length + 1
        assert found.cycle[0] == found.cycle[-1]
        assert len(found.problem.message) < 200, "a long circle is not written out"
    assert len(profiles.chain("outside")) == length + 1


def long_chain(folder, length, last):
    config = "".join(role(f"p{i}", f"p{i + 1}" if i + 1 < length else last) for i in range(length))
    return profiles_of(folder, config, KEYS_A)


def broken_in(profiles):
    return [profile.name for profile in profiles if profiles.problems(profile.name)]


@pytest.mark.parametrize("last", ["a", "nope", "p0"])
def test_a_chain_longer_than_the_stack_is_followed_to_its_end(aws_folder, last):
    length = 5 * sys.getrecursionlimit()
    profiles = long_chain(aws_folder, length, last)
    assert len(broken_in(profiles)) == (0 if last == "a" else length)
    assert len(profiles.chain("p0")) == length + (last == "a")
    assert len(profiles.hops("p0")) == length


@pytest.mark.parametrize("last", ["a", "nope", "p0"])
def test_the_problems_of_a_chain_take_no_more_than_its_length(aws_folder, last):
    def prepare(length):
        profiles = long_chain(aws_folder, length, last)
        return lambda: broken_in(profiles)

    assert_in_proportion(prepare)


@pytest.mark.parametrize(
    ("settings_text", "account"),
    [
        (f"role_arn = {ARN}\nsource_profile = a\naws_account_id = 999999999999\n", "111122223333"),
        ("role_arn = arn:aws-cn:iam::123456789012:role/x/R\nweb_identity_token_file = /t\n", "123456789012"),
        ("role_arn = R\nsource_profile = a\n", None),
        ("role_arn = arn:aws:iam::12345678901:role/R\nsource_profile = a\n", None),
        ("role_arn = arn:aws:iam::١٢٣٤٥٦٧٨٩٠١٢:role/R\nsource_profile = a\n", None),
        ("sso_account_id = 111122223333\nsso_role_name = R\n", "111122223333"),
        ("sso_role_name = R\n", None),
        ("login_session = arn:aws:iam::111122223333:user/x\n", "111122223333"),
        ("login_session = x\naws_account_id = 111122223333\n", "111122223333"),
        ("aws_account_id = 111122223333\naws_access_key_id = A\n", "111122223333"),
        ("region = x\n", None),
    ],
)
def test_the_account_is_the_one_the_files_tell(aws_folder, settings_text, account):
    assert profiles_of(aws_folder, "[profile t]\n" + settings_text)["t"].account_id == account


def test_no_setting_is_inherited_from_the_source_or_the_default_profile(aws_folder):
    config = "[default]\nregion = d\n[profile a]\nregion = s\nmfa_serial = m\n" + role("t", "a")
    assert sorted(profiles_of(aws_folder, config)["t"].settings) == ["role_arn", "source_profile"]


@pytest.mark.parametrize(
    ("arn", "valid"),
    [
        ("arn:aws:iam::111122223333:role/R", True),
        ("arn:aws-us-gov:iam::111122223333:role/team/sub/R", True),
        ("arn:aws-iso-b:iam::111122223333:role/R+=,.@-_", True),
        ("arn:aws:iam::111122223333:role/", False),
        ("arn:aws:iam::111122223333:role", False),
        ("arn:aws:iam::111122223333:user/R", False),
        ("arn:aws:sts::111122223333:assumed-role/R/s", False),
        ("arn:aws:iam:us-east-1:111122223333:role/R", False),
        ("arn:aws:iam::11112222333:role/R", False),
        ("arn:aws:iam::111122223333:role/R # comment", False),
        ("arn:aws:iam::111122223333:role/R\nsource_profile = a", False),
        ('"arn:aws:iam::111122223333:role/R"', False),
        ("", False),
    ],
)
def test_a_role_arn_is_told_from_what_is_none(arn, valid):
    assert is_role_arn(arn) is valid


def test_the_parts_of_an_arn():
    assert partition_of("arn:aws-cn:iam::111122223333:role/R") == "aws-cn"
    assert partition_of("R") == "aws"
    assert role_name("arn:aws:iam::111122223333:role/team/R") == "R"
    assert role_name("R") == "R"
    assert (
        role_of_session("arn:aws:sts::111122223333:assumed-role/R/me") == "arn:aws:iam::111122223333:role/R"
    )
    assert role_of_session("arn:aws:iam::111122223333:user/me") is None
