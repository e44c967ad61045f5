"""What stands above the tree: the profile in use, faults of the files, the count.

Like `rows` and `lines`, this loads neither Textual nor Rich.
"""

from __future__ import annotations

from xswitch import locations
from xswitch.awsfiles.masking import shown
from xswitch.launch.environment import active_profile
from xswitch.sessions.session import State, time_left
from xswitch.settings.model import Level
from xswitch.text import printable
from xswitch.tui.lines import fit, width_of
from xswitch.tui.rows import account_label, guard_style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from xswitch.errors import XswitchError
    from xswitch.tui.lines import Part
    from xswitch.tui.rows import TreeModel

FILTER_HINT = "filter: name, account, role, region"
_BANNER_LINES = 3


def status_line(
    model: TreeModel, environ: Mapping[str, str], found: int | None, now: datetime, width: int
) -> list[Part]:
    """Return the top line: the profile that the calling shell uses, and at the right how many there are.

    `found` is how many the filter has found, None without a filter.
    """
    total = len(model.overview.profiles)
    right = f"{len(model.marks)} marked · " if model.marks else ""
    right += f"{total if found is None else f'{found}/{total}'} profile{'' if total == 1 else 's'}"
    demo = bool(environ.get(locations.DEMO))
    parts: list[Part] = [("demo", "heading"), (": your files are untouched · ", "")] if demo else []
    parts += _in_use(model, environ, now)
    room = max(width - len(right) - 4, 1)
    fitted: list[Part] = [(" ", "")]
    for text, style in parts:
        if width_of(text) > room:
            fitted.append((fit(text, room), style))
            room = 0
            break
        fitted.append((text, style))
        room -= width_of(text)
    return [*fitted, (" " * (room + 2), ""), (right, "muted"), (" ", "")]


def _in_use(model: TreeModel, environ: Mapping[str, str], now: datetime) -> list[Part]:
    active, overview = active_profile(environ), model.overview
    if active is None and environ.get(locations.ACCESS_KEY_ID):
        return [("this shell has keys of its own, which win over any AWS_PROFILE", State.EXPIRING)]
    if active is None:
        return [("no profile in this shell", "muted")]
    if active not in overview.profiles:
        return [(f"{printable(active)}: no such profile", "broken")]
    profile = overview.profiles[active]
    session = overview.session(profile, now)
    left = time_left(session.expires_at, now) if session else ""
    account = overview.account_id(profile, now)
    called = " ".join(text for text in (account_label(account), shown(model.account_name(account))) if text)
    about = "".join(f" · {text}" for text in (called, shown(profile.region or ""), left) if text)
    guard = model.guard(profile, now)
    if guard is None:
        return [(printable(active), "bold"), (about, "")]
    style = guard_style(guard)
    word = "read-only" if guard.level == Level.READ_ONLY else "guarded"
    return [
        (f"{model.icons['guarded']} {printable(active)}", style),
        (" · ", ""),
        (word, style),
        (about, ""),
    ]


def banner(model: TreeModel, width: int, fault: XswitchError | None = None) -> list[str]:
    """Return, in lines, what is wrong with the settings, else the worst problem of the files themselves.

    `fault` is why the settings could not be read; of the problems it says how many more there are.
    """
    if fault is not None:
        text = f"✗ {fault.message}; until that is corrected, nothing is done with any profile"
        return _wrap(text, width)[:_BANNER_LINES]
    problems = sorted(model.file_problems, key=lambda problem: not problem.fatal)
    if not problems:
        return []
    first = problems[0]
    end = "; aws refuses the whole file" if first.fatal else ""
    more = f" (and {len(problems) - 1} more: xswitch list)" if len(problems) > 1 else ""
    text = f"✗ {first.place}: {first.message}{end}{more}"
    return _wrap(text, width)[:_BANNER_LINES]


def _wrap(text: str, width: int) -> list[str]:
    """Return `text` in lines; a word that is wider than a line is cut."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(lines[-1]) + 1 + width_of(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(fit(word, width).rstrip())
    return lines
