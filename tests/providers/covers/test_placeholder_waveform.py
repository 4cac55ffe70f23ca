"""The interview's own waveform as the art."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from providers.covers.palette import MIN_CONTRAST, PALETTES
from providers.covers.placeholder import (
    LAYOUTS,
    SMOOTH,
    Layout,
    Placeholder,
    Plan,
    draw,
    heights_of,
    plan,
    sound_of,
)
from providers.types import CoverBrief
from tests.providers.covers.test_placeholder import BRIEFS, brief_for


def spoken(seed: int, n: int = 400) -> tuple[float, ...]:
    """Peaks of somebody who talks in phrases."""
    rng = random.Random(seed)
    peaks: list[float] = []
    while len(peaks) < n:
        force = rng.uniform(0.3, 0.95)
        peaks += [force * rng.uniform(0.5, 1) for _ in range(rng.randint(6, 40))]
        peaks += [rng.uniform(0, 0.05) for _ in range(rng.randint(1, 8))]
    return tuple(peaks[:n])


SHOUTED = (1.0, 0.98) * 200
HEARD = [replace(brief, waveform=spoken(number)) for number, brief in enumerate(BRIEFS[:72])]
BY_LAYOUT = [next(b for b in HEARD if plan(b).layout is layout) for layout in LAYOUTS]


@pytest.mark.parametrize("brief", BY_LAYOUT, ids=[layout.name for layout in LAYOUTS])
def test_the_recording_is_seen_in_every_layout(brief):
    drawn = Placeholder().generate(brief).data
    assert drawn == Placeholder().generate(brief).data
    assert drawn != Placeholder().generate(replace(brief, waveform=spoken(1000))).data
    assert drawn != Placeholder().generate(replace(brief, waveform=())).data


def test_a_foot_follows_the_recording():
    """Silence, then speech: the bars of the left half are dots, those of the right half stand."""
    brief = replace(BY_LAYOUT[0], waveform=(0.0,) * 200 + spoken(1, 200))
    assert plan(brief).layout.name == "editorial"
    foot = np.asarray(draw(brief, plan(brief)).convert("L"), dtype=float)[490:600, 72:1128]
    dark = foot < foot.max() - 12
    assert dark[:, :500].mean() * 5 < dark[:, 556:].mean()


@pytest.mark.parametrize("peaks", [(), (0.0,) * 50, (math.nan,) * 9])
def test_where_nothing_is_heard_a_waveform_is_invented(peaks):
    assert sound_of(peaks, random.Random(1))(40) == sound_of((), random.Random(1))(40)


@pytest.mark.parametrize("peaks", [(0.4,), (2.0, -1.0, math.inf), SHOUTED, spoken(1, 3), spoken(2, 5000)])
@pytest.mark.parametrize("count", [1, 84, 777])
def test_any_waveform_gives_heights(peaks, count):
    heights = sound_of(peaks, random.Random(1))(count)
    assert len(heights) == count
    assert all(0.05 <= height <= 1 for height in heights)


def test_a_quiet_recording_is_as_lively_as_a_loud_one():
    loud = np.array(spoken(3))
    assert heights_of(loud * 0.2, 96) == pytest.approx(heights_of(loud, 96), abs=0.001)


@pytest.mark.parametrize("palette", PALETTES, ids=lambda p: p.accent)
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda p: p.name)
@pytest.mark.parametrize("peaks", [(), spoken(5), SHOUTED], ids=["invented", "spoken", "shouted"])
def test_text_is_readable_on_every_pixel_it_may_cover(layout, palette, peaks):
    """Measured: the art alone, pixel by pixel, where title and label stand; anti-aliasing included."""
    pixels = art_under_text(layout, palette, peaks)
    title, label, _ = layout.colours(palette)
    assert worst_contrast(pixels["title"], title) >= MIN_CONTRAST
    assert worst_contrast(pixels["label"], label) >= MIN_CONTRAST


def art_under_text(layout: Layout, palette, peaks) -> dict[str, np.ndarray]:
    rng = random.Random(8)
    art = Image.new("RGB", (1200 * SMOOTH, 630 * SMOOTH))
    layout.paint(ImageDraw.Draw(art), palette, rng, sound_of(peaks, rng), SMOOTH)
    whole = np.asarray(art.reduce(SMOOTH), dtype=np.float64) / 255
    left, top, right, bottom = (int(edge) for edge in layout.title)
    x, y = (int(part) for part in layout.label_at)
    return {"title": whole[top:bottom, left - 40 : right], "label": whole[y - 24 : y + 6, x : x + 500]}


def worst_contrast(pixels: np.ndarray, colour: str) -> float:
    text = luminance(np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255)
    ground = luminance(pixels)
    light, dark = np.maximum(ground, text), np.minimum(ground, text)
    return float(((light + 0.05) / (dark + 0.05)).min())


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def test_the_plan_does_not_depend_on_the_recording():
    silent: CoverBrief = brief_for("Интервью", 3)
    made: Plan = plan(replace(silent, waveform=spoken(1)))
    assert made == plan(silent)
