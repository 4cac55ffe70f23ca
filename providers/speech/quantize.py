"""A model → full int8, activations too, and how well its words agree with full precision's.

NNCF watches the activations on some speech and chooses their scales; speech it has not seen is then read by
both graphs. The result is written whole with its report, also when it disagrees: then it never serves, and
the report says why. NNCF would tell Intel about its use; here it does not.
Source: https://docs.openvino.ai (Post-training Quantization, model_type TRANSFORMER for attention).
"""

from __future__ import annotations

import logging
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from providers import audio
from providers.cutting import cut
from providers.errors import InputRejected, Unavailable
from providers.speech.openvino_graph import (
    GRAPHS,
    INSTALL,
    INT8,
    Agreement,
    FrontEnd,
    Graph,
    openvino,
    weights_sha256,
)
from providers.speech.words import Token, words_of

Mels = NDArray[np.float32]  # (64, frames)
Progress = Callable[[float, str], None]

CALIBRATE = 60  # pieces; 60 utterances were enough for 0.3 % (docs/bench.md)
HELD_OUT = 100
LEAST = 10  # pieces of each kind without which a figure means nothing
STRIDE = 100  # frames in a second


def quantize(
    model: str,
    folder: Path,
    speech: Path,
    target: Path,
    *,
    calibrate: int = CALIBRATE,
    held_out: int = HELD_OUT,
    threads: int = 0,
    progress: Progress = lambda fraction, note: None,
) -> Agreement:
    """Quantises the model in `folder` on the recordings in `speech`; writes `target`.

    Raises: Unavailable without the packages or the model's files; InputRejected for too little speech.
    """
    if model not in GRAPHS:
        raise Unavailable(
            "Only these models can be quantised: %(known)s.",
            error_class="missing_model", known=", ".join(GRAPHS),
        )  # fmt: skip
    _nncf()
    parts = GRAPHS[model]
    seen, unseen = _divide(list(_mels(speech, FrontEnd(folder), calibrate + held_out)), calibrate)
    progress(0.1, f"{len(seen)} pieces to calibrate on, {len(unseen)} held out")
    staging = _fresh(target)
    begun = time.monotonic()
    write_int8(folder / parts.graph, staging, seen, parts.inputs)
    for name in (*parts.beside, "config.json"):
        for path in folder.glob(f"{name}*"):  # a graph may have a file of weights beside it
            shutil.copy2(path, staging / path.name)
    seconds = time.monotonic() - begun
    progress(0.6, "quantised; now both read the held-out speech")
    cer, characters, speed = _compare(
        Graph(folder, parts, threads=threads), Graph(staging, parts, int8=True, threads=threads), unseen
    )
    details = {**_versions(), **speed, "calibrated_on": len(seen), "quantised_in_s": round(seconds, 1)}
    agreement = Agreement(model, cer, len(unseen), characters, weights_sha256(staging), details)
    agreement.write(staging)
    shutil.rmtree(target, ignore_errors=True)
    os.replace(staging, target)
    progress(1.0, f"CER between int8 and fp32: {cer:.2%}")
    return agreement


def recordings(speech: Path) -> list[Path]:
    """The files of a folder, or the one file."""
    if speech.is_file():
        return [speech]
    return sorted(path for path in speech.rglob("*") if path.is_file() and not path.name.startswith("."))


def edits(truth: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein distance."""
    row = list(range(len(heard) + 1))
    for i, left in enumerate(truth, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(heard, 1):
            best = min(row[j] + 1, row[j - 1] + 1, before + (left != right))
            before, row[j] = row[j], best
    return row[-1]


def _mels(speech: Path, front_end: FrontEnd, most: int) -> Iterator[Mels]:
    """Features of up to `most` pieces, a few from every recording rather than all from the first."""
    files = recordings(speech)
    share = -(-most // max(1, len(files)))
    count = 0
    for path in files:
        try:
            with closing(audio.stream(path)) as blocks:
                sounding = (piece for piece in cut(blocks) if not piece.is_silent)
                for piece, _ in zip(sounding, range(min(share, most - count)), strict=False):
                    yield front_end(piece.samples)
                    count += 1
        except InputRejected:
            continue  # a text or a picture among the recordings


def _divide(pieces: list[Mels], calibrate: int) -> tuple[list[Mels], list[Mels]]:
    """Every second piece for each purpose, so both hear every voice."""
    seen, unseen = pieces[::2][:calibrate], pieces[1::2]
    if min(len(seen), len(unseen)) < LEAST:
        raise InputRejected(
            "Only %(count)s pieces of speech were found and %(least)s are needed: half to calibrate on, half "
            "to compare. Add recordings; about ten minutes of several voices do.",
            count=len(pieces), least=2 * LEAST,
        )  # fmt: skip
    return seen, unseen


def write_int8(graph: Path, folder: Path, seen: list[Mels], inputs: tuple[str, str]) -> None:
    """Writes int8.xml and int8.bin into the folder. `inputs`: names of features and lengths.

    Raises: Unavailable.
    """
    nncf = _nncf()
    try:
        original = openvino().Core().read_model(str(graph))
    except RuntimeError as error:
        raise Unavailable(
            "%(file)s can't be read: %(reason)s. Download the model again; int8 files can't be quantised "
            "once more.",
            error_class="missing_model", file=str(graph), reason=str(error)[:300],
        ) from error  # fmt: skip
    quantised = nncf.quantize(
        original,
        nncf.Dataset(seen, lambda mels: _given(mels, inputs)),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(seen),
    )
    openvino().save_model(quantised, str(folder / INT8), compress_to_fp16=False)


def _given(mels: Mels, inputs: tuple[str, str]) -> dict[str, Any]:
    return dict(zip(inputs, (mels[None], np.array([mels.shape[1]], np.int64)), strict=True))


def _compare(full: Graph, small: Graph, unseen: list[Mels]) -> tuple[float, int, dict[str, float]]:
    """(CER, characters of full precision, seconds of speech a second of each)."""
    wrong = characters = 0
    spent = {"fp32": 0.0, "int8": 0.0}
    for mels in unseen:
        texts = {}
        for name, graph in (("fp32", full), ("int8", small)):
            begun = time.perf_counter()
            tokens = graph.tokens(mels)
            spent[name] += time.perf_counter() - begun
            texts[name] = _text(tokens)
        wrong += edits(texts["fp32"], texts["int8"]) if texts["fp32"] != texts["int8"] else 0
        characters += len(texts["fp32"])
    if not characters:
        raise InputRejected(
            "Full precision heard no words in the held-out speech, so nothing can be compared. Take "
            "recordings with speech in the model's language.",
        )
    sound_s = sum(mels.shape[1] for mels in unseen) / STRIDE
    return (
        wrong / characters,
        characters,
        {f"rtfx_{name}": round(sound_s / s, 1) for name, s in spent.items()},
    )


def _text(tokens: list[Token]) -> str:
    return " ".join(word.text for word in words_of(tokens))


def _fresh(target: Path) -> Path:
    staging = target.with_name(target.name + ".quantising")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    return staging


def _nncf() -> Any:
    os.environ["NNCF_CI"] = "1"  # no telemetry. Source: nncf/telemetry/wrapper.py
    try:
        nncf = import_module("nncf")
    except ImportError as error:
        raise Unavailable(INSTALL, error_class="missing_package", package="nncf") from error
    nncf.set_log_level(logging.ERROR)
    return nncf


def _versions() -> dict[str, str]:
    core = openvino().Core()
    return {
        "openvino": openvino().__version__,
        "nncf": _nncf().__version__,
        "processor": str(core.get_property("CPU", "FULL_DEVICE_NAME")),
        "machine": platform.machine(),
    }
