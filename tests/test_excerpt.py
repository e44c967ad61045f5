"""An excerpt of large files is, for the profile it was made for, exactly what reading them whole gives."""

from __future__ import annotations

import pytest
from awshome import write_profiles
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import run_xswitch

from xswitch.awsfiles.excerpt import read_excerpt, read_names
from xswitch.awsfiles.files import read_files
from xswitch.profiles.collection import Profiles

NAMES = ["default", "a", "ab", "b", "x y", "a.b", "profile", "corp"]
HEADERS = st.one_of(
    st.sampled_from(NAMES).map("[profile {}]".format),
    st.sampled_from(NAMES).map("[{}]".format),
    st.sampled_from(
        ["[sso-session corp]", "[services a]", "[DEFAULT]", "[profile  a]", "[profile a ]", "[profile\ta]"]
    ),
    st.sampled_from(
        [
            "[x = y",
            "[]",
            "[garbage",
            '[profile "a"]',
            "[profile a] # old",
            "  [profile a]",
            "[profilex a]",
            "[profile a]b]",
            "[[a]",
        ]
    ),
)
LINES = st.one_of(
    st.sampled_from(NAMES).map("source_profile = {}".format),
    st.sampled_from(NAMES).map("Source_Profile: {}".format),
    st.sampled_from(
        [
            "role_arn = arn:aws:iam::111111111111:role/R",
            "region = eu-west-1",
            "sso_session = corp",
            "sso_account_id = 1",
            "aws_access_key_id = AKIA1",
            "aws_secret_access_key = s",
            "source_profile = a\n  b",
            "",
            "# see [profile a]",
            "; b ",
            "no delimiter",
            "s3 =\n  x = 1",
        ]
    ),
)
SECTIONS = st.tuples(HEADERS, st.lists(LINES, max_size=4)).map(lambda parts: "\n".join([parts[0], *parts[1]]))
PLAIN = st.tuples(st.sampled_from(NAMES), st.lists(LINES, max_size=4)).map(
    lambda parts: "\n".join([f"[profile {parts[0]}]", *parts[1]])
)
# Half of the files have nothing but plain headers, each once: of those there is an excerpt more often.
FILES = st.one_of(
    st.lists(PLAIN, max_size=6, unique_by=lambda section: section.partition("\n")[0]),
    st.lists(SECTIONS | PLAIN, max_size=7),
).map("\n".join)


def described(profiles, name):
    """Return everything that launching asks about a profile."""
    chain = profiles.chain(name)
    return {
        "chain": chain,
        "kind": profiles[name].kind,
        "hops": [hop.name for hop in profiles.hops(name)],
        "settings": {member: described_settings(profiles[member].settings) for member in chain},
        "keys": {member: described_settings(profiles[member].keys) for member in chain},
        "problems": [(p.code, p.message, p.file, p.line) for p in profiles.problems(name)],
        "break": (found := profiles.chain_break(name)) and (found.at, found.problem.line, found.cycle),
    }


def described_settings(settings_):
    return {
        key: (
            setting.line,
            setting.file,
            setting.value if isinstance(setting.value, str) else sorted(setting.value),
        )
        for key, setting in settings_.items()
    }


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    config=FILES, credentials=FILES, ending=st.sampled_from(["", "\n", "\n\n"]), name=st.sampled_from(NAMES)
)
@pytest.mark.slow
def test_an_excerpt_tells_the_same_as_the_whole(aws_folder, config, credentials, ending, name):
    write_profiles(aws_folder, config + ending, credentials + ending)
    paths = str(aws_folder / "config"), str(aws_folder / "credentials")
    files = read_excerpt(*paths, name)
    if files is not None:
        assert described(Profiles(files), name) == described(Profiles(read_files(*paths)), name)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    config=FILES, credentials=FILES, beginning=st.sampled_from(["", "a", "d", "default", "x", "p", "[", "ü"])
)
def test_names_that_are_found_by_their_beginning_are_those_of_the_whole(
    aws_folder, config, credentials, beginning
):
    write_profiles(aws_folder, config, credentials)
    paths = str(aws_folder / "config"), str(aws_folder / "credentials")
    names = read_names(*paths, beginning)
    if names is not None:
        assert names == [name for name in read_files(*paths).names if name.startswith(beginning)]


@pytest.mark.parametrize("beginning", ["", "team-1", "k", "d", "none"])
def test_names_of_files_written_in_the_plain_way_are_found_by_their_beginning(aws_folder, beginning):
    config, credentials = plain_files(100)
    write_profiles(aws_folder, f"[default]\nregion = x\n{config}[sso-session corp]\n", credentials)
    paths = str(aws_folder / "config"), str(aws_folder / "credentials")
    names = read_names(*paths, beginning)
    assert names is not None
    assert names == [name for name in read_files(*paths).names if name.startswith(beginning)]


def plain_files(count, chain=0):
    """Return the text of a config file of `count` profiles, and of a credentials file."""
    sections = [
        f"[profile team-{number}]\nrole_arn = arn:aws:iam::111111111111:role/R{number}\n"
        f"source_profile = {'keys' if number >= chain else f'team-{number + 1}'}\nregion = eu-west-1\n"
        for number in range(count)
    ]
    return "\n".join(sections), "[keys]\naws_access_key_id = AKIA1\naws_secret_access_key = secret\n"


@pytest.mark.parametrize("name", ["team-0", "team-1", "team-10", "team-99", "keys"])
def test_files_written_in_the_plain_way_have_an_excerpt(aws_folder, name):
    write_profiles(aws_folder, *plain_files(100, chain=5))
    paths = str(aws_folder / "config"), str(aws_folder / "credentials")
    files = read_excerpt(*paths, name)
    assert files is not None
    assert len(files.profiles) <= 7
    assert described(Profiles(files), name) == described(Profiles(read_files(*paths)), name)


@pytest.mark.parametrize(
    "more",
    [
        "[profile team-1]\n",
        "[profile 'team-1']\n",
        "[DEFAULT]\nregion = x\n",
        "  [profile team-1]\n",
        "é",
        "\r\n",
    ],
)
def test_what_another_spelling_could_mean_is_read_whole(aws_folder, more):
    config, credentials = plain_files(100)
    write_profiles(aws_folder, config + more, credentials)
    assert read_excerpt(str(aws_folder / "config"), str(aws_folder / "credentials"), "team-1") is None


def test_a_long_chain_is_read_whole(aws_folder):
    write_profiles(aws_folder, *plain_files(100, chain=50))
    assert read_excerpt(str(aws_folder / "config"), str(aws_folder / "credentials"), "team-0") is None


@pytest.mark.parametrize("kind", ["missing", "folder", "dangling link"])
def test_a_credentials_file_that_is_none(aws_folder, kind):
    config, _ = plain_files(100)
    write_profiles(aws_folder, config)
    path = aws_folder / "credentials"
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "dangling link":
        path.symlink_to("nowhere")
    files = read_excerpt(str(aws_folder / "config"), str(path), "team-1")
    assert (files is not None) == (kind == "missing")


def test_run_among_thousands_is_the_same_as_among_few(aws_folder):
    config, credentials = plain_files(2000)
    write_profiles(aws_folder, config, credentials)
    done = run_xswitch("run", "keys", "--env", "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID")
    assert (done.returncode, done.stdout) == (0, "AKIA1\n")
    # The nearest names are of all profiles, and a line is a line of the whole file.
    assert "did you mean team-19" in run_xswitch("run", "team-19999", "--", "true").stderr
    write_profiles(aws_folder, config + "[profile lost]\nrole_arn = x\nsource_profile = gone\n", credentials)
    assert f"~/.aws/config:{config.count(chr(10)) + 3}" in run_xswitch("run", "lost", "--", "true").stderr
    # Before anything is asked of AWS, all of both files is looked at.
    write_profiles(aws_folder, config + "[profile last]\nno delimiter\n", credentials)
    refused = run_xswitch("run", "team-7", "--", "true")
    assert refused.returncode == 1
    assert f"~/.aws/config:{config.count(chr(10)) + 2}: " in refused.stderr
