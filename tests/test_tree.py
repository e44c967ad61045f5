"""Every profile has exactly one place in the tree, whatever the source profiles say."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest
from awshome import profiles_of
from counting import assert_in_proportion
from hypothesis import given, settings
from hypothesis import strategies as st

from xswitch.profiles.tree import build_tree, by_name, by_use, walk

ARN = "arn:aws:iam::111122223333:role/R"


def role(name, source):
    return f"[profile {name}]\nrole_arn = {ARN}\nsource_profile = {source}\n"


def keys(name):
    return f"[profile {name}]\naws_access_key_id = A\naws_secret_access_key = S\n"


def sso(name, more=""):
    return f"[profile {name}]\nsso_account_id = 1\nsso_role_name = R\n{more}"


def drawn(folder, config, credentials=""):
    """The tree as lines, two blanks for each level."""
    roots = build_tree(profiles_of(folder, config, credentials))
    return [
        "  " * depth + (f"<{node.heading}> {node.name}" if node.heading else node.name)
        for node, depth in walk(roots)
    ]


@pytest.mark.parametrize(
    ("config", "lines"),
    [
        ("", []),
        (
            role("prod", "dev") + keys("dev") + role("deep", "prod") + role("test", "dev"),
            ["dev", "  prod", "    deep", "  test"],
        ),
        (role("x", "nope") + keys("a"), ["x", "a"]),
        (role("x", "x"), ["x"]),
        (role("x", "y") + role("y", "x"), ["x", "  y"]),
        (
            role("tail", "y") + role("x", "z") + role("y", "x") + role("z", "y") + role("more", "z"),
            ["x", "  y", "    tail", "    z", "      more"],
        ),
        (
            role("x", "y") + role("y", "x") + role("p", "q") + role("q", "p"),
            ["x", "  y", "p", "  q"],
        ),
        ("[profile a]\nregion = x\nsource_profile = b\n" + keys("b"), ["a", "b"]),
        (
            sso("a", "sso_session = https://x\n") + sso("b", "sso_start_url = https://x\n"),
            ["<sso-session> https://x", "  a", "<sso-start-url> https://x", "  b"],
        ),
        (
            "[profile a]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\n"
            + role("x", "a")
            + keys("k")
            + "[profile b]\nsso_session = corp\n[profile c]\nsso_session = other\n"
            + "[sso-session corp]\nsso_region = x\n",
            ["<sso-session> corp", "  a", "    x", "  b", "k", "<sso-session> other", "  c"],
        ),
        (
            sso("a", "sso_start_url = https://x\n") + sso("b", "sso_start_url = https://x\n") + sso("c"),
            ["<sso-start-url> https://x", "  a", "  b", "c"],
        ),
        (
            f"[profile a]\nrole_arn = {ARN}\ncredential_source = Environment\n" + role("x", "a"),
            ["<credential-source> Environment", "  a", "    x"],
        ),
        # A profile and a heading of the same name are two nodes.
        (
            keys("corp") + "[profile a]\nsso_session = corp\n",
            ["corp", "<sso-session> corp", "  a"],
        ),
        # A profile may have an empty name; it is not the source of those that name none.
        ('[profile ""]\naws_access_key_id = A\n' + keys("a") + role("x", ""), ["", "  x", "a"]),
    ],
)
def test_the_shape_of_the_tree(aws_folder, config, lines):
    assert drawn(aws_folder, config) == lines


def test_profiles_of_the_credentials_file_hang_together_with_those_of_the_config_file(aws_folder):
    credentials = "[base]\naws_access_key_id = A\n" + f"[r]\nrole_arn = {ARN}\nsource_profile = x\n"
    assert drawn(aws_folder, role("x", "base"), credentials) == ["base", "  x", "    r"]


SOURCES = st.lists(st.one_of(st.none(), st.integers(0, 11)), max_size=11)


@settings(max_examples=150, deadline=None)
@given(sources=SOURCES)
def test_every_profile_is_in_the_tree_exactly_once_for_any_sources(sources):
    config = "".join(
        keys(f"p{i}") if source is None else role(f"p{i}", f"p{source}") for i, source in enumerate(sources)
    )
    with tempfile.TemporaryDirectory() as folder:
        roots = build_tree(profiles_of(Path(folder), config))
    nodes = [node for node, _ in walk(roots)]
    assert sorted(node.name for node in nodes) == sorted(f"p{i}" for i in range(len(sources)))
    parents = {child.name: node.name for node in nodes for child in node.children}
    assert not {node.name for node in roots} & set(parents), "a root is nobody's child"
    for child, parent in parents.items():
        assert parent == f"p{sources[int(child[1:])]}", "a child hangs under its source"


def long_chain(folder, length, last):
    """Profiles of which each hangs under the next, the last one under `last`; `{middle}` is half-way."""
    last = last.format(middle=f"p{length // 2}")
    chain = "".join(role(f"p{i}", f"p{i + 1}" if i + 1 < length else last) for i in range(length))
    return profiles_of(folder, keys("base") + chain)


LASTS = pytest.mark.parametrize("last", ["p0", "{middle}", "base", "nope"])


@LASTS
def test_a_chain_longer_than_the_stack_is_built_and_walked(aws_folder, last):
    length = 5 * sys.getrecursionlimit()
    nodes = list(walk(build_tree(long_chain(aws_folder, length, last))))
    assert len(nodes) == length + 1
    assert max(depth for _, depth in nodes) >= length // 2


@LASTS
def test_a_chain_takes_no_more_than_its_length(aws_folder, last):
    def prepare(length):
        profiles = long_chain(aws_folder, length, last)
        return lambda: list(walk(build_tree(profiles)))

    assert_in_proportion(prepare)


def test_a_node_says_what_it_is_without_its_settings(aws_folder):
    config = keys("a") + "[profile b]\nsso_session = corp\n"
    roots = build_tree(profiles_of(aws_folder, config))
    assert [repr(node) for node in roots] == ["Node(profile 'a')", "Node(sso-session 'corp')"]


# --- order ---------------------------------------------------------------------------------------

ORDERED = (
    role("zeta", "Mid")
    + keys("beta")
    + role("alpha", "Mid")
    + keys("Mid")
    + sso("corp-z", "sso_session = corp\n")
    + sso("corp-a", "sso_session = corp\n")
)


def ordered(folder, order):
    return [node.name for node, _ in walk(build_tree(profiles_of(folder, ORDERED), order))]


def test_siblings_at_every_level_are_sorted_by_name(aws_folder):
    assert ordered(aws_folder, None) == ["beta", "Mid", "zeta", "alpha", "corp", "corp-z", "corp-a"]
    assert ordered(aws_folder, by_name) == ["beta", "corp", "corp-a", "corp-z", "Mid", "alpha", "zeta"]


@pytest.mark.parametrize(
    ("uses", "names"),
    [
        ({}, ["beta", "Mid", "zeta", "alpha", "corp", "corp-z", "corp-a"]),
        ({"corp-a": 1}, ["corp", "corp-a", "corp-z", "beta", "Mid", "zeta", "alpha"]),
        ({"alpha": 2, "zeta": 1, "beta": 2}, ["Mid", "alpha", "zeta", "beta", "corp", "corp-z", "corp-a"]),
        ({"corp": 9, "gone": 9, "beta": 1}, ["beta", "Mid", "zeta", "alpha", "corp", "corp-z", "corp-a"]),
    ],
)
def test_what_is_used_below_a_node_counts_for_it_and_equals_stay_in_file_order(aws_folder, uses, names):
    assert ordered(aws_folder, by_use(uses)) == names


def test_sorting_a_chain_by_use_takes_no_more_than_its_length(aws_folder):
    def prepare(length):
        profiles = long_chain(aws_folder, length, "nope")
        return lambda: build_tree(profiles, by_use({"p0": 1}))

    assert_in_proportion(prepare)


def test_every_node_knows_what_it_hangs_from(aws_folder):
    roots = build_tree(profiles_of(aws_folder, ORDERED + "\n" + role("x", "y") + role("y", "x")), None)
    for node, depth in walk(roots):
        assert (node.parent is None) is (depth == 0)
        assert node.parent is None or node in node.parent.children
