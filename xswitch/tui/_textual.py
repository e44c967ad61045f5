"""Every use of something private to Textual, in one file, to be looked at when its version moves (8.2)."""

from __future__ import annotations

import asyncio
import base64
import os
import selectors
import signal
import string
import traceback
from codecs import getincrementaldecoder
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from textual import events, on
from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.keys import Keys, _character_to_key, _normalize_key_list

from xswitch.tui.terminal import handle_ends

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.message_pump import MessagePump
    from textual.widget import Widget

Result = TypeVar("Result")

DEFAULT_THEME = "textual-dark"

_TICK = 0.1
_ESCAPE = "\x1b"
_ALTERNATE_SCREEN = "\x1b[?1049h"
_PASTE_BEGINS = "\x1b[200~"
_PASTE_ENDS = "\x1b[201~"
_KEY_NAMES = frozenset([*(key.value for key in Keys), *map(_character_to_key, string.punctuation)])
_MODIFIERS = frozenset(["ctrl", "shift", "alt", "super", "hyper", "meta"])


class Pastes:
    """Takes the escape characters out of what is pasted.

    Terminals do that, and some, tmux among them, do not. Textual's parser would make keys of what follows
    one, enter among them: half a line would be run.
    """

    def __init__(self) -> None:
        self._pasting = False
        self._held = ""  # the beginning of what may become the mark that is waited for

    def without_escapes(self, text: str) -> str:
        """Return what was read without them; the mark of a paste's end may come in parts."""
        return "".join(map(self._pasted, text)) if self._pasting or _ESCAPE in text or self._held else text

    def _pasted(self, character: str) -> str:
        mark = _PASTE_ENDS if self._pasting else _PASTE_BEGINS
        before, self._held = self._held, self._held + character
        if not mark.startswith(self._held):
            self._held = _ESCAPE if character == _ESCAPE else ""
            return (before + character).replace(_ESCAPE, "") if self._pasting else character
        if self._held == mark:
            self._pasting, self._held = not self._pasting, ""
            return mark if mark == _PASTE_ENDS else character
        return "" if self._pasting else character


class PromptDriver(LinuxDriver):
    """Textual's driver, with what it lacks.

    Its reader of keys stops when it is told to: Textual's own notices only when its `select` times out,
    twice, up to 0.2 s between the key that leaves and the end of the process. Here a pipe wakes it.
    Signals that end the process leave by the front door. A child gets the terminal as xswitch found it.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._wake_reader, self._wake_writer = os.pipe()

    def write(self, data: str) -> None:
        """Write; not what would clear the first frame, which stands until Textual's own is there."""
        app: Any = self._app
        if data == _ALTERNATE_SCREEN and app.frame_stands:
            app.frame_stands = False
        else:
            super().write(data)

    def start_application_mode(self) -> None:
        """Take the terminal."""
        app: Any = self._app
        loop = asyncio.get_running_loop()

        def leave(number: int, _: object) -> None:
            if loop.is_closed():
                raise SystemExit(128 + number)
            loop.call_soon_threadsafe(app.end_by_signal, number)

        # Not the loop's own signal handlers: ctrl+c for a child would reach them too.
        handle_ends(leave)
        super().start_application_mode()  # type: ignore[no-untyped-call]
        # What stands in the terminal at the first start is the first frame's doing: no echo, no lines.
        self.attrs_before, app.terminal_settings = app.terminal_settings or self.attrs_before, None

    def disable_input(self) -> None:
        """Stop the reader and wait for it."""
        os.write(self._wake_writer, b".")
        super().disable_input()
        os.read(self._wake_reader, 1)

    def run_input_thread(self) -> None:
        """Read keys until told to stop, and post them as events."""
        parser, pastes = XTermParser(self._debug), Pastes()
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        first = True
        # kqueue, the default of macOS, does not take /dev/tty.
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._wake_reader, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                # The parser needs its tick to tell the escape key from the start of a sequence.
                ready = {key.fd for key, _ in selector.select(_TICK)}
                if self.fileno in ready:
                    data = self._read()
                    if not data:
                        return
                    if first:
                        # The enter key, typed before the first frame: the terminal made a line end of it.
                        data, first = data.replace(b"\n", b"\r"), False
                    for message in parser.feed(pastes.without_escapes(decode(data))):
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)

    def _read(self) -> bytes:
        """Return what was typed; where the terminal is gone, end the app and return nothing."""
        try:
            data = os.read(self.fileno, 4096)
        except OSError:
            data = b""
        if not data:
            app: Any = self._app
            app.call_later(app.end_by_signal, signal.SIGHUP)
        return data


class SerialKeys(App[Result]):
    """An app that finishes one key before it looks at the next.

    Textual gives a key to the widget that has the focus when the key is read, but runs its binding later,
    when the key has bubbled up. Of `/prod` typed at once, all five would go to the tree; of `x` and a
    command, the command's letters would be taken for keys of the tree. Here a mark follows each key through
    the queues of the widgets it bubbles through, twice: what the key's binding then sends goes the same way.
    The next key starts when the mark has arrived. Pasted text and the mouse keep their places between the
    keys.
    """

    def __init__(self, *, ansi_color: bool | None = None, theme: str = "") -> None:
        # As if it were the default one: set later, every widget would be styled a second time.
        self._reactive_theme = theme or DEFAULT_THEME
        super().__init__(ansi_color=ansi_color)
        if self.driver_class is LinuxDriver:
            self.driver_class = PromptDriver
        self.terminal_settings: list[Any] | None = None
        self.frame_stands = False
        self._waiting: deque[events.Event] = deque()
        self._under_way = False
        self._second_lap: MessagePump | None = None
        self._typed_for_child = 0.0

    async def on_event(self, event: events.Event) -> None:
        """Hold a key back while another one is under way."""
        if not isinstance(event, events.InputEvent | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif event.time > self._typed_for_child:
            self._waiting.append(event)
            await self._next()

    async def _next(self) -> None:
        while self._waiting and not self._under_way:
            if not self.screen.is_mounted:
                self._under_way = True
                self._send_mark(self.screen)
                return
            event = self._waiting.popleft()
            if isinstance(event, events.Key):
                self.app_focus = True  # gives the focus back to the widget that is to have the key
            target = self.focused or self.screen
            await super().on_event(event)
            if isinstance(event, events.Key | events.Paste):
                self._under_way = True
                self._second_lap = target
                self._send_mark(target)

    def _send_mark(self, pump: MessagePump) -> None:
        # A widget that goes away takes no more messages; the key has got no further either.
        if pump is self or not pump.call_later(self._pass_mark_on, pump):
            self.call_later(self._mark_arrived)

    def _pass_mark_on(self, pump: MessagePump) -> None:
        self._send_mark(pump._parent or self)

    async def _mark_arrived(self) -> None:
        start, self._second_lap = self._second_lap, None
        if start is not None:
            self._send_mark(start)
            return
        self._under_way = False
        await self._next()

    @on(Driver.SignalResume)
    def _draw_again(self) -> None:
        """Draw everything after `fg`: the screen is an empty one, and Textual draws what has changed."""
        self.refresh(layout=True)

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """Lend the terminal. What was typed for the child and read too early must not act on the tree."""
        with super().suspend():
            yield
            self._waiting.clear()
            self._typed_for_child = get_time()

    def copy_to_clipboard(self, text: str) -> None:
        """Copy text to the terminal's clipboard, bytes that are not UTF-8 as they were read."""
        self._clipboard = text
        if self._driver is not None:
            encoded = base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()
            self._driver.write(f"\x1b]52;c;{encoded}\a")

    @property
    def is_leaving(self) -> bool:
        """Whether the end has been asked for."""
        return self._exit

    def end_by_signal(self, number: int) -> None:
        """Leave with the status of a process that a signal ended."""
        self.exit(return_code=128 + number)


def forget_size(widget: Widget) -> None:
    """Make the next layout measure `widget` anew.

    Textual forgets a widget's size only at the first of several requests for a layout; what changes between
    a layout and the widget's next idle moment, as right after it was mounted, would keep the old size.
    """
    widget._layout_updates += 1


def normal_keys(keys: str) -> list[str]:
    """Return the keys of a binding by Textual's names; ValueError, with the key, where one is no key."""
    found = [key for key in _normalize_key_list(keys).split(",") if key]
    for key in found:
        *modifiers, name = key.split("+")
        known = name in _KEY_NAMES or len(name) == 1 or key in _KEY_NAMES
        if not known or not _MODIFIERS.issuperset(modifiers):
            raise ValueError(key)
    return found


def end_with_report(app: App[Any], error: Exception, folder: str, *, debug: bool) -> str:
    """End `app` because of `error`; return what to tell the user, with `debug` the traceback too.

    Textual's own report prints the local variables, and one of them may be a secret. The traceback without
    them goes to a file in `folder`.
    """
    tested: Any = app  # tests see the error through these two
    tested._exception = error
    tested._exception_event.set()
    report = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__))) + type(error).__name__
    path = os.path.join(folder, "crash.log")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(report + "\n")
    except OSError:
        path = "no file could be written"
    text = f"xswitch: the terminal UI failed: {type(error).__name__} (traceback: {path})"
    return f"{report}\n{text}" if debug else text
