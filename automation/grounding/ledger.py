"""The one entry of the ledger of facts: what an article asserts in figures and names, as JSON for a page.

The contract, kept by `version`:

    {
      "version": 1,
      "facts": [
        {
          "kind": "number" | "date" | "money" | "percent" | "name" | "organisation" | "place",
          "text": "3,5 млн рублей",       as it stands in the article
          "where": "title" | "dek" | "body",
          "block": 2,                     of the body: position in `blocks.shown_blocks(body)`; else null
          "start": 10, "end": 24,         characters of that block's plain text (of the title, of the dek)
          "status": "said" | "noted" | "missing",
          "source": 17,                   said: index of the transcript sentence; else null
          "start_s": 75.2, "end_s": 79.0, said: where to listen; else null
          "said": "Мост стоит …"          said: that sentence; else ""
        }, …
      ],
      "missing": [3, 8],                  positions in "facts" of what is "not in the recording"
      "measures": {… `measures.Measures` …}
    }

Facts stand in the order of the article: title, dek, body. "noted" stands in the editor's notes only. The
plain text of a block is what a page shows of the nth paragraph, heading, list item or line of a quote (the
nth inline token of markdown-it): without its pointers, a space for each line break, nothing around it. The
same draft and transcript give the same ledger; nothing is asked of any model, network or database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal, Protocol, TypedDict

from automation.grounding import measures
from automation.grounding.blocks import Shown, shown_blocks
from automation.grounding.facts import Fact, facts_of
from automation.grounding.guard import judge
from automation.grounding.kinds import SpokenLine
from automation.grounding.recording import Recording, recording_of
from automation.grounding.silence import first_part
from automation.grounding.spotting import FactKind
from automation.grounding.typed import quotes_of

VERSION = 1
Where = Literal["title", "dek", "body"]
Status = Literal["said", "noted", "missing"]


class Spoken(Protocol):
    """`automation.transcript.Transcript` is one: its lines, and the shown names by label."""

    @property
    def lines(self) -> Sequence[SpokenLine]: ...
    @property
    def names(self) -> Mapping[str, str]: ...


class FactRow(TypedDict):
    kind: FactKind
    text: str
    where: Where
    block: int | None
    start: int
    end: int
    status: Status
    source: int | None
    start_s: float | None
    end_s: float | None
    said: str


class FactLedger(TypedDict):
    version: int
    facts: list[FactRow]
    missing: list[int]
    measures: dict[str, Any]


def ledger_of(draft_body: str, title: str, dek: str, transcript: Spoken, notes: str = "") -> FactLedger:
    """The ledger of an article: see the module for the shape. `notes` are what the editor knows besides."""
    recording = recording_of(transcript.lines)
    off_record = tuple(getattr(transcript, "off_record", ()))
    shown = shown_blocks(draft_body)
    places: list[tuple[Where, Shown]] = [
        ("title", Shown(-1, "heading", title, ())),
        ("dek", Shown(-1, "paragraph", dek, ())),
        *(("body", block) for block in shown),
    ]
    found = facts_of([block for _, block in places], recording, notes)
    rows = [
        _row(fact, where, block, recording, off_record)
        for (where, block), facts in zip(places, found, strict=True)
        for fact in facts
    ]
    verdicts = [
        judge(quote.text, quote.speaker, quote.pointers, recording)
        for quote in quotes_of(shown, transcript.names.values())
    ]
    facts = [fact for block in found for fact in block]
    return {
        "version": VERSION,
        "facts": rows,
        "missing": [n for n, row in enumerate(rows) if row["status"] == "missing"],
        "measures": asdict(measures.of(draft_body, recording, notes, verdicts, facts)),
    }


def missing(ledger: FactLedger) -> Iterator[FactRow]:
    """What is not in the recording, in the order of the article."""
    return (ledger["facts"][n] for n in ledger["missing"])


def _row(
    fact: Fact, where: Where, block: Shown, recording: Recording, off_record: Sequence[tuple[float, float]]
) -> FactRow:
    line = None if fact.source is None else recording.lines[recording.position[fact.source]]
    start_s, end_s = first_part(line.start_s, line.end_s, off_record) if line else (None, None)
    return {
        "kind": fact.kind,
        "text": fact.text,
        "where": where,
        "block": block.index if where == "body" else None,
        "start": fact.start,
        "end": fact.end,
        "status": "said" if line else "noted" if fact.in_notes else "missing",
        "source": fact.source,
        "start_s": start_s,
        "end_s": end_s,
        "said": line.text if line else "",
    }
