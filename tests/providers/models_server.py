"""A server of model files on loopback: the Hub's contract, GitHub's releases, plain addresses, faults.

Source: https://huggingface.co/docs/hub/api, https://docs.github.com/en/rest/releases/releases, RFC 9110 §14.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "c" * 40
Answer = tuple[int, dict[str, str], bytes]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]  # names in lower case


@dataclass
class Faults:
    """What goes wrong, and how often."""

    statuses: list[tuple[int, dict[str, str]]] = field(default_factory=list)  # of the next file answers
    always: tuple[int, dict[str, str]] | None = None  # of every answer
    cut_after: list[int] = field(default_factory=list)  # bytes after which the next bodies break off
    damaged: int = 0  # so many bodies have one byte changed
    no_range: bool = False  # Range is ignored
    wrong_range: int = 0  # so many ranges begin somewhere else
    html: bool = False  # every answer is a login page
    longer: bytes = b""  # is appended to every body
    hold_after: int | None = None  # bytes of a body after which it waits for `go`
    go: threading.Event = field(default_factory=threading.Event)


@dataclass
class FakeFiles:
    files: dict[str, bytes]
    repo: str = "somebody/some-model"
    token: str = ""  # demanded when set
    cdn: str = ""  # where files are redirected to
    page: int = 1000  # entries on one page of the tree
    digests: bool = True  # GitHub tells them
    etag: str = ""  # empty: one for each content
    faults: Faults = field(default_factory=Faults)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def ranges(self) -> list[str]:
        """The Range of every question for a file's body."""
        return [a.headers.get("range", "") for a in self.asked if a.method == "GET" and _is_file(a.path)]


@contextmanager
def serving(*fakes: FakeFiles) -> Iterator[None]:
    """Each fake on a port of its own, that is: on another host."""
    servers = [_start(fake) for fake in fakes]
    try:
        yield
    finally:
        for server, thread in servers:
            server.shutdown()
            server.server_close()
            thread.join()


def _start(fake: FakeFiles) -> tuple[ThreadingHTTPServer, threading.Thread]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self._serve(with_body=False)

        def do_GET(self) -> None:
            self._serve(with_body=True)

        def _serve(self, *, with_body: bool) -> None:
            path = unquote(urlsplit(self.path).path)
            fake.asked.append(
                Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
            )
            status, headers, body = _answer(fake, path, self.path, dict(fake.asked[-1].headers), with_body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if not with_body:
                return
            if _is_file(path) and status in (200, 206) and fake.faults.cut_after:
                self.wfile.write(body[: fake.faults.cut_after.pop(0)])
                self.close_connection = True
                return
            hold = fake.faults.hold_after
            if _is_file(path) and hold is not None and len(body) > hold:
                self.wfile.write(body[:hold])
                self.wfile.flush()
                fake.faults.go.wait(60)
                body = body[hold:]
            with suppress(ConnectionError):  # the reader has gone
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    return server, thread


def _is_file(path: str) -> bool:
    return any(mark in path for mark in ("/resolve/", "/download/", "/plain/", "/assets/", "/cdn/"))


def _answer(fake: FakeFiles, path: str, raw: str, asked: Mapping[str, str], with_body: bool) -> Answer:
    if fake.faults.always is not None:
        return (*fake.faults.always, b"{}")
    if fake.faults.html:
        return 200, {"Content-Type": "text/html"}, b"<h1>Log in to the network</h1>"
    if fake.token and asked.get("authorization") != f"Bearer {fake.token}":
        return 401, {"X-Error-Message": "Invalid credentials in Authorization header"}, b"{}"
    if path == f"/api/models/{fake.repo}/revision/main":
        return _json({"id": fake.repo, "sha": COMMIT})
    if path == f"/api/models/{fake.repo}/tree/{COMMIT}":
        return _tree(fake, raw)
    if path == f"/repos/{fake.repo}/releases/tags/v1":
        return _json({"assets": [_asset(fake, name) for name in fake.files]})
    for prefix in (f"/{fake.repo}/resolve/{COMMIT}/", "/download/", "/plain/", "/assets/", "/cdn/"):
        name = path.removeprefix(prefix).replace("__", "/")
        if path.startswith(prefix) and name in fake.files:
            return _file(fake, name, asked, with_body)
    return 404, {"X-Error-Code": "RepoNotFound"} if "/api/" in path else {}, b"{}"


def _tree(fake: FakeFiles, raw: str) -> Answer:
    first = int((re.findall(r"cursor=(\d+)", raw) or ["0"])[0])
    names = list(fake.files)
    status, headers, body = _json([_entry(name, fake.files[name]) for name in names[first:][: fake.page]])
    if first + fake.page < len(names):
        more = f"{fake.url}/api/models/{fake.repo}/tree/{COMMIT}?recursive=true&cursor={first + fake.page}"
        headers["Link"] = f'<{more}>; rel="next"'
    return status, headers, body


def _entry(name: str, data: bytes) -> dict[str, Any]:
    git = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    entry = {"type": "file", "path": name, "oid": git, "size": len(data)}
    if not name.endswith((".txt", ".json")):
        entry["lfs"] = {"oid": sha256(data), "size": len(data), "pointerSize": 130}
    return entry


def _asset(fake: FakeFiles, name: str) -> dict[str, Any]:
    data = fake.files[name]
    flat = name.replace("/", "__")
    return {
        "name": flat,
        "size": len(data),
        "url": f"{fake.url}/assets/{flat}",
        "browser_download_url": f"{fake.url}/download/{flat}",
        "digest": f"sha256:{sha256(data)}" if fake.digests else None,
    }


def _file(fake: FakeFiles, name: str, asked: Mapping[str, str], with_body: bool) -> Answer:
    if fake.faults.statuses and with_body:
        return (*fake.faults.statuses.pop(0), b"{}")
    if fake.cdn:
        return 302, {"Location": f"{fake.cdn}/cdn/{name}?signature=1"}, b""
    data = fake.files[name]
    etag = fake.etag or f'"{sha256(data)[:16]}"'
    headers = {"ETag": etag, "Accept-Ranges": "bytes"}
    status, start = _ranged(fake, asked, etag, len(data))
    if status == 416:
        return 416, {"Content-Range": f"bytes */{len(data)}"}, b""
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
    if fake.faults.damaged and with_body:
        fake.faults.damaged -= 1
        data = data[:-1] + bytes([data[-1] ^ 1])
    return status, headers, data[start:] + fake.faults.longer


def _ranged(fake: FakeFiles, asked: Mapping[str, str], etag: str, size: int) -> tuple[int, int]:
    found = re.fullmatch(r"bytes=(\d+)-", asked.get("range", ""))
    if found is None or fake.faults.no_range or asked.get("if-range", etag) != etag:
        return 200, 0
    start = int(found[1])
    if fake.faults.wrong_range:
        fake.faults.wrong_range -= 1
        start //= 2
    return (416, 0) if start >= size else (206, start)


def _json(value: object) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()
