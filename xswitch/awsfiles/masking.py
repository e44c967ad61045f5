"""Which settings are secret, and values as they may be shown."""

from __future__ import annotations

from xswitch.text import MASK, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.awsfiles.settings import Setting

_SECRET = ("secret", "passw", "passphrase", "pwd")
_LONGEST_KEY_ID = 32  # those of AWS have 20 characters, a secret 40
_LONG = 16  # the name of a user is shorter


def is_secret(key: str) -> bool:
    """Tell whether the value of `key` must never be shown.

    The AWS keys are `aws_secret_access_key`, `aws_session_token` and `aws_security_token`; other tools
    keep passwords and tokens under keys of their own, hence the pattern.
    """
    key = key.lower().replace("-", "_")
    return any(word in key for word in _SECRET) or key.endswith(("token", "_key", "apikey"))


def masked(key: str, value: str) -> str:
    """Return `value` as it may be shown.

    A value of several lines may have swallowed the keys below it (an indented line continues the value
    above): from the first line on that would be a secret setting, all is masked. In a command line, what
    follows an option with a secret's name is, and in an address the password. What stands in the place of an
    access key id and has not its form may be the secret.
    """
    if is_secret(key) or (key.lower() == "aws_access_key_id" and not _is_key_id(value)):
        return MASK if value else ""
    if "://" in value and "@" in value:
        value = " ".join(_masked_password(word) for word in value.split(" "))
    if key == "credential_process":
        return "\n".join(_masked_options(line) for line in value.split("\n"))
    if "\n" not in value:
        return value
    lines = []
    for line in value.split("\n"):
        name = line.replace(":", "=").partition("=")[0]
        if name != line and is_secret(name.strip()):
            lines.append(f"{name}= {MASK}")
            break
        lines.append(line)
    return "\n".join(lines)


def _is_key_id(value: str) -> bool:
    """Tell whether a value may be an access key id, of AWS or another service: secrets are longer."""
    word = value.strip("\"'")
    return len(word) <= _LONGEST_KEY_ID and word.replace("-", "").replace("_", "").replace(".", "").isalnum()


def _masked_password(url: str) -> str:
    """Hide the password in an address, `https://user:PASSWORD@host/`, or a token in the place of the user."""
    scheme, separator, rest = url.partition("://")
    user, at, host = rest.rpartition("@")  # a slash in it would have to be escaped, and often is not
    if not at or (":" not in user and len(user) < _LONG):
        return url
    name, colon, _ = user.partition(":")
    return f"{scheme}{separator}{name if colon else ''}{colon}{MASK}@{host}"


def _masked_options(command: str) -> str:
    """Hide what follows an option of a secret's name, what is set to such a variable, and authorisations."""
    import re

    hidden = False
    words = re.split(r"""((?:"[^"]*"|'[^']*'|[^\s"'])+)""", command)
    for index in range(1, len(words), 2):
        word = words[index]
        name, equals, _ = word.partition("=")
        if hidden or "authorization" in word.lower():
            words[index], hidden = MASK, False
        elif is_secret(name.strip("-\"'")):
            words[index], hidden = (f"{name}={MASK}", False) if equals else (word, name.startswith("-"))
    return "".join(words)


def shown(value: str, key: str = "") -> str:
    """Return a value as it may be put on a screen: secrets masked, nothing in it that a terminal acts on."""
    return printable(masked(key, value))


def masked_setting(key: str, setting: Setting) -> str:
    """Return the value of a setting as `masked`. A secret that became a nested block is hidden whole."""
    return masked(key, setting.value) if isinstance(setting.value, str) else MASK


def shown_setting(key: str, setting: Setting) -> str:
    """Return the value of a setting as `shown`."""
    return printable(masked_setting(key, setting))
