"""Faults in the settings: each is one sentence with the file and the right line, and nothing is believed."""

from __future__ import annotations

import os

import pytest
from counting import calls_in
from guarding import settings_file, write_settings
from hypothesis import given
from hypothesis import strategies as st

from xswitch.errors import XswitchError
from xswitch.settings.actions import check_keys, check_theme
from xswitch.settings.faults import line_of
from xswitch.settings.reading import load_settings
from xswitch.tui._textual import normal_keys
from xswitch.tui.actions import default_keys

PLACE = "~/.config/xswitch/config.toml"
DIGITS = "\N{ARABIC-INDIC DIGIT TWO}" * 12
RULE = "[[guard]]\nprofile = 'x'\n"


@pytest.fixture
def write(home):
    return lambda text: str(write_settings(home, text))


def read_and_check(path):
    settings = load_settings(path)
    check_keys(settings, default_keys(), normal_keys)
    check_theme(settings, ["nord", "dracula", "textual-dark"])


def fault_of(path):
    """Return the sentence with which these settings are refused, without the path."""
    with pytest.raises(XswitchError) as caught:
        read_and_check(path)
    message = caught.value.message
    assert caught.value.hint
    assert message.isprintable()
    assert message.startswith(f"{PLACE}:")
    return message.removeprefix(f"{PLACE}:")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("icon = 'ascii'", "1: icon is no setting: did you mean icons?"),
        ("\n\nguards = 'x'", "3: guards is no setting: did you mean guard?"),
        ("zzzzzz = 1", "1: zzzzzz is no setting"),
        ("x.y.z = 1", "1: x is no setting"),
        ("theme = 3", "1: theme must be a text in quotes, and not empty"),
        ("theme = ''", "1: theme must be a text in quotes, and not empty"),
        ("theme = ['nord']", "1: theme must be a text in quotes, and not empty"),
        ("icons = 'emoji'", "1: icons is emoji, and must be unicode or ascii"),
        ("start = 'top'", "1: start is top, and must be tree or filter"),
        ("order = ''", '1: order is "", and must be file, name or most-used'),
        ("filter = true", "1: filter is not a text, and must be words or fuzzy"),
        ("order = [[['name']]]", "1: order is not a text, and must be file, name or most-used"),
        ("theme = 'nrod'", "1: theme nrod is unknown: did you mean nord?"),
        ("keys = 'x'", "1: keys is a table: begin it with [keys]"),
        ("accounts = ['x']", "1: accounts is a table: begin it with [accounts]"),
        ("[[keys]]\nx = 'y'", "1: keys is a table: begin it with [keys]"),
        ("[keys]\n'profile.rum' = 'r'", "2: [keys] profile.rum is no action: did you mean profile.run?"),
        ("[keys]\n'zzz' = 'r'", "2: [keys] zzz is no action"),
        ("[keys]\nprofile.run = 'r'", '2: [keys] profile must be a text such as "x" or "ctrl+x,f2"'),
        ("[keys]\n'profile.run' = 3", '2: [keys] profile.run must be a text such as "x" or "ctrl+x,f2"'),
        ("[keys]\n'profile.run' = ''", '2: [keys] profile.run must be a text such as "x" or "ctrl+x,f2"'),
        ("[keys]\n'profile.run' = 'crtl+x'", "2: [keys] profile.run: crtl+x is no key"),
        ("[keys]\n'profile.run' = 'c'", "2: [keys] c is the key of both profile.run and profile.copy"),
        ("[keys]\n'app.quit' = '/'", "2: [keys] slash is the key of both view.filter and app.quit"),
        (
            "[keys]\n'profile.run' = 'r'\n'app.quit' = 'r'",
            "3: [keys] r is the key of both profile.run and app.quit",
        ),
        ("[accounts]\n2 = 'x'", "2: [accounts] 2 is no account id: 12 digits, in quotes"),
        (
            f"[accounts]\n222222222222 = 'x'\n'{DIGITS}' = 'y'",
            f"3: [accounts] {DIGITS} is no account id: 12 digits, in quotes",
        ),
        (
            "[accounts]\n222222222222 = ' '",
            '2: [accounts] the name of 222222222222 must be a text such as "Prod"',
        ),
        (
            "[accounts]\n222222222222 = 1",
            '2: [accounts] the name of 222222222222 must be a text such as "Prod"',
        ),
    ],
)
def test_a_fault_is_named_with_its_line_and_what_is_nearest(write, text, fault):
    assert fault_of(write(text)) == fault


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("[guard]\nprofile = 'x'", "1: a guard rule begins with [[guard]], in double brackets"),
        ("guard = 'prod'", "1: a guard rule begins with [[guard]], in double brackets"),
        ("guard = ['prod']", "1: a guard rule begins with [[guard]], in double brackets"),
        ("guard = [{profile = 'x'}, 3]", "1: a guard rule begins with [[guard]], in double brackets"),
        ("[[guard]]", "1: this [[guard]] protects nothing: give it one of profile, account_id, role"),
        (
            "[[guard]]\nlevel = 'read-only'\n[keys]",
            "1: this [[guard]] protects nothing: give it one of profile, account_id, role",
        ),
        (
            f"{RULE}[[guard]]\ncolor = 'red'",
            "3: this [[guard]] protects nothing: give it one of profile, account_id, role",
        ),
        ("[[guard]]\nprofiles = 'x'", "2: [[guard]] profiles is no setting: did you mean profile?"),
        ("[[guard]]\naccount = 'x'", "2: [[guard]] account is no setting: did you mean account_id?"),
        ("[[guard.profile]]", "1: a guard rule begins with [[guard]], in double brackets"),
        ("[[guard]]\nprofile = ''", "2: profile must be a text in quotes, and not empty"),
        ("[[guard]]\nprofile = []", "2: profile is an empty list, so the rule would protect nothing"),
        ("[[guard]]\nrole = ['x', '']", "2: role must be a text in quotes, and not empty"),
        ("[[guard]]\nprofile = {x = 'y'}", "2: profile must be a text in quotes, and not empty"),
        (
            "[[guard]]\naccount_id = 222222222222",
            "2: account_id must be in quotes, or its zeros in front are lost",
        ),
        (
            "[[guard]]\naccount_id = [\n'222222222222',\n3,\n]",
            "5: account_id must be in quotes, or its zeros in front are lost",
        ),
        ("[[guard]]\naccount_id = true", "2: account_id must be a text in quotes, and not empty"),
        ("[[guard]]\naccount_id = '1234'", "2: 1234 is no account id: 12 digits, in quotes"),
        ("[[guard]]\naccount_id = '2222*'", "2: 2222* is no account id: 12 digits, in quotes"),
        (
            "[[guard]]\naccount_id = '2222-2222-2222'",
            "2: 2222-2222-2222 is no account id: 12 digits, in quotes",
        ),
        (
            "[[guard]]\naccount_id = ['222222222222', 'abcdefghijkl']",
            "2: abcdefghijkl is no account id: 12 digits, in quotes",
        ),
        (f"{RULE}expect_account_id = '1'", "3: 1 is no account id: 12 digits, in quotes"),
        (
            f"{RULE}expect_account_id = 2",
            "3: expect_account_id must be in quotes, or its zeros in front are lost",
        ),
        (
            f"{RULE}expect_account_id = ['222222222222']",
            "3: expect_account_id must be a text in quotes, and not empty",
        ),
        (f"{RULE}level = 'readonly'", "3: level is readonly, and must be confirm or read-only"),
        (f"{RULE}level = 'Confirm'", "3: level is Confirm, and must be confirm or read-only"),
        (f"{RULE}level = 1", "3: level is not a text, and must be confirm or read-only"),
        (
            f"{RULE}color = 'pink'",
            "3: color is pink, and must be red, yellow, green, blue, magenta or cyan",
        ),
    ],
)
def test_a_fault_in_a_guard_rule_is_named_with_its_line(write, rule, fault):
    assert fault_of(write(rule)) == fault
    # and with Windows' line ends, and much before it
    lines = 40 if fault.startswith("1: a guard rule") else 3
    first, _, rest = fault.partition(":")
    before = "# \u2028 \x85 no line ends\n" * lines
    assert fault_of(write((before + rule).replace("\n", "\r\n"))) == f"{int(first) + lines}:{rest}"


BLOCKS = [
    "# a comment\n",
    "\n",
    RULE,
    "[[guard]]\nprofile = [\n  'x', # \u2028\n  '''\ny''',\n]\n",
    '[[guard]]\naccount_id = "222222222222"\nlevel = """read-\\\n  only"""\n',
    "[[guard]]\n\n\nrole = 'a[guard]b'\n",
]


@given(
    st.lists(st.sampled_from(BLOCKS), max_size=6),
    st.lists(st.sampled_from(BLOCKS), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
)
def test_the_line_is_the_faults_whatever_stands_around_it(tmp_path_factory, before, after, end):
    path = tmp_path_factory.mktemp("x") / "config.toml"
    bad = "[[guard]]\nprofile = 'y'\ncolour = 'red'\n"
    path.write_bytes("".join([*before, bad, *after]).replace("\n", end).encode())
    line = sum(block.count("\n") for block in before) + 3
    with pytest.raises(XswitchError) as caught:
        load_settings(str(path))
    assert f":{line}: [[guard]] colour is no setting: did you mean color?" in caught.value.message


def test_the_line_of_a_fault_is_found_in_a_long_file_without_reading_it_again_for_each_line():
    def finding(count):
        names = "".join(f'"{number:012}" = "name"\n' for number in range(count))
        text = f"[accounts]\n{names}[keys]\n"
        assert line_of(text, ("keys",)) == count + 2
        return calls_in(lambda: line_of(text, ("keys",))).total()

    assert finding(2000) < 30 * finding(200)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("not [ toml", 1),
        ("theme = 'a'\n\na = ", 3),
        ("theme = 'a'\ntheme = 'b'\n", 2),
        ("\n\n[keys\n", 3),
        ("[keys]\n[keys]\n", 2),
        ("[[guard]]\nprofile = prod\n", 2),
        ("[[guard]]\nprofile = 'prod\n", 2),
        ("[[guard]]\nprofile = 012\n", 2),
        ("theme = 'a'\r\n\r\nx\r\n", 3),
        ("theme = 'a' 'b'\n", 1),
        ("guard = [\n{profile = 'x'},\n", 2),
        ("a = 1\rb = 2", 1),
        ("# \x00\n", 1),
        ('theme = """\n\n', 2),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(write, text, line):
    assert fault_of(write(text)).startswith(f"{line}: ")


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"\xef\xbb\xbftheme = 'nord'\n", "1: begins with a byte order mark: save the file as UTF-8 without"),
        ("theme = 'nord'\n".encode("utf-16"), "1: is not UTF-8"),
        (b"# a\n\ntheme = '\xe9'\n", "3: is not UTF-8"),
        (b"a = " + b"[" * 100_000, " is nested too deeply"),
        (b"guard = " + b"[" * 200 + b"]" * 200, "1: a guard rule begins with [[guard]]"),
        (b"theme = " + b"9" * 5000, " "),
    ],
    ids=["bom", "utf-16", "latin-1", "deep", "less deep", "digits"],
)
def test_odd_bytes_are_told(write, data, fault):
    assert fault_of(write(data)).startswith(fault)


@pytest.mark.parametrize("key", ["x\x1b[31m", "[/foo]", "\u202e"])
@pytest.mark.parametrize("form", ['"{}" = 1', '[keys]\n"{}" = 1', '[accounts]\n"{}" = 1', 'icons = "{}"'])
def test_odd_text_in_the_file_is_shown_and_not_acted_on(write, form, key):
    escaped = "".join(f"\\U{ord(char):08x}" for char in key)
    assert "31m" in fault_of(write(form.format(escaped))) or "\x1b" not in key


@given(
    st.one_of(st.binary(), st.text().map(str.encode), st.text("[]={}.'\"\n\\guard profile").map(str.encode))
)
def test_any_file_gives_settings_or_a_sentence(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("x") / "config.toml"
    path.write_bytes(data)
    fault = ""
    try:
        load_settings(str(path), str(path.parent))
    except XswitchError as error:
        fault = error.message
    assert fault.isprintable()


# --- something else in its place -------------------------------------------------------------------


def folder(path):
    path.mkdir()


def pipe(path):
    os.mkfifo(path)


def dangling(path):
    path.symlink_to(path.parent / "gone.toml")


def loop(path):
    path.symlink_to(path)


def device(path):
    path.symlink_to("/dev/zero")


PLACED = [
    (folder, "Is a directory"),
    (pipe, "not a regular file"),
    (dangling, "is a link to what is not there, or behind one"),
    (loop, "Too many levels of symbolic links"),
    (device, "not a regular file"),
]


@pytest.mark.parametrize(("put", "fault"), PLACED)
def test_what_is_no_file_is_told(home, put, fault):
    path = settings_file(home)
    path.parent.mkdir(parents=True)
    put(path)
    assert fault_of(str(path)).strip() == fault


@pytest.mark.parametrize("link", [".config", ".config/xswitch"])
def test_a_folder_that_is_a_link_to_nowhere_is_told(home, link):
    (home / link).parent.mkdir(exist_ok=True)
    (home / link).symlink_to(home / "dotfiles/xswitch")
    with pytest.raises(XswitchError, match="is a link to what is not there"):
        load_settings(str(settings_file(home)))


def test_where_there_can_be_no_file_everything_has_its_default(home):
    (home / ".config").write_text("")
    assert load_settings(str(settings_file(home))).guard == ()
