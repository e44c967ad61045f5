"""Whatever stands in the files: an edit changes its own lines, and botocore reads what was asked for."""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from awshome import botocores
from generated import FILES, TAME_FILES
from hypothesis import HealthCheck, assume, event, example, given, settings
from hypothesis import strategies as st

from xswitch.awsfiles.document import Document
from xswitch.editing import operations
from xswitch.editing.editor import Editor
from xswitch.errors import XswitchError
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles

THOROUGH = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
pytestmark = pytest.mark.slow
QUICK = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # every edit waits for the disk several times
ARN = "arn:aws:iam::222222222222:role/Generated"
KEYS = st.sampled_from(
    ["region", "Region", "output", "s3.addressing_style", "s3.Sub2", "s3.new", "s3", "x_y"]
)
NEW_NAMES = st.sampled_from(["new", "new one", "o'new", 'n"ew', "n\\ew", "né", "n#ew", "new;x"])
MARKED = st.builds(
    lambda mark, text: mark + text, st.sampled_from(["", "", "", "\ufeff"]), FILES | TAME_FILES
)


class Home:
    """Two files in a folder of their own, edited as the commands and the UI do it."""

    def __init__(self, folder: str, config: str, credentials: str):
        self.paths = Path(folder, "config"), Path(folder, "credentials")
        for path, text in zip(self.paths, (config, credentials), strict=True):
            path.write_bytes(text.encode())
        self.locations = Locations(
            {
                "AWS_CONFIG_FILE": str(self.paths[0]),
                "AWS_SHARED_CREDENTIALS_FILE": str(self.paths[1]),
                "XDG_STATE_HOME": folder,
            }
        )
        self.editor = Editor(self.locations)

    def contents(self):
        return [path.read_bytes() for path in self.paths]

    def lines(self):
        return [data.decode().splitlines(keepends=True) for data in self.contents()]

    def names(self):
        return list(read_profiles(self.locations).files.profiles)


@THOROUGH
@given(text=MARKED)
@example(text="\ufeff[profile a]\r\nregion = x\r[profile b]\n\tx: y")
def test_a_document_that_is_not_changed_is_the_file_byte_for_byte(text):
    assert Document("config", text.encode()).data == text.encode()


def changed_lines(before: bytes, after: bytes) -> tuple[list[str], list[str]]:
    """Return the lines that are gone and those that are new; a last line that got an end is neither."""
    old, new = (
        re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", data.decode("utf-8-sig")) for data in (before, after)
    )
    if old and [line.rstrip("\r\n") for line in new[len(old) - 1 : len(old)]] == old[-1:]:
        old[-1] = new[len(old) - 1]
    gone, come = [], []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            gone += old[a:b]
            come += new[c:d]
    return gone, come


@THOROUGH
@given(config=MARKED, credentials=st.just("") | FILES | TAME_FILES, key=KEYS, data=st.data())
def test_setting_a_key_changes_one_line_and_one_value(config, credentials, key, data):
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        home = Home(folder, config, credentials)
        names = home.names()
        assume(names)
        name = data.draw(st.sampled_from(names))
        before, theirs = home.contents(), botocores(*home.paths)
        try:
            home.editor.apply(operations.edit(name, {key: "eu-north-1"}))
        except XswitchError:
            event("refused")
            assert home.contents() == before
            return
        after = home.contents()
        read = botocores(*home.paths)
        if theirs is not None:
            event("set")
            block, _, inner = key.lower() if "." not in key else "", "", ""
            expected = dict(theirs["profiles"][name])
            if block:
                expected[block] = "eu-north-1"
            else:
                first, _, inner = key.partition(".")
                expected[first] = {**(expected.get(first) or {}), inner: "eu-north-1"}
            assert read is not None
            assert read["profiles"] == {**theirs["profiles"], name: expected}
            assert list(read["profiles"]) == list(theirs["profiles"]) or len(after[0]) > len(before[0])
            assert {**read, "profiles": 0} == {**theirs, "profiles": 0}
        else:
            assert read is None
        assert any(old == new for old, new in zip(before, after, strict=True))
        for old, new in zip(before, after, strict=True):
            gone, come = changed_lines(old, new)
            assert len([line for line in come if line.strip()]) <= 3  # a header, a block, a line
            assert not come or any("eu-north-1" in line for line in come)
            assert all(line[0].isspace() for line in gone[1:])  # the value had more lines
        home.editor.undo()
        assert home.contents() == before


@THOROUGH
@given(config=MARKED, credentials=st.just("") | FILES | TAME_FILES, name=NEW_NAMES, data=st.data())
def test_adding_a_role_adds_its_lines_at_the_end_and_its_profile(config, credentials, name, data):
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        home = Home(folder, config, credentials)
        sources = home.names()
        assume(sources)
        source = data.draw(st.sampled_from(sources))
        before, theirs = home.contents(), botocores(*home.paths)
        try:
            home.editor.apply(operations.add_role(name, {"role_arn": ARN, "source_profile": source}))
        except XswitchError:
            event("refused")
            assert home.contents() == before
            return
        event("added")
        after = home.contents()
        assert after[1] == before[1]
        assert after[0].startswith(before[0])
        if theirs is not None:
            read = botocores(*home.paths)
            assert read is not None
            new = read["profiles"].pop(name)
            assert {"role_arn": ARN, "source_profile": source}.items() <= new.items()
            assert read == theirs
        home.editor.undo()
        assert home.contents() == before


@pytest.mark.parametrize("name", ["profiledefault", "prod"])
def test_line_ends_that_would_become_one_are_left_apart_or_the_edit_is_refused(tmp_path, name):
    credentials = "[a]\nregion=\n[b]\r[profiledefault]\nregion=\n\n[c]\n"
    home = Home(str(tmp_path), "# PROD: careful\n[profile prod]\nx = 1\n[profile other]\n", credentials)
    before = home.contents()
    try:
        home.editor.apply(operations.remove(name))
    except XswitchError:
        assert home.contents() == before
    else:
        assert home.contents()[0] == b"# PROD: careful\n\n[profile other]\n"  # it is not this one's comment


@THOROUGH
@given(config=MARKED, credentials=st.just("") | FILES | TAME_FILES, data=st.data())
def test_removing_a_profile_removes_lines_of_its_own_only(config, credentials, data):
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        home = Home(folder, config, credentials)
        names = home.names()
        assume(names)
        name = data.draw(st.sampled_from(names))
        before, theirs = home.contents(), botocores(*home.paths)
        try:
            home.editor.apply(operations.remove(name))
        except XswitchError:
            event("refused")
            assert home.contents() == before
            return
        event("removed")
        after = home.contents()
        for old, new in zip(before, after, strict=True):
            gone, come = changed_lines(old, new)
            assert [line for line in come if line.strip()] == []
            headers = [line for line in gone if re.match(r"\[.+\]", line)]
            assert all(name in line or "\\" in line for line in headers)
            assert len(headers) <= 1
        if theirs is not None:
            read = botocores(*home.paths)
            del theirs["profiles"][name]
            assert read == theirs
            assert list(read["profiles"]) == list(theirs["profiles"])
        home.editor.undo()
        assert home.contents() == before


@THOROUGH
@given(config=MARKED, credentials=st.just("") | FILES | TAME_FILES, new=NEW_NAMES, data=st.data())
def test_renaming_a_profile_changes_headers_and_references_only(config, credentials, new, data):
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        home = Home(folder, config, credentials)
        names = home.names()
        assume(names)
        name = data.draw(st.sampled_from(names))
        before, theirs = home.contents(), botocores(*home.paths)
        try:
            home.editor.apply(operations.rename(name, new))
        except XswitchError:
            event("refused")
            assert home.contents() == before
            return
        event("renamed")
        for old, after in zip(before, home.contents(), strict=True):
            gone, come = changed_lines(old, after)
            assert len(gone) == len(come)
            assert all("[" in line or "source_profile" in line.lower() for line in gone)
        if theirs is not None:
            read = botocores(*home.paths)
            expected = {
                new if each == name else each: {
                    key: new if key == "source_profile" and value == name else value
                    for key, value in values.items()
                }
                for each, values in theirs["profiles"].items()
            }
            assert read == {**theirs, "profiles": expected}
            assert list(read["profiles"]) == list(expected)
        home.editor.undo()
        assert home.contents() == before


@THOROUGH
@given(config=MARKED, credentials=st.just("") | FILES | TAME_FILES, new=NEW_NAMES, data=st.data())
def test_a_copy_has_everything_of_its_original_which_stays_as_it_is(config, credentials, new, data):
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        home = Home(folder, config, credentials)
        names = home.names()
        assume(names)
        name = data.draw(st.sampled_from(names))
        before, theirs = home.contents(), botocores(*home.paths)
        try:
            home.editor.apply(operations.copy(name, new))
        except XswitchError:
            event("refused")
            assert home.contents() == before
            return
        event("copied")
        assert all(after.startswith(old) for old, after in zip(before, home.contents(), strict=True))
        if theirs is not None:
            read = botocores(*home.paths)
            assert read["profiles"].pop(new) == theirs["profiles"][name]
            assert read == theirs
        home.editor.undo()
        assert home.contents() == before


@THOROUGH
@given(config=TAME_FILES, data=st.data())
def test_what_people_have_is_never_refused(config, data):
    """Nothing is indented but nested blocks, and botocore reads the file: then every edit is possible."""
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        config = "\n".join(
            line.strip() if line.strip()[:4] not in {"sub ", "# c", "Sub2"} else line
            for line in config.split("\n")
        )
        home = Home(folder, config, "")
        theirs = botocores(*home.paths)
        read = read_profiles(home.locations)
        names = home.names()
        assume(theirs is not None and names and not read.files.replaced)
        assume(not any(isinstance(profile.text("s3"), str) for profile in read))
        name = data.draw(st.sampled_from(names))
        home.editor.apply(operations.edit(name, {"region": "eu-north-1", "s3.new": "1"}))
        home.editor.apply(operations.copy(name, "another"))
        home.editor.apply(operations.rename("another", "and another"))
        home.editor.apply(operations.remove("and another"))
        home.editor.apply(operations.remove(name, with_dependents=True))
        assert Counter(home.names()) < Counter(names)


@pytest.mark.parametrize("locale", ["C", "en_US.ISO-8859-1"])
def test_the_locale_does_not_change_what_is_written(locale, monkeypatch, tmp_path):
    monkeypatch.setenv("LC_ALL", locale)
    home = Home(str(tmp_path), "[profile é]\nregion = x\n", "")
    home.editor.apply(operations.edit("é", {"region": "eu-north-1"}))
    assert home.contents()[0] == "[profile é]\nregion = eu-north-1\n".encode()
    assert not os.path.exists(tmp_path / "undo.json")
