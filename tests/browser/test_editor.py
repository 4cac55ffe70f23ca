"""An editor's day: set up, upload, watch, correct, edit, approve, see it published."""

from __future__ import annotations

import json
import re
import urllib.request
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from automation.toolbox import DEMO_INTERVIEW
from providers.audio import stream
from tests.browser.steps import MACHINE_MS, by, make_the_first_account, open_from_the_desk
from tests.wav import write_wav

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_the_set_up_link_makes_the_first_account_once(page, service):
    make_the_first_account(page, service.setup_url)
    expect(by(page, "desk")).to_be_visible()
    assert page.goto(service.setup_url).status in (403, 404, 410)


def test_the_sample_interview_is_on_the_desk_and_says_what_recognised_it(page, service):
    page.goto(service.url)
    row = by(page, "row").filter(has_text="interview.mp3")
    expect(row).to_contain_text("In review", timeout=MACHINE_MS)  # without reloading
    expect(row).to_contain_text(re.compile("demonstration model", re.I))


def test_an_upload_is_followed_without_reloading(page, service, tmp_path: Path):
    sound = np.concatenate(list(stream(DEMO_INTERVIEW)))[16_000 * 3 : 16_000 * 48]
    page.goto(service.url)
    by(page, "upload-language").select_option("ru")
    by(page, "upload-file").set_input_files(write_wav(tmp_path / "most.wav", sound))
    expect(by(page, "row").filter(has_text="most.wav")).to_be_visible()
    open_from_the_desk(page, "most.wav")


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "empty.mp3", "empty"),
        (b"this is a text\n" * 400, "text.mp3", "not a sound or video file"),
    ],
)
def test_a_bad_file_says_why_in_the_page(page, service, tmp_path, data, name, says):
    page.goto(service.url)
    (tmp_path / name).write_bytes(data)
    by(page, "upload-file").set_input_files(tmp_path / name)
    expect(by(page, "uploads")).to_contain_text(says)


def open_upload(page, service):
    page.goto(service.url)
    by(page, "row").filter(has_text="most.wav").get_by_role("link").first.click()
    expect(by(page, "line").first).to_be_visible()


def test_a_word_plays_when_it_is_clicked(page, service):
    open_upload(page, service)
    word = page.locator("[data-testid=line] .w").nth(5)
    begins = float(word.get_attribute("data-t"))
    word.click()
    page.wait_for_function(
        "t => { const a = document.querySelector('audio,video'); return a && a.currentTime >= t }", arg=begins
    )
    assert page.evaluate("document.querySelector('audio,video').duration") == pytest.approx(45, abs=0.5)
    page.evaluate("document.querySelector('audio,video').pause()")


def test_a_sentence_is_corrected_and_can_be_undone(page, service):
    open_upload(page, service)
    line = by(page, "line").nth(1)
    before = line.locator(".said").inner_text()
    line.hover()
    line.get_by_test_id("edit-line").click()
    by(page, "line-text").fill("Исправленное предложение редактора.")
    by(page, "line-save").click()
    expect(by(page, "line").nth(1)).to_contain_text("Исправленное предложение редактора.")
    expect(by(page, "line").nth(1).get_by_test_id("edited")).to_be_visible()
    page.reload()
    expect(by(page, "line").nth(1)).to_contain_text("Исправленное предложение редактора.")
    by(page, "line").nth(1).hover()
    by(page, "line").nth(1).get_by_test_id("undo").click()
    expect(by(page, "line").nth(1).locator(".said")).to_have_text(before)


def test_a_speaker_gets_a_name_everywhere(page, service):
    open_upload(page, service)
    by(page, "speaker").first.click()
    by(page, "speaker-name").fill("Сергей Петрович")
    by(page, "rename").click()
    expect(by(page, "transcript")).to_contain_text("Сергей Петрович")


def test_the_draft_is_edited_and_saved_by_itself(page, service):
    open_upload(page, service)
    by(page, "mode-write").click()
    by(page, "title").fill("Трамвай вернётся на старый мост")
    body = by(page, "body")
    body.fill(body.input_value() + "\n\nРедактор дописал абзац.\n")
    expect(by(page, "save-state")).to_contain_text("Saved at")
    page.reload()
    expect(by(page, "preview")).to_contain_text("Редактор дописал абзац.")


def test_an_invented_quote_can_not_be_approved(page, service):
    open_upload(page, service)
    by(page, "mode-write").click()
    body = by(page, "body").input_value()
    by(page, "body").fill(body + "\n\nОн сказал: «Такого никто никогда здесь не говорил».\n")
    expect(by(page, "save-state")).to_contain_text("Saved at")
    by(page, "approve").click()
    expect(by(page, "refused")).to_contain_text("nowhere in the recording")
    by(page, "body").fill(body)
    expect(by(page, "save-state")).to_contain_text("Saved at")


def test_it_is_approved_and_published(page, service):
    open_upload(page, service)
    by(page, "alt").fill("Трамвай на мосту, рисунок")
    by(page, "save-alt").click()
    page.wait_for_timeout(500)
    by(page, "publish-now").click()
    expect(by(page, "public-page")).to_be_visible(timeout=MACHINE_MS)
    by(page, "public-page").click()
    expect(by(page, "public-article")).to_contain_text("Трамвай вернётся на старый мост")
    expect(page.locator("blockquote").first).to_be_visible()
    image = page.locator("meta[property='og:image']").first.get_attribute("content")
    assert image.startswith(service.url)
    with urllib.request.urlopen(image) as answer:
        assert answer.headers["Content-Type"].startswith("image/")


def test_the_feeds_have_it(page, service):
    with urllib.request.urlopen(f"{service.url}/feed.xml") as answer:
        assert "Трамвай вернётся" in ET.parse(answer).findtext(".//item/title")
    with urllib.request.urlopen(f"{service.url}/feed.json") as answer:
        assert json.load(answer)["items"][0]["title"].startswith("Трамвай вернётся")


@pytest.mark.parametrize(("code", "word"), [("ru", "Статья"), ("uk", "Стаття"), ("en", "Article")])
def test_the_interface_speaks_three_languages(page, service, code, word):
    open_upload(page, service)
    page.goto(f"{service.url}/lang/{code}")
    open_upload(page, service)
    expect(by(page, "article").get_by_role("heading").first).to_have_text(word)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_is_wider_than_the_window(page, service, width, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    for path in ("/", "/schedule", "/people", "/profile", "/articles/"):
        page.goto(service.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    open_upload(page, service)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")


def test_the_browser_had_nothing_to_complain_about(page):
    unexpected = [text for text in page.said if not re.search(r"status of (403|404|409|410|413|422)", text)]
    assert unexpected == []
