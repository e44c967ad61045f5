"""Every action of the UI, once: bindings, footer, help and palette are made from this table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.binding import Binding

from xswitch import locations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual.binding import BindingType


class Action(NamedTuple):
    """An action: `id` is what the settings remap, `method` the Textual action, `keys` the default keys.

    `footer` is its place in the line of keys at the bottom, 0 for none.
    """

    id: str
    keys: str
    method: str
    label: str
    help: str
    group: str
    footer: int = 0

    def binding(self) -> Binding:
        """Return the Textual binding."""
        shown = bool(self.footer)
        return Binding(self.keys, self.method, self.label, show=shown, id=self.id, tooltip=self.help)


MOVE, PROFILE, VIEW, PROGRAM = "Move", "Profile", "View", "Program"

# In dialogs too.
STOP = Action(
    "app.stop", "ctrl+z", "app.suspend_process", "Stop", "back to the shell, where fg continues", PROGRAM
)

TREE = (
    Action("cursor.up", "up,k", "cursor(-1)", "Up", "one row up", MOVE),
    Action("cursor.down", "down,j", "cursor(1)", "Down", "one row down", MOVE),
    Action("cursor.page_up", "pageup", "page(-1)", "Page up", "one page up", MOVE),
    Action("cursor.page_down", "pagedown", "page(1)", "Page down", "one page down", MOVE),
    Action("cursor.first", "g,home", "first", "First", "the first row", MOVE),
    Action("cursor.last", "G,end", "last", "Last", "the last row", MOVE),
    Action("tree.fold", "left,h", "fold", "Fold", "fold, or go to the row above in the tree", MOVE),
    Action("tree.unfold", "right,l", "unfold", "Unfold", "unfold, or go to the first row below", MOVE),
)

MAIN = (
    Action(
        "profile.switch",
        "enter",
        "switch",
        "Subshell",
        "switch: leave, and open a subshell under the profile",
        PROFILE,
        1,
    ),
    Action("profile.previous", "minus", "previous", "Previous", "switch to the previous profile", PROFILE),
    Action("profile.run", "x", "run", "Run", "run a command under the profile, or all marked", PROFILE, 2),
    Action("profile.mark", "space", "mark", "Mark", "mark it for a command, and go to the next row", PROFILE),
    Action(
        "profile.mark_all", "asterisk", "mark_all", "Mark all", "mark all that are shown, or none", PROFILE
    ),
    Action(
        "profile.shell",
        "s",
        "shell",
        "Subshell, back",
        "open a subshell and come back when it ends",
        PROFILE,
    ),
    Action("profile.console", "o", "console", "Console", "open the web console as the profile", PROFILE),
    Action("profile.copy", "c", "copy", "Copy", "copy the name, account, ARN or exports", PROFILE),
    Action("session.sign_in", "i", "sign_in", "Sign in", "sign in, or renew the session", PROFILE, 6),
    Action("session.sign_out", "I", "sign_out", "Sign out", "sign out: remove the cached session", PROFILE),
    Action("profile.new", "n", "new", "New", "new role profile, with this one as its source", PROFILE, 5),
    Action(
        "profile.new_other",
        "N",
        "new_other",
        "New profile",
        "new profile: access keys, SSO, a role, or a copy of this one",
        PROFILE,
    ),
    Action("profile.edit", "e", "edit", "Edit", "edit the profile: its name and every setting", PROFILE),
    Action("profile.delete", "ctrl+d", "delete", "Delete", "delete the profile, after a question", PROFILE),
    Action(
        "profile.delegate",
        "D",
        "delegate",
        "Delegate",
        "set up access to another account, or take it down",
        PROFILE,
    ),
    Action("files.undo", "u", "undo", "Undo", "take back the last change to the files", PROFILE),
    Action(
        "files.doctor", "exclamation_mark", "doctor", "Doctor", "find what is wrong, and mend it", PROFILE
    ),
    Action("view.filter", "slash", "filter", "Filter", "filter: words in any order, !word excludes", VIEW, 3),
    Action(
        "view.back",
        "escape",
        "back",
        "Back",
        "back: leave the filter, stop a sign-in, clear filter or marks",
        VIEW,
    ),
    Action("view.detail", "d", "detail", "Detail", "show or hide the detail", VIEW),
    Action("detail.up", "K,shift+up", "scroll_detail(-1)", "Scroll up", "scroll the detail up", VIEW),
    Action("detail.down", "J,shift+down", "scroll_detail(1)", "Scroll down", "scroll the detail down", VIEW),
    Action("view.reload", "R", "reload", "Reload", "read the files again (they are watched anyway)", VIEW),
    Action("app.help", "question_mark", "help", "Help", "the keys", PROGRAM, 4),
    Action("app.theme", "t", "app.change_theme", "Theme", "choose a theme", PROGRAM),
    Action(
        "app.palette", "ctrl+p", "app.command_palette", "Palette", "every action and profile by name", PROGRAM
    ),
    STOP,
    Action("app.quit", "q", "quit", "Quit", "leave", PROGRAM, 7),
)

CANCEL = Action("app.cancel", "ctrl+c", "cancel", "Cancel", "leave with status 130", PROGRAM)

ACTIONS = (*TREE, *MAIN, CANCEL)

SWITCH_IN_PLACE = MAIN[0]._replace(label="Switch shell", help="switch this shell to the profile, and leave")
"""What the first action of `MAIN` is where the shell hook has started xswitch."""


def actions_for(environ: Mapping[str, str]) -> tuple[Action, ...]:
    """Return the actions as they are in an environment: with the shell hook, switching is in place."""
    return (*TREE, SWITCH_IN_PLACE, *MAIN[1:], CANCEL) if environ.get(locations.HOOK) else ACTIONS


def bindings(actions: Iterable[Action]) -> list[BindingType]:
    """Return the bindings of actions in the order of the footer."""
    return [action.binding() for action in sorted(actions, key=lambda action: action.footer)]


def default_keys() -> dict[str, str]:
    """Return the keys of every action by its id."""
    return {action.id: action.keys for action in ACTIONS}


def key_label(keys: str) -> str:
    """Return keys as people read them: `↑ k` for `up,k`."""
    names = {
        "up": "↑",
        "minus": "-",
        "asterisk": "*",
        "down": "↓",
        "left": "←",
        "right": "→",
        "enter": "⏎",
        "slash": "/",
        "question_mark": "?",
        "exclamation_mark": "!",
        "escape": "esc",
        "pageup": "PgUp",
        "pagedown": "PgDn",
        "home": "Home",
        "end": "End",
        "shift+up": "⇧↑",
        "shift+down": "⇧↓",
    }
    return " ".join(names.get(key, key) for key in keys.split(","))
