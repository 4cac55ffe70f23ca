"""The minutes of a meeting: who was there, the agenda, what was decided, who does what until when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from providers.drafting.formats.base import Format
from providers.drafting.formats.cues import DECISION, DUE, OWN, TOLD
from providers.drafting.formats.feature import topics, worthwhile
from providers.drafting.material import is_named
from providers.drafting.talk import Talk
from providers.drafting.wording import one_line
from providers.types import Block, BlockKind

RULES = """\
The minutes of a meeting. Every block is one line and names its sources:
"participant": a person who speaks, with the role they give themselves, if any;
"topic": a point of the agenda, in the order of the talk;
"decision": what was decided or agreed, not what was merely proposed;
"action": a task somebody was given or took; "owner" is who does it and "due" until when, both in the words of
the recording, and empty where nobody said so.
Leave out what was not said: a meeting without decisions has none. No paragraphs, no quotes."""

HEADINGS: dict[str, dict[BlockKind, tuple[str, str]]] = {  # (heading, heading of an empty section)
    "ru": {"participant": ("Участники", ""), "topic": ("Повестка", ""),
           "decision": ("Решения", "Решения: в записи не названы"),
           "action": ("Поручения", "Поручения: в записи не названы")},
    "uk": {"participant": ("Учасники", ""), "topic": ("Порядок денний", ""),
           "decision": ("Рішення", "Рішення: у записі не названі"),
           "action": ("Доручення", "Доручення: у записі не названі")},
    "en": {"participant": ("Participants", ""), "topic": ("Agenda", ""),
           "decision": ("Decisions", "Decisions: none named in the recording"),
           "action": ("Action items", "Action items: none named in the recording")},
}  # fmt: skip
ORDER: tuple[BlockKind, ...] = ("participant", "topic", "decision", "action")
ENDING = 3  # letters a case may add to the stem of a name


def arrange(blocks: Sequence[Block], language: str) -> tuple[Block, ...]:
    """Under their headings; what several parts of a long meeting said twice stands once."""
    headings = HEADINGS.get(language, HEADINGS["en"])
    printed: list[Block] = []
    for kind in ORDER:
        unique = {_likeness(block): block for block in reversed(blocks) if block.kind == kind}
        found = list(reversed(unique.values()))
        full, empty = headings[kind]
        if found or empty:
            printed += [Block("heading", full if found else empty), *found]
    return tuple(printed)


def _likeness(block: Block) -> str:
    text = re.split(r"\s[—–-]\s", block.text)[0] if block.kind == "participant" else block.text
    return " ".join(re.findall(r"\w+", text.casefold()))


def extract(talk: Talk, titled: int | None) -> Iterator[Block]:
    """Speakers, topics, and the sentences in which something was decided or somebody got a task."""
    yield from _participants(talk)
    chosen = worthwhile(talk)
    for section, topic in zip(chosen, topics(talk, chosen), strict=True):
        if topic:
            text = ", ".join(topic)
            first = [*section.questions, *section.answers][0]
            yield Block("topic", text[:1].upper() + text[1:], (talk.sentences[first].id,))
    for place, sentence in enumerate(talk.sentences):
        if sentence.text.rstrip().endswith("?"):
            continue
        source = (sentence.id,)
        if TOLD.search(sentence.text) or OWN.search(sentence.text):
            due = DUE.search(sentence.text)
            said = one_line(due.group()) if due else ""
            yield Block("action", talk.printable(place), source, owner=_owner(talk, place), due=said)
        elif DECISION.search(sentence.text):
            yield Block("decision", talk.printable(place), source)


def _participants(talk: Talk) -> Iterator[Block]:
    """Each voice with the first sentence it says."""
    seen: set[str] = set()
    for place, sentence in enumerate(talk.sentences):
        if sentence.speaker not in seen:
            seen.add(sentence.speaker)
            yield Block("participant", talk.printed_name(place), (sentence.id,))


def _owner(talk: Talk, place: int) -> str:
    """Who promises, or the voice or participant named in the sentence; empty where nobody can be told."""
    sentence = talk.sentences[place]
    if OWN.search(sentence.text):
        return talk.printed_name(place)
    said = _plain(sentence.text)
    voices = dict.fromkeys(s.speaker for s in talk.sentences)
    for person in (*voices, *talk.participants):
        forms = [_any_case(name) for name in re.findall(r"\w{3,}", _plain(person))]
        if is_named(person) and any(re.search(form, said) for form in forms):
            return one_line(person)
    return ""


def _any_case(name: str) -> str:
    """A name in any of its cases: «Анна» is «Анне», «Владимир» is «Владимиру»."""
    stem = name[: max(len(name) - 2, 3)]
    return rf"\b{re.escape(stem)}\w{{0,{ENDING}}}\b"


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е")


FORMAT = Format("protocol", RULES, ORDER, extract, by_parts=True, arrange=arrange)
