"""The services of the table: what each is sent, GigaChat's token, and what is missing."""

from __future__ import annotations

import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from providers.chain import fingerprint, load
from providers.drafting import BACKENDS
from providers.drafting.openai_compatible import GigaChat, Ollama, OpenAICompatible
from providers.drafting.profiles import PROFILES
from providers.drafting.server import SETTINGS, Server, server_from_env
from providers.errors import BackendFailed, Unavailable
from tests.fake_vendors import Call, FakeVendors
from tests.fake_writers import answer
from tests.providers.drafting.talks import LIBRARY_RU, brief
from tests.providers.drafting.test_contract import env_of
from tests.providers.drafting.test_failures import Notes
from tests.providers.drafting.test_long import TALK as LONG

TALK = brief(LIBRARY_RU)


@pytest.fixture
def vendors() -> Iterator[FakeVendors]:
    with FakeVendors(chat=answer) as server:
        yield server


def asked(vendors: FakeVendors, name: str, **more: str) -> Call:
    """The request this writer sends."""
    load(BACKENDS, name).from_env(env_of(vendors.url) | more).write(TALK)
    return vendors.seen("openai_chat")[-1]


def test_every_profile_is_a_backend() -> None:
    assert set(PROFILES) | {"openai_compatible", "extractive"} == set(BACKENDS)


@pytest.mark.parametrize("name", [n for n, row in PROFILES.items() if row.keys])
def test_a_missing_key_is_named(name: str) -> None:
    with pytest.raises(Unavailable, match=PROFILES[name].keys[0]) as caught:
        load(BACKENDS, name).from_env({})
    assert caught.value.error_class == "missing_key"


def test_another_key_starts_its_own_writer_afresh_and_no_other() -> None:
    before, after = {"GROQ_API_KEY": "a", "OPENAI_API_KEY": "k"}, {"GROQ_API_KEY": "b", "OPENAI_API_KEY": "k"}

    def prints(name: str) -> set[str]:
        return {fingerprint(BACKENDS, name, env) for env in (before, after)}

    assert len(prints("groq")) == 2
    assert len(prints("openai")) == len(prints("openai_compatible")) == 1
    names = {name for name, _, _ in SETTINGS}
    read = {name for path in BACKENDS for name in getattr(_class(path), "reads", ())}
    assert names <= read  # no variable is forgotten


def _class(name: str) -> Any:
    return load(BACKENDS, name)


def test_vllm_says_what_it_needs() -> None:
    with pytest.raises(Unavailable, match="WRITER_URLS=vllm="):
        load(BACKENDS, "vllm").from_env({})
    with pytest.raises(Unavailable, match="WRITER_MODELS=vllm="):
        load(BACKENDS, "vllm").from_env({"WRITER_URLS": "vllm=http://gpu:8000/v1"})


@pytest.mark.parametrize("name", PROFILES)
def test_the_row_is_what_is_sent(name: str, vendors: FakeVendors) -> None:
    row = PROFILES[name]
    sent = asked(vendors, name, WRITER_MAX_TOKENS="5000")

    assert sent.json[row.limit_field] == 5000
    assert sent.json.get("temperature") == row.temperature
    assert sent.json["response_format"]["type"] == "json_schema"
    for header, value in row.headers.items():
        assert sent.headers[header.title()] == value


def test_yandex_bills_a_folder(vendors: FakeVendors) -> None:
    sent = asked(vendors, "yandexgpt", YANDEX_API_KEY="AQVN")

    assert sent.json["model"] == "gpt://b1gfolder/yandexgpt/latest"
    assert sent.headers["Openai-Project"] == "b1gfolder"
    assert sent.authorization == "Bearer AQVN"
    with pytest.raises(Unavailable, match="YANDEX_FOLDER_ID"):
        load(BACKENDS, "yandexgpt").from_env({"YANDEX_API_KEY": "k"})


def test_openrouter_is_asked_for_its_price_and_believed(vendors: FakeVendors) -> None:
    assert asked(vendors, "openrouter").json["usage"] == {"include": True}


@pytest.mark.parametrize(
    ("variable", "value"),
    [("WRITER_PRICES", "openai=cheap"), ("WRITER_MODELS", "qwen3"), ("WRITER_URLS", "nobody=http://x/v1"),
     ("WRITER_CONTEXTS", "openai=100")],
)  # fmt: skip
def test_a_wrong_list_is_named(variable: str, value: str) -> None:
    with pytest.raises(Unavailable, match=variable):
        load(BACKENDS, "openai").from_env({"OPENAI_API_KEY": "k", variable: value})


def test_prices() -> None:
    openai = load(BACKENDS, "openai").from_env({"OPENAI_API_KEY": "k"}).server
    assert openai.cost_micro_usd(1_000_000, 1_000_000) == 600_000
    # openai_compatible with OpenAI's own address knows OpenAI's price; another model's is not guessed.
    assert server_from_env({"OPENAI_API_KEY": "k"}).cost_micro_usd(1000, 0) == 100
    assert server_from_env({"OPENAI_API_KEY": "k", "WRITER_MODEL": "x"}).cost_micro_usd(1000, 0) == 0
    env = {
        "OPENAI_API_KEY": "k",
        "WRITER_MODELS": "openai=gpt-6-sol",
        "WRITER_PRICES": "openai/gpt-6-sol=2/10",
    }
    assert load(BACKENDS, "openai").from_env(env).server.cost_micro_usd(1000, 100) == 3000


def test_ollama_that_cuts_the_prompt_is_caught() -> None:
    """It answers 200 and has read 900 tokens of many more: its context is set too small."""
    with FakeVendors(chat=answer) as vendors:
        writer = Ollama(Server("x", f"{vendors.url}/v1", context_tokens=131_072, truncates=True))
        notes = Notes()
        assert writer.write(LONG, notes).usage["parts"] > 10
        assert writer.chat.context_tokens < 20_000
        writer.close()
    assert "reads less" in notes.calls[0].failure


def test_gigachats_token_is_made_once_and_renewed(vendors: FakeVendors) -> None:
    writer = GigaChat.from_env(env_of(vendors.url))
    writer.write(TALK)
    writer.write(TALK)

    (token,) = vendors.seen("gigachat_token")
    assert token.authorization == "Basic c2VjcmV0"
    assert len(token.headers["Rquid"]) == 36
    assert token.form == {"scope": "GIGACHAT_API_PERS"}
    assert [c.authorization for c in vendors.seen("openai_chat")] == ["Bearer token-1"] * 2

    vendors.token_s = 30  # the next one is about to end as soon as it is there
    vendors.fail_next("openai_chat", status=401)
    writer.write(TALK)
    writer.write(TALK)
    assert vendors.calls["gigachat_token"] == 3
    assert vendors.seen("openai_chat")[-1].authorization == "Bearer token-3"


@pytest.mark.parametrize(
    ("fault", "error_class"),
    [({"status": 401}, "auth"), ({"status": 429, "headers": {"Retry-After": "3"}}, "rate_limit"),
     ({"status": 503}, "overloaded"), ({"html": True}, "format")],
)  # fmt: skip
def test_gigachats_token_can_fail(fault: dict[str, Any], error_class: str, vendors: FakeVendors) -> None:
    vendors.fail_next("gigachat_token", times=2, **fault)

    with pytest.raises(BackendFailed) as caught:
        GigaChat.from_env(env_of(vendors.url)).write(TALK)

    assert caught.value.error_class == error_class
    assert vendors.calls["openai_chat"] == 0


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody trusts unless told to."""
    folder = tmp_path_factory.mktemp("ca")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
         "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


def test_gigachats_authority_is_trusted_by_its_file(certificate: tuple[Path, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with FakeVendors(chat=answer, ssl_context=context) as vendors:
        env = env_of(vendors.url)
        with pytest.raises(BackendFailed, match="GIGACHAT_CA_FILE") as caught:
            GigaChat.from_env(env).write(TALK)
        assert caught.value.error_class == "network"
        assert GigaChat.from_env(env | {"GIGACHAT_CA_FILE": str(certificate[0])}).write(TALK).title


def test_a_ca_file_that_is_none_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("not a certificate")
    for path in (tmp_path / "nowhere.pem", empty):
        with pytest.raises(Unavailable, match="GIGACHAT_CA_FILE"):
            GigaChat.from_env({"GIGACHAT_CREDENTIALS": "x", "GIGACHAT_CA_FILE": str(path)})


def test_the_clock_of_a_token(vendors: FakeVendors) -> None:
    writer = GigaChat.from_env(env_of(vendors.url))
    assert isinstance(writer, OpenAICompatible)
    token = writer.server.api_key
    assert callable(token)
    assert token() == token() == "token-1"
    assert time.time() < token._ends_at < time.time() + 1801
