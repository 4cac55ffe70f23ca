"""Speech engines side by side on weights of the real size (221 M, random): speed, memory, share of GEMM peak.

Each engine lives in a process of its own and they take turns on the same four pieces of 20 s, so all see the
same machine; features and greedy decoding are counted, as in each engine's own use. Figures of one run are
to be compared with each other; the best round is the one other work disturbed least. Words are noise: random
weights say nothing about agreement.
Needs torch, gigaam, onnx, openvino, nncf. About five minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.machine import report

PIECE_S, PIECES = 20.0, 4
GFLOP_PER_S = 11.0  # of a second of speech: 220.7 M parameters, 25 frames a second, two operations each
NAME = "gigaam-v3-ctc"
ENGINES = {
    "torch": "gigaam package, torch fp32, batch 4",
    "onnx": "onnx-asr, fp32",
    "onnx_int8": "onnx-asr, int8 (dynamic)",
    "openvino_fp32": "Polosa gigaam_openvino, fp32",
    "openvino_int8": "Polosa gigaam_openvino, int8",
}
OTHERS = ("torch", "onnx", "onnx_int8")
Work = Callable[[], Any]


def pieces() -> list[np.ndarray]:
    """The bundled interview, cut without regard to words."""
    from automation.toolbox import DEMO_INTERVIEW
    from providers import audio

    sound = np.concatenate(list(audio.stream(DEMO_INTERVIEW)))
    n = round(PIECE_S * 16_000)
    return [sound[start : start + n] for start in range(0, PIECES * n, n)]


def make(folder: Path) -> None:
    """The model in the three forms, where it is not there yet."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from bench import real_size
    from providers.speech import quantize
    from providers.speech.openvino_graph import GRAPHS, INT8, FrontEnd

    graph = folder / "v3_ctc.onnx"
    if not graph.exists():
        real_size.export(real_size.build(), folder)
    small = folder / "v3_ctc.int8.onnx"
    if not small.exists():
        quantize_dynamic(graph, small, op_types_to_quantize=["MatMul"], weight_type=QuantType.QUInt8)
    if not (folder / INT8).exists():
        front_end = FrontEnd(folder)
        some = [front_end(piece[: 16_000 * 8]) for piece in pieces()]
        quantize.write_int8(graph, folder, some, GRAPHS[NAME].inputs)


def recording(path: Path) -> Path:
    """The interview; at each third pause eight seconds of a muted track or of a quiet room, in turn."""
    import av

    from automation.toolbox import DEMO_INTERVIEW
    from providers import audio
    from providers.levels import levels_db

    sound = np.concatenate(list(audio.stream(DEMO_INTERVIEW)))
    quiet = np.flatnonzero(np.diff(np.pad((levels_db([sound]) < -50).astype(int), 1)))
    pauses = [(a + b) // 2 * 160 for a, b in zip(quiet[::2], quiet[1::2], strict=False) if b - a >= 40]
    noise = np.random.default_rng(0).standard_normal(8 * 16_000).astype(np.float32) * 0.001  # −60 dB
    parts, since = [], 0
    for number, at in enumerate(pauses[::3]):
        parts += [sound[since:at], (noise, noise * 0)[number % 2]]
        since = at
    whole = np.concatenate([*parts, sound[since:]])
    with av.open(str(path), "w") as box:
        track = box.add_stream("flac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray((whole * 32767).astype(np.int16)[None], "s16", "mono")
        frame.sample_rate = 16_000
        for packet in [*track.encode(frame), *track.encode(None)]:
            box.mux(packet)
    return path


def engine(name: str, folder: Path, file: Path | None = None) -> Work:
    """Loads it; what is returned recognises all the pieces, or the file."""
    make = {"torch": _torch, "gemm": _gemm}.get(name, _onnx if "onnx" in name else _openvino)
    return make(name, folder, file)


def cuttings(file: Path) -> list[Any]:
    """The same pieces for everybody; decoding and cutting are part of the way."""
    from providers import audio
    from providers.cutting import cut

    return list(cut(audio.stream(file)))


def _torch(name: str, folder: Path, file: Path | None) -> Work:
    import torch
    from torch.nn.utils.rnn import pad_sequence

    from bench import real_size

    network = real_size.build()
    batch = torch.from_numpy(np.stack(pieces()))
    lengths = torch.full((PIECES,), batch.shape[1])

    @torch.inference_mode()
    def work() -> Any:
        encoded, _ = network.forward(batch, lengths)
        return network.head(encoded).argmax(-1)

    @torch.inference_mode()
    def whole_way() -> Any:
        waves = [torch.from_numpy(piece.samples) for piece in cuttings(file)]
        for first in range(0, len(waves), 4):
            some = waves[first : first + 4]
            encoded, _ = network.forward(
                pad_sequence(some, batch_first=True), torch.tensor([one.numel() for one in some])
            )
            network.head(encoded).argmax(-1)

    return whole_way if file else work


def _onnx(name: str, folder: Path, file: Path | None) -> Work:
    import onnx_asr

    model = onnx_asr.load_model(
        NAME,
        folder,
        quantization="int8" if name.endswith("int8") else None,
        providers=["CPUExecutionProvider"],
    )
    sounds = pieces()
    if file:
        model = model.with_timestamps()
        return lambda: [model.recognize(piece.samples) for piece in cuttings(file)]
    return lambda: [model.recognize(sound) for sound in sounds]


def _openvino(name: str, folder: Path, file: Path | None) -> Work:
    from providers.speech.gigaam_openvino import GigaamOpenvino
    from providers.speech.openvino_graph import GRAPHS, FrontEnd, Graph, streams_for
    from providers.speech.parallel import in_order

    if file:
        backend = GigaamOpenvino(NAME, folder=folder)
        # There is no report: words of random weights agree with nothing.
        backend.int8 = folder if name.endswith("int8") else None
        return lambda: list(backend.recognise(file))
    ears = Graph(folder, GRAPHS[NAME], int8=name.endswith("int8"), streams=streams_for(0))
    front_end = FrontEnd(folder)
    sounds = pieces()
    return lambda: list(in_order(iter(sounds), lambda one: ears.tokens(front_end(one)), ears.streams))


def _gemm(name: str, folder: Path, file: Path | None) -> Work:
    """The machine's own limit: one large product of matrices, GFLOP in a second of one core."""
    import openvino as ov
    import torch
    from openvino import opset13 as op

    n = 2048
    full = torch.randn(n, n)
    given = op.parameter([n, n], np.float32)
    net = ov.Model([op.matmul(given, op.constant(full.numpy()), False, True)], [given])
    request = ov.Core().compile_model(net, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()
    request.infer([full.numpy()])
    small = torch.randint(-100, 100, (n, n), dtype=torch.int8)

    def rate(product: Work) -> float:
        """A second of processor time, the quickest of twenty: other work on the machine counts little."""
        product()
        quickest = float("inf")
        for _ in range(20):
            begun = time.process_time()
            product()
            quickest = min(quickest, time.process_time() - begun)
        return 2 * n**3 / 1e9 / quickest

    # torch's and numpy's own products use half of what an AMD core can do.
    return lambda: {
        "fp32": max(rate(request.infer), rate(lambda: full @ full)),
        "int8": rate(lambda: torch._int_mm(small, small)),
    }


def serve(name: str, folder: Path, file: Path | None) -> None:
    """A line in, a line of JSON out: seconds of the clock and of the processor, what was found, peak MB."""
    work = engine(name, folder, file)
    print("ready", flush=True)
    for _ in sys.stdin:
        begun, busy = time.perf_counter(), time.process_time()
        found = work()
        answer = {"s": time.perf_counter() - begun, "cpu_s": time.process_time() - busy, "mb": peak_mb()}
        answer["found"] = found if name == "gemm" else None
        answer["load"] = os.getloadavg()[0]
        print(json.dumps(answer), flush=True)


def peak_mb() -> float:
    """Of this program alone: getrusage's figure may be that of the process it was started by."""
    rows = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(row.split()[1]) / 1024 for row in rows if row.startswith("VmHWM"))


class Racer:
    """An engine in its process."""

    def __init__(self, name: str, folder: Path, file: Path | None) -> None:
        self.name, self.mb = name, 0.0
        self.runs, self.cpu, self.found = [], [], []
        command = [sys.executable, "-m", "bench.engines", "--serve", name, "--folder", str(folder)]
        command += ["--sound", str(file)] if file else []
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._line("ready")

    def go(self) -> None:
        print("go", file=self._process.stdin, flush=True)
        answer = json.loads(self._line("{"))
        self.runs.append(answer["s"])
        self.cpu.append(answer["cpu_s"])
        self.mb = answer["mb"]
        self.found.append(answer["found"])

    def _line(self, begins: str) -> str:
        """The next line of its own; libraries print others."""
        for line in self._process.stdout:
            if line.startswith(begins):
                return line
        raise SystemExit(f"{self.name} died")

    def leave(self) -> None:
        self._process.stdin.close()
        self._process.wait(30)


def race(folder: Path, rounds: int, file: Path | None) -> tuple[dict[str, Racer], dict[str, float]]:
    """All engines in turn, once to warm up and then `rounds` times; the GEMM peak of every round between."""
    racers = {name: Racer(name, folder, file) for name in (*ENGINES, "gemm")}
    for _ in range(rounds + 1):
        for racer in racers.values():
            racer.go()
    gemm = racers.pop("gemm")
    peaks = {kind: max(found[kind] for found in gemm.found) for kind in ("fp32", "int8")}
    for racer in (*racers.values(), gemm):
        racer.runs, racer.cpu = racer.runs[1:], racer.cpu[1:]
        racer.leave()
    return racers, peaks


def share(racer: Racer, peak: float, sound_s: float) -> float:
    """Of the GEMM peak, by processor time: what an engine's threads wait for counts against it."""
    return sound_s * GFLOP_PER_S / min(racer.cpu) / peak


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--folder", type=Path, help="Keep the models here; they are made once.")
    asked.add_argument("--file", action="store_true", help="The whole way, from a recording to words.")
    asked.add_argument("--serve", help=argparse.SUPPRESS)
    asked.add_argument("--sound", type=Path, help=argparse.SUPPRESS)
    args = asked.parse_args()
    if args.serve:
        serve(args.serve, args.folder, args.sound)
        return
    with tempfile.TemporaryDirectory() as spare:
        folder = args.folder or Path(spare)
        make(folder)
        file = recording(Path(spare) / "recording.flac") if args.file else None
        sound_s, about = _sound(file)
        racers, peaks = race(folder, args.rounds, file)
    tell(racers, peaks, sound_s, f"{about}, {args.rounds} rounds in turn")


def _sound(file: Path | None) -> tuple[float, str]:
    """Its length and what it is."""
    if file is None:
        return PIECE_S * PIECES, f"{PIECES} pieces of {PIECE_S:.0f} s"
    from providers import audio
    from providers.speech.silence import sounding

    whole = np.concatenate(list(audio.stream(file)))
    sound_s = whole.size / 16_000
    sounds_s = sum(end - start for start, end in sounding(whole)) / 16_000
    return sound_s, f"from a FLAC file of {sound_s:.0f} s, {1 - sounds_s / sound_s:.0%} of it muted, to words"


def tell(racers: dict[str, Racer], peaks: dict[str, float], sound_s: float, about: str) -> None:
    """Ratios by the clock (best round, median) and by processor time, each to the best of the others."""
    best = min(min(racers[name].runs) for name in OTHERS)
    middle = min(statistics.median(racers[name].runs) for name in OTHERS)
    cpu = min(min(racers[name].cpu) for name in OTHERS)
    rows = [
        (
            ENGINES[name],
            f"{sound_s / min(racer.runs):.1f}",
            f"{best / min(racer.runs):.2f} ×",
            f"{sound_s / statistics.median(racer.runs):.1f}",
            f"{middle / statistics.median(racer.runs):.2f} ×",
            f"{60 * min(racer.cpu) / sound_s:.2f} s",
            f"{cpu / min(racer.cpu):.2f} ×",
            f"{share(racer, peaks['fp32'], sound_s):.0%}",
            f"{share(racer, peaks['int8'], sound_s):.0%}",
            f"{racer.mb:.0f} MB",
        )
        for name, racer in racers.items()
    ]
    head = (
        "engine",
        "RTFx, best",
        "of the best other",
        "median",
        "of the best other",
        "processor time a minute",
        "of the best other",
        "of the fp32 GEMM peak",
        "of the int8 GEMM peak",
        "peak memory",
    )
    report(
        f"GigaAM v3 CTC, 221 M random weights, {about}. GEMM peak of a core: fp32 "
        f"{peaks['fp32']:.0f} GFLOP/s, int8 {peaks['int8']:.0f} GOP/s",
        head,
        rows,
    )


if __name__ == "__main__":
    main()
