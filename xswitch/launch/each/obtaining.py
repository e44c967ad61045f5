"""The sessions of many profiles: what needs the user one after the other, the rest some at a time."""

from __future__ import annotations

import time

from xswitch.errors import ExitStatus, GuardRefused, SignedOut, XswitchError
from xswitch.launch.each.job import JobState
from xswitch.launch.usage import Use
from xswitch.profiles.collection import find_profile
from xswitch.profiles.profile import Kind
from xswitch.sessions.interaction import Cancelled, Interaction
from xswitch.sessions.keys import credentials_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from xswitch.launch.each.helpers import Helpers
    from xswitch.launch.each.job import Job, Listener
    from xswitch.launch.prepare import Launcher
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.interaction import CodeRequest, Device, GuardQuestion


class NeedsPerson(SignedOut):
    """What was tried without the user needs them."""


class Unattended(Interaction):
    """Nobody, for sessions that are obtained beside each other; what is said is collected.

    `stopped` tells whether the user does not want to wait any longer.
    """

    def __init__(self, say: Callable[[str], None], stopped: Callable[[], bool]) -> None:
        self._say = say
        self._stopped = stopped

    def ask_code(self, request: CodeRequest) -> str:
        """Leave it to the user's turn."""
        raise NeedsPerson(f"an MFA code is needed for {request.profile}")

    def show_device(self, device: Device) -> None:
        """Leave it to the user's turn."""
        raise NeedsPerson(f"a page is to be opened: {device.url}")

    def confirm_guarded(self, question: GuardQuestion) -> None:
        """Leave it to the user's turn."""
        raise NeedsPerson(f"the name {question.profile} is to be typed")

    def pause(self, seconds: float) -> None:
        """Wait, unless everything is to end."""
        if self._stopped():
            raise Cancelled
        time.sleep(seconds)

    def say(self, text: str) -> None:
        """Have it said in the thread that may."""
        self._say(text)


class Obtaining:
    """Gets the sessions of jobs before any command runs.

    `launcher` may ask the user, and `prepare` gets the session of a job through a launcher; `helpers` do so
    without the user. `got` takes the environment of a job, `fail` what is wrong with its profile.
    `GuardRefused`, and what says that the user gave up (`stopped` tells it too), are raised.
    """

    def __init__(
        self,
        launcher: Launcher,
        prepare: Callable[[Launcher, Job], dict[str, str]],
        helpers: Helpers,
        listener: Listener,
        *,
        got: Callable[[Job, dict[str, str]], None],
        fail: Callable[[Job, Exception], None],
        stopped: Callable[[], bool],
    ) -> None:
        self._launcher = launcher
        self._profiles = launcher.profiles
        self._prepare = prepare
        self._helpers = helpers
        self._listener = listener
        self._got = got
        self._fail = fail
        self._stopped = stopped
        self._refused: dict[Hashable, XswitchError] = {}  # sign-ins that did not succeed

    def run(self, jobs: list[Job]) -> None:
        """Get the sessions of all jobs that have not ended already."""
        self._listener.asking(True)
        left = self._in_turn([job for job in jobs if not job.has_ended])
        self._listener.asking(False)
        late = self._side_by_side(left)
        if late:
            self._listener.asking(True)
            for job in late:
                self._with_person(job)
            self._listener.asking(False)

    def ask_guards(self, jobs: Iterable[Job], words: str) -> None:
        """Have every guard asked, before anything is obtained; `words` as for `Launcher.permit_all`."""
        self._listener.asking(True)
        names: list[str] = []
        for job in jobs:
            try:
                names.append(find_profile(self._profiles, job.profile).name)
            except XswitchError as error:
                self._end_or_raise(job, error)
        self._launcher.permit_all(names, Use.EACH, words)

    def _in_turn(self, jobs: Iterable[Job]) -> list[Job]:
        """Get what may need the user, of each source one; return what can be had without them then."""
        left: list[Job] = []
        served: set[Hashable] = set()
        for job in jobs:
            source = self._source(job.profile)
            alone = source is not None and self._is_alone(job.profile)
            if source is None or (not alone and (source in served or self._is_ready(job.profile))):
                left.append(job)
            else:
                served.add(source)
                self._with_person(job)
        return left

    def _side_by_side(self, jobs: Iterable[Job]) -> list[Job]:
        """Get sessions beside each other; return the jobs that turn out to need the user."""
        groups = self._sharing(jobs)
        if not all(self._is_ready(group[0].profile) for group in groups):
            __import__("xswitch.sessions.obtain")  # once, before threads all do it
        for group in groups:
            self._helpers.begin(group)
        late: list[Job] = []
        unfinished = sum(len(group) for group in groups)
        while unfinished:
            job, result = self._helpers.results.get()
            self._go_on()  # the user may have had enough
            if result is None:
                self._show(job, JobState.SIGNING_IN)
                continue
            unfinished -= 1
            if isinstance(result, NeedsPerson | SignedOut):
                late.append(job)
            elif isinstance(result, Exception):
                self._end_or_raise(job, result)
                self._go_on()  # the first failure may have ended everything
            else:
                self._got(job, result)
                self._show(job, JobState.WAITING)
        return late

    def _with_person(self, job: Job) -> None:
        """Get a session that may need the user."""
        self._go_on()
        self._show(job, JobState.SIGNING_IN)
        try:
            environ = self._sign_in_and_prepare(job)
        except XswitchError as error:
            self._end_or_raise(job, error)
        else:
            self._got(job, environ)
            self._show(job, JobState.WAITING)

    def _sign_in_and_prepare(self, job: Job) -> dict[str, str]:
        try:
            return self._prepare(self._launcher, job)
        except SignedOut:
            source = self._source(job.profile)
            if source in self._refused:  # once is enough to be asked in vain
                raise self._refused[source] from None
            try:
                self._launcher.sign_in(job.profile)
            except XswitchError as error:
                self._refused[source] = error
                raise
            return self._prepare(self._launcher, job)

    def _end_or_raise(self, job: Job, error: Exception) -> None:
        gave_up = isinstance(error, XswitchError) and error.status == ExitStatus.INTERRUPTED
        if isinstance(error, GuardRefused) or gave_up:
            raise error
        self._fail(job, error)

    def _go_on(self) -> None:
        if self._stopped():
            raise Cancelled

    def _show(self, job: Job, state: str) -> None:
        job.state = state
        self._listener.changed(job)

    def _sharing(self, jobs: Iterable[Job]) -> list[list[Job]]:
        """Return jobs of the same session together: it is obtained for the first and then found.

        Otherwise threads would wait for the one that obtains it, and could do nothing else.
        """
        together: dict[Hashable, list[Job]] = {}
        for job in jobs:
            profile = self._profiles[job.profile]
            together.setdefault(credentials_key(profile) or (profile.name,), []).append(job)
        return list(together.values())

    def _is_ready(self, name: str) -> bool:
        try:
            return self._launcher.is_ready(name)
        except XswitchError:
            return True  # it fails at once

    def _source(self, name: str) -> Hashable:
        """Return what may have to be signed in for a profile, None where nobody is needed."""
        root = self._profiles.root(name)
        kind = self._profiles.root_kind(name)
        if kind == Kind.SSO:
            return kind, root.sso_session or root.text("sso_start_url")
        serials = {member.text("mfa_serial") for member in self._members(name)} - {None}
        return (root.name, *sorted(map(str, serials))) if serials or kind == Kind.PROCESS else None

    def _is_alone(self, name: str) -> bool:
        """Tell whether a program has a part in it that may ask the user itself, or has to be touched."""
        asking = any(member.text("mfa_process") for member in self._members(name))
        return asking or self._profiles.root_kind(name) == Kind.PROCESS

    def _members(self, name: str) -> list[Profile]:
        return [*self._profiles.hops(name), self._profiles.root(name)]
