"""The profile tree: every profile under the one it sources from, as data that a front end can draw."""

from __future__ import annotations

from xswitch.profiles.profile import Kind, Profile, source_in
from xswitch.settings.model import Order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, TypeAlias

    from xswitch.profiles.collection import Profiles

    SiblingKey: TypeAlias = Callable[["Node"], Any]
    """What the siblings at each level are sorted by. It is asked of a node's children before the node."""


class Heading:
    """What a node stands for when it is no profile."""

    SSO_SESSION = "sso-session"
    SSO_START_URL = "sso-start-url"
    CREDENTIAL_SOURCE = "credential-source"


# Only what the values of these keys name stands over profiles.
_NAMING_HEADINGS = frozenset({"credential_source", "sso_session", "sso_start_url"})


class Node:
    """A node of the tree: a profile, or a heading (`heading` says which, `name` whose) over profiles.

    `parent` is the node that it hangs from, None for a root. Of thousands of nodes few are ever on a screen,
    so a profile is made when it is asked for.
    """

    __slots__ = ("_profiles", "children", "heading", "name", "parent")

    def __init__(self, name: str, profiles: Profiles | None = None, heading: str = "") -> None:
        self.name = name
        self._profiles = profiles
        self.heading = heading
        self.parent: Node | None = None
        self.children: Sequence[Node] = ()

    def __repr__(self) -> str:
        return f"Node({self.heading or 'profile'} {self.name!r})"

    @property
    def profile(self) -> Profile | None:
        """The profile, None of a heading."""
        return None if self._profiles is None else self._profiles[self.name]


def build_tree(profiles: Profiles, order: SiblingKey | None = None) -> list[Node]:
    """Return the roots and the children under each, in file order or sorted by `order`.

    A profile whose source is missing is a root. A circle of source profiles is opened at the profile
    that stands first in the files; the rest of the circle hangs under it.
    """
    nodes = {name: Node(name, profiles) for name in profiles.files.names}
    sources, headed = _above(profiles)
    for opening in _circle_openings(sources):
        del sources[opening]
    below: dict[str, list[Node]] = {}
    for name, source in sources.items():
        if source in below:
            below[source].append(nodes[name])
        elif source in nodes:
            below[source] = [nodes[name]]
    for source, children in below.items():
        _hang(nodes[source], children)
    ordered = _under_headings([node for node in nodes.values() if node.parent is None], headed)
    if order is not None:
        _sort(ordered, order)
    return ordered


def _above(profiles: Profiles) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Return what profiles hang from, by their names: the source of some, the heading over others."""
    files = profiles.files
    sources: dict[str, str] = {}
    headed: dict[str, tuple[str, str]] = {}
    for name, values in files.every():
        source = source_in(values)
        if source is None:
            heading = None if _NAMING_HEADINGS.isdisjoint(values) else _heading(Profile(files, name, values))
            if heading is not None:
                headed[name] = heading
        else:
            sources[name] = source
    return sources, headed


def _under_headings(roots: list[Node], headed: Mapping[str, tuple[str, str]]) -> list[Node]:
    """Return the roots with headings over some: each where the first of those stood."""
    ordered: list[Node] = []
    below: dict[tuple[str, str], list[Node]] = {}
    for node in roots:
        heading = headed.get(node.name)
        if heading is None:
            ordered.append(node)
            continue
        if heading not in below:
            kind, name = heading
            ordered.append(Node(name, heading=kind))
            below[heading] = []
        below[heading].append(node)
    for node in ordered:
        if node.heading:
            _hang(node, below[node.heading, node.name])
    return ordered


def _hang(parent: Node, children: list[Node]) -> None:
    parent.children = children
    for child in children:
        child.parent = parent


def sibling_key(order: str, uses: Mapping[str, int]) -> SiblingKey | None:
    """Return what sorts siblings as the setting `order` says, None for the order of the files."""
    if order == Order.NAME:
        return by_name
    return by_use(uses) if order == Order.MOST_USED else None


def by_name(node: Node) -> tuple[str, str]:
    """Return what sorts siblings by their names; upper and lower case are the same."""
    return node.name.casefold(), node.name


def by_use(uses: Mapping[str, int]) -> SiblingKey:
    """Return what sorts siblings by how often they were used, the most used first, else as they stand.

    `uses` counts by the names of profiles. What is used below a node counts for the node too.
    """
    totals: dict[int, int] = {}

    def key(node: Node) -> int:
        own = 0 if node.heading else uses.get(node.name, 0)
        total = totals[id(node)] = own + sum(totals[id(child)] for child in node.children)
        return -total

    return key


def _sort(roots: list[Node], order: SiblingKey) -> None:
    nodes = list(roots)
    for node in nodes:
        nodes.extend(node.children)
    for node in reversed(nodes):  # the children first
        node.children = sorted(node.children, key=order)
    roots.sort(key=order)


def walk(roots: list[Node]) -> Iterator[tuple[Node, int]]:
    """Yield every node with its depth (roots are 0), parents before children."""
    stack = [(node, 0) for node in reversed(roots)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        stack.extend((child, depth + 1) for child in reversed(node.children))


def _heading(profile: Profile) -> tuple[str, str] | None:
    """Return the heading that a profile without a source stands under: of what kind, and whose."""
    if profile.kind == Kind.ROLE:
        source = profile.text("credential_source")
        return (Heading.CREDENTIAL_SOURCE, source) if source else None
    if profile.sso_session is not None and profile.kind in {Kind.SSO, Kind.NONE}:
        return Heading.SSO_SESSION, profile.sso_session
    if profile.kind == Kind.SSO:
        url = profile.text("sso_start_url")
        return (Heading.SSO_START_URL, url) if url else None
    return None


def _circle_openings(sources: Mapping[str, str]) -> list[str]:
    """Return the first name, in the order of `sources`, of every circle in it."""
    # Who is in a circle has a source and is one; of thousands that share a source, none needs to be walked.
    inner = {name: sources[name] for name in set(sources.values()) if name in sources}
    openings = []
    order: dict[str, int] = {}
    seen: dict[str, str] = {}  # name: at which one the walk that first met it began
    for start in inner:
        current: str | None = start
        while current is not None and current not in seen:
            seen[current] = start
            current = inner.get(current)
        if current is not None and seen[current] == start:
            order = order or {name: position for position, name in enumerate(sources)}
            openings.append(min(_circle(current, inner), key=order.__getitem__))
    return openings


def _circle(member: str, sources: Mapping[str, str]) -> list[str]:
    circle = [member]
    while (following := sources[circle[-1]]) != member:
        circle.append(following)
    return circle
