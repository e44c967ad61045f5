"""The real program in real terminals: what tests inside the process cannot see."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import termios
import time
from datetime import UTC, datetime

import pytest
from running import XSWITCH
from screens import write_demo
from terminals import Screen, Tmux

pytestmark = pytest.mark.slow


@pytest.fixture
def environ(home):
    write_demo(home, datetime.now(UTC))
    return {
        "HOME": str(home),
        "PATH": f"{os.path.dirname(sys.executable)}:/usr/local/bin:/usr/bin:/bin",
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "SHELL": "/bin/sh",
        "PS1": "ready> ",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",  # nothing is called
    }


@pytest.fixture
def start(environ):
    screens = []

    def start(*arguments, env=None, argv=None, **options):
        screen = Screen(argv or [XSWITCH, *arguments], {**environ, **(env or {})}, **options)
        screens.append(screen)
        return screen

    yield start
    for screen in screens:
        screen.close()


# --- the main job --------------------------------------------------------------------------------


def test_start_filter_and_run_a_command(start):
    screen = start()
    screen.live()
    screen.type("/prod-b\r")
    screen.until("1/11 profiles")
    screen.type("\x1b\x1b")
    screen.until(" 11 profiles")
    screen.type("gxecho under $AWS_PROFILE; tty -s && echo a terminal; exit 3\r")
    text = screen.until("exit status 3; Enter goes back")
    assert "under default" in text
    assert "a terminal" in text
    screen.type("\r")
    screen.live()
    screen.type("q")
    assert screen.end() == 0
    screen.assert_restored()


def test_what_a_child_reads_is_echoed_and_edited_as_in_every_terminal(start):
    screen = start()
    screen.live()
    screen.type("xstty -a; read line; echo got $line\r")
    screen.until(lambda: re.search(r"(?<!-)\bicanon", screen.text()))
    screen.until(lambda: re.search(r"(?<!-)\becho\b(?! got)", screen.text()))
    screen.type("abX\x7fc\r")
    screen.until("got abc")
    screen.type("\r")
    screen.live()


def test_a_subshell_comes_back_with_exit(start):
    screen = start()
    screen.live()
    screen.type("s")
    screen.until("a subshell under default; exit comes back")
    screen.until("ready>")
    screen.type("echo depth $XSWITCH_DEPTH profile $AWS_PROFILE\r")
    screen.until("depth 1 profile default")
    screen.type("exit\r")
    screen.live()
    screen.type("\x03")
    assert screen.end() == 130


def test_ctrl_c_ends_the_child_and_not_xswitch(start):
    screen = start()
    screen.live()
    screen.type("xecho begun; sleep 60\r")
    screen.until(lambda: re.search("^begun", screen.text(), re.MULTILINE))
    time.sleep(0.3)  # a dash that is about to fork takes no notice of the signal
    screen.type("ctrl+c")
    screen.until("exit status 130; Enter goes back")
    screen.type("\r")
    screen.live()


def test_ctrl_backslash_at_the_question_ends_xswitch(start):
    screen = start()
    screen.live()
    screen.type("xecho begun\r")
    screen.until("exit status 0; Enter goes back")
    screen.type("\x1c")
    assert screen.end() == 128 + signal.SIGQUIT
    screen.assert_restored()


def test_what_is_pasted_with_an_escape_in_it_is_typed_and_not_run(start, home):
    screen = start()
    screen.live()
    screen.type("x")
    screen.until("Run under default")
    for part in ("\x1b[200~touch ran \x1b[31mred\ntouch \x1b\x1b[ran\n\x1b[20", "1~", "!"):
        screen.type(part)
        screen.read(0.2)
    screen.until("$ touch ran [31mred!")
    screen.until("only the first line of what was pasted is here")
    screen.type("\x1b")
    screen.until(lambda: "Run under" not in screen.text())
    screen.type("q")
    assert screen.end() == 0


def test_ctrl_z_in_a_dialog_stops_it_and_fg_continues(start):
    screen = start(argv=["/bin/bash", "--norc", "-i"])
    screen.until("ready>")
    screen.type(f"{XSWITCH}\r")
    screen.live()
    screen.type("xls")
    screen.until("$ ls")
    screen.type("ctrl+z")
    screen.until("Stopped")
    screen.type("fg\r")
    screen.until("$ ls")
    screen.type("\x1b")
    screen.until(lambda: "Run under" not in screen.text())
    screen.type("q")
    screen.until("ready>")


def test_ctrl_backslash_is_the_childs_too(start):
    screen = start()
    screen.live()
    screen.type("xtrap 'echo dumped; exit 3' QUIT; echo begun; read a\r")
    screen.until(lambda: re.search("^begun", screen.text(), re.MULTILINE))
    time.sleep(0.3)
    screen.type("\x1c")
    screen.until("dumped")
    screen.until("exit status 3; Enter goes back")
    screen.type("\r")
    screen.live()


def test_enter_becomes_a_subshell_with_the_profile_and_its_status_is_xswitchs(start):
    screen = start()
    screen.live()
    screen.type("\r")
    screen.until("a subshell under default; leave it with exit")
    screen.until("ready>")
    screen.type(
        "echo $AWS_PROFILE-$AWS_DEFAULT_PROFILE-$XSWITCH_PROFILE-$XSWITCH_DEPTH-${TEXTUAL_FPS-clean}\r"
    )
    screen.until("default-default-default-1-clean")
    screen.type("exit 7\r")
    assert screen.end() == 7
    screen.assert_restored()


def test_enter_in_bash_keeps_the_profile_whatever_the_start_up_files_say(start, home):
    (home / ".bashrc").write_text("export AWS_PROFILE=other\nPS1='mine> '\n")
    screen = start(env={"SHELL": "/bin/bash"})
    screen.live()
    screen.type("\r")
    screen.until("mine>")
    screen.type("echo it is $AWS_PROFILE\r")
    screen.until("it is default")
    screen.type("exit\r")
    assert screen.end() == 0


@pytest.mark.parametrize(
    ("command", "status"), [("exit 5", 5), ("kill -TERM $$", 143), ("no-such-command", 127)]
)
def test_run_and_leave_ends_with_the_commands_own_status(start, command, status):
    screen = start()
    screen.live()
    screen.type(f"x{command}\t\r")
    assert screen.end() == status
    screen.assert_restored()


def test_a_profile_that_came_while_the_ui_was_open_can_be_switched_to(start, home):
    screen = start()
    screen.live()
    with (home / ".aws/credentials").open("a") as file:
        file.write("[late]\naws_access_key_id = AKIA\naws_secret_access_key = x\n")
    screen.until("12 profiles")
    screen.type("/late\r")
    screen.until("1/12 profiles")
    screen.type("\r")
    screen.until("ready>")
    screen.type("echo it is $AWS_PROFILE\r")
    screen.until("it is late")


# --- every way out -------------------------------------------------------------------------------


def test_ctrl_c_is_130_and_prints_nothing(start):
    screen = start()
    screen.live()
    screen.type("ctrl+c")
    assert screen.end() == 130
    screen.assert_restored()
    assert screen.text().strip() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_ends_it_and_gives_the_terminal_back(start, number):
    screen = start()
    screen.live()
    screen.process.send_signal(number)
    assert screen.end() == 128 + number
    screen.assert_restored()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("after", [0.0, 0.05, 0.1, 0.2, 0.3])
def test_a_signal_during_the_start_gives_the_terminal_back_too(start, number, after):
    screen = start()
    screen.until("prod-audit")
    time.sleep(after)
    screen.process.send_signal(number)
    assert screen.end() == 128 + number
    screen.assert_restored()


@pytest.mark.parametrize(("key", "status"), [("ctrl+c", 130), ("q", 0)])
def test_a_key_that_leaves_does_so_typed_during_the_start_too(start, key, status):
    screen = start()
    screen.until("prod-audit")
    screen.type(key)
    assert screen.end() == status
    screen.assert_restored()


def test_it_ends_when_the_terminal_goes_away(start):
    screen = start()
    screen.live()
    os.close(screen.master)
    screen.master = os.open(os.devnull, os.O_RDONLY)
    deadline = time.monotonic() + 10
    while screen.process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_settings_that_are_wrong_are_told_after_the_screen_is_given_back(start, home):
    path = home / ".config/xswitch/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('[keys]\n"profile.rum" = "x"\n')
    screen = start()
    assert screen.end() == 1
    assert "[keys] profile.rum is no action: did you mean profile.run?" in " ".join(screen.text().split())
    screen.assert_restored()


def test_ctrl_z_stops_it_and_fg_continues(start):
    screen = start(argv=["/bin/bash", "--norc", "-i"])
    screen.until("ready>")
    screen.type(f"{XSWITCH}\r")
    screen.live()
    for typed, found in (("", " 11 profiles"), ("/prod", "3/11 profiles")):
        screen.type(typed)
        before = [_timeless(line) for line in screen.until(found).split("\n")]
        screen.type("ctrl+z")
        screen.until("Stopped")
        screen.type("clear; stty -a | grep -o ' icanon' && echo is back\r")
        screen.until(" icanon\nis back")
        screen.type("fg\r")
        screen.until(lambda before=before: [_timeless(line) for line in screen.text().split("\n")] == before)
    screen.type("\x1b")
    screen.live()
    screen.type("jq")
    screen.until(lambda: screen.text().count("ready>") > 0)
    screen.type("echo status $?\r")
    screen.until("status 0")


# --- streams -------------------------------------------------------------------------------------


def test_stdout_in_a_pipe_stays_clean_and_the_screen_has_its_size(start):
    reading, writing = os.pipe()
    screen = start(size=(110, 33), stdout=writing)
    os.close(writing)
    screen.live()
    assert screen.text().split("\n")[-1].startswith("⏎ Switch shell")
    assert len(screen.text().split("\n")) == 33
    screen.type("xecho to the terminal\r")
    screen.until("exit status 0; Enter goes back")
    screen.type("\r")
    screen.live()
    screen.resize(90, 28)
    screen.until(lambda: screen.text().split("\n")[27].startswith("⏎ Switch shell"))
    screen.type("q")
    assert screen.end() == 0
    assert os.read(reading, 4096) == b""
    os.close(reading)


def test_eval_of_its_output_switches_the_calling_shell(start):
    words = f'eval "$({XSWITCH})"; echo "status $?, under $AWS_PROFILE"'
    screen = start(argv=["/bin/bash", "--norc", "-c", words])
    screen.live()
    screen.type("\r")
    screen.until("status 0, under default")
    screen.end()
    screen.assert_restored()


@pytest.mark.parametrize("stream", ["stdin", "stderr"])
def test_a_redirected_stream_changes_nothing_on_the_screen(start, stream, tmp_path):
    with open(tmp_path / "file", "w+") as file:
        screen = start(**{stream: file})
        screen.live()
        screen.type("/audit\r")
        screen.until("1/11 profiles")
        screen.type("q")
        assert screen.end() == 0
        screen.assert_restored()
    assert (tmp_path / "file").read_text() == ""


def test_without_a_terminal_it_is_a_sentence_and_status_2(environ):
    done = subprocess.run(
        [XSWITCH],
        env=environ,
        capture_output=True,
        text=True,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("xswitch: the terminal UI needs a terminal")
    assert len(done.stderr.splitlines()) <= 2


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_dumb_terminal_is_a_sentence_and_status_2(start, term):
    screen = start(env={"TERM": term})
    assert screen.end() == 2
    assert "TERM=dumb cannot show the UI" in screen.text()
    assert b"\x1b" not in screen.raw
    assert termios.tcgetattr(screen._slave) == screen.attributes


def test_no_color_uses_no_colour(start):
    screen = start(env={"NO_COLOR": "1"})
    screen.live()
    screen.type("j")
    screen.until("prod  role · via default")
    screen.type("?")
    screen.until("run a command")
    codes = {code for found in re.findall(rb"\x1b\[([\d;]*)m", screen.raw) for code in found.split(b";")}
    assert (
        codes & {b"38", b"48", *(b"%d" % n for n in [*range(30, 38), *range(40, 48), *range(90, 108)])}
        == set()
    )


# --- sizes and the first frame -------------------------------------------------------------------


def test_a_terminal_of_40_by_10_is_usable(start):
    screen = start(size=(40, 10))
    screen.live()
    screen.type("/audit\r")
    text = screen.until("1/11")
    assert "prod-audit" in text
    screen.type("d")
    screen.until("SecurityAudit")


def test_resizing_follows_the_terminal(start):
    screen = start(size=(80, 24))
    screen.live()
    for columns, lines in ((120, 40), (60, 16), (30, 8), (80, 24)):
        screen.resize(columns, lines)
        if columns < 40:
            screen.until("xswitch needs")
        else:
            screen.until(lambda lines=lines: screen.text().split("\n")[lines - 1].startswith("⏎ Subshell"))


def started_with_frame(start, *arguments, **options):
    """Return a program that has been started, and its screen before Textual has written to it."""
    for _ in range(10):  # where the machine is busy, both may be there before we look
        screen = start(*arguments, **options)
        first = first_frame_of(screen)
        if first is not None:
            return screen, first
    raise AssertionError("Textual came with the first frame")


def first_frame_of(screen):
    """Return the screen before Textual has written to it, None where that was missed."""
    screen.until(lambda: b"\x1b[?1049h" in screen.raw)
    while screen.raw.count(b"\x1b[?1049h") < 2 and b"\x1b[?1000h" not in screen.raw:
        before = screen.text()
        if not screen.read(0.02) and before.strip() and b"/ " in screen.raw:
            return before
    return None


@pytest.mark.parametrize("size", [(40, 10), (60, 16), (80, 24), (99, 30), (100, 30), (120, 36), (200, 60)])
@pytest.mark.parametrize(
    ("arguments", "env", "broken"),
    [
        ([], {}, False),
        ([], {"AWS_PROFILE": "corp-data"}, False),
        (["prod !audit"], {}, False),
        ([], {"XSWITCH_DEMO": "1"}, True),
    ],
)
def test_the_first_frame_is_where_textual_draws_it(start, home, size, arguments, env, broken):
    config = home / ".aws/config"
    if broken:
        with config.open("a") as file:
            file.write("this line is nothing\n")
    screen, frame = started_with_frame(start, *arguments, env=env, size=size)
    first = frame.split("\n")
    screen.live()
    while screen.read(0.3):
        pass
    second = screen.text().split("\n")
    assert len([line for line in first if line.strip()]) > 4
    width = size[0] * 2 // 3 if size[0] >= 100 else size[0]
    for number, line in enumerate(first):
        if line.strip():
            expected = second[number][:width].replace("█", " ") if number > 1 else second[number]
            assert _timeless(line) == _timeless(expected), number


def test_the_first_frame_stands_until_textual_draws_over_it(start):
    screen, _ = started_with_frame(start)
    seen = []
    screen.until(lambda: seen.append(screen.text()) or "? Help" in screen.text())
    assert all("prod-audit" in text for text in seen)
    assert screen.raw.count(b"\x1b[?1049h") == 1


def _timeless(line):
    """The line without the seconds, the scroll bar and the detail's frame: they are not of the frame."""
    line = re.sub(r"\d+m\d\ds|\d+h\d\dm", "TIME", line)
    return line.rstrip(" ▁▂▃▄▅▆▇█▔│")


@pytest.mark.parametrize("profile", ["p000", "p030", "p059"])
def test_the_first_frame_scrolls_to_the_active_profile_as_textual_does(start, home, profile):
    (home / ".aws/config").write_text("".join(f"[profile p{n:03}]\nregion = eu-west-1\n" for n in range(60)))
    screen, frame = started_with_frame(start, env={"AWS_PROFILE": profile}, size=(80, 24))
    first = frame.split("\n")
    screen.live()
    while screen.read(0.3):
        pass
    second = screen.text().split("\n")
    assert any(line.startswith("▶") and profile in line for line in first)
    names = [[re.findall(r"p\d\d\d", line) for line in lines[2:15]] for lines in (first, second)]
    assert names[0][:12] == names[1][:12]


def test_keys_typed_during_the_start_are_honoured(start):
    screen = start()
    screen.until("prod-audit")
    screen.type("/prod-b\rxecho typed ahead under $AWS_PROFILE\r")
    screen.until("AWS could not be reached for prod-billing")
    screen.until("1/11 profiles")


# --- end to end ----------------------------------------------------------------------------------


@pytest.fixture
def tmux(tmp_path, environ):
    if subprocess.run(["which", "tmux"], capture_output=True, check=False).returncode:
        pytest.fail("tmux is not installed") if os.environ.get("CI") else pytest.skip("tmux is not installed")
    started = []

    def start(command, env=None):
        session = Tmux(tmp_path, {**environ, **(env or {})})
        started.append(session)
        session.run("-f", "/dev/null", "new-session", "-d", "-s", "it", "-x", "100", "-y", "30", command)
        return session

    yield start
    for session in started:
        session.run("kill-server")


def seconds_on(screen, name):
    found = re.search(rf" {name} .*?(\d+)m(\d\d)s", screen)
    return int(found[1]) * 60 + int(found[2])


def test_the_demo_shows_the_tree_ticks_filters_and_runs_the_aws_cli_as_the_role(tmux, aws_v2):
    session = tmux(f"{XSWITCH} demo; echo left with $?; sleep 60")
    session.until("? Help")
    screen = session.until("prod-audit")
    assert "demo: your files are untouched" in screen
    before = seconds_on(screen, "prod")
    deadline = time.monotonic() + 20
    while seconds_on(session.screen(), "prod") > before - 2:
        assert time.monotonic() < deadline, "it does not tick"
        time.sleep(0.2)
    session.type("/pro")
    session.until("4/13 profiles")
    session.type("Enter")
    session.type("x")
    session.until("Run under prod")
    session.type("aws sts get-caller-identity", "Enter")
    session.until("Type prod to go on:")  # it is guarded
    session.type("prod", "Enter")
    screen = session.until("exit status 0; Enter goes back")
    assert "arn:aws:sts::222222222222:assumed-role/CrossAccountPowerUser/dev" in screen.replace("\n", "")
    session.type("Enter")
    session.until("? Help")
    session.type("C-c")
    session.until("left with 130")


def test_the_same_on_files_of_ones_own_with_an_endpoint(tmux, aws_server, home, aws_v2):
    import shutil

    shutil.rmtree(home / ".aws")
    (home / ".aws").mkdir()
    key, secret = aws_server.create_user("111111111111", f"terminal-{time.time_ns()}")
    (home / ".aws/credentials").write_text(
        f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
    )
    (home / ".aws/config").write_text(
        "[default]\nregion = eu-west-1\n\n[profile ops]\nrole_arn = arn:aws:iam::222222222222:role/Ops\n"
        "source_profile = default\nrole_session_name = me\nregion = eu-west-1\n"
    )
    env = {key: value for key, value in aws_server.environment(home).items() if key != "PATH"}
    aws_server.clear()
    session = tmux(XSWITCH, env)
    session.until("? Help")
    session.type("/ops", "Enter")
    session.until("1/2 profiles")
    session.type("x")
    session.until("Run under ops")
    session.type("aws sts get-caller-identity", "Enter")
    screen = session.until("exit status 0; Enter goes back")
    assert "arn:aws:sts::222222222222:assumed-role/Ops/me" in screen.replace("\n", "")
    assert aws_server.actions() == ["AssumeRole", "GetCallerIdentity"]
    session.type("Enter")
    session.until("59m")
