"""Doctor: every check finds what it is for and nothing else, and its fixes change nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import test_doctor_files
import test_doctor_profiles
import test_doctor_shell
import test_doctor_signing
from doctoring import KEYS, Home, files_in, found, role, sso

import xswitch
from xswitch.doctor import CHECKS, Severity
from xswitch.doctor.table import table
from xswitch.editing.editor import Editor

THEMES = (test_doctor_files, test_doctor_profiles, test_doctor_signing, test_doctor_shell)
CASES = {code: cases for theme in THEMES for code, cases in theme.CASES.items()}
EVERY = [
    pytest.param(code, case, id=f"{code}-{number}")
    for code, cases in CASES.items()
    for number, case in enumerate(cases, 1)
]
FIXED = [param for param in EVERY if param.values[1].fixed is not None]
ORDINARY = Home(
    "# mine\n[default]\nregion = eu-west-1\noutput = json\n\n"
    f"{role('prod', 's3 =', '  max_bandwidth = 1MB/s')}"
    f"{role('audit', source='prod', arn='arn:aws:iam::222222222222:role/team/Audit')}{sso()}"
    "[profile process]\ncredential_process = /bin/echo {}\nregion = eu-west-1\n[plugins]\nx = y\n"
    "[services local]\ns3 =\n  endpoint_url = http://127.0.0.1:9000\n",
    f"{KEYS}{KEYS.replace('keys', 'default')}",
)


def test_every_check_has_cases_and_every_code_is_used_once():
    codes = [check.code for check in CHECKS]
    assert sorted(CASES) == codes == sorted(set(codes))
    assert all(re.fullmatch(r"XS[1-6]\d\d", code) for code in codes)


@pytest.mark.parametrize(("code", "case"), EVERY)
def test_a_check_finds_what_it_is_for(home, code, case):
    case.bad.write(home)
    findings = found(case.bad.examine(), code)
    assert findings, f"{code} finds nothing"
    severity = case.severity or findings[0].severity
    expected = (case.line, case.profile, severity)
    assert expected in [(each.line, each.profile, each.severity) for each in findings]
    assert all(each.message and each.message.isprintable() for each in findings)


@pytest.mark.parametrize(("code", "case"), EVERY)
def test_a_check_finds_nothing_where_nothing_is_wrong(home, code, case):
    case.good.write(home)
    assert found(case.good.examine(), code) == []


def test_an_ordinary_home_has_nothing_to_be_found(home):
    ORDINARY.write(home)
    assert ORDINARY.examine() == []


def test_no_home_at_all_has_nothing_to_be_found(home):
    (home / ".aws").rmdir()
    assert Home().examine() == []


@pytest.mark.parametrize(("code", "case"), FIXED)
def test_a_fix_mends_it_changes_nothing_else_and_is_taken_back(home, code, case):
    case.bad.write(home)
    before = files_in(home)
    finding = next(each for each in found(case.bad.examine(), code) if each.fix is not None)
    fix = finding.fix
    assert fix.sure is case.sure
    places = case.bad.locations()
    diff = fix.diff(places)
    assert files_in(home) == before, "showing the diff has changed something"
    assert diff
    assert fix.profiles <= set(Editor(places).preview(fix.operation).profiles.files.profiles) | fix.profiles
    assert "xswitch undo" in fix.apply(places)
    config, credentials = ((home / ".aws" / name).read_text() for name in ("config", "credentials"))
    assert (config, credentials) == case.fixed
    left = found(case.bad.examine(), code)
    assert (finding.profile, finding.message) not in [(each.profile, each.message) for each in left]
    Editor(places).undo()
    assert files_in(home) == before


def test_findings_come_by_severity_then_by_place(home):
    Home(f"[default]\noutput = jsn\n{role('a', source='gone')}[prod]\nregion = x\n").write(home)
    order = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    findings = Home().examine()
    assert findings == sorted(findings, key=lambda each: (order.index(each.severity), each.file, each.line))
    assert [each.place for each in findings][:2] == ["~/.aws/config:2", "~/.aws/config:5"]


def test_every_problem_that_list_shows_is_a_finding():
    """The codes of problems in the source, so that a new one is not forgotten."""
    source = Path(xswitch.__file__).parent
    files = [*source.glob("awsfiles/*.py"), *source.glob("profiles/*.py")]
    made = re.compile(r'\b(?:Problem|_problem|_at_source|note)\(\s*(?:profile,\s*)?"([a-z0-9-]+)"')
    problems = {code for path in files for code in made.findall(path.read_text())}
    assert problems >= {"no-delimiter", "source-missing", "duration-refused", "sso-incomplete"}
    checks = "".join(path.read_text() for path in source.glob("doctor/checks/*.py"))
    assert {code for code in problems if f'"{code}"' not in checks} == set()


def test_the_readme_lists_the_checks():
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    between = readme.partition("<!-- checks -->\n")[2].partition("<!-- /checks -->")[0]
    assert between == table()
