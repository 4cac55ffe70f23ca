"""Desks: departments of the newsroom, each with its glossary and house style. There is always one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from automation.db import Database
from automation.errors import Conflict, InvalidSubmission, NotFound
from automation.models import Desk, Event, Submission, User
from providers.briefs import STYLE_PRESETS
from providers.covers.parameters import checked_drawing
from providers.types import Drawing

DEFAULT_NAMES = {"en": "Newsroom", "ru": "Редакция", "uk": "Редакція"}  # by the site's language
NAME_MAX = 60
STYLE_MAX = 8000


def make_first(db: Database, locale: str, now: datetime) -> None:
    """The desk everything belongs to until somebody makes another. Does nothing when there is one."""
    with db.read() as session:
        if session.scalar(select(Desk.id).limit(1)) is not None:
            return
    try:
        with db.write() as session:
            desk = Desk(name=DEFAULT_NAMES.get(locale, DEFAULT_NAMES["en"]), covers={}, created_at=now)
            session.add(desk)
            session.flush()
            session.execute(update(Submission).where(Submission.desk_id.is_(None)).values(desk_id=desk.id))
    except IntegrityError:
        pass  # another process was first


def desks(session: Session) -> Sequence[Desk]:
    """All desks, the oldest first: that one takes what names no desk."""
    return session.scalars(select(Desk).order_by(Desk.id)).all()


def desk(session: Session, number: int) -> Desk:
    found = session.get(Desk, number)
    if found is None:
        raise NotFound("There is no such desk.")
    return found


def named(session: Session, name: str) -> Desk | None:
    """The desk of that name; without a name the oldest. Raises: InvalidSubmission."""
    everything = desks(session)
    wanted = " ".join(name.split()).casefold()
    if not wanted:
        return everything[0] if everything else None
    for one in everything:
        if one.name.casefold() == wanted:
            return one
    raise InvalidSubmission(
        "There is no desk “%(name)s”. The desks are: %(allowed)s.",
        name=name[:NAME_MAX],
        allowed=", ".join(one.name for one in everything),
    )


def make(session: Session, by: User, now: datetime, name: str) -> Desk:
    made = Desk(name=_free_name(session, name, None), covers={}, created_at=now)
    session.add(made)
    session.flush()
    session.add(Event(at=now, kind="desk_made", by_id=by.id, detail={"desk": made.name}))
    return made


def change(session: Session, one: Desk, by: User, now: datetime, *, name: str, house_style: str) -> None:
    if len(house_style) > STYLE_MAX:
        raise InvalidSubmission("The house style is longer than %(most)d characters.", most=STYLE_MAX)
    one.name = _free_name(session, name, one.id)
    one.house_style = house_style.replace("\r\n", "\n").strip()
    session.add(Event(at=now, kind="desk_changed", by_id=by.id, detail={"desk": one.name}))


def change_covers(
    session: Session,
    one: Desk,
    by: User,
    now: datetime,
    *,
    backends: list[str],
    style: str,
    drawing: Drawing,
    known: Collection[str],
) -> None:
    """How the desk's covers are drawn. Raises: InvalidSubmission, InputRejected; nothing is changed then."""
    for name in backends:
        if name not in known:
            raise InvalidSubmission("There is no backend called %(name)s here.", name=name[:60])
    if style and style not in STYLE_PRESETS:
        raise InvalidSubmission("There is no style called %(name)s.", name=style[:40])
    asked = {name: value for name, value in asdict(checked_drawing(drawing)).items() if value is not None}
    asked.pop("seed", None)  # one for all articles would be one picture for all
    chosen: dict[str, Any] = {"backends": backends, "style": style}
    one.covers = {name: value for name, value in {**chosen, **asked}.items() if value}
    session.add(Event(at=now, kind="desk_changed", by_id=by.id, detail={"desk": one.name}))


def remove(session: Session, one: Desk, by: User, now: datetime) -> None:
    """Removes a desk with its glossary; its submissions stay. Raises: Conflict for the last."""
    if (session.scalar(select(func.count(Desk.id))) or 0) < 2:
        raise Conflict("This is the last desk. Make another one first, or rename it.")
    session.add(Event(at=now, kind="desk_removed", by_id=by.id, detail={"desk": one.name}))
    session.delete(one)


def _free_name(session: Session, name: str, own: int | None) -> str:
    """Raises: InvalidSubmission, Conflict."""
    name = " ".join(name.split())
    if not name:
        raise InvalidSubmission("The desk needs a name.")
    if len(name) > NAME_MAX:
        raise InvalidSubmission("The name is longer than %(most)d characters.", most=NAME_MAX)
    for other in desks(session):
        if other.id != own and other.name.casefold() == name.casefold():
            raise Conflict("There is already a desk “%(name)s”.", name=name)
    return name
