"""What a language model would answer, made from the prompt alone: points, outlines, sections, whole texts.

For `FakeVendors(chat=…)`. It reads the form it is asked for out of the last line of the rules, as a
model does, and points only to sentences and points that stand in the prompt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response

TEXTS = {
    "ru": "Говорящий объяснил, что произошло и почему это важно для города.",
    "uk": "Промовець пояснив, що сталося і чому це важливо для міста її мешканців.",
    "en": "The speaker explained what happened and why it matters to the city.",
}
LANGUAGES = {"Russian": "ru", "Ukrainian": "uk", "English": "en"}


def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    """JSON of the form the rules ask for."""
    rules = asked["messages"][0]["content"]
    material = asked["messages"][1]["content"]
    form: dict[str, Any] = json.loads(rules.splitlines()[-1])
    named = re.search(r"\bin (Russian|Ukrainian|English)\b", rules)
    text = TEXTS[LANGUAGES[named[1]] if named else "ru"]
    return {name: _field(name, sample, text, material) for name, sample in form.items()}


def _field(name: str, sample: Any, text: str, material: str) -> Any:
    ids = re.findall(r"^(S\d+) ", material, re.MULTILINE)
    if name == "blocks":
        return [_block(kind, text, ids, n) for n, kind in enumerate(sample)]
    if name == "points":
        step = max(1, len(ids) // 4)
        return [
            {"text": text, "sources": ids[at : at + 2], "weight": 1 + n % 3}
            for n, at in enumerate(range(0, len(ids), step))
        ]
    if name == "sections":
        points = re.findall(r"^(P\d+) ", material, re.MULTILINE)
        size = max(1, len(points) // 5)
        groups = [points[at : at + size] for at in range(0, len(points), size)]
        return [{"heading": text[:30], "points": group} for group in reversed(groups)]  # out of order
    if isinstance(sample, list):
        return [text[:40], text[:50]]
    return "A quiet street, morning light" if name == "image_prompt" else text[:60]


def _block(sample: Mapping[str, Any], text: str, ids: list[str], n: int) -> dict[str, Any]:
    if sample["kind"] == "heading":
        return {**sample, "text": text[:20]}
    sources = ids[n : n + 1] or ids[:1]
    return {**sample, "text": sample["text"] and text, "sources": sources}


def of_context(tokens: int, reply: Callable[[Mapping[str, Any]], Any] = answer) -> Callable[..., Any]:
    """A model that reads so many tokens (of three characters), and refuses more as OpenAI and vLLM do."""

    def chat(asked: Mapping[str, Any]) -> Any:
        sent = sum(len(message["content"]) for message in asked["messages"]) // 3
        if sent > tokens:
            return refusal(
                400,
                "context_length_exceeded",
                f"This model's maximum context length is {tokens} tokens. However, your messages resulted in "
                f"{sent} tokens. Please reduce the length of the messages.",
            )
        return reply(asked)

    return chat


def refusal(status: int, code: str, message: str) -> Response:
    body = {"error": {"message": message, "type": "invalid_request_error", "param": "messages", "code": code}}
    return Response(json.dumps(body), status, content_type="application/json")
