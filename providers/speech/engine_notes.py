"""What was measured of the speech engines on this machine, kept until the machine or the model changes."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

FILE = "speech-engines.json"  # in MODELS_DIR
PACKAGES = ("openvino", "onnxruntime", "onnxruntime-gpu", "onnx-asr", "torch", "gigaam")


@dataclass(frozen=True, slots=True)
class Measured:
    """One engine on this machine with this model."""

    engine: str
    model: str  # as the engine calls it, with its precision
    rtfx: float = 0.0  # seconds of recording a second; 0: not measured
    cer: float | None = None  # against full precision, 0..1; None: it is full precision
    reason: str = ""  # why it does not serve

    def __str__(self) -> str:
        if self.reason:
            return f"{self.engine}: {self.reason}"
        agrees = f", CER {self.cer:.2%} against fp32" if self.cer is not None else ""
        return f"{self.engine} {self.model}: {self.rtfx:.0f} × real time{agrees}"


@dataclass(frozen=True, slots=True)
class EngineNotes:
    """The file, a note per model. `key`: changes with whatever would change the figures."""

    path: Path

    def find(self, model: str, key: str) -> list[Measured]:
        """Engines that may serve, fastest first, then the others; [] when nothing was measured here."""
        note = self._all().get(model, {})
        try:
            return [Measured(**one) for one in note["engines"]] if note.get("key") == key else []
        except (KeyError, TypeError, AttributeError):
            return []

    def keep(self, model: str, key: str, engines: Sequence[Measured]) -> None:
        """Notes that can't be written are measured again by the next process."""
        notes = {**self._all(), model: {"key": key, "engines": [asdict(one) for one in engines]}}
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(notes, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            os.replace(fresh, self.path)
        except OSError as error:
            log.warning("figures not kept", extra={"action": "engines_not_kept", "reason": str(error)})

    def _all(self) -> dict[str, Any]:
        try:
            known = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}


def key_of(settings: Mapping[str, str], folders: Sequence[Path]) -> str:
    """Of this processor, its cores, the packages, the settings, and the model's files by name, size, time."""
    facts = [
        processor(),
        str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        *(f"{name} {_version(name)}" for name in PACKAGES),
        *(f"{name}={value}" for name, value in sorted(settings.items())),
        *(line for folder in folders for line in _files(folder)),
    ]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def processor() -> str:
    try:
        rows = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        rows = []
    told = [row.partition(":")[2].strip() for row in rows if row.startswith(("model name", "flags"))]
    return " ".join(told[:2]) or f"{platform.machine()} {platform.processor()}"


def _files(folder: Path) -> list[str]:
    """Links are followed: the Hub's cache holds links."""
    paths = [folder] if folder.is_file() else sorted(folder.glob("*"))
    known = [(path, path.stat()) for path in paths if path.is_file()]
    return [f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in known]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
