"""Every action of the UI, once: bindings, footer, help and palette are made from this table."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True)
class Action:
    """An action: `id` is what the settings remap, `method` the Textual action, `keys` the default keys."""

    id: str
    keys: str
    method: str
    label: str
    help: str
    group: str
    footer: bool = False

    def binding(self) -> Binding:
        """Return the Textual binding."""
        return Binding(self.keys, self.method, self.label, show=self.footer, id=self.id, tooltip=self.help)


MOVE, PROFILE, VIEW, PROGRAM = "Move", "Profile", "View", "Program"

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
        "Switch",
        "switch: leave, and open a subshell under the profile",
        PROFILE,
        True,
    ),
    Action("profile.run", "x", "run", "Run", "run a command under the profile", PROFILE, True),
    Action("profile.shell", "s", "shell", "Subshell", "open a subshell and come back when it ends", PROFILE),
    Action("profile.copy", "c", "copy", "Copy", "copy the name, account, ARN or exports", PROFILE, True),
    Action(
        "view.filter", "slash", "filter", "Filter", "filter: words in any order, !word excludes", VIEW, True
    ),
    Action("view.back", "escape", "back", "Back", "one step back: out of the filter, then clear it", VIEW),
    Action("view.detail", "d", "detail", "Detail", "show or hide the detail", VIEW),
    Action("detail.up", "K,shift+up", "scroll_detail(-1)", "Scroll up", "scroll the detail up", VIEW),
    Action("detail.down", "J,shift+down", "scroll_detail(1)", "Scroll down", "scroll the detail down", VIEW),
    Action("view.reload", "R", "reload", "Reload", "read the files again (they are watched anyway)", VIEW),
    Action("app.help", "question_mark", "help", "Help", "the keys", PROGRAM, True),
    Action("app.theme", "t", "app.change_theme", "Theme", "choose a theme", PROGRAM),
    Action(
        "app.palette", "ctrl+p", "app.command_palette", "Palette", "every action and profile by name", PROGRAM
    ),
    Action(
        "app.stop", "ctrl+z", "app.suspend_process", "Stop", "back to the shell, where fg continues", PROGRAM
    ),
    Action("app.quit", "q", "quit", "Quit", "leave", PROGRAM, True),
)

CANCEL = Action("app.cancel", "ctrl+c", "cancel", "Cancel", "leave with status 130", PROGRAM)

ACTIONS = (*TREE, *MAIN, CANCEL)


def default_keys() -> dict[str, str]:
    """Return the keys of every action by its id."""
    return {action.id: action.keys for action in ACTIONS}


def key_label(keys: str) -> str:
    """Return keys as people read them: `↑ k` for `up,k`."""
    names = {
        "up": "↑",
        "down": "↓",
        "left": "←",
        "right": "→",
        "enter": "⏎",
        "slash": "/",
        "question_mark": "?",
        "escape": "esc",
        "pageup": "PgUp",
        "pagedown": "PgDn",
        "home": "Home",
        "end": "End",
        "shift+up": "⇧↑",
        "shift+down": "⇧↓",
    }
    return " ".join(names.get(key, key) for key in keys.split(","))
