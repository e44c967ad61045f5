"""The two files as such: whether they can be read, and what aws refuses in them."""

from __future__ import annotations

import os

from xswitch.doctor.checks.mapped import met
from xswitch.doctor.finding import Check, Finding, Severity
from xswitch.doctor.repairs import comment_out
from xswitch.editing.changes import CONFIG, CREDENTIALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.awsfiles.settings import Problem
    from xswitch.doctor.examined import Examined
    from xswitch.doctor.finding import Fix


def file_of(examined: Examined, path: str) -> str:
    """Return which of the two files a path is, as changes call them."""
    return CONFIG if path == examined.locations.config else CREDENTIALS


def _no_file(examined: Examined) -> Iterator[Finding]:
    for code in ("not-a-file", "unreadable"):
        for _, problem in examined.by_code.get(code, ()):
            what, _, _ = problem.message.partition("; aws takes it")
            text = f"{what}: aws takes it for an empty file and says so nowhere, so no profile of it is found"
            yield Finding(text, (problem.file, 0))


def _encoding(examined: Examined) -> Iterator[Finding]:
    for code in ("byte-order-mark", "not-utf8"):
        for _, problem in examined.by_code.get(code, ()):
            yield Finding(problem.message, (problem.file, problem.line))


def _bad_lines(examined: Examined) -> Iterator[Finding]:
    for code in ("no-delimiter", "empty-key", "nested-no-delimiter", "text-before-section"):
        for name, problem in examined.by_code.get(code, ()):
            yield Finding(
                problem.message,
                (problem.file, problem.line),
                profile=name,
                severity="" if problem.fatal else Severity.NOTE,
                fix=_without(examined, name, problem),
            )


def _without(examined: Examined, name: str, problem: Problem) -> Fix | None:
    if problem.code not in {"no-delimiter", "empty-key"}:
        return None
    file = file_of(examined, problem.file)
    return comment_out(file, problem.line, "it is no setting", name)


def _duplicate_key(examined: Examined, name: str, problem: Problem) -> Fix | None:
    """Offer to keep the later one, which is what other SDKs read; sure where both say the same."""
    first = _number_after(problem.message, "first in line ")
    if not first:
        return None
    file = file_of(examined, problem.file)
    return comment_out(file, first, f"line {problem.line} sets it again", name)


def _number_after(text: str, words: str) -> int:
    digits = text.partition(words)[2].partition(")")[0]
    return int(digits) if digits.isdecimal() else 0


def _one_file(examined: Examined) -> Iterator[Finding]:
    config, credentials = examined.locations.config, examined.locations.credentials
    if config and os.path.realpath(config) == os.path.realpath(credentials) != os.devnull:
        text = (
            "it is both the config and the credentials file, so that each section counts twice, under two "
            "names: let AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name two files"
        )
        yield Finding(text, (config, 0))


CHECKS = (
    Check(
        "XS101",
        Severity.ERROR,
        "file cannot be read",
        "No right to read it, a folder or pipe, a link that leads nowhere: aws silently sees no profiles.",
        _no_file,
    ),
    Check(
        "XS102",
        Severity.ERROR,
        "line that is no setting",
        "One such line and every `aws` command dies with `Unable to parse config file`, naming no line.",
        _bad_lines,
    ),
    Check(
        "XS103",
        Severity.ERROR,
        "not plain UTF-8",
        "A byte order mark, UTF-16, or bytes of another encoding: aws refuses the whole file.",
        _encoding,
    ),
    Check(
        "XS104",
        Severity.ERROR,
        "section stands twice",
        "aws refuses the whole file; other SDKs merge the two.",
        met("duplicate-section"),
    ),
    Check(
        "XS105",
        Severity.ERROR,
        "key stands twice in a section",
        "In other case too (`region`, `Region`): aws refuses the file; for other SDKs the last one counts.",
        met("duplicate-key", fix=_duplicate_key),
    ),
    Check(
        "XS106",
        Severity.WARNING,
        "config and credentials file are one",
        "The sections of each are named differently; xswitch edits no file that is both.",
        _one_file,
    ),
)
