"""Texts for channels, within their limits.

Source: https://core.telegram.org/bots/api#sendphoto (caption 1024), https://docs.x.com/fundamentals/counting-characters
(280 in all, a link counts 23).
"""

from __future__ import annotations

from providers.drafting.wording import shorten

TELEGRAM_LIMIT = 1024 - 64  # room for the link
X_LIMIT = 280 - 24  # … and its blank


def social_texts(title: str, dek: str, telegram: str = "", x: str = "") -> dict[str, str]:
    """What a writer proposed, cut to the limits; else the title and the line under it."""
    both = f"{title}. {dek}" if dek else title
    return {"telegram": shorten(telegram or both, TELEGRAM_LIMIT), "x": shorten(x or both, X_LIMIT)}
