"""`xswitch doctor`: what it prints, what it mends, and with which status it ends."""

from __future__ import annotations

import json
import os

import pytest
from doctoring import KEYS, REGION, Home, files_in, role
from running import CANARY, SECRET, TOKEN, XSWITCH, Terminal, run_xswitch

QUOTED = role("quoted", arn="arn:aws:iam::222222222222:role/Quoted").replace("eu-west-1", '"eu-west-1"')
BROKEN = f"{role('prod')}\n{role('legacy', source='kesy')}\n# quoted\n{QUOTED}"
MISSING = "the source profile “kesy” does not exist: correct the name, or add the profile"
IN_QUOTES = "the quotes around `region` are a part of its value for aws: write it without"
MENDED = BROKEN.replace('"', "")
NOTED = "[profile bare]\nrole_arn = arn:aws:iam::222222222222:role/R\nsource_profile = keys\n"


def doctor(*words, **environ):
    return run_xswitch("doctor", *words, env={**os.environ, **environ})


def test_the_report_has_a_line_a_finding_below_its_file(home):
    Home(BROKEN).write(home)
    done = doctor()
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "~/.aws/config",
        f"     8  XS201  error    legacy: {MISSING}",
        "                        fix: set source_profile of legacy to keys (not sure)",
        f"    15  XS122  error    quoted: {IN_QUOTES}",
        "                        fix: set region of quoted to eu-west-1",
    ]
    assert done.stderr == "xswitch: 2 errors; xswitch doctor --fix offers to mend 2 of them\n"


def test_the_json_has_every_field(home):
    Home(BROKEN).write(home)
    done = doctor("--json")
    assert done.returncode == 1
    first, second = json.loads(done.stdout)
    assert first == {
        "code": "XS201",
        "severity": "error",
        "profile": "legacy",
        "file": str(home / ".aws/config"),
        "line": 8,
        "message": MISSING,
        "fix": {"title": "set source_profile of legacy to keys", "sure": False},
    }
    assert second["fix"] == {"title": "set region of quoted to eu-west-1", "sure": True}
    Home(NOTED).write(home)
    done = doctor("--json")
    assert done.returncode == 0
    assert [(each["severity"], each["fix"]) for each in json.loads(done.stdout)] == [("note", None)]


def test_nothing_wrong_is_said_so(home):
    Home(role("prod")).write(home)
    done = doctor()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "xswitch: nothing wrong was found\n")
    assert doctor("--json").stdout == "[]\n"


def test_patterns_and_codes_choose(home):
    Home(BROKEN).write(home)

    def codes(*words):
        return [each["code"] for each in json.loads(doctor("--json", *words).stdout)]

    assert codes("leg*") == ["XS201"]
    assert codes("*", "!LEGACY") == ["XS122"]
    assert codes("--code", "XS122") == ["XS122"]
    assert codes("--code", "xs201", "--code", "XS122") == ["XS201", "XS122"]
    assert codes("--code", "!XS201") == ["XS122"]
    assert codes("--code", "XS201", "--code", "!XS201") == []
    assert codes("prod") == []
    assert doctor("prod").returncode == 0
    Home(BROKEN + "junk\n").write(home)
    assert codes("prod") == ["XS102"], "aws reads nothing of that file, whatever profile is asked for"


def test_what_is_no_code_or_option_is_a_usage_error(home):
    done = doctor("--code", "XS210", "--code", "XS999")
    assert done.returncode == 2
    assert "there is no check XS999" in done.stderr
    assert "did you mean XS10" in doctor("--code", "XS10").stderr
    assert doctor("--yes").returncode == 2


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


def test_on_a_terminal_each_fix_is_shown_and_asked_for(home):
    Home(BROKEN).write(home)
    terminal = Terminal([XSWITCH, "doctor", "--fix"], dict(os.environ))
    terminal.until("set source_profile of legacy to keys (not sure)? [y/N] ")
    shown = terminal.text.replace("\r", "")
    assert "XS201 ~/.aws/config:8: legacy: the source profile “kesy” does not exist" in shown
    assert "-source_profile = kesy" in shown
    assert "+source_profile = keys" in shown
    terminal.type("\n")
    terminal.until("set region of quoted to eu-west-1? [y/N] ")
    terminal.type("y\n")
    assert terminal.end() == 1
    assert "1 error" in terminal.text
    assert (home / ".aws/config").read_text() == MENDED


def test_ctrl_c_leaves_what_was_not_agreed_to(home):
    Home(BROKEN).write(home)
    terminal = Terminal([XSWITCH, "doctor", "--fix"], dict(os.environ))
    terminal.until("[y/N] ")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert (home / ".aws/config").read_text() == BROKEN


def test_lines_are_mended_before_what_moves_them(home):
    config = (
        f"{KEYS.replace('[keys', '[profile d')}[profile a]\noutput = json\n{REGION}[profile 'a']\n{REGION}\n"
        f"{role('b').replace('region', 'REGION')}{role('c', source='d').replace('role_arn =', 'role_arn:')}"
    )
    Home(config).write(home)
    done = doctor("--fix", "--yes")
    assert done.returncode == 0
    assert "not as it was" not in done.stderr
    after = (home / ".aws/config").read_text()
    assert role("b") + role("c", source="d") in after
    assert "AKIA" not in after
    assert [each["code"] for each in json.loads(doctor("--json").stdout)] == ["XS111"]


def test_a_teams_config_is_checked_where_there_is_no_home(home, tmp_path):
    (tmp_path / "team").mkdir()
    (tmp_path / "team/config").write_text("[prod]\nregion = eu-west-1\n")
    place = {"AWS_CONFIG_FILE": "team/config", "HOME": str(tmp_path / "none")}
    done = run_xswitch("doctor", "--json", env={**os.environ, **place}, cwd=tmp_path)
    assert done.returncode == 1
    assert [(each["code"], each["file"], each["line"]) for each in json.loads(done.stdout)] == [
        ("XS113", "team/config", 1)
    ]
    assert not (tmp_path / "none").exists()


def test_bad_settings_and_an_unparsable_file_are_reported_together(home):
    Home(role("prod") + "junk\n").write(home)
    (home / ".config/xswitch").mkdir(parents=True)
    (home / ".config/xswitch/config.toml").write_text("theme = \n")
    done = doctor("--json")
    assert done.returncode == 1
    places = {each["code"]: (each["file"], each["line"]) for each in json.loads(done.stdout)}
    assert places["XS102"] == (str(home / ".aws/config"), 5)
    assert places["XS601"] == (str(home / ".config/xswitch/config.toml"), 1)


GUARD = '[[guard]]\nprofile = "quoted"\n'


def test_a_guarded_profile_is_mended_only_with_its_name(home):
    Home(BROKEN).write(home)
    (home / ".config/xswitch").mkdir(parents=True)
    (home / ".config/xswitch/config.toml").write_text(GUARD)
    done = doctor("--fix", "--yes")
    assert done.returncode == 3
    assert (home / ".aws/config").read_text() == BROKEN
    assert doctor("--fix", "--yes", "--yes-really", "quoted").returncode == 1
    assert (home / ".aws/config").read_text() == MENDED


SICK = f"""\
[profile keys]
aws_access_key_id = AKIAEXAMPLEEXAMPLE01
aws_secret_access_key = '{SECRET}' # {SECRET}
region = eu-west-1
  aws_session_token = {TOKEN}
{TOKEN}
[keys]
aws_secret_access_key: {SECRET}
AWS_SECRET_ACCESS_KEY = {SECRET}x
{TOKEN} = x
{TOKEN}: y
[profile process]
credential_process = ~/x --password {SECRET}
region = https://user:{SECRET}@example.com/ # x
"""


def test_no_secret_is_shown_whatever_is_wrong_with_it(home):
    Home(SICK, SICK).write(home)
    for words in ([], ["--json"], ["--fix", "--yes"]):
        done = doctor(*words)
        assert done.returncode == 1
        assert CANARY.lower() not in (done.stdout + done.stderr).lower()
    Home(SICK, SICK).write(home)
    terminal = Terminal([XSWITCH, "doctor", "--fix"], dict(os.environ))
    terminal.type("y\n" * 60)
    assert terminal.end() in {0, 1}
    assert terminal.text.count("[y/N]") > 5
    assert CANARY.lower() not in terminal.text.lower()


@pytest.mark.parametrize("name", ["evil\x1b[31m", "a\u202eb"])
def test_nothing_in_the_files_reaches_the_terminal_as_it_is(home, name):
    Home(
        f'[profile "{name}"]\nregion = x\x1b[2J y\nsource_profile = \x1b]0;t\x07\n'
        f"{role('r', source=name + '!')}"
    ).write(home)
    done = doctor(FORCE_COLOR="")
    assert done.returncode == 1
    assert (done.stdout + done.stderr).replace("\n", "").isprintable()
