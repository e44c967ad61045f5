"""Putting the demo together: an AWS with users and roles, and a home folder that fits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xswitch.demo import seed, service
from xswitch.demo.api import Api
from xswitch.demo.home import write_home

if TYPE_CHECKING:
    from datetime import datetime

    from werkzeug.serving import BaseWSGIServer


def build(home: str, now: datetime) -> BaseWSGIServer:
    """Fill the empty folder `home` and return the server it points at, listening but not yet serving."""
    app = service.application()
    server = service.listen(app)
    keys = seed.create_everything(Api(app))
    write_home(home, f"http://127.0.0.1:{server.server_port}", keys, now)
    return server
