"""The one exception that reaches a user, and the exit statuses."""


class ExitStatus:
    """Exit statuses of every command (plain integers: `enum` costs a quarter of a Python start)."""

    OK = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3  # by a guard
    NOT_EXECUTABLE = 126
    NOT_FOUND = 127
    INTERRUPTED = 130


class XswitchError(Exception):
    """An operation failed for a reason its user can act on.

    `message` says what failed and where in one sentence; `hint` says what to do next. Neither may quote
    a line of a credentials file: the line may hold a secret. `raw` is what AWS itself said, for `--debug`.
    """

    def __init__(self, message: str, hint: str = "", status: int = ExitStatus.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.status = status
        self.raw = ""


class SignedOut(XswitchError):  # noqa: N818 - a state, which signing in ends
    """The SSO session that a call needs is not signed in, or not any more."""


class GuardRefused(XswitchError):  # noqa: N818 - what a guard is for
    """A guard does not let a profile be used (exit status 3)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, ExitStatus.REFUSED)


class UsageError(XswitchError):
    """The command line itself is wrong (exit status 2)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, ExitStatus.USAGE)
