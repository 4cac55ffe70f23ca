"""What every writer does with a brief first: keep what was said, refuse when nothing was."""

from __future__ import annotations

import re
from collections.abc import Mapping

from providers.errors import InputRejected
from providers.types import Sentence, WritingBrief

SPEECH = re.compile(r"\w")
RAW_LABEL = re.compile(r"(?i)^(speaker[_ ]?\d+|unknown)?$")


def spoken(brief: WritingBrief) -> tuple[Sentence, ...]:
    """The sentences that hold at least one letter or digit. Raises: InputRejected when none does."""
    sentences = tuple(s for s in brief.sentences if SPEECH.search(s.text))
    if not sentences:
        raise InputRejected(
            "Nothing was said in this recording, so there is nothing to write from. "
            "Listen to it, or upload another file."
        )
    return sentences


def is_named(speaker: str) -> bool:
    """Whether a person named the speaker; SPEAKER_00 and blanks are labels nobody may print."""
    return not RAW_LABEL.match(speaker.strip())


def nameless(label: str, voice: Mapping[str, str]) -> str:
    """A voice nobody has named, as the pages call it: SPEAKER_00 is the first."""
    number = re.search(r"\d+", label)
    return voice["voice"] % (int(number.group()) + 1) if number else voice["unknown"]
