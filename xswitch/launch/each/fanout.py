"""Running one command under many profiles: sessions first, then the commands, some at a time."""

from __future__ import annotations

import signal
import time
from queue import Empty

from xswitch.errors import GuardRefused, XswitchError
from xswitch.launch.each.folder import OutputFolder
from xswitch.launch.each.helpers import Helpers
from xswitch.launch.each.job import Job, JobState, Listener
from xswitch.launch.each.obtaining import Obtaining, Unattended
from xswitch.launch.each.running import Crew
from xswitch.launch.each.spool import Spool, SpoolFolder
from xswitch.launch.usage import Use
from xswitch.sessions.interaction import Cancelled
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xswitch.launch.prepare import Launcher

AT_A_TIME = 8  # where nobody says
_DESCRIPTORS = 6  # that a running command takes of ours, at most
_SPARE = 64
_FRESH = 300.0  # seconds for which an environment is used that could not be made again without a call
_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds before a further attempt; each is twice the one before


class Fanout:
    """The command under each of `names`, at most `limit` at a time.

    A command that fails is run again up to `retries` times. With `fail_fast` the first failure ends
    everything. What the commands print is kept for `Job.chunks` unless `keep` says otherwise, and written to
    files in `output_dir` where that is given. `region` and `keys` are as for `Launcher.environment`. `words`
    is what guards say of it when they ask, as for `Launcher.permit_all`.
    """

    def __init__(  # noqa: PLR0913 - all but three have names
        self,
        names: Sequence[str],
        command: Sequence[str],
        launcher: Launcher,
        *,
        limit: int | None = None,
        retries: int = 0,
        fail_fast: bool = False,
        output_dir: str | None = None,
        region: str | None = None,
        keys: bool = False,
        keep: bool = True,
        words: str = "",
        listener: Listener | None = None,
    ) -> None:
        self._spools = SpoolFolder()
        self.jobs = [Job(name, Spool(self._spools) if keep else None) for name in names]
        self.is_preparing = True  # sessions are obtained, and the user may be asked
        self._command = list(command)
        self._launcher = launcher
        self._listener = listener or Listener()
        self._limit = max(min(limit or AT_A_TIME, len(self.jobs), _most_at_a_time()), 1)
        self._retries = retries
        self._fail_fast = fail_fast
        self._region = region
        self._words = words
        self._keys = keys
        self._folder = OutputFolder(output_dir, names) if output_dir is not None else None

        self._waiting = list(reversed(self.jobs))  # the next one is the last
        self._again: list[tuple[float, Job]] = []  # those to be run once more, and when
        self._preparing: set[Job] = set()
        self._kept: dict[Job, tuple[float, dict[str, str]]] = {}  # environments, and when they were made
        self._failed_fast = False
        self._refusal = ""  # of a guard, for which nothing is run
        self._actions: list[Callable[[], None]] = []
        self._crew = Crew(self._listener, self._folder)
        self._sayings: list[str] = []
        self._alone = launcher  # for helpers, who cannot ask the user: see `_obtain`
        self._helpers = Helpers(lambda job: self._prepare(self._alone, job), self._limit, self._crew.nudge)

    def run(self) -> bool:
        """Get the sessions, run the commands; tell whether all succeeded.

        `GuardRefused`, and what says that the user gave up, are raised before any command has run.
        """
        try:
            if self._folder is not None:
                self._folder.make()
            self._obtain()
            self.is_preparing = False
            if self._folder is not None:
                self._folder.clear()
            self._run_all()
            if self._crew.failure is not None:
                raise self._crew.failure
        except Cancelled:
            if not self._failed_fast:
                raise
        except GuardRefused as error:
            self._refusal = error.message
            raise
        finally:
            self.is_preparing = False
            self._end_all()
        return all(job.state == JobState.DONE for job in self.jobs)

    def stop(self, number: int = signal.SIGINT) -> None:
        """Start no more commands, and send the running ones a signal; the second time it is SIGKILL.

        They get that too where they take longer than a few seconds. From any thread, or a signal handler.
        """
        self._crew.stop(number)
        self._helpers.results.put((self.jobs[0], Cancelled()))  # somebody may wait for these

    def ask_to_end(self) -> None:
        """As `stop`, where that was not done already: it is never a second time."""
        self._crew.ask_to_end()

    def hold(self) -> None:
        """Stop the running commands for a while; `go_on` continues them. As `stop`, from anywhere."""
        self._crew.hold(held=True)

    def go_on(self) -> None:
        """Continue the commands that `hold` has stopped."""
        self._crew.hold(held=False)

    def soon(self, action: Callable[[], None]) -> None:
        """Have something done in the thread of `run`, between two things that it does itself."""
        self._actions.append(action)
        self._crew.nudge()

    def close(self) -> None:
        """Remove what the commands printed, where it was kept."""
        self._spools.close()

    # --- sessions ---------------------------------------------------------------------------------

    def _obtain(self) -> None:
        obtaining = Obtaining(
            self._launcher,
            self._prepare,
            self._helpers,
            self._listener,
            got=self._keep,
            fail=self._fail,
            stopped=self._is_stopping,
        )
        obtaining.ask_guards(self.jobs, self._words)
        self._alone = self._unattended(self._sayings.append)
        obtaining.run(self.jobs)
        self._say()
        # It knows all names that were typed by now; what there is to say of a profile was said.
        self._alone = self._unattended(lambda _: None)

    def _keep(self, job: Job, environ: dict[str, str]) -> None:
        """Keep an environment where its session is too short to be found in the cache: once is enough."""
        if not self._launcher.is_ready(job.profile):
            self._kept[job] = time.monotonic(), environ

    def _unattended(self, say: Callable[[str], None]) -> Launcher:
        return self._launcher.unattended(Unattended(say, self._is_stopping))

    def _is_stopping(self) -> bool:
        return self._crew.is_stopping

    def _prepare(self, launcher: Launcher, job: Job) -> dict[str, str]:
        return launcher.environment(job.profile, use=Use.EACH, region=self._region, keys=self._keys)

    def _say(self) -> None:
        """Hand on what helpers had to say, each sentence once."""
        for text in dict.fromkeys(self._sayings):
            self._listener.said(text)
        self._sayings.clear()

    # --- commands ---------------------------------------------------------------------------------

    def _run_all(self) -> None:
        while self._has_work():
            if not self._crew.is_stopping:
                self._start_some()
            for job, status in self._crew.attend(self._next_attempt()):
                self._ended(job, status)
            self._take_prepared()
            while self._actions:
                self._actions.pop(0)()

    def _has_work(self) -> bool:
        if self._crew:
            return True
        waiting = self._waiting or self._again or self._preparing
        return bool(waiting) and not self._crew.is_stopping

    def _start_some(self) -> None:
        now = time.monotonic()
        while len(self._crew) + len(self._preparing) < self._limit:
            job = self._next(now)
            if job is None:
                return
            self._start(job)

    def _next(self, now: float) -> Job | None:
        for entry in self._again:
            if entry[0] <= now:
                self._again.remove(entry)
                return entry[1]
        while self._waiting:
            job = self._waiting.pop()
            if not job.has_ended:
                return job
        return None

    def _next_attempt(self) -> float | None:
        """Return when there will be something to start, None where that depends on others."""
        has_room = len(self._crew) + len(self._preparing) < self._limit
        return min(at for at, _ in self._again) if self._again and has_room else None

    def _start(self, job: Job) -> None:
        """Start a job whose environment is there; else have it made, with a new session where it has ended.

        By a helper, though most need no call: a guard may have to ask AWS for the account, and this is the
        thread that reads what the others print.
        """
        made_at, environ = self._kept.pop(job, (0.0, {}))
        if environ and time.monotonic() - made_at < _FRESH:
            self._run(job, environ)
            return
        try:
            is_ready = self._launcher.is_ready(job.profile)
        except XswitchError as error:
            self._fail(job, error)
            return
        if not is_ready:
            job.state = JobState.SIGNING_IN
            self._listener.changed(job)
        self._preparing.add(job)
        self._helpers.begin([job])

    def _take_prepared(self) -> None:
        while True:
            try:
                job, result = self._helpers.results.get_nowait()
            except Empty:
                break
            if job not in self._preparing or result is None or self._crew.is_stopping:
                continue
            self._preparing.remove(job)
            if isinstance(result, Exception):
                self._fail(job, result)
            else:
                self._run(job, result)
        self._say()

    def _run(self, job: Job, environ: dict[str, str]) -> None:
        job.begin(time.monotonic())
        try:
            self._crew.start(job, self._command, environ)
        except XswitchError as error:
            self._fail(job, error, error.status)
        else:
            if job.attempts == 1:
                self._launcher.note(job.profile)
            self._listener.changed(job)

    def _ended(self, job: Job, status: int) -> None:
        now = time.monotonic()
        if status == 0:
            job.end(JobState.DONE, now, 0)
        elif self._crew.is_stopping:
            job.end(JobState.STOPPED, now, status)
        elif job.attempts <= self._retries:
            job.end(JobState.WAITING, now, status)
            pause = min(_PAUSE * 2 ** (job.attempts - 1), _LONGEST_PAUSE)
            self._again.append((now + pause, job))
        else:
            job.end(JobState.FAILED, now, status)
            self._fail_fast_now()
        self._listener.changed(job)

    def _fail(self, job: Job, error: Exception, status: int | None = None) -> None:
        """End a job whose command could not be run."""
        if isinstance(error, XswitchError):
            text = error.message.removeprefix(f"{printable(job.profile)}: ")
            text += f"; {error.hint}" if error.hint else ""
        elif isinstance(error, OSError):
            text = printable(f"{error.filename or 'this machine'}: {error.strerror or type(error).__name__}")
        else:
            raise error
        job.end(JobState.FAILED, time.monotonic(), status, text)
        self._fail_fast_now()
        self._listener.changed(job)

    def _fail_fast_now(self) -> None:
        if self._fail_fast and not self._crew.is_stopping:
            self._failed_fast = True
            self._crew.stop(signal.SIGTERM)

    def _end_all(self) -> None:
        """Leave nothing running, whatever has happened; say of every job how it ended."""
        self._helpers.close()
        now = time.monotonic()
        for job, status in list(self._crew.end()):
            job.end(JobState.STOPPED, now, status)
            self._listener.changed(job)
        for job in self.jobs:
            if not job.has_ended:
                state = JobState.STOPPED if job.attempts else JobState.SKIPPED
                job.end(state, now, job.exit_status, self._refusal)
                self._listener.changed(job)


def _most_at_a_time() -> int:
    """Return for how many commands at once there are descriptors."""
    import resource

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 1_000_000 if most == resource.RLIM_INFINITY else max((most - _SPARE) // _DESCRIPTORS, 1)
