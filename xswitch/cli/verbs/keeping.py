"""Keeping things in order: mistakes, settings; and the demo."""

from __future__ import annotations

from xswitch.cli.arguments import Command, Option
from xswitch.cli.verbs import JSON, YES_REALLY

VERBS = (
    Command(
        "doctor",
        "Look for mistakes in the AWS files, the cached sessions, the environment and the settings.\n"
        "PATTERN is a name or a glob of the profiles to look at; '!dev-*' leaves out. All offline.\n"
        "The exit status is 1 where there are errors; warnings and notes do not fail.",
        positionals=("[PATTERN…]",),
        options=(
            JSON,
            Option("--list", "list the checks: code, severity, what each finds and why; examine nothing"),
            Option("--code", "only this code (XS201), or not this ('!XS225'); may be repeated", "CODE"),
            Option("--fix", "show how each can be mended, and do it after a question"),
            Option("--yes", "with --fix, ask nothing: mend what is sure"),
            YES_REALLY,
        ),
        example=(
            "xswitch doctor",
            "xswitch doctor --fix",
            "xswitch doctor 'prod-*' '!prod-old' --json",
            "AWS_CONFIG_FILE=team/config xswitch doctor --json    (in CI)",
        ),
    ),
    Command(
        "settings",
        "Write, edit or find the settings of xswitch: guard rules, account names, theme, keys.\n"
        "  xswitch settings init    write a file that explains each of them, where there is none\n"
        "  xswitch settings edit    open it in your editor, and check it afterwards\n"
        "  xswitch settings path    print where it is",
        positionals=("ACTION",),
        example=("xswitch settings init", "xswitch settings edit"),
    ),
    Command(
        "demo",
        "Try xswitch without an AWS account.\n"
        "The demo has a home of its own with a tree of profiles, and STS and IAM on this machine; your\n"
        "own files are neither read nor written. A COMMAND given runs in it instead of the terminal UI.",
        takes_command=True,
        needs_command=False,
        example=(
            "xswitch demo",
            "xswitch demo list",
            "xswitch demo run prod -- aws sts get-caller-identity",
        ),
    ),
)
