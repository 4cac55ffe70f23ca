"""Whether a sentence of an article lights what it stands on, and not more, on paragraphs told in other words.

The paragraphs and the interviews they are about are invented; see `sentence_drafts/README.md`.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from automation.article import check_quotes, pointer
from automation.grounding.blocks import shown_blocks
from automation.grounding.recording import Recording
from automation.grounding.tracing import trace
from bench.facts import LANGUAGES, transcript_of
from bench.guard_quotes import Interview, load
from bench.machine import report

DRAFTS = Path(__file__).parent / "sentence_drafts"
LONG_PARAGRAPHS = 200


@dataclass(frozen=True, slots=True)
class Paragraph:
    interview: Interview
    sentences: tuple[tuple[str, frozenset[int]], ...]  # each with the lines it stands on

    @property
    def pointed(self) -> list[int]:
        return sorted({idx for _, lines in self.sentences for idx in lines})

    @property
    def body(self) -> str:
        return " ".join(text for text, _ in self.sentences) + f" [0:00]({pointer(self.pointed)})"


@dataclass(frozen=True, slots=True)
class Lit:
    paragraph: Paragraph
    text: str
    right: frozenset[int]
    lit: frozenset[int]


def paragraphs(part: str) -> Iterator[Paragraph]:
    """The paragraphs of "dev" or "heldout"."""
    interviews = {interview.name: interview for interview in load("all")}
    for path in sorted((DRAFTS / part).glob("*.txt")):
        for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
            rows = [row.rpartition(" => ") for row in block.splitlines()]
            yield Paragraph(
                interviews[path.stem],
                tuple(
                    (text, frozenset(int(idx) for idx in told.split() if idx != "-"))
                    for text, _, told in rows
                ),
            )


def lit(paragraph: Paragraph, recording: Recording) -> Iterator[Lit]:
    """The sentences of a paragraph, each with what is lit for it."""
    blocks = shown_blocks(paragraph.body)
    quotes = check_quotes(paragraph.body, transcript_of(paragraph.interview))
    (traced,) = trace(blocks, quotes, recording)
    place = 0
    for text, right in paragraph.sentences:
        own = [one for one in traced if place <= one.start < place + len(text)]
        yield Lit(paragraph, text, right, frozenset(idx for one in own for idx in one.sources))
        place += len(text) + 1


def score(part: str, language: str, show: bool = False) -> Counter[str]:
    """Counts of sentences (all, with every right line lit …) and of lines (lit, right, pointed to)."""
    count: Counter[str] = Counter()
    for paragraph in paragraphs(part):
        if language not in ("", paragraph.interview.language):
            continue
        for one in lit(paragraph, Recording(paragraph.interview.lines)):
            if not one.right:
                count["nothing"] += 1
                count["nothing whole"] += one.lit == frozenset(paragraph.pointed)
                continue
            count["sentences"] += 1
            count["whole"] += one.right <= one.lit
            count["touched"] += bool(one.right & one.lit)
            count["same"] += one.right == one.lit
            count["lit"] += len(one.lit)
            count["right lit"] += len(one.lit & one.right)
            count["right"] += len(one.right)
            count["pointed"] += len(paragraph.pointed)
            if show and one.right != one.lit:
                print(
                    f"{paragraph.interview.name} | {one.text} | {sorted(one.right)} | lit {sorted(one.lit)}"
                )
    return count


def long_article_ms(runs: int = 5) -> tuple[int, float, float]:
    """Sentences of a very long article; milliseconds of processor time of the first trace, and of more."""
    made = list(paragraphs("heldout"))
    said = transcript_of(made[0].interview)
    body = "\n\n".join(made[n % len(made)].body for n in range(LONG_PARAGRAPHS))
    blocks, recording = shown_blocks(body), Recording(said.lines)
    begun = time.process_time()
    count = sum(len(sentences) for sentences in trace(blocks, (), recording))
    first = time.process_time()
    for _ in range(runs):
        trace(blocks, (), recording)
    return count, (first - begun) * 1000, (time.process_time() - first) * 1000 / runs


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--part", choices=("dev", "heldout"), default="heldout")
    asked.add_argument("--show", action="store_true", help="print what was not exactly right")
    args = asked.parse_args()
    rows = []
    for language in (*LANGUAGES, ""):
        c = score(args.part, language, show=args.show and bool(language))
        rows.append((language or "all", c["sentences"], f"{c['whole'] / c['sentences']:.1%}",
                     f"{c['touched'] / c['sentences']:.1%}", f"{c['same'] / c['sentences']:.1%}",
                     f"{c['right lit'] / c['lit']:.1%}", f"{c['right'] / c['pointed']:.1%}",
                     f"{c['nothing whole']} of {c['nothing']}"))  # fmt: skip
    report(
        f"sentences of made paragraphs, {args.part}",
        ("language", "sentences", "all its lines lit", "one of them lit", "exactly those",
         "lit lines that are its", "the same, whole paragraph lit", "stands on none: paragraph lit"),
        rows,
    )  # fmt: skip
    count, first, later = long_article_ms()
    print(f"A trace of {count} sentences: {first:.0f} ms of processor time, again {later:.0f} ms")


if __name__ == "__main__":
    main()
