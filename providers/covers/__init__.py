"""Covers: a brief in, a picture of the size asked for out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, Self

from providers.types import CoverBrief, Image

BACKENDS = {
    "huggingface": "providers.covers.huggingface:HuggingFace",
    "openai": "providers.covers.openai_images:OpenAIImages",
    "placeholder": "providers.covers.placeholder:Placeholder",
}


class Covers(Protocol):
    name: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Reads its variables. Raises: Unavailable."""

    @property
    def model(self) -> str: ...

    def generate(self, brief: CoverBrief) -> Image:
        """A picture of exactly brief.width_px × brief.height_px. Raises: BackendFailed."""
