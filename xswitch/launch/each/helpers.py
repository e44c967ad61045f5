"""Threads that get what takes its time; what they found is fetched in the thread that runs the jobs."""

from __future__ import annotations

import threading
from queue import SimpleQueue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from xswitch.launch.each.job import Job

    # A job, and its environment, why there is none, or None where it was only begun.
    Found: TypeAlias = tuple[Job, dict[str, str] | Exception | None]


class Helpers:
    """At most `limit` threads that call `prepare`, and `found` whenever there is something in `results`."""

    def __init__(
        self, prepare: Callable[[Job], dict[str, str]], limit: int, found: Callable[[], None]
    ) -> None:
        self.results: SimpleQueue[Found] = SimpleQueue()
        self._prepare = prepare
        self._found = found
        self._limit = limit
        self._wanted: SimpleQueue[Sequence[Job] | None] = SimpleQueue()
        self._threads = 0

    def begin(self, jobs: Sequence[Job]) -> None:
        """Have jobs prepared, one after the other in the same thread."""
        self._wanted.put(jobs)
        if self._threads < self._limit:
            self._threads += 1
            # A daemon: an answer that does not come keeps nobody from leaving.
            threading.Thread(target=self._work, daemon=True).start()

    def close(self) -> None:
        """Let the threads end, once they are done with what they do."""
        for _ in range(self._threads):
            self._wanted.put(None)
        self._threads = 0

    def _work(self) -> None:
        while (jobs := self._wanted.get()) is not None:
            for job in jobs:
                self._tell(job, None)
                try:
                    self._tell(job, self._prepare(job))
                except Exception as error:  # noqa: BLE001 - it is raised where it is fetched
                    self._tell(job, error)

    def _tell(self, job: Job, result: dict[str, str] | Exception | None) -> None:
        self.results.put((job, result))
        self._found()
