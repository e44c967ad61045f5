"""Every use of something private to Textual, in one file, to be looked at when its version moves (8.2)."""

from __future__ import annotations

import os
import selectors
import traceback
from codecs import getincrementaldecoder
from collections import deque
from typing import Any, TypeVar

from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

Result = TypeVar("Result")

_KEY_TIMEOUT = 0.5
_TICK = 0.1


class PromptDriver(LinuxDriver):
    """Textual's driver, whose reader of keys stops when it is told to.

    Textual's own notices only when its `select` times out, twice: up to 0.2 s between the key that leaves
    and the end of the process. Here a pipe wakes it.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._wake_reader, self._wake_writer = os.pipe()

    def disable_input(self) -> None:
        """Stop the reader and wait for it."""
        os.write(self._wake_writer, b".")
        super().disable_input()
        os.read(self._wake_reader, 1)

    def run_input_thread(self) -> None:
        """Read keys until told to stop, and post them as events."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._wake_reader, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                # The parser needs its tick to tell the escape key from the start of a sequence.
                ready = {key.fd for key, _ in selector.select(_TICK)}
                if self.fileno in ready:
                    data = os.read(self.fileno, 4096)
                    if not data:
                        break  # the terminal is gone
                    for message in parser.feed(decode(data)):
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)


class SerialKeys(App[Result]):
    """An app that finishes one key before it looks at the next.

    Textual gives a key to the widget that has the focus when the key is read, but runs its binding later,
    when the key has bubbled up. Of `/prod` typed at once, all five would go to the tree; of `x` and a
    command, the command's letters would be taken for keys of the tree. Here a mark follows each key on its
    way up, and the next key starts when the mark arrives.
    """

    class KeyDone(Message):
        """Follows a key through the queues it passes."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        if self.driver_class is LinuxDriver:
            self.driver_class = PromptDriver
        self._waiting_keys: deque[events.Key] = deque()
        self._key_under_way = False

    async def on_event(self, event: events.Event) -> None:
        """Hold a key back while another one is under way."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._waiting_keys.append(event)
            await self._next_key()
        else:
            await super().on_event(event)

    async def on_serial_keys_key_done(self) -> None:
        """Start the next key."""
        self._key_under_way = False
        await self._next_key()

    async def _next_key(self) -> None:
        while self._waiting_keys and not self._key_under_way:
            self._key_under_way = True
            target = self.focused or self.screen
            await super().on_event(self._waiting_keys.popleft())
            if not target.post_message(self.KeyDone()):
                self._key_under_way = False
        if self._waiting_keys:
            # A widget that goes away takes the mark with it.
            self.set_timer(_KEY_TIMEOUT, self.on_serial_keys_key_done)


def end_with_report(app: App[Any], error: Exception, folder: str) -> str:
    """End `app` because of `error`; return what to tell the user.

    Textual's own report prints the local variables, and one of them may be a secret. The traceback without
    them goes to a file in `folder`.
    """
    tested: Any = app  # tests see the error through these two
    tested._exception = error
    tested._exception_event.set()
    path = os.path.join(folder, "crash.log")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            frames = traceback.extract_tb(error.__traceback__)
            file.write("".join(traceback.format_list(frames)) + f"{type(error).__name__}\n")
    except OSError:
        path = "no file could be written"
    return f"xswitch: the terminal UI failed: {type(error).__name__} (traceback: {path})"
