"""A transcript as the offline writer reads it: who speaks, what about, and how much each sentence says."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from providers.drafting.interview import Section, host_of, is_polite, is_question, opens_topic, sections
from providers.drafting.material import is_named, nameless
from providers.drafting.phrases import (
    BACKWARD,
    ELSEWHERE,
    POINTING,
    starts_with_filler,
    voice,
    without_filler,
    word_set,
)
from providers.drafting.ranking import rank
from providers.drafting.wording import WORD, one_line
from providers.drafting.words import Vocabulary
from providers.types import Sentence

MIN_QUOTE_WORDS = 4
MAX_QUOTE_WORDS = 45
TOO_LITTLE = 0.05  # factor for greetings and fragments: chosen only where nothing else was said
OPENING = 3  # times more for the words of the host's first turn
LATE = 0.3  # what the last sentence loses: the first questions are the main ones
COMFORTABLE = range(5, 29)  # words in a sentence a reader takes in at once


class Talk:
    """Places are positions in `sentences`; `scores` stand beside them, higher is more worth printing.

    `participants` are names somebody gave beforehand; whose voice each is nobody said.
    """

    def __init__(
        self,
        sentences: Sequence[Sentence],
        article_language: str,
        hint: str = "",
        participants: Sequence[str] = (),
    ) -> None:
        self.participants = tuple(one_line(name) for name in participants)
        texts = [one_line(s.text) for s in sentences]
        self.sentences = sentences
        self.vocabulary = Vocabulary(texts)
        self.language = self.vocabulary.language
        self.host = host_of(sentences, self.language)
        self.voice = voice(article_language)
        wished = set(self.vocabulary.lemmas(hint))
        weights = rank(texts, self.vocabulary)
        self.scores = [
            weights[place] * self._worth(text, wished) * (1 - LATE * place / len(texts))
            for place, text in enumerate(texts)
        ]
        self._printed = self._printed_names()

    def _worth(self, text: str, wished: set[str]) -> float:
        words = WORD.findall(text.lower())
        if len(words) < MIN_QUOTE_WORDS or is_polite(text, self.language):
            return TOO_LITTLE
        worth = 1.0 if len(words) in COMFORTABLE else 0.7 if len(words) <= MAX_QUOTE_WORDS else 0.3
        worth *= 0.3 if is_question(text, self.language) else 1.0
        worth *= 0.7 if starts_with_filler(text, self.language) else 1.0
        worth *= 0.6 if self.looks_back(text) else 1.0
        worth *= 1.2 if self._has_number(text) else 1.0
        return worth * (1.5 if wished & set(self.vocabulary.lemmas(text)) else 1.0)

    def _has_number(self, text: str) -> bool:
        return any(c.isdigit() for c in text) or any(
            reading.pos == "NUMR" for reading in self.vocabulary.readings_of(text)
        )

    def _printed_names(self) -> dict[str, str]:
        """What stands before the words of each speaker. SPEAKER_01 becomes "Голос 2", as on the page."""
        return {
            speaker: one_line(speaker) if is_named(speaker) else nameless(speaker, self.voice)
            for speaker in dict.fromkeys(s.speaker for s in self.sentences)
        }

    @property
    def guests(self) -> list[int]:
        """Places of everybody but the host; of everybody where only the host spoke."""
        return [place for place, s in enumerate(self.sentences) if s.speaker != self.host]

    def keywords(self, count: int) -> list[str]:
        """What the talk is about, the most said first.

        A word in a question of the host counts twice, one of the first turn five times: that is where a
        host says what the talk was made for.
        """
        telling = [place for place in range(len(self.sentences)) if not self.is_empty(place)]
        asked = [place for place in telling if self.sentences[place].speaker == self.host]
        opening = [place for place in asked if not any(guest < place for guest in self._told)]
        texts = [self.sentences[place].text for place in [*telling, *asked, *opening * OPENING]]
        return self.vocabulary.keywords(texts, count)

    @cached_property
    def _told(self) -> list[int]:
        """Places where a guest says something: not «Здравствуйте»."""
        return [place for place in self.guests if not self.is_empty(place)][:1]

    def sections(self) -> list[Section]:
        return sections(self.sentences, self.host, self.vocabulary)

    def printed_name(self, place: int) -> str:
        return self._printed[self.sentences[place].speaker]

    def looks_back(self, text: str) -> bool:
        """Whether the first word needs the sentence before: «Они …», «Поэтому …»."""
        words = WORD.findall(without_filler(text, self.language).lower())[:3]
        return any(word in word_set(BACKWARD, self.language) for word in words[:1]) or any(
            word in word_set(POINTING, self.language) for word in words
        )

    def points_elsewhere(self, text: str) -> bool:
        """Whether it speaks of somebody or something that is named only in another sentence."""
        elsewhere = word_set(ELSEWHERE, self.language)
        return any(word in elsewhere for word in WORD.findall(text.lower().replace("’", "'")))

    def is_empty(self, place: int) -> bool:
        """A greeting or a fragment."""
        text = self.sentences[place].text
        return self._worth(one_line(text), set()) <= TOO_LITTLE

    def asks(self, place: int) -> bool:
        """A question of the host; unpunctuated words of a guest may only look like one."""
        sentence = self.sentences[place]
        return sentence.speaker == self.host and opens_topic(sentence.text, self.language)

    def is_quotable(self, place: int) -> bool:
        text = one_line(self.sentences[place].text)
        return (
            MIN_QUOTE_WORDS <= len(WORD.findall(text)) <= MAX_QUOTE_WORDS
            and not self.is_empty(place)
            and not is_question(text, self.language)
            and not starts_with_filler(text, self.language)
        )

    def is_impersonal(self, text: str) -> bool:
        """Nobody says I, we or you, so the sentence reads without its speaker."""
        return not any(
            {"1per", "2per"} & reading.marks or reading.lemma in PERSONAL
            for reading in self.vocabulary.readings_of(text)
        )

    def printable(self, place: int) -> str:
        """The sentence for a paragraph: fillers at its start left out, a capital, a mark at the end."""
        text = one_line(self.sentences[place].text)
        text = without_filler(text, self.language) or text[:1].upper() + text[1:]
        if text.endswith((".", "!", "?", "…")):
            return text
        return text.rstrip(" ,;:–—-") + ("?" if self.asks(place) else ".")


#: Dictionary forms pymorphy gives no person to, and English.
PERSONAL = {"я", "мы", "ты", "вы", "мой", "наш", "твой", "ваш", "ми", "ти", "ви", "мій", "твій",
            "i", "we", "you", "my", "our", "your", "me", "us", "i'm", "we're", "i've", "we've"}  # fmt: skip
