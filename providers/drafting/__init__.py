"""Drafting: numbered sentences in, an article of pointers out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, Self

from providers.drafting.calls import UNKEPT, Notebook
from providers.types import Article, Block, RedraftBrief, WritingBrief

BACKENDS = {
    "openai_compatible": "providers.drafting.openai_compatible:OpenAICompatible",
    "openai": "providers.drafting.openai_compatible:OpenAI",
    "openrouter": "providers.drafting.openai_compatible:OpenRouter",
    "gigachat": "providers.drafting.openai_compatible:GigaChat",
    "yandexgpt": "providers.drafting.openai_compatible:YandexGPT",
    "groq": "providers.drafting.openai_compatible:Groq",
    "ollama": "providers.drafting.openai_compatible:Ollama",
    "vllm": "providers.drafting.openai_compatible:VLLM",
    "hf_router": "providers.drafting.openai_compatible:HFRouter",
    "extractive": "providers.drafting.extractive:Extractive",
}

#: What can be made of a recording; each has a file of its own in `providers.drafting.formats`.
FORMAT_NAMES = ("feature", "brief", "qa", "protocol")
DEFAULT_FORMAT = FORMAT_NAMES[0]


class Drafting(Protocol):
    name: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Reads its variables. Raises: Unavailable."""

    @property
    def model(self) -> str: ...

    def write(self, brief: WritingBrief, notes: Notebook = UNKEPT) -> Article:
        """An article whose every block points to sentences of the brief; each request goes into `notes`.

        Raises: BackendFailed, InputRejected.
        """

    def redraft(self, brief: RedraftBrief, notes: Notebook = UNKEPT) -> tuple[Block, ...]:
        """One paragraph anew, from the sentences of the brief. Raises: BackendFailed, InputRejected."""
