"""Which server recognises speech: address, key, model and limits, read from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from providers.openai_servers import OPENAI_URL, host_of, key_for, positive, shared_url

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
        return host_of(self.base_url)


def server_from_env(env: Mapping[str, str]) -> Server:
    """Raises: Unavailable when the key is missing or a value makes no sense."""
    given = {name: env.get(name, "").strip() or default for name, default, _ in SETTINGS}
    base_url = given["SPEECH_BASE_URL"] or shared_url(env)
    return Server(
        api_key=key_for(env, base_url, "SPEECH_API_KEY", chain="SPEECH_BACKENDS"),
        base_url=base_url,
        model=given["SPEECH_API_MODEL"],
        max_mb=positive(given, "SPEECH_MAX_MB", float),
        timeout_s=positive(given, "SPEECH_TIMEOUT_S", float),
    )
