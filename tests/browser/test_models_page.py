"""A download as an administrator sees it: the bar moves, lives through a reload and the worker's death."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import make_the_first_account
from tests.providers.models_server import FakeFiles, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
NAME = "gigaam-v3-ctc"
FILES = {"v3_ctc.onnx": bytes(range(256)) * 24_000, "v3_vocab.txt": b"a 0\n", "config.json": b"{}"}
HALF = len(FILES["v3_ctc.onnx"]) // 2
MACHINE_MS = 60_000


@pytest.fixture(scope="module")
def hub() -> Iterator[FakeFiles]:
    fake = FakeFiles(dict(FILES), "istupakov/gigaam-v3-onnx")
    with serving(fake):
        yield fake
        fake.faults.go.set()


@pytest.fixture(scope="module")
def more_env(hub: FakeFiles) -> dict[str, str]:
    return {"HF_ENDPOINT": hub.url, "SAMPLE_INTERVIEW": "0", "GIGAAM_MODEL_DIR": "", "GIGAAM_MODEL": NAME}


def card(page: Page):
    return page.locator(f"[data-testid=model][data-name={NAME}]")


def children(pid: int) -> dict[int, str]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(each): Path(f"/proc/{each}/cmdline").read_text() for each in found}


def test_the_way_there(page: Page, service) -> None:
    make_the_first_account(page, service.setup_url)
    page.get_by_test_id("models-link").click()
    expect(page.get_by_test_id("models-folder")).to_be_visible(timeout=MACHINE_MS)
    expect(card(page)).to_contain_text("chosen by the settings")
    expect(card(page)).to_have_attribute("data-state", "absent")


def test_the_bar_moves_without_reloading_and_lives_on_after_it(page: Page, service, hub: FakeFiles) -> None:
    hub.faults.hold_after = HALF
    card(page).get_by_test_id("download").click()
    expect(page.locator(".toast")).to_contain_text("The worker downloads")
    expect(card(page)).to_have_attribute("data-state", "downloading", timeout=MACHINE_MS)
    bar = card(page).locator("progress")
    expect(bar).to_be_visible()
    expect(card(page).get_by_test_id("model-progress")).to_contain_text(re.compile(r"of 6\.1 MB"))
    page.reload()
    expect(card(page)).to_have_attribute("data-state", "downloading")
    expect(bar).to_be_visible()


def test_a_killed_worker_goes_on_by_itself(page: Page, service, hub: FakeFiles) -> None:
    worker = next(pid for pid, line in children(service.process.pid).items() if "worker" in line)
    hub.asked.clear()
    os.kill(worker, signal.SIGKILL)
    hub.faults.hold_after = None
    hub.faults.go.set()
    expect(card(page)).to_have_attribute("data-state", "here", timeout=MACHINE_MS)  # nobody has clicked
    assert hub.ranges()[0] == f"bytes={HALF}-"


def test_verify_and_remove(page: Page, service) -> None:
    card(page).get_by_test_id("verify").click()
    expect(card(page)).to_have_attribute("data-state", "here", timeout=MACHINE_MS)
    page.once("dialog", lambda dialog: dialog.dismiss())
    card(page).get_by_test_id("remove").click()
    expect(card(page)).to_have_attribute("data-state", "here")
    page.once("dialog", lambda dialog: dialog.accept())
    card(page).get_by_test_id("remove").click()
    expect(card(page)).to_have_attribute("data-state", "absent")


def test_the_console_said_nothing(page: Page) -> None:
    assert page.said == []
