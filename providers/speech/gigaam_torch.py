"""Sber's GigaAM through its own package and torch: the engine for a graphics card.

0.1.0 from PyPI knows the models v1 and v2, 0.2.0 from the repository v3 as well; both are used through the
same parts: front end, encoder, head, tokenizer.
Source: https://github.com/salute-developers/GigaAM.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from providers import stopping
from providers.cutting import Cutting
from providers.errors import BackendFailed, Unavailable
from providers.models.store import Store
from providers.speech import gigaam_checkpoint, spans
from providers.speech.batches import LOOK_AHEAD, in_batches
from providers.speech.gigaam_decoding import tokens_of
from providers.speech.gigaam_settings import (
    DEFAULT_MODEL,
    DEVICE,
    DEVICES,
    FOLDER,
    MODEL,
    THREADS,
    Setting,
    given_folder,
    has_card,
    model_folder,
    one_of,
    whole_number,
)
from providers.speech.hearing import pieces, timed
from providers.speech.seams import Heard
from providers.speech.words import Token
from providers.types import SAMPLE_RATE_HZ, Piece, Word

SETTINGS: tuple[Setting, ...] = (
    MODEL,
    FOLDER,
    DEVICE,
    THREADS,
    ("GIGAAM_BATCH", "0", "Pieces recognised at once by gigaam_torch; 0: 1 on a processor, 16 on CUDA."),
)
CUDA_BATCH = 16  # as the package's own long-form mode
SHORTEST_SAMPLES = round(0.3 * SAMPLE_RATE_HZ)  # shorter pieces are padded with silence


class GigaamTorch:
    """One recogniser per process: calls take turns."""

    name = "gigaam_torch"

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        *,
        checkpoint: Path | None = None,
        device: str = "auto",
        batch: int = 0,
        threads: int = 0,
        source: str = gigaam_checkpoint.SOURCE,
        store: Store | None = None,
    ) -> None:
        """`checkpoint`: a file or its folder. `source`: the address models are downloaded from."""
        self._name = model
        self._checkpoint = checkpoint
        self._device = device
        self._batch = batch
        self._threads = threads
        self._source, self._store = source, store
        self._lock = threading.Lock()
        self._network: Any = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Raises: Unavailable when a package is missing or a value makes no sense."""
        for package in ("torch", "gigaam"):
            if find_spec(package) is None:
                raise gigaam_checkpoint.missing_package(f"{package} is not installed")
        return cls(
            env.get("GIGAAM_MODEL", "").strip() or DEFAULT_MODEL,
            checkpoint=given_folder(env),
            device=one_of(env, "GIGAAM_DEVICE", "auto", DEVICES),
            batch=whole_number(env, "GIGAAM_BATCH", "a number that suits the device"),
            threads=whole_number(env, "GIGAAM_THREADS", "all cores"),
            store=Store.from_env(env),
        )

    @property
    def model(self) -> str:
        """The model's name; a checkpoint given as a file is called by it."""
        if self._checkpoint is not None and self._checkpoint.suffix == ".ckpt":
            return self._checkpoint.stem
        return gigaam_checkpoint.package_name(self._name)

    @property
    def folders(self) -> list[Path]:
        """The checkpoint or its folder; empty while it is to be downloaded."""
        found = self._given()
        if found is None:
            found = gigaam_checkpoint.CACHE.expanduser() / f"{self.model}.ckpt"
        return [found] if found.is_file() or (found.is_dir() and any(found.glob("*.ckpt"))) else []

    @property
    def uses_card(self) -> bool:
        """Whether it would work on a graphics card."""
        if self._device == "cpu" or not has_card():
            return False
        import torch

        return bool(torch.cuda.is_available())

    def prepare(self, progress: Callable[[float, str], None] = lambda fraction, note: None) -> None:
        """Fetches and loads the weights, once. Raises: Unavailable."""
        with self._lock:
            if self._network is None:
                gigaam = gigaam_checkpoint.import_gigaam()
                device = self._chosen_device()
                path = gigaam_checkpoint.find_checkpoint(
                    gigaam, self._name, self._given(), progress, self._source
                )
                progress(1.0, self.model)
                self._network = self._placed(gigaam_checkpoint.build(gigaam, path), device)

    def recognise(self, media: Path, *, skip_until_s: float = 0.0, first_index: int = 0) -> Iterator[Piece]:
        """Raises: Unavailable, BackendFailed, InputRejected."""
        self.prepare()
        size = self._batch_size()
        return pieces(media, skip_until_s, first_index, self._hear_all, ahead=size * LOOK_AHEAD)

    def _hear_all(self, cuttings: Iterator[Cutting]) -> Generator[Heard]:
        for cutting, tokens in in_batches(cuttings, self._batch_size(), self._decode):
            yield cutting, timed(tokens, cutting)

    def recognise_spans(
        self, media: Path, wanted: Sequence[tuple[float, float]]
    ) -> Iterator[tuple[Word, ...]]:
        """The words of each span, heard again in windows that begin elsewhere.

        Raises: Unavailable, BackendFailed, InputRejected.
        """
        self.prepare()
        return spans.recognise_spans(lambda samples: self._hear([samples])[0], media, wanted)

    def _decode(self, cuttings: list[Cutting]) -> list[list[Token]]:
        return self._hear([cutting.samples for cutting in cuttings])

    def _hear(self, sounds: list[NDArray[np.float32]]) -> list[list[Token]]:
        import torch

        try:
            with self._lock, torch.inference_mode():
                encoded, lengths = self._encode([_padded(sound) for sound in sounds])
                return tokens_of(self._network, encoded, lengths)
        except (RuntimeError, ValueError, MemoryError) as error:  # CUDA's are RuntimeErrors
            raise BackendFailed(
                "%(model)s broke while recognising %(count)s pieces at once on %(device)s: %(reason)s. If "
                "memory is short, lower GIGAAM_BATCH.",
                model=self.model, count=len(sounds), device=self._on().type,
                reason=f"{type(error).__name__}: {error}"[:300],
            ) from error  # fmt: skip

    def _encode(self, sounds: list[NDArray[np.float32]]) -> tuple[Any, list[int]]:
        """Each piece gets its own features: its edge must not know of the padding behind it."""
        import torch

        features = [self._features(sound) for sound in sounds]
        lengths = torch.tensor([one.shape[-1] for one in features], device=self._on())
        longest = int(lengths.max())
        batch = torch.stack([torch.nn.functional.pad(one, (0, longest - one.shape[-1])) for one in features])
        with torch.autocast("cuda", torch.float16) if self._on().type == "cuda" else nullcontext():
            encoded, frames = self._network.encoder(batch, lengths)
        return encoded.float(), [min(int(n), encoded.shape[-1]) for n in frames]

    def _features(self, sound: NDArray[np.float32]) -> Any:
        """Log-mels, float32 (64, frames)."""
        import torch

        wave = torch.from_numpy(np.ascontiguousarray(sound)).to(self._on())
        features, lengths = self._network.preprocessor(wave[None], torch.tensor([wave.numel()]))
        return features[0, :, : int(lengths[0])]

    def _given(self) -> Path | None:
        names = (self._name, gigaam_checkpoint.package_name(self._name))
        return model_folder(self._checkpoint, self._store, names, "*.ckpt")

    def _batch_size(self) -> int:
        return self._batch or batch_size(self._on().type)

    def _on(self) -> Any:
        return next(self._network.parameters()).device

    def _placed(self, network: Any, device: str) -> Any:
        import torch

        if self._threads:
            torch.set_num_threads(self._threads)
        if device == "cuda":
            network.encoder.half()
        for part in network.encoder.modules():  # between two layers a stop is noticed
            if isinstance(part, torch.nn.ModuleList):
                for layer in part:
                    layer.register_forward_pre_hook(lambda _layer, _inputs: stopping.check())
        return network.to(device)

    def _chosen_device(self) -> str:
        import torch

        if self._device == "cuda" and not torch.cuda.is_available():
            raise Unavailable(
                "GIGAAM_DEVICE is cuda and torch %(version)s finds no CUDA here. Install the CUDA build of "
                "torch and the driver, or set GIGAAM_DEVICE=cpu.",
                error_class="missing_package", version=torch.__version__,
            )  # fmt: skip
        return "cuda" if self._device != "cpu" and torch.cuda.is_available() else "cpu"


def batch_size(device: str) -> int:
    """Pieces at once where the settings name no number: a processor gains nothing by more than one."""
    return CUDA_BATCH if device == "cuda" else 1


def _padded(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    missing = SHORTEST_SAMPLES - sound.size
    return np.pad(sound, (0, missing)) if missing > 0 else sound
