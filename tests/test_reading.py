"""The two files are read exactly as botocore reads them, and on where botocore gives up."""

from __future__ import annotations

import tempfile
from pathlib import Path

import botocore.exceptions
import botocore.session
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from xswitch.awsfiles.files import read_files


def plain(mapping):
    """Our settings as the plain dictionaries that botocore gives."""
    return {
        key: plain(setting) if isinstance(setting, dict) else value_of(setting)
        for key, setting in mapping.items()
    }


def value_of(setting):
    return plain(setting.value) if isinstance(setting.value, dict) else setting.value


def ours(config: Path, credentials: Path):
    files = read_files(str(config), str(credentials))
    return files, {
        "profiles": {name: plain(entry.settings) for name, entry in files.profiles.items()},
        "sso_sessions": {name: plain(section) for name, section in files.sso_sessions.items()},
        "services": {name: plain(section) for name, section in files.services.items()},
    }


def botocores(config: Path, credentials: Path):
    """What botocore reads, or None where it refuses one of the files."""
    session = botocore.session.Session()
    session.set_config_variable("config_file", str(config))
    session.set_config_variable("credentials_file", str(credentials))
    try:
        full = session.full_config
    except botocore.exceptions.ConfigParseError:
        return None
    return {key: full.get(key, {}) for key in ("profiles", "sso_sessions", "services")}


NAMES = st.sampled_from(["a", "b", "default", "A", "é", "x.y", "a/b", "o'brien", "a]b", "%", "a b", '"', "\\a", ""])
BLANKS = st.sampled_from(["", " ", "  ", "\t", "\xa0", "\x0b", "\x1c"])
KINDS = st.sampled_from(["profile", "profile ", "profiles ", "sso-session ", "services ", "", "plugins", "Profile "])
QUOTES = st.sampled_from(["{}", '"{}"', "'{}'", " {} ", "\t{}"])
HEADERS = st.builds(
    lambda kind, quote, name, tail: f"[{kind}{quote.format(name)}]{tail}",
    KINDS,
    QUOTES,
    NAMES,
    st.sampled_from(["", "", "", " ", " # note", " # see [y]", "junk"]),
)
KEYS = st.sampled_from(["region", "Region", "role_arn", "source_profile", "s3", "aws_secret_access_key", "k:v", "é", ""])
VALUES = st.sampled_from(["", "us-east-1", "a = b", "x # c", "x ; c", "[y]", "%(z)s", "arn:aws:iam::1:role/R", "é\x0bz"])
OPTIONS = st.builds(
    lambda key, before, delimiter, after, value: f"{key}{before}{delimiter}{after}{value}",
    KEYS,
    BLANKS,
    st.sampled_from(["=", "=", "=", ":"]),
    BLANKS,
    VALUES,
)
LINES = st.builds(
    lambda indent, line: indent + line,
    st.one_of(st.just(""), st.just(""), BLANKS),
    st.one_of(
        OPTIONS,
        OPTIONS,
        OPTIONS,
        HEADERS,
        HEADERS,
        st.sampled_from(["", "# c", "; c", "[DEFAULT]", "[default]", "[", "[]", "junk", "rem x", "a = b", "\x00"]),
    ),
)
ENDINGS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])
FILES = st.builds(
    lambda lines, last: "".join(line + ending for line, ending in lines) + last,
    st.lists(st.tuples(LINES, ENDINGS), max_size=14),
    st.one_of(st.just(""), LINES),
)
# Mostly what people have: unique sections with unique keys, so that botocore seldom refuses.
BODIES = st.lists(
    st.sampled_from(["region", "output", "role_arn", "source_profile", "s3", "credential_process"]), unique=True
)
TAME_FILES = st.lists(st.tuples(NAMES, KINDS, BODIES, VALUES, BLANKS), unique_by=lambda section: section[:2]).map(
    lambda sections: "".join(
        f"[{kind}{name}]\n"
        + "".join(f"{indent}{key} = {value}\n" + ("    sub = 1\n\n    # c\n    Sub2=2\n" if key == "s3" else "") for key in keys)
        for name, kind, keys, value, indent in sections
    )
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(config=st.one_of(FILES, TAME_FILES), credentials=st.one_of(st.just(""), FILES, TAME_FILES))
@example(config="[default]\n [profile a]\nregion = x\n", credentials="")
@example(config="[profile a]\ns3 =\n  a = 1\n[profile 'a']\nx = 1", credentials="[a]\nregion = 1\n[profile a]\nx=1\n")
@example(config="[DEFAULT]\na = 1\n[DEFAULT]\nb = 2\n[profile x]\na = 3", credentials="[DEFAULT]\nq = 1\n[x]\n")
@example(config="[DEFAULT]\nregion=\n [DEFAULT]\n", credentials="")
@example(config="[DEFAULT]\nregion=\n [DEFAULT]\n[x]\n", credentials="")
def test_profiles_are_botocores_wherever_it_reads_the_files(config, credentials):
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "config"), Path(folder, "credentials")
        for path, text in zip(paths, (config, credentials), strict=True):
            path.write_bytes(text.encode())
        files, mine = ours(*paths)
        theirs = botocores(*paths)
    fatal = [problem for problem in files.problems() if problem.fatal]
    if theirs is None:
        assert fatal, "botocore refuses the file and we saw nothing wrong with it"
    else:
        assert mine == theirs
        assert list(mine["profiles"]) == list(theirs["profiles"]), "order of the profiles"
        assert not fatal, f"botocore reads the file, we say it does not: {fatal}"
