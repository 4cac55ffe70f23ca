"""A version of an article as a file: Markdown with pointers under a head of `name: value` lines.

The values are JSON strings, which YAML reads too, so Git and other editors can work with the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from automation.errors import InvalidSubmission
from automation.models import Draft

HEAD = re.compile(r"\A\ufeff?---\r?\n(.*?)\r?\n---\r?\n?", re.DOTALL)
LINE = re.compile(r"([a-z_]+):\s*(.*)")
TEXTS = ("title", "dek", "description", "slug", "format", "task")
FILE_LIMIT_BYTES = 2 * 1024**2


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file says; a field it does not have is None."""

    body: str
    task: str | None = None
    version: int | None = None
    title: str | None = None
    dek: str | None = None
    description: str | None = None
    slug: str | None = None
    format: str | None = None
    tags: list[str] | None = field(default=None)


def dump(draft: Draft, task_id: str) -> str:
    head: dict[str, Any] = {
        "title": draft.title,
        "dek": draft.dek,
        "tags": draft.tags,
        "description": draft.description,
        "slug": draft.slug,
        "format": draft.format,
        "task": task_id,
        "version": draft.rev,
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    return "\n".join(["---", *lines, "---", "", draft.body])


def load(text: str) -> Loaded:
    """Raises: InvalidSubmission for a file without a text."""
    found = HEAD.match(text)
    head = _head(found[1]) if found else {}
    body = (text[found.end() :] if found else text.lstrip("\ufeff")).replace("\r\n", "\n").strip()
    if not body:
        raise InvalidSubmission("The file holds no text.")
    version = head.get("version")
    tags = head.get("tags")
    return Loaded(
        body=body + "\n",
        version=version if isinstance(version, int) else None,
        tags=[str(tag) for tag in tags] if isinstance(tags, list) else None,
        **{name: str(head[name]) if name in head else None for name in TEXTS},
    )


def _head(text: str) -> Mapping[str, Any]:
    """The lines of the head; a value that is no JSON is taken as it stands."""
    values: dict[str, Any] = {}
    for line in text.splitlines():
        found = LINE.fullmatch(line.strip())
        if found:
            try:
                values[found[1]] = json.loads(found[2])
            except ValueError:
                values[found[1]] = found[2].strip("\"'")
    return values
