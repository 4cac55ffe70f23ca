"""What the guard knows of words that are off the record: that something stood there, never what it was."""

from __future__ import annotations

from collections.abc import Iterable

PLACEHOLDER = "[…]"  # stands where words were taken out of a line
SLACK_S = 0.02  # by which words overlap their neighbours


def first_part(start_s: float, end_s: float, spans: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """The first part of a stretch in which none of the spans is heard; it may be empty."""
    for off_start_s, off_end_s in sorted(spans):
        if off_start_s <= start_s + SLACK_S and start_s < off_end_s:
            start_s = off_end_s
        elif start_s < off_start_s < end_s:
            end_s = off_start_s
    return start_s, max(start_s, end_s)
