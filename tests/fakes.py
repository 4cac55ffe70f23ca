"""Backends of ten lines: first-class ones, handed in as tools, never patched in."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image as Pillow

from automation.models import Submission
from automation.toolbox import Toolbox
from providers.chain import Chain
from providers.drafting.calls import UNKEPT, Notebook
from providers.gate import Rules
from providers.types import Article, Block, CoverBrief, Image, Piece, RedraftBrief, Turn, Word, WritingBrief

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TEXT = (
    "Когда откроют мост? Мост откроют в марте. Ремонт стоил сорок миллионов рублей. "
    "Почему так долго? Мы меняли опоры и рельсы."
)


def recording(path: Path, seed: int = 1, seconds: float = 12.0) -> Path:
    """A WAV file of its own tone."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        tone = (round(9000 * math.sin(i * (0.05 + seed / 1000))) for i in range(round(16_000 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", value) for value in tone))
    return path


@dataclass
class FakeSpeech:
    """Says TEXT in pieces of five words, one second each."""

    name: str = "fake"
    model: str = "fake-asr"
    on_piece: Callable[[int], None] = lambda index: None
    heard: list[int] = field(default_factory=list)

    def prepare(self, progress: Callable[[float, str], None]) -> None:
        progress(1.0, "ready")

    def recognise(self, media: Path, *, skip_until_s: float = 0.0, first_index: int = 0) -> Iterator[Piece]:
        words = TEXT.split()
        for index in range(first_index, math.ceil(len(words) / 5)):
            self.on_piece(index)
            self.heard.append(index)
            said = words[index * 5 : index * 5 + 5]
            yield Piece(
                index,
                index,
                index + 1.0,
                tuple(Word(w, index + n * 0.2, index + n * 0.2 + 0.15, 0.9) for n, w in enumerate(said)),
            )


@dataclass
class FakeDiarization:
    name: str = "fake"
    model: str = "fake-turns"

    def turns(self, media: Path, **_: Any) -> list[Turn]:
        return [
            Turn(0.0, 0.6, "SPEAKER_00"),
            Turn(0.6, 2.4, "SPEAKER_01"),
            Turn(2.4, 3.0, "SPEAKER_00"),
            Turn(3.0, 9.0, "SPEAKER_01"),
        ]


@dataclass
class FakeDrafting:
    name: str = "fake"
    model: str = "fake-writer"
    calls: int = 0

    def write(self, brief: WritingBrief, notes: Notebook = UNKEPT) -> Article:
        self.calls += 1
        ids = [sentence.id for sentence in brief.sentences]
        return Article(
            title="Мост откроют в марте",
            dek="Коротко о ремонте.",
            language=brief.language,
            blocks=(
                Block("heading", "Мост"),
                Block("paragraph", "О мосте рассказал инженер.", (ids[1],)),
                Block("quote", "", (ids[1], ids[2])),
            ),
            tags=("мост",),
            description="Мост откроют.",
            image_prompt="a bridge",
            image_alt="Мост",
        )

    def redraft(self, brief: RedraftBrief, notes: Notebook = UNKEPT) -> tuple[Block, ...]:
        self.calls += 1
        return (Block("paragraph", "Инженер рассказал коротко.", (brief.sentences[0].id,)),)


@dataclass
class FakeCovers:
    name: str = "fake"
    model: str = "fake-painter"
    calls: int = 0

    def generate(self, brief: CoverBrief) -> Image:
        self.calls += 1
        # Another one each time, as a vendor's: what another article has is refused.
        picture = Pillow.effect_noise((brief.width_px // 8, brief.height_px // 8), 90).convert("RGB")
        data = io.BytesIO()
        picture.resize((brief.width_px, brief.height_px)).save(data, "JPEG", quality=60)
        return Image(data.getvalue(), "image/jpeg", brief.width_px, brief.height_px, brief.prompt)


def chain(*backends: Any) -> Chain[Any]:
    return Chain([(backend.name, lambda backend=backend: backend) for backend in backends])


def fake_tools(rules: Rules | None = None, **changes: Any) -> Toolbox:
    """A toolbox of fakes; `speech=`, `diarization=`, `drafting=`, `covers=` take one backend or a chain."""
    made = {
        "speech": FakeSpeech(),
        "demo_speech": FakeSpeech(model="demo"),
        "diarization": FakeDiarization(),
        "drafting": FakeDrafting(),
        "covers": FakeCovers(),
        **changes,
    }
    chains = {name: tool if isinstance(tool, Chain) else chain(tool) for name, tool in made.items()}
    return Toolbox(**chains, rules=rules or Rules())


def describe_cover(submission: Submission, now: datetime) -> None:
    """As after a person has accepted the description that the machine proposed."""
    for cover in submission.covers:
        cover.alt, cover.alt_at = cover.alt or "Мост", now
