"""Writing without a model: the talk in short, in its own sentences, the same every time.

Each section is a question of the host (or a topic), the sentences that say most about it as a paragraph under
their speaker's name, and one sentence as a quote. Nothing is invented and no key is needed, so it is the last
link of the chain and the writer of a demonstration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from providers.drafting import headline, illustration
from providers.drafting.calls import UNKEPT, Notebook
from providers.drafting.formats import format_named
from providers.drafting.formats.feature import paragraph
from providers.drafting.material import spoken
from providers.drafting.social import social_texts
from providers.drafting.talk import Talk
from providers.drafting.wording import shorten
from providers.errors import InputRejected
from providers.types import Article, Block, RedraftBrief, WritingBrief

SETTINGS: tuple[tuple[str, str, str], ...] = ()

DESCRIPTION_LIMIT = 160
KEYWORDS = 12
TAGS = 5
REPEATED = 0.5  # factor for a sentence that stands in the title or under it already
REDRAFTED = 3  # sentences of a paragraph written anew
FEWEST_TO_SHORTEN = 2
SHORTER = 0.5  # of them, where it should be shorter


class Extractive:
    name = "extractive"
    model = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        return cls()

    def write(self, brief: WritingBrief, notes: Notebook = UNKEPT) -> Article:
        chosen = format_named(brief.format)
        talk = Talk(spoken(brief), brief.language, brief.hint, brief.participants)
        keywords = talk.keywords(KEYWORDS)
        apt = headline.apt_places(talk, keywords)
        title, titled = headline.title(talk, keywords, brief.hint, apt)
        dek, under = headline.dek(talk, keywords, titled)
        for place in {titled, under} - {None}:
            talk.scores[place or 0] *= REPEATED
        return Article(
            title=title,
            dek=dek,
            blocks=chosen.arrange(list(chosen.extract(talk, titled)), brief.language),
            tags=tuple(keywords[:TAGS]),
            description=shorten(dek or title, DESCRIPTION_LIMIT),
            image_prompt=illustration.brief(keywords),
            image_alt=headline.listing(talk.voice["alt"], keywords, DESCRIPTION_LIMIT),
            language=brief.language,
            usage={"sentences": len(talk.sentences), "host": talk.host is not None},
            titles=headline.others(talk, keywords, title, apt),
            social=social_texts(title, dek),
        )

    def redraft(self, brief: RedraftBrief, notes: Notebook = UNKEPT) -> tuple[Block, ...]:
        """The sentences that say most, as they were said; fewer where it should be shorter."""
        if brief.how == "shorter" and len(brief.sentences) < FEWEST_TO_SHORTEN:
            raise InputRejected(
                "Without a language model a paragraph is made shorter by leaving sentences out, and this one "
                "has only one. Shorten it by hand."
            )
        talk = Talk(spoken(WritingBrief(brief.sentences)), brief.language, brief.wish)
        count = REDRAFTED if brief.how != "shorter" else max(1, round(len(brief.sentences) * SHORTER))
        best = sorted(range(len(talk.sentences)), key=lambda p: (-talk.scores[p], p))[:count]
        runs: list[list[int]] = []
        for place in sorted(best):
            if runs and talk.sentences[runs[-1][-1]].speaker == talk.sentences[place].speaker:
                runs[-1].append(place)
            else:
                runs.append([place])
        return tuple(paragraph(talk, run) for run in runs)
