"""Difficult recordings made by espeak-ng and sox: what the demonstration model hears, what is lost.

Each is about a minute of sentences the model was not trained on, whose words and places are known. The
table says how much of the sound was recognised, what is listed as a gap, and how much of the speech is in
neither: that has to be next to nothing. The word error rates are those of a very small model, trained on
clean speech of the same voices; they say where sound reaches it whole, not what GigaAM makes of noise.
Needs espeak-ng and sox.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from automation.pipeline.transcribe import hear_gaps_again
from automation.toolbox import DEMO_MODEL_DIR
from bench.machine import report
from demo.corpus import HELD_OUT
from demo.scoring import word_errors
from demo.speech import FEMALE, MALE, Delivery, espeak
from providers.levels import joined
from providers.speech.gigaam_onnx import GigaamOnnx
from providers.types import Word

Sound = NDArray[np.float32]  # (n,) or (2, n), −1..1
RATE_HZ = 22_050  # of espeak-ng
SENTENCES = 16
PAUSE_S = 0.3
SURE = 0.5  # a word the model is less sure of is marked on the page
NEAR_S = 1.0  # speech this near to a word counts as heard; a pause inside a sentence is shorter
STRANGE_S = 12.0  # of music or applause between two stretches of speech


@dataclass(frozen=True)
class Recording:
    """`spoken`: where people speak; `strange`: where something else sounds; seconds."""

    sound: Sound
    text: str
    spoken: tuple[tuple[float, float], ...]
    strange: tuple[tuple[float, float], ...] = ()
    rate_hz: int = RATE_HZ


@dataclass
class Result:
    wer: float
    share: float  # of what sounds, recognised
    gaps_s: float
    lost_s: float  # spoken, and neither near a word nor in a listed gap
    strange: list[Word] = field(default_factory=list)  # words where nobody speaks

    @property
    def invented(self) -> list[Word]:
        """Those that are not marked as unsure."""
        return [word for word in self.strange if (word.confidence or 0.0) >= SURE]


def sox(sound: Sound, *effects: str, rate_hz: int = RATE_HZ, to_hz: int | None = None) -> Sound:
    """A mono sound through sox's effects. Source: sox(1)."""
    raw = ["-t", "raw", "-e", "floating-point", "-b", "32", "-c", "1"]
    command = ["sox", "-D", *raw, "-r", str(rate_hz), "-", *raw, "-r", str(to_hz or rate_hz), "-", *effects]
    made = subprocess.run(command, input=sound.astype("<f4").tobytes(), capture_output=True, check=True)
    return np.frombuffer(made.stdout, "<f4").astype(np.float32)


def quiet(duration_s: float) -> Sound:
    return np.zeros(round(duration_s * RATE_HZ), np.float32)


@cache
def say(number: int, whispers: bool = False) -> Sound:
    voice = (MALE, FEMALE)[number % 2]
    how = Delivery("ru+whisper" if whispers else voice, 145, 50)
    return espeak(HELD_OUT[number % len(HELD_OUT)], how)[0]


def talk(first: int = 0, count: int = SENTENCES, whispers: bool = False) -> Recording:
    """Sentences one after the other."""
    parts, spoken, clock_s = [quiet(PAUSE_S)], [], PAUSE_S
    for number in range(first, first + count):
        sound = say(number, whispers)
        spoken.append((clock_s, clock_s + sound.size / RATE_HZ))
        parts += [sound, quiet(PAUSE_S)]
        clock_s = spoken[-1][1] + PAUSE_S
    return Recording(np.concatenate(parts), " ".join(HELD_OUT[first : first + count]), tuple(spoken))


def then(*parts: Recording) -> Recording:
    """One after the other; what is between two talks is strange."""
    made = parts[0]
    for part in parts[1:]:
        aside_s = made.sound.size / RATE_HZ
        made = Recording(
            np.concatenate([made.sound, part.sound]),
            f"{made.text} {part.text}".strip(),
            made.spoken + tuple((a + aside_s, b + aside_s) for a, b in part.spoken),
            made.strange + tuple((a + aside_s, b + aside_s) for a, b in part.strange),
        )
    return made


def something(sound: Sound) -> Recording:
    return Recording(sound, "", (), ((0.0, sound.size / RATE_HZ),))


def changed(change: Callable[[Sound], Sound]) -> Recording:
    made = talk()
    return replace(made, sound=change(made.sound))


def at_rate(rate_hz: int, *effects: str) -> Recording:
    made = talk()
    return replace(made, sound=sox(made.sound, *effects, to_hz=rate_hz), rate_hz=rate_hz)


def noisy(snr_db: float) -> Recording:
    """White noise, that many dB under the level of the speech where it sounds."""

    def add(sound: Sound) -> Sound:
        level = float(np.sqrt(np.mean(sound[np.abs(sound) > 1e-3] ** 2))) / 10 ** (snr_db / 20)
        hiss = np.random.default_rng(1).standard_normal(sound.size).astype(np.float32)
        return sound + np.float32(level) * hiss

    return changed(add)


def two_channels(turned: bool) -> Recording:
    """A speaker on each channel; or one sound on both, one of them turned round."""
    made = talk()
    if turned:
        return replace(made, sound=np.stack([made.sound, -made.sound]))
    sides = np.zeros((2, made.sound.size), np.float32)
    for number, (start_s, end_s) in enumerate(made.spoken):
        here = slice(round(start_s * RATE_HZ), round(end_s * RATE_HZ))
        sides[number % 2, here] = made.sound[here]
    return replace(made, sound=sides)


def two_at_once() -> Recording:
    """The second voice begins in the middle of the first one's sentence, again and again."""
    one, other = talk(0, 12), talk(13, 8)
    aside = round(1.5 * RATE_HZ)
    size = max(one.sound.size, aside + other.sound.size)
    both = np.pad(one.sound, (0, size - one.sound.size))
    both[aside : aside + other.sound.size] += np.float32(0.7) * other.sound
    return replace(one, sound=both * np.float32(0.6))


def run_together(first: int, count: int) -> Recording:
    """Sentences whose pauses are taken out, also those inside them."""
    parts, text = [], []
    for number in range(first, first + count):
        sound = say(number)
        parts.append(sound[np.convolve(np.abs(sound), np.ones(1100) / 1100, "same") > 0.006])  # 50 ms
        text.append(HELD_OUT[number % len(HELD_OUT)])
    whole = np.concatenate(parts)
    return Recording(whole, " ".join(text), ((0.0, whole.size / RATE_HZ),))


def whispers(level_db: float) -> Recording:
    """A whispered answer between loud questions, its RMS level that many dB re full scale."""
    answer = talk(6, 5, whispers=True)
    level = float(np.sqrt(np.mean(answer.sound[np.abs(answer.sound) > 1e-3] ** 2)))
    soft = replace(answer, sound=answer.sound * np.float32(10 ** (level_db / 20) / level))
    return then(talk(0, 4), soft, talk(12, 4))


def music() -> Recording:
    """Plucked strings and a bass."""
    half = np.zeros(22_050, np.float32)  # at 44 100 Hz, which sox wants for strings
    notes = ("165", "196", "247", "294", "220", "262")
    tune = [sox(half, "synth", "0.5", "pluck", hz, rate_hz=44_100, to_hz=RATE_HZ) for hz in notes]
    bass = sox(quiet(STRANGE_S), "synth", str(STRANGE_S), "sine", "110", "tremolo", "4", "60")
    strings = np.concatenate([tune[n * 7 % 6] for n in range(round(STRANGE_S * 2))])[: bass.size]
    return then(talk(0, 8), something(np.float32(0.2) * strings + np.float32(0.1) * bass), talk(8, 8))


def applause() -> Recording:
    """Many claps at random: bursts of noise of 10 ms."""
    chance = np.random.default_rng(4)
    claps = np.zeros(round(STRANGE_S * RATE_HZ), np.float32)
    for at in chance.integers(0, claps.size - 400, 1500):
        fading = np.exp(-np.arange(400) / 80) * chance.uniform(0.1, 0.5)
        claps[at : at + 400] += chance.standard_normal(400) * fading
    hall = sox(claps, "gain", "-6", "reverb", "40")[: claps.size]
    return then(talk(0, 8), something(np.float32(0.4) * hall), talk(8, 8))


RECORDINGS: dict[str, Callable[[], Recording]] = {
    "clean": talk,
    "telephone, 300–3400 Hz at 8 kHz": lambda: at_rate(8000, "sinc", "300-3400"),
    "clipped": lambda: changed(lambda sound: np.clip(sound * 8, -0.9, 0.9)),
    **{f"noise, {snr_db} dB SNR": lambda snr_db=snr_db: noisy(snr_db) for snr_db in (20, 10, 5, 0)},
    **{f"{rate_hz} Hz": lambda rate_hz=rate_hz: at_rate(rate_hz)
       for rate_hz in (8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000)},
    "a speaker on each channel": lambda: two_channels(turned=False),
    "one channel turned round": lambda: two_channels(turned=True),
    "two people at once": two_at_once,
    "3 minutes without a pause": lambda: run_together(0, 45),
    "whispers at −45 dBFS": lambda: whispers(-45.0),
    "music": music,
    "applause": applause,
}  # fmt: skip


def write(path: Path, made: Recording) -> Path:
    sound = np.atleast_2d(made.sound)
    layout = "stereo" if len(sound) == 2 else "mono"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("flac", rate=made.rate_hz, layout=layout)
        whole = (np.clip(sound.T, -1, 1) * 32767).astype(np.int16).reshape(1, -1)
        step = 4096 * len(sound)
        for start in range(0, whole.size, step):
            part = np.ascontiguousarray(whole[:, start : start + step])
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout=layout)
            frame.sample_rate, frame.pts = made.rate_hz, start // len(sound)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def hear(backend: GigaamOnnx, made: Recording, folder: Path) -> Result:
    """As the speech stage does it: pieces, coverage, gaps heard again."""
    path = write(folder / "made.flac", made)
    pieces = list(backend.recognise(path))
    words = [word for piece in pieces for word in piece.words]
    said = [(word.start_s, word.end_s) for word in words]
    loudness = joined(piece.loudness for piece in pieces if piece.loudness is not None)
    record = hear_gaps_again(backend, path, said, loudness)
    found = [Word(*word) for word in record["second_hearing"]]
    words = sorted([*words, *found], key=lambda word: word.start_s)
    gaps = [(gap["start_s"], gap["end_s"]) for gap in record["coverage"]["gaps"]]
    strange = [word for word in words if _inside(word, made.strange, 0.5)]
    speech = [word for word in words if word not in strange]
    wrong, n = word_errors(made.text, " ".join(word.text for word in speech))
    return Result(
        wrong / max(1, n),
        record["coverage"]["share"],
        sum(end_s - start_s for start_s, end_s in gaps),
        _lost_s(made.spoken, [(word.start_s, word.end_s) for word in words], gaps),
        strange,
    )


def _inside(word: Word, stretches: Iterable[tuple[float, float]], margin_s: float) -> bool:
    return any(start_s + margin_s < word.start_s < end_s - margin_s for start_s, end_s in stretches)


def _lost_s(
    spoken: Iterable[tuple[float, float]],
    said: Iterable[tuple[float, float]],
    gaps: Iterable[tuple[float, float]],
) -> float:
    """Seconds of the speech that are neither near a word nor in a gap, by hundredths."""
    accounted = np.zeros(100_000, bool)
    for start_s, end_s in [*((a - NEAR_S, b + NEAR_S) for a, b in said), *gaps]:
        accounted[max(0, round(start_s * 100)) : round(end_s * 100)] = True
    return sum(int((~accounted[round(a * 100) : round(b * 100)]).sum()) for a, b in spoken) / 100


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    backend = GigaamOnnx("gigaam-v3-e2e-ctc", folder=DEMO_MODEL_DIR, device="cpu")
    backend.prepare()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, make in RECORDINGS.items():
            made = make()
            found = hear(backend, made, Path(folder))
            strange = f"{len(found.strange)}, {len(found.invented)} unmarked" if made.strange else ""
            figures = (
                f"{found.wer:.1%}",
                f"{found.share:.1%}",
                f"{found.gaps_s:.1f} s",
                f"{found.lost_s:.1f} s",
            )
            rows.append((name, *figures, strange))
    report(
        "Made recordings through the DEMONSTRATION model, not GigaAM",
        (
            "recording",
            "WER",
            "recognised",
            "listed as gaps",
            "speech in neither",
            "words where nobody speaks",
        ),
        rows,
    )


if __name__ == "__main__":
    main()
