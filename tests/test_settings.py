"""The settings file: what is read from it, its keys and themes, and writing the theme into it."""

from __future__ import annotations

import os
import re
import tomllib

import pytest
from guarding import settings_file, write_settings
from hypothesis import given
from hypothesis import strategies as st

from xswitch.errors import XswitchError
from xswitch.settings.actions import check_keys, check_theme
from xswitch.settings.checking import settings_of
from xswitch.settings.model import CHOICES, COLORS, LEVELS, GuardRule, Settings
from xswitch.settings.reading import load_settings
from xswitch.settings.writing import default_text, save_theme
from xswitch.tui._textual import normal_keys
from xswitch.tui.actions import ACTIONS, default_keys

EVERYTHING = """\
theme = "nord"
icons = "ascii"
start = "filter"
order = "most-used"
filter = "fuzzy"
[accounts]
222222222222 = "Prod"
"012345678901" = " Dev "
[keys]
"profile.run" = "r, f2"
[[guard]]
profile = "prod*"
[[guard]]
profile = ["a", "b*"]
account_id = ["222222222222", "012345678901"]
role = "Admin*"
level = "read-only"
color = "cyan"
expect_account_id = "222222222222"
"""


@pytest.fixture
def path(home):
    return settings_file(home)


@pytest.fixture
def write(home):
    return lambda text: str(write_settings(home, text))


def rules_of(settings):
    return [
        {name: getattr(rule, name) for name in GuardRule.__slots__ if getattr(rule, name)}
        for rule in settings.guard
    ]


def check(settings):
    check_keys(settings, default_keys(), normal_keys)
    check_theme(settings, ["nord", "dracula", "textual-dark"])


def test_without_a_file_everything_has_its_default(path):
    settings = load_settings(str(path))
    check(settings)
    assert vars(settings) == vars(Settings(str(path)))
    assert all(getattr(settings, name) == words[0] for name, words in CHOICES.items())
    assert (settings.theme, settings.keys, settings.accounts, settings.guard) == ("", {}, {}, ())


def test_every_setting_is_read(write):
    settings = load_settings(write(EVERYTHING))
    check(settings)
    assert [settings.theme, settings.icons, settings.start] == ["nord", "ascii", "filter"]
    assert (settings.order, settings.filter) == ("most-used", "fuzzy")
    assert settings.accounts == {"222222222222": "Prod", "012345678901": "Dev"}
    assert settings.keys == {"profile.run": "r, f2"}
    assert rules_of(settings) == [
        {"profiles": ("prod*",), "level": "confirm", "color": "red", "position": 1},
        {
            "profiles": ("a", "b*"),
            "account_ids": ("222222222222", "012345678901"),
            "roles": ("Admin*",),
            "level": "read-only",
            "color": "cyan",
            "expect_account_id": "222222222222",
            "position": 2,
        },
    ]


@pytest.mark.parametrize(
    "text",
    [
        EVERYTHING.replace("\n", "\r\n"),
        'guard = [{profile = "x"}]',
        "[accounts]\n'222222222222' = '''\nProd'''\n",
        'accounts.222222222222 = "Prod"\nkeys."profile.run" = "r"\n',
        'guard = [\n  {profile = [\n    "x", # one\n    "y",\n  ]},\n]\n',
        "guard = []\n",
        "[accounts]\n[keys]\n",
    ],
)
def test_toml_may_be_written_in_all_its_ways(write, text):
    check(load_settings(write(text)))


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_can_be_made(write, name):
    for word in CHOICES[name]:
        assert getattr(load_settings(write(f"{name} = '{word}'\n")), name) == word


@pytest.mark.parametrize(("key", "words"), [("level", LEVELS), ("color", COLORS)])
def test_every_level_and_colour_can_be_given(write, key, words):
    for word in words:
        [rule] = load_settings(write(f"[[guard]]\nprofile = 'x'\n{key} = '{word}'\n")).guard
        assert getattr(rule, key) == word


def test_keys_may_change_places(write):
    check(load_settings(write("[keys]\n'profile.run' = 'c'\n'profile.copy' = 'x'\n")))


def test_the_default_keys_clash_nowhere_and_are_all_keys():
    taken = [key for action in ACTIONS for key in normal_keys(action.keys)]
    assert len(taken) == len(set(taken))
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


@given(
    st.recursive(
        st.one_of(st.text(), st.integers(), st.booleans(), st.floats(), st.dates()),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
        max_leaves=5,
    ).flatmap(
        lambda value: st.one_of(
            st.builds(dict.fromkeys, st.sets(st.sampled_from([*vars(Settings()), "x"])), st.just(value)),
            st.builds(
                lambda keys: {"guard": [dict.fromkeys(keys, value)]},
                st.sets(st.sampled_from(["profile", "account_id", "role", "level", "expect_account_id", ""])),
            ),
        )
    )
)
def test_whatever_the_values_are_there_are_settings_or_a_printable_fault(table):
    fault, guard = "", ()
    try:
        guard = settings_of(table, "/nowhere/config.toml", "").guard
    except XswitchError as error:
        fault = error.message
    assert fault.isprintable()
    assert all(rule.profiles or rule.account_ids or rule.roles for rule in guard)


# --- the first file -------------------------------------------------------------------------------


def uncommented(text):
    return re.sub("^#(?=[^ #])", "", text, flags=re.MULTILINE)


def test_the_first_file_sets_nothing(write, path):
    assert tomllib.loads(default_text()) == {}
    assert vars(load_settings(write(default_text()))) == vars(Settings(str(path)))


def test_the_first_file_with_everything_uncommented_is_in_order_and_has_every_setting(write):
    text = uncommented(default_text())
    settings = load_settings(write(text))
    check_keys(settings, default_keys(), normal_keys)
    check_theme(settings, ["nord"])
    assert set(tomllib.loads(text)) == set(vars(settings)) - {"path"}
    [rule] = settings.guard
    assert all(getattr(rule, name) for name in GuardRule.__slots__)
    assert set(tomllib.loads(text)["guard"][0]) == {
        *("profile", "account_id", "role", "level", "color", "expect_account_id")
    }


RULE = "[[guard]]\nprofile = 'x'\n"
TABLES = {"profile": "[[guard]]\n", **dict.fromkeys(["account_id", "role", "level", "color"], RULE)}


@pytest.mark.parametrize("line", re.findall("^#([^ #].*)", default_text(), re.MULTILINE))
def test_each_line_of_the_first_file_is_in_order_when_it_alone_is_uncommented(write, line):
    if line == "[[guard]]":
        line = RULE
    elif line.startswith('"'):
        line = f"[accounts]\n{line}" if line[1].isdigit() else f"[keys]\n{line}"
    key = line.split()[0]
    load_settings(write(f"{TABLES.get(key.removeprefix('expect_'), '')}{line}\n"))


def test_the_first_file_says_which_words_and_defaults_there_are():
    text = default_text()
    for words in (*CHOICES.values(), LEVELS, COLORS):
        assert all(word in text for word in words)


# --- writing the theme ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# only a comment\n",
        'theme = "old" # why\r\nicons = "ascii"\r\n',
        "# top\n\nicons = 'ascii'\n\n[keys] # mine\n'app.quit' = 'Q'\n",
        '[keys]\n"app.quit" = "Q"',
        "[[guard]]\nprofile = 'x'\n",
        "# a\n[accounts]\n222222222222 = 'P'\n[[guard]]\nprofile = 'x'\n# b\n[[guard]]\nprofile = 'y'\n",
        "guard = [{profile = 'x'}]\n",
        "[keys]\n#theme = 'nord'\n",
        EVERYTHING.replace('"nord"', '"old"'),
        EVERYTHING.partition("\n")[2],
    ],
)
def test_writing_the_theme_keeps_everything_else(write, before):
    path = write(before)
    settings = load_settings(path)
    save_theme(path, "nord")
    with open(path, newline="") as file:
        after = file.read()
    found = load_settings(path)
    assert found.theme == "nord"
    assert (found.keys, found.accounts, rules_of(found)) == (
        settings.keys,
        settings.accounts,
        rules_of(settings),
    )
    for line in before.splitlines(keepends=True):
        assert line in after or line.startswith("theme") or line + "\n" in after
    if 'theme = "old"' in before:
        assert after == before.replace("old", "nord")


def test_a_theme_in_the_first_file_is_no_part_of_a_table_that_is_uncommented_later(write):
    path = write(default_text())
    save_theme(path, "nord")
    with open(path) as file:
        text = file.read()
    assert text == default_text().replace("#theme", "theme")
    settings = load_settings(write(uncommented(text)))
    assert settings.theme == "nord"
    check(settings)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_theme_of_any_name_can_be_read_again(theme):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/config.toml"
        for before in ("", default_text(), "x = 1\n"):
            with open(path, "w") as file:
                file.write(before)
            save_theme(path, theme)
            with open(path, "rb") as file:
                assert tomllib.load(file)["theme"] == theme


def test_a_new_file_is_the_users_alone_and_an_old_ones_mode_stays(path):
    save_theme(str(path), "nord")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o640)
    save_theme(str(path), "dracula")
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(path.parent) == [path.name]


def test_a_link_to_the_settings_stays_a_link(home, path):
    real = home / "dotfiles.toml"
    real.write_text("# mine\n")
    path.parent.mkdir(parents=True)
    path.symlink_to(real)
    save_theme(str(path), "nord")
    assert path.is_symlink()
    assert real.read_text() == '# mine\ntheme = "nord"\n'


def test_a_file_that_is_no_toml_any_more_is_not_overwritten(write, path):
    with pytest.raises(ValueError, match=r".+"):
        save_theme(write("not [ toml"), "nord")
    assert path.read_text() == "not [ toml"
