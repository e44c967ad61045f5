"""`xswitch doctor --fix`: what it asks, what it mends, and what it says at the end."""

from __future__ import annotations

import json
import os

import pytest
from doctoring import KEYS, REGION, Home, files_in, role
from running import XSWITCH, Terminal, run_xswitch
from test_doctor_cli import BROKEN, QUOTED, doctor

from xswitch.doctor import examine
from xswitch.doctor.together import at_once, make
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles

MENDED = BROKEN.replace('"', "")
ASKED = "[y/n/a/q] "


def on_terminal(*words):
    return Terminal([XSWITCH, "doctor", "--fix", *words], dict(os.environ))


def guard(home, *names):
    settings = home / ".config/xswitch/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("".join(f'[[guard]]\nprofile = "{name}"\n' for name in names))


def test_without_a_terminal_fixes_need_yes(home):
    Home(BROKEN).write(home)
    before = files_in(home)
    done = doctor("--fix")
    assert done.returncode == 1
    assert "no terminal" in done.stderr
    assert "--fix --yes" in done.stderr
    assert files_in(home) == before


def test_yes_mends_what_is_sure_and_reports_what_is_left(home):
    Home(BROKEN).write(home)
    before = files_in(home)
    done = doctor("--fix", "--yes", "--json")
    assert done.returncode == 1
    assert [each["code"] for each in json.loads(done.stdout)] == ["XS201"]
    assert (
        "set region of quoted to eu-west-1: written to ~/.aws/config (xswitch undo takes it back)"
        in done.stderr
    )
    assert (home / ".aws/config").read_text() == MENDED
    assert run_xswitch("undo").returncode == 0
    assert files_in(home) == before


def test_yes_mends_only_what_was_chosen(home):
    Home(BROKEN).write(home)
    assert doctor("--fix", "--yes", "legacy").returncode == 1
    assert (home / ".aws/config").read_text() == BROKEN
    assert doctor("--fix", "--yes", "quoted").returncode == 0
    assert (home / ".aws/config").read_text() == MENDED


def test_yes_says_what_it_has_left_to_be_asked_about(home):
    Home(BROKEN).write(home)
    assert doctor("--fix", "--yes").stderr.splitlines()[-1] == (
        "xswitch: 1 mended; left: 1 error; 1 is a guess and was left: xswitch doctor --fix asks about it"
    )
    assert doctor("--fix", "--yes").stderr == (
        "xswitch: nothing was mended; left: 1 error; 1 is a guess and was left: "
        "xswitch doctor --fix asks about it\n"
    )
    Home(QUOTED).write(home)
    assert doctor("--fix", "--yes").stderr.splitlines()[-1] == "xswitch: 1 mended; nothing wrong is left"
    assert doctor("--fix", "--yes").stderr == "xswitch: nothing wrong was found\n"


def test_on_a_terminal_each_fix_is_shown_and_asked_for(home):
    Home(BROKEN).write(home)
    terminal = on_terminal()
    terminal.until(f"set source_profile of legacy to keys (not sure)? {ASKED}")
    shown = terminal.text.replace("\r", "")
    assert "XS201 ~/.aws/config:8: legacy: the source profile “kesy” does not exist" in shown
    assert "-source_profile = kesy" in shown
    assert "+source_profile = keys" in shown
    terminal.type("n\n")
    terminal.until(f"set region of quoted to eu-west-1? {ASKED}")
    terminal.type("y\n")
    assert terminal.end() == 1
    assert "1 mended; left: 1 error\r\n" in terminal.text
    assert (home / ".aws/config").read_text() == MENDED


def test_an_answer_that_is_none_is_asked_again_with_what_the_letters_mean(home):
    Home(BROKEN).write(home)
    terminal = on_terminal()
    terminal.until(ASKED)
    for answer in ("?", ""):
        terminal.type(f"{answer}\n")
        terminal.until(ASKED, after="y: mend it; n: leave it; a: mend it, and all further sure ones")
    terminal.type("yes\n")
    terminal.until(f"quoted to eu-west-1? {ASKED}")
    terminal.type("q\n")
    assert terminal.end() == 1
    assert (home / ".aws/config").read_text() == BROKEN.replace("kesy", "keys")
    terminal = on_terminal()
    terminal.type("\n" * 3)  # nobody is there
    assert terminal.end() == 1


@pytest.mark.parametrize(("end", "status"), [("q\n", 1), ("\x03", 130), ("\x04", 1)])
def test_what_was_not_agreed_to_is_left_and_said_at_the_end(home, end, status):
    Home(f"{BROKEN}{QUOTED.replace('quoted', 'more')}").write(home)
    terminal = on_terminal()
    terminal.until(f"legacy to keys (not sure)? {ASKED}")
    terminal.type("n\n")
    terminal.until(f"quoted to eu-west-1? {ASKED}")
    terminal.type("y\n")
    terminal.until(f"more to eu-west-1? {ASKED}")
    terminal.type(end)
    assert terminal.end() == status
    assert terminal.text.splitlines()[-1] == "xswitch: 1 mended; left: 2 errors"
    assert (home / ".aws/config").read_text() == MENDED + QUOTED.replace("quoted", "more")


def test_all_is_for_what_is_sure_and_guesses_are_asked_about_still(home):
    config = QUOTED + "".join(f"{QUOTED.replace('quoted', name)}" for name in ("a", "b"))
    Home(f"{config}{role('guess', source='kesy')}").write(home)
    terminal = on_terminal()
    terminal.until(f"quoted to eu-west-1? {ASKED}")
    terminal.type("a\n")
    terminal.until(f"(not sure)? {ASKED}", after="mend 2 findings: written to ~/.aws/config")
    assert terminal.text.count(ASKED) == 2
    terminal.type("n\n")
    assert terminal.end() == 1
    assert (home / ".aws/config").read_text() == config.replace('"', "") + role("guess", source="kesy")


def test_questions_come_in_the_order_of_the_report_and_each_once(home):
    """Also where mending moves the lines of others, and where two findings are alike."""
    sick = role("p", source="kesy").replace("region", "REGION") + "junk\nmore junk\n"
    twice = f"[profile 'a']\noutput = json\n[profile a]\n{REGION}"
    Home(f"{twice}{sick}{role('q').replace('role_arn', 'role-arn')}").write(home)
    fixes = [each["fix"] for each in json.loads(doctor("--json").stdout) if each["fix"]]
    offered = [f"{fix['title']}{'' if fix['sure'] else ' (not sure)'}? {ASKED}" for fix in fixes]
    assert len(offered) == 6
    terminal = on_terminal()
    for question in offered:
        terminal.until(question)
        terminal.type("n\n")
    assert terminal.end() == 1
    assert terminal.text.count(ASKED) == 6
    terminal = on_terminal()
    terminal.type("n\ny\n" * 6)
    assert terminal.end() == 1
    assert terminal.text.count(ASKED) == 6


def test_what_has_changed_while_the_question_stood_is_left(home):
    Home(BROKEN).write(home)
    terminal = on_terminal("quoted")
    terminal.until(ASKED)
    theirs = BROKEN.replace('"eu-west-1"', '"eu-west-3"')
    (home / ".aws/config").write_text(theirs)
    terminal.type("y\n")
    terminal.until(f"quoted to eu-west-3? {ASKED}", after="not as it was any more")
    theirs = theirs.replace('"eu-west-3"', "eu-north-1")
    (home / ".aws/config").write_text(theirs)
    terminal.type("y\n")
    assert terminal.end() == 0
    assert terminal.text.count("not as it was any more, and nothing was changed") == 2
    assert (home / ".aws/config").read_text() == theirs


def test_what_has_only_moved_while_the_question_stood_is_mended(home):
    Home(BROKEN).write(home)
    terminal = on_terminal("quoted")
    terminal.until(ASKED)
    (home / ".aws/config").write_text(f"# new\n\n{BROKEN}")
    terminal.type("y\n")
    assert terminal.end() == 0
    assert (home / ".aws/config").read_text() == f"# new\n\n{MENDED}"


def test_several_fixes_in_one_file_are_all_made(home):
    config = (
        f"[PROFILE a]\n{REGION}  output = json\n"
        f"{role('b').replace('region', 'REGION')}{role('c').replace('role_arn =', 'role_arn:')}"
    )
    Home(config).write(home)
    done = doctor("--fix", "--yes")
    assert done.returncode == 0
    assert "not as it was" not in done.stderr
    after = (home / ".aws/config").read_text()
    assert after == f"[profile a]\n{REGION}output = json\n{role('b')}{role('c')}"
    assert [each["code"] for each in json.loads(doctor("--json").stdout)] == ["XS230", "XS226"]


def test_the_mode_of_a_file_that_others_may_share_is_asked_about(home, tmp_path):
    Home("").write(home)
    shared = tmp_path / "config"
    shared.write_text(role("prod") + KEYS.replace("[", "[profile "))
    (home / ".aws/credentials").chmod(0o640)
    shared.chmod(0o640)
    assert doctor("--fix", "--yes", AWS_CONFIG_FILE=str(shared)).returncode == 0
    assert (home / ".aws/credentials").stat().st_mode & 0o777 == 0o600
    assert shared.stat().st_mode & 0o777 == 0o640
    assert "AKIA" in shared.read_text()


def test_a_guarded_profile_is_mended_only_with_its_name(home):
    Home(BROKEN).write(home)
    guard(home, "quoted")
    done = doctor("--fix", "--yes")
    assert done.returncode == 3
    assert (home / ".aws/config").read_text() == BROKEN
    assert doctor("--fix", "--yes", "--yes-really", "quoted").returncode == 1
    assert (home / ".aws/config").read_text() == MENDED


USER = "[profile prod]\nsso_session = corp\nsso_account_id = 444444444444\nsso_role_name = Reader\n" + REGION
SHARED = {
    "a value of an SSO session": (
        f'{USER}[sso-session corp]\nsso_start_url = "https://corp.example.com/start"\n'
        "sso_region = us-east-1\nsso_registration_scopes = sso:account:access\n"
    ),
    "a line of an SSO session": (
        f"{USER}[sso-session corp]\nsso_start_url = https://corp.example.com/start\n"
        "SSO_REGION = us-east-1\nsso_registration_scopes = sso:account:access\n"
    ),
    "a line of services": f"{role('prod', 'services = s')}[services s]\nregion: eu-west-1\n",
}


@pytest.mark.parametrize("config", SHARED.values(), ids=SHARED)
def test_a_section_that_a_guarded_profile_names_is_mended_only_with_its_name(home, config):
    Home(config + role("dev").replace("region =", "region:")).write(home)
    guard(home, "prod")
    done = doctor("--fix", "--yes")
    assert done.returncode == 3
    assert "prod" in done.stderr
    assert (home / ".aws/config").read_text() == config + role("dev")
    assert doctor("--fix", "--yes", "--yes-really", "prod").returncode == 0
    assert (home / ".aws/config").read_text() != config + role("dev")
    assert [each["code"] for each in json.loads(doctor("--json").stdout) if each["fix"]] == []


MANY = (
    f"[PROFILE a]\n{REGION}  output = json\n{role('b').replace('region', 'REGION')}"
    f"{role('c').replace('role_arn =', 'role_arn:').replace('eu-west-1', chr(34) + 'eu-west-1' + chr(34))}"
)


def test_all_that_is_sure_is_one_edit_and_undo_takes_all_of_it_back(home):
    sick = MANY + "".join(QUOTED.replace("quoted", f"p{number}") for number in range(200))
    Home(sick, KEYS.replace("[keys]", "[profile keys]")).write(home)
    before = files_in(home)
    done = doctor("--fix", "--yes")
    assert done.returncode == 0
    assert done.stderr.count("xswitch undo takes it back") == 1
    assert "mend 206 findings: written to ~/.aws/config and ~/.aws/credentials" in done.stderr
    assert "206 mended" in done.stderr.splitlines()[-1]
    after = (home / ".aws/config").read_text()
    assert after.startswith(f"[profile a]\n{REGION}output = json\n{role('b')}{role('c')}[profile p0]\n")
    assert chr(34) not in after
    assert (home / ".aws/credentials").read_text() == KEYS
    undone = run_xswitch("undo")
    assert undone.returncode == 0
    assert "mend 206 findings" in undone.stderr + undone.stdout
    assert files_in(home) == before
    assert run_xswitch("undo").returncode == 1


def test_a_value_is_mended_together_with_the_header_above_it(home):
    Home(f"[PROFILE a]\n{REGION.replace('eu-west-1', chr(34) + 'eu-west-1' + chr(34))}").write(home)
    assert "mend 2 findings: written" in doctor("--fix", "--yes").stderr
    assert (home / ".aws/config").read_text() == f"[profile a]\n{REGION}"


@pytest.mark.parametrize("more", ["", f"{role('twice')}output = json\noutput = 'json'\n"])
def test_what_is_not_permitted_is_not_made_with_others(home, more):
    Home(f"{role('a')}{role('b')}{more}".replace("region =", "Region:")).write(home)
    locations = Locations(os.environ)
    chosen = at_once(examine(locations, os.environ), read_profiles(locations))
    outcomes = make(chosen, locations, {"a", "twice"})
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    assert any("b" in error.message for error in errors), errors
    text = (home / ".aws/config").read_text()
    assert role("a") in text
    assert role("b").replace("region =", "Region:") in text


def test_a_question_about_a_section_is_followed_by_that_of_the_guard(home):
    config = SHARED["a line of services"]
    Home(config).write(home)
    guard(home, "prod")
    terminal = on_terminal()
    terminal.until(ASKED)
    terminal.type("y\n")
    terminal.until("go on: ", after="prod (account 222222222222) is guarded")
    terminal.type("\n")
    assert terminal.end() == 3
    assert (home / ".aws/config").read_text() == config


def test_what_the_editor_refuses_keeps_no_other_from_being_mended(home):
    refused = f"{role('twice')}output = json\noutput = {chr(34)}json{chr(34)}\n"
    Home(f"{MANY}{refused}{QUOTED}").write(home)
    done = doctor("--fix", "--yes")
    assert done.returncode == 1
    assert "output stands in lines 16 and 17 of one section" in done.stderr
    assert done.stderr.count("xswitch undo takes it back") == 1
    assert "6 mended; left: 2 errors" in done.stderr
    after = (home / ".aws/config").read_text()
    assert after.endswith(f"{role('c')}{refused}{QUOTED.replace(chr(34), '')}")


def test_two_sections_that_would_become_one_profile_are_not_both_renamed(home):
    both = f"[PROFILE a]\n{REGION}[Profile a]\n{REGION}"
    Home(both).write(home)
    done = doctor("--fix", "--yes")
    assert done.returncode == 0
    assert done.stderr.count("[Profile a]") == done.stderr.count("not as it was") == 0
    assert (home / ".aws/config").read_text() == both.replace("PROFILE", "profile")
