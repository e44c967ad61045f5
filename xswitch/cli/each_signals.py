"""Signals while commands run under many profiles: what ends or stops us ends or stops them."""

from __future__ import annotations

import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Self

    from xswitch.cli.each_report import Report
    from xswitch.launch.each.fanout import Fanout

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Signals:
    """Hands signals on to the commands, which lead sessions of their own and would not hear of them."""

    def __init__(self, fanout: Fanout, report: Report) -> None:
        self.received: list[int] = []
        self._fanout = fanout
        self._report = report
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in _ENDING:
            self._set(number, self._end)
        self._set(signal.SIGTSTP, self._stop)
        self._set(signal.SIGCONT, self._go_on)
        # Where the caller ignores the ends of children, we would not be told how ours ended.
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _set(self, number: int, handler: Any) -> None:
        if signal.getsignal(number) != signal.SIG_IGN:  # by nohup, for example
            self._before[number] = signal.signal(number, handler)

    def _end(self, number: int, _: FrameType | None) -> None:
        self.received.append(number)
        preparing = self._fanout.is_preparing
        self._report.ending()
        self._fanout.stop(signal.SIGINT if number == signal.SIGINT else signal.SIGTERM)
        if preparing:  # it may be waiting for an answer
            raise KeyboardInterrupt

    def _stop(self, *_: object) -> None:
        if self._fanout.is_preparing:
            self._stop_here()
        else:
            self._fanout.soon(self._stop_all)

    def _stop_all(self) -> None:
        self._report.pause()
        self._fanout.hold()
        self._stop_here()
        self._fanout.go_on()
        self._report.resume()

    def _go_on(self, *_: object) -> None:
        if not self._fanout.is_preparing:  # in the foreground again, perhaps
            self._fanout.soon(self._report.resume)

    def _stop_here(self) -> None:
        """Stop this process as ctrl+z does; return when the shell continues it."""
        shown = self._report.pause()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._stop)
        if shown:
            self._report.resume()
