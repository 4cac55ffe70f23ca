"""Which server writes: address, key, model and limits, read from the settings."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from providers.errors import Unavailable

N = TypeVar("N", int, float)

OPENAI_URL = "https://api.openai.com/v1"
# Cheap, 1.05M tokens of context. Source: https://developers.openai.com/api/docs/models/gpt-6-luna
DEFAULT_MODEL = "gpt-6-luna"
STRUCTURED = ("auto", "json_schema", "json_object", "prompt")

SETTINGS: tuple[tuple[str, str, str], ...] = (
    ("WRITER_BASE_URL", "", f"Address of the chat API, with /v1. Else OPENAI_BASE_URL, else {OPENAI_URL}."),
    ("WRITER_API_KEY", "", "Key of that server. Else OPENAI_API_KEY, if WRITER_BASE_URL does not point "
                           "elsewhere. Not needed for a server on this machine or network (Ollama, vLLM)."),
    ("WRITER_MODEL", DEFAULT_MODEL, "Model that writes."),
    ("WRITER_TIMEOUT_S", "180", "Seconds to wait for an answer."),
    ("WRITER_STRUCTURED", "auto", "How JSON is asked for: json_schema, json_object, prompt; auto tries them "
                                  "in this order."),
    ("WRITER_MAX_TOKENS", "", "Longest answer, in tokens, thinking included; empty: the server's own limit."),
    ("WRITER_CONTEXT_TOKENS", "100000", "Longest transcript sent, in tokens; of a longer one the "
                                        "most central sentences are sent."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Server:
    api_key: str
    base_url: str = OPENAI_URL
    model: str = DEFAULT_MODEL
    timeout_s: float = 180.0
    structured: str = "auto"
    max_tokens: int | None = None
    context_tokens: int = 100_000

    @property
    def host(self) -> str:
        """The name people know it by, for messages."""
        return urlsplit(self.base_url).hostname or self.base_url


def server_from_env(env: Mapping[str, str]) -> Server:
    """Raises: Unavailable when the key is missing or a value makes no sense."""
    given = {name: env.get(name, "").strip() or default for name, default, _ in SETTINGS}
    base_url = given["WRITER_BASE_URL"] or _shared_url(env)
    return Server(
        api_key=_key(env, base_url),
        base_url=base_url,
        model=given["WRITER_MODEL"],
        timeout_s=_positive(given, "WRITER_TIMEOUT_S", float),
        structured=_structured(given["WRITER_STRUCTURED"]),
        max_tokens=_positive(given, "WRITER_MAX_TOKENS", int) if given["WRITER_MAX_TOKENS"] else None,
        context_tokens=_positive(given, "WRITER_CONTEXT_TOKENS", int),
    )


def needs_key(base_url: str) -> bool:
    """False for this machine, a private address, or a name without a dot such as `ollama`."""
    host = urlsplit(base_url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_private
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost"))


def _shared_url(env: Mapping[str, str]) -> str:
    return env.get("OPENAI_BASE_URL", "").strip() or OPENAI_URL


def _key(env: Mapping[str, str], base_url: str) -> str:
    """The key for this address; OpenAI's key never travels to a host given for the writer alone."""
    if key := env.get("WRITER_API_KEY", "").strip():
        return key
    host = urlsplit(base_url).hostname
    shared = env.get("OPENAI_API_KEY", "").strip()
    if shared and host == urlsplit(_shared_url(env)).hostname:
        return shared
    if not needs_key(base_url):
        return "not-needed"  # the SDK insists on a word
    raise Unavailable(
        "No key for %(service)s: set WRITER_API_KEY (or, for OpenAI itself, OPENAI_API_KEY), or take "
        "openai_compatible out of the chain.",
        error_class="missing_key", service=host or base_url,
    )  # fmt: skip


def _positive(given: Mapping[str, str], name: str, kind: Callable[[str], N]) -> N:
    try:
        value = kind(given[name])
        if 0 < value < float("inf"):
            return value
    except ValueError:
        pass
    raise Unavailable(
        "%(variable)s must be a positive number; it is %(value)s.", variable=name, value=repr(given[name])
    )


def _structured(value: str) -> str:
    if value in STRUCTURED:
        return value
    raise Unavailable(
        "WRITER_STRUCTURED must be one of %(known)s; it is %(value)s.",
        known=", ".join(STRUCTURED), value=repr(value),
    )  # fmt: skip
