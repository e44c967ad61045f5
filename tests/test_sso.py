"""Signing in to SSO and out, against a stand-in of its services, and sharing that with the real AWS CLIs."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import urllib.request
from datetime import UTC, datetime, timedelta
from hashlib import sha1

import pytest
from awshome import read_profiles_in, write_profiles
from running import CANARY, XSWITCH, Terminal, json_of, run_xswitch

from xswitch.errors import ExitStatus, XswitchError
from xswitch.locations import Locations
from xswitch.sessions.interaction import Cancelled, Interaction
from xswitch.sessions.sso import sign_in_sso, sign_out_sso
from xswitch.timestamps import parse_time, utc_now

pytestmark = pytest.mark.slow

START = "https://corp.example.com/start"
CONFIG = f"""\
[profile corp]
sso_session = corp
sso_account_id = 444444444444
sso_role_name = Reader
region = eu-west-1
[sso-session corp]
sso_start_url = {START}
sso_region = us-east-1
sso_registration_scopes = sso:account:access, openid
[profile legacy]
sso_start_url = {START}
sso_region = us-east-1
sso_account_id = 444444444444
sso_role_name = Reader
region = eu-west-1
[profile only-token]
sso_session = corp
[profile keys]
aws_access_key_id = AKIAKEYS
aws_secret_access_key = secret
"""
KEYS = {"corp": sha1(b"corp").hexdigest(), "legacy": sha1(START.encode()).hexdigest()}
BOTH = pytest.mark.parametrize("name", ["corp", "legacy"])


class Person(Interaction):
    """Who notes what was shown and how long was waited, without waiting."""

    def __init__(self) -> None:
        self.devices = []
        self.waited = []

    def has_person(self):
        return True

    def show_device(self, device):
        self.devices.append(device)

    def pause(self, seconds):
        self.waited.append(seconds)


class Setup:
    """A home whose SSO is the server."""

    def __init__(self, server, folder) -> None:
        self.server = server
        self.folder = folder
        self.cache = folder / "sso/cache"
        self.env = server.environment(folder.parent)

    def profile(self, name="corp"):
        return read_profiles_in(self.folder)[name]

    def sign_in(self, name="corp", person=None, **options):
        """Sign in; return the person and when the token ends."""
        person = person or Person()
        return person, sign_in_sso(self.profile(name), Locations(os.environ), person, **options)

    def refusal(self, name="corp", person=None):
        """Return how a sign-in fails."""
        with pytest.raises(XswitchError) as caught:
            self.sign_in(name, person)
        assert CANARY not in f"{caught.value.message} {caught.value.hint} {caught.value.raw}"
        return caught.value

    def sign_out(self, name="corp"):
        return sign_out_sso(self.profile(name), Locations(os.environ))

    def token_file(self, name="corp"):
        return self.cache / f"{KEYS[name]}.json"

    def token(self, name="corp"):
        return json.loads(self.token_file(name).read_text())

    def change_token(self, name="corp", **changes):
        self.token_file(name).write_text(json.dumps({**self.token(name), **changes}))

    def registration_file(self):
        [path] = set(self.cache.iterdir()) - {self.token_file(), self.token_file("legacy")}
        return path

    def aws(self, aws, *arguments):
        """Run the AWS CLI; return what it said."""
        done = subprocess.run([aws, *arguments], env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def asked(self):
        """Return the actions since the last call. What the server was told to do stays."""
        actions = self.server.actions()
        self.server.forget()
        return actions


@pytest.fixture
def setup(aws_server, aws_folder, monkeypatch):
    write_profiles(aws_folder, CONFIG)
    aws_server.clear()
    setup = Setup(aws_server, aws_folder)
    for name, value in setup.env.items():
        monkeypatch.setenv(name, value)
    yield setup
    aws_server.clear()


def ago(minutes):
    return f"{datetime.now(UTC) - timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


# --- the token -----------------------------------------------------------------------------------


def test_a_sign_in_keeps_what_the_aws_cli_keeps(setup):
    person, ends = setup.sign_in()
    assert setup.asked() == ["RegisterClient", "StartDeviceAuthorization", "CreateToken", "CreateToken"]
    [device] = person.devices
    assert device.url == f"{setup.server.url}/device"
    assert device.complete_url == f"{device.url}?user_code={device.code}"
    assert 590 < (device.expires_at - utc_now()).total_seconds() <= 600
    token = setup.token()
    assert list(token) == [
        *("startUrl", "region", "accessToken", "expiresAt"),
        *("clientId", "clientSecret", "registrationExpiresAt", "refreshToken"),
    ]
    assert (token["startUrl"], token["region"]) == (START, "us-east-1")
    assert parse_time(token["expiresAt"]) == ends.replace(microsecond=0)
    registration = json.loads(setup.registration_file().read_text())
    assert registration == {
        "clientId": token["clientId"],
        "clientSecret": token["clientSecret"],
        "expiresAt": token["registrationExpiresAt"],
        "scopes": ["sso:account:access", "openid"],
    }


def test_a_start_url_without_a_session_is_signed_in_to_as_of_old(setup):
    setup.sign_in("legacy")
    assert "refreshToken" not in setup.token("legacy")
    assert set(json.loads(setup.registration_file().read_text())) == {"clientId", "clientSecret", "expiresAt"}
    [register] = [request for request in setup.server.requests() if request["action"] == "RegisterClient"]
    assert "scopes" not in register["parameters"]


@BOTH
def test_only_its_user_can_read_what_is_kept(setup, name):
    before = os.umask(0)
    try:
        setup.sign_in(name)
    finally:
        os.umask(before)
    paths = [setup.folder / "sso", setup.cache, *setup.cache.iterdir()]
    assert {oct(path.stat().st_mode & 0o777) for path in paths[:2]} == {"0o700"}
    assert {oct(path.stat().st_mode & 0o777) for path in paths[2:]} == {"0o600"}


@BOTH
def test_a_token_with_a_quarter_of_an_hour_left_is_used_unless_forced(setup, name):
    setup.sign_in(name)
    setup.change_token(name, expiresAt=ago(-16))
    setup.asked()
    person, ends = setup.sign_in(name)
    assert ends == parse_time(setup.token(name)["expiresAt"])
    assert (person.devices, setup.asked()) == ([], [])
    person, ends = setup.sign_in(name, force=True)
    assert len(person.devices) == 1
    assert setup.asked() == ["StartDeviceAuthorization", "CreateToken", "CreateToken"]
    assert (ends - utc_now()).total_seconds() > 7 * 3600


@pytest.mark.parametrize("minutes", [5, -12])
def test_a_token_near_or_past_its_end_is_renewed_without_a_page(setup, minutes):
    setup.sign_in()
    setup.change_token(expiresAt=ago(minutes))
    before = setup.token()
    setup.asked()
    person, ends = setup.sign_in()
    assert (person.devices, setup.asked()) == ([], ["CreateToken"])
    after = setup.token()
    assert parse_time(after["expiresAt"]) == ends.replace(microsecond=0)
    assert (ends - utc_now()).total_seconds() > 7 * 3600
    assert after["accessToken"] != before["accessToken"]
    assert after["refreshToken"] != before["refreshToken"]
    assert oct(setup.token_file().stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize(
    "changes",
    [
        {"refreshToken": "not one"},
        {"registrationExpiresAt": ago(1)},
        {"registrationExpiresAt": "soon"},
        {"clientSecret": None},
        {"startUrl": "https://moved.example.com/start"},
    ],
)
def test_where_a_token_cannot_be_renewed_the_page_is_shown(setup, changes):
    setup.sign_in()
    setup.change_token(expiresAt=ago(5), **changes)
    person, _ = setup.sign_in()
    assert len(person.devices) == 1
    assert setup.token()["startUrl"] == START


def test_a_token_without_a_session_is_never_renewed_but_signed_in_again(setup):
    setup.sign_in("legacy")
    setup.change_token("legacy", expiresAt=ago(5))
    person, _ = setup.sign_in("legacy")
    assert len(person.devices) == 1


def test_a_token_for_another_start_url_is_none(setup):
    setup.sign_in()
    setup.change_token(startUrl="https://moved.example.com/start")
    person, _ = setup.sign_in()
    assert len(person.devices) == 1


def test_corrupt_files_are_signed_in_over(setup):
    setup.sign_in()
    for path in setup.cache.iterdir():
        path.write_text(path.read_text()[:20])
    setup.asked()
    setup.sign_in()
    assert setup.asked()[:2] == ["RegisterClient", "StartDeviceAuthorization"]
    assert "accessToken" in setup.token()


# --- waiting for the user ------------------------------------------------------------------------


def test_it_asks_again_until_the_page_is_confirmed(setup):
    setup.server.control(device="approve-after-3-polls")
    person, _ = setup.sign_in()
    assert setup.asked().count("CreateToken") == 4
    assert person.waited == [1, 1, 1, 1]


def test_opening_the_page_is_what_confirms_it(setup):
    class Visitor(Person):
        page = ""

        def pause(self, seconds):
            super().pause(seconds)
            if len(self.waited) == 2:
                opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
                self.page = opener.open(self.devices[0].complete_url, timeout=20).read().decode()

    setup.server.control(device="page")
    visitor = Visitor()
    setup.sign_in(person=visitor)
    assert "Signed in" in visitor.page
    assert visitor.waited == [1, 1]


def test_told_to_slow_down_it_waits_five_seconds_more(setup):
    setup.server.control(device="slow")
    person, _ = setup.sign_in()
    assert person.waited == [1, 1, 6]


@pytest.mark.parametrize(
    ("device", "said"), [("denied", "was denied in the browser"), ("expired", "was not confirmed in time")]
)
def test_a_sign_in_that_ends_badly_is_one_sentence(setup, device, said):
    setup.server.control(device=device)
    error = setup.refusal()
    assert error.message == f"the sign-in to corp {said}"
    assert error.hint
    assert not setup.token_file().exists()


def test_a_page_that_is_over_is_not_asked_for_any_more(setup):
    body = {"deviceCode": "d", "userCode": "u", "verificationUri": START, "expiresIn": 0}
    setup.server.control(answer={"StartDeviceAuthorization": {"body": json.dumps(body)}})
    person = Person()
    assert "not confirmed in time" in setup.refusal(person=person).message
    assert person.devices[0].complete_url == START
    assert setup.asked() == ["RegisterClient", "StartDeviceAuthorization"]


def test_it_can_be_cancelled_while_it_waits(setup):
    class Impatient(Person):
        def pause(self, seconds):
            super().pause(seconds)
            if len(self.waited) == 3:
                raise Cancelled

    setup.server.control(device="never")
    error = setup.refusal(person=Impatient())
    assert error.status == ExitStatus.INTERRUPTED
    assert setup.asked().count("CreateToken") == 2
    assert not setup.token_file().exists()


def test_where_nobody_can_be_shown_a_page_a_sentence_says_so(setup):
    error = setup.refusal(person=Interaction())
    assert error.message == "signing in to SSO needs a person"


def test_two_that_want_the_same_sign_in_show_one_page(setup):
    setup.server.control(device="approve-after-2-polls", delay={"CreateToken": 0.1})
    people = [Person(), Person(), Person()]
    threads = [threading.Thread(target=setup.sign_in, args=("corp", person)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(person.devices) for person in people) == 1
    assert setup.asked().count("StartDeviceAuthorization") == 1


@pytest.mark.parametrize("field", ["verificationUri", "verificationUriComplete"])
@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ms-settings:privacy",
        "https://",
        "-e https://example.com",
        "https://example.com/\x1b[2J",
        "https://example.com/\n--new-window",
        "https://exämple.com/",
    ],
)
def test_an_address_that_is_no_web_page_is_refused(setup, field, address):
    setup.server.control(verification={field: address})
    person = Person()
    error = setup.refusal(person=person)
    assert "no web page" in error.message
    assert error.message.isprintable()
    assert person.devices == []


# --- the client's registration -------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [1, -10])
def test_a_registration_that_ends_is_made_anew(setup, minutes):
    expires = ago(minutes)
    setup.sign_in()
    path = setup.registration_file()
    path.write_text(json.dumps({**json.loads(path.read_text()), "expiresAt": expires}))
    setup.asked()
    setup.sign_in(force=True)
    assert setup.asked()[0] == "RegisterClient"
    assert setup.registration_file() == path


def test_a_registration_that_aws_does_not_know_is_made_anew_once(setup):
    setup.sign_in()
    path = setup.registration_file()
    path.write_text(json.dumps({**json.loads(path.read_text()), "clientSecret": f"{CANARY} gone"}))
    setup.asked()
    setup.sign_in(force=True)
    assert setup.asked()[:3] == ["StartDeviceAuthorization", "RegisterClient", "StartDeviceAuthorization"]
    refusal = {"status": 400, "code": "UnauthorizedClientException", "message": "no"}
    setup.server.control(fail={"StartDeviceAuthorization": refusal})
    with pytest.raises(XswitchError) as caught:
        setup.sign_in(force=True)
    assert "SSO refused StartDeviceAuthorization for corp" in caught.value.message
    assert setup.asked().count("RegisterClient") == 1


# --- refusals ------------------------------------------------------------------------------------


def test_a_start_url_that_aws_does_not_know_is_named_with_its_place(setup):
    write_profiles(setup.folder, CONFIG.replace(START, "http://plain.example.com"))
    error = setup.refusal()
    assert error.message == "SSO in us-east-1 does not know the start URL of corp"
    assert "(~/.aws/config:2)" in error.hint
    assert "(~/.aws/config:11)" in setup.refusal("legacy").hint


def test_other_refusals_name_the_call_and_keep_what_aws_said(setup):
    refusal = {"status": 400, "code": "InvalidScopeException", "message": "no\x1b[31m such scope"}
    setup.server.control(fail={"RegisterClient": refusal})
    error = setup.refusal()
    assert error.message == "SSO refused RegisterClient for corp: InvalidScopeException"
    assert "InvalidScopeException" in error.raw
    assert error.raw.isprintable()


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("RegisterClient", "<html>sign in to this network</html>"),
        ("RegisterClient", '{"clientId": "c", "clientSecret": "s", "clientSecretExpiresAt": 1e99}'),
        ("StartDeviceAuthorization", "{}"),
        ("StartDeviceAuthorization", '{"verificationUri": "https://example.com/"}'),
        ("CreateToken", ""),
        ("CreateToken", '{"accessToken": "t"}'),
    ],
)
def test_an_answer_that_is_none_of_ssos_is_one_sentence(setup, operation, body):
    setup.server.control(answer={operation: {"body": body}})
    person = Person()
    error = setup.refusal(person=person)
    assert error.message.startswith(f"SSO did not answer {operation} as it should (")
    assert len(person.devices) == (operation == "CreateToken")
    assert not setup.token_file().exists()


def test_a_fault_during_a_sign_in_is_not_told_as_a_refusal_of_sso(setup):
    class Unfinished(Person):
        show_device = None

    with pytest.raises(TypeError):
        setup.sign_in(person=Unfinished())


def test_an_sso_that_cannot_be_reached_is_one_sentence(setup, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    error = setup.refusal()
    assert error.message == "SSO could not be reached in us-east-1: no connection at http://127.0.0.1:9"
    assert "sso_region (~/.aws/config:2)" in error.hint


def test_an_sso_without_a_secure_connection_names_the_bundle(setup, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", setup.server.url.replace("http:", "https:"))
    error = setup.refusal()
    assert "in us-east-1: no secure connection (WRONG_VERSION_NUMBER" in error.message
    assert "AWS_CA_BUNDLE or AWS_ENDPOINT_URL" in error.hint


def test_what_is_no_region_is_named_with_its_place(setup):
    write_profiles(setup.folder, CONFIG.replace("us-east-1", "us east/1"))
    error = setup.refusal()
    assert error.message == "us east/1 is no region"
    assert "~/.aws/config:2" in error.hint


@pytest.mark.parametrize("key", ["sso_region", "sso_start_url"])
def test_a_setting_that_is_missing_is_named_with_its_place(setup, key):
    lines = [line for line in CONFIG.splitlines() if not line.startswith(f"{key} =")]
    write_profiles(setup.folder, "\n".join(lines))
    error = setup.refusal("only-token")
    place = [number for number, line in enumerate(lines, 1) if line == "sso_session = corp"][-1]
    assert error.message == f"[sso-session corp] has no {key} (~/.aws/config:{place})"


def test_a_session_that_does_not_exist_is_named_with_its_place(setup):
    write_profiles(setup.folder, CONFIG.replace("[sso-session corp]", "[sso-session other]"))
    error = setup.refusal()
    assert error.message == "the SSO session corp does not exist (~/.aws/config:2)"


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_asked(setup):
    setup.cache.parent.mkdir()
    setup.cache.write_text("a file")
    person = Person()
    assert "~/.aws/sso/cache: the sign-in cannot be kept" in setup.refusal(person=person).message
    assert (person.devices, setup.asked()) == ([], [])


# --- with the AWS CLIs ---------------------------------------------------------------------------


@BOTH
def test_the_aws_cli_uses_a_sign_in_of_xswitch(setup, aws, name):
    setup.sign_in(name)
    setup.asked()
    identity = json.loads(setup.aws(aws, "sts", "get-caller-identity", "--profile", name, "--output", "json"))
    assert "AWSReservedSSO_Reader_" in identity["Arn"]
    assert setup.asked() == ["GetRoleCredentials", "GetCallerIdentity"]


@BOTH
def test_xswitch_uses_a_sign_in_of_the_aws_cli(setup, aws_v2, name):
    setup.aws(aws_v2, "sso", "login", "--profile", name, "--no-browser")
    setup.asked()
    person, ends = setup.sign_in(name)
    assert (person.devices, setup.asked()) == ([], [])
    assert ends == parse_time(setup.token(name)["expiresAt"])
    assert run_xswitch("run", name, "--", "true", env=setup.env).returncode == 0
    assert setup.asked() == ["GetRoleCredentials"]


def test_a_sign_in_of_the_aws_cli_is_renewed_by_xswitch(setup, aws_v2):
    setup.aws(aws_v2, "sso", "login", "--profile", "corp", "--no-browser")
    setup.change_token(expiresAt=ago(5))
    setup.asked()
    person, _ = setup.sign_in()
    assert (person.devices, setup.asked()) == ([], ["CreateToken"])


@BOTH
def test_both_use_the_registration_of_the_other(setup, aws_v2, name):
    setup.aws(aws_v2, "sso", "login", "--profile", name, "--no-browser")
    setup.asked()
    setup.sign_in(name, force=True)
    assert "RegisterClient" not in setup.asked()
    for path in setup.cache.iterdir():
        path.unlink()
    setup.sign_in(name)
    setup.asked()
    setup.aws(aws_v2, "sso", "login", "--profile", name, "--no-browser")
    assert "RegisterClient" not in setup.asked()


# --- as a command --------------------------------------------------------------------------------


def test_login_shows_the_code_and_where_to_go_and_no_secret(setup):
    terminal = Terminal([XSWITCH, "login", "corp", "--no-browser"], setup.env)
    terminal.until("confirm the code")
    assert f"{setup.server.url}/device" in terminal.text
    assert terminal.end() == 0
    secrets = [value for key, value in setup.token().items() if key in {"accessToken", "clientSecret"}]
    assert not [secret for secret in secrets if secret in terminal.text]
    [listed] = [entry for entry in json_of("list", "--json", env=setup.env) if entry["name"] == "corp"]
    assert listed["session"]["state"] == "valid"


def test_ctrl_c_ends_the_waiting_and_keeps_nothing(setup):
    setup.server.control(device="never")
    terminal = Terminal([XSWITCH, "login", "corp", "--no-browser"], setup.env)
    terminal.until("waiting for the browser")
    terminal.type("\x03")
    assert terminal.end() == ExitStatus.INTERRUPTED
    assert not setup.token_file().exists()


# --- out -----------------------------------------------------------------------------------------


@BOTH
def test_signing_out_ends_the_token_and_removes_its_file_only(setup, name, aws_v2):
    setup.sign_in(name)
    setup.aws(aws_v2, "sts", "get-caller-identity", "--profile", name)
    others = {path for path in setup.folder.rglob("*") if path.is_file()} - {setup.token_file(name)}
    token = setup.token(name)
    setup.asked()
    assert setup.sign_out(name) == ""
    assert setup.asked() == ["Logout"]
    assert {path for path in setup.folder.rglob("*") if path.is_file()} == others
    setup.token_file(name).write_text(json.dumps(token))
    for path in (setup.folder / "cli/cache").iterdir():
        path.unlink()
    done = run_xswitch("run", name, "--", "true", env=setup.env)
    assert done.returncode == 1
    assert setup.sign_out(name) == ""  # AWS knows it no more, which is as good


def test_without_a_sign_in_there_is_nothing_to_sign_out_of(setup):
    assert [setup.sign_out(name) for name in ("corp", "legacy", "keys")] == ["", "", ""]
    assert setup.asked() == []


def test_a_portal_that_cannot_be_told_does_not_keep_the_token(setup, monkeypatch):
    setup.sign_in()
    setup.server.control(fail={"Logout": {"status": 400, "code": "InvalidRequestException"}})
    warning = setup.sign_out()
    assert warning == "signed out on this machine only: the portal refused (InvalidRequestException)"
    assert not setup.token_file().exists()
    setup.server.control()
    setup.sign_in()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    warning = setup.sign_out()
    assert warning.startswith("signed out on this machine only: the portal could not be told: no connection")
    assert not setup.token_file().exists()


@pytest.mark.parametrize("content", ["{", '{"clientId": "x", "expiresAt": "2099-01-01T00:00:00Z"}'])
def test_what_is_no_token_is_not_removed(setup, content):
    setup.cache.mkdir(parents=True)
    setup.token_file().write_text(content)
    warning = setup.sign_out()
    assert ("left as it is" in warning) == (content == "{")
    assert setup.token_file().read_text() == content
    assert setup.asked() == []
