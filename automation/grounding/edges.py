"""What was cut off beside a quote: the «не» two words before it, the "unless" after it."""

from __future__ import annotations

from itertools import chain

from automation.grounding.around import breaks, changed_after, changed_before, clause_at
from automation.grounding.clauses import (
    RELATIVE,
    has_verb,
    lacks_subject,
    says_much,
    says_something,
)
from automation.grounding.fillers import word_set
from automation.grounding.introductions import governor, introduction
from automation.grounding.kinds import Flag, msg
from automation.grounding.lexicon import JOINS, LINKS
from automation.grounding.recording import CLAUSE_END, Recording, Span
from automation.grounding.tails import may_end_before

OR = word_set("или либо або чи or")
OPENING = frozenset("«„“")
LONGEST_TAIL = 5
LONGEST_ASIDE = 6


def cut_flags(recording: Recording, first: int, last: int) -> list[Flag]:
    """The flags of a piece for the words left out around it in its own sentences."""
    flags = []
    while first < last and first in recording.sense.quiet:
        first += 1  # «м-м, акт можно почитать» begins with its «акт»
    before = next(changed_before(recording, first), None)
    if before is None:
        before = next(chain(governor(recording, first), introduction(recording, first)), None)
    if before is not None:
        kind = "negation" if recording.sense.has(before, "negation") else "hedge"
        flags.append(_flag(recording, kind, before, first, "before"))
    after = next(changed_after(recording, last), None)
    if after is not None:
        kind = "negation" if recording.sense.has(after, "negation") else "hedge"
        flags.append(_flag(recording, kind, after, last, "after"))
    return flags


def cut_short(recording: Recording, last: int) -> Flag | None:
    """For a quote that looks whole and ends where the speaker went on: in the same clause, or with a tail.

    A clause of its own may be left out behind it; «…, если дадут паспорта» and «…, в пальто» may not.
    """
    clauses = recording.clauses(recording.sentence(last))
    number = clause_at(clauses, last)
    left = _loud(recording, Span(last + 1, clauses[number].last))
    if not left and last in recording.sense.quiet and last < clauses[number].last:
        left = [last + 1]  # «а чего | скрывать»: half of a phrase
    if left and recording.keys[left[0]] in JOINS - OR:
        return None
    rest = [clause for clause in clauses[number + 1 :] if _loud(recording, clause)]
    if not left and rest and not may_end_before(recording, rest[0]):
        left = _loud(recording, rest[0])[:LONGEST_TAIL]
    if not left:
        return None
    template = msg("The sentence goes on where the quote ends: “%(said)s”. Put “…” after it.")
    return Flag("ends_early", template, {"said": recording.text(left[0], left[:LONGEST_TAIL][-1])})


def _loud(recording: Recording, span: Span) -> list[int]:
    return [at for at in range(span.first, span.last + 1) if at not in recording.sense.quiet]


def cut_off(recording: Recording, first: int) -> Flag | None:
    """For a quote with a capital where the speaker was in the middle of a clause: it looks whole."""
    if not OPENING.isdisjoint(recording.units[first].before):
        return None  # words in quotation marks are whole as they are
    if not recording.is_punctuated:  # nobody knows where a clause begins
        left = _loud(recording, Span(recording.sentence(first).first, first - 1))
        return (
            _begins_before(recording, left[-LONGEST_TAIL:])
            if left and recording.keys[first] not in JOINS
            else None
        )
    if fragment := _fragment(recording, first):
        return fragment
    if recording.keys[first] in JOINS:
        return None
    clauses = recording.clauses(recording.sentence(first))
    clause = clauses[clause_at(clauses, first)]
    left = [at for at in range(clause.first, first) if at not in recording.sense.quiet]
    if not left or recording.keys[left[-1]] in JOINS | LINKS or breaks(recording, left[-1]):
        return None
    if any(CLAUSE_END & set(recording.units[at].before) for at in range(left[-1] + 1, first + 1)):
        return None  # a comma and a filler: «…, ну, голос сорвала»
    return _begins_before(recording, left)


def _fragment(recording: Recording, first: int) -> Flag | None:
    """«Двенадцать раз в день.»: what begins behind a comma and says nothing by itself."""
    sentence = recording.sentence(first)
    left = [at for at in range(sentence.first, first) if at not in recording.sense.quiet]
    clause = _clause_of(recording, first)
    while first < clause.last and recording.keys[first] in JOINS:
        first += 1
    if left and (_is_subject_cut(recording, Span(first, clause.last)) or _is_resumed(recording, first)):
        return _begins_before(recording, left[-LONGEST_TAIL:])
    if not left or says_something(recording, _without_relatives(recording, Span(first, clause.last))):
        return None
    return _begins_before(recording, left[-LONGEST_TAIL:])


def _is_subject_cut(recording: Recording, clause: Span) -> bool:
    """«Смета, по последней версии, | тянет на сто миллионов»: who or what it was stays behind."""
    sentence = recording.sentence(clause.first)
    if clause.first == sentence.first or not lacks_subject(recording, clause):
        return False
    return not has_verb(recording, Span(sentence.first, clause.first - 1))


def _is_resumed(recording: Recording, first: int) -> bool:
    """«и это, на мой взгляд, | самое трудное»: an aside parts the quote from how its clause begins."""
    clauses = [clause for clause in recording.clauses(recording.sentence(first)) if _loud(recording, clause)]
    number = next((n for n, clause in enumerate(clauses) if clause.first <= first <= clause.last), 0)
    opener = recording.keys[first]
    if opener in JOINS | LINKS or number < 2 or first != _loud(recording, clauses[number])[0]:
        return False
    begun, aside = clauses[number - 2], clauses[number - 1]
    opens = begun == clauses[0] or recording.keys[begun.first] in JOINS
    short = aside.last - aside.first < LONGEST_ASIDE and recording.keys[aside.first] not in JOINS
    return opens and short and begun.last - begun.first < LONGEST_ASIDE and not says_much(recording, begun)


def _without_relatives(recording: Recording, clause: Span) -> Span:
    """«всем, кого перенесли, уже позвонили» is one clause with another inside it."""
    clauses = recording.clauses(recording.sentence(clause.first))
    number = clause_at(clauses, clause.last) + 1
    if number + 1 < len(clauses) and RELATIVE.fullmatch(recording.keys[clauses[number].first]):
        return Span(clause.first, clauses[number + 1].last)
    return clause


def _clause_of(recording: Recording, at: int) -> Span:
    clauses = recording.clauses(recording.sentence(at))
    return clauses[clause_at(clauses, at)]


def _begins_before(recording: Recording, left: list[int]) -> Flag:
    template = msg("The sentence begins before the quote, which has a capital: “%(said)s”. Put “…” first.")
    return Flag("begins_late", template, {"said": recording.text(left[0], left[-1])})


def _flag(recording: Recording, kind: str, at: int, edge: int, side: str) -> Flag:
    params = {
        "word": recording.units[at].raw,
        "count": abs(edge - at),
        "context": recording.text(min(at, edge), max(at, edge) + (2 if side == "before" else 0)),
    }
    if side == "before":
        template = msg(
            "“%(word)s” stands %(count)s words before this quote begins and is cut off: “%(context)s”."
        )
    else:
        template = msg(
            "“%(word)s” stands %(count)s words after this quote ends and is cut off: “%(context)s”."
        )
    return Flag("negation_cut" if kind == "negation" else "hedge_cut", template, params)
