"""`xswitch delegate resume`."""

from __future__ import annotations

from xswitch.cli.delegate import show
from xswitch.cli.delegating import carry_out, confirm, delegating

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Go on with a delegation that was interrupted."""
    worker, person = delegating(output, arguments)
    parties = (arguments.values.get(option, "") for option in ("--trusting", "--trusted"))
    plan = worker.plan(worker.request(arguments.positionals[0], *parties))
    show(plan, output)
    output.flush()
    if not plan.is_complete:
        confirm("go on with this?", arguments, output)
    return carry_out(plan, arguments, output, worker, person)
