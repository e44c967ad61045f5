"""The colours of guards in every theme: a theme's own red may be orange, and it has no cyan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.color import Color

from xswitch.settings.model import COLORS

if TYPE_CHECKING:
    from textual.theme import Theme

_READABLE = 4.5  # contrast to the background, as the accessibility guidelines count it
_STEPS = 20


def guard_colours(theme: Theme) -> dict[str, str]:
    """Return the CSS variables `guard-red`, … with colours that can be read on a theme's backgrounds."""
    if theme.ansi:
        return {f"guard-{name}": f"ansi_{name}" for name in COLORS}
    generated = theme.to_color_system().generate()
    grounds = [Color.parse(generated[name]) for name in ("background", "surface")]
    return {f"guard-{name}": _readable(Color.parse(name), grounds).hex for name in COLORS}


def _readable(color: Color, grounds: list[Color]) -> Color:
    """Return the colour, as much nearer to white or black as it takes to be read on all the grounds."""
    towards = grounds[0].get_contrast_text(1.0)
    for step in range(_STEPS):
        mixed = color.blend(towards, step / _STEPS)
        if all(_contrast(mixed, ground) >= _READABLE for ground in grounds):
            return mixed
    return towards


def _contrast(one: Color, other: Color) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    parts = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
