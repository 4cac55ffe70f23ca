"""The judge of quotes: deterministic, offline, for Russian, Ukrainian and English.

A quote is accepted (exact, cleaned) only if its words can be followed through the recording one by one
with nothing left out but fillers, repetitions and honest ellipses; likeness accepts nothing. What fails
that is explained, and the explanation never turns a refusal into an acceptance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from automation.grounding.edges import cut_flags, cut_off, cut_short
from automation.grounding.explaining import explain
from automation.grounding.kinds import NOTES, Flag, Grade, SpokenLine, Verdict, msg
from automation.grounding.matching import Path, paths, pieces_of
from automation.grounding.recording import CLAUSE_END, UNSURE, Recording, Span
from automation.grounding.units import Unit
from providers.drafting.words import CYRILLIC, LATIN, RUSSIAN, UKRAINIAN

ENDS_OPEN = re.compile(r"(?:…|\.{2,})[»”“\"')\]\s]*$")
FULL_STOP = re.compile(r"(?<!\.)[.!][»”“\"')\]\s]*$")
FEWEST_FOREIGN_WORDS = 3


@dataclass(frozen=True, slots=True)
class Quote:
    text: str
    pieces: tuple[tuple[Unit, ...], ...]
    speaker: str | None  # a name or a label, as the article claims
    pointed: tuple[int, ...]  # positions of the lines it points to

    @property
    def units(self) -> list[Unit]:
        return [unit for piece in self.pieces for unit in piece]


def judge(
    text: str,
    speaker: str | None,
    pointers: Iterable[int],
    lines: Sequence[SpokenLine] | Recording,
) -> Verdict:
    """The verdict on one quote. Hand in a `Recording` when there are many quotes: it is indexed once.

    `speaker` is who the article says spoke (a name or a label), `pointers` the indices it points to.
    """
    recording = lines if isinstance(lines, Recording) else Recording(lines)
    pointed = tuple(recording.position[idx] for idx in pointers if idx in recording.position)
    quote = Quote(text, tuple(tuple(piece) for piece in pieces_of(text)), speaker, pointed)
    if not quote.pieces or not recording.units:
        return _lost(quote, recording, ())
    best = _best(quote, recording)
    if best is not None:
        return _verdict(quote, recording, *best)
    return _explained(quote, recording)


def _best(quote: Quote, recording: Recording) -> tuple[Path, list[Flag]] | None:
    """The place with the fewest flags where every word can be followed."""
    region = recording.span_of(quote.pointed)
    best: tuple[Path, list[Flag]] | None = None
    for within in [region, None] if region else [None]:
        for path in paths(quote.pieces, recording, within):
            flags = _path_flags(quote, recording, path)
            if not [flag for flag in flags if flag.kind not in NOTES]:
                return path, flags
            if best is None or len(flags) < len(best[1]):
                best = path, flags
        if best is not None and not any(flag.kind == "wrong_speaker" for flag in best[1]):
            return best
    return best


def _explained(quote: Quote, recording: Recording) -> Verdict:
    region = recording.span_of(quote.pointed)
    found = explain(quote.pieces, recording, region)
    foreign = _foreign(quote, recording)
    if foreign is not None and (found or region):
        path = (
            found.path if found else Path((tuple(range(region.first, region.last + 1)),)) if region else None
        )
        if path is not None:
            return _as("translated", quote, recording, path, [foreign])
    if found is None:
        return _lost(quote, recording, (foreign,) if foreign else ())
    flags = [*found.flags, *_path_flags(quote, recording, found.path)]
    if not [flag for flag in flags if flag.kind not in NOTES]:
        flags.append(Flag("word_changed", msg("The words differ from the recording.")))
    return _verdict(quote, recording, found.path, flags)


def _verdict(quote: Quote, recording: Recording, path: Path, flags: list[Flag]) -> Verdict:
    kinds = {flag.kind for flag in flags} - NOTES
    grade: Grade = "wrong_speaker" if "wrong_speaker" in kinds else "edited" if kinds else "cleaned"
    if grade == "cleaned" and _is_exact(quote, recording, path):
        grade = "exact"
    return _as(grade, quote, recording, path, flags)


def _as(grade: Grade, quote: Quote, recording: Recording, path: Path, flags: list[Flag]) -> Verdict:
    positions = sorted({recording.line_of[at] for at in path.units})
    indices = tuple(recording.lines[n].idx for n in positions)
    name = recording.lines[recording.line_of[path.first]].name
    start_s, end_s = recording.start_s(path.first), recording.end_s(path.last)
    return Verdict(grade, start_s, end_s, indices, name, _once(flags), path.pieces)


def _lost(quote: Quote, recording: Recording, flags: tuple[Flag, ...]) -> Verdict:
    """Nowhere to be found; it keeps the time of what it points to."""
    told = flags or (Flag("invented", msg("These words are nowhere in the recording.")),)
    lines = [recording.lines[n] for n in sorted(set(quote.pointed))]
    if not lines:
        return Verdict("not_found", None, None, (), "", told)
    indices = tuple(line.idx for line in lines)
    return Verdict("not_found", lines[0].start_s, lines[-1].end_s, indices, lines[0].name, told)


def _once(flags: Iterable[Flag]) -> tuple[Flag, ...]:
    kept: dict[tuple[str, str], Flag] = {}
    for flag in flags:
        kept.setdefault((flag.kind, str(flag)), flag)
    return tuple(kept.values())


def _path_flags(quote: Quote, recording: Recording, path: Path) -> list[Flag]:
    """What is wrong with a quote that was found at a place, its words apart."""
    flags = _speaker_flags(quote, recording, path)
    for a, b in pairwise(path.pieces):
        flags.extend(_between(recording, a[-1], b[0]))
    for piece in path.pieces:
        flags.extend(_between_units(recording, piece))
        flags.extend(_silence_flags(recording, piece))
        flags.extend(cut_flags(recording, piece[0], piece[-1]))
    if len(path.units) == len(quote.units):
        flags.extend(_whole_flags(quote, recording, path))
    flags.extend(_question_flags(quote, recording, path))
    flags.extend(_comma_flags(quote, recording, path))
    flags.extend(_unsure_flags(recording, path))
    return flags


def _whole_flags(quote: Quote, recording: Recording, path: Path) -> list[Flag]:
    """A quote that looks like a whole sentence, and is a piece of one."""
    full_stop = bool(FULL_STOP.search(quote.text))
    opens = _opens_whole(quote)
    found: list[Flag | None] = []
    if full_stop or (opens and not ENDS_OPEN.search(quote.text)):
        found.append(cut_short(recording, path.last))
    if opens:
        found.append(cut_off(recording, path.first))
    return [flag for flag in found if flag]


def _opens_whole(quote: Quote) -> bool:
    """A capital without an ellipsis says that the sentence begins here."""
    opening = quote.text.lstrip("«»“”„\"'‘’—–- ")
    return opening[:1].isupper()


def _speaker_flags(quote: Quote, recording: Recording, path: Path) -> list[Flag]:
    lines = [recording.lines[recording.line_of[at]] for at in path.units]
    spoke = {line.speaker for line in lines}
    expected = [recording.lines[n] for n in quote.pointed]
    claimed = _labels(recording, quote.speaker) if quote.speaker else set()
    owners = claimed or ({line.speaker for line in expected} - {""})
    flags: list[Flag] = []
    if quote.speaker and not claimed:
        flags.append(_wrong_speaker(lines[0], quote.speaker))
    elif owners and spoke.isdisjoint(owners):
        flags.append(_wrong_speaker(lines[0], quote.speaker or expected[0].name))
    if len(spoke) > 1:
        names = ", ".join(dict.fromkeys(line.name or line.speaker for line in lines))
        flags.append(
            Flag("splice", msg("The quote joins the words of several people: %(names)s."), {"names": names})
        )
    if quote.pointed and not {recording.line_of[at] for at in path.units} <= set(quote.pointed):
        flags.append(
            Flag("elsewhere", msg("These words stand in sentence %(idx)s, not where the quote points."),
                 {"idx": lines[0].idx})
        )  # fmt: skip
    return flags


def _wrong_speaker(line: SpokenLine, claimed: str) -> Flag:
    template = msg("These are the words of %(spoke)s, not of %(claimed)s.")
    return Flag("wrong_speaker", template, {"spoke": line.name or line.speaker or "?", "claimed": claimed})


def _labels(recording: Recording, claimed: str) -> set[str]:
    """Whom a claim may mean: «Соколова» is «Ирина Соколова»; a label is itself."""
    wanted = set(re.findall(r"\w+", claimed.casefold()))
    return {
        label
        for label, name in recording.speakers
        if claimed == label or (wanted and wanted <= set(re.findall(r"\w+", name.casefold())))
    }


def _between_units(recording: Recording, piece: tuple[int, ...]) -> list[Flag]:
    return [flag for a, b in pairwise(piece) if b > a + 1 for flag in _between(recording, a, b)]


def _between(recording: Recording, a: int, b: int) -> list[Flag]:
    """The flag for somebody else's words between two units."""
    speakers = {recording.speaker(a), recording.speaker(b)}
    for position in range(recording.line_of[a] + 1, recording.line_of[b]):
        line = recording.lines[position]
        if line.speaker in speakers or recording.is_backchannel(position):
            continue
        if "?" in line.text:
            template = msg("A question was asked between these words: “%(question)s”.")
            return [Flag("question_inside", template, {"question": line.text})]
        template = msg("%(name)s speaks between these words: “%(words)s”.")
        return [Flag("splice", template, {"name": line.name or line.speaker, "words": line.text})]
    return []


def _silence_flags(recording: Recording, piece: tuple[int, ...]) -> list[Flag]:
    """What is off the record is left out as everything else is: with an ellipsis."""
    if len(piece) < 2 or not recording.hides(piece[0], piece[-1]):
        return []
    template = msg("Words that are off the record stand between these: put an ellipsis there.")
    return [Flag("silent_gap", template)]


def _question_flags(quote: Quote, recording: Recording, path: Path) -> list[Flag]:
    sentences = {recording.sentence(at) for at in path.units}
    asked = [s for s in sentences if recording.is_question(s) and not _is_tag(recording, s, path)]
    if quote.text.count("?") >= len(asked):
        return []
    question = recording.text(asked[0].first, asked[0].last)
    template = msg("This was asked, not stated: “%(question)s?”")
    return [Flag("question_lost", template, {"question": question})]


def _is_tag(recording: Recording, sentence: Span, path: Path) -> bool:
    """«Бумага в порядке, так?»: a statement with a question for a tail, which the quote left out."""
    return sentence.last in recording.sense.quiet and sentence.last not in path.units


def _comma_flags(quote: Quote, recording: Recording, path: Path) -> list[Flag]:
    """«Казнить, нельзя помиловать»: a comma that went to the other side of a negation."""
    units, places = quote.units, path.units
    if len(units) != len(places):
        return []
    for n, at in enumerate(places[:-1]):
        if recording.sense.has(at, "negation") and at > 0:
            said = _commas(recording.units[at], recording.units[at + 1 : at + 2])
            written = _commas(units[n], units[n + 1 : n + 2])
            if {said, written} == {(True, False), (False, True)}:
                template = msg("The comma went to the other side of “%(word)s”.")
                return [Flag("comma_moved", template, {"word": units[n].raw})]
    return []


def _commas(unit: Unit, after: Sequence[Unit]) -> tuple[bool, bool]:
    return bool(CLAUSE_END & set(unit.before)), bool(after and CLAUSE_END & set(after[0].before))


def _unsure_flags(recording: Recording, path: Path) -> list[Flag]:
    """One flag for all the words the recogniser was not sure of."""
    unsure = [at for at in path.units if (sure := recording.confidence(at)) is not None and sure < UNSURE]
    if not unsure:
        return []
    words = ", ".join(dict.fromkeys(recording.units[at].raw for at in unsure))
    template = msg("The recogniser was not sure of “%(word)s”: listen before you sign.")
    return [Flag("unsure", template, {"word": words})]


def _is_exact(quote: Quote, recording: Recording, path: Path) -> bool:
    """Word for word, letter for letter; case and punctuation apart."""
    places = path.units
    unbroken = places == list(range(places[0], places[-1] + 1))
    said = (recording.units[at].raw.lower() for at in places)
    return unbroken and all(a == unit.raw.lower() for a, unit in zip(said, quote.units, strict=True))


def _foreign(quote: Quote, recording: Recording) -> Flag | None:
    """A flag when the quote is in another language than what it points to."""
    written = _tongue(quote.text)
    pointed = " ".join(recording.lines[position].text for position in quote.pointed)
    said = (_tongue(pointed) if pointed else None) or recording.language
    if written is None or written == said or len(quote.units) < FEWEST_FOREIGN_WORDS:
        return None
    return Flag("language", msg("This is a translation: "
            "the recording is in another language (%(language)s)."),
                {"language": said})  # fmt: skip


def _tongue(text: str) -> str | None:
    """ru, uk or en; None when the letters do not tell."""
    if len(LATIN.findall(text)) > len(CYRILLIC.findall(text)):
        return "en"
    russian, ukrainian = len(RUSSIAN.findall(text)), len(UKRAINIAN.findall(text))
    if russian == ukrainian:
        return None
    return "uk" if ukrainian > russian else "ru"
