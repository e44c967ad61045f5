"""The settings file: every fault is a sentence that names it, and writing the theme changes nothing else."""

from __future__ import annotations

import os

import pytest

from xswitch.errors import XswitchError
from xswitch.settings import load_settings, save_theme
from xswitch.tui._textual import normal_keys
from xswitch.tui.actions import ACTIONS, default_keys


@pytest.fixture
def path(home):
    return home / ".config/xswitch/settings.toml"


@pytest.fixture
def write(path):
    def write(text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def read_and_check(path):
    settings = load_settings(path)
    settings.check_keys(default_keys(), normal_keys)
    settings.check_theme(["nord", "dracula", "textual-dark"])


def fault_of(path):
    """Return the sentence with which these settings are refused."""
    with pytest.raises(XswitchError) as caught:
        read_and_check(path)
    assert caught.value.message.startswith("~/.config/xswitch/settings.toml: ")
    assert caught.value.hint
    return caught.value.message.removeprefix("~/.config/xswitch/settings.toml: ")


def test_without_a_file_everything_has_its_default(path):
    settings = load_settings(str(path))
    settings.check_keys(default_keys(), normal_keys)
    settings.check_theme([])
    assert (settings.theme, settings.icons, settings.start, settings.keys) == ("", "unicode", "tree", {})


def test_every_setting_is_read(write):
    settings = load_settings(
        write('theme = "nord"\nicons = "ascii"\nstart = "filter"\n[keys]\n"profile.run" = "r, f2"\n')
    )
    settings.check_keys(default_keys(), normal_keys)
    settings.check_theme(["nord"])
    assert (settings.theme, settings.icons, settings.start) == ("nord", "ascii", "filter")
    assert settings.keys == {"profile.run": "r, f2"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("icon = 'ascii'", "icon is no setting, or not of the right type: did you mean icons?"),
        ("theme = 3", "theme is no setting, or not of the right type: did you mean theme?"),
        ("keys = 'x'", "keys is no setting, or not of the right type: did you mean keys?"),
        ("zzzzzz = 1", "zzzzzz is no setting, or not of the right type"),
        ("icons = 'emoji'", "icons is emoji, and must be unicode or ascii"),
        ("start = 'top'", "start is top, and must be tree or filter"),
        ("theme = 'nrod'", "theme nrod is unknown: did you mean nord?"),
        ("[keys]\n'profile.rum' = 'r'", "[keys] profile.rum is no action: did you mean profile.run?"),
        ("[keys]\n'zzz' = 'r'", "[keys] zzz is no action"),
        ("[keys]\n'profile.run' = 3", '[keys] profile.run must be a text such as "x" or "ctrl+x,f2"'),
        ("[keys]\n'profile.run' = ''", '[keys] profile.run must be a text such as "x" or "ctrl+x,f2"'),
        ("[keys]\n'profile.run' = 'crtl+x'", "[keys] profile.run: crtl+x is no key"),
        ("[keys]\n'profile.run' = 'r,foo'", "[keys] profile.run: foo is no key"),
        ("[keys]\n'profile.run' = 'c'", "[keys] c is the key of both profile.run and profile.copy"),
        ("[keys]\n'profile.run' = '?'", "[keys] question_mark is the key of both profile.run and app.help"),
        ("[keys]\n'app.quit' = '/'", "[keys] slash is the key of both view.filter and app.quit"),
        (
            "[keys]\n'profile.run' = 'r'\n'app.quit' = 'r'",
            "[keys] r is the key of both profile.run and app.quit",
        ),
        ("[keys]\n'profile.run' = 'j'", "[keys] j is the key of both cursor.down and profile.run"),
    ],
)
def test_a_fault_is_named_with_what_is_nearest(write, text, fault):
    assert fault_of(write(text)) == fault


@pytest.mark.parametrize("text", ["not [ toml", "a = ", b"\xff\xfe", "theme = 'a'\ntheme = 'b'", "[keys\n"])
def test_what_is_not_toml_is_told(write, text):
    assert fault_of(write(text))


@pytest.mark.parametrize("key", ["x\x1b[31m", "[/foo]", "\u202e"])
def test_odd_text_in_the_file_is_shown_and_not_acted_on(write, key):
    escaped = "".join(f"\\U{ord(char):08x}" for char in key)
    assert fault_of(write(f'"{escaped}" = 1\n')).isprintable()


def test_a_folder_in_its_place_is_told(path):
    path.mkdir(parents=True)
    assert fault_of(str(path))


def test_keys_may_change_places(write):
    settings = load_settings(write("[keys]\n'profile.run' = 'c'\n'profile.copy' = 'x'\n"))
    settings.check_keys(default_keys(), normal_keys)


def test_the_default_keys_clash_nowhere_and_are_all_keys():
    taken = [key for action in ACTIONS for key in normal_keys(action.keys)]
    assert len(taken) == len(set(taken))
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# only a comment\n",
        'theme = "old" # why\r\nicons = "ascii"\r\n',
        "# top\n\nicons = 'ascii'\n\n[keys] # mine\n'app.quit' = 'Q'\n",
        '[keys]\n"app.quit" = "Q"',
    ],
)
def test_writing_the_theme_keeps_everything_else(write, before):
    path = write(before)
    save_theme(path, "nord")
    with open(path, newline="") as file:
        after = file.read()
    assert load_settings(path).theme == "nord"
    for line in before.splitlines(keepends=True):
        assert line in after or line.startswith("theme") or line + "\n" in after
    if "theme" in before:
        assert after == before.replace("old", "nord")


def test_a_new_file_is_the_users_alone_and_an_old_ones_mode_stays(path, write):
    save_theme(str(path), "nord")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o640)
    save_theme(str(path), "dracula")
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(path.parent) == ["settings.toml"]


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
