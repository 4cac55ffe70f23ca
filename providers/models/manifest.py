"""polosa.json beside a model's files: what they must be, where they came from, when they were checked."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

MANIFEST = "polosa.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    source: str
    kind: str
    revision: str
    sha256: Mapping[str, str]  # path inside the folder → SHA-256, hex
    sizes: Mapping[str, int] = field(default_factory=dict)  # bytes
    checked_at: float = 0.0  # when the checksums were last compared, seconds since 1970; 0: not known
    damaged: Sequence[str] = ()  # what the last check found

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """None where there is none, or none that can be read."""
        try:
            known = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            names = {each.name for each in fields(cls)}
            found = cls(**{name: value for name, value in known.items() if name in names})
        except (OSError, ValueError, TypeError, AttributeError):
            return None
        return found if isinstance(found.sha256, dict) and found.sha256 else None

    def write(self, folder: Path) -> None:
        fresh = folder / f"{MANIFEST}.new"
        fresh.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(fresh, folder / MANIFEST)

    def lacks(self, folder: Path) -> list[str]:
        """Files that are absent, of another size, or were found changed by the last check."""
        return [path for path in self.sha256 if path in self.damaged or not self._is_there(folder, path)]

    def checked(self, damaged: Sequence[str], at: float) -> Manifest:
        return replace(self, damaged=list(damaged), checked_at=at)

    def _is_there(self, folder: Path, path: str) -> bool:
        try:
            size = (folder / path).stat().st_size
        except OSError:
            return False
        return self.sizes.get(path, size) == size
