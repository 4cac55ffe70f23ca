"""Drafting: numbered sentences in, an article of pointers out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, Self

from providers.types import Article, WritingBrief

BACKENDS = {
    "openai_compatible": "providers.drafting.openai_compatible:OpenAICompatible",
    "extractive": "providers.drafting.extractive:Extractive",
}


class Drafting(Protocol):
    name: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Reads its variables. Raises: Unavailable."""

    @property
    def model(self) -> str: ...

    def write(self, brief: WritingBrief) -> Article:
        """An article whose every block points to sentences of the brief.

        Raises: BackendFailed, InputRejected.
        """
