"""What can be made of a recording: one file a format, for language models and for the offline writer."""

from __future__ import annotations

from providers.drafting.formats import brief, feature, protocol, qa
from providers.drafting.formats.base import Format

FORMATS: dict[str, Format] = {
    found.name: found for found in (feature.FORMAT, brief.FORMAT, qa.FORMAT, protocol.FORMAT)
}


def format_named(name: str) -> Format:
    """The format of that name; a feature article for one that is unknown here."""
    return FORMATS.get(name, feature.FORMAT)
