"""Speaks the demonstration's sentences into WAV files: speech to calibrate and compare on.

Run: python -m bench.sentences FOLDER [--count 160]. Needs espeak-ng. For a model that people will use, take
people's recordings instead.
"""

from __future__ import annotations

import argparse
import random
import wave
from pathlib import Path

import numpy as np

from demo import corpus, speech

SPEEDS = (130, 145, 160)
PITCHES = {speech.MALE: 42, speech.FEMALE: 64}
MARGIN = speech.RATE // 5


def write(folder: Path, count: int) -> float:
    """The held-out sentences in turn by both voices, `count` files; their length in seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [*corpus.HELD_OUT]
    random.Random(0).shuffle(texts)
    total = 0
    for number in range(count):
        voice = (speech.MALE, speech.FEMALE)[number // 2 % 2]
        how = speech.Delivery(voice, SPEEDS[number % 3], PITCHES[voice])
        sound = np.pad(speech.speak(texts[number % len(texts)], how), MARGIN)
        with wave.open(str(folder / f"{number:04}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(speech.RATE)
            file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
        total += sound.size
    return total / speech.RATE


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--count", type=int, default=160)
    args = asked.parse_args()
    print(f"{args.count} files, {write(args.folder, args.count):.0f} s, in {args.folder}")


if __name__ == "__main__":
    main()
