"""What each kind of shell must be told to set a variable to any text, or to forget it.

Names and values come from files and from the environment. Whatever stands in them, a shell that evaluates
these commands does nothing but change the variables: values are quoted here, and names are plain
(`is_plain`). Commands are joined by `;`, so that an `eval` that makes line breaks blanks does no harm.
"""

from __future__ import annotations

from xswitch import locations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xswitch.profiles.profile import Profile

# Unexported, so that no child inherits what may hold secrets: the commands that bring back what was there
# before the first switch of this shell.
_BEFORE = "__xswitch_before"
_READ_ONLY = "xswitch: one of the AWS variables is read-only in this shell, so nothing was changed"
_SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b"  # to PowerShell they are all the same


class Shell:
    """A kind of shell: the commands are for its `eval`."""

    def quote(self, text: str) -> str:
        """Return `text` (without NUL, which no variable can hold) as one word that means exactly it."""
        raise NotImplementedError

    def assign(self, name: str, value: str) -> str:
        """Return the command that exports a variable."""
        raise NotImplementedError

    def remove(self, name: str, hidden: str = "") -> str:
        """Return the command that removes a variable; `hidden` is for where it can only be hidden."""
        raise NotImplementedError

    def put_back(self, name: str, value: str | None) -> str:
        """Return the command that makes a variable again what it was; None: it was not there."""
        return self.remove(name) if value is None else self.assign(name, value)

    def all_or_nothing(self, names: Iterable[str], commands: str) -> str:
        """Return commands that do nothing, and fail, where one of the variables cannot be changed."""
        del names
        return commands

    def keep(self, commands: str) -> str:
        """Return the command that keeps `commands` for `bring_back`, unless some are kept already."""
        raise NotImplementedError

    def bring_back(self, otherwise: str) -> str:
        """Return the command that runs the kept commands and forgets them; `otherwise` where none are."""
        raise NotImplementedError


class Posix(Shell):
    r"""sh, dash, ksh, bash and zsh. A backslash keeps a user's alias from being meant."""

    def quote(self, text: str) -> str:
        """Return `text` in single quotes, in which nothing else is special."""
        return "'" + text.replace("'", "'\\''") + "'"

    def assign(self, name: str, value: str) -> str:
        """Return an `export`."""
        return f"\\export {name}={self.quote(value)}"

    def remove(self, name: str, hidden: str = "") -> str:
        """Return an `unset`."""
        del hidden
        return f"\\unset {name}"

    def all_or_nothing(self, names: Iterable[str], commands: str) -> str:
        """Return a condition: bash goes on past a variable that is read-only, and would be half switched."""
        return (
            f"if (\\unset {' '.join(names)}) 2>/dev/null; then {commands};\n"
            f"else \\echo {self.quote(_READ_ONLY)} >&2; \\false; fi"
        )

    def keep(self, commands: str) -> str:
        """Return an assignment that stays unexported also under `set -a`."""
        return (
            f"case ${{{_BEFORE}+x}} in x) ;; *) "
            "case $- in *a*) __xswitch_allexport=x; \\set +a ;; esac; "
            f"{_BEFORE}={self.quote(commands)}; "
            "case ${__xswitch_allexport+x} in x) \\set -a; \\unset __xswitch_allexport ;; esac ;; esac"
        )

    def bring_back(self, otherwise: str) -> str:
        """Return an `eval` of what is kept."""
        return f'case ${{{_BEFORE}+x}} in x) \\eval "${_BEFORE}"; \\unset {_BEFORE} ;; *) {otherwise} ;; esac'


class Fish(Shell):
    """The fish shell. Its universal variables are the user's, for every fish, and are left as they are."""

    def quote(self, text: str) -> str:
        """Return `text` in single quotes, in which only they and the backslash are special."""
        text = text.replace("\\", "\\\\").replace("'", "\\'")
        return "'" + text.replace("\n", "'\\n'") + "'"  # `eval (…)` would make it a blank

    def assign(self, name: str, value: str) -> str:
        """Return a `set` of a global variable."""
        return f"set -gx {name} {self.quote(value)}"

    def remove(self, name: str, hidden: str = "") -> str:
        """Return commands after which the variable is gone, or, where a universal one shows, is `hidden`."""
        return f"set -eg {name}; set -q {name}; and set -gx {name} {self.quote(hidden)}"

    def put_back(self, name: str, value: str | None) -> str:
        """Return commands that leave a universal variable to show again where it did."""
        if value is None:
            return f"set -eg {name}"
        same = f'set -q {name}; and test "${name}" = {self.quote(value)}'
        return f"set -eg {name}; {same}; or {self.assign(name, value)}"

    def keep(self, commands: str) -> str:
        """Return a `set` of an unexported global variable."""
        return f"set -q {_BEFORE}; or set -gu {_BEFORE} {self.quote(commands)}"

    def bring_back(self, otherwise: str) -> str:
        """Return an `eval` of what is kept."""
        return f"if set -q {_BEFORE}; eval ${_BEFORE}; set -eg {_BEFORE}; else; {otherwise}; end"


class PowerShell(Shell):
    """PowerShell, where a variable that is set to `$null` is gone."""

    def quote(self, text: str) -> str:
        """Return `text` in single quotes; every quote that PowerShell takes for one is doubled."""
        for quote in _SINGLE_QUOTES:
            text = text.replace(quote, quote * 2)
        return f"'{text}'"

    def assign(self, name: str, value: str) -> str:
        """Return an assignment."""
        return f"$env:{name} = {self.quote(value)}"

    def remove(self, name: str, hidden: str = "") -> str:
        """Return an assignment of nothing."""
        del hidden
        return f"$env:{name} = $null"

    def keep(self, commands: str) -> str:
        """Return an assignment to a variable of PowerShell, which no child sees."""
        variable = f"$global:{_BEFORE}"
        return f"if ($null -eq {variable}) {{ {variable} = {self.quote(commands)} }}"

    def bring_back(self, otherwise: str) -> str:
        """Return an `Invoke-Expression` of what is kept."""
        variable = f"$global:{_BEFORE}"
        return (
            f"if ($null -ne {variable}) {{ Invoke-Expression {variable}; {variable} = $null }} "
            f"else {{ {otherwise} }}"
        )


POSIX = Posix()
FISH = Fish()
SHELLS: dict[str, Shell] = {
    "sh": POSIX,
    "bash": POSIX,
    "zsh": POSIX,
    "fish": FISH,
    "powershell": PowerShell(),
}


def take_over(shell: Shell, profile: Profile, names: Iterable[str], child: Mapping[str, str]) -> list[str]:
    """Return the commands by which a shell takes over the variables `names` from `child`.

    What is not in `child` is removed. A universal variable of fish, which shows through then, is not erased
    but hidden, by what does not lead to another profile.
    """
    commands = []
    for name in names:
        value = child.get(name)
        if value is None:
            hidden = profile.name if name in locations.PROFILE_VARIABLES else ""
            hidden = profile.region or "" if name in locations.REGION_VARIABLES else hidden
            commands.append(shell.remove(name, hidden))
        else:
            commands.append(shell.assign(name, value))
    return commands


def is_plain(name: str) -> bool:
    """Tell whether a shell can have a variable of that name, which then needs no quotes."""
    return name.isascii() and name.isidentifier()
