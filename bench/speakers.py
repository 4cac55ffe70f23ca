"""Who speaks when, measured: diarization error rate (DER) of each backend on made recordings.

Run: .venv-test/bin/python -m bench.speakers [--backends onnx_speakers,baseline] [--seeds 3]
DER by pyannote.metrics without a collar, overlaps counted. The answers are turns without overlaps, so where
two talk at once one of them is always missed: "at least" is that share. The voices are espeak-ng's; the
demonstration pair that onnx_speakers runs on here never heard them.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from bench.machine import report
from demo.corpus import HELD_OUT
from demo.speech import Delivery, speak
from providers.chain import load
from providers.diarization import BACKENDS
from providers.types import SAMPLE_RATE_HZ, Turn

DEMO_PAIR = Path(__file__).parents[1] / "demo" / "speakers"
VOICES = (("ru", 40), ("ru+f3", 60), ("ru+m7", 50), ("ru+f5", 80))  # voice, pitch 0–99; clearly different
TURNS = 6  # of each person


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    people: int
    overlap: float = 0.0  # share of the turns that begin before the one before has ended


CASES = (
    Case("one voice", 1),
    Case("two voices", 2),
    Case("three voices", 3),
    Case("four voices", 4),
    Case("two voices, overlapping", 2, 0.3),
    Case("three voices, overlapping", 3, 0.3),
)


def talk(case: Case, seed: int) -> tuple[NDArray[np.float32], list[Turn]]:
    """Held-out sentences said by the voices; the turns as they were laid."""
    rng = np.random.default_rng(seed)
    order = [n % case.people for n in range(case.people)]
    while len(order) < TURNS * case.people:
        order.append(int(rng.choice([n for n in range(case.people) if n != order[-1] or case.people == 1])))
    parts: list[tuple[int, NDArray[np.float32], str]] = []
    clock = SAMPLE_RATE_HZ // 2
    for number, who in enumerate(order):
        voice, pitch = VOICES[who]
        text = HELD_OUT[(number + seed * 31) % len(HELD_OUT)]
        sound = speak(text, Delivery(voice, int(rng.integers(130, 165)), pitch))
        if parts and rng.random() < case.overlap:
            clock -= int(rng.uniform(0.5, 1.5) * SAMPLE_RATE_HZ)
        else:
            clock += int(rng.uniform(0.15, 0.8) * SAMPLE_RATE_HZ)
        parts.append((clock, sound, voice))
        clock += sound.size
    whole = (3e-4 * rng.standard_normal(clock + SAMPLE_RATE_HZ)).astype(np.float32)
    for start, sound, _ in parts:
        whole[start : start + sound.size] += sound
    second = SAMPLE_RATE_HZ
    return whole, [
        Turn(start / second, (start + sound.size) / second, voice) for start, sound, voice in parts
    ]


def write(path: Path, sound: NDArray[np.float32]) -> None:
    with av.open(path, "w") as container:
        stream = container.add_stream("pcm_s16le", rate=SAMPLE_RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            (np.clip(sound, -1, 1) * 32767).astype(np.int16)[None], format="s16", layout="mono"
        )
        frame.sample_rate = SAMPLE_RATE_HZ
        container.mux([*stream.encode(frame), *stream.encode(None)])


def error_rate(truth: list[Turn], answer: list[Turn]) -> float:
    """DER by pyannote.metrics."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyannote.core import Annotation, Segment
        from pyannote.metrics.diarization import DiarizationErrorRate

        both = []
        for turns in (truth, answer):
            told = Annotation()
            for n, turn in enumerate(turns):
                told[Segment(turn.start_s, turn.end_s), n] = turn.speaker
            both.append(told)
        return float(DiarizationErrorRate(collar=0.0, skip_overlap=False)(*both))


def least_error(truth: list[Turn]) -> float:
    """Share of the speech that no answer without overlaps can hold."""
    edges = sorted({moment for turn in truth for moment in (turn.start_s, turn.end_s)})
    missed = sum(
        (end - start) * max(0, sum(t.start_s <= start and t.end_s >= end for t in truth) - 1)
        for start, end in pairwise(edges)
    )
    return missed / sum(turn.end_s - turn.start_s for turn in truth)


def rows(names: list[str], seeds: int, folder: Path) -> list[list[object]]:
    env = {"ONNX_SPEAKERS_DIR": str(DEMO_PAIR), **os.environ}
    backends = {name: load(BACKENDS, name).from_env(env) for name in names}
    found = []
    for case in CASES:
        talks = []
        for seed in range(seeds):
            sound, truth = talk(case, seed)
            path = folder / f"{case.people}-{case.overlap}-{seed}.wav"
            write(path, sound)
            talks.append((path, truth, sound.size / SAMPLE_RATE_HZ))
        least = np.mean([least_error(truth) for _, truth, _ in talks])
        for name, backend in backends.items():
            rates, heard, spent = [], [], 0.0
            for path, truth, _ in talks:
                started = time.perf_counter()
                turns = backend.turns(path)
                spent += time.perf_counter() - started
                rates.append(error_rate(truth, turns))
                heard.append(len({turn.speaker for turn in turns}))
            length = sum(seconds for *_, seconds in talks)
            found.append(
                [case.name, name, f"{np.mean(rates):.1%}", f"{max(rates):.1%}", f"{least:.1%}",
                 ", ".join(map(str, heard)), f"{length / spent:.0f}"]
            )  # fmt: skip
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backends", default="onnx_speakers,baseline")
    parser.add_argument("--seeds", type=int, default=3, help="recordings of each kind")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = rows(arguments.backends.split(","), arguments.seeds, Path(folder))
    head = ("recording", "backend", "DER, mean", "worst", "at least", "speakers found", "RTFx")
    report("Speakers", head, table)


if __name__ == "__main__":
    sys.exit(main())
