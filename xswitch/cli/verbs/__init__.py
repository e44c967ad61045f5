"""The verbs, described by theme: what parsing and `--help` are made from. Here: options of several verbs."""

from __future__ import annotations

from xswitch.cli.arguments import Option

JSON = Option("--json", "report as JSON")
REGION = Option("--region", "run in this region instead of the profile's own", "REGION")
ENV = Option("--env", "give the command the credentials themselves instead of AWS_PROFILE")
DRY_RUN = Option("--dry-run", "show what would change, with secrets masked, and change nothing")
COMMON_SETTINGS = (
    Option("--region", "the profile's region", "REGION"),
    Option("--output", "how aws prints: json, yaml, text, table, …", "FORM"),
)
MFA_TOKEN = Option("--mfa-token", "the code of the MFA device, instead of being asked for it", "CODE")
YES_REALLY = Option(
    "--yes-really", "the profile's name, where a guard asks for it to be typed and nobody can", "PROFILE"
)
MIN_TTL = Option("--min-ttl", "renew a session that has less than this left (30m, 1h, 900s)", "TIME")
OTHER_PROFILES = (
    Option("--trusting", "another profile of the account with the role, where that one is gone", "PROFILE"),
    Option("--trusted", "another profile of the account that uses it, where that one is gone", "PROFILE"),
)
