"""What the verbs that change the files have in common: doing it or showing it, and what is said then."""

from __future__ import annotations

import os

from xswitch.editing.editor import Editor
from xswitch.editing.operation import FieldError
from xswitch.errors import ExitStatus, UsageError, XswitchError
from xswitch.locations import Locations, tilde
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.editing.diff import DiffLine
    from xswitch.editing.operation import Operation

DIFF_STYLES = {"+": ("green",), "-": ("red",), "hunk": ("dim",), "file": ("bold",)}


def carry_out(operation: Operation, arguments: Arguments, output: Output) -> int:
    """Do it, or with --dry-run print what it would change."""
    dry = "--dry-run" in arguments.flags
    editor = Editor(Locations(os.environ))
    try:
        preview = editor.preview(operation) if dry else editor.apply(operation)
    except FieldError as error:
        if error.field in {"", "name"}:
            raise
        raise XswitchError(f"{printable(error.field)}: {error.message}", error.hint) from None
    if dry:
        print_diff(preview.diff, output)
    if not preview.paths:
        output.talk(f"{operation.title}: nothing to change")
    elif not dry:
        files = " and ".join(printable(tilde(path)) for path in preview.paths)
        output.talk(f"{operation.title}: written to {files} (xswitch undo takes it back)")
    for warning in preview.warnings:
        output.talk(f"{printable(operation.profile)}: {warning}")
    return ExitStatus.OK


def print_diff(diff: list[DiffLine], output: Output) -> None:
    """Write a diff to stdout."""
    if diff:
        output.data("\n".join(output.style(line.text, *DIFF_STYLES.get(line.kind, ())) for line in diff))


def settings_of(arguments: Arguments, keys: dict[str, str]) -> dict[str, str]:
    """Return settings from the values of options, `keys` being the options by key."""
    return {key: arguments.values.get(option, "") for key, option in keys.items()}


def need(arguments: Arguments, *options: str) -> None:
    """UsageError where one of the options was not given."""
    missing = [option for option in options if option not in arguments.values]
    if missing:
        raise UsageError(f"needed as well: {', '.join(missing)}", "see --help for an example")
