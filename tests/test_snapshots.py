"""The screens as pictures, at three sizes. After a change that is meant: `pytest tests/test_snapshots.py
--snapshot-update`, then look at each picture."""

from __future__ import annotations

import runpy
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from screens import DATA, NOW, make_app, press, settle, write_demo, write_settings

from xswitch.launch.each.job import STDOUT, JobState
from xswitch.launch.history import History
from xswitch.sessions.interaction import CodeRequest, Device
from xswitch.tui.screens import each
from xswitch.tui.screens import help as help_screen
from xswitch.tui.screens.change import PREVIEW, ChangeScreen
from xswitch.tui.screens.confirm import ConfirmScreen
from xswitch.tui.screens.delegate_list import ListScreen
from xswitch.tui.screens.delegate_plan import PlanScreen
from xswitch.tui.screens.device import DeviceScreen
from xswitch.tui.screens.doctor import DoctorScreen
from xswitch.tui.screens.mfa import CodeScreen
from xswitch.tui.tasks import Task

SIZES = [(80, 24), (120, 36), (60, 16)]
COMMANDS = ["terraform plan", "aws s3 ls", "kubectl get pods --all-namespaces"]
SCREENS = {
    "main": ["j"],
    "filtered": ["slash", *"prod"],
    "run": ["j", "x", *"aws sts get-caller-identity"],
    "copy": ["j", "c"],
    "help": ["question_mark"],
    "broken-profile": ["G"],
    "sso": [*"jjjjjjj"],
    "new": ["j", "N"],
}


@pytest.fixture(autouse=True)
def same_everywhere(home, monkeypatch):
    """One time zone, one version, and a cursor that does not blink."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setattr(help_screen, "__version__", "1.2.3")
    write_demo(home)
    for command in COMMANDS:
        History(str(home / ".local/state/xswitch")).add(command)
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def looks(snap_compare):
    """Compare the screen after some keys with its picture."""

    def compare(*keys, size, environ=None, dialog=None, pause=0.0):
        async def before(pilot):
            if dialog is not None:
                pilot.app.push_screen(dialog)
                await settle(pilot)
            for widget in pilot.app.screen.query("Input"):
                widget.cursor_blink = False
            await press(pilot, *keys)
            for widget in pilot.app.screen.query("Input"):
                widget.cursor_blink = False
            await pilot.pause(pause)
            while isinstance(pilot.app.screen, ChangeScreen) and pilot.app.screen.tasks.get(PREVIEW):
                await pilot.pause(0.05)
            while isinstance(pilot.app.screen, DoctorScreen) and pilot.app.screen.tasks.words:
                await pilot.pause(0.05)

        app = make_app({"AWS_PROFILE": "prod"} if environ is None else environ)
        return snap_compare(app, terminal_size=size, run_before=before)

    return compare


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("name", SCREENS)
def test_screen(looks, name, size):
    assert looks("g", *SCREENS[name], size=size)


GUARDS = """
[accounts]
"222222222222" = "Production"
[[guard]]
profile = "prod*"
[[guard]]
profile = "corp-data"
level = "read-only"
color = "magenta"
"""
GUARDED = {
    "tree": ["j"],
    "question": ["j", "enter", *"pro"],
    "question-wrong": ["j", "x", *"terraform apply", "enter", *"staging", "enter"],
    "run": ["j", "x", *"terraform plan"],
    "marks": ["space", "j", "space"],
    "run-marked": ["asterisk", *"jjjjjjjjj", "space", "x", *"aws s3 ls"],
}


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("name", GUARDED)
def test_guarded(looks, home, name, size):
    write_settings(home, GUARDS)
    assert looks("g", *GUARDED[name], size=size)


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("name", ["finding", "change"])
def test_doctor(looks, home, name, size):
    with (home / ".aws/config").open("a") as file:
        file.write((DATA / "mistakes").read_text())
    for file in home.rglob(".aws/**/*"):
        file.chmod(0o700 if file.is_dir() else 0o600)
    keys = {"finding": [], "change": ["enter"]}[name]
    assert looks(*keys, size=size, dialog=DoctorScreen("staging-night"), pause=0.2)


ENDS = {
    "default": (JobState.DONE, 1.2, 0, "arn:aws:iam::111111111111:user/dev"),
    "prod": (JobState.FAILED, 3.4, 254, "An error occurred (AccessDenied) when calling the ListBuckets"),
    "staging": (JobState.DONE, 75.0, 0, "arn:aws:sts::333333333333:assumed-role/Admin/dev"),
    "corp-dev": (JobState.STOPPED, 8.8, -2, "looking for buckets …"),
    "legacy": (JobState.SKIPPED, None, None, ""),
}


class Finished(each.EachScreen):
    """Commands as they look when they have ended, without anything that is run."""

    # Textual looks beside the file of the class.
    CSS_PATH = str(Path(each.__file__).with_name("lists.tcss"))

    def _begin(self, names):
        for name in names:
            state, seconds, status, said = ENDS[name]
            job = self.jobs[name]
            if seconds is not None:
                job.begin(0.0)
                job.take(STDOUT, said.encode())
            job.end(state, seconds or 0.0, status)
        self._start_time = time.monotonic() - 80.5
        self._done(None)


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_each(looks, home, size):
    write_settings(home, GUARDS)
    assert looks("j", size=size, dialog=Finished(list(ENDS), "aws s3 ls | head"))


ROLE = ["n", *"arn:aws:iam::333333333333:role/teams/Audit"]
FORMS = {
    "role": ["g", *ROLE],
    "role-empty": ["g", "n"],
    "role-wrong": ["g", *ROLE, *["backspace"] * 18, "tab", *"prod", "tab"],
    "edit": ["g", "j", "e", *["tab"] * 3, *"50"],
    "keys": ["g", "N", "a", *"deploy", "tab", *"AKIA0123456789ABCDEF", "tab", *"unseen"],
    "sso": ["g", "N", "s", *"corp-ops", "tab", *"2"],
    "pick": ["g", "n", "up", "ctrl+o", *"prod"],
    "delegate": ["g", "j", "D"],
    "delegate-wrong": ["g", "j", "D", *"no policy", "tab", "tab", "tab", "y"],
    "delete": ["G", "ctrl+d"],
    "delete-source": ["g", "ctrl+d"],
}


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("name", FORMS)
def test_form(looks, name, size):
    assert looks(*FORMS[name], size=size, pause=0.2)


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_no_files(looks, home, size):
    for name in ("config", "credentials"):
        (home / ".aws" / name).unlink()
    assert looks(size=size, environ={})


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_broken_file(looks, home, size):
    with (home / ".aws/config").open("a") as file:
        file.write("this line is nothing\n")
    assert looks("j", size=size)


@pytest.mark.parametrize("size", [(40, 10), (39, 9)], ids="{0[0]}x{0[1]}".format)
def test_the_smallest(looks, size):
    assert looks("g", "j", size=size)


def test_detail_on_its_own(looks):
    assert looks("g", "j", "d", size=(60, 16))


def test_a_light_theme(looks, home):
    path = home / ".config/xswitch/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('theme = "textual-light"\nicons = "ascii"\n')
    assert looks("g", "j", size=(80, 24))


def test_the_demo_says_what_it_is(looks):
    assert looks(size=(100, 30), environ={"XSWITCH_DEMO": "1"})


MFA = "arn:aws:iam::111111111111:mfa/dev"
PAGE = "https://device.sso.eu-west-1.amazonaws.com/"
DIALOGS = {
    "mfa": lambda: CodeScreen("prod-admin", CodeRequest(MFA, "prod-admin")),
    "mfa-refused": lambda: CodeScreen(
        "prod-audit",
        CodeRequest(MFA, "default", "AWS did not take that code; each one works once, so wait for the next"),
    ),
    "device": lambda: DeviceScreen(
        "corp-data",
        Device(PAGE, f"{PAGE}?user_code=ABCD-EFGH", "ABCD-EFGH", NOW + timedelta(seconds=590)),
    ),
    "sign-out": lambda: ConfirmScreen(
        "Sign out: corp",
        "This signs out of SSO corp and removes the sessions of its 2 profiles.",
        "sign out",
    ),
}


@pytest.fixture
def no_browser(monkeypatch):
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_browser")
@pytest.mark.parametrize("size", [*SIZES, (40, 10)], ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("name", DIALOGS)
def test_dialog(looks, name, size):
    assert looks(size=size, dialog=DIALOGS[name]())


# What the README's pictures are made of, too.
DELEGATION = runpy.run_path(str(Path(__file__).parents[1] / "screenshots/delegation.py"))
POLICIES = ["AmazonS3ReadOnlyAccess", "PowerUserAccess", "ReadOnlyAccess", "SecurityAudit"]
DELEGATING = {
    "plan": lambda: PlanScreen(DELEGATION["make_plan"]()),
    "plan-again": lambda: PlanScreen(DELEGATION["make_plan"]("exists", "create", "unknown", "differs")),
    "list": lambda: ListScreen("Policies in the account of prod", POLICIES, "ReadOnlyAccess"),
    **{
        at: lambda at=at: DELEGATION["Pictured"](DELEGATION["make_plan"](), at)
        for at in ("waiting", "failed", "done")
    },
}


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("name", DELEGATING)
def test_delegation(looks, name, size):
    assert looks(size=size, dialog=DELEGATING[name](), pause=0.2)


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_a_row_that_signs_in(snap_compare, size):
    release = threading.Event()

    async def before(pilot):
        work = lambda _: release.wait(10)  # noqa: E731
        pilot.app.screen.tasks.start(Task(("", "prod-audit"), "prod-audit", "signing in", work, print))
        await settle(pilot)

    try:
        assert snap_compare(make_app({"XSWITCH_HOOK": "bash"}), terminal_size=size, run_before=before)
    finally:
        release.set()
