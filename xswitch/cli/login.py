"""`xswitch login`."""

from __future__ import annotations

from xswitch.cli.preparing import interaction, launcher
from xswitch.errors import ExitStatus
from xswitch.launch.execute import replace_process
from xswitch.sessions.session import time_left
from xswitch.text import printable
from xswitch.timestamps import format_time, utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Get or renew the session, or become `aws login` where only that can."""
    name = arguments.positionals[0]
    person = interaction(output, arguments)
    prepared = launcher(output, arguments, person)
    command = prepared.login_command(name)
    if command is not None:
        import os

        output.talk(f"{printable(name)} is signed in by: {printable(' '.join(command))}")
        replace_process(command, os.environ)
    try:
        ends = prepared.sign_in(name, force="--force" in arguments.flags)
    finally:
        person.done()
    shown = printable(name)
    if ends is None:
        output.talk(f"{shown} needs no sign-in: its credentials do not end")
    else:
        output.talk(f"{shown} is signed in: {time_left(ends, utc_now())} left, until {format_time(ends)}")
    return ExitStatus.OK
