"""The offline writer beside a plain TextRank (sumy): does it speak of what the interviewer asked about?

Both read the made interviews of `guard_interviews`; each question there carries the words of its subject.
A subject is covered when at least half of its words, by their stems, stand in the article. TextRank is given
as many sentences as the writer used, once of the whole recording and once of the answers alone.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from bench.guard_quotes import PARTS, Interview, Line, load
from bench.machine import report
from providers.drafting.extractive import Extractive
from providers.drafting.phrases import starts_with_filler, without_filler
from providers.drafting.ranking import rank
from providers.drafting.wording import WORD
from providers.drafting.words import readings
from providers.types import Article, Sentence, WritingBrief

COVERED = 0.5
TITLE_LIMIT = 70
SUMY_LANGUAGES = {"ru": "russian", "uk": "ukrainian", "en": "english"}


def brief_of(interview: Interview) -> WritingBrief:
    sentences = tuple(
        Sentence(f"S{line.idx}", line.start_s, line.end_s, line.name, line.text) for line in interview.lines
    )
    return WritingBrief(sentences, interview.language)


def text_of(article: Article, interview: Interview, headings: bool) -> str:
    """What a reader reads below the title, quotes included."""
    said = {f"S{line.idx}": line.text for line in interview.lines}
    return " ".join(
        " ".join(said[source] for source in block.sources) if block.kind == "quote" else block.text
        for block in article.blocks
        if headings or block.kind != "heading"
    )


def used_in(article: Article) -> list[str]:
    return [source for block in article.blocks if block.kind != "heading" for source in block.sources]


def forms(text: str, language: str) -> set[str]:
    """The dictionary forms a text has, every reading of each word."""
    words = {word.lower() for word in WORD.findall(text)}
    return {reading.lemma for word in words for reading in readings(word, language)} | words


def stems(text: str, language: str) -> set[str]:
    """The same without endings: «ремонт» and «ремонтировать», "burn" and "burning"."""
    return {form[: max(4, len(form) - 3)] for form in forms(text, language) if len(form) > 2}


def covered(text: str, interview: Interview) -> list[float]:
    """For each question, the share of its subject's words that stand in a text."""
    have = stems(text, interview.language)
    return [
        sum(bool(stems(word, interview.language) & have) for word in topic) / len(topic)
        for topic in interview.topics
    ]


def turns_used(sources: Sequence[str], interview: Interview) -> float:
    """The share of the answers, from one question to the next, that a sentence was taken from."""
    answers: dict[int, set[str]] = {}
    question = 0
    for line in interview.lines:
        if line.name == interview.host:
            question = line.turn
        else:
            answers.setdefault(question, set()).add(f"S{line.idx}")
    used = set(sources)
    return sum(bool(ids & used) for ids in answers.values()) / len(answers)


def sumy_textrank(interview: Interview, lines: Sequence[Line], count: int) -> list[str]:
    """The sentences sumy's TextRank picks, in the order of the recording."""
    from sumy.models.dom import ObjectDocumentModel, Paragraph
    from sumy.models.dom import Sentence as Said
    from sumy.nlp.stemmers import Stemmer
    from sumy.summarizers.text_rank import TextRankSummarizer

    class Words:
        def to_words(self, sentence: str) -> tuple[str, ...]:
            return tuple(word.lower() for word in WORD.findall(sentence))

    sentences = [Said(line.text, Words()) for line in lines]
    places = {id(said): f"S{line.idx}" for said, line in zip(sentences, lines, strict=True)}
    summarizer = TextRankSummarizer(Stemmer(SUMY_LANGUAGES[interview.language]))
    chosen = summarizer(ObjectDocumentModel([Paragraph(sentences)]), count)
    return [places[id(sentence)] for sentence in chosen]


def own_textrank(interview: Interview, lines: Sequence[Line], count: int) -> list[str]:
    """Our own ranking alone, without the writer's choices."""
    weights = rank([line.text for line in lines])
    best = sorted(range(len(weights)), key=lambda n: (-weights[n], n))[:count]
    return [f"S{lines[n].idx}" for n in sorted(best)]


@dataclass(frozen=True, slots=True)
class Row:
    interview: Interview
    article: Article
    sources: list[str]


def write(interview: Interview) -> Row:
    article = Extractive().write(brief_of(interview))
    return Row(interview, article, used_in(article))


def faults_of(row: Row) -> list[str]:
    """What an editor would send back, in words: an empty list is a draft that can be read."""
    interview, article = row.interview, row.article
    said = {f"S{line.idx}": line for line in interview.lines}
    found = []
    if len(article.title) > TITLE_LIMIT:
        found.append(f"a title of {len(article.title)} characters")
    if not about(article.title, interview):
        found.append(f"a title that names no subject: {article.title}")
    order = [int(source[1:]) for source in row.sources]
    if order != sorted(order):
        found.append("sentences in another order than they were said")
    for block in article.blocks:
        texts = [said[source].text for source in block.sources]
        if block.kind == "paragraph":
            body = block.text.partition(": ")[2]
            if not re.search(r"[.!?…][»”\"]?$", body):
                found.append(f"a sentence cut in half: {block.text[-60:]}")
            for text in texts:
                if (without_filler(text, interview.language) or text) not in block.text:
                    found.append(f"a sentence that is not whole: {text}")
            if starts_with_filler(body, interview.language):
                found.append(f"a paragraph that starts with a filler: {body[:60]}")
        elif block.kind == "quote" and starts_with_filler(texts[0], interview.language):
            found.append(f"a quote that starts with a filler: {texts[0][:60]}")
        elif block.kind == "heading" and not block.text[:1].isupper():
            found.append(f"a heading without a capital: {block.text}")
    return found


def about(title: str, interview: Interview) -> bool:
    """Whether a title has a word of some question's subject."""
    have = stems(title, interview.language)
    return any(stems(word, interview.language) & have for topic in interview.topics for word in topic)


def share(values: Sequence[float]) -> float:
    return sum(value >= COVERED for value in values) / len(values)


Pick = Callable[[Interview, Sequence[Line], int], list[str]]


def compare(written: Sequence[Row], whole: bool) -> None:
    """The table: whole articles (headings; TextRank may pick questions), or the answers alone."""
    others: dict[str, Pick] = {"own ranking alone": own_textrank}
    if find_spec("sumy"):
        others["sumy TextRank"] = sumy_textrank
    names = ("extractive", *others)
    sums = {name: [0.0, 0.0, 0.0] for name in names}
    rows: list[Sequence[object]] = []
    for row in written:
        said = {f"S{line.idx}": line.text for line in row.interview.lines}
        lines = row.interview.lines if whole else row.interview.answers
        headings = sum(block.kind == "heading" for block in row.article.blocks) if whole else 0
        count = len(row.sources) + headings
        picks = {name: pick(row.interview, lines, count) for name, pick in others.items()}
        texts = {"extractive": text_of(row.article, row.interview, whole)}
        texts |= {name: " ".join(said[source] for source in ids) for name, ids in picks.items()}
        sources = {"extractive": row.sources, **picks}
        cells = []
        for name in names:
            values = covered(texts[name], row.interview)
            figures = share(values), sum(values) / len(values), turns_used(sources[name], row.interview)
            sums[name] = [a + b for a, b in zip(sums[name], figures, strict=True)]
            cells.append(" / ".join(f"{figure:.0%}" for figure in figures))
        rows.append((row.interview.name, count, *cells))
    means = [" / ".join(f"{value / len(written):.0%}" for value in sums[name]) for name in names]
    rows.append(("mean", "", *means))
    what = "whole articles" if whole else "answers alone"
    report(
        f"{what}: subjects covered / words of the subjects / answers used, with as many sentences",
        ("interview", "sentences", *names),
        rows,
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--part", choices=(*PARTS, "all"), default="heldout")
    asked.add_argument("--show", default="", help="print the article about this interview")
    args = asked.parse_args()
    written = [write(interview) for interview in load(args.part) if interview.topics]
    compare(written, whole=True)
    compare(written, whole=False)
    for row in written:
        print(f"{row.interview.name}: {row.article.title}")
        for fault in faults_of(row):
            print(f"    {fault}")
        if args.show == row.interview.name:
            show(row)


def show(row: Row) -> None:
    said = {f"S{line.idx}": line.text for line in row.interview.lines}
    print(f"# {row.article.title}\n\n{row.article.dek}\n")
    for block in row.article.blocks:
        mark = {"heading": "## ", "quote": "> "}.get(block.kind, "")
        print(f"{mark}{block.text or said[block.sources[0]]}\n")


if __name__ == "__main__":
    main()
