"""botocore sessions and clients as every call of ours makes them: patient, but not for long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore
import botocore.config
import botocore.session

if TYPE_CHECKING:
    from xswitch.sessions.session import Credentials

_CONFIG = botocore.config.Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 3})


def botocore_session(
    profile: str | None, region: str | None, *, attempts: int | None = None
) -> botocore.session.Session:
    """Return a session of `profile`, or None for that of the environment, whose calls go to `region`.

    `attempts` is how often a call is made that is not answered, or that AWS asks to make later.

    A profile that is named here is an instance variable: keys in the environment are then ignored. The
    endpoints are those of the environment and of the profile (`AWS_ENDPOINT_URL`, `endpoint_url`, …).
    """
    session = botocore.session.Session(profile=profile)
    if region:
        session.set_config_variable("region", region)
    config = _CONFIG
    if attempts is not None:
        patient = botocore.config.Config(retries={"total_max_attempts": attempts, "mode": "standard"})
        config = _CONFIG.merge(patient)
    session.set_default_client_config(config)
    return session


def signed_client(session: botocore.session.Session, service: str, credentials: Credentials) -> Any:
    """Return a client whose calls are signed with `credentials`."""
    return session.create_client(
        service,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.session_token,
    )


def unsigned_client(session: botocore.session.Session, service: str, region: str) -> Any:
    """Return a client for calls that are not signed, those of SSO."""
    config = botocore.config.Config(signature_version=botocore.UNSIGNED)
    return session.create_client(service, region_name=region, config=_CONFIG.merge(config))
