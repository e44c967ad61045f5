"""What stands in the demo's two files, and how far each session has run."""

from __future__ import annotations

DEV_ACCOUNT = "111111111111"
CI_ACCOUNT = "888888888888"

# Who else is in the Dev account, and in which groups.
DEV_USERS = ("backup", "deploy", "monitoring", "terraform")
DEV_GROUPS = {"Developers": ("dev",), "Machines": DEV_USERS}

# Seconds in which a new role is refused: long enough to see how that is waited for.
SETTLING = 3.0

# Written as people write it. `{ci_command}` is the credential process.
CONFIG = """\
# AWS access of the platform team. Long-lived keys are in ~/.aws/credentials, never here.

[default]
# Dev account, user "dev"
region = eu-west-1
output = json

# --- production: say so in the channel before you change anything ------------

[profile prod]
role_arn = arn:aws:iam::222222222222:role/CrossAccountPowerUser
source_profile = default
region = eu-west-1
s3 =
  max_concurrent_requests = 20
  multipart_threshold = 64MB

[profile prod-audit]
# two hops: default -> prod -> here
role_arn = arn:aws:iam::222222222222:role/SecurityAudit
source_profile = prod
region = eu-west-1

[profile prod-billing]
role_arn = arn:aws:iam::222222222222:role/finance/BillingReader
source_profile = prod
region = us-east-1

[profile prod-admin]
# every use is alerted on; asks for an MFA code: any six digits will do here, only 000000 is refused
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = default
mfa_serial = arn:aws:iam::111111111111:mfa/dev
region = eu-west-1

# --- everything before production --------------------------------------------

[profile staging]
role_arn = arn:aws:iam::333333333333:role/Deployer
source_profile = default
region = eu-west-1

[profile staging-dba]
role_arn = arn:aws:iam::333333333333:role/DatabaseAdministrator
source_profile = staging
region = eu-west-1

[profile sandbox]
# emptied every Friday
role_arn = arn:aws:iam::444444444444:role/Developer
source_profile = default
external_id = sandbox-7f3a
role_session_name = dev
region = eu-central-1

# --- single sign-on ----------------------------------------------------------

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access

[profile corp-dev]
sso_session = corp
sso_account_id = 555555555555
sso_role_name = PowerUserAccess
region = eu-west-1

[profile corp-data]
sso_session = corp
sso_account_id = 666666666666
sso_role_name = ReadOnlyAccess
region = eu-central-1

[sso-session partner]
# nobody has signed in here yet
sso_start_url = https://partner.awsapps.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access

[profile partner-audit]
sso_session = partner
sso_account_id = 999999999999
sso_role_name = SecurityAudit
region = us-east-1

# --- machines ----------------------------------------------------------------

[profile ci]
credential_process = {ci_command}
region = eu-west-1

[profile legacy]
# FIXME: has not worked since the files were tidied up
role_arn = arn:aws:iam::777777777777:role/Ops
source_profile = defualt
region = us-east-1
"""

CREDENTIALS = """\
# Keys of the Dev account only. Roles: see ~/.aws/config
[default]
aws_access_key_id = {access_key_id}
aws_secret_access_key = {secret_access_key}
"""

SETTINGS = """\
# How xswitch itself behaves; xswitch settings init writes a file that explains everything.

[accounts]
"111111111111" = "Dev"
"222222222222" = "Prod"
"333333333333" = "Staging"
"444444444444" = "Sandbox"
"555555555555" = "Corp Dev"
"666666666666" = "Corp Data"
"777777777777" = "Legacy"
"888888888888" = "CI"
"999999999999" = "Partner"

[[guard]]
# These two can change production; the others that lead there only look.
profile = ["prod", "prod-admin"]
expect_account_id = "222222222222"
"""

# Minutes until the session of each profile or SSO session ends, half a minute more than the number one wants
# to read; a profile that is not listed has no session.
SESSIONS = {"prod": 47.5, "prod-audit": 8.5, "staging": -23.5, "corp-dev": 51.5}
SSO_TOKENS = {"corp": 6 * 60 + 12.5}

# What that sign-in left in its file, and the server knows.
SSO_CLIENT = "demo-client"
SSO_CLIENT_SECRET = "demo-client-secret"  # noqa: S105 - opens nothing but the demo
SSO_ACCESS_TOKEN = "demo-access-token"  # noqa: S105
SSO_REFRESH_TOKEN = "demo-refresh-token"  # noqa: S105

# Permissions of the roles and of the SSO permission sets, by name; AWS-managed policies.
ROLE_POLICIES = {
    "CrossAccountPowerUser": "PowerUserAccess",
    "SecurityAudit": "SecurityAudit",
    "Admin": "AdministratorAccess",
    "BillingReader": "job-function/Billing",
    "Deployer": "PowerUserAccess",
    "DatabaseAdministrator": "job-function/DatabaseAdministrator",
    "Developer": "PowerUserAccess",
    "Ops": "ReadOnlyAccess",
    "PowerUserAccess": "PowerUserAccess",
    "ReadOnlyAccess": "ReadOnlyAccess",
}

# AWS-managed policies that are there besides, to choose from.
POLICIES = (
    *("AdministratorAccess", "PowerUserAccess", "ReadOnlyAccess", "SecurityAudit"),
    *("job-function/Billing", "job-function/DatabaseAdministrator", "job-function/DataScientist"),
    *("job-function/NetworkAdministrator", "job-function/SupportUser", "job-function/SystemAdministrator"),
    *("job-function/ViewOnlyAccess", "AWSBillingReadOnlyAccess", "AWSCloudFormationReadOnlyAccess"),
    *("AWSCloudTrail_ReadOnlyAccess", "AWSLambda_ReadOnlyAccess", "AmazonDynamoDBReadOnlyAccess"),
    *("AmazonEC2FullAccess", "AmazonEC2ReadOnlyAccess", "AmazonRDSReadOnlyAccess"),
    *("AmazonRoute53ReadOnlyAccess", "AmazonS3FullAccess", "AmazonS3ReadOnlyAccess"),
    *("AmazonSSMReadOnlyAccess", "AmazonVPCReadOnlyAccess", "CloudWatchLogsReadOnlyAccess"),
    *("CloudWatchReadOnlyAccess", "IAMFullAccess", "IAMReadOnlyAccess"),
)
