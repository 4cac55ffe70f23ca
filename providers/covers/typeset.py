"""Setting a title in a box: largest size that fits, lines of even length, nothing left hanging.

Follows the habits of Russian and Ukrainian typography: a short preposition or conjunction goes to the
next line with its word, a dash stays with the word before it, quotation marks never leave their word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

Measure = Callable[[str], float]  # width of a text in px at size 100

MAX_LINES = 4
POSTER_PX = 94  # letters larger than this fill at most two lines
FEWER_LINES_SHRINK = 0.87  # a title shrinks this far to need a line less
HYPHENATE_PX = 54  # a long word makes the title smaller down to here, then it is hyphenated
VOWELS = set("аеёиоуыэюяіїєaeiouyáéíóúäöüåœæ")
NBSP = "\u00a0"
HYPHEN = "\u00ad"  # at the end of a part of a word: shown as a hyphen where the line ends there
SEAM = "\u200b"  # the same after a hyphen of the word's own: nothing to show

# Words of up to two letters never end a line; of the longer ones these.
CLINGING = {
    *("без", "для", "под", "при", "про", "над", "обо", "изо", "что", "как", "или", "чем", "если", "это"),
    *("між", "під", "над", "від", "але", "або", "про", "при", "для"),
    *("the", "and", "for", "but", "nor", "its", "our", "via", "per"),
}  # fmt: skip
_CLOSING_SPACE = re.compile(r"(?<=[«„“(\[])\s+|\s+(?=[»”)\],.:;!?…])")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['ʼ](?=[^\W\d_])")
_KNOWN_SIGNS = set("«»„“”‘’‚‹›'\"!?.,:;…-‐‑–—()[]/&%+#@№§©®°×=*_$€₽₴£ʼ\u0301 ")


@dataclass(frozen=True, slots=True)
class Typeset:
    """A title as it will stand."""

    lines: tuple[str, ...]
    size_px: int
    leading_px: int  # from baseline to baseline

    @property
    def height_px(self) -> int:
        return self.leading_px * len(self.lines)


def set_title(
    title: str, measure: Measure, width_px: int, height_px: int, *, largest_px: int, smallest_px: int = 34
) -> Typeset:
    """The title at the largest size that fits the box in at most four lines; cut with “…” if none does."""
    words = glue(tidy(title))
    if not words:
        return Typeset((), smallest_px, leading(smallest_px))
    best: Typeset | None = None
    for size_px in range(largest_px, smallest_px - 1, -2):
        if best and size_px < best.size_px * FEWER_LINES_SHRINK:
            break
        width = width_px * 100 / size_px
        breakable = size_px <= HYPHENATE_PX
        pieces = [p for word in words for p in split_unit(word, measure, width, breakable)]
        lines = break_lines(pieces, measure, width, _lines_allowed(size_px, height_px))
        if lines and (best is None or len(lines) < len(best.lines)):
            best = Typeset(lines, size_px, leading(size_px))
    return best or _cut(words, measure, width_px, smallest_px)


def _lines_allowed(size_px: int, height_px: int) -> int:
    """Very large letters are for a word or two."""
    return min(2 if size_px > POSTER_PX else MAX_LINES, height_px // leading(size_px))


def leading(size_px: int) -> int:
    return round(size_px * (1.1 if size_px >= 60 else 1.16))


def tidy(title: str) -> str:
    """One line of the signs the fonts have: emoji, other scripts and stray blanks are dropped."""
    kept = "".join(c if _known(c) else " " for c in unicodedata.normalize("NFC", title))
    kept = _APOSTROPHE.sub("’", _CLOSING_SPACE.sub("", " ".join(kept.split())))
    return kept.strip()


def _known(char: str) -> bool:
    if char.isascii():
        return char.isprintable()
    return char in _KNOWN_SIGNS or char.isdecimal() or _is_letter(char)


def _is_letter(char: str) -> bool:
    return "\u00c0" <= char <= "\u017f" or "\u0400" <= char <= "\u045f" or char in "Ґґ"


def glue(title: str) -> list[str]:
    """The title's words, those that must stay together joined by a no-break space."""
    units: list[str] = []
    for word in title.split():
        if units and (word.strip("-–—") == "" or _clings(units[-1].split(NBSP)[-1])):
            units[-1] += NBSP + word
        else:
            units.append(word)
    return units


def _clings(word: str) -> bool:
    """Whether `word` takes the next one along: «в», «не», «А.», «№», «20»."""
    if word[-1:] in "»”!?:;,–—" and len(word) > 1:
        return False
    core = word.strip("«„“(\"'")
    if core.endswith("."):
        return len(core) == 2  # an initial
    return (
        core == "№"
        or core.isdecimal()
        or (0 < len(core) <= 2 and core.isalpha())
        or core.casefold() in CLINGING
    )


def split_unit(unit: str, measure: Measure, width: float, breakable: bool) -> list[str]:
    """The unit as it is, or, where it is wider than a line and may be broken, its parts."""
    return hyphenate(unit, measure, width) if breakable else [unit]


def hyphenate(word: str, measure: Measure, width: float) -> list[str]:
    """The word (or words glued together) in parts no wider than `width`, HYPHEN or SEAM at their ends."""
    parts: list[str] = []
    while measure(word) > width:
        fits = [i for i in range(1, len(word)) if measure(join([_head(word, i)])) <= width]
        if not fits:
            break
        at = max((i for i in fits if _may_break(word, i)), default=fits[-1])
        parts.append(_head(word, at))
        word = word[at:]
    return [*parts, word]


def _head(word: str, at: int) -> str:
    return word[:at] + (SEAM if word[at - 1] in "-‐–—/" else HYPHEN)


def _may_break(word: str, at: int) -> bool:
    """After a hyphen, or between syllables: a vowel on each side, two letters before, four after."""
    left, right = word[:at].casefold(), word[at:].casefold()
    if left[-1] in "-‐–—/":
        return True
    if sum(c.isalpha() for c in left) < 2 or sum(c.isalpha() for c in right) < 4 or right[0] in "ьъйы":
        return False
    if not VOWELS & set(left) or not VOWELS & set(right) or not (left[-1].isalpha() and right[0].isalpha()):
        return False
    return left[-1] in VOWELS or (right[0] not in VOWELS and right[1] in VOWELS)


def break_lines(pieces: list[str], measure: Measure, width: float, max_lines: int) -> tuple[str, ...]:
    """The pieces in as few lines as they need, the lines as even as they get; () if they need too many."""
    count = _lines_needed(pieces, measure, width)
    return _most_even(pieces, measure, width, count) if 0 < count <= max_lines else ()


def _lines_needed(pieces: list[str], measure: Measure, width: float) -> int:
    """0 where a piece alone is wider than a line."""
    count, line = 1, pieces[:1]
    for piece in pieces[1:]:
        if measure(join([*line, piece])) <= width:
            line.append(piece)
        else:
            count, line = count + 1, [piece]
    return count if all(measure(join([piece])) <= width for piece in pieces) else 0


def _most_even(pieces: list[str], measure: Measure, width: float, count: int) -> tuple[str, ...]:
    """The setting in exactly `count` lines whose ends cost least: best[i] is for the first i pieces."""
    best: list[tuple[float, tuple[str, ...]] | None] = [(0.0, ()), *[None] * len(pieces)]
    for number in range(1, count + 1):
        following: list[tuple[float, tuple[str, ...]] | None] = [None] * len(best)
        for start, so_far in enumerate(best):
            if so_far is None:
                continue
            for end in range(start + 1, len(best)):
                line = join(pieces[start:end])
                spare = 1 - measure(line) / width
                if spare < 0:
                    break
                cost = so_far[0] + spare**2 + (_ugly(line) if number < count else 0)
                known = following[end]
                if known is None or cost < known[0]:
                    following[end] = (cost, (*so_far[1], line))
        best = following
    return best[-1][1] if best[-1] else ()


def _ugly(line: str) -> float:
    """What a line's end costs beside its length: a hyphen is worse than a ragged edge, a comma good."""
    if line.endswith("-"):
        return 0.15
    return -0.03 if line[-1] in ",:;.!?—" else 0.0


def join(pieces: list[str]) -> str:
    """The pieces of one line as text: a word broken in vain grows together again."""
    line = " ".join(pieces).replace(NBSP, " ").replace(HYPHEN + " ", "").replace(SEAM + " ", "")
    return line.removesuffix(SEAM).replace(HYPHEN, "-")


def _cut(words: list[str], measure: Measure, width_px: int, size_px: int) -> Typeset:
    """As many words as four lines hold, then “…”."""
    width = width_px * 100 / size_px
    pieces = [p for word in words for p in split_unit(word, measure, width - measure("…"), True)]
    for end in range(len(pieces) - 1, 0, -1):
        head = [*pieces[: end - 1], pieces[end - 1].rstrip(",;:-–—. " + NBSP + HYPHEN + SEAM) + "…"]
        lines = break_lines(head, measure, width, MAX_LINES)
        if lines:
            return Typeset(lines, size_px, leading(size_px))
    return Typeset((), size_px, leading(size_px))
