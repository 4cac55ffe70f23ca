"""Finds a desk's terms where the recogniser wrote something that sounds like them.

Three ways in, the surest first: a variant a person wrote down; a word that sounds the same (`phonetics`); a
word near it by a letter or two. A common word of the dictionary is never taken on likeness alone, a proper
name only where it sounds the same, a word heard with low confidence with one letter more.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from automation.glossary.forms import CYRILLIC, UKRAINIAN, Entry, Form, Words, forms_of, standing
from automation.glossary.phonetics import edges_alike, letters, sound

LOW_CONFIDENCE = 0.6
ENDING = 3  # letters
LONG_ENOUGH = 8  # a key that no words side by side have by chance
EDGES = re.compile(r"^([^\w]*)(.*?)([^\w]*)$", re.DOTALL)
NEXT_BEST = 0.15  # a form this much further may still be the case that was meant
STOP = re.compile(r"[.!?…][»\"”)]*$")
#: The case after a preposition, where the ending that was heard fits several.
AFTER = {
    "loct": "в во у на о об обо при по",
    "gent": "из от до без для у с со около возле после із зі від біля після з",
    "datv": "к ко по",
    "ablt": "с со над под за перед между з зі із під між",
    "accs": "через про в во на за у",
}
PREPOSITIONS = {word for words in AFTER.values() for word in words.split()}
PARTICLES = PREPOSITIONS | {"а", "и", "і", "й", "я", "не", "то", "же", "ж", "бы", "б", "би", "та", "да"}

TimedWord = Sequence[object]  # text, start_s, end_s, confidence or None


@dataclass(frozen=True, slots=True)
class Match:
    """Words `first` … `first + count - 1` of a sentence are the term, to be written as `text`."""

    entry: Entry
    first: int
    count: int
    heard: str
    text: str


@dataclass(frozen=True, slots=True)
class _Found:
    form: Form
    first: int
    count: int
    cost: float  # 0 where written so already or listed
    text: str


def spoken_language(texts: Iterable[str]) -> str:
    """uk or ru: whose own letters stand in the recording."""
    whole = " ".join(texts)
    return "uk" if len(UKRAINIAN.findall(whole)) > len(re.findall(r"[ыэъ]", whole, re.IGNORECASE)) else "ru"


class Glossary:
    """The forms of all terms, indexed by what they sound like, for a recording in one language."""

    def __init__(self, entries: Iterable[Entry], language: str) -> None:
        self.language = language
        self.forms = [form for entry in entries for form in forms_of(entry, language)]
        self.longest = max((len(form.heard) for form in self.forms), default=0)
        self.whole: dict[str, list[Form]] = defaultdict(list)
        self.first: dict[str, list[Form]] = defaultdict(list)
        for form in self.forms:
            self.whole[key_of(form.heard)].append(form)
            if not form.listed and CYRILLIC.search("".join(form.heard)):
                self.first[sound(form.heard[0])].append(form)
        self._near = lru_cache(maxsize=20_000)(self._near_keys)

    def matches(self, words: Sequence[TimedWord]) -> list[Match]:
        """The replacements proposed for a sentence, none overlapping, from left to right."""
        if not self.forms:
            return []
        found = sorted(self._all(words), key=lambda f: (-len(f.form.heard), f.cost, f.first))
        taken: dict[int, _Found] = {}
        for one in found:
            places = range(one.first, one.first + one.count)
            if not any(place in taken for place in places):
                taken.update(dict.fromkeys(places, one))
        chosen = sorted(set(map(id, taken.values())))
        kept = sorted((f for f in found if id(f) in chosen), key=lambda f: f.first)
        return [match for one in kept if (match := _match(one, words, found)) is not None]

    def _all(self, words: Sequence[TimedWord]) -> Iterable[_Found]:
        texts = [str(word[0]) for word in words]
        for first in range(len(texts)):
            for count in range(1, min(self.longest + 1, len(texts) - first) + 1):
                said = texts[first : first + count]
                if any(STOP.search(text) for text in said[:-1]):
                    break
                window = _Window(texts, words, first, count, self.language)
                if window.bare:
                    yield from self._same_sound(window)
            yield from self._alike(texts, words, first)

    def _same_sound(self, window: _Window) -> Iterable[_Found]:
        forms = self.whole.get(window.key, ())
        written = {tuple(map(letters, form.written)) for form in forms}
        for form in forms:
            as_listed = window.letters == "".join(map(letters, form.heard))
            if tuple(map(letters, window.bare)) in written:
                if form.written == window.bare or not window.may_change_case:
                    yield _Found(form, window.first, window.count, 0.0, "")  # it stands there already
                    return
            elif not (form.listed and as_listed) and not window.may_sound(len(form.heard)):
                continue
            cost = 0.0 if form.listed and as_listed else 0.1
            yield window.found(form, cost)

    def _alike(self, texts: list[str], words: Sequence[TimedWord], first: int) -> Iterable[_Found]:
        """Forms whose every word is near what stands there."""
        opening = _Window(texts, words, first, 1, self.language)
        if not opening.bare:
            return
        for key in self._near(opening.key, opening.freedom) if opening.may_be_alike else (opening.key,):
            for form in self.first.get(key, ()):
                count = len(form.heard)
                if first + count > len(texts):
                    continue
                if any(STOP.search(text) for text in texts[first : first + count - 1]):
                    continue
                window = _Window(texts, words, first, count, self.language)
                cost = window.distance(form)
                if cost is not None:
                    yield window.found(form, cost)

    def _near_keys(self, key: str, freedom: int) -> list[str]:
        from rapidfuzz import process  # here: the web tier starts without it
        from rapidfuzz.distance import OSA

        most = allowed(len(key) + 1, freedom)
        near = process.extract(key, self.first.keys(), scorer=OSA.distance, score_cutoff=most, limit=None)
        return [choice for choice, _, _ in near]


class _Window:
    """Words of a sentence that stand side by side."""

    def __init__(
        self, texts: list[str], words: Sequence[TimedWord], first: int, count: int, language: str
    ) -> None:
        self.texts, self.first, self.count, self.language = texts, first, count, language
        self.parts = [_edges(text) for text in texts[first : first + count]]
        bare = tuple(part[1] for part in self.parts)
        inner = [part[2] for part in self.parts[:-1]] + [part[0] for part in self.parts[1:]]
        self.bare: Words = () if any(inner) or not all(bare) else bare  # a comma parts two names
        told = [word[3] for word in words[first : first + count] if len(word) > 3 and word[3] is not None]
        self.is_low = any(float(str(confidence)) < LOW_CONFIDENCE for confidence in told)
        self.freedom = int(self.is_low)
        self.key = key_of(bare)
        self.letters = "".join(map(letters, bare))

    @property
    def standings(self) -> list[str]:
        return [standing(word, self.language) for word in self.bare]

    @property
    def capitals(self) -> bool:
        """Every word has a capital, and not merely because a sentence begins."""
        if not all(word[:1].isupper() for word in self.bare):
            return False
        begins = self.first == 0 or bool(STOP.search(self.texts[self.first - 1]))
        return not begins or self.count > 1

    @property
    def may_change_case(self) -> bool:
        """кривий ріг is two common words; зинаида верхотурова can't be anything but a name."""
        return "common" not in self.standings

    def may_sound(self, words_of_form: int) -> bool:
        """Whether words that sound like a term may be taken for it."""
        if len(self.key) < 4:
            return False
        if self.count > words_of_form and not PARTICLES.isdisjoint(map(letters, self.bare)):
            return False  # «в Вышнем Волочке»: two «в» sound like one
        told = self.standings
        if "unknown" in told:
            return self.count == words_of_form or "common" not in told or len(self.key) >= LONG_ENOUGH
        if "common" not in told:
            return True  # a name that sounds like ours: which of them was said can't be heard
        return self.capitals and (self.count > 1 or self.is_low)

    @property
    def may_be_alike(self) -> bool:
        """Whether nearness alone may do for this word (the first of a name)."""
        kind = standing(self.bare[0], self.language)
        return kind == "unknown" or self.bare[0][:1].isupper()

    def distance(self, form: Form) -> float | None:
        """How far every word is from the form's, or None where one is too far."""
        if not self.bare:
            return None
        from rapidfuzz.distance import OSA

        told, total, length = self.standings, 0, 0
        for word, heard, kind in zip(self.bare, form.heard, told, strict=True):
            one, other = sound(word), sound(heard)
            freedom = self.freedom if kind != "common" else 0
            most = allowed(len(other), freedom)
            if kind != "unknown" and not (self.count > 1 and self.capitals):
                most = min(most, freedom if kind == "name" else 0)
            distance = OSA.distance(one, other, score_cutoff=most)
            if distance > most or (distance and not edges_alike(one, other)):
                return None
            if distance and is_another_form(letters(word), letters(heard)):
                return None
            total, length = total + distance, length + len(other)
        if not total:
            return None  # `_same_sound` has seen it
        if "unknown" not in told and total > (2 if length >= 12 else 1):
            return None
        return total / length + 0.2

    def found(self, form: Form, cost: float) -> _Found:
        before, after = self.parts[0][0], self.parts[-1][2]
        return _Found(form, self.first, self.count, cost, before + " ".join(form.written) + after)


def key_of(words: Iterable[str]) -> str:
    """The sound of words together: where one ends can't be heard."""
    words = tuple(words)
    return sound("".join(words)) if CYRILLIC.search("".join(words)) else "".join(map(letters, words))


def allowed(length: int, freedom: int) -> int:
    """Letters that may differ in a name whose key is this long."""
    if length < 5:
        return 0
    return (1 if length < 9 else 2) + (freedom if length >= 7 else 0)


def is_another_form(word: str, form: str) -> bool:
    """Whether only the ending differs: a case pymorphy makes otherwise («Укрметпостачем»), not a mistake."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(word, form, strict=False)))
    return same >= 4 and max(len(word), len(form)) - same <= ENDING


def _edges(text: str) -> tuple[str, str, str]:
    """«Роге», → («, Роге, »,)."""
    found = EDGES.match(text)
    return (found[1], found[2], found[3]) if found else ("", text, "")


def _match(one: _Found, words: Sequence[TimedWord], found: list[_Found]) -> Match | None:
    """The best way to write what was found there; None where it stands so, or two terms fit alike."""
    rivals = [
        f for f in found if (f.first, f.count) == (one.first, one.count) and f.cost < one.cost + NEXT_BEST
    ]
    texts = [str(word[0]) for word in words]
    heard = " ".join(texts[one.first : one.first + one.count])
    if any(not f.text for f in rivals):
        return None
    bare = " ".join(letters(text) for text in texts[one.first : one.first + one.count])
    before = letters(texts[one.first - 1]) if one.first else ""

    def rank(f: _Found) -> tuple[int, float, bool]:
        """Letters that differ; an ending the preposition doesn't want costs one."""
        from rapidfuzz.distance import OSA

        wanted = {case for case in f.form.cases if before in AFTER.get(case, "").split()}
        spelled = OSA.distance(bare, " ".join(map(letters, f.form.heard)))
        return spelled + (before in PREPOSITIONS and not wanted), f.cost, "nomn" not in f.form.cases

    best = min(rivals, key=rank)
    if any(f.form.entry.id != best.form.entry.id and f.text != best.text for f in rivals):
        return None
    return Match(best.form.entry, one.first, one.count, heard, best.text) if best.text != heard else None
