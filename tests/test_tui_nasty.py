"""Odd names and values on every screen: nothing crashes, nothing is interpreted, columns stay in line."""

from __future__ import annotations

import os
import shlex
import time

import pytest
from rich.cells import cell_len
from screens import NOW, burst, lines_of, make_app, press, selected, settle, text_of, tree_of
from textual import events

from xswitch.launch.history import History
from xswitch.locations import Locations
from xswitch.sessions.interaction import CodeRequest, Device
from xswitch.sessions.overview import Overview
from xswitch.text import printable
from xswitch.tui.detail import heading_detail, profile_detail, wrapped
from xswitch.tui.lines import Columns, line_parts, widest_name
from xswitch.tui.rows import TreeModel
from xswitch.tui.screens.confirm import ConfirmScreen
from xswitch.tui.screens.device import DeviceScreen
from xswitch.tui.screens.message import MessageScreen
from xswitch.tui.screens.mfa import CodeScreen

pytestmark = pytest.mark.slow

NASTY = {
    "closing tag": "[/foo]",
    "bold tag": "[b]bold[/b]",
    "link tag": "[@click=app.quit]quit[/]",
    "open bracket": "[[[",
    "escape": "a\x1b[31mred\x1b[0m",
    "title sequence": "a\x1b]0;owned\x07b",
    "carriage return": "abc\rxyz",
    "bell and backspace": "a\x07b\x08\x08c",
    "tab": "a\tb",
    "other line ends": "a\x0b\x0c\x1c\x85\u2028b",
    "quotes": 'it\'s "quoted" `back`',
    "substitution": "$(touch owned) ${HOME} `id`",
    "300 characters": "n" * 300,
    "300 wide characters": "漢" * 300,
    "CJK": "本番環境",
    "emoji": "🚀prod👩‍👩‍👧‍👦",
    "combining": "e\u0301a\u0308\u0327z",
    "right to left": "שלום עולם",
    "override": "abc\u202edcba\u202c",
    "zero width": "a\u200bb\ufeffc",
    "bytes": b"\xff\xfe\x80caf\xe9",
    "nul": "a\x00b",
    "semicolon": "x; rm -rf /",
    "percent": "100%s %(home)s %d",
    "braces": "{0} {name} $name",
    "dashes": "--help",
    "slashes": "../../etc/passwd",
}


def encoded(text):
    return text if isinstance(text, bytes) else text.encode()


def plain(text):
    """Return the text as the files hold it: a line break would end the value."""
    return os.fsdecode(encoded(text)).replace("\r", " ")


def quoted(name):
    """Return the name as a section header must have it."""
    return shlex.quote(name).encode("utf-8", "surrogateescape")


def sections(text):
    """Return profiles of every kind with `text` in every field."""
    value = plain(text).encode("utf-8", "surrogateescape")
    kinds = ("below", "lost", "sso", "old-sso", "process", "metadata")
    names = {kind.encode(): quoted(f"{kind} {plain(text)}") for kind in kinds}
    return b"""\
[profile %(name)s]
role_arn = %(v)s
source_profile = default
region = %(v)s
external_id = %(v)s
role_session_name = %(v)s
[profile %(below)s]
role_arn = arn:aws:iam::222222222222:role/%(v)s
source_profile = %(v)s
%(v)s = %(v)s
s3 =
  %(v)s = %(v)s
[profile %(lost)s]
role_arn = arn:aws:iam::222222222222:role/R
source_profile = %(v)s gone
[profile %(sso)s]
sso_session = %(v)s
sso_account_id = %(v)s
sso_role_name = %(v)s
[profile %(old-sso)s]
sso_start_url = %(v)s
sso_account_name = %(v)s
sso_account_id = 222222222222
sso_role_name = R
sso_region = %(v)s
[sso-session %(name)s]
sso_start_url = %(v)s
sso_region = %(v)s
[profile %(process)s]
credential_process = %(v)s
[profile %(metadata)s]
role_arn = arn:aws:iam::222222222222:role/R
credential_source = %(v)s
""" % {b"v": value, b"name": quoted(plain(text)), **names}


def write_files(home, *texts):
    """Write the profiles of every text, over a default profile with the first text in its fields."""
    config = b"".join(sections(text) for text in texts)
    (home / ".aws/config").write_bytes(b"[default]\nregion = eu-west-1\n" + config)
    key = encoded(texts[0])
    (home / ".aws/credentials").write_bytes(
        b"[default]\naws_access_key_id = %(v)s\naws_secret_access_key = %(v)s\n" % {b"v": key}
    )


def assert_sane(app, width):
    """Nothing that acts on a terminal is on the screen, and no line is wider than it."""
    for strip in app.screen._compositor.render_strips():
        text = "".join(segment.text for segment in strip if not segment.control)
        assert text.isprintable(), text
        assert cell_len(text) == width, text
        assert not any(ord(char) in range(0x202A, 0x202F) for char in text)


@pytest.mark.parametrize("name", NASTY)
def test_every_row_and_detail_is_plain_text_in_its_columns(home, name):
    write_files(home, NASTY[name])
    model = TreeModel(Overview(Locations(os.environ)))
    rows = model.rows(NOW)
    assert len(rows) > 3
    for width in (40, 60, 80, 140):
        columns = Columns(width, widest_name(rows))
        for row in rows:
            parts = line_parts(row, model.cells(row, NOW), columns, model, active=False)
            line = "".join(text for text, _ in parts)
            assert line.isprintable()
            assert cell_len(line) == width
            assert printable(row.node.name)[:9] in line
    for row in rows:
        if row.node.profile is not None:
            lines = profile_detail(model, row.node.profile, {"AWS_ACCESS_KEY_ID": "A"}, NOW)
        else:
            lines = heading_detail(row.node, model.overview, NOW)
        text = wrapped(lines, 40).plain
        assert all(line.isprintable() and cell_len(line) <= 40 for line in text.split("\n"))


@pytest.mark.slow
@pytest.mark.parametrize("size", [(40, 10), (120, 36)])
async def test_every_row_is_shown_as_it_is(home, size):
    write_files(home, *NASTY.values())
    app = make_app({"AWS_PROFILE": "[/foo]"})
    async with app.run_test(size=size) as pilot:
        assert len(tree_of(app).rows) > 150
        await press(pilot, "g")
        for _ in range(len(tree_of(app).rows) // 5):
            await press(pilot, *"jjjjj")
            assert_sane(app, size[0])


@pytest.mark.slow
@pytest.mark.parametrize("key", ["x", "c", "d"])
async def test_every_dialog_stands_it(home, key):
    write_files(home, *NASTY.values())
    for text in NASTY.values():
        History(Locations(os.environ).state).add(os.fsdecode(encoded(text)))
    app = make_app()
    async with app.run_test(size=(60, 16)) as pilot:
        for text in NASTY.values():
            app.screen.go_to(plain(text))
            await press(pilot, key, "up")
            assert_sane(app, 60)
            await press(pilot, "up", "up")
            assert_sane(app, 60)
            await press(pilot, "escape")


@pytest.mark.parametrize(("size", "first"), [((40, 10), 0), ((110, 36), 1)])
async def test_every_dialog_of_signing_in_stands_it(home, size, first, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("BROWSER", raising=False)
    app = make_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        for odd in list(NASTY.values())[first::2]:
            text = os.fsdecode(encoded(odd))
            for dialog in (
                CodeScreen(text, CodeRequest(text, f"other {text}", text)),
                DeviceScreen(text, Device(text, f"https://{text}", text, NOW)),
                ConfirmScreen(f"Sign out: {printable(text)}", printable(text), "sign out"),
                MessageScreen(printable(text), printable(text), printable(text)),
            ):
                app.push_screen(dialog)
                await settle(pilot)
                assert_sane(app, size[0])
                await press(pilot, "escape")
            app.screen.say(printable(text))
            await settle(pilot)
            assert_sane(app, size[0])


async def test_the_palette_shows_every_name_as_it_is(home):
    write_files(home, *NASTY.values())
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for text in ("o", "["):
            await press(pilot, "ctrl+p", text)
            await pilot.pause(0.3)
            assert_sane(app, 80)
            await press(pilot, "escape")


@pytest.mark.slow
async def test_it_can_be_pasted_into_filter_command_and_palette(home):
    write_files(home, *NASTY.values())
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for text in list(NASTY.values())[::4]:
            for keys in (["slash"], ["escape", "escape", "x"], ["escape", "ctrl+p"]):
                await press(pilot, *keys)
                app._driver.process_message(events.Paste(os.fsdecode(encoded(text))))
                await settle(pilot)
            await press(pilot, "escape", "escape")


async def test_the_filter_finds_it_and_the_copy_menu_copies_it_unchanged(home):
    for text in ("[/foo]", 'it\'s "quoted"', "$(touch owned)", "本番環境", "x; rm -rf /", "{0} $name"):
        write_files(home, text)
        app = make_app()
        async with app.run_test(size=(80, 24)) as pilot:
            burst(app, f"/{text}\r")
            await settle(pilot)
            assert selected(app) in {text, "default"}
            app.screen.go_to(text)
            await settle(pilot)
            await press(pilot, "c", "enter")
            assert app.clipboard == text
            await press(pilot, "c", "end", "enter")
            assert app.clipboard == f"xswitch run {shlex.quote(text)} -- "


async def test_columns_stay_in_line_whatever_the_names(home):
    names = ["plain", "本番環境", "🚀 rocket", "x" * 60, "e\u0301e\u0301", "[b]bold[/b]", "a\tb"]
    config = "".join(
        f"[profile {name}]\naws_account_id = 222222222222\nregion = eu-west-1\n" for name in names
    )
    (home / ".aws/config").write_text(config)
    app = make_app()
    async with app.run_test(size=(120, 30)):
        starts = set()
        for strip in app.screen._compositor.render_strips():
            text = strip.text
            if "2222-2222-2222" in text and "·" not in text[:40].replace("· ", ""):
                starts.add(cell_len(text[: text.index("2222-2222-2222")]))
        assert len(starts) == 1


@pytest.mark.parametrize("name", ["closing tag", "escape", "override", "300 characters", "bytes"])
async def test_a_failure_that_quotes_it_is_shown_as_it_is(home, name):
    write_files(home, NASTY[name])

    def lend(what, prepare, *, wait):
        prepare()

    app = make_app(lend_terminal=lend)
    async with app.run_test(size=(80, 24), headless=False) as pilot:
        app.screen.go_to(f"lost {plain(NASTY[name])}")
        await press(pilot, "s")
        assert "That did not work" in text_of(app)
        assert_sane(app, 80)
        await press(pilot, "c")


@pytest.mark.slow
async def test_a_broken_line_with_odd_text_is_told_in_the_banner(home):
    for number, text in enumerate(NASTY.values()):
        (home / ".aws/config").write_bytes(
            b"[profile p]\nregion = x\n" + encoded(text).replace(b"=", b"") + b"\n"
        )
        app = make_app()
        async with app.run_test(size=(60, 16)):
            assert_sane(app, 60)
            assert "p" in text_of(app), number


# --- many ----------------------------------------------------------------------------------------


def write_many(home, count, section):
    config = "".join(section(number) for number in range(count))
    (home / ".aws/config").write_text(f"[default]\nregion = eu-west-1\n{config}")
    (home / ".aws/credentials").write_text("[default]\naws_access_key_id = AKIA\naws_secret_access_key = x\n")


@pytest.mark.slow
async def test_five_thousand_profiles_are_moved_through_filtered_and_folded_without_waiting(home):
    write_many(
        home,
        5000,
        lambda number: (
            f"[profile team-{number:04}]\nrole_arn = arn:aws:iam::{number:012}:role/R\n"
            "source_profile = default\n"
        ),
    )
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        started = time.monotonic()
        await press(pilot, "G")
        assert selected(app) == "team-4999"
        await press(pilot, "slash", *"team-42 !9")
        assert lines_of(app)[0].endswith("81/5001 profiles")
        await press(pilot, "enter", "escape", "g", "h")
        assert len(tree_of(app).rows) == 1
        await press(pilot, "l", "j")
        assert selected(app) == "team-0000"
        await press(pilot, "R", "ctrl+p", *"team-4321")
        await pilot.pause(0.5)
        await press(pilot, "enter")
        await pilot.pause(0.2)
        assert selected(app) == "team-4321"
        assert time.monotonic() - started < 20


@pytest.mark.slow
async def test_a_chain_of_a_thousand_is_shown_moved_through_filtered_folded_and_run(home):
    def section(number):
        source = "default" if number == 0 else f"hop-{number - 1:04}"
        arn = f"arn:aws:iam::222222222222:role/R{number}"
        return f"[profile hop-{number:04}]\nrole_arn = {arn}\nsource_profile = {source}\n"

    write_many(home, 1000, section)
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "G")
        assert selected(app) == "hop-0999"
        assert "hop-0999" in text_of(app)
        assert_sane(app, 100)
        await press(pilot, "slash", *"hop-0998", "enter")
        assert selected(app) == "hop-0998"
        await press(pilot, "escape", "g", "l", "h", "h")
        assert len(tree_of(app).rows) <= 2
        await press(pilot, "l", "d", "x", "escape", "c", "escape")
        assert_sane(app, 100)


@pytest.mark.slow
async def test_a_circle_of_sources_is_shown_with_its_reason(home):
    write_many(
        home,
        500,
        lambda number: (
            f"[profile c{number}]\nrole_arn = arn:aws:iam::222222222222:role/R\n"
            f"source_profile = c{(number + 1) % 500}\n"
        ),
    )
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "j")
        assert "circle" in text_of(app) or "cycle" in text_of(app)
        await press(pilot, "G", "slash", *"c250", "enter")
        assert "c250" in text_of(app)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (f"cli_pager = {'x' * 1_000_000}\n", "(1000000 characters)"),
        (f"cli_pager = {'ab ' * 300_000}\n", "(899999 characters)"),
        (f"cli_pager = {chr(1) * 1_000_000}\n", "(1000000 characters)"),
        (f"{'k' * 1_000_000} = 1\n", "…"),
        ("".join(f"key{number} = v\n" for number in range(3000)), "… and more"),
        ("s3 =\n" + "".join(f"  key{number} = v\n" for number in range(3000)), "… and more"),
    ],
    ids=["word", "words", "control characters", "key", "settings", "nested settings"],
)
async def test_the_detail_shows_as_much_of_what_is_very_long_as_can_be_wrapped_each_second(home, body, said):
    (home / ".aws/config").write_text(f"[profile long]\n{body}")
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        detail = app.screen.query_one("#detail Text")
        assert said in detail.visual.plain
        assert len(detail.visual.plain) < 20_000
