"""What follows a quote in its sentence, and whether it may be left out without an ellipsis."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from automation.grounding.clauses import (
    ALLOWING,
    ENGLISH_CLAUSES,
    ENGLISH_PAST,
    MANY,
    REASONS,
    RELATIVE,
    has_verb,
    is_english_verb,
    may_be_subject,
    says_something,
)
from automation.grounding.fillers import word_set
from automation.grounding.recording import Recording, Span
from providers.drafting.words import CYRILLIC, readings

AND = word_set("и й і та да and")
EVEN_THEN = word_set("то даже навіть лишь лише только тільки even only not perhaps maybe")
OWN_PRONOUNS = word_set("i he she we they it you there so")
ARTICLES = word_set("a an the my our his her their some every each all both most one")
TURNED = word_set("правда впрочем щоправда втім зрештою though mind")  # «срок, правда, не назвал»
TURNED_PAIRS = frozenset((("при", "этом"), ("при", "цьому"), ("mind", "you"), ("that", "said")))
TURNED_WITHIN = 8
NOT_ALONE = word_set(
    "это то так как хоть хотя или либо если когда пока лишь только не ни ну но однако зато будто словно "
    "це як хоч хоча або чи якщо коли поки лише тільки ні але проте зате бодай наче ніби"
)
POINTING = word_set("это це")
PLACES = word_set("where while since")


def may_end_before(recording: Recording, clause: Span) -> bool:
    """Whether a quote may end before a clause without an ellipsis: the clause says something of its own.

    «…, и катер приехал» does; «…, так она сказала», «…, и то не всегда», "…, or that's the plan" do not.
    """
    loud = [at for at in range(clause.first, clause.last + 1) if at not in recording.sense.quiet]
    if len(loud) < 2 or _turns(recording, clause):
        return False
    clause = Span(loud[0], clause.last)
    opener, *others = keys = recording.keys[clause.first : clause.last + 1]
    if opener in AND:
        return _goes_on(recording, clause, others)
    if _weakens(recording, loud, keys):
        return False
    if RELATIVE.fullmatch(opener) or opener in REASONS or opener in ENGLISH_CLAUSES:
        return True
    if not any(CYRILLIC.search(key) for key in keys):
        return opener in OWN_PRONOUNS or (opener in ARTICLES and any(is_english_verb(key) for key in others))
    return opener not in NOT_ALONE and _stands_alone(recording, clause)


def _turns(recording: Recording, clause: Span) -> bool:
    """«срок, правда, не назвал»: a word that takes something back, also behind a comma or two."""
    last = min(clause.first + TURNED_WITHIN, recording.sentence(clause.first).last)
    keys = recording.keys[clause.first : last + 2]
    return any(key in TURNED for key in keys[: last + 1 - clause.first]) or any(
        pair in TURNED_PAIRS for pair in pairwise(keys)
    )


def _goes_on(recording: Recording, clause: Span, others: Sequence[str]) -> bool:
    """«…, и мост открыли»; not «…, и это по скромным подсчётам», «…, та й то не щороку»."""
    if others[0] in POINTING and (not has_verb(recording, clause) or not NOT_ALONE.isdisjoint(others[1:2])):
        return False
    return EVEN_THEN.isdisjoint(others[:2]) and says_something(recording, clause)


def _weakens(recording: Recording, loud: Sequence[int], keys: Sequence[str]) -> bool:
    """ "…, so a consultant informs me", "…, which hardly counts", "…, school permitting"."""
    opener, short = keys[0], len(loud) <= MANY + 2 or keys[0] == "so"
    if opener != "а" and short and any(recording.sense.has(at, "report", "hedge") for at in loud):
        return True
    if opener == "which" and any(recording.sense.has(at, "negation") for at in loud):
        return True
    if opener in PLACES and len(loud) <= MANY and not any(map(ENGLISH_PAST.fullmatch, keys)):
        return True  # "…, where they still exist"
    return keys[-1] in ALLOWING


def _stands_alone(recording: Recording, clause: Span) -> bool:
    """A Slavic clause without a conjunction: with a verb, or about somebody or something."""
    subjects = [at for at in range(clause.first, clause.last + 1) if may_be_subject(recording, at)]
    nouns = [at for at in subjects if readings(recording.keys[at], recording.language)[0].pos != "ADJF"]
    return len(nouns) > 1 or clause.first in nouns or has_verb(recording, clause)
