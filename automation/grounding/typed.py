"""Quotes a person or a model typed by hand: «…», “…”, and dialogue with a dash; and whom the text says spoke.

In «— Мы построим мост, — сказал мэр. — Он нужен городу.» the author's words between the dashes are no part
of the quote. A speaker is taken from the text only where a verb of speech, a colon or "according to" says
so and exactly one known name stands there; else nobody is claimed to have spoken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from automation.grounding.blocks import Shown
from automation.grounding.units import plain

QUOTED = re.compile(r"«([^«»]*(?:«[^«»]*»[^«»]*)*)»|“([^“”„]+)”|„([^„“”]+)[“”]|(?<!\w)\"([^\"]+)\"(?!\w)")
FEWEST_WORDS = 4  # shorter ones are names and titles: «Вечерний Днипро»
DASH = re.compile(r"\s*[—–]\s+")
TURN = re.compile(r"(?<=[,.!?…])\s+[—–]\s+")  # where speech and the author's words change
WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
SPEECH = re.compile(
    r"(с?каза(л|ла|ли)|говор(ит|ят|ил|ила)|сообщ(ил|ила|ает)|отме(тил|тила|чает)|добав(ил|ила|ляет)|поясн(ил|ила|яет)"
    r"|объясн(ил|ила|яет)|рассказ(ал|ала|ывает)|ответил[аи]?|отвечает|призна(лся|лась|ётся|ется)|уверен[аы]?|счита(ет|л|ла)"
    r"|подчеркнул[аи]?|подчёркивает|заяв(ил|ила|ляет)|спросил[аи]?|спрашивает|вспомина(ет|л|ла)|утвержда(ет|л|ла)"
    r"|пишет|цитирует|возра(зил|зила|жает)|уточн(ил|ила|яет)|продолж(ил|ила|ает)|вздыхает|вздохнул[аи]?|смеётся|смеется"
    r"|шутит|пошутил[аи]?|думает|полагает|обещает|пообещал[аи]?|делится|поделил(ся|ась)|произн(ёс|ес|есла)|бросил[аи]?"
    r"|с?каза(в|ла|ли)|каже|кажуть|повідом(ив|ила|ляє)|зазнач(ив|ила|ає)|дод(ав|ала|ає)|поясн(ив|ила|ює)|розпові(в|ла|дає)"
    r"|відпові(в|ла|дає)|визна(в|ла|є)|певен|певна|впевнен(ий|а)|вважа(є|в|ла)|наголо(сив|сила|шує)|заяв(ив|ила|ляє)"
    r"|запит(ав|ала|ує)|питає|згад(ав|ала|ує)|стверджу(є|вав|вала)|заперечи(в|ла)|уточн(ив|ила|ює)|продовжу(є|вав|вала)"
    r"|зітха(є|в|ла)|сміється|жарту(є|вав|вала)|гадає|обіця(є|в|ла)|ділиться|поділи(вся|лася)|мови(в|ла)|кинув|кинула"
    r"|says?|said|tells?|told|adds?|added|explain(s|ed)|ask(s|ed)|repl(ies|ied)|recall(s|ed)|admit(s|ted)|argue[sd]"
    r"|insist(s|ed)|claim(s|ed)|believes?|believed|not(es|ed)|wr(ites|ote)|warn(s|ed)|promise[sd]|laugh(s|ed)|sigh(s|ed)"
    r"|answer(s|ed)|continue[sd]|remember(s|ed)|jok(es|ed)|state[sd]|announce[sd]|according)",
    re.IGNORECASE,
)
ACCORDING = re.compile(
    r"(?i)(?:по словам|со слов|по мнению|за словами|на думку|зі слів|according to|in the words of)\W+"
)
ADDRESSED = re.compile(r"(?i)\b(?:told|asked|to|tells|asks)\W+$")
SENTENCE_END = re.compile(r"[.!?…]+[»”“\"')\]]*(?=\s|$)")
SHORTEST_STEM = 4


@dataclass(frozen=True, slots=True)
class Typed:
    """`start` and `end` are characters of the text; `speaker` is a name out of those known, or None."""

    text: str
    start: int
    end: int
    speaker: str | None


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote of an article: a block quote, or typed into `block` at `start`."""

    text: str
    pointers: tuple[int, ...]
    speaker: str | None
    block: int
    start: int
    end: int


def quotes_of(blocks: Iterable[Shown], names: Iterable[str] = ()) -> Iterator[Quoted]:
    """Every quote of an article in order; `names` are the shown names of who speaks in the recording."""
    known = list(names)
    for block in blocks:
        if block.kind == "heading":
            continue
        typed = list(typed_quotes(block.text, known))
        if block.kind == "quote" and not (typed and _is_signed(block.text, typed)):
            yield Quoted(block.text, block.pointers, None, block.index, 0, len(block.text))
            continue
        pointers = block.pointers if block.kind == "quote" else ()
        for quote in typed:
            yield Quoted(quote.text, pointers, quote.speaker, block.index, quote.start, quote.end)


def _is_signed(text: str, typed: list[Typed]) -> bool:
    """A block quote with the author's words in it: «…», — сказал Иванов."""
    rest = text[: typed[0].start] + text[typed[-1].end :]
    opens = not WORD.search(text[: typed[0].start])
    return opens and (not WORD.search(rest) or _has_speech(rest) or typed[0].speaker is not None)


def typed_quotes(text: str, names: Iterable[str] = ()) -> Iterator[Typed]:
    """The quotes typed into one paragraph, in order."""
    known = [name for name in dict.fromkeys(names) if name]
    if dash := DASH.match(text):
        yield from _dialogue(text, dash.end(), known)
        return
    found = [m for m in QUOTED.finditer(text) if _is_quote(next(g for g in m.groups() if g is not None))]
    for n, match in enumerate(found):
        group = next(i for i in range(1, 5) if match[i] is not None)
        since = found[n - 1].end() if n else 0
        until = found[n + 1].start() if n + 1 < len(found) else len(text)
        speaker = speaker_near(text[since : match.start()], text[match.end() : until], known)
        yield Typed(match[group], match.start(group), match.end(group), speaker)


def _is_quote(text: str) -> bool:
    return len(WORD.findall(text)) >= FEWEST_WORDS


def _dialogue(text: str, begin: int, names: list[str]) -> Iterator[Typed]:
    """The speech of a paragraph that opens with a dash; what the author says between the dashes is not."""
    edges = [begin]
    for turn in TURN.finditer(text, begin):
        edges += [turn.start(), turn.end()]
    edges.append(len(text))
    said: list[tuple[int, int]] = []
    speakers: set[str | None] = set()
    goes_on = False  # a dash inside speech: «То, что мы видели, — это чудо»
    for n, (start, end) in enumerate(_spans(edges)):
        if n and _is_author(text[start:end]):
            speakers.add(_only(text[start:end], names))
            goes_on = False
            continue
        said[-1:] = [(said[-1][0], end)] if goes_on else [*said[-1:], (start, end)]
        goes_on = True
    if sum(len(WORD.findall(text[start:end])) for start, end in said) < FEWEST_WORDS:
        return
    speaker = speakers.pop() if len(speakers) == 1 else None
    for start, end in said:
        if WORD.search(text, start, end):
            yield Typed(text[start:end].rstrip(" ,"), start, end, speaker)


def _spans(edges: list[int]) -> list[tuple[int, int]]:
    return list(zip(edges[::2], edges[1::2], strict=True))


def _is_author(text: str) -> bool:
    """«сказал мэр.»: a small letter and a verb of speech among the first words."""
    words = WORD.findall(text)
    return text[:1].islower() and any(SPEECH.fullmatch(word) for word in words[:4])


def speaker_near(before: str, after: str, names: list[str]) -> str | None:
    """Whom the words around a quote name as its speaker."""
    end = SENTENCE_END.search(after)
    behind = after[: end.start()] if end else after
    if re.match(r"\s*[,.!?…]?\s*[—–-]?\s*\w", behind) and (name := _attributed(behind, names)):
        return name
    sentences = SENTENCE_END.split(before)
    ahead = sentences[-1] if sentences else before
    ahead = ahead if ahead.strip(" —–-,") else ""
    if ahead.rstrip().endswith(":") or ACCORDING.search(ahead) or _has_speech(ahead):
        return _attributed(ahead, names, colon=ahead.rstrip().endswith(":"))
    return None


def _attributed(text: str, names: list[str], *, colon: bool = False) -> str | None:
    told = ACCORDING.search(text)
    if told:
        return _inflected(text[told.end() :], names)
    return _only(text, names) if colon or _has_speech(text) else None


def _has_speech(text: str) -> bool:
    return any(SPEECH.fullmatch(word) for word in WORD.findall(text))


def _only(text: str, names: list[str]) -> str | None:
    """The one name that stands here in the nominative and is not spoken to."""
    here = {
        name
        for name in names
        for part in _parts(name)
        for match in re.finditer(rf"(?<!\w){re.escape(part)}(?!\w)", plain(text))
        if not _addressed(text[: match.start()])
    }
    return _narrowest(here, text)


def _addressed(before: str) -> bool:
    return bool(ADDRESSED.search(before)) and bool(WORD.search(ADDRESSED.sub("", before)))


def _narrowest(here: set[str], text: str) -> str | None:
    """Of two Ivanovs the one whose first name stands here too."""
    if len(here) > 1:
        words = set(WORD.findall(plain(text)))
        most = max(len(words & set(_parts(name))) for name in here)
        here = {name for name in here if len(words & set(_parts(name))) == most}
    return next(iter(here)) if len(here) == 1 else None


def _inflected(text: str, names: list[str]) -> str | None:
    """«по словам Иванова»: the nearest word that shares its stem with one name."""
    for word in [plain(w) for w in WORD.findall(text)[:5]]:
        near = {name for name in names for part in _parts(name) if _same_stem(word, part)}
        if near:
            return _narrowest(near, text)
    return None


def _same_stem(word: str, part: str) -> bool:
    stem = max(min(len(part) - 1, len(word) - 1), SHORTEST_STEM)
    stem = min(stem, len(part) - (2 if len(part) > SHORTEST_STEM + 1 else 0))
    return abs(len(word) - len(part)) <= 3 and word[:stem] == part[:stem]


def _parts(name: str) -> list[str]:
    return [part for part in WORD.findall(plain(name)) if len(part) > 1]
