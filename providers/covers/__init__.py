"""Covers: a brief in, a picture of the size asked for out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol, Self, runtime_checkable

from providers.types import CoverBrief, Image

BACKENDS = {
    "huggingface": "providers.covers.huggingface:HuggingFace",
    "openai": "providers.covers.openai_images:OpenAIImages",
    "diffusers_local": "providers.covers.diffusers_local:DiffusersLocal",
    "placeholder": "providers.covers.placeholder:Placeholder",
}


# Nothing in it that a vendor could refuse: asked for after one has refused the article's own prompt.
NEUTRAL_PROMPT = (
    "Abstract editorial illustration for a newspaper: overlapping paper shapes in calm colours, soft "
    "daylight, no people, no text"
)


def neutral(brief: CoverBrief) -> CoverBrief:
    """The brief with a generic prompt. Title and slug stay: the placeholder sets them in type."""
    return replace(brief, prompt=NEUTRAL_PROMPT)


class Covers(Protocol):
    name: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Reads its variables. Raises: Unavailable."""

    @property
    def model(self) -> str: ...

    def generate(self, brief: CoverBrief) -> Image:
        """A picture of exactly brief.width_px × brief.height_px. Raises: BackendFailed."""


OnStep = Callable[[int, int], None]  # steps done, steps in all; it may raise Cancelled


@runtime_checkable
class InSteps(Protocol):
    """A backend that tells how far a drawing is and can be stopped in the middle."""

    def generate_in_steps(self, brief: CoverBrief, on_step: OnStep) -> Image: ...
