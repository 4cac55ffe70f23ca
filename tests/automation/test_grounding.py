"""The guard, sentence by sentence: what a quote may lose, and what it may not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from automation.grounding.guard import judge
from automation.grounding.numbers import units_of
from automation.grounding.recording import Recording


@dataclass(frozen=True)
class Said:
    idx: int
    speaker: str
    name: str
    text: str
    words: tuple[tuple[object, ...], ...] = ()

    @property
    def start_s(self) -> float:
        return self.idx * 10.0

    @property
    def end_s(self) -> float:
        return self.idx * 10.0 + 8


def talk(*rows: str) -> Recording:
    """Rows like "A: text"; A is Анна Орлова, B is Борис."""
    names = {"A": "Анна Орлова", "B": "Борис"}
    return Recording(
        [Said(n, row[0], names[row[0]], row[3:]) for n, row in enumerate(rows, start=1)]
    )  # fmt: skip


RU = talk(
    "B: Вы знали о переезде?",
    "A: Ну, мы, знаете, не знали об этом до двадцать пятого марта.",
    "A: Наверное, ещё сорок человек как бы ждут ответа.",
    "B: Угу.",
    "A: Переезд стоит три с половиной миллиона рублей, но школу мы не закроем.",
    "B: А что говорит мэр Зайцев?",
    "A: Говорят, что деньги уже нашли.",
    "A: Мы мы построим мост, если бюджет примут вовремя.",
)
EN = talk(
    "B: Did you, you know, close the school?",
    "A: Well, we didn't close it, you know, in 2019.",
    "A: I think about forty people were hurt.",
    "A: We like apples and we never lied to anyone.",
)
UK = talk(
    "B: Скільки це коштує?",
    "A: Ну, п'ять тисяч гривень ми не заплатимо.",
    "A: Мабуть, міст відкриють двадцять другого березня.",
)


@pytest.mark.parametrize(
    ("recording", "text", "grade"),
    [
        (RU, "Говорят, что деньги уже нашли.", "exact"),
        (RU, "«ну мы — знаете — не знали об этом до двадцать пятого марта»", "exact"),
        (RU, "Мы не знали об этом до 25 марта", "cleaned"),
        (RU, "Наверное, еще 40 человек ждут ответа.", "cleaned"),
        (RU, "Переезд стоит 3,5 млн рублей…", "cleaned"),
        (RU, "Мы построим мост, если бюджет примут вовремя.", "cleaned"),
        (RU, "Наверное, ещё сорок человек ждут ответа. Переезд стоит три с половиной миллиона рублей…",
         "cleaned"),
        (EN, "We did not close it in 2019.", "cleaned"),
        (UK, "5 тисяч гривень ми не заплатимо", "cleaned"),
        (UK, "Мабуть, міст відкриють 22 березня.", "cleaned"),
    ],
)  # fmt: skip
def test_fair_quotes_pass(recording, text, grade) -> None:
    verdict = judge(text, "Анна Орлова", (), recording)
    assert (verdict.grade, verdict.flags) == (grade, ())


@pytest.mark.parametrize(
    ("recording", "text", "kind"),
    [
        (RU, "Мы знали об этом до двадцать пятого марта.", "negation_removed"),
        (RU, "Знали об этом до двадцать пятого марта", "negation_cut"),
        (RU, "Мы не знали об этом до двадцать шестого марта.", "number_changed"),
        (RU, "Ещё сорок человек ждут ответа.", "hedge_cut"),
        (RU, "Деньги уже нашли.", "hedge_cut"),
        (RU, "Мы построим мост", "hedge_cut"),
        (RU, "Мы построим новый мост, если бюджет примут вовремя.", "word_added"),
        (RU, "Мы построим мост, если бюджет примут.", "ends_early"),
        (RU, "Школу мы закроем.", "negation_removed"),
        (RU, "Говорят, что деньги уже нашли … Переезд стоит три с половиной миллиона рублей", "reordered"),
        (RU, "Переезд стоит три с половиной миллиона рублей … Говорят, что деньги уже нашли.",
         "question_inside"),
        (RU, "Вы знали о переезде.", "question_lost"),
        (EN, "We did close it in 2019.", "negation_removed"),
        (EN, "Forty people were hurt.", "hedge_cut"),
        (EN, "We apples and we never lied to anyone.", "word_removed"),
        (EN, "Lied to anyone.", "negation_cut"),
        (UK, "П'ять тисяч гривень ми заплатимо.", "negation_removed"),
        (UK, "Міст відкриють двадцять другого березня.", "hedge_cut"),
        (UK, "Мабуть, міст закриють двадцять другого березня.", "word_changed"),
    ],
)  # fmt: skip
def test_what_changes_the_meaning_is_flagged_in_words(recording, text, kind) -> None:
    verdict = judge(text, None, (), recording)
    assert verdict.grade == "edited"
    assert kind in [flag.kind for flag in verdict.flags]
    assert all(str(flag) and "%(" not in str(flag) for flag in verdict.flags)


def test_a_name_is_not_any_other_name() -> None:
    verdict = judge("А что говорит мэр Зверев?", None, (6,), RU)
    assert [(flag.kind, flag.params) for flag in verdict.flags] == [
        ("name_changed", {"said": "Зайцев", "written": "Зверев"})
    ]


def test_the_flag_says_how_far_the_negation_stands() -> None:
    flag = judge("Об этом до двадцать пятого марта", None, (2,), RU).flags[0]
    assert (flag.kind, flag.params["word"], flag.params["count"]) == ("negation_cut", "не", 2)


@pytest.mark.parametrize("claimed", ["Борис", "B", "Кто-то ещё"])
def test_words_belong_to_who_said_them(claimed) -> None:
    assert judge("Говорят, что деньги уже нашли.", claimed, (), RU).grade == "wrong_speaker"
    assert judge("Говорят, что деньги уже нашли.", "Орлова", (), RU).grade == "exact"


def test_a_quote_that_points_at_another_speaker_is_his_no_more() -> None:
    assert judge("Говорят, что деньги уже нашли.", None, (6,), RU).grade == "wrong_speaker"
    elsewhere = judge("Говорят, что деньги уже нашли.", None, (8,), RU)
    assert (elsewhere.grade, elsewhere.flags[0].kind) == ("edited", "elsewhere")


def test_a_translation_is_a_class_of_its_own() -> None:
    assert judge("They say the money has been found.", None, (7,), RU).grade == "translated"
    assert (
        judge("Наверное, мост откроют двадцать второго марта, рыбы нет.", None, (3,), UK).grade
        == "translated"
    )
    assert judge("They say the money has been found.", None, (), RU).grade == "not_found"


@pytest.mark.parametrize("text", ["Тигры живут в тёплых краях и едят рыбу.", "…", "", "12"])
def test_what_was_never_said_is_not_found(text) -> None:
    assert judge(text, None, (), RU).grade == "not_found"
    assert judge(text, None, (), Recording([])).grade == "not_found"


def test_a_quote_is_timed_by_its_own_words() -> None:
    words = (
        ("Мост", 1.0, 1.4, 0.9),
        ("откроют", 1.5, 2.0, 0.3),
        ("в", 2.1, 2.2, 0.9),
        ("марте.", 2.3, 2.9, 0.9),
    )
    recording = Recording([Said(1, "A", "Анна", "Мост откроют в марте.", words)])
    verdict = judge("откроют в марте", None, (1,), recording)
    assert (verdict.start_s, verdict.end_s, verdict.indices) == (1.5, 2.9, (1,))
    assert (verdict.grade, [flag.kind for flag in verdict.flags]) == ("exact", ["unsure"])


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("сорок", "#40"),
        ("три с половиной миллиона рублей", "#3500000 ₽"),
        ("3,5 млн ₽", "#3500000 ₽"),
        ("в две тысячи девятнадцатом году", "в #2019 году"),
        ("двадцять п'ять відсотків", "#25 %"),
        ("пів мільйона гривень", "#500000 ₴"),
        ("nineteen ninety-eight", "#1998"),
        ("a hundred and fifty thousand dollars", "#150000 $"),
        ("$1.5 million", "#1500000 $"),
        ("10 000 человек, 92,000 people", "#10000 человек #92000 people"),
        ("тысячи людей", "тысячи людей"),
        ("пять, шесть", "#5 #6"),
        ("it's been, I can't", "it has been i can not"),
    ],
)
def test_numbers_are_values(text, keys) -> None:
    assert " ".join(unit.key for unit in units_of(text)) == keys


def test_fifth_is_not_five() -> None:
    recording = talk("A: Пятый дом сгорел вчера ночью.")
    assert judge("5-й дом сгорел вчера ночью.", None, (), recording).grade == "cleaned"
    assert judge("Пять дом сгорел вчера ночью.", None, (), recording).grade == "edited"


def test_her_is_no_filler() -> None:
    recording = talk("A: Мы её увидели вчера на мосту.", "A: Мы знаем, вот почему ушли.")
    assert judge("Мы увидели вчера на мосту.", None, (), recording).grade == "edited"
    assert judge("Мы ее увидели вчера на мосту.", None, (), recording).grade == "cleaned"
    assert judge("Мы знаем, почему ушли.", None, (), recording).grade == "edited"
