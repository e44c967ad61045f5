"""The rows of the tree: what is visible after folding and filtering, and what each row says.

Neither this nor `lines` loads Textual, nor Rich but for names with wide letters: the first frame is on the
screen before they are there.
"""

from __future__ import annotations

from xswitch.awsfiles.masking import shown
from xswitch.profiles.filtering import Filter, haystack
from xswitch.profiles.profile import Kind
from xswitch.profiles.tree import Heading, Node, build_tree, sibling_key
from xswitch.sessions.inventory import session_state
from xswitch.sessions.session import state_at, time_left
from xswitch.settings.model import Order, Settings
from xswitch.text import printable
from xswitch.tui.lines import widest_name
from xswitch.tui.signs import GUIDES, ICONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from xswitch.profiles.guarding import Guard, Guards
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.overview import Overview

_TEXTS_KEPT = 10  # with the rows of each: most words have fewer letters
_ROWS_KEPT = 200_000  # in all, 18 MB


class Row:
    """One line of the tree: a node, the guide lines before it, and how it came to be visible.

    `folded`: it has children and they are hidden. `matched`: it matches the filter itself, rather than
    leading to a match.
    """

    __slots__ = ("depth", "folded", "guides", "matched", "node")

    # All by position: thousands are made before the first frame, and names would take half as long again.
    def __init__(self, node: Node, guides: str, depth: int, folded: bool, matched: bool) -> None:
        self.node = node
        self.guides = guides
        self.depth = depth
        self.folded = folded
        self.matched = matched


class Rows(list[Row]):
    """The visible rows in order. How wide the widest name is, is asked by each who draws them."""

    __slots__ = ("_widest_name",)

    def __init__(self) -> None:
        super().__init__()
        self._widest_name = 0

    @property
    def widest_name(self) -> int:
        """The width that the name column would like: see `lines.widest_name`."""
        if not self._widest_name:
            self._widest_name = widest_name(self)
        return self._widest_name


class Cells:
    """What a row says at a moment.

    `state` is a session state, `keys`, `heading`, `broken`, `working` or empty. `guard` is the style of a
    guarded profile, "" for the others.
    """

    __slots__ = ("account", "guard", "icon", "name", "region", "role", "state", "status")

    def __init__(
        self,
        icon: str,
        name: str,
        state: str,
        status: str,
        *,
        account: str = "",
        role: str = "",
        region: str = "",
    ) -> None:
        self.icon = icon
        self.name = name
        self.state = state
        self.status = status
        self.account = account
        self.role = role
        self.region = region
        self.guard = ""


class TreeModel:
    """The tree with its folding, filter and marks. Nothing is computed for a row before it is visible.

    `uses` counts how often profiles were used, by name, for the order that needs it; without it, it is read.
    `file_problems` are what is wrong with the files themselves. `working` says, by `fold_key`, for which rows
    something is under way, and what. `marks` are the names of the profiles that are marked.
    """

    def __init__(
        self, overview: Overview, settings: Settings | None = None, uses: Mapping[str, int] | None = None
    ) -> None:
        self.overview = overview
        self.settings = settings = settings or Settings()
        self.guards = _guards_of(settings)
        self.icons = ICONS[settings.icons]
        self._guides = GUIDES[settings.icons]
        self.uses = _uses(overview, settings) if uses is None else uses
        self._roots = build_tree(overview.profiles, sibling_key(settings.order, self.uses))
        self.file_problems = overview.profiles.files.problems()
        self.folds: set[tuple[str, str]] = set()
        self.marks: set[str] = set()
        self.filter = Filter("")
        self.working: dict[tuple[str, str], str] = {}
        self._searched: list[Node] = []  # what the filter looks through, and its haystacks
        self._haystacks: list[str] = []
        self._guards: dict[str, Guard | None] = {}
        self._rows: dict[tuple[object, ...], Rows] = {}  # the last ones, by what they were asked for

    def rows(self, now: datetime) -> Rows:
        """Return the visible rows, in order.

        The last few are kept: who deletes a letter in the filter is back at thousands of them.
        """
        folds = frozenset() if self.filter else frozenset(self.folds)
        key = (tuple(self.filter.wanted), tuple(self.filter.unwanted), folds)
        rows = self._rows.pop(key, None)
        if rows is None:
            rows = self._visible_rows(now)
        self._rows[key] = rows
        while len(self._rows) > _TEXTS_KEPT or (
            len(self._rows) > 1 and sum(map(len, self._rows.values())) > _ROWS_KEPT
        ):
            del self._rows[next(iter(self._rows))]
        return rows

    def _visible_rows(self, now: datetime) -> Rows:
        visible = self._matching(now) if self.filter else None
        rows = Rows()
        bar, gap, tee, corner = self._guides
        # Guides grow by two characters a level; a chain of thousands must not grow them without end.
        roots = self._shown(self._roots, visible)
        stack: list[tuple[Iterator[Node], Node | None, str, str, str, int]] = [
            (iter(roots), None, "", "", "", 0)  # siblings, the last of them, guides; the roots have none
        ]
        while stack:
            siblings, last, before, tee_guides, corner_guides, depth = stack[-1]
            for node in siblings:
                matched = visible is None or visible[id(node)]
                guides = corner_guides if node is last else tee_guides
                children = node.children and self._shown(node.children, visible)
                if not children:
                    rows.append(Row(node, guides, depth, False, matched))
                    continue
                folded = visible is None and fold_key(node) in self.folds
                rows.append(Row(node, guides, depth, folded, matched))
                if not folded:
                    below = before if depth == 0 else (before + (gap if node is last else bar))[-32:]
                    guides_below = (below + tee)[-32:], (below + corner)[-32:]
                    stack.append((iter(children), children[-1], below, *guides_below, depth + 1))
                    break
            else:
                stack.pop()
        return rows

    def _shown(self, nodes: Sequence[Node], visible: dict[int, bool] | None) -> Sequence[Node]:
        return nodes if visible is None else [node for node in nodes if id(node) in visible]

    def _matching(self, now: datetime) -> dict[int, bool]:
        """Return the nodes to show, by identity: True where a node matches, False where one below it does."""
        self.prepare_filter(now)
        visible: dict[int, bool] = {}
        for place in self.filter.found_in(self._haystacks):
            node = self._searched[place]
            visible[id(node)] = True
            above = node.parent
            while above is not None and id(above) not in visible:
                visible[id(above)] = False
                above = above.parent
        return visible

    def prepare_filter(self, now: datetime, most: int | None = None) -> bool:
        """Make what the filter looks at, for `most` further profiles or for all; tell whether more are left.

        The first key in the filter need not wait for that where there was time before it.
        """
        if not self._searched:
            order = list(self._roots)
            for node in order:
                order.extend(node.children)
            self._searched = [node for node in order if not node.heading]
        ready = len(self._haystacks)
        for node in self._searched[ready : None if most is None else ready + most]:
            profile = self.overview.profiles.passing(node.name)
            account = self.overview.account_id(profile, now)
            self._haystacks.append(haystack(profile, account, self.account_name(account)))
        return len(self._haystacks) < len(self._searched)

    def filter_by(self, text: str) -> None:
        """Show what matches a text, as the settings want it matched."""
        self.filter = Filter(text, self.settings.filter)

    def account_name(self, account_id: str | None) -> str:
        """Return what the settings call an account, "" where they do not name it."""
        return self.settings.accounts.get(account_id or "", "")

    def guard(self, profile: Profile, now: datetime) -> Guard | None:
        """Return the guard of a profile, or None, as far as the files and the caches tell."""
        if not self.guards:
            return None
        if profile.name not in self._guards:
            self._guards[profile.name] = guard_shown(self.guards, self.overview, profile, now)
        return self._guards[profile.name]

    def cells(self, row: Row, now: datetime) -> Cells:
        """Return what the row says at `now`."""
        node = row.node
        cells = self._heading(node, now) if node.profile is None else self._profile(node.profile, now)
        word = self.working.get(fold_key(node)) if self.working else None
        if word:
            cells.icon, cells.state, cells.status = self.icons["working"], "working", word
        return cells

    def _profile(self, profile: Profile, now: datetime) -> Cells:
        problems = self.overview.profiles.problems(profile.name)
        session = self.overview.session(profile, now)
        state = session_state(profile, session, now) or ("keys" if profile.kind == Kind.STATIC else "")
        status = time_left(session.expires_at, now) if session else ""
        if not session and profile.kind == Kind.STATIC:
            status = "temporary" if profile.has_temporary_keys else "keys"
        if problems:
            state, status = "broken", problem_label(problems[0].code, profile)
        account = self.overview.account_id(profile, now)
        cells = Cells(
            self.icons.get(state, " "),
            printable(profile.name),
            state,
            status,
            account=shown(self.account_name(account)) or account_label(account),
            role=shown(profile.role) or self._without_role(profile),
            region=shown(profile.region or ""),
        )
        cells.guard = guard_style(self.guard(profile, now))
        return cells

    def _without_role(self, profile: Profile) -> str:
        return {Kind.PROCESS: "credential process", Kind.LOGIN: "aws login", Kind.NONE: "no credentials"}.get(
            profile.kind, ""
        )

    def _heading(self, node: Node, now: datetime) -> Cells:
        state, status, what = (
            "heading",
            "",
            {Heading.SSO_SESSION: "SSO session", Heading.SSO_START_URL: "SSO"},
        )
        if node.heading in what:
            name, url = (node.name, None) if node.heading == Heading.SSO_SESSION else (None, node.name)
            token = self.overview.sessions.token(name, url)
            state = state_at(token.expires_at if token else None, now)
            status = time_left(token.expires_at, now) if token else "signed out"
        role = what.get(node.heading, "credential source")
        return Cells(self.icons["heading"], shown(node.name), state, status, role=role)


def match_count(rows: list[Row]) -> int:
    """Return how many profiles match the filter."""
    return sum(1 for row in rows if row.matched and not row.node.heading)


def fold_key(node: Node) -> tuple[str, str]:
    """Return what identifies a node over reloads."""
    return node.heading, node.name


def account_label(account_id: str | None) -> str:
    """Return an account id as the console writes it: 1111-2222-3333."""
    if account_id and len(account_id) == 12 and account_id.isdecimal():
        return f"{account_id[:4]}-{account_id[4:8]}-{account_id[8:]}"
    return shown(account_id or "")


def _guards_of(settings: Settings) -> Guards | None:
    if not settings.guard:
        return None  # and what reads the rules is not loaded
    from xswitch.profiles.guarding import Guards

    return Guards(settings.guard)


def guard_shown(guards: Guards, overview: Overview, profile: Profile, now: datetime) -> Guard | None:
    """Return the guard of a profile, as far as the files, the caches and earlier answers of AWS tell."""
    account = overview.account_id(profile, now)
    if guards.needs_account(profile):
        account = overview.named_account(profile, now) or account
    return guards.of(profile, account)


def guard_style(guard: Guard | None) -> str:
    """Return the style of what a guard protects, "" without one."""
    return f"guard-{guard.color}" if guard is not None else ""


def _uses(overview: Overview, settings: Settings) -> Mapping[str, int]:
    if settings.order != Order.MOST_USED:
        return {}
    from xswitch.launch.usage import uses

    return uses(overview.locations.state)


def problem_label(code: str, profile: Profile) -> str:
    """Return a problem in words short enough for a row."""
    if code == "source-missing":
        return f"no profile {shown(profile.source or '')}"
    return code.replace("-", " ")
