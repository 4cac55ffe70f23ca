"""The Models page: what it says of each model, what an administrator may ask, what becomes of it."""

from __future__ import annotations

import html
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from automation import create_app, model_files
from automation.model_files import Downloader
from automation.models import Event
from providers.hub import Hub
from providers.models.catalogue import CATALOGUE
from providers.models.store import Store
from tests.fakes import fake_tools
from tests.providers.hub_server import FakeHub
from tests.providers.hub_server import serving as fake_hub
from tests.providers.models_server import FakeFiles, serving

FILES = {"v3_ctc.onnx": bytes(range(256)) * 12_000, "v3_vocab.txt": b"a 0\n", "config.json": b"{}"}
NAME = "gigaam-v3-ctc"
REPO = "istupakov/gigaam-v3-onnx"
WAIT_S = 60


@pytest.fixture
def hub() -> Iterator[FakeFiles]:
    fake = FakeFiles(dict(FILES), REPO)
    with serving(fake):
        yield fake
        fake.faults.go.set()


@pytest.fixture
def env(env: dict[str, str], hub: FakeFiles, tmp_path: Path) -> dict[str, str]:
    return {**env, "HF_ENDPOINT": hub.url, "MODELS_DIR": str(tmp_path / "models"), "GIGAAM_MODEL": NAME}


@pytest.fixture
def app(env: dict[str, str]) -> Iterator[Flask]:
    made = create_app({**env, "PUBLIC_URL": "http://news.example"}, fake_tools())
    made.testing = True
    yield made
    made.extensions["polosa"].db.close()


@pytest.fixture
def worker(house) -> Iterator[threading.Event]:
    """The worker's thread for models; set the event to stop it."""
    stopping = threading.Event()
    thread = threading.Thread(target=Downloader(house.settings, stopping).run)
    thread.start()
    wait_for(lambda: model_files.open_store(house.settings).notes.is_served())
    yield stopping
    stopping.set()
    thread.join(WAIT_S)
    assert not thread.is_alive()


def wait_for(what: Callable[[], object]) -> None:
    until = time.monotonic() + WAIT_S
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)


def card(person, name: str = NAME) -> str:
    """The text of a model's card."""
    page = person.get("/models").get_data(as_text=True)
    found = re.search(rf'<li[^>]*data-name="{name}".*?</li>', page, re.DOTALL)
    assert found
    return html.unescape(found[0])


def state(person, name: str = NAME) -> str:
    found = re.search(r'data-state="(\w+)"', card(person, name))
    assert found
    return found[1]


def store_of(house) -> Store:
    return model_files.open_store(house.settings)


def test_each_model_says_what_it_is_for(people, browser, worker) -> None:
    admin = browser("admin")
    page = admin.get("/models").get_data(as_text=True)
    assert page.count('data-testid="model"') == len(CATALOGUE)
    text = card(admin)
    for said in (
        "about 850 MB", "MIT", "gigaam_onnx", "gigaam_openvino", "Transcript", "chosen by the settings",
        f"GIGAAM_MODEL={NAME}", "not here", "Download",
    ):  # fmt: skip
        assert said in text
    assert "chosen by the settings" not in card(admin, "gigaam-v2-ctc")
    assert "accept them on its page" in card(admin, "pyannote-community-1")


def test_an_editor_looks_and_does_not_act(people, browser, worker) -> None:
    editor = browser("editor")
    assert 'data-testid="download"' not in card(editor)
    assert 'data-testid="models-link"' in editor.get("/models").get_data(as_text=True)
    assert editor.post(f"/models/{NAME}/download").status_code == 403
    author = browser("author")
    assert author.get("/models").status_code == 403
    assert 'data-testid="models-link"' not in author.get("/profile").get_data(as_text=True)


def test_download_verify_remove(people, browser, house, worker, hub) -> None:
    admin = browser("admin")
    answer = admin.post(f"/models/{NAME}/download", headers={"Accept": "application/json"})
    assert answer.get_json()["message"] == f"The worker downloads {NAME}."
    wait_for(lambda: state(admin) == "here")
    text = card(admin)
    assert "here, verified" in text
    assert str(store_of(house).folder / NAME) in text
    assert hub.url in text
    (store_of(house).folder / NAME / "v3_vocab.txt").write_bytes(b"b 0\n")
    assert admin.post(f"/models/{NAME}/verify").status_code == 302
    wait_for(lambda: state(admin) == "damaged")
    assert "Absent or changed: v3_vocab.txt" in card(admin)
    admin.post(f"/models/{NAME}/download")
    wait_for(lambda: state(admin) == "here")
    told = admin.post(f"/models/{NAME}/remove", headers={"Accept": "application/json"}).get_json()
    assert "3.1 MB are free again" in told["message"]
    assert state(admin) == "absent"
    with house.db.read() as session:
        wanted = select(Event.kind).where(Event.kind.like("model_%")).order_by(Event.id)
        kinds = session.scalars(wanted).all()
    assert kinds == ["model_download", "model_verify", "model_download", "model_remove"]


def test_progress_is_seen_and_stopped_and_goes_on(people, browser, house, worker, hub) -> None:
    hub.faults.hold_after = 1_500_000
    admin = browser("admin")
    admin.post(f"/models/{NAME}/download")
    wait_for(lambda: state(admin) == "downloading")
    text = card(admin)
    assert "<progress" in text
    assert "of 3.1 MB" in text
    assert 'data-testid="stop"' in text
    assert 'data-testid="remove"' not in text
    assert admin.post(f"/models/{NAME}/remove").status_code == 409
    assert "data-moving" in admin.get("/models/states").get_data(as_text=True)
    wait_for(lambda: store_of(house).half(NAME) >= 1_500_000)
    admin.post(f"/models/{NAME}/stop")
    assert state(admin) in ("stopping", "half")
    hub.faults.hold_after = None
    hub.faults.go.set()
    wait_for(lambda: state(admin) == "half")
    assert "Go on" in card(admin)
    hub.asked.clear()
    admin.post(f"/models/{NAME}/download")
    wait_for(lambda: state(admin) == "here")
    assert hub.ranges()[0].startswith("bytes=")


def test_a_new_worker_goes_on_by_itself(people, browser, house, hub) -> None:
    """Without anybody's click: the order and the bytes lie in the folder."""
    hub.faults.hold_after = 1_500_000
    admin = browser("admin")
    stopping = threading.Event()
    first = threading.Thread(target=Downloader(house.settings, stopping).run)
    first.start()
    wait_for(store_of(house).notes.is_served)
    admin.post(f"/models/{NAME}/download")
    wait_for(lambda: store_of(house).half(NAME) >= 1_500_000)
    stopping.set()
    hub.faults.hold_after = None
    hub.faults.go.set()
    first.join(WAIT_S)
    assert store_of(house).find(NAME) is None
    assert state(admin) == "waiting"
    hub.asked.clear()
    stopping = threading.Event()
    second = threading.Thread(target=Downloader(house.settings, stopping).run)
    second.start()
    wait_for(lambda: store_of(house).find(NAME))
    stopping.set()
    second.join(WAIT_S)
    assert hub.ranges()[0].startswith("bytes=")


@pytest.mark.parametrize(
    ("refusal", "wanted", "says"),
    [
        ((403, {"X-Error-Code": "GatedRepo"}), "failed", f"/{REPO}, sign in, accept the terms"),
        ((401, {}), "failed", "HF_TOKEN"),
        ((404, {"X-Error-Code": "RepoNotFound"}), "failed", "Check the name"),
        ((429, {}), "waiting", "429"),
        ((503, {}), "waiting", "tried again at"),
    ],
)
def test_a_failure_stands_there_with_its_class_and_remedy(
    people, browser, worker, hub, refusal, wanted: str, says: str
) -> None:
    hub.faults.always = refusal
    admin = browser("admin")
    admin.post(f"/models/{NAME}/download")
    wait_for(lambda: 'data-testid="model-why"' in card(admin))
    assert state(admin) == wanted
    assert says in card(admin)
    admin.post(f"/models/{NAME}/stop")
    assert state(admin) == "absent"


def test_a_disk_that_is_too_small_is_said_before(people, browser, house, worker, monkeypatch) -> None:
    small = type("Usage", (), {"free": 300_000_000})
    monkeypatch.setattr("shutil.disk_usage", lambda folder: small)
    admin = browser("admin")
    assert "It needs 1.1 GB on the disk; 300 MB are free." in card(admin)
    answer = admin.post(f"/models/{NAME}/download", headers={"Accept": "application/json"})
    assert answer.status_code == 507
    assert "needs 1.1 GB more" in answer.get_json()["message"]
    assert "has 0.3 GB free" in answer.get_json()["message"]


def test_without_a_worker_the_page_says_where_models_live(people, browser, house) -> None:
    admin = browser("admin")
    page = admin.get("/models").get_data(as_text=True)
    assert 'data-testid="no-worker"' in page
    assert "Models live where the worker runs" in page
    assert 'data-testid="download"' not in page
    answer = admin.post(f"/models/{NAME}/download", headers={"Accept": "application/json"})
    assert answer.status_code == 501
    assert f"polosa models download {NAME}" in answer.get_json()["message"]
    assert not store_of(house).folder.exists()


def test_what_cannot_be_done_is_said(people, browser, worker) -> None:
    admin = browser("admin")
    assert admin.post("/models/whisper/download").status_code == 404
    assert admin.post(f"/models/{NAME}/verify").status_code == 409
    assert admin.post(f"/models/{NAME}/remove").status_code == 409


class TestTheCache:
    @pytest.fixture
    def env(self, env: dict[str, str], tmp_path: Path) -> dict[str, str]:
        return {**env, "HF_HUB_CACHE": str(tmp_path / "cache")}

    def test_what_a_backend_has_fetched_into_the_cache_is_said(self, people, browser, env) -> None:
        admin = browser("admin")
        settings = admin.client.application.extensions["polosa"].settings
        with fake_hub(FakeHub(REPO, FILES)) as other:
            cache = Hub(other.url, Path(env["HF_HUB_CACHE"]))
            assert cache.holds(REPO, ("v3_ctc.onnx",)) is None
            folder = cache.fetch(REPO, tuple(FILES), by_hand="", progress=lambda *_: None)
        assert cache.holds(REPO, tuple(FILES)) == folder
        assert cache.holds(REPO, (*FILES, "v3_rnnt_joint.onnx")) is None
        stopping = threading.Event()
        thread = threading.Thread(target=Downloader(settings, stopping).run)
        thread.start()
        wait_for(lambda: state(admin) == "cached")
        assert str(folder) in card(admin)
        assert state(admin, "gigaam-v3-rnnt") == "absent"
        admin.post(f"/models/{NAME}/download")
        wait_for(lambda: state(admin) == "here")
        stopping.set()
        thread.join(WAIT_S)


class TestOtherSources:
    @pytest.fixture
    def env(self, env: dict[str, str], tmp_path: Path) -> dict[str, str]:
        path = tmp_path / "models.json"
        own = {"name": "our-model", "files": ["a.onnx"], "purpose": "<b>ours</b>"}
        path.write_text(json.dumps({"model": [own], "model_source": []}))
        return {**env, "MODEL_SOURCES": str(path), "HF_HUB_OFFLINE": "1"}

    def test_offline_and_a_model_of_ones_own(self, people, browser, worker) -> None:
        admin = browser("admin")
        page = admin.get("/models").get_data(as_text=True)
        assert 'data-testid="offline"' in page
        assert "<b>ours</b>" not in page
        assert "name its folder in a setting" in card(admin, "our-model")
        admin.post(f"/models/{NAME}/download")
        wait_for(lambda: state(admin) == "failed")
        assert "HF_HUB_OFFLINE forbids" in card(admin)

    def test_a_wrong_file_is_named(self, people, browser, env) -> None:
        Path(env["MODEL_SOURCES"]).write_text("{")
        page = browser("admin").get("/models").get_data(as_text=True)
        assert 'data-testid="models-trouble"' in page
        assert "models.json" in page
