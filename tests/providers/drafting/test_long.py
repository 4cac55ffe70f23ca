"""A talk of four hours, read by models of any context from 8,000 tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from providers.drafting.formats import FORMATS
from providers.drafting.openai_compatible import OpenAICompatible
from providers.drafting.server import Server
from providers.errors import BackendFailed
from providers.types import Sentence, WritingBrief
from tests.fake_vendors import FakeVendors
from tests.fake_writers import answer, of_context, refusal
from tests.providers.drafting.test_failures import Notes

HOURS = 4
SAID = (
    "В районе {n} в тот год {thing} ремонтировали дольше обычного, потому что подрядчик менял планы.",
    "Жители собирали подписи, а администрация отвечала, что {thing} откроют к празднику номер {n}.",
    "На {thing} потратили {n} миллионов рублей, и половину этих денег дала область.",
)
THINGS = [
    "мост",
    "трамвай",
    "школа",
    "больница",
    "рынок",
    "парк",
    "музей",
    "театр",
    "вокзал",
    "завод",
    "библиотека",
    "река",
]


def four_hours() -> WritingBrief:
    """A sentence every six seconds, a question every two minutes."""
    sentences = []
    for n in range(HOURS * 600):
        thing = THINGS[(n // 200) % 12]
        asked = n % 20 == 0
        text = f"Что случилось с {thing} в году {n}?" if asked else SAID[n % 3].format(n=n, thing=thing)
        sentences.append(Sentence(f"S{n + 1}", n * 6.0, n * 6.0 + 5, "Вера" if asked else "Пётр", text))
    return WritingBrief(tuple(sentences))


TALK = four_hours()


def steps(vendors: FakeVendors) -> list[tuple[str, str]]:
    """(rules, material) of every request that was answered."""
    calls = [call.json["messages"] for call in vendors.seen("openai_chat")]
    return [(messages[0]["content"], messages[1]["content"]) for messages in calls]


def writer(vendors: FakeVendors, context: int) -> OpenAICompatible:
    return OpenAICompatible(Server("k", f"{vendors.url}/v1", context_tokens=context, timeout_s=20))


@pytest.mark.parametrize("kind", FORMATS)
def test_four_hours_fit_into_8k(kind: str) -> None:
    with FakeVendors(chat=of_context(8_192)) as vendors:
        backend = writer(vendors, 8_192)
        written = backend.write(replace(TALK, format=kind))
        backend.close()
        seen = {
            name
            for rules, material in steps(vendors)
            if "one part of a long recording" in rules
            for name in re.findall(r"^(S\d+) ", material, re.MULTILINE)
        }

    assert seen == {s.id for s in TALK.sentences}  # every sentence was read by somebody
    known = {s.id for s in TALK.sentences}
    assert all(set(block.sources) <= known for block in written.blocks)
    assert written.title


def test_sections_stand_in_the_order_of_the_talk() -> None:
    with FakeVendors(chat=of_context(8_192)) as vendors:
        backend = writer(vendors, 8_192)
        written = backend.write(TALK)
        backend.close()

    assert [b.kind for b in written.blocks].count("heading") > 2
    places = [int(b.sources[0][1:]) for b in written.blocks if b.sources]
    firsts = [
        int(written.blocks[n + 1].sources[0][1:])
        for n, block in enumerate(written.blocks)
        if block.kind == "heading"
    ]
    assert firsts == sorted(firsts)
    assert max(places) - min(places) > len(TALK.sentences) / 2


def test_a_context_that_was_overstated_is_learned() -> None:
    """The settings say 32k, the server reads 8k: parts are halved, and later ones are small at once."""
    with FakeVendors(chat=of_context(8_192)) as vendors:
        backend = writer(vendors, 32_000)
        backend.write(TALK)
        assert backend.chat.context_tokens < 16_000
        backend.close()


def test_vendors_words_for_too_long_are_understood() -> None:
    told = [
        (400, "", "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens."),
        (413, "request_too_large", "Request too large for model"),
        (422, "", "Prompt tokens limit exceeded: 9000"),
        (400, "", "number of input tokens must be no more than 8000, got 9000"),
    ]
    for status, code, message in told:
        refused: list[int] = []

        def chat(
            asked: Mapping[str, Any], how: Any = (status, code, message), refused: list[int] = refused
        ) -> Any:
            if not refused:
                refused.append(1)
                return refusal(*how)
            return answer(asked)

        with FakeVendors(chat=chat) as vendors:
            backend = writer(vendors, 100_000)
            short = WritingBrief(TALK.sentences[:200])
            assert backend.write(short).usage["parts"] >= 1, message
            backend.close()


def crashing(after: str) -> tuple[Callable[[Mapping[str, Any]], Any], list[str]]:
    """A model whose server falls over at the request whose rules hold `after`, once."""
    asked_for: list[str] = []

    def chat(asked: Mapping[str, Any]) -> Any:
        rules = asked["messages"][0]["content"]
        asked_for.append(rules + asked["messages"][1]["content"])
        if after in rules and not any("FELL" in rules for rules in asked_for):
            asked_for.append("FELL")
            return refusal(503, "overloaded", "try later")
        return answer(asked)

    return chat, asked_for


def test_a_crash_in_a_late_section_pays_for_nothing_twice() -> None:
    chat, asked_for = crashing("This is section 4 of")
    notes = Notes()
    with FakeVendors(chat=chat) as vendors:
        backend = writer(vendors, 8_192)
        with pytest.raises(BackendFailed):
            backend.write(TALK, notes)
        before = vendors.calls["openai_chat"]
        written = backend.write(TALK, notes)
        after = vendors.calls["openai_chat"]
        backend.close()

    asked = [text for text in asked_for if text != "FELL"]
    repeated = [text for text in set(asked) if asked.count(text) > 1]
    assert len(repeated) == 1  # the one that failed
    assert "This is section 4 of" in repeated[0]
    assert after - before <= 1 + written.usage["sections"] - 4 + 1
    assert [block for block in written.blocks if block.kind == "heading"]
