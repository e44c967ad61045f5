"""What can be set: plain data, which knows neither the file nor the profiles."""

from __future__ import annotations


class Level:
    """How strict a guard is; the values are those of the settings file."""

    CONFIRM = "confirm"
    READ_ONLY = "read-only"


class Order:
    """In which order profiles are listed; the values are those of the settings file."""

    FILE = "file"
    NAME = "name"
    MOST_USED = "most-used"


LEVELS = (Level.CONFIRM, Level.READ_ONLY)
COLORS = ("red", "yellow", "green", "blue", "magenta", "cyan")
CHOICES = {
    "icons": ("unicode", "ascii"),
    "start": ("tree", "filter"),
    "order": (Order.FILE, Order.NAME, Order.MOST_USED),
    "filter": ("words", "fuzzy"),
}
"""The settings that are one of several words; the first is the default."""


class GuardRule:
    """A `[[guard]]` of the settings: which profiles it protects, and how.

    All conditions that have values must hold, each by any of its values: `profiles` and `roles` are globs,
    `account_ids` are 12 digits. `expect_account_id` is the account that the profiles must really be in, ""
    for any. `position` is which of the rules it is in the file, from 1.
    """

    __slots__ = ("account_ids", "color", "expect_account_id", "level", "position", "profiles", "roles")

    def __init__(self, position: int) -> None:
        self.profiles: tuple[str, ...] = ()
        self.account_ids: tuple[str, ...] = ()
        self.roles: tuple[str, ...] = ()
        self.level = Level.CONFIRM
        self.color = COLORS[0]
        self.expect_account_id = ""
        self.position = position


class Settings:
    """All settings, each with its default.

    `theme` is the name of a Textual theme, "" for the default; `icons`, `start`, `order` and `filter` are one
    of the words above; `keys` maps ids of actions to keys, with commas between; `accounts` maps account ids
    to names.
    """

    def __init__(self, path: str = "") -> None:
        self.path = path
        self.theme = ""
        self.icons = "unicode"
        self.start = "tree"
        self.order = Order.FILE
        self.filter = "words"
        self.keys: dict[str, str] = {}
        self.accounts: dict[str, str] = {}
        self.guard: tuple[GuardRule, ...] = ()
