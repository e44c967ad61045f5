"""`xswitch each`."""

from __future__ import annotations

import os
import shlex

from xswitch.cli.each_report import Grouped, Jsons, Prefixed
from xswitch.cli.each_signals import Signals
from xswitch.cli.preparing import interaction
from xswitch.errors import ExitStatus, UsageError, XswitchError
from xswitch.launch.each.fanout import Fanout
from xswitch.launch.each.selection import select
from xswitch.launch.each.summary import failures, summary
from xswitch.launch.prepare import Launcher
from xswitch.launch.usage import Use
from xswitch.locations import Locations
from xswitch.profiles.collection import read_profiles
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from xswitch.cli.arguments import Arguments
    from xswitch.cli.each_report import Report
    from xswitch.cli.output import Output
    from xswitch.profiles.collection import Profiles

_MOST_NAMES = 20
_LONGEST = 200  # letters of a command in a question
_CONTRARY = (("--json", "--group"), ("--json", "--dry-run"))


def run(arguments: Arguments, output: Output) -> int:
    """Get the sessions of all profiles that are meant, and run the command under each."""
    locations = Locations(os.environ)
    profiles = read_profiles(locations)
    if not arguments.command and "--dry-run" not in arguments.flags:
        raise _no_command(arguments.positionals, profiles)
    for one, other in _CONTRARY:
        if arguments.flags >= {one, other}:
            raise UsageError(f"each gives {one} or {other}, not both")
    limit, retries = _number(arguments, "-j", 1), _number(arguments, "--retries", 0)
    names = select(arguments.positionals, profiles)
    # A copy: it is read while sessions are obtained in other threads.
    person = interaction(output, arguments)
    launcher = Launcher(profiles, locations, dict(os.environ), person)
    if "--dry-run" in arguments.flags:
        return _tell_names(names, launcher, output, arguments.every.get("--yes-really", ()))
    kind = next((kind for kind in (Jsons, Grouped) if kind.option in arguments.flags), Prefixed)
    report = kind(names, launcher, person)
    fanout = Fanout(
        names,
        arguments.command,
        launcher,
        limit=limit,
        retries=retries or 0,
        fail_fast="--fail-fast" in arguments.flags,
        output_dir=arguments.values.get("--output-dir"),
        region=arguments.values.get("--region"),
        keys="--env" in arguments.flags,
        keep=kind.keeps,
        words=f"run “{_shown(arguments.command)}” under it",
        listener=report,
    )
    return _run(fanout, report, output)


def _tell_names(names: Sequence[str], launcher: Launcher, output: Output, really: Sequence[str]) -> int:
    """Write under which profiles the command would run, and say what their guards would want."""
    for name in names:
        output.data(printable(name))
    for question in launcher.guard_questions(names, Use.EACH):
        given = question.profile in really
        how = "--yes-really names it" if given else "its name would have to be typed"
        output.talk(f"{question.subject} is guarded: {how}")
    return ExitStatus.OK


def _shown(command: Sequence[str]) -> str:
    text = printable(shlex.join(command))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _run(fanout: Fanout, report: Report, output: Output) -> int:
    report.begin(fanout)
    with Signals(fanout, report) as signals:
        try:
            succeeded = fanout.run()
        except KeyboardInterrupt:  # nothing has run
            return 128 + signals.received[0]
        except XswitchError:
            report.end()
            if any(job.attempts for job in fanout.jobs):
                _say_how_it_went(fanout, output)
            raise
        finally:
            report.end()
            fanout.close()
    _say_how_it_went(fanout, output)
    if report.failure is not None:
        raise report.failure
    if signals.received:
        return 128 + signals.received[0]
    return ExitStatus.OK if succeeded else ExitStatus.FAILED


def _say_how_it_went(fanout: Fanout, output: Output) -> None:
    output.talk(summary(fanout.jobs))
    for text in failures(fanout.jobs):
        output.talk(f"  {text}")


def _no_command(patterns: Sequence[str], profiles: Profiles) -> UsageError:
    hint = "xswitch each PATTERN… -- COMMAND…"
    try:
        names = [printable(name) for name in select(patterns, profiles)]
    except UsageError as error:
        return UsageError(f"{error.message}, and there is no command after --", hint)
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    shown = ", ".join(names[:_MOST_NAMES]) + more
    return UsageError(f"each needs a command to run under {shown}", hint)


def _number(arguments: Arguments, option: str, least: int) -> int | None:
    """Return the value of an option that is a number. UsageError where it is none."""
    text = arguments.values.get(option)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and int(text) >= least):
        raise UsageError(f"{option} {printable(text)} is no number from {least} on")
    return int(text)
