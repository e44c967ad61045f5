"""`xswitch doctor`: what it prints, what it mends, and with which status it ends."""

from __future__ import annotations

import json
import os

import pytest
from doctoring import Home, role
from running import CANARY, SECRET, TOKEN, XSWITCH, Terminal, run_xswitch

from xswitch.doctor import CHECKS

QUOTED = role("quoted", arn="arn:aws:iam::222222222222:role/Quoted").replace("eu-west-1", '"eu-west-1"')
BROKEN = f"{role('prod')}\n{role('legacy', source='kesy')}\n# quoted\n{QUOTED}"
MISSING = "the source profile “kesy” does not exist: correct the name, or add the profile"
IN_QUOTES = "the quotes around `region` are a part of its value for aws: write it without"
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
        "why": next(check.explanation for check in CHECKS if check.code == "XS201"),
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


@pytest.mark.parametrize("pattern", ["qoted", "qouted*", "!qoted", "nothing-like-it", "", "!"])
def test_a_pattern_that_matches_nothing_is_a_usage_error(home, pattern):
    Home(BROKEN).write(home)
    done = doctor("--json", "prod", pattern)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no profile matches" in done.stderr
    assert ("did you mean quoted" in done.stderr) == ("oted" in pattern or "outed" in pattern)


def test_a_file_in_the_place_of_a_pattern_is_told_how_to_be_checked(home, tmp_path):
    Home(BROKEN).write(home)
    path = tmp_path / "config"
    path.write_text("")
    done = doctor(str(path))
    assert done.returncode == 2
    assert f"to check another file: AWS_CONFIG_FILE={path} xswitch doctor" in done.stderr


def test_a_pattern_of_a_file_that_cannot_be_read_has_that_reported(home):
    Home(BROKEN).write(home)
    (home / ".aws/config").unlink()
    (home / ".aws/config").mkdir()
    done = doctor("--json", "legacy")
    assert done.returncode == 1
    assert [each["code"] for each in json.loads(done.stdout)] == ["XS101"]
    done = doctor("--json", "legacy", AWS_CONFIG_FILE=str(home / "confg"))
    assert done.returncode == 1
    assert [(each["code"], each["line"]) for each in json.loads(done.stdout)] == [("XS510", 0)]


def test_a_misspelt_name_is_told_also_where_a_file_has_a_fault(home):
    Home(f"{BROKEN}region = eu-west-1\nregion = eu-west-1\n").write(home)
    done = doctor("--json", "qoted")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean quoted" in done.stderr


@pytest.mark.parametrize("name", ["a[b]c", "!odd", "x*"])
def test_what_is_the_name_of_a_profile_means_that_one(home, name):
    names = (f"'{name}'", "odd", "xyz", "abc")
    Home("".join(role(each, source="gone") for each in names)).write(home)
    done = doctor("--json", name)
    assert done.returncode == 1, done.stderr
    assert {each["profile"] for each in json.loads(done.stdout)} == {name}


def test_the_checks_are_listed_and_explained(home):
    done = doctor("--list")
    assert done.returncode == 0
    assert done.stdout.startswith("XS101  error    file cannot be read\n                No right to read it")
    codes = [line.split()[0] for line in done.stdout.splitlines() if line[:2] == "XS"]
    assert codes == [check.code for check in CHECKS]
    done = doctor("--list", "--json", "--code", "XS602")
    assert json.loads(done.stdout) == [
        {
            "code": "XS602",
            "severity": "warning",
            "title": "guard rule that protects nothing",
            "why": "A misspelt name or account leaves production open.",
        }
    ]
    assert doctor("--list", "prod").returncode == doctor("--list", "--fix").returncode == 2
    assert "xswitch doctor --list has them all" in doctor("--code", "XSX").stderr


def test_what_is_no_code_or_option_is_a_usage_error(home):
    done = doctor("--code", "XS210", "--code", "XS999")
    assert done.returncode == 2
    assert "there is no check XS999" in done.stderr
    assert "did you mean XS10" in doctor("--code", "XS10").stderr
    assert doctor("--yes").returncode == 2


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


def test_a_teams_config_without_the_keys_is_no_failure(home, tmp_path):
    (tmp_path / "config").write_text(
        f"[profile keys]\nregion = eu-west-1\n{role('p')}{role('q', source='p')}"
    )
    place = {"AWS_CONFIG_FILE": str(tmp_path / "config")}
    done = doctor("--json", **place)
    assert done.returncode == 0
    assert {each["code"] for each in json.loads(done.stdout)} == {"XS203", "XS204"}
    (tmp_path / "config").unlink()
    done = doctor("--json", **place)
    assert done.returncode == 1
    assert [(each["code"], each["severity"]) for each in json.loads(done.stdout)] == [("XS510", "error")]


def test_settings_with_which_the_ui_does_not_open_are_found(home):
    Home(role("prod")).write(home)
    (home / ".config/xswitch").mkdir(parents=True)
    settings = home / ".config/xswitch/config.toml"
    for text, words in (
        ('[keys]\n"profile.run" = "q"\n', "is the key of both"),
        ('[keys]\n"profile.runn" = "z"\n', "is no action: did you mean profile.run?"),
        ('\ntheme = "nrod"\n', "theme nrod is unknown"),
    ):
        settings.write_text(text)
        done = doctor("--json")
        assert done.returncode == 1
        finding = json.loads(done.stdout)[0]
        assert (finding["code"], finding["line"]) == ("XS601", 2)
        assert words in finding["message"]
        assert finding["message"].endswith("the terminal UI does not open; all other settings count")
    settings.write_text('theme = "nord"\n[keys]\n"profile.run" = "z"\n')
    assert doctor().returncode == 0


def test_bad_settings_and_an_unparsable_file_are_reported_together(home):
    Home(role("prod") + "junk\n").write(home)
    (home / ".config/xswitch").mkdir(parents=True)
    (home / ".config/xswitch/config.toml").write_text("theme = \n")
    done = doctor("--json")
    assert done.returncode == 1
    places = {each["code"]: (each["file"], each["line"]) for each in json.loads(done.stdout)}
    assert places["XS102"] == (str(home / ".aws/config"), 5)
    assert places["XS601"] == (str(home / ".config/xswitch/config.toml"), 1)


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
    assert terminal.text.count("[y/n/a/q]") > 5
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
