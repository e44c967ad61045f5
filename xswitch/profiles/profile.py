"""One profile: what kind it is and what its settings say."""

from __future__ import annotations

from xswitch.profiles.arn import account_of, role_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.awsfiles.files import AwsFiles, ProfileEntry
    from xswitch.awsfiles.settings import Setting, Settings, Values


class Kind:
    """How a profile gets its credentials; the values are part of the JSON."""

    STATIC = "static"
    ROLE = "role"
    SSO = "sso"
    WEB_IDENTITY = "web-identity"
    PROCESS = "process"
    LOGIN = "login"
    NONE = "none"


class Profile:
    """A profile as botocore understands it when it is named (`--profile NAME`).

    `kind` is by the credential provider that wins (order: botocore's `create_credential_resolver`); the one
    that assumes roles comes before all others.
    """

    __slots__ = ("_files", "kind", "name", "values")

    def __init__(self, files: AwsFiles, name: str, values: Values) -> None:
        self._files = files
        self.name = name
        self.values = values
        self.kind = Kind.ROLE if _names_role(self.values) else self.kind_as_source

    def __repr__(self) -> str:
        return f"Profile({self.name!r})"

    def text(self, key: str) -> str | None:
        """Return the value of `key`, or None where it is not set or a nested block."""
        value = self.values.get(key)
        return value if type(value) is str else None

    def sso_text(self, key: str) -> str | None:
        """Return the value of `key`, or that of the profile's SSO session where the profile has none.

        Only the SSO provider looks there (botocore, `SSOProvider._resolve_sso_session_reference`).
        """
        session = self.sso_session
        if key in self.values or not session:
            return self.text(key)
        value = self._files.sso_session_values(session).get(key)
        return value if isinstance(value, str) else None

    @property
    def settings(self) -> Settings:
        """The settings with the places where they stand."""
        return self.entry.settings

    @property
    def entry(self) -> ProfileEntry:
        """What each of the two files says."""
        return self._files.entry(self.name)

    @property
    def assumes_role(self) -> bool:
        """Whether botocore's assume-role provider takes the profile."""
        return self.kind == Kind.ROLE

    @property
    def kind_as_source(self) -> str:
        """The kind without the assume-role provider: what a profile with keys and a role is as a source."""
        values = self.values
        if self.text("web_identity_token_file"):
            return Kind.WEB_IDENTITY
        if "sso_account_id" in values or "sso_role_name" in values:
            return Kind.SSO
        # Keys of the credentials file come before the two, those of the config file after them.
        if "aws_access_key_id" not in self._files.credentials_values(self.name):
            if "login_session" in values:
                return Kind.LOGIN
            if "credential_process" in values:
                return Kind.PROCESS
        return Kind.STATIC if "aws_access_key_id" in values else Kind.NONE

    @property
    def has_static_keys(self) -> bool:
        """Whether either key stands in the profile: as a source its keys are then used, not its role."""
        return "aws_access_key_id" in self.values or "aws_secret_access_key" in self.values

    @property
    def has_temporary_keys(self) -> bool:
        """Whether its keys come with a session token: they end, whether or not anything says when."""
        token = "aws_session_token" in self.key_values or "aws_security_token" in self.key_values
        return self.kind == Kind.STATIC and token

    @property
    def keys(self) -> Settings:
        """The file's settings that the static keys come from: never a mix of both files."""
        in_credentials = "aws_access_key_id" in self.entry.credentials_values
        return self.entry.credentials if in_credentials else self.entry.config

    @property
    def key_values(self) -> Values:
        """The values of `keys`."""
        in_credentials = "aws_access_key_id" in self.entry.credentials_values
        return self.entry.credentials_values if in_credentials else self.entry.config_values

    @property
    def source(self) -> str | None:
        """The name in `source_profile` where it counts: in a role profile without a `credential_source`."""
        return source_in(self.values)

    @property
    def role_arn(self) -> str | None:
        """The role that is assumed, or None."""
        return self.text("role_arn") if self.kind in {Kind.ROLE, Kind.WEB_IDENTITY} else None

    @property
    def role(self) -> str:
        """The name of the role (IAM or SSO), or an empty string."""
        if self.kind == Kind.SSO:
            return self.sso_text("sso_role_name") or ""
        return role_name(self.role_arn or "")

    @property
    def duration_seconds(self) -> int | None:
        """The duration that is asked of AWS; what is no number botocore leaves out without a word."""
        text = self.text("duration_seconds")
        try:
            return None if text is None else int(text)
        except ValueError:
            return None

    @property
    def region(self) -> str | None:
        """The profile's own region. Nothing is inherited from a source profile."""
        return self.text("region")

    @property
    def sso_session(self) -> str | None:
        """The name in `sso_session`."""
        return self.text("sso_session")

    @property
    def account_id(self) -> str | None:
        """The account as the files tell it: of the role, the SSO settings, or `aws_account_id`."""
        if self.kind in {Kind.ROLE, Kind.WEB_IDENTITY}:
            return account_of(self.text("role_arn"))
        if self.kind == Kind.SSO:
            return self.sso_text("sso_account_id") or None
        stated = self.text("aws_account_id")
        if self.kind == Kind.LOGIN and not stated:
            return account_of(self.text("login_session"))
        return stated or None

    @property
    def place(self) -> tuple[str, int]:
        """File and line of the profile's section."""
        return self.entry.place

    def place_of(self, key: str) -> tuple[str, int]:
        """Return file and line of a setting, or of the section where it is not set."""
        setting: Setting | None = self.settings.get(key)
        return (setting.file, setting.line) if setting else self.place


def source_in(values: Values) -> str | None:
    """Return the name in `source_profile` among the values of a profile, where it counts."""
    if not _names_role(values) or "credential_source" in values:
        return None
    source = values.get("source_profile")
    return source if type(source) is str else None


def _names_role(values: Values) -> bool:
    """Tell whether botocore's assume-role provider takes a profile with these values."""
    return "role_arn" in values and "web_identity_token_file" not in values
