"""The shell that follows: xs switches the shell it is called in, and finds the way back."""

from __future__ import annotations

import os
import re
import subprocess

import pytest
from awshome import read_profiles_in, write_profiles
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import XSWITCH, run_xswitch, shell_path, write_session
from shells import ARGV, PLAIN, PROMPTS, Hooked, in_path, load, take
from terminals import Screen

from xswitch.launch.shells import FISH, POSIX, SHELLS, is_plain

SLOW = [pytest.param(shell, marks=pytest.mark.slow) for shell in ("zsh", "fish")]
HOOKED = ["bash", *SLOW]
ALL = ["bash", *SLOW, "dash"]
CONFIG = """\
[default]
region = eu-west-1
[profile prod]
region = us-east-1
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = default
[profile prod-audit]
role_arn = arn:aws:iam::222222222222:role/Audit
source_profile = default
[profile dev]
aws_access_key_id = AKIADEV
aws_secret_access_key = x
[profile mfa]
region = sa-east-1
role_arn = arn:aws:iam::333333333333:role/Mfa
mfa_serial = arn:aws:iam::111111111111:mfa/me
source_profile = default
"""
CREDENTIALS = "[default]\naws_access_key_id = AKIA1\naws_secret_access_key = s\n"
OUTER = {
    "AWS_ACCESS_KEY_ID": "AKIAOUTER",
    "AWS_SECRET_ACCESS_KEY": 'it\'s "o\\uter" $HOME `x`\nand more',
    "AWS_SESSION_TOKEN": "outer\udcfftoken",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/outer",
    "AWS_ROLE_ARN": "outer",
    "AWS_REGION": "xx-outer-1",
    "AWS_BEARER_TOKEN_BEDROCK": "outer",
    "AWS_VAULT": "outer",
}
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
NASTY = [
    "a b; touch pwned",
    "$(touch pwned)",
    "`touch pwned`",
    "it's",
    'say "x"',
    "back\\slash",
    "end\\",
    "-n",
    "--help",
    "*",
    "~",
    "#hash",
    "!x",
    "a  b ",
    "(touch pwned)",
    "; touch pwned #",
    "'; touch pwned; '",
    "\\'; touch pwned; \\'",
    "(echo pwned > pwned)",
    "$HOME",
    "%s",
    "tab\there",
    "\x1b]0;title\x07",
    "\u202egnp",
    "\u2019; touch pwned #",
    "ünï-😀-\u0301",
    "\ufdd0\uf600",
]


@pytest.fixture(autouse=True)
def profiles(home, aws_folder):
    """Profiles of every way to switch, their sessions cached."""
    write_profiles(aws_folder, CONFIG, CREDENTIALS)
    read = read_profiles_in(aws_folder)
    for name in ("prod", "prod-audit", "mfa"):
        write_session(home, read[name], minutes=47.5, key=f"ASIA{name.upper()}")


def aws(environ):
    """What of an environment AWS tools read."""
    return {name: value for name, value in environ.items() if name.startswith("AWS_")}


def under(name, **more):
    return {"AWS_PROFILE": name, "AWS_DEFAULT_PROFILE": name, **more}


# --- there and back ------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ALL)
def test_a_switch_sets_the_profile_and_hides_the_outer_keys_until_none_brings_all_back(shell, tmp_path):
    steps = take(shell, ["xs prod", "xs --none"], tmp_path, OUTER)
    assert steps.statuses == [0, 0]
    assert aws(steps.environs[0]) == under("prod")
    assert steps.environs[0]["XSWITCH_PROFILE"] == "prod"
    assert aws(steps.environs[1]) == OUTER
    assert "XSWITCH_PROFILE" not in steps.environs[1]


@pytest.mark.parametrize("shell", ALL)
def test_the_profile_before_the_first_switch_comes_back_too(shell, tmp_path):
    outer = {"AWS_PROFILE": "dev", "AWS_DEFAULT_REGION": "xx-outer-1", "XSWITCH_PROFILE": "dev"}
    steps = take(shell, ["xs prod", "xs -", "xs -", "xs --none", "xs -"], tmp_path, outer)
    assert aws(steps.environs[1]) == under("dev", AWS_REGION="xx-outer-1", AWS_DEFAULT_REGION="xx-outer-1")
    assert aws(steps.environs[2]) == under("prod")
    assert steps.environs[3] == {**outer, "XSWITCH_PREVIOUS": "prod"}
    assert aws(steps.environs[4]) == under("prod")


@pytest.mark.slow
@pytest.mark.parametrize("shell", ALL)
def test_minus_goes_back_and_forth_also_between_a_profile_and_none(shell, tmp_path):
    moves = ["xs prod", "xs dev", "xs -", "xs -", "xs --none", "xs -", "xs prod", "xs --none", "xs --none"]
    steps = take(shell, [*moves, "xs -", "xs -", "xs -"], tmp_path)
    assert set(steps.statuses) == {0}
    names = [environ.get("AWS_PROFILE") for environ in steps.environs]
    after = ["prod", "dev", "prod", "dev", None, "dev", "prod", None, None, "prod", None, "prod"]
    assert names == after
    assert steps.environs[0]["XSWITCH_PREVIOUS"] == ""


@pytest.mark.parametrize("shell", ALL)
def test_the_same_profile_twice_keeps_the_one_before(shell, tmp_path):
    steps = take(shell, ["xs dev", "xs mfa", "xs mfa", "xs -"], tmp_path)
    assert steps.environs[1]["XSWITCH_PREVIOUS"] == steps.environs[2]["XSWITCH_PREVIOUS"] == "dev"
    assert steps.environs[3]["AWS_PROFILE"] == "dev"


@pytest.mark.parametrize("shell", ALL)
def test_minus_without_a_profile_before_fails_and_changes_nothing(shell, tmp_path):
    steps = take(shell, ["xs -"], tmp_path, OUTER)
    assert steps.statuses == [1]
    assert steps.environs == [OUTER]
    assert "no profile was in use before" in steps.stderr


@pytest.mark.parametrize("shell", ALL)
def test_a_profile_that_needs_an_mfa_code_is_given_as_keys_and_they_are_gone_with_the_next(shell, tmp_path):
    steps = take(shell, ["xs mfa", "xs dev", "xs -", "xs --none"], tmp_path, {"AWS_REGION": "xx-outer-1"})
    keys = aws(steps.environs[0])
    assert (keys["AWS_ACCESS_KEY_ID"], keys["AWS_REGION"]) == ("ASIAMFA", "sa-east-1")
    assert "AWS_PROFILE" not in keys
    assert steps.environs[0]["XSWITCH_PROFILE"] == "mfa"
    assert aws(steps.environs[1]) == under("dev", AWS_REGION="xx-outer-1", AWS_DEFAULT_REGION="xx-outer-1")
    assert steps.environs[1]["XSWITCH_PREVIOUS"] == "mfa"
    assert aws(steps.environs[2]) == keys
    assert aws(steps.environs[3]) == {"AWS_REGION": "xx-outer-1"}


@pytest.mark.slow
@pytest.mark.parametrize("shell", ALL)
def test_the_outer_region_hides_from_a_profile_with_its_own_and_serves_the_next_without(shell, tmp_path):
    export = "set -gx AWS_REGION xx-mine-1" if shell == "fish" else "export AWS_REGION=xx-mine-1"
    steps = take(shell, ["xs prod", "xs dev", export, "xs prod-audit", "xs prod", "xs dev"], tmp_path, OUTER)
    regions = [environ.get("AWS_DEFAULT_REGION") for environ in steps.environs]
    assert regions == [None, "xx-outer-1", "xx-outer-1", "xx-mine-1", None, "xx-mine-1"]


@pytest.mark.parametrize("shell", ALL)
def test_a_child_shell_inherits_the_profile_and_leaves_it_without_the_parents_secrets(shell, tmp_path):
    first = take(shell, ["xs prod", "xs mfa"], tmp_path, OUTER).environs[1]
    steps = take(shell, ["xs -", "xs -", "xs --none"], tmp_path, first)
    assert [environ.get("AWS_PROFILE") for environ in steps.environs[:2]] == ["prod", None]
    # What was there before the first switch of this shell is what it has inherited.
    assert aws(steps.environs[2]) == aws(first)
    steps = take(shell, ["xs --none"], tmp_path, first)
    assert aws(steps.environs[0]) == {"AWS_REGION": "xx-outer-1", "AWS_DEFAULT_REGION": "xx-outer-1"}


@pytest.mark.parametrize("shell", ALL)
def test_keys_of_ones_own_stay_where_there_is_no_profile_to_leave(shell, tmp_path):
    assert aws(take(shell, ["xs --none"], tmp_path, OUTER).environs[0]) == OUTER


# --- what does not switch ------------------------------------------------------------------------


@pytest.mark.parametrize("shell", HOOKED)
@pytest.mark.parametrize("step", ["xs prd", "xs nothing-like-it", "xs -x", "xs '!prod !dev !mfa !default'"])
def test_a_name_that_does_not_exist_changes_nothing(shell, step, tmp_path):
    steps = take(shell, [step], tmp_path, OUTER)
    assert (steps.statuses, steps.environs) == ([1], [OUTER])
    assert "there is no profile" in steps.stderr


def test_the_nearest_names_are_said(tmp_path):
    assert "did you mean prod?" in take("bash", ["xs prd"], tmp_path).stderr


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("prod", "prod"),  # exactly, although prod-audit begins with it too
        ("prod-a", "prod-audit"),
        ("mf", "mfa"),
        ("audit", "prod-audit"),
        ("AUDIT PROD", "prod-audit"),
        ("3333", "mfa"),
        ("role dev", None),
        ("prod !audit", "prod"),
        ("us-east", "prod"),
        ("dev ", "dev"),
    ],
)
@pytest.mark.parametrize("shell", HOOKED)
def test_a_start_or_words_that_only_one_profile_has_are_its_name(shell, words, name, tmp_path):
    steps = take(shell, [f"xs {words}"], tmp_path)
    assert steps.environs[0].get("XSWITCH_PROFILE") == name, steps.stderr


def test_only_xs_matches_a_part_of_a_name():
    done = run_xswitch("use", "mf")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no profile mf" in done.stderr


@pytest.mark.parametrize("shell", HOOKED)
def test_several_matches_without_a_terminal_are_an_error_that_names_them(shell, tmp_path):
    steps = take(shell, ["xs pro"], tmp_path, OUTER)
    assert (steps.statuses, steps.environs) == ([1], [OUTER])
    assert "pro matches 2 profiles: prod, prod-audit" in steps.stderr


@pytest.mark.parametrize(
    "words", [["use"], ["use", "prod", "--none"], ["use", " "], ["use", "prod", "--shell", "x"]]
)
def test_a_wrong_command_line_is_status_2_and_prints_nothing_to_evaluate(words):
    done = run_xswitch(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("xswitch: ")


def test_a_session_that_cannot_be_had_changes_nothing(home, tmp_path):
    for path in (home / ".aws/cli/cache").iterdir():
        path.unlink()
    steps = take("bash", ["xs prod"], tmp_path, {**OUTER, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert steps.statuses == [1]
    assert steps.environs == [{**OUTER, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}]
    assert "could not be reached" in steps.stderr


@pytest.mark.parametrize("shell", HOOKED)
def test_the_ui_that_cannot_open_gives_its_status(shell, tmp_path):
    steps = take(shell, ["xs"], tmp_path, OUTER)
    assert (steps.statuses, steps.environs) == ([2], [OUTER])


@pytest.mark.parametrize("shell", HOOKED)
def test_help_is_shown_and_not_evaluated(shell, tmp_path):
    steps = take(shell, ["xs --help", "xs -h"], tmp_path)
    assert steps.statuses == [0, 0]
    assert steps.stdout.count("usage: xswitch use") == 2
    assert steps.stderr == ""


def test_minus_takes_no_part_of_the_name_before_for_another(tmp_path):
    done = run_xswitch("use", "--match", "-", env={**os.environ, "XSWITCH_PREVIOUS": "mf"})
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no profile mf" in done.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("prod", "switched to prod (222222222222, 47m left)"),
        ("mfa", "switched to mfa (333333333333, 47m left)"),
        ("dev", "switched to dev"),
        ("over", "switched to over (expired)"),
    ],
)
def test_a_switch_is_told_on_a_terminal_with_account_and_time(aws_folder, name, said):
    with (aws_folder / "credentials").open("a") as file:
        file.write("[over]\naws_access_key_id = A\naws_secret_access_key = s\naws_session_token = t\n")
        file.write("x_security_token_expires = 2020-01-01T00:00:00Z\n")
    reading, writing = os.pipe()
    screen = Screen([XSWITCH, "use", name], {**os.environ, "TERM": "xterm"}, stdout=writing)
    try:
        os.close(writing)
        assert screen.end() == 0
        assert f"xswitch: {said}\n" in screen.text() + "\n"
    finally:
        screen.close()
        os.close(reading)


# --- secrets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ALL)
def test_what_is_kept_for_the_way_back_is_seen_by_no_child(shell, tmp_path):
    for first in ("", "" if shell == "fish" else f"set -a; {load(shell)}"):
        steps = take(shell, ["xs prod", "xs --none"], tmp_path, OUTER, first=first)
        assert not [name for name in steps.environs[0] if name.startswith("__")]
        assert "AKIAOUTER" not in str(steps.environs[0])
        assert aws(steps.environs[1]) == OUTER


@pytest.mark.parametrize("shell", ["bash", "zsh", "dash"])
def test_a_shell_that_exports_everything_still_does_afterwards(shell, tmp_path):
    steps = take(shell, ["xs prod", "AWS_MINE=1"], tmp_path, first=f"set -a; {load(shell)}")
    assert steps.environs[1]["AWS_MINE"] == "1"


def test_on_a_terminal_use_refuses_and_shows_nothing():
    screen = Screen([XSWITCH, "use", "mfa"], {**os.environ, "TERM": "xterm"})
    try:
        assert screen.end() == 1
        said = " ".join(screen.text().split())
        assert 'eval "$(xswitch use prod)"' in said
        assert "xs" in said
        assert "ASIAMFA" not in said
    finally:
        screen.close()


# --- names that mean something to a shell --------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("shell", ALL)
def test_a_name_does_nothing_but_be_switched_to(shell, aws_folder, tmp_path):
    credentials = "".join(
        f"[{name}]\naws_access_key_id = AKIA\naws_secret_access_key = s\n" for name in NASTY
    )
    (aws_folder / "credentials").write_text(credentials)
    (aws_folder / "config").write_text("")
    quote = (FISH if shell == "fish" else POSIX).quote
    use = "-- " if shell == "dash" else ""
    names = [name for name in NASTY if name not in {"--help"} or shell == "dash"]
    steps = take(shell, [f"xs {use}{quote(name)}" for name in names], tmp_path)
    assert [environ["AWS_PROFILE"] for environ in steps.environs] == names
    assert [environ["XSWITCH_PREVIOUS"] for environ in steps.environs] == ["", *names[:-1]]
    assert not (tmp_path / "pwned").exists()
    assert set(steps.statuses) == {0}


@pytest.mark.slow
def test_a_name_in_the_config_file_in_quotes_is_such_a_name_too(aws_folder, tmp_path):
    with (aws_folder / "config").open("a") as file:
        file.write('[profile "a b; touch pwned"]\naws_access_key_id = A\naws_secret_access_key = s\n')
    for shell in ARGV:
        steps = take(shell, ["xs 'a b; touch pwned'"], tmp_path)
        assert aws(steps.environs[0]) == under("a b; touch pwned")
        assert not (tmp_path / "pwned").exists()


def test_a_variable_whose_name_no_shell_can_have_is_left_alone(tmp_path):
    steps = take("bash", ["xs prod"], tmp_path, {"AWS_BEARER_TOKEN_x; touch pwned": "x"})
    assert steps.environs[0]["AWS_PROFILE"] == "prod"
    assert not (tmp_path / "pwned").exists()


def test_a_name_with_a_nul_is_a_sentence(aws_folder):
    (aws_folder / "credentials").write_bytes(b"[a\0b]\naws_access_key_id = A\naws_secret_access_key = s\n")
    done = run_xswitch("use", "--match", "a")
    assert (done.returncode, done.stdout) == (1, "")
    assert "NUL" in done.stderr


# --- quoting, by property ------------------------------------------------------------------------

VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40) | st.binary(
    max_size=40
).map(lambda data: data.replace(b"\0", b"").decode("utf-8", "surrogateescape"))
SPECIAL = st.text(
    st.sampled_from("'\"\\$`!*?[]{}()<>|&;#~%^ \t\n\r\x1b\x7f\u2018\u2019\u201a\u201baéx-"), max_size=40
)
TEXTS = st.lists(VALUES | SPECIAL, min_size=1, max_size=30)


def environment_after(shell, commands, folder):
    """Have a shell evaluate commands from a file; return what a child sees, as bytes."""
    path = folder / "commands"
    path.write_bytes(os.fsencode(commands))
    read = f"eval (cat {path} | string collect)" if shell == "fish" else f'eval "$(cat {path})"'
    # `env` of any shell would do; this one does not need to know how a value ends.
    argv = [shell_path(shell), *ARGV[shell][1:], "-c", f"{read}; env -0"]
    done = subprocess.run(argv, capture_output=True, env=in_path(os.environ), cwd=folder, check=False)
    assert done.stderr == b"", done.stderr
    return dict(line.partition(b"=")[::2] for line in done.stdout.split(b"\0"))


@pytest.mark.slow
@pytest.mark.parametrize("shell", ALL)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS)
def test_every_value_arrives_in_a_shell_as_it_is(shell, tmp_path, texts):
    kind = SHELLS["fish" if shell == "fish" else "sh"]
    seen = environment_after(
        shell, "; ".join(kind.assign(f"V{n}", text) for n, text in enumerate(texts)), tmp_path
    )
    assert [seen[b"V%d" % n] for n in range(len(texts))] == [os.fsencode(text) for text in texts]


@pytest.mark.slow
@pytest.mark.parametrize("shell", ALL)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS)
def test_every_value_that_is_kept_comes_back_as_it_was(shell, tmp_path, texts):
    kind = SHELLS["fish" if shell == "fish" else "sh"]
    names = [f"V{n}" for n in range(len(texts))]
    kept = "; ".join(kind.put_back(name, text) for name, text in zip(names, texts, strict=True))
    commands = [kind.keep(kept), *(kind.assign(name, "other") for name in names), kind.bring_back("false")]
    seen = environment_after(shell, ";\n".join(commands), tmp_path)
    assert [seen[name.encode()] for name in names] == [os.fsencode(text) for text in texts]


@given(text=VALUES | SPECIAL)
def test_powershell_reads_a_quoted_value_as_it_is_by_its_rules(text):
    """In single quotes nothing is special but the quotes, of which it knows five; two of them are one."""
    quotes = "'\u2018\u2019\u201a\u201b"
    word = SHELLS["powershell"].quote(text)
    assert word[0] in quotes
    read, position = "", 1
    while word[position] not in quotes or word[position + 1 : position + 2] in {*quotes}:
        read += word[position]
        position += 2 if word[position] in quotes else 1
    assert (read, position) == (text, len(word) - 1)


@given(name=st.text(max_size=12))
def test_only_names_of_letters_digits_and_underscores_go_into_commands(name):
    assert is_plain(name) == bool(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name))


# --- the hook as a guest of somebody's shell -----------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_it_works_loaded_twice_in_a_strict_shell_with_aliases_of_its_words(shell, tmp_path):
    words = "eval command export unset local return set xs builtin emulate"
    aliases = [f"alias {word}='echo alias; false'" for word in words.split()]
    strict = ["set -eu", *(["shopt -s expand_aliases"] if shell == "bash" else [])]
    # Twice: with the aliases there already, and with what the first time has left.
    first = "\n".join([*strict, *aliases, f"\\{load(shell)}", f"\\{load(shell)}"])
    steps = take(shell, ["xs prod", "xs -", "xs -"], tmp_path, OUTER, first=first)
    assert steps.stderr == ""
    assert "alias" not in steps.stdout
    names = [environ.get("AWS_PROFILE") for environ in steps.environs]
    assert names == ["prod", None, "prod"]


@pytest.mark.slow
def test_a_failure_in_a_strict_shell_is_the_callers_to_handle(tmp_path):
    for shell in ("bash", "zsh"):
        steps = take(
            shell,
            ["xs nope || AWS_MINE=handled", "xs prod"],
            tmp_path,
            first=f"set -eu; export AWS_MINE=; {load(shell)}",
        )
        assert [environ["AWS_MINE"] for environ in steps.environs] == ["handled"] * 2
        assert steps.environs[1]["AWS_PROFILE"] == "prod"


@pytest.mark.parametrize("shell", HOOKED)
def test_no_variable_is_left_but_what_is_kept_for_the_way_back(shell, tmp_path):
    listing = "set -n" if shell == "fish" else r"set | grep -a -o '^[A-Za-z_][A-Za-z0-9_]*='"
    # `name`: what such a step makes of itself.
    show = [f"{listing} > {tmp_path}/{n}" for n in range(3)]
    take(shell, ["true", show[0], "xs prod; xs nope; xs -; xs -", show[1], "xs --none", show[2]], tmp_path)
    before, switched, after = (set((tmp_path / str(n)).read_text().split()) for n in range(3))
    own = {name.rstrip("=") for name in switched - before}
    assert own <= {
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "XSWITCH_PROFILE",
        "XSWITCH_PREVIOUS",
        "__xswitch_before",
    }
    assert {name.rstrip("=") for name in after - before} <= {"XSWITCH_PREVIOUS"}


@pytest.mark.parametrize("shell", HOOKED)
def test_the_function_can_have_another_name(shell, tmp_path):
    steps = take(shell, ["aws-go_2 prod"], tmp_path, first=load(shell, "aws-go_2"))
    assert (steps.statuses, steps.environs[0]["AWS_PROFILE"]) == ([0], "prod")


@pytest.mark.parametrize("name", ["a b", "x;y", "$(x)", "é", "-x", "x'", "a.b", "xswitch"])
def test_a_name_that_no_function_can_have_is_refused(name):
    done = run_xswitch("init", "bash", f"--cmd={name}")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.slow
def test_there_is_a_hook_for_four_shells_and_no_other():
    for shell in ("bash", "zsh", "fish", "powershell"):
        done = run_xswitch("init", shell, "--cmd", "other")
        assert done.returncode == 0
        assert re.search(r"@\w+@|\bxs\b", done.stdout) is None
        assert re.search(r"\bother\b", done.stdout)
    done = run_xswitch("init", "tcsh")
    assert (done.returncode, done.stdout) == (2, "")
    assert "bash, zsh, fish, powershell" in done.stderr


@pytest.mark.parametrize("shell", ["zsh"])
def test_unusual_options_of_zsh_change_nothing(shell, tmp_path):
    options = "setopt sh_word_split rc_quotes ksh_arrays glob_subst warn_create_global csh_null_glob no_unset"
    steps = take(
        shell, ["xs prod", "xs mfa", "xs --none"], tmp_path, OUTER, first=f"{options}\n{load(shell)}"
    )
    assert steps.stderr == ""
    assert [aws(environ).get("AWS_PROFILE") for environ in steps.environs] == ["prod", None, None]
    assert aws(steps.environs[2]) == OUTER


def test_fish_leaves_universal_variables_alone(home, tmp_path):
    universal = "set -Ux AWS_PROFILE theirs; set -Ux AWS_ACCESS_KEY_ID theirs; set -Ux AWS_REGION theirs"
    subprocess.run([shell_path("fish"), "-c", universal], check=True)
    kept = home / ".config/fish/fish_variables"
    before = kept.read_bytes()
    fish = take("fish", ["xs prod", "xs --none"], tmp_path, {"AWS_PROFILE": "outer"})
    assert fish.statuses == [0, 0]
    assert kept.read_bytes() == before


@pytest.mark.slow
def test_plain_eval_of_posix_shells_needs_no_hook(tmp_path):
    for shell in ("bash", "zsh", "dash"):
        steps = take(
            shell, ["xs prod", "xs dev", "xs -", "xs --none"], tmp_path, OUTER, first=f"set -eu; {PLAIN}"
        )
        assert [environ.get("AWS_PROFILE") for environ in steps.environs] == ["prod", "dev", "prod", None]
        assert aws(steps.environs[3]) == OUTER


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "dash"])
@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "XSWITCH_PROFILE"])
def test_a_variable_that_is_read_only_keeps_everything_as_it_is(shell, name, tmp_path):
    first = f"{load(shell)}\nexport {name}=base\nreadonly {name}"
    steps = take(shell, ["xs prod", "true"], tmp_path, first=first)
    assert steps.statuses[0] != 0
    assert "read-only in this shell, so nothing was changed" in steps.stderr
    assert aws(steps.environs[0]) == ({name: "base"} if name.startswith("AWS") else {})
    assert "XSWITCH_PREVIOUS" not in steps.environs[0]


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "dash"])
def test_a_variable_that_has_become_read_only_keeps_the_way_back(shell, tmp_path):
    steps = take(shell, ["xs prod; readonly AWS_REGION", "xs --none"], tmp_path, OUTER)
    assert steps.statuses[1] != 0
    assert "read-only in this shell, so nothing was changed" in steps.stderr
    assert steps.environs[0] == steps.environs[1]


# --- in a terminal -------------------------------------------------------------------------------

STATUS = {"bash": "$?", "zsh": "$?", "fish": "$status"}


@pytest.fixture
def start(home):
    """Start a shell with the hook in a terminal."""
    screens = []

    def start(shell, **env):
        screens.append(Hooked(shell, {"SHELL": "/bin/sh", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", **env}))
        return screens[-1]

    yield start
    for screen in screens:
        screen.close()


@pytest.mark.slow
@pytest.mark.parametrize("shell", PROMPTS)
def test_enter_in_the_ui_switches_the_shell_in_place_and_minus_and_none_lead_back(start, shell):
    screen = start(shell, AWS_PROFILE="dev", AWS_REGION="xx-outer-1")
    screen.type("xs\r")
    screen.live()
    screen.type("/us-east\r\r")
    screen.until("switched to prod (222222222222, 47m left)")
    screen.says('echo "$AWS_PROFILE-$AWS_REGION-$XSWITCH_HOOK"', "prod--")
    screen.says('xs - 2> /dev/null; echo "$AWS_PROFILE-$AWS_REGION"', "dev-xx-outer-1")
    screen.type("clear; xs prod\r")
    screen.until("switched to prod (222222222222, 47m left)")
    screen.says('xs --none; echo "$AWS_PROFILE-$AWS_REGION-$AWS_DEFAULT_REGION"', "dev-xx-outer-1-")
    screen.until("switched back to what was there before")


@pytest.mark.slow
@pytest.mark.parametrize("shell", PROMPTS)
def test_leaving_the_ui_changes_nothing_and_gives_its_status(start, shell):
    screen = start(shell, AWS_PROFILE="dev")
    for key, status in (("ctrl+c", 130), ("q", 0)):
        screen.type("clear; xs\r")
        screen.live()
        screen.type(key)
        screen.until("ready>")
        screen.says(f'echo "left {STATUS[shell]} $AWS_PROFILE$XSWITCH_PREVIOUS"', f"left {status} dev")


@pytest.mark.slow
@pytest.mark.parametrize("shell", PROMPTS)
def test_the_ui_does_not_stop_while_its_shell_waits(start, shell):
    screen = start(shell)
    screen.type("xs\r")
    screen.live()
    screen.type("ctrl+z")
    screen.until("your shell waits for this one")
    screen.type("q")
    screen.until("ready>")
    screen.says(f'echo "left {STATUS[shell]}"', "left 0")


@pytest.mark.slow
@pytest.mark.parametrize("shell", PROMPTS)
def test_a_command_run_from_the_ui_does_not_stop_it_while_its_shell_waits(start, shell):
    screen = start(shell)
    screen.type("xs\r")
    screen.live()
    screen.type("xecho begun; sleep 1; echo over\r")
    screen.until("\nbegun")
    screen.type("ctrl+z")
    screen.until("exit status 0; Enter goes back")
    screen.type("ctrl+z")
    screen.type("\r")
    screen.live()
    screen.type("q")
    screen.until("ready>")
    screen.says(f'echo "left {STATUS[shell]}"', "left 0")


@pytest.mark.slow
@pytest.mark.parametrize("shell", PROMPTS)
def test_several_matches_open_the_ui_with_the_filter_filled_in(start, shell):
    screen = start(shell)
    screen.type("xs pro\r")
    screen.until("2/5 profiles")
    screen.live()
    screen.type("j\r")
    screen.until("switched to prod-audit (222222222222, 47m left)")
    screen.says('echo "it is $AWS_PROFILE"', "it is prod-audit")


@pytest.mark.slow
def test_a_command_chosen_in_the_ui_gives_its_status_and_nothing_to_evaluate(start):
    screen = start("bash")
    screen.type("xs\r")
    screen.live()
    screen.type("/dev\rx")
    screen.until("Run under dev")
    screen.type("echo run under $AWS_PROFILE; echo false alarm; exit 7\t\r")
    screen.until("run under dev\nfalse alarm")
    screen.says('echo "left $? $AWS_PROFILE"', "left 7")
