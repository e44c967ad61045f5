"""What a diff says: the changes as they are, every harmless line as it is, no secret however it stands."""

from __future__ import annotations

import os
import re
from itertools import pairwise

import pytest
from counting import assert_in_proportion
from hypothesis import example, given
from hypothesis import strategies as st
from running import CANARY

from xswitch.editing.diff import diff_of, opcodes

# Without a run of a character, so that each piece of it would be known again.
SECRET = f"{CANARY}/wJalrXUtnFEMI+K7MDENG/bPxRfiCYq8Z3"
PIECE = 6

LINES = st.lists(st.sampled_from("abcdefgh"), max_size=30)
SHOWN = [
    "[default]",
    "[profile prod]",
    '[profile "on call"]',
    "region = eu-west-1",
    "Region=us-east-1",
    "output : json",
    "role_arn = arn:aws:iam::222222222222:role/team/Admin",
    "source_profile=default  ",
    "# kept by hand, see the wiki",
    "; --- production ---",
    "",
]
TEXTS = st.builds(
    lambda lines, end: "\n".join(["[first]", *lines]) + end,
    st.lists(st.sampled_from(SHOWN), max_size=25),
    st.sampled_from(["", "\n"]),
)


# --- what has changed ----------------------------------------------------------------------------


@given(LINES, LINES)
@example([], [])
@example(list("aabb"), list("bbaa"))
@example(list("abcab"), list("cabca"))
def test_the_parts_lead_from_the_old_lines_to_the_new_as_those_of_difflib(old, new):
    made, place = [], (0, 0)
    found = opcodes(old, new)
    for tag, a, b, c, d in found:
        assert (a, c) == place
        place = b, d
        kinds = {"equal": b > a and old[a:b] == new[c:d], "delete": b > a and c == d}
        kinds |= {"insert": a == b and d > c, "replace": b > a and d > c}
        assert kinds[tag]
        made += old[a:b] if tag == "equal" else new[c:d]
    assert made == new
    assert place == (len(old), len(new))
    assert all((one[0] == "equal") != (other[0] == "equal") for one, other in pairwise(found))


@given(TEXTS, TEXTS)
@example("", "[default]")
@example("[default]", "[default]\n")
@example("[a]\n" * 9, "")
@example("", "[a]\n" * 9)
def test_hunks_applied_to_the_old_text_give_the_new_one(old, new):
    assert applied(old, diff_of("/x/config", old.encode(), new.encode())) == new


def applied(old, diff):
    """Return a text with the hunks of its diff applied: what they say stands there has to stand there."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", old)
    made, taken = [], 0
    if diff:
        assert [line.text for line in diff[:2]] == ["--- /x/config", "+++ /x/config"]
    for line in read_hunks(diff[2:]):
        if isinstance(line, tuple):
            start, _, new_start, _ = line
            made += lines[taken:start]
            taken = start
            assert len(made) == new_start
        elif line[0] == "+":
            made.append(line[1:])
        else:
            assert lines[taken] == line[1:]
            taken += 1
            made += [line[1:]] if line[0] == " " else []
    return "".join(made + lines[taken:])


def read_hunks(diff):
    """Yield the header of each hunk as its four numbers, from 0, and its lines with their signs and ends."""
    left = (0, 0)
    for line, after in pairwise([*diff, None]):
        if line.kind == "hunk":
            assert left == (0, 0)
            found = re.fullmatch(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", line.text)
            counts = int(found[2] or 1), int(found[4] or 1)
            starts = (int(found[number]) - (count > 0) for number, count in zip((1, 3), counts, strict=True))
            old_start, new_start = starts
            yield old_start, counts[0], new_start, counts[1]
            left = counts
        elif not line.text.startswith("\\"):
            assert line.text[0] == line.kind
            left = left[0] - (line.kind in " -"), left[1] - (line.kind in " +")
            is_cut = after is not None and after.text == "\\ No newline at end of file"
            yield line.text + ("" if is_cut else "\n")
    assert left == (0, 0)


def test_a_diff_has_three_lines_around_each_change_and_one_hunk_for_changes_that_are_near():
    old = [f"[{number}]\n" for number in range(40)]
    new = old.copy()
    for place in (5, 12, 20):
        new[place] = "[new]\n"
    diff = diff_of("/x", "".join(old).encode(), "".join(new).encode())
    assert [line.text for line in diff if line.kind == "hunk"] == ["@@ -3,14 +3,14 @@", "@@ -18,7 +18,7 @@"]
    assert [line.text for line in diff if line.kind in "+-"] == [
        "-[5]",
        "+[new]",
        "-[12]",
        "+[new]",
        "-[20]",
        "+[new]",
    ]


def test_equal_contents_have_no_diff():
    assert diff_of("/x", b"[a]\n", b"[a]\n") == []
    assert diff_of("/x", b"\xff", b"\xff") == []


def test_line_ends_that_change_are_changes():
    diff = diff_of("/x", b"[a]\r\nregion = x\r\n", b"[a]\nregion = x\r\n")
    assert [line.text for line in diff[3:]] == ["-[a]", "+[a]", " region = x"]


def profiles(count, source):
    return "".join(
        f"[profile p{number}]\nregion = eu-west-1\nrole_arn = arn:aws:iam::222222222222:role/R\n"
        f"source_profile = {source}\n\n"
        for number in range(count)
    ).encode()


CHANGES = {
    "every profile gets another source": lambda count: (profiles(count, "a"), profiles(count, "b")),
    "every profile is new": lambda count: (b"[a]\n", b"[a]\n" + profiles(count, "a")),
    "every profile is gone": lambda count: (profiles(count, "a") + b"[a]\n", b"[a]\n"),
    "a profile above thousands": lambda count: (profiles(count, "a"), b"[a]\n\n" + profiles(count, "a")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_diff_of_thousands_of_changes_costs_in_proportion(change):
    def prepare(count):
        before, after = change(count)
        return lambda: diff_of("/x", before, after)

    assert_in_proportion(prepare)


# --- what is shown of it -------------------------------------------------------------------------

HIDDEN = {
    "a secret": f"[a]\naws_secret_access_key = {SECRET}\n",
    "a secret with a colon": f"[a]\naws_secret_access_key: {SECRET}\n",
    "a secret in capitals, indented": f"[a]\n\tAWS_SESSION_TOKEN={SECRET}\n",
    "a secret in the place of its key id": f"[a]\naws_access_key_id = {SECRET}\nAWS_ACCESS_KEY_ID={SECRET}\n",
    "a key of another tool": f"[a]\nmy_password = {SECRET}\nx_token = {SECRET}\nclient_secret={SECRET}",
    "behind a header": f"[default] aws_secret_access_key = {SECRET}\nregion = x\n",
    "behind a header, as a comment": f"[default] # {SECRET}\n",
    "a secret on a line of its own below its key": f"[a]\naws_secret_access_key =\n  {SECRET}\n",
    "a token with a second line": f"[a]\naws_session_token = x\n  {SECRET}\n",
    "a token with a second line that is not indented": f"[a]\naws_session_token = x\n{SECRET}==\n",
    "a second line that has a delimiter": f"[a]\naws_session_token = x\n{SECRET}={SECRET}\n",
    "a token with a third line behind a blank one": f"[a]\naws_session_token = x\n  y\n\n  {SECRET}==\n",
    "a value without a key": f"[a]\n= {SECRET}\n: {SECRET}\n",
    "a key without a delimiter": f"[a]\naws_secret_access_key {SECRET}\n",
    "a line of junk": f"[a]\n{SECRET}\n",
    "a line of junk below a block": f"[a]\ns3 =\n  x = y\n{SECRET}=\n",
    "before the first section": f"aws_secret_access_key = {SECRET}\n{SECRET}\n{SECRET}=x\n[default]\n",
    "no section at all": f"{SECRET}\n",
    "swallowed by the value above": f"[a]\nregion = x\n  aws_secret_access_key = {SECRET}\n",
    "a section in a value": f"[a]\nregion = x\n  [b] {SECRET}\n  y = {SECRET}\n",
    "a secret in a block": f"[a]\ns3 =\n  aws_secret_access_key = {SECRET}\n  my_token={SECRET}\n",
    "a secret in a block with a colon": f"[a]\ns3 =\n  my_secret: {SECRET}\n  my_secret: x={SECRET}\n",
    "an address in a block": f"[a]\ns3 =\n  proxy: https://u:{SECRET}@h/\n  proxy = https://u:{SECRET}@h/\n",
    "an address in a block with a colon and a query": f"[a]\ns3 =\n  p: https://u:{SECRET}@h/?a=b\n",
    "an option of a command": f"[a]\ncredential_process = get --password {SECRET} --x\n",
    "an option and its value": f"[a]\ncredential_process = get --token={SECRET} -secret={SECRET}\n",
    "an option of a command that goes on": f"[a]\ncredential_process = get\n  --password {SECRET}\n",
    "an address in a command": f"[a]\ncredential_process = curl https://u:{SECRET}@h/\n",
    "an address": f"[a]\nendpoint_url = https://u:{SECRET}@h/\n",
    "an address whose password has a slash": f"[a]\nendpoint_url = https://u:pw/{SECRET}@h/\n",
    "an address whose password has an at": f"[a]\nendpoint_url = https://u:pw@{SECRET}@h/\n",
    "an address without a user": f"[a]\nendpoint_url = https://:{SECRET}@h/\n",
    "a second address": f"[a]\nx = https://a.b/ https://u:{SECRET}@h/\n",
    "addresses with a comma": f"[a]\nx = https://a.b/,https://u:{SECRET}@h/,https://c.d/\n",
    "a setting that is a comment": f"[a]\n# aws_secret_access_key = {SECRET}\n;aws_session_token={SECRET}\n",
    "a setting that is a comment, with a colon": f"[a]\n# aws_secret_access_key: {SECRET}\n",
    "a setting that was one": f"[a]\n# aws_session_token (old) = {SECRET}\n",
    "a comment on a secret": f"# old secret {SECRET}\n[a]\n; the password is {SECRET}\n",
    "a comment that is a command": f"[a]\n# aws configure set aws_secret_access_key {SECRET}\n",
    "a comment that is a secret": f"#{SECRET}\n[a]\n;; {SECRET}\n",
    "a comment that is an address": f"[a]\n# https://u:{SECRET}@h/\n",
    "a comment within a token": f"[a]\naws_session_token = x\n  # {SECRET}\n  y\n",
    "carriage returns": f"[a]\raws_secret_access_key = {SECRET}\r",
    "a byte order mark": f"\ufeffaws_secret_access_key = {SECRET}\n",
    "line ends that are none": f"[a]\naws_secret_access_key = x\u2028{SECRET}\x0b{SECRET}\x85{SECRET}\n",
    "not UTF-8": f"[a]\nregion = \udcff\n# {SECRET}\naws_secret_access_key = {SECRET}\n",
}


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_no_piece_of_a_secret_is_in_a_diff(text):
    data = text.encode("utf-8", "surrogateescape")
    others = [
        b"",
        data.replace(SECRET.encode(), b"other"),
        data + b"\n[z]\n",
        b"[z]\n" + data,
        b"\xff" + data,
    ]
    for other in others:
        for before, after in ((data, other), (other, data)):
            shown = "\n".join(line.text for line in diff_of("/x", before, after))
            assert "@@" in shown
            assert pieces_in(shown) == []


def pieces_in(text):
    pieces = [SECRET[start : start + PIECE] for start in range(len(SECRET) - PIECE + 1)]
    return [piece for piece in pieces if piece.lower() in text.lower()]


READABLE = """\
# AWS access, kept by hand; ask Kim before you change anything here

; --- production (222222222222) ---
[default]
region = eu-west-1
output=json
[profile "on call"]
role_arn = arn:aws:iam::222222222222:role/team/OnCallEngineer20240131
source_profile : default
Region = eu-west-1   ; as ever
mfa_serial = arn:aws:iam::111111111111:mfa/first.last@example.com
role_session_name = first.last@example.com
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
credential_process = /opt/tool/get-credentials --account 222222222222 --role Admin
endpoint_url = http://localhost:4566
s3 =
    # fast enough
    max_concurrent_requests = 20

    addressing_style=path
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_registration_scopes = sso:account:access
"""


def test_what_is_harmless_can_be_read():
    diff = diff_of("/x", b"", READABLE.encode())
    assert [line.text for line in diff[3:]] == [f"+{line}" for line in READABLE.splitlines()]


def test_around_a_secret_everything_else_can_be_read():
    text = (
        f"[a] # {SECRET}\nAws_Secret_Access_Key  =  {SECRET}  \n# password: {SECRET}\n"
        f"endpoint_url = https://me:{SECRET}@example.com/\n"
        f"credential_process = get --password {SECRET} --role R\n"
    )
    assert [line.text for line in diff_of("/x", b"", text.encode())[3:]] == [
        "+[a] ********",
        "+Aws_Secret_Access_Key  =  ********  ",
        "+# ********",
        "+endpoint_url = https://me:********@example.com/",
        "+credential_process = get --password ******** --role R",
    ]


def test_nothing_in_a_diff_is_acted_on_by_a_terminal(home):
    path = f"{home}/\x1b]0;t\x07config"
    text = "[profile \x1b[2J]\nregion = a\x1b]52;c;eA==\x07\r\n# \x9b31m \u202e \u200b\n"
    for line in diff_of(path, b"", text.encode()):
        assert line.text.isprintable()
        assert not set(line.text) & set("\x1b\x07\x9b\u202e\r\n")


def test_a_path_is_written_as_people_write_it(home):
    assert diff_of(os.path.join(home, ".aws/config"), b"", b"[a]\n")[0].text == "--- ~/.aws/config"
