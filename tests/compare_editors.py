"""What editing the same files by other tools changes beyond what was asked.

Run by hand: `python tests/compare_editors.py [--diff] [FOLDER]`. It installs the tools that it compares
with into environments of their own (in FOLDER, where a second run finds them, else in a temporary one),
gives each tool a home of its own with the same two files, and prints the README's table; with `--diff`
what every tool wrote, too. Nothing here is asserted.

A number is the bytes beyond the request: take what was asked for out of the file again (put the old value
back where the new one stands; drop the lines of the new key or profile) or, for a profile that was to be
removed, cut it out of the original; then count the fewest bytes that are deleted and inserted between the
two, in both files together. So a value replaced in its place costs nothing; a line that was reformatted,
a comment that went, another line end cost their bytes, in the line asked for as anywhere else. Free are
where a new line stands and how it is written but for its line end, which is to be that of the file; one
blank line beside a new profile, and those beside a removed one; the line end that a last line without one
needs before more can follow.

Behind the number stands what botocore makes of the files where that is not the request and all else as
before. "fails": an error, and the files are as they were. A dash: the tool has no command for it.
"""

from __future__ import annotations

import copy
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

sys.path.insert(0, os.path.dirname(__file__))

from awshome import botocore_session
from botocore.exceptions import BotoCoreError

LAB = """\
sso_start_url = https://corp.example.com/start
sso_region = us-east-1
sso_account_id = 222222222222
sso_role_name = Developer
region = eu-north-1
output = text
# until the lab has moved
retry_mode = adaptive
"""
# What is set is set in profiles with an SSO start URL: aws-sso-util edits no others.
LIVED_IN = f"""\
# AWS config of the platform team, kept with the other dotfiles.
# Fragen an: Jürgen (Zürich)

[default]
region=eu-west-1
output = json
; no pager, anywhere
cli_pager =

# --- development -----------------------------------------

[profile dev]
sso_start_url  = https://corp.example.com/start
sso_region     = us-east-1
sso_account_id = 111111111111
sso_role_name  = Developer
region         = eu-west-1


[profile lab]
{LAB}
[profile media]
sso_start_url=https://corp.example.com/start
sso_region=us-east-1
sso_account_id=333333333333
sso_role_name=Uploader
region=eu-central-1
s3 =
    # the line of the office is slow
    max_concurrent_requests = 20
    max_bandwidth = 50MB/s
    use_dualstack_endpoint = false
use_dualstack_endpoint=no

[profile ci]
role_arn: arn:aws:iam::444444444444:role/ci/Deploy
source_profile: dev
duration_seconds\t: 3600
; asked for by security
role_session_name\t: ci

# --- production: read only! ------------------------------
[profile "on call"]
sso_start_url = https://corp.example.com/start
sso_region = us-east-1
sso_account_id = 555555555555
sso_role_name = ReadOnly
region = eu-west-3

[profile prod]
sso_start_url = https://corp.example.com/start
sso_region = us-east-1
sso_account_id = 555555555555
sso_role_name = ReadOnly
Region = eu-south-1
"""
CREDENTIALS = """\
# keys of the old account
[old]
aws_access_key_id=AKIAEXAMPLE
aws_secret_access_key = secret
"""


def from_windows(text: str) -> str:
    """Give the text CRLF line ends, and none at its end."""
    return text.removesuffix("\n").replace("\n", "\r\n")


INDENTED = LIVED_IN.replace(LAB, textwrap.indent(LAB, "\t"))
REGION = "ap-southeast-7"  # stands nowhere in the files
ROLE = {
    "role_arn": "arn:aws:iam::666666666666:role/Audit",
    "source_profile": "dev",
    "region": REGION,
}
SSO = {
    "sso_start_url": "https://corp.example.com/start",
    "sso_region": "us-east-1",
    "sso_account_id": "666666666666",
    "sso_role_name": "Audit",
    "region": REGION,
}

Model = dict[str, Any]
Commands = list[list[str]]


def lines_of(text: bytes) -> list[bytes]:
    """Cut at line ends, which stay with their lines."""
    return re.findall(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


def line_end(line: bytes) -> bytes:
    """Return the line end of a line."""
    return line[len(line.rstrip(b"\r\n")) :]


def header(profile: str) -> str:
    """Return what stands between the brackets of the profile's section."""
    return f'profile "{profile}"' if " " in profile else f"profile {profile}"


def fewest_bytes(old: bytes, new: bytes) -> int:
    """Return how many bytes at least are deleted and inserted between the two (Myers's algorithm)."""
    furthest = {1: 0}
    for edits in range(len(old) + len(new) + 1):
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (
                diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1]
            )
            x = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            furthest[diagonal] = x
            if x >= len(old) and x - diagonal >= len(new):
                return edits
    raise AssertionError


def beyond_new_lines(before: bytes, after: bytes, asked: set[int]) -> int:
    """Return the bytes changed beyond the lines of `after` with these numbers, which are new."""
    lines = lines_of(after)
    end = line_end(lines_of(before)[0])
    if not before.endswith(end) and len(lines) - 1 in asked:
        before += end
    others = b"".join(line for number, line in enumerate(lines) if number not in asked)
    wrong_ends = sum(line_end(lines[number]) not in {end, b""} for number in asked)
    return fewest_bytes(before, others) + wrong_ends


class Change:
    """Set a key that the profile has, or one of its nested block ("s3.max_bandwidth"); `old` is its value."""

    def __init__(self, profile: str, key: str, old: str, new: str) -> None:
        self.profile, self.key, self.old, self.new = profile, key, old, new

    def expect(self, model: Model) -> None:
        settings = model["profiles"][self.profile]
        block, _, key = self.key.rpartition(".")
        (settings[block] if block else settings)[key] = self.new

    def beyond(self, before: bytes, after: bytes) -> int:
        return fewest_bytes(before, after.replace(self.new.encode(), self.old.encode()))


class NewKey:
    """Set a key that the profile does not have."""

    def __init__(self, profile: str, key: str, new: str) -> None:
        self.profile, self.key, self.new = profile, key, new

    def expect(self, model: Model) -> None:
        model["profiles"][self.profile][self.key] = self.new

    def beyond(self, before: bytes, after: bytes) -> int:
        key, value = self.key.encode(), self.new.encode()
        asked = {number for number, line in enumerate(lines_of(after)) if key in line and value in line}
        return beyond_new_lines(before, after, asked)


class NewProfile:
    """Add a profile."""

    def __init__(self, profile: str, settings: dict[str, str] = ROLE) -> None:
        self.profile, self.settings = profile, settings

    def expect(self, model: Model) -> None:
        model["profiles"][self.profile] = dict(self.settings)

    def beyond(self, before: bytes, after: bytes) -> int:
        lines = lines_of(after)
        head = header(self.profile).encode()
        start = next((number for number, line in enumerate(lines) if head in line), len(lines))
        end = start + 1
        while end < len(lines) and lines[end].startswith(tuple(key.encode() for key in self.settings)):
            end += 1
        asked = set(range(start, end))
        blank = [number for number in (start - 1, end) if number < len(lines) and not lines[number].strip()]
        ways = [asked, *(asked | {number} for number in blank)]
        return min(beyond_new_lines(before, after, way) for way in ways)


class Removal:
    """Remove a profile, with the comments among its settings."""

    def __init__(self, profile: str) -> None:
        self.profile = profile

    def expect(self, model: Model) -> None:
        del model["profiles"][self.profile]

    def beyond(self, before: bytes, after: bytes) -> int:
        lines = lines_of(before)
        head = f"[{header(self.profile)}]".encode()
        start = next(number for number, line in enumerate(lines) if line.strip() == head)
        end = next(number for number, line in enumerate(lines) if number > start and not line.strip())
        first, last = start, end
        while not lines[first - 1].strip():
            first -= 1
        while not lines[last].strip():
            last += 1
        return min(
            fewest_bytes(b"".join(lines[:i] + lines[j:]), after)
            for i in range(first, start + 1)
            for j in range(end, last + 1)
        )


Edit = Change | NewKey | NewProfile | Removal

DEV = Change("dev", "region", "eu-west-1", REGION)
LAB_REGION = Change("lab", "region", "eu-north-1", REGION)
OUTPUT = NewKey("dev", "output", "yaml-stream")
ATTEMPTS = NewKey("lab", "max_attempts", "7")
DUALSTACK = Change("media", "use_dualstack_endpoint", "no", "true")
ROWS: list[tuple[str, str, Edit]] = [
    ("set `region`", LIVED_IN, DEV),
    ("… which is written `Region`", LIVED_IN, Change("prod", "region", "eu-south-1", REGION)),
    ('… of `[profile "on call"]`', LIVED_IN, Change("on call", "region", "eu-west-3", REGION)),
    ("set a key that the profile's `s3` block has too", LIVED_IN, DUALSTACK),
    ("set a key of the `s3` block", LIVED_IN, Change("media", "s3.max_bandwidth", "50MB/s", "8MB/s")),
    ("add a key", LIVED_IN, OUTPUT),
    ("add a profile", LIVED_IN, NewProfile("audit")),
    ("remove a profile", LIVED_IN, Removal("ci")),
    ("CRLF, no line end at the end: set `region`", from_windows(LIVED_IN), DEV),
    ("… add a key", from_windows(LIVED_IN), OUTPUT),
    ("… add a profile", from_windows(LIVED_IN), NewProfile("audit")),
    ("… remove a profile", from_windows(LIVED_IN), Removal("ci")),
    ("keys indented by a tab: set `region`", INDENTED, LAB_REGION),
    ("… add a key", INDENTED, ATTEMPTS),
    ("CRLF and indented: set `region`", from_windows(INDENTED), LAB_REGION),
    ("… add a key", from_windows(INDENTED), ATTEMPTS),
]


class Xswitch:
    """The xswitch of this interpreter."""

    title = "xswitch"
    adds = ROLE

    def ways(self, edit: Edit) -> list[Commands]:
        match edit:
            case Change() | NewKey():
                words = ["set", edit.profile, edit.key, edit.new]
            case NewProfile():
                options = [f"--{key.replace('_', '-')}={value}" for key, value in self.adds.items()]
                words = ["add", "role", edit.profile, *options]
            case Removal():
                words = ["remove", edit.profile]
        return [[[sys.executable, "-m", "xswitch", *words]]]


class Aws:
    """An AWS CLI."""

    prefix = "`aws configure set` "
    adds = ROLE

    def __init__(self, program: str, version: str) -> None:
        self.program = program
        self.version = version
        self.title = self.prefix + version

    def ways(self, edit: Edit) -> list[Commands]:
        match edit:
            case Change() | NewKey():
                settings = {edit.key: edit.new}
            case NewProfile():
                settings = self.adds
            case Removal():
                return []
        words = [self.program, "configure", "set", "--profile", edit.profile]
        return [[[*words, key, value] for key, value in settings.items()]]


class Crudini:
    """crudini, which edits any INI file; where it fails as it is, it gets its option for indented lines."""

    package = "crudini==0.9.6"
    adds = ROLE

    def __init__(self, programs: Path) -> None:
        self.program = str(programs / "crudini")
        self.title = self.package.replace("==", " ")

    def ways(self, edit: Edit) -> list[Commands]:
        section = header(edit.profile)
        match edit:
            case Change() | NewKey() if "." in edit.key:
                return []
            case Change() | NewKey():
                words = ["--set", "CONFIG", section, edit.key, edit.new]
            case NewProfile():
                settings = self.adds.items()
                words = [word for pair in settings for word in ("--set", "CONFIG", section, *pair)]
            case Removal():
                words = ["--del", "CONFIG", section]
        return [[[self.program, *words]], [[self.program, "--ini-options=ignoreindent", *words]]]


class AwsSsoUtil:
    """aws-sso-util, which writes SSO profiles: it is to add one of these instead of a role."""

    package = "aws-sso-util==4.33.0"
    adds = SSO

    def __init__(self, programs: Path) -> None:
        self.program = str(programs / "aws-sso-util")
        self.title = self.package.replace("==", " ")

    def ways(self, edit: Edit) -> list[Commands]:
        match edit:
            case Change() | NewKey() if "." not in edit.key:
                options = [f"--config-default={edit.key}={edit.new}"]
            case NewProfile():
                options = [
                    f"--account-id={SSO['sso_account_id']}",
                    f"--role-name={SSO['sso_role_name']}",
                    f"--region={REGION}",
                ]
            case _:
                return []
        words = [self.program, "configure", "profile", edit.profile, "--non-interactive"]
        words += ["--no-credential-process", "--existing-config-action=overwrite"]
        words += [f"--sso-start-url={SSO['sso_start_url']}", f"--sso-region={SSO['sso_region']}"]
        return [[[*words, *options]]]


Tool = Xswitch | Aws | Crudini | AwsSsoUtil


def find_aws() -> list[Aws]:
    """Return the first AWS CLI of each major version, looking beside this interpreter, then on `PATH`."""
    found: dict[str, Aws] = {}
    for folder in [os.path.dirname(sys.executable), *os.get_exec_path()]:
        program = shutil.which("aws", path=folder)
        if program:
            said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
            version = said.split()[0].removeprefix("aws-cli/")
            found.setdefault(version.partition(".")[0], Aws(program, version))
    return [found[major] for major in sorted(found)]


def install(package: str, folder: Path) -> Path:
    """Install the package into an environment of its own, once; return the folder of its programs."""
    environment = folder / package
    programs = environment / "bin"
    done = environment / "installed"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        pip = [str(programs / "python"), "-m", "pip", "--disable-pip-version-check", "-qq"]
        subprocess.run([*pip, "install", package], check=True)
        done.touch()
    return programs


def read_model(folder: Path) -> Model | None:
    """Return all that botocore reads from the two files, None where it can read nothing."""
    try:
        model: Model = copy.deepcopy(botocore_session(folder).full_config)
    except BotoCoreError:
        return None
    return model


def effect(edit: Edit, before: Model, after: Model | None) -> str:
    """Return what is wrong with the files afterwards, "" where nothing is."""
    if after is None:
        return "file unreadable"
    expected = copy.deepcopy(before)
    edit.expect(expected)
    if after == expected:
        return ""
    wanted = expected["profiles"].pop(edit.profile, None)
    got = after["profiles"].pop(edit.profile, None)
    if after != expected:
        return "other profiles changed"
    if wanted is None or got is None or isinstance(edit, NewProfile | Removal):
        return "not as asked"
    lost = sum(got.get(key) != wanted[key] for key in wanted if key != edit.key)
    return f"{lost} setting{'s' * (lost != 1)} lost" if lost else "not as asked"


def run(commands: Commands, edit: Edit, config: str, diffs: list[str]) -> str:
    """Run the commands on fresh copies of the files; return the cell of the table, and what was written."""
    with tempfile.TemporaryDirectory() as home:
        aws = Path(home, ".aws")
        aws.mkdir()
        files = {aws / "config": config.encode(), aws / "credentials": CREDENTIALS.encode()}
        for path, text in files.items():
            path.write_bytes(text)
            path.chmod(0o600)
        before = read_model(aws)
        assert before is not None
        environ = {"HOME": home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        failed = []
        for command in commands:
            words = [str(aws / "config") if word == "CONFIG" else word for word in command]
            done = subprocess.run(
                words, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
            )
            if done.returncode:
                failed = (done.stderr or done.stdout).splitlines()
        after = {path: path.read_bytes() for path in files}
        diffs[:] = [line for path, text in files.items() for line in diff_lines(text, after[path])] + failed
        if failed and after == files:
            return "fails"
        config_after, credentials_after = after.values()
        beyond = edit.beyond(config.encode(), config_after)
        beyond += fewest_bytes(CREDENTIALS.encode(), credentials_after)
        wrong = effect(edit, before, read_model(aws))
        return f"{beyond}, **{wrong}**" if wrong else str(beyond)


def diff_lines(old: bytes, new: bytes) -> list[str]:
    """Return a unified diff without context, in which line ends can be seen."""
    before, after = ([repr(line)[2:-1] for line in lines_of(text)] for text in (old, new))
    return list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]


def try_all(tool: Tool, details: list[str]) -> list[str]:
    """Let the tool do every edit; return its column of the table."""
    cells = []
    for title, config, row in ROWS:
        edit = NewProfile(row.profile, tool.adds) if isinstance(row, NewProfile) else row
        cell = "–"  # noqa: RUF001 - a dash, and no minus
        diffs: list[str] = []
        for commands in tool.ways(edit):
            cell = run(commands, edit, config, diffs)
            if cell != "fails":
                break
        cells.append(cell)
        details += ["", f"## {tool.title}, {title}: {cell}", *diffs]
    return cells


def compare(folder: Path, show: bool) -> None:
    """Print the table (the AWS CLIs in one column where they do the same) and, if wanted, the diffs."""
    tools: list[Tool] = [Xswitch(), *find_aws()]
    tools += [Crudini(install(Crudini.package, folder)), AwsSsoUtil(install(AwsSsoUtil.package, folder))]
    details: list[str] = []
    columns: list[list[str]] = [[title for title, _, _ in ROWS]]
    titles = [""]
    for tool in tools:
        cells = try_all(tool, details)
        if isinstance(tool, Aws) and titles[-1].startswith(Aws.prefix) and cells == columns[-1]:
            titles[-1] += f" and {tool.version}"
        else:
            titles.append(tool.title)
            columns.append(cells)
    rows = [titles, ["---"] * len(titles), *zip(*columns, strict=True)]
    print("\n".join(f"| {' | '.join(row)} |" for row in rows))
    if show:
        print("\n".join(details))


if __name__ == "__main__":
    given = [word for word in sys.argv[1:] if word != "--diff"]
    with tempfile.TemporaryDirectory() as temporary:
        compare(Path(given[0] if given else temporary).absolute(), "--diff" in sys.argv)
