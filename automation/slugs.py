"""An article's address: its title in Latin letters, Russian and Ukrainian each by their own table."""

from __future__ import annotations

from slugify import slugify

# Source: https://zakon.rada.gov.ua/laws/show/55-2010-п (the Ukrainian cabinet's table, 2010)
UKRAINIAN = (
    ("зг", "zgh"), ("є", "ie"), ("ї", "i"), ("й", "i"), ("ю", "iu"), ("я", "ia"), ("г", "h"), ("ґ", "g"),
    ("и", "y"), ("і", "i"), ("х", "kh"), ("ц", "ts"), ("щ", "shch"), ("ь", ""), ("’", ""), ("'", ""),
    ("ʼ", ""),
)  # fmt: skip
AT_START = (("є", "ye"), ("ї", "yi"), ("й", "y"), ("ю", "yu"), ("я", "ya"))
SLUG_MAX = 90


def slug_of(title: str, language: str) -> str:
    """ "Київ: їдальня у парку", uk → "kyiv-yidalnia-u-parku"; empty where nothing is left."""
    text = title.lower()
    if language == "uk":
        text = " ".join(_ukrainian(word) for word in text.split())
    return slugify(text, max_length=SLUG_MAX, word_boundary=True)


def _ukrainian(word: str) -> str:
    for letter, latin in AT_START:
        bare = word.lstrip('«„“"(')
        if bare.startswith(letter):
            word = latin + bare[1:]
    for letters, latin in UKRAINIAN:
        word = word.replace(letters, latin)
    return word
