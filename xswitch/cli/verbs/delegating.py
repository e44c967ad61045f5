"""Access from one account to another."""

from __future__ import annotations

from xswitch.cli.arguments import Command, Option
from xswitch.cli.verbs import JSON, MFA_TOKEN, OTHER_PROFILES, YES_REALLY

VERBS = (
    Command(
        "delegate",
        "Set up access from one account to another: the role, who may assume it, its profile.\n"
        "What is there already is looked up and shown beside what is to be made; then you are asked.\n"
        "What was made is written down, so that it can go on after an error, or be taken down again.\n"
        "Without a principal it is whoever --trusted is.\n"
        "  xswitch delegate list           what was set up from here\n"
        "  xswitch delegate undo PROFILE   take it down: exactly what was made\n"
        "  xswitch delegate resume PROFILE go on where it was interrupted",
        options=(
            Option("--trusting", "a profile that may change IAM in the account with the role", "PROFILE"),
            Option("--trusted", "a profile that may change IAM in the account that uses it", "PROFILE"),
            Option("--user", "trust this user of the trusted account", "NAME"),
            Option("--from-role", "trust this role of the trusted account", "NAME"),
            Option("--sso-role", "trust whoever has this permission set there (IAM Identity Center)", "NAME"),
            Option("--account", "trust the whole trusted account (with --user or --group: who gets in)"),
            Option("--role", "the name of the role to make", "NAME"),
            Option("--path", "its path, such as /team/", "PATH"),
            Option("--policy", "what it may do: a name, an ARN, or FILE.json (ReadOnlyAccess)", "POLICY"),
            Option("--profile", "the name of the profile to write", "NAME"),
            Option("--source", "its source profile, where that is not --trusted", "PROFILE"),
            Option("--external-id", "require this external ID, or one that is made (generate)", "ID"),
            Option("--require-mfa", "require that whoever assumes the role has given an MFA code"),
            Option("--mfa-age", "the same, and given at most so long ago (1h)", "TIME"),
            Option("--mfa-serial", "the MFA device, where it is not the one of the source profile", "SERIAL"),
            Option("--duration", "how long a session lasts (1h, the default, to 12h)", "TIME"),
            Option("--tags", "tags of the role", "NAME=VALUE,…"),
            Option("--managed", "on the trusted side, a managed policy instead of an inline one"),
            Option("--group", "give the right to assume the role to this group", "NAME"),
            Option("--region", "the profile's region", "REGION"),
            Option("--plan", "only show what would be done"),
            Option("--export", "print it as aws-cli (a script), cloudformation or terraform", "TOOL"),
            Option("--output-dir", "write what is exported to files in this folder", "DIR"),
            Option("--update", "change what is there and differs; undo gives it back"),
            Option("--yes", "do it without asking"),
            JSON,
            YES_REALLY,
            MFA_TOKEN,
        ),
        example=(
            "xswitch delegate --trusting prod-admin --trusted dev --user bob \\",
            "    --role CrossAccountReadOnly --policy ReadOnlyAccess --profile prod --require-mfa",
        ),
    ),
    Command(
        "delegate list",
        "List the accesses that were set up from here.",
        options=(JSON,),
        example=("xswitch delegate list",),
        module="delegate_list",
    ),
    Command(
        "delegate undo",
        "Take down an access: exactly what was made for it, in both accounts and in the files.\n"
        "PROFILE is the one that was made. Refused where others have changed something of it since.",
        positionals=("PROFILE",),
        options=(*OTHER_PROFILES, Option("--yes", "do it without asking"), YES_REALLY, MFA_TOKEN),
        example=("xswitch delegate undo prod",),
        module="delegate_undo",
    ),
    Command(
        "delegate resume",
        "Go on with an access whose set-up was interrupted. PROFILE is the one to be made.",
        positionals=("PROFILE",),
        options=(
            *OTHER_PROFILES,
            Option("--update", "change what is there and differs; undo gives it back"),
            Option("--yes", "do it without asking"),
            YES_REALLY,
            MFA_TOKEN,
        ),
        example=("xswitch delegate resume prod",),
        module="delegate_resume",
    ),
)
