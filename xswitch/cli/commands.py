"""The verbs, described: what parsing and `--help` are made from."""

from __future__ import annotations

from xswitch.cli.arguments import Command, Option

_JSON = Option("--json", "report as JSON")
_REGION = Option("--region", "run in this region instead of the profile's own", "REGION")
_ENV = Option("--env", "give the command the credentials themselves instead of AWS_PROFILE")

UI = Command(
    "",
    "Open the terminal UI, with FILTER filled in.",
    positionals=("[FILTER]",),
    example=("xswitch", "xswitch prod"),
    module="ui",
)

COMMANDS = {
    command.name: command
    for command in (
        Command(
            "list",
            "List every profile with its session and its problems.\n"
            "PATTERN is a glob over names ('dev-*'), or words as in the filter (prod audit '!old').",
            positionals=("[PATTERN…]",),
            options=(Option("--tree", "show each profile under the one it sources from"), _JSON),
            example=("xswitch list prod", "xswitch list --tree", "xswitch list 'dev-*' --json"),
        ),
        Command(
            "show",
            "Show one profile: settings, credential providers, chain, session.\n"
            "Each setting comes with the file and line it stands in, each provider with the reason why it\n"
            "wins or not. Secrets are masked. --all --json gives everything that was read.",
            positionals=("[PROFILE]",),
            options=(Option("--all", "every profile, SSO session and services section (with --json)"), _JSON),
            example=("xswitch show prod", "xswitch show --all --json"),
        ),
        Command(
            "sessions",
            "List every cached session, whose it is and when it ends.\n"
            "Sessions that no profile uses any more are listed too.",
            options=(_JSON,),
            example=("xswitch sessions", "xswitch sessions --json"),
        ),
        Command(
            "run",
            "Run a command under a profile.\n"
            "The session is obtained first where none is cached, and kept where aws finds it too. Then\n"
            "xswitch is replaced by the command: exit status and signals are its own.",
            positionals=("PROFILE",),
            options=(_ENV, _REGION),
            example=(
                "xswitch run prod -- aws s3 ls",
                "xswitch run --region us-east-1 prod -- terraform plan",
            ),
            takes_command=True,
        ),
        Command(
            "shell",
            "Open a subshell under a profile.\n"
            "exit leaves it. XSWITCH_PROFILE names the profile, XSWITCH_DEPTH counts how deep you are.",
            positionals=("PROFILE",),
            options=(_ENV, _REGION),
            example=("xswitch shell prod",),
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
}


def overview() -> str:
    """Return the text of `xswitch --help`."""
    width = max(len(name) for name in COMMANDS)
    rows = [f"  {name:<{width}}  {command.summary.splitlines()[0]}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            "usage: xswitch [FILTER]            open the terminal UI",
            "       xswitch COMMAND [--help]    one of the commands below",
            "       xswitch --version",
            "",
            "commands:",
            *rows,
            "",
            "Everything but run, shell and demo works offline. XSWITCH_DEBUG=1 shows tracebacks.",
        ]
    )
