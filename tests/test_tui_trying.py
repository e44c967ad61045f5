"""Assuming a role from its form before the profile is written, against a real server."""

from __future__ import annotations

import pytest
from screens import box_of, burst, press, settle, text_of, told, until
from signing import MFA, code_screen, device_screen, everything_under, go, run

from xswitch.tui.screens.main import MainScreen
from xswitch.tui.screens.role import NewRoleScreen

pytest_plugins = ["signing_setup"]
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("environ")]

ARN = "arn:aws:iam::222222222222:role/New"


@pytest.fixture
def files(home):
    """What the two files hold."""
    return lambda: [(home / ".aws" / name).read_bytes() for name in ("config", "credentials")]


async def write(pilot, text):
    burst(pilot.app, text)
    await settle(pilot)


async def new_role(pilot, source, arn=ARN):
    go(pilot.app, source)
    await press(pilot, "n")
    await write(pilot, arn)


async def test_a_role_is_assumed_as_the_profile_would_be_and_nothing_is_written(ui, aws_server, files):
    before = files()
    app = ui()
    async with run(app) as pilot:
        await new_role(pilot, "keys")
        app.screen.set_focus(app.screen.rows["external_id"].input)
        await write(pilot, "abc")
        app.screen.set_focus(app.screen.rows["role_session_name"].input)
        await write(pilot, "somebody")
        await press(pilot, "ctrl+t")
        await until(pilot, lambda: f"✓ assumed {ARN}, session until " in box_of(app))
        assert isinstance(app.screen, NewRoleScreen)
        assert files() == before
        (request,) = aws_server.requests()
        assert request["parameters"]["ExternalId"] == "abc"
        assert request["parameters"]["RoleSessionName"] == "somebody"
        await press(pilot, "ctrl+s")
        await until(pilot, "done: add role")
        # It has its session already.
        assert app.screen.profile_tree.profile.name == "ops-new"
        assert "59m" in text_of(app)
    assert aws_server.actions() == ["AssumeRole"]


async def test_an_edited_role_is_assumed_as_it_would_be(ui, aws_server, files):
    before = files()
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "e")
        app.screen.set_focus(app.screen.rows["role_arn"].input)
        await press(pilot, "end", *["backspace"] * 3)
        await write(pilot, "Other")
        await press(pilot, "ctrl+t")
        arn = "arn:aws:iam::222222222222:role/Other"
        await until(pilot, lambda: f"✓ assumed {arn}" in box_of(app))
    assert files() == before
    assert [request["parameters"]["RoleArn"] for request in aws_server.requests()] == [arn]


async def test_what_aws_refuses_is_said_in_the_form_with_what_to_do_and_it_can_be_tried_again(ui, aws_server):
    refusal = {"status": 403, "code": "AccessDenied", "message": "no [/foo]"}
    aws_server.control(fail={"AssumeRole": refusal})
    app = ui()
    async with run(app) as pilot:
        await new_role(pilot, "keys")
        await press(pilot, "ctrl+t")
        await until(pilot, lambda: "✗ " in box_of(app))
        assert "ops-new" in box_of(app)
        assert app.screen.rows["role_arn"].input.value == ARN
        aws_server.control(fail={})
        await press(pilot, "ctrl+t")
        await until(pilot, lambda: f"✓ assumed {ARN}" in box_of(app))
        await press(pilot, "x")
        assert "✓" not in box_of(app)


async def test_what_is_wrong_is_shown_and_not_tried(ui, aws_server):
    app = ui()
    async with run(app) as pilot:
        await new_role(pilot, "keys", "arn:aws")
        await press(pilot, "ctrl+t")
        assert "✗ the ARN is not whole" in box_of(app)
    assert aws_server.actions() == []


async def test_nothing_changed_in_an_edit_is_nothing_to_test(ui, aws_server):
    app = ui()
    async with run(app) as pilot:
        go(app, "ops")
        await press(pilot, "e", "ctrl+t")
        assert "there is nothing to test yet" in box_of(app)
        await press(pilot, "escape")
        go(app, "keys")
        await press(pilot, "e", "ctrl+t")
        assert "Test" not in box_of(app)
    assert aws_server.actions() == []


async def test_an_mfa_code_is_asked_for_over_the_form(ui, aws_server, files):
    before = files()
    app = ui()
    async with run(app) as pilot:
        await new_role(pilot, "keys")
        app.screen.set_focus(app.screen.rows["mfa_serial"].input)
        await write(pilot, MFA)
        await press(pilot, "ctrl+t")
        await code_screen(pilot)
        await press(pilot, *"123456")
        await until(pilot, lambda: f"✓ assumed {ARN}" in text_of(app))
        assert isinstance(app.screen, NewRoleScreen)
    assert files() == before
    assert aws_server.actions() == ["GetSessionToken", "AssumeRole"]


async def test_a_code_that_is_not_given_ends_the_test_and_not_the_form(ui):
    app = ui()
    async with run(app) as pilot:
        await new_role(pilot, "keys")
        app.screen.set_focus(app.screen.rows["mfa_serial"].input)
        await write(pilot, MFA)
        await press(pilot, "ctrl+t")
        await code_screen(pilot)
        await press(pilot, "escape")
        assert isinstance(app.screen, NewRoleScreen)
        assert "assuming the role" not in box_of(app)
        assert app.screen.rows["role_arn"].input.value == ARN


async def test_a_source_that_is_signed_out_of_sso_is_signed_in(ui, aws_server):
    app = ui()
    async with run(app) as pilot:
        await new_role(pilot, "corp-dev")
        await press(pilot, "ctrl+t")
        await device_screen(pilot)
        aws_server.control(sso_confirm=True)
        await until(pilot, lambda: f"✓ assumed {ARN}" in text_of(app))


async def test_escape_stops_the_test_and_the_next_one_begins_to_close(ui, gate, home):
    app = ui()
    async with run(app) as pilot:
        await new_role(pilot, "keys")
        await press(pilot, "ctrl+t")
        await until(pilot, gate.is_asked)
        assert "assuming the role … esc stops that" in box_of(app)
        await press(pilot, "x", "backspace")
        assert "assuming the role … esc stops that" in box_of(app)
        await press(pilot, "escape")
        assert "the test was stopped" in box_of(app)
        gate.open()
        await press(pilot, "escape")
        assert "esc again discards" in box_of(app)
        assert "✓" not in box_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, MainScreen)


async def test_a_test_that_runs_does_not_keep_the_profile_from_being_saved(ui, gate):
    app = ui()
    async with run(app) as pilot:
        await new_role(pilot, "keys")
        await press(pilot, "ctrl+t")
        await until(pilot, gate.is_asked)
        await press(pilot, "ctrl+s")
        await until(pilot, "done: add role ops-new")
        gate.open()
        await settle(pilot)
        assert isinstance(app.screen, MainScreen)


async def test_a_program_that_gives_the_credentials_gets_the_terminal(ui, home, lent, aws_server, user):
    key, secret = user
    document = f'{{"Version": 1, "AccessKeyId": "{key}", "SecretAccessKey": "{secret}"}}'
    (home / "keys.json").write_text(document)
    with (home / ".aws/config").open("a") as file:
        file.write(f"[profile tool]\ncredential_process = cat {home}/keys.json\nregion = eu-west-1\n")
    app = ui()
    async with run(app) as pilot:
        await new_role(pilot, "tool")
        await press(pilot, "ctrl+t")
        await until(pilot, lambda: f"✓ assumed {ARN}" in box_of(app))
        assert [what for what, _, _ in lent] == ["ops-new: testing"]
    assert aws_server.actions() == ["AssumeRole"]


async def test_no_secret_of_a_test_is_anywhere_but_in_the_caches(ui, home, user):
    app = ui()
    async with run(app) as pilot:
        await new_role(pilot, "keys")
        await press(pilot, "ctrl+t")
        await until(pilot, lambda: f"✓ assumed {ARN}" in box_of(app))
        assert user[1] not in text_of(app) + told(app) + app.export_screenshot()
    found = [path for path, data in everything_under(home).items() if user[1].encode() in data]
    assert found == [home / ".aws/credentials"]
