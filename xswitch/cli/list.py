"""`xswitch list`."""

from __future__ import annotations

import os

from xswitch.awsfiles.masking import shown
from xswitch.errors import ExitStatus, UsageError
from xswitch.locations import Locations, tilde
from xswitch.profiles.filtering import Filter, haystack
from xswitch.profiles.globs import glob_matches, is_glob
from xswitch.profiles.guarding import Guards
from xswitch.sessions.inventory import session_state
from xswitch.sessions.overview import Overview
from xswitch.sessions.session import State, time_left
from xswitch.settings.model import Order
from xswitch.settings.reading import load_settings
from xswitch.text import printable, table
from xswitch.timestamps import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from xswitch.cli.arguments import Arguments
    from xswitch.cli.output import Output
    from xswitch.profiles.profile import Profile
    from xswitch.settings.model import Settings

    # The cells of a line, and the styles it is shown in.
    _Row: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]

_HEADINGS = ("NAME", "KIND", "ACCOUNT", "REGION", "SESSION", "LEFT", "GUARD", "PROBLEM")
_STATE_STYLES = {State.VALID: "green", State.EXPIRING: "yellow", State.EXPIRED: "red", State.NONE: "dim"}


def run(arguments: Arguments, output: Output) -> int:
    """List the profiles that match."""
    locations = Locations(os.environ)
    listing = _Listing(Overview(locations), load_settings(locations.settings, locations.state))
    matches = listing.matcher(" ".join(arguments.positionals))
    if arguments.flags >= {"--json", "--tree"}:
        raise UsageError(
            "list gives --json or --tree, not both", "in the JSON, `source` says what --tree draws"
        )
    if "--json" in arguments.flags:
        output.json(listing.objects(matches))
    else:
        listing.print(matches, output, tree="--tree" in arguments.flags)
    overview = listing.overview
    output.problems([*overview.profiles.files.problems(), *overview.sessions.problems])
    return ExitStatus.OK


class _Listing:
    """The profiles at one moment, and how their user wants to see them."""

    def __init__(self, overview: Overview, settings: Settings) -> None:
        self.overview = overview
        self._settings = settings
        self._guards = Guards(settings.guard)
        self._now = utc_now()

    def matcher(self, pattern: str) -> Callable[[Profile], bool]:
        """Return what tells whether a profile is wanted: by a glob, by words, or always."""
        if not pattern:
            return lambda _: True
        if is_glob(pattern):
            return lambda profile: glob_matches(pattern, profile.name)
        words = Filter(pattern, self._settings.filter)

        def matches(profile: Profile) -> bool:
            account_id = self.overview.account_id(profile, self._now)
            return words.matches(haystack(profile, account_id, self._account_name(account_id)))

        return matches

    def objects(self, matches: Callable[[Profile], bool]) -> list[dict[str, object]]:
        """Return the wanted profiles as JSON objects."""
        from xswitch.cli.report import list_object

        objects = []
        for profile in self._ordered():
            if matches(profile):
                account_id = self.overview.account_id(profile, self._now)
                guard, name = self._guards.of(profile, account_id), self._account_name(account_id)
                objects.append(list_object(self.overview, profile, self._now, guard, name))
        return objects

    def print(self, matches: Callable[[Profile], bool], output: Output, *, tree: bool) -> None:
        """Write the wanted profiles as a table, with a column for guards where there are rules."""
        rows = self._tree_rows(matches) if tree else [self._row(p) for p in self._ordered() if matches(p)]
        if not rows:
            output.talk(_nothing(self.overview))
            return
        cells = [_HEADINGS, *(cells for cells, _ in rows)]
        heading, *lines = table(cells if self._guards else [(*line[:-2], line[-1]) for line in cells])
        if output.colour:
            heading = output.style(heading, "dim")
            lines = [output.style(line, *styles) for line, (_, styles) in zip(lines, rows, strict=True)]
        output.data("\n".join([heading, *lines]))

    def _ordered(self) -> Iterable[Profile]:
        profiles = self.overview.profiles
        if self._settings.order == Order.NAME:
            return sorted(profiles, key=lambda profile: (profile.name.casefold(), profile.name))
        if self._settings.order == Order.MOST_USED:
            counts = self._uses()
            return sorted(profiles, key=lambda profile: -counts.get(profile.name, 0))
        return profiles

    def _uses(self) -> dict[str, int]:
        from xswitch.launch.usage import uses

        return uses(self.overview.locations.state)

    def _tree_rows(self, matches: Callable[[Profile], bool]) -> list[_Row]:
        """Return the wanted profiles in tree order, under everything they hang from."""
        from xswitch.profiles.tree import build_tree, sibling_key, walk

        order = self._settings.order
        key = sibling_key(order, self._uses() if order == Order.MOST_USED else {})
        nodes = list(walk(build_tree(self.overview.profiles, key)))
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
                cells = ("  " * depth + printable(node.name), node.heading, *[""] * (len(_HEADINGS) - 2))
                rows.append((cells, ()))
            else:
                cells, styles = self._row(node.profile)
                rows.append((("  " * depth + cells[0], *cells[1:]), styles))
        return rows

    def _row(self, profile: Profile) -> _Row:
        session = self.overview.session(profile, self._now)
        state = session_state(profile, session, self._now)
        problems = self.overview.profiles.problems(profile.name)
        left = time_left(session.expires_at, self._now) if session and state != State.EXPIRED else ""
        account_id = self.overview.account_id(profile, self._now)
        account_name = self._account_name(account_id)
        guard = self._guards.of(profile, account_id) if self._guards else None
        cells = (
            printable(profile.name),
            profile.kind,
            _value(account_id) + (f" {printable(account_name)}" if account_name else ""),
            _value(profile.region),
            state or "-",
            left,
            guard.level if guard else "",
            f"{problems[0].code}: {problems[0].message}" if problems else "",
        )
        styles = [_STATE_STYLES[state]] if state else []
        return cells, ("bold", guard.color) if guard else tuple(styles)

    def _account_name(self, account_id: str | None) -> str:
        return self._settings.accounts.get(account_id or "", "")


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
