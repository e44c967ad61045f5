"""A guarded profile in real terminals: its name is typed once, and colours are what they are meant to be."""

from __future__ import annotations

import pytest
from screens import write_settings
from test_terminal import environ, start, started_with_frame  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow

SETTINGS = '[[guard]]\nprofile = "prod"\n'
BAR = b"\x1b[1;7;31m under prod (account 222222222222), which is guarded \x1b[0m"


def test_the_name_is_typed_once_to_leave_for_a_subshell(start, home):  # noqa: F811
    write_settings(home, SETTINGS)
    screen = start()
    screen.live()
    screen.type("j\r")
    screen.until("Type prod to go on:")
    screen.type("pro\r")
    screen.until("that is not prod")
    screen.type("prod\r")
    screen.until("a subshell under prod; leave it with exit")
    screen.until("ready>")
    assert BAR in screen.raw
    screen.type("echo profile $AWS_PROFILE\r")
    text = screen.until("profile prod")
    assert "Type its name" not in text


def test_the_name_is_typed_once_to_run_and_come_back_and_again_the_next_time(start, home):  # noqa: F811
    write_settings(home, SETTINGS)
    screen = start()
    screen.live()
    screen.type("jxecho under $AWS_PROFILE\r")
    screen.until("Type prod to go on:")
    screen.type("prod\r")
    text = screen.until("exit status 0; Enter goes back")
    assert "under prod" in text
    assert "Type its name" not in text
    assert screen.raw.count(BAR) == 1
    screen.type("\r")
    screen.live()
    screen.type("s")
    screen.until("Type prod to go on:")
    screen.type("\x1b")
    screen.until(lambda: "Type prod" not in screen.text())
    screen.type("q")
    assert screen.end() == 0


@pytest.mark.parametrize("keys", ["jxecho it is\t\r", "jxecho it is\r", "js"])
def test_the_bar_stands_before_whatever_runs_under_it(start, home, keys):  # noqa: F811
    write_settings(home, SETTINGS)
    screen = start()
    screen.live()
    screen.type(keys)
    screen.until("Type prod to go on:")
    screen.type("prod\r")
    text = screen.until("ready>" if keys == "js" else "it is\n")
    assert screen.raw.count(BAR) == 1
    assert text.index("which is guarded") < text.rindex("ready>" if keys == "js" else "it is")


def test_without_a_guard_there_is_no_bar(start, home):  # noqa: F811
    write_settings(home, SETTINGS.replace("prod", "other"))
    screen = start()
    screen.live()
    screen.type("js")
    screen.until("ready>")
    assert b"guarded" not in screen.raw


def test_a_shell_that_evaluates_is_switched_once_the_name_was_typed(start, home, tmp_path):  # noqa: F811
    write_settings(home, SETTINGS)
    printed = tmp_path / "printed"
    with printed.open("w") as file:
        screen = start(stdout=file.fileno())
        screen.live()
        screen.type("j\r")
        screen.until("Type prod to go on:")
        screen.type("prod\r")
        assert screen.end() == 0
    assert "AWS_PROFILE" in printed.read_text()
    assert "prod" in printed.read_text()


def test_the_first_frame_is_red_with_a_lock_as_is_what_textual_draws(start, home):  # noqa: F811
    write_settings(home, SETTINGS)
    screen, frame = started_with_frame(start, env={"AWS_PROFILE": "prod"}, size=(80, 24))
    assert b"\x1b[1;31mprod " in screen.raw
    screen.live()
    while screen.read(0.3):
        pass
    for line in (frame, screen.text()):
        assert " ⊘ prod · guarded · 2222-2222-2222" in line.split("\n")[0]
        assert line.split("\n")[3].startswith("▶ ├─● prod           ⊘  2222-2222-2222")
