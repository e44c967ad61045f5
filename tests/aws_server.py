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
- `cut={"CreateRole": {"times": 1}}`: act, and then close the connection without an answer;
- `hold={"CreateRole": "before"}` or `"after"`: say nothing, before or after acting, until the next `control`
  (or `clear`) closes the connection; a request held before acting never acts. See `until_held`;
- `race={"CreateRole": {"Description": "…"}}`: somebody else does the same a moment before, with these
  parameters instead of the request's own;
- `enforce=True`: moto's enforcement of what users and roles may do (aws_iam has more);
- `trust=True`: a role can be assumed by those whom its trust policy names, under the conditions it states;
- `invalid_principals=True`: a trust policy cannot name users or roles that do not exist; with
  `{"times": 2}` none at first, as where they were created a moment ago;
- `device=…`: how an SSO sign-in goes on: `approve-after-2-polls` (any number; without this knob it is 1),
  `page` (approved when the page of the verification URL is opened), `never`, `denied`, `expired`, or `slow`
  (told once to slow down, then approved);
- `verification=…`: an address to give for the page instead of the server's own; `{"verificationUri": "…"}`
  to give it in that member alone.

Instead of the name of an action, `fail`, `cut`, `hold` and `race` take the number of a request since
`control` ("1" is the first): they are then for that one, and for the same asked again. "*" is for whatever
is asked for the first time.
"""

from __future__ import annotations

import functools
import io
import json
import os
import re
import shutil
import socket
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
_DUMP = "/xswitch-test/dump"
_FORGET = "/xswitch-test/forget"
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
        self._ask(_CONTROL, json.dumps(knobs).encode())

    def until_held(self) -> None:
        """Wait until a request is held."""
        deadline = time.monotonic() + 20
        while not self._ask(_CONTROL)["held"]:
            assert time.monotonic() < deadline, f"nothing is held, but there came {self.actions()}"
            time.sleep(0.01)

    def dump(self, *accounts: str) -> dict[str, Any]:
        """Return all of IAM in these accounts as data that can be compared."""
        return {account: self._ask(_DUMP, account.encode()) for account in accounts}

    def empty(self, *accounts: str) -> None:
        """Leave these accounts as if nobody had ever been there."""
        for account in accounts:
            self._ask(_FORGET, account.encode())

    def _ask(self, path: str, body: bytes | None = None) -> Any:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(urllib.request.Request(self.url + path, body), timeout=20) as answer:
            return json.load(answer)

    def environment(self, home: Path | str) -> dict[str, str]:
        """Return an environment whose home is `home` and whose AWS is this server, for any AWS tool.

        Writes the endpoint rules that AWS CLI 2.9 needs to `home`, and nothing else.
        """
        write_endpoint_rules(str(home), self.url)
        environ = demo_environment(os.environ, str(home), self.url)
        del environ[locations.DEMO]
        return environ

    def create_user(self, account: str, name: str, region: str = "us-east-1") -> tuple[str, str]:
        """Create a user in an account; return its access key id and secret. Not in the log."""
        iam = self.iam(account, region)
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def iam(self, account: str, region: str = "us-east-1") -> Any:
        """Return botocore's client for IAM as an administrator of an account. Not in the log."""
        return _administrator(self.url, account, region)


@functools.cache
def _administrator(url: str, account: str, region: str) -> Any:
    import botocore.session  # only some tests need it, and it is slow

    keys = {"aws_access_key_id": "AKIAADMINISTRATOR000", "aws_secret_access_key": "secret"}
    session = botocore.session.Session()
    iam = session.create_client("iam", region_name=region, endpoint_url=url, **keys)
    iam.meta.events.register(
        "before-sign.iam", lambda request, **_: request.headers.add_header(_ACCOUNT, account)
    )
    return iam


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
        from aws_iam import Iam

        from xswitch.demo import service

        self._iam = Iam(service.moto_application())
        self._inner = service.application(self._decide, moto=self._iam)
        self._log = log
        self._lock = threading.Lock()
        self._knobs: dict[str, Any] = {}
        self._asked: list[tuple[Any, ...]] = []  # since the knobs were set
        self._held = 0
        self._go_on = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        from werkzeug.wrappers import Response

        if environ["PATH_INFO"] in {_CONTROL, _DUMP, _FORGET}:
            answer = json.dumps(self._arrange(environ))
            return Response(answer, mimetype="application/json")(environ, start_response)
        # Requests with this header arrange a test and are no part of it.
        if "HTTP_X_MOTO_ACCOUNT_ID" in environ:
            return self._inner(environ, start_response)
        request = _described(environ)
        with self._lock:
            with open(self._log, "a", encoding="utf-8") as log:
                log.write(json.dumps(request) + "\n")
            self._asked.append(_same(request))
        return self._answer(environ, request)(environ, start_response)

    def _answer(self, environ: dict[str, Any], request: dict[str, Any]) -> Any:
        from werkzeug.wrappers import Response

        knobs, action = self._knobs, request["action"]
        time.sleep(knobs.get("delay", {}).get(action, 0))
        hold = self._fault("hold", request)
        if hold == "before":
            self._hold(environ)
        race = self._fault("race", request)
        if race is not None:
            self._race(environ, request, race)
        response = self._failure(request) or _literal(knobs.get("answer", {}).get(action))
        if response is None:
            response = Response.from_app(self._inner, environ, buffered=True)
            _rewrite(response, action, knobs)
        if hold == "after":
            self._hold(environ)
        if self._fault("cut", request) is not None:
            _drop(environ)
        return response

    def _arrange(self, environ: dict[str, Any]) -> Any:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if environ["PATH_INFO"] == _DUMP:
            return self._iam.dump(body.decode())
        if environ["PATH_INFO"] == _FORGET:
            return self._iam.forget(body.decode())
        with self._lock:
            if body:
                self._knobs = self._iam.knobs = json.loads(body)
                self._asked = []
                self._go_on.set()
                self._go_on, self._held = threading.Event(), 0
            return {"held": self._held}

    def _fault(self, knob: str, request: dict[str, Any]) -> Any:
        """Return what a knob says about a request; None where nothing, or not any more."""
        with self._lock:
            for name, fault in self._knobs.get(knob, {}).items():
                if not self._is_meant(name, request):
                    continue
                if isinstance(fault, dict) and "times" in fault:
                    if fault["times"] == 0:
                        continue
                    fault["times"] -= 1
                return fault
        return None

    def _is_meant(self, name: str, request: dict[str, Any]) -> bool:
        this = _same(request)
        if name == "*":
            return self._asked.count(this) == 1
        if name.isdigit():
            return len(self._asked) >= int(name) and self._asked[int(name) - 1] == this
        return name == request["action"]

    def _hold(self, environ: dict[str, Any]) -> None:
        with self._lock:
            self._held += 1
            go_on = self._go_on
        go_on.wait(60)
        _drop(environ)

    def _race(self, environ: dict[str, Any], request: dict[str, Any], changes: dict[str, str]) -> None:
        from xswitch.demo.api import Api

        account = self._iam.account_of(environ)
        parameters = {
            name: text for name, text in {**request["parameters"], **changes}.items() if name != "times"
        }
        Api(self._inner).call(request["service"], account, request["action"], **parameters)

    def _failure(self, request: dict[str, Any]) -> Any:
        from werkzeug.wrappers import Response

        from xswitch.demo.sts import error_response

        failure = self._fault("fail", request)
        if failure is None:
            return None
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


def _same(request: dict[str, Any]) -> tuple[Any, ...]:
    """Return what is the same where the same is asked again."""
    return request["action"], request["access_key_id"], request["parameters"]


def _drop(environ: dict[str, Any]) -> None:
    """End the connection without an answer."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


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
