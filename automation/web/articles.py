"""The public pages: what was published, for everybody."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, selectinload

from automation.article import to_html
from automation.errors import NotFound
from automation.models import Draft, Status, Submission
from automation.pipeline.cover import chosen_cover
from automation.pipeline.draft import drafted
from automation.transcript import view
from automation.verification import public_told, standing_record
from automation.web.access import public
from automation.web.room import newsroom
from automation.web.submission import picture_answer

pages = Blueprint("articles", __name__, url_prefix="/articles")
PAGE_SIZE = 20


@pages.get("/")
@public
def index() -> str:
    number = max(1, request.args.get("page", 1, type=int))
    with newsroom().db.read() as session:
        total = (
            session.scalar(select(func.count(Submission.id)).where(Submission.status == Status.PUBLISHED))
            or 0
        )
        found = published(session, PAGE_SIZE, (number - 1) * PAGE_SIZE)
        return render_template(
            "articles.html",
            articles=found,
            page=number,
            pages=-(-total // PAGE_SIZE),
            address=absolute(url_for("articles.index", page=number if number > 1 else None)),
        )


@pages.get("/<slug>")
@public
def show(slug: str) -> str:
    with newsroom().db.read() as session:
        submission = by_slug(session, slug)
        draft = drafted(submission)
        return render_template(
            "article.html",
            sub=submission,
            draft=draft,
            cover=chosen_cover(submission),
            body=to_html(draft.body, view(submission), link_quotes=False),
            address=absolute(url_for("articles.show", slug=slug)),
            cover_address=cover_address(submission),
            square_address=square_address(submission),
            record=standing_record(submission),
        )


@pages.get("/<slug>/cover.jpg")
@public
def cover(slug: str) -> Response:
    return cover_answer(slug, "cover")


@pages.get("/<slug>/square.jpg")
@public
def square(slug: str) -> Response:
    """The cover cut square, for messengers and lists."""
    return cover_answer(slug, "square")


def cover_answer(slug: str, shape: str) -> Response:
    with newsroom().db.read() as session:
        picture = chosen_cover(by_slug(session, slug))
    if picture is None:
        raise NotFound("There is no such cover.")
    return for_everybody(picture_answer(picture.id, shape))


@pages.get("/<slug>/provenance.json")
@public
def provenance(slug: str) -> Response:
    """Each quote with its place in the recording and its grade, and the models used; no person's name."""
    with newsroom().db.read() as session:
        submission = by_slug(session, slug)
        record = standing_record(submission)
        if record is None:
            raise NotFound("There is no such page.")
        response = jsonify(public_told(submission, record, absolute(url_for("articles.show", slug=slug))))
    return for_everybody(response)


def for_everybody(response: Response) -> Response:
    """Caches may keep it, five minutes."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def by_slug(session: Session, slug: str) -> Submission:
    """A published submission with what its page needs. Raises: NotFound."""
    wanted = select(Submission).where(Submission.slug == slug, Submission.status == Status.PUBLISHED)
    children = (Submission.drafts, Submission.covers, Submission.segments, Submission.edits)
    found = session.scalars(wanted.options(*(selectinload(child) for child in children))).first()
    if found is None or found.draft is None:
        raise NotFound("There is no such page.")
    return found


def published(session: Session, limit: int, offset: int = 0) -> list[tuple[Submission, Draft]]:
    """The newest published submissions, each with the version that counts; covers are loaded."""
    newest = (
        select(func.max(Draft.rev))
        .where(Draft.submission_id == Submission.id, Draft.format == Submission.format)
        .correlate(Submission)
        .scalar_subquery()
    )
    found = session.execute(
        select(Submission, Draft)
        .join(Draft, and_(Draft.submission_id == Submission.id, Draft.rev == newest))
        .where(Submission.status == Status.PUBLISHED)
        .options(selectinload(Submission.covers))
        .order_by(Submission.published_at.desc(), Submission.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [(submission, draft) for submission, draft in found]


def absolute(path: str) -> str:
    return f"{newsroom().settings.public_url}{path}"


def cover_address(submission: Submission) -> str | None:
    """The cover's absolute address; the number changes with the picture, so no preview stays old."""
    picture = chosen_cover(submission)
    if picture is None or not submission.slug:
        return None
    return absolute(url_for("articles.cover", slug=submission.slug, v=picture.sha256[:8]))


def square_address(submission: Submission) -> str | None:
    """The absolute address of the cover cut square, where there is one."""
    picture = chosen_cover(submission)
    if picture is None or not submission.slug or not (picture.look or picture.is_placeholder):
        return None
    return absolute(url_for("articles.square", slug=submission.slug, v=picture.sha256[:8]))
