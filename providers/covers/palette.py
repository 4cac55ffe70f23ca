"""Colours of the placeholder covers, and the measure that keeps their text readable."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise

MIN_CONTRAST = 4.5  # WCAG 2.2 AA, https://www.w3.org/TR/WCAG22/#contrast-minimum


@dataclass(frozen=True, slots=True)
class Palette:
    """Six colours, "#rrggbb". Text is `ink` or `accent` on `paper`, `cream` or `glow` on `deep`."""

    paper: str  # the light ground
    ink: str  # text on it
    accent: str  # labels and art on it
    deep: str  # the dark ground
    cream: str  # text on it
    glow: str  # labels and art on it


PALETTES = (
    Palette("#f6f1e7", "#1d1a16", "#a3341f", "#2b1512", "#fbf3e6", "#f08a5d"),  # brick
    Palette("#f1f3ee", "#14201c", "#1f6b52", "#0f2f2a", "#f0f5ea", "#7fd1a5"),  # pine
    Palette("#eff2f6", "#121a26", "#1f5a96", "#10233f", "#eef4fb", "#7cb8f2"),  # harbour
    Palette("#f7f0ee", "#241418", "#99284d", "#34101f", "#fdf0ee", "#f29bb2"),  # wine
    Palette("#f5f2e6", "#1f1c10", "#80600a", "#2d2609", "#faf5e1", "#e7bf4b"),  # ochre
    Palette("#f2f0f6", "#1a1626", "#5b3f9e", "#211740", "#f3effc", "#b8a1f2"),  # plum
    Palette("#eef4f5", "#0f1e21", "#17697a", "#0b2c34", "#eaf6f7", "#6fcbd9"),  # lagoon
    Palette("#f4f1ee", "#1b1b1d", "#b0440b", "#222428", "#f6f3ee", "#f5a14a"),  # graphite
)


def palette_for(section: str, slug: str) -> Palette:
    """A section always wears its colour; without a section the slug chooses."""
    return PALETTES[digest(section.strip().casefold() or slug) % len(PALETTES)]


def digest(text: str) -> int:
    """A number that is the same for the same text on every machine and in every process."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def contrast(one: str, other: str) -> float:
    """1 (same colour) … 21 (black on white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """`share` (0..1) of `other` in `one`."""
    blended = (round(a + (b - a) * share) for a, b in zip(_rgb(one), _rgb(other), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in blended)


def _rgb(colour: str) -> list[int]:
    return [int(colour[start:end], 16) for start, end in pairwise((1, 3, 5, 7))]


def _luminance(colour: str) -> float:
    """Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _rgb(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
