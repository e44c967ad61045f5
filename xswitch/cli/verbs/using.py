"""Using a profile: its session, and what runs under it."""

from __future__ import annotations

from xswitch.cli.arguments import Command, Option
from xswitch.cli.verbs import ENV, JSON, MFA_TOKEN, MIN_TTL, REGION, YES_REALLY

VERBS = (
    Command(
        "run",
        "Run a command under a profile.\n"
        "The session is obtained first where none is cached, and kept where aws finds it too. Then\n"
        "xswitch is replaced by the command: exit status and signals are its own. With --serve it\n"
        "stays, and serves the command credentials that are renewed for as long as it runs.",
        positionals=("PROFILE",),
        options=(
            ENV,
            Option("--serve", "renew the credentials while the command runs, through a local endpoint"),
            REGION,
            MIN_TTL,
            YES_REALLY,
            MFA_TOKEN,
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
        options=(ENV, REGION, MIN_TTL, YES_REALLY, MFA_TOKEN),
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
            ENV,
            REGION,
            YES_REALLY,
            MFA_TOKEN,
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
            MFA_TOKEN,
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
        options=(JSON,),
        example=("xswitch whoami", "xswitch whoami prod --json"),
    ),
    Command(
        "console",
        "Open the AWS web console, signed in as a profile.\n"
        "The address signs in whoever opens it within 15 minutes: --print writes it to stdout.",
        positionals=("PROFILE",),
        options=(
            Option("--service", "the console of this service (s3, ec2, cloudwatch, …)", "SERVICE"),
            REGION,
            Option("--print", "write the address instead of opening a browser"),
            YES_REALLY,
            MFA_TOKEN,
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
            REGION,
            MIN_TTL,
            YES_REALLY,
            MFA_TOKEN,
        ),
        example=('eval "$(xswitch env prod)"', "xswitch env prod --format dotenv > .env"),
    ),
    Command(
        "credential-process",
        "Print a profile's credentials as AWS tools want them from a credential_process (version 1).",
        positionals=("PROFILE",),
        options=(MFA_TOKEN,),
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
            YES_REALLY,
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
)
