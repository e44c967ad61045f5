"""The environment of the demo: nothing of the user's own AWS set-up is visible from inside."""

from __future__ import annotations

import os
import site
import sys

from xswitch import locations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

ENDPOINT_URL = "AWS_ENDPOINT_URL"

# Settings of AWS tools, of the server's library and of an outer xswitch.
_PREFIXES = ("AWS_", "BOTO_", "MOTO_", "XSWITCH_")
# Each leads a shell or a tool to files of the user's own home, or changes how the server behaves.
_NAMES = {
    "BASH_ENV",
    "ENV",
    "HISTFILE",
    "INITIAL_NO_AUTH_ACTION_COUNT",
    "TEST_PROXY_MODE",
    "TEST_SERVER_MODE",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "ZDOTDIR",
    "fish_history",
}
_LOOPBACK = "127.0.0.1,localhost"


def isolated(environ: Mapping[str, str], home: str) -> dict[str, str]:
    """Return `environ` for a program that lives in `home` and knows nothing of the user's AWS set-up."""
    kept = {name: value for name, value in environ.items() if not _is_foreign(name)}
    kept["HOME"] = home
    # An interpreter finds packages installed with `pip install --user` through the home folder.
    if site.ENABLE_USER_SITE:
        kept.setdefault("PYTHONUSERBASE", site.getuserbase())
    for name in ("NO_PROXY", "no_proxy"):
        kept[name] = f"{kept[name]},{_LOOPBACK}" if kept.get(name) else _LOOPBACK
    return kept


def demo_environment(environ: Mapping[str, str], home: str, url: str) -> dict[str, str]:
    """Return the environment for xswitch in the demo, whose AWS answers at `url`.

    The interpreter's folder is appended to PATH: the user's own `aws` wins, and where there is none the
    one that was installed along with xswitch is found.
    """
    result = isolated(environ, home)
    result[ENDPOINT_URL] = url
    result["AWS_EC2_METADATA_DISABLED"] = "true"
    # AWS CLI 2 pages by default and fails where `less` is not installed.
    result["AWS_PAGER"] = ""
    result[locations.DEMO] = "1"
    folder = os.path.dirname(sys.executable)
    result["PATH"] = os.pathsep.join([result.get("PATH") or os.defpath, folder])
    return result


def _is_foreign(name: str) -> bool:
    return name != locations.DEBUG and (name in _NAMES or name.startswith(_PREFIXES))
