"""What every writer in the table promises, in every format and language."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from providers.chain import load
from providers.drafting import BACKENDS, Drafting
from providers.drafting.formats import FORMATS
from providers.drafting.material import spoken
from providers.errors import InputRejected
from providers.types import Article, RedraftBrief, Sentence, WritingBrief
from tests.fake_vendors import FakeVendors
from tests.fake_writers import answer
from tests.providers.drafting.talks import LIBRARY_RU, SCHOOL_UK, brief

BRIEFS = {"ru": brief(LIBRARY_RU), "uk": brief(SCHOOL_UK, "uk"), "en": brief(LIBRARY_RU, "en")}
PROFILES = [name for name in BACKENDS if name != "extractive"]


@pytest.fixture(scope="module")
def vendors() -> Iterator[FakeVendors]:
    with FakeVendors(chat=answer) as server:
        yield server


def env_of(url: str) -> dict[str, str]:
    return {
        "WRITER_BASE_URL": f"{url}/v1",
        "WRITER_URLS": ", ".join(f"{name}={url}/v1" for name in PROFILES),
        "WRITER_MODELS": "vllm=qwen3",
        "GIGACHAT_CREDENTIALS": "c2VjcmV0",
        "GIGACHAT_AUTH_URL": f"{url}/api/v2/oauth",
        "YANDEX_FOLDER_ID": "b1gfolder",
    }


def writer(name: str, vendors: FakeVendors) -> Drafting:
    made: Drafting = load(BACKENDS, name).from_env(env_of(vendors.url))
    return made


@pytest.mark.parametrize("language", BRIEFS)
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", ["openai_compatible", "extractive"])
def test_article_keeps_the_contract(name: str, kind: str, language: str, vendors: FakeVendors) -> None:
    written = writer(name, vendors).write(replace(BRIEFS[language], format=kind))

    assert isinstance(written, Article)
    assert written.title
    assert written.language == language
    assert written.title not in written.titles
    assert len(written.description) <= 160
    assert len(written.image_prompt.split()) <= 60
    assert written.image_prompt.isascii()
    assert len(written.social["telegram"]) <= 1024
    assert len(written.social["x"]) <= 256
    known = {s.id for s in BRIEFS[language].sentences}
    for block in written.blocks:
        assert set(block.sources) <= known
        assert block.sources or block.kind == "heading"
        assert bool(block.text) == (block.kind != "quote") or block.kind == "question"
    assert [block for block in written.blocks if block.kind != "heading"]
    json.dumps(written.usage)


@pytest.mark.parametrize("name", BACKENDS)
def test_every_writer_writes(name: str, vendors: FakeVendors) -> None:
    backend = writer(name, vendors)

    assert backend.name == name
    assert isinstance(backend.model, str)
    assert backend.write(BRIEFS["ru"]).blocks


@pytest.mark.parametrize("how", ["again", "shorter", "from"])
@pytest.mark.parametrize("name", ["openai_compatible", "extractive"])
def test_a_paragraph_is_redrafted_with_pointers(name: str, how: str, vendors: FakeVendors) -> None:
    sentences = BRIEFS["ru"].sentences[8:14]
    blocks = writer(name, vendors).redraft(RedraftBrief(sentences, "Как было.", how))

    assert blocks
    for block in blocks:
        assert set(block.sources) <= {s.id for s in sentences}
        assert block.sources


@pytest.mark.parametrize("texts", [[], ["", "  "], ["…", "?!"]])
@pytest.mark.parametrize("name", ["openai_compatible", "extractive"])
def test_silence_is_rejected(name: str, texts: list[str], vendors: FakeVendors) -> None:
    sentences = tuple(Sentence(f"S{n}", 0, 1, "", text) for n, text in enumerate(texts))

    with pytest.raises(InputRejected, match="Nothing was said") as caught:
        writer(name, vendors).write(WritingBrief(sentences))

    assert caught.value.error_class == "input"


def test_spoken_leaves_out_blank_sentences() -> None:
    sentences = (Sentence("S1", 0, 1, "", " "), Sentence("S2", 1, 2, "", "Да"))

    assert [s.id for s in spoken(WritingBrief(sentences))] == ["S2"]
