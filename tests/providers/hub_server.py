"""A small Hugging Face Hub on loopback: one repository, or one refusal.

Speaks what huggingface_hub 2.4 asks when it downloads: api/models/…/revision, …/tree, resolve HEAD and GET.
Source: https://huggingface.co/docs/hub/api and huggingface_hub `file_download.py` (headers of the HEAD).
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "c" * 40


@dataclass
class FakeHub:
    repo: str
    files: dict[str, bytes]
    refusal: tuple[int, dict[str, str]] | None = None  # status and headers of every answer
    token: str | None = None  # demanded when set
    damaged: set[str] = field(default_factory=set)  # served with one byte changed
    asked: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(hub: FakeHub) -> Iterator[FakeHub]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            self._serve(body=True)

        def do_HEAD(self) -> None:
            self._serve(body=False)

        def _serve(self, *, body: bool) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.asked.append(f"{self.command} {path}")
            status, headers, data = _answer(hub, path, self.headers.get("Authorization"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if body:
                self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(hub: FakeHub, path: str, authorization: str | None) -> tuple[int, dict[str, str], bytes]:
    if hub.refusal is not None:
        return (*hub.refusal, b"{}")
    if hub.token and authorization != f"Bearer {hub.token}":
        return 401, {"X-Error-Message": "Invalid credentials in Authorization header"}, b"{}"
    if path.startswith(f"/api/models/{hub.repo}/revision/") or path == f"/api/models/{hub.repo}":
        siblings = [{"rfilename": name} for name in hub.files]
        return _json({"id": hub.repo, "modelId": hub.repo, "sha": COMMIT, "siblings": siblings})
    if path.startswith(f"/api/models/{hub.repo}/tree/"):
        return _json([_entry(name, data) for name, data in hub.files.items()])
    prefix = f"/{hub.repo}/resolve/{COMMIT}/"
    if path.startswith(prefix) and path.removeprefix(prefix) in hub.files:
        return _file(hub, path.removeprefix(prefix))
    return 404, {"X-Error-Code": "RepoNotFound"}, b"{}"


def _json(value: object) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _entry(name: str, data: bytes) -> dict[str, object]:
    digest = hashlib.sha256(data).hexdigest()
    lfs = {"oid": digest, "size": len(data), "pointerSize": 130}
    return {"type": "file", "path": name, "oid": "b" * 40, "size": len(data), "lfs": lfs}


def _file(hub: FakeHub, name: str) -> tuple[int, dict[str, str], bytes]:
    data = hub.files[name]
    headers = {
        "X-Repo-Commit": COMMIT,
        "ETag": f'"{hashlib.sha256(data).hexdigest()}"',
        "X-Linked-Size": str(len(data)),
        "X-Linked-Etag": f'"{hashlib.sha256(data).hexdigest()}"',
        "Accept-Ranges": "bytes",
    }
    if name in hub.damaged:
        data = bytes([data[0] ^ 1]) + data[1:]
    return 200, headers, data
