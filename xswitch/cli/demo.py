"""`xswitch demo`."""

from __future__ import annotations

import os
import sys

from xswitch.launch.execute import replace_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Start the demo's home and server, and become an xswitch that lives in them."""
    from xswitch.demo import start

    output.talk("the demo starts its own AWS on this machine; your files are neither read nor written")
    environ = start(os.environ)
    # -P: a folder called xswitch where the user stands is not the program.
    replace_process([sys.executable, "-P", "-m", "xswitch", *arguments.command], environ)
