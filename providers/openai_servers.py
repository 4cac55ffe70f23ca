"""Which OpenAI-compatible server, and whether its key may travel there: for speech and writing."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from providers.errors import Unavailable

N = TypeVar("N", int, float)

OPENAI_URL = "https://api.openai.com/v1"
NO_KEY = "not-needed"  # the SDK insists on a word


def host_of(base_url: str) -> str:
    """The name people know a server by, for messages."""
    return urlsplit(base_url).hostname or base_url


def needs_key(base_url: str) -> bool:
    """False for this machine, a private address, or a name without a dot such as `ollama`."""
    host = urlsplit(base_url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_private
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost"))


def shared_url(env: Mapping[str, str]) -> str:
    """OpenAI's address, or the one everybody here uses instead of it."""
    return env.get("OPENAI_BASE_URL", "").strip() or OPENAI_URL


def key_for(env: Mapping[str, str], base_url: str, variable: str, *, chain: str) -> str:
    """The key for this address; OpenAI's key never travels to a host given for one capability alone.

    `chain` names the setting to take the backend out of. Raises: Unavailable when a key is missing.
    """
    if key := env.get(variable, "").strip():
        return key
    shared = env.get("OPENAI_API_KEY", "").strip()
    if shared and host_of(base_url) == host_of(shared_url(env)):
        return shared
    if not needs_key(base_url):
        return NO_KEY
    raise Unavailable(
        "No key for %(service)s: set %(variable)s (or, for OpenAI itself, OPENAI_API_KEY), or take "
        "openai_compatible out of %(chain)s.",
        error_class="missing_key", service=host_of(base_url), variable=variable, chain=chain,
    )  # fmt: skip


def positive(given: Mapping[str, str], name: str, kind: Callable[[str], N]) -> N:
    """The number a variable holds. Raises: Unavailable."""
    try:
        value = kind(given[name])
        if 0 < value < float("inf"):
            return value
    except ValueError:
        pass
    raise Unavailable(
        "%(variable)s must be a positive number; it is %(value)s.", variable=name, value=repr(given[name])
    )
