"""Make the sample interview: demo/interview.mp3 and demo/interview.reference.json.

Run: python -m demo.make_interview
Two espeak-ng voices: the journalist `ru+f3`, the guest `ru`. The same input gives the same sound.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import numpy as np

from demo import corpus, speech

HERE = Path(__file__).parent
TITLE = "Трамвай возвращается на старый мост"
RATE = 22_050
DELIVERIES = {
    corpus.JOURNALIST: speech.Delivery(speech.FEMALE, speed=150, pitch=66),
    corpus.GUEST: speech.Delivery(speech.MALE, speed=142, pitch=40),
}


def quiet(seconds: float) -> speech.Audio:
    """Silence of the given length at RATE."""
    return np.zeros(int(seconds * RATE), dtype=np.float32)


def turn_sound(speaker: str, text: str) -> speech.Audio:
    """One turn at RATE without outer silence; espeak-ng pauses at its full stops by itself."""
    audio, rate = speech.espeak(text, DELIVERIES[speaker])
    return speech.trim(speech.resample(audio, rate, RATE))


def compose() -> tuple[speech.Audio, list[dict[str, object]]]:
    """The whole recording at RATE, and its turns with times in seconds."""
    rng, parts, turns = random.Random(4), [quiet(0.4)], []
    for speaker, text in corpus.INTERVIEW:
        sound, start = turn_sound(speaker, text), sum(map(len, parts)) / RATE
        end = start + len(sound) / RATE
        turns.append({"speaker": speaker, "start_s": round(start, 2), "end_s": round(end, 2), "text": text})
        parts += [sound, quiet(rng.uniform(0.5, 0.9))]
    return np.concatenate(parts), turns


def main() -> None:
    """Write both files."""
    audio, turns = compose()
    (HERE / "interview.mp3").write_bytes(speech.encode_mp3(audio, RATE, 48, title=TITLE))
    text = json.dumps(turns, ensure_ascii=False, indent=2)
    (HERE / "interview.reference.json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(audio) / RATE:.1f} s, {len(turns)} turns\n")


if __name__ == "__main__":
    main()
