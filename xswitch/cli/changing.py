"""What the verbs that change the files have in common: doing it or showing it, and what is said then."""

from __future__ import annotations

import os

from xswitch.cli.preparing import interaction
from xswitch.editing.editor import Editor
from xswitch.editing.operation import FieldError
from xswitch.errors import ExitStatus, UsageError, XswitchError
from xswitch.launch.prepare import Launcher
from xswitch.launch.usage import Use
from xswitch.locations import Locations, tilde
from xswitch.profiles.collection import read_profiles
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.editing.diff import DiffLine
    from xswitch.editing.operation import Operation

DIFF_STYLES = {"+": ("green",), "-": ("red",), "hunk": ("dim",), "file": ("bold",)}


def carry_out(operation: Operation, arguments: Arguments, output: Output) -> int:
    """Do it, or with --dry-run print what it would change."""
    dry = "--dry-run" in arguments.flags
    locations = Locations(os.environ)
    editor = Editor(locations)
    try:
        preview = editor.preview(operation)
        if not dry:
            permit_changes(preview.subjects, arguments, output, deleted=preview.deleted)
            preview = editor.apply(operation, preview.subjects)
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


def permit_changes(
    names: Iterable[str], arguments: Arguments, output: Output, *, deleted: Container[str] = ()
) -> None:
    """Have the guards of profiles ask whether they may be changed, or `deleted`.

    `GuardRefused` where they may not. Profiles that are not there yet have no guard.
    """
    locations = Locations(os.environ)
    profiles = read_profiles(locations)
    person = interaction(output, arguments)
    launcher = Launcher(profiles, locations, os.environ, person)
    wanted = set(names)
    present = [profile.name for profile in profiles if profile.name in wanted]
    questions = [
        question
        for name in present
        for question in launcher.guard_questions([name], Use.DELETE if name in deleted else Use.EDIT)
    ]
    person.confirm_all(questions)
    launcher.confirm(questions)


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
