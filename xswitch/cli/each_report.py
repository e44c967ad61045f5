"""What commands under many profiles print: each line with a name before it, in groups, or as JSON."""

from __future__ import annotations

import json
import shutil

from xswitch.cli.each_output import Streams, json_text, terminal_line
from xswitch.launch.each.job import STDERR, STDOUT, JobState, Listener
from xswitch.launch.each.lines import Lines
from xswitch.text import columns, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xswitch.cli.prompts import TerminalInteraction
    from xswitch.launch.each.fanout import Fanout
    from xswitch.launch.each.job import Job
    from xswitch.launch.prepare import Launcher

_WIDEST = 32  # columns that names are padded to


class Report(Listener):
    """Shows what the jobs do; where there is a terminal, a table of them stands below."""

    option = ""
    keeps = True  # whether it needs what the commands print after they have ended

    def __init__(self, names: Sequence[str], launcher: Launcher, person: TerminalInteraction) -> None:
        self._person = person
        self._streams = Streams(names, launcher, above=self.option != "--json")

    def begin(self, fanout: Fanout) -> None:
        """Take what is to be shown, before it begins."""
        self._streams.begin(fanout)

    def end(self) -> None:
        """Take away what stands below the output."""
        self._streams.pause()
        self._person.done()

    @property
    def failure(self) -> OSError | None:
        """Why the output could not be written any more, None where it could."""
        return self._streams.failure

    def ending(self) -> None:
        """Say that the commands are being ended."""
        self._streams.note("ending; ctrl+c again ends at once")

    def pause(self) -> bool:
        """Leave the terminal to others for a while; tell whether the table was there."""
        return self._streams.pause()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._streams.resume()

    def asking(self, asking: bool) -> None:
        """Take the table away while the user may be asked something."""
        if asking:
            self.pause()
        else:
            self._person.done()
            self.resume()

    def said(self, text: str) -> None:
        """Say a sentence."""
        self._streams.write(STDERR, f"xswitch: {text}\n".encode("utf-8", "backslashreplace"))

    def changed(self, job: Job) -> None:
        """Report what is over, and what is tried again."""
        if job.has_ended:
            self.ended(job)
        elif job.state == JobState.WAITING and job.attempts:
            self.ended(job)
            self.said(f"{printable(job.profile)}: {job.outcome}, trying again")

    def ended(self, job: Job) -> None:
        """Report the end of an attempt."""


class Prefixed(Report):
    """Each line as it comes, with the name of the profile before it."""

    keeps = False

    def __init__(self, names: Sequence[str], launcher: Launcher, person: TerminalInteraction) -> None:
        super().__init__(names, launcher, person)
        self._lines: dict[tuple[Job, str], Lines] = {}
        widest = max(columns(printable(name)) for name in names)
        self._width = min(widest, _WIDEST, shutil.get_terminal_size().columns // 2)

    def output(self, job: Job, stream: str, data: bytes) -> None:
        """Write the lines that are whole, all at once: those of others never come in between."""
        lines = self._lines.get((job, stream))
        if lines is None:
            lines = self._lines[job, stream] = Lines()
        self._write(job, stream, list(lines.feed(data)))

    def ended(self, job: Job) -> None:
        """Write what is left without a line feed."""
        for stream in (STDOUT, STDERR):
            lines = self._lines.pop((job, stream), None)
            if lines is not None:
                self._write(job, stream, list(lines.rest()))

    def _write(self, job: Job, stream: str, lines: list[bytes]) -> None:
        if not lines:
            return
        if self._streams.is_terminal(stream):
            colour = self._streams.has_colour(stream)
            start = self._streams.name(job.profile, stream, self._width)
            start += self._streams.bar(stream)
            text = "".join(f"{start}{terminal_line(line, colour=colour)}\n" for line in lines)
            self._streams.show(stream, text)
            return
        prefix = f"{printable(job.profile)}: ".encode()
        self._streams.write(stream, b"".join(prefix + line.removesuffix(b"\n") + b"\n" for line in lines))


class Grouped(Report):
    """All that a command has printed, under a heading, once it has ended."""

    option = "--group"

    def ended(self, job: Job) -> None:
        """Write the group."""
        if not job.has_ended or job.state == JobState.SKIPPED:
            return
        seconds = job.seconds()
        took = f"{seconds:.1f}s" if seconds is not None else ""
        notes = ", ".join(filter(None, [job.outcome or job.state, took]))
        headed = {STDERR} if self._streams.are_same else set()
        for stream, data in [(STDOUT, b""), *self._pieces(job)] if headed else self._pieces(job):
            if stream not in headed:
                headed.add(stream)
                self._streams.heading(stream, job.profile, notes)
            self._streams.write(stream, data)
        if STDOUT not in headed:
            self._streams.heading(STDOUT, job.profile, notes)

    def _pieces(self, job: Job) -> Iterator[tuple[str, bytes]]:
        """Yield what was printed; on a terminal, whole lines that do nothing to it."""
        last = {STDOUT: b"", STDERR: b""}
        lines = {STDOUT: Lines(), STDERR: Lines()}
        for stream, data in job.chunks():
            last[stream] = data[-1:]
            if self._streams.is_terminal(stream):
                yield stream, self._safe(stream, lines[stream].feed(data))
            else:
                yield stream, data
        for stream, byte in last.items():
            rest = self._safe(stream, lines[stream].rest())
            if rest or byte not in {b"", b"\n"}:
                yield stream, rest or b"\n"

    def _safe(self, stream: str, lines: Iterator[bytes]) -> bytes:
        colour = self._streams.has_colour(stream)
        text = "".join(f"{terminal_line(line, colour=colour)}\n" for line in lines)
        return text.encode("utf-8", "backslashreplace")


class Jsons(Report):
    """One object on a line for each profile, once it has ended."""

    option = "--json"

    def ended(self, job: Job) -> None:
        """Write the object, in pieces: the output may be long."""
        if not job.has_ended:
            return
        seconds = job.seconds()
        status = job.exit_status
        facts = {
            "profile": job.profile,
            "state": job.state,
            "exit_status": status if status is None or status >= 0 else None,
            "signal": -status if status is not None and status < 0 else None,
            "error": job.error or None,
            "attempts": job.attempts,
            "seconds": None if seconds is None else round(seconds, 3),
        }
        self._streams.write(STDOUT, json.dumps(facts)[:-1].encode())
        for stream in (STDOUT, STDERR):
            self._streams.write(STDOUT, f', "{stream}": "'.encode())
            for piece in json_text(data for came_on, data in job.chunks() if came_on == stream):
                self._streams.write(STDOUT, piece)
            self._streams.write(STDOUT, b'"')
        self._streams.write(STDOUT, b"}\n")
