"""A recording longer than the model reads at once: points of every part → an outline → section by section.

Each request sees only what it needs, so a model of 8,000 tokens writes about a talk of four hours. Sections
stand in the order of the talk, and each may point only to the sentences it was shown.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from providers.drafting import prompt
from providers.drafting.answer import (
    AnsweredBlocks,
    AnsweredHead,
    AnsweredOutline,
    AnsweredPoints,
    AnswerUnusable,
    Sources,
    parse,
    read_blocks,
    refuse_language,
    with_head,
)
from providers.drafting.calls import Message, Notebook
from providers.drafting.chat import Chat, Question, Reading, TooLong
from providers.drafting.completion import too_long
from providers.drafting.formats.base import Format
from providers.drafting.measure import parts, tokens
from providers.drafting.wording import one_line
from providers.openai_errors import bad_answer
from providers.types import Article, Block, Sentence, WritingBrief

log = logging.getLogger(__name__)

POINT_TOKENS = 60  # of a point in the outline's prompt, ids and weight included
POINTS = range(3, 13)  # asked of a part, as many as the outline can take
NEIGHBOURS = 2  # sentences around those a section stands on
SHRINK = 0.6  # of the material is tried when a section does not fit


@dataclass(frozen=True, slots=True)
class Point:
    text: str
    places: tuple[int, ...]  # of its sentences among all
    weight: int


class LongTalk:
    """The writing of one long recording with one server."""

    def __init__(
        self, chat: Chat, brief: WritingBrief, chosen: Format, sentences: Sequence[Sentence],
        spoken: str, notes: Notebook, usage: dict[str, Any],
    ) -> None:  # fmt: skip
        self.chat, self.brief, self.chosen, self.notes, self.usage = chat, brief, chosen, notes, usage
        self.sentences, self.spoken = sentences, spoken
        self._place = {s.id: place for place, s in enumerate(sentences)}
        self._done, self._of, self._parts_read = 0, 1, 0

    def write(self) -> Article:
        written = self._by_parts() if self.chosen.by_parts else self._by_outline()
        self.usage["parts"] = self._parts_read
        return written

    # --- points → outline → sections ---

    def _by_outline(self) -> Article:
        points = self._points()
        outline, sections = self._outline(points)
        blocks: list[Block] = []
        for number, (heading, told) in enumerate(sections, 1):
            written = self._section(number, len(sections), heading, told)
            if heading and len(sections) > 1 and "heading" in self.chosen.kinds:
                written = [Block("heading", heading), *(b for b in written if b.kind != "heading")]
            blocks += written
        self.usage |= {"points": len(points), "sections": len(sections)}
        sources = Sources(self.sentences, self.brief.language)
        return with_head(outline, self.chosen.arrange(blocks, self.brief.language), sources, self.usage)

    def _points(self) -> list[Point]:
        """What is worth knowing in every part; each sentence stands in one part."""
        found: list[Point] = []
        rules = self._points_rules(max(POINTS))
        of = self._parts_in_all(rules)
        count = self._points_each(of)
        for number, part in enumerate(self._parts(rules), 1):
            self._progress(max(of, number) + 1 + self.chosen.most_sections)
            found += self._points_of(f"points {number}", part, count)
        return found

    def _points_of(self, step: str, part: Sequence[Sentence], count: int) -> list[Point]:
        rules = self._points_rules(count)
        messages = prompt.conversation(rules, [prompt.recording(part)])

        def read(raw: str) -> Reading[list[Point]]:
            answered = parse(raw, AnsweredPoints)
            sources = Sources(part, self.brief.language)
            refuse_language([point.text for point in answered.points], self.brief.language)
            found = [
                Point(one_line(point.text), tuple(self._place[part[n].id] for n in places), point.weight)
                for point in answered.points
                if (places := sources.places(point.sources)) and point.text.strip()
            ]
            return found, sources.wrong()

        try:
            found = self.chat.read(Question(step, messages, prompt.POINTS_SCHEMA), self.notes, read)
        except TooLong:
            smaller = self._cut_again(part, messages, rules)
            return [p for n, s in enumerate(smaller, 1) for p in self._points_of(f"{step}.{n}", s, count)]
        self._parts_read += 1
        return found

    def _points_rules(self, count: int) -> str:
        return prompt.points_system(self.brief, count)

    def _points_each(self, of: int) -> int:
        room = self.chat.room(self._outline_rules()) // POINT_TOKENS
        return min(max(room // max(of, 1), POINTS.start), POINTS.stop - 1)

    def _outline_rules(self) -> str:
        return prompt.outline_system(self.brief, self.chosen, sections=True)

    def _outline(self, points: Sequence[Point]) -> tuple[AnsweredOutline, list[tuple[str, list[Point]]]]:
        """The plan, its sections in the order of the talk."""
        if not points:
            told = "nothing worth telling was found in any part"
            raise bad_answer(self.chat.server.host, told, self.chat.server.variables[1])
        shown = sorted(points, key=lambda point: min(point.places))
        while True:
            names, lines = self._numbered(shown)
            messages = self._outline_messages(lines)

            def read(raw: str, names: dict[str, Point] = names) -> Reading[Any]:
                answered = parse(raw, AnsweredOutline)
                refuse_language(
                    [answered.title, *(s.heading for s in answered.sections)], self.brief.language
                )
                sections = _sections(answered, names, self.chosen.most_sections)
                if not sections or not answered.title.strip():
                    raise AnswerUnusable("the outline has no section with points, or no title")
                unknown = [p for s in answered.sections for p in s.points if p.strip().upper() not in names]
                wrong = [f"it names points that do not exist ({', '.join(unknown[:5])})"] if unknown else []
                return (answered, sections), wrong

            question = Question("outline", messages, prompt.OUTLINE_SCHEMA)
            self._progress()
            try:
                outline, sections = self.chat.read(question, self.notes, read)
                return outline, sections
            except TooLong:
                self.chat.learn_shorter(messages)

    def _outline_messages(self, lines: Sequence[str]) -> list[Message]:
        asked = prompt.wishes(self.brief.hint, self.brief.notes, self.brief.participants)
        return prompt.conversation(self._outline_rules(), [*asked, prompt.points(lines)])

    def _numbered(self, points: Sequence[Point]) -> tuple[dict[str, Point], list[str]]:
        """P1, P2 … and their lines; where not all fit, the details go first."""
        asked = prompt.wishes(self.brief.hint, self.brief.notes, self.brief.participants)
        room = self.chat.room(self._outline_rules(), *asked)
        kept = list(points)
        for weight in (1, 2):
            while sum(tokens(p.text) + 6 for p in kept) > room and any(p.weight <= weight for p in kept):
                kept.remove(next(p for p in reversed(kept) if p.weight <= weight))
        while len(kept) > 1 and sum(tokens(p.text) + 6 for p in kept) > room:
            kept = kept[::2]
        named = {f"P{number}": point for number, point in enumerate(kept, 1)}
        return named, [f"{name} [{p.weight}] {prompt.harmless(p.text)}" for name, p in named.items()]

    def _section(self, number: int, of: int, heading: str, told: Sequence[Point]) -> list[Block]:
        """One section from its own sentences."""
        part = (
            f'This is section {number} of {of}, called "{prompt.harmless(heading)}". Write its blocks only.'
        )
        rules = self._block_rules(part)
        points = prompt.points(f"- {prompt.harmless(point.text)}" for point in told)
        room = self.chat.room(rules, points)
        while True:
            shown = self._material(told, room)
            messages = prompt.conversation(rules, [points, prompt.recording(shown)])
            self._progress()
            try:
                return self._blocks(f"section {number}", messages, shown)
            except TooLong:
                self.chat.learn_shorter(messages)
                room = round(min(room, self.chat.room(rules, points)) * SHRINK)

    def _material(self, told: Sequence[Point], room: int) -> list[Sentence]:
        """The sentences of the points, with neighbours as far as there is room."""
        own = sorted({place for point in told for place in point.places})
        kept: set[int] = set()
        used = 0
        near = [p + step for step in range(-NEIGHBOURS, NEIGHBOURS + 1) if step for p in own]
        heavy = {
            place: point.weight for point in sorted(told, key=lambda p: p.weight) for place in point.places
        }
        for place in [*sorted(own, key=lambda p: (-heavy[p], p)), *near]:
            if place in kept or not 0 <= place < len(self.sentences):
                continue
            price = self._price(self.sentences[place])
            if kept and used + price > room:
                continue
            kept.add(place)
            used += price
        return [self.sentences[place] for place in sorted(kept)]

    # --- by parts ---

    def _by_parts(self) -> Article:
        """Every part gives its blocks; only the title and what stands around it need them all."""
        rules = self._block_rules("This is one part of a long recording.")
        of = self._parts_in_all(rules)
        blocks: list[Block] = []
        for number, part in enumerate(self._parts(rules), 1):
            self._progress(max(of, number) + 1)
            blocks += self._blocks_of(f"part {number}", part, rules)
        return self._headed(self.chosen.arrange(blocks, self.brief.language))

    def _blocks_of(self, step: str, part: Sequence[Sentence], rules: str) -> list[Block]:
        messages = prompt.conversation(rules, [prompt.recording(part)])
        try:
            found = self._blocks(step, messages, part)
        except TooLong:
            smaller = self._cut_again(part, messages, rules)
            return [b for n, s in enumerate(smaller, 1) for b in self._blocks_of(f"{step}.{n}", s, rules)]
        self._parts_read += 1
        return found

    def _headed(self, blocks: Sequence[Block]) -> Article:
        told = [Point(b.text, (self._place[b.sources[0]],), 2) for b in blocks if b.sources and b.text]
        _, lines = self._numbered(told)
        rules = prompt.outline_system(self.brief, self.chosen, sections=False)
        asked = prompt.wishes(self.brief.hint, self.brief.notes, self.brief.participants)
        sources = Sources(self.sentences, self.brief.language)

        def read(raw: str) -> Reading[Article]:
            return with_head(parse(raw, AnsweredHead), blocks, sources, self.usage), []

        messages = prompt.conversation(rules, [*asked, prompt.points(lines)])
        return self.chat.read(Question("title", messages, prompt.HEAD_SCHEMA), self.notes, read)

    # --- shared ---

    def _blocks(self, step: str, messages: list[Message], shown: Sequence[Sentence]) -> list[Block]:
        def read(raw: str) -> Reading[list[Block]]:
            sources = Sources(shown, self.brief.language, self.spoken)
            return read_blocks(parse(raw, AnsweredBlocks).blocks, sources, self.chosen), sources.wrong()

        schema = prompt.blocks_schema(self.chosen.kinds, head=False)
        return self.chat.read(Question(step, messages, schema), self.notes, read)

    def _block_rules(self, part: str) -> str:
        return prompt.system(self.brief, self.chosen, self.spoken, head=False, part=part)

    def _parts(self, rules: str) -> Iterator[list[Sentence]]:
        """The recording in parts that fit; smaller ones from where the model turned out to read less."""
        place = 0
        while place < len(self.sentences):
            part = next(parts(self.sentences[place:], self.chat.room(rules), self._price))
            yield part
            place += len(part)

    def _parts_in_all(self, rules: str) -> int:
        return sum(1 for _ in parts(self.sentences, self.chat.room(rules), self._price))

    def _cut_again(
        self, part: Sequence[Sentence], messages: Sequence[Message], rules: str
    ) -> list[Sequence[Sentence]]:
        """A part that was too long, in smaller ones. Raises: TooLong for a single sentence."""
        self.chat.learn_shorter(messages)
        smaller: list[Sequence[Sentence]] = list(parts(part, self.chat.room(rules), self._price))
        if len(smaller) > 1:
            return smaller
        if len(part) < 2:
            raise too_long(self.chat.server.host, self.chat.server.variables[1])
        half = len(part) // 2
        return [part[:half], part[half:]]

    def _price(self, sentence: Sentence) -> int:
        return tokens(prompt.line(sentence)) + 1

    def _progress(self, of: int | None = None) -> None:
        self._of = of or self._of
        self.notes.progress(min(self._done, self._of), self._of)
        self._done += 1


def _sections(answered: AnsweredOutline, names: dict[str, Point], most: int) -> list[tuple[str, list[Point]]]:
    """Heading and points of each section, in the order of the talk; a point is told once."""
    taken: set[str] = set()
    found: list[tuple[str, list[Point]]] = []
    for section in answered.sections:
        keys = dict.fromkeys(key for p in section.points if (key := p.strip().upper()) in names)
        fresh = [key for key in keys if key not in taken]
        taken.update(fresh)
        if fresh:
            found.append((one_line(section.heading), [names[key] for key in fresh]))
    found.sort(key=lambda section: min(place for point in section[1] for place in point.places))
    return found[:most]
