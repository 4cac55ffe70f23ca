"""The ledger of facts and the measures of a draft."""

from automation.grounding import measures
from automation.grounding.facts import extract
from automation.grounding.guard import judge
from tests.automation.test_grounding import talk

RU = talk(
    "B: Анна Сергеевна, сколько стоит мост?",
    "A: Мост стоит три с половиной миллиона рублей.",
    "A: Его построит Денис Рогов из Вереска.",
    "A: Сорок процентов даст банк, открытие двадцать пятого марта.",
    "A: В трёх цехах уже делают балки.",
)
DRAFT = """## Мост у Вереска

Мост стоит 3,5 млн рублей, его построит Денис Рогов. [0:20](#s2-3)

Сорок процентов даст банк, ещё 70 процентов — «Хлебпром». Открытие 25 марта в Москве. Инспектор Иванов нашёл
3 нарушения.

> Мост стоит три с половиной миллиона рублей. [0:20](#s2)
"""


def test_every_figure_and_name_has_its_sentence() -> None:
    found = {fact.text: (fact.kind, fact.source) for fact in extract(DRAFT, RU)}
    assert found["3,5 млн рублей"] == ("money", 2)
    assert found["Денис Рогов"] == ("name", 3)
    assert found["Вереска"] == ("place", 3)
    assert found["Сорок процентов"] == ("percent", 4)
    assert found["25 марта"] == ("date", 4)


def test_what_is_nowhere_has_none() -> None:
    facts = extract(DRAFT, RU, notes="Компания Хлебпром")
    assert [fact.text for fact in facts if not fact.supported] == ["70 процентов", "Москве", "Иванов", "3"]
    assert [fact.text for fact in facts if fact.in_notes] == ["Хлебпром"]


def test_a_fact_knows_its_place_in_the_draft() -> None:
    assert all(DRAFT[fact.start : fact.end] == fact.text for fact in extract(DRAFT, RU))


def test_english_names_and_years() -> None:
    said = talk("A: The ferry Marigold sailed in nineteen eighty-seven from Leeds.")
    found = [
        (f.kind, f.text, f.source) for f in extract("The Marigold left Leeds in 1987, not Bergen.", said)
    ]
    assert found == [
        ("name", "Marigold", 1), ("name", "Leeds", 1), ("date", "1987", 1), ("name", "Bergen", None)
    ]  # fmt: skip


def test_the_measures_of_a_draft() -> None:
    verdict = judge("Мост стоит три с половиной миллиона рублей.", None, (2,), RU)
    got = measures.of(DRAFT, RU, verdicts=[verdict])
    assert (got.quotes, got.faithful_quotes) == (1, 1)
    assert got.attribution_precision == 1
    assert got.attribution_recall is not None
    assert 0 < got.attribution_recall < 1
    assert got.unsupported_specifics is not None
    assert 0.2 < got.unsupported_specifics < 0.7
    assert got.interview_used is not None
    assert 0.3 < got.interview_used < 0.7


def test_an_empty_draft_has_nothing_to_measure() -> None:
    got = measures.of("", talk("A: Мост открыт."))
    assert (got.attribution_precision, got.unsupported_specifics, got.interview_used) == (None, None, 0)
