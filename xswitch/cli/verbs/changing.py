"""Changing the profiles in the files."""

from __future__ import annotations

from xswitch.cli.arguments import Command, Option
from xswitch.cli.verbs import COMMON_SETTINGS, DRY_RUN, JSON, YES_REALLY

VERBS = (
    Command(
        "add role",
        "Add a profile that assumes a role.",
        positionals=("NAME",),
        options=(
            Option("--role-arn", "the role, as arn:aws:iam::123456789012:role/NAME", "ARN"),
            Option("--source-profile", "the profile whose credentials assume it", "PROFILE"),
            *COMMON_SETTINGS,
            Option("--external-id", "the external ID that the role's trust policy asks for", "ID"),
            Option("--mfa-serial", "the MFA device that it asks for, by ARN or serial number", "SERIAL"),
            Option("--duration", "how long its sessions last (1h, 3600)", "TIME"),
            Option("--session-name", "what its sessions are called in CloudTrail", "NAME"),
            DRY_RUN,
        ),
        example=(
            "xswitch add role prod --role-arn arn:aws:iam::222222222222:role/Admin --source-profile dev",
        ),
        module="add_role",
    ),
    Command(
        "add keys",
        "Add a profile with access keys, or replace the keys of one.\n"
        "The keys are asked for, or read from stdin: a line each for the key id, the secret and, for\n"
        "temporary keys, the session token; or export AWS_…= lines, or the JSON of create-access-key.",
        positionals=("NAME",),
        options=(
            Option("--replace", "put them in place of the keys that the profile has"),
            *COMMON_SETTINGS,
            Option("--mfa-serial", "the MFA device of the user, by ARN or serial number", "SERIAL"),
            YES_REALLY,
            DRY_RUN,
        ),
        example=(
            "xswitch add keys dev",
            "aws iam create-access-key --profile dev | xswitch add keys dev --replace",
        ),
        module="add_keys",
    ),
    Command(
        "add sso",
        "Add a profile of an SSO session (IAM Identity Center).\n"
        "A session of that name is used as it is; a new one needs its start URL and region.",
        positionals=("NAME",),
        options=(
            Option("--sso-session", "the name of the SSO session", "SESSION"),
            Option("--account", "the account, 12 digits", "ACCOUNT"),
            Option("--role", "the role (permission set)", "ROLE"),
            Option("--start-url", "of a new session: https://….awsapps.com/start", "URL"),
            Option("--sso-region", "of a new session: the region of IAM Identity Center", "REGION"),
            *COMMON_SETTINGS,
            DRY_RUN,
        ),
        example=(
            "xswitch add sso corp-dev --sso-session corp --account 123456789012 --role PowerUserAccess",
        ),
        module="add_sso",
    ),
    Command(
        "set",
        "Set a key of a profile, where it stands, else where aws configure set would put it.\n"
        "A key such as s3.addressing_style is in the block s3. Without VALUE it is asked for, or read\n"
        "from stdin; secrets only so. A PROFILE that is not there yet is made.",
        positionals=("PROFILE", "KEY", "[VALUE]"),
        options=(YES_REALLY, DRY_RUN),
        example=(
            "xswitch set prod region eu-west-1",
            "xswitch set prod s3.max_concurrent_requests 20",
            "xswitch set dev aws_secret_access_key",
        ),
    ),
    Command(
        "unset",
        "Take a key of a profile away, in both files.",
        positionals=("PROFILE", "KEY"),
        options=(YES_REALLY, DRY_RUN),
        example=("xswitch unset prod duration_seconds",),
    ),
    Command(
        "rename",
        "Rename a profile in both files; every source_profile that names it follows.",
        positionals=("PROFILE", "NEW"),
        options=(YES_REALLY, DRY_RUN),
        example=("xswitch rename prod production",),
    ),
    Command(
        "copy",
        "Add a profile that has all settings of another one.",
        positionals=("PROFILE", "NEW"),
        options=(DRY_RUN,),
        example=("xswitch copy prod prod-test",),
    ),
    Command(
        "remove",
        "Remove a profile from both files.\nRefused while other profiles source from it.",
        positionals=("PROFILE",),
        options=(
            Option("--with-dependents", "remove those that source from it as well"),
            YES_REALLY,
            DRY_RUN,
        ),
        example=("xswitch remove prod-old", "xswitch remove prod --with-dependents --dry-run"),
    ),
    Command(
        "undo",
        "Take back the last change that xswitch made to the files, or the last STEPS.\n"
        "Refused where a file was changed since by another program: that would be lost.",
        positionals=("[STEPS]",),
        options=(Option("--list", "list what can be taken back, the newest first"), JSON, DRY_RUN),
        example=("xswitch undo", "xswitch undo --list"),
    ),
)
