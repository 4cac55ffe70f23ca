"""Desks of the newsroom: their names, house style and glossaries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from slugify import slugify
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from automation import desks
from automation.errors import InvalidSubmission, PolosaError
from automation.glossary import learning, terms
from automation.models import Desk, Role, Submission, Term, TermSuggestion
from automation.uploads import bytes_of
from automation.web.access import role_required
from automation.web.covers import asked_drawing
from automation.web.language import say
from automation.web.room import newsroom
from automation.web.shown import now
from providers.errors import InputRejected

pages = Blueprint("desks", __name__, url_prefix="/desks")


@pages.get("")
@role_required(Role.EDITOR)
def index() -> str:
    return index_page()


@pages.post("")
@role_required(Role.EDITOR)
def make() -> ResponseReturnValue:
    try:
        with newsroom().db.write() as session:
            made = desks.make(session, current_user, now(), request.form.get("name", ""))
    except PolosaError as error:
        return index_page(error=say(error), name=request.form.get("name", "")), error.status
    return redirect(url_for("desks.show", number=made.id))


def index_page(**more: object) -> str:
    with newsroom().db.read() as session:
        rows = desks.desks(session)
        return render_template(
            "desks.html",
            desks=rows,
            submissions=counted(session, select(Submission.desk_id, func.count()), Submission.desk_id),
            terms=counted(session, select(Term.desk_id, func.count()), Term.desk_id),
            suggestions=counted(
                session,
                select(TermSuggestion.desk_id, func.count()).where(TermSuggestion.state == "open"),
                TermSuggestion.desk_id,
            ),
            **more,
        )


def counted(session: Session, wanted: Any, column: Any) -> dict[int, int]:
    """Desk → how many."""
    return {row[0]: row[1] for row in session.execute(wanted.group_by(column))}


@pages.get("/<int:number>")
@role_required(Role.EDITOR)
def show(number: int) -> str:
    return desk_page(number)


@pages.post("/<int:number>")
@role_required(Role.EDITOR)
def change(number: int) -> ResponseReturnValue:
    form = request.form
    told = {"name": form.get("name", ""), "house_style": form.get("house_style", "")}

    def act(session: Session) -> None:
        desks.change(session, desks.desk(session, number), current_user, now(), **told)

    return carry_out(number, act, form=form)


@pages.post("/<int:number>/covers")
@role_required(Role.EDITOR)
def change_covers(number: int) -> ResponseReturnValue:
    form = request.form
    names = [name.strip() for name in form.get("backends", "").split(",") if name.strip()]

    def act(session: Session) -> None:
        desks.change_covers(
            session,
            desks.desk(session, number),
            current_user,
            now(),
            backends=names,
            style=form.get("style", ""),
            drawing=asked_drawing(form),
            known=newsroom().tools.covers.names,
        )

    return carry_out(number, act, "covers")


@pages.post("/<int:number>/remove")
@role_required(Role.EDITOR)
def remove(number: int) -> ResponseReturnValue:
    try:
        with newsroom().db.write() as session:
            desks.remove(session, desks.desk(session, number), current_user, now())
    except PolosaError as error:
        return index_page(error=say(error)), error.status
    return redirect(url_for("desks.index"))


@pages.post("/<int:number>/terms")
@role_required(Role.EDITOR)
def add_term(number: int) -> ResponseReturnValue:
    def act(session: Session) -> None:
        terms.add(session, desks.desk(session, number), *term_fields())

    return carry_out(number, act, "glossary", term_form=request.form)


@pages.post("/<int:number>/terms/<int:term>")
@role_required(Role.EDITOR)
def change_term(number: int, term: int) -> ResponseReturnValue:
    def act(session: Session) -> None:
        terms.write(session, terms.term(session, number, term), *term_fields())

    return carry_out(number, act, "glossary")


@pages.post("/<int:number>/terms/<int:term>/remove")
@role_required(Role.EDITOR)
def remove_term(number: int, term: int) -> ResponseReturnValue:
    with newsroom().db.write() as session:
        session.delete(terms.term(session, number, term))
    return redirect(url_for("desks.show", number=number, _anchor="glossary"))


def carry_out(
    number: int, act: Callable[[Session], None], anchor: str | None = None, **more: object
) -> ResponseReturnValue:
    """Does it and shows the desk anew; what is refused is told on the desk's page, with what was sent."""
    try:
        with newsroom().db.write() as session:
            act(session)
    except InputRejected as error:
        return desk_page(number, error=say(error), **more), 422
    except PolosaError as error:
        return desk_page(number, error=say(error), **more), error.status
    return redirect(url_for("desks.show", number=number, _anchor=anchor))


def term_fields() -> tuple[str, str, str, str]:
    form = request.form
    return form.get("term", ""), form.get("variants", ""), form.get("kind", "term"), form.get("note", "")


@pages.get("/<int:number>/glossary.csv")
@role_required(Role.EDITOR)
def export(number: int) -> Response:
    with newsroom().db.read() as session:
        one = desks.desk(session, number)
        text = terms.to_csv(one.terms)
    response = Response(text, content_type="text/csv; charset=utf-8")
    name = slugify(one.name) or f"desk-{number}"
    response.headers["Content-Disposition"] = f'attachment; filename="glossary-{name}.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@pages.post("/<int:number>/import")
@role_required(Role.EDITOR)
def take_in(number: int) -> ResponseReturnValue:
    """A CSV file; nothing of it is kept when a line is wrong."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise InvalidSubmission("Choose a CSV file first.")
        data = bytes_of(file)
        with newsroom().db.write() as session:
            added, changed = terms.from_csv(session, desks.desk(session, number), data)
    except PolosaError as error:
        if isinstance(error.__cause__, PolosaError):
            error.params["why"] = say(error.__cause__)
        return desk_page(number, error=say(error)), error.status
    told = gettext("Added: %(added)d, changed: %(changed)d.", added=added, changed=changed)
    return desk_page(number, told=told)


@pages.post("/<int:number>/suggestions/<int:term>")
@role_required(Role.EDITOR)
def decide(number: int, term: int) -> ResponseReturnValue:
    """Takes a suggestion into the glossary, or puts it aside for good."""
    with newsroom().db.write() as session:
        learning.decide(session, number, term, is_wanted=request.form.get("act") == "accept")
    return redirect(url_for("desks.show", number=number, _anchor="suggestions"))


def desk_page(number: int, **more: object) -> str:
    with newsroom().db.read() as session:
        desks.desk(session, number)
        one = session.scalars(select(Desk).where(Desk.id == number).options(selectinload(Desk.terms))).one()
        return render_template(
            "desk_page.html",
            one=one,
            is_last=len(desks.desks(session)) == 1,
            kinds=terms.KINDS,
            suggestions=learning.waiting(session, one),
            painters=newsroom().tools.covers.names,
            **more,
        )
