"""Coming in and going out: login, the set-up link, invitations."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, redirect, render_template, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from automation import accounts
from automation.errors import InvalidSubmission, NotFound, PolosaError
from automation.models import Role, User
from automation.web.access import public, role_required
from automation.web.language import safe_path, say
from automation.web.room import newsroom
from automation.web.shown import now

pages = Blueprint("auth", __name__)
Page = str | Response | tuple[str, int]


def init_login(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None  # people's addresses change while they work
    manager.user_loader(load_user)


def load_user(session_id: str) -> User | None:
    """The person of a session; None when the session was ended or the account switched off."""
    number, _, epoch = session_id.partition(":")
    if not number.isdigit() or not epoch.isdigit():
        return None
    with newsroom().db.read() as db_session:
        user = db_session.get(User, int(number))
    return user if user is not None and user.is_active and user.session_epoch == int(epoch) else None


def come_in(user: User) -> None:
    """Begins a fresh session: nothing of the one before it stays."""
    session.clear()
    session.permanent = True
    login_user(user)


@pages.route("/login", methods=["GET", "POST"])
@public
def login() -> Page:
    target = safe_path(request.args.get("next"))
    if request.method != "POST":
        if current_user.is_authenticated:
            return redirect(target)
        with newsroom().db.read() as db_session:
            nobody = not db_session.scalar(select(func.count(User.id)))
        return render_template("login.html", nobody=nobody, target=target)
    email = request.form.get("email", "")
    try:
        user = accounts.sign_in(
            newsroom().db,
            email,
            request.form.get("password", ""),
            ip=request.remote_addr or "",
            secret=str(current_app.secret_key),
            now=now(),
        )
    except PolosaError as error:
        page = render_template("login.html", error=say(error), email=email[:254], target=target)
        return page, error.status
    come_in(user)
    return redirect(target)


@pages.post("/logout")
@role_required(Role.VIEWER)
def logout() -> Response:
    logout_user()
    session.clear()
    return redirect(url_for("auth.login"))


@pages.route("/setup/<token>", methods=["GET", "POST"])
@public
def setup(token: str) -> Page:
    """The first administrator; afterwards the link is dead."""
    form = request.form
    with newsroom().db.read() as db_session:
        if not accounts.is_setup_token(db_session, token):
            raise NotFound("This set-up link is no longer valid.")
    if request.method != "POST":
        return render_template("setup.html", form=form)
    try:
        password = same_twice()
        with newsroom().db.write() as db_session:
            user = accounts.make_first_admin(
                db_session, token, form.get("email", ""), form.get("name", ""), password, now()
            )
    except InvalidSubmission as error:
        return render_template("setup.html", error=say(error), form=form), error.status
    come_in(user)
    return redirect(url_for("desk.desk"))


@pages.route("/invitation/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> Page:
    """A person who was invited chooses a password."""
    with newsroom().db.read() as db_session:
        user = accounts.invited(db_session, token, now())
    if request.method != "POST":
        return render_template("invitation.html", user=user)
    try:
        password = same_twice()
        with newsroom().db.write() as db_session:
            user = accounts.accept_invitation(db_session, token, password, now())
    except InvalidSubmission as error:
        return render_template("invitation.html", error=say(error), user=user), error.status
    come_in(user)
    return redirect(url_for("desk.desk"))


def same_twice() -> str:
    """The new password of a form. Raises: InvalidSubmission."""
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        raise InvalidSubmission("The two passwords differ.")
    return accounts.clean_password(password)
