"""A chat server that answers what a test tells it to, in the vendor's own words, and keeps what it was asked.

Source: https://platform.openai.com/docs/api-reference/chat/object
"""

from __future__ import annotations

import json
from typing import Any

import flask
import httpx2

from providers.drafting.openai_compatible import OpenAICompatible
from providers.drafting.server import Server

Reply = flask.Response

GOOD: dict[str, Any] = {
    "title": "Мост откроют в сентябре",
    "dek": "Ремонт занял два года",
    "blocks": [
        {"kind": "paragraph", "text": "Движение вернётся осенью.", "sources": ["S2"]},
        {"kind": "heading", "text": "Два года", "sources": []},
        {"kind": "quote", "text": "", "sources": ["S3"]},
    ],
    "tags": ["мост", "#трамвай", "мост"],
    "description": "Когда откроют мост",
    "image_prompt": "A tram on a bridge",
    "image_alt": "Трамвай на мосту",
}


def completion(content: str | None, finish_reason: str = "stop", **message: Any) -> Reply:
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-6-luna-2026-09-01",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish_reason,
                "message": {"role": "assistant", "content": content, "refusal": None, **message},
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }
    return flask.Response(json.dumps(body), mimetype="application/json")


def article(**changes: Any) -> Reply:
    return completion(json.dumps(GOOD | changes, ensure_ascii=False))


def error(status: int, code: str | None = None, message: str = "no", **headers: str) -> Reply:
    body = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    return flask.Response(json.dumps(body), status, spelled, mimetype="application/json")


class FakeChat:
    """Gives its replies one after another; `asked` holds the requests' JSON."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.asked: list[dict[str, Any]] = []
        self.app = flask.Flask(__name__)
        self.app.add_url_rule("/v1/chat/completions", view_func=self._reply, methods=["POST"])

    def _reply(self) -> Reply:
        self.asked.append(flask.request.get_json())
        return self.replies.pop(0)

    def writer(self, **settings: Any) -> OpenAICompatible:
        transport = httpx2.WSGITransport(app=self.app)
        server = Server(**{"api_key": "k", "base_url": "https://chat.test/v1"} | settings)
        return OpenAICompatible(server, http_client=httpx2.Client(transport=transport))
