"""The signs of the tree, in two sets, and what they mean. All of them take one column in common terminals."""

from __future__ import annotations

from xswitch.sessions.session import State

ICONS = {
    "unicode": {
        State.VALID: "●",
        State.EXPIRING: "◐",
        State.EXPIRED: "○",
        State.NONE: "·",
        "keys": "◆",
        "heading": "⌂",
        "broken": "✗",
        "working": "…",
        "folded": "▸",
        "active": "▶",
        # Not the padlock: it is two columns wide in most terminals, and one in some.
        "guarded": "⊘",
        "marked": "✓",
    },
    "ascii": {
        State.VALID: "*",
        State.EXPIRING: "~",
        State.EXPIRED: "x",
        State.NONE: ".",
        "keys": "#",
        "heading": "@",
        "broken": "!",
        "working": "%",
        "folded": "+",
        "active": ">",
        "guarded": "L",
        "marked": "=",
    },
}
"""The signs, by the setting `icons`."""

SIGNS = {
    State.VALID: "the session is valid; at the right, how long",
    State.EXPIRING: "it has less than 15 minutes left: the next use renews it",
    State.EXPIRED: "it is over",
    State.NONE: "there is none yet",
    "keys": "long-lived keys: nothing expires",
    "heading": "no profile, but an SSO session or another source that profiles share",
    "broken": "the profile cannot work; at the right, why",
    "working": "something is under way for it; esc stops it",
    "folded": "profiles below it are folded away",
    "active": "the profile of the shell that xswitch was started in",
    "guarded": "a guard of your settings: its name is asked for first, or it is read-only",
    "marked": "marked: run runs a command under all that are",
}
"""What the signs mean, for the help."""

GUIDES = {"unicode": ("│ ", "  ", "├─", "└─"), "ascii": ("| ", "  ", "|-", "`-")}
"""What leads from row to row: past a branch, past none, to a branch, to the last one."""
