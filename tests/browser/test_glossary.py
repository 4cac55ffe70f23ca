"""A name put right once is offered, remembered, and put right in the next recording, visibly."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from automation.toolbox import DEMO_INTERVIEW
from providers.audio import stream
from tests.browser.steps import by, make_the_first_account, open_from_the_desk
from tests.wav import write_wav

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def signed_in(page: Page, service) -> Page:
    make_the_first_account(page, service.setup_url)
    return page


def open_row(page: Page, service, name: str) -> None:
    page.goto(service.url)
    open_from_the_desk(page, name)


def test_a_correction_becomes_a_term_with_one_click(signed_in, service):
    page = signed_in
    open_row(page, service, "interview.mp3")
    line = by(page, "line").filter(has_text="Сергей Петрович").first
    line.hover()
    line.get_by_test_id("edit-line").click()
    words = by(page, "line-text").input_value()
    by(page, "line-text").fill(words.replace("Петрович", "Петриченко"))
    by(page, "line-save").click()
    expect(by(page, "offer")).to_contain_text("Петрович → Петриченко")
    by(page, "remember").click()
    expect(by(page, "offer")).to_have_count(0)
    by(page, "desks-link").click()
    by(page, "desk-card").get_by_role("link").click()
    expect(by(page, "term-row")).to_contain_text("Петриченко")


def test_the_next_recording_is_put_right_and_marked(signed_in, service, tmp_path: Path):
    page = signed_in
    sound = np.concatenate(list(stream(DEMO_INTERVIEW)))[: 16_000 * 30]
    page.goto(service.url)
    by(page, "upload-file").set_input_files(write_wav(tmp_path / "second.wav", sound))
    open_row(page, service, "second.wav")
    expect(by(page, "glossed")).to_contain_text("words changed: 1")
    marked = page.locator(".w.glossed")
    expect(marked).to_have_text(re.compile("Петриченко"))
    assert "Петрович" in str(marked.get_attribute("title"))
    expect(by(page, "edited")).to_have_count(0)  # the machine's, not a person's


def test_what_was_heard_comes_back_and_stays(signed_in, service):
    page = signed_in
    by(page, "gloss").click()
    box = by(page, "gloss-pop")
    expect(box).to_contain_text("Петрович")
    beside, mark = box.bounding_box(), by(page, "gloss").bounding_box()
    assert abs(beside["y"] - mark["y"]) < beside["height"] + 40
    by(page, "undo-gloss").click()
    expect(page.locator(".w.glossed")).to_have_count(0)
    expect(by(page, "line").first).to_contain_text("Петрович")
    by(page, "apply-glossary").click()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".w.glossed")).to_have_count(0)
    page.reload()
    expect(page.locator(".w.glossed")).to_have_count(0)
    assert page.said == []
