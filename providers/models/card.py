"""The model card: what it must say before a model may be published, and how it says it.

The facts stand in `card.toml` beside the weights:

    license = "mit"
    language = "ru"
    base_model = "ai-sage/GigaAM-v3"
    description = "What it is, what it was trained on, what it is for and what it is not for."
    requirements = ["onnx-asr>=0.12", "onnxruntime"]
    example = '''
    import onnx_asr
    …
    '''

Source: https://huggingface.co/docs/hub/model-cards (metadata), huggingface_hub `repocard_data.py`.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from providers.errors import InputRejected

FACTS = "card.toml"
LEAST_WORDS = 8  # of a description that says something
PLACEHOLDER = re.compile(
    r"\bTODO\b|\bTBD\b|\bFIXME\b|<[^<>]*>|\.\.\.|…|\[more information needed\]|lorem ipsum", re.I
)
REQUIREMENT = re.compile(
    r"^[A-Za-z0-9][\w.-]*(\[[\w,.-]+\])?\s*((==|>=|<=|~=|!=|<|>)\s*[\w.*+!-]+\s*,?\s*)*$"
)
# SPDX names that models carry. Source: https://huggingface.co/docs/hub/repositories-licenses.
LICENCES = (
    "mit", "apache-2.0", "bsd-2-clause", "bsd-3-clause", "isc", "mpl-2.0", "gpl-2.0", "gpl-3.0", "lgpl-3.0",
    "agpl-3.0", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nc-nd-4.0",
    "openrail", "unlicense", "wtfpl",
)  # fmt: skip
WEIGHTS = (".onnx", ".safetensors", ".bin", ".xml", ".pt", ".ckpt", ".gguf", ".data")


@dataclass(frozen=True, slots=True)
class Facts:
    license: str = ""
    license_link: str = ""  # where a licence that has no SPDX name is written
    language: str = ""
    base_model: str = ""
    description: str = ""
    requirements: tuple[str, ...] = ()
    example: str = ""
    tags: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Facts:
        """Raises: InputRejected for a card.toml that can't be read; none at all is a card with holes."""
        path = folder / FACTS
        if not path.exists():
            return cls()
        try:
            known = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputRejected("%(file)s: %(reason)s.", file=str(path), reason=str(error)) from error
        return cls.of(known, path)

    @classmethod
    def of(cls, known: Mapping[str, Any], path: Path) -> Facts:
        unknown = [key for key in known if key not in cls.__slots__]
        if unknown:
            raise InputRejected(
                "%(file)s: %(key)s is not known; known: %(known)s.",
                file=str(path), key=unknown[0], known=", ".join(cls.__slots__),
            )  # fmt: skip
        return cls(**{key: _value(value) for key, value in known.items()})


def holes(facts: Facts, folder: Path) -> list[str]:
    """What the card still lacks, a sentence each; empty: it may be published."""
    checks = (
        _licence(facts),
        _description(facts),
        _requirements(facts),
        _example(facts),
        _weights(folder),
    )
    return [hole for hole in checks if hole]


def render(
    facts: Facts, repo: str, files: Sequence[tuple[str, int, str]], agreement: Mapping[str, Any]
) -> str:
    """README.md. `files`: (name, bytes, SHA-256); `agreement`: the report of a quantised model, or {}."""
    import huggingface_hub

    data = huggingface_hub.ModelCardData(
        language=facts.language or None,
        license=facts.license if facts.license in LICENCES else "other",
        license_name=None if facts.license in LICENCES else facts.license,
        license_link=facts.license_link or None,
        base_model=facts.base_model or None,
        pipeline_tag="automatic-speech-recognition",
        tags=list(facts.tags) or None,
    )
    parts = [
        f"---\n{data.to_yaml()}\n---",
        f"# {repo.rpartition('/')[2]}",
        facts.description.strip(),
        "## Requirements\n\n```\npip install "
        + " ".join(f'"{each}"' for each in facts.requirements)
        + "\n```",
        f"## Example\n\n```python\n{facts.example.strip()}\n```",
        _agreement(agreement),
        "## Files\n\n| file | bytes | SHA-256 |\n|---|---|---|\n"
        + "\n".join(f"| `{name}` | {size} | `{digest}` |" for name, size, digest in files),
        f"## Licence\n\n{facts.license} {facts.license_link}".rstrip(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _agreement(known: Mapping[str, Any]) -> str:
    if not known:
        return ""
    return (
        "## Quantisation\n\nInt8 weights and activations (NNCF, OpenVINO). "
        f"On {known['sentences']} pieces of held-out speech ({known['characters']} characters) its words "
        f"differ from full precision's in {known['cer']:.2%} of the characters."
    )


def _licence(facts: Facts) -> str:
    if not facts.license.strip() or facts.license.lower() in ("unknown", "other", "none"):
        return "license: say under which licence the weights are given, e.g. mit."
    if facts.license not in LICENCES and not facts.license_link:
        return f"license: {facts.license} is none of the usual names; add license_link to its text."
    return ""


def _description(facts: Facts) -> str:
    if len(facts.description.split()) < LEAST_WORDS or PLACEHOLDER.search(facts.description):
        return "description: say in a few sentences what the model is, made from what, and what it is for."
    return ""


def _requirements(facts: Facts) -> str:
    if not facts.requirements:
        return 'requirements: list the packages the example needs, e.g. ["onnx-asr>=0.12"].'
    wrong = [each for each in facts.requirements if not REQUIREMENT.match(each)]
    return f"requirements: {wrong[0]!r} is no package that pip would take." if wrong else ""


def _example(facts: Facts) -> str:
    if not facts.example.strip() or PLACEHOLDER.search(facts.example):
        return "example: give a few lines of Python that load the model and use it, without gaps to fill."
    try:
        ast.parse(facts.example)
    except SyntaxError as error:
        return f"example: this is not Python: {error.msg}, line {error.lineno}."
    return ""


def _weights(folder: Path) -> str:
    if any(path.suffix in WEIGHTS and path.stat().st_size for path in folder.rglob("*") if path.is_file()):
        return ""
    return f"weights: there is no file of weights in {folder} ({', '.join(WEIGHTS)})."


def _value(value: Any) -> Any:
    return tuple(map(str, value)) if isinstance(value, list) else str(value)
