"""Putting several files in place as one: all of them, or none."""

from __future__ import annotations

import signal
from contextlib import contextmanager

from xswitch.awsfiles.saving import ConflictError, check_removal, prepare, read_version, remove
from xswitch.errors import XswitchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from xswitch.awsfiles.saving import Pending, Version

_HELD_BACK = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP)


def commit(pending: list[Pending], contents: list[bytes]) -> None:
    """Put prepared files in place, which have those contents.

    ConflictError, with none in place, where one was changed meanwhile; XswitchError as `Pending.commit`.
    """
    for each in pending:
        each.check()
    done: list[tuple[Version, bytes]] = []
    try:
        for each, data in zip(pending, contents, strict=True):
            each.commit()
            done.append((each.version, data))
    except BaseException:
        _put_back(done)
        raise


def restore(wanted: list[tuple[Version, bytes | None]]) -> None:
    """Give files, as they were read just now, other contents; None removes one. XswitchError if it fails."""
    pending: list[Pending] = []
    kept = [(version, data) for version, data in wanted if data is not None]
    removed = [version for version, data in wanted if data is None]
    try:
        for version in removed:
            check_removal(version)
        for version, data in kept:
            pending.append(prepare(version, data))  # so that those before one that fails are discarded
        commit(pending, [data for _, data in kept])
        try:
            for version in removed:
                remove(version)
        except BaseException:
            _put_back(kept)
            raise
    except ConflictError as error:
        raise XswitchError(str(error), "nothing was changed; try again") from None
    finally:
        for each in pending:
            each.discard()


def _put_back(done: list[tuple[Version, bytes]]) -> None:
    """Give files back what they had, unless others have written into them since."""
    for version, written in done:
        now = read_version(version.path)
        if now.data != written:
            continue
        if version.exists:
            prepare(now, version.data).commit()
        else:
            remove(now)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold back, from this thread, signals that would end or stop the process between two files.

    They come a moment later. In the UI, which does this beside its own thread, that one waits for it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
