"""The two files are read exactly as botocore reads them, and on where botocore gives up."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter
from pathlib import Path

import botocore.session
import pytest
from awshome import botocores
from counting import assert_in_proportion
from generated import FILES, TAME_FILES
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from xswitch.awsfiles.files import read_files
from xswitch.awsfiles.ini import IniFile
from xswitch.awsfiles.masking import masked
from xswitch.locations import Locations


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


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(config=st.one_of(FILES, TAME_FILES), credentials=st.one_of(st.just(""), FILES, TAME_FILES))
@example(config="[default]\n [profile a]\nregion = x\n", credentials="")
@example(
    config="[profile a]\ns3 =\n  a = 1\n[profile 'a']\nx = 1",
    credentials="[a]\nregion = 1\n[profile a]\nx=1\n",
)
@example(
    config="[DEFAULT]\na = 1\n[DEFAULT]\nb = 2\n[profile x]\na = 3", credentials="[DEFAULT]\nq = 1\n[x]\n"
)
@example(config="[DEFAULT]\nregion=\n [DEFAULT]\n", credentials="")
@example(config="[DEFAULT]\nregion=\n [DEFAULT]\n[x]\n", credentials="")
@example(config="[DEFAULT]\nregion = x\n[profile a]\noutput = y\n", credentials="")
@example(config="[profile a=b]\nregion = x\n", credentials="")
@example(config="[profile a\tb]\nregion = x\n", credentials="")
def test_profiles_are_botocores_wherever_it_reads_the_files(config, credentials):
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "config"), Path(folder, "credentials")
        for path, text in zip(paths, (config, credentials), strict=True):
            path.write_bytes(text.encode())
        files, mine = ours(*paths)
        quick, all_at_once = read_files(*map(str, paths)), read_files(*map(str, paths))
        theirs = botocores(*paths)
    # Values are read by a way of their own, and tell the same problems.
    assert {name: entry.values for name, entry in quick.profiles.items()} == mine["profiles"]
    assert dict(all_at_once.every()) == mine["profiles"]
    assert list(map(repr, quick.problems())) == list(map(repr, files.problems()))
    fatal = [problem for problem in files.problems() if problem.fatal]
    if theirs is None:
        assert fatal, "botocore refuses the file and we saw nothing wrong with it"
    else:
        assert mine == theirs
        assert list(mine["profiles"]) == list(theirs["profiles"]), "order of the profiles"
        assert not fatal, f"botocore reads the file, we say it does not: {fatal}"


class Case:
    """A file that botocore refuses: where and why we say so, and what is read nevertheless."""

    def __init__(self, text, code, line, profiles, *, in_credentials=False):
        self.data = text if isinstance(text, bytes) else text.encode()
        self.code, self.line, self.profiles, self.in_credentials = code, line, profiles, in_credentials


CANARY = "wJalrCANARYsecret0123"
OTHER = "[profile other]\nregion = eu-west-1\n"
THE_OTHER = {"other": {"region": "eu-west-1"}}

REFUSED = {
    "duplicate section": Case(
        f"[profile a]\nregion = x\n{OTHER}[profile a]\noutput = json\nregion = y\n",
        "duplicate-section",
        5,
        {"a": {"region": "y", "output": "json"}, **THE_OTHER},
    ),
    "duplicate section, the second without an end": Case(
        f"[profile a]\nregion = x\n{OTHER}[profile a]",
        "duplicate-section",
        5,
        {"a": {"region": "x"}, **THE_OTHER},
    ),
    "duplicate key": Case(
        f"[profile a]\nregion = x\nregion = y\n{OTHER}",
        "duplicate-key",
        3,
        {"a": {"region": "y"}, **THE_OTHER},
    ),
    "duplicate key in another case": Case(
        f"[profile a]\nregion = x\noutput = json\nREGION = y\n{OTHER}",
        "duplicate-key",
        4,
        {"a": {"region": "y", "output": "json"}, **THE_OTHER},
    ),
    "a key twice in [DEFAULT]": Case(
        f"[DEFAULT]\noutput = a\noutput = b\n{OTHER}",
        "duplicate-key",
        3,
        {"other": {"region": "eu-west-1", "output": "b"}},
    ),
    "a secret twice": Case(
        f"[a]\naws_secret_access_key = {CANARY}\nAWS_Secret_Access_Key: {CANARY}\n[b]\nregion = x\n",
        "duplicate-key",
        3,
        {"a": {"aws_secret_access_key": CANARY}, "b": {"region": "x"}},
        in_credentials=True,
    ),
    "a token that ends in = twice": Case(
        f"[a]\n{CANARY * 3}==\n{CANARY * 3}==\n[b]\nregion = x\n",
        "duplicate-key",
        3,
        {"a": {(CANARY * 3).lower(): "="}, "b": {"region": "x"}},
        in_credentials=True,
    ),
    "no delimiter": Case(
        f"[profile a]\nregion = x\naws_secret_access_key {CANARY}\noutput = json\n{OTHER}",
        "no-delimiter",
        3,
        {"a": {"region": "x", "output": "json"}, **THE_OTHER},
    ),
    "no delimiter inside a nested block": Case(
        f"[profile a]\ns3 =\n  a = 1\n{CANARY}\n  b = 2\nregion = x\n{OTHER}",
        "no-delimiter",
        4,
        {"a": {"s3": {"a": "1", "b": "2"}, "region": "x"}, **THE_OTHER},
    ),
    "rem": Case(f"[profile a]\nrem {CANARY}\nregion = x\n", "no-delimiter", 2, {"a": {"region": "x"}}),
    "no key": Case(f"[profile a]\n= {CANARY}\nregion = x\n", "empty-key", 2, {"a": {"region": "x"}}),
    "no key, and an indented line": Case(
        f"[profile a]\noutput = y\n= 1\n  {CANARY} = 2\nregion = x\n",
        "empty-key",
        3,
        {"a": {"output": "y", CANARY.lower(): "2", "region": "x"}},
    ),
    "text before the first section": Case(
        f"# ours\naws_secret_access_key = {CANARY}\n  more {CANARY}\n{OTHER}",
        "text-before-section",
        2,
        THE_OTHER,
    ),
    "no section at all": Case(f"{CANARY}\n{CANARY}\n", "text-before-section", 1, {}),
    "an unclosed header": Case(
        f"[profile a]\nregion = x\n[profile {CANARY}\n{OTHER}",
        "no-delimiter",
        3,
        {"a": {"region": "x"}, **THE_OTHER},
    ),
    "an empty header": Case(
        f"[profile a]\nregion = x\n[]\noutput = json\n{OTHER}",
        "no-delimiter",
        3,
        {"a": {"region": "x", "output": "json"}, **THE_OTHER},
    ),
    "an indented header with keys": Case(
        f"[profile a]\nregion = x\n  [profile b]\nregion = y\n{OTHER}",
        "duplicate-key",
        4,
        {"a": {"region": "y"}, **THE_OTHER},
    ),
    "a nested line without =": Case(
        f"[profile a]\ns3 =\n  a = 1\n\n  # c\n  {CANARY}\n  b = 2\n{OTHER}",
        "nested-no-delimiter",
        6,
        {"a": {"s3": {"a": "1", "b": "2"}}, **THE_OTHER},
    ),
    "a nested line without = in [DEFAULT]": Case(
        f"[DEFAULT]\ns3 =\n  {CANARY}\n{OTHER}",
        "nested-no-delimiter",
        3,
        {"other": {"region": "eu-west-1", "s3": {}}},
    ),
    "byte order mark": Case(
        b"\xef\xbb\xbf[profile a]\nregion = x\n" + OTHER.encode(),
        "byte-order-mark",
        1,
        {"a": {"region": "x"}, **THE_OTHER},
    ),
    "byte order mark and a comment": Case(
        b"\xef\xbb\xbf# c\n" + OTHER.encode(), "byte-order-mark", 1, THE_OTHER
    ),
    "UTF-16, little end first": Case(
        b"\xff\xfe" + OTHER.encode("utf-16-le"), "byte-order-mark", 1, THE_OTHER
    ),
    "UTF-16, big end first": Case(
        b"\xfe\xff" + OTHER.replace("\n", "\r\n").encode("utf-16-be"), "byte-order-mark", 1, THE_OTHER
    ),
    "UTF-16, cut in the middle of a character": Case(
        b"\xff\xfe" + OTHER.encode("utf-16-le") + b"\x00", "byte-order-mark", 1, THE_OTHER
    ),
    "Latin-1 in a value": Case(
        f"{OTHER}[profile a]\nregion = x\nnote = caf\xe9\n".encode("latin-1"),
        "not-utf8",
        5,
        {**THE_OTHER, "a": {"region": "x", "note": "caf\udce9"}},
    ),
    "Latin-1 in a comment": Case(f"{OTHER}# caf\xe9\n".encode("latin-1"), "not-utf8", 3, THE_OTHER),
    "Latin-1 after lines that end in CR": Case(
        b"[profile other]\rregion = eu-west-1\r\r\n# caf\xe9\r", "not-utf8", 4, THE_OTHER
    ),
    "Latin-1 in a name": Case(
        b"[profile caf\xe9]\nregion = x\n" + OTHER.encode(),
        "not-utf8",
        1,
        {"caf\udce9": {"region": "x"}, **THE_OTHER},
    ),
    "CRLF and a duplicate key": Case(
        f"[profile a]\r\nregion = x\r\n\r\nregion = y\r\n{OTHER}",
        "duplicate-key",
        4,
        {"a": {"region": "y"}, **THE_OTHER},
    ),
    "a bad credentials file": Case(
        f"[a]\naws_access_key_id = AKIA\n{CANARY}\n",
        "no-delimiter",
        3,
        {"a": {"aws_access_key_id": "AKIA"}},
        in_credentials=True,
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_where_botocore_refuses_a_file_its_profiles_are_still_read_and_the_line_is_named(aws_folder, case):
    paths = aws_folder / "config", aws_folder / "credentials"
    paths[case.in_credentials].write_bytes(case.data)
    assert botocores(*paths) is None, "botocore refuses it"
    files, mine = ours(*paths)
    assert mine["profiles"] == case.profiles
    first, *_ = files.problems()
    assert (first.code, first.line, first.file) == (case.code, case.line, str(paths[case.in_credentials]))
    assert first.fatal
    assert ":" in first.message, "says what to change"


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_no_problem_of_a_file_gives_away_what_stands_in_its_line(aws_folder, case):
    paths = aws_folder / "config", aws_folder / "credentials"
    paths[case.in_credentials].write_bytes(case.data)
    files, _ = ours(*paths)
    assert files.problems()
    for problem in files.problems():
        assert CANARY.lower() not in problem.message.lower()
        assert CANARY.lower() not in repr(problem).lower()


# Files that botocore reads, some of them not as people think.
ROLE = "arn:aws:iam::1:role/R"
READ = {
    "empty": ("", {}),
    "blank lines and comments only": ("\n \n# c\n ; c\n", {}),
    "no newline at the end": ("[profile a]\nregion = x", {"a": {"region": "x"}}),
    "a header alone": ("[profile a]", {"a": {}}),
    "CRLF": ("[profile a]\r\nregion = x\r\ns3 =\r\n  b = 1\r\n", {"a": {"region": "x", "s3": {"b": "1"}}}),
    "CR": ("[profile a]\rregion = x\routput=y", {"a": {"region": "x", "output": "y"}}),
    "mixed line ends": (
        "[profile a]\r\nregion = x\routput = y\n\rz = 1\r\n",
        {"a": {"region": "x", "output": "y", "z": "1"}},
    ),
    "other separators end no line": (
        "[profile a]\nregion = x\x0by\x85z\u2028w\n",
        {"a": {"region": "x\x0by\x85z\u2028w"}},
    ),
    "NUL": ("[profile a]\nregion = x\0y\n", {"a": {"region": "x\0y"}}),
    "quoted names": (
        '[profile "a b"]\n[profile \'c d\']\n[profile e\\ f]\n[profile "g"h]\n',
        {"a b": {}, "c d": {}, "e f": {}, "gh": {}},
    ),
    "blanks around names": ("[profile   a   ]\n[profile\tb]\n", {"a": {}, "b": {}}),
    "names that are dropped": (
        "[profile a b]\n[profile \"a]\n[profile o'brien]\n[profile]\n[profile-x]\n",
        {},
    ),
    "sections that are no profiles": (
        "[ profile a ]\n[ default ]\n[Profile b]\n[Default]\n[foo]\n[plugins]\n",
        {},
    ),
    "sections that are profiles": ("[profiles z]\n[profilex y]\n", {"z": {}, "y": {}}),
    "names of all sorts": (
        "[profile a/b:c@d+e.f=g#h;i%j]\n[profile профиль]\n[profile x\u200b]\n",
        {"a/b:c@d+e.f=g#h;i%j": {}, "профиль": {}, "x\u200b": {}},
    ),
    "a bracket in a name": ("[profile a]b]\nregion = x\n", {"a]b": {"region": "x"}}),
    "text after a header": (
        "[profile a] # c\nregion = x\n[profile b] junk\n",
        {"a": {"region": "x"}, "b": {}},
    ),
    "a bracket after a header": ("[profile a] # see [y]\nregion = x\n[profile b]\n", {"b": {}}),
    "both spellings of default": (
        "[default]\nregion = x\n[profile default]\noutput = y\n",
        {"default": {"output": "y"}},
    ),
    "both spellings of default, reversed": (
        "[profile default]\noutput = y\n[default]\nregion = x\n",
        {"default": {"region": "x"}},
    ),
    "two spellings of a profile": (
        "[profile a]\nregion = x\n[profile b]\n[profile 'a']\noutput = y\n",
        {"a": {"output": "y"}, "b": {}},
    ),
    "[DEFAULT]": (
        "[profile a]\nregion = x\n[DEFAULT]\nregion = y\noutput = z\n",
        {"a": {"region": "x", "output": "z"}},
    ),
    "colons": (
        f"[profile a]\nrole_arn: {ROLE}\nk:l = m\nn = o:p\n",
        {"a": {"role_arn": ROLE, "k": "l = m", "n": "o:p"}},
    ),
    "keys in any case": ("[profile a]\nRegion = x\n", {"a": {"region": "x"}}),
    "inline comments are values": (
        "[profile a]\nregion = x # c\noutput = y ; c\n",
        {"a": {"region": "x # c", "output": "y ; c"}},
    ),
    "values as they are": (
        '[profile a]\na = %(b)s $HOME ~\nb = "q"\nc =\nd==\n',
        {"a": {"a": "%(b)s $HOME ~", "b": '"q"', "c": "", "d": "="}},
    ),
    "no-break spaces are blanks": ("[profile a]\n\xa0region\xa0=\xa0x\xa0\n", {"a": {"region": "x"}}),
    "indented keys": ("[profile a]\n  region = x\n  output = y\n", {"a": {"region": "x", "output": "y"}}),
    "a deeper key continues the value": (
        "[profile a]\nregion = x\n  output = y\n",
        {"a": {"region": "x\noutput = y"}},
    ),
    "an indented header continues the value": (
        "[profile a]\nregion = x\n  [profile b]\noutput = y\n",
        {"a": {"region": "x\n[profile b]", "output": "y"}},
    ),
    "an indented header after a header": (
        "[profile a]\n  [profile b]\n  region = x\n",
        {"a": {}, "b": {"region": "x"}},
    ),
    "a nested block": (
        "[profile a]\ns3 =\n  A = 1\n\n# c\n  ; c\n  b = 2 = 3\n  b = 4\nregion = x\n",
        {"a": {"s3": {"A": "1", "b": "4"}, "region": "x"}},
    ),
    "a nested block with a value": ("[profile a]\ns3 = x\n  a = 1\n", {"a": {"s3": "x\na = 1"}}),
    "a block under any key": ("[profile a]\nrole_arn =\n\ta=b\n", {"a": {"role_arn": {"a": "b"}}}),
    "an empty nested block": ("[profile a]\ns3 =\n\n  \n\nregion = x\n", {"a": {"s3": "", "region": "x"}}),
}


@pytest.mark.parametrize(("text", "profiles"), READ.values(), ids=READ)
def test_a_file_that_botocore_reads_is_read_alike_and_is_not_called_broken(aws_folder, text, profiles):
    paths = aws_folder / "config", aws_folder / "credentials"
    paths[0].write_bytes(text.encode())
    files, mine = ours(*paths)
    assert mine["profiles"] == profiles
    assert mine == botocores(*paths)
    assert not [problem for problem in files.problems() if problem.fatal]


@pytest.mark.parametrize(
    ("text", "code", "line", "word"),
    [
        ("[profile a b]\n", "section-ignored", 1, "quotes"),
        ("[profile-a]\n", "section-ignored", 1, "quotes"),
        ("[sso-session]\n", "section-ignored", 1, "quotes"),
        ("[services a b]\n", "section-ignored", 1, "quotes"),
        (f"[profile a] # see [{CANARY}]\n", "section-ignored", 1, "last `]`"),
        ("[profile a]\n[profile b]\n[profile 'a']\n", "section-replaced", 1, "line 3"),
        ("[profile default]\n[default]\n", "section-replaced", 1, "line 2"),
    ],
)
def test_what_botocore_passes_over_in_silence_is_told(aws_folder, text, code, line, word):
    (aws_folder / "config").write_text(text)
    files, _ = ours(aws_folder / "config", aws_folder / "credentials")
    (problem,) = files.problems()
    assert (problem.code, problem.line, problem.fatal) == (code, line, False)
    assert word in problem.message
    assert CANARY not in problem.message


def test_names_of_the_credentials_file_are_literal_and_its_keys_win_one_by_one(aws_folder):
    paths = aws_folder / "config", aws_folder / "credentials"
    paths[0].write_text("[profile x]\nregion = a\noutput = b\n[DEFAULT]\nd = config\n")
    paths[1].write_text(
        '[y]\nk = 1\n[profile x]\nk = 2\n["a b"]\n[a b]\n[sso-session s]\nk = 3\n'
        "[x]\nregion = c\n[DEFAULT]\ne = f\n"
    )
    files, mine = ours(*paths)
    assert mine == botocores(*paths)
    assert list(mine["profiles"]) == ["x", "y", "profile x", '"a b"', "a b", "sso-session s"]
    assert mine["profiles"]["x"] == {"region": "c", "output": "b", "d": "config", "e": "f"}
    assert not mine["sso_sessions"]
    entry = files.profiles["x"]
    assert (entry.settings["region"].file, entry.settings["region"].line) == (str(paths[1]), 10)
    assert (entry.config["region"].file, entry.config["region"].line) == (str(paths[0]), 2)
    assert entry.place == (str(paths[0]), 1)
    assert files.profiles["y"].place == (str(paths[1]), 1)


def test_sso_sessions_and_services_are_read_by_name(aws_folder):
    paths = aws_folder / "config", aws_folder / "credentials"
    paths[0].write_text(
        '[sso-session "a b"]\nsso_region = x\n[sso-sessionfoo y]\nsso_region = z\n'
        "[services svc]\ns3 =\n  endpoint_url = u\n"
    )
    files, mine = ours(*paths)
    assert mine == botocores(*paths)
    assert mine["sso_sessions"] == {"a b": {"sso_region": "x"}, "y": {"sso_region": "z"}}
    assert mine["services"] == {"svc": {"s3": {"endpoint_url": "u"}}}
    assert plain(files.sso_session("y")) == {"sso_region": "z"}
    assert files.sso_session("nope") is None


def make_folder(path):
    path.mkdir()


def make_fifo(path):
    os.mkfifo(path)


def make_loop(path):
    path.symlink_to(path.name)


def make_dangling_link(path):
    path.symlink_to("nowhere")


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize(
    ("make", "code", "word"),
    [
        (make_folder, "not-a-file", "folder"),
        (make_fifo, "not-a-file", "regular file"),
        (make_socket, "not-a-file", "regular file"),
        (make_dangling_link, "not-a-file", "does not exist"),
        (make_loop, "unreadable", "symbolic links"),
    ],
)
def test_what_is_no_readable_file_counts_as_empty_and_is_told(tmp_path, make, code, word):
    config, credentials = tmp_path / "config", tmp_path / "credentials"
    make(config)
    credentials.write_text("[a]\nregion = x\n")
    files, mine = ours(config, credentials)
    assert mine["profiles"] == {"a": {"region": "x"}}
    assert mine == botocores(config, credentials)
    (problem,) = files.problems()
    assert (problem.code, problem.file, problem.line, problem.fatal) == (code, str(config), 0, False)
    assert word in problem.message


def test_a_file_that_its_reader_may_not_read_counts_as_empty_and_is_told():
    # Root may read everything, so a process that is not root reads it.
    code = (
        "import os, sys\n"
        "import xswitch.awsfiles.masking\n"  # which that one may not be able to
        "from xswitch.awsfiles.files import read_files\n"
        "os.getuid() or os.setuid(65534)\n"
        "files = read_files(sys.argv[1], '')\n"
        "print(*[problem.code for problem in files.problems()], len(files.profiles))"
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        config = Path(folder, "config")
        config.write_text(OTHER)
        config.chmod(0)
        done = subprocess.run(
            [sys.executable, "-c", code, config], capture_output=True, text=True, check=True
        )
    assert done.stdout.split() == ["unreadable", "0"]


@pytest.mark.parametrize("path", ["", os.devnull, "missing", "missing/config", "a\0b"])
def test_no_file_at_all_is_no_problem(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    files = read_files(path, path)
    assert not files.profiles
    assert [problem.code for problem in files.problems()] == (["unreadable"] * 2 if "\0" in path else [])


def test_a_link_to_a_file_is_followed(tmp_path):
    (tmp_path / "real").write_text(OTHER)
    (tmp_path / "config").symlink_to("real")
    _, mine = ours(tmp_path / "config", tmp_path / "none")
    assert mine["profiles"] == THE_OTHER


@pytest.mark.parametrize(
    "value", ["~/elsewhere", "$HOME/elsewhere", "${HOME}/elsewhere", "elsewhere", "", "~", "$UNSET/elsewhere"]
)
@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_the_variables_name_the_file_that_botocore_reads(home, monkeypatch, variable, value):
    monkeypatch.chdir(home)
    (home / "elsewhere").write_text("[default]\nregion = elsewhere\n")
    for name in ("config", "credentials"):
        (home / ".aws" / name).write_text(f"[default]\n{name} = usual\n")
    monkeypatch.setenv(variable, value)
    locations = Locations(os.environ)
    _, mine = ours(locations.config, locations.credentials)
    assert mine["profiles"] == botocore.session.Session().full_config["profiles"]


LINE = st.sampled_from(
    [
        "[default]",
        "[profile a]",
        "[profile  a]",
        "[profile b] # note",
        "[profile b] # [b]",
        '[profile "c d"]',
        "[profile o'brien]",
        "[profile ü]",
        "[profile]",
        "[profilex y]",
        "[sso-session s]",
        "[a]",
        "[c d]",
        "[DEFAULT]",
        " [profile indented]",
        "[profile open",
        "[]",
        "[ ]",
        "region = [x]",
        "  more",
        "",
        "\ufeff",
        "[profile a]\r",
        "[a]",
        "[b] ",
        "[a] x]",
        "x]",
        "[c",
        "region = x",
        "region = x ",
        "Region: y",
        "no delimiter",
        "# note",
    ]
)


@settings(max_examples=300)
@given(lines=st.lists(LINE), end=st.sampled_from(["", "\n"]))
@example(lines=["[c", "[a]", "x]"], end="")  # one that closes nothing makes up for one that is missing
def test_a_file_that_is_cut_is_read_as_one_that_is_read_line_by_line(lines, end):
    text = "\n".join(lines) + end

    def read(text):
        file = IniFile("config", text)
        problems = [(found.code, found.message, found.line, found.fatal) for found in file.problems()]
        sections = [
            (header, section.line, section.values, plain(section.settings))
            for header, section in file.sections.items()
        ]
        return sections, plain(file.defaults), problems

    assert read(text) == read(f"{text}\n# a [bracket] elsewhere")


@settings(max_examples=150, deadline=None)
@given(
    text=TAME_FILES, ending=st.sampled_from(["\n", "\r\n", "\r"]), comment=st.sampled_from(["", "# [x]\n\n"])
)
def test_the_line_of_every_setting_is_the_one_its_key_stands_in(text, ending, comment):
    text = (comment + text).replace("\n", ending)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config")
        config.write_bytes(text.encode())
        files = read_files(str(config), "")
    lines = text.split(ending)

    def check(settings_):
        for key, setting in settings_.items():
            assert setting.file == str(config)
            assert lines[setting.line - 1].split("=")[0].strip() == key
            if not isinstance(setting.value, str):
                check(setting.value)

    for entry in files.profiles.values():
        check(entry.settings)
        assert lines[entry.place[1] - 1] == f"[{entry.config_section.header}]"


@settings(max_examples=30, deadline=None)
@given(
    asked=st.lists(st.integers(0, 2999), min_size=1, max_size=20),
    default=st.one_of(st.none(), st.integers(0, 2999)),
)
@example(asked=[0, 2999, 1], default=None)
@example(asked=[2999], default=0)
def test_the_lines_of_thousands_of_sections_are_told_in_whatever_order_they_are_asked_for(asked, default):
    headers = [f"s{number}" for number in range(3000)]
    if default is not None:
        headers.insert(default, "DEFAULT")
    sections = [f"[{header}]\n" + "region = x\n\n" * (number % 3) for number, header in enumerate(headers)]
    text = "".join(["# mine\n", *sections])
    file, lines = IniFile("config", text), text.split("\n")
    for number in asked:
        assert lines[file.line_of(f"s{number}") - 1] == f"[s{number}]"


def test_faults_in_a_section_that_another_one_replaces_are_told_too(aws_folder):
    (aws_folder / "config").write_text("[profile a]\nno delimiter\n[profile 'a']\nregion = x\n")
    problems = read_files(str(aws_folder / "config"), "").problems()
    assert [(problem.code, problem.line) for problem in problems] == [
        ("section-replaced", 1),
        ("no-delimiter", 2),
    ]


def test_several_threads_may_look_at_the_settings_of_one_reading(aws_folder):
    names = [f"k{number}" for number in range(3000)]
    (aws_folder / "credentials").write_text("".join(f"[{name}]\nregion = x\n" for name in names))
    (aws_folder / "config").write_text("")
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for _ in range(10):
            files = read_files(str(aws_folder / "config"), str(aws_folder / "credentials"))
            with ThreadPoolExecutor(6) as pool:
                entries = pool.map(files.entry, names[-60:])
                lines = [found["region"].line for found in pool.map(attrgetter("settings"), entries)]
            assert lines == [2 * names.index(name) + 2 for name in names[-60:]]
    finally:
        sys.setswitchinterval(interval)


def test_the_values_of_one_file_alone_are_those_of_its_settings(aws_folder):
    (aws_folder / "config").write_text("[profile x]\nregion = a\n[DEFAULT]\noutput = d\nregion = d\n")
    (aws_folder / "credentials").write_text("[x]\nregion = b\ns3 =\n  k = v\n")
    files, _ = ours(aws_folder / "config", aws_folder / "credentials")
    entry = files.profiles["x"]
    assert entry.config_values == plain(entry.config) == {"region": "a", "output": "d"}
    assert entry.credentials_values == plain(entry.credentials) == {"region": "b", "s3": {"k": "v"}}
    assert entry.values == plain(entry.settings)


@pytest.mark.parametrize("end", ["", "# a [bracket] in a comment\n", "é = 1\n"])
def test_ten_times_the_profiles_are_ten_times_the_work(aws_folder, end):
    def prepare(count):
        config = "".join(
            f"[profile p{i}]\nrole_arn = arn:aws:iam::{i:012}:role/R\nsource_profile = p0\nregion = x\n\n"
            for i in range(count)
        )
        (aws_folder / "config").write_text(config + end)

        def read():
            files, mine = ours(aws_folder / "config", aws_folder / "credentials")
            assert len(mine["profiles"]) == count
            assert not files.problems()

        return read

    assert_in_proportion(prepare)


def test_a_line_of_a_megabyte_is_read(aws_folder):
    value = "x" * 1_000_000
    (aws_folder / "config").write_text(f"[profile a]\nk = {value}\n  {value}\n{OTHER}")
    _, mine = ours(aws_folder / "config", aws_folder / "credentials")
    assert mine["profiles"]["a"]["k"] == f"{value}\n{value}"


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("aws_secret_access_key", CANARY, "********"),
        ("aws_session_token", CANARY, "********"),
        ("AWS_Security_Token", CANARY, "********"),
        ("password", CANARY, "********"),
        ("aws_secret_access_key", "", ""),
        ("aws_secret_access_key", f"a\n{CANARY}", "********"),
        ("region", "us-east-1", "us-east-1"),
        ("aws_access_key_id", "AKIA", "AKIA"),
        ("web_identity_token_file", "/t", "/t"),
        ("x_security_token_expires", "2026", "2026"),
        ("region", f"x\naws_secret_access_key = {CANARY}", "x\naws_secret_access_key = ********"),
        ("region", f"x\nAws_Session_Token: {CANARY}\ny = z", "x\nAws_Session_Token= ********"),
        ("region", f"x\naws_secret_access_key =\n{CANARY}", "x\naws_secret_access_key = ********"),
        ("aws_access_key_id", "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ("aws_access_key_id", "'minio-admin'", "'minio-admin'"),
        ("aws_access_key_id", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "********"),
        ("aws_access_key_id", "wJalrXUtnFEMI7K7MDENG7bPxRfiCYEXAMPLEKEY", "********"),
        ("aws_access_key_id", "", ""),
        ("credential_process", f"get --password {CANARY} --user me", "get --password ******** --user me"),
        ("credential_process", f"get --api-token={CANARY}", "get --api-token=********"),
        ("credential_process", "get --profile secrets", "get --profile secrets"),
    ],
)
def test_secrets_are_masked_even_where_another_value_swallowed_them(key, value, shown):
    assert masked(key, value) == shown


def test_a_setting_does_not_show_its_value(aws_folder):
    (aws_folder / "credentials").write_text(f"[a]\naws_secret_access_key = {CANARY}\n")
    files, _ = ours(aws_folder / "config", aws_folder / "credentials")
    assert CANARY not in repr(files.profiles["a"].settings)
