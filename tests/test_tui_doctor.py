"""The doctor's screen: what it shows, what it mends after a question, and that undo gives the files back."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager

import pytest
from screens import box_of, burst, lines_of, make_app, press, settle, text_of, until, write_settings

from xswitch.errors import GuardRefused
from xswitch.sessions.interaction import Interaction
from xswitch.tui.screens.doctor import DoctorScreen
from xswitch.tui.screens.doctor_fix import FixScreen
from xswitch.tui.screens.doctor_work import mend
from xswitch.tui.screens.edit import EditScreen
from xswitch.tui.screens.guard import GuardScreen
from xswitch.tui.screens.main import MainScreen

pytestmark = pytest.mark.slow

SIZE = (100, 30)
KEYS = (
    "[{}]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
)
# A source that is nearly right (a guess), a value of the wrong case (sure), and a role without a source.
ROLE = "role_arn = arn:aws:iam::222222222222:role/Ops\nregion = eu-west-1\n"
CONFIG = f"""\
# the team's
[profile legacy]
{ROLE}source_profile = keyz

[profile box]
{ROLE}credential_source = environment

[profile lonely]
{ROLE}"""
WELL = f"[profile dev]\n{ROLE}source_profile = keys\n"


@pytest.fixture
def config(home):
    path = home / ".aws/config"
    path.write_text(CONFIG)
    credentials = home / ".aws/credentials"
    credentials.write_text(KEYS.format("keys"))
    credentials.chmod(0o600)
    return path


@asynccontextmanager
async def doctor(size=SIZE, profile=""):
    """Open the doctor's screen; it has examined everything and computed the first change."""
    app = make_app(dict(os.environ))
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        app.push_screen(DoctorScreen(profile))
        await settle(pilot)
        await at_rest(pilot)
        yield pilot


async def at_rest(pilot):
    """Wait until nothing is done beside the doctor's screen."""
    screen = next(each for each in pilot.app.screen_stack if isinstance(each, DoctorScreen))
    await until(pilot, lambda: screen._is_known and not screen.tasks.words)


def subjects(app):
    """Return what the findings in the list are about, from top to bottom."""
    return [finding.profile for finding in app.screen.findings]


async def go_to(pilot, profile):
    app = pilot.app
    app.screen.rows.cursor = subjects(app).index(profile)
    await settle(pilot)
    await at_rest(pilot)


def detail_of(app):
    x, y, width, height = app.screen.detail.region
    return " ".join(" ".join(line[x : x + width] for line in lines_of(app)[y : y + height]).split())


async def test_a_finding_is_explained_with_its_place_and_the_change_that_mends_it(config):
    async with doctor() as pilot:
        assert {"legacy", "box", "lonely"} <= set(subjects(pilot.app))
        await go_to(pilot, "legacy")
        text = detail_of(pilot.app)
        assert "the source profile “keyz” does not exist" in text
        assert "~/.aws/config:5" in text
        assert "why" in text
        assert "a guess" in text
        assert "- source_profile = keyz" in text
        assert "+ source_profile = keys" in text


async def test_errors_come_first_and_are_counted(config):
    config.write_text(CONFIG + "\n[profile odd]\nRegion: eu-west-1\nfrobnicate = 1\n")
    (config.parent / "credentials").chmod(0o644)
    async with doctor() as pilot:
        severities = [finding.severity for finding in pilot.app.screen.findings]
        assert "error" in severities
        assert len(set(severities)) > 1
        order = ["error", "warning", "note"]
        assert severities == sorted(severities, key=order.index)
        assert f"{severities.count('error')} errors" in lines_of(pilot.app)[0]


async def test_it_opens_at_the_selected_profile(config):
    app = make_app(dict(os.environ))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.screen.go_to("box")
        await press(pilot, "exclamation_mark")
        await at_rest(pilot)
        assert app.screen.finding.profile == "box"
        assert app.screen.rows.cursor == subjects(app).index("box") > 0
        assert "environment" in detail_of(app)


async def test_of_a_profile_that_is_well_it_opens_at_the_first(config):
    async with doctor(profile="nobody") as pilot:
        assert pilot.app.screen.rows.cursor == 0


async def test_a_sign_tells_what_can_be_mended_here(config):
    async with doctor() as pilot:
        screen = pilot.app.screen
        has_sign = [
            "⏎ " in "".join(text for text, _ in screen._row(index, 90))
            for index in range(len(screen.findings))
        ]
        assert has_sign == [finding.fix is not None for finding in screen.findings]
        assert True in has_sign
        assert False in has_sign


async def test_the_profile_of_a_finding_is_edited_and_examined_again(config):
    async with doctor(profile="lonely") as pilot:
        await at_rest(pilot)
        assert "e edit" in lines_of(pilot.app)[-1]
        await press(pilot, "e")
        form = pilot.app.screen
        assert isinstance(form, EditScreen)
        form.set_focus(form.rows["source_profile"].input)
        burst(pilot.app, "keys")
        await settle(pilot)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, DoctorScreen))
        await at_rest(pilot)
        assert "source_profile = keys" in config.read_text()
        assert "source-missing" not in text_of(pilot.app)
        assert "✓" in text_of(pilot.app)


async def test_in_a_small_terminal_the_list_has_what_a_short_text_leaves(config):
    async with doctor((80, 24)) as pilot:
        assert pilot.app.screen.rows.size.height > 8


async def test_escape_in_the_dialog_leaves_the_file_alone_and_escape_leaves_the_doctor(config):
    async with doctor() as pilot:
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, FixScreen)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, DoctorScreen)
        assert config.read_text() == CONFIG
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, MainScreen)


async def test_q_goes_back_to_the_tree(config):
    async with doctor() as pilot:
        await press(pilot, "q")
        assert isinstance(pilot.app.screen, MainScreen)


async def test_mending_changes_one_line_and_undo_gives_the_file_back(config):
    async with doctor() as pilot:
        app = pilot.app
        await go_to(pilot, "legacy")
        await press(pilot, "enter")
        assert "+ source_profile = keys" in box_of(app)
        assert "a guess" in box_of(app)
        await press(pilot, "enter")
        await at_rest(pilot)
        assert config.read_text() == CONFIG.replace("keyz", "keys")
        assert "legacy" not in subjects(app)
        await press(pilot, "u")
        await at_rest(pilot)
        assert config.read_bytes() == CONFIG.encode()
        assert app.screen.finding.profile == "legacy"


async def test_after_a_fix_the_cursor_stays_near(config):
    async with doctor() as pilot:
        app = pilot.app
        place = subjects(app).index("box")
        await go_to(pilot, "box")
        await press(pilot, "f", "enter")
        await at_rest(pilot)
        assert "box" not in subjects(app)
        assert app.screen.rows.cursor == min(place, len(subjects(app)) - 1)
        assert app.screen.finding is not None


@pytest.mark.parametrize("keys", ["{}\r", "{}\rR", "R{}\r"])
async def test_enter_counts_before_the_change_is_known(config, keys):
    async with doctor() as pilot:
        findings = pilot.app.screen.findings
        place = next(index for index, finding in enumerate(findings) if index and finding.fix is not None)
        burst(pilot.app, keys.format("j" * place))
        await until(pilot, lambda: isinstance(pilot.app.screen, FixScreen))


async def test_enter_counts_as_soon_as_the_findings_are_there(config):
    app = make_app(dict(os.environ))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        screen = DoctorScreen("legacy")
        app.push_screen(screen)
        while not screen.findings:
            await asyncio.sleep(0)
        burst(app, "\r")
        screen.action_examine()  # the files have changed
        await until(pilot, lambda: isinstance(app.screen, FixScreen))


async def test_all_sure_fixes_at_once_and_no_guess(config):
    more = f"{CONFIG}[profile box2]\n{ROLE}credential_source = ENVIRONMENT\n"
    config.write_text(more)
    async with doctor() as pilot:
        await press(pilot, "F")
        assert "box2" in box_of(pilot.app)
        assert "legacy" not in box_of(pilot.app)
        await press(pilot, "enter")
        await at_rest(pilot)
        right = more.replace("= environment", "= Environment").replace("= ENVIRONMENT", "= Environment")
        assert config.read_text() == right
        assert "2 mended" in text_of(pilot.app)


async def test_all_sure_fixes_are_one_edit_that_one_undo_takes_back(config):
    config.write_text(
        f"{CONFIG}\n[profile more]\n{ROLE.replace('region =', 'region:')}source_profile = keys\n"
    )
    before = config.read_text()
    async with doctor() as pilot:
        await press(pilot, "F", "enter")
        await at_rest(pilot)
        assert config.read_text() == before.replace("environment", "Environment").replace(
            "region:", "region ="
        )
        assert "2 mended" in text_of(pilot.app)
        await press(pilot, "u")
        await at_rest(pilot)
        assert config.read_text() == before
        assert "undone: mend 2 findings (nothing more can be undone)" in " ".join(text_of(pilot.app).split())


async def test_what_has_no_fix_is_to_be_mended_by_hand(config):
    async with doctor() as pilot:
        await go_to(pilot, "lonely")
        assert "by hand" in detail_of(pilot.app)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, DoctorScreen)
        assert "by hand" in text_of(pilot.app)
        assert config.read_text() == CONFIG


async def test_files_that_are_well(config):
    config.write_text(WELL)
    async with doctor() as pilot:
        text = text_of(pilot.app)
        assert "nothing to mend" in text
        assert "~/.aws/config" in text
        await press(pilot, "enter", "j", "F", "u")
        assert config.read_text() == WELL


async def test_what_others_change_is_examined_again(config):
    async with doctor() as pilot:
        config.write_text(WELL)
        await until(pilot, lambda: "nothing to mend" in text_of(pilot.app))
        config.write_text(CONFIG)
        await press(pilot, "R")
        await until(pilot, lambda: "legacy" in subjects(pilot.app))


async def test_a_fix_that_does_not_fit_any_more_changes_nothing(config):
    async with doctor() as pilot:
        await go_to(pilot, "legacy")
        await press(pilot, "enter")
        others = CONFIG.replace("keyz", "nobody")
        config.write_text(others)
        await press(pilot, "enter")
        await until(pilot, lambda: "not as it was any more" in text_of(pilot.app))
        assert config.read_text() == others


async def test_undo_says_so_where_the_last_fix_was_no_edit(config):
    credentials = config.parent / "credentials"
    async with doctor() as pilot:
        app = pilot.app
        await go_to(pilot, "legacy")
        await press(pilot, "enter", "enter")
        await at_rest(pilot)
        mended = config.read_text()
        credentials.chmod(0o644)
        await press(pilot, "R")
        await at_rest(pilot)
        place = next(i for i, each in enumerate(app.screen.findings) if each.file == str(credentials))
        app.screen.rows.cursor = place
        await settle(pilot)
        await at_rest(pilot)
        await press(pilot, "enter", "enter")
        await at_rest(pilot)
        assert credentials.stat().st_mode & 0o077 == 0
        await press(pilot, "u")
        await at_rest(pilot)
        assert config.read_text() == mended
        assert "again for the one before it" in " ".join(text_of(app).split())
        await press(pilot, "u")
        await at_rest(pilot)
        assert config.read_text() == CONFIG


GUARD = '[[guard]]\nprofile = "legacy"\n'


@pytest.fixture
def guarded(home, config):
    settings = home / ".config/xswitch/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(GUARD)
    return config


async def test_a_guarded_profile_is_mended_once_its_name_is_typed(guarded):
    async with doctor() as pilot:
        await go_to(pilot, "legacy")
        await press(pilot, "enter", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, GuardScreen))
        assert guarded.read_text() == CONFIG
        burst(pilot.app, "legacy\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, DoctorScreen))
        await at_rest(pilot)
        assert guarded.read_text() == CONFIG.replace("keyz", "keys")


class Person(Interaction):
    """Is asked for names, and refuses or does something first."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def confirm_guarded(self, question):
        self.asked.append(question.profile)
        self.answer()


async def test_one_fix_of_two_findings_that_is_refused_is_asked_about_and_told_once(guarded):
    old, new = f"{ROLE}source_profile = keyz", f"{ROLE}source_profile = keys".replace("region =", "Region:")
    guarded.write_text(CONFIG.replace(old, new))
    before = guarded.read_bytes()

    def refuse():
        raise GuardRefused("no")

    async with doctor() as pilot:
        same = [
            each for each in pilot.app.screen.findings if each.profile == "legacy" and each.fix is not None
        ]
        assert len({each.code for each in same}) == len(same) == 2
        person = Person(refuse)
        mended = mend(pilot.app, person, same)
        assert person.asked == ["legacy"]
        assert [failure.message for failure in mended.failures] == ["no"]
        assert mended.done == []
    assert guarded.read_bytes() == before


async def test_a_guarded_profile_that_came_in_after_the_question_is_not_changed(home, config):
    session = "sso_session = corp\nsso_account_id = 444444444444\nsso_role_name = R\nregion = eu-west-1\n"
    config.write_text(
        f"[profile legacy]\n{session}"
        "[sso-session corp]\nsso_start_url = https://corp.example.com/start\nsso_region = us-east-1\n"
    )
    write_settings(home, '[[guard]]\nprofile = "l*"\n')
    after = config.read_bytes() + f"[profile late]\n{session}".encode()
    async with doctor() as pilot:
        wanted = [each for each in pilot.app.screen.findings if each.code == "XS317"]
        person = Person(lambda: config.write_bytes(after))
        mended = mend(pilot.app, person, wanted)
        assert person.asked == ["legacy"]
        assert mended.done == []
        assert "late" in mended.failures[0].message
    assert config.read_bytes() == after


async def test_a_section_that_a_guarded_profile_names_is_mended_once_its_name_is_typed(guarded):
    text = WELL.replace("dev", "legacy") + "services = s\n[services s]\nregion: eu-west-1\n"
    guarded.write_text(text)
    async with doctor() as pilot:
        await go_to(pilot, "")
        await press(pilot, "enter", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, GuardScreen))
        assert guarded.read_text() == text
        burst(pilot.app, "legacy\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, DoctorScreen))
        await at_rest(pilot)
        assert guarded.read_text() == text.replace("region:", "region =")


async def test_a_guarded_profile_stays_as_it_is_without_its_name(guarded):
    async with doctor() as pilot:
        await go_to(pilot, "legacy")
        await press(pilot, "enter", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, GuardScreen))
        await press(pilot, "escape")
        await at_rest(pilot)
        assert isinstance(pilot.app.screen, DoctorScreen)
        assert guarded.read_text() == CONFIG
        assert "mending" not in text_of(pilot.app)


@pytest.mark.parametrize("name", ["[/foo]", "名前-profile", "x" * 200, "a\x1b[31mred", "$bold"])
async def test_names_are_shown_and_never_interpreted(config, name):
    config.write_text(CONFIG.replace("legacy", name))
    async with doctor((80, 24)) as pilot:
        assert "\x1b" not in text_of(pilot.app)
        await press(pilot, "enter", "escape", "F", "escape")
        assert isinstance(pilot.app.screen, DoctorScreen)


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (140, 40)])
async def test_everything_has_its_place(config, size):
    async with doctor(size) as pilot:
        lines = lines_of(pilot.app)
        assert lines[0].startswith(" doctor")
        assert "esc back" in lines[-1]
        assert any("legacy" in line for line in lines[1:4])
        assert pilot.app.screen.detail.size.height >= 6
        await press(pilot, "enter")
        lines = lines_of(pilot.app)
        assert any("⏎ apply" in line for line in lines)
