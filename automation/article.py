"""The article as Markdown with pointers into the recording, and what follows from them.

A quote is a block quote that ends in a pointer to transcript sentences, `[12:31](#s17-18)`; a paragraph
may end in one too. Pointers survive editing, Markdown export and import; `automation.composing` writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import nh3
from markdown_it.token import Token
from markupsafe import Markup

from automation.grounding.blocks import markdown, shown_blocks
from automation.grounding.guard import judge
from automation.grounding.kinds import Flag, Grade
from automation.grounding.recording import Recording, recording_of
from automation.grounding.silence import first_part
from automation.grounding.typed import Quoted, quotes_of
from automation.transcript import Line, Transcript

POINTER = re.compile(r"^#s(\d+(?:-\d+)?(?:\+\d+(?:-\d+)?)*)$")
POINTED = re.compile(r"\]\((#s[\d+-]+)\)")
TRANSLATION = {"ru": "Перевод", "uk": "Переклад", "en": "Translation"}
TRANSLATION_MARKS = {f"{word.casefold()}:" for word in TRANSLATION.values()}
ALLOWED_TAGS = {
    "p",
    "h2",
    "h3",
    "h4",
    "blockquote",
    "cite",
    "em",
    "strong",
    "a",
    "ul",
    "ol",
    "li",
    "hr",
    "code",
    "pre",
    "br",
}
ALLOWED_ATTRIBUTES = {"a": {"href", "class", "data-start", "data-end", "title"}}


@dataclass(frozen=True, slots=True)
class QuoteCheck:
    text: str
    grade: Grade
    start_s: float | None
    end_s: float | None
    name: str
    sources: tuple[int, ...]
    flags: tuple[Flag, ...] = ()
    must_hear: bool = False  # a person has to listen before signing
    block: int = 0  # of automation.grounding.blocks.shown_blocks …
    start: int = 0  # … and where in its text the quote begins
    end: int = 0  # and ends
    pieces: tuple[tuple[int, ...], ...] = ()  # the units of the recording it was found in
    claim: tuple[str | None, tuple[int, ...]] = (None, ())  # who spoke and where, as the article has it


def clock(seconds: float) -> str:
    """75.2 → "1:15"; 3675 → "1:01:15"."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def pointer(indices: Sequence[int]) -> str:
    """[17, 18, 21] → "#s17-18+21"."""
    runs: list[list[int]] = []
    for idx in indices:
        if runs and idx == runs[-1][-1] + 1:
            runs[-1].append(idx)
        else:
            runs.append([idx])
    return "#s" + "+".join(f"{r[0]}-{r[-1]}" if len(r) > 1 else str(r[0]) for r in runs)


def indices_of(href: str) -> tuple[int, ...]:
    """ "#s17-18+21" → (17, 18, 21); empty for anything else."""
    match = POINTER.match(href)
    if not match:
        return ()
    found: list[int] = []
    for run in match[1].split("+"):
        first, _, last = run.partition("-")
        found.extend(range(int(first), min(int(last or first), int(first) + 200) + 1))
    return tuple(found)


def translation_mark(language: str) -> str:
    """What stands before a translated quote."""
    return TRANSLATION.get(language, TRANSLATION["en"])


def paragraphs(body: str) -> list[str]:
    """The blocks of a Markdown text; joined by empty lines they are the text again."""
    return [part.strip("\n") for part in re.split(r"\n[ \t]*\n", body.replace("\r\n", "\n")) if part.strip()]


def indices_of_block(text: str) -> tuple[int, ...]:
    """The sentences a block of Markdown points to, each once."""
    return tuple(dict.fromkeys(idx for href in POINTED.findall(text) for idx in indices_of(href)))


def to_html(body: str, transcript: Transcript, *, link_quotes: bool) -> Markup:
    """Safe HTML. With `link_quotes` a pointer is a play link; without, a quote is signed and that is all."""
    tokens = markdown().parse(body)
    inside_quote = 0
    for token in tokens:
        inside_quote += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if token.type == "inline":
            token.children = list(
                _with_pointers(token.children or [], transcript, link_quotes, inside_quote > 0)
            )
    html = markdown().renderer.render(tokens, markdown().options, {})
    clean = nh3.clean(
        html,
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )
    return Markup(clean)  # noqa: S704  (nh3 has just cleaned it)


def check_quotes(body: str, transcript: Transcript) -> list[QuoteCheck]:
    """Every quote of the article, pointed and typed, held against the recording."""
    recording = recording_of(transcript.lines)
    checks: list[QuoteCheck] = []
    before: Quoted | None = None
    for quote in quotes_of(shown_blocks(body), transcript.names.values()):
        if before is not None and _translates(quote, before) and checks[-1].grade in ("exact", "cleaned"):
            own = replace(checks[-1], text=quote.text, grade="translated", flags=(), must_hear=True)
            checks.append(replace(own, block=quote.block, start=quote.start, end=quote.end))
            continue
        checks.append(_check(quote, recording, transcript.off_record))
        before = quote
    return checks


def _translates(quote: Quoted, before: Quoted) -> bool:
    """Marked as a translation and right under the words it translates: a class of its own, never green."""
    return (
        quote.block == before.block + 1
        and bool(quote.pointers)
        and set(quote.pointers) <= set(before.pointers)
        and quote.text.casefold().startswith(tuple(TRANSLATION_MARKS))
    )


def _check(quote: Quoted, recording: Recording, off_record: Sequence[tuple[float, float]]) -> QuoteCheck:
    found = judge(quote.text, quote.speaker, quote.pointers, recording)
    start_s, end_s = found.start_s, found.end_s
    if start_s is not None and end_s is not None:
        start_s, end_s = first_part(start_s, end_s, off_record)
    return QuoteCheck(
        quote.text,
        found.grade,
        start_s,
        end_s,
        found.name,
        found.indices,
        found.flags,
        found.must_hear,
        quote.block,
        quote.start,
        quote.end,
        found.pieces,
        (quote.speaker, quote.pointers),
    )


def _with_pointers(
    children: Sequence[Token], transcript: Transcript, link_quotes: bool, is_quote: bool
) -> Iterator[Token]:
    """The inline tokens with each pointer link made a play link, a signature, or nothing."""
    skipping = False
    for child in children:
        lines = (
            lines_at(transcript, indices_of(str(child.attrGet("href") or "")))
            if child.type == "link_open"
            else []
        )
        if child.type == "link_open" and POINTER.match(str(child.attrGet("href") or "")):
            skipping = True
            if lines and (link_quotes or is_quote):
                yield from _shown(lines, link_quotes, transcript.off_record)
        elif skipping:
            skipping = child.type != "link_close"
        else:
            yield child


def _shown(
    lines: Sequence[Line], link_quotes: bool, off_record: Sequence[tuple[float, float]]
) -> Iterator[Token]:
    """A pointer as it is shown; a play link never covers what is off the record."""
    start_s, end_s = first_part(lines[0].start_s, lines[-1].end_s, off_record)
    name, time = lines[0].name, clock(start_s)
    if not link_quotes:
        yield Token("cite_open", "cite", 1)
        yield Token("text", "", 0, content=f"— {name}, {time}" if name else f"— {time}")
        yield Token("cite_close", "cite", -1)
        return
    yield Token(
        "link_open",
        "a",
        1,
        attrs={
            "href": pointer([line.idx for line in lines]),
            "class": "pointer",
            "data-start": f"{start_s:.2f}",
            "data-end": f"{end_s:.2f}",
        },
    )
    yield Token("text", "", 0, content=f"▶ {time} {name}".rstrip())
    yield Token("link_close", "a", -1)


def lines_at(transcript: Transcript, indices: Iterable[int]) -> list[Line]:
    """The lines of these numbers, without those that are off the record whole."""
    return [line for idx in indices if (line := transcript.line(idx)) is not None and not line.is_silent]
