"""Dictionary forms of the words that carry meaning, in Russian, Ukrainian and English.

pymorphy3 reads the grammar, stop-words names the words that say nothing; both work offline.
Source: https://github.com/no-plagiarism/pymorphy3
Source: https://github.com/Alir3z4/python-stop-words
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from stop_words import get_stop_words

from providers.drafting.wording import WORD

CONTENT = {"NOUN", "VERB", "INFN", "ADJF", "ADJS", "PRTF", "PRTS", "GRND", "COMP", "LATN", "WORD"}
PEOPLE = {"Name", "Patr", "Surn"}  # pymorphy's marks for first names, patronymics and surnames
_MEASURES = """
тысяча миллион миллиард рубль процент час минута секунда неделя месяц год сутки метр километр раз половина
треть четверть вопрос ответ тисяча мільйон мільярд гривня відсоток година хвилина тиждень місяць рік доба
кілометр третина питання відповідь thousand million billion dollar percent hour minute week month year day
question answer thing lot пан пані паня господин госпожа
понедельник вторник среда четверг пятница суббота воскресенье январь февраль март апрель май июнь июль август
сентябрь октябрь ноябрь декабрь время день конец начало дело правда человек люди
понеділок вівторок середа четвер п'ятниця субота неділя січень лютий березень квітень травень червень липень
серпень вересень жовтень листопад грудень день кінець початок справа людина
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
september october november december time end start way people person man woman bit kind sort
"""
#: They stand between an article and its noun; no English dictionary is carried that would say so.
_ADJECTIVES = """
normal new old good bad big small first last next long short little great high low right left young real
whole full best worst better local public main early late different same other own only few many most least
single certain entire usual typical ordinary regular special recent final total average simple hard easy
strong weak empty cheap expensive free busy quiet happy sad red white black green blue warm cold hot dry wet
heavy light
"""
MEASURES = frozenset((_MEASURES + _ADJECTIVES).split())  # what says how much or of what kind, not what about
ARTICLES = frozenset(
    ["a", "an", "the", "my", "your", "our", "their", "his", "her", "no", "every", "each", "some", "of"]
)
VOCAL_NOISE = {"ааа", "эээ", "ммм", "угу", "ага", "ой", "ах", "эх"}
UKRAINIAN = re.compile(r"[іїєґ]", re.IGNORECASE)
RUSSIAN = re.compile(r"[ыэёъ]", re.IGNORECASE)
CYRILLIC = re.compile(r"[а-яёіїєґ]", re.IGNORECASE)
LATIN = re.compile(r"[a-z]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way a dictionary reads a word."""

    lemma: str
    pos: str  # pymorphy's part of speech; LATN for Latin letters, WORD in English
    marks: frozenset[str]  # other grammemes: 1per, Surn, anim …
    weight: float  # of this reading among the others, 0..1


def language_of(texts: Iterable[str]) -> str:
    """ru, uk or en, by the letters that only one of them has."""
    text = " ".join(texts)
    if len(CYRILLIC.findall(text)) < len(LATIN.findall(text)):
        return "en"
    return "uk" if len(UKRAINIAN.findall(text)) > len(RUSSIAN.findall(text)) else "ru"


@cache
def _analyzer(language: str) -> Any:
    import pymorphy3  # here: the web tier starts without it

    return pymorphy3.MorphAnalyzer(lang=language)


@cache
def stop_words(language: str) -> frozenset[str]:
    return frozenset(get_stop_words(language)) | VOCAL_NOISE


@lru_cache(maxsize=50_000)
def readings(word: str, language: str) -> tuple[Reading, ...]:
    """Every way to read `word` (small letters), the likeliest first."""
    if language == "en":
        return (Reading(_english_lemma(word), "WORD", frozenset(), 1.0),)
    parses = _analyzer(language).parse(word)
    total = sum(p.score for p in parses) or 1.0
    return tuple(_reading(p, p.score / total) for p in parses)


def _reading(parse: Any, weight: float) -> Reading:
    marks = frozenset(str(mark) for mark in parse.tag.grammemes)
    pos = str(parse.tag.POS) if parse.tag.POS else ("LATN" if "LATN" in marks else "")
    return Reading(parse.normal_form, pos, marks, weight)


def _english_lemma(word: str) -> str:
    """Plurals only: enough to count words, and no dictionary to carry."""
    word = re.sub(r"['’]s$", "", word)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return (
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    )


class Vocabulary:
    """The words of one text. A form that reads in several ways takes the one its other forms support."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.language = language_of(texts)
        self._stop = stop_words(self.language)
        forms = sorted({word for text in texts for word in self._forms(text)})
        votes: dict[str, float] = defaultdict(float)
        for form in forms:
            for reading in readings(form, self.language):
                votes[reading.lemma] += reading.weight
        self._chosen = {form: self._choose(form, votes) for form in forms}
        self._names = _capitalised_inside(texts)
        self._english = _after_articles(texts) if self.language == "en" else frozenset()

    def _choose(self, form: str, votes: dict[str, float]) -> Reading:
        options = readings(form, self.language)
        return max(options, key=lambda r: (round(votes[r.lemma] * (0.2 + r.weight), 6), -options.index(r)))

    def _forms(self, text: str) -> list[str]:
        return [word.lower() for word in WORD.findall(text)]

    def readings_of(self, text: str) -> list[Reading]:
        """One reading per word, in order; words the text was not built from are read alone."""
        return [self._chosen.get(w) or readings(w, self.language)[0] for w in self._forms(text)]

    def lemmas(self, text: str) -> list[str]:
        """The content words of `text` as dictionary forms; no stop words."""
        forms = self._forms(text)
        return [
            reading.lemma
            for form, reading in zip(forms, self.readings_of(text), strict=True)
            if reading.pos in CONTENT and len(form) > 2
            and form not in self._stop and reading.lemma not in self._stop
        ]  # fmt: skip

    def nouns(self, text: str) -> list[str]:
        """The nouns among the content words, as they stand in a list of tags; no first names, no surnames."""
        content = set(self.lemmas(text))
        return [
            self.display(reading.lemma)
            for reading in self.readings_of(text)
            if reading.lemma in content
            and reading.lemma not in MEASURES
            and (reading.pos in {"NOUN", "LATN"} or reading.lemma in self._english)
            and not reading.marks & PEOPLE
        ]

    def display(self, lemma: str) -> str:
        """With the capital the transcript gives it inside sentences: «Россия», but «мост»."""
        return lemma.capitalize() if lemma in self._names else lemma

    def keywords(self, texts: Iterable[str], count: int) -> list[str]:
        """The nouns said most often, the earlier first among equals."""
        return [word for word, _ in Counter(n for text in texts for n in self.nouns(text)).most_common(count)]


def _after_articles(texts: Sequence[str]) -> frozenset[str]:
    """The English words that stand after an article or the like: mostly nouns, and no dictionary to carry."""
    found = set()
    for text in texts:
        words = [word.lower() for word in WORD.findall(text)]
        found |= {_english_lemma(word) for before, word in pairwise(words) if before in ARTICLES}
    return frozenset(found)


def _capitalised_inside(texts: Sequence[str]) -> frozenset[str]:
    """Words that are always capitalised, also after the first place of a sentence, in small letters."""
    inside, small = set(), set()
    for text in texts:
        for place, word in enumerate(WORD.findall(text)):
            if word[0].islower():
                small.add(word)
            elif place and word[1:].islower():
                inside.add(word.lower())
    return frozenset(inside - small)
