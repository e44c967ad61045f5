"""`xswitch delegate undo`."""

from __future__ import annotations

from xswitch.cli.delegating import confirm, delegating, take_down
from xswitch.errors import ExitStatus
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Take down what a delegation has made."""
    name = arguments.positionals[0]
    worker, person = delegating(output, arguments)
    for sentence in worker.undo_plan(name):
        output.talk(sentence)
    confirm("take this down?", arguments, output)
    take_down(name, arguments, output, worker, person)
    output.talk(f"the delegation {printable(name)} is taken down")
    return ExitStatus.OK
