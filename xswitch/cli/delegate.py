"""`xswitch delegate`."""

from __future__ import annotations

import os
from contextlib import suppress

from xswitch.cli.changing import DIFF_STYLES, need
from xswitch.cli.delegating import carry_out, confirm, delegating, permit
from xswitch.delegation.checks import check_tags, parse_tags
from xswitch.delegation.comparing import document_lines
from xswitch.delegation.exports import FORMS, export
from xswitch.delegation.record import Records
from xswitch.delegation.request import ACCOUNT, ROLE, SSO, USER, Principal, Request
from xswitch.delegation.step import Status
from xswitch.editing.operation import FieldError
from xswitch.errors import ExitStatus, UsageError, XswitchError
from xswitch.locations import Locations, tilde
from xswitch.profiles.durations import seconds_of
from xswitch.regular import read_regular
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.delegation.delegating import Delegating
    from xswitch.delegation.plan import Plan, PlannedStep

_PRINCIPALS = {"--from-role": ROLE, "--sso-role": SSO}
_MOST = 100_000  # bytes of a policy
_WORDS = {
    Status.CREATE: ("+", "create", "green"),
    Status.EXISTS: ("=", "exists", "dim"),
    Status.DIFFERS: ("~", "differs", "yellow"),
    Status.UNKNOWN: ("?", "unknown", "yellow"),
}


def run(arguments: Arguments, output: Output) -> int:
    """Show the plan, export it, or carry it out."""
    need(arguments, "--trusting", "--trusted", "--role", "--profile")
    form = arguments.values.get("--export")
    if form is None and "--output-dir" in arguments.values:
        raise UsageError("--output-dir is for what is exported", f"add --export with {', '.join(FORMS)}")
    if form is not None and form not in FORMS:
        raise UsageError(f"{printable(form)} is no form to export", f"there are: {', '.join(FORMS)}")
    worker, person = delegating(output, arguments)
    if form is None and "--plan" not in arguments.flags:
        values = arguments.values
        permit(values["--profile"], (values["--trusting"], values["--trusted"]), person)
    try:
        plan = worker.plan(request_of(arguments, worker))
    except FieldError as error:
        raise named(error, arguments) from None
    finally:
        person.done()
    if form is not None:
        return _export(plan, form, arguments, output)
    if "--plan" in arguments.flags:
        if "--json" in arguments.flags:
            output.json(plan.as_json())
        else:
            show(plan, output)
        return ExitStatus.OK
    if "--json" not in arguments.flags:
        show_before(plan, output)
    worker.check(plan, update="--update" in arguments.flags)
    if not plan.is_complete:
        accounts = plan.blueprint.trusting.account_id, plan.blueprint.trusted.account_id
        confirm(f"do this in the accounts {accounts[0]} and {accounts[1]}?", arguments, output)
    return carry_out(plan, arguments, output, worker, person)


def request_of(arguments: Arguments, worker: Delegating) -> Request:
    """Return what the options ask for. UsageError where they do not fit together."""
    values, flags = arguments.values, arguments.flags
    policy = values.get("--policy", "ReadOnlyAccess")
    is_file = policy.endswith(".json")
    tags = values.get("--tags", "")
    if wrong := check_tags(tags):
        raise UsageError(f"--tags: {wrong}")
    external_id = values.get("--external-id", "")
    if external_id == "generate":
        external_id = Records(Locations(os.environ)).external_id(values["--profile"])
    return Request(
        trusting=values["--trusting"],
        trusted=values["--trusted"],
        principal=_principal(arguments, worker),
        role=values["--role"],
        profile=values["--profile"],
        path=values.get("--path", "/"),
        policy="" if is_file else policy,
        policy_document=_read(policy) if is_file else "",
        source=values.get("--source", ""),
        external_id=external_id,
        require_mfa="--require-mfa" in flags or "--mfa-age" in values or "--mfa-serial" in values,
        mfa_serial=values.get("--mfa-serial", ""),
        mfa_age=_seconds(arguments, "--mfa-age", 0),
        seconds=_seconds(arguments, "--duration", 3600),
        tags=parse_tags(tags),
        managed="--managed" in flags,
        group=values.get("--group", ""),
        user=values.get("--user", "") if "--account" in flags else "",
        region=values.get("--region", ""),
    )


def show_before(plan: Plan, output: Output) -> None:
    """Show a plan that is about to be carried out; a reader who went away does not keep it from being."""
    with suppress(OSError):
        show(plan, output)
        output.flush()


def show(plan: Plan, output: Output) -> None:
    """Write a plan to stdout: both accounts, the steps with their documents, what is wide about it."""
    blueprint = plan.blueprint
    for word, party, what in (
        ("trusting", blueprint.trusting, "gets the role"),
        ("trusted", blueprint.trusted, "may assume it"),
    ):
        line = f"{word:<9} {output.style(party.account_id, 'bold')}  {printable(party.profile)}, {what}"
        output.data(line)
    output.data("")
    for step in plan.steps:
        _show_step(step, output)
    for warning in plan.warnings:
        output.data(output.style(f"! {warning}", "yellow"))
    for note in plan.notes:
        output.data(f"note: {note}")


def _show_step(step: PlannedStep, output: Output) -> None:
    sign, word, style = _WORDS[step.status]
    where = step.account_id or "this machine"
    output.data(f"{output.style(f'{sign} {word:<8}', style)} {where:<13} {step.title}  ({step.action})")
    if step.note:
        output.data(f"    {step.note}")
    if step.difference:
        for line in step.difference:
            output.data("    " + output.style(line.text, *DIFF_STYLES.get(line.kind, ())))
    elif step.document is not None and step.status != Status.EXISTS:
        for text in document_lines(step.document):
            output.data(f"    {text}")


def _export(plan: Plan, form: str, arguments: Arguments, output: Output) -> int:
    files = export(plan, form)
    folder = arguments.values.get("--output-dir")
    if folder is None:
        output.data("\n---\n".join(text.rstrip("\n") for text in files.values()))
        return ExitStatus.OK
    try:
        os.makedirs(folder, exist_ok=True)
        for name, text in files.items():
            path = os.path.join(folder, name)
            with open(path, "x", encoding="utf-8") as file:
                file.write(text)
            output.talk(f"written: {printable(tilde(path))}")
    except FileExistsError as error:
        where = printable(tilde(str(error.filename)))
        raise XswitchError(
            f"{where} is there already", "nothing is written over: name another folder"
        ) from None
    return ExitStatus.OK


def _principal(arguments: Arguments, worker: Delegating) -> Principal:
    values = arguments.values
    found = [Principal(kind, values[option]) for option, kind in _PRINCIPALS.items() if option in values]
    if "--account" in arguments.flags:
        found.append(Principal(ACCOUNT))
    elif "--user" in values:
        found.append(Principal(USER, values["--user"]))
    if len(found) > 1:
        raise UsageError(
            "the role trusts one principal", "give one of --user, --from-role, --sso-role, --account"
        )
    return found[0] if found else worker.principal(values["--trusted"])


def _seconds(arguments: Arguments, option: str, default: int) -> int:
    text = arguments.values.get(option)
    if text is None:
        return default
    seconds = seconds_of(text)
    if seconds is None:
        raise UsageError(f"{option} {printable(text)} is no time", "write for example 1h, 90m or 3600")
    return seconds


def _read(path: str) -> str:
    try:
        return read_regular(path, _MOST)[0].decode()
    except OSError as error:
        raise XswitchError(f"{printable(tilde(path))} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise XswitchError(f"{printable(tilde(path))} is not UTF-8") from None


_OPTIONS = {"seconds": "--duration", "principal": "--user"}


def named(error: FieldError, arguments: Arguments) -> XswitchError:
    """Return the error with the option that is to be corrected."""
    option = _OPTIONS.get(error.field, f"--{error.field.replace('_', '-')}")
    if error.field == "principal":
        option = next((each for each in _PRINCIPALS if each in arguments.values), option)
    return XswitchError(f"{option}: {error.message}", error.hint)
