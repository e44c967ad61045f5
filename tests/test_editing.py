"""The commands that change the files, as processes, on real files."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest
from awshome import botocore_session, botocores, read_profiles_in, write_profiles
from running import CANARY, PYTHON, SECRET, TOKEN, XSWITCH, Terminal, json_of, run_xswitch

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
ARN = "arn:aws:iam::333333333333:role/team/Deployer"
CONFIG = """\
# AWS access, kept by hand
[default]
region = eu-west-1

# --- production ---
[profile prod]
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile=default
Region = eu-west-1   ; as ever
s3 =
    # fast enough
    max_concurrent_requests = 20

    addressing_style=path

[profile "on call"]
role_arn : arn:aws:iam::222222222222:role/OnCall
source_profile : prod

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = us-east-1

[profile corp-dev]
sso_session = corp
sso_account_id = 444444444444
sso_role_name = Reader
# the end
"""
CREDENTIALS = f"""\
# keys
[default]
aws_access_key_id = {KEY_ID}
aws_secret_access_key = {SECRET}
"""


@pytest.fixture
def files(aws_folder):
    """Two files as people have them; returns what stands in both."""
    write_profiles(aws_folder, CONFIG, CREDENTIALS)

    def contents():
        return tuple((aws_folder / name).read_bytes().decode() for name in ("config", "credentials"))

    return contents


def edited(*words, stdin=None):
    """Run a command that is to succeed; return what it said."""
    options = {"input": stdin, "stdin": None} if stdin is not None else {}
    done = run_xswitch(*words, **options)
    assert done.returncode == 0, done.stderr
    assert CANARY not in done.stdout + done.stderr
    return done.stderr


def refused(*words, stdin=None, status=1):
    """Run a command that is to fail in one line; return that line."""
    options = {"input": stdin, "stdin": None} if stdin is not None else {}
    done = run_xswitch(*words, **options)
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert CANARY not in done.stderr
    return done.stderr


# --- the operations ------------------------------------------------------------------------------


def test_add_role_writes_a_section_at_the_end(files):
    said = edited(
        "add",
        "role",
        "staging",
        "--role-arn",
        ARN,
        "--source-profile",
        "default",
        "--duration",
        "1h",
        "--region",
        "eu-west-1",
        "--external-id",
        "ext-1",
        "--mfa-serial",
        "arn:aws:iam::111111111111:mfa/me",
        "--session-name",
        "me@home",
        "--output",
        "json",
    )
    assert said == "xswitch: add role staging: written to ~/.aws/config (xswitch undo takes it back)\n"
    assert files() == (
        CONFIG
        + f"""
[profile staging]
role_arn = {ARN}
source_profile = default
region = eu-west-1
external_id = ext-1
mfa_serial = arn:aws:iam::111111111111:mfa/me
duration_seconds = 3600
role_session_name = me@home
output = json
""",
        CREDENTIALS,
    )


def test_add_keys_takes_them_from_stdin_and_puts_them_into_the_credentials_file(files, aws_folder):
    edited("add", "keys", "dev", "--region", "eu-north-1", stdin=f"AKIAQYLPMN5HEXAMPLE2\n{SECRET}\n")
    assert files() == (
        CONFIG + "\n[profile dev]\nregion = eu-north-1\n",
        CREDENTIALS
        + f"\n[dev]\naws_access_key_id = AKIAQYLPMN5HEXAMPLE2\naws_secret_access_key = {SECRET}\n",
    )
    credentials = botocore_session(aws_folder, "dev").get_credentials()
    assert (credentials.access_key, credentials.secret_key) == ("AKIAQYLPMN5HEXAMPLE2", SECRET)


@pytest.mark.parametrize("outer", ["AccessKey", "Credentials"])
def test_add_keys_takes_the_json_of_the_aws_cli(files, aws_folder, outer):
    keys = {"UserName": "me", "AccessKeyId": "ASIAQYLPMN5HEXAMPLE2", "SecretAccessKey": SECRET}
    edited("add", "keys", "dev", stdin=json.dumps({outer: {**keys, "SessionToken": TOKEN}}))
    assert botocore_session(aws_folder, "dev").get_credentials().token == TOKEN


@pytest.mark.parametrize(
    "stdin",
    [
        "",
        KEY_ID,
        f"{KEY_ID}\n",
        "\n\n\n\n",
        f"{SECRET}\n{KEY_ID}\n",  # the wrong way round
        '{"AccessKey": {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": null}}',
        '{"a": ' * 100_000,
        f"ASIAIOSFODNN7EXAMPLE\n{SECRET}\n",
    ],
    ids=["nothing", "no secret", "one line", "blank", "swapped", "null", "deep", "no token"],
)
def test_keys_that_are_none_are_refused(files, stdin):
    done = run_xswitch("add", "keys", "dev", input=stdin, stdin=None)
    assert done.returncode in {1, 2}
    assert CANARY not in done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
    assert files() == (CONFIG, CREDENTIALS)


@pytest.mark.parametrize(
    "stdin",
    [
        f'export AWS_ACCESS_KEY_ID="{KEY_ID}"\nexport AWS_SECRET_ACCESS_KEY="{SECRET}"\n',
        f"[444444444444_Reader]\naws_access_key_id = {KEY_ID}\naws_secret_access_key={SECRET}\n",
        f'$Env:AWS_ACCESS_KEY_ID="{KEY_ID}"\r\n$Env:AWS_SECRET_ACCESS_KEY="{SECRET}"\r\n',
    ],
    ids=["shell", "credentials file", "powershell"],
)
def test_keys_are_taken_as_the_sso_portal_offers_them(files, aws_folder, stdin):
    edited("add", "keys", "dev", stdin=stdin)
    credentials = botocore_session(aws_folder, "dev").get_credentials()
    assert (credentials.access_key, credentials.secret_key) == (KEY_ID, SECRET)


def test_an_account_may_be_written_with_the_dashes_it_is_shown_with(files):
    words = ["--sso-session", "corp", "--account", "5555-5555-5555", "--role", "Reader"]
    edited("add", "sso", "corp-data", *words)
    assert "sso_account_id = 555555555555\n" in files()[0]


def test_an_sso_session_is_not_taken_for_a_new_profile(files):
    assert "corp is an SSO session and no profile" in refused("set", "corp", "region", "eu-west-1")
    assert files() == (CONFIG, CREDENTIALS)


def test_more_steps_than_there_are_are_not_taken(files):
    edited("set", "prod", "x", "1")
    now = files()
    assert "only 1 can be taken back" in refused("undo", "2")
    assert files() == now


def test_a_changed_secret_is_seen_to_change_and_not_seen(files):
    done = run_xswitch("set", "default", "aws_secret_access_key", "--dry-run", input=SECRET[::-1], stdin=None)
    assert "-aws_secret_access_key = ********\n+aws_secret_access_key = ******** (another)\n" in done.stdout


def test_keys_are_replaced_only_when_asked_to_and_then_with_their_tokens(files, aws_folder):
    write_profiles(
        aws_folder, "", CREDENTIALS + f"aws_session_token = {TOKEN}\naws_security_token = {TOKEN}\n"
    )
    assert "has access keys already" in refused("add", "keys", "default", stdin="")
    edited("add", "keys", "default", "--replace", stdin=f"AKIAQYLPMN5HEXAMPLE2\n{SECRET[::-1]}\n")
    assert files()[1] == CREDENTIALS.replace(KEY_ID, "AKIAQYLPMN5HEXAMPLE2").replace(SECRET, SECRET[::-1])


@pytest.mark.parametrize(("name", "kind"), [("prod", "role"), ("corp-dev", "sso")])
def test_a_profile_with_other_credentials_gets_no_keys(files, name, kind):
    assert f"credentials of another kind ({kind})" in refused("add", "keys", name, stdin="")


def test_add_sso_uses_a_session_that_is_there(files):
    words = ["--sso-session", "corp", "--account", "555555555555", "--role", "PowerUserAccess"]
    edited("add", "sso", "corp-data", *words)
    assert files()[0] == CONFIG + (
        "\n[profile corp-data]\nsso_session = corp\nsso_account_id = 555555555555\n"
        "sso_role_name = PowerUserAccess\n"
    )
    assert "sso_region: [sso-session corp] has another one" in refused(
        "add", "sso", "x", *words, "--sso-region", "eu-west-1"
    )


def test_add_sso_makes_a_session_that_is_new_and_completes_one_that_is_not_whole(files, aws_folder):
    words = ["--account", "555555555555", "--role", "Reader"]
    assert "needs its start URL" in refused("add", "sso", "x", "--sso-session", "new one", *words)
    session = ["--start-url", "https://x.awsapps.com/start", "--sso-region", "eu-west-1"]
    edited("add", "sso", "x", "--sso-session", "new one", *words, *session)
    added = files()[0].removeprefix(CONFIG)
    assert added.startswith('\n[sso-session "new one"]\nsso_start_url = https://x.awsapps.com/start\n')
    assert json_of("show", "x", "--json")["problems"] == []
    edited("undo")
    run_xswitch("set", "x", "region", "eu-west-1")
    text = CONFIG.replace("sso_region = us-east-1\n", "")
    write_profiles(aws_folder, text, "")
    edited("add", "sso", "y", "--sso-session", "corp", *words, "--sso-region", "eu-west-2")
    assert "start\nsso_region = eu-west-2\n" in files()[0]


SETS = {
    "a key as it is written, the comment being a part of its value": (
        ["prod", "region", "us-east-1"],
        ("Region = eu-west-1   ; as ever", "Region = us-east-1"),
    ),
    "without blanks where there are none": (
        ["prod", "source_profile", "corp-dev"],
        ("source_profile=default", "source_profile=corp-dev"),
    ),
    "a setting of a block": (
        ["prod", "s3.max_concurrent_requests", "5"],
        ("    max_concurrent_requests = 20", "    max_concurrent_requests = 5"),
    ),
    "a new setting of a block, written as the last one": (
        ["prod", "s3.max_queue_size", "9"],
        ("    addressing_style=path\n", "    addressing_style=path\n    max_queue_size=9\n"),
    ),
    "a new key after the last, which is a block": (
        ["prod", "output", "json"],
        ("    addressing_style=path\n", "    addressing_style=path\noutput = json\n"),
    ),
    "a key with a colon": (
        ["on call", "source_profile", "default"],
        ("source_profile : prod", "source_profile : default"),
    ),
    "a new key below keys with colons": (
        ["on call", "region", "eu-west-1"],
        ("source_profile : prod\n", "source_profile : prod\nregion = eu-west-1\n"),
    ),
    "a new block": (
        ["corp-dev", "s3.addressing_style", "path"],
        ("sso_role_name = Reader\n", "sso_role_name = Reader\ns3 =\n  addressing_style = path\n"),
    ),
    "an empty value": (["default", "cli_pager", ""], ("eu-west-1\n\n#", "eu-west-1\ncli_pager =\n\n#")),
}


@pytest.mark.parametrize(("words", "change"), SETS.values(), ids=SETS)
def test_set_changes_that_one_place(files, words, change):
    edited("set", *words)
    old, new = change
    assert files() == (CONFIG.replace(old, new, 1), CREDENTIALS)
    assert CONFIG.count(old) >= 1


def test_set_puts_a_key_where_it_stands_else_where_the_aws_cli_would(files, aws_folder):
    write_profiles(aws_folder, "[profile a]\naws_access_key_id = x\n", "[b]\nregion = x\n[c]\n")
    edited("set", "a", "aws_secret_access_key", stdin=SECRET)  # aws never mixes the keys of both files
    edited("set", "b", "region", "y")  # the credentials file wins
    edited("set", "c", "region", "z")
    edited("set", "c", "aws_access_key_id", "k")
    edited("set", "new one", "region", "w")
    edited("set", "n", "aws_secret_access_key", stdin=f"{SECRET}\n")
    assert files() == (
        (
            f"[profile a]\naws_access_key_id = x\naws_secret_access_key = {SECRET}\n"
            '\n[profile c]\nregion = z\n\n[profile "new one"]\nregion = w\n'
        ),
        f"[b]\nregion = y\n[c]\naws_access_key_id = k\n\n[n]\naws_secret_access_key = {SECRET}\n",
    )


def test_a_new_profile_by_set_is_said_with_the_names_that_may_have_been_meant(files):
    assert "prd is a new profile; did you mean prod?" in edited("set", "prd", "region", "eu-west-1")


def test_a_secret_on_the_command_line_is_refused_and_not_repeated(files):
    for words in (
        ["default", "aws_secret_access_key", SECRET],
        ["default", f"aws_secret_access_key={SECRET}"],
        ["default", "aws_secret_access_key", "a", SECRET],
    ):
        refused("set", *words, status=2)
    refused("add", "keys", "default", KEY_ID, SECRET, status=2)
    assert files() == (CONFIG, CREDENTIALS)


@pytest.mark.parametrize("key", ["aws_secret_access_key", "region"])
def test_an_empty_stdin_sets_nothing(files, key):
    for stdin in ("", "\n"):
        assert "no value was given" in refused("set", "default", key, stdin=stdin)
    assert files() == (CONFIG, CREDENTIALS)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("role_arn", "arn:aws:iam::2:role/x", "12 digits"),
        ("Role_ARN", "x", "a role ARN is of the form"),
        ("duration_seconds", "1w", "write a time"),
        ("Duration_Seconds", "60", "15 minutes to 12 hours"),
        ("region", "not a region", "this is no region"),
        ("output", "jsom", "output is one of"),
        ("source_profile", "nobody", "there is no profile nobody"),
        ("Source_Profile", "on call", "gets its credentials from prod itself"),
        ("source_profile", "prod", "a role cannot be its own source"),
        ("external_id", "a b", "an external ID has"),
        ("x\n[profile y]\nz", "v", "a key begins with a letter"),
        ("x=y", "v", "two arguments"),
        ("#x", "v", "a key begins with a letter"),
        ("[x", "v", "a key begins with a letter"),
        ("s3.a.b", "v", "no block in it"),
        ("s3", "v", "s3 is a block of settings"),
        ("region.x", "v", "has a value of its own"),
        ("x", "a\nb = c", "line breaks"),
        ("x", "a\x1b]0;t\x07", "control characters"),
        ("x", " a", "cannot begin or end with a blank"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(files, key, value, words):
    assert words in refused("set", "prod", key, value, status=2 if key == "x=y" else 1)
    assert files() == (CONFIG, CREDENTIALS)


def test_a_time_is_written_in_seconds_whatever_the_case_of_its_key(files):
    edited("set", "prod", "Duration_Seconds", "1h30m")
    assert "\nduration_seconds = 5400\n" in files()[0]


def test_unset_takes_the_key_away_in_both_files_and_a_block_with_its_last_setting(files, aws_folder):
    write_profiles(aws_folder, CONFIG, CREDENTIALS + "region = us-east-1\n")
    edited("unset", "default", "region")
    edited("unset", "prod", "s3.max_concurrent_requests")
    edited("unset", "prod", "s3.addressing_style")
    start = CONFIG.index("s3 =")
    stop = CONFIG.index('\n\n[profile "on')
    expected = CONFIG.replace("[default]\nregion = eu-west-1\n", "[default]\n")
    assert files() == (expected.replace(CONFIG[start : stop + 1], ""), CREDENTIALS)
    assert "has no such setting" in refused("unset", "prod", "s3.addressing_style")


def test_rename_takes_every_source_profile_along(files, aws_folder):
    write_profiles(aws_folder, CONFIG, CREDENTIALS + "[role]\nrole_arn = x\nsource_profile = default\n")
    said = run_xswitch("rename", "default", "it's me", env={**os.environ, "AWS_PROFILE": "default"})
    assert said.returncode == 0
    assert "this shell still has default in AWS_PROFILE" in said.stderr
    config = CONFIG.replace("[default]", '[profile "it\'s me"]').replace("=default", "=it's me")
    credentials = (
        CREDENTIALS.replace("[default]", "[it's me]") + "[role]\nrole_arn = x\nsource_profile = it's me\n"
    )
    assert files() == (config, credentials)
    assert "there is a profile prod already, in ~/.aws/config:6" in refused("rename", "it's me", "prod")
    edited("rename", "it's me", "default")
    assert files()[0] == CONFIG


def test_copy_has_the_lines_of_its_original_with_their_comments(files, aws_folder):
    edited("copy", "prod", "prod-2")
    start, stop = CONFIG.index("role_arn = "), CONFIG.index('\n[profile "on')
    assert files()[0] == f"{CONFIG}\n[profile prod-2]\n{CONFIG[start:stop]}"
    edited("copy", "default", "other")
    assert read_profiles_in(aws_folder)["other"].text("aws_secret_access_key") == SECRET


def test_remove_is_refused_while_others_source_from_it_unless_they_go_too(files):
    said = refused("remove", "default")
    assert "default is the source of prod, on call" in said
    assert files() == (CONFIG, CREDENTIALS)
    edited("remove", "default", "--with-dependents")
    start = CONFIG.index("[sso-session")
    assert files() == (
        f"# AWS access, kept by hand\n\n# --- production ---\n\n{CONFIG[start:]}",
        "# keys\n",
    )


def test_a_dry_run_prints_the_diff_without_secrets_and_changes_nothing(files):
    done = run_xswitch("rename", "default", "dev", "--dry-run")
    assert done.returncode == 0
    assert done.stderr == ""
    assert files() == (CONFIG, CREDENTIALS)
    assert done.stdout.splitlines()[-8:] == [
        "--- ~/.aws/credentials",
        "+++ ~/.aws/credentials",
        "@@ -1,4 +1,4 @@",
        " # keys",
        "-[default]",
        "+[dev]",
        f" aws_access_key_id = {KEY_ID}",
        " aws_secret_access_key = ********",
    ]
    assert run_xswitch("set", "default", "region", "eu-west-1").stderr.endswith("nothing to change\n")
    assert "there is nothing to take back" in run_xswitch("undo", "--list").stderr


# --- undo ----------------------------------------------------------------------------------------


def test_undo_goes_back_step_by_step_to_the_first_bytes(files):
    states = [files()]
    for words in (
        ["set", "prod", "region", "us-east-1"],
        ["rename", "prod", "p2"],
        ["remove", "p2", "--with-dependents"],
        ["copy", "default", "d2"],
    ):
        edited(*words)
        states.append(files())
    titles = [entry["title"] for entry in json_of("undo", "--list", "--json")]
    assert titles == [
        "copy default to d2",
        "remove p2 and its dependents",
        "rename prod to p2",
        "set region of prod",
    ]
    for left in (3, 2, 1, 0):
        assert "undone: " in edited("undo")
        assert files() == states[left]
    assert "there is no edit to take back" in refused("undo")
    edited("set", "prod", "region", "us-east-1")
    edited("rename", "prod", "p2")
    assert edited("undo", "2").count("undone") == 2
    assert files() == states[0]


def test_undo_removes_a_file_that_the_edit_made(aws_folder):
    edited("set", "a", "region", "eu-west-1")
    assert stat.S_IMODE((aws_folder / "config").stat().st_mode) == 0o600
    edited("undo")
    assert os.listdir(aws_folder) == []


def test_undo_refuses_where_somebody_else_wrote_since_and_says_where_the_version_before_is(files, aws_folder):
    edited("set", "prod", "region", "us-east-1")
    with (aws_folder / "config").open("a") as file:
        file.write("# mine\n")
    now = files()
    said = refused("undo")
    assert "~/.aws/config was changed after “set region of prod”" in said
    assert files() == now
    backup = said[said.index("~/.local") : said.rindex(")")]
    assert Path(backup).expanduser().read_text() == CONFIG


@pytest.mark.slow
def test_backups_and_the_list_are_private_and_only_the_last_twenty_stay(files, home):
    for number in range(25):
        edited("set", "prod", "x", str(number))
        if number % 3 == 0:
            edited("undo")
    state = home / ".local/state/xswitch"
    for path in (state, *state.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert CANARY not in (state / "undo.json").read_text()
    entries = json_of("undo", "--list", "--json")
    assert len(entries) == 16
    assert len(list((state / "backups").iterdir())) <= 45
    assert edited("undo", "16").count("undone") == 16
    assert files() == (CONFIG, CREDENTIALS)


@pytest.mark.slow
def test_edits_that_were_taken_back_cost_no_step_of_those_before(files):
    for number in range(3):
        edited("set", "default", "x", str(number))
    for number in range(22):
        edited("set", "default", "region", f"us-east-{number}")
        edited("undo")
    assert edited("undo", "3").count("undone") == 3
    assert files() == (CONFIG, CREDENTIALS)


ELSEWHERE = {"path": "/x", "before": "", "after": "", "backup": "../../../evil"}
NO_LISTS = {
    "empty": b"",
    "cut": b"{",
    "a list": b"[]",
    "infinite": b'{"next": 1e400, "edits": []}',
    "deep": b"[" * 100_000,
    "a record without anything": b'{"next": 1, "edits": [{}]}',
    "bytes": b"\xff",
    "a path elsewhere": json.dumps(
        {"next": 2, "edits": [{"id": 1, "title": "t", "time": "x", "files": [ELSEWHERE]}]}
    ).encode(),
}


@pytest.mark.parametrize("content", NO_LISTS.values(), ids=NO_LISTS)
def test_a_list_of_edits_that_is_none_costs_the_steps_and_nothing_else(files, home, content):
    edited("set", "prod", "x", "1")
    path = home / ".local/state/xswitch/undo.json"
    path.write_bytes(content)
    assert "there is no edit to take back" in refused("undo")
    assert path.read_bytes() == content
    edited("set", "prod", "x", "2")
    assert [other.read_bytes() for other in path.parent.glob("undo.json.*")] == [content]
    edited("undo")
    assert "x = 1" in files()[0]


def test_where_the_version_before_cannot_be_kept_nothing_is_changed(files, home):
    state = home / ".local/state"
    state.mkdir(parents=True)
    (state / "xswitch").write_text("in the way")
    refused("set", "prod", "region", "us-east-1")
    assert files() == (CONFIG, CREDENTIALS)
    assert (state / "xswitch").read_text() == "in the way"


def test_an_undo_that_cannot_be_kept_track_of_changes_nothing(files, home):
    edited("set", "prod", "region", "us-east-1")
    now = files()
    backups = home / ".local/state/xswitch/backups"
    backups.rename(backups.with_name("elsewhere"))
    backups.write_text("in the way")
    assert "xswitch" in refused("undo")
    assert files() == now


def test_the_folder_one_stands_in_does_not_count_for_undo(home, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config").write_text("[default]\n")
    env = {**os.environ, "AWS_CONFIG_FILE": "config"}
    assert run_xswitch("set", "default", "x", "1", env=env, cwd=tmp_path / "a").returncode == 0
    assert run_xswitch("undo", env=env, cwd=tmp_path / "b").returncode == 1
    assert run_xswitch("undo", env=env, cwd=tmp_path / "a").returncode == 0
    assert (tmp_path / "a/config").read_text() == "[default]\n"


# --- what is not safe ----------------------------------------------------------------------------

UNSAFE = {
    "a section twice": (
        "[profile a]\nregion = x\n[profile a]\n",
        "~/.aws/config: [profile a] stands in lines 1 and 3",
    ),
    "two spellings of a section": ('[profile a]\n[profile "a"]\n', "has a more than once, in lines 1 and 2"),
    "a key twice": ("[profile a]\nregion = x\nREGION = y\n", "region stands in lines 2 and 3"),
    "a profile that became a part of a value": (
        "[profile a]\nregion = x\n  [profile b]\n  output = json\n",
        "~/.aws/config:3 is indented",
    ),
    "a key that became a part of a value": (
        "[profile a]\nregion = x\n  output = json\n",
        "~/.aws/config:3 is indented",
    ),
    "not UTF-8": ("[profile a]\nregion = x # \udcff\n", "~/.aws/config:2 is not UTF-8"),
    "a header below that would become a value": (
        "[profile a]\n  [profile b]\n",
        "this edit of ~/.aws/config is not safe",
    ),
    "[DEFAULT] gives the new section more than was asked for": (
        "[DEFAULT]\nrole_arn = x\n",
        "role_arn of a would change too",
    ),
}


@pytest.mark.parametrize(("config", "words"), UNSAFE.values(), ids=UNSAFE)
def test_an_edit_that_is_not_safe_is_refused_and_says_why(aws_folder, config, words):
    data = config.encode("utf-8", "surrogateescape")
    (aws_folder / "config").write_bytes(data)
    (aws_folder / "credentials").write_bytes(b"[a]\n")
    assert words in refused("set", "a", "region", "eu-west-1")
    assert (aws_folder / "config").read_bytes() == data


def test_a_byte_order_mark_stays(aws_folder):
    write_profiles(aws_folder, "\ufeff[profile a]\r\nregion = x")
    edited("set", "a", "region", "y")
    edited("set", "a", "output", "json")
    assert (aws_folder / "config").read_bytes().decode() == "\ufeff[profile a]\r\nregion = y\r\noutput = json"


def test_a_file_that_aws_can_read_stays_readable(aws_folder):
    config = "[DEFAULT]\ns3 =\n  addressing_style = path\n  junk line\n"
    write_profiles(aws_folder, config)
    assert botocores(aws_folder / "config", aws_folder / "credentials") is not None
    assert "aws could not read the file afterwards" in refused("set", "new", "region", "eu-west-1")


def test_what_default_says_in_the_credentials_file_is_overridden_there(aws_folder):
    write_profiles(aws_folder, "[profile a]\n", "[DEFAULT]\nregion = x\n[a]\n")
    edited("set", "a", "region", "eu-west-1")
    assert botocore_session(aws_folder, "a").get_config_variable("region") == "eu-west-1"


@pytest.mark.parametrize("value", ["", os.devnull])
def test_a_file_that_stands_for_none_is_said_so(aws_folder, value):
    done = run_xswitch("set", "a", "region", "x", env={**os.environ, "AWS_CONFIG_FILE": value})
    assert done.returncode == 1
    assert "it stands for no file at all" in done.stderr


def test_one_file_for_both_is_refused(aws_folder):
    env = {**os.environ, "AWS_CONFIG_FILE": str(aws_folder / "credentials")}
    assert "both the config and the credentials file" in run_xswitch("set", "a", "x", "y", env=env).stderr


# --- names ---------------------------------------------------------------------------------------

NAMES = [
    "a b",
    "o'brien",
    'say "x"',
    "both ' and \"",
    "back\\slash",
    "é",
    "x#y",
    "a;b",
    "$x",
    "*",
    "profile",
    "a/b:c",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_quoted_so_that_botocore_reads_it(files, aws_folder, name):
    edited("add", "role", name, "--role-arn", ARN, "--source-profile", "default")
    edited("add", "keys", f"{name}2", "--region", "eu-west-1", stdin=f"{KEY_ID}\n{SECRET}\n")
    edited("set", name, "region", "eu-west-1")
    edited("rename", f"{name}2", f"{name}3")
    read = botocores(aws_folder / "config", aws_folder / "credentials")["profiles"]
    assert read[name]["region"] == "eu-west-1"
    assert read[f"{name}3"]["aws_secret_access_key"] == SECRET


@pytest.mark.parametrize("name", ["", " a", "a ", "a]b", "[a", "a\nb", "\x1b[2J", "-a", "DEFAULT", "x" * 200])
def test_a_name_that_would_be_read_as_something_else_is_refused(files, name):
    refused("rename", "--", "prod", name)
    assert files() == (CONFIG, CREDENTIALS)


# --- asking on a terminal ------------------------------------------------------------------------


@pytest.mark.slow
def test_keys_are_asked_for_and_the_secret_is_not_shown(files, aws_folder):
    terminal = Terminal([XSWITCH, "add", "keys", "dev"], os.environ)
    terminal.until("access key id of dev: ")
    terminal.type("AKIAQYLPMN5HEXAMPLE2\r")
    terminal.until("(not shown): ")
    terminal.type(f"{SECRET}\r")
    assert terminal.end() == 0
    assert CANARY not in terminal.text
    assert botocore_session(aws_folder, "dev").get_credentials().secret_key == SECRET


@pytest.mark.slow
def test_ctrl_c_at_a_prompt_changes_nothing(files):
    for prompts in (1, 2):
        terminal = Terminal([XSWITCH, "add", "keys", "dev"], os.environ)
        terminal.until("access key id of dev: ")
        if prompts == 2:
            terminal.type("AKIAQYLPMN5HEXAMPLE2\r")
            terminal.until("(not shown): ")
        terminal.type("\x03")
        assert terminal.end() == 130
        assert terminal.text.endswith("\n")
    assert files() == (CONFIG, CREDENTIALS)


def test_editing_loads_no_aws_or_terminal_library():
    code = "import sys\nimport xswitch.cli.set, xswitch.editing.editor\nprint(*sys.modules)"
    loaded = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"boto3", "botocore", "textual", "rich", "asyncio"} & set(loaded) == set()
