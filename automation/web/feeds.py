"""RSS 2.0 and JSON Feed 1.1 of what was published.

Source: https://www.rssboard.org/rss-specification and https://www.jsonfeed.org/version/1.1/
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree as xml

from flask import Blueprint, Response, current_app, url_for
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from automation.article import to_html
from automation.models import Draft, Submission
from automation.pipeline.cover import chosen_cover
from automation.transcript import view
from automation.web.access import public
from automation.web.articles import absolute, cover_address, published
from automation.web.room import newsroom
from automation.web.shown import voiced

pages = Blueprint("feeds", __name__)
ITEMS = 30
ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0


@pages.get("/feed.xml")
@public
def rss() -> Response:
    xml.register_namespace("atom", ATOM)
    xml.register_namespace("content", CONTENT)
    root = xml.Element("rss", version="2.0")
    channel = xml.SubElement(root, "channel")
    site = newsroom().settings.site_name
    _add(channel, "title", site)
    _add(channel, "link", absolute(url_for("articles.index")))
    _add(channel, "description", site)
    xml.SubElement(
        channel,
        f"{{{ATOM}}}link",
        href=absolute(url_for("feeds.rss")),
        rel="self",
        type="application/rss+xml",
    )
    with newsroom().db.read() as session:
        items = published(session, ITEMS)
        if items:
            _add(channel, "lastBuildDate", format_datetime(_when(items[0][0])))
        for submission, draft in items:
            _rss_item(channel, submission, draft, html_of(session, submission, draft))
    return _feed(xml.tostring(root, encoding="utf-8", xml_declaration=True), "application/rss+xml")


def _rss_item(channel: xml.Element, submission: Submission, draft: Draft, html: str) -> None:
    address = absolute(url_for("articles.show", slug=submission.slug))
    item = xml.SubElement(channel, "item")
    _add(item, "title", draft.title)
    _add(item, "link", address)
    guid = xml.SubElement(item, "guid", isPermaLink="true")
    guid.text = address
    _add(item, "pubDate", format_datetime(_when(submission)))
    _add(item, "description", draft.description or draft.dek)
    for tag in draft.tags:
        _add(item, "category", str(tag))
    _add(item, f"{{{CONTENT}}}encoded", html)
    picture, link = chosen_cover(submission), cover_address(submission)
    if picture is not None and link:
        xml.SubElement(item, "enclosure", url=link, length=str(picture.size_bytes), type=picture.mime)


@pages.get("/feed.json")
@public
def json_feed() -> Response:
    with newsroom().db.read() as session:
        items = [
            _json_item(sub, draft, html_of(session, sub, draft)) for sub, draft in published(session, ITEMS)
        ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": newsroom().settings.site_name,
        "home_page_url": absolute(url_for("articles.index")),
        "feed_url": absolute(url_for("feeds.json_feed")),
        "items": items,
    }
    return _feed(current_app.json.dumps(feed).encode(), "application/feed+json")


def _json_item(submission: Submission, draft: Draft, html: str) -> dict[str, Any]:
    address = absolute(url_for("articles.show", slug=submission.slug))
    item = {
        "id": address,
        "url": address,
        "title": draft.title,
        "summary": draft.description or draft.dek,
        "content_html": html,
        "date_published": _when(submission).isoformat(),
        "language": submission.language,
        "tags": [str(tag) for tag in draft.tags],
        "image": cover_address(submission),
    }
    return {name: value for name, value in item.items() if value}


def html_of(session: Session, submission: Submission, draft: Draft) -> str:
    """The article's HTML, with the transcript loaded for the names under the quotes."""
    children = (Submission.segments, Submission.edits)
    loaded = session.scalars(
        select(Submission).where(Submission.id == submission.id).options(*(selectinload(c) for c in children))
    ).one()
    with force_locale(submission.language):
        return str(voiced(to_html(draft.body, view(loaded), link_quotes=False)))


def _when(submission: Submission) -> datetime:
    return (submission.published_at or submission.updated_at).astimezone(UTC)


def _add(parent: xml.Element, name: str, text: str) -> None:
    xml.SubElement(parent, name).text = FORBIDDEN.sub("", text)


def _feed(data: bytes, mime: str) -> Response:
    response = Response(data, content_type=f"{mime}; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
