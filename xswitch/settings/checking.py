"""From the table of a settings file to settings: everything is checked, every fault has its line."""

from __future__ import annotations

from xswitch.settings.faults import fault, line_of, nearest
from xswitch.settings.model import CHOICES, COLORS, LEVELS, GuardRule, Settings
from xswitch.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from xswitch.settings.faults import Where

_SETTINGS = ("theme", "keys", "accounts", "guard", *CHOICES)
_RULE = ("profile", "account_id", "role", "level", "color", "expect_account_id")
_CONDITIONS = {"profile": "profiles", "account_id": "account_ids", "role": "roles"}


def settings_of(table: dict[str, object], path: str, text: str) -> Settings:
    """Return the settings in `table`, which is what `text` says, the content of the file `path`.

    XswitchError for the first fault.
    """
    return _Reader(path, text).settings(table)


class _Reader:
    """Turns the table of a file into settings."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text

    def settings(self, table: dict[str, object]) -> Settings:
        """Return the settings. XswitchError for the first fault."""
        settings = Settings(self._path)
        for key, value in table.items():
            if key in CHOICES:
                setattr(settings, key, self._choice(value, CHOICES[key], key))
            elif key == "theme":
                settings.theme = self._string(value, "theme")
            elif key == "keys":
                settings.keys = self._keys(value)
            elif key == "accounts":
                settings.accounts = self._accounts(value)
            elif key == "guard":
                settings.guard = self._rules(value)
            else:
                self._fail((key,), f"{printable(key)} is no setting{nearest(key, _SETTINGS)}")
        return settings

    def _keys(self, value: object) -> dict[str, str]:
        keys: dict[str, str] = {}
        for action, text in self._table(value, "keys").items():
            if not isinstance(text, str) or not text:
                self._fail(
                    ("keys", action),
                    f'[keys] {printable(action)} must be a text such as "x" or "ctrl+x,f2"',
                )
            keys[action] = text
        return keys

    def _accounts(self, value: object) -> dict[str, str]:
        names: dict[str, str] = {}
        for account_id, name in self._table(value, "accounts").items():
            where = ("accounts", account_id)
            if not _is_account_id(account_id):
                self._fail(
                    where, f"[accounts] {printable(account_id)} is no account id: 12 digits, in quotes"
                )
            if not isinstance(name, str) or not name.strip():
                self._fail(where, f'[accounts] the name of {account_id} must be a text such as "Prod"')
            names[account_id] = name.strip()
        return names

    def _rules(self, value: object) -> tuple[GuardRule, ...]:
        if not isinstance(value, list) or not all(isinstance(rule, dict) for rule in value):
            self._fail(("guard",), "a guard rule begins with [[guard]], in double brackets")
        return tuple(self._rule(rule, index) for index, rule in enumerate(value))

    def _rule(self, table: dict[str, object], index: int) -> GuardRule:
        rule, where = GuardRule(index + 1), ("guard", index)
        for key, value in table.items():
            at = (*where, key)
            if key in _CONDITIONS:
                values = self._several(value, at)
                if key == "account_id":
                    for number, each in enumerate(values):
                        self._account(each, (*at, number) if isinstance(value, list) else at)
                setattr(rule, _CONDITIONS[key], values)
            elif key == "level":
                rule.level = self._choice(value, LEVELS, *at)
            elif key == "color":
                rule.color = self._choice(value, COLORS, *at)
            elif key == "expect_account_id":
                rule.expect_account_id = self._account(self._string(value, *at), at)
            else:
                self._fail(at, f"[[guard]] {printable(key)} is no setting{nearest(key, _RULE)}")
        if not (rule.profiles or rule.account_ids or rule.roles):
            conditions = ", ".join(_CONDITIONS)
            self._fail(where, f"this [[guard]] protects nothing: give it one of {conditions}")
        return rule

    def _several(self, value: object, where: Where) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        if not values:
            self._fail(where, f"{where[-1]} is an empty list, so the rule would protect nothing")
        return tuple(self._string(each, *where) for each in values)

    def _account(self, text: str, where: Where) -> str:
        if not _is_account_id(text):
            self._fail(where, f"{printable(text)} is no account id: 12 digits, in quotes")
        return text

    def _string(self, value: object, *where: str | int) -> str:
        if isinstance(value, int) and not isinstance(value, bool) and "account_id" in str(where[-1]):
            self._fail(where, f"{where[-1]} must be in quotes, or its zeros in front are lost")
        if not isinstance(value, str) or not value:
            self._fail(where, f"{where[-1]} must be a text in quotes, and not empty")
        return value

    def _choice(self, value: object, choices: tuple[str, ...], *where: str | int) -> str:
        if value not in choices or not isinstance(value, str):
            text = (value or '""') if isinstance(value, str) else "not a text"
            self._fail(where, f"{where[-1]} is {printable(text)}, and must be {_either(choices)}")
        return value

    def _table(self, value: object, name: str) -> dict[str, object]:
        if not isinstance(value, dict):
            self._fail((name,), f"{name} is a table: begin it with [{name}]")
        return value

    def _fail(self, where: Where, text: str) -> NoReturn:
        raise fault(self._path, line_of(self._text, where), text)


def _either(choices: tuple[str, ...]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


def _is_account_id(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdecimal()
