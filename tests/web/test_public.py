"""What readers and machines see of a published article."""

from __future__ import annotations

import json
from datetime import datetime
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

SITE = "http://news.example"


def meta(html: str) -> dict[str, str]:
    import re

    found = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', html)
    return dict(found)


def test_only_what_is_published_is_public(people, browser, reviewed, house) -> None:
    reader = browser()
    assert "Мост откроют" not in reader.get("/articles/").text
    assert reader.get(f"/articles/{reviewed}").status_code == 404
    assert reader.get("/feed.json").get_json()["items"] == []
    assert b"<item>" not in reader.get("/feed.xml").data


def test_the_article_page_and_its_previews(browser, published) -> None:
    text = browser().get(f"/articles/{published}").text
    tags = meta(text)
    address = f"{SITE}/articles/{published}"
    assert f'<link rel="canonical" href="{address}">' in text
    assert tags["og:title"] == tags["twitter:title"] == "Мост откроют в марте"
    assert tags["og:type"] == "article"
    assert tags["og:url"] == address
    assert tags["og:image"] == tags["twitter:image"]
    assert tags["og:image"].startswith(f"{address}/cover.jpg")
    assert (tags["og:image:width"], tags["og:image:height"]) == ("1200", "630")
    assert tags["og:image:alt"] == "Мост"
    assert tags["twitter:card"] == "summary_large_image"
    assert "<blockquote>" in text
    assert "data-start" not in text  # readers get no play links
    assert "SPEAKER_" not in text
    assert "data-sources" not in text  # nor the light under a sentence
    assert "data-sentence" not in text


def test_the_cover_opens_without_an_account(browser, published) -> None:
    answer = browser().get(f"/articles/{published}/cover.jpg")
    assert answer.mimetype == "image/jpeg"
    assert answer.data.startswith(b"\xff\xd8")


def test_rss(browser, published) -> None:
    answer = browser().get("/feed.xml")
    assert answer.mimetype == "application/rss+xml"
    root = ElementTree.fromstring(answer.data)
    assert root.get("version") == "2.0"
    channel = root.find("channel")
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    item = channel.find("item")
    address = f"{SITE}/articles/{published}"
    assert item.findtext("link") == item.findtext("guid") == address
    assert parsedate_to_datetime(item.findtext("pubDate")).tzinfo is not None
    enclosure = item.find("enclosure")
    assert enclosure.get("url").startswith(f"{address}/cover.jpg")
    assert int(enclosure.get("length")) > 0
    assert enclosure.get("type") == "image/jpeg"
    assert "<blockquote>" in item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded")


def test_json_feed(browser, published) -> None:
    answer = browser().get("/feed.json")
    assert answer.mimetype == "application/feed+json"
    feed = json.loads(answer.data)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{SITE}/feed.json"
    (item,) = feed["items"]
    assert item["id"] == item["url"] == f"{SITE}/articles/{published}"
    assert item["image"].startswith(SITE)
    assert datetime.fromisoformat(item["date_published"]).tzinfo is not None
    assert item["language"] == "ru"


def test_what_is_taken_back_is_gone(people, browser, published, reviewed) -> None:
    assert browser("editor").post(f"/submissions/{reviewed}/unpublish").status_code == 302
    reader = browser()
    for path in (f"/articles/{published}", f"/articles/{published}/cover.jpg"):
        assert reader.get(path).status_code == 404
    assert reader.get("/feed.json").get_json()["items"] == []


def test_a_missing_page_is_a_page(browser) -> None:
    answer = browser().get("/articles/nothing-here")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text
