"""The filter: words that must all be found, in any order, anywhere in a profile."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.profiles.profile import Profile


def haystack(profile: Profile, account_id: str | None = None) -> str:
    """Return what the filter looks at, in lower case: name, account, role, region and SSO session."""
    account = account_id or profile.account_id or ""
    parts = (
        profile.name,
        account,
        f"{account[:4]}-{account[4:8]}-{account[8:]}" if len(account) == 12 else "",
        profile.text("sso_account_name") or "",
        profile.role,
        profile.region or "",
        profile.sso_session or "",
    )
    # A line break cannot be typed into a filter, so no word matches across two parts.
    return "\n".join(parts).lower()


class Filter:
    """A filter text: words separated by blanks; `!word` excludes; upper and lower case are the same."""

    __slots__ = ("unwanted", "wanted")

    def __init__(self, text: str) -> None:
        words = text.lower().split()
        self.wanted = [word for word in words if not word.startswith("!")]
        self.unwanted = [word[1:] for word in words if len(word) > 1 and word.startswith("!")]

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    def matches(self, hay: str) -> bool:
        """Tell whether a haystack has every wanted word and none of the others."""
        return all(word in hay for word in self.wanted) and not any(word in hay for word in self.unwanted)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the parts of `text` that wanted words match, as (start, end), for highlighting."""
        low = text.lower()
        if len(low) != len(text):  # a few letters have a longer lower case; positions would be off
            return []
        found = []
        for word in self.wanted:
            start = low.find(word)
            while start >= 0:
                found.append((start, start + len(word)))
                start = low.find(word, start + len(word))
        return sorted(found)
