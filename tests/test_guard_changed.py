"""What was asked about is what is used: a profile that becomes another one is refused, or asked anew."""

from __future__ import annotations

import os

import pytest
from awshome import read_profiles_in, write_profiles
from guarding import CONFIRM, READ_ONLY, REFUSED, ask, settings_file, write_settings
from running import PYTHON, write_session

from xswitch.editing.editor import Editor
from xswitch.editing.operations import remove
from xswitch.errors import GuardRefused, XswitchError
from xswitch.launch.prepare import Launcher
from xswitch.launch.usage import Use
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles
from xswitch.sessions.interaction import Interaction

KEYS = "[default]\naws_access_key_id = AKIA0000000000000000\naws_secret_access_key = secret\n"
READER = "[profile prod]\nrole_arn = arn:aws:iam::111111111111:role/Reader\nsource_profile = default\n"
ADMIN = READER.replace("111111111111:role/Reader", "222222222222:role/Admin")


class Typing(Interaction):
    """A user who types the name, and counts how often; `meanwhile` happens before that."""

    def __init__(self, meanwhile=lambda: None):
        self.count = 0
        self.meanwhile = meanwhile

    def confirm_guarded(self, question):
        self.count += 1
        self.meanwhile()


@pytest.fixture
def folder(aws_folder, home):
    write_settings(home, CONFIRM)
    for config in (ADMIN, READER):
        write_profiles(aws_folder, config, KEYS)
        write_session(home, read_profiles_in(aws_folder)["prod"])
    return aws_folder


def launcher(person, confirmed=()):
    locations = Locations(os.environ)
    return Launcher(read_profiles(locations), locations, os.environ, person, confirmed)


def test_a_name_that_was_typed_counts_for_the_profile_as_it_was(folder):
    person = Typing()
    first = launcher(person)
    first.permit("prod", Use.SWITCH)
    again = launcher(person, first.confirmed)
    again.environment("prod", use=Use.SWITCH)
    assert person.count == 1
    write_profiles(folder, ADMIN, KEYS)
    launcher(person, first.confirmed).environment("prod", use=Use.SWITCH)
    assert person.count == 2


@pytest.mark.parametrize(
    "after", [ADMIN, "", READER.replace("default", "other"), READER + "[profile prod ]\nregion = x\n"]
)
def test_a_profile_that_becomes_another_one_while_it_is_asked_about_is_refused(folder, after):
    person = Typing(lambda: write_profiles(folder, after, KEYS))
    with pytest.raises(GuardRefused, match="prod has changed in the files"):
        launcher(person).environment("prod")
    assert person.count == 1


def test_other_changes_meanwhile_do_not_matter(folder):
    person = Typing(lambda: write_profiles(folder, f"# mine\n{READER}region = eu-west-1\n", KEYS))
    assert launcher(person).environment("prod")["AWS_PROFILE"] == "prod"


WAYS = {
    "environment": lambda launcher: launcher.environment("prod"),
    "credentials": lambda launcher: launcher.credentials("prod", use=Use.ENV),
    "permit": lambda launcher: launcher.permit("prod", Use.EDIT),
    "permit_all": lambda launcher: launcher.permit_all(["default", "prod"], Use.EACH),
}


@pytest.mark.parametrize("way", WAYS)
def test_rules_that_are_written_while_a_launcher_is_at_work_hold_for_it(folder, home, way):
    settings_file(home).unlink()
    person = Typing()
    mine = launcher(person)
    helper = mine.unattended(person)
    for each in (mine, helper):
        WAYS[way](each)
        assert each.guard_of("prod") is None
    assert person.count == 0
    write_settings(home, CONFIRM)
    for each in (mine, helper):
        WAYS[way](each)
        assert each.guard_of("prod").level == "confirm"
    assert person.count == 2
    write_settings(home, READ_ONLY)
    with pytest.raises(GuardRefused, match="prod is read-only"):
        launcher(person).environment("prod")


@pytest.mark.parametrize("instead", ["nothing", "a pipe"])
def test_rules_that_were_read_hold_where_their_file_is_gone(folder, home, instead):
    write_settings(home, READ_ONLY)
    mine = launcher(Typing())
    assert mine.guard_of("prod").level == "read-only"
    settings_file(home).unlink()
    if instead == "a pipe":  # which nobody writes to, and nobody waits for
        os.mkfifo(settings_file(home))
    with pytest.raises(GuardRefused, match="prod is read-only"):
        mine.environment("prod")


def test_a_name_that_was_typed_is_handed_on_by_a_launcher_that_did_not_ask_itself(folder):
    person = Typing()
    first = launcher(person)
    first.environment("prod")
    launcher(person, first.confirmed).unattended(person).environment("prod")
    assert person.count == 1


def test_a_name_that_is_typed_afterwards_is_not_handed_on(folder):
    person = Typing()
    first = launcher(person)
    assert first.guard_of("prod") is not None
    second = first.unattended(person)
    first.environment("prod")
    second.environment("prod")
    assert person.count == 2


def test_the_command_is_not_run_in_a_terminal_either(folder):
    terminal = ask("run", "prod", "--", PYTHON, "-c", "print('it', 'ran')")
    write_profiles(folder, ADMIN, KEYS)
    terminal.type("prod\n")
    assert terminal.end() == REFUSED
    assert "prod has changed in the files" in terminal.text
    assert "it ran" not in terminal.text


def test_an_edit_does_not_reach_profiles_that_came_to_it_since(folder):
    editor = Editor(Locations(os.environ))
    operation = remove("default", with_dependents=True)
    permitted = editor.preview(operation).subjects
    more = f"{READER}{READER.replace('prod', 'prod-two')}"
    write_profiles(folder, more, KEYS)
    with pytest.raises(XswitchError, match="it would change prod-two too"):
        editor.apply(operation, permitted)
    assert (folder / "config").read_text() == more
