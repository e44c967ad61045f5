"""The web console: the address that signs in, how a browser gets it, and what must never be seen."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from awshome import SSO, read_profiles_in, write_profiles
from running import CANARY, SECRET, TOKEN, missing, run_xswitch, write_session

from xswitch.errors import UsageError, XswitchError
from xswitch.launch.console import console_address
from xswitch.launch.handover import _Server, hand_over, is_own
from xswitch.launch.prepare import Launcher
from xswitch.locations import Locations
from xswitch.sessions.federation import destination_url, partition_of_region
from xswitch.sessions.interaction import Interaction

CONFIG = f"""\
[profile keys]
region = eu-west-1
[profile role]
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = keys
region = eu-west-1
[profile china]
role_arn = arn:aws-cn:iam::222222222222:role/Admin
source_profile = keys
[profile gov]
role_arn = arn:aws-us-gov:iam::222222222222:role/Admin
source_profile = keys
region = us-gov-west-1
[profile secret]
role_arn = arn:aws-iso:iam::222222222222:role/Admin
source_profile = keys
[profile temporary]
region = eu-west-1
{SSO}"""

# Notes how it was called, and gets the page as a browser would.
BROWSER = f"""\
#!{sys.executable}
import json, os, sys, urllib.error, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({{}}))
def status(url):
    try:
        return opener.open(url).status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
other = status(sys.argv[1] + "x")
answer = opener.open(sys.argv[1])
seen = {{"argv": sys.argv[1:], "url": answer.url, "page": answer.read().decode(), "other": other}}
seen["again"] = status(sys.argv[1])
with open(os.environ["SEEN"] + ".tmp", "w") as file:
    json.dump(seen, file)
os.rename(file.name, os.environ["SEEN"])
"""


# --- which page ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("partition", "region", "service", "url"),
    [
        ("aws", None, None, "https://console.aws.amazon.com/console/home"),
        ("aws", "eu-west-1", None, "https://console.aws.amazon.com/console/home?region=eu-west-1"),
        ("aws", "eu-west-1", "s3", "https://console.aws.amazon.com/s3/home?region=eu-west-1"),
        ("aws", "eu-west-1", "cloudwatch", "https://console.aws.amazon.com/cloudwatch/home?region=eu-west-1"),
        ("aws", "eu-west-1", "dynamodb", "https://console.aws.amazon.com/dynamodbv2/home?region=eu-west-1"),
        ("aws", "eu-west-1", "iam", "https://console.aws.amazon.com/iam/home"),
        ("aws", "eu-west-1", "billing", "https://console.aws.amazon.com/billing/home"),
        ("aws-cn", "cn-north-1", "ec2", "https://console.amazonaws.cn/ec2/home?region=cn-north-1"),
        ("aws-us-gov", None, "ec2", "https://console.amazonaws-us-gov.com/ec2/home"),
        ("aws", "a&b=c#d", "ec2", "https://console.aws.amazon.com/ec2/home?region=a%26b%3Dc%23d"),
    ],
)
def test_the_page_is_that_of_the_service_in_the_region(partition, region, service, url):
    assert destination_url(partition, region, service) == url


@pytest.mark.parametrize("service", ["S3", "s3/home", "../x", "ec2?x", "é", "a b", "s3#"])
def test_what_is_no_service_is_a_fault_of_the_command_line(service):
    with pytest.raises(UsageError):
        destination_url("aws", None, service)


def test_the_console_of_a_partition_that_is_not_public_is_not_guessed():
    with pytest.raises(XswitchError) as caught:
        destination_url("aws-iso", None, None)
    assert "aws-iso" in caught.value.message


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        (None, "aws"),
        ("eu-west-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_a_region_tells_its_partition(region, partition):
    assert partition_of_region(region) == partition


# --- the address ---------------------------------------------------------------------------------


class Setup:
    """A home whose AWS, sign-in included, is the server."""

    def __init__(self, server, folder) -> None:
        self.server = server
        self.folder = folder
        self.env = server.environment(folder.parent)

    def console(self, *arguments, **variables):
        return run_xswitch("console", *arguments, env={**self.env, **variables})

    def address(self, *arguments, **variables):
        """Return the address that --print gives."""
        done = self.console(*arguments, "--print", **variables)
        assert (done.returncode, done.stderr) == (0, "")
        [line] = done.stdout.splitlines()
        return line

    def refusal(self, *arguments, **variables):
        """Return what a refused console says, and see that nothing secret is in it."""
        done = self.console(*arguments, **variables)
        assert (done.returncode, done.stdout) == (1, "")
        assert CANARY not in done.stderr
        assert "SigninToken" not in done.stderr
        assert "sessionId" not in done.stderr
        return done.stderr

    def cache(self, name):
        """Cache a session for a profile; the server does not know it."""
        write_session(self.folder.parent, read_profiles_in(self.folder)[name])


@pytest.fixture
def setup(aws_server, aws_folder, user):
    keys = "aws_access_key_id = {}\naws_secret_access_key = {}\n".format(*user)
    write_profiles(aws_folder, CONFIG, f"[keys]\n{keys}")
    aws_server.clear()
    yield Setup(aws_server, aws_folder)
    aws_server.clear()


def page_of(address):
    """Return what a browser shows there."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open(address, timeout=20).read().decode()


@pytest.mark.slow
def test_the_printed_address_signs_in_to_the_page(setup):
    address = setup.address("role", "--service", "s3")
    query = parse_qs(urlsplit(address).query)
    assert query["Action"] == ["login"]
    assert query["Issuer"] == ["xswitch"]
    assert query["Destination"] == ["https://console.aws.amazon.com/s3/home?region=eu-west-1"]
    assert "Here the console of arn:aws:sts::222222222222:assumed-role/Admin/" in page_of(address)
    assert setup.server.actions() == ["AssumeRole", "getSigninToken", "login"]
    [asked] = [request for request in setup.server.requests() if request["action"] == "getSigninToken"]
    assert set(asked["parameters"]) == {"Session"}
    assert set(json.loads(asked["parameters"]["Session"])) == {"sessionId", "sessionKey", "sessionToken"}


@pytest.mark.slow
def test_a_cached_session_is_enough(setup):
    setup.address("role")
    setup.server.forget()
    setup.address("role", "--region", "us-west-2")
    assert setup.server.actions() == ["getSigninToken"]


@pytest.mark.slow
def test_sso_profiles_have_a_console_too(setup):
    folder = setup.folder / "sso/cache"
    folder.mkdir(parents=True)
    token = {"startUrl": "https://corp.example.com/start", "accessToken": TOKEN}
    (folder / "ee0bfd2552fbd840c02cc48b6e823320543c450f.json").write_text(
        json.dumps({**token, "expiresAt": "2099-01-01T00:00:00Z", "region": "us-east-1"})
    )
    assert "444444444444:assumed-role/AWSReservedSSO_Reader_" in page_of(setup.address("sso"))


@pytest.mark.slow
def test_long_lived_keys_get_a_session_of_their_own_first(setup):
    assert ":federated-user/xswitch" in page_of(setup.address("keys"))
    federate, signin, _ = setup.server.requests()
    assert (federate["action"], signin["action"]) == ("GetFederationToken", "getSigninToken")
    [statement] = json.loads(federate["parameters"]["Policy"])["Statement"]
    assert statement == {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.mark.slow
def test_keys_that_may_not_federate_are_one_sentence(setup):
    setup.server.control(
        fail={"GetFederationToken": {"status": 403, "code": "AccessDenied", "message": "no"}}
    )
    assert "AWS refused GetFederationToken for keys: AccessDenied: no" in setup.refusal("keys", "--print")


@pytest.mark.slow
def test_a_session_without_a_role_is_refused_with_the_reason(setup, user):
    setup.cache("role")  # AWS does not know it either
    said = setup.refusal("role", "--print")
    assert "AWS does not open the web console with these credentials" in said
    assert "GetSessionToken" in said


@pytest.mark.slow
@pytest.mark.parametrize("debug", [[], ["--debug"]])
@pytest.mark.parametrize(
    "answer",
    [
        {"body": f"<html>{TOKEN}</html>"},
        {"body": "{}"},
        {"body": '["SigninToken"]'},
        {"body": '{"SigninToken": 5}'},
        {"body": ""},
        {"status": 302, "headers": {"Location": "/stolen"}},
        {"status": 500, "body": TOKEN},
        {"status": 400, "body": TOKEN},
    ],
)
def test_a_broken_answer_is_one_sentence_without_a_secret(setup, answer, debug):
    setup.cache("role")
    setup.server.control(answer={"getSigninToken": answer})
    said = setup.refusal("role", "--print", *debug)
    assert said.splitlines()[-1].startswith("xswitch: AWS")
    assert debug or len(said.splitlines()) == 1
    assert set(setup.server.actions()) == {"getSigninToken"}


@pytest.mark.slow
@pytest.mark.parametrize("debug", [[], ["--debug"]])
@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:9", "no address at all", "http://[", "https://127.0.0.1:9/"]
)
def test_a_sign_in_that_cannot_be_reached_is_one_sentence_without_a_secret(setup, base, debug):
    setup.cache("role")
    said = setup.refusal("role", "--print", *debug, AWS_ENDPOINT_URL_SIGNIN=base)
    assert "AWS's sign-in could not be reached" in said
    assert setup.server.actions() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["secret", "--print"], 1), (["role", "--print", "--service", "S3!"], 2), (["nope", "--print"], 1)],
)
def test_what_has_no_page_is_said_before_anything_is_asked(setup, arguments, status):
    done = setup.console(*arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert setup.server.actions() == []


def test_a_fault_on_the_way_to_the_address_is_not_told_as_a_refusal_of_aws(setup, aws_folder):
    class Forgetful(Launcher):
        def credentials(self, *_, **__):
            return None

    profiles, locations = read_profiles_in(aws_folder), Locations(os.environ)
    with pytest.raises(AttributeError):
        console_address("role", Forgetful(profiles, locations, {}, Interaction()), setup.env)


# --- the host ------------------------------------------------------------------------------------


@pytest.fixture
def proxy():
    """A proxy that refuses everything, and the hosts that it was asked for."""
    asked = []

    class Refuse(socketserver.StreamRequestHandler):
        def handle(self):
            asked.append(self.rfile.readline().split()[1].decode())
            while self.rfile.readline().strip():
                pass
            self.wfile.write(b"HTTP/1.0 502 No\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refuse) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("profile", "region", "host"),
    [
        ("role", "cn-north-1", "signin.aws.amazon.com"),
        ("china", "eu-west-1", "signin.amazonaws.cn"),
        ("gov", "us-gov-west-1", "signin.amazonaws-us-gov.com"),
        ("temporary", "cn-north-1", "signin.amazonaws.cn"),
        ("temporary", "eu-west-1", "signin.aws.amazon.com"),
    ],
)
def test_the_host_is_that_of_the_roles_partition_and_the_proxy_is_used(setup, proxy, profile, region, host):
    url, asked = proxy
    keys = f"aws_access_key_id = ASIAX\naws_secret_access_key = {SECRET}\naws_session_token = {TOKEN}\n"
    write_profiles(setup.folder, CONFIG, f"[temporary]\n{keys}[keys]\n{keys}")
    if profile != "temporary":
        setup.cache(profile)
    environ = {**os.environ, "HTTPS_PROXY": url, "AWS_EC2_METADATA_DISABLED": "true"}
    done = run_xswitch("console", profile, "--print", "--region", region, env=environ)
    assert asked == [f"{host}:443"]
    assert "AWS's sign-in could not be reached" in done.stderr
    assert CANARY not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("trusted", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "ca_bundle", ""])
def test_the_certificate_is_checked_against_the_bundle_that_is_set(setup, tmp_path, trusted):
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"SigninToken": "it"}')

        def log_message(self, *_):
            pass

    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
    more = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    try:
        subprocess.run([*make.split(), *more], check=True, capture_output=True)
    except FileNotFoundError:
        missing("openssl")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = HTTPServer(("127.0.0.1", 0), Answer)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    if trusted == "ca_bundle":
        config = CONFIG.replace("[profile role]\n", f"[profile role]\nca_bundle = {certificate}\n")
        (setup.folder / "config").write_text(config)
    setup.cache("role")
    variables = {trusted: str(certificate)} if trusted.isupper() else {}
    base = f"https://localhost:{server.server_port}"
    done = setup.console("role", "--print", AWS_ENDPOINT_URL_SIGNIN=base, **variables)
    server.shutdown()
    server.server_close()
    assert (done.returncode == 0) == bool(trusted)
    assert done.stdout.startswith(f"{base}/federation?Action=login") == bool(trusted)


# --- the browser ---------------------------------------------------------------------------------


@pytest.fixture
def browser(tmp_path):
    """Variables that make a program the user's browser; and what it saw, once it has."""
    program, seen = tmp_path / "browser", tmp_path / "seen"
    program.write_text(BROWSER)
    program.chmod(0o755)

    def look():
        for _ in range(400):
            if seen.exists():
                return json.loads(seen.read_text())
            time.sleep(0.05)
        pytest.fail("the browser saw nothing")

    return {"BROWSER": str(program), "SEEN": str(seen)}, look


@pytest.mark.slow
def test_the_browser_opens_the_page_and_its_address_is_in_no_command_line(setup, browser):
    variables, look = browser
    done = setup.console("role", "--service", "ec2", **variables)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "xswitch: the console of role is in the browser\n"
    seen = look()
    [given] = seen["argv"]
    assert given.startswith("http://127.0.0.1:")
    assert len(given) < 100
    assert "Here the console of arn:aws:sts::222222222222:assumed-role/Admin/" in seen["page"]
    assert seen["url"].startswith(f"{setup.server.url}/federation?Action=login")
    # Only the address itself leads on, and only once: then nothing is to be had there, or nobody is there.
    assert seen["other"] == 404
    assert seen["again"] in {0, 404}


def test_the_page_leads_on_once_however_long_it_is_there():
    server = _Server("https://example.com/")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    answers = []
    for _ in range(3):
        with contextlib.closing(http.client.HTTPConnection(*server.server_address, timeout=20)) as browser:
            browser.request("GET", server.path)
            answer = browser.getresponse()
            answers.append((answer.status, answer.headers["Location"]))
    server.shutdown()
    server.server_close()
    assert answers == [(303, "https://example.com/"), (404, None), (404, None)]


@pytest.mark.slow
def test_a_browser_that_does_not_come_is_told():
    assert hand_over("https://example.com/", {**os.environ, "BROWSER": "/bin/true"}, timeout=1) is False


@pytest.mark.slow
@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"DISPLAY": ":0", "SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"},
        {"WAYLAND_DISPLAY": "", "DISPLAY": ""},
    ],
)
def test_without_a_browser_a_sentence_names_print(setup, variables):
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY"):
        setup.env.pop(name, None)
    assert setup.refusal("role", **variables) == (
        "xswitch: there is no browser here (write the address instead, with --print)\n"
    )
    assert setup.server.actions() == []


OTHER_USER = """
import os, socket, sys
os.setuid(65534)
server = ("127.0.0.1", int(sys.argv[1]))
for number in range(int(sys.argv[2])):
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound = number == 0
    while not bound:
        left = socket.socket()
        left.bind((f"127.0.0.{number + 1}", 0))
        left.connect(server)
        try:
            own.bind(("127.0.0.1", left.getsockname()[1]))
            bound = True
        except OSError:
            pass  # that port is somebody else's there
        left.close()
    own.connect(server)
    print(own.getsockname()[1], flush=True)
    sys.stdin.readline()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whose a connection is")
def test_a_connection_is_told_from_one_of_another_user():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = listening.getsockname()
        with socket.create_connection(server) as own:
            assert is_own(own.getsockname(), server)
            assert not is_own(("127.0.0.2", own.getsockname()[1]), server)
        assert not is_own(("127.0.0.1", 1), server)


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root can be another user")
def test_another_user_is_told_whatever_connections_they_leave_behind():
    # A connection that was closed has no owner any more, which the kernel writes as root; it may have the
    # same port at another address.
    with socket.create_server(("127.0.0.1", 0), backlog=200) as listening:
        server = listening.getsockname()
        with subprocess.Popen(
            [sys.executable, "-c", OTHER_USER, str(server[1]), "40"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as other:
            assert other.stdin is not None
            assert other.stdout is not None
            told = []
            for line in other.stdout:
                told.append(is_own(("127.0.0.1", int(line)), server))
                other.stdin.write("\n")
                other.stdin.flush()
        assert told == [False] * 40


@pytest.mark.slow
@pytest.mark.parametrize("sent", [b"GET / HT", b"\xff\x00\r\n\r\n", b""])
def test_who_sends_no_http_to_the_page_is_not_talked_about(sent):
    server = _Server("https://example.com/")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    with contextlib.redirect_stderr(io.StringIO()) as said:
        for _ in range(5):
            with socket.create_connection(server.server_address) as other:
                other.sendall(sent)
                other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        time.sleep(0.2)
        server.shutdown()
    server.server_close()
    assert said.getvalue() == ""
