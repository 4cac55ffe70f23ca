"""What was done to words between the recording and a quote, as flags."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from automation.grounding.kinds import Flag, FlagKind, msg
from automation.grounding.lexicon import Sense, sense_of
from automation.grounding.recording import Recording
from automation.grounding.units import Unit, same

REMOVED = {
    "negation": ("negation_removed", msg("The negation “%(said)s” was said and is missing here.")),
    "hedge": ("hedge_removed", msg("The speaker said “%(said)s”; leaving it out makes the words stronger.")),
    "": ("word_removed", msg("“%(said)s” was said here and is left out without an ellipsis.")),
}
ADDED = {
    "negation": ("negation_added", msg("The negation “%(written)s” is not in the recording.")),
    "hedge": ("hedge_added", msg("“%(written)s” was put in; the speaker did not say it.")),
    "": ("word_added", msg("“%(written)s” was put in; the speaker did not say it.")),
}
CHANGED = {
    "number": ("number_changed", msg("The recording says “%(said)s”, the quote “%(written)s”.")),
    "name": ("name_changed", msg("The recording names “%(said)s”, the quote “%(written)s”.")),
    "": ("word_changed", msg("The recording says “%(said)s”, the quote “%(written)s”.")),
}
HEDGING = ("hedge", "condition", "report", "approximate", "frequency")


def compare(
    quote: Sequence[Unit], recording: Recording, first: int, last: int
) -> tuple[list[tuple[int, int]], list[Flag]]:
    """The pairs (place in the quote, unit of the recording) that agree, and the flags for the rest."""
    said = recording.units[first : last + 1]
    ours, theirs = [u.key for u in said], [u.key for u in quote]
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    pairs = [
        (k + n, first + i + n)
        for tag, i, j, k, _ in blocks if tag == "equal"
        for n in range(j - i) if same(said[i + n], quote[k + n])
    ]  # fmt: skip
    if not pairs:
        return [], []
    return pairs, _flags(quote, recording, pairs)


def _flags(quote: Sequence[Unit], recording: Recording, pairs: list[tuple[int, int]]) -> list[Flag]:
    """The flags between the pairs, before the first and after the last of them."""
    sentences = recording.sentence(pairs[0][1]), recording.sentence(pairs[-1][1])
    head = min(pairs[0][0], pairs[0][1] - sentences[0].first)
    tail = min(len(quote) - pairs[-1][0] - 1, sentences[1].last - pairs[-1][1])
    flags: list[Flag] = []
    before = (-1, pairs[0][1] - head - 1)
    for pair in [*pairs, (len(quote), pairs[-1][1] + tail + 1)]:
        written = list(range(before[0] + 1, pair[0]))
        said = [at for at in range(before[1] + 1, pair[1]) if at not in recording.sense.quiet]
        flags.extend(difference(quote, written, recording, said))
        before = pair
    return flags


def difference(
    quote: Sequence[Unit], written: list[int], recording: Recording, said: list[int]
) -> list[Flag]:
    """The flags for some units of the recording in whose place some units of the quote stand."""
    if not written and not said:
        return []
    ours = [recording.units[at] for at in said]
    theirs = [quote[n] for n in written]
    flags = [_added(unit) for unit in theirs if _kind(unit) in ("negation", "hedge")]
    flags += [
        _made(REMOVED["negation" if recording.sense.has(at, "negation") else "hedge"], said=unit.raw)
        for at, unit in zip(said, ours, strict=True)
        if recording.sense.has(at, "negation", *HEDGING)
    ]
    ours = [u for at, u in zip(said, ours, strict=True) if not recording.sense.has(at, "negation", *HEDGING)]
    theirs = [unit for unit in theirs if _kind(unit) == ""]
    if ours and theirs:
        kind = "number" if _any_number(ours, theirs) else "name" if _any_name(ours, theirs) else ""
        flags.append(_made(CHANGED[kind], said=_raw(ours), written=_raw(theirs)))
    elif ours:
        flags.append(_made(REMOVED[""], said=_raw(ours)))
    elif theirs:
        flags.append(_made(ADDED[""], written=_raw(theirs)))
    return flags


def _added(unit: Unit) -> Flag:
    return _made(ADDED[_kind(unit)], written=unit.raw)


def _kind(unit: Unit) -> str:
    sense: Sense = sense_of([unit])
    if "negation" in sense.kinds[0]:
        return "negation"
    return "hedge" if sense.kinds[0] - {"intention"} else ""


def _made(row: tuple[str, str], **params: object) -> Flag:
    kind: FlagKind = row[0]  # type: ignore[assignment]
    return Flag(kind, row[1], params)


def _any_number(ours: Sequence[Unit], theirs: Sequence[Unit]) -> bool:
    return any(unit.is_number for unit in ours) or any(unit.is_number for unit in theirs)


def _any_name(ours: Sequence[Unit], theirs: Sequence[Unit]) -> bool:
    return any(unit.is_capital for unit in ours) and any(unit.is_capital for unit in theirs)


def _raw(units: Sequence[Unit]) -> str:
    return " ".join(unit.raw for unit in units)
