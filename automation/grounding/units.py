"""Text → units that compare: small letters, ё as е, contractions open, numbers as values."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

LETTER = r"[^\W\d_]"
MARKS = "\u0300-\u036f"  # stress marks and letters that come in two parts
TOKEN = re.compile(
    rf"(?P<number>\d{{1,3}}(?:[ \u00a0\u202f]\d{{3}})+(?!\d)|\d{{1,2}}(?=:00(?!\d))|\d+(?:[.,]\d+)*)"
    rf"(?::00(?!\d))?"
    rf"(?P<suffix>-?(?:st|nd|rd|th|s)\b|-[а-яёіїєґ]{{1,3}}\b|(?:bn|m|k)\b)?"
    rf"|(?P<word>{LETTER}[\w{MARKS}]*(?:['’ʼ‘`]{LETTER}[\w{MARKS}]*)*)"
    rf"|(?P<sign>[%$€£₽₴])",
    re.IGNORECASE,
)
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")
MAGNITUDE = {"k": 1e3, "m": 1e6, "bn": 1e9}
CONTRACTIONS = {
    "can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not", "ain't": "is not",
    "let's": "let us", "gonna": "going to", "wanna": "want to", "gotta": "got to", "'em": "them",
    "щас": "сейчас", "чё": "что", "че": "что", "шо": "що",
}  # fmt: skip
ENDINGS = {"n't": "not", "'re": "are", "'ll": "will", "'ve": "have", "'m": "am", "'d": "would"}
WHO_IS = frozenset(
    ("it", "that", "he", "she", "there", "what", "who", "where", "how", "here", "this", "everybody", "nobody")
)
SIGN = frozenset("%$€£₽₴")
LONGEST_SIGN = 3  # руб, грн
APOSTROPHES = str.maketrans("’ʼ‘`", "''''")


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, or a number of one or several words. `key` is what is compared; numbers begin with #."""

    key: str
    raw: str
    start: int  # characters in the text
    end: int
    before: str = ""  # what stands between this and the unit before it
    value: float | None = None
    ordinal: bool | None = None  # None: written in figures, which do not say

    @property
    def is_number(self) -> bool:
        return self.value is not None

    @property
    def is_capital(self) -> bool:
        return self.raw[:1].isupper()


def same(a: Unit, b: Unit) -> bool:
    """Whether two units say the same; «пять» and «пятый» do not, 5 is the same as either."""
    if a.key != b.key:
        return False
    if a.key in SIGN:  # «рублей» and «рубль» differ, ₽ is the same as either
        return plain(a.raw) == plain(b.raw) or min(len(a.raw), len(b.raw)) <= LONGEST_SIGN
    if a.ordinal is None or b.ordinal is None:
        return True
    if not any(letter.isdigit() for letter in a.raw + b.raw):  # «двух» and «два» differ, 2 is either
        return plain(a.raw) == plain(b.raw)
    return a.ordinal == b.ordinal


def plain(text: str) -> str:
    """The form in which words are compared."""
    text = unicodedata.normalize("NFC", text.replace("\u0301", "")).lower()
    return text.replace("ё", "е").translate(APOSTROPHES)


def raw_units(text: str) -> list[Unit]:
    """The units of a text, before number words are put together."""
    text = text.replace("\u00ad", " ") if "\u00ad" in text else text
    found: list[Unit] = []
    end = 0
    for match in TOKEN.finditer(text):
        before = text[end : match.start()]
        end = match.end()
        raw = match.group()
        if match["number"]:
            value, ordinal = _figure(match["number"], match["suffix"] or "")
            found.append(Unit(number_key(value), raw, match.start(), end, before, value, ordinal))
        elif match["sign"]:
            found.append(Unit(raw, raw, match.start(), end, before))
        else:
            found.extend(_word(raw, match.start(), end, before))
    return [_has(unit, found[n + 1 : n + 2]) for n, unit in enumerate(found)]


def number_key(value: float) -> str:
    return f"#{value:.12g}"


def _word(raw: str, start: int, end: int, before: str) -> list[Unit]:
    keys = _keys(raw)
    return [Unit(key, raw, start, end, before if n == 0 else " ") for n, key in enumerate(keys)]


@lru_cache(maxsize=50_000)
def _keys(raw: str) -> tuple[str, ...]:
    return tuple(_open(plain(raw)).split())


def _open(word: str) -> str:
    """don't → do not."""
    if word in CONTRACTIONS:
        return CONTRACTIONS[word]
    if "'" not in word:
        return word
    for ending, full in ENDINGS.items():
        if word.endswith(ending) and len(word) > len(ending):
            return f"{word[: -len(ending)]} {full}"
    stem, _, tail = word.partition("'")
    return f"{stem} is" if tail == "s" and stem in WHO_IS else word


def _has(unit: Unit, after: list[Unit]) -> Unit:
    """it's been → it has been."""
    opened = unit.key == "is" and "'" in plain(unit.raw)
    return replace(unit, key="has") if opened and after and after[0].key in ("been", "got") else unit


def _figure(digits: str, suffix: str) -> tuple[float, bool | None]:
    digits = re.sub(r"\s", "", digits)
    if THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    parts = re.split(r"[.,]", digits)
    value = float(parts[0] + ("." + parts[1] if len(parts) == 2 else "".join(parts[1:])))
    value *= MAGNITUDE.get(suffix.lower(), 1)
    return value, (True if suffix and suffix.lower() not in MAGNITUDE else None)
