"""Word and character error rates of demo/model through onnx-asr.

Run: python -m demo.evaluate
Speaks the 100 held-out sentences in both voices of the interview at several speeds, then reads the sample
interview cut at its pauses into pieces of at most 22 s. Rates are on lower-case text without punctuation.
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

import numpy as np
import onnx_asr

from demo import corpus, scoring, speech

HERE = Path(__file__).parent
SPEEDS = [130, 145, 160]
PITCHES = {speech.MALE: 42, speech.FEMALE: 64}
LONGEST = 22.0


def load() -> onnx_asr.adapters.TextResultsAsrAdapter:
    """The model folder as onnx-asr sees it; no network is needed."""
    return onnx_asr.load_model("gigaam-v3-e2e-ctc", HERE / "model", providers=["CPUExecutionProvider"])


def percent(pairs: list[tuple[int, int]]) -> float:
    """Errors over length, in per cent."""
    return 100 * sum(wrong for wrong, _ in pairs) / sum(length for _, length in pairs)


def summary(truths: list[str], heard: list[str]) -> str:
    """WER, CER and the rate with case and punctuation counted."""
    pairs = list(zip(truths, heard, strict=True))
    words, letters, strict = (
        percent([count(t, h) for t, h in pairs])
        for count in (scoring.word_errors, scoring.character_errors, scoring.punctuated_errors)
    )
    return f"WER {words:5.2f} %  CER {letters:5.2f} %  with case and punctuation {strict:5.2f} %"


def held_out(model: onnx_asr.adapters.TextResultsAsrAdapter, voice: str) -> list[str]:
    """The held-out sentences as recognised; each is spoken at one of the speeds in turn."""
    heard = []
    for number, text in enumerate(corpus.HELD_OUT):
        how = speech.Delivery(voice, SPEEDS[number % len(SPEEDS)], PITCHES[voice])
        padded = np.pad(speech.speak(text, how), 3200)
        heard.append(model.recognize(padded))
    return heard


def pauses(audio: speech.Audio, level: float = 1e-3, shortest: float = 0.15) -> list[float]:
    """Middles, in seconds, of the stretches quieter than `level` for at least `shortest` seconds."""
    loud = np.flatnonzero(np.abs(audio) > level)
    gaps = np.flatnonzero(np.diff(loud) > shortest * speech.RATE)
    return [(loud[i] + loud[i + 1]) / 2 / speech.RATE for i in gaps]


def pieces(audio: speech.Audio) -> list[speech.Audio]:
    """The recording cut at pauses into pieces of at most LONGEST seconds, as long as possible."""
    cuts, start, last = [0.0], 0.0, 0.0
    for point in [*pauses(audio), len(audio) / speech.RATE]:
        if point - start > LONGEST:
            cuts.append(last)
            start = last
        last = point
    edges = [int(cut * speech.RATE) for cut in cuts] + [len(audio)]
    return [audio[a:b] for a, b in itertools.pairwise(edges)]


def interview(model: onnx_asr.adapters.TextResultsAsrAdapter) -> tuple[str, str]:
    """(true text, recognised text) of the sample interview."""
    turns = json.loads((HERE / "interview.reference.json").read_text(encoding="utf-8"))
    audio = speech.decode((HERE / "interview.mp3").read_bytes())
    heard = [model.recognize(piece) for piece in pieces(audio)]
    return " ".join(turn["text"] for turn in turns), " ".join(heard)


def main() -> None:
    """Print the table and the interview as recognised."""
    model = load()
    for voice in (speech.MALE, speech.FEMALE):
        sys.stdout.write(f"held out, {voice:6} {summary(corpus.HELD_OUT, held_out(model, voice))}\n")
    truth, heard = interview(model)
    sys.stdout.write(f"interview        {summary([truth], [heard])}\n\n{heard}\n")


if __name__ == "__main__":
    main()
