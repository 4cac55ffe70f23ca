"""The words around a quote that change it: a negation, a hedge, a condition, who said it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from automation.grounding.clauses import awaits, has_verb, is_verbless, stands_for_if
from automation.grounding.fillers import word_set
from automation.grounding.lexicon import BESIDE_NUMBERS, BREAKS, ENGLISH_SUBJECTS, JOINS, LINKS
from automation.grounding.recording import Recording, Span

FARTHEST = 14  # units looked at in one clause: a transcript without commas has endless ones
ASIDE = 6  # a clause of so many words with a hedge in it hedges its neighbour
MODAL = word_set("would could should might may бы б би мог могла могли може можуть могут міг")
SHORT_ASIDE = 3  # «как говорят,»; «я писала семь писем,» is a statement
SHORT_TURN = 4  # «…, но не сейчас»
LIMITS = frozenset(("только", "лишь", "тільки", "лише", "only", "just", "merely", "хотя", "хоча"))
THOUGH = frozenset(("хотя", "хоть", "хоча", "although", "though"))
BUT = frozenset(("но", "але", "but"))
SLAVIC_AND = frozenset(("и", "і", "й", "та"))
POINTING = word_set("that this it these those это этот эта эти оно це цей ця ці воно")
#: «…, окончательный анализ будет в пятницу»: what was said before it is not the last word.
PROVISIONAL = re.compile(
    r"(?:окончательн|предварительн|остаточн|попередн)\w+|уточн(?:им|ят|яем|яют|яют|имо|ять|юємо|юють)"
    r"|final|preliminary|provisional|unconfirmed|confirm(?:ed|ation)?"
)
REPLIES = frozenset(("нет", "ні", "no", "never"))
CHANGERS = ("negation", "hedge", "condition", "report", "intention", "frequency")
MOST_BETWEEN = 3  # asides between a hedge and the words it hedges


def changed_before(recording: Recording, first: int) -> Iterator[int]:
    """The units cut off before a place that change what follows, the nearest first."""
    sense, keys = recording.sense, recording.keys
    sentence = recording.sentence(first)
    clauses = recording.clauses(sentence)
    number = clause_at(clauses, first)
    depends = first == clauses[number].first and keys[first] not in JOINS
    depends = depends and (is_verbless(recording, clauses[number]) or sense.has(first, "condition"))
    linked = keys[first] in LINKS or depends
    if number and clauses[number].first == first:  # «если …, и тех бы не было»
        opening = opening_of(recording, clauses[number - 1])
        if sense.has(opening, "condition"):
            yield opening
    begins = clauses[number].first
    if breaks(recording, first):
        if begins < first and sense.has(begins, "condition"):
            yield begins  # "give her five years and she'll be …"
        return
    for at in range(first - 1, max(clauses[number].first, first - FARTHEST) - 1, -1):
        if sense.has(at, *CHANGERS) or (first - at <= 2 and approximates(recording, at)):
            yield at
        linked = linked or keys[at] in LINKS
        if breaks(recording, at):
            if begins < at and sense.has(begins, "condition"):
                yield begins
            return
    between = 0
    while number > 0:
        number -= 1
        clause = clauses[number]
        following = clauses[number + 1].first
        linked = linked or keys[following] in LINKS or ":" in recording.units[following].before
        opening = opening_of(recording, clause)
        guess = (
            number == 0
            and opening < clause.last
            and all(sense.has(at, "hedge") for at in (opening, opening + 1))
        )
        if guess or sense.has(opening, "condition") or stands_for_if(recording, clause, opening):
            yield opening
        aside = clause.last - clause.first < ASIDE
        for at in range(clause.last, max(clause.first, clause.last - FARTHEST) - 1, -1):
            says = sense.has(at, "report") and clause.last - clause.first < SHORT_ASIDE
            guesses = sense.has(at, "hedge") and keys[at] not in MODAL
            if (linked and sense.has(at, *CHANGERS)) or (aside and (says or guesses)):
                yield at
        linked = linked and keys[clause.first] in LINKS
        between += aside and not has_verb(recording, clause)
        if not linked and not is_quiet(recording, clause) and not 0 < between < MOST_BETWEEN:
            return


def changed_after(recording: Recording, last: int) -> Iterator[int]:
    """The units cut off after a place that change what came before, the nearest first."""
    sense, keys = recording.sense, recording.keys
    sentence = recording.sentence(last)
    clauses = recording.clauses(sentence)
    number = clause_at(clauses, last)
    if (
        last < clauses[number].last
        and (sense.has(last, *CHANGERS) or approximates(recording, last))
        and keys[last] not in REPLIES
    ):
        yield last  # «Держава нам не»
    for at in range(last + 1, min(clauses[number].last, last + FARTHEST) + 1):
        if keys[at] in JOINS and at not in sense.quiet:
            break
        if sense.has(at, "negation", "hedge", "condition") or (at == last + 1 and keys[at] in LIMITS):
            yield at
    if number + 1 == len(clauses):
        return
    clause = clauses[number + 1]
    opening = opening_of(recording, clause)
    length = clause.last - opening + 1
    turns = keys[clause.first] in BREAKS
    if sense.has(opening, "condition") or awaits(recording, clause, opening):
        yield opening
    limits = keys[clause.first] in BUT and is_verbless(recording, clause)
    if keys[clause.first] in LIMITS and not has_verb(recording, clause):
        yield clause.first  # «диагнозов не называем, только факт поступления»
    if turns and length <= SHORT_TURN and (sense.has(opening, "negation") or limits):
        yield opening
    if keys[clause.first] in JOINS and keys[opening] in POINTING:  # "…, and that number may move"
        yield from (at for at in range(opening, clause.last + 1) if sense.has(at, "hedge"))
    if keys[clause.first] not in JOINS:
        yield from (at for at in range(clause.first, clause.last + 1) if PROVISIONAL.fullmatch(keys[at]))
    yield from _asides(recording, clauses[number + 1 :])


def _asides(recording: Recording, clauses: list[Span]) -> Iterator[int]:
    """«…, так она, по крайней мере, рассказала»: the short clauses behind a statement that weaken it."""
    sense, keys = recording.sense, recording.keys
    for n, clause in enumerate(clauses):
        long = clause.last - clause.first
        governs = n + 1 < len(clauses) and keys[clauses[n + 1].first] in LINKS
        if long >= ASIDE or keys[clause.first] in JOINS | THOUGH or governs:
            return  # «им кажется, что …» speaks of what follows
        if sense.has(clause.first, "frequency"):
            yield clause.first
        kinds = ("hedge", "report") if long < SHORT_ASIDE else ("hedge",)
        yield from (at for at in range(clause.first, clause.last + 1) if sense.has(at, *kinds))


def approximates(recording: Recording, at: int) -> bool:
    """«до двух часов», "around forty": some of these words say it only beside a number."""
    if not recording.sense.has(at, "approximate"):
        return False
    beside = recording.units[at + 1 : at + 4]
    return recording.keys[at] not in BESIDE_NUMBERS or any(unit.is_number for unit in beside)


def clause_at(clauses: list[Span], at: int) -> int:
    return next(n for n, clause in enumerate(clauses) if clause.first <= at <= clause.last)


def opening_of(recording: Recording, clause: Span) -> int:
    """The first unit of a clause that is neither «и» nor a filler."""
    for at in range(clause.first, clause.last):
        if recording.keys[at] not in JOINS and at not in recording.sense.quiet:
            return at
    return clause.last


def breaks(recording: Recording, at: int) -> bool:
    """Whether a new thought begins with this unit inside a clause."""
    key = recording.keys[at]
    after = recording.keys[at + 1] if at + 1 < len(recording.keys) else ""
    own = any(recording.sense.has(n, "negation") for n in range(at + 1, min(at + 5, len(recording.keys))))
    if key in SLAVIC_AND and own:  # «не брал и никому не советую»: each has a «не» of its own
        return True
    return key in BREAKS or (key in ("and", "so", "or") and after in ENGLISH_SUBJECTS)


def is_quiet(recording: Recording, clause: Span) -> bool:
    return all(at in recording.sense.quiet for at in range(clause.first, clause.last + 1))
