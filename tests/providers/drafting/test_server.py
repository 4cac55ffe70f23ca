"""Which server and which key the settings choose."""

from __future__ import annotations

import pytest

from providers.drafting.openai_compatible import SETTINGS, OpenAICompatible
from providers.drafting.server import Server, server_from_env
from providers.errors import Unavailable
from providers.openai_servers import OPENAI_URL, needs_key

GROQ = "https://api.groq.com/openai/v1"


def test_no_key_names_both_variables() -> None:
    with pytest.raises(Unavailable, match=r"WRITER_API_KEY.*OPENAI_API_KEY") as caught:
        OpenAICompatible.from_env({})

    assert caught.value.error_class == "missing_key"


def test_openai_is_the_default() -> None:
    assert server_from_env({"OPENAI_API_KEY": "sk"}) == Server("sk", OPENAI_URL, "gpt-6-luna", 180.0)


def test_shared_address_goes_with_the_shared_key() -> None:
    server = server_from_env({"OPENAI_BASE_URL": GROQ, "OPENAI_API_KEY": "sk"})

    assert (server.base_url, server.api_key) == (GROQ, "sk")


def test_the_writers_own_settings_win() -> None:
    env = {
        "OPENAI_BASE_URL": OPENAI_URL,
        "OPENAI_API_KEY": "sk",
        "WRITER_BASE_URL": GROQ,
        "WRITER_API_KEY": "gsk",
    }

    assert server_from_env(env).api_key == "gsk"
    assert server_from_env(env).base_url == GROQ


def test_openais_key_is_not_sent_elsewhere() -> None:
    with pytest.raises(Unavailable, match=r"api\.groq\.com"):
        server_from_env({"OPENAI_API_KEY": "sk", "WRITER_BASE_URL": GROQ})

    assert (
        server_from_env({"OPENAI_API_KEY": "sk", "WRITER_BASE_URL": "http://ollama:11434/v1"}).api_key != "sk"
    )


@pytest.mark.parametrize(
    ("url", "needed"),
    [
        ("http://localhost:11434/v1", False),
        ("http://127.0.0.1:8000/v1", False),
        ("http://[::1]:8000/v1", False),
        ("http://192.168.1.7:8000/v1", False),
        ("http://ollama:11434/v1", False),
        ("http://host.docker.internal:11434/v1", False),
        ("https://8.8.8.8/v1", True),
        (OPENAI_URL, True),
    ],
)
def test_a_key_is_needed_outside_this_network(url: str, needed: bool) -> None:
    assert needs_key(url) is needed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WRITER_TIMEOUT_S", "soon"),
        ("WRITER_TIMEOUT_S", "-1"),
        ("WRITER_TIMEOUT_S", "nan"),
        ("WRITER_MAX_TOKENS", "1.5"),
        ("WRITER_CONTEXT_TOKENS", "0"),
        ("WRITER_STRUCTURED", "xml"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(Unavailable, match=name):
        server_from_env({"WRITER_API_KEY": "k", name: value})


def test_every_setting_has_a_help_line() -> None:
    assert all(help_line.endswith(".") for _, _, help_line in SETTINGS)
