"""How much memory the speech stage takes for ten minutes and for four hours.

Each length goes through the whole stage, from submitting the file to the record of what was not heard, in a
process of its own, whose peak is read from the system. The file is MP3 or Opus, the bundled interview again
and again. `--taps` puts a cheap recogniser in the model's place that hears a word wherever it sounds: it
leaves as many words and decodes as much, so that the pipeline alone is measured, in seconds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from automation.newsroom import open_newsroom
from automation.pipeline import intake
from automation.pipeline.advance import advance, load
from automation.toolbox import DEMO_MODEL_DIR
from bench.long import CODECS, glue
from bench.machine import report
from providers.chain import Chain
from providers.levels import HOP_S, levels_db
from providers.speech.gigaam_onnx import GigaamOnnx
from providers.speech.hearing import pieces, timed
from providers.speech.spans import recognise_spans
from providers.speech.words import Token

SHORT, LONG = 10.0, 240.0  # minutes
EVERY_S = 0.4  # a word; people say two or three a second
LOUD_DB = -45.0
LIMIT_MB = 50.0


class Taps:
    """Hears «тук» wherever it is loud, at most every 0.4 s."""

    name, model = "taps", "taps"

    def prepare(self, progress):
        progress(1.0, self.model)

    def recognise(self, media, *, skip_until_s=0.0, first_index=0):
        return pieces(media, skip_until_s, first_index, self._hear)

    def recognise_spans(self, media, spans):
        return recognise_spans(self._decode, media, spans)

    def _hear(self, cuttings):
        for cutting in cuttings:
            yield cutting, timed(self._decode(cutting.samples), cutting)

    def _decode(self, samples):
        step = round(EVERY_S / HOP_S)
        loud = np.flatnonzero(levels_db([samples])[::step] > LOUD_DB)
        return [Token(" тук", float(at) * EVERY_S, -0.1) for at in loud]


def stage(media: Path, backend) -> dict[str, float]:
    """Runs the speech stage; words, pieces, share recognised, seconds, peak memory of this process."""
    with tempfile.TemporaryDirectory() as folder:
        room = open_newsroom({"POLOSA_DATA": folder})
        room = replace(room, tools=replace(room.tools, speech=Chain([(backend.name, lambda: backend)])))
        with media.open("rb") as stream:
            number = intake.submit(room, stream, media.name, by=None, now=datetime.now(UTC)).submission_id
        begun = time.perf_counter()
        held = advance(room.works, weights=("heavy",))
        spent_s, mb = time.perf_counter() - begun, peak_mb()
        done = load(room.db, number)
        room.db.close()
    if held is None or "transcribe" not in done.provenance:
        raise SystemExit("the speech stage did not run")
    heard = done.provenance["transcribe"]
    return {
        "words": sum(len(piece.words) for piece in done.pieces),
        "pieces": len(done.pieces),
        "gaps": len(heard["coverage"]["gaps"]),
        "share": heard["coverage"]["share"],
        "record_kb": len(json.dumps(heard)) / 1000,
        "s": spent_s,
        "mb": mb,
    }


def in_a_process(media: Path, *, taps: bool) -> dict[str, float]:
    """`stage` in a fresh process."""
    command = [sys.executable, "-m", "bench.memory", "--one", str(media), *(["--taps"] if taps else [])]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, float] = json.loads(answer.splitlines()[-1])
    return found


def peak_mb() -> float:
    """Of this program alone: getrusage's figure may be that of the process it was started by."""
    rows = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(row.split()[1]) / 1024 for row in rows if row.startswith("VmHWM"))


def measure(minutes: tuple[float, ...], suffix: str, *, taps: bool) -> list[tuple[float, dict[str, float]]]:
    """(seconds of the recording, what its stage took) for each length."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for length in minutes:
            media = Path(folder) / f"long{suffix}"
            found.append((glue(media, length), in_a_process(media, taps=taps)))
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, nargs="+", default=[SHORT, LONG])
    asked.add_argument("--format", choices=sorted(CODECS), default=".ogg")
    asked.add_argument("--taps", action="store_true", help="A cheap recogniser in the model's place.")
    asked.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    args = asked.parse_args()
    if args.one:
        model = Taps() if args.taps else GigaamOnnx("gigaam-v3-e2e-ctc", folder=DEMO_MODEL_DIR, device="cpu")
        print(json.dumps(stage(args.one, model)))
        return
    found = measure(tuple(args.minutes), args.format, taps=args.taps)
    rows = [
        (f"{length_s / 60:.0f} min", f"{one['pieces']:.0f}", f"{one['words']:.0f}", f"{one['share']:.1%}",
         f"{one['gaps']:.0f}", f"{one['record_kb']:.0f} kB", f"{one['s']:.0f} s", f"{one['mb']:.0f} MB")
        for length_s, one in found
    ]  # fmt: skip
    growth_mb = found[-1][1]["mb"] - found[0][1]["mb"]
    report(
        f"The whole speech stage, {args.format[1:]}, "
        f"{'a cheap recogniser' if args.taps else 'the demonstration model'}: "
        f"peak memory grows by {growth_mb:.0f} MB (limit {LIMIT_MB:.0f})",
        ("recording", "pieces", "words", "recognised", "gaps", "record", "stage", "peak memory"),
        rows,
    )
    if growth_mb > LIMIT_MB:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
