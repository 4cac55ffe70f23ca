"""Which server recognises speech: address, key, model and limits, read from the settings."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from providers.errors import Unavailable

OPENAI_URL = "https://api.openai.com/v1"
# Source: https://developers.openai.com/api/docs/deprecations: whisper-1 and gpt-4o-transcribe end 2027-02-26.
DEFAULT_MODEL = "gpt-transcribe"

SETTINGS: tuple[tuple[str, str, str], ...] = (
    ("SPEECH_BASE_URL", "", "Address of a server with /audio/transcriptions, /v1 included. Else "
                            f"OPENAI_BASE_URL, else {OPENAI_URL}."),
    ("SPEECH_API_KEY", "", "Key of that server. Else OPENAI_API_KEY, if SPEECH_BASE_URL does not point "
                           "elsewhere. Not needed for a server on this machine or network."),
    ("SPEECH_API_MODEL", DEFAULT_MODEL, "Model that recognises there."),
    ("SPEECH_MAX_MB", "25", "Largest file the server takes, in megabytes (OpenAI: 25)."),
    ("SPEECH_TIMEOUT_S", "120", "Seconds to wait for the words of one piece (at most 25 s of sound)."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Server:
    api_key: str
    base_url: str = OPENAI_URL
    model: str = DEFAULT_MODEL
    max_mb: float = 25.0
    timeout_s: float = 120.0

    @property
    def host(self) -> str:
        """The name people know it by, for messages."""
        return urlsplit(self.base_url).hostname or self.base_url


def server_from_env(env: Mapping[str, str]) -> Server:
    """Raises: Unavailable when the key is missing or a value makes no sense."""
    given = {name: env.get(name, "").strip() or default for name, default, _ in SETTINGS}
    base_url = given["SPEECH_BASE_URL"] or _shared_url(env)
    return Server(
        api_key=_key(env, base_url),
        base_url=base_url,
        model=given["SPEECH_API_MODEL"],
        max_mb=_positive(given, "SPEECH_MAX_MB"),
        timeout_s=_positive(given, "SPEECH_TIMEOUT_S"),
    )


def needs_key(base_url: str) -> bool:
    """False for this machine, a private address, or a name without a dot such as `whisper`."""
    host = urlsplit(base_url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_private
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost"))


def _shared_url(env: Mapping[str, str]) -> str:
    return env.get("OPENAI_BASE_URL", "").strip() or OPENAI_URL


def _key(env: Mapping[str, str], base_url: str) -> str:
    """The key for this address; OpenAI's key never travels to a host given for speech alone."""
    if key := env.get("SPEECH_API_KEY", "").strip():
        return key
    host = urlsplit(base_url).hostname
    shared = env.get("OPENAI_API_KEY", "").strip()
    if shared and host == urlsplit(_shared_url(env)).hostname:
        return shared
    if not needs_key(base_url):
        return "not-needed"  # the SDK insists on a word
    raise Unavailable(
        "No key for %(service)s: set SPEECH_API_KEY (or, for OpenAI itself, OPENAI_API_KEY), or take "
        "openai_compatible out of SPEECH_BACKENDS.",
        error_class="missing_key", service=host or base_url,
    )  # fmt: skip


def _positive(given: Mapping[str, str], name: str) -> float:
    try:
        value = float(given[name])
    except ValueError:
        value = 0.0
    if 0 < value < float("inf"):
        return value
    raise Unavailable(
        "%(variable)s must be a positive number; it is %(value)s.", variable=name, value=repr(given[name])
    )
