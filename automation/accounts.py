"""People and their keys: who may come in, and how they prove it.

Passwords are argon2id hashes; links and API keys are random and only their SHA-256 is kept, so a stolen
database opens no door.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from automation.db import Database
from automation.errors import Conflict, InvalidSubmission, NotFound, TooManyTries, Unauthenticated
from automation.models import Event, Fact, Role, User

SETUP_FACT = "setup_token_sha256"
INVITE_FACT = "invite:"  # + user id → "<sha256> <expires, ISO>"
INVITE_DAYS = 7
PASSWORD_MIN = 10
PASSWORD_MAX = 200  # argon2 reads all of it: a megabyte of password is an attack
WINDOW = timedelta(minutes=15)
TRIES_PER_EMAIL = 5
TRIES_PER_IP = 20
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s.]{2,}")

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """Verified when the account is unknown, so that the answer takes as long as for a known one."""
    return _hasher.hash(secrets.token_urlsafe(16))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def create_account(
    session: Session, email: str, name: str, password: str | None, role: Role, now: datetime
) -> User:
    """Adds a person. Without a password nobody can log in as them until they use an invitation link."""
    email = clean_email(email)
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        raise Conflict("There is already an account for %(email)s.", email=email)
    user = User(
        email=email,
        name=clean_name(name) or email.split("@")[0],
        password_hash=_hasher.hash(clean_password(password)) if password is not None else "",
        role=Role(role),
        locale="",
        created_at=now,
    )
    session.add(user)
    session.flush()
    session.add(
        Event(at=now, kind="account_created", by_id=None, detail={"user": user.id, "role": user.role})
    )
    return user


def clean_email(email: str) -> str:
    email = email.strip().lower()
    if len(email) > 254 or not EMAIL.fullmatch(email):
        raise InvalidSubmission("That is not an e-mail address: “%(email)s”.", email=email[:80])
    return email


def clean_name(name: str) -> str:
    return " ".join(name.split())[:120]


def clean_password(password: str) -> str:
    if len(password) < PASSWORD_MIN:
        raise InvalidSubmission("The password needs at least %(n)s characters.", n=PASSWORD_MIN)
    if len(password) > PASSWORD_MAX:
        raise InvalidSubmission("The password may have at most %(n)s characters.", n=PASSWORD_MAX)
    return password


def check_password(user: User | None, password: str) -> bool:
    """True when the password is this person's; takes as long when there is no such person."""
    try:
        _hasher.verify(
            user.password_hash if user and user.password_hash else _nobody(), password[:PASSWORD_MAX]
        )
    except (VerificationError, InvalidHashError):
        return False
    return user is not None and bool(user.password_hash) and user.is_active


def set_password(session: Session, user: User, password: str, now: datetime) -> None:
    """Sets the password and ends every session of the account."""
    user.password_hash = _hasher.hash(clean_password(password))
    user.session_epoch += 1
    session.add(Event(at=now, kind="password_set", by_id=user.id, detail={}))


# --- logging in -------------------------------------------------------------------------------------


def sign_in(db: Database, email: str, password: str, *, ip: str, secret: str, now: datetime) -> User:
    """The person behind an e-mail and a password.

    The try is written down as failed before the password is looked at and taken back afterwards, so a
    hundred tries at once count as a hundred. `secret` keys the hashes: addresses are not kept readable.

    Raises:
        TooManyTries: 5 failures for this e-mail or 20 from this address within 15 minutes.
        Unauthenticated: wrong, unknown or switched off; the message doesn't say which.
    """
    email = email.strip().lower()
    marks = {"ip_hash": _mark(secret, ip), "email_hash": _mark(secret, email)}
    with db.write() as session:
        _refuse_too_many(session, marks, now)
        attempt = Event(at=now, kind="login_failed", by_id=None, detail=marks)
        session.add(attempt)
        user = session.scalar(select(User).where(User.email == email))
    if not check_password(user, password) or user is None:
        raise Unauthenticated("The e-mail or the password is wrong.")
    with db.write() as session:
        session.execute(delete(Event).where(Event.id == attempt.id))
        session.add(Event(at=now, kind="login", by_id=user.id, detail={}))
    known: User = user
    return known


def _mark(secret: str, value: str) -> str:
    return hmac.new(secret.encode(), value.encode(), hashlib.sha256).hexdigest()[:32]


def _refuse_too_many(session: Session, marks: dict[str, str], now: datetime) -> None:
    failed = select(Event.at, Event.detail).where(Event.kind == "login_failed", Event.at > now - WINDOW)
    rows = session.execute(failed.order_by(Event.at.desc()).limit(5000)).all()
    for key, limit in (("email_hash", TRIES_PER_EMAIL), ("ip_hash", TRIES_PER_IP)):
        mine = [at for at, detail in rows if detail.get(key) == marks[key]]
        if len(mine) >= limit:
            wait = mine[limit - 1] + WINDOW - now
            raise TooManyTries(
                "Too many failed attempts to log in. Try again in %(minutes)s min.",
                minutes=max(1, -(-int(wait.total_seconds()) // 60)),
            )


# --- the first administrator ------------------------------------------------------------------------


def setup_token(db: Database) -> str | None:
    """A fresh token for the set-up link while the newsroom has nobody in it, else None.

    An earlier token dies: the newest link is the one that works.
    """
    with db.write() as session:
        if session.scalar(select(func.count(User.id))):
            return None
        token = secrets.token_urlsafe(24)
        session.merge(Fact(name=SETUP_FACT, value=sha256(token)))
        return token


def is_setup_token(session: Session, token: str) -> bool:
    known = session.scalar(select(Fact.value).where(Fact.name == SETUP_FACT))
    return known is not None and hmac.compare_digest(known, sha256(token))


def make_first_admin(
    session: Session, token: str, email: str, name: str, password: str, now: datetime
) -> User:
    """The first person, who may invite the others; the link is dead afterwards."""
    mine = delete(Fact).where(Fact.name == SETUP_FACT, Fact.value == sha256(token))
    used = session.scalar(mine.returning(Fact.name))
    if used is None or session.scalar(select(func.count(User.id))):
        raise NotFound("This set-up link is no longer valid.")
    return create_account(session, email, name, password, Role.ADMIN, now)


# --- invitations and other people -------------------------------------------------------------------


def invitation(session: Session, user: User, now: datetime) -> str:
    """A one-time token with which the person sets their password; an earlier one dies."""
    token = secrets.token_urlsafe(24)
    expires = (now + timedelta(days=INVITE_DAYS)).isoformat()
    session.merge(Fact(name=f"{INVITE_FACT}{user.id}", value=f"{sha256(token)} {expires}"))
    return f"{user.id}-{token}"


def invited(session: Session, token: str, now: datetime) -> User:
    """The person an invitation is for.

    Raises:
        NotFound: unknown, used, replaced or expired.
    """
    number, _, secret = token.partition("-")
    fact = session.get(Fact, f"{INVITE_FACT}{number}") if number.isdigit() and len(number) < 18 else None
    known, _, expires = (fact.value if fact else "").partition(" ")
    user = session.get(User, int(number)) if fact else None
    fits = fact is not None and hmac.compare_digest(known, sha256(secret))
    if not fits or user is None or not user.is_active or datetime.fromisoformat(expires) < now:
        raise NotFound("This invitation is no longer valid. Ask for a new one.")
    return user


def accept_invitation(session: Session, token: str, password: str, now: datetime) -> User:
    user = invited(session, token, now)
    set_password(session, user, password, now)
    session.execute(delete(Fact).where(Fact.name == f"{INVITE_FACT}{user.id}"))
    return user


def change_role(session: Session, user: User, role: Role, by: User, now: datetime) -> None:
    _keep_an_admin(session, user, leaves=role is not Role.ADMIN)
    session.add(Event(at=now, kind="role_changed", by_id=by.id, detail={"user": user.id, "role": role.value}))
    user.role = role


def set_active(session: Session, user: User, active: bool, by: User, now: datetime) -> None:
    """Switches an account off (its sessions end, its API key and invitation die) or on again."""
    _keep_an_admin(session, user, leaves=not active)
    user.is_active = active
    if not active:
        user.session_epoch += 1
        user.api_key_hash = None
        session.execute(delete(Fact).where(Fact.name == f"{INVITE_FACT}{user.id}"))
    kind = "account_on" if active else "account_off"
    session.add(Event(at=now, kind=kind, by_id=by.id, detail={"user": user.id}))


def _keep_an_admin(session: Session, user: User, *, leaves: bool) -> None:
    others = select(func.count(User.id)).where(User.role == Role.ADMIN, User.is_active, User.id != user.id)
    if leaves and user.role == Role.ADMIN and not session.scalar(others):
        raise Conflict("This is the last administrator. Make somebody else one first.")


def set_locale(session: Session, user: User, code: str) -> None:
    """The language of the pages for this person; empty = what the browser asks for."""
    user.locale = code


# --- API keys ---------------------------------------------------------------------------------------


def new_api_key(session: Session, user: User, now: datetime) -> str:
    """A fresh key for the JSON door, shown once; the one before it dies."""
    key = f"polosa_{secrets.token_urlsafe(32)}"
    user.api_key_hash = sha256(key)
    session.add(Event(at=now, kind="api_key_made", by_id=user.id, detail={}))
    return key


def drop_api_key(session: Session, user: User, now: datetime) -> None:
    user.api_key_hash = None
    session.add(Event(at=now, kind="api_key_dropped", by_id=user.id, detail={}))


def user_by_api_key(session: Session, key: str) -> User | None:
    """The active person this key belongs to, or None."""
    if not key or len(key) > 200:
        return None
    return session.scalar(select(User).where(User.api_key_hash == sha256(key), User.is_active))
