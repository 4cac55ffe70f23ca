"""A GigaAM checkpoint: found or downloaded, read without running anything it carries, built.

The file is a pickle of {"cfg": omegaconf, "state_dict"}. The package itself reads it with
`weights_only=False` (0.2.0), which runs whatever the file says, or not at all (0.1.0 on torch 2.6 and later).
Here only omegaconf's own classes are let through, and the configuration may build nothing but gigaam's.
Source: https://github.com/salute-developers/GigaAM (gigaam/__init__.py),
https://pytorch.org/docs/stable/notes/serialization.html#torch-load-with-weights-only-true
"""

from __future__ import annotations

import collections
import hashlib
import typing
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import httpx2

from providers.errors import ErrorClass, Unavailable
from providers.notes import downloading

SOURCE = "https://cdn.chatwm.opensmodel.sberdevices.ru/GigaAM"
CACHE = Path("~/.cache/gigaam")  # the package's own: what it has downloaded is found
REPOSITORY = "https://github.com/salute-developers/GigaAM"
INSTALL = f'pip install torch torchaudio "gigaam @ git+{REPOSITORY}"'
SHORT_NAMES = ("ctc", "rnnt", "e2e_ctc", "e2e_rnnt")
NOT_RECOGNISERS = ("ssl", "emo")
CHUNK_BYTES = 1 << 20
CONNECT_TIMEOUT_S = 30.0

Progress = Callable[[float, str], None]


def package_name(model: str) -> str:
    """onnx-asr's name or the package's → the package's: gigaam-v3-e2e-rnnt → v3_e2e_rnnt."""
    return model.removeprefix("gigaam-").replace("-", "_")


def import_gigaam() -> Any:
    """The package. Raises: Unavailable with the command that installs it."""
    try:
        import gigaam
    except (ImportError, OSError) as error:  # OSError: torchaudio built for another torch
        raise missing_package(str(error)) from error
    return gigaam


def missing_package(reason: str) -> Unavailable:
    return Unavailable(
        "The package gigaam can't be used here: %(reason)s. Run: %(command)s",
        error_class="missing_package", reason=reason.rstrip(".")[:200], command=INSTALL,
    )  # fmt: skip


def installed_version() -> str:
    try:
        return version("gigaam")
    except PackageNotFoundError:
        return "without a version"


def known_models(gigaam: Any) -> tuple[str, ...]:
    """The recognisers this version of the package can download: 0.1.0 knows v1 and v2, 0.2.0 also v3."""
    names: Iterable[str] = getattr(gigaam, "_MODEL_HASHES", ()) or getattr(gigaam, "_MODEL_NAMES", ())
    return tuple(name for name in names if not any(part in name for part in NOT_RECOGNISERS))


def find_checkpoint(gigaam: Any, model: str, given: Path | None, progress: Progress, source: str) -> Path:
    """The checkpoint's file: the one the settings name, or the downloaded one. Raises: Unavailable."""
    if given is None:
        return _download(gigaam, model, CACHE.expanduser(), progress, source)
    if given.is_file():
        return given
    for candidate in (given / f"{package_name(model)}.ckpt", *sorted(given.glob("*.ckpt"))):
        if candidate.is_file():
            return candidate
    raise _missing_model(
        "GIGAAM_MODEL_DIR is %(folder)s, where there is no .ckpt file. Name a checkpoint or its folder, or "
        "empty it to download the model.",
        folder=str(given),
    )


def build(gigaam: Any, path: Path) -> Any:
    """The network with its weights, on the processor, ready to use. Raises: Unavailable."""
    checkpoint = _read(path)
    config = checkpoint["cfg"]
    _check_targets(config, path)
    config.encoder.flash_attn = False  # an extra package, and none of our lengths gains by it
    if _has_pieces(config):
        config.decoding.model_path = str(_tokenizer_beside(path))
    misfits: tuple[type[Exception], ...] = (
        TypeError,
        RuntimeError,
        KeyError,
        AttributeError,
        *_config_errors(),
    )
    try:
        network = gigaam.model.GigaAMASR(config)
        network.load_state_dict(_weights(checkpoint["state_dict"], network))
    except misfits as error:
        raise _missing_model(
            "%(file)s does not fit gigaam %(version)s, which knows %(known)s: %(reason)s. Models v3 need the "
            "package from its repository: %(command)s",
            file=path.name, version=installed_version(), known=", ".join(known_models(gigaam)),
            reason=str(error).splitlines()[0][:200] if str(error) else type(error).__name__, command=INSTALL,
        ) from error  # fmt: skip
    return network.eval()


def _weights(found: dict[str, Any], network: Any) -> dict[str, Any]:
    """The front end is computed, not learned: where the file lacks its window and filters, ours stay."""
    own = {name: value for name, value in network.state_dict().items() if name.startswith("preprocessor.")}
    return {**own, **found}


def _read(path: Path) -> dict[str, Any]:
    import pickle

    import torch

    try:
        with _omegaconf_allowed():
            checkpoint = torch.load(path, map_location="cpu", weights_only=True)
        if isinstance(checkpoint, dict) and {"cfg", "state_dict"} <= checkpoint.keys():
            return checkpoint
        reason = "it holds no configuration and weights of GigaAM"
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, KeyError, ValueError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    raise _missing_model(
        "The checkpoint %(file)s can't be read: %(reason)s. Download it again; a file from a stranger may "
        "hold anything and is refused.",
        file=str(path), reason=reason,
    )  # fmt: skip


@contextmanager
def _omegaconf_allowed() -> Iterator[None]:
    """Inside, `torch.load` takes the classes of which a plain omegaconf configuration is made."""
    import torch
    from omegaconf import base, dictconfig, listconfig, nodes

    configs = [dictconfig.DictConfig, listconfig.ListConfig, base.ContainerMetadata, base.Metadata]
    values = [nodes.AnyNode, nodes.StringNode, nodes.IntegerNode, nodes.FloatNode, nodes.BooleanNode]
    plain = [typing.Any, dict, list, int, float, str, bool, collections.defaultdict]
    with torch.serialization.safe_globals([*configs, *values, *plain]):
        yield


def _check_targets(config: Any, path: Path) -> None:
    """hydra calls whatever `_target_` names: nothing outside the package may be called."""
    from omegaconf import OmegaConf

    for target in _targets(OmegaConf.to_container(config, resolve=False)):
        if not target.startswith("gigaam."):
            raise _missing_model(
                "The checkpoint %(file)s asks to call %(target)s, which is no part of GigaAM, and is "
                "refused. Download the model again from %(source)s.",
                file=str(path), target=target, source=SOURCE,
            )  # fmt: skip


def _targets(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "_target_":
                yield str(inner)
            else:
                yield from _targets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _targets(inner)


def _config_errors() -> tuple[type[Exception], ...]:
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    return (HydraException, OmegaConfBaseException)


def _has_pieces(config: Any) -> bool:
    """Whether the tokens are SentencePieces: then a tokenizer's file lies beside the checkpoint."""
    return "model_path" in config.decoding or "e2e" in str(config.get("model_name", ""))


def _tokenizer_beside(path: Path) -> Path:
    tokenizer = path.with_name(f"{path.stem}_tokenizer.model")
    if not tokenizer.is_file():
        raise _missing_model(
            "%(tokenizer)s is missing beside %(file)s: this model writes in word pieces. Download it from "
            "%(source)s/%(tokenizer)s.",
            tokenizer=tokenizer.name, file=str(path), source=SOURCE,
        )  # fmt: skip
    return tokenizer


def _download(gigaam: Any, model: str, folder: Path, progress: Progress, source: str) -> Path:
    name = package_name(model)
    known = known_models(gigaam)
    if name not in known:
        raise _missing_model(
            "gigaam %(version)s does not know %(model)s; it knows %(known)s. Set GIGAAM_MODEL to one of "
            "them, or install the package from its repository: %(command)s",
            version=installed_version(), model=name, known=", ".join(known), command=INSTALL,
        )  # fmt: skip
    if name in SHORT_NAMES:  # 0.1.0 lists them; each stands for its newest generation
        name = f"v2_{name}"
    md5 = (getattr(gigaam, "_MODEL_HASHES", None) or {}).get(name, "")
    if "e2e" in name or name == "v1_rnnt":
        _fetch(f"{source}/{name}_tokenizer.model", folder / f"{name}_tokenizer.model", "", progress)
    return _fetch(f"{source}/{name}.ckpt", folder / f"{name}.ckpt", md5, progress)


def _fetch(url: str, path: Path, md5: str, progress: Progress) -> Path:
    """Downloads under another name first: a broken download is never mistaken for a model."""
    if path.is_file():
        return path
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        digest = _save(url, part, progress)
    except (httpx2.HTTPError, OSError) as error:
        raise _missing_model(
            "%(url)s can't be downloaded: %(reason)s. Check the network and the disk, or put the file into a "
            "folder by hand and name it in GIGAAM_MODEL_DIR.",
            error_class="network", url=url, reason=(str(error) or type(error).__name__)[:200],
        ) from error  # fmt: skip
    if md5 and digest != md5:
        part.unlink()
        raise _missing_model("%(url)s arrived damaged: its checksum is another. Try again.", url=url)
    return part.replace(path)


def _save(url: str, part: Path, progress: Progress) -> str:
    """Returns the MD5 of what was saved. The package publishes MD5; it guards against accidents only."""
    digest = hashlib.md5(usedforsecurity=False)
    with httpx2.stream("GET", url, timeout=CONNECT_TIMEOUT_S, follow_redirects=True) as answer:
        answer.raise_for_status()
        total = int(answer.headers.get("content-length") or 0)
        with part.open("wb") as file:
            for chunk in answer.iter_bytes(CHUNK_BYTES):
                digest.update(chunk)
                file.write(chunk)
                arrived = file.tell()
                progress(min(1.0, arrived / total) if total else 0.0, downloading(part.stem, arrived, total))
    return digest.hexdigest()


def _missing_model(template: str, *, error_class: ErrorClass = "missing_model", **params: Any) -> Unavailable:
    return Unavailable(template, error_class=error_class, **params)
