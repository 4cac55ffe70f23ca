"""A cover without any model: the title, well set, over a recording's waveform. Fit to be published."""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from providers.covers import settings
from providers.covers.palette import MIN_CONTRAST, Palette, contrast, digest, mix, palette_for
from providers.covers.pixels import JPEG, SQUARE_PX
from providers.covers.typeset import Measure, Typeset, set_title, tidy
from providers.types import CoverBrief, Image

log = logging.getLogger(__name__)

SETTINGS: tuple[settings.Setting, ...] = ()  # nothing to set: it always works

FONTS = Path(__file__).parent / "fonts"
HEADLINE, LABEL = FONTS / "headline.ttf", FONTS / "label.ttf"
DESIGN_PX = (1200, 630)  # the layouts are drawn in these units and scaled to the brief
SMOOTH = 3  # shapes are drawn this much larger and reduced: Pillow's own edges are jagged
LABEL_CHARS = 32
BARS, RAYS = 96, 84  # how finely the recording is drawn along a foot, round a ring
GROOVES, GROOVE_PX = 17, 44  # on the record, from one to the next
WAVE_PX = 46  # along a groove, from one height to the next
GROOVE_ANGLE = (150.0, 345.0)  # degrees: the part of a groove that is on the picture
SMALL_TITLE_PX = 52  # smaller than this another layout is tried

Box = tuple[float, float, float, float]  # left, top, right, bottom
Sound = Callable[[int], list[float]]  # the recording, or one like it, as so many heights 0..1


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand, in design units, and which colours of the palette they take."""

    name: str
    paint: Callable[[ImageDraw.ImageDraw, Palette, random.Random, Sound, float], None]
    title: Box
    label_at: tuple[float, float]
    largest_px: int
    colours: Callable[[Palette], tuple[str, str, str]]  # title, label, the ground under both
    grows: bool = True  # its edges may go on beyond it: nothing of the art is cut there


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything decided before the first pixel, so it can be checked without looking."""

    layout: Layout
    palette: Palette
    typeset: Typeset
    label: str
    scale: float

    @property
    def title_colours(self) -> tuple[str, str, str]:
        return self.layout.colours(self.palette)


class Placeholder:
    """Pillow and two bundled fonts; no key, no network, no settings."""

    name = "placeholder"
    model = "pillow"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        return cls()

    def generate(self, brief: CoverBrief) -> Image:
        """The same brief gives the same bytes."""
        log.warning("Using placeholder image", extra={"action": "cover_placeholder", "backend": self.name,
                                                      "model": self.model})  # fmt: skip
        square = replace(brief, width_px=SQUARE_PX, height_px=SQUARE_PX)  # set anew: a cut would lose words
        return Image(_jpeg(brief), JPEG, brief.width_px, brief.height_px, prompt=brief.prompt,
                     seed=_seed(brief), square=_jpeg(square), is_placeholder=True)  # fmt: skip


def _jpeg(brief: CoverBrief) -> bytes:
    buffer = BytesIO()
    draw(brief, plan(brief)).save(buffer, "JPEG", quality=92, subsampling=0, optimize=True)
    return buffer.getvalue()


def plan(brief: CoverBrief) -> Plan:
    fits = brief.width_px * DESIGN_PX[1] == brief.height_px * DESIGN_PX[0]
    layouts = LAYOUTS if fits else tuple(layout for layout in LAYOUTS if layout.grows)
    first = _seed(brief) % len(layouts)
    choices = [(layout, _typeset(brief.title, layout)) for layout in (*layouts[first:], *layouts[:first])]
    # The slug chooses the layout; a title that would be small there goes where it stands largest.
    roomy = [choice for choice in choices if choice[1].size_px >= SMALL_TITLE_PX]
    layout, typeset = roomy[0] if roomy else max(choices, key=lambda choice: choice[1].size_px)
    scale = min(brief.width_px / DESIGN_PX[0], brief.height_px / DESIGN_PX[1])
    label = tidy(brief.section)[:LABEL_CHARS].upper()
    return Plan(layout, palette_for(brief.section, brief.slug), typeset, label, scale)


def _typeset(title: str, layout: Layout) -> Typeset:
    left, top, right, bottom = layout.title
    width, height = int(right - left), int(bottom - top)
    return set_title(title, measure(HEADLINE), width, height, largest_px=layout.largest_px)


def draw(brief: CoverBrief, plan: Plan) -> Pillow.Image:
    """The design at its own size, then fitted: in a brief of another ratio its edges go on."""
    size = (round(DESIGN_PX[0] * plan.scale), round(DESIGN_PX[1] * plan.scale))
    scale = plan.scale * SMOOTH
    art = Pillow.new("RGB", (size[0] * SMOOTH, size[1] * SMOOTH))
    rng = random.Random(_seed(brief))
    plan.layout.paint(ImageDraw.Draw(art), plan.palette, rng, sound_of(brief.waveform, rng), scale)
    picture = art.reduce(SMOOTH)
    _write(ImageDraw.Draw(picture), plan)
    if picture.size == (brief.width_px, brief.height_px):
        return picture
    across, down = brief.width_px - size[0], brief.height_px - size[1]
    margins = ((down // 2, down - down // 2), (across // 2, across - across // 2), (0, 0))
    return Pillow.fromarray(np.pad(np.asarray(picture), margins, mode="edge"))


def _write(pen: ImageDraw.ImageDraw, plan: Plan) -> None:
    ink, label_colour, _ = plan.title_colours
    left, top, _, bottom = plan.layout.title
    typeset, scale = plan.typeset, plan.scale
    face = font(HEADLINE, round(typeset.size_px * scale))
    baseline = top + (bottom - top - typeset.height_px) / 2 + typeset.leading_px * 0.78
    for line in typeset.lines:
        hang = hanging(line, typeset.size_px)
        pen.text(((left - hang) * scale, baseline * scale), line, ink, face, anchor="ls")
        baseline += typeset.leading_px
    x, y = plan.layout.label_at
    for char in plan.label:  # letter by letter: capitals want air
        pen.text((x * scale, y * scale), char, label_colour, font(LABEL, round(24 * scale)), anchor="ls")
        x += measure(LABEL)(char) * 0.24 + 2.6


def hanging(line: str, size_px: int) -> float:
    """How far an opening quotation mark stands out to the left, so that the letters keep the edge."""
    return measure(HEADLINE)(line[0]) * size_px / 100 if line[:1] in "«„“" else 0.0


@lru_cache(maxsize=256)
def font(file: Path, size_px: int) -> ImageFont.FreeTypeFont:
    """Basic layout, not Raqm: the same pixels whether or not a machine has FriBiDi."""
    return ImageFont.truetype(file, size_px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=2)
def measure(file: Path) -> Measure:
    """Widths at size 100, remembered: they serve every size."""
    return lru_cache(maxsize=20_000)(font(file, 100).getlength)


def sound_of(peaks: Sequence[float], rng: random.Random) -> Sound:
    """The interview's own waveform; an invented one where there is none, or nothing is heard in it."""
    heard = np.clip(np.nan_to_num(np.asarray(peaks, dtype=np.float64)), 0, 1)
    if not heard.any():
        return lambda count: waveform(rng, count)
    return lambda count: heights_of(heard, count)


def heights_of(peaks: NDArray[np.float64], count: int) -> list[float]:
    """`peaks` (n,) as `count` heights 0.05..1, stretched: a loud recording is as lively as a quiet one.

    The mean of each stretch, not its peak: in a minute somebody always laughs.
    """
    edges = np.linspace(0, peaks.size, count + 1)
    sums = np.interp(edges, np.arange(peaks.size + 1), np.concatenate([[0.0], np.cumsum(peaks)]))
    means = np.diff(sums) / np.diff(edges)
    low, high = np.percentile(means, (3, 97))
    if high - low < 0.02:  # all the same: what there is of ups and downs would be noise
        return [0.5] * count
    return [max(0.05, min(1.0, round(float(height), 4))) for height in (means - low) / (high - low)]


def waveform(rng: random.Random, count: int) -> list[float]:
    """Heights 0..1 of `count` bars, like speech: phrases that swell and fade, with breaths between."""
    heights: list[float] = []
    while len(heights) < count:
        length, force = rng.randint(7, 19), rng.uniform(0.55, 1.0)
        for i in range(length):
            swell = math.sin(math.pi * (i + 0.7) / (length + 0.4)) ** 0.8
            heights.append(force * swell * rng.uniform(0.45, 1.0))
        heights += [rng.uniform(0.02, 0.06) for _ in range(rng.randint(1, 3))]
    return [max(0.05, height) for height in heights[:count]]


def _bars(
    pen: ImageDraw.ImageDraw, box: Box, heights: list[float], colour: Callable[[float], str], scale: float
) -> None:
    """Rounded bars around the box's middle line; `colour` is given the bar's place, 0 left … 1 right."""
    left, top, right, bottom = (edge * scale for edge in box)
    step = (right - left) / len(heights)
    middle, half, radius = (top + bottom) / 2, (bottom - top) / 2, step * 0.28
    for i, height in enumerate(heights):
        x, reach = left + step * (i + 0.5), max(radius, half * height)
        pen.rounded_rectangle(
            (x - radius, middle - reach, x + radius, middle + reach), radius, fill=colour(i / len(heights))
        )


def _rectangle(pen: ImageDraw.ImageDraw, box: Box, colour: str, scale: float) -> None:
    pen.rectangle([edge * scale for edge in box], fill=colour)


def paint_editorial(
    pen: ImageDraw.ImageDraw, palette: Palette, rng: random.Random, sound: Sound, scale: float
) -> None:
    """Paper, a double rule as on a front page, the recording along the foot, played up to somewhere."""
    _rectangle(pen, (0, 0, *DESIGN_PX), palette.paper, scale)
    _rectangle(pen, (72, 58, 1128, 66), palette.accent, scale)
    _rectangle(pen, (72, 72, 1128, 74), palette.accent, scale)
    played = rng.uniform(0.3, 0.62)
    faint = mix(palette.paper, palette.accent, 0.28)
    _bars(pen, (72, 494, 1128, 592), sound(BARS),
          lambda place: palette.accent if place < played else faint, scale)  # fmt: skip


def paint_split(
    pen: ImageDraw.ImageDraw, palette: Palette, rng: random.Random, sound: Sound, scale: float
) -> None:
    """A dark third with the recording bent into a ring, the title on paper."""
    _rectangle(pen, (0, 0, *DESIGN_PX), palette.paper, scale)
    _rectangle(pen, (790, 0, *DESIGN_PX), palette.deep, scale)
    _rectangle(pen, (782, 0, 790, 630), palette.accent, scale)
    _ring(pen, (995, 315), 92, 88, sound(RAYS), palette, scale)


def paint_night(
    pen: ImageDraw.ImageDraw, palette: Palette, rng: random.Random, sound: Sound, scale: float
) -> None:
    """A dark ground; the recording turns in a corner as on a record, from the rim inward."""
    _rectangle(pen, (0, 0, *DESIGN_PX), palette.deep, scale)
    x, y = 1130 + rng.uniform(-40, 40), 640 + rng.uniform(-40, 30)
    radii = [90 + i * GROOVE_PX for i in reversed(range(GROOVES))]
    lengths = [round(radius * math.radians(GROOVE_ANGLE[1] - GROOVE_ANGLE[0]) / WAVE_PX) for radius in radii]
    heights = iter(sound(sum(lengths)))
    for i, (radius, length) in enumerate(zip(radii, lengths, strict=True)):
        fade = ((i + 1) / GROOVES) ** 1.5
        _groove(pen, (x, y), radius, list(islice(heights, length)), fade, palette, scale)
    _rectangle(pen, (72, 66, 136, 74), palette.glow, scale)


def _groove(
    pen: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float, heights: list[float], fade: float,
    palette: Palette, scale: float,
) -> None:  # fmt: skip
    """A line along the arc that is seen, left to top: the louder the recording, the wider."""
    x, y = centre
    at = np.linspace(0, len(heights) - 1, 4 * len(heights))
    half = 1.2 + 9.5 * np.interp(at, np.arange(len(heights)), heights) ** 1.3
    angles = np.radians(np.linspace(*GROOVE_ANGLE, at.size))
    rim, core = radius + half, (radius - half)[::-1]
    across = np.concatenate([np.cos(angles) * rim, np.cos(angles)[::-1] * core])
    down = np.concatenate([np.sin(angles) * rim, np.sin(angles)[::-1] * core])
    outline = np.column_stack([(x + across) * scale, (y + down) * scale])
    colour = quiet(palette, round(0.08 + 0.5 * fade, 3))
    pen.polygon([(float(px), float(py)) for px, py in outline], fill=colour)


@lru_cache(maxsize=4096)
def quiet(palette: Palette, share: float) -> str:
    """`share` of glow in the dark ground, or less: a title crossing it must stay readable."""
    while contrast(palette.cream, mix(palette.deep, palette.glow, share)) < MIN_CONTRAST + 0.2:
        share -= 0.02
    return mix(palette.deep, palette.glow, share)


def _ring(
    pen: ImageDraw.ImageDraw, centre: tuple[float, float], inner: float, reach: float,
    heights: list[float], palette: Palette, scale: float,
) -> None:  # fmt: skip
    """Bars standing outward on a circle, the first at the top, the colour warming on the way round."""
    x, y = centre
    for i, height in enumerate(heights):
        angle = 2 * math.pi * i / len(heights) - math.pi / 2
        cos, sin, outer = math.cos(angle), math.sin(angle), inner + max(6, reach * height)
        colour = mix(palette.glow, palette.cream, 0.75 * abs(2 * i / len(heights) - 1))
        ends = [(x + cos * inner) * scale, (y + sin * inner) * scale,
                (x + cos * outer) * scale, (y + sin * outer) * scale]  # fmt: skip
        pen.line(ends, fill=colour, width=round(4.4 * scale))
        for at in (ends[:2], ends[2:]):
            pen.circle((at[0], at[1]), 2.2 * scale, fill=colour)


LAYOUTS = (
    Layout("editorial", paint_editorial, (72, 150, 1128, 476), (72, 118), 128,
           lambda p: (p.ink, p.accent, p.paper)),
    Layout("split", paint_split, (64, 124, 744, 590), (64, 92), 104,
           lambda p: (p.ink, p.accent, p.paper)),
    Layout("night", paint_night, (72, 150, 1040, 580), (72, 118), 132,
           lambda p: (p.cream, p.glow, p.deep), grows=False),
)  # fmt: skip


def _seed(brief: CoverBrief) -> int:
    return digest(brief.slug) % 2**31
