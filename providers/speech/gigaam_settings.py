"""What the GigaAM engines read from the settings, and where they find their model, spelled once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from providers.errors import Unavailable
from providers.models.store import Store

Setting = tuple[str, str, str]  # name, default, help

DEFAULT_MODEL = "gigaam-v3-e2e-rnnt"
DEVICES = ("auto", "cpu", "cuda")
CARDS = ("/dev/nvidiactl", "/dev/dxg")
MODEL: Setting = (
    "GIGAAM_MODEL",
    DEFAULT_MODEL,
    "Model, by onnx-asr's name: gigaam-v3-e2e-rnnt, -e2e-ctc, -rnnt, -ctc. gigaam_torch also takes the "
    "names of the package gigaam: v2_ctc, v3_e2e_rnnt.",
)
FOLDER: Setting = (
    "GIGAAM_MODEL_DIR",
    "",
    "Folder with the model's files, or a checkpoint for gigaam_torch; when set, nothing is downloaded. "
    "Empty: MODELS_DIR, then a download.",
)
DEVICE: Setting = (
    "GIGAAM_DEVICE",
    "auto",
    "auto, cpu or cuda (gigaam_onnx needs onnxruntime-gpu for it).",
)
THREADS: Setting = (
    "GIGAAM_THREADS",
    "0",
    "Processor threads for one recognition; 0: as many as there are cores.",
)


def one_of(env: Mapping[str, str], name: str, default: str, known: tuple[str, ...]) -> str:
    value = env.get(name, "").strip() or default
    if value not in known:
        raise Unavailable(
            "%(name)s is %(value)s; it can be %(known)s.",
            error_class="missing_model", name=name, value=value, known=", ".join(filter(None, known)),
        )  # fmt: skip
    return value


def whole_number(env: Mapping[str, str], name: str, zero_means: str) -> int:
    value = env.get(name, "").strip() or "0"
    if not value.isdigit():
        raise Unavailable(
            "%(name)s is %(value)s; it must be a whole number, 0 for %(zero)s.",
            error_class="missing_model", name=name, value=value, zero=zero_means,
        )  # fmt: skip
    return int(value)


def given_folder(env: Mapping[str, str]) -> Path | None:
    """What GIGAAM_MODEL_DIR names."""
    value = env.get("GIGAAM_MODEL_DIR", "").strip()
    return Path(value).expanduser() if value else None


def model_folder(given: Path | None, store: Store | None, names: tuple[str, ...], files: str) -> Path | None:
    """Where a model lies: the folder the settings name, else the store's; None: it is to be downloaded.

    `names`: the store's names of the model, the first that is there is taken; `files`: a pattern of what the
    engine reads, so that no engine takes another's form of the model. Opens no connection.
    """
    if given is not None or store is None:
        return given
    found = (folder for name in names if (folder := store.find(name)) is not None)
    return next((folder for folder in found if any(folder.glob(files))), None)


def has_card() -> bool:
    """Whether an NVIDIA card stands here, as Linux or WSL show it; no library is loaded for that."""
    return any(Path(path).exists() for path in CARDS)
