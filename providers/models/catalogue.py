"""The models Polosa works with, and what each is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_GIGAAM = "gigaam-v3-e2e-rnnt"
PYANNOTE = "pyannote/speaker-diarization-community-1"


@dataclass(frozen=True, slots=True)
class Select:
    """A setting and the value with which it selects a model."""

    name: str
    value: str  # empty: the variable must not be set
    is_default: bool = False  # the value counts when the variable is not set

    def fits(self, env: Mapping[str, str]) -> bool:
        given = env.get(self.name, "").strip()
        return given == self.value or (self.is_default and not given)


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    repo: str  # on the Hugging Face Hub
    files: tuple[str, ...]  # patterns of fnmatch; one that ends in "?data" may match nothing
    purpose: str
    licence: str
    about_mb: int = 0  # megabytes to download, rounded; 0: unknown
    needs_terms: bool = False  # the repository is given only to those who accepted its terms
    backends: tuple[str, ...] = ()  # that use it: "speech.gigaam_onnx"
    settings: tuple[Select, ...] = ()  # all of which select it


def gigaam(name: str, repo: str, graphs: tuple[str, ...], vocabulary: str, mb: int, about: str) -> Model:
    """A GigaAM in onnx-asr's form. Source: onnx_asr 0.12 models/gigaam.py."""
    weights = [f"{graph}.onnx" for graph in graphs] + [f"{graph}.onnx?data" for graph in graphs]
    files = (*weights, f"{vocabulary}_vocab.txt", "config.json")
    plain, precision = name.removesuffix("-int8"), "int8" if name.endswith("-int8") else ""
    backends = ("speech.gigaam_onnx", "speech.gigaam_openvino")
    settings = (
        Select("GIGAAM_MODEL", plain, is_default=plain == DEFAULT_GIGAAM),
        Select("GIGAAM_QUANTIZATION", precision, is_default=not precision),
        Select("GIGAAM_MODEL_DIR", "", is_default=True),
    )
    return Model(
        name,
        f"istupakov/{repo}-onnx",
        files,
        f"speech: {about}",
        "MIT",
        mb,
        backends=backends[:1] if precision else backends,
        settings=settings,
    )


def _both(name: str, repo: str, graphs: str, vocabulary: str, about: str) -> tuple[Model, Model]:
    """Full precision, and int8: about a quarter. Source of the sizes: the repositories' file lists."""
    names = tuple(graphs.split())
    small = tuple(f"{graph}.int8" for graph in names)
    return (
        gigaam(name, repo, names, vocabulary, 850, about),
        gigaam(f"{name}-int8", repo, small, vocabulary, 225, f"{about}, dynamic int8"),
    )


_RNNT = "{0}_encoder {0}_decoder {0}_joint"
_ALL = (
    *_both(
        "gigaam-v3-e2e-rnnt", "gigaam-v3", _RNNT.format("v3_e2e_rnnt"), "v3_e2e_rnnt", "punctuated, RNN-T"
    ),
    *_both("gigaam-v3-e2e-ctc", "gigaam-v3", "v3_e2e_ctc", "v3_e2e_ctc", "punctuated, CTC"),
    *_both("gigaam-v3-rnnt", "gigaam-v3", _RNNT.format("v3_rnnt"), "v3", "plain letters, RNN-T"),
    *_both("gigaam-v3-ctc", "gigaam-v3", "v3_ctc", "v3", "plain letters, CTC"),
    *_both("gigaam-v2-rnnt", "gigaam-v2", _RNNT.format("v2_rnnt"), "v2", "version 2, RNN-T"),
    *_both("gigaam-v2-ctc", "gigaam-v2", "v2_ctc", "v2", "version 2, CTC"),
    Model(
        "pyannote-community-1",
        PYANNOTE,
        ("config.yaml", "segmentation/*", "embedding/*", "plda/*"),
        "speakers: who speaks when",
        "CC-BY-4.0",
        about_mb=35,
        needs_terms=True,
        backends=("diarization.pyannote",),
        settings=(Select("PYANNOTE_MODEL", PYANNOTE, is_default=True),),
    ),
    # The two of onnx_speakers. Source: the repositories' file lists; SHA-256 comes with the Hub's own list.
    Model(
        "speaker-segmentation-3.0",
        "onnx-community/pyannote-segmentation-3.0",
        ("onnx/model.onnx",),
        "speakers: who is heard in each window, for onnx_speakers",
        "MIT",
        about_mb=6,
        backends=("diarization.onnx_speakers",),
        settings=(Select("ONNX_SPEAKERS_DIR", "", is_default=True),),
    ),
    Model(
        "wespeaker-resnet34-lm",
        "Wespeaker/wespeaker-voxceleb-resnet34-LM",
        ("voxceleb_resnet34_LM.onnx",),
        "speakers: which voice is whose, for onnx_speakers",
        "CC-BY-4.0",
        about_mb=27,
        backends=("diarization.onnx_speakers",),
        settings=(Select("ONNX_SPEAKERS_DIR", "", is_default=True),),
    ),
)
CATALOGUE = {model.name: model for model in _ALL}
