"""Where models come from, in order: the `model_source` blocks of a TOML or JSON file, or the Hub.

[[model_source]]
kind = "hub"                           # huggingface.co or a mirror of it
models = ["gigaam-*"]                  # which models; without it, all
endpoint = "https://hf-mirror.com"     # without it, HF_ENDPOINT
revision = "main"
token_env = "MIRROR_TOKEN"             # the variable that holds the token, never the token

[[model_source]]
kind = "github"                        # assets of a release
repo = "owner/name"
tag = "v1"

[[model_source]]
kind = "url"                           # BASE/FILE; checksums from BASE/SHA256SUMS or from here
base = "https://files.example.org/gigaam"
sha256 = { "v3_ctc.onnx" = "…" }

[[model_source]]
kind = "folder"
path = "/srv/models/gigaam"

[[model]]                              # a model of one's own, beside the catalogue's
name = "our-gigaam"
repo = "our-desk/our-gigaam"
files = ["v3_ctc-*.onnx", "v3_vocab.txt", "config.json"]
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from providers.errors import Unavailable
from providers.hub import DEFAULT_ENDPOINT, token_from
from providers.models.catalogue import CATALOGUE, Model

GITHUB_API = "https://api.github.com"
KINDS = ("hub", "github", "url", "folder")
NEEDED = {"hub": (), "github": ("repo", "tag"), "url": ("base",), "folder": ("path",)}
KNOWN = ("kind", "models", "repo", "revision", "endpoint", "token_env", "tag", "base", "path", "sha256")
SETTING = "MODEL_SOURCES"

SETTINGS: tuple[tuple[str, str, str], ...] = (
    (SETTING, "", "TOML or JSON file that says where models come from; empty: the Hub at HF_ENDPOINT."),
    ("MODELS_DIR", "", "Folder of the downloaded models; empty: models inside POLOSA_DATA."),
    ("HF_HUB_OFFLINE", "", "1: nothing is downloaded; only what is on this machine is used."),
)


@dataclass(frozen=True, slots=True)
class Source:
    kind: Literal["hub", "github", "url", "folder"]
    models: tuple[str, ...] = ("*",)  # patterns of names
    address: str = ""  # the Hub's endpoint, GitHub's API, the base address, or the folder
    repo: str = ""  # empty: the model's own
    revision: str = "main"  # of the Hub; the tag at GitHub
    token: str | None = field(default=None, repr=False)
    sha256: Mapping[str, str] = field(default_factory=dict)

    def has(self, model: Model) -> bool:
        return any(fnmatchcase(model.name, pattern) for pattern in self.models)

    def __str__(self) -> str:
        return {"hub": self.address, "github": f"github.com/{self.repo}"}.get(self.kind, self.address)


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that says what can be had and where."""

    models: Mapping[str, Model]
    order: tuple[Source, ...]
    offline: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Sources:
        """Raises: Unavailable, naming the file, the block and what is wrong in it."""
        offline = env.get("HF_HUB_OFFLINE", "").strip().lower() in {"1", "on", "yes", "true"}
        path = env.get(SETTING, "").strip()
        if not path:
            return cls(CATALOGUE, (_source({"kind": "hub"}, env),), offline)
        blocks = _read(Path(path).expanduser())
        own = [_model(block, path) for block in _tables(blocks, "model", path)]
        order = tuple(_source(block, env) for block in _tables(blocks, "model_source", path))
        order = order or (_source({"kind": "hub"}, env),)
        return cls({**CATALOGUE, **{model.name: model for model in own}}, order, offline)

    def model(self, name: str) -> Model:
        """Raises: Unavailable."""
        if name not in self.models:
            raise Unavailable(
                "There is no model %(model)s. Known: %(known)s.",
                error_class="missing_model", model=name, known=", ".join(self.models),
            )  # fmt: skip
        return self.models[name]

    def of(self, model: Model) -> tuple[Source, ...]:
        """The sources of a model, in order; offline, only folders."""
        return tuple(s for s in self.order if s.has(model) and (s.kind == "folder" or not self.offline))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        blocks = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise _wrong(str(path), str(error.strerror or error)) from error
    except ValueError as error:  # both decoders' errors, and text that is not UTF-8
        raise _wrong(str(path), str(error)) from error
    if not isinstance(blocks, dict):
        raise _wrong(str(path), "the file must hold model_source blocks")
    return blocks


def _tables(blocks: Mapping[str, Any], name: str, path: str) -> Sequence[Mapping[str, Any]]:
    found = blocks.get(name, [])
    if not isinstance(found, list) or not all(isinstance(block, dict) for block in found):
        raise _wrong(path, f"{name} must be a list of blocks, [[{name}]]")
    return found


def _source(block: Mapping[str, Any], env: Mapping[str, str]) -> Source:
    path = env.get(SETTING, "")
    kind = block.get("kind")
    if kind not in KINDS:
        raise _wrong(path, f"kind is {kind!r}; it can be {', '.join(KINDS)}")
    missing = [key for key in NEEDED[kind] if not block.get(key)]
    if missing:
        raise _wrong(path, f"a source of the kind {kind} needs {missing[0]}")
    unknown = [key for key in block if key not in KNOWN]
    if unknown:
        raise _wrong(path, f"{unknown[0]!r} is not known; known: {', '.join(KNOWN)}")
    return Source(
        kind=kind,
        models=tuple(block.get("models", ("*",))),
        address=_address(kind, block, env),
        repo=block.get("repo", ""),
        revision=block.get("tag" if kind == "github" else "revision", "main"),
        token=_token(kind, block, env),
        sha256={name: digest.lower() for name, digest in block.get("sha256", {}).items()},
    )


def _address(kind: str, block: Mapping[str, Any], env: Mapping[str, str]) -> str:
    if kind == "folder":
        return str(Path(block["path"]).expanduser())
    given = {
        "hub": block.get("endpoint") or env.get("HF_ENDPOINT") or DEFAULT_ENDPOINT,
        "github": block.get("endpoint") or GITHUB_API,
        "url": block.get("base"),
    }[kind]
    address = str(given).rstrip("/")
    if not address.startswith(("http://", "https://")):
        raise _wrong(env.get(SETTING, "") or "HF_ENDPOINT", f"{address} is no http:// or https:// address")
    return address


def _token(kind: str, block: Mapping[str, Any], env: Mapping[str, str]) -> str | None:
    """HF_TOKEN belongs to HF_ENDPOINT (or huggingface.co) alone; any other place names its own variable."""
    if block.get("token_env"):
        return env.get(block["token_env"], "").strip() or None
    if kind == "hub" and block.get("endpoint") in (None, env.get("HF_ENDPOINT"), DEFAULT_ENDPOINT):
        return token_from(env)
    return None


def _model(block: Mapping[str, Any], path: str) -> Model:
    missing = [key for key in ("name", "files") if not block.get(key)]
    if missing:
        raise _wrong(path, f"a model needs {missing[0]}")
    if not all(part.isalnum() for part in str(block["name"]).replace(".", "-").replace("_", "-").split("-")):
        raise _wrong(path, f"the name {block['name']!r} may hold letters, digits, '-', '_' and '.'")
    return Model(
        block["name"],
        block.get("repo", ""),
        tuple(block["files"]),
        block.get("purpose", "a model of one's own"),
        block.get("licence", "see its page"),
    )


def _wrong(path: str, reason: str) -> Unavailable:
    return Unavailable(
        "The sources of models in %(path)s can't be read: %(reason)s. Correct the file, or empty "
        "MODEL_SOURCES.",
        error_class="missing_model", path=path, reason=reason[:300],
    )  # fmt: skip
