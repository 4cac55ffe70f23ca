"""What a Russian or Ukrainian word sounds like, as a key: words that sound alike have the same.

A small table of our own: no kept library knows both languages. (fonetika and ru-soundex know Russian only and
hash whole classes of consonants into one digit, so that «Петренко» and «Бедренко» are one word.)
The key drops what speech doesn't say: unstressed о/а and е/и, soft signs, doubled letters, the voice of a
consonant before a voiceless one and at the end.
"""

from __future__ import annotations

import re
from functools import lru_cache

NOT_LETTERS = re.compile(r"[\W\d_]+")
SPELLINGS = (  # what two letters say, and what one sound is written like
    ("йо", "е"),
    ("ьо", "е"),
    ("тьс", "ц"),
    ("тс", "ц"),
    ("дс", "ц"),
    ("сч", "ш"),
    ("зч", "ш"),
    ("сш", "ш"),
    ("зш", "ш"),
    ("стн", "сн"),
    ("здн", "зн"),
)
LETTERS = str.maketrans(
    {
        "ё": "и", "е": "и", "э": "и", "є": "и", "і": "и", "ї": "и", "ы": "и", "й": "и",
        "о": "а", "я": "а", "ю": "у", "ґ": "г", "щ": "ш", "ь": "", "ъ": "",
    }
)  # fmt: skip
VOICELESS = str.maketrans("бвгдзж", "пфктсш")
VOICED = str.maketrans("пктсш", "бгдзж")
DEAF = "пфктсшцчх"
LOUD = "бгдзж"  # в voices nothing


@lru_cache(maxsize=50_000)
def sound(text: str) -> str:
    """Кривий Ріг, кривый рик → кривирик."""
    word = NOT_LETTERS.sub("", text.lower())
    for written, said in SPELLINGS:
        word = word.replace(written, said)
    return _once(_voiced(word.translate(LETTERS)))


def _voiced(word: str) -> str:
    """Each obstruent as voiced as the one after it; the last one is voiceless."""
    said = ""
    for letter in reversed(word):
        after = said[-1:]
        if not after or after in DEAF:
            letter = letter.translate(VOICELESS)
        elif after in LOUD:
            letter = letter.translate(VOICED)
        said += letter
    return said[::-1]


def _once(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", word)


def letters(text: str) -> str:
    """The word without its case, punctuation and dots over е: what counts as written the same."""
    return NOT_LETTERS.sub("", text.lower()).replace("ё", "е")


def edges_alike(one: str, other: str) -> bool:
    """Whether two keys begin with the same sound, voiced or not, and end with the same."""
    return one[:1].translate(VOICELESS) == other[:1].translate(VOICELESS) and one[-1:] == other[-1:]
