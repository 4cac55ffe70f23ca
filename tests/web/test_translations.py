"""Every message a person may read stands in Russian and Ukrainian, with the same blanks to fill."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "automation" / "translations"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext.babel_extract")]
# Whatever raises an error with a message template of its own.
KEYWORDS = (
    "InvalidSubmission", "TooLarge", "WrongState", "NotFound", "Forbidden", "Conflict", "TooManyTries",
    "Unauthenticated", "StorageFull", "BadSetting", "Unavailable", "BackendFailed", "InputRejected",
    "AnswerUnusable", "NotHere", "msg", "lazy_gettext",
)  # fmt: skip
BLANK = re.compile(r"%\(\w+\)[a-z]|%%")


def extracted() -> set[str]:
    keywords = {**DEFAULT_KEYWORDS, **dict.fromkeys(KEYWORDS)}
    found = set()
    for room in ("automation", "providers"):
        for _, _, message, _, _ in extract_from_dir(ROOT / room, METHODS, keywords=keywords):
            found.add(message[0] if isinstance(message, tuple) else message)
    return found


def catalog(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", ["ru", "uk"])
def test_every_message_is_translated(language) -> None:
    messages = {(m.id if isinstance(m.id, str) else m.id[0]): m for m in catalog(language) if m.id}
    assert extracted() - set(messages) == set(), "extract and translate, as babel.cfg says"
    assert set(messages) - extracted() == set(), "messages nobody says any more"
    for message in messages.values():
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert len(strings) == (3 if message.pluralizable else 1)
        source = message.id if isinstance(message.id, str) else message.id[1]
        for string in strings:
            assert string, message.id
            assert sorted(BLANK.findall(string)) == sorted(BLANK.findall(source)), message.id
        assert "fuzzy" not in message.flags


@pytest.mark.parametrize("language", ["ru", "uk"])
def test_the_compiled_file_is_fresh(language) -> None:
    fresh = io.BytesIO()
    write_mo(fresh, catalog(language))
    fresh.seek(0)
    kept = TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo"
    with kept.open("rb") as file:
        assert said(read_mo(file)) == said(read_mo(fresh))


def said(words: Catalog) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in words if message.id}


@pytest.mark.parametrize(
    ("language", "words"), [("en", "In review"), ("ru", "На проверке"), ("uk", "На перевірці")]
)
def test_pages_speak_the_chosen_language(people, browser, reviewed, language, words) -> None:
    viewer = browser("viewer")
    viewer.get(f"/lang/{language}")
    assert words in viewer.get("/").text


@pytest.mark.parametrize(("language", "words"), [("ru", "1 материал<"), ("uk", "1 матеріал<")])
def test_numbers_are_declined(people, browser, reviewed, language, words) -> None:
    viewer = browser("viewer")
    viewer.get(f"/lang/{language}")
    assert words in viewer.get("/").text


def test_the_language_follows_profile_browser_and_site(app, people, browser) -> None:
    assert "Увійти" in browser().get("/login", headers={"Accept-Language": "uk,en;q=0.5"}).text
    assert "Log in" in browser().get("/login", headers={"Accept-Language": "de"}).text
    viewer = browser("viewer")
    viewer.post("/profile/language", {"language": "ru"})
    assert "Профиль" in viewer.get("/profile", headers={"Accept-Language": "en"}).text


def test_an_unknown_language_is_a_missing_page(browser) -> None:
    assert browser().get("/lang/xx").status_code == 404


def test_choosing_a_language_leads_back_but_never_elsewhere(browser) -> None:
    someone = browser()
    back = someone.get("/lang/ru", headers={"Referer": "http://localhost/articles/?page=2"})
    assert back.location == "/articles/?page=2"
    assert someone.get("/lang/ru", headers={"Referer": "http://evil.example/x"}).location == "/"


def test_errors_speak_too_with_statuses_by_name(people, browser, reviewed) -> None:
    editor = browser("editor")
    editor.get("/lang/uk")
    answer = editor.post(f"/submissions/{reviewed}/unpublish")
    assert answer.status_code == 409
    assert "стан матеріалу — «На перевірці»" in answer.text


def test_vendored_files_are_what_the_table_says() -> None:
    folder = ROOT / "static" / "vendor"
    table = (folder / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` .*\| `([0-9a-f]{64})` \|$", table, re.MULTILINE)
    assert {name for name, _ in rows} == {path.name for path in folder.glob("*.js")}
    for name, digest in rows:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
