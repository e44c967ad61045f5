"""A guarded profile in real terminals: its name is typed once, and colours are what they are meant to be."""

from __future__ import annotations

import pytest
from screens import write_settings
from test_terminal import environ, start, started_with_frame  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow

SETTINGS = '[[guard]]\nprofile = "prod"\n'


def test_the_name_is_typed_once_to_leave_for_a_subshell(start, home):  # noqa: F811
    write_settings(home, SETTINGS)
    screen = start()
    screen.live()
    screen.type("j\r")
    screen.until("Type prod to go on:")
    screen.type("pro\r")
    screen.type("d\r")
    screen.until("a subshell under prod; leave it with exit")
    screen.until("ready>")
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
    screen.type("\r")
    screen.live()
    screen.type("s")
    screen.until("Type prod to go on:")
    screen.type("\x1b")
    screen.until(lambda: "Type prod" not in screen.text())
    screen.type("q")
    assert screen.end() == 0


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
