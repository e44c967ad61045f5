"""Guards and the account that a profile is really in, as AWS says: asked once for the same keys."""

from __future__ import annotations

import json
import os
import shlex

import pytest
from awshome import SSO, read_profiles_in, role
from guarding import REFUSED, write_settings
from running import CANARY, PYTHON, XSWITCH, Terminal, json_of, run_xswitch, write_session

from xswitch.sessions.keys import token_key

pytestmark = pytest.mark.slow

LOCK = "\N{CIRCLED DIVISION SLASH}"
HERE, THERE = "111111111111", "222222222222"
NAMES = f'[accounts]\n{HERE} = "Dev"\n{THERE} = "Prod"\n'
EXPECT = f"{NAMES}[[guard]]\nprofile = '*-copy'\nexpect_account_id = '{HERE}'\n"
BY_ACCOUNT = f"{NAMES}[[guard]]\naccount_id = '{HERE}'\n"
ROLE = role("role-copy") + "region = eu-west-1\n"
ASK = "GetCallerIdentity"


class Home:
    """A home whose AWS is the server, and commands of it."""

    def __init__(self, server, home, env):
        self.server = server
        self.home = home
        self.env = env
        self.done = home / "done"

    def settings(self, text):
        write_settings(self.home, text)

    def run(self, *words, **env):
        """Run `xswitch run` with these words before a command that leaves a file."""
        self.done.unlink(missing_ok=True)
        return run_xswitch("run", *words, "--", "touch", str(self.done), env={**self.env, **env})

    def asked(self):
        """Return how often AWS was asked whose keys those are, and forget it."""
        count = self.server.actions().count(ASK)
        self.server.forget()
        return count

    def refused(self, *words, **env):
        """Assert that nothing is run; return the sentence."""
        done = self.run(*words, **env)
        assert (done.returncode, done.stdout) == (REFUSED, "")
        assert not self.done.exists()
        assert done.stderr.count("\n") == 1
        assert CANARY not in done.stderr
        return done.stderr


@pytest.fixture
def keys(aws_server, user):
    """Settings of keys of each account; those of HERE are the user's."""
    other = aws_server.create_user(THERE, f"bob{os.urandom(4).hex()}")
    return {
        account: f"aws_access_key_id = {key}\naws_secret_access_key = {secret}\nregion = eu-west-1\n"
        for account, (key, secret) in {HERE: user, THERE: other}.items()
    }


@pytest.fixture
def setup(aws_server, home, under, keys):
    """Profiles of several kinds that are in THERE, all of them called a copy."""

    def make(settings, config=""):
        static = f"[profile static-copy]\n{keys[THERE]}"
        lines = {"Version": 1}
        for line in keys[THERE].splitlines()[:2]:
            name, _, value = line.partition(" = ")
            lines["AccessKeyId" if name.endswith("id") else "SecretAccessKey"] = value
        program = home / "program"
        program.write_text(f"#!/bin/sh\necho {shlex.quote(json.dumps(lines))}\n")
        program.chmod(0o755)
        process = f"[profile process-copy]\ncredential_process = {program}\nregion = eu-west-1\n"
        sso = SSO.replace("[profile sso]", "[profile sso-copy]").replace("444444444444", THERE)
        env = under(f"{ROLE}\n{static}\n{process}\n{sso}\n{config}")
        write_settings(home, settings)
        return Home(aws_server, home, env)

    yield make
    aws_server.clear()


def sign_in(home):
    """Put a token of the SSO session where the AWS CLI has it."""
    path = home / f".aws/sso/cache/{token_key('corp', None)}.json"
    path.parent.mkdir(parents=True)
    token = {
        "startUrl": "https://x",
        "region": "us-east-1",
        "accessToken": "t",
        "expiresAt": "2099-01-01T00:00:00Z",
    }
    path.write_text(json.dumps(token))


KINDS = ["role-copy", "static-copy", "process-copy", "sso-copy"]


@pytest.mark.parametrize("options", [[], ["--env"], ["--serve"]], ids=str)
@pytest.mark.parametrize("name", KINDS)
def test_a_profile_that_is_in_another_account_than_its_rule_says_is_refused(setup, name, options):
    setup = setup(EXPECT)
    sign_in(setup.home)
    sentence = setup.refused(name, *options, "--yes-really", name)
    assert sentence.startswith(
        f"xswitch: {name} is in account {THERE} (Prod), not in {HERE} (Dev) (by the guard in "
    )


@pytest.mark.parametrize(
    "words",
    [
        ["env", "{}"],
        ["env", "{}", "--format", "json"],
        ["use", "{}"],
        ["shell", "{}"],
        ["console", "{}", "--print"],
        ["credential-process", "{}"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("name", ["role-copy", "static-copy"])
def test_every_way_to_use_it_is_refused(setup, name, words):
    setup = setup(EXPECT)
    words = [word.format(name) for word in words]
    more = [] if words[0] == "credential-process" else ["--yes-really", name]
    done = run_xswitch(*words, *more, env={**setup.env, "SHELL": "/bin/true"})
    assert (done.returncode, done.stdout) == (REFUSED, "")
    assert f"{name} is in account {THERE} (Prod), not in {HERE} (Dev)" in done.stderr


def test_one_that_is_where_it_should_be_is_used_after_its_name(setup):
    setup = setup(EXPECT.replace(f"'{HERE}'", f"'{THERE}'"))
    for name in KINDS[:3]:
        assert "no terminal" in setup.refused(name)
        assert setup.server.actions() == []  # nothing is obtained before the name is typed
        assert setup.run(name, "--yes-really", name).returncode == 0
        assert setup.done.exists()
        assert setup.asked() == (name != "process-copy")  # its keys are those of static-copy


def test_of_two_rules_that_want_different_accounts_the_one_that_fails_is_named(setup):
    setup = setup(f"{EXPECT}[[guard]]\nprofile = 'role*'\nexpect_account_id = '{THERE}'\n")
    sentence = setup.refused("role-copy", "--yes-really", "role-copy")
    assert (
        f"is in account {THERE} (Prod), not in {HERE} (Dev) (by the guard in ~/.config/xswitch/config.toml:"
        in sentence
    )


def test_keys_whose_account_no_file_names_are_guarded_by_the_account_that_aws_names(setup):
    setup = setup(BY_ACCOUNT)
    assert "keys is guarded" in setup.refused("keys")
    assert setup.asked() == 1
    assert setup.run("static-copy").returncode == 0
    assert setup.run("role-copy").returncode == 0


def test_aws_is_asked_once_for_the_same_keys(setup):
    setup = setup(BY_ACCOUNT)
    assert setup.run("static-copy").returncode == 0
    assert setup.asked() == 1
    for words in (["static-copy"], ["static-copy", "--env"]):
        assert setup.run(*words).returncode == 0
    assert run_xswitch("use", "static-copy", env=setup.env).returncode == 0
    setup.refused("keys")
    setup.refused("keys")
    assert setup.asked() == 1


def test_other_keys_are_asked_about_anew(setup, keys):
    setup = setup(EXPECT.replace(f"'{HERE}'", f"'{THERE}'"))
    assert setup.run("static-copy", "--yes-really", "static-copy").returncode == 0
    config = setup.home / ".aws/config"
    config.write_text(config.read_text().replace(keys[THERE], keys[HERE]))
    sentence = setup.refused("static-copy", "--yes-really", "static-copy")
    assert f"is in account {HERE} (Dev), not in {THERE} (Prod)" in sentence


def test_a_renewed_session_is_asked_about_anew(setup):
    setup = setup(EXPECT.replace(f"'{HERE}'", f"'{THERE}'"))
    words = ["role-copy", "--yes-really", "role-copy"]
    for asked in (1, 0):
        assert setup.run(*words).returncode == 0
        assert setup.asked() == asked
    for entry in (setup.home / ".aws/cli/cache").iterdir():
        entry.unlink()
    assert setup.run(*words).returncode == 0
    assert setup.server.actions() == ["AssumeRole", ASK]


def test_a_session_that_is_not_of_its_role_is_caught(setup, user):
    """A cached session is believed to be of the role that it stands under; whose it really is AWS knows."""
    setup = setup(EXPECT.replace(f"'{HERE}'", f"'{THERE}'"))
    profile = read_profiles_in(setup.home / ".aws")["role-copy"]
    write_session(setup.home, profile, key=user[0])
    sentence = setup.refused("role-copy", "--yes-really", "role-copy")
    assert f"is in account {HERE} (Dev), not in {THERE} (Prod)" in sentence


@pytest.mark.parametrize(
    "content",
    [
        '{"access_key_id": "AKIA0000000000000000", "account_id": "222222222222"}',
        '{"account_id": "222222222222"}',
        '{"access_key_id": "KEY", "account_id": "2222"}',
        '{"access_key_id": "KEY", "account_id": 222222222222}',
        "[]",
        "",
        "\xff",
        '{"access_key_id": "KEY", "account_id": "222222222222"}' + " " * 5000,
    ],
)
def test_an_answer_that_is_not_whole_or_of_other_keys_is_not_believed(setup, user, content):
    setup = setup(BY_ACCOUNT)
    folder = setup.home / ".local/state/xswitch/identities"
    folder.mkdir(parents=True)
    (folder / f"{user[0]}.json").write_text(content.replace("KEY", user[0]))
    assert "keys is guarded" in setup.refused("keys")
    assert setup.asked() == 1


def test_answers_are_the_users_alone_and_have_no_secret(setup, user):
    setup = setup(BY_ACCOUNT)
    setup.refused("keys")
    [path] = (setup.home / ".local/state/xswitch/identities").iterdir()
    kept = json.loads(path.read_text())
    assert kept == {"access_key_id": user[0], "account_id": HERE, "asked_at": kept["asked_at"]}
    assert path.stat().st_mode & 0o777 == 0o600


ANSWER = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>{}</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


@pytest.mark.parametrize("settings", [BY_ACCOUNT, EXPECT])
@pytest.mark.parametrize("name", ["static-copy", "process-copy"])
@pytest.mark.parametrize("how", ["unreachable", "refused", "nonsense", "wrong account"])
def test_where_aws_does_not_say_nothing_is_run(setup, settings, name, how):
    setup = setup(settings)
    env = {"AWS_MAX_ATTEMPTS": "1"}
    if how == "unreachable":
        env |= {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9"}
    elif how == "refused":
        setup.server.control(
            fail={ASK: {"status": 403, "code": "InvalidClientTokenId", "message": "no\x1b[2J"}}
        )
    else:
        answer = ANSWER.format("" if how == "nonsense" else "2222")
        headers = {"Content-Type": "text/xml"}
        setup.server.control(answer={ASK: {"status": 200, "body": answer, "headers": headers}})
    done = setup.run(name, "--yes-really", name, **env)
    assert done.returncode in {1, REFUSED}
    assert not setup.done.exists()
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "fault of xswitch" not in done.stderr
    assert "\x1b" not in done.stderr
    setup.server.clear()
    # and nothing was kept of it
    assert setup.run(name, "--yes-really", name).returncode == (0 if settings == BY_ACCOUNT else REFUSED)


def test_a_profile_without_credentials_is_not_run_where_an_account_is_guarded(setup):
    setup = setup(BY_ACCOUNT, "[profile nothing]\nregion = eu-west-1\n")
    done = setup.run("nothing", AWS_EC2_METADATA_DISABLED="true")
    assert done.returncode != 0
    assert not setup.done.exists()


def test_what_aws_refuses_to_tell_of_one_keeps_all_from_being_run(setup):
    setup = setup(EXPECT)
    env = {**setup.env, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    words = ("static-copy", "keys", "--yes-really", "static-copy", "--json", "--", "touch", str(setup.done))
    done = run_xswitch("each", *words, env=env)
    assert done.returncode == REFUSED, done.stderr
    assert not setup.done.exists()
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["state"] for each in ends] == ["skipped", "skipped"]
    assert all("static-copy" in each["error"] for each in ends)


def test_what_aws_has_named_is_known_before_a_name_is_asked_for(setup):
    setup = setup(EXPECT)
    assert run_xswitch("whoami", "static-copy", env=setup.env).returncode == 0
    setup.server.clear()
    for words in (
        ["run", "static-copy", "--", "touch", str(setup.done)],
        ["console", "static-copy", "--print"],
    ):
        done = run_xswitch(*words, env=setup.env)  # without a name, and without anybody to type it
        assert done.returncode == REFUSED
        assert f"static-copy is in account {THERE} (Prod), not in {HERE} (Dev)" in done.stderr
    assert setup.server.actions() == []


def test_a_change_of_what_is_guarded_by_the_account_that_aws_has_named_is_asked_about(setup):
    setup = setup(BY_ACCOUNT)
    assert run_xswitch("whoami", "keys", env=setup.env).returncode == 0
    before = (setup.home / ".aws/config").read_bytes(), (setup.home / ".aws/credentials").read_bytes()
    done = run_xswitch("set", "keys", "output", "json", env=setup.env)
    assert done.returncode == REFUSED, done.stderr
    assert (
        (setup.home / ".aws/config").read_bytes(),
        (setup.home / ".aws/credentials").read_bytes(),
    ) == before


def test_login_and_whoami_ask_no_guard(setup):
    setup = setup(EXPECT + BY_ACCOUNT.removeprefix(NAMES))
    assert run_xswitch("login", "role-copy", env=setup.env).returncode == 0
    assert json_of("whoami", "static-copy", "--json", env=setup.env)["account_id"] == THERE
    assert json_of("whoami", "keys", "--json", env=setup.env)["account_id"] == HERE


def test_the_name_is_asked_for_when_aws_has_named_the_account(setup):
    setup = setup(BY_ACCOUNT)
    words = [XSWITCH, "run", "keys", "--", PYTHON, "-c", "print('it', 'ran')"]
    terminal = Terminal(words, {**setup.env, "TERM": "xterm"})
    terminal.until("Type its name to go on: ")
    assert f"keys (account {HERE}, Dev) is guarded" in terminal.text
    terminal.type("keys\n")
    terminal.until("it ran")
    assert terminal.end() == 0


def test_read_only_by_account_refuses_keys_whose_account_no_file_names(setup):
    setup = setup(f"{BY_ACCOUNT}level = 'read-only'\n")
    for words in (["run", "keys", "--", "true"], ["credential-process", "keys"], ["env", "keys"]):
        done = run_xswitch(*words, env=setup.env)
        assert (done.returncode, done.stdout) == (REFUSED, "")
        assert "keys is read-only" in done.stderr


def test_what_aws_has_said_is_seen_in_the_banner_and_the_prompt(setup):
    setup = setup(BY_ACCOUNT)
    assert setup.run("keys", "--yes-really", "keys").stderr.count("*** under keys") == 1
    done = run_xswitch("prompt", env={**setup.env, "AWS_PROFILE": "keys"})
    assert done.stdout == f"{LOCK} keys\n"
    assert run_xswitch("prompt", env={**setup.env, "AWS_PROFILE": "static-copy"}).stdout == "static-copy\n"


def test_answers_do_not_pile_up(setup):
    setup = setup(BY_ACCOUNT)
    folder = setup.home / ".local/state/xswitch/identities"
    folder.mkdir(parents=True)
    for number in range(2000):
        path = folder / f"ASIA{number:016}.json"
        path.write_text("{}")
        os.utime(path, (number, number))
    setup.refused("keys")
    left = sorted(path.name for path in folder.iterdir())
    assert len(left) == 1001
    assert f"ASIA{999:016}.json" not in left
    assert f"ASIA{1000:016}.json" in left


@pytest.mark.parametrize("key", ["../../evil", "AKIA/x", "a\u00e9b", "x" * 300])
def test_what_is_no_key_id_is_no_file_name(setup, key):
    setup = setup(BY_ACCOUNT, f"[profile odd]\naws_access_key_id = {key}\naws_secret_access_key = x\n")
    done = setup.run("odd")
    assert setup.done.exists() == (done.returncode == 0)
    assert "fault of xswitch" not in done.stderr
    folder = setup.home / ".local/state/xswitch/identities"
    assert not folder.exists() or list(folder.iterdir()) == []
    assert not list(setup.home.rglob("*evil*"))


def test_what_aws_has_said_guards_the_settings_too_and_is_in_the_list(setup):
    setup = setup(f"{NAMES}[[guard]]\naccount_id = '{THERE}'\n")
    assert json_of("list", "static-copy", "--json", env=setup.env)[0]["guard"] is None
    assert run_xswitch("whoami", "static-copy", env=setup.env).returncode == 0
    [listed] = json_of("list", "static-copy", "--json", env=setup.env)
    assert (listed["account_id"], listed["account_name"], listed["guard"]["level"]) == (
        THERE,
        "Prod",
        "confirm",
    )
    done = run_xswitch("set", "static-copy", "region", "eu-west-3", env=setup.env)
    assert done.returncode == REFUSED
    assert "static-copy is guarded" in done.stderr
