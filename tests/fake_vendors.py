"""Hugging Face and OpenAI on this machine: a real HTTP server that speaks the documented contracts.

    with FakeVendors() as vendors:
        vendors.fail_next("openai_images", status=429, headers={"Retry-After": "7"})
        OpenAIImages("key", base_url=f"{vendors.url}/v1").generate(brief)
        assert vendors.calls["openai_images"] == 1

For tests of whole processes: `python -m tests.fake_vendors --port 8099`, then `POST /_control` with
`{"route": "openai_images", "status": 429}` (the arguments of `fail_next`), `{"delay_s": 3}`,
`{"reset": true}`, and `GET /_calls`.

Routes: hf_model, hf_image, nscale_images, openai_images, openai_chat, openai_models, gigachat_token.
Source: https://huggingface.co/docs/inference-providers/tasks/text-to-image,
https://platform.openai.com/docs/api-reference
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import re
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from flask import Flask, Response, jsonify, request
from PIL import Image
from werkzeug.serving import WSGIRequestHandler, make_server

ChatReply = Callable[
    [dict[str, Any]], Any
]  # the request's JSON → text, something to be sent as JSON, or a response

PAGE = "<!doctype html><html><body><h1>Welcome to the hotel Wi-Fi</h1></body></html>"


@dataclass(frozen=True)
class Fault:
    """What the route answers instead. Without status and body it only delays or cuts the true answer."""

    status: int | None = None
    body: Any = None  # str, bytes, or anything JSON
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    half: bool = False  # the connection breaks in the middle of the body
    html: bool = False  # a web page with 200, as captive portals answer
    drip_s: float = 0.0  # the true answer comes a few bytes at a time, spread over so many seconds
    redirect: str = ""  # 302 to "page" (a web page), "itself" (for ever) or "elsewhere" (another host)
    wrong_type: bool = False  # the right shape, but what is in it is a sound, not a picture


@dataclass(frozen=True)
class Call:
    """A request as it came; equal `prompt_id`s mean that the same work was paid for twice."""

    route: str
    path: str
    prompt_id: str
    authorization: str
    json: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)


class Quiet(WSGIRequestHandler):
    """Keeps the access log out of tests that read logs."""

    def log_request(self, *_: object) -> None:
        pass


class FakeVendors:
    """The server and its memory. `url` has no slash at its end."""

    def __init__(self, port: int = 0, chat: ChatReply | None = None, ssl_context: Any = None) -> None:
        self.chat: ChatReply = chat or article_from_prompt
        self.delay_s = 0.0  # slow mode: before every answer
        self.live_models: dict[str, list[str]] = {}  # model → providers; others are at hf-inference
        self.standings: dict[tuple[str, str], str] = {}  # (model, provider) → staging, error; others are live
        self.tokens, self.token_s = 0, 1800.0  # GigaChat's: made so far, and how long one lasts
        self.calls: Counter[str] = Counter()
        self.received: list[Call] = []
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._lock = threading.Lock()
        self.app = make_app(self)
        self._server = make_server(
            "127.0.0.1", port, self.app, threaded=True, request_handler=Quiet, ssl_context=ssl_context
        )
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http{'s' if ssl_context else ''}://127.0.0.1:{self._server.server_port}"

    def fail_next(self, route: str, *, times: int = 1, **fault: Any) -> None:
        """The next `times` requests of `route` are answered with Fault(**fault)."""
        with self._lock:
            self._faults[route].extend([Fault(**fault)] * times)

    def reset(self) -> None:
        with self._lock:
            self._faults.clear()
            self.calls.clear()
            self.received.clear()
            self.delay_s = 0.0

    def seen(self, route: str) -> list[Call]:
        with self._lock:
            return [call for call in self.received if call.route == route]

    def duplicates(self, route: str) -> dict[str, int]:
        """prompt_id → count, of the prompts that came more than once."""
        counts = Counter(call.prompt_id for call in self.seen(route))
        return {prompt_id: count for prompt_id, count in counts.items() if count > 1}

    def note(self, call: Call) -> Fault | None:
        """Count the call; the fault that is due for it."""
        with self._lock:
            self.calls[call.route] += 1
            self.received.append(call)
            due = self._faults[call.route]
            return due.popleft() if due else None

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def make_app(vendors: FakeVendors) -> Flask:
    """The Flask app alone, for httpx2.WSGITransport. Endpoint names are the route names of `fail_next`."""
    app = Flask("fake_vendors")
    app.json.sort_keys = False  # the order of providers has a meaning
    faults: dict[int, Fault] = {}  # by thread: werkzeug gives each request its own

    @app.before_request
    def meet_fault() -> Response | None:
        route = request.endpoint or "unknown"
        if request.path.startswith("/_"):
            return None
        time.sleep(vendors.delay_s)
        fault = vendors.note(call_of(route))
        if fault is None:
            return None
        time.sleep(fault.delay_s)
        if fault.html:
            return Response(PAGE, 200, content_type="text/html")
        if fault.redirect:
            return redirected(fault.redirect)
        if fault.wrong_type:
            return wrong_type(route)
        if fault.status is not None or fault.body is not None:
            return cut(answer_of(fault)) if fault.half else answer_of(fault)
        if fault.half or fault.drip_s:
            faults[threading.get_ident()] = fault
        return None

    @app.after_request
    def spoil(response: Response) -> Response:
        fault = faults.pop(threading.get_ident(), None)
        if fault is None:
            return response
        return cut(response) if fault.half else dripped(response, fault.drip_s)

    @app.get("/_page")
    def page() -> Response:
        return Response(PAGE, 200, content_type="text/html")

    @app.route("/_round", methods=["GET", "POST"])
    def round_and_round() -> Response:
        return redirected("itself")

    @app.get("/api/models/<path:model>", endpoint="hf_model")
    def hf_model(model: str) -> Response:
        mapping = {
            provider: {
                "status": vendors.standings.get((model, provider), "live"),
                "providerId": model,
                "task": "text-to-image",
            }
            for provider in vendors.live_models.get(model, ["hf-inference"])
        }
        return jsonify(id=model, pipeline_tag="text-to-image", tags=[], inferenceProviderMapping=mapping)

    @app.post("/hf-inference/models/<path:model>", endpoint="hf_image")
    def hf_image(model: str) -> Response:
        asked = request.get_json()
        wanted = asked.get("parameters", {})
        drawn = f"{asked['inputs']} {wanted.get('seed', '')}"
        data = picture(drawn, wanted.get("width", 1024), wanted.get("height", 1024), "JPEG")
        return Response(data, content_type="image/jpeg")

    @app.post("/nscale/v1/images/generations", endpoint="nscale_images")
    @app.post("/v1/images/generations", endpoint="openai_images")
    def images() -> Response:
        asked = request.get_json()
        size = asked.get("size", "auto")
        width, height = (1024, 1024) if size == "auto" else map(int, size.split("x"))
        kind = asked.get("output_format", "png")
        new = f"{asked['prompt']} {vendors.calls[request.endpoint or '']}"  # no seed: another one each time
        return jsonify(
            created=int(time.time()),
            data=[{"b64_json": base64.b64encode(picture(new, width, height, kind)).decode()}],
            size=size,
            quality=asked.get("quality", "auto"),
            output_format=kind,
            background="opaque",
            usage={"input_tokens": 40, "output_tokens": 272, "total_tokens": 312,
                   "input_tokens_details": {"text_tokens": 40, "image_tokens": 0}},
        )  # fmt: skip

    @app.post("/v1/chat/completions", endpoint="openai_chat")
    def chat() -> Response:
        asked = request.get_json()
        reply = vendors.chat(asked)
        if isinstance(reply, Response):
            return reply
        text = reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)
        message = {"role": "assistant", "content": text, "refusal": None}
        return jsonify(
            id=f"chatcmpl-{vendors.calls['openai_chat']}",
            object="chat.completion",
            created=int(time.time()),
            model=asked["model"],
            choices=[{"index": 0, "finish_reason": "stop", "logprobs": None, "message": message}],
            usage={"prompt_tokens": 900, "completion_tokens": 300, "total_tokens": 1200},
        )

    @app.post("/api/v2/oauth", endpoint="gigachat_token")
    def gigachat_token() -> Response:
        vendors.tokens += 1
        ends_ms = round((time.time() + vendors.token_s) * 1000)
        return jsonify(access_token=f"token-{vendors.tokens}", expires_at=ends_ms)

    @app.get("/v1/models", endpoint="openai_models")
    def models() -> Response:
        names = ("gpt-6-luna", "gpt-image-2.5-flare")
        data = [
            {"id": name, "object": "model", "created": 1780000000, "owned_by": "openai"} for name in names
        ]
        return jsonify(object="list", data=data)

    @app.post("/_control")
    def control() -> Response:
        asked = request.get_json()
        if asked.get("reset"):
            vendors.reset()
        elif "route" in asked:
            vendors.fail_next(asked.pop("route"), **asked)
        else:
            vendors.delay_s = float(asked["delay_s"])
        return jsonify(ok=True)

    @app.get("/_calls")
    def calls() -> Response:
        return jsonify(counts=vendors.calls, calls=[asdict(call) for call in vendors.received])

    return app


def call_of(route: str) -> Call:
    asked = request.get_json(silent=True) or {}
    prompt = asked.get("inputs") or asked.get("prompt") or asked.get("messages") or request.path
    prompt_id = hashlib.sha256(json.dumps(prompt, sort_keys=True).encode()).hexdigest()[:12]
    return Call(
        route,
        request.path,
        prompt_id,
        request.headers.get("Authorization", ""),
        asked,
        dict(request.headers),
        request.form.to_dict(),
    )


def answer_of(fault: Fault) -> Response:
    raw = isinstance(fault.body, (str, bytes))
    body = fault.body if raw else json.dumps(fault.body if fault.body is not None else {})
    kind = "text/plain" if raw else "application/json"
    return Response(body, fault.status or 200, {"Content-Type": kind} | fault.headers)


def cut(response: Response) -> Response:
    """The same answer, broken off after half of its body: the length promised is never reached."""
    body = response.get_data()

    def half() -> Iterator[bytes]:
        yield body[: len(body) // 2]

    headers = {"Content-Type": response.content_type or "", "Content-Length": str(len(body))}
    return Response(half(), response.status_code, headers)


def dripped(response: Response, seconds: float) -> Response:
    """The same answer, a few bytes at a time: no single wait is long, all of them together are."""
    body = response.get_data()
    size = max(1, len(body) // 40)

    def drops() -> Iterator[bytes]:
        for start in range(0, len(body), size):
            time.sleep(seconds / 40)
            yield body[start : start + size]

    headers = {"Content-Type": response.content_type or "", "Content-Length": str(len(body))}
    return Response(drops(), response.status_code, headers)


def redirected(where: str) -> Response:
    targets = {"page": "/_page", "itself": "/_round", "elsewhere": "http://127.0.0.2:9/elsewhere"}
    return Response("", 302, {"Location": targets[where]})


def wrong_type(route: str) -> Response:
    sound = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(2000)
    if route == "openai_images":
        return jsonify(created=1, data=[{"b64_json": base64.b64encode(sound).decode()}])
    if route == "openai_chat":
        return jsonify(object="list", data=[])  # a true answer to another question
    return Response(sound, 200, {"Content-Type": "audio/wav"})


def picture(prompt: str, width: int, height: int, kind: str = "PNG") -> bytes:
    """A true picture of that size, different for each prompt."""
    seed = hashlib.sha256(prompt.encode()).digest()
    bands = [
        Image.linear_gradient("L").rotate(90 * (seed[i] % 4)).point(lambda v, i=i: (v + seed[i + 3]) // 2)
        for i in range(3)
    ]
    buffer = io.BytesIO()
    Image.merge("RGB", bands).resize((width, height)).save(buffer, kind.upper())
    return buffer.getvalue()


def article_from_prompt(asked: Mapping[str, Any]) -> dict[str, Any]:
    """An article that points to sentences which stand in the last message of the user."""
    users = [message["content"] for message in asked["messages"] if message["role"] == "user"]
    text = users[-1] if isinstance(users[-1], str) else json.dumps(users[-1])
    ids = list(dict.fromkeys(re.findall(r"\bS\d+\b", text))) or ["S1"]
    return {
        "title": "Разговор о важном",
        "dek": "О чём говорили и что из этого следует.",
        "blocks": [
            {"kind": "paragraph", "text": "Разговор начался с главного.", "sources": ids[:1]},
            {"kind": "heading", "text": "Своими словами", "sources": []},
            {"kind": "quote", "text": "", "sources": ids[1:2] or ids[:1]},
            {"kind": "paragraph", "text": "Закончили тем, с чего начали.", "sources": ids[-1:]},
        ],
        "tags": ["интервью"],
        "description": "Разговор о важном: коротко и с цитатами.",
        "image_prompt": "Two people talking at a table by a window, editorial illustration",
        "image_alt": "Двое разговаривают за столом у окна",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Fake Hugging Face and OpenAI on 127.0.0.1")
    parser.add_argument("--port", type=int, default=8099)
    vendors = FakeVendors(parser.parse_args().port)
    print(vendors.url, flush=True)  # the parent process waits for this line
    vendors._server.serve_forever()


if __name__ == "__main__":
    main()
