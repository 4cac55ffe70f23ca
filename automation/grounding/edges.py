"""What was cut off beside a quote: the «не» two words before it, the "unless" after it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from automation.grounding.introductions import awaits, governor, introduction, is_verbless
from automation.grounding.kinds import Flag, msg
from automation.grounding.lexicon import BESIDE_NUMBERS, BREAKS, ENGLISH_SUBJECTS, JOINS, LINKS, word_set
from automation.grounding.recording import CLAUSE_END, Recording, Span

FARTHEST = 14  # units looked at in one clause: a transcript without commas has endless ones
ASIDE = 6  # a clause of so many words with a hedge in it hedges its neighbour
MODAL = word_set("would could should might may бы б би мог могла могли може можуть могут міг")
SHORT_LEFT = 2
LONGEST_TAIL = 5
SHORT_ASIDE = 3  # «как говорят,»; «я писала семь писем,» is a statement
SHORT_TURN = 4  # «…, но не сейчас»
LIMITS = frozenset(("только", "лишь", "тільки", "лише", "only", "just", "merely", "хотя", "хоча"))
THOUGH = frozenset(("хотя", "хоть", "хоча", "although", "though"))
BUT = frozenset(("но", "але", "but"))
SLAVIC_AND = frozenset(("и", "і", "й", "та"))
REPLIES = frozenset(("нет", "ні", "no", "never"))
CHANGERS = ("negation", "hedge", "condition", "report", "intention", "frequency")


def cut_flags(recording: Recording, first: int, last: int) -> list[Flag]:
    """The flags of a piece for the words left out around it in its own sentences."""
    flags = []
    while first < last and first in recording.sense.quiet:
        first += 1  # «м-м, акт можно почитать» begins with its «акт»
    before = next(_before(recording, first), None)
    if before is None:
        before = next(chain(governor(recording, first), introduction(recording, first)), None)
    if before is not None:
        kind = "negation" if recording.sense.has(before, "negation") else "hedge"
        flags.append(_flag(recording, kind, before, first, "before"))
    after = next(_after(recording, last), None)
    if after is not None:
        kind = "negation" if recording.sense.has(after, "negation") else "hedge"
        flags.append(_flag(recording, kind, after, last, "after"))
    return flags


def cut_short(recording: Recording, last: int) -> Flag | None:
    """For a quote that looks whole and ends where the speaker went on in the same clause.

    It may not leave out a short tail behind a comma either: «…, если дадут паспорта».
    """
    clauses = recording.clauses(recording.sentence(last))
    clause = clauses[_clause_at(clauses, last)]
    left = [at for at in range(last + 1, clause.last + 1) if at not in recording.sense.quiet]
    if not left and clause != clauses[-1]:
        left = _tail(recording, clauses[clauses.index(clause) + 1])
    if not left or recording.keys[left[0]] in JOINS:
        return None
    if not recording.is_punctuated and len(left) > SHORT_LEFT:
        return None  # without commas nobody knows where a clause ends
    template = msg("The sentence goes on where the quote ends: “%(said)s”. Put “…” after it.")
    return Flag("word_removed", template, {"said": recording.text(left[0], left[-1])})


def _tail(recording: Recording, clause: Span) -> list[int]:
    """«…, волосяная.»: the clause after the quote, where it says something of the one in the quote."""
    left = [at for at in range(clause.first, clause.last + 1) if at not in recording.sense.quiet]
    short = len(left) == 1 or (len(left) <= LONGEST_TAIL and is_verbless(recording, clause))
    return left if short else []


def cut_off(recording: Recording, first: int) -> Flag | None:
    """For a quote with a capital where the speaker was in the middle of a clause: it looks whole."""
    if recording.keys[first] in JOINS or not recording.is_punctuated:
        return None
    clauses = recording.clauses(recording.sentence(first))
    clause = clauses[_clause_at(clauses, first)]
    left = [at for at in range(clause.first, first) if at not in recording.sense.quiet]
    if not left or recording.keys[left[-1]] in JOINS | LINKS or _breaks(recording, left[-1]):
        return None
    if any(CLAUSE_END & set(recording.units[at].before) for at in range(left[-1] + 1, first + 1)):
        return None  # a comma and a filler: «…, ну, голос сорвала»
    template = msg("The sentence begins before the quote, which has a capital: “%(said)s”. Put “…” first.")
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
    depends = first == clauses[number].first and keys[first] not in JOINS
    depends = depends and (is_verbless(recording, clauses[number]) or sense.has(first, "condition"))
    linked = keys[first] in LINKS or depends
    if number and clauses[number].first == first:  # «если …, и тех бы не было»
        opening = _opening(recording, clauses[number - 1])
        if sense.has(opening, "condition"):
            yield opening
    if _breaks(recording, first):
        return
    for at in range(first - 1, max(clauses[number].first, first - FARTHEST) - 1, -1):
        if sense.has(at, *CHANGERS) or (first - at <= 2 and _approximates(recording, at)):
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
            says = sense.has(at, "report") and clause.last - clause.first < SHORT_ASIDE
            guesses = sense.has(at, "hedge") and keys[at] not in MODAL
            if (linked and sense.has(at, *CHANGERS)) or (aside and (says or guesses)):
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
        and (sense.has(last, *CHANGERS) or _approximates(recording, last))
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
    opening = _opening(recording, clause)
    length = clause.last - opening + 1
    turns = keys[clause.first] in BREAKS
    if sense.has(opening, "condition") or awaits(recording, clause, opening):
        yield opening
    limits = keys[clause.first] in BUT and is_verbless(recording, clause)
    if turns and length <= SHORT_TURN and (sense.has(opening, "negation") or limits):
        yield opening
    after = clauses[number + 2].first if number + 2 < len(clauses) else -1
    governs = after >= 0 and keys[after] in LINKS  # «им кажется, что …» speaks of what follows
    if clause.last - clause.first < ASIDE and keys[clause.first] not in JOINS | THOUGH and not governs:
        kinds = ("hedge", "report") if clause.last - clause.first < SHORT_ASIDE else ("hedge",)
        yield from (at for at in range(clause.first, clause.last + 1) if sense.has(at, *kinds))


def _approximates(recording: Recording, at: int) -> bool:
    """«до двух часов», "around forty": some of these words say it only beside a number."""
    if not recording.sense.has(at, "approximate"):
        return False
    beside = recording.units[at + 1 : at + 4]
    return recording.keys[at] not in BESIDE_NUMBERS or any(unit.is_number for unit in beside)


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
