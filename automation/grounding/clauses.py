"""What the dictionaries see in a clause: a verb, a subject, a time that has not come."""

from __future__ import annotations

import re

from automation.grounding.fillers import word_set
from automation.grounding.lexicon import BREAKS, ENGLISH_SUBJECTS, JOINS
from automation.grounding.recording import Recording, Span
from providers.drafting.words import CYRILLIC, readings

ENGLISH_PHRASE = word_set(
    "next close up down out over back in on at by to from of with without under for among between about "
    "into onto across behind near during until within"
)
ENGLISH_PRONOUNS = ENGLISH_SUBJECTS - word_set("my our his her their the")
ENGLISH_VERBS = word_set(
    "is are am was were be has have do does did can could will would may might must should"
)
ENGLISH_CLAUSES = word_set("who whose whom where because when while whatever whoever wherever since")
MANY = 4  # English words among which a verb may be that we do not know
#: "weather permitting", "the top floor excepted".
ALLOWING = word_set(
    "permitting allowing willing pending notwithstanding aside excepted excluded included apart"
)
PREPOSITIONS = word_set(
    "в во у на за до от из с со к ко по о об обо про при без через для под над между перед среди возле около "
    "после кроме ради против вместо "
    "від з із зі під між серед біля після крім окрім заради проти замість поза повз"
)
RELATIVE = re.compile(
    r"котор\w+|кто|кого|кому|кем|чей|чья|чьи|як(?:ий|а|е|і|ого|ої|ому|их|им|ими|у)|хто|ким|who\w*|which"
)
REASONS = word_set("потому поскольку ибо ведь бо оскільки адже тому")
WHEN = frozenset(("когда", "коли", "when"))
ENGLISH_PAST = re.compile(
    r"was|were|had|did|\w+ed|came|went|saw|got|took|made|said|left|gave|told|knew|sat|stood|ran|drove|wrote|bought|brought"
    r"|built|caught|chose|cost|cut|fell|felt|found|fought|flew|grew|heard|held|hit|kept|led|lost|meant|met|paid|put|read"
    r"|rang|rode|rose|sang|sank|sent|set|shook|shot|shut|slept|sold|spent|spoke|stole|struck|swam|taught|threw|thought"
    r"|understood|woke|won|wore|ate|became|began|bent|bit|blew|broke|burnt|dealt|dug|drank|drew|fed|forgot|froze|hid|hung"
    r"|hurt|laid|lay|learnt|lent|let|lit|rebuilt|sought|showed|spread|sprang|stuck|swept|swore|tore|wept"
)
VERBAL = frozenset(("VERB", "INFN", "PRED", "ADJS", "PRTS", "GRND", "INTJ"))


def is_verbless(recording: Recording, clause: Span) -> bool:
    """«но в следующем году»: it limits the clause before it, for it says nothing of its own."""
    first = clause.first + (recording.keys[clause.first] in BREAKS | JOINS)
    keys = recording.keys[first : clause.last + 1]
    if keys and not CYRILLIC.search(keys[0]):
        return keys[0] not in ENGLISH_SUBJECTS and not (len(keys) > 1 and keys[0] in ENGLISH_CLAUSES)
    if len(keys) > 1 and keys[0] in REASONS:
        return False
    return not any(is_clause_word(recording, at) for at in range(first, clause.last + 1))


def says_much(recording: Recording, clause: Span) -> bool:
    """Whether a clause could stand alone: with a verb, or with two names one of which tells of the other."""
    keys = recording.keys[clause.first : clause.last + 1]
    if not any(CYRILLIC.search(key) for key in keys):
        return any(is_english_verb(key) for key in keys) or len(keys) > MANY
    named = sum(may_be_subject(recording, at) for at in range(clause.first, clause.last + 1))
    return named > 1 or has_verb(recording, clause)


def has_verb(recording: Recording, clause: Span) -> bool:
    """Whether anything is done in a clause; in English, whether it may be."""
    keys = recording.keys[clause.first : clause.last + 1]
    if not any(CYRILLIC.search(key) for key in keys):
        return _english_predicate(recording, clause)
    said = [
        recording.keys[at]
        for at in range(clause.first, clause.last + 1)
        if at not in recording.sense.quiet
        and recording.keys[at] not in PREPOSITIONS  # «при» is an imperative too
    ]
    return any(reading.pos in VERBAL for key in said for reading in readings(key, recording.language)[:2])


def says_something(recording: Recording, clause: Span) -> bool:
    """Whether a clause has a predicate, or at least somebody or something to speak of."""
    if has_verb(recording, clause):
        return True
    return any(may_be_subject(recording, at) for at in range(clause.first, clause.last + 1))


def lacks_subject(recording: Recording, clause: Span) -> bool:
    """«стоила четыреста тысяч»: the verb comes first, and who did it stands elsewhere."""
    loud = [at for at in range(clause.first, clause.last + 1) if at not in recording.sense.quiet]
    said = [readings(recording.keys[at], recording.language)[0] for at in loud]
    first = next((reading for reading in said if reading.pos not in ("ADVB", "PRCL", "CONJ")), None)
    if first is None:
        return False
    if first.pos not in ("VERB", "PRTS", "ADJS") or {"1per", "2per", "impr"} & first.marks:
        return False
    return not any(may_be_subject(recording, at) for at in range(clause.first, clause.last + 1))


def is_english_verb(key: str) -> bool:
    return key in ENGLISH_VERBS or bool(ENGLISH_PAST.fullmatch(key))


def _english_predicate(recording: Recording, clause: Span) -> bool:
    keys = recording.keys[clause.first : clause.last + 1]
    if keys[0] not in ENGLISH_PHRASE and not recording.units[clause.first].is_number:
        return True
    return any(key in ENGLISH_PRONOUNS or is_english_verb(key) for key in keys[1:])


def awaits(recording: Recording, clause: Span, opening: int) -> bool:
    """«…, когда дадут деньги»: a time that has not come is a condition."""
    if recording.keys[opening] not in WHEN:
        return False
    keys = recording.keys[opening + 1 : clause.last + 1]
    if recording.keys[opening] == "when":
        return not any(ENGLISH_PAST.fullmatch(key) for key in keys)
    return any("futr" in readings(key, recording.language)[0].marks for key in keys)


def stands_for_if(recording: Recording, clause: Span, opening: int) -> bool:
    """«когда переезд закрыт, …»: a "when" that tells of no one time in the past."""
    if recording.keys[opening] not in WHEN:
        return False
    keys = recording.keys[opening + 1 : clause.last + 1]
    if recording.keys[opening] == "when":
        return not any(ENGLISH_PAST.fullmatch(key) for key in keys)
    return not any("past" in readings(key, recording.language)[0].marks for key in keys)


def is_clause_word(recording: Recording, at: int) -> bool:
    """A verb, or a noun or pronoun in the nominative: somebody does something of his own here."""
    options = readings(recording.keys[at], recording.language)
    return is_subject(recording, at) or any(option.pos in VERBAL for option in options[:2])


def is_subject(recording: Recording, at: int) -> bool:
    options = readings(recording.keys[at], recording.language)
    noun = options[0].pos == "NOUN" and "nomn" in options[0].marks
    return noun or any(option.pos == "NPRO" and "nomn" in option.marks for option in options)


def may_be_subject(recording: Recording, at: int) -> bool:
    """A nominative in any reading, but for what is counted («двенадцать раз») or governed («на бал»)."""
    before = at - 1
    counted = (
        before >= 0 and recording.units[before].is_number and recording.units[before].ordinal is not True
    )
    if counted or governs(recording, at) or (before >= 0 and governs(recording, before)):
        return False
    options = readings(recording.keys[at], recording.language)
    return any(some.pos in ("NOUN", "NPRO", "ADJF") and "nomn" in some.marks for some in options)


def governs(recording: Recording, at: int) -> bool:
    return recording.keys[at] in PREPOSITIONS
