"""What a person does to the cover under review: describe, upload, ask for another, choose, cut.

Every function changes rows of the session it is given and commits nothing; the door does.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import IO

from sqlalchemy.orm import Session

from automation.errors import InvalidSubmission, NotFound, WrongState
from automation.models import Cover, Status, Submission, User
from automation.pipeline import ledger, stage_named
from automation.pipeline.acts import need, note
from automation.pipeline.cover import ALT_MAX, chosen_cover
from automation.pipeline.intake import House, receive
from automation.pipeline.silencing import refuse_repeating
from automation.reuse import secrets_of
from providers.briefs import STYLE_PRESETS
from providers.covers.parameters import checked_drawing
from providers.covers.pixels import decode, drawn
from providers.covers.renditions import look_of, renditions, sha256_of
from providers.errors import BackendFailed
from providers.types import CoverBrief, Drawing, Image

COVER_LIMIT_BYTES = 20 * 1024**2
COVER_WIDTH_PX, COVER_HEIGHT_PX = 1200, 630  # what link previews show
PROMPT_MAX = 2000


def set_alt(session: Session, submission: Submission, by: User, now: datetime, *, alt: str) -> None:
    """Describes the cover for those who don't see it; whoever does so signs for the words."""
    cover = chosen_cover(submission)
    if cover is None:
        raise WrongState("There is no cover yet.")
    if len(alt.strip()) > ALT_MAX:
        raise InvalidSubmission("The description is longer than %(most)d characters.", most=ALT_MAX)
    cover.alt = " ".join(alt.split())
    cover.alt_at, cover.alt_by_id = (now, by.id) if cover.alt else (None, None)
    note(session, "alt_set", submission, by, now)


def upload_cover(
    house: House,
    session: Session,
    submission: Submission,
    by: User,
    now: datetime,
    stream: IO[bytes],
) -> Cover:
    """Puts a person's own picture in place of the cover, cut to 1200 × 630."""
    with receive(house.storage, stream, COVER_LIMIT_BYTES) as incoming:
        incoming.close()
        picture = _own_cover(incoming.path.read_bytes())
    for other in submission.covers:
        other.chosen = False
    cover = Cover(
        submission_id=submission.id,
        image=picture.data,
        square=picture.square,
        original=picture.original,
        sha256=sha256_of(picture.data),
        look=look_of(picture.original),
        size_bytes=len(picture.data),
        mime=picture.mime,
        width_px=picture.width_px,
        height_px=picture.height_px,
        backend="upload",
        chosen=True,
        at=now,
    )
    submission.covers.append(cover)
    note(session, "cover_uploaded", submission, by, now)
    return cover


def regenerate_cover(
    session: Session,
    submission: Submission,
    by: User,
    now: datetime,
    *,
    prompt: str = "",
    backend: str = "",
    style: str = "",
    drawing: Drawing | None = None,
) -> None:
    """Asks for one more candidate, which will be the chosen one; the submission stays in review.

    Without a prompt it is the article's own, without a backend the whole chain is asked, without a style the
    desk's. Raises: InputRejected for a value of `drawing` out of its range.
    """
    need(submission, Status.REVIEW)
    if len(prompt.strip()) > PROMPT_MAX:
        raise InvalidSubmission("The prompt is longer than %(most)d characters.", most=PROMPT_MAX)
    if style and style not in STYLE_PRESETS:
        raise InvalidSubmission("There is no style called %(name)s.", name=style[:40])
    refuse_repeating(secrets_of(submission), prompt)
    asked = checked_drawing(drawing or Drawing())
    # Names the request, so no number is used twice: not that of a wish that failed or was dropped either.
    number = max(len(submission.covers), submission.cover_wish.get("number", 0)) + 1
    submission.cover_wish = {
        "number": number,
        "prompt": " ".join(prompt.split()),
        "backend": backend,
        "style": style,
        "drawing": {name: value for name, value in asdict(asked).items() if value is not None},
    }
    ledger.enqueue(session, submission, stage_named("cover"), now)
    note(session, "cover_asked", submission, by, now, number=number)


def choose_cover(session: Session, submission: Submission, by: User, now: datetime, *, number: int) -> Cover:
    """Makes the candidate with this id the cover."""
    need(submission, Status.REVIEW)
    wanted = next((cover for cover in submission.covers if cover.id == number), None)
    if wanted is None:
        raise NotFound("There is no such cover.")
    for cover in submission.covers:
        cover.chosen = cover is wanted
    note(session, "cover_chosen", submission, by, now, cover=wanted.id)
    return wanted


def crop_cover(
    session: Session,
    submission: Submission,
    by: User,
    now: datetime,
    *,
    number: int,
    focus: tuple[float, float] | None,
    zoom: float = 1.0,
) -> Cover:
    """Cuts a candidate anew from the whole picture, around `focus` (x, y in 0..1); None: what draws the eye.

    Raises: InputRejected for a point outside the picture; WrongState where the whole was not kept.
    """
    need(submission, Status.REVIEW)
    cover = next((cover for cover in submission.covers if cover.id == number), None)
    if cover is None:
        raise NotFound("There is no such cover.")
    if not cover.original:
        raise WrongState("This picture can't be cut: the whole of it was not kept.")
    cut = renditions(cover.original, focus=focus, zoom=zoom, mime=cover.mime)
    cover.image, cover.square = cut["cover"].data, cut["square"].data
    cover.sha256, cover.size_bytes = sha256_of(cover.image), len(cover.image)
    cover.crop = {"x": focus[0], "y": focus[1], "zoom": zoom} if focus else {}
    note(session, "cover_cropped", submission, by, now, cover=cover.id)
    return cover


def _own_cover(data: bytes) -> Image:
    """A person's picture as a cover. Raises: InvalidSubmission."""
    brief = CoverBrief(title="", prompt="", slug="", width_px=COVER_WIDTH_PX, height_px=COVER_HEIGHT_PX)
    try:
        return drawn(decode(data, "upload"), brief, "upload")
    except BackendFailed as error:
        raise InvalidSubmission(
            "This file can't be a cover. Send a JPEG, PNG or WebP picture of at least 256 × 256 pixels."
        ) from error
