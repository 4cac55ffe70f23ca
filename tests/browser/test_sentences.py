"""A sentence lights what it stands on: under the pointer, the arrow keys, a finger and the caret."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.steps import by, make_the_first_account, open_from_the_desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
# Of the sample interview: 4 the first tram, 11 the price, 12 who paid, 14 the minutes, 19 the rubber slabs.
FIRST, SECOND, THIRD = (
    "Трамвай пойдёт по мосту **в сентябре**.",
    "Проект обошёлся в 900 млн рублей, и две трети дал областной бюджет.",
    "До центра от вокзала теперь 11 минут.",
)
BODY = f"{FIRST} {SECOND} {THIRD} [0:07](#s4+11-12+14)\n\nРезиновые плиты сделали улицу тише. [1:02](#s19)\n"
FIELD = "textarea[name=body]"


def lit(page: Page) -> list[int]:
    """The transcript lines that are lit; the waveform has as many spans."""
    lines = page.locator(".line.is-lit").all()
    expect(page.locator("#wave-lit rect")).to_have_count(len(lines))
    return [int(line.get_attribute("data-idx") or 0) for line in lines]


def expect_lit(page: Page, *indices: int) -> None:
    for idx in indices:
        expect(page.locator(f"#s{idx}")).to_have_class(re.compile(r"\bis-lit\b"))
    expect(page.locator(".line.is-lit")).to_have_count(len(indices))
    assert lit(page) == sorted(indices)


def sentence(page: Page, words: str):
    return page.locator("#preview .sentence").filter(has_text=words)


def put_caret(page: Page, words: str, more: int = 3) -> None:
    page.evaluate(
        """([field, words, more]) => {
            const body = document.querySelector(field);
            body.focus();
            const at = body.value.indexOf(words) + more;
            body.setSelectionRange(at, at);
        }""",
        [FIELD, words, more],
    )


def fetch_anew(page: Page) -> None:
    """The article's pane, as it is when somebody else has changed something."""
    page.evaluate(
        """() => { const pane = document.getElementById("article");
        return htmx.ajax("GET", pane.dataset.url, { source: pane, target: pane, swap: "outerMorph" }); }"""
    )


@pytest.fixture(scope="module")
def bench(page: Page, service) -> Page:
    """The sample interview in review, with an article whose first paragraph stands on four sentences."""
    make_the_first_account(page, service.setup_url)
    page.goto(service.url)
    open_from_the_desk(page, "interview.mp3")
    by(page, "mode-write").click()
    by(page, "body").fill(BODY)
    expect(by(page, "save-state")).to_contain_text("Saved at")
    return page


def test_the_sentence_under_the_pointer_lights_its_own_lines(bench: Page) -> None:
    by(bench, "mode-read").click()
    sentence(bench, "обошёлся").hover()
    expect_lit(bench, 11, 12)
    expect(bench.locator("#preview .sentence.is-lit")).to_have_text(SECOND)
    sentence(bench, "вокзала").hover()
    expect_lit(bench, 14)
    fetch_anew(bench)
    expect(bench.locator("#preview .sentence.is-lit")).to_have_text(THIRD)  # also on the pane fetched anew
    expect_lit(bench, 14)
    bench.locator("#preview strong").hover()  # bold type within a sentence is the sentence
    expect_lit(bench, 4)
    bench.locator("#preview a.pointer").first.hover()  # the pointer is the whole paragraph's
    expect_lit(bench, 4, 11, 12, 14)
    by(bench, "submission-title").hover()
    expect_lit(bench)


def test_what_is_used_is_still_marked_by_the_paragraphs_pointers(bench: Page) -> None:
    used = bench.locator(".line.is-used").evaluate_all("all => all.map((line) => Number(line.dataset.idx))")
    assert used == [4, 11, 12, 14, 19]


def test_the_keyboard_stops_once_and_goes_on_with_arrows(bench: Page) -> None:
    by(bench, "mode-read").click()
    expect(bench.locator("#preview .sentence[tabindex='0']")).to_have_count(1)
    bench.locator("#preview .sentence[tabindex='0']").focus()
    expect_lit(bench, 4)
    bench.keyboard.press("ArrowRight")
    expect_lit(bench, 11, 12)
    expect(sentence(bench, "обошёлся")).to_be_focused()
    expect(sentence(bench, "обошёлся")).to_have_attribute("aria-description", re.compile(r"^0:3\d, 0:3\d$"))
    bench.keyboard.press("ArrowRight")
    bench.keyboard.press("ArrowRight")
    expect_lit(bench, 19)
    bench.keyboard.press("ArrowRight")  # there is none behind the last
    bench.keyboard.press("ArrowLeft")
    expect_lit(bench, 14)
    expect(bench.locator("#preview .sentence[tabindex='0']")).to_have_text(THIRD)
    fetch_anew(bench)
    expect(sentence(bench, "вокзала")).to_be_focused()
    expect_lit(bench, 14)


def test_the_caret_lights_the_sentence_it_is_in(bench: Page) -> None:
    by(bench, "mode-write").click()
    put_caret(bench, "Проект обошёлся")
    expect_lit(bench, 11, 12)
    bench.keyboard.press("Home")
    expect_lit(bench, 4)
    put_caret(bench, "До центра", 0)
    expect_lit(bench, 14)
    put_caret(bench, "(#s4+11")  # in the pointer itself
    expect_lit(bench, 4, 11, 12, 14)
    put_caret(bench, "Резиновые")
    expect_lit(bench, 19)


def test_while_a_paragraph_is_being_written_its_pointers_stand_in(bench: Page) -> None:
    """The map is of the text that was saved: a paragraph that differs from it is lit whole, others not."""
    by(bench, "mode-write").click()
    bench.route("**/draft", lambda route: route.abort())  # nothing is saved meanwhile
    put_caret(bench, "Резиновые", 0)
    bench.keyboard.type("Тихие ")
    expect_lit(bench, 19)
    put_caret(bench, "Трамвай пойдёт", 0)
    bench.keyboard.type("Скоро 😀 ")
    put_caret(bench, "Проект обошёлся")
    expect_lit(bench, 4, 11, 12, 14)
    put_caret(bench, "плиты")
    expect_lit(bench, 19)
    bench.unroute("**/draft")
    bench.keyboard.press("Control+s")
    expect(by(bench, "save-state")).to_contain_text("Saved at")
    put_caret(bench, "Проект обошёлся")  # behind a character of two units
    expect_lit(bench, 11, 12)
    by(bench, "body").fill(BODY)
    expect(by(bench, "save-state")).to_contain_text("Saved at")
    expect(sentence(bench, "Скоро")).to_have_count(0)


def test_a_tap_lights_it_and_the_transcript_shows_it(bench: Page, browser: Browser) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True,
        storage_state=bench.context.storage_state(),
    )  # fmt: skip
    phone = context.new_page()
    phone.goto(bench.url)
    by(phone, "tab-article").tap()
    sentence(phone, "вокзала").tap()
    expect(phone.locator("#s14.is-lit")).to_have_count(1)
    by(phone, "tab-transcript").tap()
    expect(phone.locator("#s14")).to_be_in_viewport()
    expect(phone.locator(".line.is-lit")).to_have_count(1)
    context.close()


def test_nothing_was_said_in_the_console(bench: Page) -> None:
    assert [text for text in bench.said if "ERR_FAILED" not in text] == []  # type: ignore[attr-defined]
