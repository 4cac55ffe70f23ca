"""A pyannote pipeline with random weights: the real classes, files and process, no download.

Source: pyannote.audio 4.0 `core/model.py` (the keys of a checkpoint), `pipelines/speaker_diarization.py`.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

CONFIG = """dependencies: {pyannote.audio: 4.0.0}
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params: {clustering: VBxClustering, segmentation: $model/segmentation, segmentation_batch_size: 4,
           embedding: $model/embedding, embedding_batch_size: 4, embedding_exclude_overlap: true,
           plda: $model/plda}
params:
  segmentation: {min_duration_off: 0.0}
  clustering: {threshold: 0.6, Fa: 0.07, Fb: 0.8}
"""


def build(folder: Path) -> Path:
    with warnings.catch_warnings():  # of a torchcodec without its libraries: it is not needed
        warnings.simplefilter("ignore")
        _build(folder)
    return folder


def _build(folder: Path) -> None:
    import torch
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.embedding import XVectorSincNet
    from pyannote.audio.models.segmentation import PyanNet

    torch.manual_seed(0)
    common: dict[str, Any] = {"duration": 5.0, "min_duration": None, "warm_up": (0.0, 0.0)}
    lstm = {"hidden_size": 8, "num_layers": 1, "bidirectional": True, "monolithic": True}
    linear = {"hidden_size": 8, "num_layers": 1}
    segmentation = PyanNet(
        sincnet={"stride": 10}, lstm=lstm, linear=linear, sample_rate=16000, num_channels=1
    )
    segmentation.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION, resolution=Resolution.FRAME, powerset_max_classes=2,
        classes=["speaker#1", "speaker#2", "speaker#3"], permutation_invariant=True, **common,
    )  # fmt: skip
    embedding = XVectorSincNet(sample_rate=16000, num_channels=1, dimension=16)
    embedding.specifications = Specifications(
        problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, powerset_max_classes=None, classes=None,
        permutation_invariant=False, **common,
    )  # fmt: skip
    for name, model in (("segmentation", segmentation), ("embedding", embedding)):
        model.build()
        _save(model, folder / name)
    _save_plda(folder / "plda", embedding.dimension)
    (folder / "config.yaml").write_text(CONFIG)


def _save(model: Any, folder: Path) -> None:
    import torch
    from pyannote.audio import __version__

    folder.mkdir(parents=True)
    about = {
        "versions": {"torch": torch.__version__, "pyannote.audio": __version__},
        "architecture": {"module": type(model).__module__, "class": type(model).__name__},
        "specifications": model.specifications,
    }
    checkpoint = {
        "state_dict": model.state_dict(), "hyper_parameters": dict(model.hparams),
        "pytorch-lightning_version": "2.6.6", "epoch": 0, "global_step": 0, "pyannote.audio": about,
    }  # fmt: skip
    torch.save(checkpoint, folder / "pytorch_model.bin")


def _save_plda(folder: Path, n: int) -> None:
    rng = np.random.default_rng(0)
    folder.mkdir()
    lda = rng.standard_normal((n, n))
    np.savez(folder / "xvec_transform.npz", mean1=np.zeros(n), mean2=np.zeros(n), lda=lda)
    transform = np.eye(n) + 0.01 * rng.standard_normal((n, n))
    np.savez(folder / "plda.npz", mu=np.zeros(n), tr=transform, psi=np.linspace(5, 0.5, n))
