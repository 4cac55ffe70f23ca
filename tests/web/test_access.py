"""Every route says who may open it; nobody is forgotten, and nothing of a body is read before."""

from __future__ import annotations

import pytest

from automation.models import Role
from automation.web.access import OTHER_DOORS, rule_of
from tests.sending import Unread

ROLES = [None, *Role]
EXPECTED = {
    None: {
        "static",
        "auth.login",
        "auth.setup",
        "auth.invitation",
        "language.choose",
        "articles.index",
        "articles.show",
        "articles.cover",
        "articles.square",
        "articles.provenance",
        "feeds.rss",
        "feeds.json_feed",
    },
    Role.VIEWER: {
        "auth.logout",
        "profile.show",
        "profile.language",
        "profile.password",
        "desk.desk",
        "desk.rows",
        "submission.show",
        "submission.live",
        "submission.transcript",
        "submission.article",
        "submission.checks",
        "versions.show",
        "hearing.provenance",
        "submission.media",
        "submission.cover",
        "editing.line",
        "schedule.show",
        "backends.show",
        "writing.show",
        "formats.compare",
        "formats.export",
        "writing.export",
        "backends.states",
    },
    Role.AUTHOR: {
        "desk.upload",
        "profile.api_key",
        "editing.draft",
        "mending.mend",
        "formats.redraft",
        "formats.accept",
        "formats.discard",
        "formats.import_file",
        "versions.take",
        "editing.edit_line",
        "editing.correct_line",
        "editing.undo_line",
        "offrecord.form",
        "offrecord.mark",
        "offrecord.put_back",
        "editing.speaker_form",
        "editing.speaker",
        "editing.alt",
        "hearing.heard",
        "decisions.retry",
        "decisions.stop",
        "decisions.resume",
        "glossary.apply",
        "glossary.undo",
        "glossary.undo_term",
        "glossary.decide",
        "glossary.assign",
    },
    Role.EDITOR: {
        "editing.cover",
        "formats.add",
        "formats.choose",
        "covers.draw",
        "covers.crop",
        "covers.hints",
        "desks.change_covers",
        "covers.choose",
        "backends.clear",
        "backends.try_now",
        "backends.models",
        "models.show",
        "models.states",
        "decisions.approve",
        "hearing.overrule",
        "decisions.send_back",
        "decisions.publish",
        "decisions.unschedule",
        "decisions.unpublish",
        "decisions.archive",
        "desks.index",
        "desks.make",
        "desks.show",
        "desks.change",
        "desks.remove",
        "desks.add_term",
        "desks.change_term",
        "desks.remove_term",
        "desks.export",
        "desks.take_in",
        "desks.decide",
    },
    Role.ADMIN: {
        "people.show",
        "people.invite",
        "people.link",
        "people.role",
        "people.active",
        "schedule.change",
        "models.download",
        "models.verify",
        "models.stop",
        "models.remove",
    },
}


def web_rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] not in OTHER_DOORS]


def test_the_table_names_every_route(app) -> None:
    declared = {}
    for rule in web_rules(app):
        found = rule_of(app, rule.endpoint)
        assert found is not None, f"{rule.endpoint} has no rule"
        declared.setdefault(found.role, set()).add(rule.endpoint)
    assert declared == EXPECTED


def test_every_route_answers_by_role(app, people, browser, reviewed) -> None:
    """Below the role: refused. With it: anything but a refusal."""
    values = {
        "task_id": reviewed,
        "idx": 1,
        "rev": 1,
        "number": 1,
        "key": "covers.fake",
        "name": "gigaam-v3-ctc",
        "slug": "x",
        "token": "x",
        "code": "en",
        "filename": "favicon.svg",
        "term": 1,
    }
    browsers = {role: browser(role) for role in ROLES}
    for rule in web_rules(app):
        if rule.endpoint in ("auth.logout", "people.active", "people.role"):
            continue  # they would end the sessions of this test
        needed = rule_of(app, rule.endpoint).role
        for role in ROLES:
            url = rule.build(values, append_unknown=False)[1]
            answer = browsers[role].get(url) if "GET" in rule.methods else browsers[role].post(url)
            allowed = needed is None or (role is not None and role.may(needed))
            if allowed:
                assert answer.status_code not in (401, 403, 405), (rule.endpoint, role)
            elif role is None:
                assert answer.status_code == 302, rule.endpoint
                assert "/login" in answer.location
            else:
                assert answer.status_code == 403, (rule.endpoint, role)


@pytest.mark.parametrize("role", [None, "viewer"])
def test_no_byte_of_an_upload_is_read_before_the_role_is_known(people, browser, role) -> None:
    someone = browser(role)
    answer = someone.client.post(
        "/upload?filename=a.wav",
        input_stream=Unread(),
        content_type="multipart/form-data; boundary=x",
        content_length=10**9,
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == (401 if role is None else 403)


def test_a_login_form_may_not_be_a_gigabyte(app, browser) -> None:
    someone = browser()
    someone.get("/login")
    answer = someone.post("/login", {"email": "x" * 200_000, "password": "x"})
    assert answer.status_code == 413


def test_csrf_is_needed_for_every_change(app, people, browser, reviewed) -> None:
    admin = browser("admin")
    values = {"task_id": reviewed, "idx": 1, "number": 1, "token": "x", "key": "covers.fake", "name": "x"}
    values |= {"term": 1, "rev": 1}
    for rule in web_rules(app):
        if "POST" not in rule.methods:
            continue
        answer = admin.client.post(rule.build(values, append_unknown=False)[1])
        assert answer.status_code in (400, 403), rule.endpoint
        answer = admin.client.post(
            rule.build(values, append_unknown=False)[1], headers={"X-CSRFToken": "forged"}
        )
        assert answer.status_code in (400, 403), rule.endpoint
