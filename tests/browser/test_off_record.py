"""Words are put off the record by the button of a line and by a selection; the page says who did it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import by, make_the_first_account, open_from_the_desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def bench(page: Page, service) -> Page:
    """The sample interview, which the service has processed by itself, in review."""
    make_the_first_account(page, service.setup_url)
    page.goto(service.url)
    open_from_the_desk(page, "interview.mp3")
    return page


def test_a_line_by_its_button_and_back(bench: Page) -> None:
    line = by(bench, "line").nth(1)
    line.hover()
    line.get_by_test_id("off-line").click()
    expect(by(bench, "off-form")).to_be_visible()
    by(bench, "off-save").click()
    mark = by(bench, "line").nth(1).get_by_test_id("off-mark")
    expect(mark).to_contain_text("Олена Ковальчук")
    expect(by(bench, "line").nth(1).locator(".w.off").first).to_be_visible()
    expect(by(bench, "line").nth(1).locator(".w:not(.off)")).to_have_count(0)
    mark.get_by_test_id("off-undo").click()
    expect(by(bench, "off-mark")).to_have_count(0)


def test_a_selection_over_words(bench: Page) -> None:
    words = by(bench, "line").nth(3).locator(".w")
    bench.evaluate(
        """([from, to]) => {
            const range = document.createRange();
            range.setStart(from.firstChild, 0);
            range.setEnd(to.firstChild, to.textContent.length);
            const selection = window.getSelection();
            selection.removeAllRanges();
            selection.addRange(range);
        }""",
        [words.nth(1).element_handle(), words.nth(2).element_handle()],
    )
    by(bench, "off-selection").click()
    expect(by(bench, "off-mark")).to_have_count(1)
    expect(by(bench, "line").nth(3).locator(".w.off")).to_have_count(2)
    expect(by(bench, "off-selection")).to_be_hidden()
    assert bench.said == []
