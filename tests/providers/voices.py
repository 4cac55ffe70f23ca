"""Two people made by espeak-ng, and how wrong an answer about them is."""

from __future__ import annotations

import subprocess
import wave
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from demo.corpus import HELD_OUT
from providers.types import Turn
from tests.providers.audio_files import write_sound

MALE, FEMALE = "ru", "ru+f3"
RATE_HZ = 22050  # of espeak-ng
STEP_S = 0.01


@cache
def say(text: str, voice: str, speed: int = 145) -> NDArray[np.float32]:
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "--stdout", "--", text]
    sound = subprocess.run(command, capture_output=True, check=True).stdout
    with wave.open(BytesIO(sound)) as reader:
        assert reader.getframerate() == RATE_HZ
    return np.frombuffer(sound[44:], "<i2").astype(np.float32) / 32768


def conversation(path: Path, voices: Sequence[str], seed: int = 0) -> list[Turn]:
    """Writes held-out sentences said by the voices in turn, 0.2–0.8 s apart; answers who said what when."""
    rng = np.random.default_rng(seed)
    parts, turns, clock = [np.zeros(RATE_HZ // 2, np.float32)], [], 0.5
    for number, voice in enumerate(voices):
        sound = say(HELD_OUT[number], voice, int(rng.integers(130, 160)))
        pause = np.zeros(int(rng.uniform(0.2, 0.8) * RATE_HZ), np.float32)
        turns.append(Turn(clock, clock + sound.size / RATE_HZ, voice))
        clock += (sound.size + pause.size) / RATE_HZ
        parts += [sound, pause]
    write_sound(path, np.concatenate(parts), RATE_HZ, "pcm_s16le")
    return turns


def error_rate(truth: Sequence[Turn], answer: Sequence[Turn]) -> float:
    """Diarization error rate without a collar: (missed + invented + confused) / spoken, per 10 ms."""
    length = int(max(turn.end_s for turn in [*truth, *answer]) / STEP_S) + 1
    said, heard = _grid(truth, length), _grid(answer, length)
    together = said.T.astype(int) @ heard.astype(int)
    rows, columns = linear_sum_assignment(-together)
    right = together[rows, columns].sum()
    spoken, found = said.any(axis=1), heard.any(axis=1)
    return float((np.sum(spoken | found) - right) / spoken.sum())


def _grid(turns: Sequence[Turn], length: int) -> NDArray[np.bool_]:
    names = sorted({turn.speaker for turn in turns})
    grid = np.zeros((length, max(1, len(names))), bool)
    for turn in turns:
        grid[int(turn.start_s / STEP_S) : int(turn.end_s / STEP_S), names.index(turn.speaker)] = True
    return grid
