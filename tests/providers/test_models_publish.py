"""The checklist of a model card, and an upload to a server that speaks the Hub's commit contract."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from providers.errors import InputRejected, Unavailable
from providers.hub import Hub
from providers.models.card import Facts, holes, render
from providers.models.publish import publish

REPO = "desk/our-gigaam"
GOOD: dict[str, Any] = {
    "license": "mit",
    "language": "ru",
    "base_model": "ai-sage/GigaAM-v3",
    "description": "GigaAM v3 with a CTC head, quantised for processors; for Russian speech of one person.",
    "requirements": ["onnx-asr>=0.12,<0.13", "onnxruntime"],
    "example": 'import onnx_asr\n\nmodel = onnx_asr.load_model("gigaam-v3-ctc", "folder")\nprint(model)\n',
}


def toml(facts: dict[str, Any]) -> str:
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in facts.items())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "model"
    made.mkdir()
    (made / "v3_ctc.onnx").write_bytes(b"weights")
    (made / "v3_vocab.txt").write_text("a 0\n")
    (made / ".env").write_text("HF_TOKEN=hf_secret")
    (made / "v3_ctc.onnx.part").write_bytes(b"half")
    (made / "card.toml").write_text(toml(GOOD), encoding="utf-8")
    return made


def lacking(folder: Path, **changed: Any) -> list[str]:
    (folder / "card.toml").write_text(toml({**GOOD, **changed}), encoding="utf-8")
    return holes(Facts.read(folder), folder)


def test_a_full_card_has_no_holes(folder: Path) -> None:
    assert lacking(folder) == []


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"license": ""}, "license: say under which licence"),
        ({"license": "unknown"}, "license: say"),
        ({"license": "our-own"}, "add license_link"),
        ({"description": ""}, "description:"),
        ({"description": "A model."}, "description:"),
        ({"description": "TODO: say in eight or more words what this model is for"}, "description:"),
        (
            {"description": "Speech model for <language> made from many hours of <data> in the year"},
            "description:",
        ),
        ({"requirements": []}, "requirements: list"),
        ({"requirements": ["onnx asr"]}, "'onnx asr' is no package"),
        ({"requirements": ["rm -rf /; x"]}, "is no package"),
        ({"example": ""}, "example: give"),
        ({"example": "model = ..."}, "example: give"),
        ({"example": "model = load("}, "example: this is not Python"),
    ],
)
def test_holes(folder: Path, changed: dict[str, Any], part: str) -> None:
    found = lacking(folder, **changed)
    assert len(found) == 1
    assert part in found[0]


def test_an_unusual_licence_with_its_text(folder: Path) -> None:
    assert lacking(folder, license="our-own", license_link="https://example.org/licence") == []


def test_no_card_and_no_weights(tmp_path: Path) -> None:
    found = holes(Facts.read(tmp_path), tmp_path)
    assert [hole.partition(":")[0] for hole in found] == [
        "license",
        "description",
        "requirements",
        "example",
        "weights",
    ]


def test_a_card_that_cannot_be_read(folder: Path) -> None:
    (folder / "card.toml").write_text("license = ")
    with pytest.raises(InputRejected, match=r"card\.toml"):
        Facts.read(folder)
    (folder / "card.toml").write_text('licence = "mit"')
    with pytest.raises(InputRejected, match="licence is not known; known: license,"):
        Facts.read(folder)


def test_the_card_is_read_by_the_hubs_own_package() -> None:
    from huggingface_hub import ModelCard

    report = {"cer": 0.0026, "characters": 6000, "sentences": 100}
    facts = Facts.of(GOOD, Path("card.toml"))
    text = render(facts, REPO, [("v3_ctc.onnx", 7, "ab" * 32)], report)
    card = ModelCard(text)
    assert card.data.license == "mit"
    assert card.data.pipeline_tag == "automatic-speech-recognition"
    assert card.data.base_model == "ai-sage/GigaAM-v3"
    for part in ("# our-gigaam", '"onnx-asr>=0.12,<0.13"', "import onnx_asr", "0.26%", "`v3_ctc.onnx` | 7 |"):
        assert part in text


class FakeHub:
    """Takes a repository and a commit. Source: huggingface_hub `hf_api.py` (create_repo, create_commit)."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.created: list[dict[str, Any]] = []
        self.refusal = 0
        self.url = ""

    def answer(self, path: str, body: bytes, token: str) -> tuple[int, Any]:
        if self.refusal or token != "Bearer hf_write":
            return self.refusal or 401, {"error": "no"}
        if path == "/api/repos/create":
            self.created.append(json.loads(body))
            return 200, {"url": f"{self.url}/{REPO}", "name": REPO}
        if path.endswith("/preupload/main"):
            names = [each["path"] for each in json.loads(body)["files"]]
            return 200, {
                "files": [{"path": n, "uploadMode": "regular", "shouldIgnore": False} for n in names]
            }
        if path.endswith("/commit/main"):
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    self.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            return 200, {"commitUrl": f"{self.url}/{REPO}/commit/{'c' * 40}", "commitOid": "c" * 40}
        if re.fullmatch(f"/api/models/{REPO}(/revision/main)?", path):
            return 200, {"id": REPO, "sha": "c" * 40, "siblings": []}
        return 200, {}


@pytest.fixture
def server() -> Iterator[FakeHub]:
    fake = FakeHub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            body = self._body()
            path = self.path.partition("?")[0]
            status, value = fake.answer(path, body, self.headers.get("Authorization", ""))
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    fake.url = f"http://127.0.0.1:{httpd.server_port}"
    yield fake
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def test_a_folder_is_published(server: FakeHub, folder: Path) -> None:
    done = publish(folder, REPO, Hub(server.url, token="hf_write"))
    assert done.url == f"{server.url}/{REPO}"
    assert done.files == 2
    assert set(server.files) - {".gitattributes"} == {"README.md", "v3_ctc.onnx", "v3_vocab.txt"}
    assert server.files["v3_ctc.onnx"] == b"weights"
    assert b"license: mit" in server.files["README.md"]
    assert server.created[0]["name"] == "our-gigaam"
    assert server.created[0].get("private", True) is True or server.created[0]["visibility"] == "private"


def test_with_holes_nothing_is_sent(server: FakeHub, folder: Path) -> None:
    (folder / "card.toml").write_text(toml({**GOOD, "license": "", "example": ""}))
    with pytest.raises(InputRejected, match=r"holes.*license:.*example:"):
        publish(folder, REPO, Hub(server.url, token="hf_write"))
    assert server.created == []
    assert not (folder / "README.md").exists()


def test_without_a_token(folder: Path) -> None:
    with pytest.raises(Unavailable, match="HF_TOKEN"):
        publish(folder, REPO, Hub("http://127.0.0.1:9"))


def test_a_token_that_may_only_read(server: FakeHub, folder: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        publish(folder, REPO, Hub(server.url, token="hf_read"))
    assert caught.value.error_class == "auth"
    assert "hf_read" not in str(caught.value)


@pytest.mark.parametrize(("status", "error_class"), [(403, "auth"), (400, "overloaded")])
def test_refusals(server: FakeHub, folder: Path, status: int, error_class: str) -> None:
    server.refusal = status
    with pytest.raises(Unavailable) as caught:
        publish(folder, REPO, Hub(server.url, token="hf_write"))
    assert caught.value.error_class == error_class


def test_nobody_answers(folder: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        publish(folder, REPO, Hub("http://127.0.0.1:9", token="hf_write"))
    assert caught.value.error_class == "network"


def test_no_folder_and_no_name(folder: Path) -> None:
    with pytest.raises(InputRejected, match="is not a folder"):
        publish(folder / "nowhere", REPO, Hub(token="hf_x"))
    with pytest.raises(InputRejected, match="no name for a repository"):
        publish(folder, "a/b/c d", Hub("http://127.0.0.1:9", token="hf_x"))
