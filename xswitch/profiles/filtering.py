"""The filter: words that must all be found, in any order, anywhere in a profile."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from xswitch.profiles.profile import Profile

FUZZY = "fuzzy"
"""The mode in which the letters of a word need not stand together, only in order and within one part."""


def haystack(profile: Profile, account_id: str | None = None, account_name: str = "") -> str:
    """Return what the filter looks at, in lower case: name, account, role, region and SSO session.

    `account_name` is what the settings call the account, "" for nothing.
    """
    account = account_id or profile.account_id or ""
    parts = (
        profile.name,
        account,
        f"{account[:4]}-{account[4:8]}-{account[8:]}" if len(account) == 12 else "",
        account_name,
        profile.text("sso_account_name") or "",
        profile.role,
        profile.region or "",
        profile.sso_session or "",
    )
    # A line break cannot be typed into a filter, so no word matches across two parts.
    return "\n".join(parts).lower()


class Filter:
    """A filter text: words separated by blanks; `!word` excludes; upper and lower case are the same.

    `mode` is `words` or `fuzzy`; excluded words are found as they stand in both.
    """

    __slots__ = ("fuzzy", "unwanted", "wanted")

    def __init__(self, text: str, mode: str = "words") -> None:
        words = text.lower().split()
        self.fuzzy = mode == FUZZY
        self.wanted = [word for word in words if not word.startswith("!")]
        self.unwanted = [word[1:] for word in words if len(word) > 1 and word.startswith("!")]

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    def matches(self, hay: str) -> bool:
        """Tell whether a haystack has every wanted word and none of the others."""
        for word in self.wanted:
            if word not in hay and not (self.fuzzy and _scattered(word, hay)):
                return False
        return not any(word in hay for word in self.unwanted)

    def found_in(self, hays: Sequence[str]) -> list[int]:
        """Return which of many haystacks match, by their places."""
        found = list(range(len(hays)))
        for word in self.wanted:
            if self.fuzzy:
                found = [place for place in found if word in hays[place] or _scattered(word, hays[place])]
            else:
                found = [place for place in found if word in hays[place]]
        for word in self.unwanted:
            found = [place for place in found if word not in hays[place]]
        return found

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the parts of `text` that wanted words match, as (start, end), for highlighting."""
        low = text.lower()
        if len(low) != len(text):  # a few letters have a longer lower case; positions would be off
            return []
        found = []
        for word in self.wanted:
            start = low.find(word)
            if start < 0 and self.fuzzy:
                found += _letters(word, low)
            while start >= 0:
                found.append((start, start + len(word)))
                start = low.find(word, start + len(word))
        return sorted(found)


def _scattered(word: str, hay: str) -> bool:
    """Tell whether one line of `hay` has the letters of `word` in order."""
    start = 0
    while True:
        # Lines without the first letter are passed over unseen; there are thousands of haystacks a key.
        place = hay.find(word[0], start)
        if place < 0:
            return False
        end = hay.find("\n", place)
        end = len(hay) if end < 0 else end
        for letter in word[1:]:
            place = hay.find(letter, place + 1, end)
            if place < 0:
                break
        else:
            return True
        start = end


def _letters(word: str, text: str) -> list[tuple[int, int]]:
    """Return where the letters of `word` stand in `text` in order, [] where they do not.

    Of the places where they end first, it is the closest together.
    """
    end = -1
    for letter in word:
        end = text.find(letter, end + 1)
        if end < 0:
            return []
    end += 1
    spans: list[tuple[int, int]] = []
    for letter in reversed(word):
        start = text.rfind(letter, 0, end)
        if spans and spans[-1][0] == start + 1:
            spans[-1] = start, spans[-1][1]
        else:
            spans.append((start, start + 1))
        end = start
    return spans
