"""STS, IAM, SSO and the federation endpoint on loopback with a log of every request, and the real AWS CLIs.

Fixtures for `conftest.py` to import: `aws_server`, `user`, `under`, `aws_v1`, `aws_v2`, `aws` (both). Run as
a program, this module is the server's process: it serves until its standard input ends.

`aws_server.control(…)` changes how the server answers until the next `clear` (or `control`, which forgets
what was set before):

- `session_seconds=60`: how long the sessions last that it gives out, whatever was asked for;
- `fail={"AssumeRole": {"status": 403, "code": "ExpiredToken", "message": "…", "times": 1}}`: refuse an action
  (any name of the log) with an error in its service's form; without `times` every time;
- `answer={"getSigninToken": {"status": 302, "body": "…", "headers": {"Location": "…"}}}`: answer literally;
- `delay={"AssumeRole": 0.3}`: seconds before an action is answered;
- `device=…`: how an SSO sign-in goes on: `approve-after-2-polls` (any number; without this knob it is 1),
  `page` (approved when the page of the verification URL is opened), `never`, `denied`, `expired`, or `slow`
  (told once to slow down, then approved);
- `verification=…`: an address to give for the page instead of the server's own; `{"verificationUri": "…"}`
  to give it in that member alone.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest
from awshome import write_profiles
from running import missing

from xswitch import locations
from xswitch.demo.endpoints import write_endpoint_rules
from xswitch.demo.environment import demo_environment, isolated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]*)/(?P<service>[^/]+)/")
_ACCOUNT = "x-moto-account-id"
_CONTROL = "/xswitch-test/control"
_PATHS = {
    "/federation/credentials": "GetRoleCredentials",
    "/logout": "Logout",
    "/client/register": "RegisterClient",
    "/device_authorization": "StartDeviceAuthorization",
    "/token": "CreateToken",
}
_EXPIRATION = re.compile(r"(?<=<Expiration>)[^<]+")


class AwsServer:
    """A running server and what it was asked."""

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self._log = log

    def requests(self) -> list[dict[str, Any]]:
        """Return each request since the last `clear`, oldest first.

        Keys: `service`, `action`, `access_key_id` and `region` (of the signature; empty where unsigned),
        `parameters` (of the query, the form or the JSON, such as `RoleArn`; without Action and Version).
        """
        return [json.loads(line) for line in self._log.read_text("utf-8").splitlines()]

    def actions(self) -> list[str]:
        """Return the names of the requests since the last `clear`, oldest first."""
        return [request["action"] for request in self.requests()]

    def clear(self) -> None:
        """Forget the requests so far, and what `control` set."""
        self.control()
        self.forget()

    def forget(self) -> None:
        """Forget the requests so far, and nothing else."""
        self._log.write_text("")

    def control(self, **knobs: Any) -> None:
        """Answer otherwise from now on; the module's docstring has the knobs."""
        body = json.dumps(knobs).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(urllib.request.Request(self.url + _CONTROL, body), timeout=20).close()

    def environment(self, home: Path | str) -> dict[str, str]:
        """Return an environment whose home is `home` and whose AWS is this server, for any AWS tool.

        Writes the endpoint rules that AWS CLI 2.9 needs to `home`, and nothing else.
        """
        write_endpoint_rules(str(home), self.url)
        environ = demo_environment(os.environ, str(home), self.url)
        del environ[locations.DEMO]
        return environ

    def create_user(self, account: str, name: str) -> tuple[str, str]:
        """Create a user in an account; return its access key id and secret. Not in the log."""
        import boto3  # only some tests need it, and it is slow

        session = boto3.Session("AKIAADMINISTRATOR000", "secret", region_name="us-east-1")
        iam = session.client("iam", endpoint_url=self.url)
        iam.meta.events.register(
            "before-sign.iam", lambda request, **_: request.headers.add_header(_ACCOUNT, account)
        )
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]


@pytest.fixture(scope="session")
def aws_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsServer]:
    """A server for the whole run; call `clear` before what a test counts."""
    folder = tmp_path_factory.mktemp("aws-server")
    log = folder / "requests.jsonl"
    log.touch()
    with subprocess.Popen(
        [sys.executable, __file__, str(log)],
        env=isolated(os.environ, str(folder)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, "the server did not start"
        yield AwsServer(url, log)
        process.stdin.close()


@pytest.fixture(scope="session")
def user(aws_server: AwsServer) -> tuple[str, str]:
    """The access key id and secret of a user that the server knows."""
    return aws_server.create_user("111111111111", "alice")


@pytest.fixture
def under(aws_server: AwsServer, aws_folder: Path, user: tuple[str, str]) -> Callable[..., dict[str, str]]:
    """Write profiles whose source is `keys`; return the environment in which the server is AWS.

    Called with the config file, and with further settings of `keys`.
    """

    def write(config: str, **of_keys: str) -> dict[str, str]:
        key, secret = user
        more = "".join(f"{name} = {value}\n" for name, value in of_keys.items())
        credentials = f"[keys]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n{more}"
        write_profiles(aws_folder, config, credentials)
        aws_server.clear()
        return aws_server.environment(aws_folder.parent)

    return write


@pytest.fixture(scope="session")
def aws_v1() -> str:
    """The AWS CLI 1 that was installed beside this interpreter."""
    path = os.path.join(os.path.dirname(sys.executable), "aws")
    return path if _version(path).startswith("aws-cli/1") else missing("AWS CLI 1")


@pytest.fixture(scope="session")
def aws_v2() -> str:
    """The AWS CLI 2 of this machine."""
    folders = [*os.environ.get("PATH", os.defpath).split(os.pathsep), "/usr/bin", "/usr/local/bin"]
    for folder in folders:
        path = shutil.which("aws", path=folder)
        if path and _version(path).startswith("aws-cli/2"):
            return path
    return missing("AWS CLI 2")


@pytest.fixture(params=["aws_v1", "aws_v2"])
def aws(request: pytest.FixtureRequest) -> str:
    """Each AWS CLI in turn."""
    path: str = request.getfixturevalue(request.param)
    return path


def _version(path: str) -> str:
    if not os.path.exists(path):
        return ""
    # A broken config file breaks even `--version`.
    environ = isolated(os.environ, "/nonexistent")
    done = subprocess.run([path, "--version"], env=environ, capture_output=True, text=True, check=False)
    return done.stdout


class _Recorder:
    """Appends each request to the log before it is answered, and answers as the knobs say."""

    def __init__(self, log: str) -> None:
        from xswitch.demo import service

        self._inner = service.application(self._decide)
        self._log = log
        self._lock = threading.Lock()
        self._knobs: dict[str, Any] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        from werkzeug.wrappers import Response

        if environ["PATH_INFO"] == _CONTROL:
            self._knobs = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            return Response()(environ, start_response)
        # Requests with this header arrange a test and are no part of it.
        if "HTTP_X_MOTO_ACCOUNT_ID" in environ:
            return self._inner(environ, start_response)
        request = _described(environ)
        with self._lock, open(self._log, "a", encoding="utf-8") as log:
            log.write(json.dumps(request) + "\n")
        knobs = self._knobs
        time.sleep(knobs.get("delay", {}).get(request["action"], 0))
        response = self._failure(request) or _literal(knobs.get("answer", {}).get(request["action"]))
        if response is None:
            response = Response.from_app(self._inner, environ, buffered=True)
            _rewrite(response, request["action"], knobs)
        return response(environ, start_response)

    def _failure(self, request: dict[str, Any]) -> Any:
        from werkzeug.wrappers import Response

        from xswitch.demo.sts import error_response

        with self._lock:
            failure = self._knobs.get("fail", {}).get(request["action"])
            if failure is None or failure.get("times") == 0:
                return None
            if "times" in failure:
                failure["times"] -= 1
        status, code, message = failure["status"], failure["code"], failure.get("message", "")
        if request["service"] != "sso":
            return error_response(status, code, message)
        body = json.dumps({"message": message, "error_description": message})
        return Response(body, status, {"x-amzn-ErrorType": code}, "application/json")

    def _decide(self, device: Any) -> str:
        pending = "AuthorizationPendingException"
        knob = self._knobs.get("device", "approve-after-1-polls")
        if knob == "page":
            return "" if device.opened else pending
        if knob == "slow":
            return {1: pending, 2: "SlowDownException"}.get(device.polls, "")
        ends = {"never": pending, "denied": "AccessDeniedException", "expired": "ExpiredTokenException"}
        if knob in ends:
            return ends[knob] if device.polls > 1 else pending
        return "" if device.polls > int(knob.split("-")[2]) else pending


def _literal(answer: dict[str, Any] | None) -> Any:
    from werkzeug.wrappers import Response

    if answer is None:
        return None
    return Response(answer.get("body", ""), answer.get("status", 200), answer.get("headers"))


def _rewrite(response: Any, action: str, knobs: dict[str, Any]) -> None:
    text = response.get_data(as_text=True)
    if "session_seconds" in knobs and response.status_code == 200:
        ends = datetime.now(UTC) + timedelta(seconds=knobs["session_seconds"])
        if action == "GetRoleCredentials":
            answer = json.loads(text)
            answer["roleCredentials"]["expiration"] = int(ends.timestamp() * 1000)
            response.set_data(json.dumps(answer))
        else:
            response.set_data(_EXPIRATION.sub(f"{ends:%Y-%m-%dT%H:%M:%SZ}", text))
    if action == "StartDeviceAuthorization" and "verification" in knobs:
        page = knobs["verification"]
        if isinstance(page, str):
            page = {"verificationUri": page, "verificationUriComplete": page}
        response.set_data(json.dumps({**json.loads(text), **page}))


def _described(environ: dict[str, Any]) -> dict[str, Any]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    parameters = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    if body.startswith(b"{"):
        parameters |= json.loads(body)
    else:
        parameters |= parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    path = environ["PATH_INFO"]
    signed = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    parameters.pop("Version", None)
    return {
        "service": signed["service"] if signed else _unsigned_service(path),
        "action": parameters.pop("Action", None) or _PATHS.get(path, path),
        "access_key_id": signed["key"] if signed else "",
        "region": signed["region"] if signed else "",
        "parameters": parameters,
    }


def _unsigned_service(path: str) -> str:
    if path in _PATHS:
        return "sso"
    return "signin" if path == "/federation" else "sts"


def _serve(log: str) -> None:
    from xswitch.demo import service

    server = service.listen(_Recorder(log))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    _serve(sys.argv[1])
