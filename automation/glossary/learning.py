"""What corrections teach: a name an editor put right is offered for the glossary, never taken silently."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from difflib import SequenceMatcher
from itertools import islice, product
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from automation.errors import NotFound
from automation.glossary.forms import (
    CYRILLIC,
    PROPER,
    analyzer,
    cased_like,
    has,
    language_of,
    parses,
    standing,
)
from automation.glossary.matching import EDGES, spoken_language
from automation.glossary.phonetics import letters
from automation.glossary.terms import LENGTH_MAX, VARIANTS_MAX
from automation.models import Desk, Edit, Submission, Term, TermSuggestion
from automation.transcript import Transcript

CORRECTIONS = ("replace", "early")  # acts of a person that put other words
LONGEST = 4  # words a name may have
SHORTEST = 3  # letters
READINGS_MAX = 2000  # of the words of a name together
KIND_TAGS = (("person", ("Surn", "Name", "Patr")), ("place", ("Geox",)), ("organisation", ("Orgn",)))

Pair = tuple[str, str]  # what was heard, what was wanted


def learn(session: Session, submission: Submission, now: datetime) -> None:
    """Counts the names put right in what was corrected last, each once a place: the journal keeps which."""
    edit = next((e for e in reversed(submission.edits) if e.op in CORRECTIONS and not e.undone), None)
    if edit is None or "learned" in edit.payload or submission.desk_id is None:
        return
    told = edit.payload
    heard = told["was"] if edit.op == "early" else _sentence(submission, edit.segment_idx)
    language = spoken_language(
        [row.text for row in submission.segments]
        or [str(word[0]) for piece in submission.pieces for word in piece.words]
    )
    earlier = [
        e for e in submission.edits if e is not edit and e.op in CORRECTIONS and _place(e) == _place(edit)
    ]
    seen = {number for e in earlier for number in e.payload.get("learned", ())}
    learned = []
    for pair in corrected_names(heard, told["text"], language):
        if _known(session, submission.desk_id, pair):
            continue
        suggestion = _suggestion(session, submission.desk_id, pair, language, now)
        if suggestion.id not in seen:
            suggestion.count, suggestion.at = suggestion.count + 1, now
        learned.append(suggestion.id)
    edit.payload = {**told, "learned": learned}


def unlearn(session: Session, edit: Edit) -> None:
    """Forgets what one correction taught, where nobody has decided on it yet."""
    for number in edit.payload.get("learned", ()):
        one = session.get(TermSuggestion, number)
        if one is not None and one.state == "open":
            one.count -= 1
            if one.count <= 0:
                session.delete(one)
    edit.payload = {**edit.payload, "learned": []}


def _sentence(submission: Submission, idx: int | None) -> str:
    return next((row.text for row in submission.segments if row.idx == idx), "")


def _place(edit: Edit) -> object:
    return edit.segment_idx if edit.op == "replace" else round(edit.payload["start_s"], 2)


def corrected_names(heard: str, wanted: str, language: str) -> list[Pair]:
    """The names and terms in which a correction differs, in the nominative: («Кривый Рог», «Кривий Ріг»)."""
    old, new = heard.split(), wanted.split()
    pairs = []
    same = SequenceMatcher(None, [letters(w) for w in old], [letters(w) for w in new], autojunk=False)
    for tag, i, j, k, m in same.get_opcodes():
        if tag != "replace" or max(j - i, m - k) > LONGEST:
            continue
        was, now = _bare(old[i:j]), _bare(new[k:m])
        begins = k == 0 or new[k - 1][-1:] in ".!?…"
        if _is_name(now, language, begins=begins) and letters(" ".join(was)) != letters(" ".join(now)):
            pair = nominative(was, language), nominative(now, language)
            if all(SHORTEST <= len(text) <= LENGTH_MAX for text in pair):
                pairs.append(pair)
    return list(dict.fromkeys(pairs))


def _bare(words: Sequence[str]) -> list[str]:
    return [text for word in words if (found := EDGES.match(word)) and (text := found[2])]


def _is_name(words: Sequence[str], language: str, *, begins: bool) -> bool:
    """A name or term from its first word on: a capital, Latin letters, or a word no dictionary knows.

    The capital a sentence begins with says nothing unless every word has one («Кривий Ріг» against «Где он»).
    """
    if not words:
        return False
    first = words[0]
    if not CYRILLIC.search(first):
        return any(map(str.isalpha, first))
    if standing(first, language) != "common" or (first[:1].isupper() and not begins):
        return True
    readings = parses(first, language_of(" ".join(words), language))
    may_be_named = any(p.tag.POS in ("NOUN", "ADJF") for p in readings)
    return len(words) > 1 and may_be_named and all(word[:1].isupper() for word in words)


def nominative(words: Sequence[str], language: str) -> str:
    """The name as a glossary has it: Кривому Розі → Кривий Ріг. What can't be told stays as it was said."""
    said = " ".join(words)
    own = language_of(said, language)
    if not all(CYRILLIC.search(word) for word in words):
        return said
    options = [
        [p for p in parses(word, own) if p.tag.POS in ("NOUN", "ADJF") and p.tag.case] for word in words
    ]
    together = [chosen for chosen in islice(product(*options), READINGS_MAX) if _agree(chosen)]
    best = min(together, key=_unlikely, default=())
    if not best or best[0].tag.case == "nomn":
        return said
    made = [_to_nominative(p, best) for p in best]
    if not all(made):
        return said
    return " ".join(cased_like(str(form), word) for form, word in zip(made, words, strict=True))


def _unlikely(chosen: Sequence[Any]) -> tuple[bool, bool, bool]:
    """One person or place by its own name rather than several things; as it stands rather than declined."""
    tag = chosen[0].tag
    return not any(PROPER & p.tag.grammemes for p in chosen), tag.number == "plur", tag.case != "nomn"


def _agree(chosen: Sequence[Any]) -> bool:
    """Whether the readings can be one name in one case: of the noun's gender and number."""
    nouns = [p for p in chosen if p.tag.POS == "NOUN"]
    if not nouns or len({p.tag.case for p in chosen}) > 1:
        return False
    plurals = {p.tag.number == "plur" for p in chosen}
    genders = {p.tag.gender for p in chosen if p.tag.gender}
    return len(plurals) == 1 and (len(genders) < 2 or plurals == {True})


def _to_nominative(parse: Any, chosen: Sequence[Any]) -> str | None:
    number = "plur" if parse.tag.number == "plur" else "sing"
    gender = next((p.tag.gender for p in chosen if p.tag.POS == "NOUN"), None)
    tags = {"nomn", *([gender] if gender and parse.tag.POS == "ADJF" and number == "sing" else [])}
    tags |= {parse.tag.number} if parse.tag.number else set()
    form = parse.inflect(frozenset(tags)) or parse.inflect(frozenset({"nomn"}))
    return form.word if form is not None else None


def kind_of(name: str, language: str) -> str:
    """person, place, organisation, as the dictionary says of any of its words; else term."""
    own = language_of(name, language)
    words = [word for word in name.split() if CYRILLIC.search(word)]
    known = [p for w in words if analyzer(own).word_is_known(w.lower()) for p in parses(w, own)]
    found = next((kind for kind, tags in KIND_TAGS if any(has(p, *tags) for p in known)), "")
    return found or ("place" if own == "uk" and name.istitle() and " " in name else "term")


def _known(session: Session, desk_id: int, pair: Pair) -> bool:
    """Whether the glossary has this correction already."""
    term = session.scalar(select(Term).where(Term.desk_id == desk_id, Term.canonical == pair[1]))
    return term is not None and pair[0] in term.variants


def _suggestion(session: Session, desk_id: int, pair: Pair, language: str, now: datetime) -> TermSuggestion:
    wanted = select(TermSuggestion).where(
        TermSuggestion.desk_id == desk_id,
        TermSuggestion.heard == pair[0],
        TermSuggestion.wanted == pair[1],
    )
    found = session.scalar(wanted)
    if found is None:
        found = TermSuggestion(
            desk_id=desk_id, heard=pair[0], wanted=pair[1], kind=kind_of(pair[1], language), count=0, at=now
        )
        session.add(found)
        session.flush()
    return found


def suggestion(session: Session, desk_id: int | None, number: int) -> TermSuggestion:
    found = session.get(TermSuggestion, number)
    if found is None or found.desk_id != desk_id:
        raise NotFound("There is no such suggestion.")
    return found


def accept(session: Session, one: TermSuggestion) -> None:
    """Remembers a correction: what was heard becomes a variant of the term."""
    term = session.scalar(select(Term).where(Term.desk_id == one.desk_id, Term.canonical == one.wanted))
    if term is None:
        term = Term(desk_id=one.desk_id, canonical=one.wanted, variants=[], kind=one.kind, note="")
        session.add(term)
    variants = dict.fromkeys([*map(str, term.variants), one.heard])
    variants.pop(term.canonical, None)
    term.variants = list(variants)[:VARIANTS_MAX]
    one.state = "accepted"


def decide(session: Session, desk_id: int | None, number: int, *, is_wanted: bool) -> None:
    """Remembers what was suggested to a desk, or puts it aside for good. Raises: NotFound."""
    one = suggestion(session, desk_id, number)
    if is_wanted:
        accept(session, one)
    else:
        one.state = "dismissed"


def waiting(session: Session, desk: Desk) -> Sequence[TermSuggestion]:
    """What corrections have taught the desk and nobody has decided on, the most frequent first."""
    return session.scalars(
        select(TermSuggestion)
        .where(TermSuggestion.desk_id == desk.id, TermSuggestion.state == "open")
        .order_by(TermSuggestion.count.desc(), TermSuggestion.at.desc())
        .limit(200)
    ).all()


def offers(
    session: Session, submission: Submission, transcript: Transcript
) -> dict[int, list[TermSuggestion]]:
    """Sentence number → what its correction offers to remember."""
    places: dict[int, int] = {}
    for edit in submission.edits:
        if edit.op in CORRECTIONS and not edit.undone and edit.payload.get("learned"):
            early = transcript.at(edit.payload["start_s"]) if edit.op == "early" else None
            idx = early.idx if early else edit.segment_idx
            if idx is not None:
                places.update(dict.fromkeys(edit.payload["learned"], idx))
    found: dict[int, list[TermSuggestion]] = {}
    if places:
        open_ones = select(TermSuggestion).where(
            TermSuggestion.id.in_(places),
            TermSuggestion.state == "open",
            TermSuggestion.desk_id == submission.desk_id,
        )
        for one in session.scalars(open_ones.order_by(TermSuggestion.id)):
            found.setdefault(places[one.id], []).append(one)
    return found
