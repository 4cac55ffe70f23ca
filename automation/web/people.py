"""Who works here: administrators invite people, give roles, switch accounts off."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automation import accounts
from automation.errors import InvalidSubmission, NotFound, PolosaError
from automation.models import Role, User
from automation.web.access import role_required
from automation.web.language import say
from automation.web.room import newsroom
from automation.web.shown import now

pages = Blueprint("people", __name__, url_prefix="/people")


@pages.get("")
@role_required(Role.ADMIN)
def show() -> str:
    return page()


@pages.post("")
@role_required(Role.ADMIN)
def invite() -> str | tuple[str, int]:
    """Adds an account without a password; the answer shows the link with which it is set."""
    form = request.form
    try:
        with newsroom().db.write() as db_session:
            user = accounts.create_account(
                db_session, form.get("email", ""), form.get("name", ""), None, wanted_role(), now()
            )
            token = accounts.invitation(db_session, user, now())
    except PolosaError as error:
        return page(error=say(error), form=form), error.status
    return page(link=invitation_link(token), guest=user)


@pages.post("/<int:number>/link")
@role_required(Role.ADMIN)
def link(number: int) -> str:
    """A fresh link with which the person sets a password."""
    with newsroom().db.write() as db_session:
        user = person(db_session, number)
        token = accounts.invitation(db_session, user, now())
    return page(link=invitation_link(token), guest=user)


@pages.post("/<int:number>/role")
@role_required(Role.ADMIN)
def role(number: int) -> Response:
    with newsroom().db.write() as db_session:
        accounts.change_role(db_session, person(db_session, number), wanted_role(), current_user, now())
    return redirect(url_for("people.show"))


@pages.post("/<int:number>/active")
@role_required(Role.ADMIN)
def active(number: int) -> Response:
    with newsroom().db.write() as db_session:
        on = request.form.get("active") == "1"
        accounts.set_active(db_session, person(db_session, number), on, current_user, now())
    return redirect(url_for("people.show"))


def page(**more: object) -> str:
    with newsroom().db.read() as db_session:
        everybody = db_session.scalars(select(User).order_by(User.is_active.desc(), User.name)).all()
    return render_template("people.html", people=everybody, **more)


def person(db_session: Session, number: int) -> User:
    user = db_session.get(User, number)
    if user is None:
        raise NotFound("There is no such person.")
    return user


def wanted_role() -> Role:
    try:
        return Role(request.form.get("role", ""))
    except ValueError:
        raise InvalidSubmission("There is no such role.") from None


def invitation_link(token: str) -> str:
    return f"{newsroom().settings.public_url}{url_for('auth.invitation', token=token)}"
