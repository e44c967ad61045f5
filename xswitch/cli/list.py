"""`xswitch list`."""

from __future__ import annotations

import os

from xswitch.awsfiles.settings import shown
from xswitch.cli.report import list_object
from xswitch.errors import ExitStatus, UsageError
from xswitch.locations import Locations, tilde
from xswitch.profiles.filtering import Filter, haystack
from xswitch.sessions.inventory import session_state
from xswitch.sessions.overview import Overview
from xswitch.sessions.state import State, time_left
from xswitch.text import printable, table
from xswitch.timestamps import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import TypeAlias

    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.profiles.profile import Profile

    # The cells of a line, and the state of the session it shows.
    _Row: TypeAlias = tuple[tuple[str, ...], str | None]

_HEADINGS = ("NAME", "KIND", "ACCOUNT", "REGION", "SESSION", "LEFT", "PROBLEM")
_STATE_STYLES = {State.VALID: "green", State.EXPIRING: "yellow", State.EXPIRED: "red", State.NONE: "dim"}


def run(arguments: Arguments, output: Output) -> int:
    """List the profiles that match."""
    locations = Locations(os.environ)
    overview = Overview(locations)
    now = utc_now()
    matches = _matcher(overview, " ".join(arguments.positionals), now)
    if arguments.flags >= {"--json", "--tree"}:
        raise UsageError(
            "list gives --json or --tree, not both", "in the JSON, `source` says what --tree draws"
        )
    if "--json" in arguments.flags:
        output.json(
            [list_object(overview, profile, now) for profile in overview.profiles if matches(profile)]
        )
    else:
        _print(overview, matches, output, now, tree="--tree" in arguments.flags)
    output.problems([*overview.profiles.files.problems(), *overview.sessions.problems])
    return ExitStatus.OK


def _matcher(overview: Overview, pattern: str | None, now: datetime) -> Callable[[Profile], bool]:
    if not pattern:
        return lambda _: True
    if any(char in pattern for char in "*?["):
        from fnmatch import fnmatchcase

        # Case does not count, as with words.
        return lambda profile: fnmatchcase(profile.name.lower(), pattern.lower())
    words = Filter(pattern)
    return lambda profile: words.matches(haystack(profile, overview.account_id(profile, now)))


def _print(
    overview: Overview, matches: Callable[[Profile], bool], output: Output, now: datetime, *, tree: bool
) -> None:
    rows = _tree_rows(overview, matches, now) if tree else _flat_rows(overview, matches, now)
    if not rows:
        output.talk(_nothing(overview))
        return
    heading, *lines = table([_HEADINGS, *(cells for cells, _ in rows)])
    if output.colour:
        styles = [_STATE_STYLES.get(state or "") for _, state in rows]
        heading = output.style(heading, "dim")
        lines = [
            output.style(line, style) if style else line for line, style in zip(lines, styles, strict=True)
        ]
    output.data("\n".join([heading, *lines]))


def _flat_rows(overview: Overview, matches: Callable[[Profile], bool], now: datetime) -> list[_Row]:
    return [_row(overview, profile, now) for profile in overview.profiles if matches(profile)]


def _tree_rows(overview: Overview, matches: Callable[[Profile], bool], now: datetime) -> list[_Row]:
    """Return the matching profiles in tree order, under everything they hang from."""
    from xswitch.profiles.tree import build_tree, walk

    nodes = list(walk(build_tree(overview.profiles)))
    wanted: set[int] = set()
    above: list[int] = []
    for index, (node, depth) in enumerate(nodes):
        del above[depth:]
        above.append(index)
        if node.profile is not None and matches(node.profile):
            wanted.update(above)
    rows: list[_Row] = []
    for index in sorted(wanted):
        node, depth = nodes[index]
        if node.profile is None:
            rows.append((("  " * depth + printable(node.name), node.heading, "", "", "", "", ""), None))
        else:
            cells, state = _row(overview, node.profile, now)
            rows.append((("  " * depth + cells[0], *cells[1:]), state))
    return rows


def _row(overview: Overview, profile: Profile, now: datetime) -> _Row:
    session = overview.session(profile, now)
    state = session_state(profile, session, now)
    problems = overview.profiles.problems(profile.name)
    left = time_left(session.expires_at, now) if session and state != State.EXPIRED else ""
    cells = (
        printable(profile.name),
        profile.kind,
        _value(profile.account_id or (session.account_id if session else None)),
        _value(profile.region),
        state or "-",
        left,
        f"{problems[0].code}: {problems[0].message}" if problems else "",
    )
    return cells, state


def _value(text: str | None) -> str:
    if not text:
        return "-"
    return text if text.isprintable() else shown(text)


def _nothing(overview: Overview) -> str:
    if len(overview.profiles):
        return "no profile matches"
    places = overview.locations
    return (
        f"no profiles in {printable(tilde(places.config))} and {printable(tilde(places.credentials))}: "
        "begin with `aws configure`, or try `xswitch demo`"
    )
