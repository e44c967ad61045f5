"""What stands at a place in a file: a setting, or a fault."""

from __future__ import annotations

from xswitch.locations import tilde
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Settings: TypeAlias = dict[str, "Setting"]
    Values: TypeAlias = dict[str, "str | Values"]


class Setting:
    """A value with the file and line (from 1) where its key stands.

    `value` is the text, or for a nested block (`s3 =` and indented lines) the settings inside it.
    """

    __slots__ = ("file", "line", "value")

    def __init__(self, value: str | Settings, file: str, line: int) -> None:
        self.value = value
        self.file = file
        self.line = line

    def __repr__(self) -> str:
        # Never the value: a setting does not know whether it is a secret.
        return f"Setting({self.file}:{self.line})"

    @property
    def text(self) -> str | None:
        """The value, or None for a nested block."""
        return self.value if isinstance(self.value, str) else None


def plain(settings: Settings) -> Values:
    """Return the values of `settings` alone, as botocore gives them."""
    return {
        key: setting.value if isinstance(setting.value, str) else plain(setting.value)
        for key, setting in settings.items()
    }


class Problem:
    """A fault with a stable code.

    `message` says what is wrong and what to change; it may be shown as it is, whatever it quotes. `file`
    and `line` say where (line 0: the file as a whole). `fatal` is true where the AWS CLI and botocore
    refuse to read the whole file because of it.
    """

    __slots__ = ("code", "fatal", "file", "line", "message")

    def __init__(self, code: str, message: str, file: str, line: int, *, fatal: bool = False) -> None:
        from xswitch.awsfiles.masking import shown  # most files have no fault

        self.code = code
        # A quoted value may have swallowed the lines below it, secrets included.
        self.message = shown(message)
        self.file = file
        self.line = line
        self.fatal = fatal

    def __repr__(self) -> str:
        return f"Problem({self.code} {self.file}:{self.line})"

    @property
    def place(self) -> str:
        """File and line as people read them: `~/.aws/config:12`."""
        path = printable(tilde(self.file))
        return f"{path}:{self.line}" if self.line else path
