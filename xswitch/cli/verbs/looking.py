"""Seeing what is there."""

from __future__ import annotations

from xswitch.cli.arguments import Command, Option
from xswitch.cli.verbs import JSON

VERBS = (
    Command(
        "list",
        "List every profile with its session and its problems.\n"
        "PATTERN is a glob over names ('dev-*'), or words as in the filter (prod audit '!old').",
        positionals=("[PATTERN…]",),
        options=(Option("--tree", "show each profile under the one it sources from"), JSON),
        example=("xswitch list prod", "xswitch list --tree", "xswitch list 'dev-*' --json"),
    ),
    Command(
        "show",
        "Show one profile: settings, credential providers, chain, session.\n"
        "Each setting comes with the file and line it stands in, each provider with the reason why it\n"
        "wins or not. Secrets are masked. --all --json gives everything that was read.",
        positionals=("[PROFILE]",),
        options=(Option("--all", "every profile, SSO session and services section (with --json)"), JSON),
        example=("xswitch show prod", "xswitch show --all --json"),
    ),
    Command(
        "sessions",
        "List every cached session, whose it is and when it ends.\n"
        "Sessions that no profile uses any more are listed too.",
        options=(JSON,),
        example=("xswitch sessions", "xswitch sessions --json"),
    ),
)
