"""Times as AWS tools write them. Inside xswitch a time is an aware datetime in UTC."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime, timezone
else:
    try:
        # The same classes without the pure-Python module around them, which costs a fifth of a Python start.
        from _datetime import datetime, timezone
    except ImportError:
        from datetime import datetime, timezone

UTC = timezone.utc  # noqa: UP017 - datetime.UTC is not in the C module of every Python


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


def parse_time(text: object, *, naive: str = "refuse") -> datetime | None:
    """Return the time that `text` gives, in UTC, or None where it gives none.

    Reads what AWS tools have written over the years: `2026-11-24T02:54:46Z`, `…+00:00`, `…UTC` (botocore's
    file cache), fractions, a blank for the `T`. A time without a zone means nothing by itself: `naive` is
    `refuse` (botocore fails on it), `utc` or `local`.
    """
    if not isinstance(text, str):
        return None
    text = text.strip()
    if text.endswith("UTC"):
        text = text[:-3].rstrip() + "+00:00"
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            if naive == "refuse":
                return None
            if naive == "utc":
                return time.replace(tzinfo=UTC)
        return time.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def format_time(time: datetime) -> str:
    """Return RFC 3339 in UTC with whole seconds: `2026-11-24T02:54:46Z`."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
