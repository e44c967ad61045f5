"""Known secrets are where they belong, and after every command and every form nowhere else in any shape."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
import stat
from urllib.parse import quote, quote_plus

import pytest
from awshome import write_profiles
from running import CANARY, XSWITCH, Terminal, run_xswitch
from screens import burst, make_app, press, settle, text_of, tree_of, until
from terminals import Screen

from xswitch.cli.verbs import HIDDEN, NAMES, find_command
from xswitch.tui.screens.main import MainScreen

pytestmark = pytest.mark.slow

PIECE = 12
KEY_ID = "AKIAQYLPMN5HEXAMPLE2"
ARN = "arn:aws:iam::333333333333:role/Deployer"


def made_up(word):
    """Return a secret as AWS gives them, that can be told from all others."""
    digest = hashlib.sha256(word.encode()).digest()
    return f"{CANARY}{word}/{base64.b64encode(digest).decode()[:30]}+/{word}="


FILE, TOKEN, OPTION, URL, TYPED, PIPED, OTHER = map(
    made_up, ("file", "token", "option", "url", "typed", "piped", "other")
)
SECRETS = (FILE, TOKEN, OPTION, URL, TYPED, PIPED, OTHER)
CONFIG = f"""\
[default]
region = eu-west-1

[profile work]
role_arn = {ARN}
source_profile = keys

# the old one: {OTHER}
[profile process]
credential_process = /bin/echo --password {OPTION}

[profile far]
endpoint_url = https://me:{URL}@127.0.0.1:1/
role_arn = arn:aws:iam::333333333333:role/Far
source_profile = temporary

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1

[profile sso]
sso_session = corp
sso_account_id = 444444444444
sso_role_name = Reader
"""
CREDENTIALS = f"""\
[spare]
aws_access_key_id = AKIASPARESPARESPARE0
aws_secret_access_key = {FILE}

[temporary]
aws_access_key_id = ASIATEMPORARY0000000
aws_secret_access_key = {FILE}
aws_session_token = {TOKEN}
# aws_session_token (old) = {OTHER}
"""


def shapes_of(secret):
    """Return what a secret may look like, by the name of the shape; of long ones a piece is enough."""
    raw = secret.encode()
    shapes = {
        "hex": [raw.hex(), raw.hex().upper()],
        "quoted": [quote(secret, safe=""), quote_plus(secret)],
        "JSON": [json.dumps(secret).strip('"').replace("/", "\\/")],
        "base64": [
            encode(b"\0" * shift + raw)[4 if shift else 0 : -4].decode()
            for shift in range(3)
            for encode in (base64.b64encode, base64.urlsafe_b64encode)
        ],
    }
    for name, text in (("a piece", secret), ("a reversed piece", secret[::-1])):
        shapes[name] = [text[start : start + PIECE] for start in range(len(text) - PIECE + 1)]
    return shapes


def traces(where, data, secrets=SECRETS):
    """Return where which secret is found in some bytes, and in which shape; never the secret."""
    return [
        f"{where}: {secret[:9]}… ({shape})"
        for secret in secrets
        for shape, looks in shapes_of(secret).items()
        if any(look.encode() in data for look in looks)
    ]


def test_a_secret_is_found_in_every_shape():
    encoded = base64.b64encode(f"xy{FILE}z".encode()), base64.urlsafe_b64encode(f"x{FILE}yz".encode())
    others = FILE[3:17].encode(), FILE[::-1][5:19].encode(), FILE.encode().hex().encode()
    for data in (*encoded, *others, quote(FILE, safe="").encode(), FILE.replace("/", "\\/").encode()):
        assert traces("here", b"..." + data + b"...")
        assert traces("here", data, (TOKEN,)) == []


# --- the commands --------------------------------------------------------------------------------

# Loaded by every Python at its start: writes down each process that xswitch starts or becomes.
WATCH = """
import json, os, sys

def watch(event, arguments):
    if event in {"subprocess.Popen", "os.exec", "os.posix_spawn"}:
        argv, environ = arguments[1], arguments[3 if event == "subprocess.Popen" else 2]
        found = {"argv": [os.fsdecode(word) for word in argv]}
        pairs = dict(os.environ if environ is None else environ)
        found["environ"] = {os.fsdecode(name): os.fsdecode(value) for name, value in pairs.items()}
        descriptor = os.open(os.environ["WATCHED"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(descriptor, json.dumps(found).encode() + b"\\n")
        os.close(descriptor)
    elif event == "os.system":
        raise RuntimeError("a shell")

sys.addaudithook(watch)
"""


class World:
    """Files full of secrets, AWS on loopback, and everything that xswitch has shown since."""

    def __init__(self, home, environ, watched, secrets):
        self.home = home
        self.environ = environ
        self.secrets = secrets
        self.used = set()
        self.found = []
        self.started = []
        self._watched = watched

    def run(self, *words, stdin=None, environ=None):
        """Run a command to its end, and look for secrets in what it said and started; return its status."""
        options = {"input": stdin, "stdin": None} if stdin is not None else {}
        done = run_xswitch(*words, env={**self.environ, **(environ or {})}, **options)
        self._look(words, done.stdout, done.stderr)
        return done

    def ask(self, *words, answers):
        """Run a command in a terminal, and answer it; return what it showed."""
        terminal = Terminal([XSWITCH, *words], {**self.environ, "XSWITCH_DEBUG": "1"})
        for prompt, answer in answers:
            terminal.until(prompt)
            terminal.type(f"{answer}\r")
        terminal.end()
        self._look(words, terminal.text, "", is_terminal=True)
        return terminal.text

    def _look(self, words, out, err, *, is_terminal=False):
        command = find_command(list(words))[0]
        if command is not None:
            self.used.add(command.name)
        where = " ".join(words[:3])
        # To print credentials is what these two are for; on a terminal they mask them, or refuse.
        if is_terminal or command is None or command.name not in {"env", "credential-process"}:
            self._add(f"stdout of {where}", out)
        self._add(f"stderr of {where}", err)
        started = self._watched.read_text().splitlines() if self._watched.exists() else []
        self._watched.unlink(missing_ok=True)
        for process in map(json.loads, started):
            self.started.append(process["argv"][0])
            if process["argv"][0] != "/bin/echo":  # the user's own command line
                self._add(f"argv of {where}", "\0".join(process["argv"]))
            if "--env" not in words:  # to give a command the credentials is what that is for
                self._add(f"environment of {where}", "\0".join(process["environ"].values()))

    def _add(self, where, text):
        self.found += traces(where, text.encode("utf-8", "surrogateescape"), self.secrets)

    def learn_sessions(self):
        """Look from now on for the sessions that were obtained, too."""
        for path in (self.home / ".aws/cli/cache").glob("*.json"):
            credentials = json.loads(path.read_bytes())["Credentials"]
            self.secrets |= {credentials["SecretAccessKey"], credentials["SessionToken"]}

    def look_at_files(self):
        """Look for secrets in every file but the two, and the versions of them that are kept."""
        for path in self.home.rglob("*"):
            if not path.is_file() or path.parent == self.home / ".aws":
                continue
            if path.parent == self.home / ".local/state/xswitch/backups":
                assert stat.S_IMODE(path.stat().st_mode) == 0o600
                assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
                continue
            self.found += traces(str(path), path.read_bytes() + os.fsencode(path), self.secrets)


@pytest.fixture
def world(home, aws_folder, aws_server, user, tmp_path):
    key, secret = user
    keys = f"\n[keys]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
    write_profiles(aws_folder, CONFIG, CREDENTIALS + keys)
    for name in ("config", "credentials"):
        (aws_folder / name).chmod(0o600)
    aws_server.clear()
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch/sitecustomize.py").write_text(WATCH)
    watched = tmp_path / "watched"
    environ = {
        **aws_server.environment(home),
        "PYTHONPATH": str(tmp_path / "watch"),
        "WATCHED": str(watched),
        "SHELL": "/bin/sh",
        "BROWSER": "/bin/true",
    }
    return World(home, environ, watched, {*SECRETS, secret})


KEYS = json.dumps({"AccessKey": {"AccessKeyId": KEY_ID, "SecretAccessKey": PIPED}})
LOOKS = [
    *(["show", name] for name in ("spare", "temporary", "process", "far", "keys", "work")),
    ["show", "--all", "--json"],
    ["list"],
    ["list", "--json"],
    ["list", "--tree", "work"],
    ["sessions"],
    ["sessions", "--json"],
    ["settings", "init"],
    ["settings", "path"],
    ["doctor"],
    ["doctor", "--json"],
    ["doctor", "--fix", "--yes"],
    ["complete", "show", ""],
    ["complete", "set", "process", ""],
    ["init", "bash"],
    ["prompt"],
    ["use", "work"],
    ["use", "spare"],
    ["use", "temporary"],
    ["add"],
    ["demo", "list"],
]
AWS = [
    ["login", "work"],
    ["login", "process"],
    ["login", "sso", "--no-browser"],
    ["whoami", "keys"],
    ["whoami", "work", "--json"],
    ["whoami", "process"],
    ["whoami", "far"],
    ["console", "work", "--print"],
    ["console", "spare", "--print"],
    ["env", "spare"],
    ["env", "process"],
    ["env", "work", "--format", "json"],
    ["credential-process", "work"],
    ["credential-process", "process"],
    ["run", "spare", "--", "true"],
    ["run", "work", "--", "true"],
    ["run", "--env", "temporary", "--", "true"],
    ["run", "--serve", "temporary", "--", "true"],
    ["run", "process", "--", "true"],
    ["each", "s*", "process", "work", "--group", "--", "true"],
    ["each", "spare", "--json", "--", "true"],
    ["shell", "spare"],
    ["prompt"],
    ["logout", "work"],
    ["logout", "--all"],
]
DELEGATE = ["delegate", "--trusting", "work", "--trusted", "keys", "--user", "alice"]
DELEGATE += ["--role", "Canary", "--profile", "canary", "--source", "keys"]
DELEGATIONS = [
    [*DELEGATE, "--plan"],
    [*DELEGATE, "--plan", "--json"],
    *([*DELEGATE, "--export", form] for form in ("aws-cli", "cloudformation", "terraform")),
    [*DELEGATE, "--yes"],
    [*DELEGATE, "--yes", "--json"],
    ["delegate", "list"],
    ["delegate", "resume", "canary", "--yes"],
    ["delegate", "undo", "canary", "--yes"],
    ["logout", "--all"],
]
# Each is done with --dry-run and without; with what is piped into it.
EDITS = [
    (["add", "role", "new", "--role-arn", ARN, "--source-profile", "spare"], None),
    (["add", "sso", "new2", "--sso-session", "corp", "--account", "555555555555", "--role", "R"], None),
    (["add", "keys", "piped"], f"{KEY_ID}\n{PIPED}\n"),
    (["add", "keys", "piped", "--replace"], f"ASIAQYLPMN5HEXAMPLE2\n{OTHER}\n{TOKEN}\n"),
    (["add", "keys", "spare", "--replace"], KEYS),
    (["set", "spare", "aws_secret_access_key"], OTHER),
    (["set", "far", "endpoint_url"], f"https://me:{PIPED}@127.0.0.1:1/"),
    (["set", "process", "credential_process"], f"get --token={PIPED} --password {OTHER}\n"),
    (["set", "process", "my_password"], OTHER),
    (["set", "temporary", "region", "eu-west-1"], None),
    (["unset", "temporary", "aws_session_token"], None),
    (["rename", "spare", "spare2"], None),
    (["rename", "temporary", "temporary2"], None),
    (["copy", "process", "process2"], None),
    (["copy", "far", "far2"], None),
    (["copy", "spare2", "spare3"], None),
    (["remove", "temporary2", "--with-dependents"], None),
    (["remove", "process"], None),
]
# Status 1 or 2; what somebody types by mistake is not repeated.
WRONG = [
    (["add", "keys", "x"], f"{FILE}\n{KEY_ID}\n"),
    (["add", "keys", "x"], FILE),
    (["add", "keys", "x"], f'{{"SecretAccessKey": "{FILE}"'),
    (["add", "keys", "x"], f"ASIAQYLPMN5HEXAMPLE2\n{FILE}\n"),
    (["add", "keys", "x"], f"{KEY_ID}\n{FILE} x\n"),
    (["add", "keys", "x", FILE], None),
    (["add", "keys", "x", "--secret", FILE], None),
    (["add", "keys", "keys"], KEYS),
    (["set", "keys", "aws_secret_access_key", FILE], None),
    (["set", "keys", f"aws_secret_access_key={FILE}"], None),
    (["set", "keys", "aws_secret_access_key"], f"{FILE}\nx = y"),
    (["set", "keys", "aws_access_key_id"], FILE),
    (["set", "keys", "region"], FILE),
    (["set", "keys", "role_arn"], FILE),
    (["unset", "keys", FILE], None),
    (["remove", "keys"], None),
    (["rename", "keys", "work"], None),
    (["run", "nobody", "--", "true"], None),
]


def test_no_command_shows_a_secret_or_leaves_it_anywhere(world, aws_folder):
    debug = {"XSWITCH_DEBUG": "1"}
    for words in LOOKS:
        world.run(*words, environ=debug)
    for words in AWS:
        world.run(*words, environ=debug)
        world.learn_sessions()
    for words in DELEGATIONS:
        assert world.run(*words, environ=debug).returncode == 0, words
        world.learn_sessions()
    for words, stdin in WRONG:
        assert world.run(*words, stdin=stdin, environ=debug).returncode in {1, 2}, words[:2]
        assert world.run(*words, stdin=stdin).returncode in {1, 2}, words[:2]
    for words, stdin in EDITS:
        before = [(aws_folder / name).read_bytes() for name in ("config", "credentials")]
        assert world.run(*words, "--dry-run", stdin=stdin).returncode == 0, words[:3]
        assert before == [(aws_folder / name).read_bytes() for name in ("config", "credentials")]
        assert world.run(*words, stdin=stdin, environ=debug).returncode == 0, words[:3]
        assert before != [(aws_folder / name).read_bytes() for name in ("config", "credentials")]
    both = b"".join((aws_folder / name).read_bytes() for name in ("config", "credentials")).decode()
    assert PIPED in both
    assert OTHER in both
    for words in (["undo", "--list"], ["undo", "--list", "--json"], ["undo", "--dry-run"]):
        assert world.run(*words).returncode == 0
    (aws_folder / "credentials").write_text(f"aws_secret_access_key {FILE}\n{TOKEN}\n")
    for words in (
        ["show", "spare"],
        ["list"],
        ["doctor"],
        ["doctor", "--json"],
        ["set", "spare", "region", "x"],
        ["undo"],
        ["undo", "--dry-run"],
    ):
        world.run(*words, environ=debug)
    world.look_at_files()
    assert world.found == []
    assert world.used == set(NAMES) | set(HIDDEN)
    assert len(world.secrets) > len(SECRETS) + 1
    assert {"true", "/bin/echo", "/bin/sh"} <= set(world.started)


def test_everything_is_undone_and_shows_no_secret_either(world, aws_folder):
    first = [(aws_folder / name).read_bytes() for name in ("config", "credentials")]
    for words, stdin in EDITS:
        assert world.run(*words, stdin=stdin).returncode == 0
    for _ in EDITS:
        assert world.run("undo", "--dry-run").returncode == 0
        assert world.run("undo", environ={"XSWITCH_DEBUG": "1"}).returncode == 0
    assert first == [(aws_folder / name).read_bytes() for name in ("config", "credentials")]
    world.look_at_files()
    assert world.found == []


def test_what_is_typed_unseen_is_nowhere_in_the_terminal(world, aws_folder):
    hidden = "(not shown): "
    for more in (["--dry-run"], []):
        answers = [("key id of typed: ", KEY_ID), (hidden, TYPED)]
        world.ask("add", "keys", "typed", *more, answers=answers)
        answers = [
            ("key id of typed2: ", "ASIAQYLPMN5HEXAMPLE2"),
            ("access key (not", TYPED),
            ("token (not", TOKEN),
        ]
        world.ask("add", "keys", "typed2", *more, answers=answers)
        world.ask("set", "spare", "aws_secret_access_key", *more, answers=[(hidden, TYPED)])
        world.ask("set", "process", "my_token", *more, answers=[(hidden, TYPED)])
    assert (aws_folder / "credentials").read_text().count(TYPED) == 3
    assert (aws_folder / "config").read_text().count(TYPED) == 1
    world.ask("add", "keys", "typed3", answers=[("key id of typed3: ", KEY_ID), (hidden, f"{TYPED} x")])
    for words in (
        ["env", "typed"],
        ["credential-process", "typed"],
        ["show", "typed"],
        ["use", "typed"],
        ["undo"],
    ):
        world.ask(*words, answers=[])
    world.look_at_files()
    assert world.found == []


# --- the UI --------------------------------------------------------------------------------------


def go(app, name):
    tree = tree_of(app)
    tree.cursor = next(i for i, row in enumerate(tree.rows) if row.node.name == name)


async def put(pilot, key, text):
    """Type a text into a field in place of what is there."""
    pilot.app.screen.set_focus(pilot.app.screen.rows[key].input)
    await press(pilot, "end", "ctrl+u")
    burst(pilot.app, text)
    await settle(pilot)


class Looker:
    """Everything that the UI has shown, as text and as pictures."""

    def __init__(self, app):
        self.app = app
        self.found = []

    def look(self, where):
        picture = self.app.export_screenshot()
        text = html.unescape(re.sub("<[^>]*>", "", picture))
        self.found += traces(where, "\n".join([picture, text, text_of(self.app)]).encode())

    async def walk(self, pilot, *keys):
        """Press keys, and look after each."""
        for key in keys:
            await press(pilot, key)
            self.look(f"{type(self.app.screen).__name__} after {key}")

    async def leave(self, pilot):
        while not isinstance(self.app.screen, MainScreen):
            await press(pilot, "escape")


async def test_no_screen_shows_a_secret(home, aws_folder):
    write_profiles(aws_folder, CONFIG, CREDENTIALS)
    app = make_app()
    looker = Looker(app)
    async with app.run_test(size=(120, 50), notifications=True) as pilot:
        for name in ("spare", "temporary", "far", "process"):
            go(app, name)
            await looker.walk(pilot, "J", "J", "K")
            for key in ("e", "ctrl+d", "c"):
                await looker.walk(pilot, key)
                await looker.leave(pilot)
        for keys in ("n", "Na", "Ns", "Nc", "x", "?"):
            await looker.walk(pilot, *keys)
            await looker.leave(pilot)
    assert looker.found == []


async def test_secrets_typed_into_forms_are_in_no_picture_and_no_file(home, aws_folder, capfd):
    write_profiles(aws_folder, CONFIG, CREDENTIALS)
    first = [(aws_folder / name).read_bytes() for name in ("config", "credentials")]
    app = make_app()
    looker = Looker(app)
    async with app.run_test(size=(120, 50), notifications=True) as pilot:
        await press(pilot, "N", "a")
        await put(pilot, "name", "typed")
        await put(pilot, "aws_access_key_id", "ASIAQYLPMN5HEXAMPLE2")
        await put(pilot, "aws_secret_access_key", TYPED)
        await put(pilot, "aws_session_token", OTHER)
        await until(pilot, lambda: "+ aws_session_token = ********" in text_of(app))
        await looker.walk(pilot, "tab", "tab", "up", "up", "up", "ctrl+s")
        await until(pilot, "done: add keys of typed")
        looker.look("after saving")
        go(app, "spare")
        await press(pilot, "e")
        await put(pilot, "aws_secret_access_key", f"{TYPED} x")  # a blank is an error
        await looker.walk(pilot, "tab", "up", "ctrl+s")
        await put(pilot, "aws_secret_access_key", PIPED)
        await until(pilot, lambda: "+ aws_secret_access_key = ********" in text_of(app))
        await looker.walk(pilot, "tab", "ctrl+s")
        await until(pilot, "done: set aws_secret_access_key of spare")
        go(app, "work")
        await press(pilot, "e")
        app.screen.set_focus(app.screen.other.key_input)
        burst(app, f"my_password\t{OTHER}")
        await settle(pilot)
        await until(pilot, lambda: "+ my_password = ********" in text_of(app))
        await looker.walk(pilot, "tab", "ctrl+s")
        await until(pilot, "done: set my_password of work")
        await looker.walk(pilot, "e")
        await looker.leave(pilot)
        for title in ("set my_password of work", "set aws_secret_access_key of spare", "add keys of typed"):
            await looker.walk(pilot, "u")
            await until(pilot, f"undone: {title}")
            looker.look("after undoing")
    assert looker.found == []
    assert first == [(aws_folder / name).read_bytes() for name in ("config", "credentials")]
    assert_nowhere_else(home, *capfd.readouterr())


def assert_nowhere_else(home, *texts):
    world = World(home, {}, home, SECRETS)
    world.look_at_files()
    assert world.found == []
    assert [trace for text in texts for trace in traces("output", text.encode())] == []


async def crash_with_secrets_typed(keys, key):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        go(app, "spare")
        await press(pilot, *keys)
        await put(pilot, key, TYPED)
        app.screen.call_later(lambda: 1 / 0)
        await pilot.pause(0.3)


@pytest.mark.parametrize("keys", [["N", "a"], ["e"]])
async def test_a_crash_while_a_form_holds_a_secret_tells_none(home, aws_folder, capfd, keys):
    write_profiles(aws_folder, CONFIG, CREDENTIALS)
    with pytest.raises(ZeroDivisionError):
        await crash_with_secrets_typed(keys, "aws_secret_access_key")
    assert "ZeroDivisionError" in (home / ".local/state/xswitch/crash.log").read_text()
    assert_nowhere_else(home, *capfd.readouterr())


def test_nothing_that_the_ui_sends_to_a_real_terminal_has_a_secret_in_it(world, aws_folder):
    environ = {**world.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "XSWITCH_DEBUG": "1"}
    screen = Screen([XSWITCH], environ, size=(120, 40))
    try:
        screen.live()
        screen.type("/")
        screen.type("spare\r")
        for copied in range(4):
            screen.type("c")
            screen.until("Copy from spare")
            screen.type(f"{'j' * copied}\r")
            screen.until(lambda: "Copy from spare" not in screen.text())
        screen.type("e")
        screen.until("Edit spare")
        screen.type("\t")
        screen.type(f"\x1b[200~{TYPED}\x1b[201~")
        screen.until("+ aws_secret_access_key = ********")
        screen.type("ctrl+c")
        assert screen.end() == 130
        raw = screen.raw
    finally:
        screen.close()
    copied = [base64.b64decode(found) for found in re.findall(rb"\x1b\]52;c;([^\a]*)\a", raw)]
    assert b"spare" in copied
    assert traces("terminal", b"\n".join([raw, *copied]), world.secrets) == []
    world.run("list")  # reads what the UI has started
    world.look_at_files()
    assert world.found == []
