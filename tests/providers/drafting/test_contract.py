"""What every writer in the table promises."""

from __future__ import annotations

import json

import pytest

from providers.chain import load
from providers.drafting import BACKENDS, Drafting
from providers.drafting.material import spoken
from providers.errors import InputRejected
from providers.types import Article, Sentence, WritingBrief
from tests.providers.drafting.fake_chat import FakeChat, article
from tests.providers.drafting.talks import LIBRARY_RU, SCHOOL_UK, brief

ENV = {"WRITER_BASE_URL": "http://127.0.0.1:9/v1"}
BRIEFS = {"ru": brief(LIBRARY_RU), "uk": brief(SCHOOL_UK, "uk"), "en": brief(LIBRARY_RU, "en")}


def writer(name: str) -> Drafting:
    """The backend, with a fake server behind the one that needs a server."""
    return FakeChat(article()).writer() if name == "openai_compatible" else load(BACKENDS, name).from_env({})


@pytest.mark.parametrize("language", BRIEFS)
@pytest.mark.parametrize("name", BACKENDS)
def test_article_keeps_the_contract(name: str, language: str) -> None:
    written = writer(name).write(BRIEFS[language])

    assert isinstance(written, Article)
    assert written.title
    assert written.language == language
    assert len(written.description) <= 160
    assert len(written.image_prompt.split()) <= 60
    assert written.image_prompt.isascii()
    known = {s.id for s in BRIEFS[language].sentences}
    for block in written.blocks:
        assert set(block.sources) <= known
        assert block.sources or block.kind == "heading"
        assert bool(block.text) == (block.kind != "quote")
    json.dumps(written.usage)


@pytest.mark.parametrize("name", BACKENDS)
def test_backend_introduces_itself(name: str) -> None:
    backend = load(BACKENDS, name).from_env(ENV)

    assert backend.name == name
    assert isinstance(backend.model, str)


@pytest.mark.parametrize("texts", [[], ["", "  "], ["…", "?!"]])
@pytest.mark.parametrize("name", BACKENDS)
def test_silence_is_rejected(name: str, texts: list[str]) -> None:
    sentences = tuple(Sentence(f"S{n}", 0, 1, "", text) for n, text in enumerate(texts))

    with pytest.raises(InputRejected, match="Nothing was said") as caught:
        writer(name).write(WritingBrief(sentences))

    assert caught.value.error_class == "input"


def test_spoken_leaves_out_blank_sentences() -> None:
    sentences = (Sentence("S1", 0, 1, "", " "), Sentence("S2", 1, 2, "", "Да"))

    assert [s.id for s in spoken(WritingBrief(sentences))] == ["S2"]
