"""What GigaAM's encoder heard, one piece → tokens, by numpy and small graphs: CTC and RNN-T, greedy.

The rules are onnx-asr's: the best class of each frame; for RNN-T at most `max_tokens_per_step` of them.
Source: https://github.com/istupakov/onnx-asr (src/onnx_asr/asr.py, models/gigaam.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from providers.errors import Unavailable
from providers.onnx import onnx_errors
from providers.speech.words import FRAME_S, Token

Floats = NDArray[np.float32]

BLANK = "<blk>"
PRED_HIDDEN = 320  # the prediction network of every GigaAM
MOST_PER_STEP = 3
LOOK_AHEAD = 8  # frames joined at once with what was said: most frames say nothing
INSTALL_ONNX = "The package onnxruntime is not installed. Run: pip install onnxruntime"


@dataclass(frozen=True)
class Vocabulary:
    texts: Mapping[int, str]
    blank: int

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """Raises: OSError, ValueError, StopIteration of a damaged file."""
        lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line]
        texts = {int(number): text for text, number in (line.rsplit(" ", 1) for line in lines)}
        return cls(texts, next(number for number, text in texts.items() if text == BLANK))

    def token(self, number: int, frame: int, logprob: float) -> Token:
        return Token(self.texts[number], frame * FRAME_S, logprob)


@dataclass(frozen=True)
class Ctc:
    """Log-probabilities (steps, classes) → tokens."""

    vocabulary: Vocabulary

    def __call__(self, logprobs: Floats) -> list[Token]:
        """The best class of each step; repeats are one token, as likely as all of its steps together."""
        blank = self.vocabulary.blank
        best = logprobs.argmax(axis=-1)
        starts = np.flatnonzero((np.diff(best, prepend=blank) != 0) & (best != blank))
        if not starts.size:
            return []
        likely = np.where(best == blank, 0.0, logprobs.max(axis=-1))
        sums = np.add.reduceat(likely, starts)
        pairs = zip(starts, sums, strict=True)
        return [self.vocabulary.token(int(best[at]), int(at), float(total)) for at, total in pairs]


class Transducer:
    """Encoded frames (steps, width) → tokens, through the prediction network and the joint network.

    Both are small: onnxruntime runs them in the calling thread.
    """

    def __init__(self, decoder: Path, joint: Path, vocabulary: Vocabulary, most: int = MOST_PER_STEP) -> None:
        """Raises: Unavailable; what onnxruntime raises of damaged files."""
        self._vocabulary, self._most = vocabulary, most
        self._decoder, self._joint = _session(decoder), _session(joint)
        self._names = [given.name for given in self._decoder.get_inputs()]
        # A batch of frames can be joined at once where the graph was exported for it.
        several = all(isinstance(given.shape[0], str | None) for given in self._joint.get_inputs())
        self._ahead = LOOK_AHEAD if several else 1

    def __call__(self, encoded: Floats) -> list[Token]:
        blank = self._vocabulary.blank
        zeros = np.zeros((1, 1, PRED_HIDDEN), np.float32)
        said, *state = self._predict(blank, [zeros, zeros])
        tokens: list[Token] = []
        frame = emitted = 0
        while frame < len(encoded):
            logits = self._join(encoded[frame : frame + self._ahead], said)
            best = logits.argmax(axis=-1)
            speaking = np.flatnonzero(best != blank)
            silent = int(speaking[0]) if speaking.size else len(best)
            if silent:
                frame, emitted = frame + silent, 0
            if not speaking.size:
                continue
            number = int(best[silent])
            tokens.append(self._vocabulary.token(number, frame, _logprob(logits[silent], number)))
            said, *state = self._predict(number, state)
            emitted += 1
            if emitted == self._most:
                frame, emitted = frame + 1, 0
        return tokens

    def _predict(self, number: int, state: list[Floats]) -> list[Floats]:
        """What was said so far (1, PRED_HIDDEN, 1), and the two states."""
        given = dict(zip(self._names, [np.array([[number]], np.int64), *state], strict=True))
        said, *after = self._decoder.run(["dec", *self._states()], given)
        return [said.transpose(0, 2, 1), *after]

    def _states(self) -> list[str]:
        return [made.name for made in self._decoder.get_outputs() if made.name != "dec"]

    def _join(self, frames: Floats, said: Floats) -> Floats:
        """(frames, width) with one history → (frames, classes)."""
        given = {"enc": frames[:, :, None], "dec": np.repeat(said, len(frames), axis=0)}
        (logits,) = self._joint.run(["joint"], given)
        rows: Floats = logits.reshape(len(frames), -1)
        return rows


def _session(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise Unavailable(INSTALL_ONNX, error_class="missing_package") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except onnx_errors() as error:
        raise ValueError(f"{path.name}: {error}") from error


def _logprob(logits: Floats, number: int) -> float:
    """Of one class; harmless to logits that are log-probabilities already."""
    shifted = logits - logits.max()
    return float(shifted[number] - np.log(np.exp(shifted).sum()))
