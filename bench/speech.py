"""How fast the speech stage is: seconds of recording a second (RTFx), and what Polosa costs around the model.

The bundled interview is glued to about ten minutes of MP3 and goes through the real stage. Every
part is also measured alone, with the clock and in seconds of the processor, which count other work on the
machine less. In the stage decoding runs beside the model, so the whole is less than the parts.
The model is the DEMONSTRATION model (2.5 M parameters) unless `--model-dir` names another: with it the RTFx
says what Polosa could do around an infinitely good model, not how fast GigaAM is. The cost around the model
does not depend on the model: it is given for an hour of sound, and as a share of an hour at `--rtfx`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from automation.newsroom import open_newsroom
from automation.pipeline import intake
from automation.pipeline.advance import advance
from automation.toolbox import DEMO_MODEL_DIR
from bench.long import CODECS, glue
from bench.machine import report
from providers import audio
from providers.chain import Chain
from providers.cutting import cut
from providers.speech.gigaam_onnx import GigaamOnnx
from providers.speech.gigaam_openvino import GigaamOpenvino
from providers.speech.seams import joined

MINUTES = 10
FASTEST_RTFX = 57.0  # of the fastest engine with weights of the real size (docs/bench.md)
PARTS = ("decode", "cut", "ledger, coverage, waveform")


class Told:
    """Knows what will be heard: what the stage costs with it is what the stage itself costs."""

    name, model = "told", "told"

    def __init__(self, pieces):
        self._pieces = pieces

    def prepare(self, progress):
        progress(1.0, self.model)

    def recognise(self, media, **_):
        return iter(self._pieces)


def engine(name: str, model: str, folder: Path):
    if name == "openvino":
        return GigaamOpenvino(model, folder=folder)
    if name == "openvino_int8":  # without asking whether int8 agrees: random weights can't
        backend = GigaamOpenvino(model, folder=folder)
        backend.int8 = folder
        return backend
    return GigaamOnnx(model, folder=folder, device="cpu")


class Clock:
    def __init__(self):
        self.spent: dict[str, tuple[float, float]] = {}

    def note(self, name, work):
        begun, busy = time.perf_counter(), time.process_time()
        result = work()
        self.spent[name] = time.perf_counter() - begun, time.process_time() - busy
        return result


def stage(media: Path, backend, clock: Clock, name: str) -> None:
    """The stage in a new newsroom."""
    with tempfile.TemporaryDirectory() as folder:
        room = open_newsroom({"POLOSA_DATA": folder})
        room = replace(room, tools=replace(room.tools, speech=Chain([(backend.name, lambda: backend)])))
        with media.open("rb") as stream:
            intake.submit(room, stream, media.name, by=None, now=datetime.now(UTC))
        held = clock.note(name, lambda: advance(room.works, weights=("heavy",)))
        room.db.close()
    if held is None or held.stage != "transcribe":
        raise SystemExit("the speech stage did not run")


def once(media: Path, backend) -> dict[str, tuple[float, float]]:
    """(seconds of the clock, of the processor) of the whole stage, of the model and of the parts, alone."""
    clock = Clock()
    stage(media, backend, clock, "whole stage")
    blocks = clock.note("decode", lambda: list(audio.stream(media)))
    cuttings = clock.note("cut", lambda: list(cut(iter(blocks))))
    heard = clock.note("model", lambda: list(backend._hear(iter(cuttings))))
    stage(media, Told(list(joined(heard))), clock, "ledger, coverage, waveform")
    return clock.spent


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=MINUTES)
    asked.add_argument("--runs", type=int, default=3)
    asked.add_argument("--format", choices=sorted(CODECS), default=".mp3")
    asked.add_argument("--engine", choices=("onnx", "openvino", "openvino_int8"), default="onnx")
    asked.add_argument("--model", default="gigaam-v3-e2e-ctc")
    asked.add_argument("--model-dir", type=Path, default=DEMO_MODEL_DIR)
    asked.add_argument("--rtfx", type=float, default=FASTEST_RTFX)
    args = asked.parse_args()
    backend = engine(args.engine, args.model, args.model_dir)
    begun = time.perf_counter()
    backend.prepare()
    loaded_s = time.perf_counter() - begun
    with tempfile.TemporaryDirectory() as folder:
        media = Path(folder) / f"long{args.format}"
        length_s = glue(media, args.minutes)
        runs = [once(media, backend) for _ in range(args.runs)]
    best = {name: tuple(min(run[name][n] for run in runs) for n in (0, 1)) for name in runs[0]}
    is_demo = args.model_dir == DEMO_MODEL_DIR
    who = "the DEMONSTRATION model, not real GigaAM" if is_demo else f"{args.model} from {args.model_dir}"
    hours = length_s / 3600
    hour_s = 3600 / args.rtfx
    sums = [sum(best[part][n] for part in PARTS) / hours for n in (0, 1)]
    rows = [
        (name, *(f"{spent_s:.2f} s" for spent_s in best[name]), f"{best[name][1] / hours:.1f} s")
        for name in (*PARTS, "model", "whole stage")
    ]
    report(
        f"Speech stage with {who} ({args.engine}): {length_s:.0f} s of {args.format[1:]}, best of "
        f"{args.runs}: RTFx {length_s / best['whole stage'][0]:.0f}; loading the model {loaded_s:.1f} s. "
        f"Around the model an hour of sound takes {sums[1]:.1f} s of a processor ({sums[0]:.1f} s of the "
        f"clock): {sums[1] / hour_s:.1%} of an hour at {args.rtfx:.0f} times real time, before "
        f"any of it runs beside the model",
        ("part, alone", "time", "processor", "processor, for an hour of sound"),
        rows,
    )


if __name__ == "__main__":
    main()
