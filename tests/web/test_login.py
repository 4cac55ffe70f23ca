"""Coming in: passwords, throttling, the set-up link, invitations, open redirects."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from automation import accounts, create_app
from automation.errors import Unauthenticated
from automation.models import Event, Role, User
from tests.fakes import NOW, fake_tools

PASSWORD = "correct horse battery"


def test_right_and_wrong_password(people, browser) -> None:
    someone = browser()
    wrong = someone.log_in("editor@example.org", "not this one")
    assert wrong.status_code == 401
    assert "The e-mail or the password is wrong." in wrong.text
    unknown = someone.log_in("nobody@example.org", "not this one")
    assert unknown.status_code == 401
    assert "The e-mail or the password is wrong." in unknown.text
    assert someone.log_in("EDITOR@example.org ", PASSWORD).status_code == 302
    assert someone.get("/").status_code == 200


def test_five_failures_close_the_door_for_that_account(people, browser) -> None:
    someone = browser()
    for _ in range(5):
        assert someone.log_in("editor@example.org", "wrong password").status_code == 401
    shut = someone.log_in("editor@example.org", PASSWORD)
    assert shut.status_code == 429
    assert "min." in shut.text
    assert browser().log_in("author@example.org").status_code == 302


def test_twenty_failures_close_the_door_for_that_address(people, browser) -> None:
    someone = browser()
    for number in range(20):
        assert someone.log_in(f"guess{number}@example.org", "wrong password").status_code == 401
    assert someone.log_in("author@example.org", PASSWORD).status_code == 429


def test_success_is_not_counted_as_failure(house, people, browser) -> None:
    for _ in range(7):
        browser("editor")
    with house.db.read() as session:
        assert not session.scalars(select(Event).where(Event.kind == "login_failed")).all()


def test_no_address_is_kept_readable(house, people, browser) -> None:
    browser().log_in("editor@example.org", "wrong password")
    with house.db.read() as session:
        detail = session.scalars(select(Event).where(Event.kind == "login_failed")).one().detail
    assert set(detail) == {"ip_hash", "email_hash"}
    assert "editor" not in str(detail)
    assert "127.0.0.1" not in str(detail)


def test_the_session_begins_afresh_at_login(people, browser) -> None:
    someone = browser()
    someone.get("/login")
    with someone.client.session_transaction() as session:
        session["planted"] = "by somebody else"
    someone.log_in("editor@example.org")
    with someone.client.session_transaction() as session:
        assert "planted" not in session


def test_a_new_password_ends_the_other_sessions(people, browser) -> None:
    here, there = browser("editor"), browser("editor")
    new = {"current": PASSWORD, "password": "another long one", "again": "another long one"}
    assert here.post("/profile/password", new).status_code == 302
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "/\tx",
        "x",
    ],
)
def test_login_never_leads_elsewhere(people, browser, target) -> None:
    someone = browser()
    from urllib.parse import quote

    answer = someone.log_in("editor@example.org", path=f"/login?next={quote(target)}")
    assert answer.location == "/"


def test_login_leads_where_one_wanted_to_go(people, browser) -> None:
    someone = browser()
    sent = someone.get("/schedule?x=1")
    assert someone.log_in("editor@example.org", path=sent.location).location == "/schedule?x=1"


def test_the_set_up_link_works_once(house, browser) -> None:
    token = accounts.setup_token(house.db)
    someone = browser()
    assert "set-up link" in someone.get("/login").text
    assert someone.get("/setup/wrong").status_code == 404
    assert someone.get(f"/setup/{token}").status_code == 200
    who = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD, "again": "different one"}
    assert someone.post(f"/setup/{token}", who).status_code == 422
    short = {**who, "password": "short", "again": "short"}
    assert "at least 10" in someone.post(f"/setup/{token}", short).text
    assert someone.post(f"/setup/{token}", {**who, "again": PASSWORD}).status_code == 302
    assert someone.get("/people").status_code == 200
    assert browser().get(f"/setup/{token}").status_code == 404
    assert accounts.setup_token(house.db) is None


def test_only_the_newest_set_up_link_works(house, browser) -> None:
    first, second = accounts.setup_token(house.db), accounts.setup_token(house.db)
    assert browser().get(f"/setup/{first}").status_code == 404
    assert browser().get(f"/setup/{second}").status_code == 200


def test_an_invitation_makes_a_person(house, people, browser) -> None:
    admin = browser("admin")
    page = admin.post("/people", {"email": "new@example.org", "name": "Нова", "role": "author"}).text
    link = page.split('data-testid="invitation-link">')[1].split("<")[0]
    assert link.startswith("http://news.example/invitation/")
    path = link.removeprefix("http://news.example")
    guest = browser()
    assert guest.log_in("new@example.org", "").status_code == 401
    assert "Нова" in guest.get(path).text
    assert guest.post(path, {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert guest.get("/").status_code == 200
    assert browser().get(path).status_code == 404


def test_a_person_who_is_switched_off_is_out_at_once(house, people, browser) -> None:
    admin, author = browser("admin"), browser("author")
    with house.db.write() as session:
        key = accounts.new_api_key(session, session.get_one(User, people["author"]), NOW)
    admin.post(f"/people/{people['author']}/active", {"active": "0"})
    assert author.get("/").status_code == 302
    assert browser().log_in("author@example.org").status_code == 401
    with house.db.read() as session:
        assert accounts.user_by_api_key(session, key) is None


def test_the_last_administrator_stays(people, browser) -> None:
    admin = browser("admin")
    assert admin.post(f"/people/{people['admin']}/role", {"role": "viewer"}).status_code == 409
    assert admin.post(f"/people/{people['admin']}/active", {"active": "0"}).status_code == 409


def test_an_api_key_is_shown_once_and_kept_as_a_hash(house, people, browser) -> None:
    author = browser("author")
    page = author.post("/profile/api-key", {"act": "new"}).text
    key = page.split('data-testid="api-key">')[1].split("<")[0]
    assert key not in author.get("/profile").text
    with house.db.read() as session:
        user = accounts.user_by_api_key(session, key)
        assert user is not None
        assert user.role == Role.AUTHOR
        assert key not in str(user.api_key_hash)


@pytest.mark.parametrize(("proxies", "counted"), [("0", 401), ("1", 429)])
def test_a_forwarded_address_is_believed_only_behind_a_proxy(env, proxies, counted) -> None:
    """Without a trusted proxy anybody could write any address into the header; with one, it counts."""
    app = create_app({**env, "TRUSTED_PROXIES": proxies}, fake_tools())
    house = app.extensions["polosa"]
    client = app.test_client()
    for number in range(20):
        with pytest.raises(Unauthenticated):
            accounts.sign_in(
                house.db,
                f"x{number}@example.org",
                "wrong",
                ip="9.9.9.9",
                secret=str(app.secret_key),
                now=datetime.now(UTC),
            )
    page = client.get("/login").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post(
        "/login",
        data={"csrf_token": token, "email": "y@example.org", "password": "wrong"},
        headers={"X-Forwarded-For": "9.9.9.9"},
    )
    assert answer.status_code == counted
    house.db.close()
