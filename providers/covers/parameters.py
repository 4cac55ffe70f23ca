"""How a picture is drawn: steps, guidance, size, seed. Their ranges, checked in one place."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from providers.covers import settings
from providers.errors import InputRejected
from providers.types import CoverBrief, Drawing

STEPS = (10, 50)
GUIDANCE = (1, 20)
SEEDS = (0, 2**32 - 1)  # what every vendor and torch take
SIDES_PX = (256, 2048)
MULTIPLE_PX = 8  # a latent pixel of the diffusion models is 8 × 8 pixels
NEGATIVE_MAX = 500  # characters

DEFAULT_NEGATIVE_PROMPT = "text, letters, watermark, logo, blurry, deformed hands, low quality"

# Variables of every backend that draws by diffusion.
SETTINGS: tuple[settings.Setting, ...] = (
    ("IMAGE_STEPS", "20", "denoising steps, 10 to 50"),
    ("IMAGE_GUIDANCE", "7.5", "how closely the picture follows the prompt, 1 to 20"),
    ("IMAGE_NEGATIVE_PROMPT", DEFAULT_NEGATIVE_PROMPT, "what must not be in the picture"),
)

# As many pixels as SDXL was trained on, in steps of 64: 1200×630 is asked for as 1344×704.
# Source: https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0
PIXELS_WIDE, PIXELS_HIGH = 1344, 704
PIXELS = PIXELS_WIDE * PIXELS_HIGH
STEP_PX = 64


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a diffusion model is told beside the prompt."""

    steps: int = 20
    guidance: float = 7.5
    width_px: int = 1344
    height_px: int = 704
    seed: int = 0
    negative_prompt: str = ""


def wanted(
    brief: CoverBrief, steps: int, guidance: float, negative_prompt: str, pixels: int = PIXELS
) -> Parameters:
    """What the brief asks of the drawing, and the backend's own values where it asks nothing.

    Raises: InputRejected for a value out of its range.
    """
    asked = brief.drawing
    width_px, height_px = asked.size_px or drawn_size(brief.width_px, brief.height_px, pixels)
    return checked(
        Parameters(
            steps if asked.steps is None else asked.steps,
            guidance if asked.guidance is None else asked.guidance,
            width_px,
            height_px,
            seed_of(brief.slug) if asked.seed is None else asked.seed,
            negative_prompt if asked.negative_prompt is None else asked.negative_prompt,
        )
    )


def checked_drawing(asked: Drawing) -> Drawing:
    """`asked`, when each value that is given is in its range. Raises: InputRejected."""
    width_px, height_px = asked.size_px or (PIXELS_WIDE, PIXELS_HIGH)
    checked(
        Parameters(
            STEPS[0] if asked.steps is None else asked.steps,
            GUIDANCE[0] if asked.guidance is None else asked.guidance,
            width_px,
            height_px,
            asked.seed or 0,
            asked.negative_prompt or "",
        )
    )
    return asked


def told(parameters: Parameters) -> dict[str, Any]:
    """The values as they are kept with a cover; the seed has a place of its own."""
    values = asdict(parameters)
    del values["seed"]
    return values


def from_env(env: Mapping[str, str]) -> tuple[int, float, str]:
    """IMAGE_STEPS, IMAGE_GUIDANCE, IMAGE_NEGATIVE_PROMPT. Raises: Unavailable, naming variable and range."""
    return (
        settings.whole(env, "IMAGE_STEPS", 20, *STEPS),
        settings.number(env, "IMAGE_GUIDANCE", 7.5, *GUIDANCE),
        settings.text(env, "IMAGE_NEGATIVE_PROMPT", DEFAULT_NEGATIVE_PROMPT),
    )


def checked(given: Parameters, *, multiple_px: int = MULTIPLE_PX) -> Parameters:
    """`given`, when every value is in its range. Raises: InputRejected, saying which is not and what is.

    Steps and guidance of a few-step model are its own affair: check before they are replaced.
    """
    if not _within(given.steps, STEPS):
        raise InputRejected(
            "The number of steps is %(value)s; choose from %(low)s to %(high)s.", **_told(given.steps, STEPS)
        )
    if not _within(given.guidance, GUIDANCE):
        raise InputRejected(
            "The guidance is %(value)s; choose from %(low)s to %(high)s.", **_told(given.guidance, GUIDANCE)
        )
    if not _within(given.seed, SEEDS):
        raise InputRejected(
            "The seed is %(value)s; choose a whole number from %(low)s to %(high)s.",
            **_told(given.seed, SEEDS),
        )
    _check_size(given.width_px, given.height_px, multiple_px)
    if len(given.negative_prompt) > NEGATIVE_MAX:
        raise InputRejected(
            "The list of what must not be in the picture has %(length)s characters; keep it within "
            "%(limit)s.",
            length=len(given.negative_prompt), limit=NEGATIVE_MAX,
        )  # fmt: skip
    return given


def _within(value: float, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= value <= bounds[1]  # NaN is not


def _told(value: float, bounds: tuple[int, int]) -> dict[str, Any]:
    return {"value": value, "low": bounds[0], "high": bounds[1]}


def _check_size(width_px: int, height_px: int, multiple_px: int) -> None:
    low, high = SIDES_PX
    sides = (width_px, height_px)
    if any(side % multiple_px or not low <= side <= high for side in sides):
        raise InputRejected(
            "The size %(width)s×%(height)s can't be drawn: each side must be from %(low)s to %(high)s pixels "
            "and divisible by %(multiple)s.",
            width=width_px, height=height_px, low=low, high=high, multiple=multiple_px,
        )  # fmt: skip


def drawn_size(width_px: int, height_px: int, pixels: int = PIXELS) -> tuple[int, int]:
    """The size to ask for: the brief's ratio, about as many pixels as the model draws, multiples of 64."""
    scale = (pixels / (width_px * height_px)) ** 0.5
    return _rounded(width_px * scale), _rounded(height_px * scale)


def _rounded(side_px: float) -> int:
    return max(1, round(side_px / STEP_PX)) * STEP_PX


def seed_of(slug: str) -> int:
    """The same article asks for the same picture: 0 ≤ seed < 2³¹."""
    return int.from_bytes(hashlib.sha256(slug.encode()).digest()[:4]) >> 1
