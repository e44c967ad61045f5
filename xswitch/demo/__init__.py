"""The demo: a temporary home full of profiles, and a server on loopback that answers for AWS.

`start` is all that a front end needs. The server is a process of its own (`xswitch.demo.server`), so the
packages it needs are loaded nowhere else.
"""

from xswitch.demo.launcher import start

__all__ = ["start"]
