"""A title and the line under it, out of whole sentences that were said."""

from __future__ import annotations

import re

from providers.drafting.interview import as_question, is_question
from providers.drafting.talk import Talk
from providers.drafting.wording import WORD, one_line

TITLE_LIMIT = 70  # characters a search engine and a phone show whole
DEK_LIMIT = 160
SHORT_DEK = 60  # characters
KEYWORDS = 6  # that a title should speak of
SUBJECTS = 2  # one of the words said most must stand in a title
MIN_TITLE_WORDS = 4
MIN_HINT_WORDS = 3  # fewer name a subject, not a title
OFF_SUBJECT = 0.3  # factor for a title without the word said most
LATE = 0.5  # what the last sentence loses: the first question is what the talk was made for
BESIDE = 4  # places from the title's sentence that tell much the same
WISH = re.compile(r"(?i)^(please|make|write|focus|keep|use|add|avoid|cut)\b")


def apt_places(talk: Talk, keywords: list[str]) -> list[int]:
    """Places of the sentences that make a title, the aptest first."""
    found = {
        p: apt for p in range(len(talk.sentences)) if (apt := _aptness(talk, p, keywords[:KEYWORDS])) > 0
    }
    return sorted(found, key=lambda place: (-found[place], place))


def title(talk: Talk, keywords: list[str], hint: str, apt: list[int]) -> tuple[str, int | None]:
    """At most TITLE_LIMIT characters, and the place it was taken from.

    The editor's working title wins; then a short sentence or question about the subject that reads on its
    own; then the subject itself.
    """
    if is_title(talk, hint):
        return one_line(hint), None
    if apt:
        return _headline(talk, apt[0]), apt[0]
    return listing(talk.voice["subject"], keywords, TITLE_LIMIT) or talk.voice["untitled"], None


def is_title(talk: Talk, hint: str) -> bool:
    """Whether the editor's hint can stand over the article, or is a wish such as «сделай короче»."""
    if (
        len(WORD.findall(hint)) < MIN_HINT_WORDS
        or len(one_line(hint)) > TITLE_LIMIT
        or WISH.match(hint.strip())
    ):
        return False
    first = talk.vocabulary.readings_of(hint)[:1]
    return bool(first) and "impr" not in first[0].marks and first[0].pos != "INFN"


def _headline(talk: Talk, place: int) -> str:
    """With its speaker where the name is known and there is room; a question needs none."""
    said = as_question(talk.printable(place), talk.language).rstrip(".")
    attributed = f"{talk.printed_name(place)}: {said}"
    named = talk.sentences[place].speaker == talk.printed_name(place)
    return attributed if named and len(attributed) <= TITLE_LIMIT and not said.endswith("?") else said


def _aptness(talk: Talk, place: int, keywords: list[str]) -> float:
    """How well the sentence makes a title, by its weight and the keywords in it; 0 where it does not."""
    if not _can_head(talk, place):
        return 0.0
    about = set(talk.vocabulary.nouns(talk.sentences[place].text))
    coverage = sum(1 / (1 + order) for order, word in enumerate(keywords) if word in about)
    if not about & set(keywords[:SUBJECTS]):
        return 0.0
    coverage *= 1.0 if about & set(keywords[:1]) else OFF_SUBJECT
    return (0.5 + talk.scores[place]) * coverage * (1 - LATE * place / len(talk.sentences))


def _can_head(talk: Talk, place: int) -> bool:
    """A guest's statement or the host's question, short, of something, and clear without what was before."""
    asked = is_question(talk.printable(place), talk.language)
    text = talk.printable(place).rstrip(".")
    return (
        asked == (talk.sentences[place].speaker == talk.host)
        and len(text) <= TITLE_LIMIT
        and len(WORD.findall(text)) >= MIN_TITLE_WORDS
        and talk.is_impersonal(text)
        and not talk.points_elsewhere(text)
        and not talk.is_empty(place)
        and not talk.looks_back(text)
    )


def reads_alone(talk: Talk, place: int) -> bool:
    """Said of something, and to a reader who saw nothing before it."""
    text = talk.printable(place)
    return not (talk.is_empty(place) or talk.looks_back(text) or is_question(text, talk.language))


def dek(talk: Talk, keywords: list[str], taken: int | None) -> tuple[str, int | None]:
    """The most telling sentence that fits, with its speaker; else the topics."""
    for place in sorted(talk.guests, key=lambda p: (-_freshness(talk, p, taken), p)):
        line = f"{talk.printed_name(place)}: {talk.printable(place)}"
        if place != taken and len(line) <= DEK_LIMIT and reads_alone(talk, place):
            return line, place
    line = listing(talk.voice["topics"], keywords, DEK_LIMIT - 1)
    return f"{line}." if line else "", None


def _freshness(talk: Talk, place: int, taken: int | None) -> float:
    """The score, less beside the title's sentence (two lines should tell two things) and for few words."""
    beside = taken is not None and abs(place - taken) <= BESIDE
    short = len(talk.printable(place)) < SHORT_DEK
    return talk.scores[place] * (0.5 if beside else 1.0) * (0.7 if short else 1.0)


def listing(template: str, words: list[str], limit: int) -> str:
    """The template with as many of the first five words as fit; empty where not one does."""
    for count in range(min(5, len(words)), 0, -1):
        line = template % ", ".join(words[:count])
        if len(line) <= limit:
            return line
    return ""


def others(talk: Talk, keywords: list[str], taken: str, apt: list[int], count: int = 2) -> tuple[str, ...]:
    """More titles to choose from, the aptest first; none that says the same as `taken`."""
    lines = [_headline(talk, place) for place in apt[: count + 1]]
    lines.append(listing(talk.voice["subject"], keywords, TITLE_LIMIT))
    return tuple(dict.fromkeys(line for line in lines if line and line != taken))[:count]
