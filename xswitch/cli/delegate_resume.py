"""`xswitch delegate resume`."""

from __future__ import annotations

from xswitch.cli.delegate import named, show_before
from xswitch.cli.delegating import carry_out, confirm, delegating, permit
from xswitch.editing.operation import FieldError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output


def run(arguments: Arguments, output: Output) -> int:
    """Go on with a delegation that was interrupted."""
    worker, person = delegating(output, arguments)
    parties = (arguments.values.get(option, "") for option in ("--trusting", "--trusted"))
    try:
        request = worker.request(arguments.positionals[0], *parties)
        permit(request.profile, (request.trusting, request.trusted), person)
        plan = worker.plan(request)
    except FieldError as error:
        raise named(error, arguments) from None
    finally:
        person.done()
    show_before(plan, output)
    worker.check(plan, update="--update" in arguments.flags)
    if not plan.is_complete:
        confirm("go on with this?", arguments, output)
    return carry_out(plan, arguments, output, worker, person)
