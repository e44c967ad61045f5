"""What obtaining a session may need from a person: an MFA code, a page opened in a browser, patience."""

from __future__ import annotations

from xswitch.errors import ExitStatus, GuardRefused, XswitchError
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from xswitch.profiles.guarding import Guard


class Cancelled(XswitchError):  # noqa: N818 - its user's decision, not an error
    """The user gave up (exit status 130)."""

    def __init__(self, what: str = "cancelled") -> None:
        super().__init__(what, status=ExitStatus.INTERRUPTED)


class GuardQuestion:
    """A question for the name of a guarded profile, to be typed before it is used.

    `token` stands for the profile as it is asked about (`profiles.guarding.token_of`). `use` is what is
    wanted (`launch.usage.Use`), `words` the same to be read (`run a command under it`); `account_id` is
    its account where that is known, and `account_name` what the settings call that, or "".
    `place` says which of several questions it is (`1 of 3`), "" of a single one.
    """

    __slots__ = ("account_id", "account_name", "guard", "place", "profile", "token", "use", "words")

    def __init__(
        self,
        profile: str,
        token: str,
        use: str,
        words: str,
        guard: Guard,
        account_id: str | None,
        account_name: str,
    ) -> None:
        self.profile = profile
        self.token = token
        self.use = use
        self.words = words
        self.guard = guard
        self.account_id = account_id
        self.account_name = account_name
        self.place = ""

    @property
    def subject(self) -> str:
        """The profile and its account, as plain text: `prod (account 222222222222, Prod)`."""
        account = printable(", ".join(filter(None, [self.account_id, self.account_name])))
        return printable(self.profile) + (f" (account {account})" if account else "")

    @property
    def sentence(self) -> str:
        """The question without its end, as plain text."""
        return f"{self.subject} is guarded: you are about to {self.words}"


class CodeRequest:
    """A question for the code of an MFA device.

    `serial` is the device (an ARN or a hardware number), `profile` the name of the profile it stands in,
    `refusal` says why the code before was refused, "" at the first question.
    """

    __slots__ = ("profile", "refusal", "serial")

    def __init__(self, serial: str, profile: str, refusal: str = "") -> None:
        self.serial = serial
        self.profile = profile
        self.refusal = refusal


class Device:
    """An SSO sign-in that waits for its user: open `url` and confirm `code` there before `expires_at`.

    `complete_url` is the same page with the code filled in.
    """

    __slots__ = ("code", "complete_url", "expires_at", "url")

    def __init__(self, url: str, complete_url: str, code: str, expires_at: datetime) -> None:
        self.url = url
        self.complete_url = complete_url
        self.code = code
        self.expires_at = expires_at


def sign_in_hint(profile: str) -> str:
    """Return what to do where a person is needed for a session of `profile` and there is none."""
    import shlex

    return f"run once in a terminal: xswitch login {printable(shlex.quote(profile))}; the session is kept"


class Interaction:
    """The person at the other end. This one is nobody: what needs a person fails, and nothing is said.

    Front ends override what they can do. All of it may be called from a worker thread. `mfa_token` is a
    code that was given beforehand (`--mfa-token`), "" for none, and `on_terminal` tells whether programs that
    are asked for one may talk to the user on stderr. `is_asked` tells whether a question that returns was
    answered.
    """

    mfa_token = ""
    on_terminal = False
    is_asked = True

    def has_person(self) -> bool:
        """Tell whether there is somebody to ask, who can also cancel what takes too long."""
        return False

    def ask_code(self, request: CodeRequest) -> str:
        """Return the six digits that the device shows. XswitchError where they cannot be had."""
        raise XswitchError("an MFA code is needed and there is nobody to ask", sign_in_hint(request.profile))

    def confirm_guarded(self, question: GuardQuestion) -> None:
        """Return when the user has typed the name of the profile; `GuardRefused` or `Cancelled` otherwise."""
        name = printable(question.profile)
        raise GuardRefused(f"{name} is guarded: its name has to be typed, and there is nobody to ask")

    def confirm_all(self, questions: Sequence[GuardQuestion]) -> None:
        """Return when the names of all these profiles were typed; as `confirm_guarded`."""
        for question in questions:
            self.confirm_guarded(question)

    def show_device(self, device: Device) -> None:
        """Show an SSO sign-in to the user and open the page. XswitchError where nobody can see it."""
        del device
        raise XswitchError(
            "signing in to SSO needs a person", "run xswitch login once in a terminal; the session is kept"
        )

    def pause(self, seconds: float) -> None:
        """Wait. `Cancelled` where the user does not want to wait any longer."""
        import time

        time.sleep(seconds)

    def say(self, text: str) -> None:
        """Take a sentence for the user."""


class Unasked(Interaction):
    """Keeps what guards ask, and answers nothing: to know what a person would be asked."""

    is_asked = False

    def __init__(self) -> None:
        self.questions: list[GuardQuestion] = []

    def confirm_guarded(self, question: GuardQuestion) -> None:
        """Keep the question."""
        self.questions.append(question)
