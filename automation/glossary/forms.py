"""The cases of a name: how each of its forms is heard, and how the canonical name is written in that case.

pymorphy3 (MIT, already there for the quote guard and the offline writer) inflects; a word it can't inflect
stays as it is. Source: https://pymorphy3.readthedocs.io
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice, product
from typing import Any

CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct", "voct")
PROPER = frozenset({"Name", "Surn", "Patr", "Geox", "Orgn", "Trad"})
UKRAINIAN = re.compile(r"[іїєґ]|ськ|цьк", re.IGNORECASE)
RUSSIAN = re.compile(r"[ыэёъ]", re.IGNORECASE)
CYRILLIC = re.compile(r"[а-яёіїєґ]", re.IGNORECASE)
WANTED_TAGS = {"person": ("Surn", "Name", "Patr"), "place": ("Geox",), "organisation": ("Orgn",), "term": ()}
MOST_WAYS = 8  # of saying one case: three words with two each

Words = tuple[str, ...]
Cases = dict[str, tuple[Words, ...]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A term of the glossary, as matching reads it."""

    id: int
    canonical: str
    variants: tuple[str, ...] = ()  # misspellings and ways to say it
    kind: str = "term"  # person, place, organisation, term


@dataclass(frozen=True, slots=True)
class Form:
    """One way a term is heard, and what is written then."""

    entry: Entry
    heard: Words
    written: Words
    cases: Words
    listed: bool  # a variant a person wrote down, not the name itself


@cache
def analyzer(language: str) -> Any:
    import pymorphy3  # here: the web tier starts without it

    return pymorphy3.MorphAnalyzer(lang=language)


@lru_cache(maxsize=50_000)
def parses(word: str, language: str) -> tuple[Any, ...]:
    return tuple(analyzer(language).parse(word.lower()))


def language_of(text: str, otherwise: str) -> str:
    """uk or ru by the letters only one of them has."""
    if UKRAINIAN.search(text):
        return "uk"
    return "ru" if RUSSIAN.search(text) else otherwise


def forms_of(entry: Entry, language: str) -> list[Form]:
    """Every form of a term that may be heard in a recording of this language (ru, uk)."""
    own = language_of(entry.canonical, language)
    written = declined(entry.canonical, own, entry.kind)
    forms = _forms(entry, entry.canonical, written, language, listed=False)
    for variant in entry.variants:
        forms += _forms(entry, variant, written, language, listed=True)
    first, _, last = entry.canonical.rpartition(" ")
    if entry.kind == "person" and first and len(last) > 3:  # people are called by the surname alone
        surname = {case: tuple(dict.fromkeys(words[-1:] for words in ways)) for case, ways in written.items()}
        forms += _forms(entry, last, surname, language, listed=False)
    return forms


def _forms(entry: Entry, surface: str, written: Cases, language: str, *, listed: bool) -> list[Form]:
    """Heard as the surface is declined in its own language and in that of the recording."""
    spoken = dict.fromkeys((language_of(surface, language), language))
    tables = [declined(surface, code, entry.kind) for code in spoken]
    if not listed:
        tables = [written, *tables]
    found: dict[tuple[Words, Words], list[str]] = {}
    for table in tables:
        for case, ways in table.items():
            wanted = written.get(case) or written["nomn"]
            for words in ways:
                put = words if words in wanted else wanted[0]
                found.setdefault((words, put), []).append(case)
    return [Form(entry, heard, put, tuple(cases), listed) for (heard, put), cases in found.items()]


@lru_cache(maxsize=20_000)
def declined(text: str, language: str, kind: str) -> Cases:
    """Case → ways to say it, the usual one first. The nominative is the text itself."""
    words = tuple(text.split())
    table: Cases = {"nomn": (words,)}
    if not CYRILLIC.search(text):  # a Latin name is written the same in every case
        return table
    chosen = _chosen(words, language, kind)
    if not chosen:
        return table
    for case in CASES[1:] if kind == "person" else CASES[1:-1]:  # only people are called
        made = [_inflected(w, p, case, chosen, language) for w, p in zip(words, chosen, strict=True)]
        if all(made):
            table[case] = tuple(islice(product(*made), MOST_WAYS))
    masculine = all(parse is None or parse.tag.gender != "femn" for parse in chosen)
    if masculine and kind in ("place", "organisation"):  # pymorphy takes an unknown one for a person
        table["accs"] = table["nomn"]
    return table


def _chosen(words: Words, language: str, kind: str) -> list[Any]:
    """Per word the reading that is declined, None for one that stays; empty when nothing is declined."""
    heads = [_nominative(word, language, kind) for word in words]
    if kind == "person":
        gender = next((p.tag.gender for p in heads if p is not None and has(p, "Name")), None)
        if gender:
            heads = [_nominative(word, language, kind, gender) for word in words]
        return heads if all(heads) else []  # Лопухов, known as a form of «лопух» only, stays as it is
    head = next((n for n, p in enumerate(heads) if p is not None and p.tag.POS == "NOUN"), None)
    if head is None:
        return heads if len(words) == 1 and heads[0] is not None else []
    chosen: list[Any] = [None] * len(words)
    chosen[head] = heads[head]
    for n in range(head):  # Кривий Ріг, Нова Каховка: adjectives go with their noun
        chosen[n] = _agreeing(words[n], heads[head], language)
    if head + 1 < len(words) and kind == "place":
        chosen[head + 1] = _agreeing(words[head + 1], heads[head], language)
    return chosen


def has(parse: Any, *grammemes: str) -> bool:
    return not parse.tag.grammemes.isdisjoint(grammemes)


def _nominative(word: str, language: str, kind: str, gender: str | None = None) -> Any:
    if not CYRILLIC.search(word) or (word.isupper() and len(word) > 1):
        return None  # НАТО
    found = [p for p in parses(word, language) if has(p, "nomn") and p.tag.POS in ("NOUN", "ADJF")]
    found = [p for p in found if not gender or p.tag.gender in (gender, None)] or found
    wanted = WANTED_TAGS.get(kind, ())

    def rank(p: Any) -> tuple[bool, ...]:
        is_person = has(p, "Surn", "Name", "Patr")
        return (
            bool(wanted) and not has(p, *wanted),
            is_person != (kind == "person"),
            (p.tag.animacy == "inan") == (kind == "person"),
            p.tag.POS != "NOUN",
            p.tag.number == "plur",
            has(p, "Fixd"),
        )

    return min(found, key=rank, default=None)


def _agreeing(word: str, noun: Any, language: str) -> Any:
    """The adjective or participle that goes with the noun, or None."""
    for parse in parses(word, language):
        tag = parse.tag
        if tag.POS not in ("ADJF", "PRTF") or not has(parse, "nomn"):
            continue
        plural = tag.number == "plur"
        if plural == (noun.tag.number == "plur") and (plural or tag.gender in (noun.tag.gender, None)):
            return parse
    return None


def _inflected(word: str, parse: Any, case: str, chosen: list[Any], language: str) -> Words:
    """The word in that case: one way or, in Ukrainian, more (Володимирові, Володимиру)."""
    if parse is None or has(parse, "Fixd"):
        return (word,)
    tags = {case, *([parse.tag.number] if parse.tag.number else [])}
    if parse.tag.POS == "ADJF" and case == "accs":
        noun = next((p for p in chosen if p is not None and p.tag.POS == "NOUN"), parse)
        if noun.tag.animacy and noun.tag.gender != "femn":
            tags.add(noun.tag.animacy)
    usual = parse.inflect(frozenset(tags)) or parse.inflect(frozenset({case}))
    if usual is None:
        return ()
    ways = [usual.word]
    if language == "uk":
        alike = [p for p in parses(word, language) if p.normal_form == parse.normal_form]
        forms = [form for p in alike for form in p.lexeme]
        ways += [form.word for form in forms if form.tag.grammemes == usual.tag.grammemes]
        if case == "loct":  # у Кривому Розі rather than у Кривім Рогові
            stiff = ("ім",) if has(parse, "anim") else ("ім", "ові", "еві", "у")
            ways.sort(key=lambda way: way.endswith(stiff) and not way.endswith("ому"))
    return tuple(cased_like(way, word) for way in dict.fromkeys(ways))


def cased_like(made: str, word: str) -> str:
    """The capitals of one word on another; every part of a hyphenated one has its own."""
    if word.isupper() and len(word) > 1:
        return made.upper()
    patterns, parts = word.split("-"), made.split("-")
    if len(patterns) != len(parts):
        patterns = [word] * len(parts)
    pairs = zip(parts, patterns, strict=True)
    return "-".join(p[:1].upper() + p[1:] if w[:1].isupper() else p for p, w in pairs)


@lru_cache(maxsize=50_000)
def standing(word: str, language: str) -> str:
    """What the dictionaries say of a word: common, name (a proper name and nothing else), unknown.

    Both dictionaries are asked, that of the recording first.
    """
    found = "unknown"
    for code in (language, "uk" if language == "ru" else "ru"):
        if not analyzer(code).word_is_known(word.lower()):
            continue
        readings = [p for p in parses(word, code) if p.is_known]
        if all(PROPER & set(p.tag.grammemes) for p in readings):
            found = "name"
        elif code == language:
            return "common"
        elif found == "unknown":
            found = "name" if word[:1].isupper() else "common"
    return found
