"""What was cut off beside a quote: the «не» two words before it, the "unless" after it."""

from __future__ import annotations

from collections.abc import Iterator

from automation.grounding.kinds import Flag, msg
from automation.grounding.lexicon import BREAKS, ENGLISH_SUBJECTS, JOINS, LINKS
from automation.grounding.recording import Recording, Span

FARTHEST = 14  # units looked at in one clause: a transcript without commas has endless ones
ASIDE = 6  # a clause of so many words with a hedge in it hedges its neighbour
SHORT_TURN = 4  # «…, но не сейчас»
SLAVIC_AND = frozenset(("и", "і", "й", "та"))
REPLIES = frozenset(("нет", "ні", "no", "never"))
CHANGERS = ("negation", "hedge", "condition", "report", "intention")


def cut_flags(recording: Recording, first: int, last: int) -> list[Flag]:
    """The flags of a piece for the words left out around it in its own sentences."""
    flags = []
    before = next(_before(recording, first), None)
    if before is not None:
        kind = "negation" if recording.sense.has(before, "negation") else "hedge"
        flags.append(_flag(recording, kind, before, first, "before"))
    after = next(_after(recording, last), None)
    if after is not None:
        kind = "negation" if recording.sense.has(after, "negation") else "hedge"
        flags.append(_flag(recording, kind, after, last, "after"))
    return flags


def cut_short(recording: Recording, last: int) -> Flag | None:
    """For a quote that ends with a full stop where the speaker went on in the same clause."""
    clauses = recording.clauses(recording.sentence(last))
    clause = clauses[_clause_at(clauses, last)]
    left = [at for at in range(last + 1, clause.last + 1) if at not in recording.sense.quiet]
    if not left or recording.keys[left[0]] in JOINS:
        return None
    template = msg("The sentence goes on where the quote has its full stop: “%(said)s”.")
    return Flag("word_removed", template, {"said": recording.text(left[0], left[-1])})


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


def _before(recording: Recording, first: int) -> Iterator[int]:
    """The units cut off before a place that change what follows, the nearest first."""
    sense, keys = recording.sense, recording.keys
    sentence = recording.sentence(first)
    clauses = recording.clauses(sentence)
    number = _clause_at(clauses, first)
    linked = keys[first] in LINKS
    if _breaks(recording, first):
        return
    for at in range(first - 1, max(clauses[number].first, first - FARTHEST) - 1, -1):
        if sense.has(at, *CHANGERS) or (sense.has(at, "approximate") and first - at <= 2):
            yield at
        linked = linked or keys[at] in LINKS
        if _breaks(recording, at):
            return
    while number > 0:
        number -= 1
        clause = clauses[number]
        following = clauses[number + 1].first
        linked = linked or keys[following] in LINKS or ":" in recording.units[following].before
        opening = _opening(recording, clause)
        if sense.has(opening, "condition"):
            yield opening
        aside = clause.last - clause.first < ASIDE
        for at in range(clause.last, max(clause.first, clause.last - FARTHEST) - 1, -1):
            if (linked and sense.has(at, *CHANGERS)) or (aside and sense.has(at, "hedge", "report")):
                yield at
        linked = linked and keys[clause.first] in LINKS
        if not linked and not _is_quiet(recording, clause):
            return


def _after(recording: Recording, last: int) -> Iterator[int]:
    """The units cut off after a place that change what came before, the nearest first."""
    sense, keys = recording.sense, recording.keys
    sentence = recording.sentence(last)
    clauses = recording.clauses(sentence)
    number = _clause_at(clauses, last)
    if (
        last < clauses[number].last
        and sense.has(last, *CHANGERS, "approximate")
        and keys[last] not in REPLIES
    ):
        yield last  # «Держава нам не»
    for at in range(last + 1, min(clauses[number].last, last + FARTHEST) + 1):
        if keys[at] in JOINS and at not in sense.quiet:
            break
        if sense.has(at, "negation", "hedge", "condition"):
            yield at
    if number + 1 == len(clauses):
        return
    clause = clauses[number + 1]
    opening = _opening(recording, clause)
    length = clause.last - opening + 1
    turns = keys[clause.first] in BREAKS
    if sense.has(opening, "condition"):
        yield opening
    if turns and length <= SHORT_TURN and sense.has(opening, "negation"):
        yield opening
    if clause.last - clause.first < ASIDE and not turns:
        yield from (at for at in range(clause.first, clause.last + 1) if sense.has(at, "hedge", "report"))


def _clause_at(clauses: list[Span], at: int) -> int:
    return next(n for n, clause in enumerate(clauses) if clause.first <= at <= clause.last)


def _opening(recording: Recording, clause: Span) -> int:
    """The first unit of a clause that is neither «и» nor a filler."""
    for at in range(clause.first, clause.last):
        if recording.keys[at] not in JOINS and at not in recording.sense.quiet:
            return at
    return clause.last


def _breaks(recording: Recording, at: int) -> bool:
    """Whether a new thought begins with this unit inside a clause."""
    key = recording.keys[at]
    after = recording.keys[at + 1] if at + 1 < len(recording.keys) else ""
    own = any(recording.sense.has(n, "negation") for n in range(at + 1, min(at + 5, len(recording.keys))))
    if key in SLAVIC_AND and own:  # «не брал и никому не советую»: each has a «не» of its own
        return True
    return key in BREAKS or (key in ("and", "so", "or") and after in ENGLISH_SUBJECTS)


def _is_quiet(recording: Recording, clause: Span) -> bool:
    return all(at in recording.sense.quiet for at in range(clause.first, clause.last + 1))
