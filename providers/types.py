"""The things that travel between backends and the newsroom: frozen, with their units.

Times are seconds from the start of the recording; confidences are probabilities 0..1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from providers.levels import Loudness

SAMPLE_RATE_HZ = 16_000  # what every speech model here reads


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file turned out to be when it was opened (see `providers.audio.probe`)."""

    duration_s: float
    container: str  # FFmpeg's short name, "mp3", "mov,mp4,m4a,3gp,3g2,mj2" …
    codec: str  # of the audio stream that will be read
    sample_rate_hz: int
    channels: int
    has_video: bool


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    start_s: float
    end_s: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence (or, without punctuation, a stretch between pauses) said by one speaker."""

    start_s: float
    end_s: float
    text: str
    words: tuple[Word, ...] = ()
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the recording that was recognised in one go: the unit of saving and resuming."""

    index: int
    start_s: float
    end_s: float
    words: tuple[Word, ...]
    # Of the recording since the piece before this one, so that nobody need decode it again to know.
    loudness: Loudness | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody speaks from start_s to end_s. Labels: SPEAKER_00, SPEAKER_01 …"""

    start_s: float
    end_s: float
    speaker: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A numbered transcript segment, as the writer sees it."""

    id: str  # "S17": the segment's number in the transcript, stable across edits
    start_s: float
    end_s: float
    speaker: str  # the name a person gave, or the label
    text: str


@dataclass(frozen=True, slots=True)
class WritingBrief:
    """What a writer is given. It answers with pointers to sentences, never with quotes of its own."""

    sentences: tuple[Sentence, ...]
    language: str = "ru"  # of the article: ru, uk, en
    hint: str = ""  # the editor's working title or wish
    notes: str = ""  # the reason of the last send-back
    format: str = "feature"  # providers.drafting.formats
    house_style: str = ""  # the desk's notes on how it writes
    participants: tuple[str, ...] = ()  # names of those who speak; which voice is whose is not said here


RedraftHow = Literal["again", "shorter", "from"]


@dataclass(frozen=True, slots=True)
class RedraftBrief:
    """A paragraph to be written anew: `how` says whether from its own sentences or from chosen ones."""

    sentences: tuple[Sentence, ...]  # what may be used
    text: str  # the paragraph as it stands
    how: RedraftHow = "again"
    language: str = "ru"
    wish: str = ""
    house_style: str = ""


BlockKind = Literal[
    "paragraph",
    "heading",
    "quote",  # words copied from the recording by our code
    "question",  # of an interview: the host's, shortened, or copied where `text` is empty
    "participant",  # of a meeting
    "topic",  # of its agenda
    "decision",
    "action",  # a task with `owner` and `due`
]


@dataclass(frozen=True, slots=True)
class Block:
    """One block of an article.

    A quote carries only `sources`; its words are copied from the transcript by our code. Where the article is
    in another language it has a `translation`, which is never shown as the quote itself.
    """

    kind: BlockKind
    text: str = ""
    sources: tuple[str, ...] = ()  # ids of the sentences this block stands on
    translation: str = ""  # of a quote, in the article's language
    owner: str = ""  # of an action: who does it, as it was said
    due: str = ""  # of an action: until when, as it was said


@dataclass(frozen=True, slots=True)
class Article:
    title: str
    dek: str  # the line under the title
    blocks: tuple[Block, ...]
    tags: tuple[str, ...] = ()
    description: str = ""  # for search engines and link previews, ≤ 160 characters
    image_prompt: str = ""  # English; empty = the cover stage makes its own
    image_alt: str = ""
    language: str = "ru"
    usage: dict[str, Any] = field(default_factory=dict)  # tokens in/out, raw model name …
    titles: tuple[str, ...] = ()  # other titles to choose from
    social: dict[str, str] = field(default_factory=dict)  # telegram, x: texts within those limits


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a person or a desk wants a cover drawn. None: as the backend's own settings say.

    A backend passes over what its models don't know (see `providers.covers.parameters` for the ranges).
    """

    steps: int | None = None
    guidance: float | None = None
    seed: int | None = None  # None: made from the slug
    negative_prompt: str | None = None
    size_px: tuple[int, int] | None = None  # width, height the model draws; the cover is cut from it


@dataclass(frozen=True, slots=True)
class CoverBrief:
    """What an illustrator is given."""

    title: str
    prompt: str  # English, for the image models
    slug: str  # seeds the placeholder: same slug, same picture
    language: str = "ru"
    width_px: int = 1200
    height_px: int = 630
    section: str = ""  # a tag; chooses the placeholder's colour
    waveform: tuple[float, ...] = ()  # the recording's peaks 0..1, the placeholder's art; a few hundred do
    drawing: Drawing = Drawing()


@dataclass(frozen=True, slots=True)
class Image:
    """An encoded picture of exactly the size the brief asked for."""

    data: bytes
    mime: str  # image/jpeg, image/png, image/webp
    width_px: int
    height_px: int
    prompt: str = ""
    seed: int | None = None
    is_placeholder: bool = False
    square: bytes = b""  # the same picture cut square, of the same type; empty: nobody cut one
    original: bytes = b""  # the whole picture before it was cut, JPEG, no metadata; empty: it is the cover
    parameters: Mapping[str, Any] = field(default_factory=dict)  # as drawn: steps, guidance, width_px …
