"""The verbs, described: what parsing and `--help` are made from."""

from __future__ import annotations

from xswitch.cli.arguments import Command, Option

_JSON = Option("--json", "report as JSON")
_REGION = Option("--region", "run in this region instead of the profile's own", "REGION")
_ENV = Option("--env", "give the command the credentials themselves instead of AWS_PROFILE")
_DRY_RUN = Option("--dry-run", "show what would change, with secrets masked, and change nothing")
_COMMON_SETTINGS = (
    Option("--region", "the profile's region", "REGION"),
    Option("--output", "how aws prints: json, yaml, text, table, …", "FORM"),
)
_MFA_TOKEN = Option("--mfa-token", "the code of the MFA device, instead of being asked for it", "CODE")
_YES_REALLY = Option(
    "--yes-really", "the profile's name, where a guard asks for it to be typed and nobody can", "PROFILE"
)
_MIN_TTL = Option("--min-ttl", "renew a session that has less than this left (30m, 1h, 900s)", "TIME")
_OTHER_PROFILES = (
    Option("--trusting", "another profile of the account with the role, where that one is gone", "PROFILE"),
    Option("--trusted", "another profile of the account that uses it, where that one is gone", "PROFILE"),
)

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
            "xswitch is replaced by the command: exit status and signals are its own. With --serve it\n"
            "stays, and serves the command credentials that are renewed for as long as it runs.",
            positionals=("PROFILE",),
            options=(
                _ENV,
                Option("--serve", "renew the credentials while the command runs, through a local endpoint"),
                _REGION,
                _MIN_TTL,
                _YES_REALLY,
                _MFA_TOKEN,
            ),
            example=(
                "xswitch run prod -- aws s3 ls",
                "xswitch run --region us-east-1 prod -- terraform plan",
                "xswitch run --serve prod -- ./migrate-for-six-hours",
            ),
            takes_command=True,
        ),
        Command(
            "shell",
            "Open a subshell under a profile.\n"
            "exit leaves it. XSWITCH_PROFILE names the profile, XSWITCH_DEPTH counts how deep you are.",
            positionals=("PROFILE",),
            options=(_ENV, _REGION, _MIN_TTL, _YES_REALLY, _MFA_TOKEN),
            example=("xswitch shell prod",),
        ),
        Command(
            "each",
            "Run a command under many profiles at once.\n"
            "PATTERN is a name, or a glob in which upper and lower case are the same ('dev-*'). '!dev-old'\n"
            "leaves out, and with such patterns only, all others are meant. The order is that of the files.\n"
            "The sessions are obtained first, one MFA code for all roles of the same source. Then each line\n"
            "of output has the name of its profile before it; a pipe gets the rest of it as it is.\n"
            "The commands have no stdin and no terminal. Ctrl-C ends them, politely at first.\n"
            "The exit status is 0 only if all succeeded.",
            positionals=("PATTERN…",),
            options=(
                Option("--dry-run", "only show which profiles are meant, and which of them are guarded"),
                Option("-j", "run so many at a time (8)", "N"),
                Option("--group", "show the output of each profile together, once it has ended"),
                Option("--json", "for each profile an object on a line: exit_status, stdout, stderr, …"),
                Option("--output-dir", "write the output to files in DIR: NAME.stdout, NAME.stderr", "DIR"),
                Option("--fail-fast", "after the first failure, end the others"),
                Option("--retries", "run a command that fails up to N times more", "N"),
                _ENV,
                _REGION,
                _YES_REALLY,
                _MFA_TOKEN,
            ),
            example=(
                "xswitch each 'dev-*' '!dev-old' -- aws s3 ls",
                "xswitch each '!prod*' --dry-run",
                "xswitch each -j 4 '*' --json -- aws sts get-caller-identity | jq .profile",
            ),
            takes_command=True,
            needs_command=False,
        ),
        Command(
            "login",
            "Sign in to a profile, or renew its session.\n"
            "SSO opens a browser (or shows where to go and which code to enter); roles are assumed anew,\n"
            "with one MFA code for all roles of the same source. The session is kept where aws finds it.",
            positionals=("PROFILE",),
            options=(
                Option("--force", "sign in to SSO or ask for an MFA code even where that is not needed yet"),
                Option("--no-browser", "only show the address of the SSO page and the code"),
                _MFA_TOKEN,
            ),
            example=("xswitch login prod", "xswitch login prod --mfa-token 123456"),
        ),
        Command(
            "logout",
            "Remove the cached sessions of a profile.\n"
            "Only those: files that hold anything else, or the session of no profile, stay.",
            positionals=("[PROFILE…]",),
            options=(
                Option("--expired", "of all profiles (or those named), the sessions that are over"),
                Option("--all", "of all profiles"),
                Option("--sso", "also sign out of the SSO session, which all its profiles share"),
            ),
            example=("xswitch logout prod", "xswitch logout --expired", "xswitch logout --all --sso"),
        ),
        Command(
            "whoami",
            "Ask AWS who a profile, or this shell, is (sts:GetCallerIdentity).",
            positionals=("[PROFILE]",),
            options=(_JSON,),
            example=("xswitch whoami", "xswitch whoami prod --json"),
        ),
        Command(
            "console",
            "Open the AWS web console, signed in as a profile.\n"
            "The address signs in whoever opens it within 15 minutes: --print writes it to stdout.",
            positionals=("PROFILE",),
            options=(
                Option("--service", "the console of this service (s3, ec2, cloudwatch, …)", "SERVICE"),
                _REGION,
                Option("--print", "write the address instead of opening a browser"),
                _YES_REALLY,
                _MFA_TOKEN,
            ),
            example=("xswitch console prod", "xswitch console prod --service s3 --print"),
        ),
        Command(
            "env",
            "Print a profile's credentials for a shell or a program to read.\nOn a terminal they are masked.",
            positionals=("PROFILE",),
            options=(
                Option("--format", "sh (the default), fish, powershell, dotenv or json", "FORMAT"),
                Option("--show-secrets", "do not mask them on a terminal"),
                _REGION,
                _MIN_TTL,
                _YES_REALLY,
                _MFA_TOKEN,
            ),
            example=('eval "$(xswitch env prod)"', "xswitch env prod --format dotenv > .env"),
        ),
        Command(
            "credential-process",
            "Print a profile's credentials as AWS tools want them from a credential_process (version 1).",
            positionals=("PROFILE",),
            options=(_MFA_TOKEN,),
            example=("credential_process = xswitch credential-process prod    (in ~/.aws/config)",),
            module="credential_process",
        ),
        Command(
            "use",
            "Print what a shell evaluates to be under a profile itself.\n"
            "The function xs of xswitch init has it evaluated:\n"
            "  xs            choose a profile in the UI, and switch this shell to it\n"
            "  xs prod       switch at once: a name, the start of one, or words as in the filter\n"
            "  xs -          back to the profile before\n"
            "  xs --none     back to what was there before the first switch",
            positionals=("[PROFILE]",),
            options=(
                Option("--none", "no profile: what was there before the first switch comes back"),
                Option("--match", "take the start of a name or words of the filter too; choose in the UI"),
                _YES_REALLY,
                Option("--shell", "for sh (the default: bash, zsh, …), fish or powershell", "SHELL"),
            ),
            example=('eval "$(xswitch use prod)"', 'eval "$(xswitch use -)"', 'eval "$(xswitch use --none)"'),
        ),
        Command(
            "init",
            "Print the shell function xs, and completion, for a shell's start-up file.\n"
            "xs opens the UI and switches the shell it stands in; xs prod switches at once; xs - goes back\n"
            "to the profile before; xs --none puts back what was there before the first switch.",
            positionals=("SHELL",),
            options=(Option("--cmd", "call the function something else than xs", "NAME"),),
            example=(
                'eval "$(xswitch init bash)"      in ~/.bashrc; likewise zsh in ~/.zshrc',
                "xswitch init fish | source      in ~/.config/fish/config.fish",
                "Invoke-Expression (& xswitch init powershell | Out-String)      in $PROFILE",
            ),
        ),
        Command(
            "prompt",
            "Print the profile in use and the time its session has left, for a shell prompt.\n"
            "Nothing where no profile is in use.",
            options=(Option("--shell", "escape it for the prompt of zsh (zsh expands %)", "SHELL"),),
            example=(
                "PS1='$(xswitch prompt) \\$ '",
                "PROMPT='$(xswitch prompt --shell zsh) %# '    with: setopt prompt_subst",
            ),
        ),
        Command(
            "add role",
            "Add a profile that assumes a role.",
            positionals=("NAME",),
            options=(
                Option("--role-arn", "the role, as arn:aws:iam::123456789012:role/NAME", "ARN"),
                Option("--source-profile", "the profile whose credentials assume it", "PROFILE"),
                *_COMMON_SETTINGS,
                Option("--external-id", "the external ID that the role's trust policy asks for", "ID"),
                Option("--mfa-serial", "the MFA device that it asks for, by ARN or serial number", "SERIAL"),
                Option("--duration", "how long its sessions last (1h, 3600)", "TIME"),
                Option("--session-name", "what its sessions are called in CloudTrail", "NAME"),
                _DRY_RUN,
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
                *_COMMON_SETTINGS,
                Option("--mfa-serial", "the MFA device of the user, by ARN or serial number", "SERIAL"),
                _YES_REALLY,
                _DRY_RUN,
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
                *_COMMON_SETTINGS,
                _DRY_RUN,
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
            options=(_YES_REALLY, _DRY_RUN),
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
            options=(_YES_REALLY, _DRY_RUN),
            example=("xswitch unset prod duration_seconds",),
        ),
        Command(
            "rename",
            "Rename a profile in both files; every source_profile that names it follows.",
            positionals=("PROFILE", "NEW"),
            options=(_YES_REALLY, _DRY_RUN),
            example=("xswitch rename prod production",),
        ),
        Command(
            "copy",
            "Add a profile that has all settings of another one.",
            positionals=("PROFILE", "NEW"),
            options=(_DRY_RUN,),
            example=("xswitch copy prod prod-test",),
        ),
        Command(
            "remove",
            "Remove a profile from both files.\nRefused while other profiles source from it.",
            positionals=("PROFILE",),
            options=(
                Option("--with-dependents", "remove those that source from it as well"),
                _YES_REALLY,
                _DRY_RUN,
            ),
            example=("xswitch remove prod-old", "xswitch remove prod --with-dependents --dry-run"),
        ),
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
                Option(
                    "--sso-role", "trust whoever has this permission set there (IAM Identity Center)", "NAME"
                ),
                Option("--account", "trust the whole trusted account (with --user or --group: who gets in)"),
                Option("--role", "the name of the role to make", "NAME"),
                Option("--path", "its path, such as /team/", "PATH"),
                Option("--policy", "what it may do: a name, an ARN, or FILE.json (ReadOnlyAccess)", "POLICY"),
                Option("--profile", "the name of the profile to write", "NAME"),
                Option("--source", "its source profile, where that is not --trusted", "PROFILE"),
                Option("--external-id", "require this external ID, or one that is made (generate)", "ID"),
                Option("--require-mfa", "require that whoever assumes the role has given an MFA code"),
                Option("--mfa-age", "the same, and given at most so long ago (1h)", "TIME"),
                Option(
                    "--mfa-serial", "the MFA device, where it is not the one of the source profile", "SERIAL"
                ),
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
                _JSON,
                _YES_REALLY,
                _MFA_TOKEN,
            ),
            example=(
                "xswitch delegate --trusting prod-admin --trusted dev --user bob \\",
                "    --role CrossAccountReadOnly --policy ReadOnlyAccess --profile prod --require-mfa",
            ),
        ),
        Command(
            "delegate list",
            "List the accesses that were set up from here.",
            options=(_JSON,),
            example=("xswitch delegate list",),
            module="delegate_list",
        ),
        Command(
            "delegate undo",
            "Take down an access: exactly what was made for it, in both accounts and in the files.\n"
            "PROFILE is the one that was made. Refused where others have changed something of it since.",
            positionals=("PROFILE",),
            options=(*_OTHER_PROFILES, Option("--yes", "do it without asking"), _YES_REALLY, _MFA_TOKEN),
            example=("xswitch delegate undo prod",),
            module="delegate_undo",
        ),
        Command(
            "delegate resume",
            "Go on with an access whose set-up was interrupted. PROFILE is the one to be made.",
            positionals=("PROFILE",),
            options=(
                *_OTHER_PROFILES,
                Option("--update", "change what is there and differs; undo gives it back"),
                Option("--yes", "do it without asking"),
                _YES_REALLY,
                _MFA_TOKEN,
            ),
            example=("xswitch delegate resume prod",),
            module="delegate_resume",
        ),
        Command(
            "doctor",
            "Look for mistakes in the AWS files, the cached sessions, the environment and the settings.\n"
            "PATTERN is a name or a glob of the profiles to look at; '!dev-*' leaves out. All offline.\n"
            "The exit status is 1 where there are errors; warnings and notes do not fail.",
            positionals=("[PATTERN…]",),
            options=(
                _JSON,
                Option("--list", "list the checks: code, severity, what each finds and why; examine nothing"),
                Option("--code", "only this code (XS201), or not this ('!XS225'); may be repeated", "CODE"),
                Option("--fix", "show how each can be mended, and do it after a question"),
                Option("--yes", "with --fix, ask nothing: mend what is sure"),
                _YES_REALLY,
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
            "undo",
            "Take back the last change that xswitch made to the files, or the last STEPS.\n"
            "Refused where a file was changed since by another program: that would be lost.",
            positionals=("[STEPS]",),
            options=(Option("--list", "list what can be taken back, the newest first"), _JSON, _DRY_RUN),
            example=("xswitch undo", "xswitch undo --list"),
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


# Not in the overview: what completion asks, and the first word of several commands.
HIDDEN = {
    "complete": Command(
        "complete",
        "Print what the last of WORDS can be completed to, one on a line.",
        positionals=("[WORD…]",),
    ),
    "add": Command(
        "add",
        "Add a profile.\n"
        "xswitch add role NAME    a profile that assumes a role\n"
        "xswitch add keys NAME    a profile with access keys\n"
        "xswitch add sso NAME     a profile of an SSO session\n"
        "Each has a --help of its own.",
        positionals=("KIND", "[NAME]"),
    ),
}


def find_command(words: list[str]) -> tuple[Command | None, int]:
    """Return the command that `words` begin with, if any, and how many of them are its name."""
    if not words or " " in words[0]:
        return None, 0
    if words[0] in {"add", "delegate"} and (found := COMMANDS.get(" ".join(words[:2]))):
        return found, 2
    return COMMANDS.get(words[0]) or HIDDEN.get(words[0]), 1


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
            "Only these touch the network, where a session has to be obtained or ended: run, shell, each,",
            "login, logout, whoami, console, env, credential-process, use, delegate, and the UI where it is",
            "asked to.",
            "--debug (or XSWITCH_DEBUG=1) shows what AWS said when a command fails.",
        ]
    )
