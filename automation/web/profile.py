"""A person's own page: language, password, API key."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automation import accounts
from automation.errors import InvalidSubmission
from automation.models import Role, User
from automation.web.access import role_required
from automation.web.auth import come_in, same_twice
from automation.web.language import LANGUAGES, say
from automation.web.room import newsroom
from automation.web.shown import now

pages = Blueprint("profile", __name__, url_prefix="/profile")


def myself(db_session: Session) -> User:
    return db_session.get_one(User, current_user.id)


@pages.get("")
@role_required(Role.VIEWER)
def show() -> str:
    return render_template("profile.html")


@pages.post("/language")
@role_required(Role.VIEWER)
def language() -> Response:
    wanted = request.form.get("language", "")
    with newsroom().db.write() as db_session:
        accounts.set_locale(db_session, myself(db_session), wanted if wanted in LANGUAGES else "")
    session.pop("language", None)
    return redirect(url_for("profile.show"))


@pages.post("/password")
@role_required(Role.VIEWER)
def password() -> str | Response | tuple[str, int]:
    try:
        wanted = same_twice()
        if not accounts.check_password(current_user, request.form.get("current", "")):
            raise InvalidSubmission("The present password is wrong.")
    except InvalidSubmission as error:
        return render_template("profile.html", error=say(error)), error.status
    with newsroom().db.write() as db_session:
        user = myself(db_session)
        accounts.set_password(db_session, user, wanted, now())
    come_in(user)
    flash(gettext("The password is changed. All your other sessions are ended."))
    return redirect(url_for("profile.show"))


@pages.post("/api-key")
@role_required(Role.AUTHOR)
def api_key() -> str | Response:
    """A fresh API key, shown this once."""
    with newsroom().db.write() as db_session:
        user = myself(db_session)
        if request.form.get("act") == "drop":
            accounts.drop_api_key(db_session, user, now())
            return redirect(url_for("profile.show"))
        key = accounts.new_api_key(db_session, user, now())
    return render_template("profile.html", key=key)
