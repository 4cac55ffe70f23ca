"""config.json of a model's folder: what the model says of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def config_of(folder: Path) -> dict[str, Any]:
    """The folder's config.json; {} where there is none that can be read."""
    try:
        known = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def label_of(folder: Path) -> str:
    """What the model is to be called; empty: it does not say."""
    return str(config_of(folder).get("label", ""))
