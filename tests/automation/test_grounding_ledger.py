"""The ledger of an article, as the page gets it."""

from __future__ import annotations

import json

import pytest

from automation.grounding.blocks import shown_blocks
from automation.grounding.ledger import ledger_of, missing
from automation.transcript import Line, Transcript
from bench.facts import score

SAID = [
    ("S0", "Сколько стоит мост, Анна Сергеевна?"),
    ("S1", "Мост стоит три с половиной миллиона рублей."),
    ("S1", "Его построит Денис Рогов из Вереска, откроют двадцать пятого марта."),
    ("S1", "Сорок процентов даст банк «Исток»."),
]
TRANSCRIPT = Transcript(
    tuple(Line(n, n * 5.0, n * 5.0 + 4, who, {"S0": "Иван", "S1": "Анна Орлова"}[who], text)
          for n, (who, text) in enumerate(SAID, 1)),
    {"S0": "Иван", "S1": "Анна Орлова"},
)  # fmt: skip
TITLE, DEK = "Мост за 3,5 млн рублей", "В Вереске строят мост, а Москва молчит"
BODY = """## Мост *Рогова*

Мост построит **Денис Рогов** и откроет [5 апреля](https://example.org). [0:10](#s2-3)

- Банк «Исток» даст 40 процентов,
  «Хлебпром» — ещё 70.

> Мост стоит три с половиной миллиона рублей. [0:10](#s2)
"""


def test_every_fact_can_be_underlined_and_played() -> None:
    ledger = ledger_of(BODY, TITLE, DEK, TRANSCRIPT, "Компания «Хлебпром»")
    blocks = shown_blocks(BODY)
    for fact in ledger["facts"]:
        place = {"title": TITLE, "dek": DEK}.get(fact["where"]) or blocks[fact["block"] or 0].text
        assert place[fact["start"] : fact["end"]] == fact["text"]
        assert (fact["status"] == "said") == (fact["source"] is not None) == (fact["start_s"] is not None)
    found = {
        (fact["where"], fact["text"]): (fact["kind"], fact["status"], fact["source"])
        for fact in ledger["facts"]
    }
    assert found["title", "3,5 млн рублей"] == ("money", "said", 2)
    assert found["dek", "Москва"] == ("place", "missing", None)
    assert found["body", "Денис Рогов"] == ("name", "said", 3)
    assert found["body", "5 апреля"] == ("date", "missing", None)
    assert found["body", "40 процентов"] == ("percent", "said", 4)
    assert found["body", "Хлебпром"] == ("organisation", "noted", None)


def test_what_is_not_in_the_recording_is_listed_in_the_order_of_the_article() -> None:
    ledger = ledger_of(BODY, TITLE, DEK, TRANSCRIPT)
    assert [fact["text"] for fact in missing(ledger)] == ["Москва", "5 апреля", "Хлебпром", "70"]


def test_it_is_json_with_the_measures_in_it_and_the_same_each_time() -> None:
    ledger = ledger_of(BODY, TITLE, DEK, TRANSCRIPT)
    assert json.loads(json.dumps(ledger)) == ledger == ledger_of(BODY, TITLE, DEK, TRANSCRIPT)
    assert (ledger["version"], ledger["measures"]["quotes"], ledger["measures"]["faithful_quotes"]) == (
        1,
        1,
        1,
    )
    assert 0 < ledger["measures"]["unsupported_specifics"] < 1


def test_an_empty_article_has_an_empty_ledger() -> None:
    ledger = ledger_of("", "", "", Transcript(()), "")
    assert (ledger["facts"], ledger["missing"]) == ([], [])


@pytest.mark.parametrize("language", ["ru", "uk", "en"])
@pytest.mark.parametrize("part", ["dev", "heldout"])
def test_made_drafts_are_read_well(part: str, language: str) -> None:
    count = score(part, language)
    assert count["caught"] == count["never"]  # nothing that was never said goes unnoticed
    assert count["found"] >= 0.97 * count["marked"]
    assert count["found"] >= 0.9 * count["listed"]
    assert count["right"] >= 0.95 * count["found"]
