"""Who can write: one row per service that speaks the OpenAI chat contract, and how it differs.

Prices are dollars per million tokens, in and out; 0 where the vendor bills in another currency, tells the
price with each answer (OpenRouter) or takes none. WRITER_PRICES overrides them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from providers.openai_servers import OPENAI_URL

TokenField = Literal["max_tokens", "max_completion_tokens"]
FAITHFUL = 0.3  # temperature where one may be sent: the text should stay with the recording


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    service: str  # as people call it
    base_url: str  # empty: WRITER_URLS must say
    keys: tuple[str, ...]  # variables that hold the key, the first that is set; none: no key is needed
    model: str  # empty: WRITER_MODELS must say
    limit_field: TokenField = "max_tokens"
    structured: str = "auto"  # the first way JSON is asked for; auto steps down from json_schema
    temperature: float | None = FAITHFUL  # None: reasoning models refuse it
    context_tokens: int = 131_072
    price: tuple[float, float] = (0.0, 0.0)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    truncates: bool = False  # a prompt that is too long is cut without a word


PROFILES = {
    row.name: row
    for row in (
        # Source: https://developers.openai.com/api/docs/models/gpt-6-luna
        Profile("openai", "OpenAI", OPENAI_URL, ("OPENAI_API_KEY",), "gpt-6-luna", "max_completion_tokens",
                temperature=None, context_tokens=1_050_000, price=(0.10, 0.50)),
        # Source: https://openrouter.ai/docs/api/reference/overview (usage.cost comes with the answer)
        Profile("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", ("OPENROUTER_API_KEY",),
                "openai/gpt-oss-120b", headers={"X-Title": "Polosa"},
                body={"usage": {"include": True}}),
        # Source: https://developers.sber.ru/docs/ru/gigachat/api/reference/rest/gigachat-api
        Profile("gigachat", "GigaChat", "https://gigachat.devices.sberbank.ru/api/v1",
                ("GIGACHAT_CREDENTIALS",), "GigaChat-2-Pro", context_tokens=128_000),
        # Source: https://yandex.cloud/docs/ai-studio/concepts/openai-compatibility
        Profile("yandexgpt", "YandexGPT", "https://ai.api.cloud.yandex.net/v1", ("YANDEX_API_KEY",),
                "yandexgpt/latest", context_tokens=32_000, headers={"x-data-logging-enabled": "false"}),
        # Source: https://console.groq.com/docs/models
        Profile("groq", "Groq", "https://api.groq.com/openai/v1", ("GROQ_API_KEY",), "openai/gpt-oss-120b",
                "max_completion_tokens", price=(0.15, 0.60)),
        # Source: https://docs.ollama.com/context-length (start it with OLLAMA_CONTEXT_LENGTH=8192 or more)
        Profile("ollama", "Ollama", "http://localhost:11434/v1", (), "qwen3:8b", context_tokens=8_192,
                truncates=True),
        # Source: https://docs.vllm.ai/en/stable/serving/openai_compatible_server/
        Profile("vllm", "vLLM", "", (), "", context_tokens=8_192),
        # Source: https://huggingface.co/docs/inference-providers/tasks/chat-completion
        Profile("hf_router", "Hugging Face", "https://router.huggingface.co/v1",
                ("HF_TOKEN", "HUGGINGFACE_HUB_TOKEN", "HUGGINGFACE_API_KEY"), "openai/gpt-oss-120b"),
    )
}  # fmt: skip
