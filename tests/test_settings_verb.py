"""xswitch settings init, edit and path; and settings with a fault in every command."""

from __future__ import annotations

import os

import pytest
from awshome import write_profiles
from guarding import everything, refused, settings_file, write_settings
from running import CANARY, PYTHON, SECRET, XSWITCH, Terminal, run_xswitch

from xswitch.settings.writing import default_text

PLACE = "~/.config/xswitch/config.toml"


@pytest.fixture
def path(home):
    return settings_file(home)


@pytest.fixture
def editor(tmp_path):
    """Make an editor of Python code that has the file as `path` and further arguments as `words`."""

    def make(code):
        script = tmp_path / "my editor"
        script.write_text(f"#!{PYTHON}\nimport sys\n*words, path = sys.argv[1:]\n{code}\n")
        script.chmod(0o755)
        return f"'{script}'"

    return make


def edit(command, **env):
    return run_xswitch("settings", "edit", env={**os.environ, "EDITOR": command, **env})


def test_path_is_where_it_is_and_makes_nothing(home, path):
    assert run_xswitch("settings", "path").stdout == f"{path}\n"
    done = run_xswitch("settings", "path", env={**os.environ, "XDG_CONFIG_HOME": "/elsewhere"})
    assert done.stdout == "/elsewhere/xswitch/config.toml\n"
    assert not (home / ".config").exists()


def test_init_writes_a_file_for_the_user_alone(path):
    done = run_xswitch("settings", "init")
    assert (done.returncode, done.stdout) == (0, "")
    assert PLACE in done.stderr
    assert path.read_text() == default_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert run_xswitch("list").returncode == 0


@pytest.mark.parametrize("there", ["file", "empty", "link", "dangling", "folder"])
def test_init_never_writes_over_what_is_there(home, path, there):
    path.parent.mkdir(parents=True)
    if there == "folder":
        path.mkdir()
    elif there in {"link", "dangling"}:
        path.symlink_to(home / "mine.toml")
        if there == "link":
            (home / "mine.toml").write_text("# mine\n")
    else:
        path.write_text("# mine\n" if there == "file" else "")
    before = everything(home)
    done = run_xswitch("settings", "init")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"xswitch: {PLACE} is there already (xswitch settings edit opens it)\n"
    assert everything(home) == before
    assert not (home / "mine.toml").exists() or there == "link"


def test_where_it_cannot_be_written_that_is_one_sentence(home):
    (home / ".config").write_text("")
    for action in ("init", "edit"):
        done = run_xswitch("settings", action, env={**os.environ, "EDITOR": "true"})
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "fault of xswitch" not in done.stderr


@pytest.mark.parametrize("words", [[], ["init", "x"], ["inti"], ["init", "--force"], ["\x1b[2J"]])
def test_a_command_line_that_does_not_fit_is_told(home, words):
    done = run_xswitch("settings", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "\x1b" not in done.stderr
    assert not (home / ".config").exists()


def test_edit_has_a_first_file_where_there_was_none(path, editor):
    done = edit(editor("print(open(path).read())"))
    assert done.returncode == 0
    assert done.stdout == default_text() + "\n"
    assert done.stderr == f"xswitch: {PLACE} is in order\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_editor_may_have_arguments_and_blanks_in_its_name(path, editor):
    done = edit(editor("print(words, path)") + " --wait 'a b' $HOME ;touch")
    assert done.stdout == f"{['--wait', 'a b', '$HOME', ';touch']} {path}\n"


def test_visual_comes_before_editor_and_blank_is_none(editor):
    assert edit("false", VISUAL=editor("print('visual')")).stdout == "visual\n"
    assert edit(editor("print('editor')"), VISUAL=" ").stdout == "editor\n"


def test_without_either_it_is_vi(tmp_path, path):
    (tmp_path / "vi").write_text('#!/bin/sh\necho "vi $@"\n')
    (tmp_path / "vi").chmod(0o755)
    write_settings(path.parent.parent.parent, "#!/bin/sh\ntouch executed\n")
    path.chmod(0o755)
    for variables in ({}, {"EDITOR": "", "VISUAL": ""}, {"EDITOR": "  "}):
        env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", **variables}
        env = {
            name: value
            for name, value in env.items()
            if name in variables or name not in ("EDITOR", "VISUAL")
        }
        done = run_xswitch("settings", "edit", env=env, cwd=tmp_path)
        assert done.stdout == f"vi {path}\n"
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("command", ["no-such-editor", "'", "/", "\x1b[2J"])
def test_an_editor_that_cannot_be_started_is_told(command):
    done = edit(command)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "cannot be started" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(("code", "status"), [("sys.exit(7)", 7), ("import os; os.kill(os.getpid(), 9)", -9)])
def test_an_editor_that_fails_is_told_and_the_file_is_as_it_left_it(path, editor, code, status):
    done = edit(editor(f"open(path, 'w').write('x')\n{code}"))
    assert done.returncode == 1
    assert f"ended with {status}" in done.stderr
    assert "in order" not in done.stderr
    assert path.read_text() == "x"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("# a\nthem = 'x'", ":2: them is no setting: did you mean theme?"),
        ("[keys]\n'profile.rum' = 'x'", ":2: [keys] profile.rum is no action: did you mean profile.run?"),
        ("\n\ntheme = 'nrod'", ":3: theme nrod is unknown: did you mean nord?"),
        ("[[guard]\n", ":1: "),
        ("[guard]\n", ":1: a guard rule begins with [[guard]]"),
    ],
)
def test_a_fault_that_is_left_is_told_with_its_line(editor, path, text, fault):
    done = edit(editor(f"open(path, 'w').write({text!r})"))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{PLACE}{fault}" in done.stderr
    assert path.read_text() == text


def test_an_editor_that_takes_the_file_away_leaves_the_defaults(editor, path):
    assert edit(editor("import os; os.unlink(path)")).returncode == 0
    assert not path.exists()


@pytest.mark.slow
def test_the_editor_has_the_terminal(home, editor):
    write_settings(home, "# mine\n")
    command = editor("assert sys.stdin.isatty() and sys.stdout.isatty()\nprint('you said', input('say: '))")
    terminal = Terminal([XSWITCH, "settings", "edit"], {**os.environ, "EDITOR": command})
    terminal.until("say: ")
    terminal.type("hello\n")
    terminal.until("you said hello")
    terminal.until(f"{PLACE} is in order")
    assert terminal.end() == 0


# --- settings with a fault: whoever would be guarded is refused, and the rest works -----------------

FAULTY = "[[guard]]\nprofile = 'other'\nlevel = 'readonly'\n"
SENTENCE = f"{PLACE}:3: level is readonly, and must be confirm or read-only"
GUARDED = [
    ["run", "dev", "--", "touch", "done"],
    ["run", "dev", "--env", "--", "touch", "done"],
    ["run", "dev", "--serve", "--", "touch", "done"],
    ["run", "dev", "--yes-really", "dev", "--", "touch", "done"],
    ["shell", "dev"],
    ["env", "dev"],
    ["env", "dev", "--format", "json"],
    ["use", "dev"],
    ["use", "--match", "de"],
    ["use", "-"],
    ["console", "dev", "--print"],
    ["credential-process", "dev"],
    ["set", "dev", "region", "us-east-1"],
    ["unset", "dev", "region"],
    ["rename", "dev", "development"],
    ["remove", "dev"],
]


@pytest.fixture
def profiles(home, aws_folder):
    keys = f"aws_access_key_id = AKIA0000000000000000\naws_secret_access_key = {SECRET}\n"
    write_profiles(aws_folder, "[profile dev]\nregion = eu-west-1\n", f"[dev]\n{keys}")
    write_settings(home, FAULTY)
    return {**os.environ, "XSWITCH_PREVIOUS": "dev", "SHELL": "/bin/true"}


@pytest.mark.parametrize("words", GUARDED, ids=" ".join)
def test_with_a_fault_in_the_settings_nothing_is_done_with_any_profile(home, profiles, words):
    done = refused(*words, env=profiles, home=home)
    assert done.stderr.startswith(f"xswitch: {SENTENCE} (")
    assert CANARY not in done.stderr


@pytest.mark.parametrize("words", [["list"], ["list", "--json"], ["list", "--tree"], ["show", "dev"]])
def test_reports_say_the_fault(profiles, words):
    done = run_xswitch(*words, env=profiles)
    assert (done.returncode, done.stdout) == (1, "")
    assert SENTENCE in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["prompt"],
        ["init", "bash"],
        ["use", "--none"],
        ["complete", "--", "run", "d"],
        ["sessions"],
        ["logout", "--all"],
        ["settings", "path"],
        ["undo", "--list"],
        ["set", "dev", "region", "us-east-1", "--dry-run"],
        ["--help"],
        ["run", "--help"],
    ],
    ids=" ".join,
)
def test_the_rest_works_as_ever(profiles, words):
    done = run_xswitch(*words, env={**profiles, "AWS_PROFILE": "dev"})
    assert done.returncode == 0, done.stderr
    assert PLACE not in done.stderr


def test_the_doctor_works_and_says_it(profiles):
    done = run_xswitch("doctor", env=profiles)
    assert done.returncode in {0, 1}
    assert "level is readonly" in done.stdout + done.stderr


def test_the_fault_is_mended_in_the_editor(profiles, editor):
    change = "text = open(path).read().replace('readonly', 'read-only'); open(path, 'w').write(text)"
    assert edit(editor(change)).returncode == 0
    assert run_xswitch("run", "dev", "--", "true", env=profiles).returncode == 0
