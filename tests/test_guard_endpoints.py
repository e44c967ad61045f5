"""An emulator of AWS names accounts of its own: what it says is not believed of AWS."""

from __future__ import annotations

import pytest
from guarding import REFUSED, write_settings
from running import json_of, run_xswitch

pytestmark = pytest.mark.slow

HERE, THERE = "111111111111", "222222222222"
ASK = "GetCallerIdentity"
ANSWER = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{0}:root</Arn><UserId>x</UserId>"
    "<Account>{0}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)


@pytest.fixture
def env(aws_server, home, under, user):
    """A home with the keys of a user, and an AWS that names another account for them, as an emulator does."""
    key, secret = user
    env = under(
        f"[profile dev]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\nregion = eu-west-1\n"
    )
    write_settings(home, f"[[guard]]\naccount_id = '{HERE}'\n")
    headers = {"Content-Type": "text/xml"}
    aws_server.control(answer={ASK: {"status": 200, "body": ANSWER.format(THERE), "headers": headers}})
    yield env
    aws_server.clear()


@pytest.mark.parametrize("how", ["variable", "ignored", "profile"])
def test_what_an_emulator_says_is_not_believed_of_aws(aws_server, home, env, how):
    config = home / ".aws/config"
    plain = config.read_text()
    emulator = {**env, "AWS_ENDPOINT_URL_STS": env["AWS_ENDPOINT_URL"]}
    if how == "profile":
        emulator = env
        config.write_text(f"{plain}endpoint_url = {env['AWS_ENDPOINT_URL']}\n")
    assert run_xswitch("run", "dev", "--", "true", env=emulator).returncode == 0
    assert run_xswitch("whoami", "dev", env=emulator).returncode == 0
    config.write_text(plain)
    aws_server.clear()
    if how == "ignored":
        env = {**emulator, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}
    assert run_xswitch("run", "dev", "--", "true", env=env).returncode == REFUSED
    [listed] = json_of("list", "dev", "--json", env=env)
    assert listed["account_id"] == HERE


def test_where_an_endpoint_may_stand_in_a_services_section_aws_is_asked_each_time(aws_server, home, env):
    config = home / ".aws/config"
    config.write_text(f"{config.read_text()}services = local\n[services local]\nsts =\n  max = 1\n")
    for _ in range(2):
        assert run_xswitch("run", "dev", "--", "true", env=env).returncode == 0
    assert aws_server.actions().count(ASK) == 2
