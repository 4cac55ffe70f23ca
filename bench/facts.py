"""How well the ledger finds the facts of a draft and tells what was never said, on drafts made partly wrong.

The drafts and the interviews they are about are invented; see `fact_drafts/README.md`.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from automation import transcript
from automation.grounding.ledger import FactRow, ledger_of
from automation.transcript import Transcript
from bench.guard_quotes import Interview, load
from bench.machine import report

DRAFTS = Path(__file__).parent / "fact_drafts"
MARK = re.compile(r"\{([!~]?)(\w+)\|([^}]*)\}")
STATUS = {"": "said", "!": "missing", "~": "noted"}
LANGUAGES = ("ru", "uk", "en")
LONG_PARAGRAPHS = 200


@dataclass(frozen=True, slots=True)
class Gold:
    kind: str
    text: str
    start: int
    end: int
    status: str


@dataclass(frozen=True, slots=True)
class Draft:
    interview: Interview
    body: str
    notes: str
    gold: tuple[Gold, ...]


def drafts(part: str) -> Iterator[Draft]:
    """The drafts of "dev" or "heldout"; places are characters of the body."""
    interviews = {interview.name: interview for interview in load("all")}
    for path in sorted((DRAFTS / part).glob("*.txt")):
        name, *rows = path.read_text(encoding="utf-8").splitlines()
        notes = "\n".join(row[1:].strip() for row in rows if row.startswith("%"))
        marked = "\n".join(row for row in rows if not row.startswith("%"))
        body, gold, end = "", [], 0
        for match in MARK.finditer(marked):
            body += marked[end : match.start()]
            gold.append(Gold(match[2], match[3], len(body), len(body) + len(match[3]), STATUS[match[1]]))
            body += match[3]
            end = match.end()
        yield Draft(interviews[name], body + marked[end:], notes, tuple(gold))


def transcript_of(interview: Interview) -> Transcript:
    lines = tuple(
        transcript.Line(line.idx, line.start_s, line.end_s, line.speaker, line.name, line.text)
        for line in interview.lines
    )
    return Transcript(lines, {line.speaker: line.name for line in lines})


def found_in(draft: Draft) -> list[FactRow]:
    return ledger_of(draft.body, "", "", transcript_of(draft.interview), draft.notes)["facts"]


def pairs(draft: Draft) -> tuple[list[tuple[Gold, FactRow]], list[Gold], list[FactRow]]:
    """Marks and facts that overlap in order, marks not found, and facts nobody marked."""
    rows, left, matched = found_in(draft), list(draft.gold), []
    extra = []
    for row in rows:
        said = row["text"].strip("«»“”\"' ")
        gold = next((g for g in left if g.text in row["text"] or said in g.text), None)
        if gold is None:
            extra.append(row)
        else:
            left.remove(gold)
            matched.append((gold, row))
    return matched, left, extra


def score(part: str, language: str, show: bool = False) -> Counter[str]:
    """Counts: found, marked, listed; status right; never said: caught, marked, listed."""
    count: Counter[str] = Counter()
    for draft in drafts(part):
        if language not in ("", draft.interview.language):
            continue
        matched, lost, extra = pairs(draft)
        count["found"] += len(matched)
        count["marked"] += len(draft.gold)
        count["listed"] += len(matched) + len(extra)
        count["right"] += sum(gold.status == row["status"] for gold, row in matched)
        count["kind"] += sum(gold.kind == row["kind"] for gold, row in matched)
        count["caught"] += sum(gold.status == row["status"] == "missing" for gold, row in matched)
        count["never"] += sum(gold.status == "missing" for gold in draft.gold)
        count["alarms"] += sum(row["status"] == "missing" for row in [*extra, *(r for _, r in matched)])
        if show:
            name = draft.interview.name
            for gold in lost:
                print(f"{name} | lost | {gold}")
            for row in extra:
                print(f"{name} | extra | {row['kind']} {row['text']} {row['status']}")
            for gold, row in matched:
                if (gold.kind, gold.status) != (row["kind"], row["status"]):
                    print(f"{name} | {gold.text} | {gold.kind} {gold.status} | {row['kind']} {row['status']} "
                          f"{row['said']}")  # fmt: skip
    return count


def long_article_ms(runs: int = 5) -> tuple[int, float]:
    """Facts in an article of 200 paragraphs, and milliseconds of processor time to list them, the mean."""
    made = list(drafts("heldout")) + list(drafts("dev"))
    body = "\n\n".join(made[n % len(made)].body for n in range(LONG_PARAGRAPHS // 4))
    said = transcript_of(made[0].interview)
    count = len(ledger_of(body, "", "", said)["facts"])
    begun = time.process_time()
    for _ in range(runs):
        ledger_of(body, "", "", said)
    return count, (time.process_time() - begun) * 1000 / runs


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--part", choices=("dev", "heldout"), default="heldout")
    asked.add_argument("--show", action="store_true", help="print what was wrong")
    args = asked.parse_args()
    rows = []
    for language in (*LANGUAGES, ""):
        c = score(args.part, language, show=args.show and bool(language))
        rows.append((language or "all", c["marked"], f"{c['found'] / c['listed']:.1%}",
                     f"{c['found'] / c['marked']:.1%}", f"{c['kind'] / c['found']:.1%}",
                     f"{c['right'] / c['found']:.1%}", c["never"], f"{c['caught'] / c['alarms']:.1%}",
                     f"{c['caught'] / c['never']:.1%}"))  # fmt: skip
    report(
        f"facts of made drafts, {args.part}",
        ("language", "marked", "precision", "recall", "kind right", "status right", "never said",
         "precision", "recall"),
        rows,
    )  # fmt: skip
    count, taken = long_article_ms()
    print(f"A ledger of {count} facts: {taken:.0f} ms of processor time")


if __name__ == "__main__":
    main()
