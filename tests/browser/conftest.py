"""A real browser against the real service: supervisor, gunicorn, worker, demonstration model."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from automation.toolbox import DEMO_ENV
from tests.postgres import free_port

CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
START_S = 60


@dataclass
class Running:
    url: str
    setup_url: str
    process: subprocess.Popen[str]


@pytest.fixture(scope="module")
def more_env() -> dict[str, str]:
    """Settings of a test file of its own."""
    return {}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, more_env: dict[str, str]) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("service")
    port, log = free_port(), folder / "log"
    env = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        **DEMO_ENV,
        "POLOSA_DATA": str(folder / "data"), "PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DIARIZATION_BACKENDS": "baseline", "HF_HUB_DISABLE_TELEMETRY": "1", "TIMEZONE": "Europe/Kyiv",
        **more_env,
    }  # fmt: skip
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "automation", "run"],
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process, log)
        setup = re.search(r"http://\S+/setup/\S+", log.read_text())
        assert setup, log.read_text()
        yield Running(url, setup[0], process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(url: str, process: subprocess.Popen[str], log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "/usr/bin/chromium", args=CHROMIUM_FLAGS
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def page(browser: Browser, service: Running) -> Iterator[Page]:
    """One editor's tab for the whole story; a line in the console is a failure."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    tab = context.new_page()
    tab.set_default_timeout(20_000)
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    tab.on("console", hear)
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.said = said
    yield tab
    context.close()
