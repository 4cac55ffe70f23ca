"""Figures about a whole draft, kept with it: how much of it stands on the recording, and how much it used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from razdel import sentenize

from automation.grounding.blocks import blocks_of
from automation.grounding.facts import Fact, extract
from automation.grounding.kinds import SpokenLine, Verdict
from automation.grounding.numbers import units_of
from automation.grounding.recording import Recording
from providers.drafting.words import Vocabulary

CONTAINED = 0.5  # of a sentence's content words must stand in its source
FEWEST_WORDS = 3  # content words; shorter sentences assert little


@dataclass(frozen=True, slots=True)
class Measures:
    """Shares are 0..1, or None where there is nothing to count.

    Precision and recall are a proxy without a model: a sentence is supported when its figures and at
    least half of its content words stand in the sentences its paragraph points to.
    """

    quotes: int
    faithful_quotes: int  # exact or cleaned
    attribution_precision: float | None  # of the sentences that cite: supported by what they cite
    attribution_recall: float | None  # of all sentences that assert something: cited and supported
    specifics: int
    unsupported_specifics: float | None
    interview_used: float | None  # of the recording's words: in sentences the draft points to


def of(
    draft: str,
    lines: Sequence[SpokenLine] | Recording,
    notes: str = "",
    verdicts: Iterable[Verdict] = (),
    facts: Sequence[Fact] | None = None,
) -> Measures:
    """The measures of a draft; `verdicts` are the guard's on its quotes, `facts` what was found already."""
    recording = lines if isinstance(lines, Recording) else Recording(lines)
    judged = list(verdicts)
    supports = list(_supports(draft, recording))
    cited = [support for support in supports if support is not None]
    facts = extract(draft, recording, notes) if facts is None else facts
    return Measures(
        quotes=len(judged),
        faithful_quotes=sum(verdict.grade in ("exact", "cleaned") for verdict in judged),
        attribution_precision=_share(sum(cited), len(cited)),
        attribution_recall=_share(sum(cited), len(supports)),
        specifics=len(facts),
        unsupported_specifics=_share(sum(not fact.supported for fact in facts), len(facts)),
        interview_used=_used(draft, recording, judged),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _supports(draft: str, recording: Recording) -> Iterator[bool | None]:
    """Of each sentence that asserts something: is it supported by what it cites; None if it cites nothing."""
    vocabulary = Vocabulary([line.text for line in recording.lines])
    for block in blocks_of(draft):
        if block.kind != "paragraph":
            continue
        cited = [
            recording.lines[recording.position[i]].text for i in block.pointers if i in recording.position
        ]
        source = " ".join(cited)
        lemmas = set(vocabulary.lemmas(source))
        figures = {unit.key for unit in units_of(source) if unit.is_number}
        for sentence in sentenize(block.text):
            content = vocabulary.lemmas(sentence.text)
            asserted = {unit.key for unit in units_of(sentence.text) if unit.is_number}
            if len(content) < FEWEST_WORDS and not asserted:
                continue
            contained = sum(lemma in lemmas for lemma in content) >= CONTAINED * len(content)
            yield (contained and asserted <= figures) if cited else None


def _used(draft: str, recording: Recording, verdicts: Sequence[Verdict]) -> float | None:
    pointed = {idx for block in blocks_of(draft) for idx in block.pointers}
    pointed |= {idx for verdict in verdicts for idx in verdict.indices}
    words = {line.idx: len(line.text.split()) for line in recording.lines}
    return _share(sum(count for idx, count in words.items() if idx in pointed), sum(words.values()))
