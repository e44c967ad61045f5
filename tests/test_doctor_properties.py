"""Doctor on generated files: it never fails; fixes leave nothing sure to fix, and a file that aws reads."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from awshome import botocores
from doctoring import Home
from generated import FILES, TAME_FILES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xswitch.doctor import examine
from xswitch.doctor.together import at_once, make
from xswitch.errors import XswitchError
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles

if TYPE_CHECKING:
    from pathlib import Path

RELAXED = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# What the checks look for, so that the fixes have something to do.
SICK = st.lists(
    st.sampled_from(
        [
            "[profile a]", "[b]", "[Profile c]", "[profile 'a']", "[profile b c]", "[default]", "[DEFAULT]",
            "[sso-session s]", "[profile d]", "region = 'x-1'", "Region: x-1", "REGION = x-1",
            "  output=json",
            'output = "json"', "output = JSON", "role_arn: arn:aws:iam::222222222222:role/R",
            "source_profile = A", "source_profile = a", "credential_source = environment",
            "duration_seconds = 7200", "aws_access_key_id = AKIAEXAMPLEEXAMPLE01",
            "aws_secret_access_key = s",
            "credential_process = ~/x $HOME/y", "sso_account_id = 1111-1111-1111", "sso_session = s", "junk",
            "", "# c", "  region = y", "web_identity_token_file = ~/t", "role-arn = x", "mfa_serial = m",
        ]
    ),
    max_size=16,
).map(lambda lines: "\n".join(lines) + "\n")  # fmt: skip


def write(home: Path, config: str, credentials: str) -> None:
    for name, text in (("config", config), ("credentials", credentials)):
        (home / ".aws" / name).write_bytes(text.encode())
        (home / ".aws" / name).chmod(0o600)


def contents(home):
    return [(home / ".aws" / name).read_bytes() for name in ("config", "credentials")]


def mend(places: Locations, home: Path, *, guesses: bool) -> None:
    """Make the fixes as the command line does: sure edits together, again while that changes anything."""
    for _ in range(8):
        before = contents(home)
        sure = [each for each in examine(places, {}) if each.fix and each.fix.sure]
        make(at_once(sure, read_profiles(places)), places)
        fixes = dict.fromkeys(each.fix for each in examine(places, {}) if each.fix)
        for fix in sorted(fixes, key=lambda fix: not fix.is_of_line):
            if guesses or (fix.sure and not fix.is_edit):
                with suppress(XswitchError):
                    fix.apply(places)
        if contents(home) == before:
            return


@RELAXED
@given(config=st.binary(max_size=200), credentials=st.binary(max_size=200))
def test_any_bytes_are_examined(home, config, credentials):
    (home / ".aws/config").write_bytes(config)
    (home / ".aws/credentials").write_bytes(credentials)
    for finding in Home().examine():
        assert finding.message.isprintable()


@pytest.mark.slow
@pytest.mark.parametrize("guesses", [False, True])
@RELAXED
@given(config=st.one_of(SICK, FILES, TAME_FILES), credentials=st.one_of(SICK, FILES))
def test_mending_twice_is_mending_once_and_breaks_nothing(home, guesses, config, credentials):
    write(home, config, credentials)
    paths = home / ".aws/config", home / ".aws/credentials"
    readable = botocores(*paths) is not None
    mend(Locations({}), home, guesses=guesses)
    assert botocores(*paths) is not None or not readable
    once = contents(home)
    mend(Locations({}), home, guesses=False)
    assert contents(home) == once
    left = [
        each.fix for each in examine(Locations({}), {}) if each.fix and each.fix.sure and each.fix.is_edit
    ]
    for fix in left:  # what the editor cannot do safely is refused, and stays to be done by hand
        with pytest.raises(XswitchError):
            fix.apply(Locations({}))
