"""Where a quote may begin and end, and what it may leave out between commas."""

from __future__ import annotations

import pytest

from automation.grounding.fillers import says_nothing
from automation.grounding.guard import judge
from tests.automation.test_grounding import talk


def verdict(said: str, written: str) -> str:
    return judge(written, None, (), talk(f"A: {said}")).grade


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Дорогу, вы же сами понимаете, откроют в мае.", "Дорогу откроют в мае."),
        ("Дорогу, как я уже говорил, откроют в мае.", "Дорогу откроют в мае."),
        ("Ну так вот, дорогу откроют в мае.", "Дорогу откроют в мае."),
        ("Дорогу, если совсем честно, откроют в мае.", "Дорогу откроют в мае."),
        ("Дорогу откроют в мае, и, знаете, без оркестра.", "Дорогу откроют в мае, и без оркестра."),
        ("Зимой было минус пятнадцать, мы работали.", "Зимой было −15, мы работали."),
        ("Навес стоит миллион девятьсот, это дорого.", "Навес стоит 1,9 млн, это дорого."),
        ("Школу открыли в шестнадцать часов.", "Школу открыли в 16:00 часов."),
        ("Дорогу, слава богу, відкриють у травні.", "Дорогу відкриють у травні."),
        ("Дорогу, ви ж розумієте, відкриють у травні.", "Дорогу відкриють у травні."),
        ("Дорогу, щоб ви знали, відкриють у травні.", "Дорогу відкриють у травні."),
        ("Гумусу тут три і дві десяті відсотка.", "Гумусу тут 3,2 відсотка."),
        ("The road, as you can imagine, opens in May.", "The road opens in May."),
        (
            "The road opens in May and, you know, two people came.",
            "The road opens in May and two people came.",
        ),
        ("The mill was built in nineteen oh four.", "The mill was built in 1904."),
        ("We met in the nineties by the river.", "We met in the 90s by the river."),
    ],
)
def test_what_says_nothing_may_go(said, written) -> None:
    assert verdict(said, written) in ("exact", "cleaned")


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Пришли родственники и сказал, что дорогу откроют.", "Пришли родственники и, что дорогу откроют."),
        ("Дорогу, навскидку, откроют в мае.", "Дорогу откроют в мае."),
        ("Он коней не боится, боится собак.", "Он коней не боится, собак."),
        ("Было от пяти до минус пяти градусов.", "Было от пяти до 5 градусов."),
        ("Це одинадцять тисяч гривень за рік.", "Це одинадцять тисячам гривень за рік."),
        ("The dam held, in fairness, for a year.", "The dam held for a year."),
    ],
)
def test_what_says_something_may_not(said, written) -> None:
    assert verdict(said, written) == "edited"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        # the speaker goes on with a clause of its own
        ("Мост открыли в мае, и по нему поехали автобусы.", "Мост открыли в мае"),
        ("Мост открыли в мае, соседи пришли с пирогами.", "Мост открыли в мае"),
        ("Водители меня знают, а остановки я считаю сам.", "Водители меня знают"),
        ("Міст відкрили в травні, графік висить на дверях.", "Міст відкрили в травні"),
        ("They opened the bridge, and the buses came back.", "They opened the bridge"),
        ("They opened the bridge, their neighbours brought pies.", "They opened the bridge"),
        # and it began with one
        ("Коек сейчас хватает, операции идут по графику.", "Операции идут по графику."),
        ("Опоры югославские, привод у неё немецкий.", "Привод у неё немецкий."),
        ("Счетов мы не открывали, и всем, кого перенесли, уже позвонили.",
         "И всем, кого перенесли, уже позвонили."),
    ],
)  # fmt: skip
def test_a_clause_of_its_own_may_be_left_out(said, written) -> None:
    assert verdict(said, written) in ("exact", "cleaned")


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Мы репетируем при двенадцати градусах, в пальто.", "Мы репетируем при двенадцати градусах"),
        ("Оклад обещали поднять с марта, но приказа я пока не видел.", "Оклад обещали поднять с марта"),
        ("Диагноз мы не называем, только сам факт поступления.", "Диагноз мы не называем"),
        ("Тест алкоголя не показал, окончательный анализ будет в пятницу.", "Тест алкоголя не показал"),
        ("Крыльцо они починили, так она, по крайней мере, рассказала.", "Крыльцо они починили"),
        ("Построили её в мае, и это если верить табличке.", "Построили её в мае"),
        ("Завёлся дизель сразу, запись об этом есть, правда, только у меня.", "Завёлся дизель сразу"),
        ("Два часа по инструкции, при ясной погоде и полной смене.", "Два часа по инструкции"),
        ("Премію дають на Різдво, та й то не щороку.", "Премію дають на Різдво"),
        ("Автобус доїжджає до моста, як не розмиє дорогу.", "Автобус доїжджає до моста"),
        ("Eleven homes are tagged red, and that number may move.", "Eleven homes are tagged red"),
        ("I retire in two years, or that's the plan.", "I retire in two years"),
        ("We had the whole block, the top floor excepted.", "We had the whole block"),
        ("Doctors show it now, so a consultant informs me.", "Doctors show it now"),
    ],
)
def test_a_tail_that_limits_asks_for_an_ellipsis(said, written) -> None:
    assert verdict(said, written) == "edited"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Закрывают его, по моим наблюдениям, двенадцать раз в день.", "Двенадцать раз в день."),
        ("Смета, по последней версии, тянет на сто миллионов.", "Тянет на сто миллионов."),
        ("За железной дорогой, когда переезд закрыт, можно простоять час.", "Можно простоять час."),
        ("Они приводят друзей, и это, на мой вкус, самое трудное.", "Самое трудное."),
        ("По отзывам молодых коллег, новая версия удобнее.", "Новая версия удобнее."),
        ("Водолази оглянули дно, за їхніми словами, промивів там немає.", "Промивів там немає."),
        ("Скільки я знаю, у сусідній області вивезли менше.", "У сусідній області вивезли менше."),
        ("Give her five more years and she'll be working finals.", "She'll be working finals."),
    ],
)
def test_a_beginning_that_was_weakened_is_flagged(said, written) -> None:
    assert verdict(said, written) == "edited"


@pytest.mark.parametrize(
    ("words", "empty"),
    [
        ("ну так вот", True), ("вы же сами знаете", True), ("oh well you know", True),
        ("скажу вам честно", True),
        ("сказал", False), ("это правда", False), ("если знаете", False), ("", False),
    ],
)  # fmt: skip
def test_fillers_stand_one_after_another(words, empty) -> None:
    assert says_nothing(tuple(words.split())) is empty
