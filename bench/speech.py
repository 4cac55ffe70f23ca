"""How fast the speech stage is: seconds of recording a second (RTFx), and where the time goes.

The bundled interview is glued to about ten minutes of MP3 and goes through the real stage: decoding, cutting
at pauses, the model, the ledger. The model is the DEMONSTRATION model (2.5 M parameters): the figure says
what Polosa costs around a model, not how fast GigaAM is. `--model-dir` measures with real weights.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np

from automation.newsroom import open_newsroom
from automation.pipeline import intake
from automation.pipeline.advance import advance
from automation.toolbox import DEMO_INTERVIEW, DEMO_MODEL_DIR
from bench.machine import report
from providers import audio
from providers.chain import Chain
from providers.cutting import cut
from providers.speech.gigaam_onnx import GigaamOnnx
from providers.types import SAMPLE_RATE_HZ

MINUTES = 10


class Timed(GigaamOnnx):
    """Counts the seconds spent inside the model."""

    spent_s = 0.0

    def _decode(self, samples):
        begun = time.perf_counter()
        try:
            return super()._decode(samples)
        finally:
            self.spent_s += time.perf_counter() - begun


def glue(target: Path, minutes: float) -> float:
    """Writes the interview again and again into an MP3; its length in seconds."""
    sound = np.concatenate(list(audio.stream(DEMO_INTERVIEW)))
    times = max(1, round(minutes * 60 * SAMPLE_RATE_HZ / sound.size))
    whole = np.tile(sound, times)
    with av.open(str(target), "w") as file:
        track = file.add_stream("mp3", rate=SAMPLE_RATE_HZ, layout="mono")
        track.bit_rate = 64_000
        for start in range(0, whole.size, SAMPLE_RATE_HZ):
            part = (whole[start : start + SAMPLE_RATE_HZ] * 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(part.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, start
            file.mux(track.encode(frame))
        file.mux(track.encode(None))
    return whole.size / SAMPLE_RATE_HZ


def once(media: Path, model: str, model_dir: Path) -> dict[str, float]:
    """Seconds of the whole stage and of its parts."""
    begun = time.perf_counter()
    blocks = list(audio.stream(media))
    decoded = time.perf_counter()
    pieces = sum(1 for _ in cut(iter(blocks)))
    cut_at = time.perf_counter()
    backend = Timed(model, folder=model_dir, device="cpu")
    backend.prepare()
    loaded = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        room = open_newsroom({"POLOSA_DATA": folder})
        room = replace(room, tools=replace(room.tools, speech=Chain([(backend.name, lambda: backend)])))
        with media.open("rb") as stream:
            intake.submit(room, stream, media.name, by=None, now=datetime.now(UTC))
        start = time.perf_counter()
        held = advance(room.works, weights=("heavy",))
        stage_s = time.perf_counter() - start
        room.db.close()
    if held is None or held.stage != "transcribe":
        raise SystemExit("the speech stage did not run")
    parts = {"decode": decoded - begun, "cut": cut_at - decoded, "model": backend.spent_s}
    return {
        **parts,
        "ledger and the rest": stage_s - sum(parts.values()),
        "whole stage": stage_s,
        "load the model (once)": loaded - cut_at,
        "pieces": pieces,
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=MINUTES)
    asked.add_argument("--runs", type=int, default=3)
    asked.add_argument("--model", default="gigaam-v3-e2e-ctc")
    asked.add_argument("--model-dir", type=Path, default=DEMO_MODEL_DIR)
    args = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        media = Path(folder) / "long.mp3"
        length_s = glue(media, args.minutes)
        runs = [once(media, args.model, args.model_dir) for _ in range(args.runs)]
    best = min(runs, key=lambda run: run["whole stage"])
    is_demo = args.model_dir == DEMO_MODEL_DIR
    who = "the DEMONSTRATION model, not real GigaAM" if is_demo else f"{args.model} from {args.model_dir}"
    whole = best["whole stage"]
    rows = [
        (part, f"{best[part]:.2f} s", f"{best[part] / whole:.0%}")
        for part in ("decode", "cut", "model", "ledger and the rest", "whole stage")
    ]
    rows.append(("load the model (once)", f"{best['load the model (once)']:.2f} s", ""))
    report(
        f"Speech stage with {who}: {length_s:.0f} s of MP3, {best['pieces']:.0f} pieces, "
        f"best of {args.runs}: "
        f"RTFx {length_s / whole:.0f} (without the model {length_s / (whole - best['model']):.0f})",
        ("part", "time", "share"),
        rows,
    )


if __name__ == "__main__":
    main()
