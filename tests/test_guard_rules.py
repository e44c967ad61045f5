"""Which rules protect a profile, and how: what the files tell, before anybody is asked."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from awshome import SSO, profiles_of, role
from hypothesis import given
from hypothesis import strategies as st

from xswitch.profiles.guarding import Guards
from xswitch.settings.checking import settings_of

KEYS = "aws_access_key_id = AKIA0000000000000000\naws_secret_access_key = x\n"
LIAR = """\
[profile login-liar]
login_session = arn:aws:iam::222222222222:user/me
aws_account_id = 111111111111
"""
PROFILES = "\n".join(
    [
        role("prod", role_arn="arn:aws:iam::222222222222:role/team/Admin"),
        role("Prod-Read", role_arn="arn:aws:iam::222222222222:role/Reader"),
        role("hop", "prod", role_arn="arn:aws:iam::333333333333:role/Admin"),
        role("environment", role_arn="arn:aws:iam::222222222222:role/Admin").replace(
            "source_profile = keys", "credential_source = Environment"
        ),
        # An account that is stated beside a role is not that of the role.
        role("liar", role_arn="arn:aws:iam::222222222222:role/Admin", aws_account_id="111111111111"),
        f"[profile keys]\n{KEYS}",
        f"[profile stated]\naws_account_id = 222222222222\n{KEYS}",
        "[profile process]\ncredential_process = /bin/true\n",
        "[profile login]\nlogin_session = arn:aws:iam::222222222222:user/me\n",
        LIAR,
        "[profile web]\nrole_arn = arn:aws:iam::222222222222:role/Web\nweb_identity_token_file = /x\n",
        "[profile nothing]\nregion = eu-west-1\n",
        "[profile 'blank ']\nregion = eu-west-1\n",
        SSO,
    ]
)


@pytest.fixture(scope="module")
def profiles(tmp_path_factory):
    return profiles_of(tmp_path_factory.mktemp("aws"), PROFILES)


def guards(*rules):
    return Guards(settings_of({"guard": list(rules)}, "/config.toml", "").guard)


def guarded(profiles, *rules):
    found = guards(*rules)
    return {profile.name for profile in profiles if found.of(profile)}


def test_without_rules_nothing_is_guarded(profiles):
    assert not guards()
    assert guarded(profiles) == set()


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ({"profile": "prod"}, {"prod"}),
        ({"profile": "PROD*"}, {"prod", "Prod-Read"}),
        ({"profile": ["*-read", "hop", "no"]}, {"Prod-Read", "hop"}),
        ({"profile": "blank "}, {"blank "}),
        ({"profile": "blank"}, set()),
        ({"role": "admin"}, {"prod", "hop", "environment", "liar"}),
        ({"role": ["Read*", "web"]}, {"Prod-Read", "sso", "web"}),
        ({"role": "team/*"}, set()),
        (
            {"account_id": "222222222222"},
            {"prod", "Prod-Read", "environment", "liar", "stated", "login", "login-liar", "web"},
        ),
        ({"account_id": "111111111111"}, {"login-liar"}),
        ({"account_id": ["333333333333", "444444444444"]}, {"hop", "sso"}),
        ({"account_id": "222222222222", "role": "admin"}, {"prod", "environment", "liar"}),
        ({"account_id": "222222222222", "role": "admin", "profile": ["p*", "l*"]}, {"prod", "liar"}),
        ({"profile": "prod", "role": "Reader"}, set()),
        ({"profile": "*"}, None),
    ],
)
def test_all_conditions_of_a_rule_must_hold_each_by_any_of_its_values(profiles, rule, names):
    everything = {profile.name for profile in profiles}
    assert guarded(profiles, rule) == (everything if names is None else names)


def test_the_strictest_level_and_the_first_colour_hold(profiles):
    rules = [
        {"profile": "x"},
        {"profile": "prod", "color": "blue", "expect_account_id": "222222222222"},
        {"role": "Admin", "level": "read-only", "color": "cyan"},
        {"profile": "*", "color": "green", "expect_account_id": "222222222222"},
    ]
    guard = guards(*rules).of(profiles["prod"])
    assert (guard.level, guard.color, guard.positions) == ("read-only", "blue", (2, 3, 4))
    assert guard.expected == ("222222222222",)
    guard = guards(*rules).of(profiles["keys"])
    assert (guard.level, guard.color, guard.positions) == ("confirm", "green", (4,))


def test_an_account_that_is_known_otherwise_counts_beside_that_of_the_files(profiles):
    found = guards({"account_id": "222222222222"})
    assert found.of(profiles["keys"]) is None
    assert found.of(profiles["keys"], "111111111111") is None
    assert found.of(profiles["keys"], "222222222222")
    assert found.of(profiles["stated"], "111111111111")


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ({"account_id": "222222222222"}, {"keys", "stated", "process", "nothing", "blank "}),
        ({"account_id": "222222222222", "profile": ["k*", "prod"]}, {"keys"}),
        ({"account_id": "222222222222", "role": "*"}, None),
        ({"profile": "*", "role": "*"}, set()),
    ],
)
def test_the_account_has_to_be_asked_for_where_the_files_do_not_settle_it(profiles, rule, names):
    found = guards(rule)
    needing = {profile.name for profile in profiles if found.needs_account(profile)}
    assert needing == ({"keys", "stated", "process", "nothing", "blank "} if names is None else names)


WORDS = st.sampled_from(["prod", "PROD*", "*", "keys", "h?p", "[l-p]*", "admin", "Reader", "x"])
ACCOUNTS = st.sampled_from(["222222222222", "333333333333", "444444444444", "111111111111"])
RULES = st.fixed_dictionaries(
    {},
    optional={
        "profile": st.one_of(WORDS, st.lists(WORDS, min_size=1, max_size=3)),
        "role": st.one_of(WORDS, st.lists(WORDS, min_size=1, max_size=3)),
        "account_id": st.one_of(ACCOUNTS, st.lists(ACCOUNTS, min_size=1, max_size=3)),
        "level": st.sampled_from(["confirm", "read-only"]),
    },
).filter(lambda rule: rule.keys() - {"level"})


def listed(value):
    return value if isinstance(value, list) else [value]


def holds(rule, profile, account_id):
    """Say the same as the settings' documentation does, in other words."""
    session = (profile.text("login_session") or "::::").split(":")[4]
    accounts = [profile.account_id, account_id, session]
    values = {"profile": [profile.name], "role": [profile.role], "account_id": accounts}
    return all(
        any(
            value is not None and fnmatchcase(value.lower(), wanted.lower())
            for value in values[key]
            for wanted in listed(rule[key])
        )
        for key in rule.keys() & values.keys()
    )


@given(st.lists(RULES, max_size=4), st.one_of(st.none(), ACCOUNTS))
def test_rules_hold_as_they_are_documented(profiles, rules, account_id):
    found = guards(*rules)
    for profile in profiles:
        holding = [rule for rule in rules if holds(rule, profile, account_id)]
        guard = found.of(profile, account_id)
        assert (guard is not None) == bool(holding)
        if guard:
            strict = any(rule.get("level") == "read-only" for rule in holding)
            assert guard.level == ("read-only" if strict else "confirm")
            assert [rules[position - 1] for position in guard.positions] == holding
