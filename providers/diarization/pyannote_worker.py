"""The process that loads torch and pyannote.audio, answers one order and ends.

stdin: one line of JSON (see `pyannote.Pyannote.turns`), then nothing; its end means the parent is gone.
stdout: lines {"progress", "note"}, then one line {"turns"} or {"error"}.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import numpy as np

from providers import audio
from providers.diarization.pyannote import missing_package
from providers.errors import BackendFailed, ProviderError, Unavailable
from providers.hub import explain
from providers.types import SAMPLE_RATE_HZ

# Share of the time each step takes on a processor: (begin, end) of the whole.
STEPS = {"segmentation": (0.05, 0.35), "speaker_counting": (0.35, 0.36), "embeddings": (0.36, 0.98)}


def main() -> int:
    answers = _own_stdout()
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _limit_memory(order["memory_gb"])
        say(answers, {"turns": diarize(order, lambda line: say(answers, line))})
    except MemoryError as error:
        say(answers, {"error": told(_broke(error, order["memory_gb"]))})
    except ProviderError as error:
        say(answers, {"error": told(error)})
    return 0


def diarize(order: dict[str, Any], report: Callable[[dict[str, Any]], None]) -> list[list[Any]]:
    """Raises: Unavailable, BackendFailed, InputRejected."""
    report({"progress": 0.0, "note": "pyannote.audio"})
    pipeline, torch = _load(Path(order["folder"]), order["device"])
    with closing(audio.stream(Path(order["media"]))) as blocks:
        waveform = torch.from_numpy(np.concatenate(list(blocks)))[None]
    wanted = {key: order[key] for key in ("min_speakers", "max_speakers") if order[key]}
    try:
        output = pipeline({"waveform": waveform, "sample_rate": SAMPLE_RATE_HZ}, hook=_hook(report), **wanted)
    except (RuntimeError, ValueError, MemoryError) as error:
        raise _broke(error, order["memory_gb"]) from error
    return [[turn.start, turn.end, speaker] for turn, speaker in output.exclusive_speaker_diarization]


def told(error: ProviderError) -> dict[str, Any]:
    """An error in JSON, for `pyannote.error_from`."""
    return {
        "kind": type(error).__name__,
        "template": error.template,
        "error_class": error.error_class,
        "params": {name: str(value) for name, value in error.params.items()},
    }


def say(answers: IO[str], line: dict[str, Any]) -> None:
    answers.write(json.dumps(line, ensure_ascii=False) + "\n")
    answers.flush()


def _load(folder: Path, device: str) -> tuple[Any, Any]:
    warnings.simplefilter("ignore")  # torchcodec is not needed: the sound is decoded here
    try:
        import torch
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
        from pyannote.audio import Pipeline
    except (ImportError, OSError) as error:  # OSError: a CUDA library of a torch that does not fit
        raise missing_package() from error
    try:
        pipeline = Pipeline.from_pretrained(folder)
    except (HfHubHTTPError, LocalEntryNotFoundError) as error:  # parts a config.yaml takes from the Hub
        endpoint = os.environ["HF_ENDPOINT"]
        raise explain(
            error, {"model": str(folder), "endpoint": endpoint, "link": endpoint, "setting": "PYANNOTE_MODEL"}
        ) from error
    except Exception as error:  # torch and yaml raise anything for damaged files
        raise _unloadable(folder, error) from error
    if pipeline is None:
        raise _unloadable(folder, RuntimeError("no pipeline"))
    use_cuda = device == "cuda" or (device == "auto" and torch.cuda.is_available())
    return pipeline.to(torch.device("cuda" if use_cuda else "cpu")), torch


def _unloadable(folder: Path, error: Exception) -> Unavailable:
    return Unavailable(
        "The diarization model in %(folder)s can't be loaded: %(reason)s. Download it again, or correct "
        "PYANNOTE_MODEL.",
        error_class="missing_model", folder=str(folder), reason=f"{type(error).__name__}: {error}"[:300],
    )  # fmt: skip


def _broke(error: Exception, memory_gb: float | None) -> BackendFailed:
    if isinstance(error, MemoryError) or "alloc" in str(error) or "out of memory" in str(error):
        limit = f" (PYANNOTE_MEMORY_GB={memory_gb:g})" if memory_gb else ""
        return BackendFailed(
            "The diarization ran out of memory%(limit)s. Give it more, or use the backend baseline.",
            limit=limit,
        )
    return BackendFailed("pyannote.audio broke: %(reason)s.", reason=f"{type(error).__name__}: {error}"[:300])


def _hook(report: Callable[[dict[str, Any]], None]) -> Callable[..., None]:
    """pyannote's progress; `completed` may be a NumPy number, exceed `total` or be missing."""

    def hook(step: str, artifact: Any, file: Any = None, total: Any = None, completed: Any = None) -> None:
        begin, end = STEPS.get(step, (0.98, 1.0))
        share = min(1.0, int(completed) / int(total)) if completed is not None and total else 1.0
        report({"progress": round(begin + (end - begin) * share, 4), "note": step})

    return hook


def _limit_memory(memory_gb: float | None) -> None:
    """Private writable memory: torch also maps gigabytes of code, which cost nothing."""
    if memory_gb:
        limit = int(memory_gb * 1e9)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _own_stdout() -> IO[str]:
    """The answers' channel; what libraries print goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
