"""Steps that every story in the browser takes: the first account, the sample interview, a page's parts."""

from __future__ import annotations

from playwright.sync_api import Page, expect

MACHINE_MS = 90_000  # the machine's part, on two busy cores
PASSWORD = "correct horse battery"


def by(page: Page, name: str):
    return page.get_by_test_id(name)


def make_the_first_account(page: Page, setup_url: str) -> None:
    page.goto(setup_url)
    by(page, "name").fill("Олена Ковальчук")
    by(page, "email").fill("olena@example.org")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    by(page, "setup").click()


def open_from_the_desk(page: Page, name: str) -> None:
    """The submission of that file, as soon as it is in review; the page shows the desk."""
    row = by(page, "row").filter(has_text=name)
    expect(row).to_contain_text("In review", timeout=MACHINE_MS)
    row.get_by_role("link").first.click()
    expect(by(page, "line").first).to_be_visible()
