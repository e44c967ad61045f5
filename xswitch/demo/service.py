"""The server's application: moto for STS and IAM, and around it what profiles need and moto lacks.

Only the server's own process imports this module: moto costs half a second.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import moto.iam.models
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request

from xswitch.demo import tree
from xswitch.demo.api import Api
from xswitch.demo.federation import Federation
from xswitch.demo.oidc import Decide, Oidc, by_itself
from xswitch.demo.portal import Portal
from xswitch.demo.sts import Sts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.serving import BaseWSGIServer
    from werkzeug.wrappers import Response

_POLICIES = "aws_managed_policies_data"


def moto_application() -> WSGIApplication:
    """Return moto, with the managed policies that somebody in the demo would pick."""
    _load_managed_policies()
    dispatcher: WSGIApplication = DomainDispatcherApplication(create_backend_app)
    return dispatcher


def application(
    decide: Decide = by_itself, *, moto: WSGIApplication | None = None, settling: float = 0
) -> WSGIApplication:
    """Return the whole of the demo's AWS as one WSGI application.

    `decide` approves sign-ins, `moto` takes the place of `moto_application()`, and a new role cannot be
    assumed for `settling` seconds.
    """
    sts = Sts(moto or moto_application(), settling)
    oidc = Oidc(decide)
    portal = Portal(Api(sts), oidc)
    return _Front(sts, {**oidc.handlers, **portal.handlers, **Federation(sts.given).handlers})


def listen(app: WSGIApplication) -> BaseWSGIServer:
    """Return a server for `app` that listens on a free port of loopback."""
    return make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Handler)


class _Handler(WSGIRequestHandler):
    def make_environ(self) -> WSGIEnvironment:
        # werkzeug drops headers with an underscore in their name; the SSO portal's token is in one.
        environ = super().make_environ()
        token = self.headers.get("x-amz-sso_bearer_token")
        return environ if token is None else {**environ, "HTTP_X_AMZ_SSO_BEARER_TOKEN": token}


class _Front:
    """Leads a request to its handler by path; the rest goes to `inner`."""

    def __init__(self, inner: WSGIApplication, handlers: Mapping[str, Callable[[Request], Response]]) -> None:
        self._inner = inner
        self._handlers = handlers

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        handler = self._handlers.get(environ.get("PATH_INFO", ""))
        if handler is None:
            return self._inner(environ, start_response)
        return handler(Request(environ))(environ, start_response)


def _load_managed_policies() -> None:
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    module = vars(moto.iam.models)
    # moto copies all 1,500 that it knows into every account and partition, a second each: it gets those that
    # are wanted. Not a public name: without it everything is loaded, which is slow but right.
    if _POLICIES in module:
        wanted = [*tree.ROLE_POLICIES.values(), *tree.POLICIES]
        names = {policy.rpartition("/")[2] for policy in wanted}
        every = json.loads(module[_POLICIES])
        module[_POLICIES] = json.dumps({name: every[name] for name in names if name in every})
