"""Reading and correcting while the machine still listens; stopping it and having it go on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from automation import accounts
from automation.models import Role
from automation.newsroom import Newsroom, open_newsroom
from automation.pipeline import intake
from automation.pipeline.advance import advance
from tests.browser.conftest import Running, wait_for
from tests.browser.steps import PASSWORD
from tests.fakes import NOW, FakeSpeech, fake_tools, recording
from tests.postgres import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@dataclass
class Stepwise(FakeSpeech):
    """Hears one piece after another, each when the test says so."""

    steps: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __post_init__(self) -> None:
        self.on_piece = lambda _index: self.steps.acquire(timeout=120)

    def hear(self, pieces: int) -> None:
        for _ in range(pieces):
            self.steps.release()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The web server alone; the worker is a thread of the test."""
    folder = tmp_path_factory.mktemp("live")
    port, log = free_port(), folder / "log"
    env = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ},
        "POLOSA_DATA": str(folder / "data"), "PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SAMPLE_INTERVIEW": "0",
    }  # fmt: skip
    room = open_newsroom(env)
    with room.db.write() as session:
        accounts.create_account(session, "olena@example.org", "Olena", PASSWORD, Role.EDITOR, NOW)
    room.db.close()
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "automation", "web"],
            env=env, stdout=output, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}", process, log)
        running = Running(f"http://127.0.0.1:{port}", "", process)
        running.env = env
        yield running
    finally:
        process.terminate()
        process.wait(30)


@dataclass
class Talk:
    """A recording at work, and the page that shows it."""

    room: Newsroom
    speech: Stepwise
    task_id: str
    worker: threading.Thread


@pytest.fixture
def talk(service, page: Page, tmp_path: Path, request) -> Iterator[Talk]:
    speech = Stepwise()
    room = open_newsroom(service.env, fake_tools(speech=speech))
    path = recording(tmp_path / f"{request.node.name[:20]}.wav", len(request.node.name))
    with path.open("rb") as stream:
        task_id = intake.submit(room, stream, path.name, by=None, now=NOW).task_id

    def work() -> None:
        while advance(room.works):
            pass

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    page.goto(f"{service.url}/login")
    if page.get_by_test_id("email").count():
        page.get_by_test_id("email").fill("olena@example.org")
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("main button, form button").first.click()
    page.goto(f"{service.url}/submissions/{task_id}")
    yield Talk(room, speech, task_id, worker)
    speech.hear(9)
    worker.join(60)
    room.db.close()


def lines(page: Page):
    return page.get_by_test_id("line")


def edit(page: Page, place: int):
    line = lines(page).nth(place)
    line.hover()
    line.get_by_test_id("edit-line").click()
    return page.get_by_test_id("line-text")


def test_a_sentence_is_corrected_while_the_next_ones_come_in(page, talk):
    talk.speech.hear(1)
    expect(lines(page)).to_have_count(2, timeout=30_000)
    expect(page.get_by_test_id("told")).to_contain_text("of 0:12 heard")
    field = edit(page, 1)
    expect(field).to_have_value("Мост откроют")
    field.fill("Мост, видимо, откроют")
    talk.speech.hear(1)
    # The next piece comes in beside the form; what is being typed, the focus and the caret stay.
    expect(page.locator("#transcript")).to_contain_text("Ремонт", timeout=30_000)
    field = page.get_by_test_id("line-text")
    expect(field).to_have_value("Мост, видимо, откроют")
    expect(field).to_be_focused()
    field.press("End")
    field.type(" скоро")
    page.get_by_test_id("line-save").click()
    expect(lines(page).nth(1)).to_contain_text(
        "Мост, видимо, откроют скоро в марте."
    )  # and what came after it
    expect(lines(page).nth(1).get_by_test_id("edited")).to_be_visible()

    # A form that is open while the recording ends is not lost either.
    edit(page, 0).fill("Когда же откроют мост?")
    talk.speech.hear(9)
    expect(page.get_by_test_id("step-cover")).to_have_attribute("data-state", "done", timeout=60_000)
    expect(page.get_by_test_id("line-text")).to_have_value("Когда же откроют мост?")
    page.get_by_test_id("line-save").click()
    expect(page.get_by_test_id("speaker").first).to_be_visible(timeout=30_000)
    page.reload()
    expect(page.locator("#transcript")).to_contain_text("Когда же откроют мост?")
    said = " ".join(" ".join(text.split()) for text in page.locator("#transcript .said").all_inner_texts())
    assert "Когда же откроют мост? Мост, видимо, откроют скоро в марте. Ремонт" in said
    lines(page).first.hover()
    lines(page).first.get_by_test_id("undo").click()
    expect(lines(page).first).to_contain_text("Когда откроют мост?")
    assert page.said == []


def test_the_work_is_stopped_and_goes_on(page, talk):
    talk.speech.hear(1)
    expect(lines(page)).to_have_count(2, timeout=30_000)
    edit(page, 0).fill("Недописано")
    page.get_by_test_id("stop").click()
    expect(page.get_by_test_id("step-transcribe")).to_have_attribute("data-state", "paused")
    expect(page.get_by_test_id("line-text")).to_have_value("Недописано")
    talk.worker.join(30)
    assert not talk.worker.is_alive(), "the worker is free, although the piece is not done"
    page.get_by_test_id("line-save").click()
    expect(lines(page).first).to_contain_text("Недописано")
    page.get_by_test_id("resume").click()
    expect(page.get_by_test_id("step-transcribe")).to_have_attribute("data-state", "todo")
    talk.speech.hear(9)
    again = threading.Thread(target=lambda: [None for _ in iter(lambda: advance(talk.room.works), None)])
    again.start()
    expect(page.get_by_test_id("step-cover")).to_have_attribute("data-state", "done", timeout=60_000)
    again.join(30)
    expect(page.locator("#transcript")).to_contain_text("Недописано")
    assert page.said == []
