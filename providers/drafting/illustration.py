"""An English brief for a cover, out of the topics of the talk and never out of people's names."""

from __future__ import annotations

from collections.abc import Iterable

from providers.drafting.wording import first_words

WORD_LIMIT = 60
THINGS = 4  # more objects make a crowded picture

TEMPLATE = (
    "Editorial illustration for a newspaper article about %s. One clear scene, wide composition, calm light, "
    "muted colours, flat shapes with a fine grain. No lettering, no logos, no recognisable people."
)
NOTHING_KNOWN = "a conversation: two empty chairs and a microphone by a window"

#: What an illustrator can draw, and the Russian and Ukrainian nouns for it; other nouns are left out.
SCENES = {
    "bridge": "мост міст", "tram": "трамвай", "railway": "рельс поезд вокзал рейка потяг",
    "river": "река річка", "street": "улица вулиця", "road": "дорога", "bus": "автобус",
    "library": "библиотека бібліотека", "books": "книга читатель читач",
    "school": "школа школьник учитель учень школяр вчитель", "hospital": "больница врач лікарня лікар",
    "university": "университет студент університет", "factory": "завод фабрика",
    "laboratory": "наука ученый лаборатория вчений лабораторія", "theatre": "театр сцена", "museum": "музей",
    "music": "музыка оркестр музика", "film": "кино фильм кіно фільм", "money": "деньги бюджет гроші",
    "bank": "банк кредит", "market": "рынок цена ринок ціна", "shop": "магазин",
    "house": "дом квартира будинок", "building site": "строительство ремонт будівництво",
    "park": "парк сквер", "forest": "лес ліс", "trees": "дерево", "water": "вода", "fish": "рыба щука риба",
    "field": "поле урожай врожай", "farm": "ферма фермер", "sea": "море порт", "lamp": "свет лампа світло",
    "rain clouds": "погода дождь дощ", "snow": "снег зима сніг", "fire engine": "пожар пожежа",
    "courthouse": "суд закон", "parliament": "депутат парламент", "ballot box": "выборы вибори",
    "city skyline": "город місто мэр мер", "village": "деревня село",
    "stadium": "спорт футбол команда тренер",
    "computer": "компьютер программа комп'ютер програма", "robot": "робот нейросеть интеллект нейромережа",
    "power lines": "энергия электричество енергія електрика", "bread": "хлеб хліб",
    "children": "ребенок дитина", "letters": "письмо почта лист пошта", "telephone": "телефон",
    "newspaper": "газета журналист журналіст", "dog": "собака", "garden": "сад", "aeroplane": "самолет літак",
    "ship": "корабль пароход корабель",
}  # fmt: skip
_DRAWN = {word: thing for thing, words in SCENES.items() for word in words.split()}


def brief(keywords: Iterable[str]) -> str:
    """At most WORD_LIMIT words. `keywords` are dictionary forms, the most important first."""
    things = [thing for word in keywords if (thing := _drawn(word))]
    return first_words(
        TEMPLATE % (", ".join(list(dict.fromkeys(things))[:THINGS]) or NOTHING_KNOWN), WORD_LIMIT
    )


def _drawn(word: str) -> str | None:
    """An English noun is its own picture unless it has a capital: then it may be somebody's name."""
    return word if word.isascii() and word.islower() else _DRAWN.get(word.lower().replace("ё", "е"))
