"""Quotes with seeded faults, and fair ones, out of the made interviews in `guard_interviews`."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pymorphy3
from razdel import sentenize

TEXTS = Path(__file__).parent / "guard_interviews"
PARTS = ("dev", "heldout", "fresh", "hard")
SECOND_PER_WORD = 0.4
SHORTEST = 3  # words of a quote
PER_KIND = 10  # of each kind out of each interview, at most
MARK = re.compile(
    r"~(?P<filler>[^~]*)~|\{(?P<negation>[^}]*)\}|<(?P<hedge>[^>]*)>"
    r"|\[(?P<number>[^|\]]*)\|(?P<figures>[^|\]]*)\|(?P<other_number>[^\]]*)\]"
    r"|@(?P<name>[^|@]*)\|(?P<other_name>[^@]*)@|(?P<cut> ?//? ?)"
)
JOINING = re.compile(r"(?:и|а|но|і|й|та|але|and|but|or|so)\b")
HEDGES = {"ru": ["возможно", "наверное", "вроде бы"], "uk": ["мабуть", "можливо", "начебто"],
          "en": ["maybe", "probably", "perhaps"]}  # fmt: skip
AUXILIARIES = {
    "is",
    "are",
    "was",
    "were",
    "will",
    "would",
    "can",
    "could",
    "have",
    "has",
    "had",
    "do",
    "does",
}
OTHER_FORMS = {"is": "was", "are": "were", "was": "is", "were": "are", "will": "would", "have": "had",
               "has": "had", "had": "has", "can": "could", "came": "comes", "they": "we"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    kind: str
    start: int
    end: int
    fair: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    idx: int
    start_s: float
    end_s: float
    speaker: str
    name: str
    text: str
    turn: int
    marks: tuple[Mark, ...] = ()
    words: tuple[tuple[object, ...], ...] = ()

    def of(self, kind: str) -> list[Mark]:
        return [mark for mark in self.marks if mark.kind == kind]


@dataclass(slots=True)
class Interview:
    name: str
    language: str
    lines: list[Line] = field(default_factory=list)
    translations: list[tuple[str, str]] = field(default_factory=list)
    topics: list[list[str]] = field(default_factory=list)  # the words of each question's subject

    @property
    def host(self) -> str:
        return self.lines[0].name

    @property
    def answers(self) -> list[Line]:
        return [line for line in self.lines if line.name != self.host]

    def pairs(self, apart: int) -> list[tuple[Line, Line]]:
        """Sentences of one turn of the guest, so many places apart."""
        guest = self.answers
        return [
            (a, b) for n, a in enumerate(guest) for b in guest[n + apart : n + apart + 1] if a.turn == b.turn
        ]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Case:
    kind: str
    fair: bool
    text: str
    speaker: str | None
    pointers: tuple[int, ...]


def load(part: str) -> list[Interview]:
    """The interviews of one of the `PARTS`, or of them all: "all"."""
    folders = PARTS if part == "all" else (part,)
    return [read(path) for folder in folders for path in sorted((TEXTS / folder).glob("*.txt"))]


def read(path: Path) -> Interview:
    language, *turns = path.read_text(encoding="utf-8").splitlines()
    interview = Interview(path.stem, language)
    labels: dict[str, str] = {}
    for turn, row in enumerate(turns):
        if row.startswith("%"):
            begins, _, translation = row[1:].partition("=>")
            interview.translations.append((begins.strip(), translation.strip()))
            continue
        if row.startswith("="):
            interview.topics.append(row[1:].split())
            continue
        name, _, marked = row.partition(": ")
        text, marks = _unmark(marked)
        for sentence in sentenize(text):
            idx = len(interview.lines) + 1
            start = interview.lines[-1].end_s if interview.lines else 0.0
            end = start + SECOND_PER_WORD * len(sentence.text.split())
            own = tuple(
                Mark(m.kind, m.start - sentence.start, m.end - sentence.start, m.fair, m.wrong)
                for m in marks
                if sentence.start <= m.start and m.end <= sentence.stop
            )
            label = labels.setdefault(name, f"SPEAKER_{len(labels):02}")
            interview.lines.append(Line(idx, start, end, label, name, sentence.text, turn, own))
    return interview


def cases(interviews: list[Interview], seed: int) -> Iterator[tuple[Interview, Case]]:
    """Every kind of quote out of every interview, in a fixed order for a seed."""
    for interview in interviews:
        others = [o for o in interviews if o.language == interview.language and o is not interview]
        for kind, fair, make in KINDS:
            chance = random.Random(f"{seed}{interview.name}{kind}")
            made = [m for m in dict.fromkeys(make(interview, chance, others)) if _count(m[0]) >= SHORTEST]
            for text, lines in chance.sample(made, min(PER_KIND, len(made))):
                yield interview, _case(kind, fair, text, lines, interview, chance)


Made = Iterator[tuple[str, tuple[Line, ...]]]
Maker = Callable[[Interview, random.Random, list[Interview]], Made]


def _case(
    kind: str, fair: bool, text: str, lines: tuple[Line, ...], interview: Interview, chance: random.Random
) -> Case:
    pointed = chance.random() < 0.5
    pointers = tuple(line.idx for line in lines) if pointed else ()
    speaker = chance.choice([None, lines[0].name]) if lines else None
    if kind == "wrong speaker":
        wrong = interview.host if lines[0].name != interview.host else interview.answers[0].name
        if chance.random() < 0.3:
            theirs = next(line for line in interview.lines if line.name == wrong)
            return Case(kind, fair, text, None, (theirs.idx,))
        return Case(kind, fair, text, wrong, pointers)
    return Case(kind, fair, text, speaker, pointers)


def _unmark(text: str) -> tuple[str, list[Mark]]:
    clean, marks, end = "", [], 0
    for match in MARK.finditer(text):
        clean += text[end : match.start()]
        end = match.end()
        kind = match.lastgroup or ""
        kind = {"other_number": "number", "other_name": "name"}.get(kind, kind)
        if kind == "cut":
            within = "clause" if "//" in match["cut"] else ""
            marks.append(Mark("cut", len(clean), len(clean), within))
            clean += " "
            continue
        said = re.sub(r"[{}~]", "", match[kind])  # a negation inside a hedge stays text
        fair = match["figures"] or "" if kind == "number" else ""
        wrong = (match["other_number"] if kind == "number" else match["other_name"]) or ""
        marks.append(Mark(kind, len(clean), len(clean) + len(said), fair, wrong))
        clean += said
    return clean + text[end:], marks


def _tidy(text: str) -> str:
    text = " ".join(text.split())
    text = re.sub(r"\s+([,.!?:;])", r"\1", text)
    text = re.sub(r"[,:;]+([,.])", r"\1", text).strip(" ,;:—")
    return text[:1].upper() + text[1:]


def _count(text: str) -> int:
    return len(re.findall(r"\w+", text))


def _swap(line: Line, mark: Mark, new: str) -> str:
    return _tidy(line.text[: mark.start] + new + line.text[mark.end :])


# ---- fair edits


def whole(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    yield from ((line.text, (line,)) for line in it.answers if _count(line.text) >= 3)


def two_sentences(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    yield from ((f"{a.text} {b.text}", (a, b)) for a, b in it.pairs(1))


def no_fillers(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    for line in it.answers:
        text = line.text
        for mark in reversed(line.of("filler")):
            text = text[: mark.start] + text[mark.end :]
        if text != line.text and _count(text) >= 3:
            yield _tidy(text), (line,)


def figures(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    for line in it.answers:
        for mark in line.of("number"):
            if mark.fair[:1].isdigit():
                yield _swap(line, mark, mark.fair), (line,)


def typography(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    for line in it.answers:
        text = line.text.rstrip(".").replace("ё", "е").replace("'", "’").replace(", ", " — ", 1)
        text = text.replace("«", "„").replace("»", "“")
        text = text.replace(" не ", " не ").replace("do not", "don't").replace("did not", "didn’t")
        yield (text[:1].lower() + text[1:] if chance.random() < 0.5 else f"«{text}»"), (line,)


def trimmed(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    for line in it.answers:
        for mark in line.of("cut"):
            first, second = line.text[: mark.start], line.text[mark.start :].strip()
            # in the middle of a clause a fair editor writes the ellipsis
            whole = not mark.fair and (first.rstrip().endswith((",", "—", ":")) or JOINING.match(second))
            if _count(first) >= 3:
                yield _tidy(first) + ("" if whole else " …"), (line,)
            if _count(second) >= 3:
                yield _tidy(second) if whole else f"… {second}", (line,)


def ellipsis(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    dots = ["…", "...", "[…]", "(…)"]
    for a, b in it.pairs(2):
        yield f"{a.text} {chance.choice(dots)} {b.text}", (a, b)
    for a, b in it.pairs(1):
        for mark in a.of("cut")[-1:]:
            yield f"{a.text[: mark.start].rstrip(' ,')} {chance.choice(dots)} {b.text}", (a, b)


# ---- faults


def negation_removed(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    for line in it.answers:
        for mark in line.of("negation"):
            said = line.text[mark.start : mark.end].lower().rstrip(",")
            if said.endswith("n't") or said in ("did not", "do not", "will not", "had no"):
                keep = re.sub(r"n't$| not$| no$", "", line.text[mark.start : mark.end])
                yield _swap(line, mark, {"ca": "can", "wo": "will"}.get(keep, keep)), (line,)
            else:
                yield _swap(line, mark, ""), (line,)


def negation_added(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    word = {"ru": "не ", "uk": "не ", "en": ""}[it.language]
    for line in it.answers:
        places = []
        for match in re.finditer(r"[\w']+", line.text):
            before = line.text[: match.start()].rstrip().lower()
            if it.language == "en":
                after = line.text[match.end() :].lstrip().lower()
                if match.group().lower() in AUXILIARIES and not after.startswith(("not", "no ", "never")):
                    places.append((match.end(), " not"))
            elif _is_verb(match.group(), it.language) and not before.endswith((" не", "не")):
                places.append((match.start(), word))
        if places:
            at, put = chance.choice(places)
            yield _tidy(line.text[:at] + put + line.text[at:]), (line,)


def _cuts(it: Interview, kind: str) -> Made:
    for line in it.answers:
        for mark in line.of(kind):
            if kind == "negation" and line.text[mark.end : mark.end + 1] in (",", ";"):
                continue  # it closes its own clause: «соли нет, / хлеб есть»
            rest = line.text[mark.end :]
            if _count(rest) >= 3:
                yield _tidy(rest), (line,)
            if _count(rest) == 0 and _count(line.text[: mark.start]) >= 2:
                yield _tidy(line.text[: mark.start]), (line,)


def negation_cut(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    yield from _cuts(it, "negation")


def hedge_removed(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    for line in it.answers:
        for mark in line.of("hedge"):
            if mark.start > 0 and _count(line.text[mark.end :]):
                yield _swap(line, mark, ""), (line,)


def hedge_added(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    for line in it.answers:
        spaces = [m.start() for m in re.finditer(" ", line.text)]
        if spaces:
            at = chance.choice(spaces)
            yield line.text[:at] + " " + chance.choice(HEDGES[it.language]) + line.text[at:], (line,)


def hedge_cut(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    yield from _cuts(it, "hedge")


def number_changed(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    yield from ((_swap(l, m, m.wrong), (l,)) for l in it.answers for m in l.of("number"))  # noqa: E741


def name_changed(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    yield from ((_swap(l, m, m.wrong), (l,)) for l in it.answers for m in l.of("name"))  # noqa: E741


def _free_words(line: Line) -> list[re.Match[str]]:
    """Words of five letters and more that stand in no mark, not the first."""
    found = [m for m in re.finditer(r"[^\W\d_]{5,}", line.text) if m.start() > 0 and m.group().islower()]
    return [m for m in found if not any(k.start <= m.start() < k.end for k in line.marks)]


def word_removed(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    for line in it.answers:
        if words := _free_words(line):
            word = chance.choice(words)
            yield _tidy(line.text[: word.start()] + line.text[word.end() :]), (line,)


def word_added(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    pool = [word.group() for line in it.answers for word in _free_words(line)]
    for line in it.answers:
        if words := _free_words(line):
            at = chance.choice(words).start()
            yield line.text[:at] + chance.choice(pool) + " " + line.text[at:], (line,)


def word_changed(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    pool = [word.group() for line in it.answers for word in _free_words(line)]
    for line in it.answers:
        if words := _free_words(line):
            word = chance.choice(words)
            other = chance.choice([w for w in pool if w != word.group()])
            yield line.text[: word.start()] + other + line.text[word.end() :], (line,)


def form_changed(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    for line in it.answers:
        options = []
        for match in re.finditer(r"[\w']+", line.text):
            other = _other_form(match.group(), it.language, chance)
            if other and not any(k.start <= match.start() < k.end for k in line.marks):
                options.append((match, other))
        if options:
            match, other = chance.choice(options)
            yield line.text[: match.start()] + other + line.text[match.end() :], (line,)


def wrong_speaker(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    yield from ((line.text, (line,)) for line in it.lines if _count(line.text) >= 4)


def splice_question(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    guest = it.answers
    for a, b in pairwise(guest):
        if a.turn != b.turn:
            yield f"{a.text} {chance.choice(['… ', '[…] ', ''])}{b.text}", (a, b)


def reordered(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    for a, b in it.pairs(chance.choice([1, 2])):
        yield f"{b.text} {chance.choice(['… ', '[…] ', ''])}{a.text}", (a, b)


def silent_gap(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    for a, b in it.pairs(2):
        between = it.lines[a.idx]  # numbered from 1: the line after `a`
        filler = sum(mark.end - mark.start for mark in between.of("filler"))
        if filler < len(between.text) - 2:
            yield f"{a.text} {b.text}", (a, b)


def two_speakers(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    for a, b in pairwise(it.lines):
        if a.name != b.name:
            yield f"{a.text.rstrip('?.')}{chance.choice(['?', '.'])} {b.text}", (b,)


def translated(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    for begins, text in it.translations:
        yield from (
            (text, (line,)) for line in it.answers if line.text.replace("Ну, ", "").startswith(begins)
        )


def invented(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    yield from ((line.text, ()) for other in others for line in other.answers if _count(line.text) >= 4)


def question_stated(it: Interview, chance: random.Random, others: list[Interview]) -> Made:
    for line in it.lines:
        if line.text.endswith("?") and _count(line.text) >= 3:
            yield line.text[:-1] + ".", (line,)


KINDS: tuple[tuple[str, bool, Maker], ...] = (
    ("whole sentence", True, whole),
    ("two sentences", True, two_sentences),
    ("fillers left out", True, no_fillers),
    ("figures for words", True, figures),
    ("typography", True, typography),
    ("trimmed at a clause", True, trimmed),
    ("honest ellipsis", True, ellipsis),
    ("negation removed", False, negation_removed),
    ("negation added", False, negation_added),
    ("negation cut off", False, negation_cut),
    ("hedge removed", False, hedge_removed),
    ("hedge added", False, hedge_added),
    ("hedge cut off", False, hedge_cut),
    ("number changed", False, number_changed),
    ("name changed", False, name_changed),
    ("word removed", False, word_removed),
    ("word added", False, word_added),
    ("word replaced", False, word_changed),
    ("form changed", False, form_changed),
    ("wrong speaker", False, wrong_speaker),
    ("splice over a question", False, splice_question),
    ("order changed", False, reordered),
    ("silent gap", False, silent_gap),
    ("two speakers in one", False, two_speakers),
    ("translated", False, translated),
    ("invented", False, invented),
    ("question stated", False, question_stated),
)

_ANALYZERS = {language: pymorphy3.MorphAnalyzer(lang=language) for language in ("ru", "uk")}


def _is_verb(word: str, language: str) -> bool:
    parse = _ANALYZERS[language].parse(word.lower())[0]
    return parse.tag.POS == "VERB" and parse.is_known


def _other_form(word: str, language: str, chance: random.Random) -> str | None:
    """Another form of the same word, spelled and sounding otherwise."""
    if language == "en":
        return OTHER_FORMS.get(word)
    parse = _ANALYZERS[language].parse(word)[0]
    if parse.tag.POS not in ("VERB", "NOUN") or not word.islower() or not parse.is_known:
        return None
    forms = sorted({form.word for form in parse.lexeme if form.tag.POS == parse.tag.POS} - {word})
    forms = [form for form in forms if form.replace("ё", "е") != word.replace("ё", "е")]
    return chance.choice(forms) if forms else None
