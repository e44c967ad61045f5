"""The filter finds what people type, in any order, and nothing else."""

from __future__ import annotations

import pytest
from awshome import profiles_of
from hypothesis import given
from hypothesis import strategies as st

from xswitch.profiles.filtering import Filter, haystack

CONFIG = """
[profile prod-admin]
role_arn = arn:aws:iam::111122223333:role/team/Deployer
source_profile = dev
region = eu-central-1
[profile dev]
aws_access_key_id = AKIADEV
aws_secret_access_key = hush
external_id = hush
[profile ada]
sso_session = corp
sso_account_id = 444455556666
sso_account_name = Data Lake
sso_role_name = Analyst
region = us-east-1
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["prod-admin", "dev", "ada"]),
        ("   ", ["prod-admin", "dev", "ada"]),
        ("prod", ["prod-admin"]),
        ("PROD", ["prod-admin"]),
        ("admin prod", ["prod-admin"]),
        ("d a", ["prod-admin", "ada"]),
        ("1111", ["prod-admin"]),
        ("111122223333", ["prod-admin"]),
        ("1111-2222-3333", ["prod-admin"]),
        ("deployer", ["prod-admin"]),
        ("team", []),
        ("analyst us-east", ["ada"]),
        ("lake", ["ada"]),
        ("corp", ["ada"]),
        ("!prod", ["dev", "ada"]),
        ("d !prod !corp", ["dev"]),
        ("!", ["prod-admin", "dev", "ada"]),
        ("prod !", ["prod-admin"]),
        ("prod dev", []),
        ("hush", []),
        ("akiadev", []),
        ("(.*", []),
    ],
)
def test_the_filter_finds_the_profiles_that_have_all_words_and_none_of_the_excluded(aws_folder, text, names):
    found = Filter(text)
    assert [p.name for p in profiles_of(aws_folder, CONFIG) if found.matches(haystack(p))] == names


def test_an_account_id_that_is_known_otherwise_is_searched_too(aws_folder):
    dev = profiles_of(aws_folder, CONFIG)["dev"]
    assert not Filter("777788889999").matches(haystack(dev))
    assert Filter("777788889999").matches(haystack(dev, "777788889999"))
    assert Filter("7777-8888").matches(haystack(dev, "777788889999"))


@pytest.mark.parametrize(
    ("text", "true"), [("", False), ("  ", False), ("!", False), ("a", True), ("!a", True)]
)
def test_an_empty_filter_is_false(text, true):
    assert bool(Filter(text)) is true


@pytest.mark.parametrize(
    ("text", "label", "spans"),
    [
        ("pro", "prod-PRO", [(0, 3), (5, 8)]),
        ("aa", "aaaa", [(0, 2), (2, 4)]),
        ("o p", "prop", [(0, 1), (2, 3), (3, 4)]),
        ("!pro", "prod", []),
        ("x", "", []),
        ("i", "İi", []),
    ],
)
def test_the_spans_to_highlight(text, label, spans):
    assert Filter(text).spans(label) == spans


@given(words=st.lists(st.text(min_size=1, max_size=3), max_size=3), label=st.text(max_size=12))
def test_every_span_is_one_of_the_words_whatever_is_typed(words, label):
    found = Filter(" ".join(words))
    for start, end in found.spans(label):
        assert label[start:end].lower() in found.wanted


@given(
    text=st.text("ab!01 ", max_size=8),
    hays=st.lists(st.text("ab01\n", max_size=6), max_size=6),
    mode=st.sampled_from(["words", "fuzzy"]),
)
def test_of_many_haystacks_it_finds_those_that_match_alone(text, hays, mode):
    found = Filter(text, mode)
    assert found.found_in(hays) == [place for place, hay in enumerate(hays) if found.matches(hay)]
