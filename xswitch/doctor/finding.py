"""What a check finds: where, what, and how it can be mended."""

from __future__ import annotations

from xswitch.awsfiles.masking import shown
from xswitch.locations import tilde
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from xswitch.doctor.examined import Examined
    from xswitch.editing.diff import DiffLine
    from xswitch.locations import Locations
    from xswitch.profiles.collection import Profiles


class Severity:
    """How bad a finding is; the values are part of the JSON."""

    ERROR = "error"  # aws or xswitch cannot use it, or uses other credentials than one thinks
    WARNING = "warning"  # most likely a mistake, or tools disagree on it
    NOTE = "note"  # worth knowing


SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


class Fix:
    """A way to mend a finding. XswitchError from `diff` and `apply` where it cannot be done.

    A fix that is not `sure` is a guess: it is never made without a question. `profiles` are those that exist
    and that it changes. `is_edit` where it changes the two files, `is_of_line` where it finds the place by
    the number of a line, and moves none itself.
    """

    is_edit = False
    is_of_line = False

    def __init__(self, title: str, *, sure: bool = True, profiles: Iterable[str] = ()) -> None:
        self.title = shown(title)
        self.sure = sure
        self.profiles = frozenset(profiles)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.title!r})"

    @property
    def doubt(self) -> str:
        """What is said behind the title: that it is a guess, where it is one."""
        return "" if self.sure else " (not sure)"

    def diff(self, locations: Locations) -> list[DiffLine]:
        """Return what it changes in the two files, nothing where it is about something else."""
        raise NotImplementedError

    def subjects(self, profiles: Profiles) -> tuple[frozenset[str], frozenset[str]]:  # noqa: ARG002
        """Return which profiles it changes, whose guards are to be asked, and which of them are gone then."""
        return self.profiles, frozenset()

    def apply(self, locations: Locations, permitted: Container[str] | None = None) -> str:
        """Make it, and return a sentence that says what was done and how it is undone.

        XswitchError where it would change profiles besides the `permitted` ones, where these are given.
        """
        raise NotImplementedError


class Finding:
    """Something that a check has found.

    `message` says what is wrong and what to do; secrets are masked in it, and it may be shown as it is.
    `profile` is "" where it is about no single one. `file` may be "" (the environment), `line` is 0 for a
    file as a whole. `code` and `severity` come from the check, unless the finding has a severity of its own.
    """

    __slots__ = ("code", "file", "fix", "line", "message", "profile", "severity")

    def __init__(
        self,
        message: str,
        place: tuple[str, int] = ("", 0),
        *,
        profile: str = "",
        severity: str = "",
        fix: Fix | None = None,
    ) -> None:
        self.code = ""
        self.severity = severity
        self.profile = profile
        self.file, self.line = place
        self.message = shown(message)
        self.fix = fix

    def __repr__(self) -> str:
        return f"Finding({self.code} {self.profile or '-'} {self.place}: {self.message})"

    @property
    def place(self) -> str:
        """File and line as people read them: `~/.aws/config:12`; "" where it is in no file."""
        path = printable(tilde(self.file))
        return f"{path}:{self.line}" if self.line else path


class Check:
    """One thing to look for. `code` and `severity` are those of its findings, `title` names it in a table."""

    __slots__ = ("_find", "code", "explanation", "severity", "title")

    def __init__(
        self,
        code: str,
        severity: str,
        title: str,
        explanation: str,
        find: Callable[[Examined], Iterator[Finding]],
    ) -> None:
        self.code = code
        self.severity = severity
        self.title = title
        self.explanation = explanation
        self._find = find

    def __repr__(self) -> str:
        return f"Check({self.code} {self.title})"

    def find(self, examined: Examined) -> Iterator[Finding]:
        """Yield what it finds, in no order."""
        for finding in self._find(examined):
            finding.code = self.code
            finding.severity = finding.severity or self.severity
            yield finding
