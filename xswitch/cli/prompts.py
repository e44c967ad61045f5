"""Asking and telling on the terminal."""

from __future__ import annotations

from xswitch.errors import ExitStatus, GuardRefused, XswitchError
from xswitch.sessions.interaction import Interaction, sign_in_hint
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from xswitch.cli.output import Output
    from xswitch.sessions.interaction import CodeRequest, Device, GuardQuestion


class TerminalInteraction(Interaction):
    """Asks on the terminal itself, whatever the streams are; with `browser`, SSO pages are opened.

    `really` are the names of guarded profiles that the command line has given (`--yes-really`).
    """

    on_terminal = True

    def __init__(
        self, output: Output, mfa_token: str = "", *, browser: bool = True, really: Sequence[str] = ()
    ) -> None:
        self.mfa_token = mfa_token
        self._really = really
        self._output = output
        self._browser = browser
        self._device: Device | None = None

    def has_person(self) -> bool:
        """Tell whether there is a terminal to ask on."""
        return has_terminal()

    def ask_code(self, request: CodeRequest) -> str:
        """Ask for the code without showing it."""
        if not self.has_person():
            text = "an MFA code is needed and there is no terminal to ask on"
            raise XswitchError(text, sign_in_hint(request.profile))
        if request.refusal:
            self._output.talk(request.refusal)
        code = read_hidden(self._output, f"Enter MFA code for {printable(request.serial)}: ")
        if not code.strip():
            raise XswitchError("no MFA code was given", status=ExitStatus.INTERRUPTED)
        return code

    def confirm_guarded(self, question: GuardQuestion) -> None:
        """Have the name typed, unless the command line has it."""
        if question.profile in self._really:
            return
        name = printable(question.profile)
        if self._really:
            given = " and ".join(printable(each) for each in self._really)
            raise GuardRefused(f"--yes-really names {given}, and the guarded profile is {name}")
        if not self.has_person():
            raise GuardRefused(
                f"{name} is guarded: its name has to be typed, and there is no terminal",
                f"--yes-really {name} is the same as typing it",
            )
        place = f"{question.place}: " if question.place else ""
        self._output.banner(f"{place}{question.sentence}.", question.guard.color)
        typed = read_shown(self._output, "Type its name to go on: ", fresh=True)
        if not typed or typed not in {question.profile.strip(), name.strip()}:
            raise GuardRefused(f"that is not {name}, so nothing was done" if typed else "nothing was done")

    def confirm_all(self, questions: Sequence[GuardQuestion]) -> None:
        """Have the names typed, unless the command line has them; say at once which of them it lacks."""
        missing = [question.profile for question in questions if question.profile not in self._really]
        if missing and len(questions) > 1 and (self._really or not self.has_person()):
            raise _unnamed(missing, others=bool(self._really))
        super().confirm_all(questions)

    def show_device(self, device: Device) -> None:
        """Say where to go and which code to confirm there, copy the code and open the browser."""
        import os

        from xswitch.launch.browser import has_browser, open_page

        if self._browser and not self.has_person():
            raise XswitchError(
                "signing in to SSO needs a person and there is no terminal",
                "run xswitch login once in a terminal, or with --no-browser where somebody reads this",
            )
        opened = self._browser and has_browser(os.environ)
        where = printable(device.complete_url if opened else device.url)
        self._output.talk(f"{'your browser opens; if not, go to' if opened else 'open'} {where}")
        copied = os.environ.get("TERM", "dumb") != "dumb" and _copy(device.code)
        more = "  (the code is copied, if the terminal lets it)" if copied else ""
        self._output.talk(f"confirm the code {printable(device.code)}{more}")
        if opened:
            open_page(device.complete_url, os.environ)
        self._device = device

    def pause(self, seconds: float) -> None:
        """Wait; while an SSO page is open, the time left for it is counted down."""
        import time

        if self._device is None:
            time.sleep(seconds)
            return
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self._count_down(self._device)
            time.sleep(min(left, 1.0))

    def say(self, text: str) -> None:
        """Say it on stderr."""
        self._output.talk(text)

    def done(self) -> None:
        """Take the countdown away."""
        if self._device is not None:
            self._output.progress("")
            self._device = None

    def _count_down(self, device: Device) -> None:
        from xswitch.sessions.session import time_left
        from xswitch.timestamps import utc_now

        left = time_left(device.expires_at, utc_now())
        self._output.progress(f"waiting for the browser, {left} left; ctrl+c cancels")


def read_hidden(output: Output, prompt: str) -> str:
    """Ask on the terminal without showing what is typed; "" where nothing is."""
    import getpass

    try:
        with _Prompting(prompt):
            return getpass.getpass(prompt)
    except KeyboardInterrupt:
        output.line_break()  # the shell's prompt begins a line of its own
        raise
    except EOFError:
        output.line_break()
        return ""


def read_shown(output: Output, prompt: str, *, fresh: bool = False) -> str:
    """Ask on the terminal for a line; "" where none comes.

    With `fresh`, what was typed before it is asked is no answer.
    """
    return read_line(output, prompt, fresh=fresh) or ""


def read_line(output: Output, prompt: str, *, fresh: bool = False) -> str | None:
    """Ask as `read_shown`; None where the input is ended instead (ctrl+d)."""
    import os

    try:
        with open("/dev/tty", "r+b", buffering=0) as terminal:
            if fresh:
                import termios

                termios.tcflush(terminal.fileno(), termios.TCIFLUSH)
            terminal.write(prompt.encode("utf-8", "replace"))
            line = os.read(terminal.fileno(), 65536)
    except KeyboardInterrupt:
        output.line_break()
        raise
    if not line:
        output.line_break()
        return None
    return line.decode("utf-8", "replace").strip()


class _Prompting:
    """Has signals end or resume a prompt in order.

    Those that end the process come out as an exception, so that the terminal echoes again. After ctrl+z and
    `fg` the shell has made it echo: it stops doing so, and the prompt is shown once more.

    A class, because `contextlib` costs a good part of a Python start and every verb loads this file.
    """

    def __init__(self, prompt: str) -> None:
        self._prompt = prompt

    def __enter__(self) -> None:
        import signal

        from xswitch.launch.foreground import in_foreground

        self._received: list[int] = []

        def end(number: int, _: object) -> None:
            if not in_foreground(without_terminal=True):
                # Stopped and then killed: the terminal is the shell's again, and touching it stops us anew.
                signal.signal(number, signal.SIG_DFL)
                signal.raise_signal(number)
            self._received.append(number)
            raise SystemExit(128 + number)

        numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
        heard = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
        self._before = {number: signal.signal(number, end) for number in heard}
        self._before[signal.SIGCONT] = signal.signal(signal.SIGCONT, lambda *_: self._resume())

    def __exit__(self, *_: object) -> None:
        import signal

        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._received:  # and the caller sees that it was the signal
            signal.raise_signal(self._received[0])

    def _resume(self) -> None:
        import os
        import termios

        from xswitch.launch.foreground import in_foreground

        if not in_foreground():
            return
        with open("/dev/tty", "wb", buffering=0) as terminal:
            attributes = termios.tcgetattr(terminal)
            attributes[3] &= ~termios.ECHO
            termios.tcsetattr(terminal, termios.TCSADRAIN, attributes)
            os.write(terminal.fileno(), self._prompt.encode())


def has_terminal() -> bool:
    """Tell whether there is a terminal to ask on, whatever the streams are."""
    import os

    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _unnamed(names: Sequence[str], *, others: bool) -> GuardRefused:
    """Return the refusal of guarded profiles that `--yes-really` lacks; with `others`, it names some."""
    import shlex

    *most, last = map(printable, names)
    listed = f"{', '.join(most)} and {last}" if most else last
    are, them = ("are", "them") if most else ("is", "it")
    options = " ".join(f"--yes-really {printable(shlex.quote(name))}" for name in names)
    if others:
        return GuardRefused(
            f"{listed} {are} guarded, and --yes-really does not name {them}", f"add {options}"
        )
    text = f"{listed} {are} guarded: the names have to be typed, and there is no terminal"
    return GuardRefused(text, f"{options} is the same as typing {them}")


def _copy(text: str) -> bool:
    """Copy through the terminal (OSC 52), where it does that; False where there is none."""
    import base64

    encoded = base64.b64encode(text.encode()).decode()
    try:
        with open("/dev/tty", "w", encoding="ascii") as terminal:
            terminal.write(f"\x1b]52;c;{encoded}\x07")
    except OSError:
        return False
    return True
