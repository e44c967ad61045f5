"""The settings of a profile that AWS tools know."""

from __future__ import annotations

ROLE_KEYS = frozenset((
    "role_arn", "source_profile", "credential_source", "external_id", "mfa_serial", "role_session_name",
    "duration_seconds", "web_identity_token_file",
))  # fmt: skip
SSO_KEYS = frozenset(("sso_session", "sso_account_id", "sso_role_name", "sso_start_url", "sso_region"))
ACCESS_KEYS = frozenset(("aws_access_key_id", "aws_secret_access_key", "aws_session_token"))
KNOWN_KEYS = ROLE_KEYS | SSO_KEYS | ACCESS_KEYS | {
    "region", "output", "credential_process", "login_session", "aws_security_token", "aws_account_id",
}  # fmt: skip
SESSION_KEYS = frozenset(("sso_start_url", "sso_region", "sso_registration_scopes"))
# A value of these is a single word: no blank, no quote, no comment can be meant to be in it.
WORDS = (KNOWN_KEYS - {"credential_process", "web_identity_token_file"}) | {
    "endpoint_url", "max_attempts", "retry_mode", "services", "sts_regional_endpoints",
    "use_dualstack_endpoint", "use_fips_endpoint",
}  # fmt: skip
